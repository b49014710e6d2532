#include "report/html.hpp"

#include "report/format.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <map>
#include <utility>

namespace firstbyte::report {
namespace {

constexpr std::size_t rows_max = 1000; // of one table: more is what CSV and SQLite are for

bool digit(char c) { return c >= '0' && c <= '9'; }

/// Whether the space at `at` stands between groups of digits, or between a number and its unit.
bool within_number(std::string_view text, std::size_t at) {
    if (at == 0 || !digit(text[at - 1])) return false;
    const std::string_view rest = text.substr(at + 1);
    if (rest.size() >= 3 && digit(rest[0]) && digit(rest[1]) && digit(rest[2]))
        return rest.size() == 3 || !digit(rest[3]);
    const std::string_view unit = rest.substr(0, rest.find_first_of(" ,;:.)/"));
    constexpr std::array<std::string_view, 8> units{"%", "h", "min", "s", "ms", "us", "ns", "KB"};
    return std::find(units.begin(), units.end(), unit) != units.end();
}

bool plain(char c) { return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9'); }

} // namespace

std::string html_text(std::string_view text) {
    std::string out;
    for (const char c : text) {
        switch (c) {
        case '&': out += "&amp;"; break;
        case '<': out += "&lt;"; break;
        case '>': out += "&gt;"; break;
        case '"': out += "&quot;"; break;
        case '\'': out += "&#39;"; break;
        case '\n': out += '\n'; break;
        default: out += static_cast<unsigned char>(c) < ' ' || c == '\x7f' ? ' ' : c;
        }
    }
    return out;
}

std::string html_sentence(std::string_view text) {
    std::string out;
    for (std::size_t at = 0; at < text.size(); ++at)
        out += text[at] == ' ' && within_number(text, at) ? "\xC2\xA0" : html_text(text.substr(at, 1));
    return out;
}

std::string html_code(std::string_view text) { return "<code>" + html_text(text) + "</code>"; }

std::string html_id(std::string_view text) {
    std::string out;
    for (const char c : text) {
        const char lower = c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
        if (plain(lower))
            out += lower;
        else if (!out.empty() && out.back() != '-')
            out += '-';
    }
    while (!out.empty() && out.back() == '-') out.pop_back();
    return out;
}

std::string json_for_script(std::string_view json) {
    // Outside of strings JSON has none of these characters (ECMA-404), so every one of them may become an escape.
    std::string out;
    for (const char c : json) {
        if (c == '<' || c == '>' || c == '&')
            out += fmt::format("\\u{:04x}", static_cast<unsigned>(c));
        else
            out += c;
    }
    return out;
}

std::string html_details(std::string_view summary, const std::string& body) {
    return fmt::format("<details><summary>{}</summary>\n{}</details>\n", html_text(summary), body);
}

std::string html_badge(const std::string& kind, const std::string& word) {
    static const std::map<std::string, std::string> symbols{
        {"good", "\xE2\x9C\x93"}, {"bad", "\xE2\x9C\x97"}, {"warn", "!"}, {"none", "\xE2\x80\x93"}};
    return fmt::format("<span class=\"badge {}\"><span aria-hidden=\"true\">{}</span> {}</span>", kind,
                       symbols.at(kind), html_text(word));
}

HtmlCell text_cell(std::string_view text) { return {html_text(text), {}}; }
HtmlCell count_cell(std::uint64_t count) { return {grouped(count), static_cast<double>(count)}; }
HtmlCell time_cell(double ns) { return {milliseconds(ns), ns}; }
HtmlCell share_cell(double share) { return {percent(share), share}; }

HtmlTable::HtmlTable(std::string name, std::vector<std::string> headings, std::string align)
    : name_(std::move(name)), headings_(std::move(headings)), align_(std::move(align)) {}

void HtmlTable::add(std::vector<HtmlCell> cells) { rows_.push_back(std::move(cells)); }

std::string HtmlTable::text() const {
    const auto side = [this](std::size_t column) { return align_.at(column) == 'r' ? " class=\"n\"" : ""; };
    // Focusable, so that a table wider than the screen can be moved with the keyboard.
    std::string out = fmt::format("<div class=\"wide\" role=\"region\" tabindex=\"0\" aria-label=\"{0}\">\n"
                                  "<table data-name=\"{1}\"><caption>{0}</caption>\n<thead><tr>",
                                  html_text(name_), html_id(name_));
    for (std::size_t i = 0; i < headings_.size(); ++i)
        out += fmt::format("<th scope=\"col\"{}>{}</th>", side(i), html_text(headings_[i]));
    out += "</tr></thead>\n<tbody>\n";
    for (std::size_t row = 0; row < std::min(rows_.size(), rows_max); ++row) {
        out += "<tr>";
        for (std::size_t i = 0; i < rows_[row].size(); ++i) {
            const HtmlCell& cell = rows_[row][i];
            const std::string order = cell.order ? fmt::format(" data-v=\"{}\"", *cell.order) : "";
            const char* tag = i == 0 ? "th" : "td";
            out +=
                fmt::format("<{}{}{}{}>{}</{}>", tag, i == 0 ? " scope=\"row\"" : "", side(i), order, cell.html, tag);
        }
        out += "</tr>\n";
    }
    out += "</tbody></table></div>\n";
    if (rows_.size() > rows_max)
        out += fmt::format("<p class=\"note\">{} more rows: see the CSV or SQLite output.</p>\n",
                           grouped(rows_.size() - rows_max));
    return out;
}

} // namespace firstbyte::report
