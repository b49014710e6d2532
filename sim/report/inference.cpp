#include "report/inference.hpp"

#include "core/check.hpp"

#include <algorithm>
#include <cmath>
#include <limits>
#include <numbers>
#include <numeric>

#include <boost/math/distributions/students_t.hpp>

namespace firstbyte::report {
namespace {

using Series = std::vector<double>;

double sum_of(const Series& values) { return std::accumulate(values.begin(), values.end(), 0.0); }

/// Error of a ratio of sums that each replication contributes, linearized (Cochran, "Sampling techniques", 1977,
/// section 6.3): their mean is the error of the pooled ratio. Only the replications of `used` count.
Series errors_of(const Series& parts, const Series& wholes, const std::vector<std::size_t>& used) {
    double part = 0, whole = 0;
    for (const std::size_t r : used) {
        part += parts[r];
        whole += wholes[r];
    }
    Series errors;
    const auto n = static_cast<double>(used.size());
    for (const std::size_t r : used) errors.push_back(n * (parts[r] - part / whole * wholes[r]) / whole);
    return errors;
}

std::vector<std::size_t> with_samples(const Series& wholes) {
    std::vector<std::size_t> used;
    for (std::size_t r = 0; r < wholes.size(); ++r) {
        if (wholes[r] > 0) used.push_back(r);
    }
    return used;
}

/// Replications that have samples: on both sides for pairs, which need both halves; else on each side.
struct Used {
    std::vector<std::size_t> before, after;
    [[nodiscard]] std::size_t least() const { return std::min(before.size(), after.size()); }
};

Used used_of(const Series& before, const Series& after, const Method& method) {
    Used used{with_samples(before), with_samples(after)};
    if (!method.paired) return used;
    std::vector<std::size_t> both;
    std::set_intersection(used.before.begin(), used.before.end(), used.after.begin(), used.after.end(),
                          std::back_inserter(both));
    return {both, both};
}

/// How many of `n` replications tell the spread: the pilot, where there was one.
std::size_t spread_count(std::size_t n, const Method& method) {
    return method.pilot == 0 ? n : std::min(n, method.pilot);
}

/// Covariance of the means of two series, from the spread of the first `count` of their members.
double covariance(const Series& a, const Series& b, std::size_t count) {
    const auto k = static_cast<double>(count);
    const auto end = static_cast<std::ptrdiff_t>(count);
    const double mean_a = std::accumulate(a.begin(), a.begin() + end, 0.0) / k;
    const double mean_b = std::accumulate(b.begin(), b.begin() + end, 0.0) / k;
    double sum = 0;
    for (std::size_t i = 0; i < count; ++i) sum += (a[i] - mean_a) * (b[i] - mean_b);
    return sum / (k - 1) / static_cast<double>(a.size());
}

/// Errors of both sides: their variances, how they go together, and the degrees of freedom of each.
struct Spread {
    double before = 0, after = 0, both = 0;
    double freedom_before = 0, freedom_after = 0;
};

Spread spread_of(const Series& before, const Series& after, const Method& method) {
    const std::size_t k_before = spread_count(before.size(), method), k_after = spread_count(after.size(), method);
    Spread out;
    out.before = covariance(before, before, k_before);
    out.after = covariance(after, after, k_after);
    out.both = method.paired ? covariance(before, after, k_before) : 0;
    out.freedom_before = static_cast<double>(k_before - 1);
    out.freedom_after = static_cast<double>(k_after - 1);
    return out;
}

/// Degrees of freedom of a difference of independent means with the variances `a` and `b` (Welch, 1947).
double welch_freedom(double a, double freedom_a, double b, double freedom_b) {
    const double below = a * a / freedom_a + b * b / freedom_b;
    return below > 0 ? (a + b) * (a + b) / below : std::min(freedom_a, freedom_b);
}

/// Value at which the pooled counts reach the share `q + x`; none beyond the least and the greatest sample, where the
/// counts have nothing to say.
std::optional<double> value_at(const QuantileSample& sample, const Series& cumulated, double x) {
    const double share = sample.q + x, all = cumulated.back();
    constexpr double rounding = 1e-12; // of the sum above: the rank is meant as the decimal number says
    if (share <= 0 || share > 1 + rounding) return std::nullopt;
    const double rank = std::max(1.0, std::ceil(share * all * (1 - rounding)));
    const auto at = std::lower_bound(cumulated.begin(), cumulated.end(), std::min(rank, all));
    return static_cast<double>(sample.bins[static_cast<std::size_t>(at - cumulated.begin())].first);
}

Series cumulated(const QuantileSample& sample) {
    Series out;
    double seen = 0;
    for (const auto& [value, count] : sample.bins) out.push_back(seen += static_cast<double>(count));
    return out;
}

/// One side of a change of quantiles: errors of its distribution function just at and just below the quantile, and
/// the pooled counts through which an error of the function becomes one of the quantile.
struct Side {
    const QuantileSample& sample;
    Series cumulated, up, down;
    double value = 0;

