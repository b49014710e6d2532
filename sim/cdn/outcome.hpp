/// An outcome as a response carries it: packed into the label of its bytes.
#pragma once

#include "firstbyte/results.hpp"

#include <cstdint>

namespace firstbyte::cdn {

/// Cause in bits 0-7, generated_by in 8-15, origin + 1 in 16-31.
[[nodiscard]] constexpr std::uint32_t pack(const OutcomeKey& key) {
    return static_cast<std::uint32_t>(key.cause) | (static_cast<std::uint32_t>(key.generated_by) << 8) |
           (static_cast<std::uint32_t>(key.origin + 1) << 16);
}
[[nodiscard]] constexpr OutcomeKey unpack(std::uint32_t info) {
    return {static_cast<Cause>(info & 0xff), static_cast<GeneratedBy>((info >> 8) & 0xff),
            static_cast<std::int32_t>(info >> 16) - 1};
}

} // namespace firstbyte::cdn
