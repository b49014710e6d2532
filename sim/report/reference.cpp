/// The tables that the program works with, as pages of its documentation.
#include "firstbyte/report.hpp"
#include "firstbyte/scenario.hpp"
#include "report/topics.hpp"

#include <algorithm>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include <fmt/format.h>

namespace firstbyte {
namespace {

using namespace report;

constexpr std::string_view written_by =
    "Written by `firstbyte explain --reference {}` from the tables that the program works with.\n\n";

/// Prose inside a table or a paragraph: what Markdown would take for markup, and what would end the cell, outside
/// of the backticks that the prose has itself.
std::string prose(std::string_view text) {
    constexpr std::string_view special = "\\*_[]<>|#";
    std::string out;
    bool in_code = false;
    for (const char c : text) {
        if (c == '`') in_code = !in_code;
        if (c == '|' || (!in_code && special.find(c) != std::string_view::npos)) out += '\\';
        out += c == '\n' ? ' ' : c;
    }
    return out;
}

/// A table's cell in backticks; a bar would end the cell even there.
std::string code(std::string_view text) {
    if (text.empty()) return {};
    std::string out = "`";
    for (const char c : text) {
        if (c == '|') out += '\\';
        out += c;
    }
    return out + "`";
}

std::string_view first_part(std::string_view path) { return path.substr(0, path.find_first_of(".[")); }

/// The heading a key stands under: the key of the file that it belongs to.
std::string section_of(const std::vector<KeyDoc>& keys, const KeyDoc& key) {
    if (key.path.starts_with('<')) return "Parameters of distributions";
    const std::string_view part = first_part(key.path);
    const auto same =
        std::count_if(keys.begin(), keys.end(), [&](const KeyDoc& other) { return first_part(other.path) == part; });
    return same == 1 ? "The file itself" : std::string(part);
}

std::string keys_page() {
    std::string out =
        "# Keys of a scenario\n\n" + fmt::format(written_by, "keys") +
        "`[]` stands for an element of a list, by number, id or `*` in a path: `origins.us-east.idle_timeout`, "
        "`clients[*].tfo.support`. A key without a default may be left out unless it says otherwise.\n";
    const std::vector<KeyDoc> keys = scenario_keys();
    std::vector<std::pair<std::string, std::string>> sections; // heading, rows
    for (const KeyDoc& key : keys) {
        const std::string heading = section_of(keys, key);
        auto section =
            std::find_if(sections.begin(), sections.end(), [&](const auto& known) { return known.first == heading; });
        if (section == sections.end()) section = sections.insert(sections.end(), {heading, {}});
        section->second +=
            fmt::format("| {} | {} | {} | {}{} |\n", code(key.path), prose(key.kind), code(key.default_value),
                        prose(key.doc), key.supported ? "" : " **Refused by this version (E110).**");
    }
    for (const auto& [heading, rows] : sections)
        out += fmt::format("\n## {}\n\n| key | kind | default | |\n| --- | --- | --- | --- |\n{}", heading, rows);
    return out;
}

/// A heading, then one paragraph for each topic, its name in front.
std::string topics_section(std::string_view title, const std::vector<Topic>& topics) {
    std::string out = fmt::format("\n## {}\n\n", title);
    for (const Topic& topic : topics) out += fmt::format("* **{}**: {}\n", prose(topic.name), prose(topic.text));
    return out;
}

std::string metrics_page() {
    return "# Metrics\n\n" + fmt::format(written_by, "metrics") +
           "In thresholds, objectives, `result.json`, CSV and SQLite.\n" + topics_section("Metrics", metric_topics()) +
           topics_section("How they are read", general_topics());
}

std::string outcomes_page() {
    return "# Outcomes, causes and timers\n\n" + fmt::format(written_by, "outcomes") +
           "Every request that did not end well carries a code, a cause, the timer that fired if one did, and the "
           "leg.\n" +
           topics_section("Codes", code_topics()) + topics_section("Causes", cause_topics()) +
           topics_section("What the client sees", view_topics()) + topics_section("Timers", timer_topics()) +
           topics_section("Events of a scenario", event_topics()) +
           topics_section("Ways in which origins fail", mode_topics());
}

std::string codes_page() {
    std::string out = "# Error codes and exit codes\n\n" + fmt::format(written_by, "codes") +
                      "E: the scenario is refused. W: it runs, and something in it may surprise; `\"allow\": "
                      "[\"W507\"]` silences one.\n\n"
                      "| code | |\n| --- | --- |\n";
    for (const auto& [name, text] : scenario_error_codes())
        out += fmt::format("| {} | {} |\n", code(name), prose(text));
    for (const Topic& topic : general_topics()) {
        if (topic.name != "exit codes") continue;
        out += "\n## Exit codes\n\n";
        std::string_view rest = topic.text;
        while (!rest.empty()) {
            const std::size_t end = std::min(rest.find('\n'), rest.size());
            out += fmt::format("* {}\n", prose(rest.substr(0, end)));
            rest.remove_prefix(std::min(end + 1, rest.size()));
        }
    }
    return out;
}

} // namespace

std::string reference_markdown(const std::string& page) {
    if (page == "keys") return keys_page();
    if (page == "metrics") return metrics_page();
    if (page == "outcomes") return outcomes_page();
    if (page == "codes") return codes_page();
    return {};
}

} // namespace firstbyte
