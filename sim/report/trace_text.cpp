#include "core/check.hpp"
#include "firstbyte/report.hpp"
#include "report/format.hpp"
#include "report/packet_facts.hpp"

#include <algorithm>
#include <optional>

#include <fmt/format.h>

namespace firstbyte {
namespace {

using namespace report;

std::optional<Instant> event_time(const TraceConnection& trace, const char* name) {
    const auto found =
        std::find_if(trace.events.begin(), trace.events.end(), [&](const auto& event) { return event.first == name; });
    if (found == trace.events.end()) return std::nullopt;
    return found->second;
}

/// Flags of a packet that opens, ends or refuses a connection, and "ACK" for the rest. PSH tells a reader nothing.
std::string flag_words(std::uint8_t flags) {
    std::string out;
    const auto put = [&](std::uint8_t bit, const char* word) {
        if ((flags & bit) == 0) return;
        if (!out.empty()) out += ',';
        out += word;
    };
    put(flag::syn, "SYN");
    put(flag::fin, "FIN");
    put(flag::rst, "RST");
    put(flag::ack, "ACK");
    return out;
}

std::string tfo_words(const TracePacket& packet) {
    switch (packet.tfo) {
    case TracePacket::Tfo::None: return {};
    case TracePacket::Tfo::Request: return "FO cookie-request";
    case TracePacket::Tfo::Cookie: return "FO cookie " + fmt::format("{:016x}", packet.cookie).substr(0, 6) + "...";
    }
    invariant_broken("a Fast Open option is one of the enumerators", "switch", __FILE__, __LINE__);
}

std::string payload_words(const TracePacket& packet) {
    if (!packet.note.empty()) return packet.note;
    return packet.length > 0 ? fmt::format("data ({} B)", packet.length) : std::string();
}

/// "SYN            FO cookie 9f31c4... + ClientHello (517 B)".
std::string packet_words(const TracePacket& packet, const PacketFacts& facts) {
    const std::string payload = payload_words(packet);
    const std::string option = tfo_words(packet);
    std::string out;
    if (plain(packet)) {
        out = payload.empty() ? flag_words(packet.flags) : (facts.ends_handshake ? "ACK + " : "") + payload;
    } else {
        std::string behind = option;
        if (!payload.empty()) behind += (behind.empty() ? "" : " + ") + payload;
        constexpr std::size_t flags_width = 15;
        out = behind.empty() ? flag_words(packet.flags) : pad_right(flag_words(packet.flags), flags_width) + behind;
    }
    if (facts.probe != 0) out += fmt::format("   ({})", probe_words(facts));
    if (facts.again) out += "   (sent again)";
    if (packet.act != TracePacket::Act::Forward) out += fmt::format("   ({})", act_words(packet.act));
    return out;
}

std::string time_column(Instant at, Instant start) {
    constexpr std::size_t width = 10; // model choice: up to 99 999.999 ms before the columns shift
    return pad_left(grouped_fixed(to_ms(at - start), 3), width);
}

/// The connection, among the first `before` traced ones, whose SYN-ACK brought this client the cookie of `trace`.
std::optional<std::size_t> cookie_source(const std::vector<TraceConnection>& traces, std::size_t before) {
    const TraceConnection& trace = traces[before];
    if (trace.packets.empty() || trace.packets.front().tfo != TracePacket::Tfo::Cookie) return std::nullopt;
    for (std::size_t i = before; i-- > 0;) {
        if (traces[i].client != trace.client || traces[i].member != trace.member) continue;
        for (const TracePacket& packet : traces[i].packets) {
            const bool brought = !packet.up && packet.tfo == TracePacket::Tfo::Cookie;
            if (brought && packet.cookie == trace.packets.front().cookie) return i;
        }
    }
    return std::nullopt;
}

/// True when Fast Open saved the handshake's round trip: the server took the SYN's data, and nothing more had to be
/// sent before it could answer.
bool saved_round_trip(const TraceConnection& trace) {
    if (trace.counters_client.active == 0) return false;
    for (const TracePacket& packet : trace.packets) {
        if (packet.length == 0 || (packet.flags & flag::syn) != 0) continue;
        return !packet.up; // the first data outside the handshake: the server's answer, or the rest of the flight
    }
    return false;
}

std::string heading(const std::vector<TraceConnection>& traces, std::size_t index) {
    const TraceConnection& trace = traces[index];
    const auto name = [](const TraceConnection& t) { return fmt::format("connection {}", t.connection + 1); };
    std::string out = fmt::format("{}   {}#{} -> {}   ", name(trace), trace.client, trace.member, trace.pop);
    const auto source = cookie_source(traces, index);
    out += source ? "cookie from " + name(traces[*source]) : "rtt " + duration_text(trace.rtt);
    constexpr std::size_t outcome_column = 66;
    out = pad_right(out, outcome_column - 3) + "   ";
    if (const auto first_byte = event_time(trace, "first_byte")) {
        out += "TTFB " + milliseconds(static_cast<double>((*first_byte - trace.start).count()));
        if (saved_round_trip(trace)) out += "   saved " + milliseconds(static_cast<double>(trace.rtt.count()));
    } else {
        out += "no first byte";
    }
    if (!trace.error.empty()) out += "   " + trace.error;
    return out + "\n";
}

/// Packets in the order in which they were sent, with what the client's application saw between them.
std::string lines(const TraceConnection& trace) {
    struct Line {
        Instant at;
        std::string text;
    };
    std::vector<Line> rows;
    const std::vector<PacketFacts> facts = facts_of(trace);
    for (std::size_t n = 0; n < facts.size(); ++n) {
        const TracePacket& packet = trace.packets[n];
        rows.push_back(
            {packet.at, fmt::format("{} {} {}   {}", trace.client, packet.up ? '>' : '<',
                                    packet.pop.empty() ? trace.pop : packet.pop, packet_words(packet, facts[n]))});
    }
    const std::size_t ends_width = shown_width(trace.client) + 3 + shown_width(trace.pop);
    for (const auto& [name, at] : trace.events) {
        if (name == "start") continue; // it is where the times begin
        std::string words = name;
        std::replace(words.begin(), words.end(), '_', ' ');
        rows.push_back({at, pad_right(trace.client, ends_width) + "   " + words});
    }
    // Of a connection on which all went well the packets tell enough.
    const bool failed = std::any_of(trace.story.begin(), trace.story.end(),
                                    [](const TraceStep& step) { return step.text.starts_with("outcome of request"); });
    for (const TraceStep& step : trace.story)
        if (failed) rows.push_back({step.at, pad_right(trace.pop, ends_width) + "   " + step.text});
    std::stable_sort(rows.begin(), rows.end(), [](const Line& a, const Line& b) { return a.at < b.at; });
    std::string out;
    for (const Line& row : rows) out += time_column(row.at, trace.start) + "  " + row.text + "\n";
    return out;
}

} // namespace

std::string trace_text(const std::vector<TraceConnection>& traces) {
    if (traces.empty()) return "no connection was traced\n";
    std::string out;
    for (std::size_t i = 0; i < traces.size(); ++i) out += heading(traces, i) + lines(traces[i]);
    return out + "times are ms since the connection's start; a packet stands where its sender sends it\n";
}

} // namespace firstbyte
