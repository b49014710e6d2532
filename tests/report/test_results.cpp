#include "firstbyte/results.hpp"
#include "report/slice.hpp"

#include <doctest/doctest.h>

#include <map>
#include <set>
#include <string>

using namespace firstbyte;

namespace {

constexpr Cause every_cause[] = {Cause::Unfinished,        Cause::CacheHit,          Cause::OriginReplied,
                                 Cause::Refused,           Cause::ConnectTimeout,    Cause::AckTimeout,
                                 Cause::ReadTimeout,       Cause::WriteTimeout,      Cause::Reset,
                                 Cause::EmptyReply,        Cause::StaleReuse,        Cause::KeepaliveDead,
                                 Cause::TlsHandshake,      Cause::Truncated,         Cause::ConnectionReset,
                                 Cause::ConnectionRefused, Cause::ConnectionTimeout, Cause::EndOfFile,
                                 Cause::EdgeInternal,      Cause::Reroute,           Cause::ClientGone,
                                 Cause::ClientTimeout,     Cause::RequestTimeout,    Cause::Dns,
                                 Cause::Unreachable,       Cause::TlsCertificate,    Cause::Malformed,
                                 Cause::HeaderTooLarge,    Cause::H2Protocol,        Cause::BadEncoding,
                                 Cause::OriginFailed};

} // namespace

TEST_CASE("causes: names, codes and legs follow the outcome decision table") {
    struct Row {
        Cause cause;
        const char* name;
        int status;
        const char* code;
        const char* leg;
    };
    const Row rows[] = {
        {Cause::CacheHit, "cache_hit", 200, "200", ""},                        // row 1
        {Cause::Refused, "refused", 521, "521", "edge_origin"},                // row 5
        {Cause::ConnectTimeout, "connect_timeout", 522, "522", "edge_origin"}, // row 6
        {Cause::TlsHandshake, "tls_handshake", 525, "525", "edge_origin"},     // row 7
        {Cause::AckTimeout, "ack_timeout", 522, "522", "edge_origin"},         // row 10
        {Cause::WriteTimeout, "write_timeout", 524, "524", "edge_origin"},     // row 11
        {Cause::StaleReuse, "stale_reuse", 520, "520", "edge_origin"},         // row 12, retry not allowed
        {Cause::Reset, "reset", 520, "520", "edge_origin"},                    // row 13
        {Cause::EmptyReply, "empty_reply", 520, "520", "edge_origin"},         // row 14
        {Cause::KeepaliveDead, "keepalive_dead", 520, "520", "edge_origin"},   // row 18
        {Cause::ReadTimeout, "read_timeout", 524, "524", "edge_origin"},       // row 19
        {Cause::OriginReplied, "origin_status", 200, "200", "edge_origin"},    // row 22
        {Cause::Truncated, "truncated", 200, "truncated", "edge_origin"},      // after the header
        {Cause::ConnectionReset, "conn_reset", 0, "conn_reset", "client_edge"},
        {Cause::ConnectionRefused, "conn_refused", 0, "conn_refused", "client_edge"},
        {Cause::ConnectionTimeout, "conn_timeout", 0, "conn_timeout", "client_edge"},
        {Cause::EndOfFile, "eof", 0, "eof", "client_edge"},
        {Cause::EdgeInternal, "edge_internal", 502, "502", "edge_origin"}, // row 23
        {Cause::Reroute, "reroute", 0, "conn_reset", "client_edge"},       // 2.4: RST after a catchment shift
        {Cause::Unfinished, "unfinished", 0, "unfinished", ""},
        {Cause::ClientGone, "client_gone", 499, "499", "client_edge"}, // row 2
        {Cause::ClientTimeout, "client_timeout", 0, "client_timeout", "client_edge"},
        {Cause::RequestTimeout, "request_timeout", 408, "408", "client_edge"},
        {Cause::Dns, "dns", 530, "530", "edge_origin"},                         // row 3
        {Cause::Unreachable, "unreachable", 523, "523", "edge_origin"},         // row 4
        {Cause::TlsCertificate, "tls_cert", 526, "526", "edge_origin"},         // row 8
        {Cause::Malformed, "malformed", 520, "520", "edge_origin"},             // row 15
        {Cause::HeaderTooLarge, "header_too_large", 520, "520", "edge_origin"}, // row 16
        {Cause::H2Protocol, "h2_protocol", 520, "520", "edge_origin"},          // row 17
        {Cause::BadEncoding, "bad_encoding", 502, "502", "edge_origin"},        // notes of 2.2
        {Cause::OriginFailed, "origin_5xx", 502, "502", "edge_origin"},         // row 21
    };
    CHECK(std::size(rows) == std::size(every_cause));
    for (const Row& row : rows) {
        CAPTURE(row.name);
        CHECK(std::string(name_of(row.cause)) == row.name);
        CHECK(status_of(row.cause) == row.status);
        CHECK(report::code_of({row.cause}) == row.code);
        CHECK(std::string(report::leg_of(row.cause)) == row.leg);
    }
}

TEST_CASE("names: no two causes and no two fallbacks share one") {
    std::set<std::string> causes, fallbacks;
    for (const Cause cause : every_cause) causes.insert(name_of(cause));
    CHECK(causes.size() == std::size(every_cause));
    const auto count = static_cast<std::size_t>(TfoFallback::count_);
    for (std::size_t i = 0; i < count; ++i) fallbacks.insert(name_of(static_cast<TfoFallback>(i)));
    CHECK(fallbacks.size() == count);
}

