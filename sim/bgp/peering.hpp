/// Peer links of a CDN that public AS graphs do not show.
#pragma once

#include "bgp/places.hpp"
#include "firstbyte/scenario.hpp"

#include <optional>
#include <span>
#include <vector>

namespace firstbyte::bgp {

/// Distance from a PoP within which an AS counts as present in its city. Model choice: a metropolitan area with its
/// suburbs, which the table of cities lists one by one.
inline constexpr double metropolitan_km = 50;

/// The ASes of the graph that peer with the CDN at each PoP.
///
/// Each AS has one draw, a function of the seed and its number: it peers at every PoP in a city where it is present
/// when the draw is below `rule.city`, and at every PoP in a country where it is present when it is below
/// `rule.country`. So neither the order nor the number of PoPs changes an answer. ASes of unknown place and of other
/// kinds never peer.
/// @param pops  places of the PoPs; nobody peers at one without
/// @returns by PoP, in ascending order of AS numbers
[[nodiscard]] std::vector<std::vector<NodeIndex>> cdn_peers(const AsGraph& graph, const Places& places,
                                                            const CdnPeering& rule,
                                                            std::span<const std::optional<Place>> pops);

} // namespace firstbyte::bgp
