/// Means, Student-t intervals and the change of a statistic between two variants.
#pragma once

#include "firstbyte/histogram.hpp"
#include "report/slice.hpp"

#include <cstddef>
#include <optional>
#include <string>
#include <vector>

namespace firstbyte::report {

struct Interval {
    double low = 0, high = 0;
    [[nodiscard]] double half_width() const { return (high - low) / 2; }
    [[nodiscard]] bool contains(double value) const { return low <= value && value <= high; }
};

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

enum class Verdict { Faster, Slower, NotDetectable, NoInterval };
[[nodiscard]] const char* name_of(Verdict verdict); ///< "faster", "slower", "no_detectable_difference", "no_interval"

/// Change of a statistic from the baseline to a variant: point values of the pooled counts, the interval over the
/// differences of paired replications (both sides saw the same arrivals and losses).
struct Change {
    double baseline = 0, variant = 0;
    std::optional<Interval> interval; ///< absent with fewer than two pairs of replications
    std::size_t pairs = 0;
    [[nodiscard]] double change() const { return variant - baseline; }
    [[nodiscard]] std::optional<double> relative() const; ///< none when the baseline is 0
    [[nodiscard]] Verdict verdict() const;
    /// True when the data show no change: an interval that contains 0, or no interval and the very same value.
    [[nodiscard]] bool unmoved() const;
};

/// @return none when one side has no sample at all
[[nodiscard]] std::optional<Change> change_of(const Split<Histogram>& baseline, const Split<Histogram>& variant,
                                              const Statistic& statistic, double confidence);

} // namespace firstbyte::report
