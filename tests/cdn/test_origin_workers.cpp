// Origins: what keeps workers busy, what a balancer before them does, and what comes back when a failure ends.
#include "support/simulation.hpp"

#include <doctest/doctest.h>
#include <fmt/format.h>

#include <string>
#include <vector>

using namespace firstbyte;
using namespace firstbyte::test;
using namespace std::chrono_literals;

namespace {

/// Client 20 ms, origin 80 ms away, no TLS: a first request is at the origin at 110 ms when it needs no new connection
/// towards the origin, and at 190 ms when it does.
std::string world(const std::string& origin_keys, const std::string& script, const std::string& events = "",
                  const std::string& edge = "", int population = 1) {
    return fmt::format(R"({{
      "format": 1, "name": "origin", "run": {{"duration": "1000s", "replications": 1}}, "pops": [{{"id": "p"}}],
      "origins": [{{"id": "o", "rtt_to": {{"p": "80ms"}}, {}}}],
      "clients": [{{"id": "c", "population": {}, "rtt_to": {{"p": "20ms"}}, "script": [{}]}}],
      "tls": "none", "edge": {{"cache_hit_ratio": 0, "processing": "0ms"{}}}, "events": [{}]}})",
                       origin_keys, population, script, edge, events);
}

std::string at(const std::string& when, const std::string& size = "2000B") {
    return fmt::format(R"({{"at": "{}", "steps": [{{"request": "400B", "response": "{}"}}]}})", when, size);
}

std::string down(const std::string& mode, const std::string& when, const std::string& length) {
    return fmt::format(R"({{"at": "{}", "do": "origin_down", "origin": "o", "mode": "{}", "for": "{}"}})", when, mode,
                       length);
}

std::vector<std::string> outcomes(const Results& results) {
    std::vector<std::string> out;
    for (const auto& [key, count] : all_requests(results).outcomes)
        out.push_back(fmt::format("{} {} {}", name_of(key.cause), status_of(key), count));
    return out;
}

const OriginResults& origin(const Results& results) { return results.replications.at(0).origins.at(0); }

using Lines = std::vector<std::string>;

} // namespace

TEST_CASE("workers that keep connections: a pooled connection holds its worker until the idle timeout frees it") {
    // Two clients at once, one worker: the second connection waits in the accept queue, behind an idle one.
    const auto keys = [](const char* holds) {
        return fmt::format(R"("service_time": "50ms", "idle_timeout": "5s", "workers": 1, "worker_holds": "{}")",
                           holds);
    };
    const Results prefork = run_scenario(world(keys("connection"), at("0s"), "", "", 2));
    CHECK(outcomes(prefork) == Lines{"origin_status 200 2"});
    std::vector<double> first;
    for (const TraceConnection& trace : prefork.traces) first.push_back(event_ms(trace, "first_byte"));
    CHECK(first.at(0) == doctest::Approx(20 + 10 + 80 + 80 + 50 + 10));
    // The response is made at 200 ms (30 + 80 + 40 + 50); 5 s later the connection closes, and its worker takes the
    // other one, whose request has waited in the receive buffer: 50 ms of service, 40 + 10 ms back.
    CHECK(first.at(1) == doctest::Approx(200 + 5000 + 50 + 50));
    // It stood in the accept queue from the ACK of the handshake on, which came with the request at 150 ms.
    CHECK(static_cast<double>(origin(prefork).wait.max()) == doctest::Approx((5200 - 150) * 1e6).epsilon(0.01));
    const Results event_driven = run_scenario(world(keys("request"), at("0s"), "", "", 2));
    CHECK(event_ms(event_driven.traces.at(1), "first_byte") ==
          doctest::Approx(250 + 50)); // behind the first request only
}

