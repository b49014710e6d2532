#include "report/slice.hpp"
#include "scenario/metrics.hpp"
#include "scenario/support.hpp"

#include <chrono>

using namespace firstbyte;
using namespace firstbyte::scenario_test;
using Aggregate = Threshold::Aggregate;
using Op = Threshold::Op;

TEST_CASE("thresholds: the grammar of the format's section 7") {
    struct Row {
        const char* expression;
        Aggregate aggregate;
        double quantile;
        bool saving;
        const char* metric;
        std::vector<std::pair<std::string, std::string>> labels;
        Op op;
        double value, tolerance;
        bool share;
    };
    const Row rows[] = {
        {"p95(ttfb) < 250ms", Aggregate::Quantile, 0.95, false, "ttfb", {}, Op::Less, 250e6, 0, false},
        {"p99.9(ttfb) <= 1s", Aggregate::Quantile, 0.999, false, "ttfb", {}, Op::LessEqual, 1e9, 0, false},
        {"rate(outcome{code=524}) <= 0.1%",
         Aggregate::Rate,
         0,
         false,
         "outcome",
         {{"code", "524"}},
         Op::LessEqual,
         0.001,
         0,
         true},
        {"count(outcome{code=520,origin=web}) == 0",
         Aggregate::Count,
         0,
         false,
         "outcome",
         {{"code", "520"}, {"origin", "web"}},
         Op::Equal,
         0,
         0,
         false},
        {"ratio(cookie_hit) > 60%", Aggregate::Ratio, 0, false, "cookie_hit", {}, Op::Greater, 0.6, 0, true},
        {"ratio(cookie_hit) > 0.6", Aggregate::Ratio, 0, false, "cookie_hit", {}, Op::Greater, 0.6, 0, false},
        {"saving(p50(ttfb{region=eu})) >= 15%",
         Aggregate::Quantile,
         0.5,
         true,
         "ttfb",
         {{"region", "eu"}},
         Op::GreaterEqual,
         0.15,
         0,
         true},
        {"saving(mean(ttfb)) >= 60ms", Aggregate::Mean, 0, true, "ttfb", {}, Op::GreaterEqual, 60e6, 0, false},
        {"p50(ttfb) == 241ms +- 1ms", Aggregate::Quantile, 0.5, false, "ttfb", {}, Op::Equal, 241e6, 1e6, false},
        {"  max( ttfb )<1s ", Aggregate::Max, 0, false, "ttfb", {}, Op::Less, 1e9, 0, false},
        {"ratio(reuse{leg=edge_origin}) > 90%",
         Aggregate::Ratio,
         0,
         false,
         "reuse",
         {{"leg", "edge_origin"}},
         Op::Greater,
         0.9,
         0,
         true},
        {"sum(saved_rtt) > 10", Aggregate::Sum, 0, false, "saved_rtt", {}, Op::Greater, 10, 0, false},
    };
    for (const Row& row : rows) {
        CAPTURE(row.expression);
        const Scenario s = load_scenario(small(std::string(", \"thresholds\": [ \"") + row.expression + "\" ]"), "-");
        REQUIRE(s.thresholds.size() == 1);
        const Threshold& threshold = s.thresholds[0];
        CHECK(threshold.expression == row.expression);
        CHECK(threshold.aggregate == row.aggregate);
        CHECK(threshold.quantile == row.quantile);
        CHECK(threshold.saving == row.saving);
        CHECK(threshold.metric == row.metric);
        CHECK(threshold.labels == row.labels);
        CHECK(threshold.op == row.op);
        CHECK(threshold.value == row.value);
        CHECK(threshold.tolerance == row.tolerance);
        CHECK(threshold.value_is_share == row.share);
        CHECK(threshold.error);
    }
}

