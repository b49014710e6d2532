// What the edge answers when an origin misbehaves: status, cause and moment, by profile `cloudflare` (its published
// rows).
#include "support/simulation.hpp"

#include <doctest/doctest.h>
#include <fmt/format.h>

using namespace firstbyte;
using namespace firstbyte::test;

namespace {

/// One request through an edge without cache; client 20 ms, origin 80 ms, service 50 ms, no TLS.
std::string scenario_with(const std::string& event, const std::string& service = "50ms",
                          const std::string& method = "GET") {
    return fmt::format(R"({{
      "format": 1, "name": "outcome", "run": {{"duration": "10s", "replications": 1}}, "pops": [{{"id": "p"}}],
      "origins": [{{"id": "o", "rtt_to": {{"p": "80ms"}}, "service_time": "{}"}}],
      "clients": [{{"id": "c", "population": 1, "rtt_to": {{"p": "20ms"}},
        "script": [{{"at": "0s", "steps": [{{"request": "400B", "response": "2000B"}}]}}]}}],
      "workload": {{"objects": [{{"id": "x", "method": "{}"}}]}},
      "tls": "none", "edge": {{"cache_hit_ratio": 0, "processing": "0ms"}}, "events": [{}]}})",
                       service, method, event);
}

std::string down(const std::string& mode) {
    return fmt::format(R"({{"at": "0s", "do": "origin_down", "origin": "o", "mode": "{}"}})", mode);
}

} // namespace

