// Caches, and which objects are asked for.
#include "cdn/plan.hpp"
#include "core/random.hpp"
#include "oracle_experiments.hpp"
#include "run/world_data.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>

namespace firstbyte::validate {
namespace {

std::string items(const OracleCase& given) {
    return fmt::format(R"(, "items": {}, "zipf": {})", whole(given, "objects"), number(given, "alpha"));
}

Observed hits(const ReplicationResults& results) {
    const CacheResults& cache = results.caches.at(0);
    return share(cache.hits, cache.hits + cache.misses);
}

/// Objects of 1 kB in a cache of so many; the start, until it is full and settled, does not count.
Observed che(const OracleCase& given, const Running& running) {
    const std::string policy = word(given, "policy", "LRU FIFO");
    constexpr double per_s = 1000;
    const double capacity = number(given, "capacity"), objects = number(given, "objects");
    const std::string cache = fmt::format(R"(, "cache": {{"capacity": "{:.0f}KB", "policy": "{}", "coalesce": false}})",
                                          capacity, policy == "LRU" ? "lru" : "fifo");
    const double warmup =
        std::ceil(std::max(10 * capacity, objects) * 3 / per_s); // more than five characteristic times
    return hits(run_sum(
        origin_world(per_s, warmup, window_s(samples_of(given, running), per_s), R"("0s")", "", cache, items(given)),
        running));
}

Observed ttl_cache(const OracleCase& given, const Running& running) {
    const double per_s = number(given, "rate_per_s"), ttl = number(given, "ttl_s");
    const std::string cache = fmt::format(R"(, "cache": {{"ttl": {}, "renew_on_hit": {}, "coalesce": false}})",
                                          time_text(ttl), truth(given, "reset_on_hit"));
    return hits(run_sum(
        origin_world(per_s, 5 * ttl, window_s(samples_of(given, running), per_s), R"("0s")", "", cache, items(given)),
        running, times_for(samples_of(given, running), per_s)));
}

/// Which items the requests of a world ask for, as its planner names them to both ends of every connection.
Observed zipf_top(const OracleCase& given, const Running& running) {
    const World world = build_world(
        load_scenario(origin_world(1000, 0, 1, R"("0s")", "", R"(, "cache": {})", items(given)), "oracle.fb.json"));
    const cdn::Planner planner(world.data().world, Draws(1, 0));
    const std::uint64_t top = whole(given, "top"), samples = samples_of(given, running);
    std::uint64_t among_top = 0;
    for (std::uint64_t n = 0; n < samples; ++n) {
        const auto item = static_cast<std::uint32_t>(planner.request({0, static_cast<std::uint32_t>(n)}, 0).item);
        if (item < top) ++among_top;
    }
    return share(among_top, samples);
}

} // namespace

Experiments cache_experiments() {
    return {{"che", che, "policy objects alpha capacity"},
            {"ttl_cache", ttl_cache, "rate_per_s objects alpha ttl_s reset_on_hit"},
            {"zipf_top", zipf_top, "objects alpha top"}};
}

} // namespace firstbyte::validate
