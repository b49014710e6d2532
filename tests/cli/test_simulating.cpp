/// The commands that simulate: what they print where, what they store, and what their options change.
#include "program.hpp"

#include <nlohmann/json.hpp>

#include <algorithm>
#include <regex>

using namespace firstbyte::test;
using nlohmann::json;

namespace {

/// Every request is a hit of the edge's cache, so times have a closed form: 3 RTT + 1 ms without a cookie, 2 RTT + 1 ms
/// with one (TCP, TLS 1.3 and the request take a round trip each).
constexpr const char* only_hits = " --set edge.cache_hit_ratio=1";

json metric_of(const json& variant, const std::string& name) {
    for (const json& metric : variant.at("metrics"))
        if (metric.at("name") == name && metric.at("labels").empty()) return metric;
    FAIL("no metric " << name);
    return {};
}

/// Median TTFB of the only variant, ns.
std::int64_t median_ttfb(const Finished& finished) {
    const json ttfb = metric_of(json::parse(finished.out).at("variants")[0], "ttfb");
    for (const json& quantile : ttfb.at("quantiles"))
        if (quantile.at("q") == 0.5) return quantile.at("value").get<std::int64_t>();
    FAIL("no median");
    return 0;
}

Folder& prepared() {
    static Folder folder;
    folder.write("s.fb.json", small_scenario());
    return folder;
}

} // namespace

TEST_CASE("cli: init, then run, is an answer in two commands") {
    const Folder folder;
    REQUIRE(folder.run("init").code == 0);
    const Finished run = folder.run("run tfo-minimal.fb.json --replications 5");
    CHECK(run.code == 0);
    CHECK_MESSAGE(run.out.rfind("tfo-minimal    5 replications x 60 s    seed 42\n", 0) == 0, run.out);
    CHECK(contains(run.out, "ok    p95(ttfb) < 250ms"));
    CHECK(contains(run.err, "+/- is the 95 % confidence interval over 5 replications."));
    CHECK(contains(run.err, "next: firstbyte compare tfo-minimal.fb.json --toggle tcp.client_edge.fast_open\n"));
}

TEST_CASE("cli: stdout is the result alone, JSON when asked for") {
    const Folder& folder = prepared();
    for (const std::string command : {"run s.fb.json", "run s.fb.json --seed random", "run s.fb.json --progress always",
                                      "compare s.fb.json --toggle tcp.client_edge.fast_open", "trace s.fb.json",
                                      "catchment s.fb.json", "catchment s.fb.json --all-ases"}) {
        CAPTURE(command);
        const Finished as_json = folder.run(command + " --format json");
        CHECK(as_json.code == 0);
        CHECK_MESSAGE(json::accept(as_json.out), as_json.out);
        const Finished as_text = folder.run(command);
        CHECK(as_text.code == 0);
        CHECK(!as_text.out.empty());
        CHECK(!json::accept(as_text.out));
        CHECK(!contains(as_text.out, "next: "));
    }
}

TEST_CASE("cli: -q leaves the verdict, -qq nothing, and neither changes the exit code") {
    const Folder folder;
    folder.write("good.fb.json", small_scenario());
    folder.write("bad.fb.json", small_scenario("\"p50(ttfb) < 1ms\", \"p50(ttfb) < 10s\""));
    const Finished good = folder.run("run -q good.fb.json");
    CHECK(good.code == 0);
    CHECK(good.out == "the threshold was met.\n");
    CHECK(good.err.empty());
    const Finished bad = folder.run("run -q bad.fb.json");
    CHECK(bad.code == 99);
    CHECK(bad.out == "1 of 2 thresholds failed.\n");
    CHECK(bad.err.empty());
    const Finished silent = folder.run("run -qq bad.fb.json");
    CHECK(silent.code == 99);
    CHECK(silent.out.empty());
    CHECK(silent.err.empty());
    const Finished compared = folder.run("compare -q good.fb.json --toggle tcp.client_edge.fast_open");
    CHECK(compared.code == 0);
    CHECK(lines_of(compared.out).size() == 1);
}

