// What a client remembers of Fast Open. Expectations: RFC 7413, Linux 6.18 as measured (tests/conformance/linux:
// facts.md sections 3 and 7, the bh_* timelines), Linux 3.6 to 4.14 for the per-destination backoff.
#include "tcp/fast_open_clients.hpp"

#include <doctest/doctest.h>

#include <algorithm>
#include <string>
#include <tuple>
#include <vector>

using namespace firstbyte;
using namespace firstbyte::tcp;
using namespace std::chrono_literals;
using Mode = FastOpenAttempt::Mode;

namespace {

Settings on() {
    Settings settings;
    settings.fast_open = true;
    return settings;
}

Instant at(Duration t) { return Instant{t}; }

/// The SYN-ACK that answers `attempt`, sent with `bytes` of data.
FastOpenHandshake answer(const FastOpenAttempt& attempt, std::uint32_t bytes, bool data_acked) {
    FastOpenHandshake handshake;
    handshake.mode = attempt.mode;
    handshake.experimental = attempt.experimental;
    handshake.sent_data = bytes != 0 && (attempt.mode == Mode::SendCookie || attempt.mode == Mode::Cookieless);
    handshake.data_acked = data_acked;
    handshake.peer_mss = 1460;
    return handshake;
}

FastOpenHandshake::Offer cookie(std::uint64_t value, std::uint32_t length = cookie_length, bool experimental = false) {
    return {length, value, experimental};
}

} // namespace

TEST_CASE("fast open client: a switched-off one opens plainly, one without a cookie asks, one with a cookie uses it") {
    Settings settings = on();
    FastOpenClients clients(2, settings);
    Settings off = settings;
    off.fast_open = false;
    CHECK(clients.attempt(0, at(0s), off).mode == Mode::Off);
    const FastOpenAttempt first = clients.attempt(0, at(0s), settings);
    CHECK(first.mode == Mode::RequestCookie);
    CHECK_FALSE(first.experimental);
    FastOpenHandshake handshake = answer(first, 400, false);
    handshake.peer_mss = 1400;
    handshake.offer = cookie(0xabcd);
    clients.learn(0, at(100ms), handshake);
    const FastOpenAttempt second = clients.attempt(0, at(1s), settings);
    CHECK(second.mode == Mode::SendCookie);
    CHECK(second.cookie == 0xabcd);
    CHECK(second.cached_mss == 1400);
    CHECK(syn_payload_limit(1460, second.cached_mss) == 1360);
    CHECK(clients.attempt(1, at(1s), settings).mode == Mode::RequestCookie); // each client has its own cache
}

TEST_CASE("fast open client: SYN data is limited by the least MSS less 40 B (packetdrill syn-data-mss)") {
    CHECK(syn_payload_limit(1460, 0) == 1420); // nothing cached: its own
    CHECK(syn_payload_limit(1460, 1460) == 1420);
    CHECK(syn_payload_limit(1460, 940) == 900);
    CHECK(syn_payload_limit(1040, 1460) == 1000);
    CHECK(syn_payload_limit(1460, 40) == 0);
    CHECK(syn_payload_limit(1460, 16) == 0);
}

TEST_CASE("fast open client: cookies have 4 to 16 bytes, an even number; others are ignored (packetdrill "
          "valid-cookie-format)") {
    struct Row {
        std::uint32_t length;
        bool taken;
    };
    for (const Row row : {Row{2, false}, Row{3, false}, Row{4, true}, Row{5, false}, Row{6, true}, Row{7, false},
                          Row{8, true}, Row{15, false}, Row{16, true}, Row{17, false}, Row{18, false}}) {
        CAPTURE(row.length);
        const Settings settings = on();
        FastOpenClients clients(1, settings);
        clients.entry(0) = {0x11, 1460, true};
        FastOpenHandshake handshake = answer(clients.attempt(0, at(0s), settings), 400, true);
        handshake.peer_mss = 1200;
        handshake.offer = cookie(0x22, row.length);
        clients.learn(0, at(100ms), handshake);
        CHECK(clients.entry(0).cookie == (row.taken ? 0x22 : 0x11)); // the old cookie stays
        CHECK(clients.entry(0).mss == 1200);                         // the MSS is updated in any case
        CHECK(clients.entry(0).held);
    }
    const Settings settings = on();
    FastOpenClients clients(1, settings);
    FastOpenHandshake zeros = answer(clients.attempt(0, at(0s), settings), 400, false);
    zeros.offer = cookie(0);
    clients.learn(0, at(100ms), zeros);
    CHECK(clients.attempt(0, at(1s), settings).mode == Mode::SendCookie); // all zeros is a cookie like any other
}

