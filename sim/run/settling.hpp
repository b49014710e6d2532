/// Counts who moves after a routing event.
#pragma once

#include "firstbyte/settling.hpp"

#include <cstddef>
#include <cstdint>
#include <vector>

namespace firstbyte {

/// One change of one way.
struct RouteMove {
    Duration after{}; ///< the event
    std::uint32_t who = 0;
    bool had = false, has = false; ///< a way, before and after
};

/// @param clients, ases  in order of time
/// @param populations    by client: how many people one stands for; an AS is one
[[nodiscard]] Settling settling_of(const std::vector<RouteMove>& clients, const std::vector<std::uint64_t>& populations,
                                   const std::vector<RouteMove>& ases);

inline constexpr std::size_t settling_spans_max = 256; ///< of time; each has one or two steps

} // namespace firstbyte
