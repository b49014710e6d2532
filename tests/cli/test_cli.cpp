/// The command line without a simulation: help, version, exit codes, streams, diagnostics. Rules: sections 2, 4.4 and 5
/// of the design of the user's side.
#include "program.hpp"

#include <nlohmann/json.hpp>

#include <algorithm>
#include <csignal>
#include <fcntl.h>
#include <regex>
#include <spawn.h>
#include <sys/stat.h>
#include <unistd.h>

using namespace firstbyte::test;
using nlohmann::json;

namespace {

const char* const command_names[] = {"run",  "compare", "trace", "catchment", "explain", "init",  "validate",  "schema",
                                     "topo", "version", "help",  "sweep",     "report",  "merge", "completion"};

/// The file whose four faults the design shows with the text that is expected for them.
constexpr const char* broken = R"({
  "format": 1,
  "name":    "broken",
  "run":     { "duration": "2s" },
  "tls":     "1.3",
  "pops":    [ { "id": "ams" } ],
  "tcp":     { "client_edge": { "fast_opne": true } },
  "origins": [
    { "id": "web", "rtt_to": { "ams": "12ms" }, "service_time": 20 }
  ],
  "clients": [
    { "id": "mobile", "rtt_to": { "amd": "80ms" }, "sessions": "20/s" }
  ],
  "thresholds": [ "p95(tfb) < 250ms" ]
}
)";

} // namespace

TEST_CASE("cli: the short help of every command fits a terminal of 24 lines and 80 columns") {
    const Folder folder;
    std::vector<std::string> calls{"", "-h", "help"};
    for (const std::string name : command_names) calls.push_back(name + " -h");
    for (const std::string& call : calls) {
        CAPTURE(call);
        const Finished help = folder.run(call);
        CHECK(help.code == 0);
        CHECK(help.err.empty());
        const auto lines = lines_of(help.out);
        REQUIRE(lines.size() >= 4);
        CHECK(lines.size() <= 24);
        CHECK(lines.front().rfind("usage: firstbyte", 0) == 0);
        for (const std::string& line : lines) CHECK_MESSAGE(line.size() <= 80, line);
        const bool has_example = std::any_of(
            lines.begin(), lines.end(), [](const std::string& line) { return line.rfind("e.g.   firstbyte", 0) == 0; });
        CHECK(has_example);
    }
}

TEST_CASE("cli: the overview lists the commands that exist, and no other") {
    const Folder folder;
    const std::string overview = folder.run("--help").out;
    for (const std::string name : command_names) CHECK_MESSAGE(contains(overview, "\n  " + name + " "), name);
}

TEST_CASE("cli: the long help describes every option") {
    const Folder folder;
    for (const std::string name : command_names) {
        CAPTURE(name);
        const Finished help = folder.run(name + " --help");
        CHECK(help.code == 0);
        CHECK(help.out == folder.run("help " + name).out);
        std::size_t options = 0;
        for (const std::string& line : lines_of(help.out)) {
            if (line.rfind("  -", 0) != 0) continue;
            ++options;
            const std::regex described{"^  (-[a-zA-Z], )?-{1,2}[a-z-]+( [A-Z0-9,=\\[\\]]+)? +[a-z]"};
            CHECK_MESSAGE(std::regex_search(line, described), line);
        }
        CHECK(options >= 6); // quiet, verbose, color, progress and the two forms of help are everywhere
    }
}

TEST_CASE("cli: version") {
    const Folder folder;
    const Finished text = folder.run("--version");
    CHECK(text.code == 0);
    CHECK(std::regex_match(text.out, std::regex{"firstbyte [0-9]+\\.[0-9]+\\.[0-9]+ \\(.+, (gcc|clang) [0-9.]+\\)\n"}));
    CHECK(folder.run("-V").out == text.out);
    CHECK(folder.run("version").out == text.out);
    const json object = json::parse(folder.run("--version --json").out);
    CHECK(object.at("name") == "firstbyte");
    const auto field = [&](const char* name) { return object.at(name).get<std::string>(); };
    CHECK(text.out == "firstbyte " + field("version") + " (" + field("commit") + ", " + field("compiler") + ")\n");
}

