// `firstbyte compare` and its options, as a shell sees them.
#include "cli/program.hpp"

#include <doctest/doctest.h>

#include <nlohmann/json.hpp>

using firstbyte::test::contains;
using firstbyte::test::Finished;
using firstbyte::test::Folder;
using firstbyte::test::lines_of;
using firstbyte::test::small_scenario;
using nlohmann::json;

namespace {

/// The small scenario with another time at the edge: every request is later by the difference.
std::string with_processing(const std::string& processing) {
    std::string text = small_scenario();
    const std::string now = "\"processing\": \"1ms\"";
    text.replace(text.find(now), now.size(), "\"processing\": \"" + processing + "\"");
    return text;
}

const Folder& prepared() {
    static const Folder folder;
    static const bool written = [] {
        folder.write("s.fb.json", small_scenario());
        folder.write("slow.fb.json", with_processing("3ms"));
        std::string other = small_scenario();
        const std::string id = "\"id\": \"mobile\"";
        other.replace(other.find(id), id.size(), "\"id\": \"fixed\"");
        folder.write("others.fb.json", other);
        return true;
    }();
    static_cast<void>(written);
    return folder;
}

const json& change_of(const json& result, const std::string& stat) {
    for (const json& row : result.at("comparisons")) {
        if (row.at("metric") == "ttfb" && row.at("labels").empty() && row.at("stat") == stat) return row;
    }
    throw std::runtime_error("no such comparison");
}

} // namespace

TEST_CASE("compare: two files run on the same seed, named after the files; 2 ms more are 2 ms more") {
    const Folder& folder = prepared();
    const Finished text = folder.run("compare s.fb.json slow.fb.json");
    CHECK(text.code == 0);
    CHECK(contains(text.out, "slow is "));
    CHECK(contains(text.out, "slower at the median: +2.0 ms (95 % CI +2.0 .. +2.0)"));
    CHECK(contains(text.err, "paired over 5 replications"));
    const json result = json::parse(folder.run("compare s.fb.json slow.fb.json --format json").out);
    CHECK(change_of(result, "mean").at("change") == 2'000'000);
    CHECK(change_of(result, "mean").at("verdict") == "slower");
    CHECK(change_of(result, "mean").at("ci") == json{2'000'000, 2'000'000});
}

TEST_CASE("compare: every threshold is printed with value, margin and samples, met or not") {
    const Finished met = prepared().run("compare s.fb.json slow.fb.json");
    CHECK(contains(met.out, "\n  thresholds\n    ok    p95(ttfb) < 10s"));
    CHECK(contains(met.out, " % under; "));
    CHECK(contains(met.out, " samples\n"));
    const Finished failed =
        prepared().run("compare s.fb.json slow.fb.json --set 'thresholds[0]=p95(ttfb) < 100ms' --exit-zero");
    CHECK(contains(failed.out, "FAIL  p95(ttfb) < 100ms"));
}

TEST_CASE("compare: files with other clients are not paired, and that is said") {
    const Finished finished = prepared().run("compare s.fb.json others.fb.json");
    CHECK(finished.code == 0);
    CHECK(contains(finished.err, "independent of one another"));
}

TEST_CASE("compare: a change within the minimal effect is called that") {
    const Folder& folder = prepared();
    const Finished finished = folder.run("compare s.fb.json slow.fb.json --min-effect 2%"); // 2 of 241 ms are 0.8 %
    CHECK(
        contains(finished.out, "slow is within the minimal effect of 2.00 % at the median (95 % CI +2.0 .. +2.0 ms)"));
    const json result = json::parse(folder.run("compare s.fb.json slow.fb.json --min-effect 2% --format json").out);
    CHECK(change_of(result, "p50").at("verdict") == "within_minimal_effect");
    CHECK(contains(folder.run("compare s.fb.json slow.fb.json --min-effect 0.5%").out, "slower at the median"));
}

TEST_CASE("compare: --quantiles shows every quantile of the scenario") {
    const std::string text = prepared().run("compare s.fb.json slow.fb.json --quantiles").out;
    for (const char* name : {"\n  p50 ", "\n  p90 ", "\n  p95 ", "\n  p99 ", "\n  p99.9 ", "\n  mean "})
        CHECK(contains(text, name));
}

