// The exchange with an origin: TLS, the request, its timers, the response.
#include "cdn/edge.hpp"
#include "cdn/edge_kinds.hpp"
#include "cdn/outcome.hpp"
#include "core/check.hpp"

#include <algorithm>

namespace firstbyte::cdn {

void EdgeServer::on_upstream_notice(const net::HostNotice& n) {
    const std::uint32_t index = n.slot.index;
    Upstream& up = upstreams_[index];
    switch (n.notice.kind) {
    case tcp::NoticeKind::Connected:
        if (up.phase == UpstreamPhase::Connecting) {
            on_upstream_connected(index);
        } else if (up.phase == UpstreamPhase::Checking) {
            end_check(index, true);
            upstream_.close(index);
        }
        break;
    case tcp::NoticeKind::Data: on_upstream_data(index, n.notice.bytes, n.notice.label); break;
    case tcp::NoticeKind::PeerClosed:
        on_upstream_lost(index, Cause::EmptyReply);
        upstream_.close(index);
        break;
    case tcp::NoticeKind::Reset: {
        // In answer to a keepalive probe it says that the origin has forgotten the connection.
        const bool probed = up.phase == UpstreamPhase::Waiting && upstream_.connection(index).probes_unanswered() != 0;
        on_upstream_lost(index, probed ? Cause::KeepaliveDead : Cause::Reset);
        break;
    }
    case tcp::NoticeKind::Refused: on_upstream_lost(index, Cause::Refused); break;
    case tcp::NoticeKind::Unreachable: on_upstream_lost(index, Cause::Unreachable); break;
    case tcp::NoticeKind::TimedOut:
        on_upstream_lost(index, up.phase == UpstreamPhase::Connecting ? Cause::ConnectTimeout : Cause::AckTimeout);
        break;
    case tcp::NoticeKind::KeepaliveTimeout:
        count_upstream_probes(index, true);
        on_upstream_lost(index, Cause::KeepaliveDead);
        break;
    case tcp::NoticeKind::UserTimeout:
    case tcp::NoticeKind::AckTimeout: on_upstream_lost(index, Cause::AckTimeout); break;
    case tcp::NoticeKind::Waiting:
    case tcp::NoticeKind::Accepted: FB_ASSERT(false, "nobody opens connections towards the edge's origin side"); break;
    case tcp::NoticeKind::Finished:
    case tcp::NoticeKind::BlackholeSuspected:
    case tcp::NoticeKind::Gone: break;
    }
}

void EdgeServer::on_upstream_connected(std::uint32_t index) {
    Upstream& up = upstreams_[index];
    const tcp::Connection& connection = upstream_.connection(index);
    const TlsFlights flights = context_.planner.origin_tls();
    const bool written = connection.fast_open() != tcp::FastOpenOutcome::NotTried;
    const tcp::Label label = client_side(up.client.index).label;
    if (flights.client_first == 0) {
        send_upstream(index, 0);
        return;
    }
    up.phase = UpstreamPhase::TlsFirst;
    up.tls_left = flights.server_first;
    up.deadline.set(context_.engine, entity_, edge_object(kind_upstream, index),
                    context_.engine.now() + context_.world.timeout_tls);
    if (!written) upstream_.write(index, flights.client_first, label);
}

/// Sends the request of the waiting client, behind `bytes_before` of the TLS handshake.
void EdgeServer::send_upstream(std::uint32_t index, std::uint32_t bytes_before) {
    Upstream& up = upstreams_[index];
    const tcp::Label label = client_side(up.client.index).label;
    const bool with_syn = up.phase == UpstreamPhase::Connecting &&
                          upstream_.connection(index).fast_open() != tcp::FastOpenOutcome::NotTried;
    up.phase = UpstreamPhase::Waiting;
    up.received = up.expected = up.header = 0;
    up.header_out = false;
    up.sent = context_.engine.now();
    tell_sent(up);
    if (context_.world.in_window(up.sent)) {
        OriginResults& results = results_of(up.leg);
        ++results.requests;
        if (up.reused) ++results.reused;
    }
    if (!with_syn) upstream_.write(index, bytes_before + label.length, label);
    up.writing = upstream_.connection(index).writer_waits();
    wait_for_response(index, up.sent);
}

/// The write timer while part of the request still waits for room in the send buffer, counted from when bytes last went
/// in (`from`); then the read timer, counted from when the last of them did, and later from each read.
void EdgeServer::wait_for_response(std::uint32_t index, Instant from) {
    Upstream& up = upstreams_[index];
    const World& world = context_.world;
    Instant at;
    if (up.writing) {
        // Whether the buffer has taken the rest is looked up when either timer would have fired.
        at = from + std::min(world.timeout_write, world.timeout_read);
    } else {
        const tcp::Label& label = client_side(up.client.index).label;
        at = from + world.timeout_read + context_.planner.read_slack({label.group, label.session}, label.request);
    }
    up.deadline.set(context_.engine, entity_, edge_object(kind_upstream, index), std::max(at, context_.engine.now()));
}

void EdgeServer::on_upstream_data(std::uint32_t index, std::uint32_t bytes, const tcp::Label& label) {
    while (bytes != 0 &&
           (upstreams_[index].phase == UpstreamPhase::TlsFirst || upstreams_[index].phase == UpstreamPhase::TlsSecond))
        bytes = take_upstream_flight(index, bytes, label);
    if (bytes != 0 && upstreams_[index].phase == UpstreamPhase::Waiting) take_response(index, bytes, label);
}

/// Bytes of the origin's TLS handshake. @return what is left of them
std::uint32_t EdgeServer::take_upstream_flight(std::uint32_t index, std::uint32_t bytes, const tcp::Label& label) {
    const TlsFlights flights = context_.planner.origin_tls();
    Upstream& up = upstreams_[index];
    const Cause said = unpack(label.info).cause;
    if (said == Cause::TlsHandshake) { // an alert (RFC 8446 section 6)
        give_up_upstream(index, Cause::TlsHandshake);
        return 0;
    }
    const std::uint32_t taken = std::min(bytes, up.tls_left);
    up.tls_left -= taken;
    bytes -= taken;
    if (up.tls_left != 0) return bytes;
    if (said == Cause::TlsCertificate && context_.world.strict_tls) {
        give_up_upstream(index, Cause::TlsCertificate);
        return 0;
    }
    if (up.phase == UpstreamPhase::TlsFirst && flights.server_second != 0) {
        up.phase = UpstreamPhase::TlsSecond;
        up.tls_left = flights.server_second;
        upstream_.write(index, flights.client_second, client_side(up.client.index).label);
    } else {
        send_upstream(index, up.phase == UpstreamPhase::TlsFirst ? flights.client_second : 0);
    }
    return bytes;
}

/// Bytes of a response: kept until its header is complete, then passed on as they come.
void EdgeServer::take_response(std::uint32_t index, std::uint32_t bytes, const tcp::Label& label) {
    Upstream& up = upstreams_[index];
    const Instant now = context_.engine.now();
    if (up.received == 0) {
        up.expected = label.length;
        up.header = label.header;
        context_.tell(client_side(up.client.index).label,
                      [] { return std::string("the first byte of the response comes from the origin"); });
        if (context_.world.in_window(up.sent)) results_of(up.leg).ttfb.add(now - up.sent);
    }
    up.received += bytes;
    up.writing = false;
    wait_for_response(index, now); // the longest gap between two reads
    const OutcomeKey outcome = unpack(label.info);
    if (!up.header_out) {
        if (outcome.cause == Cause::Malformed) return give_up_upstream(index, Cause::Malformed);
        if (up.header > context_.world.header_limit && up.received > context_.world.header_limit)
            return give_up_upstream(index, Cause::HeaderTooLarge);
        if (up.received < std::min(up.header, up.expected)) return;
        if (outcome.cause == Cause::BadEncoding) return give_up_upstream(index, Cause::BadEncoding);
        up.header_out = true;
        bytes = up.received;
    }
    const std::uint32_t client = up.client.index;
    const bool complete = up.received >= up.expected;
    tcp::Label response = client_side(client).label;
    response.length = label.length;
    response.info = label.info;
    const std::uint16_t leg = up.leg;
    if (complete) return_to_pool(index);
    response.header = label.header;
    write_client(client, bytes, response);
    if (!complete) return;
    fetched(client, label.length, outcome);
    response_complete(client);
    serve_waiting(leg);
}

/// The TLS, write or read timer of a connection, or the timeout of a check.
void EdgeServer::on_upstream_timer(std::uint32_t index) {
    Upstream& up = upstreams_[index];
    switch (up.phase) {
    case UpstreamPhase::TlsFirst:
    case UpstreamPhase::TlsSecond: give_up_upstream(index, Cause::TlsHandshake); return;
    case UpstreamPhase::Waiting: {
        if (!up.writing) return give_up_upstream(index, Cause::ReadTimeout);
        const tcp::Connection& connection = upstream_.connection(index);
        const Instant woken = connection.writer_woken_at();
        const Instant progress = woken == never ? up.sent : std::max(woken, up.sent);
        up.writing = connection.writer_waits();
        if (up.writing && context_.engine.now() - progress >= context_.world.timeout_write)
            return give_up_upstream(index, Cause::WriteTimeout);
        wait_for_response(index, progress);
        return;
    }
    case UpstreamPhase::Checking:
        end_check(index, false);
        upstream_.abort(index);
        return;
    case UpstreamPhase::Connecting:
    case UpstreamPhase::Idle:
    case UpstreamPhase::Over: return;
    }
}

} // namespace firstbyte::cdn