TEST_CASE("cli: wrong usage is exit code 2 with one sentence and at most one suggestion, and stdout stays empty") {
    const Folder folder;
    folder.write("s.fb.json", small_scenario());
    struct Row {
        std::string arguments, sentence;
    };
    const Row rows[] = {
        {"rnu s.fb.json", "unknown command \"rnu\"; did you mean \"run\"?"},
        {"frobnicate", "unknown command \"frobnicate\"\n"},
        {"--seed 1 run s.fb.json", "unknown option \"--seed\" before the command"},
        {"run s.fb.json --sed 4", "unknown option \"--sed\"; did you mean \"--seed\"?"},
        {"run --replication=4", "unknown option \"--replication\"; did you mean \"--replications\"?"},
        {"run", "SCENARIO is required"},
        {"run s.fb.json other.fb.json", "one argument too many: \"other.fb.json\""},
        {"run s.fb.json --jobs 0", "--jobs: \"0\" is not a whole number from 1 on"},
        {"run s.fb.json --jobs two", "--jobs: \"two\" is not a whole number from 1 on"},
        {"run s.fb.json --jobs", "--jobs needs a value"},
        {"run s.fb.json --seed -1", "--seed: \"-1\" is neither a whole number nor random"},
        {"run s.fb.json --seed 99999999999999999999", "is neither a whole number nor random"},
        {"run s.fb.json --replications 0", "--replications: \"0\" is not a whole number from 1 on"},
        {"run s.fb.json --format jsn", "--format: \"jsn\" is none of text, json, md, csv; did you mean \"json\"?"},
        {"run s.fb.json --set tls", "--set: \"tls\" is not PATH=VALUE"},
        {"run s.fb.json --variant tfo", "s.fb.json has no variant \"tfo\""},
        {"run s.fb.json -o pcapng:tests.out", "--out: the kind \"pcapng\" is not available here, only json, html, md,"},
        {"run s.fb.json -o result", "--out: \"result\" names no kind of file"},
        {"trace s.fb.json -o out/", "--out: a folder (\"out/\") is not available here"},
        {"run s.fb.json --ci travis", "--ci: \"travis\" is none of github, gitlab, none"},
        {"compare s.fb.json", "s.fb.json has no variants to compare"},
        {"compare s.fb.json s.fb.json s.fb.json", "compare takes one scenario, or two"},
        {"compare s.fb.json --toggle tls --baseline base", "--toggle makes its own two variants"},
        {"compare s.fb.json --variants base", "--variants: one variant cannot be compared"},
        {"compare s.fb.json --variants base,base", "--variants: \"base\" is named twice"},
        {"compare s.fb.json --toggle tls --by regoin", "--by: \"regoin\" is none of"},
        {"compare s.fb.json --toggle tls --by regoin", "; did you mean \"region\"?"},
        {"compare s.fb.json --toggle tls --confidence 95", "--confidence: \"95\" is no share between 0 and 1"},
        {"trace s.fb.json --client mobil", "s.fb.json has no client \"mobil\"; did you mean \"mobile\"?"},
        {"trace s.fb.json --format packetdrill", "packetdrill follows one connection, and 3 were chosen"},
        {"trace s.fb.json --end peer", "--end: \"peer\" is none of client, server"},
        {"trace s.fb.json --filter ack", "--filter: \"ack\" is none of all, syn, keepalive"},
        {"trace s.fb.json --pcap-epoch -1", "--pcap-epoch: \"-1\" is not a whole number from 0 on"},
        {"trace s.fb.json -o trace.pcap", "--out: \"trace.pcap\" names no kind of file; write NAME.pcapng"},
        {"explain", "explain what?"},
        {"explain tttfb", "nothing is known about \"tttfb\"; did you mean \"ttfb\"?"},
        {"schema", "KIND is required"},
        {"schema results", "\"results\" is none of scenario, result"},
        {"init tfo-minimum", "there is no template \"tfo-minimum\"; did you mean \"tfo-minimal\"?"},
        {"help rnu", "unknown command \"rnu\"; did you mean \"run\"?"},
    };
    for (const Row& row : rows) {
        CAPTURE(row.arguments);
        const Finished finished = folder.run(row.arguments);
        CHECK(finished.code == 2);
        CHECK(finished.out.empty());
        CHECK(finished.err.rfind("error: ", 0) == 0);
        CHECK_MESSAGE(contains(finished.err, row.sentence), finished.err);
    }
}

