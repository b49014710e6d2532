/// Stored results one after the other: what each says, and what changed since the one before.
#pragma once

#include "firstbyte/stored.hpp"
#include "report/statistics.hpp"

#include <optional>
#include <string>
#include <utility>
#include <vector>

namespace firstbyte::report {

/// One result of a series.
struct TrendPoint {
    std::string label;   ///< short name of its file, unlike all others
    std::string version; ///< "0.1.0 (af20ae5)", of the program
    std::string scenario, sha256;
    bool complete = true;
    std::optional<double> p50, p95, p99, mean; ///< ttfb, ns
    std::optional<Interval> mean_interval;     ///< over the replications
    double requests = 0, failed = 0;           ///< failed: those that got no 200
    std::size_t thresholds_failed = 0, thresholds_judged = 0;
    std::optional<Change> p95_change, mean_change; ///< since the point before
};

/// The results of one variant.
struct TrendSeries {
    std::string name; ///< of the variant; empty when it is the only series
    std::vector<TrendPoint> points;
    std::vector<std::pair<std::string, Change>> whole; ///< by statistic, from the first point to the last
    std::vector<std::string> remarks;
};

/// @throws std::runtime_error  when a text is no result
[[nodiscard]] std::vector<TrendSeries> trend_of(const std::vector<StoredResult>& results);

enum class Direction { Unknown, Same, Faster, Slower, Both };
/// Of what was detected between the first point and the last.
[[nodiscard]] Direction direction_of(const TrendSeries& series);
/// True where the points are of several versions of the program.
[[nodiscard]] bool several_programs(const TrendSeries& series);
/// "c against a: p50 the same, p95 +29.0 ms (+12 %), mean +4.1 ms (+2.3 %); the largest step of the mean, ..., came
/// with b"
[[nodiscard]] std::string trend_finding(const TrendSeries& series);
/// "+29.0 ms", "no detectable difference", "" for the first point.
[[nodiscard]] std::string trend_change(const std::optional<Change>& change);
/// "177.6 ms +/- 0.5", half of the mean's interval.
[[nodiscard]] std::string trend_mean(const TrendPoint& point);
[[nodiscard]] std::string trend_html(const std::vector<TrendSeries>& all);

} // namespace firstbyte::report
