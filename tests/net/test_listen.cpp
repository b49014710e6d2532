// A listener's two queues, TIME-WAIT and local ports. Expectations: facts.md section 6 and the timeline
// accept_queue_overflow (Linux 6.18 as measured), RFC 9293 section 3.10.7, RFC 6191, RFC 4987.
#include "two_hosts.hpp"

using namespace firstbyte;
using namespace firstbyte::test;
using namespace std::chrono_literals;

namespace {

using Strings = std::vector<std::string>;

tcp::Settings plain_end() {
    tcp::Settings settings = fast_open_end();
    settings.fast_open = false;
    return settings;
}

/// SYNs, SYN-ACKs, RSTs and how the connection went, for whole tables of connections.
std::size_t count(const TraceConnection& trace, std::uint8_t flags, bool up) {
    std::size_t n = 0;
    for (const TracePacket& p : trace.packets)
        if (p.up == up && (p.flags & (tcp::flag::syn | tcp::flag::rst)) == flags) ++n;
    return n;
}

} // namespace

TEST_CASE("accept queue: backlog 1 holds two, the third believes it is connected, later SYNs vanish "
          "(timeline accept_queue_overflow)") {
    tcp::Settings client = plain_end(), server = plain_end();
    client.syn_waits = tcp::syn_schedule(1s, 2, 4); // the record's tcp_syn_retries = 2
    server.backlog = 1;
    server.application_accepts = false;
    TwoHosts hosts(100ms, client, server);
    hosts.request = 0; // the clients send nothing
    const int starts[] = {0, 52, 103, 155, 207};
    for (std::uint32_t n = 0; n < 5; ++n) hosts.at(starts[n] * 1ms, [&hosts, n] { hosts.open(n, false); });
    hosts.run(8s);

    CHECK(hosts.handshake(0) == Strings{"0 S 0", "50 SA 1"});
    CHECK(hosts.handshake(1) == Strings{"52 S 0", "102 SA 1"});
    CHECK(hosts.handshake(2) == Strings{"103 S 0", "153 SA 1", "1153 SA 1", "3153 SA 1", "7153 SA 1"});
    CHECK(hosts.handshake(3) == Strings{"155 S 0", "1155 S 0", "2155 S 0", "3155 S 0", "4155 S 0", "5155 S 0"});
    CHECK(hosts.handshake(4) == Strings{"207 S 0", "1207 S 0", "2207 S 0", "3207 S 0", "4207 S 0", "5207 S 0"});
    for (const std::uint32_t serial : {0u, 1u, 2u}) CHECK(hosts.events_of(serial) == Strings{"connected"});
    for (const std::uint32_t serial : {3u, 4u}) CHECK(hosts.events_of(serial) == Strings{"timed out"});
    // The record counts 19, three of which are FINs sent after 8.1 s: here 12 SYNs and 4 ACKs.
    CHECK(hosts.server.queue().counters.overflows == 16);
    CHECK(hosts.server.queue().counters.drops == 16);
    CHECK(hosts.server.queue().waiting() == 2);
    CHECK(hosts.server.queue().half_open() == 1);
}

TEST_CASE("accept queue: a backlog of n holds n + 1 connections") {
    for (const std::uint32_t backlog : {0u, 1u, 5u}) {
        CAPTURE(backlog);
        tcp::Settings server = plain_end();
        server.backlog = backlog;
        server.application_accepts = false;
        TwoHosts hosts(10ms, plain_end(), server);
        hosts.request = 0;
        for (std::uint32_t n = 0; n < backlog + 3; ++n) hosts.at(n * 50ms, [&hosts, n] { hosts.open(n, false); });
        hosts.run(500ms);
        CHECK(hosts.server.queue().waiting() == backlog + 1);
    }
}

TEST_CASE("accept queue: an application that accepts leaves it empty, whatever the backlog") {
    tcp::Settings server = plain_end();
    server.backlog = 0;
    TwoHosts hosts(10ms, plain_end(), server);
    for (std::uint32_t n = 0; n < 20; ++n) hosts.at(n * 1ms + 100ms * n, [&hosts, n] { hosts.open(n, false); });
    hosts.run(5s);
    for (std::uint32_t n = 0; n < 20; ++n) CHECK(hosts.events_of(n).at(1) == "complete");
    CHECK(hosts.server.queue().counters.overflows == 0);
    CHECK(hosts.server.queue().waiting() == 0);
    CHECK(hosts.server.queue().half_open() == 0);
}

