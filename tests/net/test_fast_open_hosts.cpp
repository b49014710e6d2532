// Fast Open between two hosts: what both sides count, pending connections, keys, blackhole detection. Expectations:
// facts.md section 3 and the timelines named (Linux 6.18 as measured), semantics of RFC 7413.
#include "two_hosts.hpp"

using namespace firstbyte;
using namespace firstbyte::test;
using namespace std::chrono_literals;

namespace {

using Strings = std::vector<std::string>;
using Dir = PathRule::Dir;
using Match = PathRule::Match;

FastOpenCounters counters(std::uint64_t active, std::uint64_t active_fail, std::uint64_t passive = 0,
                          std::uint64_t passive_fail = 0, std::uint64_t cookie_requested = 0) {
    FastOpenCounters c;
    c.active = active;
    c.active_fail = active_fail;
    c.passive = passive;
    c.passive_fail = passive_fail;
    c.cookie_requested = cookie_requested;
    return c;
}

bool used_fast_open(const TwoHosts& hosts, std::uint32_t serial) {
    return hosts.trace(serial).packets.front().tfo == TracePacket::Tfo::Cookie;
}

} // namespace

TEST_CASE("fast open counters: request, good cookie, wrong cookie, no listener (facts.md section 3)") {
    TwoHosts hosts(100ms, fast_open_end(), fast_open_end());
    hosts.open(0);
    hosts.run(1s);
    CHECK(hosts.handshake(0) == Strings{"0 S 0 request", "50 SA 1 cookie"});
    CHECK(hosts.client.counters == counters(0, 0));
    CHECK(hosts.server.counters == counters(0, 0, 0, 0, 1));

    hosts.open(1);
    hosts.run(2s);
    CHECK(hosts.handshake(1) == Strings{"1000 S 400 cookie", "1050 SA 401"});
    CHECK(hosts.client.counters == counters(1, 0));
    CHECK(hosts.server.counters == counters(0, 0, 1, 0, 1));

    hosts.server.listener.key = tcp::CookieKeys{SipKey{70, 80}}; // timeline rej_wrong_cookie
    hosts.open(2);
    hosts.run(3s);
    CHECK(hosts.handshake(2) == Strings{"2000 S 400 cookie", "2050 SA 1 cookie"});
    CHECK(hosts.client.counters == counters(1, 1));
    CHECK(hosts.server.counters == counters(0, 0, 1, 1, 1));
    hosts.open(3);
    hosts.run(4s);
    CHECK(hosts.handshake(3) == Strings{"3000 S 400 cookie", "3050 SA 401"});

    hosts.server_end.fast_open = false; // timeline rej_listener_without_tfo
    const FastOpenCounters before = hosts.server.counters;
    for (std::uint32_t n = 4; n < 6; ++n) {
        hosts.open(n);
        hosts.run(1s * (n + 1));
        CHECK(used_fast_open(hosts, n)); // the client goes on trying
        CHECK(hosts.handshake(n).at(1) == std::to_string(1000 * n + 50) + " SA 1");
    }
    CHECK(hosts.client.counters == counters(2, 3));
    CHECK(hosts.server.counters == before);

    // What a trace says of each connection is what the hosts counted for it.
    CHECK(hosts.trace(0).counters_server == counters(0, 0, 0, 0, 1));
    CHECK(hosts.trace(1).counters_client == counters(1, 0));
    CHECK(hosts.trace(1).counters_server == counters(0, 0, 1));
    CHECK(hosts.trace(2).counters_client == counters(0, 1));
    CHECK(hosts.trace(2).counters_server == counters(0, 0, 0, 1));
    CHECK(hosts.trace(5).counters_server == counters(0, 0));
}

