/// What every command has in common: a pure stdout, its exit code, no colour where none is wanted, and sizes that a
/// step summary can hold.
#include "program.hpp"

#include <nlohmann/json.hpp>

#include <algorithm>
#include <cstdlib>
#include <fcntl.h>
#include <regex>
#include <set>
#include <unistd.h>

using namespace firstbyte::test;
using nlohmann::json;

namespace {

const char* const failing = "\"p95(ttfb) < 1ms\"";
const char* const escape = "\x1b[";

Folder& prepared() {
    static Folder folder;
    static const bool once = [] {
        folder.write("s.fb.json", small_scenario());
        folder.write("fails.fb.json", small_scenario(failing));
        folder.write("broken.fb.json", R"({ "format": 1, "name": "broken", "runs": {} })");
        return true;
    }();
    static_cast<void>(once);
    return folder;
}

/// What the program prints on a terminal: stdout is the far end of a pseudo-terminal.
std::string on_terminal(const Folder& folder, const std::string& arguments, const std::string& environment) {
    const int terminal = ::posix_openpt(O_RDWR | O_NOCTTY);
    REQUIRE(terminal >= 0);
    REQUIRE(::grantpt(terminal) == 0);
    REQUIRE(::unlockpt(terminal) == 0);
    const int program_side = ::open(::ptsname(terminal), O_RDWR | O_NOCTTY);
    REQUIRE(program_side >= 0);
    const std::string command = "cd '" + (folder / "").string() + "' && env -u NO_COLOR -u CLICOLOR_FORCE " +
                                environment + " " FIRSTBYTE_PROGRAM " " + arguments + " >/dev/fd/" +
                                std::to_string(program_side) + " 2>/dev/null";
    static_cast<void>(std::system(command.c_str())); // short outputs only: the terminal's buffer holds them
    ::fcntl(terminal, F_SETFL, O_NONBLOCK);
    std::string out;
    char block[4096];
    for (ssize_t count = 0; (count = ::read(terminal, block, sizeof block)) > 0;)
        out.append(block, static_cast<std::size_t>(count));
    ::close(program_side);
    ::close(terminal);
    return out;
}

} // namespace

TEST_CASE("checks: with --format json, stdout of every command that has it is one JSON document") {
    const Folder& folder = prepared();
    REQUIRE(folder.run("run s.fb.json -qq -o result.json").code == 0);
    for (const std::string command :
         {"run s.fb.json", "run fails.fb.json", "compare s.fb.json --toggle tcp.client_edge.fast_open",
          "trace s.fb.json", "catchment s.fb.json", "validate s.fb.json", "validate broken.fb.json",
          "report result.json", "sweep s.fb.json --vary edge.cache_hit_ratio=0.5,0.9 -o s.sqlite"}) {
        CAPTURE(command);
        const Finished finished = folder.run(command + " --format json");
        CHECK_MESSAGE(json::accept(finished.out), finished.out);
    }
    for (const std::string command : {"schema scenario", "schema result", "run s.fb.json --show-config"}) {
        CAPTURE(command);
        CHECK(json::accept(folder.run(command).out, true));
    }
}

TEST_CASE("checks: exit codes 0, 1, 2, 3 and 99; 130 is among the tests of interrupts") {
    const Folder& folder = prepared();
    const std::pair<const char*, int> rows[] = {
        {"run s.fb.json -qq", 0},
        {"run fails.fb.json -qq --exit-zero", 0},
        {"run fails.fb.json -qq --no-thresholds", 0},
        {"validate s.fb.json", 0},
        {"run not_there.fb.json", 1},
        {"run s.fb.json -qq -o json:not_there/result.json", 1},
        {"run", 2},
        {"run s.fb.json --no-such-option", 2},
        {"run broken.fb.json", 3},
        {"validate broken.fb.json", 3},
        {"compare broken.fb.json --toggle tcp.client_edge.fast_open", 3},
        {"sweep broken.fb.json --vary tls=1.2,1.3 -o x.sqlite", 3},
        {"run fails.fb.json -qq", 99},
        {"compare fails.fb.json -qq --toggle tcp.client_edge.fast_open", 99},
        {"sweep fails.fb.json -qq --vary edge.cache_hit_ratio=0.5,0.9 -o y.sqlite", 99},
    };
    for (const auto& row : rows) {
        const char* const arguments = row.first;
        CAPTURE(arguments);
        CHECK(folder.run(arguments).code == row.second);
    }
}