TEST_CASE("cli: a flag beats its environment variable, and a bad variable is named") {
    const Folder folder;
    folder.write("s.fb.json", small_scenario());
    CHECK(contains(folder.run("run s.fb.json --dry-run").out, "seed 42"));
    CHECK(contains(folder.run("run s.fb.json --dry-run", "FIRSTBYTE_SEED=7").out, "seed 7"));
    CHECK(contains(folder.run("run s.fb.json --dry-run --seed 5", "FIRSTBYTE_SEED=7").out, "seed 5"));
    const Finished bad = folder.run("run s.fb.json", "FIRSTBYTE_JOBS=many");
    CHECK(bad.code == 2);
    CHECK(contains(bad.err, "environment variable FIRSTBYTE_JOBS"));
}

TEST_CASE("cli: what cannot be read or written is exit code 1 with the reason") {
    const Folder folder;
    folder.write("s.fb.json", small_scenario());
    struct Row {
        std::string arguments, sentence;
    };
    const Row rows[] = {
        {"run missing.fb.json", "error: cannot read missing.fb.json: No such file or directory"},
        {"validate missing.fb.json", "error: cannot read missing.fb.json: No such file or directory"},
        {"run .", "error: cannot read .: Is a directory"},
        {"run s.fb.json -o nowhere/result.json", "error: cannot write nowhere/result.json: No such file or directory"},
        {"version >/dev/full", "error: cannot write to standard output: No space left on device"},
    };
    for (const Row& row : rows) {
        CAPTURE(row.arguments);
        const Finished finished = folder.run(row.arguments);
        CHECK(finished.code == 1);
        CHECK_MESSAGE(contains(finished.err, row.sentence), finished.err);
    }
}

TEST_CASE("cli: the four faults of one file come out at once, as the design shows them") {
    const Folder folder;
    folder.write("broken.fb.json", broken);
    const Finished finished = folder.run("validate broken.fb.json");
    CHECK(finished.code == 3);
    CHECK(finished.err.empty());
    const std::vector<std::string> expected = lines_of(R"(error[E102]: unknown key "fast_opne"
  --> broken.fb.json:7:33   tcp.client_edge.fast_opne
   |
 7 |   "tcp":     { "client_edge": { "fast_opne": true } },
   |                                 ^^^^^^^^^^^ did you mean "fast_open"?
   = known keys here: 

error[E205]: duration needs a unit
  --> broken.fb.json:9:65   origins[0].service_time  (origin "web")
   |
 9 |     { "id": "web", "rtt_to": { "ams": "12ms" }, "service_time": 20 }
   |                                                                 ^^ write "20ms" (units: ns us ms s min h)

error[E301]: no PoP is called "amd"
  --> broken.fb.json:12:35   clients[0].rtt_to.amd  (client "mobile")
   |
12 |     { "id": "mobile", "rtt_to": { "amd": "80ms" }, "sessions": "20/s" }
   |                                   ^^^^^ did you mean "ams"? (defined at line 6)

error[E410]: threshold names an unknown metric "tfb"
  --> broken.fb.json:14:24   thresholds[0]
   |
14 |   "thresholds": [ "p95(tfb) < 250ms" ]
   |                        ^^^ did you mean "ttfb"?  all metrics: firstbyte explain metrics

4 errors in 1 file)");
    const std::vector<std::string> lines = lines_of(finished.out);
    REQUIRE_MESSAGE(lines.size() == expected.size(), finished.out);
    for (std::size_t i = 0; i < lines.size(); ++i) {
        const bool list_of_keys = expected[i].find("known keys") != std::string::npos; // grows with the format
        if (list_of_keys)
            CHECK(lines[i].rfind(expected[i], 0) == 0);
        else
            CHECK(lines[i] == expected[i]);
    }
    const Finished run = folder.run("run broken.fb.json");
    CHECK(run.code == 3);
    CHECK(run.out.empty());
    CHECK(run.err == finished.out);
}

