/// Uses the installed library as a stranger would: a scenario from a string, a run, one number.

#include "firstbyte/results.hpp"
#include "firstbyte/scenario.hpp"
#include "firstbyte/simulate.hpp"
#include "firstbyte/world.hpp"

#include <cstdint>
#include <iostream>

int main() {
    // One PoP 80 ms away that answers everything from its cache at once; a request takes a handshake and an exchange.
    const char* text = R"({
        "format": 1,
        "name": "consumer",
        "run": { "duration": "10s", "seed": 42, "replications": 2 },
        "pops": [ { "id": "ams" } ],
        "origins": [ { "id": "web", "rtt_to": { "ams": "12ms" }, "service_time": "0s" } ],
        "clients": [ { "id": "mobile", "rtt_to": { "ams": "80ms" }, "population": 10, "sessions": "5/s" } ],
        "tls": "none",
        "edge": { "cache_hit_ratio": 1, "processing": "0s" }
    })";
    try {
        const firstbyte::Scenario scenario = firstbyte::load_scenario(text, "consumer.fb.json");
        const firstbyte::World world = firstbyte::build_world(scenario);
        const firstbyte::Results results = firstbyte::simulate(world, {});
        firstbyte::Histogram ttfb;
        for (const firstbyte::ReplicationResults& replication : results.replications) {
            for (const firstbyte::RequestResults& requests : replication.requests) ttfb.merge(requests.ttfb);
        }
        std::cout << ttfb.quantile(0.5) << '\n';
    } catch (const firstbyte::ScenarioError& error) {
        std::cerr << error.what() << '\n';
        return 1;
    }
}
