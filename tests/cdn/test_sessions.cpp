// Sessions and their connections: what is counted, what goes on when a connection ends, what a trace holds.
#include "support/simulation.hpp"

#include <doctest/doctest.h>
#include <fmt/format.h>

using namespace firstbyte;
using namespace firstbyte::test;

namespace {

/// One client 100 ms away with the given script and rules; no TLS, everything from the cache.
std::string lab(const std::string& script, const std::string& rules = "[]", const std::string& extra = "",
                const std::string& tfo = "{}", const std::string& leg = R"("fast_open": false)") {
    return fmt::format(R"({{
      "format": 1, "name": "lab", "run": {{"duration": "10s", "replications": 1}}, "pops": [{{"id": "p"}}],
      "clients": [{{"id": "c", "population": 1, "rtt_to": {{"p": "100ms"}}, "tfo": {}, "script": {}, "path_rules": {}}}],
      "tls": "none", "edge": {{"cache_hit_ratio": 1, "processing": "0ms"}}, "tcp": {{"client_edge": {{{}}}}} {}}})",
                       tfo, script, rules, leg, extra);
}

const std::string one_request = R"([{"at": "0s", "steps": [{"request": "400B", "response": "500B"}]}])";

} // namespace

TEST_CASE("trace: it goes on after the client gave up: the server repeats its SYN-ACK at 1 3 7 15 31 s (Linux 6.18)") {
    const Results results = run_scenario(lab(
        one_request,
        R"([{"dir": "down", "match": "any", "do": "drop"}, {"dir": "up", "match": "any", "nth": [2, 999], "do": "drop"}])",
        "", "{}", R"("syn_retries": 0, "syn_linear_timeouts": 0)"));
    std::vector<double> at_ms;
    for (const TracePacket& packet : results.traces.at(0).packets)
        if (!packet.up) at_ms.push_back(to_ms(packet.at - Instant{}));
    CHECK(at_ms == std::vector<double>{50, 1050, 3050, 7050, 15050, 31050});
    CHECK(results.traces.at(0).error == "ETIMEDOUT");
}

TEST_CASE("trace: the server's counters follow the SYN as the server got it, and act says what a rule changed") {
    struct Row {
        const char* action;
        TracePacket::Act act;
        std::uint64_t passive, passive_fail, active, active_fail;
    };
    const Row rows[] = {
        // measured on Linux 6.18: a wrong cookie, an option stripped, data stripped
        {"corrupt_cookie", TracePacket::Act::CorruptCookie, 0, 1, 0, 1},
        {"strip_tfo", TracePacket::Act::StripTfo, 0, 0, 0, 1},
        {"strip_data", TracePacket::Act::StripData, 1, 0, 0, 1},
    };
    for (const Row& row : rows) {
        CAPTURE(std::string(row.action));
        const Results results =
            run_scenario(lab(one_request,
                             fmt::format(R"([{{"dir": "up", "match": "any", "do": "{}", "nth": [1, 1]}},
            {{"dir": "up", "match": "pure_ack", "do": "{}"}}])",
                                         row.action, row.action),
                             "", R"({"cookie": "held"})", R"("fast_open": true)"));
        const TraceConnection& trace = results.traces.at(0);
        CHECK(trace.packets.at(0).act == row.act);
        for (const TracePacket& packet : trace.packets)
            if (packet.flags == 16 && packet.length == 0)
                CHECK(packet.act == TracePacket::Act::Forward); // nothing in it to change
        CHECK(trace.counters_server.passive == row.passive);
        CHECK(trace.counters_server.passive_fail == row.passive_fail);
        CHECK(trace.counters_client.active == row.active);
        CHECK(trace.counters_client.active_fail == row.active_fail);
    }
}

TEST_CASE("session: what the edge closed during think time goes on with a new connection") {
    const Results results = run_scenario(R"({
      "format": 1, "name": "think", "run": {"duration": "4000s", "replications": 1, "seed": 1}, "pops": [{"id": "p"}],
      "clients": [{"id": "c", "population": 10, "sessions": "0.01/s", "rtt_to": {"p": "100ms"}}],
      "workload": {"requests_per_session": 5, "think_time": "500s"}, "tls": "none",
      "edge": {"cache_hit_ratio": 1, "processing": "0ms"}})");
    const ReplicationResults& run = results.replications.at(0);
    const std::uint64_t sessions =
        run.connections[0].opened; // one connection for each request that starts in the window
    const RequestResults all = all_requests(results);
    REQUIRE(all.outcomes.size() == 1);
    CHECK(all.ttfb.count() == sessions);
    CHECK(all.ttfb.count() > 100);        // about 40 sessions; without going on there would be one request each
    CHECK(all.ttfb.min() == 200'000'000); // each pays its handshake
    CHECK(all.ttfb.max() == 200'000'000);
}

TEST_CASE("session: bytes beyond what a script waits for do not count as the next response") {
    const Results results =
        run_scenario(lab(R"([{"at": "0s", "steps": [{"request": "400B", "response": "5000B", "expect": "2000B"},
                                                                       {"request": "400B", "response": "500B"}]}])"));
    const RequestResults all = all_requests(results);
    CHECK(all.outcomes.at({Cause::CacheHit, GeneratedBy::Edge, -1}) == 2);
    CHECK(all.ttfb.min() == 100'000'000);
    CHECK(all.ttfb.max() == 200'000'000);
}

