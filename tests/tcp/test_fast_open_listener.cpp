// What a listener makes of a SYN. Expectations: RFC 7413, facts.md section 3 (Linux 6.18 as measured), the server
// part of packetdrill's Fast Open scripts.
#include "tcp/fast_open_listener.hpp"

#include <doctest/doctest.h>

#include <string>

using namespace firstbyte;
using namespace firstbyte::tcp;
using namespace std::chrono_literals;

namespace {

constexpr std::uint64_t right = 0xaaaa, old = 0xbbbb, wrong = 0xcccc;

Segment syn(FastOpenOption option, std::uint64_t cookie, std::uint32_t length, bool experimental = false) {
    Segment s;
    s.flags = flag::syn;
    s.fast_open = option;
    s.cookie = cookie;
    s.length = length;
    s.fast_open_experimental = experimental;
    return s;
}

Instant at(Duration t) { return Instant{t}; }

} // namespace

TEST_CASE("fast open listener: what becomes of a SYN (facts.md section 3)") {
    struct Row {
        const char* rule;
        bool available, backup, cookieless;
        Segment segment;
        bool accepted;
        std::optional<std::uint64_t> given;
        bool requested, wrong_cookie, backup_key;
    };
    using Option = FastOpenOption;
    const auto none = std::nullopt;
    const Row rows[] = {
        {"plain SYN", true, false, false, syn(Option::None, 0, 0), false, none, false, false, false},
        {"pure-syn-data: data without option is ignored", true, false, false, syn(Option::None, 0, 400), false, none,
         false, false, false},
        {"pure-syn-data, Fast Open off", false, false, false, syn(Option::None, 0, 400), false, none, false, false,
         false},
        {"cookie request", true, false, false, syn(Option::Request, 0, 0), false, right, true, false, false},
        {"basic-rw: good cookie with data", true, false, false, syn(Option::Cookie, right, 400), true, none, false,
         false, false},
        {"basic-zero-payload: good cookie without data", true, false, false, syn(Option::Cookie, right, 0), true, none,
         false, false, false},
        {"wrong cookie", true, false, false, syn(Option::Cookie, wrong, 400), false, right, false, true, false},
        {"wrong cookie beside a backup key", true, true, false, syn(Option::Cookie, wrong, 400), false, right, false,
         true, false},
        {"current key beside a backup key", true, true, false, syn(Option::Cookie, right, 400), true, none, false,
         false, false},
        {"backup key", true, true, false, syn(Option::Cookie, old, 400), true, right, false, false, true},
        {"old cookie without a backup key", true, false, false, syn(Option::Cookie, old, 400), false, right, false,
         true, false},
        {"basic-non-tfo-listener or no room: request", false, true, false, syn(Option::Request, 0, 0), false, none,
         true, false, false},
        {"basic-non-tfo-listener or no room: good cookie", false, true, false, syn(Option::Cookie, right, 400), false,
         none, false, false, false},
        {"basic-non-tfo-listener or no room: wrong cookie", false, true, false, syn(Option::Cookie, wrong, 400), false,
         none, false, false, false},
        {"basic-cookie-not-reqd: data", true, false, true, syn(Option::None, 0, 400), true, none, false, false, false},
        {"basic-cookie-not-reqd: data and a wrong cookie", true, false, true, syn(Option::Cookie, wrong, 400), true,
         none, false, false, false},
        {"basic-cookie-not-reqd: plain SYN", true, false, true, syn(Option::None, 0, 0), false, none, false, false,
         false},
        {"basic-cookie-not-reqd, no room", false, false, true, syn(Option::None, 0, 400), false, none, false, false,
         false},
    };
    for (const Row& row : rows) {
        CAPTURE(std::string(row.rule));
        RightCookies cookies{right};
        if (row.backup) cookies.backup = old;
        const FastOpenVerdict verdict = judge_syn(row.available, row.segment, cookies, row.cookieless);
        CHECK(verdict.accept_data == row.accepted);
        CHECK(verdict.give == row.given);
        CHECK(verdict.requested == row.requested);
        CHECK(verdict.wrong_cookie == row.wrong_cookie);
        CHECK(verdict.backup_key == row.backup_key);
    }
}

