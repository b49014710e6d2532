#include "cdn/origin.hpp"

#include "cdn/origin_kinds.hpp"
#include "cdn/outcome.hpp"
#include "core/check.hpp"

#include <algorithm>
#include <utility>

namespace firstbyte::cdn {

OriginServer::OriginServer(Context& context, std::uint32_t origin)
    : context_(context), origin_(origin), entity_(context.entity_of_origin(origin)),
      link_(context.world.origins[origin].down), host_(context.network, entity_, 0, paths_) {
    const World& world = context.world;
    const Origin& own = world.origins[origin];
    settings_ = world.origin;
    if (own.accept_queue) settings_.backlog = *own.accept_queue;
    if (own.worker_per_connection && settings_.application_accepts) {
        settings_.application_accepts = false; // only as workers become free
        host_.listener.on_demand = true;
    }
    set_fast_open(std::nullopt);
    host_.listener.settings = &settings_;
    // Keys of origins come after those of the PoPs; the origin's address is its entity number.
    host_.listener.key =
        tcp::CookieKeys{context.planner.cookie_key(entity_ + static_cast<std::uint32_t>(world.pops.size()), 0)};
    host_.listener.address = entity_;
    if (own.middlebox) {
        box_.emplace(*own.middlebox);
        link_.gate = &*box_;
        link_.impaired = true;
    }
    for (std::uint32_t pop = 0; pop < world.pops.size(); ++pop) {
        const std::uint32_t index = paths_.acquire().index;
        FB_ASSERT(index == pop, "an origin's paths are numbered as the PoPs are");
        net::Path& path = paths_[index];
        path = net::Path{};
        path.link = &link_;
        path.delay = world.pops[pop].rtt_to(origin) - world.pops[pop].rtt_to(origin) / 2;
        path.entity = context.entity_of_pop(pop);
        path.object = (std::uint64_t{1} << 32) | origin;
        path.draws = origin_path_draws(world, pop, origin, false);
    }
    if (link_.path_mtu == 0) return;
    for (std::uint32_t pop = 0; pop < world.pops.size(); ++pop) { // the ways back of "fragmentation needed"
        const std::uint32_t index = paths_.acquire().index;
        paths_[pop].back = index;
        paths_[index] = net::Path{};
        paths_[index].link = &icmp_link_;
        paths_[index].entity = entity_;
        paths_[index].object = (kind_icmp << 32) | index;
    }
}

void OriginServer::set_fast_open(std::optional<bool> accepts) {
    const World& world = context_.world;
    settings_.fast_open = accepts.value_or(world.origin.fast_open || world.origins[origin_].tfo);
}

void OriginServer::on_segment(const tcp::Segment& segment, std::uint32_t pop) {
    if (lets_in(segment, pop)) host_.on_segment(segment, path_to(pop));
}

void OriginServer::on_event(std::uint64_t object) {
    const auto index = static_cast<std::uint32_t>(object);
    engine::Engine& engine = context_.engine;
    switch (object >> 32) {
    case kind_ready:
        if (works_[index].ready.fired(engine, entity_, object)) on_ready(index);
        return;
    case kind_heartbeat:
        if (works_[index].heartbeat.fired(engine, entity_, object)) on_heartbeat(index);
        return;
    case kind_balancer:
        if (passages_[index].due.fired(engine, entity_, object)) on_passage(index);
        return;
    default: break;
    }
    idle_.run(engine, entity_, object, [this](Slot slot, std::uint32_t stamp) {
        if (!host_.live(slot) || !peers_[slot.index].idle || peers_[slot.index].idle_stamp != stamp) return;
        if (fails(Mode::NoAck)) return; // it hangs
        end(slot.index);
        host_.close(slot.index);
    });
}

void OriginServer::on_notice(const net::HostNotice& n) {
    const std::uint32_t index = n.slot.index;
    switch (n.notice.kind) {
    case tcp::NoticeKind::Waiting: take_connections(); break;
    case tcp::NoticeKind::Accepted: on_accepted(index); break;
    case tcp::NoticeKind::Data: on_data(index, n.notice.bytes, n.notice.label); break;
    case tcp::NoticeKind::PeerClosed:
        on_connection_lost(index);
        host_.close(index);
        break;
    case tcp::NoticeKind::Reset:
    case tcp::NoticeKind::TimedOut:
    case tcp::NoticeKind::KeepaliveTimeout:
    case tcp::NoticeKind::UserTimeout:
    case tcp::NoticeKind::AckTimeout: on_connection_lost(index); break;
    case tcp::NoticeKind::Connected:
    case tcp::NoticeKind::Refused:
    case tcp::NoticeKind::Unreachable:
    case tcp::NoticeKind::Finished:
    case tcp::NoticeKind::BlackholeSuspected:
    case tcp::NoticeKind::Gone: break;
    }
}

void OriginServer::on_accepted(std::uint32_t index) {
    Peer& peer = peer_at(index);
    const Duration waited = std::exchange(peer.waited, Duration{0});
    const bool holds = peer.holds_worker;
    peer = Peer{};
    peer.waited = waited;
    peer.holds_worker = holds;
    peer.flights = context_.planner.origin_tls();
    peer.tls_left = peer.flights.client_first;
    peer.phase = peer.flights.client_first != 0 ? Phase::TlsFirst : Phase::Request;
}

void OriginServer::on_connection_lost(std::uint32_t index) {
    if (index >= peers_.size()) return;
    const Slot slot = host_.slot_at(index);
    // A worker goes on; where there is any number of them that makes no difference to anybody.
    for (std::uint32_t number = 0; number < works_.size() && peers_[index].phase == Phase::Thinking; ++number) {
        Work& work = works_[number];
        if (!work.busy || work.peer.index != slot.index || work.peer.generation != slot.generation) continue;
        work.peer = Slot{};
        work.heartbeat.clear();
        if (context_.world.origins[origin_].workers == 0) {
            free_worker(number);
        }
        break;
    }
    end(index);
}

/// The connection takes no more requests.
void OriginServer::end(std::uint32_t index) {
    Peer& peer = peers_[index];
    peer.phase = Phase::Over;
    peer.idle = false;
    if (index < passages_.size()) passages_[index].due.clear();
    if (!std::exchange(peer.holds_worker, false)) return;
    --holding_;
    take_connections();
}

/// Free workers that keep connections take those that have waited longest.
void OriginServer::take_connections() {
    while (holding_ < context_.world.origins[origin_].workers && !fails(Mode::NoAccept)) {
        const std::optional<net::Host::Taken> taken = host_.accept_next();
        if (!taken) return;
        Peer& peer = peer_at(taken->index);
        peer.waited = context_.engine.now() - taken->since;
        peer.holds_worker = true;
        ++holding_;
    }
}

OriginServer::Peer& OriginServer::peer_at(std::uint32_t index) {
    if (peers_.size() <= index) peers_.resize(index + 1);
    return peers_[index];
}

void OriginServer::on_data(std::uint32_t index, std::uint32_t bytes, const tcp::Label& label) {
    peers_[index].idle = false;
    while (bytes != 0) {
        Peer& peer = peers_[index];
        if (peer.phase == Phase::TlsFirst || peer.phase == Phase::TlsSecond) {
            const std::uint32_t taken = std::min(bytes, peer.tls_left);
            peer.tls_left -= taken;
            bytes -= taken;
            if (peer.tls_left != 0) return;
            if (fails_in_tls(index, label)) return;
            on_flight(index, label);
            continue;
        }
        if (peer.phase != Phase::Request) return;
        if (fails(Mode::SlowRead)) { // it lies in the receive buffer, and what follows it fills that up
            host_.set_reading(index, false, bytes);
            return;
        }
        if (peer.request_left == 0) {
            peer.label = label;
            peer.request_left = label.length;
        }
        const std::uint32_t taken = std::min(bytes, peer.request_left);
        peer.request_left -= taken;
        bytes -= taken;
        if (peer.request_left == 0) on_request(index);
    }
}

/// A whole flight of the edge's TLS handshake is here.
void OriginServer::on_flight(std::uint32_t index, const tcp::Label& label) {
    Peer& peer = peers_[index];
    const bool first = peer.phase == Phase::TlsFirst;
    peer.phase = first ? Phase::TlsSecond : Phase::Request;
    peer.tls_left = first ? peer.flights.client_second : 0;
    const std::uint32_t flight = first ? peer.flights.server_first : peer.flights.server_second;
    tcp::Label answer{label.group, label.session, label.request, 0, 0};
    if (fails(Mode::BadCertificate)) answer.info = pack({Cause::TlsCertificate});
    if (flight != 0) host_.write(index, flight, answer);
}

void OriginServer::on_request(std::uint32_t index) {
    Peer& peer = peers_[index];
    peer.arrived = context_.engine.now() - std::exchange(peer.waited, Duration{0});
    if (resets() || fails(Mode::RejectClient)) {
        // Refuse: the process is gone, and what arrives on its old connections is answered by RST as well.
        end(index);
        host_.abort(index);
        return;
    }
    if (fails(Mode::EmptyReply)) {
        end(index);
        host_.close(index);
        return;
    }
    if (context_.world.origins[origin_].balancer)
        pass_balancer(index);
    else
        wait_for_worker(index);
}

/// The HTTP idle timeout runs from the last byte sent; before the first response there is none to run from.
void OriginServer::become_idle(std::uint32_t index) {
    Peer& peer = peers_[index];
    peer.idle = true;
    ++peer.idle_stamp;
    const Duration timeout = context_.world.origins[origin_].idle_timeout;
    if (timeout == Duration{0}) return;
    idle_.push(context_.engine, entity_, origin_object(kind_idle, 0), context_.engine.now() + timeout,
               host_.slot_at(index), peer.idle_stamp);
}

} // namespace firstbyte::cdn
