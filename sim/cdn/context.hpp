/// What all entities of one replication share: the world, the clock, the network, and where results go.
#pragma once

#include "cdn/places.hpp"
#include "cdn/plan.hpp"
#include "cdn/timeline.hpp"
#include "cdn/world.hpp"
#include "core/fingerprint.hpp"
#include "core/flat_map.hpp"
#include "engine/engine.hpp"
#include "firstbyte/results.hpp"
#include "net/host.hpp"
#include "net/network.hpp"

#include <array>
#include <cstdint>
#include <map>
#include <optional>
#include <vector>

namespace firstbyte::cdn {

/// Which connections to record, resolved to numbers.
struct TraceFilter {
    bool enabled = false;
    std::optional<std::uint32_t> group, connection;
    std::uint32_t most = 3;
    std::vector<std::pair<std::uint32_t, std::uint32_t>> chosen; ///< group and session, ascending; empty: by the others
    bool all_of_scripts = true; ///< nothing was chosen: every connection of scripted groups
};

class MovingLinks;
class Relays;

/// Name of a path between a PoP and an origin among those that draw; those of clients have small numbers.
[[nodiscard]] inline std::uint32_t origin_path_draws(const World& world, std::uint32_t pop, std::uint32_t origin,
                                                     bool up) {
    constexpr std::uint32_t first = 1u << 31;
    return first + 2 * (pop * static_cast<std::uint32_t>(world.origins.size()) + origin) + (up ? 1 : 0);
}

/// Kind of a segment event that is about a message to an entity's own host on the origin leg.
inline constexpr std::uint64_t kind_icmp = 4;

/// A host's books, with what is open now.
[[nodiscard]] Books books_of(const net::Host& host);

struct Context {
    Context(const World& w, const Draws& draws, const TraceFilter& filter)
        : world(w), rows(further_rows(w)), planner(w, draws), network(engine, draws), timeline(w, results.timeline),
          trace_filter(filter) {
        const std::size_t all_rows = rows.back();
        results.requests.resize(all_rows * w.objects.size());
        results.connections.resize(all_rows);
        results.routes.resize(w.groups.size());
        results.origins.resize(w.origins.size());
        if (w.cache) results.caches.resize(w.pops.size());
        fingerprints.resize(w.pops.size() + w.origins.size() + w.groups.size());
        rules_ended.resize(w.groups.size(), false);
        may_repeat = !w.outages.empty() || !w.changes.empty() || !w.pops_dead.empty();
        for (const Group& group : w.groups)
            may_repeat = may_repeat || group.moves() || !group.rules.empty() || group.race;
    }

    const World& world;
    const std::vector<std::uint32_t> rows; ///< of the results: where each group's further ones begin
    Planner planner;
    engine::Engine engine;
    net::Network network;
    ReplicationResults results;
    TimelineRecorder timeline;
    TraceFilter trace_filter;
    std::vector<TraceConnection> traces;
    std::vector<Fingerprint> fingerprints; ///< by entity
    std::vector<bool> rules_ended;         ///< by group: its path rules act no longer
    Relays* relays = nullptr;              ///< null without a tiered cache
    MovingLinks* moving = nullptr;         ///< null when no group's catchment changes
    /// What edges logged about responses that they cut: by (group, session, request). Clients see the cut alone; the
    /// two are joined by the request's name, as an operator joins logs. Rare, so a tree will do.
    std::map<std::array<std::uint32_t, 3>, Cause> truncations;
    /// How often origins have begun with each request, by its name, where a request may come twice.
    FlatMap64<std::uint32_t> executed;
    bool may_repeat = false;   ///< something in the world makes a request come to an origin again
    std::uint32_t sources = 0; ///< arrival streams and script entries that may still start sessions
    std::uint32_t open_sessions = 0;

    /// Adds a line to the story of the traced connection whose request it is; costs nothing where none is traced.
    /// @param words  makes the text
    template <class Words>
    void tell(const tcp::Label& label, Words words) {
        if (traces.empty()) return;
        if (TraceConnection* trace = traced(label.group, label.session))
            trace->story.push_back({engine.now(), words()});
    }
    [[nodiscard]] TraceConnection* traced(std::uint32_t group, std::uint32_t session);

    // Entities are numbered PoPs, then origins, then client slices: fixed by the world.
    [[nodiscard]] std::uint32_t entity_of_pop(std::uint32_t pop) const { return pop; }
    [[nodiscard]] std::uint32_t entity_of_origin(std::uint32_t origin) const {
        return static_cast<std::uint32_t>(world.pops.size()) + origin;
    }
    [[nodiscard]] std::uint32_t entity_of_group(std::uint32_t group) const {
        return static_cast<std::uint32_t>(world.pops.size() + world.origins.size()) + group;
    }
    /// Row of the results in which a group's clients count at one of its places.
    [[nodiscard]] std::uint32_t row_of(std::uint32_t group, std::uint32_t place) const {
        return place == 0 ? group : rows[group] + place - 1;
    }
    [[nodiscard]] bool finished() const { return sources == 0 && open_sessions == 0; }
};

} // namespace firstbyte::cdn
