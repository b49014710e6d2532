// Queues at origins, deadlines, caches, pools, and connections that routes break.
#include "cdn/plan.hpp"
#include "core/random.hpp"
#include "oracle_experiments.hpp"
#include "run/world_data.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>

namespace firstbyte::validate {
namespace {

constexpr int replications = 8;

/// Length of one replication in which so many requests come, in s.
double window_s(std::uint64_t samples, double rate_per_s) {
    return std::ceil(static_cast<double>(samples) / rate_per_s / replications);
}

std::string exponential(double mean_s) {
    return fmt::format(R"({{"dist": "exponential", "mean": "{}ns"}})", std::llround(mean_s * 1e9));
}

/// An origin with workers: what it keeps of its queue.
OriginResults queue(const OracleCase& given, const OracleOptions& options, double rate, const std::string& service,
                    int workers, double utilisation, const std::string& more = "") {
    // Until the queue forgets its empty start: 20 / (mu (1 - rho)^2), the family's words on validity.
    const double mu = rate / (utilisation * workers), gap = std::max(1 - utilisation, 0.02);
    const double warmup = std::ceil(20 / (mu * gap * gap));
    const std::string text = origin_world(rate, warmup, window_s(samples_of(given, options), rate), service,
                                          fmt::format(R"(, "workers": {}{})", workers, more), "");
    return run_sum(text, options, replications).origins.at(0);
}

Observed wait_of(const OriginResults& origin) { return {origin.wait.mean() / 1e9, origin.wait.count(), "", 0, {}}; }

Observed mm1(const OracleCase& given, const OracleOptions& options) {
    const double rate = number(given, "lambda_per_s"), mu = number(given, "mu_per_s");
    const OriginResults got = queue(given, options, rate, exponential(1 / mu), 1, rate / mu);
    return {got.ttfb.mean() / 1e9, got.ttfb.count(), "", 0, {}}; // waiting and service; the way takes no time
}

Observed mmc(const OracleCase& given, const OracleOptions& options) {
    const double rate = number(given, "lambda_per_s"), mu = number(given, "mu_per_s");
    const int servers = given.inputs.at("servers").get<int>();
    return wait_of(queue(given, options, rate, exponential(1 / mu), servers, rate / mu / servers));
}

Observed md1(const OracleCase& given, const OracleOptions& options) {
    const double rate = number(given, "lambda_per_s"), mu = number(given, "mu_per_s");
    return wait_of(queue(given, options, rate, fmt::format(R"("{}ns")", std::llround(1e9 / mu)), 1, rate / mu));
}

Observed mg1_lognormal(const OracleCase& given, const OracleOptions& options) {
    const double rate = number(given, "lambda_per_s"), mean = number(given, "mean_service_s"),
                 sigma = number(given, "sigma");
    const double median = mean * std::exp(-sigma * sigma / 2);
    const std::string service =
        fmt::format(R"({{"dist": "lognormal", "median": "{}ns", "sigma": {}}})", std::llround(median * 1e9), sigma);
    return wait_of(queue(given, options, rate, service, 1, rate * mean));
}

/// The capacity counts the request in service; what finds no room gets 503 and does not come again.
Observed mm1k(const OracleCase& given, const OracleOptions& options) {
    constexpr double mu = 100;
    const double rho = number(given, "rho");
    const int capacity = given.inputs.at("capacity").get<int>();
    const OriginResults got = queue(given, options, rho * mu, exponential(1 / mu), 1, std::min(rho, 0.8),
                                    fmt::format(R"(, "queue": {})", capacity - 1));
    const std::uint64_t all = got.rejected + got.executions;
    return {static_cast<double>(got.rejected) / static_cast<double>(all), all, "", 0, {}};
}

/// Requests that the read timer cuts off. A worker goes on with what was given up.
Observed p524(const OracleCase& given, const OracleOptions& options) {
    const auto kind = given.inputs.at("dist").get<std::string>();
    const std::uint64_t samples = samples_of(given, options);
    std::string service, origin;
    double rate = 1000, warmup = 0;
    if (kind == "exponential") {
        service = exponential(number(given, "mean_s"));
    } else if (kind == "mm1_response") {
        const double mu = number(given, "mu_per_s");
        rate = number(given, "lambda_per_s");
        service = exponential(1 / mu);
        origin = R"(, "workers": 1)";
        warmup = std::ceil(20 / (mu * (1 - rate / mu) * (1 - rate / mu)));
    } else {
        service = fmt::format(R"({{"dist": "lognormal", "median": "{}s", "sigma": {}}})", number(given, "median_s"),
                              number(given, "sigma"));
    }
    // Keepalive probes say nothing here and cost events.
    const std::string edge = fmt::format(R"(, "timeouts": {{"read": "{}s"}}, "origin_pool": {{"max_idle": 1000000}})",
                                         number(given, "limit_s"));
    const std::string text = origin_world(rate, warmup, window_s(samples, rate), service, origin, edge);
    const RequestResults all = all_requests(run_sum(text, options, replications));
    const std::uint64_t count = ended(all);
    return {static_cast<double>(count_of(all, Cause::ReadTimeout)) / static_cast<double>(count), count, "", 0, {}};
}

std::string items(const OracleCase& given) {
    return fmt::format(R"(, "items": {}, "zipf": {})", given.inputs.at("objects").get<int>(), number(given, "alpha"));
}

Observed hits(const CacheResults& cache) {
    const std::uint64_t asked = cache.hits + cache.misses;
    return {static_cast<double>(cache.hits) / static_cast<double>(asked), asked, "", 0, {}};
}

/// Objects of 1 kB in a cache of so many; the start, until it is full and settled, does not count.
Observed che(const OracleCase& given, const OracleOptions& options) {
    const auto policy = given.inputs.at("policy").get<std::string>();
    if (policy != "LRU" && policy != "FIFO") return {0, 0, "a cache makes room by LRU or FIFO", 0, {}};
    constexpr double rate = 1000;
    const double capacity = number(given, "capacity"), objects = number(given, "objects");
    const std::string cache = fmt::format(R"(, "cache": {{"capacity": "{:.0f}KB", "policy": "{}", "coalesce": false}})",
                                          capacity, policy == "LRU" ? "lru" : "fifo");
    const double warmup = std::ceil(std::max(10 * capacity, objects) * 3 / rate); // more than five characteristic times
    const std::string text =
        origin_world(rate, warmup, window_s(samples_of(given, options), rate), R"("0s")", "", cache, items(given));
    return hits(run_sum(text, options, replications).caches.at(0));
}

Observed ttl_cache(const OracleCase& given, const OracleOptions& options) {
    const double rate = number(given, "rate_per_s"), ttl = number(given, "ttl_s");
    const std::string cache = fmt::format(R"(, "cache": {{"ttl": "{}s", "renew_on_hit": {}, "coalesce": false}})", ttl,
                                          given.inputs.at("reset_on_hit").get<bool>());
    const std::string text =
        origin_world(rate, 5 * ttl, window_s(samples_of(given, options), rate), R"("0s")", "", cache, items(given));
    return hits(run_sum(text, options, replications).caches.at(0));
}

/// Which items the requests of a world ask for, as its planner names them to both ends of every connection.
Observed zipf_top(const OracleCase& given, const OracleOptions& options) {
    const World world = build_world(
        load_scenario(origin_world(1000, 0, 1, R"("0s")", "", R"(, "cache": {})", items(given)), "oracle.fb.json"));
    const cdn::Planner planner(world.data().world, Draws(1, 0));
    const auto top = given.inputs.at("top").get<std::uint32_t>();
    const auto samples = static_cast<std::uint32_t>(samples_of(given, options));
    std::uint64_t among_top = 0;
    for (std::uint32_t n = 0; n < samples; ++n)
        if (static_cast<std::uint32_t>(planner.request({0, n}, 0).item) < top) ++among_top;
    return {static_cast<double>(among_top) / samples, samples, "", 0, {}};
}

OriginResults pool(const std::string& text, const OracleOptions& options) {
    const ReplicationResults sum = run_sum(text, options, replications);
    OriginResults all;
    for (const OriginResults& origin : sum.origins) all.merge(origin);
    return all;
}

Observed pool_reuse(const OracleCase& given, const OracleOptions& options) {
    const double rate = number(given, "lambda_per_s"), idle = number(given, "idle_timeout_s");
    const std::string text = origin_world(rate, 0, window_s(samples_of(given, options), rate), R"("0s")", "",
                                          fmt::format(R"(, "origin_pool": {{"idle_timeout": "{}s"}})", idle));
    const OriginResults got = pool(text, options);
    return {static_cast<double>(got.reused) / static_cast<double>(got.requests), got.requests, "", 0, {}};
}

/// One group of clients at each PoP, each with a pool of its own.
Observed pool_split(const OracleCase& given, const OracleOptions& options) {
    const double rate = number(given, "lambda_per_s");
    const int pools = given.inputs.at("pools").get<int>();
    std::string pops, rtt, clients;
    for (int n = 0; n < pools; ++n) {
        const char* const comma = n == 0 ? "" : ", ";
        pops += fmt::format(R"({}{{"id": "p{}"}})", comma, n);
        rtt += fmt::format(R"({}"p{}": "0s")", comma, n);
        clients += fmt::format(R"({}{{"id": "c{}", "population": 1, "sessions": "{}/s", "rtt_to": {{"p{}": "0s"}}}})",
                               comma, n, rate / pools, n);
    }
    const std::string text =
        fmt::format(R"({{
      "format": 1, "name": "oracle", "run": {{"warmup": "{}s", "duration": "{}s", "replications": 1}}, "pops": [{}],
      "origins": [{{"id": "o", "rtt_to": {{{}}}, "service_time": "0s", "preset": "go"}}], "clients": [{}],
      "workload": {{"objects": [{{"id": "x", "request": "100B", "response": "1KB"}}]}},
      "tls": "none", "edge": {{"cache_hit_ratio": 0, "processing": "0ms", "origin_pool": {{"idle_timeout": "{}s"}}}}}})",
                    5 * number(given, "idle_timeout_s"), window_s(samples_of(given, options), rate), pops, rtt, clients,
                    number(given, "idle_timeout_s"));
    const OriginResults got = pool(text, options);
    return {static_cast<double>(got.reused) / static_cast<double>(got.requests), got.requests, "", 0, {}};
}

