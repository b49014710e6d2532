#include "simulated.hpp"

#include "firstbyte/scenario.hpp"
#include "firstbyte/simulate.hpp"

#include <fmt/format.h>

#include <algorithm>

namespace firstbyte::validate {
namespace {

Packet packet_of(const TracePacket& traced, std::uint32_t connection) {
    Packet packet;
    packet.at = traced.at.time_since_epoch();
    packet.connection = connection;
    packet.up = traced.up;
    packet.flags = traced.flags;
    packet.seq = traced.seq;
    if ((traced.flags & flag::ack) != 0) packet.ack = traced.ack;
    packet.length = traced.length;
    packet.window = traced.window;
    packet.tfo = traced.tfo;
    if (traced.tfo == TracePacket::Tfo::Cookie) packet.cookie = fmt::format("{:016x}", traced.cookie);
    packet.experimental = traced.tfo_experimental;
    packet.sack = traced.sack;
    packet.act = traced.act;
    if (traced.arrives != never) packet.arrives = traced.arrives.time_since_epoch();
    return packet;
}

} // namespace

Simulated simulate_scenario(const std::string& text, const std::string& name, std::size_t connections) {
    SimulateOptions options;
    options.trace.enabled = true;
    const Results results = simulate(build_world(load_scenario(text, name)), options);
    Simulated out;
    out.connections.resize(connections);
    for (const TraceConnection& trace : results.traces) {
        out.counters_client.merge(trace.counters_client);
        out.counters_server.merge(trace.counters_server);
        if (trace.connection >= connections) continue; // one script entry is one connection
        SimulatedConnection& connection = out.connections[trace.connection];
        for (const auto& [what, at] : trace.events) connection.events.push_back({what, at.time_since_epoch()});
        connection.error = trace.error;
        connection.fast_open_fail = trace.fast_open_fail;
        for (const TracePacket& packet : trace.packets) out.packets.push_back(packet_of(packet, trace.connection));
    }
    std::stable_sort(out.packets.begin(), out.packets.end(),
                     [](const Packet& a, const Packet& b) { return a.at < b.at; });
    return out;
}

} // namespace firstbyte::validate
