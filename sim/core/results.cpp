#include "firstbyte/results.hpp"

#include "core/check.hpp"

#include <cstddef>

namespace firstbyte {
namespace {

/// Merges two lists index by index; a list that is still empty takes the other's length.
template <class Part>
void merge_lists(std::vector<Part>& into, const std::vector<Part>& from) {
    if (into.size() < from.size()) into.resize(from.size());
    for (std::size_t i = 0; i < from.size(); ++i) into[i].merge(from[i]);
}

} // namespace

const char* name_of(Cause cause) {
    switch (cause) {
    case Cause::Unfinished: return "unfinished";
    case Cause::CacheHit: return "cache_hit";
    case Cause::OriginReplied: return "origin_status";
    case Cause::Refused: return "refused";
    case Cause::ConnectTimeout: return "connect_timeout";
    case Cause::AckTimeout: return "ack_timeout";
    case Cause::ReadTimeout: return "read_timeout";
    case Cause::WriteTimeout: return "write_timeout";
    case Cause::Reset: return "reset";
    case Cause::EmptyReply: return "empty_reply";
    case Cause::StaleReuse: return "stale_reuse";
    case Cause::KeepaliveDead: return "keepalive_dead";
    case Cause::TlsHandshake: return "tls_handshake";
    case Cause::Truncated: return "truncated";
    case Cause::ConnectionReset: return "conn_reset";
    case Cause::ConnectionRefused: return "conn_refused";
    case Cause::ConnectionTimeout: return "conn_timeout";
    case Cause::EndOfFile: return "eof";
    case Cause::EdgeInternal: return "edge_internal";
    case Cause::Reroute: return "reroute";
    case Cause::ClientGone: return "client_gone";
    case Cause::ClientTimeout: return "client_timeout";
    case Cause::RequestTimeout: return "request_timeout";
    case Cause::Dns: return "dns";
    case Cause::Unreachable: return "unreachable";
    case Cause::TlsCertificate: return "tls_cert";
    case Cause::Malformed: return "malformed";
    case Cause::HeaderTooLarge: return "header_too_large";
    case Cause::H2Protocol: return "h2_protocol";
    case Cause::BadEncoding: return "bad_encoding";
    case Cause::OriginFailed: return "origin_5xx";
    case Cause::count_: break;
    }
    invariant_broken("a cause is one of the enumerators", "switch", __FILE__, __LINE__);
}

int status_of(Cause cause) {
    switch (cause) {
    case Cause::CacheHit:
    case Cause::OriginReplied:
    case Cause::Truncated: return 200; // the status line had arrived before the body stopped
    case Cause::RequestTimeout: return 408;
    case Cause::ClientGone: return 499;
    case Cause::EdgeInternal:
    case Cause::BadEncoding:
    case Cause::OriginFailed: return 502;
    case Cause::Reset:
    case Cause::EmptyReply:
    case Cause::StaleReuse:
    case Cause::KeepaliveDead:
    case Cause::Malformed:
    case Cause::HeaderTooLarge:
    case Cause::H2Protocol: return 520;
    case Cause::Refused: return 521;
    case Cause::ConnectTimeout:
    case Cause::AckTimeout: return 522;
    case Cause::ReadTimeout:
    case Cause::WriteTimeout: return 524;
    case Cause::Unreachable: return 523;
    case Cause::TlsHandshake: return 525;
    case Cause::TlsCertificate: return 526;
    case Cause::Dns: return 530;
    case Cause::Unfinished:
    case Cause::ConnectionReset:
    case Cause::ConnectionRefused:
    case Cause::ConnectionTimeout:
    case Cause::EndOfFile:
    case Cause::Reroute:
    case Cause::ClientTimeout: return 0;
    case Cause::count_: break;
    }
    invariant_broken("a cause is one of the enumerators", "switch", __FILE__, __LINE__);
}

int status_of(const OutcomeKey& outcome) { return outcome.status != 0 ? outcome.status : status_of(outcome.cause); }

const char* timer_of(Cause cause) {
    switch (cause) {
    case Cause::ConnectTimeout: return "connect";
    case Cause::AckTimeout: return "ack";
    case Cause::ReadTimeout: return "read";
    case Cause::WriteTimeout: return "write";
    case Cause::KeepaliveDead: return "keepalive";
    case Cause::RequestTimeout: return "request";
    case Cause::ClientGone:
    case Cause::ClientTimeout:
    case Cause::ConnectionTimeout: return "client";
    default: return ""; // a signal, or nothing went wrong
    }
}

const char* name_of(ClientView view) {
    switch (view) {
    case ClientView::Ok: return "ok";
    case ClientView::HttpError: return "http_error";
    case ClientView::ConnRefused: return "conn_refused";
    case ClientView::ConnTimeout: return "conn_timeout";
    case ClientView::ConnReset: return "conn_reset";
    case ClientView::Eof: return "eof";
    case ClientView::Truncated: return "truncated";
    case ClientView::Deadline: return "client_timeout";
    case ClientView::None: return "none";
    }
    invariant_broken("a view is one of the enumerators", "switch", __FILE__, __LINE__);
}

ClientView view_of(const OutcomeKey& outcome) {
    if (outcome.behind == Cause::ClientTimeout) return ClientView::Deadline; // it no longer waited for the answer
    switch (outcome.cause) {
    case Cause::Unfinished: return ClientView::None;
    case Cause::Truncated: return ClientView::Truncated;
    case Cause::ConnectionReset:
    case Cause::Reroute: return ClientView::ConnReset;
    case Cause::ConnectionRefused: return ClientView::ConnRefused;
    case Cause::ConnectionTimeout: return ClientView::ConnTimeout;
    case Cause::EndOfFile: return ClientView::Eof;
    case Cause::ClientGone:
    case Cause::ClientTimeout: return ClientView::Deadline;
    default: break;
    }
    constexpr int first_error = 400; // RFC 9110 section 15
    return status_of(outcome) >= first_error ? ClientView::HttpError : ClientView::Ok;
}

const char* name_of(TfoFallback why) {
    switch (why) {
    case TfoFallback::FirstVisit: return "first_visit";
    case TfoFallback::Unsupported: return "unsupported";
    case TfoFallback::Stripped: return "stripped";
    case TfoFallback::Dropped: return "dropped";
    case TfoFallback::DoesNotFit: return "does_not_fit";
    case TfoFallback::KeyMismatch: return "key_mismatch";
    case TfoFallback::Refused: return "refused";
    case TfoFallback::count_: break;
    }
    invariant_broken("a fallback is one of the enumerators", "switch", __FILE__, __LINE__);
}

void FastOpenCounters::merge(const FastOpenCounters& other) {
    active += other.active;
    active_fail += other.active_fail;
    passive += other.passive;
    passive_fail += other.passive_fail;
    cookie_requested += other.cookie_requested;
    passive_alt_key += other.passive_alt_key;
    listen_overflow += other.listen_overflow;
    blackhole += other.blackhole;
}

void RequestResults::merge(const RequestResults& other) {
    ttfb.merge(other.ttfb);
    request_time.merge(other.request_time);
    for (const auto& [key, count] : other.outcomes) outcomes[key] += count;
}

void ConnectionResults::merge(const ConnectionResults& other) {
    opened += other.opened;
    with_cookie += other.with_cookie;
    syn_data_accepted += other.syn_data_accepted;
    syn_data_ignored += other.syn_data_ignored;
    cookie_requested += other.cookie_requested;
    cookie_granted += other.cookie_granted;
    saved_rtt += other.saved_rtt;
    tfo_penalty.merge(other.tfo_penalty);
    for (std::size_t i = 0; i < fallback.size(); ++i) fallback[i] += other.fallback[i];
    connect.merge(other.connect);
    idle_at_reuse.merge(other.idle_at_reuse);
    probes_answered += other.probes_answered;
    probes_unanswered += other.probes_unanswered;
    dead_after.merge(other.dead_after);
    reused += other.reused;
    retried += other.retried;
    reroute_broken += other.reroute_broken;
    reroute_reset += other.reroute_reset;
    blackhole_broken += other.blackhole_broken;
}

void TimeSeries::merge(const TimeSeries& other) {
    const auto add = [](std::vector<std::uint64_t>& into, const std::vector<std::uint64_t>& from) {
        if (into.size() < from.size()) into.resize(from.size());
        for (std::size_t i = 0; i < from.size(); ++i) into[i] += from[i];
    };
    const auto add_each = [&add](auto& into, const auto& from) {
        if (into.size() < from.size()) into.resize(from.size());
        for (std::size_t i = 0; i < from.size(); ++i) add(into[i], from[i]);
    };
    for (const auto& [status, counts] : other.outcomes) add(outcomes[status], counts);
    add_each(pop_requests, other.pop_requests);
    add_each(origin_busy, other.origin_busy);
    add_each(origin_queue, other.origin_queue);
    add(connections, other.connections);
    add(cookie_hits, other.cookie_hits);
    add(first_bytes, other.first_bytes);
    add(ttfb_ns, other.ttfb_ns);
}

void RouteResults::merge(const RouteResults& other) {
    blackholed += other.blackholed;
    looped += other.looped;
    foreign += other.foreign;
    forwarded += other.forwarded;
}

void OriginResults::merge(const OriginResults& other) {
    requests += other.requests;
    reused += other.reused;
    connections += other.connections;
    retries += other.retries;
    ttfb.merge(other.ttfb);
    idle_at_reuse.merge(other.idle_at_reuse);
    probes_answered += other.probes_answered;
    probes_unanswered += other.probes_unanswered;
    dead_after.merge(other.dead_after);
    lifetime.merge(other.lifetime);
    wait.merge(other.wait);
    rejected += other.rejected;
    executions += other.executions;
    executed_again += other.executed_again;
    repeated_unsafe += other.repeated_unsafe;
}

void CacheResults::merge(const CacheResults& other) {
    hits += other.hits;
    stale_hits += other.stale_hits;
    misses += other.misses;
    coalesced += other.coalesced;
    evictions += other.evictions;
    stored_bytes += other.stored_bytes;
}

void Books::merge(const Books& other) {
    requests_started += other.requests_started;
    requests_ended += other.requests_ended;
    requests_open += other.requests_open;
    connections_opened += other.connections_opened;
    connections_closed += other.connections_closed;
    connections_open += other.connections_open;
    bytes_written += other.bytes_written;
    bytes_delivered += other.bytes_delivered;
    bytes_copied += other.bytes_copied;
}

void ReplicationResults::merge(const ReplicationResults& other) {
    merge_lists(requests, other.requests);
    merge_lists(connections, other.connections);
    merge_lists(routes, other.routes);
    merge_lists(origins, other.origins);
    merge_lists(caches, other.caches);
    for (const auto& [key, example] : other.examples) {
        const auto [at, inserted] = examples.try_emplace(key, example);
        if (!inserted && example.replication < at->second.replication) at->second = example;
    }
    books.merge(other.books);
    timeline.merge(other.timeline);
    client_tfo.merge(other.client_tfo);
    edge_tfo.merge(other.edge_tfo);
    events += other.events;
    fingerprint += other.fingerprint; // chains are added, modulo 2^64
}

} // namespace firstbyte
