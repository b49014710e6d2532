// Are intervals of 95 % right in 95 of 100 cases? Comparisons of a thing with itself, and with a thing that differs by
// a known amount, 1 000 of each (500 where each takes two stages). With 500, chance alone spreads a true 5 % by 1 %
// (standard error), and of the 28 numbers below one or two would leave 3 ... 7 % though all are right; with 1 000 it is
// 0.7 %.
#include "core/random.hpp"
#include "firstbyte/scenario.hpp"
#include "firstbyte/simulate.hpp"
#include "firstbyte/world.hpp"
#include "report/sequential.hpp"
#include "report/slice.hpp"
#include "report/statistics.hpp"

#include <doctest/doctest.h>

#include <boost/math/distributions/normal.hpp>

#include <algorithm>
#include <array>
#include <cmath>
#include <functional>
#include <numbers>
#include <numeric>
#include <string>
#include <vector>

using namespace firstbyte;
using namespace firstbyte::report;

namespace {

constexpr int comparisons = 1000, staged_comparisons = 500;

/// What a comparison looks at: times, and how many of the requests failed.
struct Observed {
    Split<Histogram> times;
    RatioSample failed;
    void add(Histogram replication, double failures) {
        failed.parts.push_back(failures);
        failed.wholes.push_back(static_cast<double>(replication.count()));
        times.pooled.merge(replication);
        times.by_replication.push_back(std::move(replication));
    }
};

struct Numbers {
    double mean = 0, median = 0, p99 = 0, failures = 0;
};

/// Of so many comparisons, in how many the interval missed the true change.
struct Misses {
    int mean = 0, median = 0, p99 = 0, failures = 0, total = 0;
    void count(const Observed& before, const Observed& after, const Method& method, const Numbers& truth) {
        const auto missed = [](const std::optional<Change>& change, double value) {
            REQUIRE(change);
            REQUIRE(change->interval);
            return change->interval->contains(value) ? 0 : 1;
        };
        mean += missed(change_of(before.times, after.times, {}, method), truth.mean);
        median += missed(change_of(before.times, after.times, {0.5}, method), truth.median);
        p99 += missed(change_of(before.times, after.times, {0.99}, method), truth.p99);
        failures += missed(change_of(before.failed, after.failed, method), truth.failures);
        ++total;
    }
    void check() const {
        const auto share = [&](int misses) { return static_cast<double>(misses) / total; };
        const auto honest = [&](const char* what, int misses) {
            INFO(std::string(what), ": missed ", 100 * share(misses), " %");
            CHECK(share(misses) >= 0.03);
            CHECK(share(misses) <= 0.07);
        };
        honest("mean", mean);
        honest("median", median);
        honest("p99", p99);
        honest("failures", failures);
    }
};

double normal_quantile(double u) { return boost::math::quantile(boost::math::normal(), u); }

/// A normal number out of two uniform ones (Box and Muller, 1958).
double normal(const std::array<std::uint32_t, 4>& bits) {
    return std::sqrt(-2 * std::log(unit_interval(bits[0]))) * std::cos(2 * std::numbers::pi * unit_interval(bits[1]));
}

/// Times of a lognormal request, ns: nearly all that is measured on the Internet has such a tail.
constexpr double median_ns = 180e6, sigma = 0.5, failure_share = 0.03;
/// What a replication has of its own (its mix of clients): its requests go together, as those of a simulation do.
constexpr double sigma_of_replication = 0.02;

/// Quantile and mean over all that can happen, in closed form: both parts of the logarithm are normal.
double true_quantile(double q) {
    return median_ns * std::exp(normal_quantile(q) * std::hypot(sigma, sigma_of_replication));
}
double true_mean() { return median_ns * std::exp(std::pow(std::hypot(sigma, sigma_of_replication), 2) / 2); }

/// A side that shares a part of its randomness with another: `common` of its logarithm's variance.
struct Side {
    std::uint32_t entity; ///< what is its own
    double factor = 1, failures = failure_share, common = 0;
};

Observed observed(const Side& side, std::uint32_t comparison, std::size_t replications) {
    constexpr std::uint64_t requests_least = 250, requests_spread = 101;
    Observed out;
    for (std::size_t r = 0; r < replications; ++r) {
        const Draws draws(comparison, static_cast<std::uint32_t>(r));
        const auto mixed = [&](Stream stream, std::uint64_t n) {
            double z = std::sqrt(1 - side.common) * normal(draws.block(stream, side.entity, n));
            if (side.common > 0) z += std::sqrt(side.common) * normal(draws.block(stream, 0, n));
            return z;
        };
        const std::uint32_t arrivals = side.common > 0 ? 0 : side.entity;
        const std::uint64_t requests = requests_least + draws.below(requests_spread, Stream::RequestCount, arrivals, 0);
        Histogram times;
        double failures = 0;
        const double of_replication = sigma_of_replication * mixed(Stream::ClientPick, 0);
        for (std::uint64_t n = 0; n < requests; ++n) {
            const double z = sigma * mixed(Stream::ServiceTime, n) + of_replication;
            times.add(std::llround(median_ns * side.factor * std::exp(z)));
            failures += draws.uniform(Stream::Loss, n % 4 == 0 ? side.entity : arrivals, n) < side.failures ? 1 : 0;
        }
        out.add(std::move(times), failures);
    }
    return out;
}

/// The change of a side by a factor and by further failures.
Numbers change_by(double factor, double failures) {
    const double more = factor - 1;
    return {more * true_mean(), more * true_quantile(0.5), more * true_quantile(0.99), failures};
}

} // namespace

