#include "firstbyte/report.hpp"
#include "report/format.hpp"
#include "report/json_text.hpp"

#include <algorithm>

#include <fmt/format.h>

namespace firstbyte {
namespace {

using namespace report;

constexpr std::size_t issues_shown_max = 20; // as many as fit a screen and a mind; the count at the end tells the rest

bool is_error(const Issue& issue) { return issue.severity == Issue::Severity::Error; }
const char* severity_name(const Issue& issue) { return is_error(issue) ? "error" : "warning"; }

/// What stands before column `column` in `line`, as blanks; tabs stay tabs so that the caret stands below its
/// character.
std::string blanks_before(const std::string& line, int column) {
    std::string out;
    int at = 1;
    for (const char c : line) {
        if (at >= column) break;
        if ((static_cast<unsigned char>(c) & 0xC0U) == 0x80U) continue; // columns count characters, not bytes
        out += c == '\t' ? '\t' : ' ';
        ++at;
    }
    for (; at < column; ++at) out += ' ';
    return out;
}

/// A source line as it is shown, with the column and length of what is underlined in it.
struct Excerpt {
    std::string line;
    int column = 1, length = 1;
};

/// A very long line is cut around the place of the fault; "..." stands where something is left out.
Excerpt excerpt(const Issue& issue) {
    constexpr std::size_t width_max = 100; // as wide as the lines people write; a generated file may be one line
    constexpr std::size_t before = 40;     // of them in front of the caret, so that the key of a value is seen
    const std::string& line = issue.source_line;
    Excerpt all{line, issue.column, std::max(issue.length, 1)};
    if (shown_width(line) <= width_max) return all;

    std::vector<std::size_t> starts; // of each character, and the end
    for (std::size_t i = 0; i < line.size(); ++i) {
        if ((static_cast<unsigned char>(line[i]) & 0xC0U) != 0x80U) starts.push_back(i);
    }
    const std::size_t characters = starts.size();
    starts.push_back(line.size());
    const auto at = std::min(static_cast<std::size_t>(std::max(issue.column - 1, 0)), characters);
    std::size_t first = at > before ? at - before : 0;
    first = std::min(first, characters - width_max);
    const std::size_t last = first + width_max;
    const std::string head = first > 0 ? "..." : "", tail = last < characters ? "..." : "";
    const std::size_t room = std::max<std::size_t>(1, last - std::min(at, last));
    return {head + line.substr(starts[first], starts[last] - starts[first]) + tail,
            static_cast<int>(head.size() + at - first) + 1,
            static_cast<int>(std::min(static_cast<std::size_t>(all.length), room))};
}

std::string issue_text(const std::string& file, const Issue& issue) {
    std::string out = fmt::format("{}[{}]: {}\n", severity_name(issue), issue.code, issue.message);
    const bool placed = issue.line > 0;
    const std::string place = placed ? fmt::format("{}:{}:{}", file, issue.line, issue.column) : file;
    std::string where = fmt::format("  --> {}   {}", place, issue.path);
    if (!issue.element.empty()) where += fmt::format("  ({})", issue.element);
    out += without_trailing_spaces(where) + "\n";

    constexpr std::size_t least_digits = 2; // so that the bars of short files stand in one column
    const std::string number = pad_left(std::to_string(issue.line), least_digits);
    const std::string gutter(placed ? number.size() + 1 : least_digits + 1, ' ');
    if (placed) {
        const Excerpt shown = excerpt(issue);
        const std::string carets(static_cast<std::size_t>(shown.length), '^');
        out += gutter + "|\n";
        out += without_trailing_spaces(number + " | " + shown.line) + "\n";
        out += without_trailing_spaces(gutter + "| " + blanks_before(shown.line, shown.column) + carets + " " +
                                       issue.suggestion) +
               "\n";
    } else if (!issue.suggestion.empty()) {
        out += gutter + "= " + issue.suggestion + "\n";
    }
    if (!issue.help.empty()) out += gutter + "= " + issue.help + "\n";
    return out;
}

} // namespace

std::string issues_text(const std::string& file, const std::vector<Issue>& issues) {
    if (issues.empty()) return {};
    std::string out;
    const std::size_t shown = std::min(issues.size(), issues_shown_max);
    for (std::size_t i = 0; i < shown; ++i) out += issue_text(file, issues[i]) + "\n";
    if (shown < issues.size()) out += fmt::format("... and {} more\n\n", issues.size() - shown);

    const auto errors = static_cast<std::uint64_t>(std::count_if(issues.begin(), issues.end(), is_error));
    const std::uint64_t warnings = issues.size() - errors;
    if (errors > 0) out += counted(errors, "error");
    if (warnings > 0) out += (errors > 0 ? ", " : "") + counted(warnings, "warning");
    return out + " in 1 file\n";
}

std::string issues_json(const std::string& file, const std::vector<Issue>& issues) {
    Json out = Json::array();
    for (const Issue& issue : issues) {
        out.push_back({{"code", issue.code},
                       {"severity", severity_name(issue)},
                       {"file", file},
                       {"line", issue.line},
                       {"column", issue.column},
                       {"path", issue.path},
                       {"message", issue.message},
                       {"suggestion", issue.suggestion}});
    }
    return json_text(out, 1);
}

} // namespace firstbyte
