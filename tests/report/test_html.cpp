// The HTML report: one file, no outside request, every number of the Markdown summary in it without a script.
#include "core/sha256.hpp"
#include "firstbyte/outputs.hpp"
#include "firstbyte/report.hpp"
#include "firstbyte/simulate.hpp"
#include "firstbyte/world.hpp"
#include "report/html.hpp"
#include "report/sample_results.hpp"

#include <doctest/doctest.h>
#include <nlohmann/json.hpp>

#include <cstdint>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <regex>
#include <string>
#include <vector>

using namespace firstbyte;

namespace {

std::string file_text(const std::string& path) {
    std::ifstream file{std::filesystem::path{FIRSTBYTE_SOURCE_DIR} / path};
    return {std::istreambuf_iterator<char>{file}, {}};
}

std::string result_of(const std::string& path, const std::vector<Override>& set = {}) {
    const Scenario scenario = load_scenario(file_text(path), path, set);
    const Results results = simulate(build_world(scenario), {});
    return result_json(make_report(scenario, {{"base", "base", false, &results}}, {}));
}

/// A comparison with outcomes, causes, a trace, places and events.
const std::string& rich_result() {
    static const std::string result = [] {
        std::vector<Results> results;
        std::vector<Scenario> scenarios;
        for (const char* enabled : {"false", "true"}) {
            scenarios.push_back(load_scenario(file_text("tests/scenario/rich.fb.json"), "rich.fb.json",
                                              {{"run.replications", "2"},
                                               {"clients[*].sessions", "2/s"},
                                               {"thresholds[3].note", "\"<script>alert(1)</script>\""},
                                               {"tcp.client_edge.fast_open.enabled", enabled}}));
            results.push_back(simulate(build_world(scenarios.back()), {}));
        }
        return result_json(
            make_report(scenarios.front(), {{"off", "off", true, &results[0]}, {"on", "on", false, &results[1]}}, {}));
    }();
    return result;
}

/// What somebody reads: no markup, no style, no script, references as characters, runs of blanks as one.
std::string readable(std::string html) {
    // Not by a regular expression: the standard library's recurses for each character of a long match.
    for (std::size_t at = html.find("<style>"); at != std::string::npos; at = html.find("<style>", at))
        html.erase(at, html.find("</style>", at) - at);
    const std::size_t data = html.find("<script");
    if (data != std::string::npos) html.erase(data);
    std::string out;
    bool inside = false;
    for (const char c : html) {
        if (c == '<') inside = true;
        if (!inside) out += c;
        if (c == '>') {
            inside = false;
            out += ' ';
        }
    }
    const std::vector<std::pair<std::string, std::string>> references{
        {"&lt;", "<"}, {"&gt;", ">"}, {"&quot;", "\""}, {"&#39;", "'"}, {"\xC2\xA0", " "}, {"&amp;", "&"}};
    for (const auto& [reference, character] : references)
        out = std::regex_replace(out, std::regex{reference}, character);
    return out;
}

/// Numbers with their digits grouped, such as "1 234.5", in order.
std::vector<std::string> numbers_in(const std::string& text) {
    static const std::regex number{R"([0-9]{1,3}( [0-9]{3})+(\.[0-9]+)?|[0-9]+\.[0-9]+)"};
    return {std::sregex_token_iterator{text.begin(), text.end(), number}, std::sregex_token_iterator{}};
}

} // namespace

TEST_CASE("html: every number of the Markdown summary is in the report, without a script") {
    for (const std::string& result : {rich_result(), result_of("scenarios/origin-drop.fb.json")}) {
        const std::string text = readable(result_html(result, ""));
        const std::string markdown = result_markdown(result);
        const std::vector<std::string> numbers = numbers_in(markdown.substr(0, markdown.find("```")));
        REQUIRE(numbers.size() > 3);
        for (const std::string& number : numbers) CHECK_MESSAGE(text.find(number) != std::string::npos, number);
    }
}

