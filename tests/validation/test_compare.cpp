/// The comparison itself: a record agrees with its own nominal times, and one altered field is found at its packet.
#include "validation/compare.hpp"
#include "validation/wire.hpp"

#include "record_text.hpp"

#include <doctest/doctest.h>

#include <functional>

using namespace firstbyte;
using namespace firstbyte::test;
using namespace std::chrono_literals;
using nlohmann::json;
using validate::Simulated;

namespace {

/// What a simulator would say that is exactly the record.
Simulated simulated_as(const json& record) {
    const validate::Timeline timeline = timeline_of(record);
    Simulated run;
    run.packets = timeline.packets;
    run.counters_client = timeline.counters_client;
    run.counters_server = timeline.counters_server;
    for (const validate::ConnectionRecord& connection : timeline.connections) {
        validate::SimulatedConnection& out = run.connections.emplace_back();
        for (const validate::AppEvent& event : connection.client_events)
            out.events.push_back({event.name == "close" ? "closed" : event.name, event.at});
        out.error = connection.error == "EOF" ? "" : connection.error;
    }
    return run;
}

/// The first difference; empty when they agree.
std::string first_difference(const json& record, const Simulated& run) {
    const validate::TimelineResult result = validate::compare(timeline_of(record), run);
    return result.agrees() ? "" : result.differences.front().what;
}

/// Everything from packet `first` on happens later, as after a timer that was late.
void shift(json& record, std::size_t first, double ms) {
    const double from = record["packets"][first]["t"];
    for (std::size_t i = first; i < record["packets"].size(); ++i)
        record["packets"][i]["t"] = record["packets"][i]["t"].get<double>() + ms;
    for (json& event : record["conns"][0]["client_events"])
        if (event[1].get<double>() >= from) event[1] = event[1].get<double>() + ms;
}

} // namespace

TEST_CASE("comparison: a record agrees with itself") {
    CHECK(first_difference(small_record(), simulated_as(small_record())) == "");
    CHECK(validate::compare(timeline_of(small_record()), simulated_as(small_record())).packets == 7);
}

TEST_CASE("comparison: one altered field of a packet is found at that packet") {
    struct Row {
        const char* pointer;
        json value;
        const char* expected;
    };
    const Row rows[] = {
        {"/packets/1/f", "SF", "client sends at 1000.00 ms: SF 0:0(0); simulated: S 0:0(0)"},
        {"/packets/1/len", 400, "client sends at 1000.00 ms: S 0:400(400); simulated: S 0:0(0)"},
        {"/packets/2/ack", 401, "server sends at 1050.00 ms: SA 0:0(0) ack 401; simulated: SA 0:0(0) ack 1"},
        {"/packets/0/tfo", "request",
         "client sends at 0.00 ms: S 0:400(400) <request>; simulated: S 0:400(400) <cookie>"},
        {"/packets/0/tfo_exp", true,
         "client sends at 0.00 ms: S 0:400(400) <cookie exp>; simulated: S 0:400(400) <cookie>"},
        {"/packets/0/act", "forward",
         "client sends at 0.00 ms: S 0:400(400) <cookie> is forwarded; simulated: dropped"},
        {"/packets/3/seq", 401, "client sends at 1100.00 ms: PA 401:801(400) ack 1; simulated: PA 1:401(400) ack 1"},
        {"/packets/5/act", "drop",
         "server sends at 1150.00 ms: PA 1:501(500) ack 401 is dropped; simulated: forwarded"},
        {"/packets/7/f", "RA", "client sends at 1200.00 ms: RA 401:401(0) ack 501; simulated: FA 401:401(0) ack 501"},
        {"/packets/8/ack", 401, "server sends at 1250.00 ms: FA 501:501(0) ack 401; simulated: FA 501:501(0) ack 402"},
        {"/counters_client/TCPFastOpenActiveFail", 2, "TCPFastOpenActiveFail of the client: 2; simulated: 1"},
        {"/counters_server/TCPFastOpenPassive", 1, "TCPFastOpenPassive of the server: 1; simulated: 0"},
        {"/conns/0/err", "ECONNRESET", "connection 0 ends with ECONNRESET; simulated: no error"},
        {"/conns/0/client_events/2/0", "eof", "connection 0: \"first_byte\" simulated at 1200.00 ms; not measured"},
        {"/conns/0/client_events/2/1", 1100,
         "connection 0: \"first_byte\" at 1100.00 ms; simulated at 1200.00 ms: measured "},
    };
    const Simulated run = simulated_as(small_record());
    for (const Row& row : rows) {
        json record = small_record();
        record[json::json_pointer(row.pointer)] = row.value;
        CAPTURE(std::string(row.pointer));
        const std::string found = first_difference(record, run);
        CHECK_MESSAGE(found.find(row.expected) != std::string::npos, found);
    }
}

