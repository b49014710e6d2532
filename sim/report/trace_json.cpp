#include "report/trace_json.hpp"

#include "core/check.hpp"
#include "firstbyte/report.hpp"

#include <string>
#include <utility>

namespace firstbyte {
namespace report {
namespace {

/// Flags as letters, in the order in which Linux tools and this format write them: "S", "SA", "PA", "FA", "RA".
std::string flag_letters(std::uint8_t flags) {
    constexpr std::pair<std::uint8_t, char> letters[] = {
        {2, 'S'}, {1, 'F'}, {4, 'R'}, {8, 'P'}, {16, 'A'}, // bits: RFC 9293 section 3.1
    };
    std::string out;
    for (const auto& [bit, letter] : letters) {
        if ((flags & bit) != 0) out += letter;
    }
    return out;
}

const char* act_name(TracePacket::Act act) {
    switch (act) {
    case TracePacket::Act::Forward: return "forward";
    case TracePacket::Act::Drop: return "drop";
    case TracePacket::Act::TailDrop: return "tail_drop";
    case TracePacket::Act::StripTfo: return "strip_tfo";
    case TracePacket::Act::StripData: return "strip_data";
    case TracePacket::Act::CorruptCookie: return "corrupt_cookie";
    case TracePacket::Act::Lost: return "lost";
    case TracePacket::Act::TooBig: return "too_big";
    case TracePacket::Act::Blackhole: return "blackhole";
    case TracePacket::Act::Loop: return "loop";
    case TracePacket::Act::Foreign: return "foreign";
    case TracePacket::Act::Copy: return "copy";
    }
    invariant_broken("what happens to a packet is one of the enumerators", "switch", __FILE__, __LINE__);
}

/// Counters that are 0 are left out, as in /proc/net/netstat's differences.
Json counters_json(const FastOpenCounters& counters) {
    Json out = Json::object();
    const std::pair<const char*, std::uint64_t> rows[] = {
        {"TCPFastOpenActive", counters.active},
        {"TCPFastOpenActiveFail", counters.active_fail},
        {"TCPFastOpenPassive", counters.passive},
        {"TCPFastOpenPassiveFail", counters.passive_fail},
        {"TCPFastOpenCookieReqd", counters.cookie_requested},
        {"TCPFastOpenPassiveAltKey", counters.passive_alt_key},
        {"TCPFastOpenListenOverflow", counters.listen_overflow},
        {"TCPFastOpenBlackhole", counters.blackhole},
    };
    for (const auto& [name, count] : rows) {
        if (count != 0) out[name] = count;
    }
    return out;
}

Json packet_json(const TracePacket& packet) {
    Json out{{"t_ns", packet.at.time_since_epoch().count()},
             {"dir", packet.up ? "up" : "down"},
             {"flags", flag_letters(packet.flags)},
             {"seq", packet.seq},
             {"ack", packet.ack},
             {"len", packet.length},
             {"win", packet.window}};
    if (packet.tfo == TracePacket::Tfo::Request) out["tfo"] = "request";
    if (packet.tfo == TracePacket::Tfo::Cookie) out["tfo"] = "cookie";
    out["tfo_exp"] = packet.tfo_experimental;
    out["sack"] = Json::array();
    for (const auto& [begin, end] : packet.sack) out["sack"].push_back({begin, end});
    out["act"] = act_name(packet.act);
    if (packet.arrives != never) out["arrives_ns"] = packet.arrives.time_since_epoch().count();
    if (!packet.pop.empty()) out["pop"] = packet.pop;
    return out;
}

} // namespace

Json connection_json(const TraceConnection& trace) {
    Json events = Json::array();
    for (const auto& [name, at] : trace.events) events.push_back({name, at.time_since_epoch().count()});
    Json packets = Json::array();
    for (const TracePacket& packet : trace.packets) packets.push_back(packet_json(packet));
    Json out{{"client", trace.client},
             {"connection", trace.connection},
             {"pop", trace.pop},
             {"start_ns", trace.start.time_since_epoch().count()},
             {"events", std::move(events)},
             {"error", trace.error},
             {"fast_open_fail", trace.fast_open_fail},
             {"counters_client", counters_json(trace.counters_client)},
             {"counters_server", counters_json(trace.counters_server)},
             {"packets", std::move(packets)}};
    if (!trace.story.empty()) {
        Json story = Json::array();
        for (const TraceStep& step : trace.story) story.push_back({step.at.time_since_epoch().count(), step.text});
        out["story"] = std::move(story);
    }
    return out;
}

} // namespace report

std::string trace_json(const std::vector<TraceConnection>& traces) {
    report::Json connections = report::Json::array();
    for (const TraceConnection& trace : traces) connections.push_back(report::connection_json(trace));
    constexpr int levels_to_packets = 5; // file, connections, connection, packets: one packet a line
    return report::json_text({{"format", 1}, {"connections", std::move(connections)}}, levels_to_packets - 1);
}

} // namespace firstbyte
