#include "sample_results.hpp"

#include "report/measure.hpp"

#include <doctest/doctest.h>

using namespace firstbyte;
using namespace firstbyte::samples;

namespace {

using Aggregate = Threshold::Aggregate;
using Op = Threshold::Op;
using Status = ThresholdResult::Status;
using Labels = std::vector<std::pair<std::string, std::string>>;

Threshold threshold(Aggregate aggregate, std::string metric, Labels labels, Op op, double value, double tolerance = 0) {
    Threshold out;
    out.expression = metric;
    out.aggregate = aggregate;
    out.quantile = 0.95;
    out.metric = std::move(metric);
    out.labels = std::move(labels);
    out.op = op;
    out.value = value;
    out.tolerance = tolerance;
    return out;
}

/// Two groups and two objects: 100 requests of "api" (POST) by eu, 300 of "page" (GET) by sa; one failure in each.
Results two_by_two() {
    Results results;
    results.groups = {{"eu-mobile", "eu", "DE", "fra", 30ms, 10, 1.0}, {"sa-fixed", "sa", "BR", "gru", 600ms, 10, 1.0}};
    results.objects = {"api", "page"};
    results.origins = {"us-east", "eu-west"};
    results.replications.resize(2);
    for (ReplicationResults& replication : results.replications) {
        replication.requests.resize(4);
        replication.connections.resize(2);
        replication.origins.resize(2);
        RequestResults& eu_api = replication.requests[0];
        eu_api.ttfb.add(100'000'000, 50);
        eu_api.outcomes[{Cause::CacheHit, GeneratedBy::Edge, -1}] = 49;
        eu_api.outcomes[{Cause::StaleReuse, GeneratedBy::Edge, 0}] = 1;
        RequestResults& sa_page = replication.requests[3];
        sa_page.ttfb.add(900'000'000, 150);
        sa_page.outcomes[{Cause::OriginReplied, GeneratedBy::Origin, 1}] = 149;
        sa_page.outcomes[{Cause::ReadTimeout, GeneratedBy::Edge, 1}] = 1;
        replication.connections[0].opened = 50;
        replication.connections[0].with_cookie = 40;
        replication.connections[0].fallback[static_cast<std::size_t>(TfoFallback::KeyMismatch)] = 5;
        replication.connections[1].opened = 100;
        replication.connections[1].reused = 50;
        replication.connections[1].fallback[static_cast<std::size_t>(TfoFallback::Stripped)] = 20;
        replication.origins[0].requests = 1;
        replication.origins[1].requests = 150;
        replication.origins[1].reused = 120;
        replication.origins[1].ttfb.add(50'000'000, 150);
    }
    return results;
}

ThresholdResult judge(const Threshold& asked, const Results& results) {
    static Scenario scenario;
    scenario = minimal_scenario();
    scenario.workload.objects.resize(2);
    scenario.workload.objects[0].method = "POST";
    scenario.workload.objects[1].method = "GET";
    scenario.thresholds = {asked};
    const Report report = make_report(scenario, {variant("base", "base", false, results)}, options());
    REQUIRE(report.thresholds.size() == 1);
    return report.thresholds.front();
}

} // namespace

