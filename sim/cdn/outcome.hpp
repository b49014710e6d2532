/// An outcome as a response carries it: packed into the label of its bytes.
#pragma once

#include "firstbyte/results.hpp"

#include <cstdint>

namespace firstbyte::cdn {

/// Cause in bits 0-5, generated_by in 6-7, status in 8-17, origin + 1 in 18-31.
[[nodiscard]] constexpr std::uint32_t pack(const OutcomeKey& key) {
    return static_cast<std::uint32_t>(key.cause) | (static_cast<std::uint32_t>(key.generated_by) << 6) |
           (std::uint32_t{key.status} << 8) | (static_cast<std::uint32_t>(key.origin + 1) << 18);
}
[[nodiscard]] constexpr OutcomeKey unpack(std::uint32_t info) {
    OutcomeKey key;
    key.cause = static_cast<Cause>(info & 0x3f);
    key.generated_by = static_cast<GeneratedBy>((info >> 6) & 0x3);
    key.status = static_cast<std::uint16_t>((info >> 8) & 0x3ff);
    key.origin = static_cast<std::int32_t>(info >> 18) - 1;
    return key;
}

} // namespace firstbyte::cdn
