#include "report/markdown.hpp"

#include "report/html.hpp"

#include <fmt/format.h>

namespace firstbyte::report {
namespace {

constexpr std::size_t text_max = 200; // bytes of one name: longer ones are no names but an attempt to fill the page

std::string_view cut(std::string_view text) {
    if (text.size() <= text_max) return text;
    std::size_t end = text_max;
    while (end > 0 && (static_cast<unsigned char>(text[end]) & 0xC0U) == 0x80U) --end; // not inside a character
    return text.substr(0, end);
}

/// Text as HTML has it, on one line and in one cell of a table.
std::string html(std::string_view text) {
    std::string out;
    for (const char c : html_text(text)) {
        if (c == '|')
            out += "&#124;";
        else
            out += c == '\n' ? ' ' : c;
    }
    return out;
}

} // namespace

std::string markdown_text(std::string_view text) {
    // An entity shows the character and is no markup, neither to Markdown nor to those who look for @mentions.
    constexpr std::string_view special = "\\`*_{}[]()#!~@:$^";
    std::string out;
    for (const char c : cut(text)) {
        if (special.find(c) != std::string_view::npos)
            out += fmt::format("&#{};", static_cast<int>(c));
        else
            out += html({&c, 1});
    }
    return out;
}

std::string markdown_code(std::string_view text) {
    text = cut(text);
    bool plain = !text.empty();
    for (const char c : text) plain = plain && c != '`' && c != '|' && static_cast<unsigned char>(c) >= 0x20;
    if (plain) return fmt::format("`{}`", text);
    std::string out;
    for (const char c : html(text)) out += c == '`' ? "&#96;" : std::string(1, c);
    return "<code>" + out + "</code>";
}

std::string mermaid_text(std::string_view text) {
    // Mermaid ends a label at ";" and a line, and knows "#" as the start of its own entities.
    std::string out;
    for (const char c : cut(text)) {
        const bool plain = (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') ||
                           std::string_view{" .,+-_/=()"}.find(c) != std::string_view::npos ||
                           static_cast<unsigned char>(c) >= 0x80;
        out += plain ? c : '?';
    }
    return out.empty() ? "?" : out;
}

std::string markdown_details(std::string_view summary, std::string_view body) {
    return fmt::format("<details><summary>{}</summary>\n\n{}\n</details>\n\n", html(summary), body);
}

MarkdownTable::MarkdownTable(std::vector<std::string> headings, std::string align)
    : headings_(std::move(headings)), align_(std::move(align)) {}

std::string MarkdownTable::text(std::size_t most) const {
    const auto line = [](const std::vector<std::string>& cells) {
        std::string out = "|";
        for (const std::string& cell : cells) out += " " + cell + " |";
        return out + "\n";
    };
    std::string out = line(headings_) + "|";
    for (const char c : align_) out += c == 'r' ? " ---: |" : " --- |";
    out += "\n";
    for (std::size_t i = 0; i < rows_.size() && i < most; ++i) out += line(rows_[i]);
    if (rows_.size() > most) out += fmt::format("\n... and {} more\n", rows_.size() - most);
    return out;
}

} // namespace firstbyte::report
