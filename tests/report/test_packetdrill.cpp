/// Scripts for packetdrill: the form is that of google/packetdrill's grammar and of its Fast Open scripts, the times
/// are those of the end whose script it is.
#include "firstbyte/report.hpp"

#include <doctest/doctest.h>

#include <chrono>
#include <string>
#include <vector>

using namespace firstbyte;
using namespace std::chrono_literals;

namespace {

constexpr std::uint8_t fin = 1, syn = 2, rst = 4, psh = 8, ack = 16;

TracePacket packet(Duration at, bool up, std::uint8_t flags, std::uint32_t seq, std::uint32_t acknowledged,
                   std::uint32_t length) {
    TracePacket p;
    p.at = p.timestamp = Instant{} + at;
    p.arrives = p.at + 50ms;
    p.up = up;
    p.flags = flags;
    p.seq = seq;
    p.ack = acknowledged;
    p.length = length;
    p.window_field = (flags & syn) != 0 ? 64240 : 502;
    if ((flags & syn) != 0) {
        p.mss = 1460;
        p.sack_permitted = true;
        p.window_scale = 10;
    }
    return p;
}

TraceConnection connection(std::vector<TracePacket> packets) {
    TraceConnection trace;
    trace.client = "lab";
    trace.pop = "ams";
    trace.client_address = 0xc6120001;
    trace.server_address = 0xc6336401;
    trace.packets = std::move(packets);
    return trace;
}

bool contains(const std::string& text, const std::string& part) { return text.find(part) != std::string::npos; }

/// One request of 400 B in the SYN, 500 B back, and the client closes. RTT 100 ms.
TraceConnection fast_open() {
    TraceConnection trace =
        connection({packet(0ms, true, syn, 0, 0, 400), packet(50ms, false, syn | ack, 0, 401, 0),
                    packet(51ms, false, psh | ack, 1, 401, 500), packet(100ms, true, ack, 401, 1, 0),
                    packet(101ms, true, fin | ack, 401, 501, 0), packet(151ms, false, fin | ack, 501, 402, 0),
                    packet(201ms, true, ack, 402, 502, 0)});
    trace.packets[0].tfo = TracePacket::Tfo::Cookie;
    trace.packets[0].cookie = 0x3021b9d889017eeb;
    trace.events = {{"start", Instant{}}, {"connected", Instant{100ms}}};
    trace.messages = {{TraceMessage::Kind::Request, true, 0, 400}, {TraceMessage::Kind::Response, false, 0, 500}};
    return trace;
}

} // namespace

TEST_CASE("packetdrill: the server's script has its own packets at their times and the client's when they arrive") {
    CHECK(trace_packetdrill(fast_open(), TraceEnd::Server) ==
          R"(// connection 1 of client lab with ams, as its server sees it
// Cookies are those of the simulation; the kernel under test makes its own from its key.
--local_ip=198.51.100.1
--remote_ip=198.18.0.1
           0 socket(..., SOCK_STREAM, IPPROTO_TCP) = 3
   +0.000000 setsockopt(3, SOL_SOCKET, SO_REUSEADDR, [1], 4) = 0
   +0.000000 setsockopt(3, SOL_TCP, TCP_FASTOPEN, [256], 4) = 0
   +0.000000 bind(3, ..., ...) = 0
   +0.000000 listen(3, 4096) = 0
   +0.050000 < S 0:400(400) win 64240 <mss 1460,nop,nop,sackOK,nop,wscale 10,FO 3021b9d889017eeb,nop,nop>
   +0.000000 > S. 0:0(0) ack 401 win 64240 <mss 1460,nop,nop,sackOK,nop,wscale 10>
   +0.000000 accept(3, ..., ...) = 4
   +0.000000 read(4, ..., 400) = 400
   +0.001000 write(4, ..., 500) = 500
   +0.000000 > P. 1:501(500) ack 401 win 502
   +0.099000 < . 401:401(0) ack 1 win 502
   +0.001000 < F. 401:401(0) ack 501 win 502
   +0.000000 close(4) = 0
   +0.000000 > F. 501:501(0) ack 402 win 502
   +0.100000 < . 402:402(0) ack 502 win 502
)");
}

