#include "tcp/rtt.hpp"

#include <doctest/doctest.h>

#include <string>
#include <vector>

using namespace firstbyte;
using namespace std::chrono_literals;

TEST_CASE("rtt: the timeout follows RFC 6298 section 2, with Linux's floor of 200 ms on the variance") {
    struct Row {
        const char* name;
        std::vector<Duration> samples;
        Duration rto;
    };
    const Row rows[] = {
        {"no sample yet (2.1)", {}, 1s},
        {"first sample R: R + 4 * R/2 (2.2)", {500ms}, 1500ms},
        {"a second, equal sample (2.3)", {500ms, 500ms}, 1250ms},
        {"a short path keeps 200 ms of slack (Linux)", {20ms}, 220ms},
        {"RTT 100 ms: 300 ms (measured 305 on Linux 6.18)", {100ms}, 300ms},
        {"never above the limit", {60s}, 120s},
    };
    for (const Row& row : rows) {
        CAPTURE(std::string(row.name));
        tcp::RttEstimator rtt;
        for (const Duration sample : row.samples) rtt.add(sample);
        CHECK(rtt.rto(200ms, 1s, 120s) == row.rto);
    }
}
