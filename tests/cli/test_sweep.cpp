/// Sweeps: grid, store, shards, ranking, and that a store is the same however it came to be.
#include "program.hpp"

#include "firstbyte/sweep.hpp"

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include <algorithm>
#include <chrono>
#include <csignal>
#include <fcntl.h>
#include <random>
#include <regex>
#include <spawn.h>
#include <thread>
#include <unistd.h>

using namespace firstbyte::test;
using nlohmann::json;

namespace {

const std::string swept = R"("sweep": { "edge.cache_hit_ratio": [0.5, 0.9],
  "origins.web.service_time": { "from": "10ms", "to": "1000ms", "steps": 3, "scale": "log" } },
  )";
const std::string with_variants = R"("variants": { "tfo-off": { "tcp.client_edge.fast_open": false },
  "tfo-on": { "tcp.client_edge.fast_open": true } },
  )";

std::string dump_of(const Folder& folder, const std::string& store) {
    return firstbyte::SweepStore{(folder / store).string()}.dump();
}

} // namespace

TEST_CASE("sweep: the grid of the file times its variants, in a store that is the same for any -j") {
    const Folder folder;
    folder.write("s.fb.json", small_scenario("\"p95(ttfb) < 10s\"", swept + with_variants));
    const Finished one = folder.run("sweep s.fb.json -j1 -o one.sqlite --format json");
    CHECK(one.code == 0);
    const json result = json::parse(one.out);
    REQUIRE(result.at("points").size() == 12);
    CHECK(result.at("complete") == true);
    CHECK(result.at("points").at(2).at("settings").at("origins.web.service_time") == "100ms"); // 10 * 100^(1/2)
    CHECK(result.at("points").at(3).at("variant") == "tfo-on");
    CHECK(folder.run("sweep s.fb.json -j3 -o three.sqlite").code == 0);
    CHECK(dump_of(folder, "one.sqlite") == dump_of(folder, "three.sqlite"));
    CHECK(folder.run("sweep s.fb.json -j2 --format json").out == one.out); // without a store as well
    CHECK(folder.run("report one.sqlite --format json").out == one.out);
    CHECK(folder.run("report one.sqlite --format csv").out == folder.run("sweep s.fb.json --format csv").out);
}

TEST_CASE("sweep: a point is what run gives with the same --set") {
    const Folder folder;
    folder.write("s.fb.json", small_scenario());
    const json sweep = json::parse(
        folder
            .run("sweep s.fb.json --vary origins.web.service_time=20ms,80ms --vary edge.cache_hit_ratio=0.2 "
                 "--format json")
            .out);
    const json run = json::parse(
        folder.run("run s.fb.json --set origins.web.service_time=80ms --set edge.cache_hit_ratio=0.2 --format json")
            .out);
    const auto mean_of_run = [&] {
        for (const json& metric : run.at("variants").at(0).at("metrics"))
            if (metric.at("name") == "ttfb" && metric.at("labels").empty()) return metric.at("mean").get<double>();
        return 0.0;
    }();
    for (const json& metric : sweep.at("points").at(1).at("metrics"))
        if (metric.at("name") == "ttfb" && metric.at("stat") == "mean") CHECK(metric.at("value") == mean_of_run);
}

TEST_CASE("sweep: the objective ranks the points and marks the best one") {
    const Folder folder;
    folder.write("s.fb.json", small_scenario());
    const std::string vary = "sweep s.fb.json --vary clients.mobile.rtt_to.ams=80ms,20ms,160ms ";
    const Finished least = folder.run(vary + "--objective 'min p95(ttfb)'");
    CHECK(least.code == 0);
    const auto lines = lines_of(least.out);
    REQUIRE(lines.size() == 6);
    CHECK(contains(lines[3], "20ms"));
    CHECK(contains(lines[3], "best"));
    CHECK(contains(lines[5], "160ms"));
    const json most = json::parse(folder.run(vary + "--objective 'max mean(ttfb)' --format json").out);
    CHECK(most.at("points").at(0).at("settings").at("clients.mobile.rtt_to.ams") == "160ms");
    CHECK(most.at("points").at(0).at("best") == true);
    const json share = json::parse(folder.run(vary + "--objective 'max ratio(cookie_hit)' --format json").out);
    const double hit = share.at("points").at(0).at("objective").get<double>();
    CHECK(hit > 0);
    CHECK(hit < 1);
    const json rate = json::parse(folder.run(vary + "--objective 'min rate(outcome{code=522})' --format json").out);
    CHECK(rate.at("points").at(0).at("objective") == 0);
}