TEST_CASE("session: a request that still waits for its connection when the run stops is counted as unfinished") {
    for (const char* tls : {R"("none")", R"("1.3")"}) {
        CAPTURE(std::string(tls));
        const Results results = run_scenario(
            lab(one_request, R"([{"dir": "up", "match": "any", "do": "drop"}])", "", "{}", R"("syn_retries": 127)"),
            {{"tls", tls}});
        CHECK(all_requests(results).outcomes.at({Cause::Unfinished, GeneratedBy::None, -1}) == 1);
    }
}

TEST_CASE("session: a script without a request counts none, also when its connection fails") {
    const Results results = run_scenario(
        lab(R"([{"at": "0s", "steps": [{"idle": "1s"}]}])", R"([{"dir": "up", "match": "syn", "do": "drop"}])"));
    CHECK(all_requests(results).outcomes.empty());
}

TEST_CASE("rules: the connections they name are the script's, for every client of the group") {
    const Results results =
        run_scenario(lab(R"([{"at": "0s", "steps": [{"request": "400B", "response": "500B"}]},
                                                {"after": "0s", "steps": [{"request": "400B", "response": "500B"}]}])",
                         R"([{"dir": "up", "match": "syn", "connections": [1], "nth": [1, 1], "do": "drop"}])"),
                     {{"clients[0].population", "2"}});
    REQUIRE(results.traces.size() == 4);
    for (const TraceConnection& trace : results.traces)
        CHECK(event_ms(trace, "connected") == doctest::Approx(trace.connection % 2 == 1 ? 1100 : 100));
}

TEST_CASE("origin: an outage that begins during service ends the request as its mode says") {
    struct Row {
        const char* mode;
        Cause cause;
        double first_byte_ms;
    };
    const Row rows[] = {
        // 20 ms and 80 ms away, service 3 s, outage from 2 s on
        {"refuse", Cause::Reset, 2000 + 40 + 10},
        {"reset", Cause::Reset, 2000 + 40 + 10},
        {"silent", Cause::ReadTimeout, 20 + 20 + 80 + 125'000},
        {"drop_syn", Cause::OriginReplied, 20 + 20 + 160 + 3000},
    };
    for (const Row& row : rows) {
        CAPTURE(std::string(row.mode));
        const Results results = run_scenario(fmt::format(R"({{
          "format": 1, "name": "outage", "run": {{"duration": "10s", "replications": 1}}, "pops": [{{"id": "p"}}],
          "origins": [{{"id": "o", "rtt_to": {{"p": "80ms"}}, "service_time": "3s"}}],
          "clients": [{{"id": "c", "population": 1, "rtt_to": {{"p": "20ms"}},
            "script": [{{"at": "0s", "steps": [{{"request": "400B", "response": "2000B"}}]}}]}}],
          "tls": "none", "edge": {{"cache_hit_ratio": 0, "processing": "0ms"}},
          "events": [{{"at": "2s", "do": "origin_down", "origin": "o", "mode": "{}"}}]}})",
                                                         row.mode));
        CHECK(all_requests(results).outcomes.begin()->first.cause == row.cause);
        CHECK(event_ms(results.traces.at(0), "first_byte") == doctest::Approx(row.first_byte_ms));
    }
}

TEST_CASE(
    "origin: Fast Open towards an origin needs the leg and that origin's own listener, and saves it one round trip") {
    struct Row {
        const char* near_tfo;
        const char* far_tfo;
        double second_ms; ///< first byte of the second request, each on an origin connection of its own
    };
    // 20 ms to the edge, 80 ms to the near origin that serves it; the far one must not matter. The first connection
    // gets the cookie.
    const Row rows[] = {{"false", "true", 20 + 20 + 160 + 50}, {"true", "false", 20 + 20 + 80 + 50}};
    for (const Row& row : rows) {
        const Results results = run_scenario(fmt::format(R"({{
          "format": 1, "name": "leg", "run": {{"duration": "10s", "replications": 1}}, "pops": [{{"id": "p"}}],
          "origins": [{{"id": "near", "rtt_to": {{"p": "80ms"}}, "service_time": "50ms", "tfo": {}}},
                      {{"id": "far", "rtt_to": {{"p": "90ms"}}, "service_time": "50ms", "tfo": {}}}],
          "clients": [{{"id": "c", "population": 1, "rtt_to": {{"p": "20ms"}},
            "script": [{{"at": "0s", "steps": [{{"request": "400B", "response": "2000B"}}]}},
                       {{"at": "5s", "steps": [{{"request": "400B", "response": "2000B"}}]}}]}}],
          "tls": "none", "edge": {{"cache_hit_ratio": 0, "processing": "0ms", "origin_pool": {{"max_idle": 0}}}},
          "tcp": {{"edge_origin": {{"fast_open": true}}}}}})",
                                                         row.near_tfo, row.far_tfo));
        CHECK(event_ms(results.traces.at(1), "first_byte") == doctest::Approx(row.second_ms));
    }
}
