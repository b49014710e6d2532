// What the rich example of the format asks for: capacity, surges, changing service times, single requests, traces.
#include "firstbyte/outputs.hpp"
#include "firstbyte/report.hpp"
#include "firstbyte/simulate.hpp"
#include "firstbyte/world.hpp"
#include "scenario/support.hpp"

#include <doctest/doctest.h>
#include <nlohmann/json.hpp>

#include <algorithm>
#include <cmath>
#include <set>
#include <string>
#include <vector>

using namespace firstbyte;
using nlohmann::json;

namespace {

using Changes = std::vector<Override>;

Results run(const std::string& text, const Changes& changes = {}) {
    return simulate(build_world(load_scenario(text, "x", changes)), {});
}

/// Clients that open a connection for each request of a cached object; no TLS: two round trips of 20 ms.
constexpr const char* visits = R"({
  "format": 1, "name": "visits", "run": { "duration": "200s", "replications": 1, "seed": 5 },
  "pops": [ { "id": "p" } ],
  "clients": [ { "id": "c", "population": 1000, "rtt_to": { "p": "20ms" }, "sessions": "10/s" } ],
  "workload": { "objects": [ { "id": "x", "response": "1KB" } ] },
  "tls": "none", "edge": { "cache_hit_ratio": 1, "processing": "0ms" } })";

std::uint64_t connections_between(const Results& results, std::size_t from, std::size_t until) {
    std::uint64_t sum = 0;
    const std::vector<std::uint64_t>& series = results.replications[0].timeline.connections;
    for (std::size_t second = from; second < std::min(until, series.size()); ++second) sum += series[second];
    return sum;
}

/// Four standard deviations of a Poisson count.
bool near(std::uint64_t count, double mean) {
    return std::fabs(static_cast<double>(count) - mean) < 4 * std::sqrt(mean);
}

} // namespace

TEST_CASE("surge: sessions begin factor times as often while it lasts; surges multiply, and 0 stops them") {
    const Results results = run(visits, {{"events", R"([
        { "at": "50s", "do": "surge", "factor": 3, "clients": "c", "for": "50s" },
        { "at": "75s", "do": "surge", "factor": 2, "for": "25s" },
        { "at": "150s", "do": "surge", "factor": 0, "for": "25s" } ])"}});
    CHECK(near(connections_between(results, 0, 50), 500));
    CHECK(near(connections_between(results, 50, 75), 750));
    CHECK(near(connections_between(results, 75, 100), 1500));
    CHECK(near(connections_between(results, 100, 150), 500));
    CHECK(connections_between(results, 150, 175) == 0);
    CHECK(near(connections_between(results, 175, 200), 250));
    // The same people come before a surge as without it.
    const Results calm = run(visits);
    CHECK(connections_between(results, 0, 50) == connections_between(calm, 0, 50));
}

TEST_CASE("capacity: requests wait as in an M/D/1 queue") {
    // Mean wait rho / (2 mu (1 - rho)) (Pollaczek and Khinchine): 0.8 / (2 x 1000/s x 0.2) = 2 ms at 800/s of 1000/s.
    const Results results = run(
        visits, {{"clients.c.sessions", "800/s"}, {"clients.c.population", "100000"}, {"pops.p.capacity", "1000/s"}});
    const Histogram& ttfb = results.replications[0].requests[0].ttfb;
    CHECK(ttfb.mean() == doctest::Approx(40e6 + 2e6).epsilon(0.005)); // 160,000 requests: about 2 % of the 2 ms
    CHECK(ttfb.min() == 40'000'000);
}

TEST_CASE("set: an origin's service time changes for a span, and the last event that covers a moment counts") {
    const char* text = R"({
      "format": 1, "name": "slow", "run": { "duration": "60s", "replications": 1, "seed": 1 }, "pops": [ { "id": "p" } ],
      "origins": [ { "id": "web", "rtt_to": { "p": "80ms" }, "service_time": "50ms" },
                   { "id": "far", "rtt_to": { "p": "90ms" }, "service_time": "50ms" } ],
      "clients": [ { "id": "c", "population": 1, "rtt_to": { "p": "20ms" }, "script": [ { "at": "0s", "steps": [
        { "request": "400B", "response": "1KB" }, { "idle": "5s" }, { "request": "400B", "response": "1KB" },
        { "idle": "10s" }, { "request": "400B", "response": "1KB" }, { "idle": "20s" },
        { "request": "400B", "response": "1KB" } ] } ] } ],
      "tls": "none", "edge": { "cache_hit_ratio": 0, "processing": "0ms" },
      "events": [ { "at": "3s", "do": "set", "path": "origins.web.service_time", "value": "2s", "for": "30s" },
                  { "at": "12s", "do": "set", "path": "origins[*].service_time", "value": "1s", "for": "10s" },
                  { "at": "12s", "do": "set", "path": "origins[1].service_time", "value": "3s" } ] })";
    const Results results = run(text, {{"output.records", "1"}});
    std::vector<std::int64_t> times;
    for (const RequestRecord& record : results.replications[0].records)
        times.push_back(record.ttfb.count() / 1'000'000);
    // 20 ms to the PoP and back (and 20 to connect), 80 to the origin and back (and 80 to connect), and the service.
    CHECK(times == std::vector<std::int64_t>{250, 2100, 1100, 150});
}

