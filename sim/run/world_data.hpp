/// What a World holds: the values that cdn reads, and the names that results carry.
#pragma once

#include "cdn/world.hpp"
#include "firstbyte/results.hpp"
#include "firstbyte/world.hpp"

namespace firstbyte {

struct World::Data {
    cdn::World world;
    std::uint64_t seed = 1;
    int replications = 1;
    std::vector<GroupLabels> groups;
    std::vector<std::string> objects, origins, pops;
    std::vector<Convergence> convergence;
    std::vector<std::vector<SettledWay>> moves; ///< by client group
    std::vector<TraceWish> traces;
};

} // namespace firstbyte