TEST_CASE("fast open listener: the experimental option is answered in its own form (packetdrill experimental_option)") {
    for (const bool experimental : {false, true}) {
        const FastOpenVerdict asked =
            judge_syn(true, syn(FastOpenOption::Request, 0, 0, experimental), RightCookies{right});
        CHECK(asked.give == right); // the same cookie in both forms
        CHECK(asked.experimental == experimental);
        CHECK(judge_syn(true, syn(FastOpenOption::Cookie, right, 10, experimental), RightCookies{right}).accept_data);
        CHECK(judge_syn(true, syn(FastOpenOption::Cookie, wrong, 10, experimental), RightCookies{right}).experimental ==
              experimental);
    }
}

TEST_CASE("fast open keys: a cookie is a function of client, server and key; rotation keeps the old key or not") {
    const SipKey first{1, 2}, second{3, 4}, third{5, 6};
    CookieKeys keys{first};
    CHECK(keys.cookies_of(10, 20).current == make_cookie(first, 10, 20));
    CHECK_FALSE(keys.cookies_of(10, 20).backup);
    CHECK(keys.cookies_of(10, 20).current != keys.cookies_of(11, 20).current);
    CHECK(keys.cookies_of(10, 20).current != keys.cookies_of(10, 21).current);
    keys.rotate(second, true);
    CHECK(keys.cookies_of(10, 20).current == make_cookie(second, 10, 20));
    CHECK(keys.cookies_of(10, 20).backup == make_cookie(first, 10, 20));
    keys.rotate(third, true); // a key lives through one rotation
    CHECK(keys.cookies_of(10, 20).backup == make_cookie(second, 10, 20));
    keys.rotate(first, false);
    CHECK(keys.cookies_of(10, 20).current == make_cookie(first, 10, 20));
    CHECK_FALSE(keys.cookies_of(10, 20).backup);
}

TEST_CASE("fast open pending limit: as many as it says, and one more for each that leaves") {
    PendingFastOpen pending;
    CHECK(pending.has_room(at(0s), 2));
    pending.add();
    CHECK(pending.has_room(at(0s), 2));
    pending.add();
    CHECK_FALSE(pending.has_room(at(0s), 2));
    pending.remove();
    CHECK(pending.has_room(at(0s), 2));
    CHECK_FALSE(pending.has_room(at(0s), 0));
}

TEST_CASE(
    "fast open pending limit: one that the client reset counts for 60 s more, then makes room when asked (Linux)") {
    PendingFastOpen pending;
    pending.add();
    pending.add();
    pending.remove_reset(at(1s));
    pending.remove_reset(at(5s));
    CHECK(pending.pending() == 2);
    CHECK_FALSE(pending.has_room(at(61s - 1ns), 2));
    CHECK(pending.has_room(at(61s), 2)); // the first penalty is over
    CHECK(pending.pending() == 1);
    pending.add();
    CHECK_FALSE(pending.has_room(at(62s), 2)); // the second is not
    CHECK(pending.has_room(at(65s), 2));
    // Below the limit nobody looks at penalties: they stay until they are needed.
    pending.remove();
    CHECK(pending.pending() == 0);
}

TEST_CASE("fast open pending limit: penalties fill the queue of a listener that is attacked with resets") {
    PendingFastOpen pending;
    constexpr std::uint32_t limit = 256;
    std::uint32_t taken = 0;
    for (int n = 0; n < 6000; ++n) { // 100 a second for a minute
        const Instant now = at(n * 10ms);
        if (!pending.has_room(now, limit)) continue;
        pending.add();
        pending.remove_reset(now);
        ++taken;
    }
    CHECK(taken == limit); // none more before the first 60 s are over
}
