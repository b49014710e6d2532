#include "firstbyte/report.hpp"

#include <doctest/doctest.h>
#include <nlohmann/json.hpp>

#include <chrono>
#include <string>

using namespace firstbyte;
using namespace std::chrono_literals;
using nlohmann::json;

namespace {

Instant at(Duration time) { return Instant{} + time; }

constexpr std::uint8_t fin = 1, syn = 2, rst = 4, psh = 8, ack = 16;

TracePacket packet(Duration time, bool up, std::uint8_t flags, std::uint32_t seq, std::uint32_t length,
                   std::string note = {}) {
    TracePacket out;
    out.at = at(time);
    out.up = up;
    out.flags = flags;
    out.seq = seq;
    out.length = length;
    out.window = 64240;
    out.note = std::move(note);
    return out;
}

/// TLS 1.3 over 80 ms: without a cookie three round trips and 1 ms, with one two and 1 ms.
std::vector<TraceConnection> two_connections() {
    TraceConnection first;
    first.client = "mobile";
    first.pop = "ams";
    first.member = 17;
    first.connection = 0;
    first.rtt = 80ms;
    first.events = {{"start", at(0ms)}, {"connected", at(80ms)}, {"first_byte", at(241ms)}};
    first.fast_open_fail = "cookie_unavailable";
    first.counters_server.cookie_requested = 1;
    first.packets = {packet(0ms, true, syn, 0, 0),
                     packet(40ms, false, syn | ack, 0, 0),
                     packet(80ms, true, psh | ack, 1, 517, "ClientHello (517 B)"),
                     packet(120ms, false, psh | ack, 1, 4000, "ServerHello..Finished"),
                     packet(160ms, true, psh | ack, 518, 564, "Finished + GET"),
                     packet(201ms, false, psh | ack, 4001, 1448)};
    first.packets[0].tfo = TracePacket::Tfo::Request;
    first.packets[1].tfo = TracePacket::Tfo::Cookie;
    first.packets[1].cookie = 0x9f31c4aabbccddeeULL;

    TraceConnection second = first;
    second.connection = 1;
    second.start = at(1000ms);
    second.events = {{"start", at(1000ms)}, {"connected", at(1000ms)}, {"first_byte", at(1161ms)}};
    second.fast_open_fail = "none";
    second.counters_client = {1, 0, 0, 0, 0};
    second.counters_server = {0, 0, 1, 0, 0};
    second.packets = {packet(1000ms, true, syn, 0, 517, "ClientHello (517 B)"), packet(1040ms, false, syn | ack, 0, 0),
                      packet(1040ms, false, psh | ack, 1, 4000, "ServerHello..Finished")};
    second.packets[0].tfo = TracePacket::Tfo::Cookie;
    second.packets[0].cookie = 0x9f31c4aabbccddeeULL;
    return {first, second};
}

bool contains(const std::string& text, const std::string& part) { return text.find(part) != std::string::npos; }

} // namespace

TEST_CASE("trace_text: two connections, the second with the first one's cookie") {
    CHECK(trace_text(two_connections()) ==
          R"(connection 1   mobile#17 -> ams   rtt 80 ms                       TTFB 241.0 ms
     0.000  mobile > ams   SYN            FO cookie-request
    40.000  mobile < ams   SYN,ACK        FO cookie 9f31c4...
    80.000  mobile > ams   ACK + ClientHello (517 B)
    80.000  mobile         connected
   120.000  mobile < ams   ServerHello..Finished
   160.000  mobile > ams   Finished + GET
   201.000  mobile < ams   data (1448 B)
   241.000  mobile         first byte
connection 2   mobile#17 -> ams   cookie from connection 1        TTFB 161.0 ms   saved 80.0 ms
     0.000  mobile > ams   SYN            FO cookie 9f31c4... + ClientHello (517 B)
     0.000  mobile         connected
    40.000  mobile < ams   SYN,ACK
    40.000  mobile < ams   ServerHello..Finished
   161.000  mobile         first byte
times are ms since the connection's start; a packet stands where its sender sends it
)");
}

