// Time series: what stands in which bucket, against times that follow from round trips and service times.
#include "firstbyte/catchment.hpp"
#include "firstbyte/report.hpp"
#include "firstbyte/simulate.hpp"
#include "firstbyte/world.hpp"

#include <doctest/doctest.h>
#include <nlohmann/json.hpp>

#include <string>
#include <vector>

using namespace firstbyte;
using nlohmann::json;

namespace {

/// Two clients ask at 0 s for what takes the origin's only worker 2.5 s each; the second one waits.
constexpr const char* two_requests = R"({
  "format": 1, "name": "two", "run": { "duration": "6s", "replications": 1, "seed": 1 }, "pops": [ { "id": "p" } ],
  "origins": [ { "id": "o", "rtt_to": { "p": "80ms" }, "service_time": "2500ms", "workers": 1 } ],
  "clients": [ { "id": "a", "population": 1, "rtt_to": { "p": "20ms" },
                 "script": [ { "at": "0s", "steps": [ { "request": "400B", "response": "1KB" } ] } ] },
               { "id": "b", "population": 1, "rtt_to": { "p": "20ms" },
                 "script": [ { "at": "10ms", "steps": [ { "request": "400B", "response": "1KB" } ] } ] } ],
  "tls": "none", "edge": { "cache_hit_ratio": 0, "processing": "0ms" },
  "thresholds": [ "max(origin_busy{origin=o}) == 1", "max(origin_queue{origin=o}) == 1", "max(pop_load{pop=p}) == 2",
                  "min(pop_load) == 0", "mean(origin_busy) >= 0.83" ] }
)";

Report report_on(const Scenario& scenario, Results& results) {
    results = simulate(build_world(scenario), {});
    return make_report(scenario, {VariantResults{"base", "base", true, &results, nullptr}}, {});
}

json series(const json& result, const std::string& metric) {
    for (const json& row : result.at("timeline").at("series"))
        if (row.at("metric") == metric) return row.at("values");
    return {};
}

} // namespace

TEST_CASE("time series: workers, queue, requests and outcomes stand in the buckets in which they happen") {
    const Scenario scenario = load_scenario(two_requests, "two");
    Results results;
    const Report report = report_on(scenario, results);
    const json result = json::parse(result_json(report));
    // A request is at the edge after 1.5 round trips of its client (30 ms), at the origin after 1.5 more of the
    // origin's (120 ms): the first from 150 ms on, the second, 10 ms later, waits until 2650 ms and ends at 5150 ms.
    CHECK(result.at("timeline").at("bucket_ns") == 1'000'000'000);
    CHECK(series(result, "origin_busy") == json{0.85, 1.0, 1.0, 1.0, 1.0, 0.15});
    CHECK(series(result, "origin_queue") == json{0.84, 1.0, 0.65});
    CHECK(series(result, "pop_load") == json::array({2.0}));
    CHECK(series(result, "outcome") == json{0, 0, 1, 0, 0, 1}); // 200 at 2700 and 5200 ms
    CHECK(series(result, "ttfb") == json{nullptr, nullptr, 2'700'000'000, nullptr, nullptr, 5'190'000'000});
    for (const ThresholdResult& threshold : report.thresholds) {
        CAPTURE(threshold.threshold->expression);
        CHECK(threshold.status == ThresholdResult::Status::Passed);
    }
}

TEST_CASE("time series: warm-up is left out, 0s keeps none, and long runs have longer buckets") {
    Results results;
    const Scenario warm = load_scenario(two_requests, "two", {{"run.warmup", "2s"}});
    const json result = json::parse(result_json(report_on(warm, results)));
    CHECK(series(result, "origin_busy") == json{1.0, 1.0, 1.0, 0.15});
    CHECK(series(result, "outcome").is_null()); // the requests began before the window

    const Scenario none = load_scenario(two_requests, "two", {{"output.timeline", "0s"}});
    const Report without = report_on(none, results);
    CHECK(json::parse(result_json(without)).at("timeline").at("series").empty());
    for (const ThresholdResult& threshold : without.thresholds)
        CHECK(threshold.status == ThresholdResult::Status::Failed); // not a silent pass

    CHECK(load_scenario(two_requests, "two", {{"run.duration", "2h"}}).timeline == std::chrono::seconds{2});
    CHECK(load_scenario(two_requests, "two", {{"output.timeline", "100ms"}}).timeline ==
          std::chrono::milliseconds{100});
}

TEST_CASE("time series: the window's last bucket ends with it, and levels end there, too") {
    Results results;
    const Scenario cut = load_scenario(two_requests, "two", {{"run.duration", "2500ms"}});
    const Report report = report_on(cut, results);
    const json result = json::parse(result_json(report));
    // The only worker is at work from 150 ms to 5150 ms, one request waits from 160 ms to 2650 ms: all of the last half
    // second. What is behind it is no load of the window.
    CHECK(series(result, "origin_busy") == json{0.85, 1.0, 1.0});
    CHECK(series(result, "origin_queue") == json{0.84, 1.0, 1.0});
    CHECK(series(result, "pop_load") == json::array({2.0}));
    // The first byte at 2700 ms is 200 ms, that at 5200 ms is 2700 ms behind the end: counts go on, in whole buckets.
    CHECK(series(result, "outcome") == json{0, 0, 0, 1, 0, 1});
    const std::vector<double> busy = {0.85, 1.0, 1.0};
    for (const ThresholdResult& threshold : report.thresholds)
        if (threshold.threshold->expression == "mean(origin_busy) >= 0.83")
            CHECK(threshold.value == doctest::Approx((busy[0] + busy[1] + busy[2]) / 3));
}

TEST_CASE("tfo_penalty: SYN data that are lost cost the first timeout, 1 s (RFC 6298 section 2.1)") {
    const char* text = R"({
      "format": 1, "name": "lost", "run": { "duration": "10s", "replications": 1, "seed": 1 }, "pops": [ { "id": "p" } ],
      "clients": [ { "id": "c", "population": 1, "rtt_to": { "p": "100ms" }, "tfo": { "cookie": "held" },
        "path_rules": [ { "dir": "up", "match": "syn_data", "do": "drop" } ],
        "script": [ { "at": "0s", "steps": [ { "request": "400B", "response": "1KB" } ] } ] } ],
      "tls": "none", "edge": { "cache_hit_ratio": 1, "processing": "0ms" },
      "tcp": { "client_edge": { "fast_open": true } },
      "thresholds": [ "max(tfo_penalty) == 1s +- 1ms", "count(tfo_penalty) == 1" ] })";
    const Scenario scenario = load_scenario(text, "lost");
    Results results;
    for (const ThresholdResult& threshold : report_on(scenario, results).thresholds) {
        CAPTURE(threshold.threshold->expression);
        CHECK(threshold.status == ThresholdResult::Status::Passed);
    }
}
