#include "net/network.hpp"

#include "core/check.hpp"
#include "net/impairment.hpp"

#include <algorithm>

namespace firstbyte::net {
namespace {

/// Asks for the memory of a segment that will be read soon: a long flight does not fit the nearest cache.
void prefetch(const Flying& flying) {
    const char* const memory = reinterpret_cast<const char*>(&flying);
    __builtin_prefetch(memory);
    __builtin_prefetch(memory + 64);
}

} // namespace

Network::Sent Network::send_with_care(Path& path, tcp::Segment& segment) {
    if (path.lab != 0 && !lab(path.lab).pass(now(), path.up, segment)) return Sent::Lost;
    if (path.link->impaired) return send_impaired(path, segment);
    return put_on_wire(path, path, segment, Duration{0});
}

Network::Sent Network::send_impaired(Path& path, tcp::Segment& segment) {
    const LinkSpec& link = *path.link;
    if (link.gate != nullptr && !link.gate->passes(segment, now())) return Sent::Lost;
    const Fate fate = fate_of(path, wire_size(segment), draws_);
    if (fate.act != TracePacket::Act::Forward) {
        if (path.lab != 0) lab(path.lab).lost(segment, fate.act);
        return fate.act == TracePacket::Act::TooBig && !link.icmp_filtered ? Sent::TooBig : Sent::Lost;
    }
    Path* way = &path;
    if (link.moves) {
        if (path.up) {
            const WayFinder::Way chosen = ways->choose(path, segment);
            if (chosen.path == nullptr) return send_nowhere(path, segment, chosen.act);
            way = chosen.path;
        }
        if (path.lab != 0) lab(path.lab).goes(segment, way->pop);
    }
    return put_on_wire(path, *way, segment, fate.jitter);
}

/// Rate and queue are those of `path`, the flight is that of `way`.
Network::Sent Network::put_on_wire(Path& path, Path& way, const tcp::Segment& segment, Duration jitter) {
    const LinkSpec& link = *path.link;
    Instant leaves = now();
    if (!link.rate.unlimited()) {
        const Bytes size = wire_size(segment);
        if ((link.queue_bytes >= 0 || link.queue_packets >= 0) && queue_full(path, way, size)) {
            if (path.lab != 0) lab(path.lab).lost(segment, TracePacket::Act::TailDrop);
            return Sent::Lost;
        }
        leaves = std::max(leaves, path.wire_free) + link.time_on_wire(size);
        path.wire_free = leaves;
    }
    Flying& flying = flying_.take();
    flying.segment = segment;
    flying.leaves = leaves;
    flying.arrives = leaves + way.delay + jitter;
    put_in_flight(way, flying);
    if (path.lab == 0) return Sent::OnItsWay;
    Lab& rules = lab(path.lab);
    const Instant arrives = flying.arrives;
    rules.arrives(segment, arrives);
    if (const std::optional<Duration> later = rules.take_copy()) put_copy(way, segment, arrives + *later);
    return Sent::OnItsWay;
}

/// A copy of a segment that has just left. Model: the network makes it behind the access link, whose rate and queue it
/// does not meet.
void Network::put_copy(Path& way, const tcp::Segment& segment, Instant arrives) {
    FB_ASSERT(way.link->reorder, "a path that copies packets lets them arrive in the order of their own times");
    Flying& flying = flying_.take();
    flying.segment = segment;
    flying.leaves = now();
    flying.arrives = arrives;
    put_in_flight(way, flying);
    bytes_copied += segment.length;
    lab(way.lab).copied(segment, arrives);
}

/// The access link carries it, and then it is lost.
Network::Sent Network::send_nowhere(Path& path, const tcp::Segment& segment, TracePacket::Act why) {
    const LinkSpec& link = *path.link;
    if (!link.rate.unlimited()) {
        const Bytes size = wire_size(segment);
        if (queue_full(path, path, size))
            why = TracePacket::Act::TailDrop;
        else
            path.wire_free = std::max(now(), path.wire_free) + link.time_on_wire(size);
    }
    if (path.lab != 0) lab(path.lab).lost(segment, why);
    return Sent::Lost;
}

/// Without reordering a packet never overtakes the one ahead, whatever its jitter.
inline void Network::put_in_flight(Path& path, Flying& flying) {
    const LinkSpec& link = *path.link;
    if (link.reorder) return put_among_reordered(path, flying);
    flying.next = nullptr;
    if (link.queue_packets >= 0) {
        if (path.unsent == nullptr) path.unsent = &flying;
        ++path.waiting;
    }
    if (path.idle()) {
        path.head = path.tail = &flying;
        engine_.schedule(make_event(flying.arrives, engine::EventClass::Segment, path.entity, path.object));
    } else {
        Flying& ahead = *path.tail;
        flying.arrives = std::max(flying.arrives, ahead.arrives);
        ahead.next = &flying;
        path.tail = &flying;
    }
}

/// Keeps two orders, that of leaving the sender and that of arrival, and has one event per segment.
void Network::put_among_reordered(Path& path, Flying& flying) {
    flying.left_next = nullptr;
    if (path.link->queue_packets >= 0) {
        if (path.unsent == nullptr)
            path.unsent = &flying;
        else
            path.last_sent->left_next = &flying;
        path.last_sent = &flying;
        ++path.waiting;
    }

    if (path.idle() || path.head->arrives > flying.arrives) {
        flying.next = path.head;
        path.head = &flying;
    } else {
        InFlight before = path.tail->arrives <= flying.arrives ? path.tail : path.head;
        while (before->next != nullptr && before->next->arrives <= flying.arrives) before = before->next;
        flying.next = before->next;
        before->next = &flying;
    }
    if (flying.next == nullptr) path.tail = &flying;
    engine_.schedule(make_event(flying.arrives, engine::EventClass::Segment, path.entity, path.object));
}

/// "Fragmentation needed" (RFC 792, RFC 1191), to the connection whose segment was too large.
/// Model: the narrow link is half way, so that the message is back after the time of one way; it takes no time on the
/// wire and no place in a queue, and is not lost.
void Network::return_too_big(const Path& path, Path& back, const tcp::Segment& segment) {
    Flying& flying = flying_.take();
    flying.segment = tcp::Segment{};
    flying.segment.flow = segment.flow;
    flying.segment.to = segment.from;
    flying.segment.too_big_mtu = static_cast<std::uint16_t>(path.link->path_mtu);
    flying.leaves = now();
    flying.arrives = now() + path.delay;
    put_in_flight(back, flying);
}

/// The limit counts what waits or is being sent; a packet over it is dropped on arrival (drop-tail).
/// Model: a limit in packets counts those that go the same way.
bool Network::queue_full(const Path& path, Path& way, Bytes size) {
    const LinkSpec& link = *path.link;
    if (link.queue_bytes >= 0) {
        const std::int64_t backlog_ns = std::max<std::int64_t>((path.wire_free - now()).count(), 0);
        // Rounded up: a byte that has begun to leave still takes its place.
        const auto backlog = static_cast<std::int64_t>(
            (static_cast<double>(backlog_ns) * static_cast<double>(link.rate.per_sec) + 7.999e9) / 8e9);
        return backlog + size.count > link.queue_bytes;
    }
    if (link.queue_packets >= 0) {
        forget_sent(way);
        return way.waiting > link.queue_packets;
    }
    return false;
}

/// Takes what has left its sender off the list of those that wait.
void Network::forget_sent(Path& path) {
    const bool reorder = path.link->reorder;
    while (path.unsent != nullptr && path.unsent->leaves <= now()) {
        path.unsent = reorder ? path.unsent->left_next : path.unsent->next;
        --path.waiting;
    }
}

engine::Event Network::receive(Path& path) {
    const LinkSpec& link = *path.link;
    Flying& first = *path.head;
    if (link.queue_packets >= 0) {
        if (link.reorder) {
            forget_sent(path); // before its place is given away: it has left, and so have all that were sent before it
        } else if (path.unsent == &first) {
            path.unsent = first.next;
            --path.waiting;
        }
    }
    path.head = first.next;
    flying_.give(first);
    if (path.idle()) {
        path.tail = nullptr;
        path.unsent = nullptr;
        path.waiting = 0;
        return engine::no_event;
    }
    if (path.head->next != nullptr) prefetch(*path.head->next);
    if (link.reorder) return engine::no_event; // every segment has an event of its own
    return make_event(path.head->arrives, engine::EventClass::Segment, path.entity, path.object);
}

void FlyingPool::grow() {
    chunks_.push_back(std::make_unique<Flying[]>(chunk));
    Flying* const places = chunks_.back().get();
    for (std::size_t n = chunk; n-- > 0;) give(places[n]);
}

} // namespace firstbyte::net