TEST_CASE(
    "comparison: bare ACKs and PSH are not compared, unknown numbers and later packets are not held against anyone") {
    const Simulated run = simulated_as(small_record());
    json record = small_record();
    record["packets"].erase(4); // the server's bare ACK
    CHECK(first_difference(record, run) == "");
    record = small_record();
    record["packets"][5]["f"] = "A";
    CHECK(first_difference(record, run) == "");
    CHECK(validate::compare(timeline_of(record), run).push_flags == 1);
    record = small_record();
    record["packets"][1]["seq"] = nullptr;
    CHECK(first_difference(record, run) == "");

    Simulated longer = simulated_as(small_record()); // goes on after the record has ended
    longer.packets.push_back(longer.packets[8]);
    longer.packets.back().at = 1500ms;
    CHECK(first_difference(small_record(), longer) == "");
}

TEST_CASE("comparison: a missing packet, a surplus one and another order are found") {
    const Simulated run = simulated_as(small_record());
    json record = small_record();
    record["packets"].erase(8);
    record["packets"].erase(5);
    // Server: the response is missing in the record, so the simulated one stands where nothing was measured.
    CHECK(first_difference(record, run) ==
          "connection 0, server sends, simulated at 1150.00 ms: PA 1:501(500) ack 401; not measured");

    Simulated shorter = run;
    shorter.packets.erase(shorter.packets.begin() + 8);
    CHECK(first_difference(small_record(), shorter) ==
          "connection 0, server sends at 1250.00 ms: FA 501:501(0) ack 402; not simulated");

    Simulated swapped = run;
    std::swap(swapped.packets[3].flags, swapped.packets[7].flags);
    CHECK(first_difference(small_record(), swapped).find("client sends at 1100.00 ms") != std::string::npos);
}

TEST_CASE("comparison: a keepalive probe is compared although it is a bare ACK") {
    json record = small_record();
    record["packets"].insert(
        record["packets"].begin() + 7,
        json::parse(R"({"t": 1200, "conn": 0, "dir": "c2s", "f": "A", "seq": 400, "len": 0, "ack": 501})"));
    CHECK(first_difference(record, simulated_as(small_record())).find("A 400:400(0) ack 501") != std::string::npos);
    CHECK(first_difference(record, simulated_as(record)) == "");
}

TEST_CASE("comparison: intervals follow the lateness rule of the measurements") {
    struct Row {
        const char* why;
        std::size_t packet;
        double ms;
        bool agrees;
    };
    const Row rows[] = {
        {"the SYN timer of 1 s is 12 % late: nominal x 1.13 + 5 ms", 1, 120, true},
        {"that is the most it may be", 1, 134.9, true},
        {"no timer is that late", 1, 140, false},
        {"a timer is never early", 1, -2, false},
        {"what follows at once takes as long as two processes take to wake up", 5, 4, true},
        {"but no more", 5, 20, false},
        {"and does not come before its cause", 5, -5, false},
    };
    const Simulated run = simulated_as(small_record());
    for (const Row& row : rows) {
        CAPTURE(std::string(row.why));
        json record = small_record();
        shift(record, row.packet, row.ms);
        const std::string found = first_difference(record, run);
        CHECK_MESSAGE(found.empty() == row.agrees, found);
    }
}

TEST_CASE("comparison: a timer that was late does not excuse the next one") {
    json record = small_record();
    shift(record, 1, 130); // all that the SYN timer may be late
    CHECK(first_difference(record, simulated_as(small_record())) == "");
    shift(record, 5, 30); // and the response once more
    CHECK(first_difference(record, simulated_as(small_record())).find("server sends at 1310.00 ms") !=
          std::string::npos);
}

TEST_CASE("comparison: equal cookies must be equal, their bytes may be others") {
    json record = small_record();
    record["packets"][2]["tfo"] = "cookie:00000002"; // the server gives another one
    Simulated run = simulated_as(record);
    run.packets[0].cookie = "x";
    run.packets[2].cookie = "y";
    CHECK(first_difference(record, run) == "");
    run.packets[2].cookie = "x";
    CHECK(first_difference(record, run).find("SA 0:0(0) ack 1 <cookie> carries a new cookie; simulated: a known one") !=
          std::string::npos);
}