TEST_CASE("accept queue: with tcp_abort_on_overflow the ACK of the one too many is answered with RST") {
    tcp::Settings server = plain_end();
    server.backlog = 1;
    server.application_accepts = false;
    server.abort_on_overflow = true;
    TwoHosts hosts(100ms, plain_end(), server);
    hosts.request = 0;
    const int starts[] = {0, 52, 103}; // as in accept_queue_overflow
    for (std::uint32_t n = 0; n < 3; ++n) hosts.at(starts[n] * 1ms, [&hosts, n] { hosts.open(n, false); });
    hosts.run(10s);
    CHECK(hosts.events_of(1) == Strings{"connected"});
    CHECK(hosts.events_of(2) == Strings{"connected", "reset"});
    // The RST has the number to which the client's ACK pointed.
    CHECK(hosts.packets(2) ==
          Strings{"103 up S 0:0 ack 0", "153 down S. 0:0 ack 1", "203 up . 1:1 ack 1", "253 down R 1:1 ack 0"});
    CHECK(hosts.server.queue().half_open() == 0);
    CHECK(hosts.server.queue().counters.overflows == 1);
}

TEST_CASE("accept queue: what waits there sends no more than the kernel does: the SYN-ACK, ACKs, no FIN") {
    tcp::Settings server = plain_end();
    server.application_accepts = false;
    TwoHosts hosts(100ms, plain_end(), server);
    hosts.open(0, false);
    hosts.at(1s, [&] { hosts.client.close(0); });
    hosts.run(5s);
    for (const TracePacket& p : hosts.trace(0).packets)
        if (!p.up) CHECK((p.flags & tcp::flag::fin) == 0);
    CHECK(hosts.server.queue().waiting() == 1); // until somebody accepts it, gone or not
}

TEST_CASE("accept queue: closing the listener resets what no application has taken (packetdrill "
          "listener-closed-trigger-rst)") {
    tcp::Settings server = fast_open_end();
    server.application_accepts = false;
    TwoHosts hosts(100ms, fast_open_end(), server);
    hosts.hold_cookie();
    hosts.open(0, false);                           // waits, handshake done
    hosts.at(500ms, [&] { hosts.open(1, true); });  // a Fast Open child before its handshake's ACK
    hosts.at(540ms, [&] { hosts.open(2, false); }); // its SYN finds nobody
    hosts.at(560ms, [&] { hosts.server.stop_listening(); });
    hosts.run(5s);
    CHECK(count(hosts.trace(0), tcp::flag::rst, false) == 1);
    CHECK(count(hosts.trace(1), tcp::flag::rst, false) >= 1);
    CHECK(hosts.events_of(2) == Strings{"refused"});
    CHECK(hosts.server.queue().waiting() == 0);
    CHECK(hosts.server.queue().fast_open.pending() == 0);
}

TEST_CASE("accept queue: closing the listener leaves what an application has") {
    TwoHosts hosts(100ms, plain_end(), plain_end());
    hosts.client_closes = false;
    hosts.open(0, false);
    hosts.at(1s, [&] { hosts.server.stop_listening(); });
    hosts.run(5s);
    CHECK(hosts.events_of(0) == Strings{"connected", "complete"});
    CHECK(count(hosts.trace(0), tcp::flag::rst, false) == 0);
}

TEST_CASE(
    "SYN queue: beyond the backlog SYN-ACKs are made without state, and such connections work (RFC 4987 section 3.6)") {
    tcp::Settings server = fast_open_end();
    server.backlog = 2;
    TwoHosts hosts(100ms, fast_open_end(), server, {drop(PathRule::Dir::Down, PathRule::Match::SynAck, {0, 1, 2})});
    hosts.hold_cookie();
    for (std::uint32_t n = 0; n < 3; ++n)
        hosts.at(n * 1ms, [&hosts, n] { hosts.open(n, false); }); // half-open for long
    hosts.at(200ms, [&] { hosts.open(3, true); });
    hosts.run(900ms); // before the first three repeat anything
    CHECK(hosts.server.queue().half_open() == 3);
    // No Fast Open: the data follows the handshake.
    CHECK(hosts.handshake(3) == Strings{"200 S 400 cookie", "250 SA 1"});
    CHECK(hosts.events_of(3) == Strings{"connected", "complete"});
    CHECK(hosts.client.counters.active_fail == 1);
    CHECK(hosts.server.counters.passive == 0);
    CHECK(hosts.server.counters.listen_overflow == 0);
}

TEST_CASE("SYN queue: a lost stateless SYN-ACK is not repeated by the server, only for the client's next SYN") {
    tcp::Settings server = plain_end();
    server.backlog = 0;
    PathRule first = drop(PathRule::Dir::Down, PathRule::Match::SynAck, {1});
    first.nth = {1, 1};
    TwoHosts hosts(100ms, plain_end(), server, {drop(PathRule::Dir::Down, PathRule::Match::SynAck, {0}), first});
    hosts.open(0, false);
    hosts.at(100ms, [&] { hosts.open(1, false); });
    hosts.run(3s);
    CHECK(hosts.handshake(1) == Strings{"100 S 0", "150 SA 1 drop", "1100 S 0", "1150 SA 1"});
    CHECK(hosts.events_of(1) == Strings{"connected", "complete"});
}