TEST_CASE("honest intervals: a thing and itself, other seeds") {
    Misses misses;
    for (std::uint32_t i = 0; i < comparisons; ++i) misses.count(observed({1}, i, 10), observed({2}, i, 10), 0.95, {});
    misses.check();
}

TEST_CASE("honest intervals: a small effect on common random numbers") {
    constexpr double factor = 1.02, further = 0.005;
    Misses misses;
    for (std::uint32_t i = 0; i < comparisons; ++i) {
        misses.count(observed({1, 1, failure_share, 0.8}, 10'000 + i, 10),
                     observed({2, factor, failure_share + further, 0.8}, 10'000 + i, 10), 0.95,
                     change_by(factor, further));
    }
    misses.check();
}

TEST_CASE("honest intervals: two independent results of different size") {
    constexpr double factor = 1.05, further = 0.01;
    Method method{0.95};
    method.paired = false;
    Misses misses;
    for (std::uint32_t i = 0; i < comparisons; ++i) {
        misses.count(observed({1}, 20'000 + i, 10), observed({2, factor, failure_share + further}, 20'000 + i, 20),
                     method, change_by(factor, further));
    }
    misses.check();
}

TEST_CASE("honest intervals: replications chosen from a pilot") {
    constexpr double factor = 1.02, further = 0.005, wanted = 0.009;
    constexpr std::size_t pilot = 10, limit = 20;
    Method method{0.95};
    method.pilot = pilot;
    Misses misses, same;
    std::size_t most = 0, least = 1000;
    for (std::uint32_t i = 0; i < staged_comparisons; ++i) {
        const auto side = [&](std::size_t n, std::uint32_t entity, double by, double more) {
            return observed({entity, by, failure_share + more, 0.8}, 30'000 + i, n);
        };
        const Observed before = side(pilot, 1, 1, 0), after = side(pilot, 2, factor, further);
        const auto change = change_of(before.times, after.times, {}, 0.95);
        const std::size_t n = stein_replications(*change, wanted, pilot, limit);
        most = std::max(most, n);
        least = std::min(least, n);
        const Observed base = side(n, 1, 1, 0);
        misses.count(base, side(n, 2, factor, further), method, change_by(factor, further));
        same.count(base, side(n, 3, 1, 0), method, {});
    }
    CHECK(least >= pilot);
    CHECK(most > pilot); // the second stage took place
    misses.check();
    same.check();
}

namespace {

/// Requests of one PoP and one origin, whose times spread as those of real ones do; half of them miss the cache.
constexpr const char* real_scenario = R"({
  "format": 1,
  "name": "spread",
  "run":     { "duration": "10s", "warmup": "0s", "seed": 1, "replications": 300 },
  "pops":    [ { "id": "ams" } ],
  "origins": [ { "id": "web", "rtt_to": { "ams": "12ms" },
                 "service_time": { "dist": "lognormal", "median": "45ms", "p99": "200ms" } } ],
  "clients": [ { "id": "mobile", "rtt_to": { "ams": "20ms" }, "population": 2000, "sessions": "25/s",
                 "access": { "delay": { "dist": "lognormal", "median": "10ms", "p99": "60ms" } } } ],
  "tls":     "none",
  "edge":    { "cache_hit_ratio": 0.5, "processing": "1ms" }
})";

Results simulated(const char* seed, const char* processing) {
    const Scenario scenario =
        load_scenario(real_scenario, "spread.fb.json", {{"run.seed", seed}, {"edge.processing", processing}});
    return simulate(build_world(scenario), {});
}

/// `n` replications of `pool`, none twice. A comparison of such a choice with another is one of runs with other seeds:
/// which of the pool are taken tells nothing about them.
std::vector<std::size_t> chosen(std::size_t pool, std::size_t n, std::uint32_t comparison) {
    const Draws draws(1, comparison);
    std::vector<std::size_t> numbers(pool);
    std::iota(numbers.begin(), numbers.end(), std::size_t{0});
    for (std::size_t i = 0; i < n; ++i)
        std::swap(numbers[i], numbers[i + draws.below(pool - i, Stream::ClientPick, 0, i)]);
    numbers.resize(n);
    return numbers;
}

/// First bytes, and as the rate of an outcome how many requests the origin answered.
Observed observed(const Results& results, const std::vector<std::size_t>& replications, std::size_t from,
                  std::size_t n) {
    Observed out;
    for (std::size_t i = from; i < from + n; ++i) {
        const RequestResults& requests = results.replications[replications[i]].requests[0];
        const auto replied = requests.outcomes.find({Cause::OriginReplied, GeneratedBy::Origin, 0});
        REQUIRE(replied != requests.outcomes.end());
        out.add(requests.ttfb, static_cast<double>(replied->second));
    }
    return out;
}

} // namespace

TEST_CASE("honest intervals: real simulations, with themselves and with a slower edge") {
    constexpr std::size_t n = 10;
    constexpr double slower = 3e6; // every request waits 3 ms more, so every quantile and the mean do
    const Results as_is = simulated("1", "1ms"), changed = simulated("2", "4ms");
    const std::size_t pool = as_is.replications.size();
    Misses same, known;
    for (std::uint32_t i = 0; i < comparisons; ++i) {
        const auto ours = chosen(pool, 2 * n, i), theirs = chosen(pool, n, 10'000 + i);
        const Observed before = observed(as_is, ours, 0, n);
        same.count(before, observed(as_is, ours, n, n), 0.95, {});
        known.count(before, observed(changed, theirs, 0, n), 0.95, {slower, slower, slower, 0});
    }
    same.check();
    known.check();
}
