// Local ports of the edge towards an origin: 28,232 of them (Linux ip_local_port_range), taken until TIME-WAIT ends.
#include "support/simulation.hpp"

using namespace firstbyte;
using namespace firstbyte::test;

namespace {

/// 1,000 requests a second for 32 s, each on an origin connection of its own that the edge closes.
RequestResults outcomes(const std::string& time_wait, const std::string& pool) {
    return all_requests(run_scenario(R"({
        "format": 1, "name": "ports", "run": { "duration": "32s", "seed": 1, "replications": 1 },
        "pops": [ { "id": "ams" } ],
        "origins": [ { "id": "web", "rtt_to": { "ams": "10ms" }, "service_time": "0ms" } ],
        "clients": [ { "id": "eu", "rtt_to": { "ams": "10ms" }, "population": 100, "sessions": "1000/s" } ],
        "workload": { "objects": [ { "id": "api", "response": "500B" } ] },
        "tls": "none",
        "edge": { "cache_hit_ratio": 0, "processing": "0ms", "origin_pool": { "max_idle": )" +
                                     pool + R"( } },
        "tcp": { "edge_origin": { "client": { "time_wait": ")" +
                                     time_wait + R"(" } } }
    })"));
}

} // namespace

TEST_CASE("local ports: when all are taken the edge answers 502 itself") {
    const RequestResults results = outcomes("1h", "0");
    CHECK(results.outcomes.at({Cause::OriginReplied, GeneratedBy::Origin, 0}) == 28'232); // TIME-WAIT outlasts the run
    CHECK(results.outcomes.at({Cause::EdgeInternal, GeneratedBy::Edge, 0}) > 3'000);
    CHECK(results.outcomes.size() == 2);
}

TEST_CASE("local ports: a shorter TIME-WAIT or a pool leaves enough of them") {
    CHECK(outcomes("20s", "0").outcomes.size() == 1);
    CHECK(outcomes("1h", "64").outcomes.size() == 1);
}
