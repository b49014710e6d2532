// What a scripted client does at an end of file, at an error, and in each kind of step: as the program did whose
// packets the Linux records hold (timelines.json; the record is named in each row).
#include "support/experiment.hpp"

#include <doctest/doctest.h>

using namespace firstbyte;
using namespace firstbyte::test;

namespace {

const std::string plain = R"({ "fast_open": false })";

TraceConnection one(const std::string& steps, const std::string& more = "", const std::string& client = "") {
    return Experiment{entry(steps, more), plain, "", client}.traces().at(0);
}

} // namespace

TEST_CASE("script: a client that reads ends at the end of file or at the error, at once") {
    struct Row {
        const char* name;
        std::string steps, more;
        bool first_byte, last_byte;
        double closed_ms;
        const char* error;
    };
    const Row rows[] = {
        {"close_server_first: the server closes behind its response",
         R"({ "request": "400B", "response": "5000B", "then": "close" })", R"(, "hold": "5s")", true, true, 200, ""},
        {"server_resets: instead of a response", R"({ "request": "400B", "respond": "none", "then": "reset" })", "",
         false, false, 200, "ECONNRESET"},
        {"server_resets: closes instead of a response", R"({ "request": "400B", "respond": "none", "then": "close" })",
         "", false, false, 200, ""},
        {"server_resets: data is read before the reset is found",
         R"({ "request": "400B", "response": "5000B", "then": "reset" })", R"(, "hold": "3s")", true, true, 200,
         "ECONNRESET"},
        {"response_cut_short: a reset in place of the rest",
         R"({ "request": "400B", "response": "2000B", "expect": "5000B", "then": "reset" })", "", true, false, 200,
         "ECONNRESET"},
        {"response_cut_short: a close in place of the rest",
         R"({ "request": "400B", "response": "2000B", "expect": "5000B", "then": "close" })", "", true, false, 200, ""},
        {"reuse_after_server_close: in a rest it does not look; the next request is sent, then the end of file is read",
         R"({ "request": "400B", "response": "500B", "then": "close" }, { "idle": "500ms" }, { "request": "400B", "response": "500B" })",
         "", true, true, 700, ""},
        {"an error in a rest is found by the next request",
         R"({ "request": "400B", "response": "500B", "then": "reset" }, { "idle": "1s" }, { "request": "400B", "response": "500B" })",
         "", true, true, 1200, "ECONNRESET"},
        {"an error in a rest is found when the connection is held",
         R"({ "request": "400B", "response": "500B", "then": "reset" }, { "idle": "1s" })", R"(, "hold": "1s")", true,
         true, 1200, "ECONNRESET"},
        {"a close finds no error", R"({ "request": "400B", "response": "500B", "then": "reset" }, { "idle": "1s" })",
         "", true, true, 1200, ""},
        {"nobody answers: the run goes on to the hold's end", R"({ "request": "400B", "response": "500B" })",
         R"(, "hold": "2s")", true, true, 2200, ""},
    };
    for (const Row& row : rows) {
        CAPTURE(std::string(row.name));
        const TraceConnection trace = one(row.steps, row.more);
        CHECK(has_event(trace, "first_byte") == row.first_byte);
        CHECK(has_event(trace, "last_byte") == row.last_byte);
        CHECK(event_ms(trace, "closed") == doctest::Approx(row.closed_ms));
        CHECK(trace.error == row.error);
        CHECK(std::count_if(trace.events.begin(), trace.events.end(),
                            [](const auto& e) { return e.first == "closed"; }) == 1);
    }
}

TEST_CASE("script: the next entry follows the end of one whose connection ended in a rest") {
    const std::string steps = R"({ "request": "400B", "response": "500B", "then": "reset" }, { "idle": "1s" })";
    const std::string request = R"({ "request": "400B", "response": "500B" })";
    const std::vector<TraceConnection> traces =
        Experiment{entry(steps) + ", " + entry(request, "", R"("after": "50ms")"), plain}.traces();
    REQUIRE(traces.size() == 2);
    CHECK(to_ms(traces[1].start - traces[0].start) == doctest::Approx(1250));
    CHECK(has_event(traces[1], "last_byte"));
}

