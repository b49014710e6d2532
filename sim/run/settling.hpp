/// Counts who moves after a routing event.
#pragma once

#include "firstbyte/results.hpp"
#include "firstbyte/settling.hpp"
#include "run/routes.hpp"

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

/// Where a client group goes after each event that leads it elsewhere: its way when the next event begins, or at last.
/// Without a topology nothing takes time, so each span is one.
[[nodiscard]] std::vector<SettledWay> settled_ways(const RoutedWorld& world, std::size_t client);

inline constexpr std::size_t settling_spans_max = 256; ///< of time; each has one or two steps

} // namespace firstbyte