TEST_CASE("sweep: the page has a heat map with its best and worst point, and every number of the Markdown table") {
    const Folder folder;
    folder.write("s.fb.json", small_scenario("\"p50(ttfb) < 242ms\""));
    const std::string sweep =
        "sweep s.fb.json --vary clients.mobile.rtt_to.ams=40ms,80ms --vary edge.processing=1ms,3ms "
        "--objective 'min p50(ttfb)' --exit-zero -qq ";
    REQUIRE(folder.run(sweep + "-o s.html -o s.md -o s.sqlite").code == 0);
    const std::string html = read_text(folder / "s.html"), markdown = read_text(folder / "s.md");
    // Within two seconds half of the clients come for the first time: three round trips and the edge's time.
    CHECK(contains(
        html, "<strong>p50(ttfb) is best with ams=40ms, processing=1ms: 121.0\xC2\xA0ms, against 243.0\xC2\xA0ms with "
              "ams=80ms, processing=3ms</strong>"));
    CHECK(contains(html, "<title>40ms, 1ms: 121.0 ms, best</title>"));
    CHECK(contains(html, "<title>80ms, 3ms: 243.0 ms, worst, FAIL</title>"));
    CHECK(contains(html, "<title>80ms, 1ms: 241.0 ms</title>"));
    CHECK(contains(html, "1 of 4 points fail a threshold"));
    const std::regex number{"[0-9]+\\.[0-9] ms"};
    std::size_t numbers = 0;
    for (std::sregex_iterator it{markdown.begin(), markdown.end(), number}; it != std::sregex_iterator{}; ++it) {
        CHECK(contains(html, it->str()));
        ++numbers;
    }
    CHECK(numbers == 16); // p50, p95, p99 and the objective of four points
    // The same page from the store, and on standard output.
    REQUIRE(folder.run("report s.sqlite --objective 'min p50(ttfb)' --exit-zero -o again.html").code == 0);
    CHECK(read_text(folder / "again.html") == html);
    CHECK(folder.run("report s.sqlite --objective 'min p50(ttfb)' --exit-zero --format html").out == html);
}

TEST_CASE("sweep: one axis is drawn as curves, several variants as one curve each, further axes as further maps") {
    const Folder folder;
    folder.write("s.fb.json", small_scenario("\"p95(ttfb) < 10s\"", with_variants));
    const auto page = [&](const std::string& options) {
        return folder.run("sweep s.fb.json " + options + " -qq -o html:-").out;
    };
    const auto count = [](const std::string& text, const std::string& word) {
        std::size_t n = 0;
        for (std::size_t at = text.find(word); at != std::string::npos; at = text.find(word, at + 1)) ++n;
        return n;
    };
    const std::string axis = "--vary edge.processing=1ms,2ms,3ms ";
    CHECK(count(page(axis), "<circle") == 6); // three points, two variants
    const std::string alone = page(axis + "--variant tfo-on");
    CHECK(count(alone, "<circle") == 12); // p50, p95, p99, mean
    CHECK(contains(alone, "mean, with its interval"));
    const std::string maps = page(axis + "--vary clients.mobile.rtt_to.ams=40ms,80ms");
    CHECK(count(maps, "p95(ttfb) with variant=") >= 2);
    CHECK(count(maps, "<figure") == 2);
    const std::string many = page(axis + "--vary clients.mobile.rtt_to.ams=40ms,60ms,80ms "
                                         "--vary origins.web.service_time=1ms,2ms,3ms,4ms,5ms");
    CHECK(count(many, "<figure") == 1); // six maps would be no picture
    CHECK(contains(many, "stand in the table"));
    const std::string one = page("--vary edge.processing=1ms --variant tfo-on");
    CHECK(count(one, "<figure") == 0);
    CHECK(contains(one, "at the only point"));
}

TEST_CASE("sweep: what cannot be done is said before anything runs") {
    const Folder folder;
    folder.write("s.fb.json", small_scenario());
    folder.write("c.csv", "edge.cache_hit_ratio,origins.web.service_time\n0.5\n");
    struct Row {
        std::string arguments, sentence;
        int code;
    };
    const Row rows[] = {
        {"", "s.fb.json has no key \"sweep\"; say what to vary", 2},
        {"--vary edge.cache_hit_ratio", "is neither PATH=V1,V2 nor PATH=FROM..TO/STEPS", 2},
        {"--vary edge.cache_hit_ratio=0..1", "does not say in how many steps", 2},
        {"--vary edge.cache_hit_ratio=0..1/1", "steps are from 2 to 10000, not 1", 2},
        {"--vary edge.cache_hit_ratio=0..1/4log", "a logarithmic scale starts and ends above 0", 2},
        {"--vary edge.cache_hit_ratio=5ms..1s/4", "are not two numbers of one unit", 2},
        {"--vary edge.cache_hit_ratoi=1,2", "edge.cache_hit_ratoi", 3},
        {"--vary tls=1.3 --objective 'p95(ttfb)'", "is no objective, such as \"min p95(ttfb)\"", 2},
        {"--vary tls=1.3 --objective 'min p95(tfb)'", "unknown metric \"tfb\"", 2},
        {"--vary tls=1.3 --shard 5/4", "--shard: \"5/4\" is not K/N", 2},
        {"--vary tls=1.3 --resume", "--resume: which store?", 2},
        {"--cases c.csv", "case 1 of c.csv has 1 values for 2 paths", 2},
    };
    for (const Row& row : rows) {
        CAPTURE(row.arguments);
        const Finished finished = folder.run("sweep s.fb.json " + row.arguments);
        CHECK(finished.code == row.code);
        CHECK_MESSAGE(contains(finished.err, row.sentence), finished.err);
        CHECK(finished.out.empty());
    }
}

