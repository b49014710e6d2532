/// Traces as Chrome's trace events (the JSON array format that Perfetto reads).
#include "firstbyte/outputs.hpp"
#include "report/json_text.hpp"

#include <algorithm>

#include <fmt/format.h>

namespace firstbyte {
namespace {

using report::Json;

/// The format counts microseconds; a nanosecond is the third decimal.
double microseconds(Instant at) {
    constexpr double ns_per_us = 1e3;
    return static_cast<double>(at.time_since_epoch().count()) / ns_per_us;
}

Json slice(const std::string& name, std::size_t track, Instant from, Instant to) {
    return {{"ph", "X"},
            {"name", name},
            {"cat", "connection"},
            {"pid", 1},
            {"tid", track},
            {"ts", microseconds(from)},
            {"dur", microseconds(Instant{to - from})}};
}

void put_connection(Json& events, const TraceConnection& trace, std::size_t track) {
    const std::string name =
        fmt::format("{}#{} -> {} (connection {})", trace.client, trace.member, trace.pop, trace.connection);
    events.push_back({{"ph", "M"}, {"name", "thread_name"}, {"pid", 1}, {"tid", track}, {"args", {{"name", name}}}});
    auto phases = trace.events;
    std::stable_sort(phases.begin(), phases.end(), [](const auto& a, const auto& b) { return a.second < b.second; });
    Instant from = trace.start, end = trace.start;
    for (const auto& phase : phases) end = std::max(end, phase.second);
    for (const TracePacket& packet : trace.packets) end = std::max(end, packet.at);
    events.push_back(slice("connection", track, from, end));
    // Each phase ends where the next one begins, so that they lie within the connection and do not overlap.
    for (const auto& [what, at] : phases) {
        if (at > from) events.push_back(slice("until " + what, track, from, at));
        from = std::max(from, at);
    }
}

} // namespace

std::string trace_perfetto(const std::vector<TraceConnection>& traces) {
    Json events = Json::array();
    std::size_t track = 0;
    for (const TraceConnection& trace : traces) {
        put_connection(events, trace, ++track);
        for (const TracePacket& packet : trace.packets) {
            std::string name = packet.up ? "client to PoP" : "PoP to client";
            if (!packet.note.empty()) name += ": " + packet.note;
            events.push_back({{"ph", "i"},
                              {"s", "t"},
                              {"name", name},
                              {"cat", "packet"},
                              {"pid", 1},
                              {"tid", track},
                              {"ts", microseconds(packet.at)}});
        }
    }
    constexpr int levels = 2;
    return report::json_text(Json{{"displayTimeUnit", "ms"}, {"traceEvents", events}}, levels);
}

} // namespace firstbyte
