/// Memory comes from slabs: in the steady state nothing is allocated per packet or per request (docs/architecture.md,
/// "What the hot path looks like").

#include "firstbyte/results.hpp"
#include "firstbyte/scenario.hpp"
#include "firstbyte/simulate.hpp"
#include "firstbyte/world.hpp"
#include "support/allocation_counter.hpp"

#include <doctest/doctest.h>

#include <cstdint>
#include <string>

namespace firstbyte {
namespace {

struct Cost {
    std::uint64_t requests = 0;
    std::uint64_t allocations = 0; ///< made by simulate(), the world not counted
};

Cost cost_of(const std::string& duration) {
    const std::string text = R"({
        "format": 1,
        "name": "allocation",
        "run": { "duration": ")" +
                             duration + R"(", "seed": 1, "replications": 1 },
        "pops": [ { "id": "ams" } ],
        "origins": [ { "id": "web", "rtt_to": { "ams": "12ms" }, "service_time": "20ms" } ],
        "clients": [ { "id": "mobile", "rtt_to": { "ams": "80ms" }, "population": 50, "sessions": "50/s" } ],
        "tls": "1.3",
        "edge": { "cache_hit_ratio": 0.5, "processing": "1ms" },
        "tcp": { "client_edge": { "fast_open": true } }
    })";
    const World world = build_world(load_scenario(text, "allocation.fb.json"));
    const std::uint64_t before = support::allocations();
    const Results results = simulate(world, {});
    Cost cost{0, support::allocations() - before};
    for (const RequestResults& requests : results.replications.at(0).requests) cost.requests += requests.ttfb.count();
    return cost;
}

} // namespace

TEST_CASE("allocation: a longer run of the same load allocates nothing per request") {
    if (!support::allocations_counted()) return;
    const Cost settled = cost_of("60s");
    const Cost longer = cost_of("240s");
    const std::uint64_t more_requests = longer.requests - settled.requests;
    CAPTURE(settled.allocations);
    CAPTURE(longer.allocations);
    CAPTURE(more_requests);
    REQUIRE(settled.allocations > 0); // else nothing is counted
    REQUIRE(more_requests > 5'000);   // 50 sessions a second for 180 s more, one request each
    // A slab or a histogram page may still be added when a new maximum is reached; that is rare and not per request.
    CHECK(longer.allocations - settled.allocations < more_requests / 100);
}

} // namespace firstbyte
