/// What `run` and `compare` write: Markdown, JUnit, CSV, SQLite and percentiles, for readers that are strict.
#include "program.hpp"

#include <nlohmann/json.hpp>

#include <algorithm>
#include <csignal>
#include <cstdlib>
#include <fcntl.h>
#include <spawn.h>
#include <sqlite3.h>
#include <unistd.h>

using namespace firstbyte::test;
using nlohmann::json;

namespace {

/// One threshold of each outcome, with names that every format has to escape.
const std::string four_thresholds = R"("p95(ttfb) < 10s", { "expr": "p50(ttfb) < 10ms", "note": "a|b <i> & \"c\"" },
  { "expr": "ratio(cookie_hit) > 99%", "level": "warn" }, "saving(p50(ttfb)) >= 10%")";

bool xmllint_is_there() {
    if (std::system("xmllint --version >/dev/null 2>&1") == 0) return true;
    if (std::getenv("FIRSTBYTE_REQUIRE_XMLLINT") != nullptr)
        FAIL("xmllint is not installed, and this run must not do without it");
    MESSAGE("skipped: xmllint is not installed (Debian package libxml2-utils)");
    return false;
}

void check_junit(const std::filesystem::path& file) {
    if (!xmllint_is_there()) return;
    const std::string schema = std::string{FIRSTBYTE_SOURCE_DIR} + "/tests/report/junit.xsd";
    CHECK(std::system(("xmllint --noout --schema '" + schema + "' '" + file.string() + "' 2>/dev/null").c_str()) == 0);
}

/// First column of every row, as text.
std::vector<std::string> query(const std::filesystem::path& file, const std::string& sql) {
    sqlite3* database = nullptr;
    REQUIRE(sqlite3_open_v2(file.c_str(), &database, SQLITE_OPEN_READONLY, nullptr) == SQLITE_OK);
    sqlite3_stmt* statement = nullptr;
    const int prepared = sqlite3_prepare_v2(database, sql.c_str(), -1, &statement, nullptr);
    CHECK_MESSAGE(prepared == SQLITE_OK, sqlite3_errmsg(database));
    std::vector<std::string> values;
    while (prepared == SQLITE_OK && sqlite3_step(statement) == SQLITE_ROW) {
        const unsigned char* text = sqlite3_column_text(statement, 0);
        values.emplace_back(text == nullptr ? "null" : reinterpret_cast<const char*>(text));
    }
    sqlite3_finalize(statement);
    sqlite3_close(database);
    return values;
}

} // namespace

TEST_CASE("outputs: a folder gets the standard set, and every file says the same as the result") {
    const Folder folder;
    folder.write("s.fb.json", small_scenario(four_thresholds));
    const Finished run =
        folder.run("run s.fb.json -o out/ -o m.csv -o m.sqlite -o m.hgrm -o junit:j.txt -o md:page --format json");
    CHECK(run.code == 99);
    const json result = json::parse(run.out);
    CHECK(read_text(folder / "out/result.json") == run.out);
    CHECK(contains(run.err, "wrote out/junit.xml\n"));
    CHECK(read_text(folder / "out/junit.xml") == read_text(folder / "j.txt"));
    CHECK(contains(read_text(folder / "out/report.html"), "<h1>small</h1>"));
    CHECK(read_text(folder / "out/summary.md") == read_text(folder / "page"));
    const auto names = folder.names();
    CHECK(std::none_of(names.begin(), names.end(), [](const std::string& name) { return contains(name, ".tmp"); }));

    const json& metrics = result.at("variants").at(0).at("metrics");
    const auto ttfb = std::find_if(metrics.begin(), metrics.end(), [](const json& metric) {
        return metric.at("name") == "ttfb" && metric.at("labels").empty();
    });
    const auto p95 = ttfb->at("quantiles").at(2).at("value").get<std::int64_t>();
    const std::string csv = read_text(folder / "m.csv");
    CHECK(contains(csv, "base,ttfb,,p95," + std::to_string(p95) + ",ns,"));
    CHECK(query(folder / "m.sqlite", "SELECT CAST(value AS INTEGER) FROM metric WHERE name = 'ttfb' AND labels = '{}' "
                                     "AND stat = 'p95'") == std::vector<std::string>{std::to_string(p95)});
    CHECK(query(folder / "m.sqlite", "PRAGMA user_version") == std::vector<std::string>{"1"});
    CHECK(query(folder / "m.sqlite", "PRAGMA integrity_check") == std::vector<std::string>{"ok"});
    CHECK(query(folder / "m.sqlite", "SELECT status FROM threshold ORDER BY number") ==
          std::vector<std::string>{"passed", "failed", "warned", "skipped"});
    CHECK(query(folder / "m.sqlite", "SELECT client FROM v_ttfb_by_client") == std::vector<std::string>{"mobile"});
    for (const std::string view : {"v_ttfb_by_region", "v_ttfb_by_country", "v_ttfb_by_pop", "v_ttfb_by_rtt",
                                   "v_outcome_by_code", "comparison", "event", "cause", "run", "variant"})
        static_cast<void>(query(folder / "m.sqlite", "SELECT * FROM " + view));
}

