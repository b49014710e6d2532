#include "net/network.hpp"

#include <algorithm>

namespace firstbyte::net {

void Network::send(Path& path, tcp::Segment& segment) {
    if (path.lab != 0 && !lab(path.lab).pass(now(), path.up, segment)) return;
    const LinkSpec& link = *path.link;
    Instant leaves = now();
    if (!link.rate.unlimited()) {
        const Bytes size = wire_size(segment);
        if (queue_full(path, size)) {
            if (path.lab != 0) lab(path.lab).lost(segment, TracePacket::Act::TailDrop);
            return;
        }
        leaves = std::max(leaves, path.wire_free) + serialization_delay(size, link.rate);
        path.wire_free = leaves;
    }
    const InFlight index = flying_.acquire().index;
    Flying& flying = flying_[index];
    flying.segment = segment;
    flying.arrives = leaves + path.delay;
    if (path.lab != 0) lab(path.lab).arrives(segment, flying.arrives);
    flying.next = no_segment;
    if (path.unsent == no_segment) path.unsent = index;
    ++path.waiting;
    if (path.idle()) {
        path.head = path.tail = index;
        engine_.schedule(make_event(flying.arrives, engine::EventClass::Segment, path.entity, path.object));
    } else {
        flying_[path.tail].next = index;
        path.tail = index;
    }
}

/// The limit counts what waits or is being sent; a packet over it is dropped on arrival (drop-tail).
bool Network::queue_full(Path& path, Bytes size) {
    const LinkSpec& link = *path.link;
    if (link.queue_bytes >= 0) {
        const std::int64_t backlog_ns = std::max<std::int64_t>((path.wire_free - now()).count(), 0);
        // Rounded up: a byte that has begun to leave still takes its place.
        const auto backlog = static_cast<std::int64_t>(
            (static_cast<double>(backlog_ns) * static_cast<double>(link.rate.per_sec) + 7.999e9) / 8e9);
        return backlog + size.count > link.queue_bytes;
    }
    if (link.queue_packets >= 0) {
        while (path.unsent != no_segment && flying_[path.unsent].arrives - path.delay <= now()) {
            path.unsent = flying_[path.unsent].next;
            --path.waiting;
        }
        return path.waiting >= link.queue_packets;
    }
    return false;
}

std::optional<engine::Event> Network::receive(Path& path) {
    const InFlight index = path.head;
    if (path.unsent == index) {
        path.unsent = flying_[index].next;
        --path.waiting;
    }
    path.head = flying_[index].next;
    flying_.release(index);
    if (path.idle()) {
        path.tail = no_segment;
        path.unsent = no_segment;
        path.waiting = 0;
        return std::nullopt;
    }
    return make_event(flying_[path.head].arrives, engine::EventClass::Segment, path.entity, path.object);
}

} // namespace firstbyte::net
