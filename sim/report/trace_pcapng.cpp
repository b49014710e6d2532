// Traced connections as one capture file.
#include "core/version.hpp"
#include "firstbyte/report.hpp"
#include "report/ip_packet.hpp"
#include "report/packet_facts.hpp"
#include "report/pcapng.hpp"
#include "report/trace_payload.hpp"

#include <algorithm>
#include <array>
#include <map>
#include <utility>

#include <fmt/format.h>

namespace firstbyte {
namespace {

using namespace report;

/// A packet and where it stands: the order of the file is that of time, then of connections, then of their packets.
struct Spot {
    Instant at;
    std::size_t connection = 0, packet = 0;
};

std::vector<Spot> in_order(const std::vector<TraceConnection>& traces) {
    std::vector<Spot> spots;
    for (std::size_t c = 0; c < traces.size(); ++c)
        for (std::size_t p = 0; p < traces[c].packets.size(); ++p) spots.push_back({traces[c].packets[p].at, c, p});
    std::stable_sort(spots.begin(), spots.end(), [](const Spot& a, const Spot& b) { return a.at < b.at; });
    return spots;
}

/// What the writing of one connection's packets needs and keeps.
struct Capture {
    std::uint32_t interface = 0;
    TracePayload payload;
    std::vector<PacketFacts> facts;
    std::array<std::uint16_t, 2> identification{}; ///< of the next packet, by direction (down, up)
};

} // namespace

std::string trace_pcapng(const std::vector<TraceConnection>& traces, std::int64_t epoch_seconds) {
    PcapngWriter writer(std::string("firstbyte ") + version);
    std::map<std::pair<std::string, std::string>, std::uint32_t> interfaces;
    std::vector<Capture> captures;
    for (const TraceConnection& trace : traces) {
        auto found = interfaces.find({trace.client, trace.pop});
        if (found == interfaces.end()) {
            const std::string name = trace.client + "->" + trace.pop;
            const std::string text =
                fmt::format("simulated path between client group {} and PoP {}", trace.client, trace.pop);
            found = interfaces.emplace(std::pair(trace.client, trace.pop), writer.add_interface(name, text)).first;
        }
        Capture capture{found->second, TracePayload(trace), facts_of(trace)};
        // Each side counts its packets from a number of its own, as Linux does per connection.
        for (const bool up : {false, true})
            capture.identification[up ? 1 : 0] = static_cast<std::uint16_t>(initial_sequence_number(trace, up) >> 16);
        captures.push_back(std::move(capture));
    }
    constexpr std::uint64_t ns_per_second = 1'000'000'000;
    const std::uint64_t epoch = static_cast<std::uint64_t>(epoch_seconds) * ns_per_second;
    for (const Spot& spot : in_order(traces)) {
        const TraceConnection& trace = traces[spot.connection];
        const TracePacket& packet = trace.packets[spot.packet];
        Capture& capture = captures[spot.connection];
        const std::string_view payload = capture.payload.bytes(packet.up, payload_begin(packet), packet.length);
        writer.add_packet(capture.interface, epoch + static_cast<std::uint64_t>(packet.at.time_since_epoch().count()),
                          ip_packet(trace, packet, payload, capture.identification[packet.up ? 1 : 0]++),
                          packet_comment(packet, capture.facts[spot.packet]));
    }
    return writer.take();
}

} // namespace firstbyte