TEST_CASE("outputs: the same run writes the same bytes, whatever -j is") {
    const Folder folder;
    folder.write("s.fb.json", small_scenario(four_thresholds));
    CHECK(folder.run("run s.fb.json -j1 -q -o a/ -o a.sqlite -o a.csv -o a.hgrm").code == 99);
    CHECK(folder.run("run s.fb.json -j3 -q -o b/ -o b.sqlite -o b.csv -o b.hgrm").code == 99);
    for (const std::string name : {"/result.json", "/summary.md", "/junit.xml", ".sqlite", ".csv", ".hgrm"})
        CHECK_MESSAGE(read_text(folder / ("a" + name)) == read_text(folder / ("b" + name)), name);
}

TEST_CASE("outputs: Markdown starts at level 3, has failures first, and escapes what the scenario says") {
    const Folder folder;
    folder.write("s.fb.json", small_scenario(four_thresholds));
    const Finished run = folder.run("run s.fb.json --format md");
    CHECK(run.code == 99);
    const auto lines = lines_of(run.out);
    REQUIRE(lines.size() > 8);
    CHECK(lines[0] == "### firstbyte: small \xE2\x80\x93 1 of 3 thresholds failed");
    CHECK(lines[4].rfind("| `p50(ttfb) < 10ms` |", 0) == 0);
    CHECK(contains(lines[4], "**FAIL**"));
    CHECK(contains(lines[4], "a&#124;b &lt;i&gt; &amp; &quot;c&quot;"));
    CHECK(contains(lines[5], "| warn "));
    CHECK(contains(lines[6], "| skip "));
    CHECK(contains(lines[7], "| ok |"));
    const auto bars = [](const std::string& line) { return std::count(line.begin(), line.end(), '|'); };
    for (std::size_t i = 2; i < 8; ++i) CHECK(bars(lines[i]) == 6);
    CHECK(run.out.size() <= 65'536);
}

TEST_CASE("outputs: JUnit has a case for each threshold, the failure's text in its body, and fits the schema") {
    const Folder folder;
    folder.write("s.fb.json", small_scenario(four_thresholds));
    CHECK(folder.run("run s.fb.json -q -o junit.xml").code == 99);
    const std::string xml = read_text(folder / "junit.xml");
    check_junit(folder / "junit.xml");
    CHECK(contains(xml, R"(<testsuite name="firstbyte.small" tests="4" failures="1" errors="0" skipped="1")"));
    CHECK(contains(xml, R"(<testcase classname="small.base" name="p50(ttfb) &lt; 10ms")"));
    CHECK(contains(xml, "type=\"threshold\">p50(ttfb) is 241.0 ms, limit 10.0 ms ("));
    CHECK(contains(xml, "note: a|b &lt;i&gt; &amp; &quot;c&quot;&#10;s.fb.json:11</failure>"));
    CHECK(contains(xml, "<system-out>warning: ratio(cookie_hit) is "));
    CHECK(contains(xml, "<skipped message=\"needs `compare`\"/>"));
}

TEST_CASE("outputs: a scenario that cannot be run is an error in JUnit, and the run still ends with 3") {
    const Folder folder;
    folder.write("bad.fb.json", "{ \"format\": 1, \"name\": \"bad\", \"tsl\": \"1.3\" }");
    for (const std::string command : {"run bad.fb.json", "compare bad.fb.json", "sweep bad.fb.json --vary tls=1.2"}) {
        CAPTURE(command);
        const Finished finished = folder.run(command + " -o bad.xml");
        CHECK(finished.code == 3);
        CHECK(finished.out.empty());
        const std::string xml = read_text(folder / "bad.xml");
        check_junit(folder / "bad.xml");
        CHECK(contains(xml, "type=\"E102\">E102: unknown key &quot;tsl&quot;"));
        CHECK(contains(xml, "failures=\"0\" errors=\""));
    }
}

TEST_CASE("outputs: percentiles rise to 1 and count every request; a comparison has a file for each variant") {
    const Folder folder;
    folder.write("s.fb.json", small_scenario());
    CHECK(folder.run("compare s.fb.json --toggle tcp.client_edge.fast_open -q -o c.hgrm -o c.csv").code == 0);
    for (const std::string name : {"c.fast_open=false.hgrm", "c.fast_open=true.hgrm"}) {
        CAPTURE(name);
        double last_value = 0, last_share = 0;
        long last_count = 0;
        for (const std::string& line : lines_of(read_text(folder / name))) {
            double value = 0, share = 0;
            long count = 0;
            if (std::sscanf(line.c_str(), "%lf %lf %ld", &value, &share, &count) != 3) continue;
            CHECK(value > last_value);
            CHECK(share > last_share);
            CHECK(count > last_count);
            last_value = value;
            last_share = share;
            last_count = count;
        }
        CHECK(last_share == 1);
        CHECK(
            contains(read_text(folder / name), "Total count    = " + std::string(9, ' ') + std::to_string(last_count)));
    }
    CHECK(contains(read_text(folder / "c.csv"), "fast_open=true,ttfb,,change(p50),"));
}

TEST_CASE("outputs: a stored result becomes what the run would have written") {
    const Folder folder;
    folder.write("s.fb.json", small_scenario(four_thresholds));
    const Finished run = folder.run("run s.fb.json -o r.json --format md");
    const Finished report = folder.run("report r.json");
    CHECK(report.code == 99);
    CHECK(report.out == run.out);
    CHECK(folder.run("report r.json --format csv --exit-zero").out == folder.run("run s.fb.json --format csv").out);
    folder.write("none.json", "{}");
    const Finished none = folder.run("report none.json");
    CHECK(none.code == 1);
    CHECK(contains(none.err, "none.json: this is no result of run or compare"));
}

TEST_CASE("outputs: SIGINT keeps the replications that are finished and ends with 130") {
    const Folder folder;
    folder.write("s.fb.json", small_scenario());
    const std::string scenario = (folder / "s.fb.json").string(), out = (folder / "r.json").string();
    // Far more replications than run in the time; the first progress report says that one is finished.
    const char* const arguments[] = {
        FIRSTBYTE_PROGRAM, "run", scenario.c_str(), "-o",     out.c_str(), "--replications",
        "2000000",         "-j2", "--progress",     "always", nullptr};
    int ends[2] = {};
    REQUIRE(::pipe(ends) == 0);
    posix_spawn_file_actions_t files;
    ::posix_spawn_file_actions_init(&files);
    ::posix_spawn_file_actions_adddup2(&files, ends[1], STDERR_FILENO);
    ::posix_spawn_file_actions_addopen(&files, STDOUT_FILENO, "/dev/null", O_WRONLY, 0);
    ::posix_spawn_file_actions_addclose(&files, ends[0]);
    pid_t child = 0;
    REQUIRE(::posix_spawn(&child, FIRSTBYTE_PROGRAM, &files, nullptr, const_cast<char* const*>(arguments), environ) ==
            0);
    ::posix_spawn_file_actions_destroy(&files);
    ::close(ends[1]);
    char block[4096];
    std::string said;
    while (!contains(said, "eta")) {
        const auto count = ::read(ends[0], block, sizeof block);
        REQUIRE(count > 0);
        said.append(block, static_cast<std::size_t>(count));
    }
    CHECK(::kill(child, SIGINT) == 0);
    for (ssize_t count = 1; count > 0;) {
        count = ::read(ends[0], block, sizeof block);
        if (count > 0) said.append(block, static_cast<std::size_t>(count));
    }
    ::close(ends[0]);
    int status = 0;
    CHECK(::waitpid(child, &status, 0) == child);
    REQUIRE(WIFEXITED(status));
    CHECK(WEXITSTATUS(status) == 130);
    CHECK(contains(said, "interrupted: the result holds the first "));
    const json result = json::parse(read_text(folder / "r.json"));
    CHECK(result.at("complete") == false);
    const int kept = result.at("seeds").at("replications").get<int>();
    CHECK(kept >= 1);
    CHECK(kept < 2'000'000);
}
