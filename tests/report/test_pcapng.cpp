/// Capture files byte by byte: blocks as in draft-ietf-opsawg-pcapng, headers and options as in the RFCs and as Linux
/// orders them. What Wireshark makes of a file is in test_wireshark.cpp.
#include "firstbyte/report.hpp"
#include "support/capture.hpp"

#include <doctest/doctest.h>

#include <chrono>
#include <string>
#include <vector>

using namespace firstbyte;
using namespace firstbyte::test;
using namespace std::chrono_literals;

namespace {

constexpr std::uint8_t fin = 1, syn = 2, psh = 8, ack = 16;

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
    p.window = p.window_field = 502;
    p.timestamps = true;
    p.echo = Instant{-1ns};
    return p;
}

TracePacket syn_packet(Duration at, std::uint32_t length) {
    TracePacket p = packet(at, true, syn, 0, 0, length);
    p.window_field = 64240;
    p.mss = 1460;
    p.sack_permitted = true;
    p.window_scale = 10;
    return p;
}

TraceConnection connection(std::vector<TracePacket> packets) {
    TraceConnection trace;
    trace.client = "lab";
    trace.pop = "ams";
    trace.client_address = 0xc6120001; // 198.18.0.1
    trace.server_address = 0xc6336401; // 198.51.100.1
    trace.client_port = 32768;
    trace.server_port = 80;
    trace.packets = std::move(packets);
    return trace;
}

CapturedPacket only(const TracePacket& one) { return packets_of(trace_pcapng({connection({one})})).at(0); }

/// The options of a packet as hex, the timestamps' eight bytes as "T" because their clocks start anywhere.
std::string options_of(const TracePacket& one) {
    std::string text = hex(only(one).options);
    const std::size_t at = text.find("080a");
    if (at != std::string::npos) text.replace(at + 4, 16, "T");
    return text;
}

} // namespace

