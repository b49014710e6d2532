/// Pieces of a scenario that more than one conversion writes.
#pragma once

#include "firstbyte/units.hpp"

#include <nlohmann/json.hpp>

#include <cstdint>
#include <string>

namespace firstbyte::validate {

using Ordered = nlohmann::ordered_json;

[[nodiscard]] std::string duration_text(Duration duration); ///< "12ms", "1250us", "3ns": exact
[[nodiscard]] std::string bytes_text(std::uint64_t bytes);

/// The measuring laboratory: one client, one server, one link, applications that take no time.
struct Laboratory {
    std::string name;
    Duration rtt{};
    std::int64_t rate_bps = 0; ///< 0: unlimited
    std::uint32_t queue_packets = 0;
    bool cookie_held = false;
    Duration duration{};        ///< at least until the last connection starts
    Ordered script, path_rules; ///< lists
    Ordered client_edge;        ///< object: the leg's settings
    Ordered events;             ///< list
};

/// @returns the scenario's text
[[nodiscard]] std::string scenario_text(Laboratory laboratory);

} // namespace firstbyte::validate
