/// Thresholds: `p95(ttfb{region=sa}) < 250ms` (scenario format, section 7).
#pragma once

#include "firstbyte/scenario.hpp"
#include "scenario/faults.hpp"
#include "scenario/reader.hpp"

namespace firstbyte::scenario {

/// Parses every threshold and checks metric, label and unit names (E4xx). Good ones are added to the scenario.
void read_thresholds(Faults& faults, const Node& root, const AllNames& names, Scenario& scenario);

} // namespace firstbyte::scenario
