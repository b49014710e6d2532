// The kernel's own times for one request and response, without loss.
#include "support/simulation.hpp"

#include <doctest/doctest.h>
#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include <cmath>
#include <fstream>
#include <string>

using namespace firstbyte;
using namespace firstbyte::test;

namespace {

/// The same experiment as a scenario: one scripted connection, no TLS, everything from the cache.
std::string scenario_of(const nlohmann::json& point) {
    const std::string access = point["rate_bps"] == 0
        ? std::string("{}")
        : fmt::format(R"({{"down": "{0}bps", "up": "{0}bps", "queue": "{1} packets"}})", point["rate_bps"].get<int>(),
                      point["qpkts"].get<int>());
    const std::string tfo = point["tfo"];
    return fmt::format(R"({{
      "format": 1, "name": "grid", "run": {{"duration": "1s", "replications": 1}},
      "pops": [{{"id": "server"}}],
      "clients": [{{"id": "lab", "population": 1, "rtt_to": {{"server": "{}ms"}}, "access": {}, "tfo": {},
        "script": [{{"at": "0s", "steps": [{{"request": "{}B", "response": "{}B"}}]}}]}}],
      "tls": "none", "edge": {{"cache_hit_ratio": 1, "processing": "0ms"}},
      "tcp": {{"client_edge": {{"fast_open": {}}}}}}})",
        point["rtt_ms"].get<int>(), access, tfo == "repeat" ? R"({"cookie": "held"})" : "{}", point["req"].get<int>(),
        point["resp"].get<int>(), tfo == "off" ? "false" : "true");
}

bool near(double simulated, const nlohmann::json& measured) {
    const double median = measured["med"];
    return std::abs(simulated - median) <= 1.0 + 0.01 * median;
}

} // namespace

TEST_CASE("linux grid: times and data segments of a request without loss are the kernel's (within 1 ms + 1 %)") {
    std::ifstream file(FIRSTBYTE_SOURCE_DIR "/tests/conformance/linux/grid-main.jsonl");
    REQUIRE(file.is_open());
    int points = 0;
    for (std::string line; std::getline(file, line);) {
        const nlohmann::json point = nlohmann::json::parse(line);
        const std::string name = fmt::format("rtt {} ms, rate {}, request {} B, response {} B, fast open {}",
                                             point["rtt_ms"].get<int>(), point["rate_bps"].get<int>(),
                                             point["req"].get<int>(), point["resp"].get<int>(), point["tfo"].get<std::string>());
        CAPTURE(name);
        const Results results = run_scenario(scenario_of(point));
        REQUIRE(results.traces.size() == 1);
        const TraceConnection& trace = results.traces[0];
        const double ttfb = event_ms(trace, "first_byte"), ttlb = event_ms(trace, "last_byte");
        CAPTURE(ttfb);
        CAPTURE(ttlb);
        CHECK_MESSAGE(near(event_ms(trace, "connected"), point["connect_ms"]), point["connect_ms"].dump());
        CHECK_MESSAGE(near(ttfb, point["ttfb_ms"]), point["ttfb_ms"].dump());
        CHECK_MESSAGE(near(ttlb, point["ttlb_ms"]), point["ttlb_ms"].dump());
        int up = 0, down = 0;
        for (const TracePacket& packet : trace.packets)
            if (packet.length != 0) ++(packet.up ? up : down);
        CHECK(up == point["data_c2s"]["med"].get<int>());
        CHECK(down == point["data_s2c"]["med"].get<int>());
        CHECK(trace.packets[0].length == point["syn_len"].get<std::uint32_t>());
        CHECK(trace.counters_client.active == point["counters_c"].value("TCPFastOpenActive", std::uint64_t{0}));
        CHECK(trace.counters_server.passive == point["counters_s"].value("TCPFastOpenPassive", std::uint64_t{0}));
        CHECK(trace.counters_server.cookie_requested == point["counters_s"].value("TCPFastOpenCookieReqd", std::uint64_t{0}));
        ++points;
    }
    CHECK(points == 273); // every line of the file
}
