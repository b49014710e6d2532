// Pools, fail-over, health checks, limits, and events of the edge's own nodes.
#include "support/simulation.hpp"

#include <doctest/doctest.h>
#include <fmt/format.h>

#include <string>
#include <vector>

using namespace firstbyte;
using namespace firstbyte::test;

namespace {

/// Two origins, 80 ms and 100 ms away, 50 ms of service; one request a second of one client for `count` seconds.
std::string world(int count, const std::string& edge, const std::string& events = "", const std::string& more = "") {
    std::string script;
    for (int n = 0; n < count; ++n)
        script += fmt::format(R"({}{{"at": "{}s", "steps": [{{"request": "400B", "response": "2000B"}}]}})",
                              n == 0 ? "" : ",", n);
    return fmt::format(R"({{
      "format": 1, "name": "pool", "run": {{"duration": "1000s", "replications": 1}}, "pops": [{{"id": "p"}}],
      "origins": [{{"id": "o", "rtt_to": {{"p": "80ms"}}, "service_time": "50ms", "preset": "go"}},
                  {{"id": "spare", "rtt_to": {{"p": "100ms"}}, "service_time": "50ms", "preset": "go"}}],
      "clients": [{{"id": "c", "population": 1, "rtt_to": {{"p": "20ms"}}, "script": [{}]}}],
      "tls": "none", "edge": {{"cache_hit_ratio": 0, "processing": "0ms"{}}}, "events": [{}]{}}})",
                       script, edge, events, more);
}

std::string down(const std::string& mode, const std::string& more = "") {
    return fmt::format(R"({{"at": "0s", "do": "origin_down", "origin": "o", "mode": "{}"{}}})", mode, more);
}

std::vector<std::string> outcomes(const Results& results) {
    std::vector<std::string> out;
    for (const auto& [key, count] : all_requests(results).outcomes)
        out.push_back(fmt::format("{} {} {}", name_of(key.cause), key.origin, count));
    return out;
}

const OriginResults& origin(const Results& results, std::size_t n = 0) {
    return results.replications.at(0).origins.at(n);
}

} // namespace

TEST_CASE("fail-over: one retry at the next origin, after the last attempt, and for the documented codes only") {
    const std::string on = R"(, "retry": {"zero_downtime_failover": true})";
    const Results refused = run_scenario(world(1, on, down("refuse")));
    CHECK(outcomes(refused) == std::vector<std::string>{"origin_status 1 1"});
    CHECK(event_ms(refused.traces.at(0), "first_byte") == doctest::Approx(30 + 80 + 100 + 100 + 50 + 10));
    const Results dropped = run_scenario(world(1, on, down("drop_syn")));
    CHECK(event_ms(dropped.traces.at(0), "first_byte") == doctest::Approx(30 + 38'000 + 250 + 10));
    CHECK(outcomes(run_scenario(world(1, on, down("reset")))) == std::vector<std::string>{"reset 0 1"}); // 520 does not
    CHECK(outcomes(run_scenario(world(1, "", down("refuse")))) == std::vector<std::string>{"refused 0 1"});
    const std::string both =
        down("refuse") + R"(, {"at": "0s", "do": "origin_down", "origin": "spare", "mode": "refuse"})";
    CHECK(outcomes(run_scenario(world(1, on, both))) == std::vector<std::string>{"refused 1 1"}); // exactly one retry
}

TEST_CASE("health checks: after a timeout and two retries requests go to the other origin, and come back") {
    const std::string checks = R"(, "health_checks": {"interval": "10s", "timeout": "1s", "retries": 2})";
    // Down from 15 s to 45 s. Checks begin 10 s after the end of the one before: at 0, 10.08 and 20.16 s, and that one
    // fails three times, until 23.16 s. So does that of 33.16 s; the one of 46.16 s is answered after 80 ms.
    const Results results = run_scenario(
        world(70, checks, R"({"at": "15s", "do": "origin_down", "origin": "o", "mode": "drop", "for": "30s"})"));
    std::vector<int> spare;
    for (const TraceConnection& trace : results.traces) {
        const double first = event_ms(trace, "first_byte");
        // A pooled connection to the spare origin takes 150 ms, a new one 250 ms; the other one 130 or 210.
        if (first == doctest::Approx(190) || first == doctest::Approx(290))
            spare.push_back(static_cast<int>(to_ms(trace.start - Instant{}) / 1000));
    }
    REQUIRE(!spare.empty());
    CHECK(spare.front() == 24);
    CHECK(spare.back() == 46);
    CHECK(spare.size() == 23);
}

TEST_CASE("pool: the connection used last serves first; with fifo the one idle for longest") {
    // Three requests at once open three connections; later ones come one by one.
    const auto script = [](const char* pick) {
        return fmt::format(R"({{
          "format": 1, "name": "pick", "run": {{"duration": "100s", "replications": 1}}, "pops": [{{"id": "p"}}],
          "origins": [{{"id": "o", "rtt_to": {{"p": "80ms"}}, "service_time": "50ms", "preset": "go"}}],
          "clients": [{{"id": "c", "population": 3, "rtt_to": {{"p": "20ms"}}, "script": [{{"at": "0s", "steps": [{{"request": "400B", "response": "2000B"}}]}}]}},
                      {{"id": "d", "population": 1, "rtt_to": {{"p": "20ms"}}, "script": [{{"at": "10s", "steps": [{{"request": "400B", "response": "2000B"}}]}},
                         {{"at": "20s", "steps": [{{"request": "400B", "response": "2000B"}}]}}, {{"at": "30s", "steps": [{{"request": "400B", "response": "2000B"}}]}}]}}],
          "tls": "none", "edge": {{"cache_hit_ratio": 0, "processing": "0ms", "origin_pool": {{"pick": "{}"}}}}}})",
                           pick);
    };
    const Results lifo = run_scenario(script("lifo")), fifo = run_scenario(script("fifo"));
    CHECK(origin(lifo).connections == 3);
    CHECK(origin(fifo).connections == 3);
    CHECK(origin(lifo).idle_at_reuse.max() < 10'000'000'000); // the hot one, each time
    CHECK(origin(fifo).idle_at_reuse.max() > 29'000'000'000); // the third has waited since the beginning
}

TEST_CASE("pool: at the limit of connections a request waits for one; idle ones beyond max_idle are closed") {
    const auto three = [](const std::string& pool) {
        return fmt::format(R"({{
          "format": 1, "name": "limit", "run": {{"duration": "100s", "replications": 1}}, "pops": [{{"id": "p"}}],
          "origins": [{{"id": "o", "rtt_to": {{"p": "80ms"}}, "service_time": "50ms", "preset": "go"}}],
          "clients": [{{"id": "c", "population": 3, "rtt_to": {{"p": "20ms"}}, "script": [{{"at": "0s", "steps": [{{"request": "400B", "response": "2000B"}}]}}]}}],
          "tls": "none", "edge": {{"cache_hit_ratio": 0, "processing": "0ms", "origin_pool": {{{}}}}}}})",
                           pool);
    };
    const Results one = run_scenario(three(R"("max_connections": 1)"));
    CHECK(origin(one).connections == 1);
    CHECK(origin(one).reused == 2);
    for (std::size_t n = 0; n < 3; ++n) // one after the other: 130 ms each behind the first
        CHECK(event_ms(one.traces.at(n), "first_byte") == doctest::Approx(40 + 210 + 130.0 * static_cast<double>(n)));
    CHECK(origin(run_scenario(three(R"("max_idle": 64)"))).connections == 3);
    const Results none = run_scenario(world(3, R"(, "origin_pool": {"max_idle": 0})"));
    CHECK(origin(none).connections == 3);
    CHECK(origin(none).reused == 0);
}

