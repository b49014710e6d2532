#include "scenario/support.hpp"

using namespace firstbyte;
using namespace firstbyte::scenario_test;

TEST_CASE("issues: the four faults of the design's terminal session, all in one go") {
    const std::vector<Issue> issues = issues_of(text_of("scenario/broken.fb.json"));
    struct Row {
        const char *place, *element, *message, *suggestion, *help;
        int length;
    };
    const Row rows[] = {
        {"E102 7:33 tcp.client_edge.fast_opne", "", "unknown key \"fast_opne\"", "did you mean \"fast_open\"?",
         "known keys here: congestion, fast_open, idle_timeout, initial_window, keepalive, ...", 11},
        {"E205 9:65 origins[0].service_time", "origin \"web\"", "duration needs a unit",
         "write \"20ms\" (units: ns us ms s min h)", "", 2},
        {"E301 12:35 clients[0].rtt_to.amd", "client \"mobile\"", "no PoP is called \"amd\"",
         "did you mean \"ams\"? (defined at line 6)", "", 5},
        {"E410 14:24 thresholds[0]", "", "threshold names an unknown metric \"tfb\"",
         "did you mean \"ttfb\"?  all metrics: firstbyte explain metrics", "", 3},
    };
    REQUIRE(issues.size() == std::size(rows));
    for (std::size_t i = 0; i < issues.size(); ++i) {
        CAPTURE(i);
        CHECK(place_of(issues[i]) == rows[i].place);
        CHECK(issues[i].element == rows[i].element);
        CHECK(issues[i].message == rows[i].message);
        CHECK(issues[i].suggestion == rows[i].suggestion);
        CHECK(issues[i].help == rows[i].help);
        CHECK(issues[i].length == rows[i].length);
        CHECK(issues[i].severity == Issue::Severity::Error);
    }
    CHECK(issues[0].source_line == R"(  "tcp":     { "client_edge": { "fast_opne": true } },)");
}

TEST_CASE("issues: suggestions say what to write") {
    struct Row {
        const char *more, *suggestion;
    };
    const Row rows[] = {
        {R"(, "edge": { "processing": "20MS" })", "did you mean \"20ms\"?"},
        {R"(, "tcp": { "edge_origin": { "mss": "1400b" } })", "did you mean \"1400B\"?"},
        {R"(, "workload": { "objects": [ { "id": "a", "response": 4096 } ] })",
         "write \"4096B\" (units: B KB MB GB KiB MiB GiB)"},
        {R"(, "edge": { "cache_hit_ratio": 92 })", "write \"92%\""},
        {R"(, "edge": { "profile": "cloudflare2024" })", "did you mean \"cloudflare-2024\"?"},
        {R"(, "tls": "1.4")", "did you mean \"1.2\"?"},
        {R"(, "tls": "tls1.3")", ""},
        {R"(, "tcp": { "edge_origin": { "idle_timeout": "60s" } })", "there is origins[].idle_timeout"},
        {R"(, "tags": "ci")", "write [\"ci\"]"},
        {R"(, "thresholds": [ "p95(ttfb) < 250" ])", "write \"250ms\" (units: ns us ms s min h)"},
    };
    for (const Row& row : rows) {
        const std::vector<Issue> issues = issues_of(small(row.more));
        REQUIRE_MESSAGE(!issues.empty(), row.more);
        CHECK_MESSAGE(issues.front().suggestion == row.suggestion, row.more, " ", issues.front().message);
    }
}

TEST_CASE("issues: faults found after loading are placed as those of loading are") {
    const std::string text =
        "{ \"pops\": [ { \"id\": \"ams\", \"asn\": 7 } ],\n  \"topology\": { \"links\": [[1, 2]] },\n"
        "  \"clients\": [ { \"id\": \"mobile\", \"asn\": 99 } ] }";
    const auto error = Issue::Severity::Error;
    const auto fault = [&](const std::string& path) {
        return Issue{"E310", error, 0, 0, 1, path, "", "gone", "a", "b", ""};
    };
    struct Row {
        const char* path;
        int line, column, length;
        const char* element;
    };
    const Row rows[] = {
        {"pops[0].asn", 1, 35, 1, "pop \"ams\""},
        {"clients[0].asn", 3, 41, 2, "client \"mobile\""},
        {"topology.links[0][1]", 2, 31, 1, ""},
        {"topology.file", 2, 15, 1, ""}, // not in the file: at the value around it
        {"clients[0].rtt_to.ams", 3, 16, 1, "client \"mobile\""},
        {"clients[7]", 3, 14, 1, ""},
    };
    for (const Row& row : rows) {
        CAPTURE(row.path);
        std::vector<Issue> issues{fault(row.path)};
        place_issues(text, issues);
        REQUIRE(issues.size() == 1);
        CHECK(issues[0].path == row.path);
        CHECK(issues[0].line == row.line);
        CHECK(issues[0].column == row.column);
        CHECK(issues[0].length == row.length);
        CHECK(issues[0].element == row.element);
        CHECK(issues[0].message == "gone");
        CHECK(issues[0].suggestion == "a");
        CHECK(issues[0].help == "b");
        CHECK_FALSE(issues[0].source_line.empty());
    }
    std::vector<Issue> others{fault(""), fault("clients[0].asn"), fault("clients[0].asn")};
    others[1].line = 77;
    place_issues(text, others, {{"clients.mobile.asn", "98"}});
    CHECK(others[0].line == 0);
    CHECK(others[1].line == 77);
    CHECK(others[2].line == 0); // the file's 99 is not what was wrong
    CHECK(others[2].message == "override \"clients.mobile.asn=98\": gone");
}

