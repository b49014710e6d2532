#include "report/ip_packet.hpp"

#include "core/check.hpp"
#include "core/mix.hpp"
#include "report/packet_facts.hpp"

#include <algorithm>
#include <cstddef>
#include <limits>

#include <fmt/format.h>

namespace firstbyte::report {
namespace {

void put(std::string& out, std::uint64_t value, std::size_t bytes) { // network byte order
    for (std::size_t n = bytes; n-- > 0;) out += static_cast<char>((value >> (8 * n)) & 0xff);
}

/// Number of the four addresses and ports, different for what is asked of it.
std::uint32_t flow_number(const TraceConnection& trace, bool up, std::uint64_t purpose) {
    const std::uint64_t addresses = std::uint64_t{trace.client_address} << 32 | trace.server_address;
    const std::uint64_t ports = std::uint64_t{trace.client_port} << 16 | trace.server_port;
    return static_cast<std::uint32_t>(mix64(mix64(mix64(addresses) + ports) + 2 * purpose + (up ? 1 : 0)));
}

/// Linux's timestamp clock ticks in milliseconds from an offset of the connection's own (net/ipv4/tcp_output.c).
std::uint32_t timestamp_value(const TraceConnection& trace, bool up, Instant at) {
    constexpr std::uint64_t purpose = 2;
    const std::int64_t ms = at.time_since_epoch() / std::chrono::milliseconds{1};
    return flow_number(trace, up, purpose) + static_cast<std::uint32_t>(ms);
}

/// Sum of 16-bit words in ones' complement, not yet complemented (RFC 1071).
std::uint32_t add_words(std::uint32_t sum, std::string_view bytes) {
    for (std::size_t n = 0; n < bytes.size(); ++n) {
        const auto byte = static_cast<std::uint32_t>(static_cast<unsigned char>(bytes[n]));
        sum += n % 2 == 0 ? byte << 8 : byte;
        sum = (sum & 0xffff) + (sum >> 16);
    }
    return sum;
}

void set_checksum(std::string& header, std::size_t at, std::uint32_t sum) {
    const std::uint32_t checksum = ~sum & 0xffff;
    header[at] = static_cast<char>(checksum >> 8);
    header[at + 1] = static_cast<char>(checksum & 0xff);
}

// Option kinds: RFC 9293 section 3.1, RFC 7323, RFC 2018, RFC 7413 section 4.1.1, RFC 6994.
constexpr std::uint8_t kind_nop = 1, kind_mss = 2, kind_window_scale = 3, kind_sack_permitted = 4, kind_sack = 5,
                       kind_timestamps = 8, kind_fast_open = 34, kind_experiment = 254;
constexpr std::uint16_t fast_open_magic = 0xF989;
constexpr std::size_t options_max = 40; // the header's length counts up to 15 words

void put_fast_open(std::string& options, const TracePacket& packet) {
    const std::size_t cookie = packet.tfo == TracePacket::Tfo::Cookie ? sizeof packet.cookie : 0;
    const std::size_t length = (packet.tfo_experimental ? 4 : 2) + cookie;
    put(options, packet.tfo_experimental ? kind_experiment : kind_fast_open, 1);
    put(options, length, 1);
    if (packet.tfo_experimental) put(options, fast_open_magic, 2);
    put(options, packet.cookie, cookie);
    options.append((4 - length % 4) % 4, static_cast<char>(kind_nop));
}

std::string options_of(const TraceConnection& trace, const TracePacket& packet) {
    std::string options;
    if (packet.mss != 0) {
        put(options, kind_mss, 1);
        put(options, 4, 1);
        put(options, packet.mss, 2);
    }
    if (packet.timestamps) {
        // SACK permitted takes the place of the two bytes that fill up before the timestamps.
        put(options, packet.sack_permitted ? kind_sack_permitted : kind_nop, 1);
        put(options, packet.sack_permitted ? 2 : kind_nop, 1);
        put(options, kind_timestamps, 1);
        put(options, 10, 1);
        put(options, timestamp_value(trace, packet.up, packet.timestamp), 4);
        const bool echoes = packet.echo >= Instant{};
        put(options, echoes ? timestamp_value(trace, !packet.up, packet.echo) : 0, 4);
    } else if (packet.sack_permitted) {
        options.append(2, static_cast<char>(kind_nop));
        put(options, kind_sack_permitted, 1);
        put(options, 2, 1);
    }
    if (packet.window_scale >= 0) {
        put(options, kind_nop, 1);
        put(options, kind_window_scale, 1);
        put(options, 3, 1);
        put(options, static_cast<std::uint64_t>(packet.window_scale), 1);
    }
    constexpr std::size_t sack_header = 4, block = 8;
    const std::size_t room = options_max - options.size();
    const std::size_t blocks = room < sack_header ? 0 : std::min(packet.sack.size(), (room - sack_header) / block);
    if (blocks != 0) {
        const std::uint32_t base = initial_sequence_number(trace, !packet.up);
        options.append(2, static_cast<char>(kind_nop));
        put(options, kind_sack, 1);
        put(options, 2 + block * blocks, 1);
        for (std::size_t n = 0; n < blocks; ++n) {
            put(options, base + packet.sack[n].first, 4);
            put(options, base + packet.sack[n].second, 4);
        }
    }
    if (packet.tfo != TracePacket::Tfo::None) put_fast_open(options, packet);
    FB_ASSERT(options.size() % 4 == 0 && options.size() <= options_max, "options fill whole words of the header");
    return options;
}

std::string tcp_header(const TraceConnection& trace, const TracePacket& packet) {
    const std::string options = options_of(trace, packet);
    constexpr std::size_t fixed = 20;
    std::string header;
    put(header, packet.up ? trace.client_port : trace.server_port, 2);
    put(header, packet.up ? trace.server_port : trace.client_port, 2);
    put(header, initial_sequence_number(trace, packet.up) + packet.seq, 4);
    put(header, has(packet, flag::ack) ? initial_sequence_number(trace, !packet.up) + packet.ack : 0, 4);
    put(header, (fixed + options.size()) / 4 << 4, 1);
    put(header, packet.flags, 1);
    put(header, std::min<std::uint32_t>(packet.window_field, std::numeric_limits<std::uint16_t>::max()), 2);
    put(header, 0, 4); // checksum and urgent pointer
    return header + options;
}

} // namespace

std::uint32_t initial_sequence_number(const TraceConnection& trace, bool up) {
    constexpr std::uint64_t purpose = 1;
    return flow_number(trace, up, purpose);
}

std::string dotted(std::uint32_t address) {
    return fmt::format("{}.{}.{}.{}", address >> 24, (address >> 16) & 0xff, (address >> 8) & 0xff, address & 0xff);
}

std::string ip_packet(const TraceConnection& trace, const TracePacket& packet, std::string_view payload,
                      std::uint16_t identification) {
    FB_ASSERT(payload.size() == packet.length, "a packet carries as many bytes as it says");
    constexpr std::size_t ip_header = 20, ip_checksum = 10, tcp_checksum = 16;
    constexpr std::uint64_t protocol_tcp = 6;
    std::string tcp = tcp_header(trace, packet);
    const std::size_t tcp_length = tcp.size() + payload.size();
    FB_ASSERT(ip_header + tcp_length <= std::numeric_limits<std::uint16_t>::max(),
              "an IPv4 packet has at most 65,535 B");

    std::string ip;
    put(ip, 0x4500, 2); // version 4, header of five words, no type of service
    put(ip, ip_header + tcp_length, 2);
    put(ip, identification, 2);
    put(ip, 0x4000, 2); // do not fragment, as Linux with path MTU discovery
    put(ip, 64, 1);     // Linux ip_default_ttl
    put(ip, protocol_tcp, 1);
    put(ip, 0, 2);
    put(ip, packet.up ? trace.client_address : trace.server_address, 4);
    put(ip, packet.up ? trace.server_address : trace.client_address, 4);
    set_checksum(ip, ip_checksum, add_words(0, ip));

    constexpr std::size_t addresses = 12;
    std::string pseudo = ip.substr(addresses); // RFC 9293 section 3.1: addresses, protocol, length
    put(pseudo, protocol_tcp, 2);
    put(pseudo, tcp_length, 2);
    // The header has an even number of bytes, so that the payload begins a word.
    set_checksum(tcp, tcp_checksum, add_words(add_words(add_words(0, pseudo), tcp), payload));
    std::string out = ip + tcp;
    out += payload;
    return out;
}

} // namespace firstbyte::report
