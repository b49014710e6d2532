#include "report/topics.hpp"

#include "firstbyte/results.hpp"

#include <string_view>

#include <fmt/format.h>

namespace firstbyte::report {
namespace {

struct TimerProse {
    const char* name;
    const char* text;
    const char* keys;
};

constexpr TimerProse timers[] = {
    {"connect",
     "runs at the edge from the first SYN of an attempt until the SYN-ACK, a RST or an ICMP error; the "
     "waits of the SYN schedule add up. At its end the attempt is dropped silently, and the next one begins.",
     "edge.timeouts.syn_schedule, edge.retry.connect_attempts"},
    {"ack",
     "runs at the edge while sent bytes are not acknowledged; every ACK that advances starts it anew. At its "
     "end the connection to the origin is reset.",
     "edge.timeouts.ack"},
    {"read",
     "runs at the edge from when the whole request is in the send buffer until a response byte comes, and anew "
     "from each read: it measures the longest gap, not the whole time. Keepalive probes are no reads. Before "
     "the header its end is 524, behind it a truncated body.",
     "edge.timeouts.read, edge.timeouts.read_slack"},
    {"write",
     "runs at the edge while part of a request finds no room in the send buffer, and anew whenever some "
     "does.",
     "edge.timeouts.write"},
    {"tls", "runs at the edge from its ClientHello until the handshake with the origin is complete.",
     "edge.timeouts.tls"},
    {"keepalive",
     "TCP's own: after `idle` of silence on both ways a probe, then one each `interval`; dead at idle + "
     "probes x interval after the last activity. Not while data is outstanding: then the ack timer "
     "rules.",
     "tcp.edge_origin.client.keepalive, tcp.client_edge.server.keepalive"},
    {"request", "runs at the edge from the first byte of a client's request until it is complete.",
     "edge.timeouts.request"},
    {"client", "runs at the client: its deadline for a request, its SYN schedule and its retransmissions.",
     "clients[].deadline, tcp.client_edge.client.syn_retries, tcp.client_edge.client.data_retries"},
    {"pool_idle",
     "runs at the edge from when a connection to an origin goes back to the pool until a request takes "
     "it. At its end the edge closes it in order; no request is waiting, so there is no outcome. Where "
     "the origin's own idle timeout is shorter, requests meet closing connections: see stale_reuse.",
     "edge.origin_pool.idle_timeout, origins[].idle_timeout"},
    {"client_idle",
     "runs at the edge from the end of a response until the client's next request begins. At its end "
     "the edge closes the connection (idle_action close), or leaves that to keepalive probes (probe). A "
     "request on its way then gets a RST.",
     "tcp.client_edge.idle_timeout, edge.idle_action"},
};

} // namespace

std::vector<Topic> timer_topics() {
    std::vector<Topic> out;
    for (const TimerProse& timer : timers) {
        std::string text = fmt::format("timer: {}\nSettings: {}.", timer.text, timer.keys);
        std::vector<std::string> ends;
        for (int value = 0; value < static_cast<int>(Cause::count_); ++value) {
            const auto cause = static_cast<Cause>(value);
            if (std::string_view(timer_of(cause)) == timer.name) ends.emplace_back(firstbyte::name_of(cause));
        }
        if (!ends.empty()) text += fmt::format(" Label timer of the causes {}.", fmt::join(ends, ", "));
        out.push_back({timer.name, text});
    }
    return out;
}

} // namespace firstbyte::report