TEST_CASE("fast open client: an unanswered request is tried once in the experimental form, then as before for ever "
          "(packetdrill fallback-exp-opt; timeline mbox_strip_option_both)") {
    const Settings settings = on();
    FastOpenClients clients(1, settings);
    std::vector<bool> experimental;
    for (int n = 0; n < 5; ++n) {
        const FastOpenAttempt attempt = clients.attempt(0, at(n * 500ms), settings);
        CHECK(attempt.mode == Mode::RequestCookie);
        experimental.push_back(attempt.experimental);
        clients.learn(0, at(n * 500ms + 100ms), answer(attempt, 400, false));
    }
    CHECK(experimental == std::vector<bool>{false, true, false, false, false});
}

TEST_CASE("fast open client: a cookie is used in the form in which it came (packetdrill fallback-exp-opt)") {
    const Settings settings = on();
    FastOpenClients clients(1, settings);
    clients.learn(0, at(0s), answer(clients.attempt(0, at(0s), settings), 0, false));
    const FastOpenAttempt experimental = clients.attempt(0, at(1s), settings);
    REQUIRE(experimental.experimental);
    FastOpenHandshake handshake = answer(experimental, 0, false);
    handshake.offer = cookie(7, cookie_length, true);
    clients.learn(0, at(1s), handshake);
    const FastOpenAttempt with_cookie = clients.attempt(0, at(2s), settings);
    CHECK(with_cookie.mode == Mode::SendCookie);
    CHECK(with_cookie.experimental);
    FastOpenHandshake standard = answer(with_cookie, 400, true);
    standard.offer = cookie(8);
    clients.learn(0, at(2s), standard);
    CHECK_FALSE(clients.attempt(0, at(3s), settings).experimental);
}

TEST_CASE("fast open client: after a repeated SYN a missing cookie says nothing, one that comes is kept with its MSS "
          "(packetdrill cookie-req-timeout; timeline mbox_drop_tfo_option)") {
    const Settings settings = on();
    FastOpenClients clients(1, settings);
    for (int n = 0; n < 3; ++n) {
        const FastOpenAttempt attempt = clients.attempt(0, at(n * 1s), settings);
        CHECK(attempt.mode == Mode::RequestCookie);
        CHECK_FALSE(attempt.experimental);
        FastOpenHandshake handshake = answer(attempt, 400, false);
        handshake.syn_repeated = true;
        clients.learn(0, at(n * 1s), handshake);
    }
    FastOpenHandshake late = answer(clients.attempt(0, at(4s), settings), 400, false);
    late.syn_repeated = true;
    late.peer_mss = 940;
    late.offer = cookie(5);
    clients.learn(0, at(5s), late);
    CHECK(clients.attempt(0, at(6s), settings).cookie == 5);
    CHECK(clients.attempt(0, at(6s), settings).cached_mss == 940);
}

TEST_CASE("fast open client: a SYN-ACK that takes no data leaves the cookie (packetdrill syn-data-only-syn-acked, "
          "timeline rej_listener_without_tfo), one with a new cookie replaces it (rej_wrong_cookie)") {
    const Settings settings = on();
    FastOpenClients clients(1, settings);
    clients.entry(0) = {0x11, 1460, true};
    FastOpenHandshake ignored = answer(clients.attempt(0, at(0s), settings), 400, false);
    clients.learn(0, at(0s), ignored);
    CHECK(clients.attempt(0, at(1s), settings).cookie == 0x11);
    ignored.offer = cookie(0x33);
    clients.learn(0, at(1s), ignored);
    CHECK(clients.attempt(0, at(2s), settings).cookie == 0x33);
}

TEST_CASE("fast open client: a SYN with a cookie and no data brings the new cookie and MSS all the same "
          "(packetdrill nonblocking-sendto-empty-buf)") {
    const Settings settings = on();
    FastOpenClients clients(1, settings);
    clients.entry(0) = {0x11, 1460, true};
    FastOpenHandshake empty = answer(clients.attempt(0, at(0s), settings), 0, false);
    empty.peer_mss = 1040;
    empty.offer = cookie(0x44);
    clients.learn(0, at(0s), empty);
    CHECK(clients.entry(0).cookie == 0x44);
    CHECK(clients.entry(0).mss == 1040);
}

