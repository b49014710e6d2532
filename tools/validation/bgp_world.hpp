/// The graph and the announcements of a case, for the routing code, and how an event becomes changes.
#pragma once

#include "bgp/convergence.hpp"
#include "bgp_case.hpp"

#include <memory>
#include <set>
#include <string>
#include <vector>

namespace firstbyte::validate {

/// Graph and announcements with their ASes found.
struct BgpWorld {
    bgp::AsGraph graph;
    std::vector<bgp::Announcement> announcements;
    std::vector<std::size_t> position; ///< of each announcement in the case's list
};

/// @param without  ASes whose links are left out
/// @param silent   ASes that do not announce
/// @throws std::runtime_error  when a graph in a file cannot be read
[[nodiscard]] BgpWorld world_of(const BgpCase& given, const std::set<AsNumber>& without = {},
                                const std::set<AsNumber>& silent = {});

/// The case's event, at the start of time.
[[nodiscard]] std::vector<bgp::RoutingChange> changes_of(const BgpEvent& event, const BgpWorld& world);

/// Settings in which FRR's daemons are simulated: what is received within 50 ms is decided on together, no jitter,
/// withdrawals start the clock.
[[nodiscard]] bgp::ConvergenceSettings frr_settings(const BgpCase& given, double mrai_s);

/// The features that a case needs and the simulator does not have; empty: in scope.
[[nodiscard]] std::vector<std::string> missing_for(const BgpCase& given);

/// A route as converged: of `best` for one AS.
[[nodiscard]] std::optional<BgpRoute> route_of(const BgpWorld& world, const bgp::Fixpoint& routes, AsNumber asn);

/// What distinguishes two routes, as a sentence; empty when `found` is as expected.
[[nodiscard]] std::string difference(const std::optional<BgpRoute>& expected, const std::optional<BgpRoute>& found);

} // namespace firstbyte::validate