TEST_CASE("issues: a choice that is not built says what runs") {
    const std::vector<Issue> issues = issues_of(small(R"(, "workload": { "protocol": "h3" })"));
    REQUIRE(issues.size() == 1);
    CHECK(issues[0].code == "E110");
    CHECK(issues[0].suggestion.find("h1") != std::string::npos);
}

TEST_CASE("issues: columns count characters, lines may end in CR LF, tabs are one column") {
    const std::string text = "{ \"format\": 1, \"name\": \"caf\xC3\xA9\", \"oops\": 1,\r\n\t\"also\": 2,\r\n\"run\": { "
                             "\"duration\": \"1s\" }, \"pops\": [ { \"id\": \"a\" } ] }";
    const std::vector<Issue> issues = issues_of(text, {}, Purpose::RoutingOnly);
    REQUIRE(issues.size() == 2);
    CHECK(place_of(issues[0]) == "E102 1:32 oops");
    CHECK(issues[0].length == 6);
    CHECK(place_of(issues[1]) == "E102 2:2 also");
    CHECK(issues[1].source_line == "\t\"also\": 2,");
}

TEST_CASE("issues: comments are accepted and strings with escapes keep their places") {
    const std::string text =
        "// note \"x\" {\n" + small(", \"description\": \"a \\\"quoted\\\" \\\\\", // more\n \"oops\": 1");
    CHECK(places_of(issues_of(text)) == std::vector<std::string>{"E102 5:2 oops"});
}

TEST_CASE("issues: an unknown name is told once, however often it is used") {
    const std::string text =
        small(R"(, "events": [ { "at": "1s", "do": "origin_down", "origin": "wbe", "mode": "refuse" },
        { "at": "2s", "do": "origin_down", "origin": "wbe", "mode": "reset" } ])");
    CHECK(issues_of(text).size() == 1);
}

TEST_CASE("warnings: each is raised, placed, and silenced by `allow`") {
    struct Row {
        const char *code, *more;
        std::vector<Override> overrides;
    };
    const Row rows[] = {
        {"W501", "", {{"run.replications", "4"}}},
        {"W502", R"(, "tls": { "client_hello": "1700B" })", {{"tcp.client_edge.fast_open", "true"}}},
        {"W503", "", {{"tcp.client_edge.fast_open", "true"}, {"clients.mobile.population", "1000000"}}},
        {"W504", "", {{"tcp.client_edge.fast_open", "true"}, {"clients[*].tfo.support", "0%"}}},
        {"W505",
         R"(, "events": [ { "at": "1s", "do": "origin_down", "origin": "web", "mode": "drop_syn", "for": "37s" } ])",
         {}},
        {"W506", "", {{"pops.ams.at", "[52.37, 4.9]"}, {"clients.mobile.at", "[35.68, 139.69]"}}},
        {"W507", "", {{"origins.web.idle_timeout", "60s"}}},
        // 75 s of the origin's idle timeout are beyond the box's 60 s, and there are no probes.
        {"W508", "", {{"origins.web.middlebox", R"({ "flow_idle": "60s" })"}, {"tcp.edge_origin.keepalive", "false"}}},
        // 20/s x 0.1 misses x 2 s = 4 workers.
        {"W509", "", {{"origins.web.workers", "3"}, {"origins.web.service_time", "2s"}}},
        // 80 ms / (80 ms + 1 s) = 7.4 %.
        {"W514", "", {{"tcp.client_edge.fast_open", "true"}, {"clients.mobile.tfo.syn_data_dropped", "8%"}}},
        {"W515", "", {{"clients.mobile.access.loss", "21%"}}},
        // 20/s x 60 s x 10 replications = 12 000 samples, p99.9 needs 100 / 0.001.
        {"W516", R"(, "thresholds": ["p99.9(ttfb) < 1s"])", {}},
        // 10^6/s x 200 s x 10 = 2 x 10^9 requests.
        {"W601", "", {{"clients.mobile.sessions", "1000000/s"}, {"run.duration", "200s"}}},
        {"W602", "", {{"clients.mobile.population", "60000000"}}},
        // 10^5/s x 60 s x 10 x 0.5 = 3 x 10^7 records.
        {"W603", "", {{"clients.mobile.sessions", "100000/s"}, {"output.records", "50%"}}},
    };
    for (const Row& row : rows) {
        CAPTURE(row.code);
        std::vector<Issue> loud, quiet, none;
        static_cast<void>(load_scenario(small(row.more), "-", row.overrides, Purpose::Simulate, &loud));
        REQUIRE(loud.size() == 1);
        CHECK(loud[0].code == row.code);
        CHECK(loud[0].severity == Issue::Severity::Warning);
        CHECK(loud[0].help == std::string("to silence: \"allow\": [\"") + row.code + "\"]");
        const std::string allow = std::string(", \"allow\": [\"") + row.code + "\"]";
        static_cast<void>(load_scenario(small(row.more + allow), "-", row.overrides, Purpose::Simulate, &quiet));
        CHECK(quiet.empty());
        CHECK(load_scenario(small(", \"allow\": [\"W510\", \"W501\"]"), "-").allow ==
              std::vector<std::string>{"W510", "W501"});
        static_cast<void>(load_scenario(small(""), "-", {}, Purpose::Simulate, &none));
        CHECK(none.empty());
    }
}

