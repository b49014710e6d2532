/// From the words of a scenario to the graph, the places and the announcements that layer bgp understands.
#pragma once

#include "bgp/latency.hpp"
#include "bgp/places.hpp"
#include "bgp/propagation.hpp"
#include "firstbyte/scenario.hpp"

#include <memory>
#include <optional>
#include <string>
#include <vector>

namespace firstbyte {

/// Adds an issue without a place in the file: `path` names the key.
void add_issue(std::vector<Issue>& issues, Issue::Severity severity, const char* code, std::string path,
               std::string message, std::string help = {});

/// The AS graph of a scenario and who is where. Shared: the built-in Internet is read once per process and never
/// changes.
struct AsTopology {
    std::shared_ptr<const bgp::AsGraph> graph;
    std::shared_ptr<const bgp::Places> places; ///< knows no AS when the graph is given in the file by its links
};

/// @param errors    receives lines that cannot be read (E311, E331), contradicting links (E519) and a file that cannot
/// (E308)
/// @param warnings  receives W512 for a cycle of providers
[[nodiscard]] AsTopology load_topology(const Scenario& scenario, std::vector<Issue>& errors,
                                       std::vector<Issue>& warnings);

/// What each PoP announces, by PopId.
/// @param errors    receives AS numbers that the topology does not have or that are not neighbours (E310)
/// @param warnings  receives W511 for PoPs that announce from one AS, W530 for those that nobody hears, W533 for those
///                  at which `anycast.peering` has no effect
[[nodiscard]] std::vector<bgp::Announcement> announcements_of(const Scenario& scenario, const AsTopology& topology,
                                                              std::vector<Issue>& errors, std::vector<Issue>& warnings);

/// Where a PoP is: its `at`, else the home of its AS or of its first upstream, when that is known.
[[nodiscard]] std::optional<Place> place_of_pop(const Pop& pop, const bgp::Announcement& announcement,
                                                const AsTopology& topology);

[[nodiscard]] bgp::Propagation propagation_of(const Topology& topology);

} // namespace firstbyte