TEST_CASE("fast open keys: a cookie of the backup key is good and replaced (timeline key_backup_rotation)") {
    TwoHosts hosts(100ms, fast_open_end(), fast_open_end());
    hosts.hold_cookie();
    hosts.server.listener.key.rotate({1, 1}, true);
    hosts.open(0);
    hosts.run(400ms);
    hosts.open(1);
    hosts.run(800ms);
    hosts.server.listener.key.rotate({2, 2}, true);
    hosts.open(2);
    hosts.run(2s);
    CHECK(hosts.handshake(0) == Strings{"0 S 400 cookie", "50 SA 401 cookie"});
    CHECK(hosts.handshake(1) == Strings{"400 S 400 cookie", "450 SA 401"});
    CHECK(hosts.handshake(2) == Strings{"800 S 400 cookie", "850 SA 401 cookie"});
    CHECK(hosts.client.counters == counters(3, 0));
    CHECK(hosts.server.counters.passive == 3);
    CHECK(hosts.server.counters.passive_alt_key == 2);
    CHECK(hosts.server.counters.passive_fail == 0);
}

TEST_CASE(
    "fast open pending limit: a full queue means a plain handshake without a cookie (timeline rej_qlen_overflow)") {
    tcp::Settings server = fast_open_end();
    server.pending_limit = 1;
    PathRule silence = drop(Dir::Up, Match::NoSyn, {0});
    silence.between = {Instant{}, Instant{4s}};
    TwoHosts hosts(100ms, fast_open_end(), server, {silence});
    hosts.hold_cookie();
    hosts.client_closes = false;
    hosts.open(0); // pending until its ACK comes through
    hosts.at(550ms, [&] { hosts.open(1); });
    hosts.at(8s, [&] { hosts.open(2); });
    hosts.run(9s);
    CHECK(hosts.handshake(1) == Strings{"550 S 400 cookie", "600 SA 1"}); // no cookie, the old one stays
    CHECK(hosts.handshake(2) == Strings{"8000 S 400 cookie", "8050 SA 401"});
    CHECK(hosts.client.counters == counters(2, 1));
    CHECK(hosts.server.counters.passive == 2);
    CHECK(hosts.server.counters.listen_overflow == 1);
    CHECK(hosts.server.counters.passive_fail == 0);
    CHECK(hosts.server.queue().fast_open.pending() == 0);
}

TEST_CASE("fast open pending limit: a listener with limit 0 has no Fast Open at all") {
    tcp::Settings server = fast_open_end();
    server.pending_limit = 0;
    TwoHosts hosts(100ms, fast_open_end(), server);
    hosts.open(0);
    hosts.run(1s);
    CHECK(hosts.handshake(0) == Strings{"0 S 0 request", "50 SA 1"});
    CHECK(hosts.server.counters.cookie_requested == 1); // Linux counts requests before it looks at the listener
    CHECK(hosts.server.counters.listen_overflow == 0);
}

TEST_CASE("fast open pending limit: a pending connection that the client resets keeps its place for 60 s (Linux)") {
    for (const bool accepted : {true, false}) {
        CAPTURE(accepted);
        tcp::Settings server = fast_open_end();
        server.pending_limit = 1;
        server.application_accepts = accepted;
        TwoHosts hosts(100ms, fast_open_end(), server, {drop(Dir::Up, Match::NoSyn, {0})});
        hosts.hold_cookie();
        hosts.open(0);
        hosts.at(200ms, [&] {
            tcp::Segment reset;
            reset.flow = hosts.flow(0);
            reset.flags = tcp::flag::rst;
            reset.seq = 401;
            hosts.server.on_segment(reset, 1);
        });
        // reset-before-accept: the accept queue is another matter, the place there is taken until somebody accepts.
        hosts.at(300ms, [&] { CHECK(hosts.server.queue().waiting() == (accepted ? 0 : 1)); });
        hosts.at(1s, [&] { hosts.open(1); });
        hosts.at(60s, [&] { hosts.open(2); });
        hosts.at(60500ms, [&] { hosts.open(3); });
        hosts.run(61s);
        // One that no application had taken frees its place at once.
        const std::string syn_ack = accepted ? " SA 1" : " SA 401";
        CHECK(hosts.handshake(1).at(1) == "1050" + syn_ack);
        CHECK(hosts.handshake(2).at(1) == "60050" + syn_ack);
        CHECK(hosts.handshake(3).at(1) == "60550 SA 401");
        CHECK(hosts.server.counters.listen_overflow == (accepted ? 2 : 0));
    }
}