namespace {

/// A replication whose every counter is `n` times a different prime.
ReplicationResults replication(std::uint64_t n) {
    ReplicationResults out;
    out.requests.resize(2);
    out.requests[1].ttfb.add(5'000'000, n);
    out.requests[1].request_time.add(7'000'000, 2 * n);
    out.requests[1].outcomes[{Cause::CacheHit, GeneratedBy::Edge, -1}] = 3 * n;
    out.requests[0].outcomes[{Cause::Reset, GeneratedBy::Edge, static_cast<std::int32_t>(n % 2)}] = 5 * n;
    out.requests[1].outcomes[{Cause::Reroute, GeneratedBy::None, -1, static_cast<std::int32_t>(n % 2)}] = 113 * n;
    out.connections.resize(1);
    ConnectionResults& c = out.connections[0];
    c.opened = 7 * n;
    c.with_cookie = 11 * n;
    c.syn_data_accepted = 13 * n;
    c.syn_data_ignored = 17 * n;
    c.cookie_requested = 19 * n;
    c.cookie_granted = 23 * n;
    c.saved_rtt = 29 * n;
    c.reused = 31 * n;
    c.retried = 127 * n;
    c.reroute_broken = 131 * n;
    c.reroute_reset = 137 * n;
    c.blackhole_broken = 139 * n;
    c.fallback.fill(37 * n);
    c.connect.add(1'000, 41 * n);
    c.idle_at_reuse.add(3'000, 167 * n);
    c.probes_answered = 173 * n;
    c.probes_unanswered = 179 * n;
    c.dead_after.add(4'000, 181 * n);
    out.routes.resize(1);
    out.routes[0] = {149 * n, 151 * n, 157 * n, 163 * n};
    out.origins.resize(1);
    out.origins[0].requests = 43 * n;
    out.origins[0].reused = 47 * n;
    out.origins[0].connections = 53 * n;
    out.origins[0].retries = 59 * n;
    out.origins[0].ttfb.add(2'000, 61 * n);
    out.origins[0].idle_at_reuse.add(5'000, 191 * n);
    out.origins[0].probes_answered = 193 * n;
    out.origins[0].probes_unanswered = 197 * n;
    out.origins[0].dead_after.add(6'000, 199 * n);
    out.origins[0].wait.add(7'000, 211 * n);
    out.origins[0].lifetime.add(8'000, 239 * n);
    out.origins[0].rejected = 223 * n;
    out.origins[0].executions = 227 * n;
    out.origins[0].executed_again = 229 * n;
    out.origins[0].repeated_unsafe = 233 * n;
    out.client_tfo = {67 * n, 71 * n, 73 * n, 79 * n, 83 * n};
    out.edge_tfo = {89 * n, 97 * n, 101 * n, 103 * n, 107 * n};
    out.events = 109 * n;
    out.fingerprint = 0x8000'0000'0000'0000ULL + n;
    return out;
}

/// Everything a merge can get wrong, flat.
std::vector<std::uint64_t> numbers(const ReplicationResults& r) {
    std::vector<std::uint64_t> out{r.events, r.fingerprint};
    for (const RequestResults& requests : r.requests) {
        out.insert(out.end(), {requests.ttfb.count(), requests.request_time.count()});
        for (const auto& [key, count] : requests.outcomes) {
            out.insert(out.end(), {static_cast<std::uint64_t>(key.cause), static_cast<std::uint64_t>(key.origin + 1),
                                   static_cast<std::uint64_t>(key.event + 1), count});
        }
    }
    for (const ConnectionResults& c : r.connections) {
        out.insert(out.end(), {c.opened, c.with_cookie, c.syn_data_accepted, c.syn_data_ignored, c.cookie_requested,
                               c.cookie_granted, c.saved_rtt, c.connect.count(), c.reused, c.retried, c.reroute_broken,
                               c.reroute_reset, c.blackhole_broken, c.idle_at_reuse.count(), c.probes_answered,
                               c.probes_unanswered, c.dead_after.count()});
        out.insert(out.end(), c.fallback.begin(), c.fallback.end());
    }
    for (const RouteResults& routes : r.routes)
        out.insert(out.end(), {routes.blackholed, routes.looped, routes.foreign, routes.forwarded});
    for (const OriginResults& o : r.origins) {
        out.insert(out.end(), {o.requests, o.reused, o.connections, o.retries, o.ttfb.count(), o.idle_at_reuse.count(),
                               o.probes_answered, o.probes_unanswered, o.dead_after.count(), o.wait.count(),
                               o.lifetime.count(), o.rejected, o.executions, o.executed_again, o.repeated_unsafe});
    }
    for (const FastOpenCounters& f : {r.client_tfo, r.edge_tfo}) {
        out.insert(out.end(), {f.active, f.active_fail, f.passive, f.passive_fail, f.cookie_requested});
    }
    return out;
}

} // namespace

TEST_CASE("merge: every count is added, whatever the order") {
    ReplicationResults forward, backward;
    for (const std::uint64_t n : {std::uint64_t{2}, std::uint64_t{4}, std::uint64_t{6}}) forward.merge(replication(n));
    for (const std::uint64_t n : {std::uint64_t{6}, std::uint64_t{4}, std::uint64_t{2}}) backward.merge(replication(n));
    CHECK(numbers(forward) == numbers(backward));

    ReplicationResults expected = replication(12);
    expected.fingerprint = 3 * 0x8000'0000'0000'0000ULL + 12; // chains are added modulo 2^64
    CHECK(numbers(forward) == numbers(expected));
}

TEST_CASE("merge: outcomes of different origins stay apart") {
    ReplicationResults merged;
    merged.merge(replication(2)); // origin 0
    merged.merge(replication(3)); // origin 1
    const std::map<OutcomeKey, std::uint64_t> expected{{{Cause::Reset, GeneratedBy::Edge, 0}, 10},
                                                       {{Cause::Reset, GeneratedBy::Edge, 1}, 15}};
    CHECK(merged.requests[0].outcomes == expected);
}
