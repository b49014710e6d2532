/// SipHash-2-4, the keyed hash behind Fast Open cookies.
#pragma once

#include <compare>
#include <cstddef>
#include <cstdint>
#include <span>

namespace firstbyte {

/// 16-byte key; `low` holds the first eight bytes in little-endian order, as k0 in the paper.
struct SipKey {
    std::uint64_t low = 0;
    std::uint64_t high = 0;
    constexpr auto operator<=>(const SipKey&) const = default;
};

/// SipHash-2-4 with 64-bit output (Aumasson and Bernstein, "SipHash: a fast short-input PRF", 2012) over `message`.
[[nodiscard]] std::uint64_t siphash24(SipKey key, std::span<const std::byte> message);

/// The same over the 16 bytes of two words, each in little-endian order: what a Fast Open cookie hashes, the client's
/// address followed by the server's.
[[nodiscard]] std::uint64_t siphash24(SipKey key, std::uint64_t first, std::uint64_t second);

} // namespace firstbyte
