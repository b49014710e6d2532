// The origin's side of the edge: pool, connection attempts, timers, and the causes of 52x.
#include "cdn/edge.hpp"
#include "cdn/edge_kinds.hpp"
#include "cdn/outcome.hpp"
#include "core/check.hpp"

#include <algorithm>

namespace firstbyte::cdn {

/// Takes an idle connection, the one used last, or opens a new one.
void EdgeServer::forward(std::uint32_t index) {
    ClientSide& side = client_side(index);
    side.phase = ClientPhase::Upstream;
    FB_ASSERT(!context_.world.origins.empty(), "a world without origins has only cache hits");
    if (pool_.empty()) {
        open_upstream(index);
        return;
    }
    const std::uint32_t up = pool_.back();
    pool_.pop_back();
    upstreams_[up].reused = true;
    upstreams_[up].client = clients_.slot_at(index);
    side.upstream = upstream_.slot_at(up);
    send_upstream(up, 0);
}

void EdgeServer::open_upstream(std::uint32_t client) {
    const World& world = context_.world;
    ClientSide& side = client_side(client);
    ++side.connect_attempts;
    const TlsFlights flights = context_.planner.origin_tls();
    const std::uint32_t first = flights.client_first != 0 ? flights.client_first : side.label.length;
    const tcp::FastOpenAttempt attempt = upstream_.fast_open.attempt(0, context_.engine.now(), upstream_settings_);
    const bool write_at_open = attempt.mode != tcp::FastOpenAttempt::Mode::Off;
    const tcp::FlowName flow{pop_, upstream_serial_++, pop_};
    const Slot slot =
        upstream_.open(origin_path_, upstream_settings_, flow, attempt, write_at_open ? first : 0, side.label);
    if (!tcp::known(slot)) { // no local port is free; another attempt would find none either
        fail(client, Cause::EdgeInternal);
        return;
    }
    if (upstreams_.size() <= slot.index) upstreams_.resize(slot.index + 1);
    Upstream& up = upstreams_[slot.index];
    up = Upstream{};
    up.client = clients_.slot_at(client);
    up.phase = UpstreamPhase::Connecting;
    side.upstream = slot;
    if (world.in_window(context_.engine.now()))
        ++context_.results.origins[world.pops[pop_].origins.front().id.value].connections;
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
    up.received = up.expected = 0;
    up.sent = context_.engine.now();
    up.deadline.set(context_.engine, entity_, edge_object(kind_upstream, index), up.sent + context_.world.timeout_read);
    if (context_.world.in_window(up.sent)) {
        OriginResults& results = context_.results.origins[context_.world.pops[pop_].origins.front().id.value];
        ++results.requests;
        if (up.reused) ++results.reused;
    }
    if (!with_syn) upstream_.write(index, bytes_before + label.length, label);
}

void EdgeServer::on_upstream_notice(const net::HostNotice& n) {
    const std::uint32_t index = n.slot.index;
    Upstream& up = upstreams_[index];
    switch (n.notice.kind) {
    case tcp::NoticeKind::Connected:
        if (up.phase == UpstreamPhase::Connecting) on_upstream_connected(index);
        break;
    case tcp::NoticeKind::Data: on_upstream_data(index, n.notice.bytes, n.notice.label); break;
    case tcp::NoticeKind::PeerClosed:
        on_upstream_lost(index, Cause::EmptyReply);
        upstream_.close(index);
        break;
    case tcp::NoticeKind::Reset: on_upstream_lost(index, Cause::Reset); break;
    case tcp::NoticeKind::Refused: on_upstream_lost(index, Cause::Refused); break;
    case tcp::NoticeKind::TimedOut:
        on_upstream_lost(index, up.phase == UpstreamPhase::Connecting ? Cause::ConnectTimeout : Cause::AckTimeout);
        break;
    case tcp::NoticeKind::KeepaliveTimeout:
        on_upstream_lost(index, up.phase == UpstreamPhase::Waiting ? Cause::KeepaliveDead : Cause::AckTimeout);
        break;
    case tcp::NoticeKind::UserTimeout:
    case tcp::NoticeKind::AckTimeout: on_upstream_lost(index, Cause::AckTimeout); break;
    case tcp::NoticeKind::Accepted: FB_ASSERT(false, "nobody opens connections towards the edge's origin side"); break;
    case tcp::NoticeKind::Finished:
    case tcp::NoticeKind::BlackholeSuspected:
    case tcp::NoticeKind::Gone: break;
    }
}

void EdgeServer::on_upstream_data(std::uint32_t index, std::uint32_t bytes, const tcp::Label& label) {
    const TlsFlights flights = context_.planner.origin_tls();
    while (bytes != 0 && (upstreams_[index].phase == UpstreamPhase::TlsFirst ||
                          upstreams_[index].phase == UpstreamPhase::TlsSecond)) {
        Upstream& up = upstreams_[index];
        const std::uint32_t taken = std::min(bytes, up.tls_left);
        up.tls_left -= taken;
        bytes -= taken;
        if (up.tls_left != 0) return;
        if (up.phase == UpstreamPhase::TlsFirst && flights.server_second != 0) {
            up.phase = UpstreamPhase::TlsSecond;
            up.tls_left = flights.server_second;
            upstream_.write(index, flights.client_second, client_side(up.client.index).label);
        } else {
            send_upstream(index, up.phase == UpstreamPhase::TlsFirst ? flights.client_second : 0);
        }
    }
    Upstream& up = upstreams_[index];
    if (bytes == 0 || up.phase != UpstreamPhase::Waiting) return;
    const auto origin = static_cast<std::int32_t>(context_.world.pops[pop_].origins.front().id.value);
    if (up.received == 0) {
        up.expected = label.length;
        if (context_.world.in_window(up.sent))
            context_.results.origins[static_cast<std::size_t>(origin)].ttfb.add(context_.engine.now() - up.sent);
    }
    up.received += bytes;
    up.deadline.set(context_.engine, entity_, edge_object(kind_upstream, index),
                    context_.engine.now() + context_.world.timeout_read); // the longest gap between two reads
    const std::uint32_t client = up.client.index;
    const bool complete = up.received >= up.expected;
    ClientSide& side = client_side(client);
    tcp::Label response = side.label;
    response.length = label.length;
    response.info = pack({Cause::OriginReplied, GeneratedBy::Origin, origin});
    if (complete) return_to_pool(index);
    clients_.write(client, bytes, response);
    if (complete) response_complete(client);
}

/// The connection is over before its response was complete: what the client gets for it.
void EdgeServer::on_upstream_lost(std::uint32_t index, Cause cause) {
    Upstream& up = upstreams_[index];
    const UpstreamPhase phase = up.phase;
    up.deadline.clear();
    if (phase == UpstreamPhase::Idle) {
        leave_pool(index);
        return;
    }
    up.phase = UpstreamPhase::Over;
    if (phase == UpstreamPhase::Over || !clients_.live(up.client)) return;
    const std::uint32_t client = up.client.index;
    ClientSide& side = client_side(client);
    const World& world = context_.world;
    switch (phase) {
    case UpstreamPhase::Connecting:
        if (cause == Cause::ConnectTimeout && side.connect_attempts < world.connect_attempts)
            open_upstream(client);
        else
            fail(client, cause);
        return;
    case UpstreamPhase::TlsFirst:
    case UpstreamPhase::TlsSecond: fail(client, cause == Cause::AckTimeout ? cause : Cause::TlsHandshake); return;
    case UpstreamPhase::Waiting: break;
    case UpstreamPhase::Idle:
    case UpstreamPhase::Over: return;
    }
    if (up.received != 0) { // the header is with the client already: all that is left is to stop (truncation)
        side.phase = ClientPhase::Over;
        clients_.close(client);
        return;
    }
    const bool closed_by_origin = cause == Cause::Reset || cause == Cause::EmptyReply;
    if (up.reused && closed_by_origin) { // the origin closed while the request was on its way
        const RequestPlan plan = context_.planner.request({side.label.group, side.label.session}, side.label.request);
        const bool may_repeat = world.reused_reset == ReusedReset::Any ||
                                (world.reused_reset == ReusedReset::Idempotent && plan.idempotent);
        if (may_repeat && !side.retried) {
            side.retried = true;
            if (world.in_window(context_.engine.now()))
                ++context_.results.origins[world.pops[pop_].origins.front().id.value].retries;
            open_upstream(client); // on a fresh connection
            return;
        }
        cause = Cause::StaleReuse;
    }
    fail(client, cause);
}

void EdgeServer::on_upstream_timer(std::uint32_t index) {
    Upstream& up = upstreams_[index];
    switch (up.phase) {
    case UpstreamPhase::TlsFirst:
    case UpstreamPhase::TlsSecond:
    case UpstreamPhase::Waiting: {
        const bool reading = up.phase == UpstreamPhase::Waiting;
        const std::uint32_t client = up.client.index;
        const bool header_out = up.received != 0;
        up.phase = UpstreamPhase::Over;
        upstream_.abort(index);
        if (header_out) {
            client_side(client).phase = ClientPhase::Over;
            clients_.close(client);
        } else {
            fail(client, reading ? Cause::ReadTimeout : Cause::TlsHandshake);
        }
        return;
    }
    case UpstreamPhase::Connecting:
    case UpstreamPhase::Idle:
    case UpstreamPhase::Over: return;
    }
}

void EdgeServer::fail(std::uint32_t client, Cause cause) {
    const auto origin = static_cast<std::int32_t>(context_.world.pops[pop_].origins.front().id.value);
    respond(client, error_response_bytes, {cause, GeneratedBy::Edge, origin});
}

void EdgeServer::return_to_pool(std::uint32_t index) {
    Upstream& up = upstreams_[index];
    up.deadline.clear();
    if (pool_.size() >= static_cast<std::size_t>(context_.world.pool_max_idle)) {
        up.phase = UpstreamPhase::Over;
        upstream_.close(index);
        return;
    }
    up.phase = UpstreamPhase::Idle;
    ++up.idle_stamp;
    pool_.push_back(index);
    pool_idle_.push(context_.engine, entity_, edge_object(kind_pool_idle, 0),
                    context_.engine.now() + context_.world.pool_idle_timeout, upstream_.slot_at(index), up.idle_stamp);
}

void EdgeServer::leave_pool(std::uint32_t index) {
    upstreams_[index].phase = UpstreamPhase::Over;
    const auto at = std::find(pool_.begin(), pool_.end(), index);
    FB_ASSERT(at != pool_.end(), "an idle connection stands in its pool");
    pool_.erase(at);
}

} // namespace firstbyte::cdn
