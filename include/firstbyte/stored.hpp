/// Stored results held against one another, or as the baseline of a run. Nothing is simulated.
#pragma once

#include "firstbyte/report.hpp"
#include "firstbyte/scenario.hpp"

#include <optional>
#include <string>
#include <vector>

namespace firstbyte {

/// A result.json that was read, and which of its variants is meant.
struct StoredResult {
    std::string file;    ///< for messages and headings
    std::string text;    ///< of the file, format 1
    std::string variant; ///< name; empty: the only one
};

/// Two stored results compared.
struct StoredComparison {
    std::string text;    ///< verdict, table, groups, as of a comparison that was simulated
    std::string verdict; ///< its first line
    std::string method;  ///< whether replications are paired and why, what was left out: one line each
    std::string result;  ///< both sides and what changed as a result.json of its own, without thresholds
};

/// Replications are paired when both results have the same seed, number of replications and client groups; else the
/// sides count as independent samples. A quantile is compared where both results say how its replications stood.
/// @param options  by, confidence (0: the baseline's), min_effect and quantiles count
/// @throws std::runtime_error  when a text is no result, or the variant is not told
[[nodiscard]] StoredComparison compare_stored(const StoredResult& baseline, const StoredResult& variant,
                                              const ReportOptions& options);

/// Several stored results in the order in which they are given, such as those of commits: where the time to first byte
/// moved from one to the next, and from the first to the last. Each variant is a series of its own, matched by its
/// name; where every result has one variant only, these are one series.
/// @param kind  "text", "md", "csv", "json" or "html"
/// @throws std::runtime_error  when a text is no result, or the variant that is named is not in it
[[nodiscard]] std::string stored_trend(const std::vector<StoredResult>& results, const std::string& kind);

/// Thresholds of a scenario with a stored result as the baseline: every `saving(x) >= s` becomes the limit on x that it
/// is there, and with a tolerated change every other threshold on x gets a second one, that x is not worse than it was
/// by more than that share. With nothing to repeat these are p50, p95, p99 and mean of the time to first byte.
/// @param tolerated  share of the baseline's value; none: only `saving` is held against it
/// @throws std::runtime_error  when the baseline does not have a number that is asked of it
[[nodiscard]] std::vector<Threshold> thresholds_against(const StoredResult& baseline, const Scenario& scenario,
                                                        std::optional<double> tolerated);

} // namespace firstbyte
