/// PoPs of a topology of links, for tests that build a scenario by hand.
#pragma once

#include "firstbyte/scenario.hpp"

#include <string>

namespace firstbyte::test {

/// A PoP that announces to one AS and to nobody else.
inline Pop site_below(const std::string& id, AsNumber upstream) {
    Pop pop;
    pop.id = id;
    pop.upstreams = {upstream};
    pop.upstreams_listed = true;
    return pop;
}

} // namespace firstbyte::test