TEST_CASE("thresholds: value, samples and verdict of each aggregate and label") {
    struct Row {
        const char* name;
        Threshold threshold;
        double value;
        std::uint64_t samples;
        Status status;
    };
    const Row rows[] = {
        {"quantile over all", threshold(Aggregate::Quantile, "ttfb", {}, Op::Less, 1e9), 900e6, 400, Status::Passed},
        {"quantile of one region", threshold(Aggregate::Quantile, "ttfb", {{"region", "eu"}}, Op::Less, 90e6), 100e6,
         100, Status::Failed},
        {"two labels", threshold(Aggregate::Max, "ttfb", {{"pop", "gru"}, {"country", "BR"}}, Op::LessEqual, 900e6),
         900e6, 300, Status::Passed},
        {"labels that exclude one another",
         threshold(Aggregate::Max, "ttfb", {{"pop", "gru"}, {"client", "eu-mobile"}}, Op::LessEqual, 900e6), 0, 0,
         Status::Failed},
        {"bucket of the round-trip time", threshold(Aggregate::Min, "ttfb", {{"rtt", "20-50"}}, Op::Less, 101e6), 100e6,
         100, Status::Passed},
        {"last bucket", threshold(Aggregate::Min, "ttfb", {{"rtt", ">500 ms"}}, Op::Greater, 899e6), 900e6, 300,
         Status::Passed},
        {"object", threshold(Aggregate::Mean, "ttfb", {{"object", "api"}}, Op::Equal, 100e6, 1e6), 100e6, 100,
         Status::Passed},
        {"method", threshold(Aggregate::Mean, "ttfb", {{"method", "GET"}}, Op::Equal, 898e6, 1e6), 900e6, 300,
         Status::Failed},
        {"connections of a region", threshold(Aggregate::Count, "connections", {{"region", "eu"}}, Op::Equal, 100), 100,
         100, Status::Passed},
        {"connections, of which they are all", threshold(Aggregate::Ratio, "connections", {}, Op::Equal, 1), 1, 300,
         Status::Passed},
        {"count of times", threshold(Aggregate::Count, "ttfb", {}, Op::GreaterEqual, 400), 400, 400, Status::Passed},
        {"rate of a code, of all requests", threshold(Aggregate::Rate, "outcome", {{"code", "520"}}, Op::Less, 0.01),
         2.0 / 400, 400, Status::Passed},
        {"rate of a code in one region",
         threshold(Aggregate::Rate, "outcome", {{"code", "520"}, {"region", "eu"}}, Op::Less, 0.01), 2.0 / 100, 100,
         Status::Failed},
        {"rate of a code among the requests of an origin",
         threshold(Aggregate::Rate, "outcome", {{"code", "524"}, {"origin", "eu-west"}}, Op::Less, 0.01), 2.0 / 300,
         300, Status::Passed},
        {"nothing counted is a value, not the absence of samples",
         threshold(Aggregate::Count, "outcome", {{"code", "522"}}, Op::Equal, 0), 0, 400, Status::Passed},
        {"cause", threshold(Aggregate::Count, "outcome", {{"cause", "stale_reuse"}}, Op::Equal, 2), 2, 400,
         Status::Passed},
        {"who made it", threshold(Aggregate::Count, "outcome", {{"generated_by", "origin"}}, Op::Equal, 298), 298, 400,
         Status::Passed},
        {"leg", threshold(Aggregate::Count, "outcome", {{"leg", "edge_origin"}}, Op::Equal, 302), 302, 400,
         Status::Passed},
        {"ratio is per connection", threshold(Aggregate::Ratio, "cookie_hit", {}, Op::Greater, 0.6), 80.0 / 300, 300,
         Status::Failed},
        {"ratio in one region", threshold(Aggregate::Ratio, "cookie_hit", {{"region", "eu"}}, Op::Greater, 0.6), 0.8,
         100, Status::Passed},
        {"fallbacks of all kinds", threshold(Aggregate::Sum, "tfo_fallback", {}, Op::Equal, 50), 50, 300,
         Status::Passed},
        {"fallbacks of one kind", threshold(Aggregate::Count, "tfo_fallback", {{"why", "stripped"}}, Op::Equal, 40), 40,
         300, Status::Passed},
        {"time to first byte at the edge",
         threshold(Aggregate::Max, "origin_ttfb", {{"origin", "eu-west"}}, Op::Less, 51e6), 50e6, 300, Status::Passed},
        {"reuse of the client's leg", threshold(Aggregate::Ratio, "reuse", {{"leg", "client_edge"}}, Op::Equal, 0.25),
         0.25, 400, Status::Passed},
        {"reuse of the origin's leg", threshold(Aggregate::Ratio, "reuse", {{"origin", "eu-west"}}, Op::Equal, 0.8),
         0.8, 300, Status::Passed},
        {"a value of a label that nobody has", threshold(Aggregate::Max, "ttfb", {{"region", "mars"}}, Op::Less, 1e12),
         0, 0, Status::Failed},
        {"a label that the metric is not kept apart by",
         threshold(Aggregate::Max, "ttfb", {{"code", "200"}}, Op::Less, 1e12), 0, 0, Status::Failed},
        {"a time without a sample", threshold(Aggregate::Max, "tfo_penalty", {}, Op::Less, 1e12), 0, 0, Status::Failed},
    };
    const Results results = two_by_two();
    for (const Row& row : rows) {
        CAPTURE(row.name);
        const ThresholdResult result = judge(row.threshold, results);
        CHECK(result.value == doctest::Approx(row.value).epsilon(1e-9));
        CHECK(result.samples == row.samples);
        CHECK(result.status == row.status);
    }
}

