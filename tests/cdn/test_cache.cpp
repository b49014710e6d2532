// The cache of a PoP: the structure against a naive one, hit ratios against closed formulas, fetches that are shared,
// tiers.
#include "cdn/cache.hpp"
#include "core/random.hpp"
#include "support/simulation.hpp"

#include <doctest/doctest.h>
#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <list>
#include <string>

using namespace firstbyte;
using namespace firstbyte::test;

namespace {

/// The same rules, written to be read: a list in the order of leaving.
class NaiveCache {
public:
    explicit NaiveCache(const Cache& settings) : settings_(settings) {}
    cdn::ItemCache::Found look_up(std::uint64_t item, Instant now) {
        const auto at = find(item);
        if (at == copies_.end()) return cdn::ItemCache::Found::Nothing;
        if (settings_.ttl && now - at->since >= *settings_.ttl)
            return now - at->since < *settings_.ttl + settings_.stale_while_revalidate ? cdn::ItemCache::Found::Stale
                                                                                       : cdn::ItemCache::Found::Nothing;
        if (settings_.renew_on_hit) at->since = now;
        if (settings_.policy == Cache::Policy::Lru) copies_.splice(copies_.end(), copies_, at);
        return cdn::ItemCache::Found::Fresh;
    }
    void store(std::uint64_t item, std::uint64_t bytes, Instant now) {
        if (const auto at = find(item); at != copies_.end()) copies_.erase(at);
        if (settings_.capacity && bytes > static_cast<std::uint64_t>(settings_.capacity->count)) return;
        copies_.push_back({item, bytes, now});
        while (settings_.capacity && used() > static_cast<std::uint64_t>(settings_.capacity->count))
            copies_.pop_front();
    }
    [[nodiscard]] std::uint64_t used() const {
        std::uint64_t sum = 0;
        for (const Copy& copy : copies_) sum += copy.bytes;
        return sum;
    }

private:
    struct Copy {
        std::uint64_t item, bytes;
        Instant since;
    };
    std::list<Copy>::iterator find(std::uint64_t item) {
        return std::find_if(copies_.begin(), copies_.end(), [item](const Copy& copy) { return copy.item == item; });
    }
    Cache settings_;
    std::list<Copy> copies_;
};

/// Zipf-popular objects of 1 kB from an origin next door; `rate` per second for `seconds`.
std::string zipf_world(int items, double alpha, const std::string& cache, double rate, double warmup, double seconds) {
    return fmt::format(R"({{
      "format": 1, "name": "cache", "run": {{"warmup": "{}s", "duration": "{}s", "replications": 1, "seed": 5}}, "pops": [{{"id": "p"}}],
      "origins": [{{"id": "o", "rtt_to": {{"p": "0s"}}, "service_time": "0s", "preset": "go"}}],
      "clients": [{{"id": "c", "population": 100, "sessions": "{}/s", "rtt_to": {{"p": "0s"}}}}],
      "workload": {{"objects": [{{"id": "x", "request": "100B", "response": "1KB", "items": {}, "zipf": {}}}]}},
      "tls": "none", "edge": {{"processing": "0ms", "cache": {}}}}})",
                       warmup, seconds, rate, items, alpha, cache);
}

double hit_ratio(const Results& results) {
    const CacheResults& cache = results.replications.at(0).caches.at(0);
    return static_cast<double>(cache.hits) / static_cast<double>(cache.hits + cache.misses);
}

/// Popularity by Zipf's law.
std::vector<double> shares(int items, double alpha) {
    std::vector<double> p;
    double sum = 0;
    for (int k = 1; k <= items; ++k) sum += p.emplace_back(std::pow(k, -alpha));
    for (double& share : p) share /= sum;
    return p;
}

/// The root of an increasing function.
template <class F>
double root(F&& f, double low, double high) {
    for (int i = 0; i < 200; ++i) {
        const double middle = (low + high) / 2;
        (f(middle) < 0 ? low : high) = middle;
    }
    return low;
}

} // namespace

