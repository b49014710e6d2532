/// The scenario as it was understood: every default filled in, one spelling per value.
#pragma once

#include "scenario/document.hpp"

#include <string>

namespace firstbyte::scenario {

/// JSON with sorted keys; loading it gives the same scenario. Notes (`x-`) and `$schema` are left out.
/// @pre the document is in its full form and free of faults
[[nodiscard]] std::string effective_json(const Node& root);

} // namespace firstbyte::scenario