Observed pool_lifetime(const OracleCase& given, const OracleOptions& options) {
    const double rate = number(given, "lambda_per_s"), idle = number(given, "idle_timeout_s");
    const std::string origin =
        given.inputs.contains("max_requests")
            ? fmt::format(R"(, "requests_per_connection": {})", given.inputs.at("max_requests").get<int>())
            : "";
    // Lives are fewer than requests: as many requests as make the lives asked for.
    const double requests_each = std::exp(rate * idle);
    const auto requests = static_cast<std::uint64_t>(static_cast<double>(samples_of(given, options)) * requests_each);
    const std::string text = origin_world(rate, 0, window_s(requests, rate), R"("0s")", origin,
                                          fmt::format(R"(, "origin_pool": {{"idle_timeout": "{}s"}})", idle));
    const OriginResults got = pool(text, options);
    if (given.unit.find("request") != std::string::npos)
        return {static_cast<double>(got.requests) / static_cast<double>(got.connections), got.connections, "", 0, {}};
    return {got.lifetime.mean() / 1e9, got.lifetime.count(), "", 0, {}};
}

Observed pool_mru(const OracleCase& given, const OracleOptions& options) {
    const double rate = number(given, "lambda_per_s"), hold = number(given, "mean_hold_s"),
                 idle = number(given, "idle_timeout_s");
    const bool mru = given.inputs.value("policy", "MRU") == "MRU";
    const std::string edge = fmt::format(
        R"(, "timeouts": {{"read": "100000s"}}, "origin_pool": {{"idle_timeout": "{}s", "max_idle": 1000000, "pick": "{}"}})",
        idle, mru ? "lifo" : "fifo");
    const std::string text =
        origin_world(rate, 10 * (hold + idle), window_s(samples_of(given, options), rate), exponential(hold), "", edge);
    const OriginResults got = pool(text, options);
    return {1 - static_cast<double>(got.reused) / static_cast<double>(got.requests), got.requests, "", 0, {}};
}