TEST_CASE("trace_text: what happened to a packet, what is sent again, and an end without a first byte") {
    TraceConnection trace;
    trace.client = "lab";
    trace.pop = "ams";
    trace.rtt = 100ms;
    trace.error = "ETIMEDOUT";
    trace.packets = {packet(0ms, true, syn, 0, 0), packet(1000ms, true, syn, 0, 0),
                     packet(1050ms, false, rst | ack, 0, 0), packet(1060ms, true, fin | ack, 1, 0)};
    trace.packets[0].act = TracePacket::Act::Drop;
    const std::string text = trace_text({trace});
    INFO(text);
    CHECK(contains(text, "no first byte   ETIMEDOUT\n"));
    CHECK(contains(text, "     0.000  lab > ams   SYN   (dropped by a path rule)\n"));
    CHECK(contains(text, " 1 000.000  lab > ams   SYN   (sent again)\n"));
    CHECK(contains(text, "lab < ams   RST,ACK\n"));
    CHECK(contains(text, "lab > ams   FIN,ACK\n"));
}

TEST_CASE("traces name the other PoP where a packet goes to one or comes from one") {
    TraceConnection trace;
    trace.client = "lab";
    trace.pop = "ams";
    trace.packets = {packet(0ms, true, psh | ack, 1, 400), packet(100ms, true, psh | ack, 1, 400),
                     packet(140ms, false, rst, 501, 0)};
    trace.packets[0].act = TracePacket::Act::Blackhole;
    trace.packets[1].act = TracePacket::Act::Foreign;
    trace.packets[1].arrives = Instant{140ms};
    trace.packets[1].pop = trace.packets[2].pop = "sin";
    const std::string text = trace_text({trace});
    INFO(text);
    CHECK(contains(text, "     0.000  lab > ams   data (400 B)   (lost: no route)\n"));
    CHECK(contains(text, "   100.000  lab > sin   data (400 B)   (sent again)   (this PoP has no such connection)\n"));
    CHECK(contains(text, "   140.000  lab < sin   RST\n"));
    const json packets = json::parse(trace_json({trace})).at("connections")[0].at("packets");
    CHECK_FALSE(packets[0].contains("pop"));
    CHECK(packets[1].at("pop") == "sin");
    CHECK(packets[2].at("pop") == "sin");
    const std::string diagram = trace_mermaid({trace});
    INFO(diagram);
    CHECK(contains(diagram, "as sin\n"));
    CHECK(contains(diagram, "C1->>P2"));
}

TEST_CASE("trace_text: SYN data that were taken save nothing when the rest of the request had to wait") {
    std::vector<TraceConnection> traces = two_connections();
    traces[1].packets.insert(traces[1].packets.begin() + 2, packet(1080ms, true, psh | ack, 518, 1000, "rest"));
    CHECK_FALSE(contains(trace_text(traces), "saved"));
}

