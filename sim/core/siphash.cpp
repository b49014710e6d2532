#include "core/siphash.hpp"

#include <bit>

namespace firstbyte {
namespace {

/// The state of the paper's section 2, with its names.
struct State {
    std::uint64_t v0, v1, v2, v3;

    explicit State(SipKey key)
        : v0(key.low ^ 0x736f6d6570736575), v1(key.high ^ 0x646f72616e646f6d), v2(key.low ^ 0x6c7967656e657261),
          v3(key.high ^ 0x7465646279746573) {} // the paper's constants: "somepseudorandomlygeneratedbytes"

    void round() {
        v0 += v1, v2 += v3;
        v1 = std::rotl(v1, 13) ^ v0, v3 = std::rotl(v3, 16) ^ v2;
        v0 = std::rotl(v0, 32);
        v2 += v1, v0 += v3;
        v1 = std::rotl(v1, 17) ^ v2, v3 = std::rotl(v3, 21) ^ v0;
        v2 = std::rotl(v2, 32);
    }

    void compress(std::uint64_t word) {
        v3 ^= word;
        round(), round(); // c = 2
        v0 ^= word;
    }

    std::uint64_t finish() {
        v2 ^= 0xff;
        round(), round(), round(), round(); // d = 4
        return v0 ^ v1 ^ v2 ^ v3;
    }
};

/// Up to eight bytes as a little-endian word.
std::uint64_t word_of(std::span<const std::byte> bytes) {
    std::uint64_t word = 0;
    for (std::size_t i = 0; i < bytes.size(); ++i) word |= std::to_integer<std::uint64_t>(bytes[i]) << (8 * i);
    return word;
}

/// The last word of a message: what is left of it, and its length modulo 256 in the highest byte.
std::uint64_t last_word(std::size_t length, std::uint64_t rest) { return std::uint64_t{length & 0xff} << 56 | rest; }

} // namespace

std::uint64_t siphash24(SipKey key, std::span<const std::byte> message) {
    State state(key);
    std::span<const std::byte> rest = message;
    for (; rest.size() >= 8; rest = rest.subspan(8)) state.compress(word_of(rest.first(8)));
    state.compress(last_word(message.size(), word_of(rest)));
    return state.finish();
}

std::uint64_t siphash24(SipKey key, std::uint64_t first, std::uint64_t second) {
    State state(key);
    state.compress(first);
    state.compress(second);
    state.compress(last_word(16, 0));
    return state.finish();
}

} // namespace firstbyte