TEST_CASE("thresholds: at the limit, < fails and <= passes") {
    const Results results = two_by_two();
    const Labels eu{{"region", "eu"}};
    CHECK(judge(threshold(Aggregate::Max, "ttfb", eu, Op::Less, 100e6), results).status == Status::Failed);
    CHECK(judge(threshold(Aggregate::Max, "ttfb", eu, Op::LessEqual, 100e6), results).status == Status::Passed);
    CHECK(judge(threshold(Aggregate::Max, "ttfb", eu, Op::Greater, 100e6), results).status == Status::Failed);
    CHECK(judge(threshold(Aggregate::Max, "ttfb", eu, Op::GreaterEqual, 100e6), results).status == Status::Passed);
}

TEST_CASE("thresholds: a warning does not fail the run, unless it found nothing to judge") {
    const Results results = two_by_two();
    Threshold warning = threshold(Aggregate::Max, "ttfb", {}, Op::Less, 1e6);
    warning.error = false;
    CHECK(judge(warning, results).status == Status::Warned);
    warning.labels = {{"region", "mars"}};
    const ThresholdResult empty = judge(warning, results);
    CHECK(empty.status == Status::Failed);
    CHECK(empty.reason == "0 samples");
}

TEST_CASE("thresholds: in a comparison every variant but the baseline is judged") {
    Scenario scenario = minimal_scenario();
    scenario.thresholds = {p95_below_250ms(), p95_below_250ms(), p95_below_250ms()};
    scenario.thresholds[1].variant = "off";
    scenario.thresholds[2].labels = {{"variant", "absent"}};
    const Results off = minimal_results(false), on = minimal_results(true);
    const Report report = make_report(
        scenario,
        {variant("off", "off", true, off), variant("on", "on", false, on), variant("also", "also", false, on)},
        options());
    REQUIRE(report.thresholds.size() == 4);
    CHECK(report.thresholds[0].variant == "on");
    CHECK(report.thresholds[0].status == Status::Passed);
    CHECK(report.thresholds[1].variant == "also");
    CHECK(report.thresholds[2].variant == "off"); // named: judged although it is the baseline; its p95 is 273 ms
    CHECK(report.thresholds[2].status == Status::Failed);
    CHECK(report.thresholds[2].value == 273e6);
    CHECK(report.thresholds[3].status == Status::Skipped);
    CHECK(report.threshold_failed());

    ReportOptions unjudged = options();
    unjudged.judge_thresholds = false;
    CHECK(make_report(scenario, {variant("off", "off", true, off)}, unjudged).thresholds.empty());
}

TEST_CASE("thresholds: a saving is judged against the baseline, and in a run not at all") {
    Scenario scenario = minimal_scenario();
    Threshold saving = p95_below_250ms();
    saving.saving = true;
    saving.quantile = 0.5;
    saving.op = Op::GreaterEqual;
    saving.value = 0.10;
    saving.value_is_share = true;
    Threshold as_time = saving;
    as_time.value = 81e6;
    as_time.value_is_share = false;
    scenario.thresholds = {saving, as_time};
    const Results off = minimal_results(false), on = minimal_results(true);
    const Report compared =
        make_report(scenario, {variant("off", "off", true, off), variant("on", "on", false, on)}, options());
    REQUIRE(compared.thresholds.size() == 2);
    CHECK(compared.thresholds[0].value == doctest::Approx(80.0 / 241));
    CHECK(compared.thresholds[0].status == Status::Passed);
    CHECK(compared.thresholds[1].value == 80e6);
    CHECK(compared.thresholds[1].status == Status::Failed);

    const Report run = make_report(scenario, {variant("base", "base", false, on)}, options());
    CHECK(run.thresholds[0].status == Status::Skipped);
    CHECK(run.thresholds[0].reason == "needs `compare`");
    CHECK_FALSE(run.threshold_failed());
}

TEST_CASE("thresholds: the section of the summary has the columns of the design") {
    Scenario scenario = minimal_scenario();
    const Results results = two_by_two();
    Threshold failing = threshold(Aggregate::Quantile, "ttfb", {{"region", "sa"}}, Op::Less, 800e6);
    failing.expression = "p95(ttfb{region=sa}) < 800ms";
    Threshold rate = threshold(Aggregate::Rate, "outcome", {{"code", "520"}}, Op::Less, 0.01);
    rate.expression = "rate(outcome{code=520}) < 1.00%";
    Threshold warned = threshold(Aggregate::Rate, "outcome", {{"code", "524"}}, Op::Less, 0.001);
    warned.expression = "rate(outcome{code=524}) < 0.1%";
    warned.note = "slow origin expected";
    warned.error = false;
    Threshold saving = threshold(Aggregate::Quantile, "ttfb", {}, Op::GreaterEqual, 0.1);
    saving.expression = "saving(p50(ttfb)) >= 10%";
    saving.saving = true;
    scenario.thresholds = {failing, rate, warned, saving};
    const std::string text = run_text(make_report(scenario, {variant("base", "base", false, results)}, options()));
    INFO(text);
    CHECK(text.substr(text.find("\n  thresholds")) == R"(
  thresholds
    FAIL  p95(ttfb{region=sa}) < 800ms               900.0 ms   12 % over; 300 samples
    ok    rate(outcome{code=520}) < 1.00%            0.50 %     50 % under; 400 samples
    warn  rate(outcome{code=524}) < 0.1%             0.50 %     400 % over; 400 samples; slow origin expected
    skip  saving(p50(ttfb)) >= 10%                              needs `compare`
)");
}

