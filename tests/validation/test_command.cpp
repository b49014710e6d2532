/// The program: exit codes, what it says about bad arguments and files, and that its output is the same every time.
#include "cli/program.hpp"
#include "record_text.hpp"
#include "validation/document.hpp"

#include <nlohmann/json.hpp>

using namespace firstbyte::test;
using nlohmann::json;

namespace {

Finished validate(const Folder& folder, const std::string& arguments) {
    return folder.run_program(FIRSTBYTE_VALIDATE_PROGRAM, arguments);
}

std::string grid_line(double ttfb_ms) {
    const json time{{"med", ttfb_ms}, {"min", ttfb_ms}, {"max", ttfb_ms}}, one{{"med", 1}, {"min", 1}, {"max", 1}};
    return json{{"set", "mine"},
                {"rtt_ms", 20},
                {"rate_bps", 0},
                {"qpkts", 1000},
                {"cc", "cubic"},
                {"req", 400},
                {"resp", 500},
                {"tfo", "off"},
                {"ttfb_ms", time},
                {"ttlb_ms", time},
                {"data_c2s", one},
                {"data_s2c", one},
                {"counters_c", json::object()},
                {"counters_s", json::object()}}
               .dump() +
           "\n";
}

} // namespace

TEST_CASE("firstbyte-validate: bad arguments and files end with a sentence and their exit code") {
    const Folder folder;
    folder.write("half.json", "[{\"id\":");
    folder.write("empty.jsonl", "\n");
    struct Row {
        const char* arguments;
        int code;
        const char* sentence;
    };
    const Row rows[] = {
        {"bpg", 2, "error: there is nothing to validate called \"bpg\"; there is: linux, bgp, world"},
        {"", 2, "error: "},
        {"linux --format xml", 2, "error: --format: "},
        {"linux --sweep", 2, "error: "},
        {"linux --write --grid empty.jsonl", 2, "error: --write records the shipped measurements"},
        {"linux --details nobody", 2, "error: --details: no timeline is called \"nobody\""},
        {"linux --grid none.jsonl", 1, "error: cannot read none.jsonl: No such file or directory\n"},
        {"linux --grid .", 1, "error: cannot read .: Is a directory\n"},
        {"linux --timelines half.json", 1, "error: half.json:1: the file ends inside a record\n"},
        {"linux --grid empty.jsonl", 1, "error: there is no record to replay\n"},
    };
    for (const Row& row : rows) {
        CAPTURE(std::string(row.arguments));
        const Finished finished = validate(folder, row.arguments);
        CHECK(finished.code == row.code);
        CHECK_MESSAGE(finished.err.starts_with(row.sentence), finished.err);
        CHECK(lines_of(finished.err).size() == 1);
        CHECK(finished.out.empty());
    }
}

TEST_CASE("firstbyte-validate: other measurements can be replayed; a missed figure is exit code 99") {
    const Folder folder;
    folder.write("good.jsonl", grid_line(40.2)); // 2 RTT (facts of the measurements, section 1) and some wake-ups
    folder.write("bad.jsonl", grid_line(40.2) + grid_line(60.0));
    const Finished good = validate(folder, "linux --grid good.jsonl --format json");
    CHECK(good.code == 0);
    const json result = json::parse(good.out);
    CHECK(result["met"] == true);
    CHECK(result["grid"].size() == 1);
    CHECK(result["timelines"].empty());
    CHECK(result["sets"][0]["set"] == "mine");
    CHECK(result["sets"][0]["ttfb_within"] == 1);
    CHECK(validate(folder, "linux --grid good.jsonl --format json").out == good.out);

    const Finished bad = validate(folder, "linux --grid bad.jsonl");
    CHECK(bad.code == 99);
    CHECK(contains(bad.out, "line 2 (mine: rtt 20 ms, "));
    CHECK(contains(bad.out, "MISSED"));
    const Finished details = validate(folder, "linux --grid bad.jsonl --details 2");
    CHECK(details.code == 99);
    CHECK(contains(details.out, "TTFB 40.000 ms, measured 60.000"));
}

TEST_CASE("firstbyte-validate: a record that no scenario can say differs, and says why") {
    const Folder folder;
    json record = small_record();
    record["sysctl"]["client"]["tcp_recovery"] = "0";
    folder.write("mine.json", json::array({record}).dump());
    const Finished finished = validate(folder, "linux --timelines mine.json --format json");
    CHECK(finished.code == 99);
    CHECK(contains(json::parse(finished.out)["timelines"][0]["refused"].get<std::string>(),
                   "mine.json:1: first-syn-lost: sysctl tcp_recovery has no key"));
    const Finished details = validate(folder, "linux --timelines mine.json --details first-syn-lost");
    CHECK(details.code == 99);
    CHECK(contains(details.out, "no key"));
    CHECK(contains(details.out, "S 0:400(400) <cookie> DROP")); // the record's own packets are shown all the same
}

TEST_CASE("validation document: a subject's section is replaced alone") {
    using firstbyte::validate::with_section;
    const std::string first = with_section("", "linux", "old\n");
    CHECK(first.starts_with("# Validation\n"));
    const std::string both = with_section(first, "bgp", "routes\n") + "by hand\n";
    const std::string replaced = with_section(both, "linux", "new\n");
    CHECK(contains(replaced, "<!-- linux: begin -->\nnew\n<!-- linux: end -->\n"));
    CHECK_FALSE(contains(replaced, "old"));
    CHECK(contains(replaced, "routes"));
    CHECK(replaced.ends_with("by hand\n"));
    CHECK(with_section(replaced, "linux", "new\n") == replaced);
}