TEST_CASE("fast open children stand in the accept queue from the SYN on") {
    tcp::Settings server = fast_open_end();
    server.application_accepts = false;
    server.backlog = 0;
    TwoHosts hosts(100ms, fast_open_end(), server);
    hosts.hold_cookie();
    hosts.open(0);
    hosts.at(10ms, [&] { hosts.open(1); });
    hosts.run(500ms);
    CHECK(hosts.handshake(0) == Strings{"0 S 400 cookie", "50 SA 401"});
    CHECK(hosts.handshake(1) == Strings{"10 S 400 cookie"}); // dropped
    CHECK(hosts.server.queue().counters.overflows == 1);
    CHECK(hosts.server.queue().waiting() == 1);
}

TEST_CASE(
    "fast open: a replayed SYN makes no second connection while the first lives, one more after it (semantics 3.5)") {
    TwoHosts hosts(100ms, fast_open_end(), fast_open_end());
    hosts.hold_cookie();
    tcp::Segment replayed;
    replayed.flow = hosts.flow(0);
    replayed.flags = tcp::flag::syn;
    replayed.fast_open = tcp::FastOpenOption::Cookie;
    replayed.cookie = hosts.client.fast_open.entry(0).cookie;
    replayed.length = 400;
    replayed.mss = 1460;
    replayed.window = 64'240;
    hosts.open(0);
    hosts.at(80ms, [&] { hosts.server.on_segment(replayed, 1); });
    hosts.at(120ms, [&] { hosts.server.on_segment(replayed, 1); });
    hosts.run(1s);
    CHECK(hosts.server.counters.passive == 1);
    hosts.at(2s, [&] { hosts.server.on_segment(replayed, 1); }); // the server's side of the first is gone
    hosts.run(3s);
    CHECK(hosts.server.counters.passive == 2); // executed twice
}

TEST_CASE("blackhole: three lost SYNs pause Fast Open, and count twice when the connection then succeeds "
          "(timeline bh_detect_5)") {
    tcp::Settings client = fast_open_end();
    client.blackhole_timeout = 5s;
    PathRule first = drop(Dir::Up, Match::Syn, {0}), again = drop(Dir::Up, Match::Syn, {4});
    first.nth = again.nth = {1, 3};
    TwoHosts hosts(100ms, client, fast_open_end(), {first, again});
    hosts.hold_cookie();
    const int starts[] = {0, 3258, 6462, 9665, 10068, 14334, 15537, 16739, 17945, 19147, 20261};
    const bool used[] = {true, false, false, true, true, false, false, false, false, true, true};
    for (std::uint32_t n = 0; n < std::size(starts); ++n) hosts.at(starts[n] * 1ms, [&hosts, n] { hosts.open(n); });
    hosts.run(30s);
    for (std::uint32_t n = 0; n < std::size(starts); ++n) {
        CAPTURE(n);
        CHECK(used_fast_open(hosts, n) == used[n]);
        if (!used[n]) CHECK(hosts.trace(n).packets.front().tfo == TracePacket::Tfo::None); // no request either
        CHECK(hosts.events_of(n) == Strings{"connected", "complete"});
    }
    // Per connection as the record has it: Blackhole 1 and ActiveFail 2 for those that lost three SYNs.
    for (const std::uint32_t lost : {0u, 4u}) {
        CHECK(hosts.trace(lost).counters_client.blackhole == 1);
        CHECK(hosts.trace(lost).counters_client.active_fail == 2);
    }
    CHECK(hosts.trace(3).counters_client == counters(1, 0));
    CHECK(hosts.client.counters.blackhole == 2);
    CHECK(hosts.client.counters.active_fail == 4);
    CHECK(hosts.client.counters.active == 3); // of the eleven starts copied here
}

