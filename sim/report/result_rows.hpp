/// A stored result read back: its document, and its numbers as rows.
#pragma once

#include "report/inference.hpp"
#include "report/json_text.hpp"

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

namespace firstbyte::report {

/// @throws std::runtime_error  when the text is no result of format 1
[[nodiscard]] Json read_result(const std::string& text);

/// Confidence that the scenario of a result asks of intervals, 0..1.
[[nodiscard]] double confidence_of(const Json& result);

/// One number of a result.
struct ResultRow {
    std::string variant, metric;
    std::string labels; ///< "code=200"; pairs are separated by ";", which is escaped in values by a backslash
    Json label_object;
    std::string statistic; ///< "count", "mean", "p95", "ratio", "change(p50)"
    double value = 0;
    std::string unit;                ///< "ns" or "1"
    std::optional<double> low, high; ///< of a mean, over the replications, at the scenario's confidence
    std::uint64_t samples = 0;
};
[[nodiscard]] std::vector<ResultRow> metric_rows(const Json& result);
[[nodiscard]] std::vector<ResultRow> comparison_rows(const Json& result);

/// A quantile of a metric of times, ns; none where the metric, which may be null, does not have it.
[[nodiscard]] std::optional<double> quantile_in(const Json* metric, double q);
/// Interval of a mean over the replications, each with the weight of its samples. A quantile has none here: how one
/// varies is told by changes, which pair the replications.
[[nodiscard]] std::optional<Interval> mean_interval_of(const Json& metric, double confidence);

/// Decimal text of a number that comes back as the same number; whole numbers without a point.
[[nodiscard]] std::string exact_number(double value);

/// A field of a CSV file, quoted where RFC 4180 asks for it.
[[nodiscard]] std::string csv_cell(const std::string& text);

/// A threshold of a result in words.
struct ThresholdWords {
    std::string expression, variant, status; ///< status as stored: passed, failed, warned, skipped
    std::string value, limit;                ///< "1 214.0 ms"; value is "-" where there is none
    std::string reason, note;
    std::uint64_t samples = 0;
    int line = 0;
    bool error = true; ///< its level
};
/// Failed ones first, then warned, skipped and passed.
[[nodiscard]] std::vector<ThresholdWords> threshold_words(const Json& result);
/// "p99(ttfb) is 1 214.0 ms, limit 900.0 ms (35 % over; 2 871 samples)"
[[nodiscard]] std::string sentence_of(const ThresholdWords& words);

} // namespace firstbyte::report
