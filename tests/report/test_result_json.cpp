#include "sample_results.hpp"

#include <doctest/doctest.h>
#include <nlohmann/json.hpp>

#include <set>
#include <string>

using namespace firstbyte;
using namespace firstbyte::samples;
using nlohmann::json;

namespace {

Report toggle(const Scenario& scenario, const Results& off, const Results& on) {
    return make_report(scenario,
                       {variant("fast_open=false", "off", true, off), variant("fast_open=true", "on", false, on)},
                       options());
}

json find_metric(const json& variant, const std::string& name, const json& labels) {
    for (const json& metric : variant.at("metrics")) {
        if (metric.at("name") == name && metric.at("labels") == labels) return metric;
    }
    FAIL("no metric ", name, " with labels ", labels.dump());
    return {};
}

} // namespace

TEST_CASE("result_json: a comparison says what section 10 of the format asks for") {
    const Scenario scenario = minimal_scenario();
    const Results off = minimal_results(false), on = minimal_results(true);
    const json result = json::parse(result_json(toggle(scenario, off, on)));

    CHECK(result.at("format") == 1);
    CHECK(result.at("kind") == "compare");
    CHECK(result.at("id").get<std::string>().size() == 8);
    CHECK(result.at("id").get<std::string>().find_first_not_of("0123456789abcdef") == std::string::npos);
    CHECK(result.at("generator").at("name") == "firstbyte");
    CHECK(result.at("scenario").at("effective").at("name") == "tfo-minimal");
    CHECK(result.at("seeds") == json({{"base", 42}, {"replications", 10}}));
    CHECK(result.at("complete") == true);
    REQUIRE(result.at("variants").size() == 2);
    CHECK(result.at("variants")[0].at("baseline") == true);
    CHECK(result.at("variants")[1].at("name") == "fast_open=true");

    const json ttfb = find_metric(result.at("variants")[0], "ttfb", json::object());
    CHECK(ttfb.at("unit") == "ns");
    CHECK(ttfb.at("count") == 11952);
    CHECK(ttfb.at("min") == 241'000'000);
    CHECK(ttfb.at("max") == 273'000'000);
    // 10 757 hits of 241 ms and 1 195 misses of 273 ms: (10757 * 241 + 1195 * 273) / 11952 ms
    CHECK(ttfb.at("mean") == 244'199'465);
    CHECK(ttfb.at("quantiles")[0] == json({{"q", 0.5}, {"value", 241'000'000}}));
    CHECK(ttfb.at("histogram").at("scheme") == "log-linear-3");
    CHECK(ttfb.at("histogram").at("bins") == json({{241'000'000, 10757}, {273'000'000, 1195}}));
    CHECK(ttfb.at("by_replication").at("p50") == json(std::vector<std::int64_t>(10, 241'000'000)));
    CHECK(ttfb.at("by_replication").at("count")[0] == 1196);

    const json on_variant = result.at("variants")[1];
    CHECK(find_metric(on_variant, "outcome", {{"code", "200"}}).at("count") == 11952);
    CHECK(find_metric(on_variant, "outcome", {{"cause", "cache_hit"}}).at("count") == 10757);
    CHECK(find_metric(on_variant, "cookie_hit", json::object()).at("count") == 9956);
    CHECK(find_metric(on_variant, "cookie_hit", {{"region", "eu"}}).at("count") == 9956);
    CHECK(find_metric(on_variant, "tfo_fallback", {{"why", "first_visit"}}).at("count") == 1996);
    CHECK(find_metric(on_variant, "saved_rtt", {{"rtt", "50-100 ms"}}).at("count") == 9956);
    CHECK(find_metric(on_variant, "ttfb", {{"object", "page"}}).at("count") == 11952);
    CHECK(find_metric(on_variant, "origin_ttfb", {{"origin", "web"}}).at("count") == 1195);
    CHECK(find_metric(on_variant, "reuse", {{"leg", "edge_origin"}}).at("count") == 1175);
    CHECK(on_variant.at("events") == 10045);                   // 1000 to 1009
    CHECK(on_variant.at("fingerprint") == "0b60b60b60b60b83"); // 10 * 0x0123456789abcdef + 45 modulo 2^64
}

TEST_CASE("result_json: comparisons carry the change, its interval and a verdict") {
    const Scenario scenario = minimal_scenario();
    const Results off = minimal_results(false), on = minimal_results(true);
    const json result = json::parse(result_json(toggle(scenario, off, on)));
    const auto find = [&](const char* stat, const json& labels) {
        for (const json& row : result.at("comparisons")) {
            if (row.at("metric") == "ttfb" && row.at("labels") == labels && row.at("stat") == stat) return row;
        }
        FAIL("no comparison of ", stat);
        return json();
    };
    CHECK(find("p50", json::object()) == json({{"metric", "ttfb"},
                                               {"labels", json::object()},
                                               {"stat", "p50"},
                                               {"baseline", "fast_open=false"},
                                               {"variant", "fast_open=true"},
                                               {"change", -80'000'000},
                                               {"change_rel", -0.33195},
                                               {"ci", {-80'000'000, -80'000'000}},
                                               {"confidence", 0.95},
                                               {"n", 10},
                                               {"verdict", "faster"}}));
    CHECK(find("p99", json::object()).at("verdict") == "no_detectable_difference");
    CHECK(find("p99", {{"client", "mobile"}}).at("change") == 0);

    Results off_once = off, on_once = on;
    off_once.replications.resize(1);
    on_once.replications.resize(1);
    const json once = json::parse(result_json(toggle(scenario, off_once, on_once)));
    REQUIRE_FALSE(once.at("comparisons").empty());
    for (const json& row : once.at("comparisons")) {
        CHECK(row.at("ci").is_null());
        CHECK(row.at("verdict") == "no_interval");
    }
}