TEST_CASE("blackhole: the pause doubles while every probe dies (timeline bh_grow_2)") {
    tcp::Settings client = fast_open_end();
    client.blackhole_timeout = 2s;
    client.syn_waits = {1s, 1s, 1s, 200ms}; // gives up at 3.2 s, where the record has TCP_USER_TIMEOUT
    TwoHosts hosts(20ms, client, fast_open_end(), {drop(Dir::Up, Match::Syn, {0, 6, 16, 35})});
    hosts.hold_cookie();
    struct Row {
        std::uint32_t serial;
        int start_ms;
        bool used;
    };
    const Row rows[] = {{0, 0, true},      {1, 3210, false},   {2, 3662, false},   {5, 4950, false},
                        {6, 5468, true},   {7, 8677, false},   {14, 11838, false}, {15, 12290, false},
                        {16, 12741, true}, {17, 15960, false}, {30, 21860, false}, {34, 23684, false},
                        {35, 24140, true}};
    for (const Row& row : rows) hosts.at(row.start_ms * 1ms, [&hosts, n = row.serial] { hosts.open(n); });
    hosts.run(40s);
    for (const Row& row : rows) {
        CAPTURE(row.serial);
        CHECK(used_fast_open(hosts, row.serial) == row.used);
        CHECK(hosts.trace(row.serial).counters_client.blackhole == (row.used ? 1 : 0));
        CHECK(hosts.trace(row.serial).counters_client.active_fail == (row.used ? 1 : 0));
    }
}

TEST_CASE("blackhole: a probe that receives data ends the suspicion, even its own (timeline bh_backoff_3)") {
    tcp::Settings client = fast_open_end();
    client.blackhole_timeout = 3s;
    std::vector<PathRule> rules;
    for (const std::uint32_t lost : {0u, 7u, 9u}) {
        rules.push_back(drop(Dir::Up, Match::Syn, {lost}));
        rules.back().nth = {1, 3};
    }
    for (const std::uint32_t lost : {6u, 8u, 15u}) rules.push_back(drop(Dir::Up, Match::SynData, {lost}));
    TwoHosts hosts(20ms, client, fast_open_end(), rules);
    hosts.hold_cookie();
    struct Row {
        std::uint32_t serial;
        int start_ms;
        bool used;
        std::uint64_t active_fail, blackhole;
    };
    // 7 starts 19 ms before the socket of 6 is freed, so it probes as well, as in the record.
    const Row rows[] = {{0, 0, true, 2, 1},     {1, 3617, false, 0, 0},   {5, 5787, false, 0, 0},
                        {6, 6330, true, 1, 0},  {7, 7375, true, 2, 1},    {8, 11005, true, 1, 0},
                        {9, 12072, true, 2, 1}, {10, 15677, false, 0, 0}, {14, 17847, false, 0, 0},
                        {15, 18390, true, 1, 0}};
    for (const Row& row : rows) hosts.at(row.start_ms * 1ms, [&hosts, n = row.serial] { hosts.open(n); });
    hosts.run(30s);
    for (const Row& row : rows) {
        CAPTURE(row.serial);
        CHECK(used_fast_open(hosts, row.serial) == row.used);
        CHECK(hosts.trace(row.serial).counters_client.active_fail == row.active_fail);
        CHECK(hosts.trace(row.serial).counters_client.blackhole == row.blackhole);
    }
}

TEST_CASE("blackhole: two lost SYNs are not enough; nor is anything while the timeout is off (timeline "
          "bh_two_timeouts_only)") {
    for (const Duration timeout : {Duration{60s}, Duration{0s}}) {
        tcp::Settings client = fast_open_end();
        client.blackhole_timeout = timeout;
        PathRule rule = drop(Dir::Up, Match::Syn, {0});
        rule.nth = {1, timeout == Duration{0s} ? 3u : 2u};
        TwoHosts hosts(100ms, client, fast_open_end(), {rule});
        hosts.hold_cookie();
        hosts.open(0);
        hosts.at(5s, [&] { hosts.open(1); });
        hosts.run(6s);
        CHECK(used_fast_open(hosts, 1));
        CHECK(hosts.client.counters.blackhole == 0);
        // The third timeout counts against Fast Open whether or not it may be paused.
        CHECK(hosts.client.counters.active_fail == (timeout == Duration{0s} ? 2 : 1));
    }
}

TEST_CASE("blackhole: a handshake that is given up counts once (timeline syn_blackhole_tfo_cookie), by its first "
          "timeouts too") {
    for (const int retries : {6, 0}) { // 11 SYNs, or one
        tcp::Settings client = fast_open_end();
        client.syn_waits = tcp::syn_schedule(1s, retries, retries == 0 ? 0 : 4);
        client.blackhole_timeout = 60s;
        TwoHosts hosts(100ms, client, fast_open_end(), {drop(Dir::Up, Match::Syn)});
        hosts.hold_cookie();
        hosts.open(0);
        hosts.run(140s);
        CHECK(hosts.events_of(0) == Strings{"timed out"});
        CHECK(hosts.client.counters.active_fail == 1);
        CHECK(hosts.client.counters.blackhole == 1);
    }
}