TEST_CASE("workers that keep connections: what does not fit the accept queue gets no SYN-ACK") {
    // Backlog 0 holds one connection (Linux: a queue of n holds n + 1). The third one's SYNs are dropped: 522.
    const std::string keys =
        R"("service_time": "200s", "workers": 1, "worker_holds": "connection", "accept_queue": 0, "preset": "go")";
    const Results results = run_scenario(world(keys, at("0s") + "," + at("1s") + "," + at("2s")));
    CHECK(outcomes(results) == Lines{"connect_timeout 522 1", "read_timeout 524 2"});
    CHECK(event_ms(results.traces.at(2), "first_byte") == doctest::Approx(30 + 38'000 + 10));
    // The worker is the first one's until the edge resets it, at its read timeout; then it begins with the second.
    CHECK(origin(results).executions == 2);
    CHECK(origin(results).rejected == 0);
}

TEST_CASE("workers that keep connections: a restart resets what waits, and the next connection is served") {
    const std::string keys =
        R"("service_time": "50s", "workers": 1, "worker_holds": "connection", "idle_timeout": "1s")";
    const std::string restart = R"({"at": "10s", "do": "origin_restart", "origin": "o"})";
    const Results results = run_scenario(world(keys, at("0s") + "," + at("20s"), restart, "", 2));
    CHECK(outcomes(results) == Lines{"origin_status 200 2", "reset 520 2"});
}

TEST_CASE("balancer: its own race with its servers, 1 ns before and after both ends of the gap") {
    // Servers close after 5 s, 10 ms away: a request that comes to the balancer within the last 10 ms of the 5 s since
    // the last response was there meets the close (semantics 5.3 with K = 5 s, Ro = 10 ms). The edge's own pool stays.
    const std::string keys =
        R"("service_time": "50ms", "preset": "alb", "behind_balancer": {"target_idle_timeout": "5s", "target_rtt": "10ms"})";
    // The first request takes 190 ms to the balancer, 10 + 5 ms to a server, and its response is back 50 + 5 ms later,
    // at 220 ms. A request of a client's new connection at t is at the balancer at t + 70 ms.
    struct Row {
        const char* second;
        Lines expected;
        double first_byte;
    };
    const double back = 40 + 10;
    const Row rows[] = {
        {"5139999999ns", {"origin_status 200 2"}, 70 + 60 + back}, // used again: 10 ms and the service
        {"5140000001ns", {"origin_status 200 1", "origin_5xx 502 1"}, 70 + 10 + back}, // an RST a round trip later
        {"5149999999ns", {"origin_status 200 1", "origin_5xx 502 1"}, 70 + 10 + back},
        {"5150000001ns", {"origin_status 200 2"}, 70 + 70 + back}, // the FIN is here: a new connection
    };
    for (const Row& row : rows) {
        CAPTURE(std::string(row.second));
        const Results results = run_scenario(world(keys, at("0s") + "," + at(row.second)));
        CHECK(event_ms(results.traces.at(0), "first_byte") == doctest::Approx(150 + 15 + 55 + back));
        CHECK(outcomes(results) == row.expected);
        CHECK(event_ms(results.traces.at(1), "first_byte") == doctest::Approx(row.first_byte));
        CHECK(origin(results).executions == (row.expected.size() == 1 ? 2 : 1));
    }
}

TEST_CASE("when a failure ends: workers that hung serve what waits, and what lay unread is read") {
    const std::string one = R"("service_time": "50ms", "workers": 1, "preset": "go")";
    // The first request hangs in the only worker from 150 ms on. At 10 s the worker is back: the second one, which has
    // waited, is begun with at that moment. The first stays lost: 524.
    const Results hung = run_scenario(world(one, at("0s") + "," + at("1s"), down("silent", "0s", "10s")));
    CHECK(outcomes(hung) == Lines{"origin_status 200 1", "read_timeout 524 1"});
    CHECK(event_ms(hung.traces.at(1), "first_byte") == doctest::Approx(9000 + 50 + 50));
    // An application that reads on finds the request in its receive buffer.
    const Results unread = run_scenario(world(one, at("0s"), down("slow_read", "0s", "10s")));
    CHECK(outcomes(unread) == Lines{"origin_status 200 1"});
    CHECK(event_ms(unread.traces.at(0), "first_byte") == doctest::Approx(10'000 + 50 + 50));
    // A process that is gone takes its workers along: the next one begins at once.
    const std::string slow = R"("service_time": "30s", "workers": 1, "preset": "go")";
    const Results gone = run_scenario(world(slow, at("0s") + "," + at("5s"), down("refuse", "1s", "1s")));
    CHECK(outcomes(gone) == Lines{"origin_status 200 1", "reset 520 1"});
    CHECK(event_ms(gone.traces.at(1), "first_byte") == doctest::Approx(20 + 10 + 80 + 80 + 30'000 + 10));
}

TEST_CASE("heartbeats leave at each interval from the start of service, behind a proxy that buffers they do not") {
    const std::string keys = R"("service_time": "50s", "preset": "go", "header": "300B",
                                "heartbeat": {"interval": "15s", "bytes": "2B"})";
    const auto arrivals = [](const Results& results) {
        Lines lines;
        for (const TracePacket& packet : results.traces.at(0).packets)
            if (!packet.up && packet.length != 0)
                lines.push_back(fmt::format("{} ms {} B", to_ms(packet.arrives - Instant{}), packet.length));
        return lines;
    };
    // Service begins at 150 ms. The response has 1,000 bytes and three heartbeats; header and first heartbeat go first.
    const Results beating = run_scenario(world(keys, at("0s", "1000B")));
    CHECK(arrivals(beating) == Lines{"15200 ms 302 B", "30200 ms 2 B", "45200 ms 2 B", "50200 ms 700 B"});
    const Results buffered = run_scenario(world(keys + R"(, "buffering": true)", at("0s", "1000B")));
    CHECK(arrivals(buffered) == Lines{"50200 ms 1006 B"});
}

TEST_CASE("the way to an origin: its rate, and jitter that keeps or changes the order") {
    // 1,000,000 bytes at 8 Mbit/s take 1 s without headers; the client's own link is unlimited.
    const std::string keys = R"("service_time": "0ms", "preset": "go")";
    const auto last = [&](const std::string& more) {
        return event_ms(run_scenario(world(keys + more, at("0s", "1000000B"))).traces.at(0), "last_byte");
    };
    const double unlimited = last("");
    CHECK(unlimited < 700); // seven rounds of 80 ms at most
    const double narrow = last(R"(, "rate_down": "8Mbps")");
    CHECK(narrow > 1000 + 200);
    CHECK(narrow < 1000 * 1.06 + 400);                       // headers are 4 % of a full packet
    CHECK(last(R"(, "rate_up": "8Mbps")") < unlimited + 60); // requests and ACKs only
    const double late = last(R"(, "jitter": {"dist": "uniform", "min": "0ms", "max": "5ms"})");
    CHECK(late > unlimited);
    CHECK(late < unlimited + 100);
    CHECK(last(R"(, "jitter": {"dist": "uniform", "min": "0ms", "max": "5ms"}, "reorder": true)") > unlimited);
}
