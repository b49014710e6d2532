/// The frame of an HTML report: one file that asks for nothing, with its style, its script and its policy inside.
#pragma once

#include "report/json_text.hpp"

#include <string>
#include <vector>

namespace firstbyte::report {

struct HtmlSection {
    const char* id;
    const char* title;
    std::string body; ///< HTML; a section without one is left out
};

/// @param name  of the scenario
/// @param kind  "run", "compare", "sweep"
/// @param data  what the script draws from, by chart
[[nodiscard]] std::string html_page(const std::string& name, const std::string& kind, std::vector<HtmlSection> sections,
                                    const Json& data);

} // namespace firstbyte::report
