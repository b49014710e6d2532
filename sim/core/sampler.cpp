#include "core/sampler.hpp"

#include "core/check.hpp"

#include <boost/math/special_functions/erf.hpp>

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <numeric>
#include <utility>
#include <vector>

namespace firstbyte {
namespace {

using Kind = Distribution::Kind;

/// Quantile of the standard normal distribution. Without promotion to long double: 64-bit arithmetic is enough for a
/// relative error below 1e-15, twice as fast, and the same on machines whose long double differs.
double normal_quantile(double u) {
    using Policy = boost::math::policies::policy<boost::math::policies::promote_double<false>>;
    return -std::sqrt(2.0) * boost::math::erfc_inv(2 * u, Policy{});
}

/// Negative logarithm of 1 - u: an exponential variable of mean 1, precise for small u as well.
double unit_exponential(double u) { return -std::log1p(-u); }

/// First place whose cumulative probability reaches u.
std::size_t place_of(const Distribution& distribution, double u) {
    const auto& cumulative = distribution.cumulative;
    FB_ASSERT(!cumulative.empty() && cumulative.size() == distribution.values.size(),
              "a distribution given by values has one cumulative probability for each");
    const auto found = std::lower_bound(cumulative.begin(), cumulative.end(), u);
    return std::min(static_cast<std::size_t>(found - cumulative.begin()), cumulative.size() - 1);
}

/// The bounded Pareto distribution: the tail beyond `max` is cut off and its weight spread over the rest.
double sample_pareto(double min, double shape, double max, double u) {
    FB_ASSERT(min > 0 && shape > 0 && max >= min, "a Pareto distribution has 0 < min <= max and a positive shape");
    const double kept = 1 - std::pow(min / max, shape); // 1 when max is infinity
    return std::min(min * std::pow(1 - u * kept, -1 / shape), max);
}

/// Number of trials up to and with the first success, of probability 1 / mean.
double sample_geometric(double mean, double u) {
    FB_ASSERT(mean >= 1, "a count that is at least 1 has a mean of at least 1");
    if (mean == 1) return 1;
    return std::max(1.0, std::ceil(std::log1p(-u) / std::log1p(-1 / mean)));
}

double sample_cdf(const Distribution& distribution, double u) {
    const std::size_t right = place_of(distribution, u);
    const auto& values = distribution.values;
    const auto& cumulative = distribution.cumulative;
    if (right == 0) return values[0]; // the first point's probability is a weight on its value
    const double span = cumulative[right] - cumulative[right - 1];
    const double share = std::min((u - cumulative[right - 1]) / span, 1.0);
    return std::lerp(values[right - 1], values[right], share);
}

double mean_pareto(double min, double shape, double max) {
    if (max == min) return min;
    if (std::isinf(max)) return shape > 1 ? min * shape / (shape - 1) : max;
    const double ratio = std::log(max / min);
    // The integral of x^-shape from min to max, in units of min^(1 - shape): expm1 keeps it precise near shape 1, where
    // it tends to the logarithm.
    const double integral = shape == 1 ? ratio : std::expm1((1 - shape) * ratio) / (1 - shape);
    return min * shape * integral / -std::expm1(-shape * ratio);
}

double mean_empirical(const Distribution& distribution) {
    double mean = 0, below = 0;
    for (std::size_t i = 0; i < distribution.values.size(); ++i) {
        mean += (distribution.cumulative[i] - below) * distribution.values[i];
        below = distribution.cumulative[i];
    }
    return mean;
}

double mean_cdf(const Distribution& distribution) {
    const auto& values = distribution.values;
    const auto& cumulative = distribution.cumulative;
    double mean = cumulative[0] * values[0];
    for (std::size_t i = 1; i < values.size(); ++i) {
        mean += (cumulative[i] - cumulative[i - 1]) * (values[i] + values[i - 1]) / 2;
    }
    return mean;
}

/// Empirical values may stand in any order; their median may not depend on it.
double median_empirical(const Distribution& distribution) {
    std::vector<std::pair<double, double>> weighted; // value, weight
    double below = 0;
    for (std::size_t i = 0; i < distribution.values.size(); ++i) {
        weighted.emplace_back(distribution.values[i], distribution.cumulative[i] - below);
        below = distribution.cumulative[i];
    }
    std::sort(weighted.begin(), weighted.end());
    double share = 0;
    for (const auto& [value, weight] : weighted) {
        share += weight;
        // Half of the weight may be the sum of many rounded parts.
        if (share >= 0.5 * below - 1e-12) return value;
    }
    return weighted.back().first;
}

/// Largest quantity handed out: far beyond any deadline, and its sums stay inside 64 bits.
constexpr double quantity_max = 1e18; // model choice: the last bin of a histogram

std::int64_t whole(double value) {
    FB_ASSERT(!std::isnan(value), "a distribution has numbers for parameters");
    return static_cast<std::int64_t>(std::round(std::clamp(value, 0.0, quantity_max)));
}

} // namespace

double sample(const Distribution& distribution, double u) {
    FB_ASSERT(u > 0 && u < 1, "a distribution is sampled inside the open unit interval");
    const double a = distribution.a, b = distribution.b, c = distribution.c;
    switch (distribution.kind) {
    case Kind::Constant: return a;
    case Kind::Uniform: return std::lerp(a, b, u);
    case Kind::Exponential: return a * unit_exponential(u);
    case Kind::Lognormal: return a * std::exp(b * normal_quantile(u));
    case Kind::Pareto: return sample_pareto(a, b, c, u);
    case Kind::Weibull: return a * std::pow(unit_exponential(u), 1 / b);
    case Kind::Geometric: return sample_geometric(a, u);
    case Kind::Empirical: return distribution.values[place_of(distribution, u)];
    case Kind::Cdf: return sample_cdf(distribution, u);
    }
    FB_ASSERT(false, "every kind of distribution is sampled above");
    return 0;
}

Duration sample_duration(const Distribution& distribution, double u) {
    return Duration{whole(sample(distribution, u))};
}

Bytes sample_bytes(const Distribution& distribution, double u) { return Bytes{whole(sample(distribution, u))}; }

double mean_of(const Distribution& distribution) {
    const double a = distribution.a, b = distribution.b, c = distribution.c;
    switch (distribution.kind) {
    case Kind::Constant:
    case Kind::Exponential:
    case Kind::Geometric: return a;
    case Kind::Uniform: return std::midpoint(a, b);
    case Kind::Lognormal: return a * std::exp(b * b / 2);
    case Kind::Pareto: return mean_pareto(a, b, c);
    case Kind::Weibull: return a * std::tgamma(1 + 1 / b);
    case Kind::Empirical: return mean_empirical(distribution);
    case Kind::Cdf: return mean_cdf(distribution);
    }
    FB_ASSERT(false, "every kind of distribution has a mean above");
    return 0;
}

double median_of(const Distribution& distribution) {
    return distribution.kind == Kind::Empirical ? median_empirical(distribution) : sample(distribution, 0.5);
}

} // namespace firstbyte
