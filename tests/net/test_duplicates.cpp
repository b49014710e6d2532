// Paths that deliver packets twice: what TCP makes of it, and what Fast Open does not notice (RFC 7413 section 2.1).
#include "support/simulation.hpp"

#include <doctest/doctest.h>
#include <fmt/format.h>

#include <algorithm>
#include <string>

using namespace firstbyte;
using namespace firstbyte::test;

namespace {

/// A client with a cookie, whose packets that match are delivered again `delay` later.
std::string scenario(const std::string& match, const std::string& delay, const std::string& method_step = "",
                     const std::string& more = "", const std::string& tls = "none") {
    return fmt::format(R"({{
      "format": 1, "name": "twice", "run": {{"duration": "100s", "replications": 1}}, "pops": [{{"id": "p"}}],
      "origins": [{{"id": "o", "rtt_to": {{"p": "80ms"}}, "service_time": "50ms", "preset": "go"}}],
      "clients": [{{"id": "c", "population": 1, "rtt_to": {{"p": "20ms"}}, "tfo": {{"cookie": "held"}},
        "script": [{{"at": "0s", "steps": [{{"request": "400B", "response": "2000B"{}}}]{}}}],
        "path_rules": [{{"dir": "up", "match": "{}", "nth": [1, 1], "do": "duplicate", "delay": "{}"}}]}}],
      "tls": "{}", "tcp": {{"client_edge": {{"fast_open": true}}}}, "edge": {{"cache_hit_ratio": 0, "processing": "0ms"}}}})",
                       method_step, more, match, delay, tls);
}

const OriginResults& origin(const Results& results) { return results.replications.at(0).origins.at(0); }

const TracePacket& copy_in(const Results& results) {
    const std::vector<TracePacket>& packets = results.traces.at(0).packets;
    const auto found = std::find_if(packets.begin(), packets.end(),
                                    [](const TracePacket& packet) { return packet.act == TracePacket::Act::Copy; });
    REQUIRE(found != packets.end());
    return *found;
}

} // namespace

TEST_CASE("duplicate: a SYN with data that comes again after its connection is over runs the request twice") {
    // The server acknowledged everything and forgot the connection: the client closes first, so its TIME-WAIT is not
    // the server's. 5 s later the same SYN, with its valid cookie, opens another one (RFC 7413 section 2.1).
    const Results twice = run_scenario(scenario("syn_data", "5s"));
    CHECK(copy_in(twice).arrives == copy_in(twice).at + std::chrono::milliseconds{10} + std::chrono::seconds{5});
    CHECK(origin(twice).executions == 2);
    CHECK(origin(twice).executed_again == 1);
    CHECK(origin(twice).repeated_unsafe == 0);       // a script's requests are GET
    CHECK(all_requests(twice).outcomes.size() == 1); // the client knows of one
    CHECK(event_ms(twice.traces.at(0), "first_byte") == doctest::Approx(10 + 80 + 80 + 50 + 10));
}

TEST_CASE("duplicate: the same packet while its connection is open does no harm") {
    const Results open = run_scenario(scenario("syn_data", "50ms"));
    CHECK(origin(open).executions == 1);
    CHECK(event_ms(open.traces.at(0), "last_byte") == doctest::Approx(230));
}

TEST_CASE("duplicate: with TLS the server has a handshake begun, and no request") {
    const Results tls = run_scenario(scenario("syn_data", "5s", "", "", "1.3"));
    CHECK(origin(tls).executions == 1);
    CHECK(origin(tls).executed_again == 0);
}

TEST_CASE("duplicate: a bare SYN, a request and an ACK that come twice") {
    for (const char* match : {"data", "pure_ack", "fin"}) {
        CAPTURE(std::string(match));
        for (const char* delay : {"0s", "1ms", "5s"}) {
            CAPTURE(std::string(delay));
            const Results results = run_scenario(scenario(match, delay, "", R"(, "tcp": {"fast_open": "off"})"));
            CHECK(origin(results).executions == 1);
            CHECK(event_ms(results.traces.at(0), "last_byte") == doctest::Approx(20 + 10 + 80 + 80 + 50 + 10));
        }
    }
    // Late copies do not hold up what was sent after the packet itself.
    const Results syn = run_scenario(scenario("syn", "30ms", "", R"(, "tcp": {"fast_open": "off"})"));
    CHECK(event_ms(syn.traces.at(0), "last_byte") == doctest::Approx(250));
}
