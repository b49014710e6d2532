// What results and reports say of a run in which clients moved to another PoP.
#include "report/measure.hpp"
#include "report/slice.hpp"
#include "support/moving_world.hpp"

#include "firstbyte/report.hpp"

#include <doctest/doctest.h>
#include <nlohmann/json.hpp>

using namespace firstbyte;
using namespace firstbyte::test;

namespace {

/// Sessions of many requests, 10 s of 60 s in a black hole, then at the other PoP.
MovingWorld moved() {
    MovingWorld world{{to_near(0ms), to_nowhere(20s, 0), to_far(30s, 0)}, R"("sessions": "3/s")"};
    world.more = R"(, "workload": { "requests_per_session": 4, "think_time": "1s",
        "objects": [ { "id": "x", "method": "POST", "request": "400B", "response": "20KB" } ] },
        "events": [ { "at": "20s", "do": "clear_path_rules" } ])";
    world.replications = 2;
    return world;
}

Report report_of(const Scenario& scenario, const Results& results) {
    ReportOptions options;
    options.seed = scenario.run.seed;
    return make_report(scenario, {VariantResults{"base", "base", true, &results}}, options);
}

Threshold threshold(const std::string& metric, Threshold::Aggregate aggregate,
                    std::vector<std::pair<std::string, std::string>> labels) {
    Threshold t;
    t.metric = metric;
    t.aggregate = aggregate;
    t.labels = std::move(labels);
    return t;
}

} // namespace

TEST_CASE("reroute results: sessions count at the PoP that they reached, and the parts are the whole") {
    const Results results = moved().run(false);
    REQUIRE(results.groups.size() == 2);
    CHECK(results.groups[0].pop == "a");
    CHECK(results.groups[1].pop == "b");
    CHECK(results.groups[1].moved);
    CHECK(results.groups[0].client == results.groups[1].client);
    const auto by_pop = report::marginals(results, GroupBy::Pop);
    REQUIRE(by_pop.size() == 2);
    const ConnectionResults near = report::connections_of(results, by_pop[0].groups).pooled;
    const ConnectionResults far = report::connections_of(results, by_pop[1].groups).pooled;
    CHECK(near.opened > 50);
    CHECK(far.opened > 80); // half of the time, and those who came back from the black hole
    // No answer of PoP b comes before its round trip of 80 ms.
    const auto far_requests = report::requests_of(results, report::of_groups(results, by_pop[1].groups)).pooled;
    CHECK(far_requests.ttfb.min() >= 79'000'000);
    CHECK(far.reroute_broken == 0);
    CHECK(near.reroute_broken > 0);

    const Scenario scenario = load_scenario(moved().text(), "moving.fb.json", {});
    using Aggregate = Threshold::Aggregate;
    const auto share = [&](const char* pop) {
        return report::measure(scenario, results,
                               threshold("catchment", Aggregate::Ratio, {{"client", "c"}, {"pop", pop}}))
            .value;
    };
    CHECK(share("a") + share("b") == doctest::Approx(1));
    CHECK(share("b") ==
          doctest::Approx(static_cast<double>(far.opened) / static_cast<double>(near.opened + far.opened)));
    CHECK(report::measure(scenario, results, threshold("reroute_broken", Aggregate::Count, {})).value ==
          static_cast<double>(near.reroute_broken));
}

TEST_CASE("reroute results: a run says what broke, in words and in its result file") {
    const Results results = moved().run(false);
    const Scenario scenario = load_scenario(moved().text(), "moving.fb.json", {});
    const Report report = report_of(scenario, results);
    const ConnectionResults all = all_connections(results);
    const std::string text = run_text(report);
    INFO(text);
    CHECK(text.find(fmt::format("  reroute     {} connections broken, {} of them by RST;", all.reroute_broken,
                                all.reroute_reset)) != std::string::npos);
    CHECK(text.find("packets lost in black holes") != std::string::npos);
    CHECK(text.find("conn_reset  reroute") != std::string::npos);

    const nlohmann::json out = nlohmann::json::parse(result_json(report));
    CHECK(out.at("catchment").size() == 1); // where routes led at the start
    const auto& metrics = out.at("variants")[0].at("metrics");
    std::uint64_t shares = 0, lost = 0, by_event = 0;
    for (const auto& metric : metrics) {
        const auto& labels = metric.at("labels");
        if (metric.at("name") == "catchment") shares += metric.at("count").get<std::uint64_t>();
        if (metric.at("name") == "packets_blackholed" && labels.empty()) lost = metric.at("count").get<std::uint64_t>();
        if (metric.at("name") == "outcome" && labels.contains("event"))
            by_event += metric.at("count").get<std::uint64_t>();
    }
    CHECK(shares == all.opened);
    CHECK(lost > 100);
    CHECK(by_event > 0);
    CHECK(out.at("events")[0].at("do") == "clear_path_rules");
    std::uint64_t of_causes = 0;
    for (const auto& cause : out.at("causes"))
        if (cause.contains("event")) {
            CHECK(cause.at("event") == 0);
            CHECK(cause.at("leg") == "client_edge");
            of_causes += cause.at("count").get<std::uint64_t>();
        }
    CHECK(of_causes == by_event);
}

TEST_CASE("reroute results: a variant whose routes move is compared with a baseline whose routes do not") {
    MovingWorld still = moved();
    still.route = {to_near(0ms)};
    const Results before = still.run(false), after = moved().run(false);
    REQUIRE(before.groups.size() == 1);
    const Scenario scenario = load_scenario(moved().text(), "moving.fb.json", {});
    ReportOptions options;
    options.by = GroupBy::Pop;
    for (const bool turned : {false, true}) {
        const Report report = make_report(scenario,
                                          {VariantResults{"one", "one", true, turned ? &after : &before},
                                           VariantResults{"two", "two", false, turned ? &before : &after}},
                                          options);
        const std::string text = compare_text(report);
        INFO(text);
        CHECK(text.find("by pop") != std::string::npos);
        CHECK(text.find("\n  b ") != std::string::npos);
        CHECK_FALSE(result_json(report).empty());
    }
}
