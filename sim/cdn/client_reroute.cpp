// What a client does and learns when its packets come to another PoP than before, or to none.
#include "cdn/client.hpp"

namespace firstbyte::cdn {

void ClientSlice::on_segment_of_pop(const tcp::Segment& segment, std::uint32_t place, std::uint32_t answer_path) {
    tcp::Segment here = segment;
    here.server = static_cast<std::uint16_t>(place + 1);
    if (!tcp::known(here.to) || !host_.live(here.to)) return host_.on_segment(here, answer_path);
    Session& session = sessions_[here.to.index];
    if (here.syn() && !session.bound) bind(session, place);
    // Of a connection that another PoP made from an earlier SYN. Model: its numbers lie in no window of this one, and
    // the challenge ACK that they call for (RFC 5961 section 5) is left out.
    if (tcp::known(here.from) && session.bound && session.place != place) return;
    if (here.rst()) session.reset_by = place + 1;
    host_.on_segment(here, answer_path);
}

/// The session counts where its handshake came to an end.
void ClientSlice::bind(Session& session, std::uint32_t place) {
    session.bound = true;
    if (session.place == place) return;
    session.place = place;
    const std::uint32_t row = context_.row_of(group_, place);
    if (context_.world.in_window(session.opened)) {
        --context_.results.connections[session.row].opened;
        ++context_.results.connections[row].opened;
    }
    session.row = row;
}

void ClientSlice::note_server(tcp::Segment& segment) const {
    if (!tcp::known(segment.from) || !host_.live(segment.from)) return;
    const Session& session = sessions_[segment.from.index];
    if (session.bound) segment.server = static_cast<std::uint16_t>(session.place + 1);
}

/// What took the connection's route away while it lived, or its PoP's power; written down in the session.
MovingLinks::Loss ClientSlice::find_loss(Session& session) const {
    MovingLinks::Loss loss;
    if (moves_) loss = context_.moving->loss_of(group_, session.place, session.opened);
    session.event = loss.event;
    if (session.event >= 0) return loss;
    const World& world = context_.world;
    const PopId pop = moves_ ? context_.moving->pop_of(group_, session.place) : world.groups[group_].home().pop;
    for (const PopOutage& outage : world.pops_dead)
        if (outage.pop == pop && outage.from <= context_.engine.now() && outage.until > session.opened)
            session.event = outage.event;
    return loss;
}

/// How far routes are the reason that a connection ends with an error.
/// @return the cause that tells it
Cause ClientSlice::blame(Session& session, Cause cause) {
    if (!may_lose_pop() || cause == Cause::ConnectionRefused) return cause;
    const MovingLinks::Loss loss = find_loss(session);
    ConnectionResults& results = context_.results.connections[session.row];
    const bool alive = session.phase != Phase::Closing && session.phase != Phase::Done;
    const bool counted = alive && context_.world.in_window(session.opened);
    if (cause == Cause::ConnectionReset) {
        if (!session.bound || session.reset_by == session.place + 1) return cause;
        if (counted) ++results.reroute_broken, ++results.reroute_reset;
        return Cause::Reroute;
    }
    if (counted && loss.rerouted) ++results.reroute_broken;
    if (counted && loss.blackholed) ++results.blackhole_broken;
    return cause;
}

} // namespace firstbyte::cdn
