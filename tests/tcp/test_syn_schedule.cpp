#include "tcp/settings.hpp"

#include <doctest/doctest.h>

#include <string>

using namespace firstbyte;

TEST_CASE("syn schedule: SYNs and give-up are where Linux 6.18 has them (facts.md section 2; semantics 1.2)") {
    struct Row {
        const char* name;
        int retries, linear;
        std::vector<int> syns; ///< s
        int given_up;          ///< s
    };
    const Row rows[] = {
        {"defaults (syn_blackhole_plain)", 6, 4, {0, 1, 2, 3, 4, 5, 7, 11, 19, 35, 67}, 131},
        {"before 6.5 (syn_blackhole_classic)", 6, 0, {0, 1, 3, 7, 15, 31, 63}, 127},
        {"four retries (syn_blackhole_retries4)", 4, 4, {0, 1, 2, 3, 4, 5, 7, 11, 19}, 35},
        {"a CDN's 19 s", 3, 4, {0, 1, 2, 3, 4, 5, 7, 11}, 19},
        {"a CDN's 15 s", 3, 0, {0, 1, 3, 7}, 15},
        {"two retries: the classic 7 s are over first (accept_queue_overflow)", 2, 4, {0, 1, 2, 3, 4, 5}, 7},
        {"TCP_SYNCNT 1 (synack_rto_client_gone)", 1, 4, {0, 1, 2}, 3},
        {"beyond 120 s a wait grows no more", 8, 0, {0, 1, 3, 7, 15, 31, 63, 127, 247}, 367},
    };
    for (const Row& row : rows) {
        CAPTURE(std::string(row.name));
        const std::vector<Duration> waits = tcp::syn_schedule(std::chrono::seconds{1}, row.retries, row.linear);
        REQUIRE(waits.size() == row.syns.size());
        Duration at{};
        for (std::size_t n = 0; n < waits.size(); ++n) {
            CHECK(at == std::chrono::seconds{row.syns[n]});
            at += waits[n];
        }
        CHECK(at == std::chrono::seconds{row.given_up});
    }
}