TEST_CASE("blackhole: a plain connection says nothing about Fast Open") {
    tcp::Settings client = fast_open_end();
    client.blackhole_timeout = 60s;
    TwoHosts hosts(100ms, client, fast_open_end(), {drop(Dir::Up, Match::Syn)});
    hosts.hold_cookie();
    hosts.open(0, false);
    hosts.run(140s);
    CHECK(hosts.events_of(0) == Strings{"timed out"});
    CHECK(hosts.client.counters == FastOpenCounters{});
    CHECK(hosts.client.fast_open.attempt(0, hosts.now(), client).mode == tcp::FastOpenAttempt::Mode::SendCookie);
}

TEST_CASE("blackhole: a refused SYN counts nothing and the cookie stays (timeline closed_port)") {
    TwoHosts hosts(100ms, fast_open_end(), fast_open_end());
    hosts.hold_cookie();
    hosts.server.listener.mode = net::Listener::Mode::Refuse;
    hosts.open(0);
    hosts.run(1s);
    CHECK(hosts.events_of(0) == Strings{"refused"});
    CHECK(hosts.client.counters == FastOpenCounters{});
    hosts.server.listener.mode = net::Listener::Mode::Accept;
    hosts.open(1);
    hosts.run(2s);
    CHECK(hosts.client.counters == counters(1, 0));
}

TEST_CASE("blackhole: three timeouts of data after a Fast Open handshake pause it (timeline bh_after_handshake)") {
    tcp::Settings client = fast_open_end();
    client.blackhole_timeout = 60s;
    client.data_retries = 5;
    TwoHosts hosts(100ms, client, fast_open_end(), {drop(Dir::Up, Match::NoSyn, {0})});
    hosts.hold_cookie();
    hosts.request = 3000;
    hosts.open(0);
    hosts.at(40s, [&] { hosts.open(1); });
    hosts.run(50s);
    CHECK(hosts.events_of(0) == Strings{"connected", "timed out"});
    CHECK(hosts.trace(0).counters_client.active == 1);
    CHECK(hosts.trace(0).counters_client.active_fail == 1);
    CHECK(hosts.trace(0).counters_client.blackhole == 1);
    CHECK_FALSE(used_fast_open(hosts, 1));
}

TEST_CASE("blackhole: a server whose response is not acknowledged counts ActiveFail as well (timeline bh_ofo_fin)") {
    PathRule rule = drop(Dir::Down, Match::Data);
    rule.between = {Instant{}, Instant{2s}};
    TwoHosts hosts(100ms, fast_open_end(), fast_open_end(), {rule});
    hosts.hold_cookie();
    hosts.open(0);
    hosts.run(10s);
    CHECK(hosts.events_of(0) == Strings{"connected", "complete"});
    CHECK(hosts.server.counters.passive == 1);
    CHECK(hosts.server.counters.active_fail ==
          1);                                    // three timeouts before 2 s: 0.3, 0.9 and 2.1 s after the ACK at most
    CHECK(hosts.server.counters.blackhole == 0); // the server's own timeout is off
}

TEST_CASE("cookieless: data without option from the first connection, no cookie is kept (timeline tfo_cookieless)") {
    tcp::Settings client = fast_open_end(), server = fast_open_end();
    client.cookieless = server.cookieless = true;
    TwoHosts hosts(100ms, client, server);
    hosts.open(0);
    hosts.at(403ms, [&] { hosts.open(1); });
    hosts.run(2s);
    CHECK(hosts.handshake(0) == Strings{"0 S 400", "50 SA 401"});
    CHECK(hosts.handshake(1) == Strings{"403 S 400", "453 SA 401"});
    CHECK(hosts.client.counters == counters(2, 0));
    CHECK(hosts.server.counters == counters(0, 0, 2));
    CHECK_FALSE(hosts.client.fast_open.entry(0).held);
    CHECK(hosts.client.fast_open.entry(0).mss == 1460);
}

