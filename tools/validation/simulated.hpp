/// A record's scenario, run.
#pragma once

#include "records.hpp"

#include <string>
#include <vector>

namespace firstbyte::validate {

/// What one connection's applications saw.
struct SimulatedConnection {
    std::vector<AppEvent> events; ///< start, connected, first_byte, last_byte, closed
    std::string error;
    std::string fast_open_fail;
};

/// The traces of one scenario, in the form of the records.
struct Simulated {
    std::vector<SimulatedConnection> connections; ///< by entry of the script
    std::vector<Packet> packets;                  ///< of all connections, in order of time
    FastOpenCounters counters_client, counters_server;
};

/// Loads, builds and runs a scenario with one scripted client of `connections` entries.
/// @param name  of the scenario, for messages
/// @throws ScenarioError  when it cannot be loaded
[[nodiscard]] Simulated simulate_scenario(const std::string& text, const std::string& name, std::size_t connections);

} // namespace firstbyte::validate
