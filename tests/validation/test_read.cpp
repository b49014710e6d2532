/// Files of measurements: what is read, and how a malformed record is refused.
#include "validation/read_records.hpp"
#include "validation/record_error.hpp"

#include "record_text.hpp"

#include <doctest/doctest.h>

using namespace firstbyte;
using namespace firstbyte::test;
using namespace std::chrono_literals;
using validate::parse_grid;
using validate::parse_timelines;
using validate::RecordError;

namespace {

/// The sentence with which a file is refused; empty when it is read.
template <class Parse>
std::string refusal(Parse parse, const std::string& text) {
    try {
        static_cast<void>(parse(text, "file"));
    } catch (const RecordError& error) {
        return error.what();
    }
    return "";
}

const std::string grid_line =
    R"({"set":"main","rtt_ms":20,"rate_bps":0,"qpkts":1000,"cc":"reno","req":400,"resp":500,"tfo":"off","ttfb_ms":{"med":40,"min":40,"max":41},)"
    R"("ttlb_ms":{"med":40,"min":40,"max":41},"data_c2s":{"med":1,"min":1,"max":1},"data_s2c":{"med":1,"min":1,"max":1},"counters_c":{},"counters_s":{}})";

std::string replaced(std::string text, const std::string& from, const std::string& to) {
    const std::size_t at = text.find(from);
    REQUIRE(at != std::string::npos);
    return text.replace(at, from.size(), to);
}

} // namespace

TEST_CASE("records: a grid line has the values of its fields") {
    const auto points = parse_grid("\n" + grid_line + "\n", "grid.jsonl");
    REQUIRE(points.size() == 1);
    CHECK(points[0].line == 2);
    CHECK(points[0].rtt_ms == 20);
    CHECK(points[0].congestion == "reno");
    CHECK(points[0].response == 500);
    CHECK(points[0].ttfb_ms.max == 41);
}

TEST_CASE("records: a malformed grid line is refused with file, line and what is wrong") {
    struct Row {
        std::string text, expected;
    };
    const Row rows[] = {
        {grid_line + "\n{", "file:2: this is not JSON"},
        {"[]", "file:1: expected an object"},
        {replaced(grid_line, "\"rtt_ms\":20,", ""), "file:1: \"rtt_ms\" is missing"},
        {replaced(grid_line, "\"rtt_ms\":20", "\"rtt_ms\":-1"), "file:1: \"rtt_ms\" must be between 0 and"},
        {replaced(grid_line, "\"req\":400", "\"req\":400.5"), "file:1: \"req\" must be a whole number"},
        {replaced(grid_line, "\"tfo\":\"off\"", "\"tfo\":\"often\""), "file:1: \"tfo\" must be off, first or repeat"},
        {replaced(grid_line, "\"med\":40", "\"med\":\"40\""), "file:1: ttfb_ms: \"med\" must be a number"},
        {replaced(grid_line, "\"cc\"", "\"drop\":[3,2],\"cc\""), "file:1: \"drop\" must be [first, last]"},
        {replaced(grid_line, "\"cc\":\"reno\"", "\"cc\":7"), "file:1: \"cc\" must be text, found 7"},
    };
    for (const Row& row : rows) {
        const std::string found = refusal(parse_grid, row.text);
        CAPTURE(row.expected);
        CHECK_MESSAGE(found.starts_with(row.expected), found);
    }
}

TEST_CASE("records: a timeline has the values of its fields") {
    const validate::Timeline timeline = timeline_of(small_record());
    CHECK(timeline.rtt == 100ms);
    CHECK(timeline.cookie_at_start);
    CHECK(timeline.end == 1300ms);
    REQUIRE(timeline.connections.size() == 1);
    REQUIRE(timeline.connections[0].steps.size() == 1);
    CHECK(timeline.connections[0].steps[0].numbers == std::vector<std::uint64_t>{400, 500});
    REQUIRE(timeline.packets.size() == 10);
    CHECK(timeline.packets[0].act == TracePacket::Act::Drop);
    CHECK(timeline.packets[0].cookie == "00000001");
    CHECK(timeline.packets[2].flags == (validate::flag::syn | validate::flag::ack));
    CHECK_FALSE(timeline.packets[0].ack.has_value());
    CHECK(timeline.counters_client.active_fail == 1);
}

