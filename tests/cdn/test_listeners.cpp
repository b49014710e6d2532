// Further listeners of the edge, and what happens to Fast Open during a run.
#include "support/experiment.hpp"

#include <doctest/doctest.h>

using namespace firstbyte;
using namespace firstbyte::test;

namespace {

const std::string request = R"({ "request": "400B", "response": "500B" })";
const std::string held = R"(, "tfo": { "cookie": "held" })";

std::string to(const std::string& listener, const std::string& start) {
    return entry(request, R"(, "listener": ")" + listener + "\"", start);
}

/// Connections one after the other, each with the cookie that the one before left.
std::string in_a_row(int count) {
    std::string script = entry(request);
    for (int n = 1; n < count; ++n) script += ", " + entry(request, "", R"("after": "100ms")");
    return script;
}

} // namespace

TEST_CASE("listeners: nobody listens, and a cookie of the address is kept (closed_port)") {
    const Experiment experiment{to("closed", R"("at": "0s")") + ", " + entry(request, "", R"("after": "100ms")"),
                                R"({ "fast_open": true, "listeners": [ { "id": "closed", "listen": false } ] })", "",
                                held};
    const std::vector<TraceConnection> traces = experiment.traces();
    REQUIRE(traces.size() == 2);
    CHECK(traces[0].error == "ECONNREFUSED");
    CHECK(event_ms(traces[0], "closed") == doctest::Approx(100));
    CHECK(traces[0].packets.at(0).length == 400);
    CHECK(traces[1].counters_client.active == 1);
    CHECK(event_ms(traces[1], "first_byte") == doctest::Approx(100));
}

TEST_CASE(
    "listeners: one without Fast Open ignores a good cookie, beside one that takes it (rej_listener_without_tfo)") {
    const Experiment experiment{to("plain", R"("at": "0s")") + ", " + to("plain", R"("after": "100ms")") + ", " +
                                    entry(request, "", R"("after": "100ms")"),
                                R"({ "fast_open": true, "listeners": [ { "id": "plain" } ] })", "", held};
    const std::vector<TraceConnection> traces = experiment.traces();
    REQUIRE(traces.size() == 3);
    for (const std::size_t n : {0u, 1u}) {
        CAPTURE(n);
        CHECK(event_ms(traces[n], "first_byte") == doctest::Approx(200));
        CHECK(traces[n].counters_client.active_fail == 1);
        CHECK(traces[n].counters_server == FastOpenCounters{});
    }
    CHECK(traces[2].counters_client.active == 1);
    CHECK(event_ms(traces[2], "first_byte") == doctest::Approx(100));
}

TEST_CASE("listeners: each has an accept queue of its own (accept_queue_overflow)") {
    std::string script;
    for (int n = 0; n < 5; ++n)
        script += fmt::format(R"({{ "at": "{}ms", "steps": [ {{ "unread": "8s" }} ], "listener": "full" }}, )", 50 * n);
    script += entry(request, "", R"("at": "300ms")");
    const Experiment experiment{
        script,
        R"({ "client": { "syn_retries": 2 }, "listeners": [ { "id": "full", "accept": false, "backlog": 1 } ] })"};
    const std::vector<TraceConnection> traces = experiment.traces();
    REQUIRE(traces.size() == 6);
    for (std::size_t n = 0; n < 5; ++n) { // a queue of 1 holds two, and a third believes that it is connected
        CAPTURE(n);
        CHECK(has_event(traces[n], "connected") == (n < 3));
        CHECK(traces[n].error == (n < 3 ? "" : "ETIMEDOUT"));
        CHECK(event_ms(traces[n], "closed") == doctest::Approx(n < 3 ? 8'100 : 7'000));
    }
    CHECK(event_ms(traces[5], "first_byte") == doctest::Approx(200));
}

TEST_CASE("listeners: `accept: false` of the leg is about its own listener") {
    const Experiment experiment{entry(request, R"(, "read_deadline": "2s")") + ", " + to("open", R"("at": "0s")"),
                                R"({ "accept": false, "listeners": [ { "id": "open" } ] })"};
    const std::vector<TraceConnection> traces = experiment.traces();
    REQUIRE(traces.size() == 2);
    CHECK(traces[0].error == "EAGAIN");
    CHECK(traces[1].error == "");
    CHECK(has_event(traces[1], "last_byte"));
}

TEST_CASE("changes: a key replaced before the first SYN (rej_wrong_cookie)") {
    const Experiment experiment{in_a_row(2), R"({ "fast_open": true })",
                                R"({ "at": "0s", "do": "rotate_tfo_key", "keep_old": false })", held};
    const std::vector<TraceConnection> traces = experiment.traces();
    REQUIRE(traces.size() == 2);
    CHECK(traces[0].counters_client.active_fail == 1);
    CHECK(traces[0].counters_server.passive_fail == 1);
    CHECK(event_ms(traces[0], "first_byte") == doctest::Approx(200));
    CHECK(traces[1].counters_client.active == 1);
    CHECK(traces[1].counters_server.passive == 1);
}

