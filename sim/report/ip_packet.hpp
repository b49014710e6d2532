/// A traced packet as the bytes of an IPv4 packet.
#pragma once

#include "firstbyte/results.hpp"

#include <cstdint>
#include <string>
#include <string_view>

namespace firstbyte::report {

/// IPv4 (RFC 791) and TCP (RFC 9293) headers with correct checksums, options in Linux's order (tcp_options_write in
/// net/ipv4/tcp_output.c), then the payload. The initial sequence numbers and the offsets of the timestamp clocks are
/// functions of the connection's addresses and ports.
/// @param payload         exactly packet.length bytes
/// @param identification  of the IPv4 header
[[nodiscard]] std::string ip_packet(const TraceConnection& trace, const TracePacket& packet, std::string_view payload,
                                    std::uint16_t identification);

/// Relative sequence numbers begin here.
[[nodiscard]] std::uint32_t initial_sequence_number(const TraceConnection& trace, bool up);

/// "198.18.0.1", from host byte order.
[[nodiscard]] std::string dotted(std::uint32_t address);

} // namespace firstbyte::report