TEST_CASE("cli: validate gives the same faults as one JSON array over all files") {
    const Folder folder;
    folder.write("broken.fb.json", broken);
    folder.write("good.fb.json", small_scenario());
    const Finished finished = folder.run("validate good.fb.json broken.fb.json --format json");
    CHECK(finished.code == 3);
    const json issues = json::parse(finished.out);
    const struct {
        const char* code;
        int line, column;
    } rows[] = {{"E102", 7, 33}, {"E205", 9, 65}, {"E301", 12, 35}, {"E410", 14, 24}};
    REQUIRE(issues.size() == std::size(rows));
    for (std::size_t i = 0; i < std::size(rows); ++i) {
        CHECK(issues[i].at("code") == rows[i].code);
        CHECK(issues[i].at("severity") == "error");
        CHECK(issues[i].at("file") == "broken.fb.json");
        CHECK(issues[i].at("line") == rows[i].line);
        CHECK(issues[i].at("column") == rows[i].column);
    }
}

TEST_CASE("cli: validate of good files") {
    const Folder folder;
    folder.write("good.fb.json", small_scenario());
    const Finished good = folder.run("validate good.fb.json");
    CHECK(good.code == 0);
    CHECK(good.out == "ok  good.fb.json\n");
    CHECK(folder.run("validate -q good.fb.json").out.empty());
    CHECK(json::parse(folder.run("validate good.fb.json --format json").out) == json::array());
    CHECK(folder.run("validate - <good.fb.json").out == "ok  -\n");

    SUBCASE("a warning is not an error, unless --strict") { // fewer than 5 replications is one
        const std::string set = " --set run.replications=2";
        const Finished warned = folder.run("validate good.fb.json" + set);
        CHECK(warned.code == 0);
        CHECK(contains(warned.out, "warning[W"));
        CHECK(folder.run("validate --strict good.fb.json" + set).code == 3);
    }
    SUBCASE("an unreadable file does not keep the others from being checked") {
        const Finished mixed = folder.run("validate missing.fb.json good.fb.json");
        CHECK(mixed.code == 1);
        CHECK(mixed.out == "ok  good.fb.json\n");
    }
    SUBCASE("a fault of a variant is found, and the variant named") {
        const char* variants = R"("variants": { "worse": { "origins.web.service_time": 20 } }, )";
        folder.write("variant.fb.json", small_scenario("", variants));
        const Finished variant = folder.run("validate variant.fb.json");
        CHECK(variant.code == 3);
        CHECK_MESSAGE(contains(variant.out, "worse"), variant.out);
    }
}

TEST_CASE("cli: --set is checked like the file") {
    const Folder folder;
    folder.write("s.fb.json", small_scenario());
    const Finished path = folder.run("run s.fb.json --dry-run --set origins.wbe.service_time=80ms");
    CHECK(path.code == 3);
    CHECK_MESSAGE(contains(path.err, "error[E3"), path.err);
    const Finished unit = folder.run("run s.fb.json --dry-run --set origins.web.service_time=80");
    CHECK(unit.code == 3);
    CHECK_MESSAGE(contains(unit.err, "error[E205]"), unit.err);
}

