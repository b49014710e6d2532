/// One scripted client, 100 ms from its PoP, without TLS: the setting of the Linux records.
#pragma once

#include "support/simulation.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <string>
#include <vector>

namespace firstbyte::test {

struct Experiment {
    std::string script;                                   ///< entries
    std::string client_edge = R"({ "fast_open": true })"; ///< value of tcp.client_edge
    std::string events = "";                              ///< of the time line
    std::string client = "";                              ///< more keys of the client group, beginning with a comma
    int population = 1;

    [[nodiscard]] std::string text() const {
        return fmt::format(R"({{
          "format": 1, "name": "experiment", "run": {{ "duration": "60s", "replications": 1 }}, "pops": [ {{ "id": "p" }} ],
          "clients": [ {{ "id": "c", "population": {}, "rtt_to": {{ "p": "100ms" }}, "script": [ {} ]{} }} ],
          "tls": "none", "edge": {{ "cache_hit_ratio": 1, "processing": "0ms" }},
          "tcp": {{ "client_edge": {} }}, "events": [ {} ] }})",
                           population, script, client, client_edge, events);
    }
    [[nodiscard]] Results run() const { return run_scenario(text()); }
    [[nodiscard]] std::vector<TraceConnection> traces() const { return run().traces; }
};

/// One entry of a script: `start` is "at" or "after" with its value.
[[nodiscard]] inline std::string entry(const std::string& steps, const std::string& more = "",
                                       const std::string& start = R"("at": "0s")") {
    return fmt::format(R"({{ {}, "steps": [ {} ]{} }})", start, steps, more);
}

[[nodiscard]] inline bool has_event(const TraceConnection& trace, const std::string& name) {
    return std::any_of(trace.events.begin(), trace.events.end(),
                       [&](const auto& event) { return event.first == name; });
}

/// The packets of one direction, as "t flags seq ack len" with t in ms since the connection's start.
[[nodiscard]] inline std::vector<std::string> packets_of(const TraceConnection& trace, bool up) {
    std::vector<std::string> lines;
    for (const TracePacket& packet : trace.packets) {
        if (packet.up != up) continue;
        std::string flags;
        for (const auto& [bit, letter] : {std::pair{2, 'S'}, {1, 'F'}, {4, 'R'}, {16, 'A'}})
            if ((packet.flags & bit) != 0) flags += letter;
        lines.push_back(fmt::format("{:g} {} {} {} {}", to_ms(packet.at - trace.start), flags, packet.seq, packet.ack,
                                    packet.length));
    }
    return lines;
}

[[nodiscard]] inline bool contains(const std::vector<std::string>& lines, const std::string& line) {
    return std::find(lines.begin(), lines.end(), line) != lines.end();
}

} // namespace firstbyte::test