TEST_CASE("fast open client: without cookies data goes at once, an unsolicited cookie is not kept, the MSS is "
          "(packetdrill cookie-less-sendto)") {
    Settings settings = on();
    settings.cookieless = true;
    FastOpenClients clients(1, settings);
    const FastOpenAttempt attempt = clients.attempt(0, at(0s), settings);
    CHECK(attempt.mode == Mode::Cookieless);
    FastOpenHandshake handshake = answer(attempt, 400, true);
    handshake.peer_mss = 1000;
    handshake.offer = cookie(9);
    clients.learn(0, at(0s), handshake);
    CHECK_FALSE(clients.entry(0).held);
    CHECK(clients.attempt(0, at(1s), settings).mode == Mode::Cookieless);
    CHECK(clients.attempt(0, at(1s), settings).cached_mss == 1000);
    const Settings with_cookies = on();
    CHECK(clients.attempt(0, at(1s), with_cookies).mode == Mode::RequestCookie);
}

TEST_CASE("fast open client: a plain connection teaches nothing (packetdrill nonblocking-sendto)") {
    const Settings settings = on();
    FastOpenClients clients(1, settings);
    FastOpenHandshake plain;
    plain.peer_mss = 900;
    plain.offer = cookie(3);
    clients.learn(0, at(0s), plain);
    CHECK_FALSE(clients.entry(0).held);
    CHECK(clients.entry(0).mss == 0);
}

TEST_CASE("fast open client: a cookie is forgotten after cookie_lifetime, its MSS is not") {
    Settings settings = on();
    settings.cookie_lifetime = 10min;
    FastOpenClients clients(1, settings);
    FastOpenHandshake handshake = answer(clients.attempt(0, at(1s), settings), 400, false);
    handshake.offer = cookie(3);
    clients.learn(0, at(1s), handshake);
    CHECK(clients.attempt(0, at(1s + 10min - 1ns), settings).mode == Mode::SendCookie);
    const FastOpenAttempt late = clients.attempt(0, at(1s + 10min), settings);
    CHECK(late.mode == Mode::RequestCookie);
    CHECK(late.cached_mss == 1460);
}

TEST_CASE("fast open client: old kernels pause one destination for 60 s * 2^losses from the second lost SYN on") {
    Settings settings = on();
    settings.fast_open_per_destination_backoff = true;
    FastOpenClients clients(1, settings);
    clients.entry(0) = {0x11, 1460, true};
    const auto lose = [&](Duration t) {
        FastOpenHandshake lost = answer(clients.attempt(0, at(t), settings), 400, false);
        REQUIRE(lost.mode == Mode::SendCookie);
        lost.syn_repeated = true;
        clients.learn(0, at(t), lost);
    };
    lose(0s);
    CHECK(clients.attempt(0, at(1s), settings).mode == Mode::SendCookie); // one loss is no reason
    Duration now = 1s;
    for (const Duration pause : {4min, 8min, 16min, 32min, 64min, 128min, 256min, 512min, 1024min, 2048min, 2048min}) {
        CAPTURE(pause.count());
        lose(now);
        CHECK(clients.attempt(0, at(now + pause - 1ns), settings).mode == Mode::Off);
        CHECK(clients.attempt(0, at(now + pause), settings).mode == Mode::SendCookie);
        now += pause;
    }
    clients.learn(0, at(now), answer(clients.attempt(0, at(now), settings), 400, true)); // one success resets
    lose(now);
    CHECK(clients.attempt(0, at(now), settings).mode == Mode::SendCookie);
}

TEST_CASE("fast open client: the current kernel tries again every time (timelines mbox_drop_syndata_*)") {
    for (const Duration blackhole : {Duration{0s}, Duration{3600s}}) {
        Settings settings = on();
        settings.blackhole_timeout = blackhole;
        FastOpenClients clients(1, settings);
        clients.entry(0) = {0x11, 1460, true};
        for (int n = 0; n < 6; ++n) {
            FastOpenHandshake lost = answer(clients.attempt(0, at(n * 1500ms), settings), 400, false);
            CHECK(lost.mode == Mode::SendCookie);
            lost.syn_repeated = true;
            clients.learn(0, at(n * 1500ms), lost);
        }
    }
}

