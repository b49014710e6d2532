// The client's side of the edge: TLS, request, processing, response.
#include "cdn/edge.hpp"
#include "cdn/edge_kinds.hpp"
#include "cdn/outcome.hpp"

#include <algorithm>

namespace firstbyte::cdn {

void EdgeServer::on_client_notice(const net::HostNotice& n) {
    const std::uint32_t index = Listeners::number_of(n);
    switch (n.notice.kind) {
    case tcp::NoticeKind::Accepted: {
        std::vector<ClientSide>& sides = client_sides_[Listeners::listener_in(index)];
        if (sides.size() <= n.slot.index) sides.resize(n.slot.index + 1);
        const tcp::FlowName flow = clients_.connection(index).flow();
        ClientSide& side = client_side(index);
        side = ClientSide{};
        side.name = {flow.owner, flow.serial};
        side.flights = context_.planner.tls(side.name);
        side.tls_left = side.flights.client_first;
        side.phase = side.flights.client_first != 0 ? ClientPhase::TlsFirst : ClientPhase::Request;
        wait_for_request(index);
        break;
    }
    case tcp::NoticeKind::Data: on_client_data(index, n.notice.bytes, n.notice.label); break;
    case tcp::NoticeKind::PeerClosed: // the client wants no more; what is under way is finished first
        if (client_side(index).phase == ClientPhase::Processing || client_side(index).phase == ClientPhase::Upstream)
            break;
        client_side(index).phase = ClientPhase::Over;
        clients_.close(index);
        break;
    case tcp::NoticeKind::Reset:
    case tcp::NoticeKind::TimedOut:
    case tcp::NoticeKind::KeepaliveTimeout:
    case tcp::NoticeKind::UserTimeout:
    case tcp::NoticeKind::AckTimeout: client_gone(index); break;
    case tcp::NoticeKind::Connected:
    case tcp::NoticeKind::Refused:
    case tcp::NoticeKind::Finished:
    case tcp::NoticeKind::BlackholeSuspected:
    case tcp::NoticeKind::Gone: break;
    }
}

void EdgeServer::on_client_data(std::uint32_t index, std::uint32_t bytes, const tcp::Label& label) {
    while (bytes != 0) {
        ClientSide& side = client_side(index);
        const tcp::Label handshake{side.name.group, side.name.serial, 0, 0, 0};
        if (side.phase == ClientPhase::TlsFirst || side.phase == ClientPhase::TlsSecond) {
            const std::uint32_t taken = std::min(bytes, side.tls_left);
            side.tls_left -= taken;
            bytes -= taken;
            if (side.tls_left != 0) return;
            const bool first = side.phase == ClientPhase::TlsFirst;
            // With 0-RTT the request stands before the client's second flight, which needs no answer.
            const bool more = first && !side.flights.request_with_first;
            side.phase = more ? ClientPhase::TlsSecond : ClientPhase::Request;
            side.tls_left = more ? side.flights.client_second : 0;
            const std::uint32_t answer = first ? side.flights.server_first : side.flights.server_second;
            if (answer != 0) clients_.write(index, answer, handshake);
            continue;
        }
        if (side.phase == ClientPhase::Idle) side.phase = ClientPhase::Request;
        if (side.phase != ClientPhase::Request) return; // 0-RTT's end of handshake, or bytes after the end
        if (side.request_left == 0) {
            side.label = label;
            side.request_left = label.length;
        }
        const std::uint32_t taken = std::min(bytes, side.request_left);
        side.request_left -= taken;
        bytes -= taken;
        if (side.request_left != 0) return;
        on_request_complete(index);
    }
}

void EdgeServer::on_request_complete(std::uint32_t index) {
    ClientSide& side = client_side(index);
    side.phase = ClientPhase::Processing;
    side.connect_attempts = 0;
    side.retried = false;
    const SessionName name{side.label.group, side.label.session};
    const Duration wait = context_.planner.processing(name, side.label.request) +
                          context_.planner.request(name, side.label.request).think;
    if (wait == Duration{0})
        process(index);
    else
        side.deadline.set(context_.engine, entity_, edge_object(kind_processing, index), context_.engine.now() + wait);
}

void EdgeServer::process(std::uint32_t index) {
    ClientSide& side = client_side(index);
    if (side.phase != ClientPhase::Processing) return; // the client is gone
    const RequestPlan plan = context_.planner.request({side.label.group, side.label.session}, side.label.request);
    if (!plan.respond) {
        side.phase = ClientPhase::Over;
        if (plan.then == ScriptStep::Then::Close) clients_.close(index);
        if (plan.then == ScriptStep::Then::Reset) clients_.abort(index);
        return;
    }
    if (plan.cache_hit)
        respond(index, plan.response_bytes, {Cause::CacheHit, GeneratedBy::Edge, -1});
    else
        forward(index);
}

/// A whole response of the edge's own: from cache, or an error page.
void EdgeServer::respond(std::uint32_t index, std::uint32_t bytes, const OutcomeKey& outcome) {
    const ClientSide& side = client_side(index);
    tcp::Label label = side.label;
    label.length = bytes;
    label.info = pack(outcome);
    clients_.write(index, bytes, label);
    response_complete(index);
}

void EdgeServer::response_complete(std::uint32_t index) {
    ClientSide& side = client_side(index);
    side.upstream = Slot{};
    const RequestPlan plan = context_.planner.request({side.label.group, side.label.session}, side.label.request);
    if (plan.then != ScriptStep::Then::Keep) {
        side.phase = ClientPhase::Over;
        if (plan.then == ScriptStep::Then::Close)
            clients_.close(index);
        else
            clients_.abort(index);
        return;
    }
    side.phase = ClientPhase::Idle;
    wait_for_request(index);
    // A client that closed its side while its request was served gets the FIN after the response.
    if (clients_.connection(index).state() == tcp::State::CloseWait) {
        side.phase = ClientPhase::Over;
        clients_.close(index);
    }
}

/// The HTTP idle timeout runs: from the start of the connection, and again after each response.
void EdgeServer::wait_for_request(std::uint32_t index) {
    const std::uint32_t stamp = ++client_side(index).idle_stamp;
    client_idle_.push(context_.engine, entity_, edge_object(kind_client_idle, 0),
                      context_.engine.now() + context_.world.client_idle_timeout, clients_.slot_at(index), stamp);
}

/// 499 territory: nobody waits for the response any more.
void EdgeServer::client_gone(std::uint32_t index) {
    if (Listeners::index_in(index) >= client_sides_[Listeners::listener_in(index)].size()) return;
    ClientSide& side = client_side(index);
    if (side.phase == ClientPhase::Upstream && upstream_.live(side.upstream)) {
        Upstream& up = upstreams_[side.upstream.index];
        up.phase = UpstreamPhase::Over;
        up.deadline.clear();
        upstream_.abort(side.upstream.index);
    }
    side.phase = ClientPhase::Over;
    side.deadline.clear();
}

} // namespace firstbyte::cdn
