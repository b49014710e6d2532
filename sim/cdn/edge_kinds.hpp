/// Names of the edge's own events and hosts.
#pragma once

#include <cstdint>

namespace firstbyte::cdn {

inline constexpr std::uint32_t side_clients = 0, side_upstream = 1;
inline constexpr std::uint64_t kind_processing = 0, kind_upstream = 1, kind_pool_idle = 2, kind_client_idle = 3,
                               kind_health = 4;
constexpr std::uint64_t edge_object(std::uint64_t kind, std::uint32_t index) { return (kind << 32) | index; }

/// Bytes of an error page that the edge makes itself. Model choice: a short HTML body with headers; one segment.
inline constexpr std::uint32_t error_response_bytes = 1000;

} // namespace firstbyte::cdn
