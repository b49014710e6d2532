#include "tcp/rtt.hpp"

#include <doctest/doctest.h>

#include <string>
#include <vector>

using namespace firstbyte;
using namespace std::chrono_literals;

TEST_CASE("rtt: the timeout follows RFC 6298 section 2 where the scenario asks for it") {
    struct Row {
        const char* name;
        std::vector<Duration> samples;
        Duration rto;
    };
    const Row rows[] = {
        {"no sample yet (2.1)", {}, 1s},
        {"first sample R: R + 4 * R/2 (2.2)", {500ms}, 1500ms},
        {"a second, equal sample (2.3)", {500ms, 500ms}, 1250ms},
        {"never below 1 s (2.4)", {20ms}, 1s},
        {"never above the limit (2.5)", {60s}, 120s},
    };
    for (const Row& row : rows) {
        CAPTURE(std::string(row.name));
        tcp::RttEstimator rtt;
        for (const Duration sample : row.samples) rtt.add_rfc6298(sample);
        CHECK(rtt.rto_rfc6298(1s, 1s, 120s) == row.rto);
    }
}

TEST_CASE("rtt: RFC 6298's arithmetic keeps fractions of a nanosecond, and SRTT is that of the RFC") {
    // By hand, in ms: SRTT 400, 412.5, 398.4375, 404.8828125; RTTVAR 200, 175, 159.375, 132.421875.
    tcp::RttEstimator rtt;
    for (const Duration sample : {400ms, 500ms, 300ms, 450ms}) rtt.add_rfc6298(sample);
    CHECK(rtt.srtt() == 404'882us);                                         // whole microseconds
    CHECK(rtt.rto_rfc6298(1s, Duration{1}, 120s) == Duration{934'570'313}); // ...312.5, half a step up
    CHECK(rtt.exact_rto_rfc6298_s() == doctest::Approx(0.9345703125).epsilon(1e-13));
}

TEST_CASE("rtt: the longest sample that counts leaves RFC 6298's arithmetic inside its words") {
    tcp::RttEstimator rtt;
    for (int n = 0; n < 100; ++n) rtt.add_rfc6298(n % 2 == 0 ? Duration{10'000s} : Duration{1});
    CHECK(rtt.srtt() < 537s);
    CHECK(rtt.rto_rfc6298(1s, 1s, 120s) == 120s);
}

TEST_CASE("rtt: Linux's timeout is SRTT + max(200 ms, 4 RTTVAR), whose variance falls by a quarter per round trip") {
    struct Row {
        const char* name;
        std::vector<Duration> samples;
        Duration rto;
    };
    const Row rows[] = {
        {"no sample yet", {}, 1s},
        {"a short path keeps 200 ms of slack", {20ms}, 220ms},
        {"RTT 100 ms: 300 ms (measured 305 on Linux 6.18)", {100ms}, 300ms},
        {"first sample R: R + 4 * R/2", {500ms}, 1500ms},
        {"one round trip later the variance may only have begun to fall", {500ms, 500ms}, 1500ms},
        {"never above the limit", {60s}, 120s},
    };
    for (const Row& row : rows) {
        CAPTURE(std::string(row.name));
        tcp::RttEstimator rtt;
        tcp::Seq acked = 1;
        for (const Duration sample : row.samples) {
            rtt.add(sample, 200ms, acked, acked + 1000);
            acked += 1000;
        }
        CHECK(rtt.rto(1s, Duration{1}, 120s) == row.rto);
    }
}
