/// The graph and the announcements of a case, for the routing code, and how an event becomes changes.
#pragma once

#include "bgp/convergence.hpp"
#include "bgp_case.hpp"

#include <set>
#include <string>
#include <vector>

namespace firstbyte::validate {

/// Graph and announcements of one prefix with their ASes found.
struct BgpWorld {
    bgp::AsGraph graph;
    std::vector<bgp::Announcement> announcements;
    bgp::RoutePolicy policy;
};

/// The prefixes that are announced, in the order of the announcements; one empty name when they have none.
[[nodiscard]] std::vector<std::string> prefixes_of(const BgpCase& given);

/// @param prefix   of the announcements
/// @param without  ASes whose links are left out
/// @param silent   ASes that do not announce
/// @throws std::runtime_error  when the file of a graph cannot be read
[[nodiscard]] BgpWorld world_of(const BgpCase& given, const std::string& prefix, const std::set<AsNumber>& without = {},
                                const std::set<AsNumber>& silent = {});

/// The case's event, at the start of time.
[[nodiscard]] std::vector<bgp::RoutingChange> changes_of(const BgpEvent& event, const BgpWorld& world);

/// Settings in which FRR's daemons are simulated: what is received within 50 ms is decided on together, no jitter,
/// withdrawals start the clock.
[[nodiscard]] bgp::ConvergenceSettings frr_settings(const BgpCase& given, const BgpWorld& world, double mrai_s);

/// The features that a case needs and the simulator does not have, and files that are not there; empty: in scope.
[[nodiscard]] std::vector<std::string> missing_for(const BgpCase& given);

/// "origin", "customer", "peer" or "provider".
[[nodiscard]] const char* class_name(LearnedFrom learned_from);

/// A route as converged: of `best` for one AS.
[[nodiscard]] std::optional<BgpRoute> route_of(const BgpWorld& world, const bgp::Fixpoint& routes, AsNumber asn);

/// What distinguishes two routes, as a sentence; empty when `found` is as expected.
[[nodiscard]] std::string difference(const std::optional<BgpRoute>& expected, const std::optional<BgpRoute>& found);

} // namespace firstbyte::validate