TEST_CASE("cookieless: a server that asks for cookies ignores the data, a lost SYN is repeated bare (packetdrill "
          "cookie-less-sendto)") {
    tcp::Settings client = fast_open_end();
    client.cookieless = true;
    PathRule first = drop(Dir::Up, Match::Syn, {1});
    first.nth = {1, 1};
    TwoHosts hosts(100ms, client, fast_open_end(), {first});
    hosts.open(0);
    hosts.at(1s, [&] { hosts.open(1); });
    hosts.run(4s);
    CHECK(hosts.handshake(0) == Strings{"0 S 400", "50 SA 1"});
    CHECK(hosts.handshake(1) == Strings{"1000 S 400 drop", "2000 S 0", "2050 SA 1"});
    for (const std::uint32_t n : {0u, 1u}) CHECK(hosts.events_of(n) == Strings{"connected", "complete"});
    CHECK(hosts.client.counters == counters(0, 2));
    CHECK(hosts.server.counters == FastOpenCounters{});
}

TEST_CASE("experimental option: tried once where the standard one is stripped, answered in its form, used in its form "
          "(timeline mbox_strip_option_both, packetdrill fallback-exp-opt and experimental_option)") {
    PathRule strip = drop(Dir::Both, Match::Tfo, {0});
    strip.action = PathRule::Action::StripTfo;
    TwoHosts hosts(100ms, fast_open_end(), fast_open_end(), {strip});
    for (std::uint32_t n = 0; n < 3; ++n) hosts.at(n * 1s, [&hosts, n] { hosts.open(n); });
    hosts.run(4s);
    CHECK_FALSE(hosts.trace(0).packets[0].tfo_experimental);
    CHECK(hosts.handshake(1) == Strings{"1000 S 0 request", "1050 SA 1 cookie"});
    CHECK(hosts.handshake(2) == Strings{"2000 S 400 cookie", "2050 SA 401"});
    for (const std::size_t packet : {0u, 1u}) CHECK(hosts.trace(1).packets[packet].tfo_experimental);
    CHECK(hosts.trace(2).packets[0].tfo_experimental);
    // The cookie is the one that the standard form would have brought.
    CHECK(hosts.client.fast_open.entry(0).cookie ==
          tcp::make_cookie(hosts.server.listener.key.current, TwoHosts::client_address, TwoHosts::server_address));
    CHECK(hosts.server.counters == counters(0, 0, 1, 0, 1));
}

TEST_CASE(
    "option stripped for good: standard, experimental, then standard for ever (timeline mbox_strip_option_both)") {
    PathRule strip = drop(Dir::Both, Match::Tfo);
    strip.action = PathRule::Action::StripTfo;
    TwoHosts hosts(100ms, fast_open_end(), fast_open_end(), {strip});
    for (std::uint32_t n = 0; n < 4; ++n) hosts.at(n * 500ms, [&hosts, n] { hosts.open(n); });
    hosts.run(4s);
    for (std::uint32_t n = 0; n < 4; ++n) {
        CHECK(hosts.trace(n).packets[0].tfo == TracePacket::Tfo::Request);
        CHECK(hosts.trace(n).packets[0].tfo_experimental == (n == 1));
    }
    CHECK(hosts.client.counters == FastOpenCounters{});
    CHECK(hosts.server.counters == FastOpenCounters{});
}

TEST_CASE("request dropped: the repeated SYN asks for nothing, the next connection asks in the standard form again "
          "(timeline mbox_drop_tfo_option, packetdrill cookie-req-timeout)") {
    TwoHosts hosts(100ms, fast_open_end(), fast_open_end(), {drop(Dir::Up, Match::Tfo, {0, 1})});
    for (std::uint32_t n = 0; n < 3; ++n) hosts.at(n * 2s, [&hosts, n] { hosts.open(n); });
    hosts.run(7s);
    CHECK(hosts.handshake(0) == Strings{"0 S 0 request drop", "1000 S 0", "1050 SA 1"});
    CHECK(hosts.handshake(1) == Strings{"2000 S 0 request drop", "3000 S 0", "3050 SA 1"});
    CHECK(hosts.handshake(2) == Strings{"4000 S 0 request", "4050 SA 1 cookie"});
    for (std::uint32_t n = 0; n < 3; ++n) CHECK_FALSE(hosts.trace(n).packets[0].tfo_experimental);
    CHECK(hosts.client.counters == FastOpenCounters{}); // one timeout proves nothing
    CHECK(hosts.server.counters == counters(0, 0, 0, 0, 1));
}

