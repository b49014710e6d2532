// Stored results as one side of something: `compare old.json new.json`, and `run --baseline old.json`.
#include "cli/program.hpp"
#include "firstbyte/schema.hpp"
#include "scenario/schema_checker.hpp"

#include <doctest/doctest.h>

#include <nlohmann/json.hpp>

using firstbyte::test::contains;
using firstbyte::test::Finished;
using firstbyte::test::Folder;
using firstbyte::test::read_text;
using firstbyte::test::small_scenario;
using nlohmann::json;

namespace {

void replace(std::string& text, const std::string& from, const std::string& to) {
    text.replace(text.find(from), from.size(), to);
}

/// 2 ms later at the edge: every first byte is 2 ms later.
std::string slow_scenario(const std::string& thresholds = "\"p95(ttfb) < 10s\"") {
    std::string text = small_scenario(thresholds);
    replace(text, "\"processing\": \"1ms\"", "\"processing\": \"3ms\"");
    return text;
}

/// Scenarios s and slow with the results that they gave.
const Folder& prepared() {
    static const Folder folder;
    static const bool written = [] {
        folder.write("s.fb.json", small_scenario());
        folder.write("slow.fb.json", slow_scenario());
        REQUIRE(folder.run("run s.fb.json -o s.json").code == 0);
        REQUIRE(folder.run("run slow.fb.json -o slow.json").code == 0);
        REQUIRE(folder.run("run s.fb.json --seed 43 -o other.json").code == 0);
        REQUIRE(folder.run("compare s.fb.json --toggle tcp.client_edge.fast_open -o both.json").code == 0);
        return true;
    }();
    static_cast<void>(written);
    return folder;
}

/// What stands above the thresholds, of which a comparison of stored results has none.
std::string tables(const std::string& text) { return text.substr(0, text.find("\n  thresholds")); }

Finished against_s(const std::string& scenario, const std::string& options) {
    prepared().write("now.fb.json", scenario);
    return prepared().run("run now.fb.json --baseline s.json " + options);
}

} // namespace

TEST_CASE("stored results: the same seed and clients are paired and say what the simulated comparison says") {
    const Finished stored = prepared().run("compare s.json slow.json");
    const Finished simulated = prepared().run("compare s.fb.json slow.fb.json");
    CHECK(stored.code == 0);
    CHECK(contains(stored.out, "slow is "));
    CHECK(contains(stored.out, "slower at the median: +2.0 ms (95 % CI +2.0 .. +2.0)"));
    CHECK(stored.out == tables(simulated.out));
    CHECK(contains(stored.err, "paired over 5 replications: the same seed and clients in both results."));
    CHECK(prepared().run("compare s.json slow.json -q").out == stored.out.substr(0, stored.out.find('\n') + 1));
    CHECK(prepared().run("compare s.json slow.json --by client").out ==
          tables(prepared().run("compare s.fb.json slow.fb.json --by client").out));
}

TEST_CASE("stored results: two variants of one comparison give its verdict and its savings again") {
    const Finished stored = prepared().run("compare 'both.json#fast_open=false' 'both.json#fast_open=true'");
    const Finished simulated = prepared().run("compare s.fb.json --toggle tcp.client_edge.fast_open");
    CHECK(stored.code == 0);
    CHECK(stored.out.substr(0, stored.out.find('\n')) == simulated.out.substr(0, simulated.out.find('\n')));
    CHECK(contains(simulated.out, "  why p50, p95 and p99 do not move: "));
    CHECK(contains(stored.out, tables(simulated.out.substr(simulated.out.find("  why p50")))));
}

TEST_CASE("stored results: other seeds are independent samples; what may be chance is said in words") {
    const Finished finished = prepared().run("compare s.json other.json");
    CHECK(finished.code == 0);
    CHECK(contains(finished.err, "not paired (seeds 42 and 43): the intervals are those of independent samples."));
    CHECK(contains(finished.out, "other makes no detectable difference at the median"));
    CHECK(contains(finished.out, "no detectable difference\n"));
    const Finished fewer = prepared().run("run s.fb.json --replications 4 -q -o few.json");
    CHECK(contains(prepared().run("compare s.json few.json").err, "not paired (5 and 4 replications)"));
}

TEST_CASE("stored results: without the ranks of its replications a quantile is left out and the mean is compared") {
    json old = json::parse(read_text(prepared() / "s.json"));
    for (json& metric : old.at("variants")[0].at("metrics")) metric.erase("ranks");
    prepared().write("older.json", old.dump());
    const Finished finished = prepared().run("compare older.json slow.json");
    CHECK(finished.code == 0);
    CHECK(contains(finished.out, "slower in the mean: +2.0 ms (95 % CI +2.0 .. +2.0).\n"));
    CHECK_FALSE(contains(finished.out, "\n  p50"));
    CHECK(contains(finished.err, "left out: p50, p95, p99; "));
}

