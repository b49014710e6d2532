/// First stage of checking: every key is known and every value is of its kind and in its range.
#pragma once

#include "firstbyte/scenario.hpp"
#include "scenario/faults.hpp"

#include <string_view>

namespace firstbyte::scenario {

/// Checks the whole document against the table of keys; marks faulty values.
/// @return false when the document is no scenario of this format, so that nothing more can be said about it
bool check_shape(Faults& faults, Node& root, Purpose purpose);

/// Whether a member of `object` was refused that is a misspelling of `key`: that `key` is absent follows from it.
[[nodiscard]] bool misspells(const Node& object, std::string_view key);

} // namespace firstbyte::scenario