TEST_CASE("cli: --show-config prints a scenario that loads again and changes no further") {
    const Folder folder;
    folder.write("s.fb.json", small_scenario());
    const Finished first = folder.run("run s.fb.json --show-config --set origins.web.service_time=80ms");
    REQUIRE(first.code == 0);
    const json config = json::parse(first.out, nullptr, true, true); // with comments
    CHECK(config.at("origins")[0].at("service_time") == "80ms");
    CHECK(config.at("run").at("duration") == "2s");
    folder.write("again.fb.json", first.out);
    const std::string plain =
        folder.run("run s.fb.json --show-config --format json --set origins.web.service_time=80ms").out;
    CHECK(folder.run("run again.fb.json --show-config --format json").out == plain);
    CHECK(json::parse(plain) == config);
}

TEST_CASE("cli: --show-config tells of every value where it comes from: flag, environment, file, profile or default") {
    const Folder folder;
    std::string text = small_scenario();
    text.insert(text.rfind('}'), R"(, "variants": { "slow": { "edge.processing": "9ms" } } )");
    folder.write("s.fb.json", text);
    const Finished told = folder.run(
        "run s.fb.json --show-config --variant slow --set edge.profile=ibm-cis --duration 3s", "FIRSTBYTE_SEED=8");
    REQUIRE(told.code == 0);
    const auto line_of = [&](const std::string& value) {
        const std::size_t at = told.out.find(value);
        return at == std::string::npos ? "no " + value : told.out.substr(at, told.out.find('\n', at) - at);
    };
    CHECK(contains(line_of("\"seed\": 8"), "// FIRSTBYTE_SEED"));
    CHECK(contains(line_of("\"duration\": \"3s\""), "// --duration"));
    CHECK(contains(line_of("\"profile\": \"ibm-cis\""), "// --set"));
    CHECK(contains(line_of("\"processing\": \"9ms\""), "// variant slow"));
    CHECK(contains(line_of("\"read\": \"100s\""), "// profile ibm-cis")); // its read timeout (semantics: 100 s)
    CHECK(contains(line_of("\"confidence\": 0.95"), "// default"));
    CHECK(contains(line_of("\"replications\": 5"), "// line "));
    CHECK(contains(folder.run("run s.fb.json --show-config --seed 9", "FIRSTBYTE_SEED=8").out, "// --seed"));
}

TEST_CASE("cli: --dry-run tells sizes") {
    const Folder folder;
    folder.write("s.fb.json", small_scenario());
    const json size = json::parse(folder.run("run s.fb.json --dry-run --format json").out);
    CHECK(size.at("client_groups") == 1);
    CHECK(size.at("clients") == 200);
    CHECK(size.at("sessions_expected_per_replication") == 40); // 20/s for 2 s
    CHECK(size.at("replications") == 5);
}

TEST_CASE("cli: init writes the scenario and the schema it points at, and never overwrites a scenario") {
    const Folder folder;
    const Finished first = folder.run("init");
    CHECK(first.code == 0);
    CHECK(contains(first.out, "created  tfo-minimal.fb.json      13 lines\n"));
    CHECK(contains(first.out, "created  firstbyte.schema.json "));
    CHECK(first.err == "next: firstbyte run tfo-minimal.fb.json\n");
    const std::string text = read_text(folder / "tfo-minimal.fb.json");
    CHECK(lines_of(text).size() == 13);
    CHECK(json::parse(text).at("$schema") == "./firstbyte.schema.json");
    const std::string schema = read_text(folder / "firstbyte.schema.json");
    CHECK(contains(json::parse(schema).at("$schema").get<std::string>(), "draft-07"));
    CHECK(schema == folder.run("schema scenario").out);
    CHECK(folder.run("validate --strict tfo-minimal.fb.json").code == 0);

    folder.write("tfo-minimal.fb.json", "mine");
    const Finished second = folder.run("init tfo-minimal");
    CHECK(second.code == 1);
    CHECK(contains(second.err, "tfo-minimal.fb.json exists already"));
    CHECK(read_text(folder / "tfo-minimal.fb.json") == "mine");
    CHECK(contains(folder.run("init --list").out, "tfo-minimal"));
}

