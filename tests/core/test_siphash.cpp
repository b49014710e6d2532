#include "core/siphash.hpp"

#include <doctest/doctest.h>

#include <array>
#include <cstddef>
#include <cstdint>
#include <span>

namespace firstbyte {
namespace {

// The key 00 01 ... 0f of every published vector.
constexpr SipKey published_key{0x0706050403020100, 0x0f0e0d0c0b0a0908};

} // namespace

TEST_CASE("siphash: the published vectors of SipHash-2-4 (paper, appendix A; vectors.h of the reference code)") {
    struct Row {
        std::size_t length; ///< of the message 00 01 02 ...
        std::uint64_t hash;
    };
    const Row rows[] = {
        {0, 0x726fdb47dd0e0e31},  {1, 0x74f839c593dc67fd}, {3, 0x85676696d7fb7e2d},
        {7, 0xab0200f58b01d137},  {8, 0x93f5f5799a932462}, {15, 0xa129ca6149be45e5}, // the paper's own example
        {16, 0x3f2acc7f57c29bdb},
    };
    std::array<std::byte, 16> message{};
    for (std::size_t i = 0; i < message.size(); ++i) message[i] = static_cast<std::byte>(i);
    for (const Row& row : rows) {
        CAPTURE(row.length);
        CHECK(siphash24(published_key, std::span(message).first(row.length)) == row.hash);
    }
}

TEST_CASE("siphash: two words are the sixteen bytes of their little-endian forms") {
    CHECK(siphash24(published_key, 0x0706050403020100, 0x0f0e0d0c0b0a0908) == 0x3f2acc7f57c29bdb);
}

TEST_CASE("siphash: client, server and key all matter, and their order does") {
    const std::uint64_t hash = siphash24({1, 2}, 3, 4);
    CHECK(hash != siphash24({1, 2}, 4, 3));
    CHECK(hash != siphash24({2, 1}, 3, 4));
    CHECK(hash != siphash24({1, 2}, 3, 5));
    CHECK(hash != siphash24({1, 2}, 2, 4));
}

} // namespace firstbyte