TEST_CASE(
    "records: a rule ends when all rules are cleared, and a change that was noted just after a start came before it") {
    nlohmann::json record = small_record();
    record["conns"].push_back(record["conns"][0]);
    record["conns"][1]["client_events"] = nlohmann::json::parse(R"([["start", 3000]])");
    record["rules"] = nlohmann::json::parse(R"([
        {"dir": "c2s", "match": "syn", "action": "drop"}, {"cleared_at_ms": 3001},
        {"dir": "both", "match": "any", "action": "drop", "added_at_ms": 3003, "after_ms": 500, "until_ms": 4000}])");
    const validate::Timeline timeline = timeline_of(record);
    REQUIRE(timeline.rules.size() == 2);
    REQUIRE(timeline.rules[0].until.has_value());
    CHECK(*timeline.rules[0].until < 3000ms); // within 2 ms of the start
    CHECK(timeline.rules[1].from == 3003ms);  // not within
    CHECK(timeline.rules[1].until == 4000ms);
}

TEST_CASE("records: a malformed timeline is refused with file, line and what is wrong") {
    struct Row {
        const char* pointer;
        nlohmann::json value;
        std::string expected;
    };
    const Row rows[] = {
        {"/rtt_ms", "100", "file:1: \"rtt_ms\" must be a number, found \"100\""},
        {"/conns", nlohmann::json::array(), "file:1: \"conns\" is empty"},
        {"/conns/0/steps", "q400", "file:1: conns[0]: \"steps\": \"q400\" is not a step"},
        {"/conns/0/steps", "q400/500,", ""},
        {"/conns/0/steps", "q400//5", "file:1: conns[0]: \"steps\": \"q400//5\" is not a step"},
        {"/conns/0/steps", "z5", "file:1: conns[0]: \"steps\": \"z5\" is not a step"},
        {"/conns/0/steps", "i99999999999", "file:1: conns[0]: \"steps\": \"i99999999999\" is not a step"},
        {"/conns/0/client_events", nlohmann::json::array(), "file:1: conns[0]: \"client_events\" has no \"start\""},
        {"/conns/0/client_events/0", "start", "file:1: conns[0]: \"client_events\" must be a list of [name, ms]"},
        {"/packets/3/f", "SX", "file:1: packets[3]: \"f\" knows the flags S F R P A, found \"SX\""},
        {"/packets/3/conn", 1, "file:1: packets[3]: \"conn\" must be between 0 and 0, found 1"},
        {"/packets/3/dir", "up", "file:1: packets[3]: \"dir\" must be c2s or s2c, found \"up\""},
        {"/packets/3/act", "lose", "file:1: packets[3]: \"act\" is unknown: \"lose\""},
        {"/packets/3/tfo", "yes", "file:1: packets[3]: \"tfo\" must be request or cookie:..., found \"yes\""},
        {"/packets/3/seq", -1, "file:1: packets[3]: \"seq\" must be between 0 and"},
        {"/packets/3", 7, "file:1: packets[3]: expected an object, found 7"},
        {"/rules/0/when", 1, "file:1: rules[0]: \"when\" is not known here"},
        {"/rules/0/conns", {5}, "file:1: rules[0]: \"conns\" must be indices"},
        {"/listeners/0/port", 0, "file:1: listeners[0]: \"port\" must be between 1 and"},
        {"/sysctl/client", 3, "file:1: sysctl.client: expected an object, found 3"},
        {"/cookie_at_start", 1, "file:1: \"cookie_at_start\" must be true or false, found 1"},
    };
    for (const Row& row : rows) {
        nlohmann::json record = small_record();
        record[nlohmann::json::json_pointer(row.pointer)] = row.value;
        const std::string found = refusal(parse_timelines, "[" + record.dump() + "]");
        CAPTURE(std::string(row.pointer));
        CAPTURE(row.expected);
        CHECK_MESSAGE((row.expected.empty() ? found.empty() : found.starts_with(row.expected)), found);
    }
    const Row texts[] = {
        {"", nullptr, "file:1: expected a list of records, [ ... ]; the file is empty"},
        {"{}", nullptr, "file:1: expected one list of records, [ ... ]"},
        {"[{\"id\": \"a\"", nullptr, "file:1: the file ends inside a record"},
        {"[1,,2]", nullptr, "file:1: a record is missing"},
        {"[\n{},\n{}]\n]", nullptr, "file:4: expected one list of records"},
        {"[\n\n{\"id\": \"a\",\n \"title\" 5}]", nullptr, "file:4: this is not JSON"},
        {"[\n\n{\"id\": \"a\"}]", nullptr, "file:3: \"rtt_ms\" is missing"},
    };
    for (const Row& row : texts) {
        const std::string found = refusal(parse_timelines, row.pointer);
        CAPTURE(row.expected);
        CHECK_MESSAGE(found.starts_with(row.expected), found);
    }
}