TEST_CASE("packetdrill: the client's script writes with the SYN when it has a cookie") {
    CHECK(trace_packetdrill(fast_open(), TraceEnd::Client) ==
          R"(// connection 1 of client lab with ams, as its client sees it
// Cookies are those of the simulation; the kernel under test makes its own from its key.
--local_ip=198.18.0.1
--remote_ip=198.51.100.1
           0 socket(..., SOCK_STREAM, IPPROTO_TCP) = 3
   +0.000000 sendto(3, ..., 400, MSG_FASTOPEN, ..., ...) = 400
   +0.000000 > S 0:400(400) win 64240 <mss 1460,nop,nop,sackOK,nop,wscale 10,FO 3021b9d889017eeb,nop,nop>
   +0.100000 < S. 0:0(0) ack 401 win 64240 <mss 1460,nop,nop,sackOK,nop,wscale 10>
   +0.000000 > . 401:401(0) ack 1 win 502
   +0.001000 < P. 1:501(500) ack 401 win 502
   +0.000000 read(3, ..., 500) = 500
   +0.000000 close(3) = 0
   +0.000000 > F. 401:401(0) ack 501 win 502
   +0.100000 < F. 501:501(0) ack 402 win 502
   +0.000000 > . 402:402(0) ack 502 win 502
)");
}

TEST_CASE("packetdrill: a client without a cookie waits in its first call, and a refused one gets the error") {
    TraceConnection plain = connection({packet(0ms, true, syn, 0, 0, 0), packet(50ms, false, syn | ack, 0, 1, 0),
                                        packet(100ms, true, psh | ack, 1, 1, 400)});
    plain.events = {{"connected", Instant{100ms}}};
    const std::string text = trace_packetdrill(plain, TraceEnd::Client);
    INFO(text);
    CHECK(contains(text, "+0...0.100000 connect(3, ..., ...) = 0\n"));
    CHECK(contains(text, " write(3, ..., 400) = 400\n   +0.000000 > P. 1:401(400)"));

    plain.packets[0].tfo = TracePacket::Tfo::Request;
    CHECK(contains(trace_packetdrill(plain, TraceEnd::Client),
                   "+0...0.100000 sendto(3, ..., 400, MSG_FASTOPEN, ..., ...) = 400\n"));

    TraceConnection refused = connection({packet(0ms, true, syn, 0, 0, 0), packet(50ms, false, rst | ack, 0, 1, 0)});
    refused.error = "ECONNREFUSED";
    refused.events = {{"closed", Instant{100ms}}};
    const std::string error = trace_packetdrill(refused, TraceEnd::Client);
    CHECK(contains(error, "+0...0.100000 connect(3, ..., ...) = -1 ECONNREFUSED\n"));
    CHECK(contains(error, "< R. 0:0(0) ack 1 win 502"));
}

TEST_CASE("packetdrill: what the path does is seen at the far end only") {
    using Act = TracePacket::Act;
    const auto far_end = [](Act act) {
        TraceConnection trace = fast_open();
        trace.packets[0].act = act;
        if (act == Act::Lost) trace.packets[0].arrives = never;
        return trace_packetdrill(trace, TraceEnd::Server);
    };
    CHECK(contains(far_end(Act::StripTfo), "< S 0:400(400) win 64240 <mss 1460,nop,nop,sackOK,nop,wscale 10>"));
    CHECK(contains(far_end(Act::StripData), "< S 0:0(0) win 64240"));
    CHECK(contains(far_end(Act::CorruptCookie), "FO cfde462776fe8114,nop,nop>"));
    CHECK(!contains(far_end(Act::Lost), "< S "));
    TraceConnection lost = fast_open();
    lost.packets[0].act = Act::Lost;
    lost.packets[0].arrives = never;
    CHECK(contains(trace_packetdrill(lost, TraceEnd::Client),
                   "> S 0:400(400) win 64240 <mss 1460,nop,nop,sackOK,nop,wscale 10,FO 3021b9d889017eeb,nop,nop>"
                   "  // lost on the path\n"));
}

TEST_CASE("packetdrill: options of later segments, the experimental form, and data that come out of order") {
    TraceConnection trace = connection({packet(0ms, true, syn, 0, 0, 0), packet(50ms, false, syn | ack, 0, 1, 0),
                                        packet(100ms, true, ack, 1, 1, 0), packet(110ms, true, ack, 1449, 1, 1448),
                                        packet(120ms, true, psh | ack, 2897, 1, 100),
                                        packet(160ms, false, ack, 1, 1, 0), packet(130ms, true, ack, 1, 1, 1448)});
    trace.packets[0].tfo = TracePacket::Tfo::Request;
    trace.packets[0].tfo_experimental = true;
    trace.packets[5].timestamps = true;
    trace.packets[5].echo = Instant{110ms};
    trace.packets[5].sack = {{1449, 2897}};
    const std::string text = trace_packetdrill(trace, TraceEnd::Server);
    INFO(text);
    CHECK(contains(text, "wscale 10,FOEXP>"));
    CHECK(contains(text, "> . 1:1(0) ack 1 win 502 <nop,nop,TS val 161 ecr 111,nop,nop,sack 1449:2897>"));
    CHECK(contains(text, "< . 1:1449(1448) ack 1 win 502\n   +0.000000 read(4, ..., 2996) = 2996\n"));
}
