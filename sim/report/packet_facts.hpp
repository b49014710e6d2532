/// What a reader of a trace wants to know of a packet and must look at its neighbours for.
#pragma once

#include "firstbyte/results.hpp"

#include <cstdint>
#include <string>
#include <vector>

namespace firstbyte::report {

/// Header bits in their wire positions (RFC 9293 section 3.1).
namespace flag {
inline constexpr std::uint8_t fin = 1, syn = 2, rst = 4, psh = 8, ack = 16;
}

[[nodiscard]] constexpr bool has(const TracePacket& packet, std::uint8_t bits) { return (packet.flags & bits) == bits; }
/// Neither opens nor ends a connection.
[[nodiscard]] constexpr bool plain(const TracePacket& packet) {
    return (packet.flags & (flag::syn | flag::fin | flag::rst)) == 0;
}
[[nodiscard]] constexpr bool bare_ack(const TracePacket& packet) { return plain(packet) && packet.length == 0; }
/// Number of the first payload byte: a SYN takes number 0 itself.
[[nodiscard]] constexpr std::uint32_t payload_begin(const TracePacket& packet) {
    return packet.seq + (has(packet, flag::syn) ? 1 : 0);
}

struct PacketFacts {
    /// What the server made of the data in a SYN. With `Ignored` the SYN-ACK may carry a cookie: the one sent was
    /// wrong.
    enum class SynData : std::uint8_t { None, Taken, Ignored, Unanswered } syn_data = SynData::None;
    bool new_cookie = false;     ///< of a SYN: the answer carries a cookie
    bool again = false;          ///< carries nothing that was not sent before
    bool ends_handshake = false; ///< the client's first packet after the SYN-ACK
    bool first_byte = false;     ///< of a response is in it, for the first time
    bool answers_data = false;   ///< of a SYN-ACK: it acknowledges the SYN's data
    bool leaves_data = false;    ///< of a SYN-ACK: the SYN had data and it acknowledges only the SYN
    std::uint32_t probe = 0;     ///< which probe in a row without an answer, from 1; 0: none
    bool window_probe = false;   ///< the probe asks for a window, not for life
};

/// One element per packet of the connection.
[[nodiscard]] std::vector<PacketFacts> facts_of(const TraceConnection& trace);

[[nodiscard]] const char* act_words(TracePacket::Act act); ///< empty for Forward
/// "keepalive probe 2", or empty.
[[nodiscard]] std::string probe_words(const PacketFacts& facts);
/// "TFO SYN+data, cookie good": the comment of a packet in a capture.
[[nodiscard]] std::string packet_comment(const TracePacket& packet, const PacketFacts& facts);

} // namespace firstbyte::report
