// Pooled connections, and connections that changes of routes break.
#include "core/random.hpp"
#include "oracle_experiments.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>

namespace firstbyte::validate {
namespace {

Observed reused(const OriginResults& got) { return share(got.reused, got.requests); }

std::string idle_timeout(const OracleCase& given) {
    return fmt::format(R"("idle_timeout": {})", time_text(number(given, "idle_timeout_s")));
}

/// Requests that take no time, one pool.
OriginResults pool(const OracleCase& given, const Running& running, std::uint64_t requests, const std::string& origin) {
    const double per_s = number(given, "lambda_per_s"), settled = 3 * number(given, "idle_timeout_s");
    return all_origins(run_sum(origin_world(per_s, settled, window_s(requests, per_s), R"("0s")", origin,
                                            fmt::format(R"(, "origin_pool": {{{}}})", idle_timeout(given))),
                               running, times_for(requests, per_s)));
}

Observed pool_reuse(const OracleCase& given, const Running& running) {
    return reused(pool(given, running, samples_of(given, running), ""));
}

/// One group of clients at each PoP, each with a pool of its own.
Observed pool_split(const OracleCase& given, const Running& running) {
    const double per_s = number(given, "lambda_per_s");
    const std::uint64_t pools = whole(given, "pools");
    std::string pops, rtt, clients;
    for (std::uint64_t n = 0; n < pools; ++n) {
        const char* const comma = n == 0 ? "" : ", ";
        pops += fmt::format(R"({}{{"id": "p{}"}})", comma, n);
        rtt += fmt::format(R"({}"p{}": "0s")", comma, n);
        clients += fmt::format(R"({}{{"id": "c{}", "population": 1, "sessions": {}, "rtt_to": {{"p{}": "0s"}}}})",
                               comma, n, rate_text(per_s / static_cast<double>(pools)), n);
    }
    const std::string text = fmt::format(R"({{
      "format": 1, "name": "oracle", "run": {{"warmup": {}, "duration": {}, "replications": {}}}, "pops": [{}],
      "origins": [{{"id": "o", "rtt_to": {{{}}}, "service_time": "0s", "preset": "go"}}], "clients": [{}],
      "workload": {{"objects": [{{"id": "x", "request": "100B", "response": "1KB"}}]}},
      "tls": "none", "edge": {{"cache_hit_ratio": 0, "processing": "0ms", "origin_pool": {{{}}}}}}})",
                                         time_text(5 * number(given, "idle_timeout_s")),
                                         time_text(window_s(samples_of(given, running), per_s)), replications, pops,
                                         rtt, clients, idle_timeout(given));
    return reused(all_origins(run_sum(text, running, times_for(samples_of(given, running), per_s))));
}

/// How long connections live, or how many requests they serve: the unit says which.
Observed pool_lifetime(const OracleCase& given, const Running& running) {
    std::string origin;
    // A life needs many requests where they come thick: e^(lambda T) of them, or the cap, so that enough lives end.
    double each = std::exp(number(given, "lambda_per_s") * number(given, "idle_timeout_s"));
    for (const char* const cap : {"max_requests", "request_cap", "cap"}) {
        if (!has(given, cap)) continue;
        origin = fmt::format(R"(, "requests_per_connection": {})", whole(given, cap));
        each = std::min(each, number(given, cap));
    }
    constexpr double most = 5e7, margin = 1.02; // as many lives end as requests begin ones, nearly
    const double requests = std::min(margin * static_cast<double>(samples_of(given, running)) * each, most);
    const OriginResults got = pool(given, running, static_cast<std::uint64_t>(requests), origin);
    if (given.unit.find("request") != std::string::npos)
        return {static_cast<double>(got.requests) / static_cast<double>(got.connections), got.connections};
    return mean_s(got.lifetime);
}

Observed pool_mru(const OracleCase& given, const Running& running) {
    const double per_s = number(given, "lambda_per_s"), hold = number(given, "mean_hold_s"),
                 idle = number(given, "idle_timeout_s");
    const std::string policy = word(given, "policy", "MRU LRU");
    const std::string edge =
        fmt::format(R"(, "timeouts": {{"read": "100000s"}}, "origin_pool": {{{}, "max_idle": 1000000, "pick": "{}"}})",
                    idle_timeout(given), policy == "MRU" ? "lifo" : "fifo");
    const OriginResults got =
        all_origins(run_sum(origin_world(per_s, 10 * (hold + idle), window_s(samples_of(given, running), per_s),
                                         exponential_text(hold), "", edge),
                            running, times_for(samples_of(given, running), per_s)));
    return share(got.requests - got.reused, got.requests);
}

