/// What a sweep runs: axes of the file and of the command line, or a table of cases.
#pragma once

#include "firstbyte/scenario.hpp"

#include <string>
#include <vector>

namespace firstbyte::tools {

/// One path and the values it takes, each as --set would take it.
struct Axis {
    std::string path;
    std::vector<std::string> values;
};
/// What one point sets.
using Settings = std::vector<Override>;

/// "PATH=V1,V2" or "PATH=FROM..TO/STEPS", with "log" behind it for equal ratios.
/// @throws UsageError
[[nodiscard]] Axis parse_axis(const std::string& argument);

/// The key `sweep` of a loaded scenario; sorted by path.
/// @throws UsageError  for a range that cannot be laid out
[[nodiscard]] std::vector<Axis> axes_of(const std::string& effective_json);

/// Evenly from `from` to `to`; both are numbers with the same unit.
/// @throws UsageError
[[nodiscard]] std::vector<std::string> spread(const std::string& from, const std::string& to, int steps,
                                              bool logarithmic);

/// Every combination; the last axis runs fastest.
[[nodiscard]] std::vector<Settings> grid_of(const std::vector<Axis>& axes);

/// Rows of a CSV file (RFC 4180) whose heading names paths; an empty cell sets nothing.
/// @throws UsageError
[[nodiscard]] std::vector<Settings> cases_of(const std::string& csv, const std::string& file);

} // namespace firstbyte::tools