TEST_CASE("cli: a failed threshold is exit code 99") {
    const Folder folder;
    folder.write("bad.fb.json", small_scenario("\"p50(ttfb) < 1ms\""));
    folder.write("warn.fb.json", small_scenario(R"({ "expr": "p50(ttfb) < 1ms", "level": "warn" })"));
    const struct {
        std::string arguments;
        int code;
    } rows[] = {
        {"run bad.fb.json", 99},
        {"compare bad.fb.json --toggle tcp.client_edge.fast_open", 99},
        {"run bad.fb.json --exit-zero", 0},
        {"run bad.fb.json --no-thresholds", 0},
        {"run warn.fb.json", 0},
    };
    for (const auto& row : rows) {
        CAPTURE(row.arguments);
        CHECK(folder.run(row.arguments).code == row.code);
    }
    const Finished failed = folder.run("run bad.fb.json");
    CHECK(contains(failed.out, "FAIL  p50(ttfb) < 1ms"));
    CHECK(folder.run("run bad.fb.json", "LC_ALL=C.UTF-8").out == failed.out); // the same bytes in every locale
    CHECK(contains(failed.err, "1 of 1 thresholds failed."));
    CHECK(!contains(failed.err, "next: "));
}

TEST_CASE("cli: --set changes the simulated world") {
    const Folder& folder = prepared();
    const struct {
        std::string set;
        std::int64_t ttfb_ns;
    } rows[] = {
        {"--set tcp.client_edge.fast_open=false", 241'000'000},
        {"--set tcp.client_edge.fast_open=false --set clients.mobile.rtt_to.ams=40ms", 121'000'000},
        {"--set tcp.client_edge.fast_open=false --set 'tls=\"none\"'", 161'000'000},
        {"--set clients.mobile.tfo.cookie=held", 161'000'000},
    };
    for (const auto& row : rows) {
        CAPTURE(row.set);
        const Finished finished = folder.run("run s.fb.json --format json " + row.set + only_hits);
        REQUIRE(finished.code == 0);
        CHECK(median_ttfb(finished) == row.ttfb_ns);
    }
}

