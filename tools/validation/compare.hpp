/// One record against one simulation.
#pragma once

#include "causes.hpp"
#include "records.hpp"
#include "simulated.hpp"

#include <cstddef>
#include <optional>
#include <string>
#include <vector>

namespace firstbyte::validate {

/// One thing that is not the kernel's.
struct Difference {
    Duration at{}; ///< in the record's time; in simulated time for what only the simulation has
    std::string what;
    std::optional<std::size_t> measured, simulated; ///< the packets, if it is about packets
};

/// A behaviour, packet by packet.
struct TimelineResult {
    std::string id, title, file;
    int line = 0;
    bool unstable = false;               ///< the kernel itself did not repeat it: not part of the verdict
    std::string refused;                 ///< why there is no simulation; empty when there is one
    std::vector<Difference> differences; ///< in order of time; empty: agrees
    std::size_t packets = 0;             ///< compared
    std::size_t push_flags = 0;          ///< packets that differ in PSH alone, which is not compared
    std::size_t fail_reasons = 0; ///< connections whose tcpi_fastopen_client_fail differs; not part of the verdict
    std::string scenario;         ///< its text; empty when refused
    bool moved = false;           ///< with the experiment's own actions moved along with late timers; see replay()
    Simulated simulated;
    std::vector<std::optional<std::size_t>> partner; ///< by measured packet: the simulated one
    std::vector<bool> compared;                      ///< by measured packet
    std::vector<bool> equal;                         ///< by measured packet: it and its partner are
    [[nodiscard]] bool agrees() const { return refused.empty() && differences.empty(); }
};

/// Compares what the README of the records says: every packet with payload, SYN, FIN or RST and every probe, in order
/// for each direction of each connection; their times by the lateness rule; the applications' events and errors; the
/// Fast Open counters. What the simulation does after the record has ended is not judged.
[[nodiscard]] TimelineResult compare(const Timeline& timeline, Simulated simulated, const LatenessRule& rule = {});

/// One time of a grid point.
struct GridTime {
    double simulated_ms = 0, measured_ms = 0;
    bool within = false;
    bool late_timer = false; ///< within by the lateness rule alone
    [[nodiscard]] double error_ms() const { return simulated_ms - measured_ms; }
};

struct GridResult {
    std::string set, name, file;
    int line = 0;
    std::string refused; ///< why there is no simulation, or no response in it
    GridTime ttfb, ttlb;
    double data_up = 0, data_down = 0;       ///< segments with payload, simulated
    bool segments = false, counters = false; ///< equal
    Simulated simulated;
};

/// TTFB within max(1 ms, 1 %), or by the lateness rule where a timer decided; TTLB within max(2 ms, 2 %), in the
/// spread, or by the same rule; data segments within the spread; Fast Open counters equal.
[[nodiscard]] GridResult compare(const GridPoint& point, Simulated simulated);

/// "rtt 100 ms, 10 Mbit/s, cubic, 400 B -> 15000 B, repeat"
[[nodiscard]] std::string name_of(const GridPoint& point);

/// "S 0:0(400) ack 1 <cookie>": for tables and differences.
[[nodiscard]] std::string packet_text(const Packet& packet);

} // namespace firstbyte::validate