TEST_CASE("compare: --reverse-check swaps roles and seeds, and a sure effect is mirrored") {
    const Folder& folder = prepared();
    const Finished finished = folder.run("compare s.fb.json slow.fb.json --reverse-check");
    CHECK(finished.code == 0);
    CHECK(contains(finished.out, "\n  reverse check: roles swapped, seed 43\n"));
    CHECK(contains(finished.out, "the mirror image"));
    CHECK(contains(folder.run("compare s.fb.json --toggle tcp.client_edge.fast_open --reverse-check").out,
                   "reverse check: roles swapped, seed 43"));
}

TEST_CASE("compare: --until runs on from a pilot, and stops at its limit") {
    const Folder& folder = prepared();
    const std::string toggle = "compare s.fb.json --toggle tcp.client_edge.fast_open --format json ";
    const auto replications = [&](const std::string& until) {
        return json::parse(folder.run(toggle + until).out).at("seeds").at("replications").get<int>();
    };
    CHECK(replications("--until 'ci(mean(ttfb)) < 50%'") == 5); // the pilot is enough
    const int narrow = replications("--until 'ci(mean(ttfb)) < 1%'");
    CHECK(narrow > 5);
    CHECK(replications("--until 'ci(mean(ttfb)) < 0.001%' --max-replications 8") == 8);
    const Finished finished =
        folder.run("compare s.fb.json --toggle tcp.client_edge.fast_open --until 'ci(mean(ttfb)) < 1%'");
    CHECK(contains(finished.err, std::to_string(narrow) + " replications: a pilot of 5 and " +
                                     std::to_string(narrow - 5) + " more from its spread (Stein's two stages)"));
}

TEST_CASE("compare: what cannot be compared is refused with a sentence") {
    struct Row {
        const char* arguments;
        const char* says;
    };
    const Row rows[] = {
        {"compare s.fb.json slow.fb.json --toggle tcp.client_edge.fast_open", "two files are compared as they stand"},
        {"compare s.fb.json slow.fb.json s.fb.json", "compare takes one scenario, or two"},
        {"compare s.fb.json --toggle tcp.client_edge.fast_open --until 'p95 < 1'", "--until: \"p95 < 1\" is not of"},
        {"compare s.fb.json --toggle tcp.client_edge.fast_open --until 'ci(mean(ttfb)) < 1ms'", "no share between"},
        {"compare s.fb.json slow.fb.json --min-effect 3", "--min-effect: \"3\" is no share between 0 and 1"},
    };
    for (const Row& row : rows) {
        CAPTURE(row.arguments);
        const Finished finished = prepared().run(row.arguments);
        CHECK(finished.code == 2);
        CHECK(contains(finished.err, row.says));
    }
}

TEST_CASE("compare: no side is only faster whose requests fail more often") {
    const Folder folder;
    std::filesystem::create_directory_symlink(std::filesystem::path{FIRSTBYTE_SOURCE_DIR} / "scenarios",
                                              folder / "scenarios");
    // 122 s of work: one vendor waits 125 s for it, the other answers 524 after 100 s.
    const std::string out =
        folder.run("compare scenarios/slow-app.fb.json --variants cloudflare-122s,ibm-cis-122s").out;
    CHECK(contains(lines_of(out).front(), "faster"));
    CHECK(contains(lines_of(out).front(), "; but 100 % of its requests do not end with 200, against 0 %."));
    const std::string files = "--variants cloudflare-122s,ibm-cis-122s --format md";
    CHECK(contains(folder.run("compare scenarios/slow-app.fb.json " + files).out,
                   "at the median; but 100 % of its requests do not end with 200, against 0 %** ("));
    const std::string better =
        folder.run("compare scenarios/slow-app.fb.json --variants ibm-cis-122s,cloudflare-122s").out;
    CHECK(contains(lines_of(better).front(), "; and 0 % of its requests do not end with 200, against 100 %."));
}