TEST_CASE("blackhole pause: T, 2T, 4T ... up to 64 T; nothing while blackhole_timeout is off") {
    Settings settings = on();
    settings.blackhole_timeout = 2s;
    FastOpenClients clients(1, settings);
    clients.entry(0) = {0x11, 1460, true};
    CHECK_FALSE(clients.attempt(0, at(0s), settings).probing);
    Duration now = 0s;
    for (const int factor : {1, 2, 4, 8, 16, 32, 64, 64, 64}) {
        CAPTURE(factor);
        CHECK(clients.pause(0, at(now)));
        CHECK(clients.attempt(0, at(now + factor * 2s - 1ns), settings).mode == Mode::Off);
        const FastOpenAttempt probe = clients.attempt(0, at(now + factor * 2s), settings);
        CHECK(probe.mode == Mode::SendCookie); // the cookie was kept
        CHECK(probe.probing);
        now += factor * 2s;
    }
    clients.end_of_suspicion(0);
    CHECK_FALSE(clients.attempt(0, at(now), settings).probing);
    CHECK(clients.pause(0, at(now)));
    CHECK(clients.attempt(0, at(now + 2s), settings).mode == Mode::SendCookie);

    FastOpenClients without(1, on());
    CHECK_FALSE(without.pause(0, at(0s)));
    CHECK(without.attempt(0, at(0s), on()).mode == Mode::RequestCookie);
}

TEST_CASE(
    "blackhole pause: what the kernel's connections did, replayed (timelines bh_detect_5, bh_backoff_3, bh_grow_2)") {
    // Times of the records, in ms. `used`: the SYN carried the cookie. `third`: the third timeout of the connection.
    // `end`: its socket was freed after it had received data. 0: that did not happen.
    struct Row {
        int start;
        bool used;
        int third, end;
    };
    struct Record {
        const char* id;
        Duration timeout;
        std::vector<Row> rows;
    };
    const Record records[] = {
        {"bh_detect_5",
         5s,
         {{0, true, 3056, 3357},
          {3258, false, 0, 3559},
          {6462, false, 0, 6763},
          {9665, true, 0, 9866},
          {10068, true, 13132, 13433},
          {14334, false, 0, 14635},
          {15537, false, 0, 15838},
          {16739, false, 0, 17040},
          {17945, false, 0, 18246},
          {19147, true, 0, 19348},
          {20261, true, 0, 20462},
          {21365, true, 0, 21566}}},
        // 7401 begins to probe before the probe of 6330 has ended; its own pause ends when its data comes.
        {"bh_backoff_3",
         3s,
         {{0, true, 3075, 3136},
          {3617, false, 0, 3678},
          {5787, false, 0, 5848},
          {6330, true, 0, 7420},
          {7401, true, 10463, 10524},
          {11005, true, 0, 12091},
          {12073, true, 15135, 15195},
          {15677, false, 0, 15738},
          {17847, false, 0, 17908},
          {18390, true, 0, 19451}}},
        {"bh_grow_2",
         2s,
         {{0, true, 3059, 0},
          {3210, false, 0, 3271},
          {5017, false, 0, 5078},
          {5468, true, 8531, 0},
          {8677, false, 0, 8738},
          {12290, false, 0, 12350},
          {12741, true, 15799, 0},
          {15960, false, 0, 16021},
          {23684, false, 0, 23745},
          {24140, true, 27219, 0}}},
    };
    for (const Record& record : records) {
        CAPTURE(std::string(record.id));
        Settings settings = on();
        settings.blackhole_timeout = record.timeout;
        FastOpenClients clients(1, settings);
        clients.entry(0) = {0x11, 1460, true};
        enum What { Start, Third, End };
        std::vector<std::tuple<int, What, std::size_t>> events;
        for (std::size_t n = 0; n < record.rows.size(); ++n) {
            const Row& row = record.rows[n];
            events.emplace_back(row.start, Start, n);
            if (row.third != 0) events.emplace_back(row.third, Third, n);
            if (row.end != 0) events.emplace_back(row.end, End, n);
        }
        std::sort(events.begin(), events.end());
        std::vector<FastOpenAttempt> attempts(record.rows.size());
        for (const auto& event : events) {
            const int ms = std::get<0>(event);
            const What what = std::get<1>(event);
            const std::size_t n = std::get<2>(event);
            CAPTURE(ms);
            const Row& row = record.rows[n];
            if (what == Start) {
                attempts[n] = clients.attempt(0, at(ms * 1ms), settings);
                CHECK((attempts[n].mode == Mode::SendCookie) == row.used);
            } else if (what == Third) {
                CHECK(clients.pause(0, at(ms * 1ms)));
            } else if (attempts[n].probing) {
                clients.end_of_suspicion(0);
            }
        }
    }
}

TEST_CASE("fast open client: one entry takes 16 bytes") { CHECK(sizeof(CookieEntry) == 16); }