TEST_CASE("cache: random operations leave what a naive list leaves") {
    const Draws draws(11, 0);
    for (int kind = 0; kind < 16; ++kind) {
        Cache settings;
        settings.policy = (kind & 1) != 0 ? Cache::Policy::Fifo : Cache::Policy::Lru;
        if ((kind & 2) != 0) settings.ttl = Duration{500};
        settings.renew_on_hit = (kind & 4) != 0;
        settings.stale_while_revalidate = Duration{(kind & 8) != 0 ? 100 : 0};
        settings.capacity = Bytes{1000};
        cdn::ItemCache cache(settings);
        NaiveCache naive(settings);
        Instant now{};
        for (std::uint64_t n = 0; n < 20'000; ++n) {
            const auto words = draws.block(Stream::CacheItem, static_cast<std::uint32_t>(kind), n);
            now += Duration{words[0] % 20};
            const std::uint64_t item = words[1] % 40;
            const auto found = cache.look_up(item, now);
            REQUIRE(found == naive.look_up(item, now));
            if (found == cdn::ItemCache::Found::Fresh) continue;
            const std::uint64_t bytes = 1 + words[2] % 200;
            cache.store(item, bytes, now);
            naive.store(item, bytes, now);
            REQUIRE(cache.used() == naive.used());
        }
    }
}

TEST_CASE("cache: Che's approximation of LRU and FIFO holds in a simulated world") {
    const int items = 2000, capacity = 200;
    const std::vector<double> p = shares(items, 0.8);
    const auto world = [&](const char* policy) {
        return hit_ratio(run_scenario(zipf_world(
            items, 0.8, fmt::format(R"({{"capacity": "{}KB", "policy": "{}"}})", capacity, policy), 1000, 20, 150)));
    };
    const double lru_time = root(
        [&](double t) {
            double sum = -capacity;
            for (double q : p) sum += 1 - std::exp(-q * t);
            return sum;
        },
        0, 1e6);
    double lru = 0, fifo = 0;
    for (double q : p) lru += q * (1 - std::exp(-q * lru_time));
    const double fifo_time = root(
        [&](double t) {
            double sum = -capacity;
            for (double q : p) sum += q * t / (1 + q * t);
            return sum;
        },
        0, 1e7);
    for (double q : p) fifo += q * q * fifo_time / (1 + q * fifo_time);
    CHECK(world("lru") == doctest::Approx(lru).epsilon(0.02)); // 150,000 requests: four standard errors are 1.3 %
    CHECK(world("fifo") == doctest::Approx(fifo).epsilon(0.02));
    CHECK(lru > fifo + 0.01);
}

TEST_CASE("cache: time to live, from the fetch and renewed by hits") {
    const int items = 100;
    const double rate = 10, ttl = 30;
    const std::vector<double> p = shares(items, 1);
    double fixed = 0, renewed = 0;
    for (double q : p) {
        fixed += q * q * rate * ttl / (1 + q * rate * ttl);
        renewed += q * (1 - std::exp(-q * rate * ttl));
    }
    CHECK(hit_ratio(run_scenario(zipf_world(items, 1, R"({"ttl": "30s", "coalesce": false})", rate, 300, 12'000))) ==
          doctest::Approx(fixed).epsilon(0.02));
    CHECK(hit_ratio(run_scenario(zipf_world(items, 1, R"({"ttl": "30s", "renew_on_hit": true})", rate, 300, 12'000))) ==
          doctest::Approx(renewed).epsilon(0.02));
}

namespace {

/// Requests of three clients for one thing, at 0 s, and at `later`; the origin takes 1 s.
std::string shared_world(const std::string& cache, const std::string& later, const std::string& events = "") {
    const auto client = [&](int n) {
        return fmt::format(R"({{"id": "c{}", "population": 1, "rtt_to": {{"p": "20ms"}}, "script": [
          {{"at": "{}ms", "steps": [{{"request": "400B", "response": "2000B"}}]}},
          {{"at": "{}", "steps": [{{"request": "400B", "response": "2000B"}}]}}]}})",
                           n, 100 * n, later);
    };
    return fmt::format(R"({{
      "format": 1, "name": "shared", "run": {{"duration": "100s", "replications": 1}}, "pops": [{{"id": "p"}}],
      "origins": [{{"id": "o", "rtt_to": {{"p": "80ms"}}, "service_time": "1s", "preset": "go"}}],
      "clients": [{}, {}, {}], "tls": "none", "edge": {{"processing": "0ms", "cache": {}}}, "events": [{}]}})",
                       client(0), client(1), client(2), cache, events);
}

const CacheResults& cache_of(const Results& results) { return results.replications.at(0).caches.at(0); }

} // namespace