TEST_CASE("thresholds: timer, client_view and event choose outcomes") {
    Results results = two_by_two();
    results.replications[0].requests[3].outcomes[{Cause::Reroute, GeneratedBy::None, -1, 2}] = 4;
    const Scenario scenario;
    const auto count = [&](const Labels& labels) {
        return report::measure(scenario, results, threshold(Aggregate::Count, "outcome", labels, Op::Less, 1)).value;
    };
    CHECK(count({{"timer", "read"}}) == 2);
    CHECK(count({{"timer", "connect"}}) == 0);
    CHECK(count({{"client_view", "http_error"}}) == 4); // 520 and 524, in both replications
    CHECK(count({{"client_view", "conn_reset"}}) == 4);
    CHECK(count({{"event", "2"}}) == 4);
    CHECK(count({{"event", "1"}}) == 0);
}

TEST_CASE("thresholds: metrics of legs, origins and caches") {
    Results results = two_by_two();
    results.pops = {"fra", "gru"};
    for (ReplicationResults& replication : results.replications) {
        replication.connections[0].probes_answered = 3;
        replication.connections[1].probes_unanswered = 5;
        replication.origins[0].probes_unanswered = 7;
        replication.connections[0].idle_at_reuse.add(1'000'000'000, 2);
        replication.origins[1].idle_at_reuse.add(3'000'000'000, 2);
        replication.origins[1].wait.add(20'000'000, 4);
        replication.origins[1].rejected = 15;
        replication.origins[1].executions = 40;
        replication.origins[1].executed_again = 6;
        replication.origins[1].repeated_unsafe = 2;
        replication.caches = {{6, 1, 3, 2, 1, 0}, {0, 0, 10, 0, 0, 0}};
    }
    const Scenario scenario;
    const auto value = [&](Aggregate aggregate, const char* metric, const Labels& labels) {
        const report::Measurement measured =
            report::measure(scenario, results, threshold(aggregate, metric, labels, Op::Less, 1));
        CAPTURE(metric);
        CHECK(measured.obstacle.empty());
        CHECK(measured.samples > 0);
        return measured.value;
    };
    CHECK(value(Aggregate::Count, "keepalive_probes", {}) == 30);
    CHECK(value(Aggregate::Count, "keepalive_probes", {{"leg", "client_edge"}}) == 16);
    CHECK(value(Aggregate::Count, "keepalive_probes", {{"answer", "unanswered"}}) == 24);
    CHECK(value(Aggregate::Count, "keepalive_probes", {{"origin", "us-east"}}) == 14);
    CHECK(value(Aggregate::Count, "idle_at_reuse", {}) == 8);
    CHECK(value(Aggregate::Max, "idle_at_reuse", {{"leg", "client_edge"}}) == doctest::Approx(1e9).epsilon(0.01));
    CHECK(value(Aggregate::Count, "origin_wait", {{"origin", "eu-west"}}) == 8);
    CHECK(value(Aggregate::Rate, "origin_rejected", {{"origin", "eu-west"}}) == doctest::Approx(0.1)); // of 150
    CHECK(value(Aggregate::Count, "executions", {}) == 80);
    CHECK(value(Aggregate::Count, "repeated_executions", {}) == 12);
    CHECK(value(Aggregate::Count, "unsafe_repeats", {}) == 4);
    CHECK(value(Aggregate::Ratio, "cache_hits", {{"pop", "fra"}}) == doctest::Approx(0.6));
    CHECK(value(Aggregate::Ratio, "cache_hits", {}) == doctest::Approx(0.3));
    CHECK(value(Aggregate::Count, "cache_stale", {}) == 2);
    CHECK(value(Aggregate::Count, "cache_misses", {{"pop", "gru"}}) == 20);
    CHECK(value(Aggregate::Count, "cache_coalesced", {}) == 4);
    CHECK(value(Aggregate::Count, "cache_evictions", {}) == 2);
}