TEST_CASE("pcapng: a section, an interface per client group and PoP, packets in the order of their times") {
    TraceConnection first = connection({packet(3ms, true, ack, 1, 1, 0), packet(7ms, true, ack, 1, 1, 0)});
    TraceConnection second = connection({packet(1ms, true, ack, 1, 1, 0), packet(7ms, false, ack, 1, 1, 0)});
    TraceConnection third = first;
    second.client = "eu-mobile";
    third.connection = 1;
    const std::vector<Block> blocks = blocks_of(trace_pcapng({first, second, third}, 1'767'225'600));
    REQUIRE(blocks.size() == 3 + 6);

    CHECK(blocks[0].type == 0x0A0D0D0A);
    CHECK(little_endian(blocks[0].body, 0, 4) == 0x1A2B3C4D); // byte-order magic
    CHECK(little_endian(blocks[0].body, 4, 2) == 1);          // version 1.0
    CHECK(little_endian(blocks[0].body, 6, 2) == 0);
    CHECK(little_endian(blocks[0].body, 8, 8) == ~std::uint64_t{0});
    CHECK(blocks[0].options.at(4).rfind("firstbyte ", 0) == 0);

    const std::string names[] = {"lab->ams", "eu-mobile->ams"};
    for (std::size_t n = 0; n < 2; ++n) {
        CHECK(blocks[1 + n].type == 1);
        CHECK(little_endian(blocks[1 + n].body, 0, 2) == 101); // LINKTYPE_RAW
        CHECK(little_endian(blocks[1 + n].body, 4, 4) == 0);   // no limit on a packet's length
        CHECK(blocks[1 + n].options.at(2) == names[n]);
        CHECK(blocks[1 + n].options.at(9) == std::string(1, '\x09')); // nanoseconds
    }
    const std::uint64_t start = 1'767'225'600'000'000'000;
    const struct { std::uint64_t ms, interface; } expected[] = {{1, 1}, {3, 0}, {3, 0}, {7, 0}, {7, 1}, {7, 0}};
    for (std::size_t n = 0; n < 6; ++n) {
        CAPTURE(n);
        const CapturedPacket p = packet_of(blocks[3 + n]);
        CHECK(p.time_ns == start + expected[n].ms * 1'000'000);
        CHECK(p.interface == expected[n].interface);
    }
}

TEST_CASE("pcapng: nanoseconds beyond 32 bits keep all their digits") {
    const TracePacket late = packet(123'456'789'012'345ns, true, ack, 1, 1, 0);
    CHECK(only(late).time_ns == 123'456'789'012'345);
}

TEST_CASE("pcapng: addresses and ports turn round with the direction, numbers start at each side's own") {
    const std::vector<CapturedPacket> p = packets_of(trace_pcapng(
        {connection({syn_packet(0ms, 0), packet(50ms, false, syn | ack, 0, 1, 0),
                     packet(100ms, true, psh | ack, 1, 1, 400), packet(150ms, false, psh | ack, 1, 401, 7)})}));
    REQUIRE(p.size() == 4);
    for (const std::size_t n : {0u, 2u}) {
        CHECK(p[n].source == 0xc6120001);
        CHECK(p[n].destination == 0xc6336401);
        CHECK(p[n].source_port == 32768);
        CHECK(p[n].destination_port == 80);
    }
    CHECK(p[1].source == 0xc6336401);
    CHECK(p[1].destination_port == 32768);
    const auto plus = [](std::uint64_t base, std::uint64_t more) { return (base + more) & 0xffff'ffff; };
    CHECK(p[0].ack == 0);
    CHECK(p[1].ack == plus(p[0].seq, 1));
    CHECK(p[2].seq == plus(p[0].seq, 1));
    CHECK(p[2].ack == plus(p[1].seq, 1));
    CHECK(p[3].seq == plus(p[1].seq, 1));
    CHECK(p[3].ack == plus(p[0].seq, 401));
    CHECK(p[0].seq != p[1].seq);
    CHECK(p[2].flags == (psh | ack));
    CHECK(p[0].window == 64240);
    CHECK(p[2].payload.size() == 400);
    CHECK(p[3].payload.size() == 7); // an odd length has its own rule in the checksum
    CHECK(big_endian(p[2].bytes, 4, 2) == plus(big_endian(p[0].bytes, 4, 2), 1) % 65536); // identification counts
    CHECK(big_endian(p[2].bytes, 6, 2) == 0x4000);                                        // do not fragment
}

TEST_CASE("pcapng: options as Linux lays them out") {
    using Tfo = TracePacket::Tfo;
    const auto with = [](TracePacket p, auto change) {
        change(p);
        return p;
    };
    const TracePacket plain = packet(0ms, true, ack, 1, 1, 0);
    struct Row {
        const char* name;
        TracePacket packet;
        const char* options; ///< hex
        std::size_t size;    ///< of the IPv4 packet
    };
    const Row rows[] = {
        {"SYN: MSS, SACK permitted, timestamps, window scale (RFC 9293, 2018, 7323)", syn_packet(0ms, 0),
         "020405b4"
         "0402080aT"
         "0103030a",
         60},
        {"SYN without timestamps", with(syn_packet(0ms, 0), [](TracePacket& p) { p.timestamps = false; }),
         "020405b4"
         "01010402"
         "0103030a",
         52},
        {"SYN without SACK", with(syn_packet(0ms, 0), [](TracePacket& p) { p.sack_permitted = false; }),
         "020405b4"
         "0101080aT"
         "0103030a",
         60},
        {"cookie request (RFC 7413 section 4.1.1)",
         with(syn_packet(0ms, 0), [](TracePacket& p) { p.tfo = Tfo::Request; }),
         "020405b4"
         "0402080aT"
         "0103030a"
         "22020101",
         64},
        {"cookie and data",
         with(syn_packet(0ms, 400),
              [](TracePacket& p) {
                  p.tfo = Tfo::Cookie;
                  p.cookie = 0x0123456789abcdef;
              }),
         "020405b4"
         "0402080aT"
         "0103030a"
         "220a0123456789abcdef0101",
         472},
        {"experimental request (RFC 7413 section 4.1.1: kind 254, magic F989)",
         with(syn_packet(0ms, 0),
              [](TracePacket& p) {
                  p.tfo = Tfo::Request;
                  p.tfo_experimental = true;
              }),
         "020405b4"
         "0402080aT"
         "0103030a"
         "fe04f989",
         64},
        {"experimental cookie",
         with(syn_packet(0ms, 0),
              [](TracePacket& p) {
                  p.tfo = Tfo::Cookie;
                  p.tfo_experimental = true;
                  p.cookie = 0x0123456789abcdef;
              }),
         "020405b4"
         "0402080aT"
         "0103030a"
         "fe0cf9890123456789abcdef",
         72},
        {"later segments: timestamps alone", plain, "0101080aT", 52},
        {"no option at all", with(plain, [](TracePacket& p) { p.timestamps = false; }), "", 40},
    };
    for (const Row& row : rows) {
        CAPTURE(std::string(row.name));
        CHECK(options_of(row.packet) == std::string(row.options));
        CHECK(only(row.packet).bytes.size() == row.size);
    }
}

TEST_CASE("pcapng: SACK blocks count from the other side's initial number, three beside timestamps, four without") {
    TracePacket up = packet(100ms, true, ack, 401, 1, 0);
    up.sack = {{1449, 2897}, {4345, 5793}, {7241, 8689}, {10137, 11585}};
    TraceConnection trace = connection({packet(0ms, false, ack, 1, 401, 1448), up});
    std::vector<CapturedPacket> p = packets_of(trace_pcapng({trace}));
    const std::uint64_t first_byte = p[0].seq;
    REQUIRE(p[1].options.size() == 12 + 4 + 3 * 8);
    CHECK(hex(p[1].options.substr(12, 4)) == "0101051a");
    for (std::size_t n = 0; n < 3; ++n) {
        CHECK(big_endian(p[1].options, 16 + 8 * n, 4) == ((first_byte + up.sack[n].first - 1) & 0xffff'ffff));
        CHECK(big_endian(p[1].options, 20 + 8 * n, 4) == ((first_byte + up.sack[n].second - 1) & 0xffff'ffff));
    }
    trace.packets[1].timestamps = false;
    p = packets_of(trace_pcapng({trace}));
    CHECK(p[1].options.size() == 4 + 4 * 8);
    CHECK(hex(p[1].options.substr(0, 4)) == "01010522");
}

TEST_CASE("pcapng: timestamps tick in milliseconds and echo the other side's clock") {
    TracePacket down = packet(150ms, false, ack, 1, 401, 0);
    down.echo = Instant{} + 100ms;
    const std::vector<CapturedPacket> p = packets_of(trace_pcapng(
        {connection({packet(100ms, true, ack, 1, 1, 400), packet(103999us, true, ack, 401, 1, 0), down})}));
    const auto value = [&](std::size_t n) { return big_endian(p[n].options, 4, 4); };
    const auto echo = [&](std::size_t n) { return big_endian(p[n].options, 8, 4); };
    CHECK(((value(1) - value(0)) & 0xffff'ffff) == 3);
    CHECK(echo(0) == 0); // nothing to echo
    CHECK(echo(2) == value(0));
}

TEST_CASE("pcapng: windows that the header cannot hold show its greatest") {
    TracePacket wide = packet(0ms, true, ack, 1, 1, 0);
    wide.window_field = 70'000;
    CHECK(only(wide).window == 65'535);
}

TEST_CASE("pcapng: every packet has a comment that says what it is and what became of it") {
    using Tfo = TracePacket::Tfo;
    using Act = TracePacket::Act;
    TraceConnection trace = connection({});
    const auto add = [&](TracePacket p, Act act = Act::Forward) {
        p.act = act;
        const bool gone = act == Act::Drop || act == Act::TailDrop || act == Act::Lost || act == Act::TooBig;
        if (gone) p.arrives = never;
        trace.packets.push_back(p);
    };
    TracePacket open = syn_packet(0ms, 400);
    open.tfo = Tfo::Cookie;
    open.note = "request (400 B)";
    add(open);
    add(packet(50ms, false, syn | ack, 0, 401, 0));
    add(packet(50ms, false, psh | ack, 1, 401, 500), Act::Lost);
    add(packet(100ms, true, ack, 401, 1, 0));
    add(packet(400ms, false, psh | ack, 1, 401, 500));
    const auto probe = [](Duration at) {
        TracePacket p = packet(at, true, ack, 400, 501, 0);
        p.keepalive_probe = true;
        return p;
    };
    add(probe(3s));
    add(probe(4s), Act::TailDrop);
    add(packet(5s, false, ack, 501, 401, 0));
    add(probe(6s));
    TracePacket shut = packet(7s, false, ack, 501, 401, 0);
    shut.window = shut.window_field = 0;
    add(shut);
    add(probe(8s));
    add(packet(9s, true, fin | ack, 401, 501, 0));
    add(packet(10s, false, psh | ack, 501, 401, 1448), Act::TooBig);
    trace.messages = {{TraceMessage::Kind::Request, true, 0, 400}, {TraceMessage::Kind::Response, false, 0, 500}};
    const char* const expected[] = {"TFO SYN+data, cookie good, request (400 B)",
                                    "SYN-ACK, takes the SYN's data",
                                    "first byte, data (500 B), lost on the path",
                                    "ends the handshake",
                                    "data (500 B), sent again",
                                    "keepalive probe 1",
                                    "keepalive probe 2, dropped: the queue is full",
                                    "ACK",
                                    "keepalive probe 1",
                                    "ACK",
                                    "zero-window probe 1",
                                    "end of the stream",
                                    "data (1448 B), dropped: larger than the path's MTU"};
    const std::vector<CapturedPacket> p = packets_of(trace_pcapng({trace}));
    REQUIRE(p.size() == std::size(expected));
    for (std::size_t n = 0; n < p.size(); ++n) {
        CAPTURE(n);
        CHECK(p[n].comment == std::string(expected[n]));
    }
}

TEST_CASE("pcapng: what a SYN says of Fast Open follows from the answer") {
    using Tfo = TracePacket::Tfo;
    struct Row {
        Tfo sent;
        std::uint32_t length;
        bool arrives, answered;
        std::uint32_t acknowledged;
        Tfo given;
        const char *syn, *syn_ack;
    };
    const Row rows[] = {
        {Tfo::None, 0, true, true, 1, Tfo::None, "SYN", "SYN-ACK"},
        {Tfo::Request, 0, true, true, 1, Tfo::Cookie, "TFO cookie request", "SYN-ACK, gives a cookie"},
        {Tfo::Cookie, 400, true, true, 401, Tfo::None, "TFO SYN+data, cookie good, data (400 B)",
         "SYN-ACK, takes the SYN's data"},
        {Tfo::Cookie, 400, true, true, 1, Tfo::None, "TFO SYN+data, ignored by the server, data (400 B)",
         "SYN-ACK, leaves the SYN's data out"},
        {Tfo::Cookie, 400, true, true, 1, Tfo::Cookie, "TFO SYN+data, cookie wrong, data (400 B)",
         "SYN-ACK, leaves the SYN's data out, gives a cookie"},
        {Tfo::Cookie, 0, true, true, 1, Tfo::None, "TFO SYN, cookie, no data", "SYN-ACK"},
        {Tfo::None, 400, true, true, 401, Tfo::None, "SYN+data without a cookie, taken, data (400 B)",
         "SYN-ACK, takes the SYN's data"},
        {Tfo::Cookie, 400, false, true, 1, Tfo::None, "TFO SYN+data, no answer, data (400 B), dropped by a path rule",
         "SYN-ACK"},
        {Tfo::Cookie, 400, true, false, 0, Tfo::None, "TFO SYN+data, no answer, data (400 B)", ""},
    };
    for (const Row& row : rows) {
        CAPTURE(std::string(row.syn));
        TracePacket open = syn_packet(0ms, row.length);
        open.tfo = row.sent;
        if (!row.arrives) {
            open.arrives = never;
            open.act = TracePacket::Act::Drop;
        }
        TraceConnection trace = connection({open});
        if (row.answered) trace.packets.push_back(packet(50ms, false, syn | ack, 0, row.acknowledged, 0));
        if (row.answered) trace.packets.back().tfo = row.given;
        const std::vector<CapturedPacket> p = packets_of(trace_pcapng({trace}));
        CHECK(p[0].comment == std::string(row.syn));
        if (row.answered) CHECK(p[1].comment == std::string(row.syn_ack));
    }
}

TEST_CASE("trace: a filter keeps handshakes, or probes with their answers") {
    TracePacket probe = packet(3s, true, ack, 0, 1, 0);
    probe.keepalive_probe = true;
    const TraceConnection trace =
        connection({syn_packet(0ms, 0), packet(50ms, false, syn | ack, 0, 1, 0), packet(100ms, true, ack, 1, 1, 0),
                    probe, packet(3050ms, false, ack, 1, 1, 0), packet(4s, false, fin | ack, 1, 1, 0)});
    const auto times = [&](PacketFilter filter) {
        std::vector<Instant> kept;
        const std::vector<TraceConnection> traces = filtered({trace}, filter);
        for (const TracePacket& p : traces.at(0).packets) kept.push_back(p.at);
        return kept;
    };
    CHECK(times(PacketFilter::All).size() == 6);
    CHECK(times(PacketFilter::Syn) == std::vector<Instant>{Instant{}, Instant{50ms}});
    CHECK(times(PacketFilter::Keepalive) == std::vector<Instant>{Instant{3s}, Instant{3050ms}});
}