TEST_CASE("cli: explain knows every topic it lists") {
    const Folder folder;
    const auto topics = lines_of(folder.run("explain --list").out);
    REQUIRE(topics.size() > 10);
    for (const std::string topic : {"520", "521", "522", "523", "524", "525", "ttfb"})
        CHECK_MESSAGE(std::find(topics.begin(), topics.end(), topic) != topics.end(), topic);
    const Finished prose = folder.run("explain 524");
    CHECK(prose.code == 0);
    CHECK(contains(prose.out, "125 s")); // the read timeout of profile "cloudflare"
    CHECK(lines_of(prose.out).size() <= 40);
    CHECK(folder.run("explain exit codes").code == 0);
}

TEST_CASE("cli: SIGINT and SIGTERM end the program with 128 + signal and leave no file behind") {
    for (const int number : {SIGINT, SIGTERM}) {
        const Folder folder;
        const std::string fifo = (folder / "fifo").string(), out = "json:" + (folder / "result.json").string();
        REQUIRE(::mkfifo(fifo.c_str(), 0600) == 0);
        const char* const arguments[] = {FIRSTBYTE_PROGRAM, "run", fifo.c_str(), "-o", out.c_str(), "-qq", nullptr};
        posix_spawn_file_actions_t files;
        ::posix_spawn_file_actions_init(&files);
        ::posix_spawn_file_actions_addopen(&files, STDERR_FILENO, "/dev/null", O_WRONLY, 0);
        pid_t child = 0;
        REQUIRE(::posix_spawn(&child, FIRSTBYTE_PROGRAM, &files, nullptr, const_cast<char* const*>(arguments),
                              environ) == 0);
        ::posix_spawn_file_actions_destroy(&files);
        // Opening blocks until the program opens the other end, so the signal meets it reading its scenario.
        const int writer = ::open(fifo.c_str(), O_WRONLY);
        CHECK(::kill(child, number) == 0);
        int status = 0;
        CHECK(::waitpid(child, &status, 0) == child);
        ::close(writer);
        REQUIRE(WIFEXITED(status));
        CHECK(WEXITSTATUS(status) == 128 + number);
        CHECK(folder.names() == std::vector<std::string>{"fifo"});
    }
}

TEST_CASE("cli: a fault of the routes shows its line with a caret, in every command that meets it") {
    const Folder folder;
    folder.write("as.fb.json", R"({
  "format": 1, "name": "as", "run": { "duration": "1s" },
  "topology": { "links": [[1, 2], [1, 3]] },
  "pops":    [ { "id": "ams", "asn": 2, "at": "Amsterdam" } ],
  "origins": [ { "id": "web", "rtt_to": { "ams": "12ms" }, "service_time": "20ms" } ],
  "clients": [ { "id": "mobile", "at": "Paris", "asn": 99, "sessions": "1/s" } ]
}
)");
    for (const std::string command : {"catchment as.fb.json", "run as.fb.json", "trace as.fb.json",
                                      "validate as.fb.json", "compare as.fb.json --toggle tcp.client_edge.fast_open"}) {
        CAPTURE(command);
        const Finished finished = folder.run(command);
        CHECK(finished.code == 3);
        const std::string said = finished.out + finished.err;
        CHECK_MESSAGE(contains(said, "--> as.fb.json:6:56   clients[0].asn  (client \"mobile\")\n"), said);
        CHECK_MESSAGE(contains(said, "\n   | " + std::string(55, ' ') + "^^"), said);
    }
}
