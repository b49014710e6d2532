/// Values set from outside the document's own place for them: `--set path=value` and variants.
#pragma once

#include "scenario/document.hpp"
#include "scenario/faults.hpp"

#include <string>

namespace firstbyte::scenario {

/// Sets `value` at `path` (scenario format, section 6): keys joined by dots, list elements by id, index or `*`.
/// A path that leads nowhere is a fault E307; it is placed at `place`, the value as it stands in a variant, or at the
/// override with the value's index when there is none.
/// @param trust  false when the document itself has faults: a path is then not blamed for what it may have lost by them
void apply_override(Faults& faults, Node& root, const std::string& path, const Node& value, const Node* place,
                    bool trust = true);

} // namespace firstbyte::scenario
