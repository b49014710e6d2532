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

/// A point.
struct SweepRow {
    std::size_t number = 0;
    std::string id, variant;
    std::vector<std::pair<std::string, std::string>> settings;
    std::optional<double> p50, p95, p99, mean;              ///< ttfb, ns
    std::optional<std::pair<double, double>> mean_interval; ///< over the replications
    double requests = 0, failed = 0;                        ///< failed: those that got no 200
    std::size_t thresholds_failed = 0, thresholds_judged = 0;
    std::optional<double> objective;
    std::optional<std::pair<double, double>> objective_interval;
    bool best = false;
};

/// By number; with an objective from the best to the worst, those without a value last.
/// @throws std::runtime_error  when the store does not hold what the objective asks for
[[nodiscard]] std::vector<SweepRow> sweep_rows(Database& database, const std::optional<SweepObjective>& objective);

/// Rows of a sweep as cells of a table: settings, variant, numbers, thresholds, the objective, "best".
struct SweepCells {
    std::vector<std::string> headings;
    std::size_t texts = 0; ///< columns at the front that hold words
    std::vector<std::vector<std::string>> rows;
};
[[nodiscard]] SweepCells sweep_cells(const std::vector<SweepRow>& rows, const std::optional<SweepObjective>& objective);

/// A fact of the store: "scenario", "seed", "replications", "points", "sha256", "version".
[[nodiscard]] std::string sweep_fact(Database& database, const char* key);

/// "61.3 ms", "12.1 %", "17"
[[nodiscard]] std::string objective_text(const SweepObjective& objective, const std::optional<double>& value);

/// Paths that differ between points, shortened to what tells them apart: "idle_timeout" for
/// "origins.us-east.idle_timeout".
[[nodiscard]] std::vector<std::string> short_paths(const std::vector<std::string>& paths);

} // namespace firstbyte::report
