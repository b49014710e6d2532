/// Who moves after a routing event, and when each has found its last way.
#pragma once

#include "firstbyte/units.hpp"

#include <cstdint>
#include <vector>

namespace firstbyte {

/// Clients, or ASes, whose way changed at least once between an event and the next one that moves the same routes.
struct MovedRoutes {
    std::uint64_t moved = 0;
    Duration half{}, all{};         ///< after the event: when half of them, and when all, had their last way
    std::uint64_t cut_off = 0;      ///< of these, had a way, and then none for some time
    Duration longest_cut_off{};     ///< of those that got a way again
    std::uint64_t left_without = 0; ///< of these, got none again
    bool operator==(const MovedRoutes&) const = default;
};

/// What holds from a moment on, of those that move.
struct SettlingStep {
    Duration after{};                                    ///< the event
    std::uint64_t clients_settled = 0, ases_settled = 0; ///< will not move again
    std::uint64_t clients_without = 0, ases_without = 0; ///< have no way now
    bool operator==(const SettlingStep&) const = default;
};

/// How routes came to rest after an event.
struct Settling {
    MovedRoutes clients; ///< by population: by where their packets end up
    MovedRoutes ases;    ///< by their best route
    /// In order of time, the first at the event itself. Of many, those that a chart can show: the greatest number of
    /// clients without a way is always among them, and so is the last step.
    std::vector<SettlingStep> steps;
};

} // namespace firstbyte
