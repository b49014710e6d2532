#include "report/html_page.hpp"

#include "core/sha256.hpp"
#include "report/html.hpp"
#include "report/report_ui.hpp"
#include "report/world_map.hpp"

#include <charconv>
#include <cstdint>

#include <fmt/format.h>

namespace firstbyte::report {
namespace {

/// RFC 4648 section 4, of a SHA-256 in hexadecimal digits: how a Content-Security-Policy names a script.
std::string base64_of_hex(const std::string& hex) {
    constexpr char letters[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    std::string out;
    std::uint32_t bits = 0;
    int have = 0;
    for (std::size_t i = 0; i + 1 < hex.size(); i += 2) {
        unsigned byte = 0;
        std::from_chars(hex.data() + i, hex.data() + i + 2, byte, 16);
        bits = (bits << 8) | byte;
        for (have += 8; have >= 6; have -= 6) out += letters[(bits >> (have - 6)) & 63U];
    }
    if (have > 0) out += letters[(bits << (6 - have)) & 63U];
    while (out.size() % 4 != 0) out += '=';
    return out;
}

std::string hash_source(const std::string& text) { return "'sha256-" + base64_of_hex(sha256_hex(text)) + "'"; }

std::string policy(const std::string& style, const std::string& script) {
    return "default-src 'none'; style-src " + hash_source(style) +
           (script.empty() ? "" : "; script-src " + hash_source(script)) + "; base-uri 'none'; form-action 'none'";
}

std::string head(const std::string& title, const std::string& style, const std::string& script) {
    return "<!DOCTYPE html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">\n"
           "<meta http-equiv=\"Content-Security-Policy\" content=\"" +
           policy(style, script) +
           "\">\n<meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n"
           "<meta name=\"color-scheme\" content=\"light dark\">\n<title>" +
           html_text(title) + "</title>\n<style>" + style + "</style>\n</head>\n";
}

std::string contents(const std::vector<HtmlSection>& sections) {
    std::string out = "<nav aria-label=\"Sections\"><ul>";
    for (const HtmlSection& section : sections)
        out += fmt::format("<li><a href=\"#{}\">{}</a></li>", section.id, section.title);
    return out + "</ul></nav>\n";
}

} // namespace

std::string html_page(const std::string& name, const std::string& kind, std::vector<HtmlSection> sections,
                      const Json& data) {
    std::erase_if(sections, [](const HtmlSection& section) { return section.body.empty(); });
    const std::string style = ui_style(), script = ui_script();
    std::string out = head("firstbyte: " + name, style, script);
    out += "<body>\n<a class=\"skip\" href=\"#verdict\">To the verdict</a>\n<header><h1>" + html_text(name) +
           "</h1><p>firstbyte " + html_text(kind) + "</p></header>\n" + contents(sections) + "<main>\n";
    std::string body;
    for (const HtmlSection& section : sections)
        body += fmt::format("<section id=\"{0}\" aria-labelledby=\"{0}-title\">\n<h2 id=\"{0}-title\">{1}</h2>\n{2}"
                            "</section>\n",
                            section.id, html_text(section.title), section.body);
    if (body.find("href=\"#land\"") != std::string::npos) out += land_symbol();
    out += body + "</main>\n";
    if (!script.empty())
        out += "<script type=\"application/json\" id=\"data\">" + json_for_script(data.dump()) + "</script>\n<script>" +
               script + "</script>\n";
    return out + "</body>\n</html>\n";
}

} // namespace firstbyte::report
