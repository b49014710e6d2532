/// Third stage: what only the whole tells. Needs no routing.
#pragma once

#include "firstbyte/scenario.hpp"
#include "scenario/faults.hpp"

namespace firstbyte::scenario {

/// E4xx of events and E5xx: parts that are right one by one and cannot be run together.
void check_consistency(Faults& faults, const Node& root, const Scenario& scenario, Purpose purpose);

/// W5xx: right, but perhaps not what was meant. Call on a scenario without errors.
void warn(Faults& faults, const Node& root, const Scenario& scenario);

} // namespace firstbyte::scenario
