/// Names of an origin's own events.
#pragma once

#include <cstdint>

namespace firstbyte::cdn {

inline constexpr std::uint64_t kind_ready = 0, kind_idle = 1, kind_heartbeat = 2, kind_balancer = 3;
constexpr std::uint64_t origin_object(std::uint64_t kind, std::uint32_t index) { return (kind << 32) | index; }

} // namespace firstbyte::cdn