TEST_CASE("sweep: cases of a file, thresholds of each point, exit code 99") {
    const Folder folder;
    folder.write("s.fb.json", small_scenario("\"p50(ttfb) < 200ms\""));
    folder.write("c.csv", "clients.mobile.rtt_to.ams,origins.web.service_time\r\n20ms,\r\n\"80ms\",30ms\r\n");
    const Finished cases = folder.run("sweep s.fb.json --cases c.csv -o c.xml --format md");
    CHECK(cases.code == 99);
    CHECK(contains(cases.out, "| 20ms | - |"));
    CHECK(contains(cases.out, "| 80ms | 30ms |"));
    CHECK(contains(cases.out, "1 of 1 FAIL"));
    const std::string xml = read_text(folder / "c.xml");
    CHECK(contains(xml, "tests=\"2\" failures=\"1\""));
    CHECK(contains(xml, "classname=\"small.base.point-1\""));
    CHECK(folder.run("sweep s.fb.json --cases c.csv --exit-zero").code == 0);
    CHECK(folder.run("sweep s.fb.json --cases c.csv --no-thresholds").code == 0);
}

TEST_CASE("sweep: four shards merged are one run; shards of another sweep are refused") {
    const Folder folder;
    folder.write("s.fb.json", small_scenario("\"p95(ttfb) < 10s\"", swept + with_variants));
    CHECK(folder.run("sweep s.fb.json -q -o whole.sqlite").code == 0);
    std::string shards;
    for (const std::string part : {"3", "1", "4", "2"}) {
        const Finished shard = folder.run(fmt::format("sweep s.fb.json -q --shard {0}/4 -o part{0}.sqlite", part));
        CHECK(shard.code == 0);
        shards += " part" + part + ".sqlite";
    }
    const Finished merged = folder.run("merge" + shards + " -o merged.sqlite");
    CHECK(merged.code == 0);
    CHECK(merged.out == "merged.sqlite    12 of 12 points\n");
    CHECK(dump_of(folder, "merged.sqlite") == dump_of(folder, "whole.sqlite"));

    CHECK(folder.run("sweep s.fb.json -q --seed 7 --shard 1/4 -o other.sqlite").code == 0);
    const Finished refused = folder.run("merge part1.sqlite other.sqlite -o no.sqlite");
    CHECK(refused.code == 1);
    CHECK(contains(refused.err, "are no shards of one sweep"));
    CHECK(!std::filesystem::exists(folder / "no.sqlite"));
    const Finished resumed = folder.run("sweep s.fb.json --seed 7 --resume -o part1.sqlite");
    CHECK(resumed.code == 1);
    CHECK(contains(resumed.err, "part1.sqlite holds another sweep"));
    folder.write("text.sqlite", "not a database, but long enough to look at");
    CHECK(folder.run("merge text.sqlite part1.sqlite -o no.sqlite").code == 1);
}

