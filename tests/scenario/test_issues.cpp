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
