/// `firstbyte report` of several results: where something moved, and that nothing is said to have moved by chance.
#include "cli/program.hpp"

#include <doctest/doctest.h>
#include <nlohmann/json.hpp>

#include <algorithm>
#include <filesystem>
#include <string>

using firstbyte::test::contains;
using firstbyte::test::Finished;
using firstbyte::test::Folder;
using firstbyte::test::lines_of;
using firstbyte::test::small_scenario;
using nlohmann::json;

namespace {

/// Results a to d: at the edge 1, 1, 3 and 3 ms; e has another seed; both has Fast Open off and on.
const Folder& history() {
    static const Folder folder;
    static const bool written = [] {
        folder.write("s.fb.json", small_scenario());
        std::filesystem::create_directory(folder / "h");
        const std::string run = "run s.fb.json -q --exit-zero -o h/";
        for (const char* name : {"a", "b"}) REQUIRE(folder.run(run + name + ".json").code == 0);
        for (const char* name : {"c", "d"})
            REQUIRE(folder.run(run + name + ".json --set edge.processing=3ms").code == 0);
        REQUIRE(folder.run(run + "e.json --seed 7").code == 0);
        REQUIRE(folder.run("compare s.fb.json --toggle tcp.client_edge.fast_open -q -o both.json").code == 0);
        REQUIRE(folder.run("run s.fb.json --set 'thresholds[0]=p95(ttfb) < 1ms' -q -o late.json").code == 99);
        return true;
    }();
    static_cast<void>(written);
    return folder;
}

} // namespace

TEST_CASE("trend: the step is found, and what did not move is said to be the same") {
    const Finished text = history().run("report h/a.json h/b.json h/c.json h/d.json --format text");
    CHECK(text.code == 0);
    // Every first byte is 2 ms later. p95 stands where few values share the samples, and its interval contains 0.
    CHECK(contains(lines_of(text.out).front(), "d against a: p50 +2.0 ms (+0.83 %), "));
    CHECK(contains(lines_of(text.out).front(),
                   "mean +2.0 ms (+0.83 %); the largest step of the mean, +2.0 ms (+0.83 %), "
                   "came with c."));
    const json result = json::parse(history().run("report h/a.json h/b.json h/c.json h/d.json --format json").out);
    REQUIRE(result.at("series").size() == 1);
    const json& points = result.at("series")[0].at("points");
    REQUIRE(points.size() == 4);
    CHECK(points[0].at("mean_since").is_null());
    CHECK(points[1].at("mean_since").at("change") == 0);
    CHECK(points[2].at("mean_since").at("change").get<double>() == doctest::Approx(2e6));
    CHECK(points[2].at("mean_since").at("verdict") == "slower");
    CHECK(points[3].at("p95_since").at("verdict") == "no_detectable_difference");
    // The step is what compare says of the two results.
    const json compared = json::parse(history().run("compare h/b.json h/c.json --format json").out);
    const json& since = points[2].at("mean_since");
    const auto mean =
        std::find_if(compared.at("comparisons").begin(), compared.at("comparisons").end(),
                     [](const json& row) { return row.at("labels").empty() && row.at("stat") == "mean"; });
    REQUIRE(mean != compared.at("comparisons").end());
    CHECK(mean->at("verdict") == since.at("verdict"));
    CHECK(mean->at("change").get<double>() == doctest::Approx(since.at("change").get<double>()));
    for (const std::size_t end : {std::size_t{0}, std::size_t{1}})
        CHECK(mean->at("ci")[end].get<double>() == doctest::Approx(since.at("ci")[end].get<double>()));
    const std::string html = history().run("report h/a.json h/b.json h/c.json h/d.json -o html:-").out;
    CHECK(contains(html, "</span> slower</span>"));
    CHECK(contains(html, "<li>c: mean +2.0\xC2\xA0ms (+0."));
    for (const char* number : {"241.0 ms", "243.0 ms"}) CHECK(contains(html, number));
    CHECK(contains(history().run("report h/a.json h/c.json").out, "**c against a&#58; p50 +2.0 ms"));
}

TEST_CASE("trend: results of other seeds are not paired, and chance is no change") {
    const Finished text = history().run("report h/a.json h/b.json h/e.json --format text");
    CHECK(contains(text.out, "no detectable difference between a and e."));
    CHECK(contains(text.out, "note: some neighbours are not paired (seeds 42 and 7)"));
}

TEST_CASE("trend: each variant is a series of its own, and one can be chosen") {
    const json both = json::parse(history().run("report both.json both.json --format json").out);
    REQUIRE(both.at("series").size() == 2);
    CHECK(both.at("series")[0].at("variant") == "fast_open=false");
    CHECK(both.at("series")[1].at("points").size() == 2);
    const json chosen =
        json::parse(history().run("report 'both.json#fast_open=false' 'both.json#fast_open=true' --format json").out);
    REQUIRE(chosen.at("series").size() == 1);
    // Two seconds are few visits: of three round trips of 80 ms somebody saves one.
    CHECK(chosen.at("series")[0].at("points")[1].at("mean_since").at("verdict") == "faster");
}

TEST_CASE("trend: what cannot be done is refused, and the last result's thresholds decide") {
    history().write("broken.json", "{}");
    CHECK(history().run("report h/a.json late.json").code == 99);
    CHECK(history().run("report h/a.json late.json --exit-zero").code == 0);
    CHECK(history().run("report late.json h/a.json").code == 0);
    struct Row {
        const char* arguments;
        int code;
        const char* says;
    };
    const Row rows[] = {
        {"report h/a.json h/b.json --format junit", 2, "--format: junit is of one result; several are a trend"},
        {"report h/a.json broken.json", 1, "broken.json: this is no result of run or compare"},
        {"report h/a.json missing.json", 1, "cannot read missing.json"},
        {"report h/a.json 'both.json#off'", 1, "both.json has no variant \"off\""},
        {"report h/a.json h/b.json -o x.hgrm", 2, "the kind \"hgrm\" is not available here"},
    };
    for (const Row& row : rows) {
        CAPTURE(row.arguments);
        const Finished finished = history().run(row.arguments);
        CHECK(finished.code == row.code);
        CHECK(contains(finished.err, row.says));
    }
}

TEST_CASE("trend: files of the same name are told apart by their folders") {
    std::filesystem::create_directory(history() / "h2");
    std::filesystem::copy_file(history() / "h/a.json", history() / "h2/a.json",
                               std::filesystem::copy_options::overwrite_existing);
    const Finished text = history().run("report h/a.json h2/a.json --format text");
    CHECK(contains(text.out, "no detectable difference between h/a and h2/a."));
}
