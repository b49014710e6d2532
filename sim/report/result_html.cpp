/// The report as one HTML file: no outside request, readable without scripts and without style.
#include "firstbyte/outputs.hpp"
#include "report/format.hpp"
#include "report/html_page.hpp"
#include "report/html_view.hpp"
#include "report/report_ui.hpp"
#include "report/result_rows.hpp"

#include <fmt/format.h>

#include <cstdint>
#include <set>
#include <string>
#include <utility>

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

bool html_has_scripts() { return !report::ui_script().empty(); }

std::string result_html(const std::string& result, const std::string& command) {
    using namespace report;
    const Json document = read_result(result);
    ResultView view{document};
    std::vector<HtmlSection> sections{
        {"verdict", "Verdict", verdict_section(view)},
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
    std::set<std::string> present;
    for (const HtmlSection& section : sections)
        if (!section.body.empty()) present.insert(section.id);
    sections.insert(sections.begin() + 1, {"thresholds", "Thresholds", thresholds_section(view, present)});
    return html_page(document.at("scenario").at("name").get<std::string>(), document.at("kind").get<std::string>(),
                     std::move(sections), view.data);
}

} // namespace firstbyte
