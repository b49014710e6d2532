// Scenarios that the experiments have in common, and how they are run.
#include "oracle_experiments.hpp"

#include <fmt/format.h>

namespace firstbyte::validate {

ReplicationResults run_sum(const std::string& text, const OracleOptions& options, int replications) {
    SimulateOptions simulating;
    simulating.seed = 1;
    simulating.jobs = options.jobs;
    simulating.replications = replications;
    const Results results = simulate(build_world(load_scenario(text, "oracle.fb.json")), simulating);
    ReplicationResults sum;
    for (const ReplicationResults& one : results.replications) sum.merge(one);
    return sum;
}

Results run_traced(const std::string& text, std::uint32_t connections, std::uint64_t seed) {
    SimulateOptions simulating;
    simulating.seed = seed;
    simulating.trace.enabled = true;
    simulating.trace.first = connections;
    simulating.trace.first_given = true;
    return simulate(build_world(load_scenario(text, "oracle.fb.json")), simulating);
}

RequestResults all_requests(const ReplicationResults& results) {
    RequestResults all;
    for (const RequestResults& requests : results.requests) all.merge(requests);
    return all;
}

std::uint64_t ended(const RequestResults& requests) {
    std::uint64_t count = 0;
    for (const auto& [outcome, times] : requests.outcomes) count += times;
    return count;
}

std::uint64_t count_of(const RequestResults& requests, Cause cause) {
    std::uint64_t count = 0;
    for (const auto& [outcome, times] : requests.outcomes) count += outcome.cause == cause ? times : 0;
    return count;
}

double event_s(const TraceConnection& trace, const std::string& name) {
    for (const auto& [what, at] : trace.events)
        if (what == name) return to_seconds(at - trace.start);
    return -1;
}

std::string cached_world(const std::string& clients, const std::string& leg, double duration_s, std::int64_t response,
                         const std::string& events) {
    return fmt::format(R"({{
      "format": 1, "name": "oracle", "run": {{"duration": "{}s", "replications": 1}}, "pops": [{{"id": "p"}}],
      "clients": [{}], "workload": {{"objects": [{{"id": "o", "request": "400B", "response": "{}B"}}]}},
      "tls": "none", "edge": {{"cache_hit_ratio": 1, "processing": "0ms"}}, "events": [{}],
      "tcp": {{"client_edge": {{{}}}}}}})",
                       duration_s, clients, response, events, leg);
}

std::string origin_world(double rate_per_s, double warmup_s, double duration_s, const std::string& service,
                         const std::string& origin, const std::string& edge, const std::string& object) {
    return fmt::format(R"({{
      "format": 1, "name": "oracle", "run": {{"warmup": "{}s", "duration": "{}s", "replications": 1}}, "pops": [{{"id": "p"}}],
      "origins": [{{"id": "o", "rtt_to": {{"p": "0s"}}, "service_time": {}, "preset": "go"{}}}],
      "clients": [{{"id": "c", "population": 1, "sessions": "{}/s", "rtt_to": {{"p": "0s"}}}}],
      "workload": {{"objects": [{{"id": "x", "request": "100B", "response": "1KB"{}}}]}},
      "tls": "none", "edge": {{"cache_hit_ratio": 0, "processing": "0ms"{}}}}})",
                       warmup_s, duration_s, service, origin, rate_per_s, object, edge);
}

} // namespace firstbyte::validate