TEST_CASE("html: nothing comes from outside, and the policy allows this style and this script only") {
    const std::string html = result_html(rich_result(), "");
    CHECK(html.starts_with("<!DOCTYPE html>"));
    const std::regex outside{R"re((src|href|action|data|poster)="(?!#|data:)[^"]*"|@import|url\((?!data:|#))re"};
    std::smatch found;
    const std::string markup = html.substr(0, html.find("<script"));
    const bool reaches_outside = std::regex_search(markup, found, outside);
    CHECK_MESSAGE(!reaches_outside, found.str());
    CHECK(html.find("default-src 'none'; style-src 'sha256-") != std::string::npos);
    CHECK(html.find("unsafe") == std::string::npos);
    CHECK(html.find(" style=\"") == std::string::npos); // the policy would refuse it
}

TEST_CASE("html: names of a scenario are text, never markup") {
    const std::string html = result_html(rich_result(), "firstbyte run '<b>.fb.json'");
    CHECK(html.find("<script>alert") == std::string::npos);
    CHECK(html.find("&lt;script&gt;alert(1)") != std::string::npos);
    CHECK(html.find("<b>") == std::string::npos);
}

TEST_CASE("html: the sections that have data are there, in order, each linked from the top") {
    const std::string html = result_html(rich_result(), "");
    std::size_t last = 0;
    for (const char* id : {"verdict", "thresholds", "ttfb", "shift", "rtt", "region", "round-trips", "connection",
                           "outcomes", "causes", "reuse", "catchment", "load", "method"}) {
        CAPTURE(id);
        const std::size_t at = html.find("<section id=\"" + std::string(id) + "\"");
        REQUIRE(at != std::string::npos);
        CHECK(at > last);
        last = at;
        CHECK(html.find("href=\"#" + std::string(id) + "\"") != std::string::npos);
    }
    // One run has no change to show.
    const std::string single = result_html(result_of("scenarios/origin-drop.fb.json"), "");
    CHECK(single.find("<section id=\"shift\"") == std::string::npos);
    CHECK(single.find("<section id=\"causes\"") != std::string::npos);
}

TEST_CASE("html: elements are closed in the order in which they were opened") {
    const std::string html = result_html(rich_result(), "");
    const std::string markup = html.substr(0, html.find("<script"));
    std::vector<std::string> open;
    // Not by a regular expression: the standard library's recurses for each character of a long match.
    for (std::size_t at = markup.find('<'); at != std::string::npos; at = markup.find('<', at + 1)) {
        const std::string tag = markup.substr(at + 1, markup.find('>', at) - at - 1);
        const bool closes = tag.starts_with('/');
        const std::size_t from = closes ? 1 : 0;
        const std::string name = tag.substr(from, tag.find_first_of(" \n/", from) - from);
        const bool empty = name == "meta" || name == "link" || name == "br" || name == "input" || name == "!DOCTYPE" ||
                           tag.ends_with('/');
        if (empty) continue;
        if (!closes) {
            open.push_back(name);
            continue;
        }
        REQUIRE_FALSE(open.empty());
        REQUIRE(open.back() == name);
        open.pop_back();
    }
    CHECK(open == std::vector<std::string>{"html", "body"}); // what stands behind the scripts is cut off above
}

TEST_CASE("html: the same result gives the same bytes, and the page itself is small") {
    const std::string once = result_html(rich_result(), "");
    CHECK(once == result_html(rich_result(), ""));
    // Without its tables, charts and data: style, script and the outline of the land.
    const std::string least = result_html(result_of("scenarios/origin-drop.fb.json"), "");
    CHECK(least.size() < 250'000);
    CHECK_THROWS_AS(static_cast<void>(result_html("{}", "")), std::runtime_error);
}

TEST_CASE(
    "html: requests that ended without a status are no success, and a series that ends early is followed by zeros") {
    nlohmann::ordered_json result = nlohmann::ordered_json::parse(result_of("scenarios/origin-drop.fb.json"));
    const auto series = [](const char* metric, nlohmann::ordered_json labels, std::vector<int> values) {
        return nlohmann::ordered_json{
            {"variant", "base"}, {"metric", metric}, {"labels", std::move(labels)}, {"unit", "1"}, {"values", values}};
    };
    result["timeline"]["series"] = {series("connections", nlohmann::ordered_json::object(), {9, 1}),
                                    series("syn_data_accepted", nlohmann::ordered_json::object(), {3}),
                                    series("outcome", {{"code", "none"}}, {0, 0, 2}),
                                    series("outcome", {{"code", "200"}}, {8}),
                                    series("pop_load", {{"pop", "ams"}}, {5, 7, 6}),
                                    series("pop_load", {{"pop", "iad"}}, {2})};
    const std::string text = readable(result_html(result.dump(), ""));
    CHECK(text.find("20.0 % of the requests did not end with 200, all of these between 2 and 3 s") !=
          std::string::npos);
    CHECK(text.find("no status") != std::string::npos);
    CHECK(text.find("very request ended with 200") == std::string::npos);
}

TEST_CASE("html: a load is drawn to the end of the measured window, a count as long as there is one") {
    nlohmann::ordered_json result = nlohmann::ordered_json::parse(result_of("scenarios/origin-drop.fb.json"));
    const auto series = [](const char* metric, nlohmann::ordered_json labels, std::vector<int> values) {
        return nlohmann::ordered_json{
            {"variant", "base"}, {"metric", metric}, {"labels", std::move(labels)}, {"unit", "1"}, {"values", values}};
    };
    // The window is 10 s long; the requests it began with have ended by 12 s.
    result["timeline"]["series"] = {series("outcome", {{"code", "522"}}, {1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1}),
                                    series("pop_load", {{"pop", "ams"}}, {5, 5, 5, 5, 5, 5, 5, 5, 5, 5, 0, 0})};
    const std::string html = result_html(result.dump(), "");
    const auto rows_of = [&html](const std::string& table) {
        const std::size_t begin = html.find("data-name=\"" + table + "\"");
        REQUIRE(begin != std::string::npos);
        const std::string text = html.substr(begin, html.find("</table>", begin) - begin);
        std::size_t rows = 0;
        for (std::size_t at = text.find("<tr>"); at != std::string::npos; at = text.find("<tr>", at + 1)) ++rows;
        return rows - 1; // without the headings
    };
    CHECK(rows_of("requests-s-by-pop") == 10);
    CHECK(rows_of("outcomes-over-time-base") == 12);
    CHECK(html.find("Behind the measured window (shaded)") != std::string::npos);
}

TEST_CASE("html: a sentence does not break within a number, nor before its unit") {
    const std::string blank = "\xC2\xA0";
    CHECK(report::html_sentence("N 143.0 ms of 11 952, 66.7 % < 2 of 3") ==
          "N 143.0" + blank + "ms of 11" + blank + "952, 66.7" + blank + "% &lt; 2 of 3");
    CHECK(report::html_sentence("after 12 s, p95 1 024 KB") ==
          "after 12" + blank + "s, p95" + " 1" + blank + "024" + blank + "KB");
    CHECK(report::html_sentence("2 servers, 3 1000 4 12 5 ") == "2 servers, 3 1000 4 12 5 ");
}

TEST_CASE("html: convergence after a withdrawal is drawn, told and tabled from the steps of the result") {
    const std::string text = result_of("scenarios/pop-withdraw.fb.json", {{"run.replications", "1"}});
    const nlohmann::json result = nlohmann::json::parse(text);
    REQUIRE(result.at("convergence").size() == 1);
    const nlohmann::json& row = result.at("convergence").at(0);
    // The metric that thresholds ask for is the moment at which the last network settles.
    std::int64_t metric = 0;
    for (const nlohmann::json& one : result.at("variants").at(0).at("metrics"))
        if (one.at("name") == "bgp_convergence") metric = one.at("mean").get<std::int64_t>();
    REQUIRE(metric > 0);
    CHECK(row.at("steps").back().at(0) == metric);
    // Told anew from the steps: when half of those that moved were settled, and all; who was without a way.
    const auto moved = row.at("clients").at("moved").get<std::int64_t>();
    CHECK(moved == 400); // "eu"; "us" was at the other PoP before
    std::int64_t half = -1, all = -1, lost = -1, found = -1;
    for (const nlohmann::json& step : row.at("steps")) {
        const auto at = step.at(0).get<std::int64_t>(), settled = step.at(1).get<std::int64_t>();
        if (half < 0 && 2 * settled >= moved) half = at;
        if (all < 0 && settled == moved) all = at;
        if (lost < 0 && step.at(2).get<std::int64_t>() > 0) lost = at;
        if (lost >= 0 && found < 0 && step.at(2).get<std::int64_t>() == 0) found = at;
    }
    CHECK(row.at("clients").at("half_ns") == half);
    CHECK(row.at("clients").at("all_ns") == all);
    CHECK(row.at("clients").at("longest_cut_off_ns") == found - lost);
    REQUIRE(half == all);
    const auto ms = [](std::int64_t ns) { return std::to_string(ns / 1'000'000) + " ms"; };
    const std::string page = readable(result_html(text, ""));
    CHECK(page.find("fra withdrawn at 120 s: the 400 clients that moved (66.7 % of all) had their last way after " +
                    ms(all) + "; all had none for up to " + ms(found - lost)) != std::string::npos);
    CHECK(page.find("Convergence: fra withdrawn at 120 s") != std::string::npos);
    // Who goes where then: all 400 of "eu" to the PoP that "us" has been at all the time.
    for (const nlohmann::json& client : result.at("catchment"))
        if (client.at("client") == "eu")
            CHECK(client.at("moves") == nlohmann::json::parse(R"([[120000000000, "iad", 95000000]])"));
        else
            CHECK_FALSE(client.contains("moves"));
    CHECK(page.find("Clients of each PoP after each event") != std::string::npos);
    const std::string html = result_html(text, "");
    CHECK(html.find(">after fra withdrawn at 120 s</th>") != std::string::npos);
    CHECK(std::regex_search(html, std::regex{">iad</th><td class=\"n\" data-v=\"200\">200</td><td class=\"n\" "
                                             "data-v=\"600\">600</td>"}));
    CHECK(result_markdown(text).find("Convergence after each event") != std::string::npos);
    // What is changed at one instant has one chart, for its routes cannot be told apart, and a row each.
    nlohmann::ordered_json twice = nlohmann::ordered_json::parse(text);
    twice["convergence"].push_back(twice["convergence"][0]);
    twice["convergence"][1]["pop"] = "iad";
    const std::string both = readable(result_html(twice.dump(), ""));
    CHECK(both.find("Convergence: fra withdrawn, iad withdrawn at 120 s") != std::string::npos);
    CHECK(both.find("Convergence: fra withdrawn at 120 s") == std::string::npos);
    CHECK(result_html(twice.dump(), "").find(">iad withdrawn at 120 s</th>") != std::string::npos);
    // A run whose routes stand still has neither.
    CHECK(result_html(result_of("scenarios/origin-drop.fb.json"), "").find("onvergence") == std::string::npos);
}