TEST_CASE("edge events: a restart resets, maintenance closes in order, balancing cuts a share") {
    // A connection that holds, and one whose request is at the origin.
    const auto scenario = [](const std::string& event) {
        return fmt::format(R"({{
          "format": 1, "name": "node", "run": {{"duration": "100s", "replications": 1}}, "pops": [{{"id": "p"}}],
          "origins": [{{"id": "o", "rtt_to": {{"p": "80ms"}}, "service_time": "5s", "preset": "go"}}],
          "clients": [{{"id": "c", "population": 1, "rtt_to": {{"p": "20ms"}}, "script": [{{"at": "0s", "steps": [{{"request": "400B", "response": "2000B"}}], "hold": "50s"}},
                        {{"at": "8s", "steps": [{{"request": "400B", "response": "2000B"}}]}}]}}],
          "tls": "none", "edge": {{"cache_hit_ratio": 0, "processing": "0ms"}}, "events": [{{"at": "10s", "do": "{}", "pop": "p"}}]}})",
                           event);
    };
    const auto has_flag = [](const TraceConnection& trace, std::uint8_t flag) {
        for (const TracePacket& packet : trace.packets)
            if (!packet.up && (packet.flags & flag) != 0 && packet.at >= Instant{std::chrono::seconds{10}})
                return to_ms(packet.at - Instant{});
        return -1.0;
    };
    constexpr std::uint8_t fin = 1, rst = 4;
    const Results restart = run_scenario(scenario("edge_restart"));
    CHECK(outcomes(restart) == std::vector<std::string>{"origin_status 0 1", "conn_reset -1 1"});
    CHECK(has_flag(restart.traces.at(0), rst) == doctest::Approx(10'000));
    CHECK(has_flag(restart.traces.at(1), rst) == doctest::Approx(10'000));
    const Results maintenance = run_scenario(scenario("edge_maintenance"));
    CHECK(outcomes(maintenance) == std::vector<std::string>{"origin_status 0 2"});
    CHECK(has_flag(maintenance.traces.at(0), fin) == doctest::Approx(10'000));
    CHECK(has_flag(maintenance.traces.at(1), fin) > 13'000); // with its response
    CHECK(has_flag(maintenance.traces.at(1), rst) == -1);
    const Results balance = run_scenario(scenario("edge_balance"));
    CHECK(has_flag(balance.traces.at(0), rst) == doctest::Approx(10'000));
}

TEST_CASE("origin events: a restart loses what is in service, a graceful one finishes it") {
    const auto scenario = [](bool graceful) {
        return fmt::format(R"({{
          "format": 1, "name": "restart", "run": {{"duration": "100s", "replications": 1}}, "pops": [{{"id": "p"}}],
          "origins": [{{"id": "o", "rtt_to": {{"p": "80ms"}}, "service_time": "5s", "preset": "go"}}],
          "clients": [{{"id": "c", "population": 1, "rtt_to": {{"p": "20ms"}}, "script": [{{"at": "0s", "steps": [{{"request": "400B", "response": "2000B"}}]}},
                        {{"at": "20s", "steps": [{{"request": "400B", "response": "2000B"}}]}}]}}],
          "tls": "none", "edge": {{"cache_hit_ratio": 0, "processing": "0ms"}}, "events": [{{"at": "3s", "do": "origin_restart", "origin": "o", "graceful": {}}}]}})",
                           graceful);
    };
    CHECK(outcomes(run_scenario(scenario(false))) == std::vector<std::string>{"origin_status 0 1", "reset 0 1"});
    const Results graceful = run_scenario(scenario(true));
    CHECK(outcomes(graceful) == std::vector<std::string>{"origin_status 0 2"});
    CHECK(origin(graceful).connections == 2); // the old process closed its one
}

TEST_CASE("a stateful box at the origin's door: remembered 1 ns before its limit, forgotten at it") {
    const auto scenario = [](const char* pause, const char* mode, const char* keepalive) {
        return fmt::format(R"({{
          "format": 1, "name": "box", "run": {{"duration": "500s", "replications": 1}}, "pops": [{{"id": "p"}}],
          "origins": [{{"id": "o", "rtt_to": {{"p": "80ms"}}, "service_time": "50ms", "preset": "go", "middlebox": {{"flow_idle": "20s", "mode": "{}"}}}}],
          "clients": [{{"id": "c", "population": 1, "rtt_to": {{"p": "20ms"}}, "script": [{{"at": "0s", "steps": [{{"request": "400B", "response": "2000B"}}, {{"idle": "{}"}},
                        {{"request": "400B", "response": "2000B"}}]}}]}}],
          "tls": "none", "tcp": {{"edge_origin": {{"keepalive": {}}}}}, "edge": {{"cache_hit_ratio": 0, "processing": "0ms"}}}})",
                           mode, pause, keepalive);
    };
    // Last seen at the box: the ACK of the response, 40 ms after that was complete at the edge (240 ms). The next
    // request is there 20 ms + pause + 40 ms after 240 ms.
    CHECK(outcomes(run_scenario(scenario("19979999999ns", "drop", "false"))) ==
          std::vector<std::string>{"origin_status 0 2"});
    const Results hole = run_scenario(scenario("19980000001ns", "drop", "false"));
    CHECK(outcomes(hole) ==
          std::vector<std::string>{"origin_status 0 1", "ack_timeout 0 1"}); // the silent variant of 5.3
    const Results reset = run_scenario(scenario("19980000001ns", "rst", "false"));
    CHECK(outcomes(reset) == std::vector<std::string>{"origin_status 0 2"}); // an RST is repeated
    CHECK(origin(reset).retries == 1);
    // Probes every 15 s keep the entry alive.
    CHECK(outcomes(run_scenario(scenario("100s", "drop", R"({"idle": "15s", "interval": "15s", "probes": 2})"))) ==
          std::vector<std::string>{"origin_status 0 2"});
    // The profile's first probe, at 30 s, meets the hole; at 60 s the pool is clean.
    CHECK(outcomes(run_scenario(scenario("70s", "drop", R"({"idle": "30s", "interval": "15s", "probes": 2})"))) ==
          std::vector<std::string>{"origin_status 0 2"});
}

TEST_CASE("workers: requests wait their turn, beyond the queue 503") {
    const auto scenario = [](const char* origin_keys) {
        return fmt::format(R"({{
          "format": 1, "name": "workers", "run": {{"duration": "100s", "replications": 1}}, "pops": [{{"id": "p"}}],
          "origins": [{{"id": "o", "rtt_to": {{"p": "80ms"}}, "service_time": "1s", "preset": "go", {}}}],
          "clients": [{{"id": "c", "population": 4, "rtt_to": {{"p": "20ms"}}, "script": [{{"at": "0s", "steps": [{{"request": "400B", "response": "2000B"}}]}}]}}],
          "tls": "none", "edge": {{"cache_hit_ratio": 0, "processing": "0ms"}}}})",
                           origin_keys);
    };
    const Results two = run_scenario(scenario(R"("workers": 2)"));
    CHECK(outcomes(two) == std::vector<std::string>{"origin_status 0 4"});
    CHECK(origin(two).wait.max() == doctest::Approx(1e9).epsilon(1e-3));
    CHECK(origin(two).wait.min() == 0);
    const Results full = run_scenario(scenario(R"("workers": 2, "queue": 1)"));
    CHECK(origin(full).rejected == 1);
    std::uint64_t unavailable = 0;
    for (const auto& [key, count] : all_requests(full).outcomes) unavailable += status_of(key) == 503 ? count : 0;
    CHECK(unavailable == 1);
}