TEST_CASE("script: requests on a connection that the server has closed (reuse_after_server_close)") {
    const TraceConnection trace = one(
        R"({ "request": "400B", "response": "500B", "then": "close" }, { "idle": "500ms" }, { "request": "400B", "response": "500B" })");
    const std::vector<std::string> up = packets_of(trace, true), down = packets_of(trace, false);
    CHECK(contains(up, "700 A 401 502 400"));
    CHECK(contains(up, "700 FA 801 502 0"));
    CHECK(down.back() == "750 R 502 0 0");
}

TEST_CASE("script: half_close sends FIN and reads on") {
    SUBCASE("behind a request") {
        const TraceConnection trace =
            one(R"({ "request": "400B", "response": "500B", "half_close": true })", R"(, "hold": "5s")");
        const std::vector<std::string> up = packets_of(trace, true);
        CHECK(contains(up, "100 A 1 1 400"));
        CHECK(contains(up, "100 FA 401 1 0"));
        CHECK(event_ms(trace, "last_byte") == doctest::Approx(200));
        CHECK(event_ms(trace, "closed") == doctest::Approx(200)); // the server closes behind its response
        CHECK(trace.error == "");
    }
    SUBCASE("behind a request in the SYN") {
        const Experiment fast{
            entry(R"({ "request": "400B", "response": "500B", "half_close": true })", R"(, "hold": "5s")"),
            R"({ "fast_open": true })", "", R"(, "tfo": { "cookie": "held" })"};
        const TraceConnection trace = fast.traces().at(0);
        const std::vector<std::string> up = packets_of(trace, true);
        CHECK(up.front() == "0 S 0 0 400");
        CHECK(std::count_if(up.begin(), up.end(),
                            [](const std::string& line) { return line.find(" FA 401 ") != std::string::npos; }) == 1);
        CHECK(event_ms(trace, "last_byte") == doctest::Approx(100));
    }
    SUBCASE("as a step of its own") {
        const TraceConnection trace =
            one(R"({ "request": "400B", "response": "500B" }, { "half_close": true })", R"(, "hold": "5s")");
        CHECK(contains(packets_of(trace, true), "200 FA 401 501 0"));
        CHECK(contains(packets_of(trace, false), "250 FA 501 402 0"));
        CHECK(event_ms(trace, "closed") == doctest::Approx(300)); // end of file
    }
    SUBCASE("without a hold the connection is closed at once") {
        const TraceConnection trace = one(R"({ "request": "400B", "response": "500B" }, { "half_close": true })");
        CHECK(event_ms(trace, "closed") == doctest::Approx(200));
        CHECK(contains(packets_of(trace, true), "200 FA 401 501 0"));
    }
    SUBCASE("and a rest behind it outlives TIME-WAIT") {
        const TraceConnection trace =
            one(R"({ "request": "400B", "response": "500B" }, { "half_close": true }, { "idle": "70s" })");
        CHECK(event_ms(trace, "closed") == doctest::Approx(70'200));
        CHECK(trace.error == "");
    }
}

TEST_CASE("script: abort sends RST and ends") {
    const TraceConnection trace =
        one(R"({ "request": "400B", "response": "500B" }, { "idle": "1s" }, { "abort": true })");
    const std::vector<std::string> up = packets_of(trace, true);
    CHECK(up.back().rfind("1200 R", 0) == 0);
    CHECK(event_ms(trace, "closed") == doctest::Approx(1200));
    CHECK(trace.error == "");
}

TEST_CASE("script: while data is left unread the window closes, and opens again behind it") {
    const TraceConnection trace =
        one(R"({ "request": "400B", "response": "10MB", "expect": "1000B" }, { "unread": "5s" })", R"(, "hold": "3s")");
    const auto closed = std::find_if(trace.packets.begin(), trace.packets.end(), [](const TracePacket& p) {
        return p.up && p.window_field == 0 && (p.flags & 4) == 0;
    });
    REQUIRE(closed != trace.packets.end());
    CHECK(closed->at < trace.start + std::chrono::milliseconds{5200});
    const auto opened =
        std::find_if(closed, trace.packets.end(), [](const TracePacket& p) { return p.up && p.window_field != 0; });
    REQUIRE(opened != trace.packets.end());
    CHECK(to_ms(opened->at - trace.start) == doctest::Approx(5200)); // first byte at 200 ms, then 5 s
    CHECK(event_ms(trace, "closed") == doctest::Approx(8200));
}

TEST_CASE("script: a client with a read deadline gives up with EAGAIN and closes (bh_ofo_fin)") {
    const std::string lost =
        R"(, "tfo": { "cookie": "held" }, "path_rules": [ { "dir": "down", "match": "data", "do": "drop" } ])";
    const Experiment experiment{
        entry(R"({ "request": "400B", "response": "5000B", "then": "close" })", R"(, "read_deadline": "1500ms")"),
        R"({ "fast_open": true })", "", lost};
    const TraceConnection trace = experiment.traces().at(0);
    CHECK(trace.error == "EAGAIN");
    CHECK_FALSE(has_event(trace, "first_byte"));
    CHECK(event_ms(trace, "closed") == doctest::Approx(1600)); // handshake 100 ms, then the wait; measured 1612
    CHECK(contains(packets_of(trace, true), "1600 FA 401 1 0"));
}

TEST_CASE("script: each read waits for the whole deadline again, and a complete response ends it") {
    const std::string steps = R"({ "request": "400B", "response": "500B", "think": "900ms" }, { "idle": "3s" },
                                 { "request": "400B", "response": "500B", "think": "900ms" })";
    const TraceConnection trace = one(steps, R"(, "read_deadline": "1100ms")");
    CHECK(trace.error == "");
    CHECK(event_ms(trace, "closed") == doctest::Approx(100 + 1000 + 3000 + 1000));
}

TEST_CASE("script: a server that never responds lets the client wait") {
    const TraceConnection trace = one(R"({ "request": "400B", "respond": "never" })", R"(, "read_deadline": "3s")");
    CHECK(trace.error == "EAGAIN");
    CHECK(event_ms(trace, "closed") == doctest::Approx(3100));
}

TEST_CASE("script: Fast Open where the client's kernel has none (tfo_client_off)") {
    const std::string request = R"({ "request": "400B", "response": "500B" })";
    const auto with = [&](const std::string& use, const std::string& start) {
        return entry(request, R"(, "tcp": { "fast_open": ")" + use + "\" }", start);
    };
    const Experiment experiment{with("on", R"("at": "0s")") + ", " + with("connect", R"("after": "4ms")") + ", " +
                                    with("cookieless", R"("after": "4ms")") + ", " +
                                    entry(request, "", R"("after": "4ms")"),
                                R"({ "client": { "fast_open": false }, "server": { "fast_open": true } })"};
    const std::vector<TraceConnection> traces = experiment.traces();
    REQUIRE(traces.size() == 4);
    for (const std::size_t refused : {0u, 2u}) {
        CHECK(traces[refused].error == "EOPNOTSUPP");
        CHECK(traces[refused].packets.empty());
        CHECK(event_ms(traces[refused], "closed") == 0);
    }
    for (const std::size_t plainly : {1u, 3u}) {
        CHECK(traces[plainly].error == "");
        CHECK(traces[plainly].packets.at(0).tfo == TracePacket::Tfo::None);
        CHECK(event_ms(traces[plainly], "first_byte") == doctest::Approx(200));
    }
}