TEST_CASE("stored results: a comparison is a result of its own, with the rows of the simulated one") {
    const Folder& folder = prepared();
    const json simulated = json::parse(folder.run("compare s.fb.json slow.fb.json --format json").out);
    REQUIRE(folder.run("compare s.json slow.json -o joined.json -o joined.html -o joined.md -o joined.xml").code == 0);
    const json joined = json::parse(read_text(folder / "joined.json"));
    CHECK(firstbyte::scenario_test::SchemaChecker(json::parse(firstbyte::result_schema_json())).why_not(joined) == "");
    const auto first_bytes = [](const json& result) {
        json rows = json::array();
        for (const json& row : result.at("comparisons"))
            if (row.at("metric") == "ttfb") rows.push_back(row);
        return rows;
    };
    CHECK(first_bytes(simulated).size() > 10);
    CHECK(first_bytes(joined) == first_bytes(simulated));
    CHECK(joined.at("remarks")[0] == "paired over 5 replications: the same seed and clients in both results.");
    CHECK(contains(joined.at("remarks")[1], "the scenario files differ: small (SHA-256 "));
    // The effective scenario of the variant is its own one again.
    const json slow = json::parse(read_text(folder / "slow.json"));
    CHECK(joined.at("scenario").at("effective").patch(joined.at("variants")[1].at("scenario_patch")) ==
          slow.at("scenario").at("effective"));
    CHECK(contains(read_text(folder / "joined.md"), "**slow is 0.83 % slower at the median** ("));
    CHECK(contains(read_text(folder / "joined.html"), "<dt>comparison</dt><dd>paired over 5 replications"));
    // What was stored of a comparison is compared again.
    CHECK(folder.run("compare 'joined.json#s' 'joined.json#slow'").out == folder.run("compare s.json slow.json").out);
}

TEST_CASE("stored results: events of one side only are not taken for those of the other") {
    const Folder& folder = prepared();
    const std::string run =
        "run " FIRSTBYTE_SOURCE_DIR "/scenarios/pop-withdraw.fb.json --replications 1 -q --exit-zero ";
    REQUIRE(folder.run(run + "-o withdrawn.json").code == 0);
    REQUIRE(folder.run(run + "--set 'events[0].at=121s' -o later.json").code == 0);
    const json joined = json::parse(folder.run("compare withdrawn.json later.json --format json").out);
    CHECK(joined.at("events") == json::parse(read_text(folder / "later.json")).at("events"));
    CHECK(contains(joined.at("remarks").dump(), "the events differ: those of later are shown."));
    std::size_t named = 0;
    for (const json& row : joined.at("causes")) {
        if (row.at("variant") == "withdrawn") CHECK_FALSE(row.contains("event"));
        named += row.contains("event");
    }
    CHECK(named > 0);
    CHECK_FALSE(contains(joined.at("variants")[0].dump(), "\"event\":"));
    CHECK(contains(joined.at("variants")[1].dump(), "\"event\":"));
}

TEST_CASE("stored results: what cannot be compared is refused with a sentence") {
    prepared().write("broken.json", "{ \"format\": 1 }");
    struct Row {
        const char* arguments;
        int code;
        const char* says;
    };
    const Row rows[] = {
        {"compare s.json", 2, "name two to compare"},
        {"compare s.json slow.fb.json", 2, "slow.fb.json is no stored result by its name"},
        {"compare s.json slow.json --replications 3", 2, "stored results are compared without a simulation"},
        {"compare both.json s.json", 1, "both.json has the variants fast_open=false, fast_open=true: choose one"},
        {"compare both.json#on s.json", 1, "both.json has no variant \"on\"; it has fast_open=false, fast_open=true"},
        {"compare broken.json s.json", 1, "broken.json: this is no result of run or compare"},
        {"compare missing.json s.json", 1, "cannot read missing.json"},
    };
    for (const Row& row : rows) {
        CAPTURE(row.arguments);
        const Finished finished = prepared().run(row.arguments);
        CHECK(finished.code == row.code);
        CHECK(contains(finished.err, row.says));
    }
}

