#include "cdn/origin.hpp"

#include "cdn/outcome.hpp"
#include "core/check.hpp"

#include <algorithm>

namespace firstbyte::cdn {

namespace {

constexpr std::uint64_t kind_think = 0, kind_idle = 1;
constexpr std::uint64_t object_of_kind(std::uint64_t kind, std::uint32_t index) { return (kind << 32) | index; }

} // namespace

OriginServer::OriginServer(Context& context, std::uint32_t origin)
    : context_(context), origin_(origin), entity_(context.entity_of_origin(origin)),
      host_(context.network, entity_, 0, paths_) {
    const World& world = context.world;
    settings_ = world.origin;
    set_fast_open(std::nullopt);
    host_.listener.settings = &settings_;
    // Keys of origins come after those of the PoPs; the origin's address is its entity number.
    host_.listener.key =
        tcp::CookieKeys{context.planner.cookie_key(entity_ + static_cast<std::uint32_t>(world.pops.size()), 0)};
    host_.listener.address = entity_;
    for (std::uint32_t pop = 0; pop < world.pops.size(); ++pop) {
        const std::uint32_t index = paths_.acquire().index;
        FB_ASSERT(index == pop, "an origin's paths are numbered as the PoPs are");
        net::Path& path = paths_[index];
        path = net::Path{};
        path.link = &link_;
        path.delay = world.pops[pop].rtt_to(origin) - world.pops[pop].rtt_to(origin) / 2;
        path.entity = context.entity_of_pop(pop);
        path.object = (std::uint64_t{1} << 32) | origin;
    }
}

void OriginServer::set_fast_open(std::optional<bool> accepts) {
    const World& world = context_.world;
    settings_.fast_open = accepts.value_or(world.origin.fast_open || world.origins[origin_].tfo);
}

void OriginServer::start() {
    for (const Outage& outage : context_.world.outages) {
        if (outage.origin.value != origin_) continue;
        for (const Instant at : {outage.from, outage.until})
            if (at != never) context_.engine.schedule(make_event(at, engine::EventClass::World, entity_, 0));
    }
}

/// The outage in force: the last of the file that covers this moment.
void OriginServer::apply_outages() {
    down_ = false;
    const Instant now = context_.engine.now();
    for (const Outage& outage : context_.world.outages) {
        if (outage.origin.value != origin_ || now < outage.from || now >= outage.until) continue;
        down_ = true;
        mode_ = outage.mode;
    }
    host_.listener.mode = net::Listener::Mode::Accept;
    if (down_ && mode_ == Event::Mode::DropSyn) host_.listener.mode = net::Listener::Mode::DropSyn;
    if (down_ && mode_ == Event::Mode::Refuse) host_.stop_listening();
    if (!resets()) return;
    for (std::uint32_t index = 0; index < peers_.size(); ++index) { // requests in service die with the process
        if (peers_[index].phase != Phase::Thinking) continue;
        peers_[index].phase = Phase::Over;
        peers_[index].deadline.clear();
        host_.abort(index);
    }
}

void OriginServer::on_event(std::uint64_t object) {
    const auto index = static_cast<std::uint32_t>(object);
    if ((object >> 32) == kind_think) {
        if (peers_[index].deadline.fired(context_.engine, entity_, object)) answer(index);
        return;
    }
    idle_.run(context_.engine, entity_, object, [this](Slot slot, std::uint32_t stamp) {
        if (!host_.live(slot) || !peers_[slot.index].idle || peers_[slot.index].idle_stamp != stamp) return;
        peers_[slot.index].idle = false;
        peers_[slot.index].phase = Phase::Over;
        host_.close(slot.index);
    });
}

void OriginServer::on_notice(const net::HostNotice& n) {
    const std::uint32_t index = n.slot.index;
    switch (n.notice.kind) {
    case tcp::NoticeKind::Accepted: {
        if (peers_.size() <= index) peers_.resize(index + 1);
        Peer& peer = peers_[index];
        peer = Peer{};
        peer.flights = context_.planner.origin_tls();
        peer.tls_left = peer.flights.client_first;
        peer.phase = peer.flights.client_first != 0 ? Phase::TlsFirst : Phase::Request;
        become_idle(index);
        break;
    }
    case tcp::NoticeKind::Data: on_data(index, n.notice.bytes, n.notice.label); break;
    case tcp::NoticeKind::PeerClosed:
        peers_[index].phase = Phase::Over;
        peers_[index].idle = false;
        peers_[index].deadline.clear();
        host_.close(index);
        break;
    case tcp::NoticeKind::Reset:
    case tcp::NoticeKind::TimedOut:
    case tcp::NoticeKind::KeepaliveTimeout:
    case tcp::NoticeKind::UserTimeout:
    case tcp::NoticeKind::AckTimeout:
        if (index < peers_.size()) {
            peers_[index].phase = Phase::Over;
            peers_[index].idle = false;
            peers_[index].deadline.clear();
        }
        break;
    case tcp::NoticeKind::Connected:
    case tcp::NoticeKind::Refused:
    case tcp::NoticeKind::Finished:
    case tcp::NoticeKind::BlackholeSuspected:
    case tcp::NoticeKind::Gone: break;
    }
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
            const bool first = peer.phase == Phase::TlsFirst;
            peer.phase = first ? Phase::TlsSecond : Phase::Request;
            peer.tls_left = first ? peer.flights.client_second : 0;
            const std::uint32_t flight = first ? peer.flights.server_first : peer.flights.server_second;
            if (flight != 0) host_.write(index, flight, tcp::Label{label.group, label.session, label.request, 0, 0});
            continue;
        }
        if (peer.phase != Phase::Request) return;
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

void OriginServer::on_request(std::uint32_t index) {
    Peer& peer = peers_[index];
    if (resets()) { // Refuse: the process is gone, and what arrives on its old connections is answered by RST as well
        peer.phase = Phase::Over;
        host_.abort(index);
        return;
    }
    peer.phase = Phase::Thinking;
    if (down_ && mode_ == Event::Mode::Silent) return; // the kernel acknowledges, the application never answers
    const Duration think =
        context_.planner.service_time({origin_}, {peer.label.group, peer.label.session}, peer.label.request);
    if (think == Duration{0})
        answer(index);
    else
        peer.deadline.set(context_.engine, entity_, object_of_kind(kind_think, index), context_.engine.now() + think);
}

void OriginServer::answer(std::uint32_t index) {
    Peer& peer = peers_[index];
    if (peer.phase != Phase::Thinking) return;
    if (down_ && mode_ == Event::Mode::Silent) return; // what was in service when the silence began is never answered
    tcp::Label label = peer.label;
    label.length = context_.planner.request({label.group, label.session}, label.request).response_bytes;
    label.info = pack({Cause::OriginReplied, GeneratedBy::Origin, static_cast<std::int32_t>(origin_)});
    peer.phase = Phase::Request;
    peer.request_left = 0;
    host_.write(index, label.length, label);
    become_idle(index);
}

void OriginServer::become_idle(std::uint32_t index) {
    Peer& peer = peers_[index];
    peer.idle = true;
    ++peer.idle_stamp;
    idle_.push(context_.engine, entity_, object_of_kind(kind_idle, 0),
               context_.engine.now() + context_.world.origins[origin_].idle_timeout, host_.slot_at(index),
               peer.idle_stamp);
}

} // namespace firstbyte::cdn