TEST_CASE("result_json: thresholds say passed when they passed") {
    Scenario scenario = minimal_scenario();
    scenario.thresholds.push_back(p95_below_250ms());
    scenario.thresholds.back().value = 200e6;
    scenario.thresholds.push_back(p95_below_250ms());
    scenario.thresholds.back().saving = true;
    const Results on = minimal_results(true);
    const json result =
        json::parse(result_json(make_report(scenario, {variant("base", "base", false, on)}, options())));
    CHECK(result.at("kind") == "run");
    CHECK(result.at("comparisons").empty());
    const json& thresholds = result.at("thresholds");
    REQUIRE(thresholds.size() == 3);
    CHECK(thresholds[0] == json({{"expr", "p95(ttfb) < 250ms"},
                                 {"level", "error"},
                                 {"variant", "base"},
                                 {"value", 241'000'000},
                                 {"limit", 250'000'000},
                                 {"samples", 11952},
                                 {"passed", true},
                                 {"status", "passed"},
                                 {"source", {{"path", "thresholds[0]"}, {"line", 12}}}}));
    CHECK(thresholds[1].at("passed") == false);
    CHECK(thresholds[2].at("passed").is_null());
    CHECK(thresholds[2].at("value").is_null());
}

TEST_CASE("result_json: marginals of a label add up to the total, and no product of labels appears") {
    const Scenario scenario = minimal_scenario();
    const Results on = minimal_results(true);
    const json result =
        json::parse(result_json(make_report(scenario, {variant("base", "base", false, on)}, options())));
    std::set<std::pair<std::string, std::string>> seen;
    std::map<std::pair<std::string, std::string>, std::uint64_t> sums;
    for (const json& metric : result.at("variants")[0].at("metrics")) {
        const json& labels = metric.at("labels");
        CHECK(labels.size() <= 1);
        CHECK(seen.insert({metric.at("name"), labels.dump()}).second); // no row twice
        const std::string label = labels.empty() ? "" : labels.begin().key();
        sums[{metric.at("name"), label}] += metric.at("count").get<std::uint64_t>();
    }
    for (const char* label : {"client", "country", "pop", "region", "rtt"}) {
        for (const char* metric : {"ttfb", "connect", "outcome", "cookie_hit", "tfo_fallback"}) {
            CAPTURE(label);
            CAPTURE(metric);
            CHECK((sums.at({metric, label})) == (sums.at({metric, ""})));
        }
    }
    for (const char* label : {"code", "cause", "generated_by"}) CHECK((sums.at({"outcome", label})) == 11952);
    CHECK((sums.at({"tfo_fallback", "why"})) == 1996);
}

TEST_CASE("result_json: the same input gives the same bytes, another seed or scenario another id") {
    const Scenario scenario = minimal_scenario();
    const Results on = minimal_results(true);
    const auto text = [&](const Scenario& of, std::uint64_t seed) {
        return result_json(make_report(of, {variant("base", "base", false, on)}, options(seed)));
    };
    const auto id = [](const std::string& result) { return json::parse(result).at("id").get<std::string>(); };
    CHECK(text(scenario, 42) == text(scenario, 42));
    CHECK(id(text(scenario, 42)) != id(text(scenario, 43)));
    Scenario other = scenario;
    other.effective_json = R"({"format":1,"name":"tfo-minimal","x":1})";
    CHECK(id(text(scenario, 42)) != id(text(other, 42)));
}

TEST_CASE("result_json: names that need escaping stay valid JSON") {
    Scenario scenario = minimal_scenario();
    scenario.name = "a \"quoted\" \\ name\n";
    Results on = minimal_results(true);
    on.groups[0].client = "m\"obile";
    const json result = json::parse(result_json(make_report(scenario, {variant("v\"1", "v", false, on)}, options())));
    CHECK(result.at("scenario").at("name") == scenario.name);
    CHECK(find_metric(result.at("variants")[0], "ttfb", {{"client", "m\"obile"}}).at("count") == 11952);
}

TEST_CASE("result_json: every request of every cause is in one row of causes") {
    const Scenario scenario = minimal_scenario();
    Results on = minimal_results(true);
    add_outcome(on.replications[3].requests[0], Cause::ReadTimeout, 48);
    const json result =
        json::parse(result_json(make_report(scenario, {variant("base", "base", false, on)}, options())));
    std::uint64_t sum = 0;
    for (const json& row : result.at("causes")) sum += row.at("count").get<std::uint64_t>();
    CHECK(sum == 12000);
    CHECK(result.at("causes").back() ==
          json({{"variant", "base"},
                {"code", "524"},
                {"cause", "read_timeout"},
                {"generated_by", "edge"},
                {"client_view", "http_error"},
                {"timer", "read"},
                {"leg", "edge_origin"},
                {"origin", "web"},
                {"count", 48},
                {"share", 0.004},
                {"retryable", true},
                {"retry_after", 120},
                {"category", "origin"},
                {"settings", {"edge.timeouts.read", "origins[].service_time", "origins[].heartbeat"}}}));
}
