#include "core/sampler.hpp"

#include <boost/math/distributions/exponential.hpp>
#include <boost/math/distributions/lognormal.hpp>
#include <boost/math/distributions/pareto.hpp>
#include <boost/math/distributions/uniform.hpp>
#include <boost/math/distributions/weibull.hpp>

#include <doctest/doctest.h>

#include <cmath>
#include <cstdint>
#include <functional>
#include <limits>
#include <string>
#include <utility>
#include <vector>

namespace firstbyte {
namespace {

using Kind = Distribution::Kind;
constexpr double infinity = std::numeric_limits<double>::infinity();

Distribution empirical(std::vector<double> values, std::vector<double> cumulative) {
    return {Kind::Empirical, 0, 0, 0, std::move(values), std::move(cumulative)};
}
Distribution cdf(std::vector<double> values, std::vector<double> cumulative) {
    return {Kind::Cdf, 0, 0, 0, std::move(values), std::move(cumulative)};
}
Distribution with(Kind kind, double a, double b = 0, double c = 0) { return {kind, a, b, c, {}, {}}; }

/// One of each kind, with a tail light enough for the numeric integral below.
struct Example {
    std::string name;
    Distribution distribution;
};
const Example examples[] = {
    {"constant", with(Kind::Constant, 42)},
    {"uniform", with(Kind::Uniform, 5, 25)},
    {"exponential", with(Kind::Exponential, 30)},
    {"lognormal, narrow", with(Kind::Lognormal, 45, 0.2)},
    {"lognormal, wide", with(Kind::Lognormal, 45, 0.9391)},
    {"Pareto", with(Kind::Pareto, 10, 3.5, infinity)},
    {"Pareto, bounded", with(Kind::Pareto, 10, 1.2, 1'000)},
    {"Pareto, bounded, shape 1", with(Kind::Pareto, 10, 1, 1'000)},
    {"Pareto, bounded, nearly 1", with(Kind::Pareto, 10, 1 + 1e-9, 1'000)},
    {"Pareto of one value", with(Kind::Pareto, 10, 2, 10)},
    {"Weibull, heavy", with(Kind::Weibull, 20, 0.7)},
    {"Weibull, light", with(Kind::Weibull, 20, 3)},
    {"geometric", with(Kind::Geometric, 4)},
    {"geometric, always 1", with(Kind::Geometric, 1)},
    {"empirical", empirical({1, 2, 10}, {0.25, 0.75, 1})},
    {"cdf", cdf({0, 10, 10, 50}, {0, 0.4, 0.6, 1})},
    {"cdf, weight at the start", cdf({4, 8}, {0.5, 1})},
};

} // namespace

TEST_CASE("sampler: quantiles of the continuous kinds are those of Boost.Math") {
    namespace bm = boost::math;
    struct Row {
        std::string name;
        Distribution distribution;
        std::function<double(double)> quantile;
    };
    const Row rows[] = {
        {"uniform", with(Kind::Uniform, 5, 25), [](double u) { return quantile(bm::uniform(5, 25), u); }},
        {"exponential", with(Kind::Exponential, 30), [](double u) { return quantile(bm::exponential(1.0 / 30), u); }},
        {"lognormal", with(Kind::Lognormal, 45, 0.9),
         [](double u) { return quantile(bm::lognormal(std::log(45.0), 0.9), u); }},
        {"Pareto", with(Kind::Pareto, 10, 1.5, infinity), [](double u) { return quantile(bm::pareto(10, 1.5), u); }},
        {"Weibull", with(Kind::Weibull, 20, 0.7), [](double u) { return quantile(bm::weibull(0.7, 20), u); }},
    };
    for (const Row& row : rows) {
        CAPTURE(row.name);
        for (const double u : {1e-12, 1e-6, 0.01, 0.25, 0.5, 0.75, 0.99, 0.999999, 1 - 1e-12}) {
            CAPTURE(u);
            CHECK(sample(row.distribution, u) == doctest::Approx(row.quantile(u)).epsilon(1e-11));
        }
    }
}

TEST_CASE("sampler: quantiles known in closed form or from tables") {
    struct Row {
        std::string name;
        Distribution distribution;
        double u;
        double value;
    };
    // NIST handbook of statistical methods, section 1.3.6.7.1, with the digits that the table leaves out.
    const double ln_2 = std::log(2.0);
    constexpr double z_99 = 2.3263478740408408;
    const Row rows[] = {
        {"constant, whatever u", with(Kind::Constant, 42), 0.9, 42},
        {"exponential: median is mean ln 2", with(Kind::Exponential, 30), 0.5, 30 * ln_2},
        {"lognormal: a is the median", with(Kind::Lognormal, 45, 0.9391), 0.5, 45},
        {"lognormal: p99", with(Kind::Lognormal, 45, 1), 0.99, 45 * std::exp(z_99)},
        {"Pareto: shape 1 halves the tail", with(Kind::Pareto, 10, 1, infinity), 0.75, 40},
        {"Pareto, bounded: (1 - 1/10) / 2", with(Kind::Pareto, 10, 1, 100), 0.5, 10 / 0.55},
        {"Weibull of shape 2: Rayleigh", with(Kind::Weibull, 20, 2), 0.5, 20 * std::sqrt(ln_2)},
        {"empirical: inside the first", empirical({1, 2, 10}, {0.25, 0.75, 1}), 0.2, 1},
        {"empirical: at the weight", empirical({1, 2, 10}, {0.25, 0.75, 1}), 0.25, 1},
        {"empirical: beyond it", empirical({1, 2, 10}, {0.25, 0.75, 1}), 0.26, 2},
        {"empirical: the last", empirical({1, 2, 10}, {0.25, 0.75, 1}), 0.99, 10},
        {"cdf: linear", cdf({0, 10, 10, 50}, {0, 0.4, 0.6, 1}), 0.1, 2.5},
        {"cdf: a step", cdf({0, 10, 10, 50}, {0, 0.4, 0.6, 1}), 0.5, 10},
        {"cdf: linear again", cdf({0, 10, 10, 50}, {0, 0.4, 0.6, 1}), 0.8, 30},
        {"cdf: the first point's weight", cdf({4, 8}, {0.5, 1}), 0.3, 4},
        {"cdf: after it", cdf({4, 8}, {0.5, 1}), 0.75, 6},
    };
    for (const Row& row : rows) {
        CAPTURE(row.name);
        CHECK(sample(row.distribution, row.u) == doctest::Approx(row.value).epsilon(1e-12));
    }
}

TEST_CASE("sampler: geometric counts are 1, 2, 3, ... with P(more than k) = (1 - 1/mean)^k") {
    for (const double mean : {1.5, 4.0, 100.0}) {
        const Distribution distribution = with(Kind::Geometric, mean);
        for (int k = 1; k <= 20; ++k) {
            CAPTURE(mean);
            CAPTURE(k);
            const double more_than_k = std::pow(1 - 1 / mean, k);
            CHECK(sample(distribution, 1 - more_than_k * (1 + 1e-5)) == k);
            CHECK(sample(distribution, 1 - more_than_k * (1 - 1e-5)) == k + 1);
        }
    }
    CHECK(sample(with(Kind::Geometric, 1), 1 - 1e-15) == 1);
    CHECK(sample(with(Kind::Geometric, 4), 1e-300) == 1);
}

TEST_CASE("sampler: a larger uniform number never gives a smaller value") {
    for (const Example& example : examples) {
        CAPTURE(example.name);
        double previous = -infinity;
        for (int i = 1; i < 20'000; ++i) {
            const double value = sample(example.distribution, i / 20'000.0);
            REQUIRE(value >= previous);
            previous = value;
        }
    }
}

TEST_CASE("sampler: the mean is the integral of the quantile function") {
    for (const Example& example : examples) {
        CAPTURE(example.name);
        // Midpoints in v with u = 1 - (1 - v)^2: dense at the upper end, where the tails are.
        constexpr int steps = 400'000;
        double integral = 0;
        for (int i = 0; i < steps; ++i) {
            const double rest = 1 - (i + 0.5) / steps;
            integral += sample(example.distribution, 1 - rest * rest) * 2 * rest / steps;
        }
        CHECK(mean_of(example.distribution) == doctest::Approx(integral).epsilon(1e-4));
    }
    CHECK(mean_of(with(Kind::Pareto, 10, 1, infinity)) == infinity);
    CHECK(mean_of(with(Kind::Pareto, 10, 0.5, infinity)) == infinity);
}

TEST_CASE("sampler: half of the distribution is at most the median") {
    for (const Example& example : examples) {
        CAPTURE(example.name);
        CHECK(median_of(example.distribution) == sample(example.distribution, 0.5));
    }
    CHECK(median_of(empirical({10, 1, 2}, {0.25, 0.5, 1})) == 2); // in any order: 1 with 0.25, 2 with 0.5, 10 with 0.25
    CHECK(median_of(empirical({3, 2, 1}, {1.0 / 3, 2.0 / 3, 1})) == 2);
}

TEST_CASE("sampler: durations and sizes are whole, not negative and finite") {
    struct Row {
        std::string name;
        Distribution distribution;
        double u;
        std::int64_t whole;
    };
    const Row rows[] = {
        {"rounded down", with(Kind::Constant, 7.4), 0.5, 7},
        {"rounded up", with(Kind::Constant, 7.5), 0.5, 8},
        {"never negative", with(Kind::Uniform, -10, 10), 0.25, 0},
        {"a tail beyond every deadline", with(Kind::Pareto, 1e9, 0.1, infinity), 1 - 1e-9, 1'000'000'000'000'000'000},
    };
    for (const Row& row : rows) {
        CAPTURE(row.name);
        CHECK(sample_duration(row.distribution, row.u) == Duration{row.whole});
        CHECK(sample_bytes(row.distribution, row.u) == Bytes{row.whole});
    }
}

} // namespace firstbyte
