/// One integer mixer for tables, keys and fingerprints.
#pragma once

#include <cstdint>

namespace firstbyte {

/// Finaliser of SplitMix64 (Steele, Lea and Flood, 2014; constants of Stafford's "Mix13"): a bijection of 64 bits in
/// which every input bit reaches every output bit.
constexpr std::uint64_t mix64(std::uint64_t x) {
    x = (x ^ (x >> 30)) * 0xbf58476d1ce4e5b9;
    x = (x ^ (x >> 27)) * 0x94d049bb133111eb;
    return x ^ (x >> 31);
}

} // namespace firstbyte
