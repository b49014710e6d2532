#include "report/outcome_facts.hpp"

#include "core/check.hpp"

#include <algorithm>
#include <iterator>

namespace firstbyte::report {

const ErrorFacts* error_facts(int status) {
    // developers.cloudflare.com, "Cloudflare 5xx errors", the table of machine-readable error fields.
    static constexpr ErrorFacts table[] = {
        {500, "", "cloudflare", true, 30}, {502, "", "origin", true, 60},
        {504, "", "origin", true, 120},    {520, "", "origin", true, 60},
        {521, "", "origin", true, 120},    {522, "connection_timeout", "origin", true, 120},
        {523, "", "origin", true, 120},    {524, "", "origin", true, 120},
        {525, "", "ssl", false, 0},        {526, "", "ssl", false, 0},
    };
    const auto row =
        std::find_if(std::begin(table), std::end(table), [&](const ErrorFacts& r) { return r.status == status; });
    return row == std::end(table) ? nullptr : row;
}

const ErrorFacts* error_facts(const OutcomeKey& outcome) {
    if (outcome.generated_by != GeneratedBy::Edge) return nullptr;
    return error_facts(status_of(outcome));
}

std::vector<std::string> settings_of(Cause cause) {
    switch (cause) {
    case Cause::Unfinished: return {"run.duration"};
    case Cause::CacheHit: return {"edge.cache", "edge.cache_hit_ratio"};
    case Cause::OriginReplied: return {"origins[].statuses", "origins[].workers", "origins[].queue"};
    case Cause::OriginFailed: return {"origins[].statuses"};
    case Cause::Refused:
    case Cause::Unreachable: return {"edge.retry.zero_downtime_failover", "edge.health_checks"};
    case Cause::ConnectTimeout:
        return {"edge.timeouts.syn_schedule", "edge.retry.connect_attempts", "edge.retry.zero_downtime_failover"};
    case Cause::AckTimeout: return {"edge.timeouts.ack", "edge.retry.zero_downtime_failover"};
    case Cause::ReadTimeout: return {"edge.timeouts.read", "origins[].service_time", "origins[].heartbeat"};
    case Cause::WriteTimeout: return {"edge.timeouts.write"};
    case Cause::Reset:
    case Cause::EmptyReply: return {"edge.retry.reused_reset"};
    case Cause::StaleReuse:
        return {"edge.origin_pool.idle_timeout", "origins[].idle_timeout", "edge.retry.reused_reset",
                "edge.retry.buffer"};
    case Cause::KeepaliveDead:
        return {"tcp.edge_origin.client.keepalive.idle", "tcp.edge_origin.client.keepalive.interval",
                "tcp.edge_origin.client.keepalive.probes"};
    case Cause::TlsHandshake: return {"edge.timeouts.tls", "edge.retry.zero_downtime_failover"};
    case Cause::TlsCertificate: return {"edge.ssl_mode", "edge.retry.zero_downtime_failover"};
    case Cause::HeaderTooLarge: return {"edge.timeouts.header_limit", "origins[].header"};
    case Cause::Malformed:
    case Cause::H2Protocol:
    case Cause::BadEncoding:
    case Cause::Dns: return {"events[].mode"};
    case Cause::Truncated: return {"edge.timeouts.read", "events[].mode"};
    case Cause::ConnectionReset: return {"clients[].retry_on_reset", "tcp.client_edge.idle_timeout"};
    case Cause::Reroute: return {"clients[].retry_on_reset"};
    case Cause::ConnectionRefused: return {"tcp.client_edge.listeners[].listen"};
    case Cause::ConnectionTimeout: return {"tcp.client_edge.client.syn_retries", "tcp.client_edge.client.data_retries"};
    case Cause::EndOfFile: return {"tcp.client_edge.idle_timeout", "edge.idle_action"};
    case Cause::EdgeInternal: return {"edge.origin_pool.max_idle", "edge.origin_pool.max_connections"};
    case Cause::ClientGone:
    case Cause::ClientTimeout: return {"clients[].deadline"};
    case Cause::RequestTimeout: return {"edge.timeouts.request"};
    case Cause::count_: break;
    }
    invariant_broken("a cause is one of the enumerators", "switch", __FILE__, __LINE__);
}

std::vector<Cause> causes_of(int status) {
    std::vector<Cause> out;
    for (int value = 0; value < static_cast<int>(Cause::count_); ++value) {
        const auto cause = static_cast<Cause>(value);
        if (status_of(cause) == status && cause != Cause::Truncated) out.push_back(cause);
    }
    return out;
}

} // namespace firstbyte::report