TEST_CASE("set: a path of a service time that leads nowhere, and a value of the wrong kind, are faults") {
    const auto issues = [](const std::string& path, const std::string& value) {
        const std::string text = R"({ "format": 1, "name": "x", "run": { "duration": "9s" }, "pops": [ { "id": "p" } ],
          "origins": [ { "id": "web", "rtt_to": { "p": "80ms" }, "service_time": "50ms" } ],
          "clients": [ { "id": "c", "population": 1, "rtt_to": { "p": "20ms" }, "sessions": "1/s" } ],
          "events": [ { "at": "1s", "do": "set", "path": ")" +
                                 path + R"(", "value": )" + value + " } ] }";
        std::vector<std::string> codes;
        for (const Issue& issue : scenario_test::issues_of(text)) codes.push_back(issue.code);
        return codes;
    };
    CHECK(issues("origins.web.service_time", "\"2s\"").empty());
    CHECK(issues("origins.wev.service_time", "\"2s\"") == std::vector<std::string>{"E302"});
    CHECK(issues("origins[1].service_time", "\"2s\"") == std::vector<std::string>{"E307"});
    CHECK(issues("origins.web.service_time", "2") == std::vector<std::string>{"E205"});
    CHECK(issues("origins.web.service_time", R"({ "dist": "banana" })").size() == 1);
    CHECK(issues("origins.web.workers", "2") == std::vector<std::string>{"E110"});
}

TEST_CASE("records: all requests, or a share of them that variants have in common; as rows, CSV and a table") {
    const Results all = run(visits, {{"output.records", "1"}});
    const ReplicationResults& one = all.replications[0];
    REQUIRE(one.records.size() == one.requests[0].ttfb.count());
    std::set<std::uint32_t> sessions;
    for (const RequestRecord& record : one.records) {
        CHECK(record.ttfb == std::chrono::milliseconds{40});
        CHECK(record.connect == std::chrono::milliseconds{20});
        sessions.insert(record.session);
    }
    CHECK(sessions.size() == one.records.size());

    const Results some = run(visits, {{"output.records", "10%"}});
    CHECK(near(some.replications[0].records.size(), static_cast<double>(one.records.size()) / 10));
    const Results slower = run(visits, {{"output.records", "10%"}, {"edge.processing", "5ms"}});
    REQUIRE(slower.replications[0].records.size() == some.replications[0].records.size());
    for (std::size_t i = 0; i < some.replications[0].records.size(); ++i)
        CHECK(slower.replications[0].records[i].session == some.replications[0].records[i].session);

    const Scenario scenario = load_scenario(visits, "x", {{"output.records", "10%"}});
    const std::string result = result_json(make_report(scenario, {VariantResults{"base", "base", true, &some}}, {}));
    const json rows = json::parse(result).at("records").at("rows");
    CHECK(rows.size() == some.replications[0].records.size());
    CHECK(rows[0][12] == 40'000'000); // ttfb_ns
    const std::string csv = records_csv(result);
    CHECK(csv.starts_with("variant,run,client,region,pop,origin,object,code,cause,session,request,t_ns,ttfb_ns,"));
    CHECK(static_cast<std::size_t>(std::count(csv.begin(), csv.end(), '\n')) == rows.size() + 1);
    CHECK_FALSE(result_sqlite(result).empty());
}

TEST_CASE("traces: a result keeps the first connections of a group, and the first that ended with a status") {
    const char* text = R"({
      "format": 1, "name": "t", "run": { "duration": "20s", "replications": 2, "seed": 3 }, "pops": [ { "id": "p" } ],
      "origins": [ { "id": "o", "rtt_to": { "p": "30ms" }, "service_time": "1ms" } ],
      "clients": [ { "id": "c", "population": 50, "rtt_to": { "p": "20ms" }, "sessions": "5/s" } ],
      "tls": "none", "edge": { "cache_hit_ratio": 0.5 },
      "events": [ { "at": "5s", "do": "origin_down", "origin": "o", "mode": "refuse", "for": "5s" } ],
      "output": { "traces": [ { "clients": "c", "first": 3 }, { "outcome": 521, "first": 2 } ] } })";
    const Results results = run(text);
    REQUIRE(results.traces.size() == 5);
    for (std::uint32_t i = 0; i < 3; ++i) CHECK(results.traces[i].connection == i);
    for (std::size_t i = 3; i < 5; ++i) {
        CAPTURE(i);
        REQUIRE_FALSE(results.traces[i].story.empty());
        CHECK(results.traces[i].story.back().text.find("521 refused") != std::string::npos);
    }
    CHECK(results.traces[3].start < results.traces[4].start);
}

TEST_CASE("the rich example of the format runs: a drain, a slow origin and a dark one") {
    const std::string text = scenario_test::text_of("scenario/rich.fb.json");
    const Scenario scenario = load_scenario(text, scenario_test::path_of("scenario/rich.fb.json"),
                                            {{"run.replications", "1"}, {"clients[*].sessions", "10/s"}});
    const Results results = simulate(build_world(scenario), {});
    std::set<int> codes;
    for (const auto& [status, counts] : results.replications[0].timeline.outcomes) codes.insert(status);
    CHECK(codes.count(200) == 1);
    CHECK(codes.count(522) == 1); // 60 s without SYN-ACK
    CHECK(codes.count(524) == 1); // 130 s of service time
    CHECK(results.replications[0].books.balanced());
}