TEST_CASE("script: what a connection sets for itself acts on it alone") {
    const std::string request = R"({ "request": "400B", "response": "500B" })",
                      dropped = R"(, "path_rules": [ { "dir": "up", "match": "syn", "do": "drop" } ])";
    const std::vector<TraceConnection> traces =
        Experiment{entry(request, R"(, "tcp": { "syn_retries": 1 })") + ", " +
                       entry(request, R"(, "tcp": { "syn_retries": 2 })") + ", " + entry(request),
                   plain, "", dropped}
            .traces();
    REQUIRE(traces.size() == 3);
    const double given_up_ms[] = {3'000, 7'000,
                                  131'000}; // synack_rto_client_gone, accept_queue_overflow, syn_blackhole_plain
    for (std::size_t n = 0; n < 3; ++n) {
        CHECK(traces[n].error == "ETIMEDOUT");
        CHECK(event_ms(traces[n], "closed") == doctest::Approx(given_up_ms[n]));
    }
}

TEST_CASE("script: congestion control of one connection is that of both its ends") {
    // Losses in the middle of a response: what NewReno and CUBIC make of them differs.
    const std::string response = R"({ "request": "400B", "response": "500KB" })";
    const std::string lossy =
        R"(, "path_rules": [ { "dir": "down", "match": "data", "nth": [15, 20], "do": "drop" } ])";
    const auto last_byte_ms = [&](const std::string& own, const std::string& leg) {
        const Experiment experiment{entry(response, own), R"({ "congestion": ")" + leg + "\" }", "", lossy};
        return event_ms(experiment.traces().at(0), "last_byte");
    };
    const double reno = last_byte_ms("", "reno"), cubic = last_byte_ms("", "cubic");
    REQUIRE(reno != cubic);
    CHECK(last_byte_ms(R"(, "tcp": { "congestion": "reno" })", "cubic") == reno);
    CHECK(last_byte_ms(R"(, "tcp": { "congestion": "cubic" })", "reno") == cubic);
}

