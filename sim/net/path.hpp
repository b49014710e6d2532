/// One direction of a path: losses, serialization behind a drop-tail queue, then a delay. Unless its link reorders it
/// keeps order, so the engine holds one event for all that is in flight.
#pragma once

#include "firstbyte/scenario.hpp"
#include "firstbyte/units.hpp"
#include "tcp/segment.hpp"

#include <cstdint>

namespace firstbyte::net {

struct Flying;
/// A segment in flight, where the network keeps it; null ends a list.
using InFlight = Flying*;

/// A box at a link's end that remembers what it has seen.
class Gate {
public:
    /// @return whether the packet goes on
    [[nodiscard]] virtual bool passes(const tcp::Segment& segment, Instant now) = 0;

protected:
    ~Gate() = default;
};

/// Fixed properties of a path, shared by every client of a group.
struct LinkSpec {
    BitRate rate{};                  ///< 0: unlimited
    std::int64_t ns_per_byte = 0;    ///< of `rate`, where it is a whole number: saves a division; 0: it is not
    std::int64_t queue_bytes = -1;   ///< drop-tail limit on what waits or is being sent; -1: none
    std::int64_t queue_packets = -1; ///< on packets that wait behind the one being sent; -1: none
    bool impaired = false;           ///< something below acts; most paths have nothing of it
    bool moves = false;              ///< packets up find their way when they are sent: WayFinder. Needs `impaired`
    bool reorder = false;            ///< jitter may change the order of packets
    bool icmp_filtered = false;      ///< nobody is told of a packet larger than `path_mtu`
    Gate* gate = nullptr;            ///< asked about each packet; null: none. Needs `impaired`
    std::int64_t path_mtu = 0;       ///< largest IP packet that passes; 0: any
    Loss loss;
    Distribution jitter = Distribution::fixed(0.0); ///< ns, added to the delay of each packet

    void set_rate(BitRate to) {
        constexpr std::int64_t bit_ns_per_byte = 8'000'000'000;
        rate = to;
        ns_per_byte = !to.unlimited() && bit_ns_per_byte % to.per_sec == 0 ? bit_ns_per_byte / to.per_sec : 0;
    }
    [[nodiscard]] Duration time_on_wire(Bytes size) const {
        return ns_per_byte != 0 ? Duration{size.count * ns_per_byte} : serialization_delay(size, rate);
    }
};

/// What most packets need fills the first cache line.
struct alignas(64) Path {
    const LinkSpec* link = nullptr;
    Duration delay{};                        ///< one way, after serialization
    Instant wire_free{};                     ///< when the last accepted segment has left the sender
    std::uint64_t object = 0;                ///< which of the receiver's paths this is: breaks ties
    std::uint32_t entity = 0;                ///< who receives
    std::uint32_t back = 0;                  ///< the receiver's own path in the other direction: answers go there
    InFlight head = nullptr, tail = nullptr; ///< in order of arrival
    std::uint32_t lab = 0;                   ///< 1 + index of the rules and recorder on this path; 0: none
    bool up = false;                         ///< away from the client, for rules and records
    // Of an impaired link: the state of its losses, whose random numbers, and the order of leaving.
    bool loss_begun = false, loss_bad = false;
    std::uint32_t draws = 0;   ///< name of the path among those that draw
    std::uint64_t ordinal = 0; ///< number of its next packet
    // Of a link with a limit in packets.
    InFlight unsent = nullptr;    ///< first segment that may not have left yet
    InFlight last_sent = nullptr; ///< end of the list that begins at `unsent`; only with LinkSpec::reorder
    std::uint32_t waiting = 0;    ///< segments from `unsent` on
    // Of a link that moves: see WayFinder.
    std::uint32_t way = 0;   ///< its number among the ways of all such links
    std::int32_t pop = -1;   ///< at its upper end
    std::uint32_t users = 0; ///< connections of its sender's host that send on it: it may not go before them

    [[nodiscard]] bool idle() const { return head == nullptr; }
};

} // namespace firstbyte::net