TEST_CASE("baseline: a run may be worse by what is tolerated and not by more") {
    const Finished good = against_s(slow_scenario(), "--tolerate 5%");
    CHECK(good.code == 0);
    CHECK(contains(good.out, "    ok    p95(ttfb) <= baseline + 5%"));
    // 3 RTT + 1 ms + the origin's 32 ms are 273 ms, and 5 % of it 13.65 ms; the run is 2 ms later.
    CHECK(contains(good.out, "275.0 ms   4 % under; "));
    CHECK(contains(good.out, " samples; limit 286.6 ms, baseline 273.0 ms"));
    const Finished bad = against_s(slow_scenario(), "--tolerate 0.5%");
    CHECK(bad.code == 99);
    CHECK(contains(bad.out, "    FAIL  p95(ttfb) <= baseline + 0.5%"));
    CHECK(contains(bad.out, "275.0 ms   0.23 % over; "));
    CHECK(contains(bad.out, " samples; limit 274.4 ms, baseline 273.0 ms"));
    CHECK(contains(bad.err, "1 of 2 thresholds failed."));
    CHECK(against_s(small_scenario(), "--tolerate 0.5%").code == 0);
}

TEST_CASE("baseline: the limit stands in result.json as a number") {
    const json result = json::parse(against_s(slow_scenario(), "--tolerate 0.5% --format json").out);
    const json& row = result.at("thresholds").at(1);
    CHECK(row.at("expr") == "p95(ttfb) <= baseline + 0.5%");
    CHECK(row.at("limit") == 274'365'000);
    CHECK(row.at("value") == 275'000'000);
    CHECK(row.at("passed") == false);
}

TEST_CASE("baseline: saving(..) is judged against it, and lower limits the other way round") {
    const auto with = [](const char* threshold) { return slow_scenario("\"" + std::string(threshold) + "\""); };
    CHECK(against_s(with("saving(p95(ttfb)) >= -5%"), "").code == 0);
    const Finished absolute = against_s(with("saving(p95(ttfb)) >= -1ms"), "");
    CHECK(absolute.code == 99);
    CHECK(contains(absolute.out, "FAIL  p95(ttfb) <= baseline + 1ms"));
    CHECK(contains(absolute.out, "limit 274.0 ms, baseline 273.0 ms"));
    CHECK(against_s(with("saving(p95(ttfb)) >= 1%"), "").code == 99);
    const Finished ratio = against_s(with("ratio(cookie_hit) > 1%"), "--tolerate 2%");
    CHECK(ratio.code == 0);
    CHECK(contains(ratio.out, "ok    ratio(cookie_hit) >= baseline - 2%"));
    const Finished never = against_s(with("rate(outcome{code=524}) < 1%"), "--tolerate 2%");
    CHECK(never.code == 0);
    CHECK(contains(never.out, " samples; limit 0 %, baseline 0 %"));
}

TEST_CASE("baseline: with no threshold to repeat, the first byte's p50, p95, p99 and mean are held against it") {
    const Finished finished = against_s(slow_scenario(""), "--tolerate 0.5%");
    CHECK(finished.code == 99);
    for (const char* what : {"p50(ttfb)", "p95(ttfb)", "p99(ttfb)", "mean(ttfb)"})
        CHECK(contains(finished.out, "  " + std::string(what) + " <= baseline + 0.5%"));
}

TEST_CASE("baseline: what it does not have is told before anything is simulated") {
    const auto with = [](const char* threshold) { return slow_scenario("\"" + std::string(threshold) + "\""); };
    struct Row {
        std::string scenario;
        const char* options;
        int code;
        const char* says;
    };
    std::string fixed = with("p95(ttfb{client=fixed}) < 1s");
    replace(fixed, "\"id\": \"mobile\"", "\"id\": \"fixed\"");
    const Row rows[] = {
        {fixed, "--tolerate 5%", 1,
         "s.json: no baseline for p95(ttfb{client=fixed}): the result has no ttfb with that label; there are mobile"},
        {with("count(outcome{code=200}) > 1"), "--tolerate 5% --replications 4", 1, "counts grow with both"},
        {with("p95(ttfb) < 1s"), "", 2, "nothing to hold against it"},
        {with("p95(ttfb) < 1s"), "--tolerate 5", 2, "--tolerate: \"5\" is no share between 0 and 1, such as 5%"},
        {with("p95(ttfb) < 1s"), "--tolerate 5% --no-thresholds", 2, "--no-thresholds leaves them out"},
    };
    for (const Row& row : rows) {
        CAPTURE(row.says);
        const Finished finished = against_s(row.scenario, row.options);
        CHECK(finished.code == row.code);
        CHECK(contains(finished.err, row.says));
        CHECK(finished.out.empty());
    }
    CHECK(prepared().run("run s.fb.json --tolerate 5%").code == 2);
}
