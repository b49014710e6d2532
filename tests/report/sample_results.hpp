/// Results made by hand, with numbers that follow from a closed form.
#pragma once

#include "firstbyte/report.hpp"

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

namespace firstbyte::samples {

using namespace std::chrono_literals;

inline Threshold p95_below_250ms() {
    Threshold threshold;
    threshold.expression = "p95(ttfb) < 250ms";
    threshold.aggregate = Threshold::Aggregate::Quantile;
    threshold.quantile = 0.95;
    threshold.metric = "ttfb";
    threshold.op = Threshold::Op::Less;
    threshold.value = 250e6;
    threshold.path = "thresholds[0]";
    threshold.line = 12;
    return threshold;
}

/// The 13-line scenario: one PoP, one origin, one group of clients at 80 ms.
inline Scenario minimal_scenario() {
    Scenario scenario;
    scenario.name = "tfo-minimal";
    scenario.effective_json = R"({"format":1,"name":"tfo-minimal"})";
    scenario.sha256 = std::string(64, 'a');
    scenario.run.duration = 60s;
    scenario.run.seed = 42;
    scenario.run.seed_given = true;
    scenario.client_edge.client.fast_open.enabled = true;
    Pop pop;
    pop.id = "ams";
    scenario.pops = {pop};
    Origin origin;
    origin.id = "web";
    scenario.origins = {origin};
    scenario.workload.objects = {WebObject{}};
    scenario.workload.objects[0].id = "page";
    scenario.thresholds = {p95_below_250ms()};
    return scenario;
}

inline Results one_group(std::size_t replications) {
    Results results;
    results.groups = {{"mobile", "eu", "NL", "ams", 80ms, 200, 1.0}};
    results.objects = {"page"};
    results.origins = {"web"};
    results.replications.resize(replications);
    for (ReplicationResults& replication : results.replications) {
        replication.requests.resize(1);
        replication.connections.resize(1);
        replication.origins.resize(1);
    }
    return results;
}

inline void add_outcome(RequestResults& requests, Cause cause, std::uint64_t times) {
    if (times == 0) return;
    const bool cached = cause == Cause::CacheHit;
    const GeneratedBy by = cause == Cause::OriginReplied ? GeneratedBy::Origin : GeneratedBy::Edge;
    requests.outcomes[{cause, by, cached ? -1 : 0}] += times;
}

/// The 13-line scenario's closed form: 241 ms for a request without a cookie (three round trips and 1 ms), 161 ms with
/// one, 32 ms more for one of ten that misses the cache. 11 952 connections of one request, of which 9 956 carry a
/// cookie; the cookies vary between replications by about five and a half, as those of 200 clients do.
inline Results minimal_results(bool fast_open) {
    constexpr int cookies_beside_mean[] = {-8, -7, -5, -3, -1, 1, 3, 5, 7, 8};
    Results results = one_group(10);
    for (std::size_t r = 0; r < 10; ++r) {
        ReplicationResults& replication = results.replications[r];
        const std::uint64_t connections = r < 2 ? 1196 : 1195; // 11 952 in all
        const std::uint64_t misses = r % 2 == 0 ? 119 : 120;   // 1 195 in all
        const std::uint64_t mean_cookies = r < 6 ? 996 : 995;  // 9 956 in all
        const auto cookies = static_cast<std::uint64_t>(static_cast<int>(mean_cookies) + cookies_beside_mean[r]);
        const std::uint64_t without = fast_open ? connections - cookies : connections;
        const std::uint64_t misses_without = fast_open ? 20 : misses; // one of ten of about 200

        RequestResults& requests = replication.requests[0];
        for (Histogram* times : {&requests.ttfb, &requests.request_time}) {
            times->add(241'000'000, without - misses_without);
            times->add(273'000'000, misses_without);
            times->add(161'000'000, connections - without - (misses - misses_without));
            times->add(193'000'000, misses - misses_without);
        }
        add_outcome(requests, Cause::CacheHit, connections - misses);
        add_outcome(requests, Cause::OriginReplied, misses);

        ConnectionResults& opened = replication.connections[0];
        opened.opened = connections;
        opened.connect.add(80'000'000, without);
        if (fast_open) {
            opened.connect.add(0, cookies);
            opened.with_cookie = opened.syn_data_accepted = opened.saved_rtt = cookies;
            opened.cookie_requested = opened.cookie_granted = without;
            opened.fallback[static_cast<std::size_t>(TfoFallback::FirstVisit)] = without;
        }
        OriginResults& origin = replication.origins[0];
        origin.requests = misses;
        origin.reused = misses - 2; // two connections are opened in each replication: 1 175 of 1 195 reuse one
        origin.connections = 2;
        origin.ttfb.add(32'000'000, misses);
        replication.events = 1000 + r;
        replication.fingerprint = 0x0123456789abcdefULL + r;
    }
    return results;
}

inline VariantResults variant(std::string name, std::string label, bool baseline, const Results& results) {
    return {std::move(name), std::move(label), baseline, &results};
}

inline ReportOptions options(std::uint64_t seed = 42) {
    ReportOptions out;
    out.seed = seed;
    return out;
}

} // namespace firstbyte::samples