TEST_CASE("outcomes: each failure of an origin has its code, its cause and its moment") {
    struct Row {
        const char* name;
        std::string scenario;
        Cause cause;
        int status;
        double at_edge_ms; ///< from the request's arrival at the edge to the answer
    };
    const Row rows[] = {
        {"a new connection: handshake, request, service", scenario_with(""), Cause::OriginReplied, 200, 80 + 80 + 50},
        {"RST in answer to the SYN: 521 after one round trip", scenario_with(down("refuse")), Cause::Refused, 521, 80},
        {"silent drop: 522 after two attempts of 19 s", scenario_with(down("drop_syn")), Cause::ConnectTimeout, 522,
         38'000},
        {"RST after the request: 520", scenario_with(down("reset")), Cause::Reset, 520, 160},
        {"never an answer: 524, 125 s after the request was queued", scenario_with(down("silent")), Cause::ReadTimeout,
         524, 80 + 125'000},
        {"slower than the read timer: 524", scenario_with("", "130s"), Cause::ReadTimeout, 524, 80 + 125'000},
        {"slow, but in time", scenario_with("", "122s"), Cause::OriginReplied, 200, 160 + 122'000},
    };
    for (const Row& row : rows) {
        CAPTURE(std::string(row.name));
        const Results results = run_scenario(row.scenario);
        const RequestResults all = all_requests(results);
        REQUIRE(all.outcomes.size() == 1);
        const OutcomeKey outcome = all.outcomes.begin()->first;
        CHECK(outcome.cause == row.cause);
        CHECK(status_of(outcome.cause) == row.status);
        CHECK(outcome.generated_by == (row.status == 200 ? GeneratedBy::Origin : GeneratedBy::Edge));
        // The client is 20 ms away: its handshake takes one round trip, request and answer another.
        CHECK(event_ms(results.traces.at(0), "first_byte") == doctest::Approx(20 + 20 + row.at_edge_ms).epsilon(1e-9));
    }
}

TEST_CASE("outcomes: profile ibm-cis gives up at 30 s and after 100 s without an answer") {
    const std::vector<Override> ibm{{"edge.profile", "ibm-cis"}};
    const Results dropped = run_scenario(scenario_with(down("drop_syn")), ibm);
    CHECK(all_requests(dropped).outcomes.begin()->first.cause == Cause::ConnectTimeout);
    CHECK(event_ms(dropped.traces.at(0), "first_byte") == doctest::Approx(40 + 30'000));
    const Results silent = run_scenario(scenario_with(down("silent")), ibm);
    CHECK(all_requests(silent).outcomes.begin()->first.cause == Cause::ReadTimeout);
    CHECK(event_ms(silent.traces.at(0), "first_byte") == doctest::Approx(40 + 80 + 100'000));
}

TEST_CASE("outcomes: a request that meets the origin's idle timeout is repeated when it may be, and is 520 when not") {
    // The origin closes 5 s after its response. The second request leaves 4.98 s after the first response reached the
    // edge: within one round trip of 80 ms before the FIN arrives, so it meets a closed connection (RFC 9110
    // section 9.2.2).
    const auto scenario = [](const std::string& method) {
        return fmt::format(R"({{
          "format": 1, "name": "stale", "run": {{"duration": "60s", "replications": 1}}, "pops": [{{"id": "p"}}],
          "origins": [{{"id": "o", "rtt_to": {{"p": "80ms"}}, "service_time": "50ms", "idle_timeout": "5s"}}],
          "clients": [{{"id": "c", "population": 1, "rtt_to": {{"p": "20ms"}},
            "script": [{{"at": "0s", "steps": [{{"request": "400B", "response": "2000B"}}, {{"idle": "4960ms"}},
                                              {{"request": "400B", "response": "2000B"}}]}}]}}],
          "workload": {{"objects": [{{"id": "x", "method": "{}"}}]}},
          "tls": "none", "edge": {{"cache_hit_ratio": 0, "processing": "0ms"}}}})",
                           method);
    };
    const Results get = run_scenario(scenario("GET"));
    CHECK(get.replications[0].origins[0].retries == 1);
    CHECK(all_requests(get).outcomes.at({Cause::OriginReplied, GeneratedBy::Origin, 0}) == 2);
    const Results post = run_scenario(scenario("POST"));
    CHECK(post.replications[0].origins[0].retries == 0);
    CHECK(all_requests(post).outcomes.at({Cause::StaleReuse, GeneratedBy::Edge, 0}) == 1);
    CHECK(status_of(Cause::StaleReuse) == 520);
}

TEST_CASE("outcomes: what the server does instead of responding is what the client sees") {
    struct Row {
        const char* then;
        Cause cause;
        const char* error;
    };
    for (const Row& row : {Row{"close", Cause::EndOfFile, ""}, Row{"reset", Cause::ConnectionReset, "ECONNRESET"}}) {
        CAPTURE(std::string(row.then));
        const Results results = run_scenario(fmt::format(R"({{
          "format": 1, "name": "then", "run": {{"duration": "10s", "replications": 1}}, "pops": [{{"id": "p"}}],
          "clients": [{{"id": "c", "population": 1, "rtt_to": {{"p": "100ms"}},
            "script": [{{"at": "0s", "steps": [{{"request": "400B", "response": "500B", "respond": "none", "then": "{}"}}]}}]}}],
          "tls": "none", "edge": {{"cache_hit_ratio": 1, "processing": "0ms"}}}})",
                                                         row.then));
        CHECK(all_requests(results).outcomes.begin()->first.cause == row.cause);
        CHECK(results.traces.at(0).error == row.error);
        CHECK(event_ms(results.traces.at(0), "closed") == doctest::Approx(200));
    }
}

TEST_CASE("tls: time to the first byte is the row of the handshake times the round trip") {
    struct Row {
        const char* tls;
        bool cookie;
        int round_trips;
    };
    const Row rows[] = {
        // RFC 8446 and 5246; with a cookie one round trip less (RFC 7413)
        {R"("none")", false, 2},
        {R"("none")", true, 1},
        {R"("1.2")", false, 4},
        {R"("1.2")", true, 3},
        {R"({"version": "1.2", "resumed": 1})", false, 3},
        {R"({"version": "1.2", "resumed": 1})", true, 2},
        {R"("1.3")", false, 3},
        {R"("1.3")", true, 2},
        {R"({"version": "1.3", "resumed": 1})", false, 3},
        {R"({"version": "1.3", "resumed": 1, "early_data": 1})", false, 2},
        {R"({"version": "1.3", "resumed": 1, "early_data": 1})", true, 1},
        {R"({"version": "1.3", "client_hello": "1700B"})", false, 3},
        {R"({"version": "1.3", "client_hello": "1700B"})", true, 3}, // the hello does not fit the SYN: nothing is saved
        {R"({"version": "1.3", "resumed": 1, "early_data": 1, "client_hello": "1300B"})", true,
         2}, // nor does hello + request
    };
    for (const Row& row : rows) {
        CAPTURE(std::string(row.tls));
        CAPTURE(row.cookie);
        const Results results =
            run_scenario(fmt::format(R"({{
          "format": 1, "name": "tls", "run": {{"duration": "10s", "replications": 1}}, "pops": [{{"id": "p"}}],
          "clients": [{{"id": "c", "population": 1, "rtt_to": {{"p": "100ms"}}, "tfo": {},
            "script": [{{"at": "0s", "steps": [{{"request": "400B", "response": "5000B"}}]}}]}}],
          "tls": {}, "edge": {{"cache_hit_ratio": 1, "processing": "0ms"}},
          "tcp": {{"client_edge": {{"fast_open": {}}}}}}})",
                                     row.cookie ? R"({"cookie": "held"})" : "{}", row.tls, row.cookie));
        CHECK(event_ms(results.traces.at(0), "first_byte") == doctest::Approx(100 * row.round_trips));
        CHECK(all_requests(results).outcomes.begin()->first.cause == Cause::CacheHit);
    }
}