TEST_CASE("cache: one fetch serves all who ask while it runs") {
    const Results shared = run_scenario(shared_world("{}", "50s"));
    CHECK(cache_of(shared).misses == 3);
    CHECK(cache_of(shared).coalesced == 2);
    CHECK(cache_of(shared).hits == 3);
    CHECK(shared.replications.at(0).origins.at(0).requests == 1);
    // The fetch takes two round trips and 1 s from 30 ms on; those who came later have it then.
    for (int n = 0; n < 3; ++n)
        CHECK(event_ms(shared.traces.at(static_cast<std::size_t>(n)), "first_byte") ==
              doctest::Approx(30 + 160 + 1000 + 10 - 100 * n));
    const Results alone = run_scenario(shared_world(R"({"coalesce": false})", "50s"));
    CHECK(alone.replications.at(0).origins.at(0).requests == 3);
    CHECK(cache_of(alone).coalesced == 0);
}

TEST_CASE("cache: who waits for a fetch shares its failure, and nothing of it is kept") {
    const Results failed = run_scenario(shared_world(
        "{}", "50s", R"({"at": "0s", "do": "origin_down", "origin": "o", "mode": "reset", "for": "10s"})"));
    const RequestResults all = all_requests(failed);
    CHECK(all.outcomes.at({Cause::Reset, GeneratedBy::Edge, 0}) == 3);
    CHECK(cache_of(failed).misses == 6);
}

TEST_CASE("cache: a stale copy is served while a new one is fetched, up to the limit and not beyond it") {
    // The copy is kept at 1.190 s, fresh for 10 s; the later requests reach the edge 30 ms after they begin.
    const auto run = [](const char* later) {
        return run_scenario(shared_world(R"({"ttl": "10s", "stale_while_revalidate": "5s"})", later));
    };
    const Results fresh = run("11159999999ns");
    CHECK(cache_of(fresh).hits == 3);
    const Results stale = run("11160000001ns");
    CHECK(cache_of(stale).hits == 0);
    CHECK(cache_of(stale).stale_hits == 3);
    CHECK(stale.replications.at(0).origins.at(0).requests == 2); // one in the background
    const Results last = run("16159999999ns");
    CHECK(cache_of(last).stale_hits == 3);
    const Results gone = run("16160000001ns");
    CHECK(cache_of(gone).stale_hits == 0);
    CHECK(cache_of(gone).misses == 6);
}

TEST_CASE(
    "tiered cache: a miss costs one round trip between PoPs more, and the upper PoP's copy and pool are everybody's") {
    const auto world = [](const char* upper) {
        return fmt::format(R"({{
          "format": 1, "name": "tiers", "run": {{"duration": "100s", "replications": 1}},
          "pops": [{{"id": "ams"}}, {{"id": "fra"}}, {{"id": "iad", "rtt_to": {{"ams": "90ms", "fra": "96ms"}}}}],
          "origins": [{{"id": "o", "rtt_to": {{"ams": "95ms", "fra": "101ms", "iad": "5ms"}}, "service_time": "50ms", "preset": "go"}}],
          "clients": [{{"id": "a", "population": 1, "rtt_to": {{"ams": "20ms"}}, "script": [{{"at": "0s", "steps": [{{"request": "400B", "response": "2000B"}}]}}]}},
                      {{"id": "b", "population": 1, "rtt_to": {{"fra": "20ms"}}, "script": [{{"at": "10s", "steps": [{{"request": "400B", "response": "2000B"}}]}}, {{"at": "20s", "steps": [{{"request": "400B", "response": "2000B"}}]}}]}}],
          "tls": "none", "edge": {{"processing": "0ms", "cache": {{}}, "upper_tier": [{}]}}}})",
                           upper);
    };
    const Results tiered = run_scenario(world("\"iad\""));
    CHECK(event_ms(tiered.traces.at(0), "first_byte") ==
          doctest::Approx(20 + 20 + 90 + 5 + 5 + 50));                                   // miss, miss, new connection
    CHECK(event_ms(tiered.traces.at(1), "first_byte") == doctest::Approx(20 + 20 + 96)); // a hit at the upper PoP
    CHECK(event_ms(tiered.traces.at(2), "first_byte") == doctest::Approx(20 + 20));      // kept below as well
    CHECK(tiered.replications.at(0).origins.at(0).requests == 1);
    const Results flat = run_scenario(world(""));
    CHECK(flat.replications.at(0).origins.at(0).requests == 2);
    CHECK(event_ms(flat.traces.at(0), "first_byte") == doctest::Approx(20 + 20 + 95 + 95 + 50));
}
