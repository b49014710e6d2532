// The client's side of the edge: TLS, request, processing, response.
#include "cdn/edge.hpp"
#include "cdn/edge_kinds.hpp"
#include "cdn/outcome.hpp"

#include <algorithm>

namespace firstbyte::cdn {

void EdgeServer::on_client_notice(const net::HostNotice& n) {
    const std::uint32_t index = Listeners::number_of(n);
    switch (n.notice.kind) {
    case tcp::NoticeKind::Accepted: accept_client(n); break;
    case tcp::NoticeKind::Data: on_client_data(index, n.notice.bytes, n.notice.label); break;
    case tcp::NoticeKind::PeerClosed: on_client_closed(index); break;
    case tcp::NoticeKind::KeepaliveTimeout:
        if (Listeners::index_in(index) < client_sides_[Listeners::listener_in(index)].size())
            count_client_probes(index, true);
        client_gone(index);
        break;
    case tcp::NoticeKind::Reset:
    case tcp::NoticeKind::TimedOut:
    case tcp::NoticeKind::UserTimeout:
    case tcp::NoticeKind::AckTimeout: client_gone(index); break;
    case tcp::NoticeKind::Connected:
    case tcp::NoticeKind::Refused:
    case tcp::NoticeKind::Waiting:
    case tcp::NoticeKind::Unreachable:
    case tcp::NoticeKind::Finished:
    case tcp::NoticeKind::BlackholeSuspected:
    case tcp::NoticeKind::Gone: break;
    }
}

void EdgeServer::accept_client(const net::HostNotice& n) {
    const std::uint32_t index = Listeners::number_of(n);
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
}

/// The client wants no more. One that gave up its request is gone (499); a script's connection that only closed its
/// own direction gets its response first.
void EdgeServer::on_client_closed(std::uint32_t index) {
    ClientSide& side = client_side(index);
    const bool at_work = side.phase == ClientPhase::Processing || side.phase == ClientPhase::Upstream;
    const Group& group = context_.world.groups[side.name.group];
    if (at_work && group.scripted && group.deadline == Duration{0}) return;
    if (at_work)
        client_gone(index);
    else
        side.deadline.clear();
    side.phase = ClientPhase::Over;
    clients_.close(index);
}

void EdgeServer::on_client_data(std::uint32_t index, std::uint32_t bytes, const tcp::Label& label) {
    while (bytes != 0) {
        ClientSide& side = client_side(index);
        if (side.phase == ClientPhase::TlsFirst || side.phase == ClientPhase::TlsSecond) {
            const std::uint32_t taken = std::min(bytes, side.tls_left);
            side.tls_left -= taken;
            bytes -= taken;
            if (side.tls_left != 0) return;
            on_client_flight(index);
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
        if (side.request_left == 0) {
            on_request_complete(index);
        } else if (side.deadline.at() == never) { // the first piece of it: the guard runs until the request is complete
            side.deadline.set(context_.engine, entity_, edge_object(kind_processing, index),
                              context_.engine.now() + context_.world.timeout_request);
        }
    }
}

/// A whole flight of the client's TLS handshake is here.
void EdgeServer::on_client_flight(std::uint32_t index) {
    ClientSide& side = client_side(index);
    const bool first = side.phase == ClientPhase::TlsFirst;
    // With 0-RTT the request stands before the client's second flight, which needs no answer.
    const bool more = first && !side.flights.request_with_first;
    side.phase = more ? ClientPhase::TlsSecond : ClientPhase::Request;
    side.tls_left = more ? side.flights.client_second : 0;
    const std::uint32_t answer = first ? side.flights.server_first : side.flights.server_second;
    if (answer != 0) clients_.write(index, answer, tcp::Label{side.name.group, side.name.serial, 0, 0, 0});
}

/// How long a request waits until the PoP's machines begin with it. Model: a PoP with a capacity begins with one
/// request at a time, at least 1/capacity after the one before, in order of arrival; nobody is turned away.
Duration EdgeServer::wait_for_turn() {
    const Duration pace = context_.world.pops[pop_].pace;
    if (pace == Duration{0}) return pace;
    const Instant begin = std::max(context_.engine.now(), next_turn_);
    next_turn_ = begin + pace;
    return begin - context_.engine.now();
}

void EdgeServer::on_request_complete(std::uint32_t index) {
    ClientSide& side = client_side(index);
    side.phase = ClientPhase::Processing;
    side.connect_attempts = 0;
    side.retried = side.failed_over = side.leads = side.coalesced = false;
    side.relayed = 0;
    side.deadline.clear();
    context_.timeline.count(context_.timeline.series().pop_requests[pop_], context_.engine.now());
    const SessionName name{side.label.group, side.label.session};
    const Duration wait = wait_for_turn() + context_.planner.processing(name, side.label.request) +
                          context_.planner.request(name, side.label.request).think;
    if (wait == Duration{0})
        process(index);
    else
        side.deadline.set(context_.engine, entity_, edge_object(kind_processing, index), context_.engine.now() + wait);
}

/// The processing time is over, or the guard of a request that is still incomplete: 408, and the connection closes.
void EdgeServer::on_client_deadline(std::uint32_t index) {
    ClientSide& side = client_side(index);
    if (side.phase != ClientPhase::Request) return process(index);
    side.request_left = 0;
    side.last = true;
    context_.tell(side.label, [] { return std::string("the request timer fires: answers 408"); });
    respond(index, error_response_bytes, {Cause::RequestTimeout, GeneratedBy::Edge, -1});
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
    if (const Overload* overload = overload_of(side)) {
        OutcomeKey outcome{Cause::EdgeInternal, GeneratedBy::Edge, -1};
        outcome.status = overload->status;
        respond(index, error_response_bytes, outcome);
    } else if (cache_ && plan.cacheable) {
        serve_cacheable(index, plan);
    } else if (plan.cache_hit && !cache_) {
        respond(index, plan.response_bytes, {Cause::CacheHit, GeneratedBy::Edge, -1});
    } else {
        forward(index);
    }
}

/// The overload in force that this request falls victim to; null: none.
const Overload* EdgeServer::overload_of(const ClientSide& side) const {
    const Instant now = context_.engine.now();
    const SessionName name{side.label.group, side.label.session};
    for (const Overload& overload : context_.world.overloads) {
        const bool here = overload.pop.value == pop_ && now >= overload.from && now < overload.until;
        if (here && context_.planner.rejected_by_overload(name, side.label.request, overload.share)) return &overload;
    }
    return nullptr;
}

/// A whole response of the edge's own: from cache, or an error page.
void EdgeServer::respond(std::uint32_t index, std::uint32_t bytes, const OutcomeKey& outcome) {
    const ClientSide& side = client_side(index);
    tcp::Label label = side.label;
    label.length = bytes;
    label.info = pack(outcome);
    write_client(index, bytes, label);
    fetched(index, bytes, outcome);
    response_complete(index);
}

void EdgeServer::response_complete(std::uint32_t index) {
    ClientSide& side = client_side(index);
    side.upstream = Slot{};
    if (is_internal(index)) return end_internal(index);
    const RequestPlan plan = context_.planner.request({side.label.group, side.label.session}, side.label.request);
    if (plan.then != ScriptStep::Then::Keep || side.last) {
        side.phase = ClientPhase::Over;
        if (plan.then == ScriptStep::Then::Reset)
            clients_.abort(index);
        else
            clients_.close(index);
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
    if (!context_.world.idle_closes) return; // unanswered keepalive probes alone end it
    client_idle_.push(context_.engine, entity_, edge_object(kind_client_idle, 0),
                      context_.engine.now() + context_.world.client_idle_timeout, clients_.slot_at(index), stamp);
}

/// 499 territory: nobody waits for the response any more.
void EdgeServer::client_gone(std::uint32_t index) {
    if (!is_internal(index) && Listeners::index_in(index) >= client_sides_[Listeners::listener_in(index)].size())
        return;
    ClientSide& side = client_side(index);
    const Slot upstream = side.upstream;
    const bool at_origin = side.phase == ClientPhase::Upstream;
    if (at_origin || side.phase == ClientPhase::Processing)
        context_.tell(side.label, [] { return std::string("the client is gone; the request is dropped"); });
    side.phase = ClientPhase::Over;
    side.deadline.clear();
    side.upstream = Slot{};
    if (at_origin && side.upper != no_pop)
        context_.relays->send(pop_, side.upper, {RelayMessage::Kind::Cancel, client_slot(index), {}, 0});
    side.upper = no_pop;
    fetch_lost(index);
    if (!at_origin || !tcp::known(upstream) || !upstream_.live(upstream)) return;
    if (upstreams_[upstream.index].phase == UpstreamPhase::Over) return;
    let_go(upstream.index);
    upstream_.abort(upstream.index);
    serve_waiting(upstreams_[upstream.index].leg);
}

ConnectionResults& EdgeServer::client_results(SessionName name) { return context_.results.connections[name.group]; }

/// What keepalive did on a client's connection that is over, or found `dead`.
void EdgeServer::count_client_probes(std::uint32_t index, bool dead) {
    const tcp::Connection& connection = clients_.connection(index);
    ConnectionResults& results = client_results({connection.flow().owner, connection.flow().serial});
    if (dead) {
        results.dead_after.add(context_.engine.now() - connection.last_heard());
        return;
    }
    const std::uint32_t sent = connection.keepalive_probes();
    if (sent == 0) return;
    const std::uint32_t unanswered = std::min(sent, connection.probes_unanswered());
    results.probes_unanswered += unanswered;
    results.probes_answered += sent - unanswered;
}

} // namespace firstbyte::cdn
