/// Parts of warnings that several files of them use.
#pragma once

#include "scenario/faults.hpp"

#include <initializer_list>
#include <string>

namespace firstbyte::scenario {

/// The member of a member, or the last one there is on the way.
[[nodiscard]] const Node& member(const Node& root, std::initializer_list<const char*> path);

/// "to silence: ..."
[[nodiscard]] std::string silence(const char* code);

/// W508, W509, W514 to W516, W601 to W603: more than servers, links or the statistics can carry, or than is worth its
/// cost. Call on a scenario without errors.
void warn_of_load(Faults& faults, const Node& root, const Scenario& scenario);

} // namespace firstbyte::scenario