TEST_CASE("trace_json: the form of section 15") {
    std::vector<TraceConnection> traces = two_connections();
    const json out = json::parse(trace_json(traces));
    CHECK(out.at("format") == 1);
    REQUIRE(out.at("connections").size() == 2);
    const json& second = out.at("connections")[1];
    CHECK(second.at("client") == "mobile");
    CHECK(second.at("connection") == 1);
    CHECK(second.at("pop") == "ams");
    CHECK(second.at("start_ns") == 1'000'000'000);
    CHECK(second.at("events") == json::parse(R"([["start", 1000000000], ["connected", 1000000000],
                                                   ["first_byte", 1161000000]])"));
    CHECK(second.at("error") == "");
    CHECK(second.at("fast_open_fail") == "none");
    CHECK(second.at("counters_client") == json({{"TCPFastOpenActive", 1}}));
    CHECK(second.at("counters_server") == json({{"TCPFastOpenPassive", 1}}));
    CHECK(second.at("packets")[0] == json({{"t_ns", 1'000'000'000},
                                           {"dir", "up"},
                                           {"flags", "S"},
                                           {"seq", 0},
                                           {"ack", 0},
                                           {"len", 517},
                                           {"win", 64240},
                                           {"tfo", "cookie"},
                                           {"tfo_exp", false},
                                           {"sack", json::array()},
                                           {"act", "forward"}}));
    const json& first = out.at("connections")[0];
    CHECK(first.at("counters_client") == json::object()); // zeros are left out
    CHECK(first.at("counters_server") == json({{"TCPFastOpenCookieReqd", 1}}));
    CHECK(first.at("packets")[0].at("tfo") == "request");
    CHECK_FALSE(first.at("packets")[2].contains("tfo"));
    CHECK(first.at("packets")[1].at("dir") == "down");
}

TEST_CASE("trace_json: flags as letters, and what the path did") {
    struct Row {
        std::uint8_t flags;
        const char* letters;
    };
    const Row flags[] = {{syn, "S"},        {syn | ack, "SA"}, {ack, "A"},        {psh | ack, "PA"},
                         {fin | ack, "FA"}, {rst, "R"},        {rst | ack, "RA"}, {fin | psh | ack, "FPA"}};
    for (const Row& row : flags) {
        TraceConnection trace;
        trace.packets = {packet(0ms, true, row.flags, 0, 0)};
        CHECK(json::parse(trace_json({trace})).at("connections")[0].at("packets")[0].at("flags") == row.letters);
    }
    using Act = TracePacket::Act;
    const std::pair<Act, const char*> acts[] = {{Act::Forward, "forward"},
                                                {Act::Drop, "drop"},
                                                {Act::TailDrop, "tail_drop"},
                                                {Act::StripTfo, "strip_tfo"},
                                                {Act::StripData, "strip_data"},
                                                {Act::CorruptCookie, "corrupt_cookie"},
                                                {Act::Lost, "lost"},
                                                {Act::TooBig, "too_big"},
                                                {Act::Blackhole, "blackhole"},
                                                {Act::Loop, "loop"},
                                                {Act::Foreign, "foreign"},
                                                {Act::Copy, "copy"}};
    for (const auto& [act, name] : acts) {
        TraceConnection trace;
        trace.packets = {packet(0ms, true, syn, 0, 0)};
        trace.packets[0].act = act;
        CHECK(json::parse(trace_json({trace})).at("connections")[0].at("packets")[0].at("act") == name);
    }
    CHECK(json::parse(trace_json({})).at("connections").empty());
}

TEST_CASE("trace_text: a probe is counted until the other side answers") {
    TraceConnection trace;
    trace.client = "lab";
    trace.pop = "ams";
    trace.packets = {packet(3000ms, true, ack, 0, 0), packet(4000ms, true, ack, 0, 0),
                     packet(4050ms, false, ack, 1, 0)};
    trace.packets[0].keepalive_probe = trace.packets[1].keepalive_probe = true;
    const std::string text = trace_text({trace});
    INFO(text);
    CHECK(contains(text, " 3 000.000  lab > ams   ACK   (keepalive probe 1)\n"));
    CHECK(contains(text, " 4 000.000  lab > ams   ACK   (keepalive probe 2)\n"));
}

TEST_CASE("trace_mermaid: participants, arrows by direction, runs of data as one, bare ACKs left out") {
    std::vector<TraceConnection> traces = two_connections();
    for (TraceConnection& trace : traces)
        for (TracePacket& p : trace.packets) p.arrives = p.at + 40ms;
    std::vector<TracePacket>& packets = traces[0].packets;
    packets.push_back(packet(201ms, false, psh | ack, 5449, 552, "response (552 B)"));
    packets.push_back(packet(241ms, true, ack, 1082, 0));
    packets.push_back(packet(300ms, true, fin | ack, 1082, 0));
    packets.back().act = TracePacket::Act::Lost;
    packets.back().arrives = never;
    traces[1].packets[1].ack = 518;
    traces[1].client = "eu;mobile";
    traces[1].error = "ECONNRESET";
    CHECK(trace_mermaid(traces) == R"(sequenceDiagram
  participant C1 as mobile
  participant P1 as ams
  participant C2 as eu#59;mobile
  Note over C1,P1: connection 1, times in ms
  C1->>P1: 0.0 SYN + cookie request
  P1-->>C1: 40.0 SYN,ACK + cookie
  C1->>P1: 80.0 ClientHello (517 B)
  Note over C1: 80.0 connected
  P1-->>C1: 120.0 ServerHello..Finished
  C1->>P1: 160.0 Finished + GET
  P1-->>C1: 201.0 data (2000 B in 2 packets)
  Note over C1: 241.0 first byte
  C1-xP1: 300.0 FIN,ACK (lost on the path)
  Note over C2,P1: connection 2, times in ms
  C2->>P1: 0.0 SYN + cookie + ClientHello (517 B)
  Note over C2: 0.0 connected
  P1-->>C2: 40.0 SYN,ACK (data accepted)
  P1-->>C2: 40.0 ServerHello..Finished
  Note over C2: 161.0 first byte
  Note over C2: ECONNRESET
)");
}
