/// When a measured happening may be late, and by how much: the lateness rule of the records' README.
///
/// A simulated packet leaves at the very instant of what caused it, or at the end of a timer that something armed
/// earlier. Measured, the first takes some scheduling noise; the second is late by the kernel's timer wheel, never
/// early (but the tail loss probe by one tick). Lateness adds up: a packet is judged against the measured time of its
/// own cause, so that a timer that was late before shifts what follows and does not have to be forgiven twice.
#pragma once

#include "records.hpp"
#include "simulated.hpp"

#include <optional>
#include <vector>

namespace firstbyte::validate {

/// From when to when something may have happened in the measurement.
struct Window {
    Duration least{}, most{};
};

/// Numbers of the README's section "How exact".
struct LatenessRule {
    Duration timer_least{};                              ///< shorter spans are not forgiven anything
    double timer_share = 0.13;                           ///< a timer may be late by that share of itself
    Duration timer_extra = std::chrono::milliseconds{5}; ///< and that much
    Duration early = std::chrono::microseconds{800};     ///< 99 % of the packets were delivered that exactly
    Duration probe_early = std::chrono::milliseconds{4}; ///< the tail loss probe: one tick of 250 Hz
    Duration immediate = std::chrono::milliseconds{5};   ///< what follows at once: two processes' wake-ups
};

/// All windows in which a happening may lie, one per possible cause.
using Windows = std::vector<Window>;

/// What is known of the measurement while the windows are computed. Indices are those of the simulated run.
struct Measured {
    std::vector<std::optional<Duration>> sent;                ///< by simulated packet
    std::vector<std::optional<Duration>> arrived;             ///< by simulated packet
    std::vector<std::vector<std::optional<Duration>>> events; ///< by connection, by simulated event
};

struct Allowed {
    std::vector<Windows> packets;             ///< by simulated packet
    std::vector<std::vector<Windows>> events; ///< by connection, by simulated event
};

/// @param run        simulated
/// @param arrivals   of the simulated packets
/// @param durations  by connection: spans after which an application does something (think time, idle, deadlines)
/// @param measured   what is known; the start of each connection must be
[[nodiscard]] Allowed allowed_windows(const Simulated& run, const std::vector<std::optional<Duration>>& arrivals,
                                      const std::vector<std::vector<Duration>>& durations, const Measured& measured,
                                      const LatenessRule& rule);

/// How far `at` lies outside the nearest window; 0 inside one, negative when too early.
[[nodiscard]] Duration outside(const Windows& windows, Duration at);

} // namespace firstbyte::validate