TEST_CASE("warnings: a dark window of the whole connect time is none, at 38 s in the default profile") {
    std::vector<Issue> warnings;
    static_cast<void>(
        load_scenario(small(
                          R"(, "events": [ { "at": "1s", "do": "origin_down", "origin": "web", "mode": "drop_syn",
                                          "for": "38s" } ])"),
                      "-", {}, Purpose::Simulate, &warnings));
    CHECK(warnings.empty());
}

namespace {

std::vector<std::string> warnings_with(const std::string& more, const std::vector<Override>& overrides) {
    std::vector<Issue> warnings;
    static_cast<void>(load_scenario(small(more), "-", overrides, Purpose::Simulate, &warnings));
    std::vector<std::string> codes;
    for (const Issue& warning : warnings) codes.push_back(warning.code + " " + warning.path);
    return codes;
}

} // namespace

TEST_CASE("warnings: a flow that a box forgets is none where probes or the end of idleness come before") {
    using Codes = std::vector<std::string>;
    const Override box{"origins.web.middlebox", R"({ "flow_idle": "60s", "mode": "rst" })"};
    const auto with = [&](const std::string& path, const std::string& value) {
        return warnings_with("", {box, {path, value}});
    };
    const Codes told{"W508 origins[0].middlebox.flow_idle"};
    CHECK(with("tcp.edge_origin.keepalive", "false") == told);
    CHECK(with("tcp.edge_origin.keepalive", R"({ "idle": "60s" })") == told); // at the same moment is too late
    CHECK(with("tcp.edge_origin.keepalive", R"({ "idle": "59s" })") == Codes{});
    const Override silent{"tcp.edge_origin.keepalive", "false"};
    CHECK(warnings_with("", {box, silent, {"edge.origin_pool.idle_timeout", "60s"}}) == Codes{});
    CHECK(warnings_with("", {box, silent, {"edge.origin_pool.max_idle", "0"}}) == Codes{});
}

TEST_CASE("warnings: utilisation is rate x work / servers, and 1 is not above 1") {
    using Codes = std::vector<std::string>;
    // 20 sessions a second, a tenth of the requests misses: 2/s to the origin.
    const Override second{"origins.web.service_time", "1s"};
    CHECK(warnings_with("", {second, {"origins.web.workers", "2"}}) == Codes{});
    CHECK(warnings_with("", {second, {"origins.web.workers", "1"}}) == Codes{"W509 origins[0].workers"});
    CHECK(warnings_with("", {second, {"origins.web.workers", "1"}, {"edge.cache_hit_ratio", "0.95"}}) == Codes{});
    CHECK(warnings_with("", {{"pops.ams.capacity", "20/s"}}) == Codes{});
    CHECK(warnings_with("", {{"pops.ams.capacity", "19/s"}}) == Codes{"W509 pops[0].capacity"});
    CHECK(warnings_with("", {{"pops.ams.capacity", "39/s"}, {"workload.requests_per_session", "2"}}) ==
          Codes{"W509 pops[0].capacity"});
    // 0.1 requests a second for each of 200 clients: 10 KB x 8 x 0.1 = 8 kbit/s down, 500 B x 8 x 0.1 = 400 bit/s up.
    CHECK(warnings_with("", {{"clients.mobile.access.down", "9Kbps"}}) == Codes{});
    CHECK(warnings_with("", {{"clients.mobile.access.down", "7Kbps"}}) == Codes{"W509 clients[0].access.down"});
    CHECK(warnings_with("", {{"clients.mobile.access.up", "300bps"}}) == Codes{"W509 clients[0].access.up"});
}

