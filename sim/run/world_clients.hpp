/// Client groups that stand for the Internet users of the world.
#pragma once

#include "run/topology.hpp"

#include <optional>
#include <vector>

namespace firstbyte {

/// Groups beyond which W531 says that a simulation needs much memory. Model choice: one of results and paths for each
/// group, origin and object, some 20 kB each.
inline constexpr std::size_t world_groups_many = 5000;

/// The scenario with every client group that has `world` replaced by its groups, the one with most users first.
///
/// Per country: one group in the AS with most of the country's users, for all of them. Per AS: one group for each of
/// the `top` ASes with most users and for the largest of every country, which takes the users of its country's others.
/// Sessions are shared in proportion to users, and so is the population, of which each group has at least one. A group
/// is called after its parent ("world-DE", "world-AS3320"), has its country and that country's region as labels, unless
/// the parent has one, and all else from its parent. Events that name the parent concern each of its groups.
///
/// Model: an AS counts when it has a route to a PoP at the start; users of others are added to the largest of their
/// country that counts.
/// @param errors    receives E332 (file of users), E531 (two groups of one name) and E533 (no users)
/// @param warnings  receives W531 and W532
[[nodiscard]] Scenario expand_world(const Scenario& scenario, const AsTopology& topology, std::vector<Issue>& errors,
                                    std::vector<Issue>& warnings);

/// The same for a scenario whose topology is not loaded yet; none when no group stands for the world.
/// @param warnings  when not null receives what the scenario does not allow
/// @throws ScenarioError  as expand_world
[[nodiscard]] std::optional<Scenario> with_world_expanded(const Scenario& scenario, std::vector<Issue>* warnings);

} // namespace firstbyte