TEST_CASE("comparison: a record whose runs differ by more than 40 ms is unstable") {
    json record = small_record();
    record["conns"][0]["spread_ms"] = {{"last_byte", {1200.0, 1240.0}}};
    CHECK_FALSE(validate::compare(timeline_of(record), simulated_as(record)).unstable);
    record["conns"][0]["spread_ms"] = {{"last_byte", {1200.0, 1241.0}}};
    CHECK(validate::compare(timeline_of(record), simulated_as(record)).unstable);
}

TEST_CASE("comparison: packets of a limited link arrive one behind the other (IP bytes x 8 / rate)") {
    validate::Packet syn_ack;
    syn_ack.flags = validate::flag::syn | validate::flag::ack;
    validate::Packet data;
    data.flags = validate::flag::ack;
    data.length = 1448;
    validate::Packet dropped = data;
    dropped.act = TracePacket::Act::TailDrop;
    const auto arrivals = validate::arrivals_of({syn_ack, data, dropped, data}, {20ms, 1'000'000, true});
    CHECK(arrivals[0] == 10ms + 480us);        // 60 B: IP 20, TCP 20, options 20
    CHECK(arrivals[1] == 10ms + 480us + 12ms); // 1500 B
    CHECK_FALSE(arrivals[2].has_value());
    CHECK(arrivals[3] == 10ms + 480us + 24ms);
}

TEST_CASE("comparison: a last byte that a timer decided may be as late as the kernel's timers, and no later") {
    validate::GridPoint point;
    point.ttfb_ms = {100, 100, 100};
    point.rtt_ms = 100;
    // A repetition 200 ms after the segment: measured up to 200 x 1.13 + 5 ms after it. The first and second
    // milliseconds are hrtimers' (compressed ACKs), which are exact.
    struct Row {
        const char* why;
        Duration timer;
        double measured;
        bool good;
    };
    const Row rows[] = {
        {"late", 200ms, 325, true},
        {"too late", 200ms, 335, false},
        {"early", 200ms, 293, false},
        {"not the wheel's", 1ms, 105, false},
    };
    for (const Row& row : rows) {
        CAPTURE(std::string(row.why));
        point.ttlb_ms = {row.measured, row.measured, row.measured};
        Simulated run;
        run.connections.push_back({{{"start", 0ms}, {"first_byte", 100ms}, {"last_byte", 100ms + row.timer}}, "", ""});
        validate::Packet request, first, again;
        request.up = true;
        request.length = first.length = again.length = 100;
        first.at = 50ms;
        again.at = 50ms + row.timer;
        run.packets = {request, first, again};
        const validate::GridResult result = validate::compare(point, run);
        CHECK(result.ttlb.within == row.good);
        CHECK(result.ttlb.late_timer == row.good);
    }
}

TEST_CASE("comparison: a grid point is judged by its tolerances") {
    validate::GridPoint point;
    point.ttfb_ms = {200, 199, 201};
    point.ttlb_ms = {300, 290, 320};
    point.data_up = {1, 1, 1};
    point.data_down = {1, 1, 2};
    point.rtt_ms = 100;
    struct Row {
        const char* why;
        double ttfb, ttlb;
        int segments;
        bool ttfb_good, ttlb_good, segments_good;
    };
    const Row rows[] = {
        {"equal", 200, 300, 1, true, true, true},
        {"TTFB within 1 %", 202, 300, 1, true, true, true},
        {"TTFB outside", 202.1, 300, 1, false, true, true},
        {"TTLB within 2 %", 200, 306, 1, true, true, true},
        {"TTLB in the spread", 200, 319, 1, true, true, true},
        {"TTLB outside both", 200, 321, 1, true, false, true},
        {"segments in the spread", 200, 300, 2, true, true, true},
        {"too many segments", 200, 300, 3, true, true, false},
    };
    for (const Row& row : rows) {
        CAPTURE(std::string(row.why));
        Simulated run;
        run.connections.push_back({{{"start", 0ms},
                                    {"first_byte", Duration{static_cast<std::int64_t>(row.ttfb * 1e6)}},
                                    {"last_byte", Duration{static_cast<std::int64_t>(row.ttlb * 1e6)}}},
                                   "",
                                   ""});
        validate::Packet request, response;
        request.up = true;
        request.length = response.length = 100;
        response.at = Duration{static_cast<std::int64_t>(row.ttfb * 1e6)} - 50ms; // arrives with the first byte
        request.at = response.at - 50ms;
        run.packets.push_back(request);
        for (int i = 0; i < row.segments; ++i) run.packets.push_back(response);
        const validate::GridResult result = validate::compare(point, run);
        CHECK(result.ttfb.within == row.ttfb_good);
        CHECK(result.ttlb.within == row.ttlb_good);
        CHECK(result.segments == row.segments_good);
        CHECK(result.counters);
    }
}
