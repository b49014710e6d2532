/// One TCP segment as the simulator carries it: header, options, and what its payload belongs to.
#pragma once

#include "core/slab.hpp"
#include "firstbyte/units.hpp"
#include "tcp/sequence.hpp"

#include <array>
#include <cstdint>

namespace firstbyte::tcp {

/// Header bits in their wire positions (RFC 9293 section 3.1).
namespace flag {
inline constexpr std::uint8_t fin = 1, syn = 2, rst = 4, psh = 8, ack = 16;
}

/// Whether a slot names somebody: the default one does not, and the peer's is unknown until its first segment.
constexpr bool known(Slot slot) { return slot.generation != 0; }

/// Name of a connection, the same at both ends: what the four addresses and ports say on a real wire.
struct FlowName {
    std::uint32_t owner = 0;    ///< client group, or PoP on the origin leg
    std::uint32_t serial = 0;   ///< ordinal of the connection at its owner
    std::uint32_t address = 0;  ///< of the side that opened it; Fast Open cookies are bound to it
    std::uint32_t reopened = 0; ///< connections that the same serial had before
    bool operator==(const FlowName&) const = default;
    /// For tables: owners have 24 bits as entities do, so the upper 8 are free.
    [[nodiscard]] std::uint64_t key() const {
        return (std::uint64_t{reopened & 0xff} << 56) | (std::uint64_t{owner} << 32) | serial;
    }
};

/// What a reader of the payload would find in it: the message that the last written bytes belong to. Opaque to TCP.
/// Model: header fields of an HTTP message ride beside its bytes; the bytes themselves are only counted.
struct Label {
    std::uint32_t group = 0, session = 0, request = 0; ///< name of the request
    std::uint32_t length = 0;                          ///< of the whole message, bytes
    std::uint32_t info = 0;                            ///< for a response: its outcome, see cdn
    std::uint32_t header = 0;                          ///< for a response: bytes of `length` that are its header
};

/// Fast Open option, kind 34 (RFC 7413 section 4.1.1).
enum class FastOpenOption : std::uint8_t { None, Request, Cookie };

/// Range of received bytes (RFC 2018): [begin, end).
struct SackBlock {
    Seq begin = 0, end = 0;
};

struct Segment {
    Seq seq = 0, ack = 0;
    std::uint32_t length = 0; ///< payload bytes
    std::uint32_t window = 0; ///< bytes, scaling undone
    Instant sent_at{};        ///< timestamp option (RFC 7323). Model: in ns where Linux has ms on the wire, us inside
    Instant echo{};           ///< timestamp echoed; Instant{} - 1 ns = none
    FlowName flow;
    Slot to;   ///< receiver's connection, once known
    Slot from; ///< sender's connection
    Label label;
    std::uint64_t cookie = 0;        ///< with FastOpenOption::Cookie, only in SYN and SYN-ACK
    std::array<SackBlock, 4> sack{}; ///< with timestamps at most three fit; the first may be a DSACK (RFC 2883)
    std::uint16_t mss = 0;           ///< option of SYN and SYN-ACK
    std::uint8_t flags = 0;
    std::uint8_t sack_count = 0;
    FastOpenOption fast_open = FastOpenOption::None;
    std::uint8_t transmission = 0; ///< 0 for the first, counts repetitions of the same bytes
    bool timestamps = true;
    bool sack_permitted = false;         ///< option of SYN and SYN-ACK
    bool fast_open_experimental = false; ///< the option in the form of kind 254, magic 0xF989
    bool window_probe = false;           ///< keepalive or zero-window probe, for records
    std::uint16_t too_big_mtu = 0; ///< not 0: no segment but ICMP "fragmentation needed", with the MTU that would do
    /// Not None: no segment but ICMP "destination unreachable" (RFC 792), in answer to a SYN.
    enum class Unreachable : std::uint8_t { None, Host, Port } unreachable = Unreachable::None;
    std::int8_t window_shift = 0; ///< RFC 7323 scale that applies to this segment's window field, for records
    /// 1 + which of the servers at the anycast address has the connection, as its sender knows it; 0: it does not know,
    /// or routes do not move. Model: in place of the initial sequence number, by which a real server would tell.
    std::uint16_t server = 0;

    [[nodiscard]] constexpr bool syn() const { return (flags & flag::syn) != 0; }
    [[nodiscard]] constexpr bool fin() const { return (flags & flag::fin) != 0; }
    [[nodiscard]] constexpr bool rst() const { return (flags & flag::rst) != 0; }
    [[nodiscard]] constexpr bool has_ack() const { return (flags & flag::ack) != 0; }
    /// Sequence space taken: payload, SYN and FIN (RFC 9293 section 3.4).
    [[nodiscard]] constexpr std::uint32_t sequence_length() const {
        return length + (syn() ? 1u : 0u) + (fin() ? 1u : 0u);
    }
};

inline constexpr Instant no_echo{Duration{-1}};

/// Bytes of the IPv4 packet that carries `segment`.
///
/// IPv4 20 + TCP 20 + options as Linux lays them out: SYN: MSS 4, SACK permitted and timestamps 12, window scale 4;
/// Fast Open 2 or 10 padded to 4; later segments: timestamps padded to 12, SACK 4 + 8 a block (RFC 9293, 7323, 2018).
constexpr Bytes wire_size(const Segment& segment) {
    std::int64_t size = 40 + segment.length;
    if (segment.syn()) {
        size += segment.timestamps ? 20 : segment.sack_permitted ? 12 : 8;
        // Kind 254 has a magic number of two bytes more (RFC 7413 section 4.1.1, RFC 6994).
        if (segment.fast_open == FastOpenOption::Request) size += 4;
        if (segment.fast_open == FastOpenOption::Cookie) size += 12;
    } else {
        if (segment.timestamps) size += 12;
        if (segment.sack_count != 0) size += 4 + 8 * segment.sack_count;
    }
    return Bytes{size};
}

} // namespace firstbyte::tcp
