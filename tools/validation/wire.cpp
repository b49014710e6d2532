#include "wire.hpp"

#include <algorithm>
#include <map>
#include <utility>

namespace firstbyte::validate {
namespace {

/// Bytes of IP and TCP header with the options that Linux sends; padded to words.
std::int64_t header_bytes(const Packet& packet, bool timestamps) {
    std::int64_t bytes = 40; // RFC 791 and RFC 9293 without options
    if ((packet.flags & flag::rst) != 0) return bytes;
    if ((packet.flags & flag::syn) != 0) {
        bytes += 20; // MSS 4, SACK permitted with timestamps 12, window scale 4
        const std::int64_t magic = packet.experimental ? 2 : 0; // RFC 6994
        if (packet.tfo == TracePacket::Tfo::Request) bytes += 4;
        if (packet.tfo == TracePacket::Tfo::Cookie)
            bytes += (2 + magic + 8 + 3) / 4 * 4; // Linux's cookies have 8 bytes
        return bytes;
    }
    if (timestamps) bytes += 12;
    if (!packet.sack.empty()) bytes += 4 + 8 * static_cast<std::int64_t>(packet.sack.size());
    return bytes;
}

} // namespace

bool is_lost(const Packet& packet) {
    switch (packet.act) {
    case TracePacket::Act::Forward:
    case TracePacket::Act::StripTfo:
    case TracePacket::Act::StripData:
    case TracePacket::Act::CorruptCookie:
    case TracePacket::Act::Copy:
    case TracePacket::Act::Foreign: return false;
    case TracePacket::Act::Drop:
    case TracePacket::Act::TailDrop:
    case TracePacket::Act::Lost:
    case TracePacket::Act::TooBig:
    case TracePacket::Act::Blackhole:
    case TracePacket::Act::Loop: break;
    }
    return true;
}

std::vector<std::optional<Duration>> arrivals_of(const std::vector<Packet>& packets, const Link& link) {
    std::vector<std::optional<Duration>> arrivals(packets.size());
    Duration free[2] = {}; // when the transmitter of each direction is done
    for (std::size_t i = 0; i < packets.size(); ++i) {
        const Packet& packet = packets[i];
        if (is_lost(packet)) continue;
        Duration& busy_until = free[packet.up ? 1 : 0];
        const Bytes size{header_bytes(packet, link.timestamps) + packet.length};
        busy_until = std::max(busy_until, packet.at) + serialization_delay(size, BitRate{link.rate_bps});
        arrivals[i] = packet.arrives.value_or(busy_until + link.rtt / 2);
    }
    return arrivals;
}

std::vector<bool> probes_of(const std::vector<Packet>& packets) {
    struct Ends {
        std::uint32_t next = 0;  ///< past the last sequence number sent
        std::uint32_t acked = 0; ///< by the peer, as far as it has sent it
    };
    std::map<std::pair<std::uint32_t, bool>, Ends> ends; // by connection and direction
    std::vector<bool> probes(packets.size());
    for (std::size_t i = 0; i < packets.size(); ++i) {
        const Packet& packet = packets[i];
        if (!packet.seq) continue;
        Ends& own = ends[{packet.connection, packet.up}];
        if (packet.ack) {
            Ends& peer = ends[{packet.connection, !packet.up}];
            peer.acked = std::max(peer.acked, *packet.ack);
        }
        const bool bare = packet.flags == flag::ack && packet.length == 0;
        probes[i] = bare && own.next != 0 && *packet.seq + 1 == own.next && own.acked == own.next;
        const std::uint32_t control = (packet.flags & (flag::syn | flag::fin)) != 0 ? 1 : 0;
        if ((packet.flags & flag::rst) == 0) own.next = std::max(own.next, *packet.seq + packet.length + control);
    }
    return probes;
}

} // namespace firstbyte::validate
