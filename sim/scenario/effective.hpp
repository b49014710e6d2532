/// The scenario as it was understood: every default filled in, one spelling per value.
#pragma once

#include "scenario/document.hpp"

#include <string>
#include <vector>

namespace firstbyte::scenario {

/// JSON with sorted keys; loading it gives the same scenario. Notes (`x-`) and `$schema` are left out.
/// @pre the document is in its full form and free of faults
[[nodiscard]] std::string effective_json(const Node& root);

/// The same with a comment behind every value that tells where it comes from.
/// @param set_by  who set an override, by its index
/// @pre as of effective_json, and parents are linked
[[nodiscard]] std::string annotated_json(const Node& root, const SourceText& source,
                                         const std::vector<std::string>& set_by);

} // namespace firstbyte::scenario