TEST_CASE("script: keepalive and user timeout of one connection (ka_3_1_9_blackhole, ka_user_timeout)") {
    const std::string request = R"({ "request": "400B", "response": "500B" })";
    const std::string gone = R"(, "path_rules": [ { "match": "any", "between": ["1s", "1000s"], "do": "drop" } ])";
    const auto closed_ms = [&](const std::string& tcp) {
        const TraceConnection trace =
            Experiment{entry(request, R"(, "hold": "30s", "tcp": )" + tcp), plain, "", gone}.traces().at(0);
        CHECK(trace.error == "ETIMEDOUT");
        return event_ms(trace, "closed");
    };
    const std::string keepalive = R"("keepalive": { "idle": "3s", "interval": "1s", "probes": 9 })";
    CHECK(closed_ms("{ " + keepalive + " }") == doctest::Approx(200 + 12'000));
    CHECK(closed_ms("{ " + keepalive + R"(, "user_timeout": "5s" })") == doctest::Approx(200 + 5'000));
    const TraceConnection quiet = Experiment{entry(request, R"(, "hold": "30s", "tcp": { "keepalive": false })"),
                                             R"({ "keepalive": { "idle": "3s" } })", "", gone}
                                      .traces()
                                      .at(0);
    CHECK(quiet.error == "");
    CHECK(event_ms(quiet, "closed") == doctest::Approx(30'200));
}

TEST_CASE("script: Fast Open of single connections: off, on, without a cookie") {
    const std::string request = R"({ "request": "400B", "response": "500B" })";
    const auto with = [&](const std::string& tcp, const std::string& start) {
        return entry(request, ", \"tcp\": " + tcp, start);
    };
    const std::string next = R"("after": "100ms")";
    const Experiment experiment{
        with(R"({ "fast_open": "off" })", R"("at": "0s")") + ", " + with(R"({ "fast_open": "on" })", next) + ", " +
            with(R"({ "fast_open": "on" })", next) + ", " + with(R"({ "fast_open": "cookieless" })", next),
        R"({ "fast_open": true, "server": { "fast_open": { "enabled": true, "cookieless": true } } })"};
    const std::vector<TraceConnection> traces = experiment.traces();
    REQUIRE(traces.size() == 4);
    using Tfo = TracePacket::Tfo;
    const Tfo options[] = {Tfo::None, Tfo::Request, Tfo::None, Tfo::None};
    const std::uint32_t payload[] = {0, 0, 0, 400};
    for (const std::size_t n : {0u, 1u, 3u}) {
        CAPTURE(n);
        CHECK(traces[n].packets.at(0).tfo == options[n]);
        CHECK(traces[n].packets.at(0).length == payload[n]);
    }
    CHECK(traces[3].counters_server.passive == 1);
    CHECK(event_ms(traces[3], "first_byte") == doctest::Approx(100));
}
