/// Means, and the change of a statistic between two variants.
#pragma once

#include "firstbyte/histogram.hpp"
#include "report/inference.hpp"
#include "report/slice.hpp"

#include <cstddef>
#include <optional>
#include <string>
#include <vector>

namespace firstbyte::report {

/// Interval of the mean of `samples` by Student's t with n - 1 degrees of freedom.
/// @return none for fewer than two samples: one replication says nothing about the spread
[[nodiscard]] std::optional<Interval> mean_interval(const std::vector<double>& samples, double confidence);

/// What is read off a histogram: a quantile, or the mean when `quantile` is absent.
struct Statistic {
    std::optional<double> quantile;
    [[nodiscard]] std::string name() const; ///< "p95", "mean"
    /// @pre the histogram is not empty
    [[nodiscard]] double of(const Histogram& histogram) const;
};

enum class Verdict {
    Faster,
    Slower,
    NotDetectable, ///< the interval contains 0
    Within,        ///< the interval lies within the minimal effect on both sides of 0
    NoInterval     ///< fewer than two replications, or too few samples for the quantile
};
/// "faster", "slower", "no_detectable_difference", "within_minimal_effect", "no_interval"
[[nodiscard]] const char* name_of(Verdict verdict);

/// Change of a number from the baseline to a variant: point values of the pooled counts, and an interval about them.
struct Change {
    double baseline = 0, variant = 0;
    std::optional<Interval> interval; ///< absent with fewer than two replications, or too few samples
    std::size_t pairs = 0;            ///< replications behind the interval
    double min_effect = 0;            ///< a change smaller than this share of the baseline does not matter; 0: all do
    [[nodiscard]] double change() const { return variant - baseline; }
    [[nodiscard]] std::optional<double> relative() const; ///< none when the baseline is 0
    [[nodiscard]] Verdict verdict() const;                ///< smaller is "faster"
    /// True for a change that was detected and matters: its number may be quoted.
    [[nodiscard]] bool detected() const { return verdict() == Verdict::Faster || verdict() == Verdict::Slower; }
    /// True when the data show no change: an interval that contains 0, or no interval and the very same value.
    [[nodiscard]] bool unmoved() const;
};

/// Change of a statistic of times.
/// @return none when one side has no sample at all
[[nodiscard]] std::optional<Change> change_of(const Split<Histogram>& baseline, const Split<Histogram>& variant,
                                              const Statistic& statistic, const Method& method);
/// Change of a ratio of sums, such as the share of requests that failed.
/// @return none when one side has no sample at all
[[nodiscard]] std::optional<Change> change_of(const RatioSample& baseline, const RatioSample& variant,
                                              const Method& method);
[[nodiscard]] std::optional<Change> change_of(const QuantileSample& baseline, const QuantileSample& variant,
                                              const Method& method);

} // namespace firstbyte::report
