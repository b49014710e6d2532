#include "compare.hpp"
#include "wire.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>

namespace firstbyte::validate {
namespace {

// "To show" of the conformance work: TTFB within max(1 ms, 1 %), TTLB within max(2 ms, 2 %).
// The lateness rule is about the timer wheel, which counts ticks of 250 Hz; the delay of compressed SACKs is below one,
// and its timer of another kind.
constexpr Duration wheel_tick = std::chrono::milliseconds{4};
constexpr double ttfb_ms = 1, ttfb_share = 0.01, ttlb_ms = 2, ttlb_share = 0.02;

std::optional<std::size_t> find_event(const SimulatedConnection& connection, const std::string& name) {
    for (std::size_t i = 0; i < connection.events.size(); ++i)
        if (connection.events[i].name == name) return i;
    return std::nullopt;
}

bool near(const GridTime& time, double ms, double share) {
    return std::abs(time.error_ms()) <= std::max(ms, share * time.measured_ms);
}

/// What a byte may have cost if every timer on its way was as late as timers may be.
bool late_by_timers(const GridPoint& point, const Simulated& run, std::size_t byte, double measured_ms) {
    const Link link{Duration{static_cast<std::int64_t>(point.rtt_ms * 1e6)}, point.rate_bps, true};
    Measured known;
    known.sent.resize(run.packets.size());
    known.arrived.resize(run.packets.size());
    known.events.resize(run.connections.size());
    known.events[0].resize(run.connections[0].events.size());
    known.events[0][0] = Duration{0};
    // Nothing in between is measured, so that the slack is that of the timers alone.
    LatenessRule timers_only;
    timers_only.timer_least = wheel_tick;
    timers_only.early = timers_only.probe_early = timers_only.immediate = Duration{0};
    const std::vector<std::optional<Duration>> arrivals = arrivals_of(run.packets, link);
    const Windows windows = allowed_windows(run, arrivals, {{}}, known, timers_only).events[0][byte];
    if (windows.empty()) return false;
    const double slack = std::max(ttfb_ms, ttfb_share * measured_ms); // of the measurement itself
    return measured_ms >= to_ms(windows.front().least) - slack && measured_ms <= to_ms(windows.front().most) + slack;
}

bool inside(const Spread& spread, double value) {
    return value == spread.median || (value >= spread.min && value <= spread.max);
}

} // namespace

std::string name_of(const GridPoint& point) {
    std::string name = fmt::format("rtt {} ms, ", point.rtt_ms);
    name += point.rate_bps == 0 ? std::string("no rate limit")
                                : fmt::format("{} Mbit/s", static_cast<double>(point.rate_bps) / 1e6);
    const char* fast_open = point.fast_open == GridPoint::FastOpen::Off     ? "off"
                            : point.fast_open == GridPoint::FastOpen::First ? "first"
                                                                            : "repeat";
    name += fmt::format(", queue {}, {}, {} B -> {} B, {}", point.queue_packets, point.congestion, point.request,
                        point.response, fast_open);
    if (point.drop) name += fmt::format(", segments {}-{} dropped", point.drop->first, point.drop->second);
    return name;
}

GridResult compare(const GridPoint& point, Simulated simulated) {
    GridResult result;
    result.simulated = std::move(simulated);
    const Simulated& run = result.simulated;
    result.set = point.set;
    result.name = name_of(point);
    result.file = point.file;
    result.line = point.line;
    result.ttfb.measured_ms = point.ttfb_ms.median;
    result.ttlb.measured_ms = point.ttlb_ms.median;
    const SimulatedConnection& connection = run.connections.at(0);
    const std::optional<std::size_t> first = find_event(connection, "first_byte");
    const std::optional<std::size_t> last = find_event(connection, "last_byte");
    if (!first || !last) {
        result.refused = "the response never arrived";
        return result;
    }
    result.ttfb.simulated_ms = to_ms(connection.events[*first].at);
    result.ttlb.simulated_ms = to_ms(connection.events[*last].at);
    result.ttfb.late_timer =
        !near(result.ttfb, ttfb_ms, ttfb_share) && late_by_timers(point, run, *first, result.ttfb.measured_ms);
    result.ttfb.within = near(result.ttfb, ttfb_ms, ttfb_share) || result.ttfb.late_timer;
    result.ttlb.within = near(result.ttlb, ttlb_ms, ttlb_share) || inside(point.ttlb_ms, result.ttlb.simulated_ms);
    result.ttlb.late_timer = !result.ttlb.within && late_by_timers(point, run, *last, result.ttlb.measured_ms);
    result.ttlb.within = result.ttlb.within || result.ttlb.late_timer;
    for (const Packet& packet : run.packets)
        if (packet.length != 0) ++(packet.up ? result.data_up : result.data_down);
    result.segments = inside(point.data_up, result.data_up) && inside(point.data_down, result.data_down);
    result.counters = run.counters_client == point.counters_client && run.counters_server == point.counters_server;
    return result;
}

} // namespace firstbyte::validate
