// Every timer of the edge: it fires at its exact time with its consequence, and is stopped by what comes 1 ns earlier.
// The other way round, what comes 1 ns later finds it fired.
#include "support/simulation.hpp"

#include <doctest/doctest.h>
#include <fmt/format.h>

#include <string>
#include <vector>

using namespace firstbyte;
using namespace firstbyte::test;

namespace {

/// Client 20 ms, origin 80 ms, no TLS; `steps` of one connection.
std::string scenario(const std::string& steps, const std::string& events = "", const std::string& more = "",
                     const std::string& entry = "", const std::string& edge = "") {
    return fmt::format(R"({{
      "format": 1, "name": "timers", "run": {{"duration": "2000s", "replications": 1}}, "pops": [{{"id": "p"}}],
      "origins": [{{"id": "o", "rtt_to": {{"p": "80ms"}}, "service_time": "50ms", "preset": "go"}}],
      "clients": [{{"id": "c", "population": 1, "rtt_to": {{"p": "20ms"}}{},
        "script": [{{"at": "0s", "steps": [{}]{}}}]}}],
      "tls": "none", "edge": {{"cache_hit_ratio": 0, "processing": "0ms"{}}}, "events": [{}]}})",
                       more, steps, entry, edge, events);
}

constexpr const char* get = R"({"request": "400B", "response": "2000B"})";

OutcomeKey only_outcome(const Results& results) {
    const RequestResults all = all_requests(results);
    REQUIRE(all.outcomes.size() == 1);
    return all.outcomes.begin()->first;
}

/// Outcomes as "cause count", sorted.
std::vector<std::string> outcomes(const Results& results) {
    std::vector<std::string> out;
    for (const auto& [key, count] : all_requests(results).outcomes)
        out.push_back(fmt::format("{} {}", name_of(key.cause), count));
    return out;
}

const OriginResults& origin(const Results& results) { return results.replications.at(0).origins.at(0); }

/// When a client sees the last packet that matches, in ms since its connection's start; -1: never.
double last_packet_ms(const TraceConnection& trace, bool up, std::uint8_t flags) {
    double at = -1;
    for (const TracePacket& packet : trace.packets)
        if (packet.up == up && (packet.flags & flags) == flags) at = to_ms(packet.at - trace.start);
    return at;
}

constexpr std::uint8_t fin = 1, rst = 4;

} // namespace