/// Connections of one length, and flips of the clients' route as a Poisson process: each flip is a change of the PoP
/// that the client's network prefers, by prepending.
Observed flip_break(const OracleCase& given, const OracleOptions& options) {
    const double flips_per_s = number(given, "flip_rate_per_s"), length = number(given, "duration_s");
    // So many flips are enough for a standard error of a quarter of the tolerance; connections between them are cheap.
    const double flips =
        std::min(4000.0, 16 / (given.relative_tolerance * given.relative_tolerance)) * std::max(options.scale, 0.1);
    const double duration = std::ceil(flips / flips_per_s);
    constexpr double most_connections = 100'000;
    const double sessions = std::min(static_cast<double>(samples_of(given, options)), most_connections) / duration;
    const Draws draws(1, 0);
    std::string events;
    double at = 0;
    bool away = false;
    for (std::uint64_t n = 0;; ++n) {
        at -= std::log(draws.uniform(Stream::SessionGap, 1, n)) / flips_per_s;
        if (at >= duration) break;
        away = !away;
        events += fmt::format(R"({}{{"at": "{}ms", "do": "prepend", "pop": "a", "value": {}}})",
                              events.empty() ? "" : ", ", std::llround(at * 1e3), away ? 5 : 0);
    }
    const std::string text = fmt::format(R"({{
      "format": 1, "name": "oracle", "run": {{"duration": "{:.0f}s", "replications": 1}},
      "topology": {{"links": [[1, 10], [1, 20], [1, 30]], "bgp": {{"mrai": "0s", "processing": "0s", "tie_break": "lowest_asn"}}}},
      "anycast": {{"asn": 64500}}, "pops": [{{"id": "a", "upstreams": [10]}}, {{"id": "b", "upstreams": [20], "prepend": 2}}],
      "clients": [{{"id": "c", "asn": 30, "population": 1000, "sessions": "{}/s", "retry_on_reset": 0}}],
      "workload": {{"requests_per_session": 2, "think_time": "{}s", "objects": [{{"id": "x", "method": "POST", "request": "100B", "response": "100B"}}]}},
      "tls": "none", "tcp": {{"client_edge": {{"idle_timeout": "100000s"}}}}, "edge": {{"cache_hit_ratio": 1, "processing": "0ms"}}, "events": [{}],
      "allow": ["W501"]}})",
                                         duration, sessions, length, events);
    const ReplicationResults got = run_sum(text, options);
    ConnectionResults all;
    for (const ConnectionResults& one : got.connections) all.merge(one);
    return {static_cast<double>(all.reroute_broken) / static_cast<double>(all.opened), all.opened, "", 0, {}};
}

} // namespace

Experiments edge_experiments() {
    return {{"mm1", mm1},
            {"mmc", mmc},
            {"md1", md1},
            {"mg1_lognormal", mg1_lognormal},
            {"mm1k", mm1k},
            {"p524", p524},
            {"che", che},
            {"ttl_cache", ttl_cache},
            {"zipf_top", zipf_top},
            {"pool_reuse", pool_reuse},
            {"pool_split", pool_split},
            {"pool_lifetime", pool_lifetime},
            {"pool_mru", pool_mru},
            {"flip_break", flip_break}};
}

} // namespace firstbyte::validate
