/// Markdown of a result, for step summaries and merge requests.
#include "firstbyte/outputs.hpp"
#include "report/format.hpp"
#include "report/markdown.hpp"
#include "report/result_rows.hpp"
#include "report/settling_rows.hpp"
#include "report/verdict_words.hpp"

#include <algorithm>
#include <cmath>
#include <map>

#include <fmt/format.h>

namespace firstbyte {
namespace {

using namespace report;

constexpr std::size_t rows_max = 60;     // of one table: more is what CSV and SQLite are for
constexpr std::size_t packets_max = 40;  // of the diagram: the set-up and the first bytes
constexpr std::size_t notice_bytes = 80; // what is said when something is left out

std::string time_text(const Json& value) { return value.is_number() ? milliseconds(value.get<double>()) : "-"; }

std::string heading(const Json& result, const std::vector<ThresholdWords>& thresholds) {
    const auto count = [&](const char* status) {
        return std::count_if(thresholds.begin(), thresholds.end(),
                             [&](const ThresholdWords& words) { return words.status == status; });
    };
    const auto judged = static_cast<std::ptrdiff_t>(thresholds.size()) - count("skipped");
    std::string verdict;
    if (count("failed") > 0)
        verdict = fmt::format("{} of {} thresholds failed", count("failed"), judged);
    else if (count("warned") > 0)
        verdict = fmt::format("{} of {} thresholds warned", count("warned"), judged);
    else
        verdict = judged == 0 ? "no threshold was judged" : fmt::format("{} of {} thresholds met", judged, judged);
    return fmt::format("### firstbyte: {} \xE2\x80\x93 {}\n\n",
                       markdown_text(result.at("scenario").at("name").get<std::string>()), verdict);
}

const Json* metric_of(const Json& variant, const std::string& name) {
    for (const Json& metric : variant.at("metrics"))
        if (metric.at("name") == name && metric.at("labels").empty()) return &metric;
    return nullptr;
}

std::string verdicts(const Json& result) {
    std::string out;
    for (const Json& change : result.at("comparisons")) {
        const bool median = change.at("metric") == "ttfb" && change.at("labels").empty() && change.at("stat") == "p50";
        if (!median) continue;
        const VerdictWords words = verdict_words(result, change);
        out += fmt::format("**{}** ({})\n", markdown_text(words.sentence), words.proof);
    }
    return out.empty() ? out : out + "\n";
}

std::string threshold_table(const std::vector<ThresholdWords>& thresholds, bool with_variant) {
    if (thresholds.empty()) return {};
    static const std::map<std::string, std::string> marks{
        {"failed", "**FAIL**"}, {"warned", "warn"}, {"skipped", "skip"}, {"passed", "ok"}};
    MarkdownTable table{with_variant ? std::vector<std::string>{"threshold", "variant", "value", "limit", "", "samples"}
                                     : std::vector<std::string>{"threshold", "value", "limit", "", "samples"},
                        with_variant ? "llrrlr" : "lrrlr"};
    for (const ThresholdWords& words : thresholds) {
        std::string mark = marks.at(words.status);
        if (!words.reason.empty()) mark += " " + markdown_text(words.reason);
        if (!words.note.empty()) mark += " \xE2\x80\x93 " + markdown_text(words.note);
        std::vector<std::string> cells{markdown_code(words.expression)};
        if (with_variant) cells.push_back(markdown_text(words.variant));
        cells.insert(cells.end(), {words.value, words.limit, mark, grouped(words.samples)});
        table.add(cells);
    }
    return table.text(rows_max) + "\n";
}

std::string ttfb_table(const Json& result) {
    const Json& variants = result.at("variants");
    std::vector<std::string> head{"ttfb"};
    for (const Json& variant : variants) head.push_back(markdown_text(variant.at("name").get<std::string>()));
    const bool compared = variants.size() == 2;
    if (compared) head.insert(head.end(), {"change", "CI of the change"});
    MarkdownTable table{head, "l" + std::string(head.size() - 1, 'r')};
    const Json* first = metric_of(variants.at(0), "ttfb");
    if (first == nullptr || !first->contains("quantiles")) return {};
    const auto row = [&](const std::string& name, auto value_of) {
        std::vector<std::string> cells{name};
        for (const Json& variant : variants) {
            const Json* metric = metric_of(variant, "ttfb");
            cells.push_back(metric != nullptr && metric->contains("quantiles") ? time_text(value_of(*metric)) : "-");
        }
        if (compared) {
            std::string change = "-", interval = "-";
            for (const Json& c : result.at("comparisons")) {
                if (c.at("metric") != "ttfb" || !c.at("labels").empty() || c.at("stat") != name) continue;
                const int decimals = millisecond_decimals(c.at("change").get<double>());
                change = milliseconds_number(c.at("change").get<double>(), decimals, true) + " ms";
                if (c.at("ci").is_array())
                    interval = milliseconds_number(c.at("ci").at(0).get<double>(), decimals, true) + " .. " +
                               milliseconds_number(c.at("ci").at(1).get<double>(), decimals, true);
                if (c.at("verdict") == "no_detectable_difference") {
                    change = "-";
                    interval = "no detectable difference";
                }
            }
            cells.insert(cells.end(), {change, interval});
        }
        table.add(cells);
    };
    for (std::size_t i = 0; i < first->at("quantiles").size(); ++i)
        row(quantile_name(first->at("quantiles").at(i).at("q").get<double>()),
            [i](const Json& metric) { return metric.at("quantiles").at(i).at("value"); });
    row("mean", [](const Json& metric) { return metric.at("mean"); });
    return table.text(rows_max) + "\n";
}

std::string outcome_table(const Json& result) {
    const Json& variants = result.at("variants");
    std::vector<std::string> head{"outcome"};
    for (const Json& variant : variants) head.push_back(markdown_text(variant.at("name").get<std::string>()));
    std::map<std::string, std::vector<std::uint64_t>> counts;
    for (std::size_t v = 0; v < variants.size(); ++v)
        for (const Json& metric : variants.at(v).at("metrics")) {
            if (metric.at("name") != "outcome" || !metric.at("labels").contains("code")) continue;
            auto& row = counts[metric.at("labels").at("code").get<std::string>()];
            row.resize(variants.size());
            row[v] = metric.at("count").get<std::uint64_t>();
        }
    MarkdownTable table{head, "l" + std::string(variants.size(), 'r')};
    for (const auto& [code, row] : counts) {
        std::vector<std::string> cells{markdown_text(code)};
        for (const std::uint64_t count : row) cells.push_back(grouped(count));
        table.add(cells);
    }
    return counts.empty() ? "" : table.text(rows_max) + "\n";
}

std::string text_of(const Json& row, const char* key) {
    if (!row.contains(key) || row.at(key).is_null()) return "";
    return markdown_text(row.at(key).is_string() ? row.at(key).get<std::string>() : row.at(key).dump());
}

std::string causes(const Json& result) {
    MarkdownTable table{{"variant", "code", "cause", "leg", "origin", "event", "requests", "share"}, "llllllrr"};
    bool any = false;
    for (const Json& row : result.at("causes")) {
        if (row.at("code") == "200") continue;
        any = true;
        table.add({text_of(row, "variant"), text_of(row, "code"), text_of(row, "cause"), text_of(row, "leg"),
                   text_of(row, "origin"), text_of(row, "event"), grouped(row.at("count").get<std::uint64_t>()),
                   percent(row.at("share").get<double>())});
    }
    return any ? markdown_details("Causes of what was no 200", table.text(rows_max)) : "";
}

std::string catchment(const Json& result) {
    MarkdownTable table{{"client", "PoP", "RTT", "clients"}, "llrr"};
    const Json& first = result.at("variants").at(0).at("name");
    for (const Json& row : result.at("catchment")) {
        if (row.at("variant") != first) continue;
        table.add({text_of(row, "client"), text_of(row, "pop"), time_text(row.at("rtt_ns")),
                   grouped(row.at("population").get<std::uint64_t>())});
    }
    return table.empty() ? "" : markdown_details("Catchment", table.text(rows_max));
}

std::string convergence(const Json& result) {
    const Json rows = result.value("convergence", Json::array()); // results of earlier versions have none
    if (rows.empty()) return {};
    const bool compared = result.at("variants").size() > 1;
    const std::vector<std::string> heads = settling_heads(compared);
    MarkdownTable table{heads, (compared ? "ll" : "l") + std::string(heads.size() - (compared ? 2 : 1), 'r')};
    for (const Json& row : rows) {
        std::vector<std::string> cells;
        for (const SettlingCell& cell : settling_cells(row, compared)) cells.push_back(markdown_text(cell.text));
        table.add(std::move(cells));
    }
    return markdown_details("Convergence after each event", table.text(rows_max));
}

/// A sequence diagram of the first traced connection.
std::string connection(const Json& result) {
    if (result.at("traces").empty()) return {};
    const Json& trace = result.at("traces").at(0);
    if (!trace.contains("packets")) return {};
    const auto start = trace.value("start_ns", std::int64_t{0});
    std::string out = "```mermaid\nsequenceDiagram\n  participant C as " +
                      mermaid_text(trace.value("client", "client")) + "\n  participant P as " +
                      mermaid_text(trace.at("pop").is_string() ? trace.at("pop").get<std::string>() : "PoP") + "\n";
    std::size_t shown = 0;
    for (const Json& packet : trace.at("packets")) {
        if (++shown > packets_max) break;
        const bool up = packet.at("dir") == "up";
        const bool lost = packet.value("act", "forward").find("drop") != std::string::npos;
        constexpr double ns_per_ms = 1e6;
        std::string note =
            fmt::format("{:.1f} {}", (packet.at("t_ns").get<double>() - static_cast<double>(start)) / ns_per_ms,
                        packet.at("flags").get<std::string>());
        if (const std::string tfo = packet.value("tfo", ""); !tfo.empty())
            note += tfo == "cookie" ? " + cookie" : " + cookie " + tfo;
        if (const auto length = packet.at("len").get<std::int64_t>(); length > 0) note += fmt::format(" {} B", length);
        out += fmt::format("  {}{}{}: {}\n", up ? "C" : "P", lost ? (up ? "-x" : "--x") : (up ? "->>" : "-->>"),
                           up ? "P" : "C", mermaid_text(note));
    }
    return markdown_details("One connection (Mermaid)", out + "```\n");
}

std::string method(const Json& result) {
    const Json& generator = result.at("generator");
    std::string remarks; // of stored results, compared
    for (const Json& remark : result.value("remarks", Json::array()))
        remarks += "* " + markdown_text(remark.get<std::string>()) + "\n";
    return markdown_details(
        "Method", fmt::format("Seed {}, {}; result id `{}`; scenario SHA-256 `{}`; firstbyte {} ({}).\n",
                              result.at("seeds").at("base").dump(),
                              counted(result.at("seeds").at("replications").get<std::uint64_t>(), "replication"),
                              result.at("id").get<std::string>(), result.at("scenario").at("sha256").get<std::string>(),
                              markdown_text(generator.at("version").get<std::string>()),
                              markdown_text(generator.at("commit").get<std::string>())) +
                      remarks);
}

} // namespace

std::string result_markdown(const std::string& result) {
    const Json document = read_result(result);
    const std::vector<ThresholdWords> thresholds = threshold_words(document);
    std::string out = heading(document, thresholds);
    if (!document.value("complete", true)) out += "**Incomplete:** interrupted before every replication had run.\n\n";
    // In the order of their worth; what no longer fits is left out and said to be.
    bool left_out = false;
    for (const std::string& section :
         {verdicts(document), threshold_table(thresholds, document.at("variants").size() > 1), ttfb_table(document),
          outcome_table(document), connection(document), causes(document), catchment(document), convergence(document),
          method(document)}) {
        if (out.size() + section.size() + notice_bytes > markdown_bytes_max)
            left_out = true;
        else
            out += section;
    }
    if (left_out) out += "Some tables were left out: they would not fit into 64 KiB.\n";
    return out;
}

} // namespace firstbyte
