// Closed formulas of the edge: read timeouts and pooled connections.
#include "support/oracles.hpp"

using namespace firstbyte;
using namespace firstbyte::test;

TEST_CASE("oracle: share of 524 where the service time passes the read timeout") {
    for (const nlohmann::json& c : cases_of("p524")) {
        const nlohmann::json& in = c["inputs"];
        // A queue in front of the origin is another subject; 14 million samples are too many for a test of every day.
        if (in["dist"] == "mm1_response" || c["min_samples"].get<std::uint64_t>() > 1'000'000) continue;
        const std::string service =
            in["dist"] == "exponential"
                ? fmt::format(R"({{"dist": "exponential", "mean": "{}s"}})", in["mean_s"].get<double>())
                : fmt::format(R"({{"dist": "lognormal", "median": "{}s", "sigma": {}}})", in["median_s"].get<double>(),
                              in["sigma"].get<double>());
        const Results results = run_scenario(fmt::format(R"({{
          "format": 1, "name": "p524", "run": {{"duration": "3000s", "replications": 1, "seed": 7}}, "pops": [{{"id": "p"}}],
          "origins": [{{"id": "o", "rtt_to": {{"p": "1ms"}}, "service_time": {}}}],
          "clients": [{{"id": "c", "population": 1000, "sessions": "40/s", "rtt_to": {{"p": "1ms"}}}}],
          "workload": {{"objects": [{{"id": "x", "request": "100B", "response": "100B"}}]}},
          "tls": "none", "edge": {{"cache_hit_ratio": 0, "timeouts": {{"read": "{}s"}}}}}})",
                                                         service, in["limit_s"].get<int>()));
        const RequestResults all = all_requests(results);
        const auto late = all.outcomes.find({Cause::ReadTimeout, GeneratedBy::Edge, 0});
        REQUIRE(late != all.outcomes.end());
        check(c, static_cast<double>(late->second) / static_cast<double>(all.ttfb.count()));
    }
}

TEST_CASE("oracle: reuse of a pooled connection under Poisson requests") {
    for (const nlohmann::json& c : cases_of("pool_reuse")) {
        const nlohmann::json& in = c["inputs"];
        const double lambda = in["lambda_per_s"];
        const Results results = run_scenario(fmt::format(R"({{
          "format": 1, "name": "pool", "run": {{"duration": "{:.0f}s", "replications": 4, "seed": 3}}, "pops": [{{"id": "p"}}],
          "origins": [{{"id": "o", "rtt_to": {{"p": "1ms"}}, "service_time": "1ms", "idle_timeout": "100000s"}}],
          "clients": [{{"id": "c", "population": 1000, "sessions": "{}/s", "rtt_to": {{"p": "1ms"}}}}],
          "tls": "none", "edge": {{"cache_hit_ratio": 0, "origin_pool": {{"idle_timeout": "{}s"}}}}}})",
                                                         20'000 / lambda, lambda, in["idle_timeout_s"].get<int>()));
        double reused = 0, requests = 0;
        for (const ReplicationResults& r : results.replications) {
            reused += static_cast<double>(r.origins[0].reused);
            requests += static_cast<double>(r.origins[0].requests);
        }
        check(c, reused / requests);
    }
}
