/// The PoPs that a group's route leads to: its places, numbered as they come. Place 0 is its home.
#pragma once

#include "cdn/world.hpp"

#include <algorithm>
#include <cstdint>
#include <vector>

namespace firstbyte::cdn {

/// One span for each place: the first that leads there.
[[nodiscard]] inline std::vector<RouteSpan> places_of(const Group& group) {
    std::vector<RouteSpan> places{group.home()};
    for (const RouteSpan& span : group.route) {
        if (span.state != RouteSpan::State::Reached) continue;
        const auto same = [&span](const RouteSpan& place) { return place.pop == span.pop; };
        if (std::none_of(places.begin(), places.end(), same)) places.push_back(span);
    }
    return places;
}

/// Rows of results: one for each group, its home; then one for each further place, group by group.
/// @return where the further rows of each group begin; one more element than groups, so that the last is their number
[[nodiscard]] inline std::vector<std::uint32_t> further_rows(const World& world) {
    std::vector<std::uint32_t> begin;
    auto next = static_cast<std::uint32_t>(world.groups.size());
    for (const Group& group : world.groups) {
        begin.push_back(next);
        if (group.moves()) next += static_cast<std::uint32_t>(places_of(group).size() - 1);
    }
    begin.push_back(next);
    return begin;
}

} // namespace firstbyte::cdn
