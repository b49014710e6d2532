/// Records in, scenarios out: the text of a file that anyone could run with `firstbyte trace`.
#pragma once

#include "records.hpp"

#include <string>

namespace firstbyte::validate {

/// The same experiment in the scenario format (its section on scripts, path rules and knobs of a leg). Nothing is known
/// of any record but its fields.
/// @throws RecordError  for what the format cannot say, such as a sysctl that has an effect and no key
[[nodiscard]] std::string scenario_of(const Timeline& timeline);
[[nodiscard]] std::string scenario_of(const GridPoint& point);

} // namespace firstbyte::validate
