/// Intervals of a difference between two sides, from what each replication counted (docs/compare.md, "Intervals").
#pragma once

#include "firstbyte/histogram.hpp"
#include "report/slice.hpp"

#include <cstddef>
#include <cstdint>
#include <optional>
#include <utility>
#include <vector>

namespace firstbyte::report {

struct Interval {
    double low = 0, high = 0;
    [[nodiscard]] double half_width() const { return (high - low) / 2; }
    [[nodiscard]] bool contains(double value) const { return low <= value && value <= high; }
};

/// How the two sides of a comparison are compared.
struct Method {
    // Most callers have no other wish than a confidence.
    // NOLINTNEXTLINE(google-explicit-constructor)
    Method(double confidence_level = 0.95) : confidence(confidence_level) {}
    double confidence;
    bool paired = true;    ///< replication r of both sides had the same arrivals and losses; false: Welch
    std::size_t pilot = 0; ///< replications whose spread is used, by number; 0: all (Stein's two stages, see docs)
    double min_effect = 0; ///< a change smaller than this share of the baseline does not matter
};

/// A ratio of sums: a mean (sum of times, requests) or a rate (failed requests, requests), by replication.
struct RatioSample {
    std::vector<double> parts, wholes;
    [[nodiscard]] double value() const; ///< of all replications together; 0 when they have no sample
};

/// A quantile of the pooled counts, and where each replication stood beside it.
struct QuantileSample {
    double q = 0.5;
    std::vector<std::pair<std::int64_t, std::uint64_t>> bins; ///< pooled, ascending: (value, count)
    std::vector<double> at_most, below;                       ///< samples of a replication <= and < the pooled quantile
    std::vector<double> wholes;                               ///< samples of a replication
    [[nodiscard]] double value() const;                       ///< nearest rank; 0 when there is no sample
};

[[nodiscard]] RatioSample mean_sample(const Split<Histogram>& times);
[[nodiscard]] QuantileSample quantile_sample(const Split<Histogram>& times, double q);

/// Interval and the number of replications (pairs, or those of the smaller side) behind it.
struct ChangeInterval {
    std::optional<Interval> interval; ///< absent with fewer than two replications, or too few samples for the quantile
    std::size_t replications = 0;
};
[[nodiscard]] ChangeInterval interval_of_change(const RatioSample& before, const RatioSample& after,
                                                const Method& method);
[[nodiscard]] ChangeInterval interval_of_change(const QuantileSample& before, const QuantileSample& after,
                                                const Method& method);

/// Two-sided critical value of Student's t.
[[nodiscard]] double student_t(double degrees_of_freedom, double confidence);

} // namespace firstbyte::report