TEST_CASE("sweep: killed at any of 50 moments and resumed, the store is that of an undisturbed sweep") {
    const Folder folder;
    folder.write("s.fb.json", small_scenario("\"p95(ttfb) < 10s\"", swept + with_variants));
    REQUIRE(folder.run("sweep s.fb.json -q -j2 -o whole.sqlite").code == 0);
    const std::string undisturbed = dump_of(folder, "whole.sqlite");

    const std::string scenario = (folder / "s.fb.json").string();
    std::mt19937 moments{20}; // NOLINT(cert-msc51-cpp): the same moments in every run of the test
    int killed = 0;
    const int rounds = 50;
    for (int round = 0; round < rounds; ++round) {
        CAPTURE(round);
        // Kills fall into one and the same store until it is complete, then a new one is begun.
        const std::string store = (folder / "killed.sqlite").string();
        const char* const arguments[] = {FIRSTBYTE_PROGRAM, "sweep", scenario.c_str(), "-qq",  "-j2",
                                         "--resume",        "-o",    store.c_str(),    nullptr};
        pid_t child = 0;
        REQUIRE(::posix_spawn(&child, FIRSTBYTE_PROGRAM, nullptr, nullptr, const_cast<char* const*>(arguments),
                              environ) == 0);
        // How long it may run is no matter of correctness: a kill that comes late finds the store complete.
        std::this_thread::sleep_for(std::chrono::microseconds{moments() % 30'000});
        ::kill(child, SIGKILL);
        int status = 0;
        REQUIRE(::waitpid(child, &status, 0) == child);
        killed += WIFSIGNALED(status) ? 1 : 0;
        if (!WIFSIGNALED(status) || round + 1 == rounds || round % 5 == 4) {
            REQUIRE(folder.run("sweep s.fb.json -qq --resume -o killed.sqlite").code == 0);
            CHECK(dump_of(folder, "killed.sqlite") == undisturbed);
            std::filesystem::remove(store);
        }
    }
    CHECK(killed > 0);
}

namespace {

/// Starts a sweep, sends it SIGINT when it has said that a first point is done, and returns what it said and how it
/// ended.
struct Interrupted {
    std::string said;
    int status = 0;
};

Interrupted interrupt(const std::vector<std::string>& words) {
    std::vector<char*> arguments;
    for (const std::string& word : words) arguments.push_back(const_cast<char*>(word.c_str()));
    arguments.push_back(nullptr);
    int ends[2] = {};
    REQUIRE(::pipe(ends) == 0);
    posix_spawn_file_actions_t files;
    ::posix_spawn_file_actions_init(&files);
    ::posix_spawn_file_actions_adddup2(&files, ends[1], STDERR_FILENO);
    ::posix_spawn_file_actions_addclose(&files, ends[0]);
    pid_t child = 0;
    REQUIRE(::posix_spawn(&child, FIRSTBYTE_PROGRAM, &files, nullptr, arguments.data(), environ) == 0);
    ::posix_spawn_file_actions_destroy(&files);
    ::close(ends[1]);
    Interrupted result;
    char block[4096];
    while (!contains(result.said, "\"done\":")) {
        const auto count = ::read(ends[0], block, sizeof block);
        REQUIRE(count > 0);
        result.said.append(block, static_cast<std::size_t>(count));
    }
    CHECK(::kill(child, SIGINT) == 0);
    for (ssize_t count = 1; count > 0;) {
        count = ::read(ends[0], block, sizeof block);
        if (count > 0) result.said.append(block, static_cast<std::size_t>(count));
    }
    ::close(ends[0]);
    CHECK(::waitpid(child, &result.status, 0) == child);
    return result;
}

} // namespace

TEST_CASE("sweep: SIGINT finishes what is in flight, keeps it, and ends with 130") {
    const Folder folder;
    folder.write("s.fb.json", small_scenario());
    const std::string scenario = (folder / "s.fb.json").string(), store = (folder / "s.sqlite").string();
    const Interrupted sweep = interrupt({FIRSTBYTE_PROGRAM, "sweep", scenario, "--vary",
                                         "edge.cache_hit_ratio=0..1/3000", "-j2", "--progress", "json", "-o", store});
    REQUIRE(WIFEXITED(sweep.status));
    CHECK(WEXITSTATUS(sweep.status) == 130);
    CHECK(contains(sweep.said, "continue with --resume"));
    const firstbyte::SweepStore kept{store};
    CHECK(kept.finished().size() >= 1);
    CHECK(kept.finished().size() < kept.planned());
}

TEST_CASE("sweep: interrupted by SIGINT and resumed, the store is that of an undisturbed sweep") {
    const Folder folder;
    folder.write("s.fb.json", small_scenario());
    const std::string points = "edge.cache_hit_ratio=0..1/60";
    REQUIRE(folder.run("sweep s.fb.json -qq -j2 --vary " + points + " -o whole.sqlite").code == 0);
    const std::string scenario = (folder / "s.fb.json").string(), store = (folder / "cut.sqlite").string();
    const Interrupted sweep =
        interrupt({FIRSTBYTE_PROGRAM, "sweep", scenario, "--vary", points, "-j1", "--progress", "json", "-o", store});
    REQUIRE(WIFEXITED(sweep.status));
    const std::size_t kept = firstbyte::SweepStore{store}.finished().size();
    CHECK(kept >= 1);
    // How many are kept is a matter of luck; an interrupt that comes late finds the sweep complete.
    const int code = WEXITSTATUS(sweep.status);
    const bool as_expected = code == 130 || (code == 0 && kept == 60);
    CHECK(as_expected);
    REQUIRE(folder.run("sweep s.fb.json -qq -j2 --resume --vary " + points + " -o cut.sqlite").code == 0);
    CHECK(dump_of(folder, "cut.sqlite") == dump_of(folder, "whole.sqlite"));
}