    Side(const QuantileSample& of, const std::vector<std::size_t>& used)
        : sample(of), cumulated(report::cumulated(of)), up(errors_of(of.at_most, of.wholes, used)),
          down(errors_of(of.below, of.wholes, used)), value(of.value()) {}

    /// How far the quantile is from where it was found when the distribution function is off by `x`.
    [[nodiscard]] std::optional<double> moved(double x) const {
        if (x == 0) return 0.0;
        const auto there = value_at(sample, cumulated, x);
        return there ? std::optional<double>(*there - value) : std::nullopt;
    }
    /// A quantile that lies higher than found needs counts that were too high at its value, a lower one counts that
    /// were too low below it: where many samples share one value these are two different questions.
    [[nodiscard]] const Series& errors(bool higher) const { return higher ? up : down; }
    /// Nanoseconds by which the quantile moves for each unit of error, over the errors of size `reach`.
    [[nodiscard]] double slope(double reach) const {
        if (reach == 0) return 0;
        return (moved(reach).value_or(0) - moved(-reach).value_or(0)) / (2 * reach);
    }
    /// Different values that the quantile takes over the errors of size `reach`.
    [[nodiscard]] std::size_t values_within(double reach) const {
        const double low = value + moved(-reach).value_or(0), high = value + moved(reach).value_or(0);
        return static_cast<std::size_t>(std::count_if(sample.bins.begin(), sample.bins.end(), [&](const auto& bin) {
            const auto at = static_cast<double>(bin.first);
            return low <= at && at <= high;
        }));
    }
};

/// Errors of the two distribution functions and what they do to the quantiles, to first order.
struct Linear {
    Spread spread;
    double t = 0;
    double slope_before = 0, slope_after = 0;
    bool smooth = false; ///< both quantiles move through many values
};

Linear linear_of(const Side& before, const Side& after, const Method& method) {
    // Below that many values a quantile jumps; model choice, between the one or two of a constant and the dozens that a
    // spread of times gives.
    constexpr std::size_t values_least = 8;
    Linear out;
    out.spread = spread_of(before.up, after.up, method);
    const double t_before = student_t(out.spread.freedom_before, method.confidence);
    const double t_after = student_t(out.spread.freedom_after, method.confidence);
    const double reach_before = t_before * std::sqrt(out.spread.before);
    const double reach_after = t_after * std::sqrt(out.spread.after);
    out.slope_before = before.slope(reach_before);
    out.slope_after = after.slope(reach_after);
    out.smooth = before.values_within(reach_before) >= values_least && after.values_within(reach_after) >= values_least;
    const double a = out.slope_before * out.slope_before * out.spread.before;
    const double b = out.slope_after * out.slope_after * out.spread.after;
    out.t = method.paired ? t_before
                          : student_t(welch_freedom(a, out.spread.freedom_before, b, out.spread.freedom_after),
                                      method.confidence);
    return out;
}

/// Displacement of the difference at the two errors, of the size that the confidence allows, that move it farthest to
/// first order. None when a quantile leaves the samples.
std::optional<Interval> smooth_displacement(const Side& before, const Side& after, const Linear& linear) {
    const Spread& spread = linear.spread;
    const double to_after = linear.slope_after * spread.after - linear.slope_before * spread.both;
    const double to_before = linear.slope_after * spread.both - linear.slope_before * spread.before;
    const double variance = linear.slope_after * to_after - linear.slope_before * to_before;
    if (variance <= 0) return Interval{};
    const double x = linear.t * to_after / std::sqrt(variance), y = linear.t * to_before / std::sqrt(variance);
    const auto up_after = after.moved(x), up_before = before.moved(y);
    const auto down_after = after.moved(-x), down_before = before.moved(-y);
    if (!up_after || !up_before || !down_after || !down_before) return std::nullopt;
    const double up = *up_after - *up_before, down = *down_after - *down_before;
    return Interval{std::min({up, down, 0.0}), std::max({up, down, 0.0})};
}

/// The same where quantiles jump: least and greatest displacement over the whole ellipse of errors of the two
/// distribution functions, in the quadrant in which both quantiles move as told.
std::optional<Interval> quadrant(const Side& before, const Side& after, bool before_higher, bool after_higher, double t,
                                 const Method& method) {
    const Spread spread = spread_of(before.errors(before_higher), after.errors(after_higher), method);
    const double sd_before = std::sqrt(spread.before), sd_after = std::sqrt(spread.after);
    const double product = sd_before * sd_after;
    const double correlation = product > 0 ? std::clamp(spread.both / product, -1.0, 1.0) : 0;
    const double rest = std::sqrt(1 - correlation * correlation);
    Interval out;
    constexpr int steps = 128; // the rim is followed so closely that 0.03 % of the width are lost at most
    for (int i = 0; i < steps; ++i) {
        const double angle = 2 * std::numbers::pi * (i + 0.5) / steps;
        const double x = t * sd_after * std::cos(angle);
        const double y = t * sd_before * (correlation * std::cos(angle) + rest * std::sin(angle));
        if ((x >= 0) != after_higher || (y >= 0) != before_higher) continue;
        const auto moved_after = after.moved(x), moved_before = before.moved(y);
        if (!moved_after || !moved_before) return std::nullopt;
        out.low = std::min(out.low, *moved_after - *moved_before);
        out.high = std::max(out.high, *moved_after - *moved_before);
    }
    return out;
}

std::optional<Interval> jumping_displacement(const Side& before, const Side& after, double t, const Method& method) {
    Interval moved;
    for (const bool before_higher : {false, true}) {
        for (const bool after_higher : {false, true}) {
            const auto part = quadrant(before, after, before_higher, after_higher, t, method);
            if (!part) return std::nullopt;
            moved.low = std::min(moved.low, part->low);
            moved.high = std::max(moved.high, part->high);
        }
    }
    return moved;
}

} // namespace

double student_t(double degrees_of_freedom, double confidence) {
    FB_ASSERT(confidence > 0 && confidence < 1, "a confidence lies between 0 and 1");
    const boost::math::students_t distribution(degrees_of_freedom);
    return boost::math::quantile(boost::math::complement(distribution, (1 - confidence) / 2));
}

double RatioSample::value() const {
    const double whole = sum_of(wholes);
    return whole > 0 ? sum_of(parts) / whole : 0;
}

double QuantileSample::value() const {
    if (bins.empty()) return 0;
    return *value_at(*this, cumulated(*this), 0);
}

RatioSample mean_sample(const Split<Histogram>& times) {
    RatioSample out;
    for (const Histogram& replication : times.by_replication) {
        const auto count = static_cast<double>(replication.count());
        out.parts.push_back(replication.mean() * count);
        out.wholes.push_back(count);
    }
    return out;
}

QuantileSample quantile_sample(const Split<Histogram>& times, double q) {
    QuantileSample out;
    out.q = q;
    out.bins = times.pooled.bins();
    const std::int64_t value = times.pooled.empty() ? 0 : times.pooled.quantile(q);
    for (const Histogram& replication : times.by_replication) {
        const auto count = static_cast<double>(replication.count());
        out.wholes.push_back(count);
        out.at_most.push_back(std::round(replication.share_at_most(value) * count));
        out.below.push_back(value == 0 ? 0 : std::round(replication.share_at_most(value - 1) * count));
    }
    return out;
}

ChangeInterval interval_of_change(const RatioSample& before, const RatioSample& after, const Method& method) {
    const Used used = used_of(before.wholes, after.wholes, method);
    ChangeInterval out{std::nullopt, used.least()};
    if (used.least() < 2) return out;
    const Spread spread = spread_of(errors_of(before.parts, before.wholes, used.before),
                                    errors_of(after.parts, after.wholes, used.after), method);
    const double variance = std::max(0.0, spread.before + spread.after - 2 * spread.both);
    const double freedom =
        method.paired ? spread.freedom_before
                      : welch_freedom(spread.before, spread.freedom_before, spread.after, spread.freedom_after);
    double half = student_t(freedom, method.confidence) * std::sqrt(variance);
    // Pairs that all differ by the same leave a variance of rounding errors: 16 digits carry no smaller one.
    constexpr double rounding = 1e-12;
    if (half < rounding * (std::fabs(before.value()) + std::fabs(after.value()))) half = 0;
    const double change = after.value() - before.value();
    out.interval = Interval{change - half, change + half};
    return out;
}

ChangeInterval interval_of_change(const QuantileSample& before, const QuantileSample& after, const Method& method) {
    const Used used = used_of(before.wholes, after.wholes, method);
    ChangeInterval out{std::nullopt, used.least()};
    if (used.least() < 2) return out;
    const Side side_before(before, used.before), side_after(after, used.after);
    const Linear linear = linear_of(side_before, side_after, method);
    const auto moved = linear.smooth ? smooth_displacement(side_before, side_after, linear)
                                     : jumping_displacement(side_before, side_after, linear.t, method);
    if (!moved) return out;
    const double change = side_after.value - side_before.value;
    out.interval = Interval{change + moved->low, change + moved->high};
    return out;
}

} // namespace firstbyte::report