TEST_CASE("checks: NO_COLOR, a dumb terminal and the locale leave the words as they are in a pipe") {
    const Folder& folder = prepared();
    const std::string command = "run fails.fb.json";
    const std::string plain = folder.run(command).out;
    CHECK(contains(plain, "p95(ttfb) < 1ms"));
    CHECK_FALSE(contains(plain, escape));
    for (const std::string environment : {"TERM=xterm NO_COLOR=1", "TERM=dumb"}) {
        CAPTURE(environment);
        std::string out = on_terminal(folder, command, environment);
        out.erase(std::remove(out.begin(), out.end(), '\r'), out.end()); // that terminals put before a line feed
        CHECK(out == plain);
    }
    CHECK(folder.run(command, "LC_ALL=C").out == plain);
}

TEST_CASE("checks: the Markdown of a sweep with 1000 points fits a step summary, 64 KiB") {
    const Folder folder;
    folder.write("s.fb.json", small_scenario());
    const auto size_with = [&](int points) {
        const Finished sweep = folder.run("sweep s.fb.json -q --replications 1 --format md --vary " +
                                          ("edge.cache_hit_ratio=0..1/" + std::to_string(points)));
        REQUIRE_MESSAGE(sweep.code == 0, sweep.err);
        return sweep.out.size();
    };
    // A line for each point, and what is there once: two sizes give both.
    const std::size_t few = size_with(10), more = size_with(40);
    REQUIRE(more > few);
    CHECK(few + (1000 - 10) * (more - few) / 30 < std::size_t{64} * 1024);
}

TEST_CASE("checks: the Mermaid block of the Markdown is a sequence diagram by Mermaid's grammar") {
    const Folder folder;
    folder.write("s.fb.json", small_scenario("\"p95(ttfb) < 10s\"",
                                             R"("output": { "traces": [ { "clients": "mobile", "first": 1 } ] },
  )"));
    const Finished finished = folder.run("run s.fb.json --format md");
    REQUIRE_MESSAGE(finished.code == 0, finished.err);
    const std::string fence = "```mermaid\n";
    const std::size_t begin = finished.out.find(fence);
    REQUIRE(begin != std::string::npos);
    const std::size_t end = finished.out.find("\n```\n", begin);
    REQUIRE(end != std::string::npos);
    const std::vector<std::string> lines =
        lines_of(finished.out.substr(begin + fence.size(), end - begin - fence.size()));
    REQUIRE(lines.size() > 5); // a heading, two participants, and three packets of a handshake
    CHECK(lines[0] == "sequenceDiagram");
    // sequenceDiagram.jison: "participant ID as TEXT" and "ID ARROW ID: TEXT", where TEXT has no ; and no #.
    const std::regex participant{"  participant [A-Z] as [^;#]+"}, arrow{"  [CP](->>|-->>|-x|--x)[CP]: [^;#]+"};
    for (std::size_t i = 1; i < lines.size(); ++i) {
        const bool fits = std::regex_match(lines[i], i <= 2 ? participant : arrow);
        CHECK_MESSAGE(fits, lines[i]);
    }
}

TEST_CASE("checks: every option with a value tells its default, but for those that do nothing unless they are given") {
    const Folder folder;
    const std::set<std::string> nothing_unless_given{
        "--set",   "--baseline",  "--tolerate", "--out",      "--toggle",   "--min-effect", "--until",
        "--cases", "--shard",     "--conn",     "--withdraw", "--prepend",  "--at",         "--sweep",
        "--why",   "--objective", "--ases",     "--file",     "--reference"};
    const std::regex option{"  (-[a-zA-Z], )?(--[a-z-]+) [A-Z][A-Z0-9,=]* .*"};
    std::size_t with_default = 0;
    for (const std::string command : {"run", "compare", "sweep", "trace", "catchment", "explain", "report", "merge",
                                      "init", "validate", "schema", "topo", "completion"}) {
        // Descriptions go on in the next lines, which begin with blanks.
        const std::string help = std::regex_replace(folder.run(command + " --help").out, std::regex{"\n {10,}"}, " ");
        for (const std::string& line : lines_of(help)) {
            std::smatch match;
            if (!std::regex_match(line, match, option) || nothing_unless_given.count(match[2]) == 1) continue;
            ++with_default;
            const bool told = std::regex_search(line, std::regex{"\\[[^\\]]+\\]"});
            CHECK_MESSAGE(told, command, ": ", line);
        }
    }
    CHECK(with_default > 20);
}
