/// The report as one HTML file: no outside request, readable without scripts and without style.
#include "core/sha256.hpp"
#include "firstbyte/outputs.hpp"
#include "report/format.hpp"
#include "report/html_view.hpp"
#include "report/report_ui.hpp"
#include "report/result_rows.hpp"
#include "report/world_map.hpp"

#include <fmt/format.h>

#include <array>
#include <charconv>
#include <cstdint>

namespace firstbyte {

namespace report {

std::string method_section(ResultView& view, const std::string& command) {
    const Json& result = view.result();
    const Json &generator = result.at("generator"), &scenario = result.at("scenario");
    std::string out = "<dl class=\"facts\">";
    const auto fact = [&out](const std::string& name, const std::string& html) {
        out += "<dt>" + html_text(name) + "</dt><dd>" + html + "</dd>\n";
    };
    if (!command.empty()) fact("command", html_code(command));
    fact("scenario", html_text(scenario.at("name").get<std::string>()));
    fact("SHA-256 of the scenario", html_code(scenario.at("sha256").get<std::string>()));
    fact("seed", html_text(result.at("seeds").at("base").dump()));
    fact("replications", grouped(result.at("seeds").at("replications").get<std::uint64_t>()));
    fact("result id", html_code(result.at("id").get<std::string>()));
    fact("program", html_text(fmt::format("firstbyte {} ({})", generator.at("version").get<std::string>(),
                                          generator.at("commit").get<std::string>())));
    const Json remarks = result.value("remarks", Json::array()); // of stored results, compared
    for (const Json& remark : remarks) fact("comparison", html_text(remark.get<std::string>()));
    out += "</dl>\n";
    HtmlTable table{"Variants", {"variant", "events simulated", "fingerprint of the trajectory"}, "lrl"};
    for (const Json& variant : result.at("variants"))
        table.add(
            {text_cell(variant.at("name").get<std::string>() + (variant.value("baseline", false) ? " (baseline)" : "")),
             count_cell(variant.value("events", std::uint64_t{0})),
             HtmlCell{html_code(variant.value("fingerprint", "")), {}}});
    out += table.text();
    out += "<p>The time to first byte runs from the client's decision to send a request until the first byte of the "
           "response is at the client, the set-up of a connection included if the request opened one; no DNS. A change "
           "is that of a variant against the baseline";
    if (remarks.empty()) out += ", paired by replication: both have the same arrivals, losses and service times";
    out += ". Its interval is over the replications. The same scenario, seed and version give the same bytes.</p>\n";
    return out + html_details("The scenario with every default",
                              "<pre tabindex=\"0\">" + html_text(scenario.at("effective").dump(1)) + "</pre>\n");
}

} // namespace report

namespace {

using namespace report;

struct Section {
    const char* id;
    const char* title;
    std::string body;
};

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

std::string contents(const std::vector<Section>& sections) {
    std::string out = "<nav aria-label=\"Sections\"><ul>";
    for (const Section& section : sections)
        out += fmt::format("<li><a href=\"#{}\">{}</a></li>", section.id, section.title);
    return out + "</ul></nav>\n";
}

} // namespace

bool html_has_scripts() { return !report::ui_script().empty(); }

std::string result_html(const std::string& result, const std::string& command) {
    const Json document = read_result(result);
    ResultView view{document};
    std::vector<Section> sections{
        {"verdict", "Verdict", verdict_section(view)},
        {"thresholds", "Thresholds", thresholds_section(view)},
        {"ttfb", "Time to first byte", ttfb_section(view)},
        {"shift", "Saving at each quantile", shift_section(view)},
        {"rtt", "Saving by round-trip time", rtt_section(view)},
        {"region", view.compared() ? "Saving by region" : "Time to first byte by region", region_section(view)},
        {"round-trips", "Where the round trips went", round_trips_section(view)},
        {"connection", "One connection", connection_section(view)},
        {"outcomes", "Outcomes over time", outcomes_section(view)},
        {"causes", "Causes of failures", causes_section(view)},
        {"reuse", "Connections used again", reuse_section(view)},
        {"catchment", "Catchment", catchment_section(view)},
        {"load", "Load", load_section(view)},
        {"method", "Method", method_section(view, command)}};
    std::erase_if(sections, [](const Section& section) { return section.body.empty(); });

    const std::string style{ui_style()}, script{ui_script()};
    const std::string name = document.at("scenario").at("name").get<std::string>();
    std::string out = head("firstbyte: " + name, style, script);
    out += "<body>\n<a class=\"skip\" href=\"#verdict\">To the verdict</a>\n<header><h1>" + html_text(name) +
           "</h1><p>firstbyte " + html_text(document.at("kind").get<std::string>()) + "</p></header>\n" +
           contents(sections) + "<main>\n";
    std::string body;
    for (const Section& section : sections)
        body += fmt::format("<section id=\"{0}\" aria-labelledby=\"{0}-title\">\n<h2 id=\"{0}-title\">{1}</h2>\n{2}"
                            "</section>\n",
                            section.id, html_text(section.title), section.body);
    if (body.find("href=\"#land\"") != std::string::npos) out += land_symbol();
    out += body + "</main>\n";
    if (!script.empty())
        out += "<script type=\"application/json\" id=\"data\">" + json_for_script(view.data.dump()) +
               "</script>\n<script>" + script + "</script>\n";
    return out + "</body>\n</html>\n";
}

} // namespace firstbyte