TEST_CASE("warnings: Fast Open breaks even where a share R / (R + T) of SYNs with data is dropped") {
    using Codes = std::vector<std::string>;
    const auto dropped = [](const std::string& share, std::vector<Override> more = {}) {
        more.push_back({"tcp.client_edge.fast_open.enabled", "true"});
        more.push_back({"clients.mobile.tfo.syn_data_dropped", share});
        return warnings_with("", more);
    };
    const Codes told{"W514 clients[0].tfo.syn_data_dropped"};
    CHECK(dropped("7.4%") == Codes{}); // 0.08 / 1.08 = 7.407 %
    CHECK(dropped("7.41%") == told);
    CHECK(dropped("16%", {{"clients.mobile.access.delay", "120ms"}}) == Codes{}); // 0.2 / 1.2 = 16.7 %
    CHECK(dropped("17%", {{"clients.mobile.access.delay", "120ms"}}) == told);
    CHECK(dropped("4%", {{"tcp.client_edge.syn_rto", "3s"}}) == told); // 0.08 / 3.08 = 2.6 %
    CHECK(dropped("20%", {{"clients.mobile.tfo.race", "true"}}) == Codes{});
    CHECK(warnings_with("", {{"clients.mobile.tfo.syn_data_dropped", "20%"}}) == Codes{}); // Fast Open is off
}

TEST_CASE("warnings: a quantile needs 100 / (1 - q) samples of those that its labels leave") {
    using Codes = std::vector<std::string>;
    const auto with = [](const std::string& threshold, const std::string& replications = "10") {
        return warnings_with(", \"thresholds\": [\"" + threshold + "\"]", {{"run.replications", replications}});
    };
    CHECK(with("p99(ttfb) < 1s") == Codes{}); // 12 000 of 10 000
    CHECK(with("p99(ttfb) < 1s", "8") == Codes{"W516 thresholds[0]"});
    CHECK(with("p1(ttfb) > 1ms", "8") == Codes{"W516 thresholds[0]"}); // as rare on the other side
    CHECK(with("p95(ttfb) < 1s", "5") == Codes{});
    CHECK(with("mean(ttfb) < 1s", "5") == Codes{});
    CHECK(with("p99(ttfb{client=mobile,region=eu}) < 1s") == Codes{});
    CHECK(warnings_with(R"(, "thresholds": ["p99(connect) < 1s"], "workload": { "requests_per_session": 9 })",
                        {{"run.replications", "8"}}) == Codes{"W516 thresholds[0]"});
}

TEST_CASE("warnings: the loss of two states is the mean over the time in each") {
    using Codes = std::vector<std::string>;
    const auto lossy = [](const std::string& value) {
        return warnings_with("", {{"clients.mobile.access.loss_up", value}});
    };
    // Bad for 0.1 / (0.1 + 0.4) = 20 % of the packets.
    CHECK(lossy(R"({ "in_good": "1%", "in_bad": "90%", "good_to_bad": "10%", "bad_to_good": "40%" })") == Codes{});
    CHECK(lossy(R"({ "in_good": "5%", "in_bad": "90%", "good_to_bad": "10%", "bad_to_good": "40%" })") ==
          Codes{"W515 clients[0].access.loss_up"});
    CHECK(warnings_with("", {{"origins.web.loss", "20%"}}) == Codes{});
    CHECK(warnings_with("", {{"origins.web.loss", "20.1%"}}) == Codes{"W515 origins[0].loss"});
}

TEST_CASE("warnings: stale reuse tells its share of idle periods, l R exp(-l K)") {
    std::vector<Issue> warnings;
    static_cast<void>(load_scenario(small(""), "-",
                                    {{"origins.web.idle_timeout", "60s"}, {"clients.mobile.sessions", "10/min"}},
                                    Purpose::Simulate, &warnings));
    REQUIRE(warnings.size() == 1);
    // A tenth of 1/6 per second misses: l = 1/60, R = 12 ms, K = 60 s: 0.0002 / e = 7.4e-5.
    CHECK(warnings[0].message.find("(0.0074 % of idle periods at 0.0167 requests a second)") != std::string::npos);
}
