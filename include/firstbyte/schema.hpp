/// JSON Schemas of the files that the program writes; that of scenarios is in firstbyte/scenario.hpp.
#pragma once

#include <string>
#include <vector>

namespace firstbyte {

/// JSON Schema (draft 2020-12) of result.json, format 1: every member that this version writes, and no other.
[[nodiscard]] std::string result_schema_json();

/// Names of the metrics that this version measures. @param levels  those of a level over time, else all others
[[nodiscard]] std::vector<std::string> metric_names(bool levels);
/// Labels that a metric may have, in the order of the format's table.
[[nodiscard]] std::vector<std::string> label_names();

} // namespace firstbyte