TEST_CASE("thresholds: every value that results give a closed label can be asked for") {
    std::vector<std::string> labels{"code=499", "code=523", "code=526", "leg=client_edge", "leg=edge_origin"};
    for (int cause = 0; cause < static_cast<int>(Cause::count_); ++cause)
        labels.push_back("code=" + report::code_of({static_cast<Cause>(cause)}));
    for (const auto who : {GeneratedBy::None, GeneratedBy::Edge, GeneratedBy::Origin})
        labels.push_back(std::string("generated_by=") + report::name_of(who));
    std::vector<std::string> buckets;
    for (const int ms : {1, 10, 11, 50, 60, 150, 300, 501}) {
        GroupLabels group;
        group.rtt = std::chrono::milliseconds{ms};
        const std::string name = report::label_value(group, GroupBy::Rtt);
        if (buckets.empty() || buckets.back() != name) buckets.push_back(name);
    }
    CHECK(buckets == scenario::rtt_bucket_names());
    for (const std::string& name : buckets) labels.push_back("rtt=" + name);
    labels.insert(labels.end(), {"rtt=50-100", "rtt=50-100ms", "rtt=>500"});
    for (const std::string& label : labels) {
        const std::string text = small(", \"thresholds\": [ \"count(outcome{" + label + "}) >= 0\" ]");
        CHECK_MESSAGE(issues_of(text).empty(), label);
    }
}

TEST_CASE("thresholds: an unknown value of a closed label comes with the nearest") {
    const auto suggestion = [](const std::string& label) {
        const auto issues = issues_of(small(", \"thresholds\": [ \"count(outcome{" + label + "}) == 0\" ]"));
        return issues.size() == 1 && issues[0].code == "E414" ? issues[0].suggestion : "not refused";
    };
    CHECK(suggestion("code=conn_rest") == "did you mean \"conn_reset\"?");
    CHECK(suggestion("leg=edge_orign") == "did you mean \"edge_origin\"?");
    CHECK(suggestion("generated_by=orgin") == "did you mean \"origin\"?");
    CHECK(suggestion("rtt=50-100 s") == "did you mean \"50-100 ms\"?");
}

TEST_CASE("thresholds: level, note and variant of the object form") {
    const Scenario s = load_scenario(
        small(
            R"(, "thresholds": [ { "expr": "p95(ttfb) < 1s", "level": "warn", "note": "why", "variant": "tfo-on" } ])"),
        "-");
    REQUIRE(s.thresholds.size() == 1);
    CHECK_FALSE(s.thresholds[0].error);
    CHECK(s.thresholds[0].note == "why");
    CHECK(s.thresholds[0].variant == "tfo-on"); // made by --toggle, so the file need not know it
}

TEST_CASE("thresholds: wrong ones are refused at the right character") {
    struct Row {
        const char *expression, *code;
        int column;
    };
    const Row rows[] = {
        {"p95(ttfb < 1s", "E411", 9},
        {"p95(ttfb)", "E411", 8},
        {"p95(ttfb) < ", "E411", 11},
        {"p95(ttfb) ~ 1s", "E411", 10},
        {"", "E411", 0},
        {"p100(ttfb) < 1s", "E412", 0},
        {"p0(ttfb) < 1s", "E412", 0},
        {"median(ttfb) < 1s", "E412", 0},
        {"p95(ttfb{}) < 1s", "E411", 9},
        {"p95(ttfb{region}) < 1s", "E411", 15},
        {"p95(ttfb{region=}) < 1s", "E411", 16},
        {"p95(ttfb) < 10%", "E415", 12},
        {"rate(outcome{code=520}) < 5", "E415", 26},
        {"count(outcome) == 1s", "E415", 18},
        {"p95(ttfb) < 1s +- 1ms", "E416", 18},
        {"saving(p50(ttfb) >= 10%", "E411", 17},
        {"p95(ttfb{why=stripped}) < 1s", "E413", 9},
        {"ratio(tfo_fallback{why=strip}) < 1%", "E414", 23},
        {"rate(outcome{cause=conect_timeout}) < 1%", "E414", 19},
        {"rate(outcome{generated_by=cdn}) < 1%", "E414", 26},
        {"saving(saving(p50(ttfb))) > 1%", "E411", 17},
    };
    for (const Row& row : rows) {
        CAPTURE(row.expression);
        const std::vector<Issue> issues =
            issues_of(small(std::string(",\n\"thresholds\": [\n\"") + row.expression + "\"]"));
        REQUIRE(issues.size() == 1);
        CHECK(issues[0].code == row.code);
        CHECK(issues[0].line == 5);
        CHECK(issues[0].column == row.column + 2);
    }
}