TEST_CASE("cli: variants of the file, and an option beats them") {
    const Folder folder;
    folder.write("v.fb.json", small_scenario("\"p50(ttfb) < 10s\"", R"("baseline": "off",
  "variants": { "held": { "clients.mobile.tfo.cookie": "held" }, "off": { "tcp.client_edge.fast_open": false } }, )"));
    const std::string run = std::string{"run v.fb.json --format json"} + only_hits;
    CHECK(median_ttfb(folder.run(run + " --variant held")) == 161'000'000);
    CHECK(median_ttfb(folder.run(run + " --variant off")) == 241'000'000);
    CHECK(median_ttfb(folder.run(run + " --variant held --set clients.mobile.rtt_to.ams=40ms")) == 81'000'000);

    const json all = json::parse(folder.run("compare v.fb.json --format json").out);
    CHECK(all.at("kind") == "compare");
    REQUIRE(all.at("variants").size() == 2);
    CHECK(all.at("variants")[0].at("name") == "off");
    CHECK(all.at("variants")[0].at("baseline") == true);
    CHECK(all.at("variants")[1].at("name") == "held");
    CHECK(all.at("variants")[1].at("baseline") == false);
    const std::string choice = "--variants held,base --baseline base";
    const json chosen = json::parse(folder.run("compare v.fb.json --format json " + choice).out);
    CHECK(chosen.at("variants")[0].at("name") == "base");
    CHECK(chosen.at("variants")[1].at("name") == "held");
    CHECK(folder.run("compare v.fb.json --variants held,of").code == 2);
    CHECK(folder.run("compare v.fb.json --baseline hold").code == 2);
}

TEST_CASE("cli: compare --toggle switches one key, false against true, on the same arrivals") {
    const Folder& folder = prepared();
    const Finished finished = folder.run("compare s.fb.json --toggle tcp.client_edge.fast_open --format json"
                                         " --set clients.mobile.tfo.cookie=held" +
                                         std::string{only_hits});
    REQUIRE(finished.code == 0);
    CHECK(contains(finished.err, "paired over 5 replications, same arrivals and same losses on both sides"));
    const json result = json::parse(finished.out);
    const json &off = result.at("variants")[0], &on = result.at("variants")[1];
    CHECK(off.at("name") == "fast_open=false");
    CHECK(off.at("baseline") == true);
    CHECK(on.at("name") == "fast_open=true");
    CHECK(metric_of(off, "ttfb").at("count") == metric_of(on, "ttfb").at("count"));
    bool found = false;
    for (const json& comparison : result.at("comparisons")) {
        if (comparison.at("metric") != "ttfb" || comparison.at("stat") != "p50") continue;
        if (!comparison.at("labels").empty()) continue;
        found = true;
        CHECK(comparison.at("change") == -80'000'000); // one round trip
    }
    CHECK(found);
}

TEST_CASE("cli: the same scenario and seed give the same bytes for any number of threads") {
    const Folder& folder = prepared();
    for (const std::string command : {"run s.fb.json", "compare s.fb.json --toggle tcp.client_edge.fast_open"}) {
        CAPTURE(command);
        for (const std::string out : {"-j 1 -o one.json", "-j 2 -o two.json", "-j 2 -o again.json"})
            REQUIRE(folder.run(command + " " + out).code == 0);
        const std::string one = read_text(folder / "one.json");
        CHECK(json::accept(one));
        CHECK((one == read_text(folder / "two.json")));
        CHECK((one == read_text(folder / "again.json")));
        CHECK((one == folder.run(command + " --format json -o json:copy.out").out));
        CHECK((one == read_text(folder / "copy.out")));
        CHECK((one == folder.run(command + " -o json:-").out));
        REQUIRE(folder.run(command + " --seed 43 -o other.json").code == 0);
        const json other = json::parse(read_text(folder / "other.json"));
        CHECK(other.at("seeds").at("base") == 43);
        const bool same = other.at("variants") == json::parse(one).at("variants");
        CHECK(!same);
    }
}

TEST_CASE("cli: - reads the scenario from standard input") {
    const Folder& folder = prepared();
    const Finished piped = folder.run("run - --format json <s.fb.json");
    CHECK(piped.code == 0);
    const json named = json::parse(folder.run("run s.fb.json --format json").out);
    const bool same = json::parse(piped.out).at("variants") == named.at("variants");
    CHECK(same);
    CHECK(folder.run("compare - --toggle tcp.client_edge.fast_open <s.fb.json").code == 0); // read once, loaded twice
}

TEST_CASE("cli: seed, replications and duration of the command line count, and are stored") {
    const Folder& folder = prepared();
    const json result =
        json::parse(folder.run("run s.fb.json --format json --seed 7 --replications 6 --duration 4s").out);
    CHECK(result.at("seeds").at("base") == 7);
    CHECK(result.at("seeds").at("replications") == 6);
    CHECK(result.at("scenario").at("effective").at("run").at("duration") == "4s");

    std::string text = small_scenario();
    const std::string seed = "\"seed\": 42, ";
    text.erase(text.find(seed), seed.size());
    folder.write("seedless.fb.json", text);
    CHECK(contains(folder.run("run seedless.fb.json").err, "seed 1: the scenario names none"));
    CHECK(!contains(folder.run("run seedless.fb.json --seed 3").err, "the scenario names none"));
    CHECK(contains(folder.run("run seedless.fb.json --seed random").err, " was drawn."));
}

TEST_CASE("cli: trace follows the connections that were chosen") {
    const Folder& folder = prepared();
    const auto connections = [&](const std::string& choice) {
        return json::parse(folder.run("trace s.fb.json --format json " + choice).out).at("connections");
    };
    CHECK(connections("").size() == 3);
    CHECK(connections("--first 2").size() == 2);
    const json chosen = connections("--client mobile --conn 4");
    REQUIRE(chosen.size() == 1);
    CHECK(chosen[0].at("client") == "mobile");
    CHECK(chosen[0].at("connection") == 4);
    CHECK(chosen[0].at("packets")[0].at("flags") == "S");
    CHECK(contains(folder.run("trace s.fb.json --first 1").out, "SYN"));
}

TEST_CASE("cli: trace writes what is asked for, to stdout and to files by their suffix") {
    const Folder folder;
    folder.write("s.fb.json", small_scenario());
    const std::string one = "trace s.fb.json --conn 1 ";
    const Finished finished = folder.run(one + "-o t.pcapng -o t.json -o t.mmd -o t.pkt -o t.txt -o pcapng:capture");
    REQUIRE(finished.code == 0);
    CHECK(contains(finished.err, "wrote t.pcapng\n"));
    CHECK(read_text(folder / "t.txt") == finished.out);
    for (const std::string kind : {"json", "mermaid", "packetdrill", "pcapng"}) {
        CAPTURE(kind);
        const std::string file = kind == "mermaid" ? "t.mmd" : kind == "packetdrill" ? "t.pkt" : "t." + kind;
        const Finished printed = folder.run(one + "--format " + kind);
        CHECK(printed.code == 0);
        CHECK(printed.out == read_text(folder / file));
    }
    const std::string capture = read_text(folder / "t.pcapng");
    CHECK(capture.substr(0, 4) == "\x0a\x0d\x0d\x0a");
    CHECK(read_text(folder / "capture") == capture);
    CHECK(folder.run(one + "-o pcapng:-").out == capture); // asked for by name: text would spoil it
    CHECK(folder.run(one + "-o pcapng:- --pcap-epoch 1767225600").out != capture);
    CHECK(folder.run(one + "--format mermaid").out.rfind("sequenceDiagram\n", 0) == 0);
    CHECK(folder.run(one + "--format packetdrill --end client").out != read_text(folder / "t.pkt"));
    CHECK(lines_of(folder.run(one + "--filter syn --format packetdrill").out).size() <
          lines_of(read_text(folder / "t.pkt")).size());
    CHECK(contains(folder.run("trace s.fb.json").err, "for Wireshark: add -o trace.pcapng"));
}

TEST_CASE("cli: a stored result replaces the file before it, whole") {
    const Folder folder;
    folder.write("s.fb.json", small_scenario());
    folder.write("result.json", "old");
    const Finished finished = folder.run("run s.fb.json -o result.json -o json:second.out -o json:/dev/null");
    REQUIRE(finished.code == 0);
    CHECK(contains(finished.err, "wrote result.json\n"));
    CHECK(json::parse(read_text(folder / "result.json")).at("kind") == "run");
    auto names = folder.names();
    std::sort(names.begin(), names.end());
    CHECK(names == std::vector<std::string>{"result.json", "s.fb.json", "second.out"}); // no temporary stays
}

TEST_CASE("colour: only where it is asked for, in the order of the conventions, and never the only sign") {
    const Folder folder;
    folder.write("s.fb.json", small_scenario("\"p95(ttfb) < 10s\", \"p95(ttfb) < 1ms\""));
    const auto out_of = [&](const std::string& environment, const std::string& options) {
        return folder.run("run s.fb.json --exit-zero" + options, environment).out;
    };
    const std::string plain = out_of("", "");
    CHECK(contains(plain, "    FAIL  p95(ttfb) < 1ms"));
    CHECK(plain.find('\x1b') == std::string::npos); // a pipe is no terminal
    const std::string coloured = out_of("", " --color always");
    CHECK(contains(coloured, "    \x1b[1;31mFAIL\x1b[0m  p95(ttfb) < 1ms"));
    CHECK(contains(coloured, "    \x1b[32mok\x1b[0m    p95(ttfb) < 10s"));
    CHECK(out_of("CLICOLOR_FORCE=1", "") == coloured);
    CHECK(out_of("CLICOLOR_FORCE=1 NO_COLOR=1", "") == plain);
    CHECK(out_of("CLICOLOR_FORCE=1", " --color never") == plain);
    CHECK(out_of("CLICOLOR_FORCE=0", "") == plain);
    CHECK(out_of("NO_COLOR=1", " --color always") == coloured);
    // Without the codes the words are the same.
    std::string words = std::regex_replace(coloured, std::regex{"\x1b\\[[0-9;]*m"}, "");
    CHECK(words == plain);
    // On a terminal, which script(1) makes, colour needs no asking.
    const auto on_terminal = [&](const std::string& environment) {
        return folder
            .run_program("script", "-qec \"'" FIRSTBYTE_PROGRAM "' run s.fb.json --exit-zero 2>/dev/null\" /dev/null",
                         environment)
            .out;
    };
    CHECK(contains(on_terminal("TERM=xterm"), "\x1b[1;31mFAIL\x1b[0m"));
    CHECK(on_terminal("TERM=dumb").find('\x1b') == std::string::npos);
    CHECK(on_terminal("TERM=xterm NO_COLOR=1").find('\x1b') == std::string::npos);
    // What programs read has no colour.
    CHECK(out_of("CLICOLOR_FORCE=1", " --format json").find('\x1b') == std::string::npos);
}
