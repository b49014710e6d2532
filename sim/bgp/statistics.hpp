/// Measures an AS graph.
#pragma once

#include "bgp/as_graph.hpp"
#include "firstbyte/topology.hpp"

#include <cstddef>

namespace firstbyte::bgp {

/// @param destinations  ASes to compute routes to, drawn with a fixed seed, each once; all when there are no more
[[nodiscard]] TopologyStatistics statistics_of(const AsGraph& graph, std::size_t destinations);

} // namespace firstbyte::bgp