/// So many PoPs that hardly ever the flips of one transfer bring its client back to where it began: the chance of a
/// Poisson count of 4 + 8 x or more, x expected, is below 1 in 100,000 for every x.
int pops_for(double flips_expected) {
    constexpr double least = 4, per_flip = 8, most = 100;
    return static_cast<int>(std::ceil(std::min(least + per_flip * flips_expected, most)));
}

/// Flips of the clients' route as a Poisson process: each makes the next PoP the one that their network prefers.
std::string flips(double per_s, double duration_s, int pops, std::uint64_t draw) {
    const Draws draws(1, 0);
    std::string events;
    double at = 0;
    int now = 0;
    for (std::uint64_t n = 0;; ++n) {
        at -= std::log(draws.uniform(Stream::SessionGap, static_cast<std::uint32_t>(draw), n)) / per_s;
        if (at >= duration_s) return events;
        const int next = (now + 1) % pops;
        constexpr int near = 0, far = 5; // times that a PoP prepends its AS
        for (const auto& [pop, prepended] : {std::pair{next, near}, std::pair{now, far}})
            events += fmt::format(R"({}{{"at": "{}ms", "do": "prepend", "pop": "p{}", "value": {}}})",
                                  events.empty() ? "" : ", ", std::llround(at * 1e3), pop, prepended);
        now = next;
    }
}

/// Connections of one length, each of two requests: the second finds out whether its PoP has been left.
Observed flip_break(const OracleCase& given, const Running& running) {
    const double per_s = number(given, "flip_rate_per_s"), length = number(given, "duration_s");
    // All clients flip together, so it is the flips that leave most to chance: their standard error is to be a quarter
    // of the tolerance. A scenario lasts ten years at most, and holds some thousands.
    constexpr double most_each = 2500, longest_s = 3e8;
    const double tolerance = std::max(given.relative_tolerance, 1e-3);
    const double wanted = 16 / (tolerance * tolerance) * running.scale;
    const double each = std::min({most_each, longest_s * per_s, wanted});
    const auto runs = static_cast<std::uint64_t>(std::ceil(wanted / each));
    const double duration = std::ceil(each / per_s);
    constexpr double margin = 1.02; // a Poisson count may stay below its mean
    const double sessions_per_s =
        margin * static_cast<double>(samples_of(given, running)) / (static_cast<double>(runs) * duration);
    std::string pops, links;
    const int pops_count = pops_for(per_s * length);
    constexpr int clients_as = 1000;
    for (int n = 0; n < pops_count; ++n) {
        pops += fmt::format(R"({}{{"id": "p{}", "upstreams": [{}], "prepend": {}}})", n == 0 ? "" : ", ", n, n + 10,
                            n == 0 ? 0 : 5);
        links += fmt::format("[1, {}], ", n + 10);
    }
    std::vector<std::string> scenarios;
    for (std::uint64_t run = 0; run < runs; ++run)
        scenarios.push_back(fmt::format(
            R"({{
      "format": 1, "name": "oracle", "run": {{"duration": {}, "replications": 1, "seed": {}}},
      "topology": {{"links": [{}[1, {}]], "bgp": {{"mrai": "0s", "processing": "0s", "tie_break": "lowest_asn"}}}},
      "anycast": {{"asn": 64500}}, "pops": [{}],
      "clients": [{{"id": "c", "asn": {}, "population": 1000, "sessions": {}, "retry_on_reset": 0}}],
      "workload": {{"requests_per_session": 2, "think_time": {}, "objects": [{{"id": "x", "method": "POST", "request": "100B", "response": "100B"}}]}},
      "tls": "none", "tcp": {{"client_edge": {{"idle_timeout": "1000000s"}}}}, "edge": {{"cache_hit_ratio": 1, "processing": "0ms"}}, "events": [{}],
      "allow": ["W501"]}})",
            time_text(duration), run + 1, links, clients_as, pops, clients_as, rate_text(sessions_per_s),
            time_text(length), flips(per_s, duration, pops_count, run)));
    // Sessions are counted, not connections: after a break there may be a second one, which is no transfer asked about.
    std::uint64_t broken = 0, requests = 0;
    for (const ReplicationResults& one : run_each(scenarios, running, 1)) {
        broken += all_connections(one).reroute_broken;
        requests += ended(all_requests(one));
    }
    return share(broken, requests / 2);
}

} // namespace

Experiments pool_experiments() {
    return {{"pool_reuse", pool_reuse, "lambda_per_s idle_timeout_s"},
            {"pool_split", pool_split, "lambda_per_s idle_timeout_s pools"},
            {"pool_lifetime", pool_lifetime, "lambda_per_s idle_timeout_s max_requests request_cap cap"},
            {"pool_mru", pool_mru, "lambda_per_s mean_hold_s idle_timeout_s policy"},
            {"flip_break", flip_break, "flip_rate_per_s duration_s"}};
}

} // namespace firstbyte::validate
