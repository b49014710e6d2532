#include "convert.hpp"
#include "validation.hpp"

#include <fmt/format.h>

#include <algorithm>

namespace firstbyte::validate {
namespace {

std::string act_suffix(const Packet& packet) {
    switch (packet.act) {
    case TracePacket::Act::Forward: return "";
    case TracePacket::Act::Drop: return " DROP";
    case TracePacket::Act::TailDrop: return " TAIL DROP";
    case TracePacket::Act::StripTfo: return " STRIP TFO";
    case TracePacket::Act::StripData: return " STRIP DATA";
    case TracePacket::Act::CorruptCookie: return " CORRUPT COOKIE";
    case TracePacket::Act::Lost: return " LOST";
    case TracePacket::Act::TooBig: return " TOO BIG";
    case TracePacket::Act::Blackhole: return " NO ROUTE";
    case TracePacket::Act::Loop: return " LOOP";
    case TracePacket::Act::Foreign: return " FOREIGN";
    case TracePacket::Act::Copy: return " COPY";
    }
    return "";
}

std::string cell(const Packet& packet) {
    return fmt::format("{:>10.2f} {} {}{}", to_ms(packet.at), packet.up ? ">" : "<", packet_text(packet),
                       act_suffix(packet));
}

/// One line: a packet of either side, or of both.
struct Line {
    Duration at{};
    std::optional<std::size_t> measured, simulated;
};

/// Partners stand on one line; the others are sorted in by their own time.
std::vector<Line> lines_of(const Timeline& timeline, const TimelineResult& result, std::uint32_t connection) {
    std::vector<Line> lines;
    std::vector<bool> placed(result.simulated.packets.size(), false);
    for (std::size_t i = 0; i < timeline.packets.size(); ++i) {
        if (timeline.packets[i].connection != connection) continue;
        lines.push_back({timeline.packets[i].at, i, result.partner.empty() ? std::nullopt : result.partner[i]});
        if (lines.back().simulated) placed[*lines.back().simulated] = true;
    }
    for (std::size_t i = 0; i < result.simulated.packets.size(); ++i) {
        const Packet& packet = result.simulated.packets[i];
        if (packet.connection == connection && !placed[i]) lines.push_back({packet.at, std::nullopt, i});
    }
    std::stable_sort(lines.begin(), lines.end(), [](const Line& a, const Line& b) { return a.at < b.at; });
    return lines;
}

std::string events_text(const std::vector<AppEvent>& events, const std::string& error) {
    std::string text;
    for (const AppEvent& event : events) text += fmt::format(" {} {:.2f}", event.name, to_ms(event.at));
    return error.empty() ? text : text + " " + error;
}

/// Bursts of response data leaving the server, as the records count them: a new one after 0.3 RTT of silence.
std::vector<std::pair<double, std::uint32_t>> flights_of(const Simulated& run, double rtt_ms) {
    std::vector<std::pair<double, std::uint32_t>> flights;
    double last = 0;
    for (const Packet& packet : run.packets) {
        if (packet.up || packet.length == 0) continue;
        const double at = to_ms(packet.at);
        if (flights.empty() || at - last > 0.3 * rtt_ms) flights.emplace_back(at, 0);
        ++flights.back().second;
        last = at;
    }
    return flights;
}

std::string flights_text(const std::vector<std::pair<double, std::uint32_t>>& flights) {
    std::string text;
    for (const auto& [at, segments] : flights) text += fmt::format(" {:.2f}:{}", at, segments);
    return text + "\n";
}

} // namespace

std::string details_of(const Timeline& timeline, const TimelineResult& result) {
    constexpr int left = 58; // wide enough for a segment with one SACK block
    std::string text = fmt::format("{}: {}\n\n{}\n", timeline.id, timeline.title,
                                   result.refused.empty() ? result.scenario : result.refused + "\n");
    for (const Difference& difference : result.differences) text += "differs: " + difference.what + "\n";
    if (result.agrees()) text += "agrees\n";
    const Difference* first = result.differences.empty() ? nullptr : &result.differences.front();
    for (std::uint32_t c = 0; c < timeline.connections.size(); ++c) {
        const ConnectionRecord& connection = timeline.connections[c];
        text += fmt::format("\nconnection {}{}{}\n", c, connection.label.empty() ? "" : ": ", connection.label);
        text += fmt::format("  measured: {}\n", events_text(connection.client_events, connection.error));
        if (c < result.simulated.connections.size())
            text += fmt::format("  simulated:{}\n", events_text(result.simulated.connections[c].events,
                                                                result.simulated.connections[c].error));
        text += fmt::format("    {:<{}}    {}\n", "measured, ms", left, "simulated, ms");
        for (const Line& line : lines_of(timeline, result, c)) {
            const std::string measured = line.measured ? cell(timeline.packets[*line.measured]) : "";
            const std::string simulated = line.simulated ? cell(result.simulated.packets[*line.simulated]) : "";
            const bool marked =
                first != nullptr && (line.measured || line.simulated) && (first->measured || first->simulated) &&
                (first->measured ? first->measured == line.measured : first->simulated == line.simulated);
            const bool judged = !line.measured || result.compared.empty() || result.compared[*line.measured];
            const char* mark = marked ? ">> " : judged ? "   " : " . "; // a dot: a bare ACK, not compared
            text += fmt::format("{} {:<{}}    {}\n", mark, measured, left, simulated);
        }
    }
    return text;
}

std::string details_of(const GridPoint& point, const GridResult& result) {
    std::string text =
        fmt::format("line {}, {}: {}\n\n{}\n", point.line, point.set, name_of(point), scenario_of(point));
    if (!result.refused.empty()) return text + result.refused + "\n";
    text += fmt::format("TTFB {:.3f} ms, measured {:.3f} ({:.3f} to {:.3f})\n", result.ttfb.simulated_ms,
                        point.ttfb_ms.median, point.ttfb_ms.min, point.ttfb_ms.max);
    text += fmt::format("TTLB {:.3f} ms, measured {:.3f} ({:.3f} to {:.3f})\n", result.ttlb.simulated_ms,
                        point.ttlb_ms.median, point.ttlb_ms.min, point.ttlb_ms.max);
    text += fmt::format("data segments up {}, measured {}; down {}, measured {} ({} to {})\n", result.data_up,
                        point.data_up.median, result.data_down, point.data_down.median, point.data_down.min,
                        point.data_down.max);
    text += fmt::format("Fast Open counters {}\n", result.counters ? "equal" : "differ");
    if (!point.flights.empty())
        text += "flights, ms:segments\n  measured: " + flights_text(point.flights) +
                "  simulated:" + flights_text(flights_of(result.simulated, point.rtt_ms));
    text += "\nsimulated, ms\n";
    for (const Packet& packet : result.simulated.packets) text += "    " + cell(packet) + "\n";
    return text;
}

} // namespace firstbyte::validate
