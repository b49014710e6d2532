/// Values of options that more than one command reads.
#pragma once

#include "firstbyte/stored.hpp"

#include <string>

namespace firstbyte::tools {

/// A share as scenarios write it: 0.95 or 95%.
/// @throws UsageError  when `word` is not between 0 and 1
[[nodiscard]] double parse_share(const char* option, const std::string& word, const char* example);

/// Reads "old.json", or "old.json#fast_open=true" for one of several variants.
/// @param usual  variant that is meant when none is named and the result has it
[[nodiscard]] StoredResult stored_result(const std::string& argument, const std::string& usual = "");

} // namespace firstbyte::tools
