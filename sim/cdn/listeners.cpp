#include "cdn/listeners.hpp"

#include "cdn/edge_kinds.hpp"
#include "core/check.hpp"

namespace firstbyte::cdn {

// Hosts of a PoP, as alarms and notices name them: the leg's own listener, then the host that opens connections to the
// origin, then further listeners.
std::uint32_t Listeners::side_of(std::uint32_t listener) { return listener == 0 ? side_clients : listener + 1; }
std::uint32_t Listeners::listener_of(std::uint32_t side) { return side == side_clients ? 0 : side - 1; }

Listeners::Listening::Listening(Context& context, std::uint32_t entity, std::uint32_t side, Slab<net::Path>& paths,
                                const tcp::Settings& own)
    : settings(own), chosen{own, own}, host(context.network, entity, side, paths) {
    chosen[static_cast<std::size_t>(tcp::CongestionControl::NewReno)].congestion = tcp::CongestionControl::NewReno;
    chosen[static_cast<std::size_t>(tcp::CongestionControl::Cubic)].congestion = tcp::CongestionControl::Cubic;
    host.listener.settings = &settings;
}

Listeners::Listeners(Context& context, std::uint32_t entity, std::uint32_t pop, Slab<net::Path>& paths)
    : world_(context.world) {
    listening_.emplace_back(context, entity, side_clients, paths, world_.edge);
    for (const FurtherListener& further : world_.listeners) {
        const std::uint32_t side = side_of(static_cast<std::uint32_t>(listening_.size()));
        FB_ASSERT(side < 1u << (engine::object_bits - 32), "an alarm's name has room for its host's number");
        listening_.emplace_back(context, entity, side, paths, further.settings);
        if (!further.listens) listening_.back().host.listener.mode = net::Listener::Mode::Refuse;
    }
    for (Listening& listening : listening_) {
        listening.host.listener.key = tcp::CookieKeys{context.planner.cookie_key(world_.pops[pop].key_index, 0)};
        listening.host.listener.address = world_.service_address;
    }
}

void Listeners::on_segment(const tcp::Segment& segment, std::uint32_t answer_path) {
    const Group& group = world_.groups[segment.flow.owner];
    if (!group.scripted) return listening_.front().host.on_segment(segment, answer_path);
    const ScriptConnection& entry = group.script[segment.flow.serial % group.script.size()];
    Listening& listening = listening_[entry.listener ? 1 + *entry.listener : 0];
    listening.host.listener.child =
        entry.tcp.congestion ? &listening.chosen[static_cast<std::size_t>(*entry.tcp.congestion)] : nullptr;
    listening.host.on_segment(segment, answer_path);
}

void Listeners::rotate_key(SipKey fresh, bool keep_old, const std::optional<SipKey>& old) {
    for (Listening& listening : listening_) listening.host.listener.key.rotate(fresh, keep_old, old);
}

FastOpenCounters Listeners::counters() const {
    FastOpenCounters all;
    for (const Listening& listening : listening_) all.merge(listening.host.counters);
    return all;
}

Books Listeners::books() const {
    Books all;
    for (const Listening& listening : listening_) all.merge(books_of(listening.host));
    return all;
}

} // namespace firstbyte::cdn
