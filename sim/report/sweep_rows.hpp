/// What tables of a sweep show: its points with their main numbers, read from the store.
#pragma once

#include "firstbyte/sweep.hpp"
#include "report/database.hpp"

#include <map>
#include <optional>
#include <string>
#include <utility>
#include <vector>

namespace firstbyte::report {

struct SweepRow {
    std::size_t number = 0;
    std::string id, variant;
    std::vector<std::pair<std::string, std::string>> settings;
    std::optional<double> p50, p95, p99; ///< ttfb, ns
    double requests = 0, failed = 0;     ///< failed: those that got no 200
    std::size_t thresholds_failed = 0, thresholds_judged = 0;
    std::optional<double> objective;
    bool best = false;
};

/// By number; with an objective from the best to the worst, those without a value last.
/// @throws std::runtime_error  when the store does not hold what the objective asks for
[[nodiscard]] std::vector<SweepRow> sweep_rows(Database& database, const std::optional<SweepObjective>& objective);

/// "61.3 ms", "12.1 %", "17"
[[nodiscard]] std::string objective_text(const SweepObjective& objective, const std::optional<double>& value);

/// Paths that differ between points, shortened to what tells them apart: "idle_timeout" for
/// "origins.us-east.idle_timeout".
[[nodiscard]] std::vector<std::string> short_paths(const std::vector<std::string>& paths);

} // namespace firstbyte::report
