/// Codes of faults and what each means.
#pragma once

#include <string>
#include <vector>

namespace firstbyte::scenario {

/// Every code of a warning, sorted.
[[nodiscard]] std::vector<std::string> warning_codes();

} // namespace firstbyte::scenario