TEST_CASE("SYN queue: an ACK out of nowhere is no SYN cookie (RFC 9293 section 3.10.7.1)") {
    TwoHosts hosts(100ms, plain_end(), plain_end());
    hosts.open(0, false);
    hosts.run(1s);
    tcp::Segment stray;
    stray.flow = hosts.flow(5);
    stray.flags = tcp::flag::ack;
    stray.seq = stray.ack = 1;
    hosts.network.lab(1).record(hosts.flow(5), hosts.traces.size());
    hosts.traces.emplace_back().connection = 5;
    hosts.server.on_segment(stray, 1);
    REQUIRE(hosts.trace(5).packets.size() == 1);
    CHECK(hosts.trace(5).packets[0].flags == tcp::flag::rst);
    CHECK(hosts.trace(5).packets[0].seq == 1);
}

TEST_CASE("half-open: a handshake that a RST ends leaves the SYN queue without a word to the application") {
    TwoHosts hosts(100ms, plain_end(), plain_end(), {drop(PathRule::Dir::Down, PathRule::Match::SynAck)});
    const Slot slot = hosts.open(0, false);
    hosts.run(200ms);
    CHECK(hosts.server.queue().half_open() == 1);
    tcp::Segment reset;
    reset.flow = hosts.client.connection(slot.index).flow();
    reset.flags = tcp::flag::rst;
    reset.seq = 1;
    hosts.server.on_segment(reset, 1);
    CHECK(hosts.server.queue().half_open() == 0);
    for (std::size_t n = 0; n < hosts.network.notices.size(); ++n)
        CHECK(hosts.network.notices.at(n).notice.kind == tcp::NoticeKind::Gone);
}

TEST_CASE("TIME-WAIT: a newer SYN of the same addresses and ports opens anew (RFC 9293 section 3.10.7.4, RFC 6191)") {
    TwoHosts hosts(100ms, plain_end(), plain_end());
    hosts.client_closes = false;
    hosts.open(0, false);
    hosts.at(1s, [&] { hosts.server.close(0); }); // the server closes first and keeps TIME-WAIT
    hosts.at(1100ms, [&] { hosts.client.close(0); });
    hosts.run(2s);
    REQUIRE(hosts.server.connection(0).state() == tcp::State::TimeWait);
    tcp::Segment syn;
    syn.flow = hosts.flow(0);
    syn.flags = tcp::flag::syn;
    syn.mss = 1460;
    syn.window = 64'240;
    const std::size_t before = hosts.trace(0).packets.size();

    SUBCASE("an old duplicate is acknowledged and changes nothing") {
        syn.sent_at = Instant{};
        hosts.server.on_segment(syn, 1);
        REQUIRE(hosts.trace(0).packets.size() == before + 1);
        CHECK(hosts.trace(0).packets.back().flags == tcp::flag::ack);
        CHECK(hosts.server.connection(0).state() == tcp::State::TimeWait);
    }
    SUBCASE("a newer one is answered with SYN-ACK, and the old connection is gone") {
        syn.sent_at = Instant{2s};
        hosts.server.on_segment(syn, 1);
        REQUIRE(hosts.trace(0).packets.size() == before + 1);
        CHECK(hosts.trace(0).packets.back().flags == (tcp::flag::syn | tcp::flag::ack));
        REQUIRE(hosts.network.notices.size() == 1);
        CHECK(hosts.network.notices.front().notice.kind == tcp::NoticeKind::Gone);
        CHECK(hosts.network.notices.front().slot.index == 0);
    }
}

TEST_CASE("local ports: as many connections as there are ports, TIME-WAIT included; then EADDRNOTAVAIL") {
    tcp::Settings client = plain_end();
    client.time_wait = 60s;
    TwoHosts hosts(10ms, client, plain_end());
    hosts.client.ports = net::EphemeralPorts(3);
    for (std::uint32_t n = 0; n < 3; ++n) CHECK(tcp::known(hosts.open(n, false)));
    CHECK_FALSE(tcp::known(hosts.open(3, false)));
    hosts.run(1s); // all three have closed and wait
    CHECK(hosts.client.ports.taken() == 3);
    CHECK_FALSE(tcp::known(hosts.open(4, false)));
    hosts.run(62s);
    CHECK(hosts.client.ports.taken() == 0);
    CHECK(tcp::known(hosts.open(5, false)));
}

TEST_CASE("local ports: the default range is Linux's, about 470 new connections a second with 60 s of TIME-WAIT") {
    CHECK(net::EphemeralPorts::range == 28'232);
    CHECK(net::EphemeralPorts::range / 60 == 470);
}
