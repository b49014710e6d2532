/// Reads capture files for tests: blocks of pcapng (draft-ietf-opsawg-pcapng), IPv4 (RFC 791) and TCP (RFC 9293), with
/// nothing shared with the writer.
#pragma once

#include <doctest/doctest.h>

#include <cstdint>
#include <map>
#include <string>
#include <vector>

namespace firstbyte::test {

inline std::uint64_t big_endian(const std::string& bytes, std::size_t at, std::size_t count) {
    std::uint64_t value = 0;
    for (std::size_t n = 0; n < count; ++n) value = value << 8 | static_cast<unsigned char>(bytes.at(at + n));
    return value;
}

inline std::uint64_t little_endian(const std::string& bytes, std::size_t at, std::size_t count) {
    std::uint64_t value = 0;
    for (std::size_t n = count; n-- > 0;) value = value << 8 | static_cast<unsigned char>(bytes.at(at + n));
    return value;
}

/// A block of the file: its type, its body without options, its options by code.
struct Block {
    std::uint64_t type = 0;
    std::string body;
    std::map<std::uint64_t, std::string> options;
};

inline std::vector<Block> blocks_of(const std::string& file) {
    constexpr std::uint64_t section = 0x0A0D0D0A, interface = 1, packet = 6;
    std::vector<Block> blocks;
    for (std::size_t at = 0; at < file.size();) {
        Block block;
        block.type = little_endian(file, at, 4);
        const std::uint64_t length = little_endian(file, at + 4, 4);
        REQUIRE(length % 4 == 0);
        REQUIRE(length >= 12);
        REQUIRE(little_endian(file, at + length - 4, 4) == length); // the length stands at both ends
        const std::string body = file.substr(at + 8, length - 12);
        std::size_t fixed = body.size();
        if (block.type == section) fixed = 16;
        if (block.type == interface) fixed = 8;
        if (block.type == packet) fixed = 20 + (little_endian(body, 12, 4) + 3) / 4 * 4;
        block.body = body.substr(0, fixed);
        for (std::size_t option = fixed; option < body.size();) {
            const std::uint64_t code = little_endian(body, option, 2), size = little_endian(body, option + 2, 2);
            if (code == 0) {
                CHECK(size == 0);
                CHECK(option + 4 == body.size());
                break;
            }
            block.options[code] = body.substr(option + 4, size);
            option += 4 + (size + 3) / 4 * 4;
        }
        blocks.push_back(block);
        at += length;
    }
    return blocks;
}

/// Sum of the 16-bit words in ones' complement; 0xffff over data with a correct checksum in them (RFC 1071 section 1).
inline std::uint64_t ones_sum(std::string bytes) {
    if (bytes.size() % 2 != 0) bytes += '\0';
    std::uint64_t sum = 0;
    for (std::size_t n = 0; n < bytes.size(); n += 2) sum += big_endian(bytes, n, 2);
    while (sum > 0xffff) sum = (sum & 0xffff) + (sum >> 16);
    return sum;
}

/// An IPv4 packet with TCP in it; reading it checks lengths and checksums.
struct CapturedPacket {
    std::uint64_t time_ns = 0, interface = 0;
    std::string comment, bytes;
    std::uint64_t source = 0, destination = 0, source_port = 0, destination_port = 0;
    std::uint64_t seq = 0, ack = 0, flags = 0, window = 0;
    std::string options, payload;
};

inline CapturedPacket packet_of(const Block& block) {
    CapturedPacket p;
    p.interface = little_endian(block.body, 0, 4);
    p.time_ns = little_endian(block.body, 4, 4) << 32 | little_endian(block.body, 8, 4);
    const std::uint64_t length = little_endian(block.body, 12, 4);
    CHECK(little_endian(block.body, 16, 4) == length); // nothing is cut off
    p.bytes = block.body.substr(20, length);
    if (const auto comment = block.options.find(1); comment != block.options.end()) p.comment = comment->second;
    CHECK(big_endian(p.bytes, 0, 1) == 0x45);
    CHECK(big_endian(p.bytes, 2, 2) == length);
    CHECK(big_endian(p.bytes, 9, 1) == 6);
    CHECK(ones_sum(p.bytes.substr(0, 20)) == 0xffff);
    p.source = big_endian(p.bytes, 12, 4);
    p.destination = big_endian(p.bytes, 16, 4);
    const std::string tcp = p.bytes.substr(20);
    const std::string pseudo = p.bytes.substr(12, 8) + std::string("\0\6", 2) +
                               std::string{static_cast<char>(tcp.size() >> 8), static_cast<char>(tcp.size() & 0xff)};
    CHECK(ones_sum(pseudo + tcp) == 0xffff);
    p.source_port = big_endian(tcp, 0, 2);
    p.destination_port = big_endian(tcp, 2, 2);
    p.seq = big_endian(tcp, 4, 4);
    p.ack = big_endian(tcp, 8, 4);
    const std::uint64_t header = big_endian(tcp, 12, 1) >> 4 << 2;
    p.flags = big_endian(tcp, 13, 1);
    p.window = big_endian(tcp, 14, 2);
    p.options = tcp.substr(20, header - 20);
    p.payload = tcp.substr(header);
    return p;
}

inline std::vector<CapturedPacket> packets_of(const std::string& file) {
    std::vector<CapturedPacket> packets;
    for (const Block& block : blocks_of(file))
        if (block.type == 6) packets.push_back(packet_of(block));
    return packets;
}

inline std::string hex(const std::string& bytes) {
    std::string text;
    for (const char byte : bytes) {
        const auto value = static_cast<unsigned char>(byte);
        text += "0123456789abcdef"[value >> 4];
        text += "0123456789abcdef"[value & 15];
    }
    return text;
}

} // namespace firstbyte::test
