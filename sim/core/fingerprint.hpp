/// A hash of everything that happened to one entity, in order.
#pragma once

#include "core/mix.hpp"

#include <compare>
#include <cstdint>

namespace firstbyte {

/// Hash chain of one entity. Two runs that differ in any event of the entity, or in their order, end with different
/// chains (but for a chance of 2^-64). The chains of all entities are added, because entities have no common order.
struct Fingerprint {
    std::uint64_t chain = 0;

    /// Appends one happening, described by two words.
    constexpr void add(std::uint64_t a, std::uint64_t b) {
        // The golden-ratio constants of SplitMix64 keep zeros from being a fixed point of the mixer. For a given (a, b)
        // the step is a bijection of the chain, so that a difference once made can only vanish by another difference.
        chain = mix64(mix64((chain ^ a) + 0x9e3779b97f4a7c15) ^ b) + 0x9e3779b97f4a7c15;
    }

    constexpr auto operator<=>(const Fingerprint&) const = default;
};

/// Chains of two entities (or partitions) together; order-free.
constexpr Fingerprint operator+(Fingerprint a, Fingerprint b) { return {a.chain + b.chain}; }

} // namespace firstbyte
