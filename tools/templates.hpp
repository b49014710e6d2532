/// Scenarios that `firstbyte init` writes.
#pragma once

#include <string>
#include <vector>

namespace firstbyte::tools {

struct Template {
    std::string name, summary, text;
};
/// The first one is what init writes when none is named.
[[nodiscard]] const std::vector<Template>& templates();

} // namespace firstbyte::tools
