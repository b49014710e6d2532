/// Where the clients of a scenario go: what the packet world and the catchment answer have in common.
#pragma once

#include "firstbyte/catchment.hpp"
#include "run/route_history.hpp"

#include <vector>

namespace firstbyte {

inline constexpr Duration unknown_rtt{-1};

/// Every route and round-trip time of a scenario.
struct RoutedWorld {
    std::vector<ClientCatchment> clients; ///< by GroupId; each has a PoP
    std::vector<std::vector<Duration>>
        pop_origin_rtt;                     ///< [pop][origin]; unknown_rtt where no place and no `rtt_to` tells
    std::vector<std::vector<WaySpan>> ways; ///< by GroupId; one span where nothing moves
    std::vector<EventConvergence> convergence;
    std::vector<std::vector<Duration>> pop_rtt;   ///< [from][to], of the great circle; unknown_rtt without places
    std::vector<std::optional<Place>> pop_places; ///< by PopId; empty without a topology
    std::optional<TieBreak> tie_break;            ///< rule in force; none without a topology
    std::vector<AsCatchment> ases;                ///< ascending ASN; empty unless asked for, and without a topology
};

/// Decides the routes of a scenario.
/// @throws ScenarioError  as compute_catchment does, and when a client group has no route to any PoP (E520) or a PoP in
///                        use no known round-trip time to any origin (E502)
[[nodiscard]] RoutedWorld route(const Scenario& scenario, const CatchmentOptions& options,
                                std::vector<Issue>* warnings);

} // namespace firstbyte
