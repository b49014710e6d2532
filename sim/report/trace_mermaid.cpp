// Traced connections as a Mermaid sequence diagram: what a step summary or a design document shows.
#include "firstbyte/report.hpp"
#include "report/format.hpp"
#include "report/packet_facts.hpp"

#include <algorithm>
#include <cstddef>
#include <functional>
#include <map>
#include <utility>

#include <fmt/format.h>

namespace firstbyte {
namespace {

using namespace report;

/// Characters that mean something to Mermaid, as its entity codes.
std::string escaped(std::string_view text) {
    std::string out;
    for (const char c : text) {
        if (c == '#' || c == ';')
            out += fmt::format("#{};", static_cast<int>(c));
        else
            out += c;
    }
    return out;
}

/// Names of the participants, numbered in the order in which they appear.
class Participants {
public:
    Participants(char letter, const char* what) : letter_(letter), what_(what) {}

    std::string add(const std::string& name, std::string& declarations) {
        const auto [place, added] = names_.emplace(name, fmt::format("{}{}", letter_, names_.size() + 1));
        if (added) declarations += fmt::format("  {} {} as {}\n", what_, place->second, escaped(name));
        return place->second;
    }

private:
    char letter_;
    const char* what_;
    std::map<std::string, std::string> names_;
};

std::string words(const TracePacket& packet, const PacketFacts& facts) {
    std::string out;
    const auto add = [&out](const char* between, const std::string& more) {
        if (!more.empty()) out += (out.empty() ? "" : between) + more;
    };
    const std::pair<std::uint8_t, const char*> flags[] = {
        {flag::syn, "SYN"}, {flag::fin, "FIN"}, {flag::rst, "RST"}, {flag::ack, "ACK"}};
    for (const auto& [bit, name] : flags) {
        const bool said = !plain(packet) || packet.length == 0; // data always acknowledge something
        if (has(packet, bit) && said) add(",", name);
    }
    if (packet.tfo == TracePacket::Tfo::Request) add(" + ", "cookie request");
    if (packet.tfo == TracePacket::Tfo::Cookie) add(" + ", "cookie");
    add(" + ", !packet.note.empty() ? packet.note
               : packet.length != 0 ? fmt::format("data ({} B)", packet.length)
                                    : "");
    const auto remark = [&out](const std::string& text) {
        if (!text.empty()) out += " (" + text + ")";
    };
    if (facts.answers_data) remark("data accepted");
    if (facts.leaves_data) remark("data ignored");
    remark(probe_words(facts));
    if (facts.again) remark("sent again");
    remark(act_words(packet.act));
    return out;
}

/// Packets from `first` on that one arrow stands for: data one after the other in one direction, with nothing to say
/// of any of them but the bytes.
std::size_t run_length(const TraceConnection& trace, const std::vector<PacketFacts>& facts, std::size_t first) {
    const auto ordinary = [&](std::size_t n) {
        const TracePacket& packet = trace.packets[n];
        return plain(packet) && packet.length != 0 && !facts[n].again && packet.act == TracePacket::Act::Forward &&
               packet.pop == trace.packets[first].pop;
    };
    std::size_t end = first + 1;
    if (!ordinary(first)) return 1;
    while (end < trace.packets.size() && trace.packets[end].up == trace.packets[first].up && ordinary(end)) ++end;
    return end - first;
}

std::string run_words(const TraceConnection& trace, const std::vector<PacketFacts>& facts, std::size_t first,
                      std::size_t count) {
    if (count == 1) return words(trace.packets[first], facts[first]);
    std::uint64_t bytes = 0;
    for (std::size_t n = first; n < first + count; ++n) bytes += trace.packets[n].length;
    const std::string& note = trace.packets[first].note;
    const std::string what = note.empty() ? "data" : note.substr(0, note.rfind(" ("));
    return fmt::format("{} ({} B in {} packets)", what, bytes, count);
}

/// Bare ACKs say nothing here, unless they end the handshake, are probes, or were lost.
bool worth_an_arrow(const TracePacket& packet, const PacketFacts& facts) {
    return !bare_ack(packet) || facts.ends_handshake || facts.probe != 0 || packet.act != TracePacket::Act::Forward;
}

struct Line {
    Instant at;
    std::string text; ///< after the time
    std::string head; ///< before it: the arrow
};

/// @param pops  participants by name, as "P1"
std::string lines_of(const TraceConnection& trace, const std::string& client, const std::string& home,
                     const std::function<std::string(const std::string&)>& pops) {
    std::vector<Line> lines;
    const std::vector<PacketFacts> facts = facts_of(trace);
    for (std::size_t n = 0; n < trace.packets.size();) {
        const TracePacket& packet = trace.packets[n];
        const std::size_t count = run_length(trace, facts, n);
        if (worth_an_arrow(packet, facts[n])) {
            // Solid from the client, dashed from the PoP; a cross where the packet does not arrive.
            const char* head = packet.arrives == never ? "x" : ">>";
            const std::string pop = packet.pop.empty() ? home : pops(packet.pop);
            lines.push_back(
                {packet.at, run_words(trace, facts, n, count),
                 packet.up ? fmt::format("{}-{}{}", client, head, pop) : fmt::format("{}--{}{}", pop, head, client)});
        }
        n += count;
    }
    for (const auto& [name, at] : trace.events) {
        if (name == "start") continue; // it is where the times begin
        std::string text = name;
        std::replace(text.begin(), text.end(), '_', ' ');
        lines.push_back({at, text, "Note over " + client});
    }
    std::stable_sort(lines.begin(), lines.end(), [](const Line& a, const Line& b) { return a.at < b.at; });
    std::string out;
    for (const Line& line : lines)
        out += fmt::format("  {}: {:.1f} {}\n", line.head, to_ms(line.at - trace.start), escaped(line.text));
    return out;
}

} // namespace

std::string trace_mermaid(const std::vector<TraceConnection>& traces) {
    std::string declarations, body;
    Participants clients('C', "participant"), pops('P', "participant");
    for (const TraceConnection& trace : traces) {
        const std::string client = clients.add(trace.client, declarations);
        const std::string pop = pops.add(trace.pop, declarations);
        body += fmt::format("  Note over {},{}: connection {}, times in ms\n", client, pop, trace.connection + 1);
        body += lines_of(trace, client, pop, [&](const std::string& name) { return pops.add(name, declarations); });
        if (!trace.error.empty()) body += fmt::format("  Note over {}: {}\n", client, trace.error);
    }
    return "sequenceDiagram\n" + declarations + body;
}

} // namespace firstbyte
