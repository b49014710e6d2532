#include "moved.hpp"

#include <algorithm>
#include <chrono>

namespace firstbyte::validate {
namespace {

Duration start_of(const Timeline& timeline, std::size_t connection) {
    return *timeline.connections[connection].time_of("start");
}

/// How late the kernel was at a moment of the measurement.
class Lateness {
public:
    Lateness(const Timeline& timeline, const Timeline& actions, const TimelineResult& result) {
        std::vector<std::optional<Duration>> more(timeline.connections.size()); // by which each moves from where it was
        for (std::size_t i = 0; i < timeline.packets.size(); ++i) {
            if (!result.equal[i]) continue;
            const Packet& packet = timeline.packets[i];
            // What moves takes its packets along, and those the next one: packets come after their connection's start.
            std::optional<Duration>& moves = more[packet.connection];
            const Duration start = start_of(timeline, packet.connection);
            if (!moves) moves = start_of(actions, packet.connection) - moved(start);
            const Duration simulated = result.simulated.packets[*result.partner[i]].at - *moves;
            steps_.emplace_back(packet.at, packet.at - simulated);
        }
    }

    [[nodiscard]] Duration moved(Duration at) const {
        // Below that it is the measurement's own noise, not a timer.
        constexpr Duration noise = std::chrono::milliseconds{2};
        const auto after = std::upper_bound(steps_.begin(), steps_.end(), at,
                                            [](Duration t, const auto& step) { return t < step.first; });
        if (after == steps_.begin()) return at;
        const Duration late = std::prev(after)->second;
        return late < noise ? at : std::max(at - late, Duration{0});
    }

private:
    std::vector<std::pair<Duration, Duration>> steps_; ///< measured time, lateness; in order of time
};

std::vector<Duration> actions_of(const Timeline& timeline) {
    std::vector<Duration> actions;
    for (const ConnectionRecord& connection : timeline.connections) actions.push_back(*connection.time_of("start"));
    for (const RuleRecord& rule : timeline.rules) {
        actions.push_back(rule.from);
        if (rule.until) actions.push_back(*rule.until);
    }
    for (const SysctlChange& change : timeline.changes) actions.push_back(change.at);
    return actions;
}

} // namespace

Timeline moved_with_timers(const Timeline& timeline, const Timeline& actions, const TimelineResult& result) {
    const Lateness lateness(timeline, actions, result);
    Timeline moved = timeline;
    for (ConnectionRecord& connection : moved.connections)
        for (AppEvent& event : connection.client_events)
            if (event.name == "start") event.at = lateness.moved(event.at);
    for (RuleRecord& rule : moved.rules) {
        rule.from = lateness.moved(rule.from);
        if (rule.until) rule.until = lateness.moved(*rule.until);
    }
    for (SysctlChange& change : moved.changes) change.at = lateness.moved(change.at);
    return moved;
}

bool same_actions(const Timeline& a, const Timeline& b) { return actions_of(a) == actions_of(b); }

} // namespace firstbyte::validate