TEST_CASE("timer connect: a SYN-ACK 1 ns before the second schedule ends is a late 200, 1 ns after it a 522") {
    // Attempts begin at 30 ms and at 19.030 s at the edge, the last SYN leaves at 30.030 s: an origin that lets SYNs in
    // from then on answers it. After that no SYN comes: 522 at 38.030 s.
    const auto dark = [](const char* length) {
        return fmt::format(R"({{"at": "0s", "do": "origin_down", "origin": "o", "mode": "drop_syn", "for": "{}"}})",
                           length);
    };
    // It arrives 40 ms later: 19 + 11 s after the first SYN.
    const Results in_time = run_scenario(scenario(get, dark("30069999999ns")));
    CHECK(only_outcome(in_time).cause == Cause::OriginReplied);
    CHECK(event_ms(in_time.traces.at(0), "first_byte") == doctest::Approx(30 + 30'000 + 80 + 80 + 50 + 10));
    const Results late = run_scenario(scenario(get, dark("30070000001ns")));
    CHECK(only_outcome(late).cause == Cause::ConnectTimeout);
    CHECK(event_ms(late.traces.at(0), "first_byte") == doctest::Approx(30 + 38'000 + 10));
}

TEST_CASE("timer read: the response 1 ns before it is a 200, 1 ns after it a 524") {
    // The timer runs from 110 ms, when the request is queued; a response made after S is at the edge at 190 ms + S.
    for (const auto& [service, cause] :
         {std::pair{"124919999999ns", Cause::OriginReplied}, {"124920000001ns", Cause::ReadTimeout}}) {
        const Results results = run_scenario(scenario(get), {{"origins.o.service_time", service}});
        CHECK(std::string(name_of(only_outcome(results).cause)) == name_of(cause));
    }
}

TEST_CASE("timer read: any byte restarts it, a keepalive probe does not; slack makes it late") {
    const Override slow{"origins.o.service_time", "600s"};
    const Results beating = run_scenario(scenario(get), {slow, {"origins.o.heartbeat", R"({"interval": "124s"})"}});
    CHECK(only_outcome(beating).cause == Cause::OriginReplied);
    CHECK(event_ms(beating.traces.at(0), "last_byte") == doctest::Approx(200 + 600'000));
    const Results too_slow = run_scenario(scenario(get), {slow, {"origins.o.heartbeat", R"({"interval": "126s"})"}});
    CHECK(only_outcome(too_slow).cause == Cause::ReadTimeout);
    const Results silent = run_scenario(scenario(get), {slow});
    CHECK(origin(silent).probes_answered == 125 / 30); // at 30, 60, 90, 120 s
    const Results slack = run_scenario(scenario(get), {slow, {"edge.timeouts.read_slack", "1s"}});
    const double at = event_ms(slack.traces.at(0), "first_byte");
    CHECK(at > 30 + 80 + 125'000 + 10);
    CHECK(at < 30 + 80 + 126'000 + 10);
}

TEST_CASE("timer read and timer ack: the smaller expiry wins") {
    const std::string no_ack = R"({"at": "0s", "do": "origin_down", "origin": "o", "mode": "no_ack"})";
    for (const auto& [read, cause] : {std::pair{"90s", Cause::AckTimeout}, {"89999999999ns", Cause::ReadTimeout}}) {
        const Results results = run_scenario(scenario(get, no_ack), {{"edge.timeouts.read", read}});
        CHECK(std::string(name_of(only_outcome(results).cause)) == name_of(cause));
    }
}

TEST_CASE("timer ack: an ACK 1 ns before it goes on, without one it is 522 after 90 s") {
    // The origin takes packets again in time for the retransmission that leaves last before 90 s, or does not.
    const auto deaf = [](const char* length) {
        return fmt::format(R"({{"at": "0s", "do": "origin_down", "origin": "o", "mode": "no_ack", "for": "{}"}})",
                           length);
    };
    const Results back = run_scenario(scenario(get, deaf("40s")));
    CHECK(only_outcome(back).cause == Cause::OriginReplied);
    const Results gone = run_scenario(scenario(get, deaf("100s")));
    CHECK(only_outcome(gone).cause == Cause::AckTimeout);
    CHECK(event_ms(gone.traces.at(0), "first_byte") == doctest::Approx(30 + 80 + 90'000 + 10));
}

TEST_CASE("timer write: 30 s without a byte of the request going in") {
    const std::string deaf = R"({"at": "0s", "do": "origin_down", "origin": "o", "mode": "slow_read"})";
    const std::string upload = R"({"request": "3MB", "response": "2000B"})";
    const Results stuck = run_scenario(scenario(upload, deaf));
    CHECK(only_outcome(stuck).cause == Cause::WriteTimeout);
    const double at = event_ms(stuck.traces.at(0), "first_byte");
    // The same with another limit is later by the difference: the timer runs from the last byte that went in.
    const Results longer = run_scenario(scenario(upload, deaf), {{"edge.timeouts.write", "40s"}});
    CHECK(event_ms(longer.traces.at(0), "first_byte") - at == doctest::Approx(10'000));
    // What fits the send buffer is queued at once: the read timer's case.
    const Results fits = run_scenario(scenario(get, deaf));
    CHECK(only_outcome(fits).cause == Cause::ReadTimeout);
    CHECK(event_ms(fits.traces.at(0), "first_byte") == doctest::Approx(30 + 80 + 125'000 + 10));
    const Results read = run_scenario(scenario(upload));
    CHECK(only_outcome(read).cause == Cause::OriginReplied);
}

TEST_CASE("timer tls: a handshake that is done 1 ns before 10 s") {
    // One loss-free way of delaying a handshake by a chosen time: the origin hangs, so the timer fires; with a longer
    // one it is later.
    const std::string hang = R"({"at": "0s", "do": "origin_down", "origin": "o", "mode": "tls_hang"})";
    const Results ten = run_scenario(scenario(get, hang), {{"tls", "1.3"}});
    CHECK(only_outcome(ten).cause == Cause::TlsHandshake);
    CHECK(event_ms(ten.traces.at(0), "first_byte") == doctest::Approx(40 + 10 + 80 + 10'000 + 10));
    // The server's flight is back 80 ms after the ClientHello.
    for (const auto& [limit, cause] :
         {std::pair{"79999999ns", Cause::TlsHandshake}, {"80000001ns", Cause::OriginReplied}}) {
        const Results results = run_scenario(scenario(get), {{"tls", "1.3"}, {"edge.timeouts.tls", limit}});
        CHECK(std::string(name_of(only_outcome(results).cause)) == name_of(cause));
    }
}

TEST_CASE("timer pool: a connection idle for 900 s is closed first, and used 1 ns before") {
    // The first response is complete at the edge at 240 ms; the second request is there 20 ms + the pause later than
    // the answer left.
    const auto two = [](const char* pause) { return fmt::format(R"({}, {{"idle": "{}"}}, {})", get, pause, get); };
    const std::vector<Override> stay{{"tcp.client_edge.idle_timeout", "2000s"}, {"tcp.client_edge.keepalive", "false"}};
    const Results used = run_scenario(scenario(two("899979999999ns")), stay);
    CHECK(outcomes(used) == std::vector<std::string>{"origin_status 2"});
    CHECK(origin(used).connections == 1);
    CHECK(origin(used).reused == 1);
    CHECK(origin(used).idle_at_reuse.max() >= 899'000'000'000);
    const Results closed = run_scenario(scenario(two("899980000001ns")), stay);
    CHECK(outcomes(closed) == std::vector<std::string>{"origin_status 2"});
    CHECK(origin(closed).connections == 2);
    CHECK(origin(closed).reused == 0);
}

TEST_CASE("timer client idle: FIN at 400 s after the response was queued; a request 1 ns earlier is served") {
    const auto two = [](const char* pause) { return fmt::format(R"({}, {{"idle": "{}"}}, {})", get, pause, get); };
    const Override cached{"edge.cache_hit_ratio", "1"};
    // The answer leaves at 30 ms, is complete at 40 ms; the next request arrives 10 ms after it is sent: 20 ms of the
    // pause.
    const Results served = run_scenario(scenario(two("399979999999ns")), {cached});
    CHECK(outcomes(served) == std::vector<std::string>{"cache_hit 2"});
    const Results late = run_scenario(scenario(two("399980000001ns")), {cached});
    CHECK(outcomes(late) ==
          std::vector<std::string>{"cache_hit 1", "eof 1"}); // the FIN is under way, the RST for the request behind it
    const Results silent = run_scenario(scenario(get, "", "", R"(, "hold": "1000s")"), {cached});
    CHECK(last_packet_ms(silent.traces.at(0), false, fin) == doctest::Approx(30 + 400'000));
}

TEST_CASE(
    "idle action probe: an idle client is kept as long as it answers, and reset after nine probes when it does not") {
    const std::string hold = R"(, "hold": "1500s")";
    const std::string dead = R"(, "path_rules": [{"dir": "up", "between": ["1s", "3000s"], "do": "drop"}])";
    const Override cached{"edge.cache_hit_ratio", "1"};
    struct Case {
        const char* profile;
        double reset; ///< in ms since the client was heard last, at the edge
    };
    // Idle 300 s or 400 s, then nine probes 75 s apart, reset one interval after the last.
    for (const Case& c : {Case{"cloudflare-2024", 975'000}, Case{"cloudflare", 1'075'000}}) {
        CAPTURE(std::string(c.profile));
        const double reset = c.reset;
        const std::vector<Override> overrides{cached, {"edge.profile", c.profile}, {"edge.idle_action", "probe"}};
        const Results alive = run_scenario(scenario(get, "", "", hold), overrides);
        CHECK(last_packet_ms(alive.traces.at(0), false, rst) == -1);
        CHECK(alive.replications.at(0).connections.at(0).probes_answered > 0);
        const Results gone = run_scenario(scenario(get, "", dead, hold), overrides);
        // Heard last: the ACK of the response, at 50 ms.
        CHECK(last_packet_ms(gone.traces.at(0), false, rst) == doctest::Approx(50 + reset));
        CHECK(gone.replications.at(0).connections.at(0).probes_unanswered == 9);
        CHECK(gone.replications.at(0).connections.at(0).dead_after.max() == doctest::Approx(reset * 1e6).epsilon(1e-3));
    }
}

TEST_CASE("guard of incomplete requests: 408 after 60 s, and the connection closes") {
    const std::string partial = R"({"request": "5KB", "response": "2000B", "sends": "1KB"})";
    const Results results = run_scenario(scenario(partial, "", "", R"(, "hold": "100s")"));
    CHECK(only_outcome(results).cause == Cause::RequestTimeout);
    CHECK(status_of(only_outcome(results)) == 408);
    CHECK(event_ms(results.traces.at(0), "first_byte") == doctest::Approx(30 + 60'000 + 10));
    CHECK(last_packet_ms(results.traces.at(0), false, fin) == doctest::Approx(30 + 60'000));
    const Results other = run_scenario(scenario(partial), {{"edge.timeouts.request", "5s"}});
    CHECK(event_ms(other.traces.at(0), "first_byte") == doctest::Approx(30 + 5'000 + 10));
}

TEST_CASE("the stale reuse race: its gap is exactly one round trip wide (semantics 5.3)") {
    // K = 5 s counted from the origin's last byte at 200 ms; the response is at the edge at 240 ms. A request that
    // leaves x after that meets a closed socket for K - 80 ms < x < K; from x = K on the edge has the FIN.
    const auto two = [](const std::string& pause) {
        return fmt::format(R"({}, {{"idle": "{}"}}, {})", get, pause, get);
    };
    struct Case {
        const char* pause; ///< x - 20 ms: the answer's way to the client and the request's back
        const char* method;
        std::vector<std::string> outcomes;
        std::uint64_t retries, connections;
    };
    const Case cases[] = {
        {"4899999999ns", "GET", {"origin_status 2"}, 0, 1}, // x = K - Ro - 1 ns: in time
        {"4900000001ns", "GET", {"origin_status 2"}, 1, 2}, // in the gap: repeated
        {"4979999999ns", "GET", {"origin_status 2"}, 1, 2}, // x = K - 1 ns: still in the gap
        {"4980000001ns", "GET", {"origin_status 2"}, 0, 2}, // the edge knows
        {"4899999999ns", "POST", {"origin_status 2"}, 0, 1},
        {"4900000001ns", "POST", {"origin_status 1", "stale_reuse 1"}, 0, 1},
        {"4979999999ns", "POST", {"origin_status 1", "stale_reuse 1"}, 0, 1},
        {"4980000001ns", "POST", {"origin_status 2"}, 0, 2},
    };
    for (const Case& c : cases) {
        CAPTURE(std::string(c.pause));
        CAPTURE(std::string(c.method));
        const Results results =
            run_scenario(scenario(two(c.pause)),
                         {{"origins.o.idle_timeout", "5s"},
                          {"workload.objects", fmt::format(R"([{{"id": "x", "method": "{}"}}])", c.method)}});
        CHECK(outcomes(results) == c.outcomes);
        CHECK(origin(results).retries == c.retries);
        CHECK(origin(results).connections == c.connections);
    }
}

TEST_CASE("retry rules: the method, the buffer and the setting decide about a repetition") {
    const std::string two =
        fmt::format(R"({}, {{"idle": "4870ms"}}, {{"request": "100KB", "response": "2000B"}})", get);
    const auto retries = [&](const char* method, std::vector<Override> overrides) {
        overrides.push_back({"origins.o.idle_timeout", "5s"});
        overrides.push_back({"workload.objects", fmt::format(R"([{{"id": "x", "method": "{}"}}])", method)});
        return origin(run_scenario(scenario(two), overrides)).retries;
    };
    CHECK(retries("GET", {}) == 1);
    CHECK(retries("PUT", {}) == 0); // idempotent, but its body does not fit 64 KiB
    CHECK(retries("PUT", {{"edge.retry.buffer", "200KB"}}) == 1);
    CHECK(retries("POST", {{"edge.retry.buffer", "200KB"}}) == 0);
    CHECK(retries("POST", {{"edge.retry.buffer", "200KB"}, {"edge.retry.reused_reset", "any"}}) == 1);
    CHECK(retries("GET", {{"edge.retry.reused_reset", "never"}}) == 0);
}