TEST_CASE("changes: keys that rotate and keep the one before (key_backup_rotation)") {
    const std::string events = R"({ "at": "0s", "do": "rotate_tfo_key", "keep_old": true, "pop": "p" },
                                  { "at": "500ms", "do": "rotate_tfo_key", "keep_old": true })";
    const std::vector<TraceConnection> traces =
        Experiment{in_a_row(4), R"({ "fast_open": true })", events, held}.traces();
    REQUIRE(traces.size() == 4); // at 0, 200, 400 and 600 ms
    const std::uint64_t alternative[] = {1, 0, 0, 1};
    for (std::size_t n = 0; n < 4; ++n) {
        CAPTURE(n);
        CHECK(traces[n].counters_server.passive == 1);
        CHECK(traces[n].counters_server.passive_alt_key == alternative[n]);
        CHECK(event_ms(traces[n], "first_byte") == doctest::Approx(100));
    }
}

TEST_CASE("changes: a key that was in use before comes back under its name (RFC 7413 section 4.1.2)") {
    const std::string there = R"({ "at": "150ms", "do": "rotate_tfo_key", "tfo_key": "b" }, )";
    // The second connection's cookie is refused, and costs it a round trip; it is given one of key b.
    SUBCASE("alone: the cookie of key b is refused in turn, and the one it is given is of the first key") {
        const std::string back = R"({ "at": "350ms", "do": "rotate_tfo_key", "tfo_key": "shared" })";
        const std::vector<TraceConnection> traces =
            Experiment{in_a_row(4), R"({ "fast_open": true })", there + back, held}.traces();
        REQUIRE(traces.size() == 4);
        const std::uint64_t accepted[] = {1, 0, 0, 1};
        for (std::size_t n = 0; n < 4; ++n) {
            CAPTURE(n);
            CHECK(traces[n].counters_server.passive == accepted[n]);
            CHECK(traces[n].counters_server.passive_fail == 1 - accepted[n]);
        }
        CHECK(traces[3].packets.at(0).cookie == traces[0].packets.at(0).cookie);
        CHECK(traces[2].packets.at(0).cookie != traces[0].packets.at(0).cookie);
    }
    SUBCASE("with key b beside it: the cookie of key b is good") {
        const std::string back = R"({ "at": "350ms", "do": "rotate_tfo_key", "tfo_key": "shared", "old_tfo_key": "b" })";
        const std::vector<TraceConnection> traces =
            Experiment{in_a_row(4), R"({ "fast_open": true })", there + back, held}.traces();
        REQUIRE(traces.size() == 4);
        const std::uint64_t accepted[] = {1, 0, 1, 1}, alternative[] = {0, 0, 1, 0};
        for (std::size_t n = 0; n < 4; ++n) {
            CAPTURE(n);
            CHECK(traces[n].counters_server.passive == accepted[n]);
            CHECK(traces[n].counters_server.passive_alt_key == alternative[n]);
        }
    }
}

TEST_CASE("changes: Fast Open switched at either end, and back when the change is over") {
    const auto change = [](const std::string& path, const std::string& at, const std::string& lasting) {
        return fmt::format(R"({{ "at": "{}", "do": "set", "path": "{}", "value": false, "for": "{}" }})", at, path,
                           lasting);
    };
    SUBCASE("the client's end") {
        const std::vector<TraceConnection> traces =
            Experiment{in_a_row(3), R"({ "fast_open": true })",
                       change("tcp.client_edge.client.fast_open.enabled", "150ms", "300ms"), held}
                .traces();
        REQUIRE(traces.size() == 3); // at 0, 200 and 500 ms
        const std::uint32_t payload[] = {400, 0, 400};
        for (std::size_t n = 0; n < 3; ++n) CHECK(traces[n].packets.at(0).length == payload[n]);
        CHECK(traces[1].packets.at(0).tfo == TracePacket::Tfo::None);
    }
    SUBCASE("the server's end") {
        const std::vector<TraceConnection> traces =
            Experiment{in_a_row(3), R"({ "fast_open": true })",
                       change("tcp.client_edge.server.fast_open.enabled", "150ms", "300ms"), held}
                .traces();
        REQUIRE(traces.size() == 3);
        const std::uint64_t accepted[] = {1, 0, 1};
        for (std::size_t n = 0; n < 3; ++n) {
            CHECK(traces[n].packets.at(0).length == 400);
            CHECK(traces[n].counters_server.passive == accepted[n]);
        }
    }
    SUBCASE("both, from the start") {
        const std::vector<TraceConnection> traces =
            Experiment{in_a_row(1), R"({ "fast_open": true })",
                       change("tcp.client_edge.fast_open.enabled", "0s", "60s"), held}
                .traces();
        CHECK(traces.at(0).packets.at(0).length == 0);
    }
}

TEST_CASE("changes: path rules end") {
    const std::string rules =
        R"(, "tfo": { "cookie": "held" }, "path_rules": [ { "dir": "up", "match": "syn_data", "do": "drop" } ])";
    const std::vector<TraceConnection> traces =
        Experiment{in_a_row(3), R"({ "fast_open": true })",
                   R"({ "at": "1.5s", "do": "clear_path_rules", "clients": "c" })", rules}
            .traces();
    REQUIRE(traces.size() == 3); // at 0, 1300 and 2600 ms
    const double first_byte_ms[] = {1'200, 1'200, 100};
    for (std::size_t n = 0; n < 3; ++n) CHECK(event_ms(traces[n], "first_byte") == doctest::Approx(first_byte_ms[n]));
}
