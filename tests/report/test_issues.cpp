#include "firstbyte/report.hpp"

#include <doctest/doctest.h>
#include <nlohmann/json.hpp>

#include <string>
#include <vector>

using namespace firstbyte;
using nlohmann::json;

namespace {

/// The four faults of the design's broken scenario.
std::vector<Issue> four_faults() {
    const auto error = Issue::Severity::Error;
    return {
        {"E102", error, 7, 33, 11, "tcp.client_edge.fast_opne", "", "unknown key \"fast_opne\"",
         "did you mean \"fast_open\"?",
         "known keys here: congestion, fast_open, idle_timeout, initial_window, keepalive, ...",
         R"(  "tcp":     { "client_edge": { "fast_opne": true } },)"},
        {"E205", error, 9, 65, 2, "origins[0].service_time", "origin \"web\"", "duration needs a unit",
         "write \"20ms\" (units: ns us ms s min h)", "",
         R"(    { "id": "web", "rtt_to": { "ams": "12ms" }, "service_time": 20 })"},
        {"E301", error, 12, 35, 5, "clients[0].rtt_to.amd", "client \"mobile\"", "no PoP is called \"amd\"",
         "did you mean \"ams\"? (defined at line 6)", "",
         R"(    { "id": "mobile", "rtt_to": { "amd": "80ms" }, "sessions": "20/s" })"},
        {"E410", error, 14, 24, 3, "thresholds[0]", "", "threshold names an unknown metric \"tfb\"",
         "did you mean \"ttfb\"?  all metrics: firstbyte explain metrics", "",
         R"(  "thresholds": [ "p95(tfb) < 250ms" ])"},
    };
}

} // namespace

TEST_CASE("issues_text: the design's broken scenario") {
    CHECK(issues_text("broken.fb.json", four_faults()) == R"(error[E102]: unknown key "fast_opne"
  --> broken.fb.json:7:33   tcp.client_edge.fast_opne
   |
 7 |   "tcp":     { "client_edge": { "fast_opne": true } },
   |                                 ^^^^^^^^^^^ did you mean "fast_open"?
   = known keys here: congestion, fast_open, idle_timeout, initial_window, keepalive, ...

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

4 errors in 1 file
)");
}

TEST_CASE("issues_text: a fault without a place, a wide line number, a warning, tabs") {
    Issue placeless{"E304",         Issue::Severity::Error,   0,  0, 1, "tcp.edge", "",
                    "no such path", "did you mean \"edge\"?", "", ""};
    Issue warning{"W512", Issue::Severity::Warning, 1234, 2, 3, "edge", "", "surprising", "", "", "\tabc"};
    CHECK(issues_text("a.fb.json", {placeless, warning}) == "error[E304]: no such path\n"
                                                            "  --> a.fb.json   tcp.edge\n"
                                                            "   = did you mean \"edge\"?\n"
                                                            "\n"
                                                            "warning[W512]: surprising\n"
                                                            "  --> a.fb.json:1234:2   edge\n"
                                                            "     |\n"
                                                            "1234 | \tabc\n"
                                                            "     | \t^^^\n"
                                                            "\n"
                                                            "1 error, 1 warning in 1 file\n");
    CHECK(issues_text("a.fb.json", {warning}).ends_with("\n1 warning in 1 file\n"));
    CHECK(issues_text("a.fb.json", {}).empty());
}

TEST_CASE("issues_text: a very long line is cut around its caret") {
    struct Row {
        int column;
        bool head, tail;
    };
    // 60 two-byte letters in front: columns count characters.
    std::string prefix;
    for (int i = 0; i < 60; ++i) prefix += "\xC3\xA9";
    const std::string line = prefix + std::string(400, 'a');
    for (const Row& row : {Row{1, false, true}, Row{30, false, true}, Row{50, true, true}, Row{230, true, true},
                           Row{459, true, false}}) {
        CAPTURE(row.column);
        std::vector<std::string> letters;
        for (int i = 0; i < 460; ++i) letters.push_back(i < 60 ? "\xC3\xA9" : "a");
        letters[static_cast<std::size_t>(row.column) - 1] = "X";
        std::string source;
        for (const std::string& letter : letters) source += letter;
        const Issue issue{"E102", Issue::Severity::Error, 7, row.column, 1, "edge", "", "wrong", "", "", source};
        const std::string text = issues_text("a.fb.json", {issue});
        const std::size_t begin = text.find(" 7 | ") + 5, end = text.find('\n', begin);
        const std::string shown = text.substr(begin, end - begin);
        const std::string carets = text.substr(end + 1 + 5, text.find('\n', end + 1) - end - 6);
        CHECK(shown.starts_with("...") == row.head);
        CHECK(shown.ends_with("...") == row.tail);
        std::size_t width = 0, of_x = 0;
        for (std::size_t i = 0; i < shown.size(); ++i) {
            if ((static_cast<unsigned char>(shown[i]) & 0xC0U) == 0x80U) continue;
            if (shown[i] == 'X') of_x = width;
            ++width;
        }
        CHECK(width == 100u + (row.head ? 3 : 0) + (row.tail ? 3 : 0));
        CHECK(carets == std::string(of_x, ' ') + "^");
    }
    Issue wide{"E102", Issue::Severity::Error, 7, 410, 300, "edge", "", "wrong", "", "", line + line};
    CHECK(issues_text("a.fb.json", {wide}).find(std::string(61, '^')) == std::string::npos); // none beyond the excerpt
}

TEST_CASE("issues_text: twenty are shown, all are counted") {
    const std::vector<Issue> many(25, four_faults().front());
    const std::string text = issues_text("broken.fb.json", many);
    std::size_t shown = 0;
    for (std::size_t at = text.find("error[E102]"); at != std::string::npos; at = text.find("error[E102]", at + 1))
        ++shown;
    CHECK(shown == 20);
    CHECK(text.ends_with("\n... and 5 more\n\n25 errors in 1 file\n"));
}

TEST_CASE("issues_json: all of them, with the eight keys") {
    const json out = json::parse(issues_json("broken.fb.json", four_faults()));
    REQUIRE(out.size() == 4);
    CHECK(out[0] == json({{"code", "E102"},
                          {"severity", "error"},
                          {"file", "broken.fb.json"},
                          {"line", 7},
                          {"column", 33},
                          {"path", "tcp.client_edge.fast_opne"},
                          {"message", "unknown key \"fast_opne\""},
                          {"suggestion", "did you mean \"fast_open\"?"}}));
    CHECK(json::parse(issues_json("broken.fb.json", {})) == json::array());
}
