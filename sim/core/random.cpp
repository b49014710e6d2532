#include "core/random.hpp"

#include "core/check.hpp"
#include "core/mix.hpp"

#include <Random123/philox.h>

namespace firstbyte {

std::array<std::uint32_t, 4> philox(std::array<std::uint32_t, 4> counter, std::array<std::uint32_t, 2> key) {
    using Generator = r123::Philox4x32; // ten rounds, the authors' recommendation
    const Generator::ctr_type words =
        Generator{}({{counter[0], counter[1], counter[2], counter[3]}}, {{key[0], key[1]}});
    return {words[0], words[1], words[2], words[3]};
}

Draws::Draws(std::uint64_t seed, std::uint32_t replication) {
    // For one seed, different replications have different keys, because mix64 is a bijection; mixing the seed first
    // keeps replication 1 of seed 0 apart from replication 0 of seed 1.
    const std::uint64_t key = mix64(mix64(seed) + replication);
    key_ = {static_cast<std::uint32_t>(key), static_cast<std::uint32_t>(key >> 32)};
}

std::array<std::uint32_t, 4> Draws::block(Stream stream, std::uint32_t entity, std::uint64_t n) const {
    return philox({static_cast<std::uint32_t>(n), static_cast<std::uint32_t>(n >> 32), entity,
                   static_cast<std::uint32_t>(stream)},
                  key_);
}

std::uint64_t Draws::bits64(Stream stream, std::uint32_t entity, std::uint64_t n) const {
    const auto words = block(stream, entity, n);
    return std::uint64_t{words[1]} << 32 | words[0];
}

double Draws::uniform(Stream stream, std::uint32_t entity, std::uint64_t n) const {
    return unit_interval(bits64(stream, entity, n));
}

std::uint64_t Draws::below(std::uint64_t bound, Stream stream, std::uint32_t entity, std::uint64_t n) const {
    FB_ASSERT(bound > 0, "a choice is made among at least one");
    // The high word of the product, without the rejection step (Lemire, "Fast random integer generation in an
    // interval", 2019, section 3): a rejection would need a second number, and each number here has one name.
    __extension__ using Wide = unsigned __int128;
    return static_cast<std::uint64_t>((Wide{bits64(stream, entity, n)} * bound) >> 64);
}

} // namespace firstbyte