TEST_CASE("payload stripped, option kept: the child is accepted empty and the data follows (semantics 3.5)") {
    PathRule strip = drop(Dir::Up, Match::SynData);
    strip.action = PathRule::Action::StripData;
    TwoHosts hosts(100ms, fast_open_end(), fast_open_end(), {strip});
    hosts.hold_cookie();
    hosts.open(0);
    hosts.run(1s);
    CHECK(hosts.handshake(0) == Strings{"0 S 400 cookie", "50 SA 1"});
    CHECK(hosts.events_of(0) == Strings{"connected", "complete"});
    CHECK(hosts.client.counters == counters(0, 1));
    CHECK(hosts.server.counters == counters(0, 0, 1));
}

TEST_CASE("a SYN with a cookie and no data counts at the server only (packetdrill basic-zero-payload, "
          "nonblocking-sendto-empty-buf)") {
    TwoHosts hosts(100ms, fast_open_end(), fast_open_end());
    hosts.hold_cookie();
    hosts.request = 0;
    hosts.open(0);
    hosts.run(1s);
    CHECK(hosts.handshake(0) == Strings{"0 S 0 cookie", "50 SA 1"});
    CHECK(hosts.client.counters == FastOpenCounters{});
    CHECK(hosts.server.counters == counters(0, 0, 1));
}

TEST_CASE("blackhole: closing after nothing but a FIN beyond a hole pauses Fast Open (timeline bh_ofo_fin)") {
    tcp::Settings client = fast_open_end();
    client.blackhole_timeout = 60s;
    PathRule rule = drop(Dir::Down, Match::Data);
    rule.between = {Instant{}, Instant{1915800us}};
    TwoHosts hosts(100ms, client, fast_open_end(), {rule});
    hosts.hold_cookie();
    hosts.response = 5000;
    const Slot slot = hosts.open(0);
    hosts.at(50ms, [&] { hosts.server.close(0); }); // right behind the response
    hosts.at(1612ms, [&] { hosts.client.close(slot.index); });
    hosts.at(1650ms, [&] { hosts.open(1); }); // the client's FIN is not acknowledged yet
    hosts.at(1914ms, [&] { hosts.open(2); });
    hosts.run(10s);
    CHECK(hosts.trace(0).counters_client.active == 1);
    CHECK(hosts.trace(0).counters_client.active_fail == 0);
    CHECK(hosts.trace(0).counters_client.blackhole == 1);
    CHECK(hosts.trace(0).counters_server.passive == 1);
    CHECK(hosts.trace(0).counters_server.active_fail == 1);
    CHECK(used_fast_open(hosts, 1));
    CHECK_FALSE(used_fast_open(hosts, 2));
}

TEST_CASE("blackhole: a RST beyond a hole with nothing received pauses Fast Open (Linux tcp_validate_incoming)") {
    for (const std::uint32_t seq : {501u, 0u}) { // in the window; before it
        CAPTURE(seq);
        tcp::Settings client = fast_open_end();
        client.blackhole_timeout = 60s;
        TwoHosts hosts(100ms, client, fast_open_end(), {drop(Dir::Down, Match::Data)});
        hosts.hold_cookie();
        const Slot slot = hosts.open(0);
        hosts.at(150ms, [&] {
            tcp::Segment reset;
            reset.flow = hosts.flow(0);
            reset.to = slot;
            reset.flags = tcp::flag::rst | tcp::flag::ack;
            reset.seq = seq;
            reset.ack = 401;
            reset.sent_at = hosts.now();
            hosts.client.on_segment(reset, 0);
        });
        hosts.run(200ms);
        CHECK(hosts.client.connection(slot.index).state() == tcp::State::Established); // challenged, not believed
        CHECK(hosts.client.counters.blackhole == (seq == 501 ? 1 : 0));
    }
}
