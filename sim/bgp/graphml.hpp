/// Reader of AS graphs in GraphML.
#pragma once

#include "bgp/caida.hpp"
#include "bgp/places.hpp"

#include <string_view>
#include <vector>

namespace firstbyte::bgp {

struct GraphmlTopology {
    AsLinks links;
    std::vector<AsPresence> systems; ///< every node
};

/// Reads a GraphML document (graphml.graphdrawing.org, version 1.1).
///
/// A node is an AS: its number is the attribute `asn`, else its id ("174" or "AS174"). It may have `country` (ISO
/// 3166), `lat` and `lon` in degrees, `users`, and `kind` (isp, edge, hosting or institution). An edge has `relation`
/// (or `rel`): "p2c" or -1 when its source is the provider of its target, "c2p" for the opposite, "p2p" or 0 for peers.
/// Whether it is drawn with a direction does not matter. Attributes are found by their `attr.name`, defaults count,
/// other attributes are ignored, as are hyperedges and ports; nodes and edges of nested graphs belong to the one graph.
/// Model: an AS is in the listed city nearest to its `lat` and `lon`; with `country` alone in the largest of it.
/// @param faults  receives what is wrong, with line 0 where the parser does not tell; the result then lacks that part
[[nodiscard]] GraphmlTopology parse_graphml(std::string_view text, std::vector<LineFault>& faults);

} // namespace firstbyte::bgp
