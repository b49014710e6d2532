// Sections 0 to 4: the answer, the thresholds, the distributions, and who gains.
#include "report/format.hpp"
#include "report/html_view.hpp"
#include "report/result_rows.hpp"
#include "report/slice.hpp"
#include "report/verdict_words.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <map>

namespace firstbyte::report {
namespace {

constexpr double ns_per_ms = 1e6;
constexpr std::size_t points_max = 2000; // of a curve: more than a screen has columns

std::string run_sentence(const ResultView& view) {
    const auto [failed, all] = failures_in(view.result().at("variants").at(0));
    if (all == 0) return "No request was made in the measured window";
    if (failed == 0) {
        const Json* ttfb = view.metric(0, "ttfb");
        const auto median = view.quantile(ttfb, 0.5);
        return median ? fmt::format("Half of the requests have their first byte after {}; every one ended with 200",
                                    milliseconds(*median))
                      : "Every request ended with 200";
    }
    std::string worst;
    std::uint64_t most = 0;
    for (const std::string& code : view.codes())
        if (const auto count = view.count(0, "outcome", "code=" + code); code != "200" && count > most) {
            most = count;
            worst = code;
        }
    return fmt::format("{} of the requests did not end with 200; most of these with {}", percent_of(failed, all),
                       worst);
}

/// Threshold badge of the whole result.
std::string threshold_badge(const std::vector<ThresholdWords>& thresholds) {
    const auto count = [&](const char* status) {
        return std::count_if(thresholds.begin(), thresholds.end(), [&](const auto& t) { return t.status == status; });
    };
    const auto judged = static_cast<std::ptrdiff_t>(thresholds.size()) - count("skipped");
    if (count("failed") > 0)
        return html_badge("bad", fmt::format("{} of {} thresholds failed", count("failed"), judged));
    if (count("warned") > 0)
        return html_badge("warn", fmt::format("{} of {} thresholds warned", count("warned"), judged));
    if (judged == 0) return html_badge("none", "no threshold was judged");
    return html_badge("good", fmt::format("{} of {} thresholds met", judged, judged));
}

std::string change_badge(const std::string& verdict, bool fails_more) {
    if (fails_more) return html_badge("bad", "fails more");
    if (verdict == "faster") return html_badge("good", "faster");
    if (verdict == "slower") return html_badge("bad", "slower");
    return html_badge("none", verdict == "no_interval" ? "no interval" : "no detectable difference");
}

std::string tile(const std::string& name, const std::string& value) {
    return "<div><dt>" + html_text(name) + "</dt><dd>" + html_sentence(value) + "</dd></div>";
}

/// Where the numbers behind a threshold stand.
std::string place_of(const std::string& expression) {
    const auto has = [&](const char* word) { return expression.find(word) != std::string::npos; };
    if (has("region=") || has("country=")) return "region";
    if (has("rtt=")) return "rtt";
    if (has("outcome") || has("code=")) return "causes";
    if (has("tfo") || has("cookie") || has("saved_rtt")) return "round-trips";
    if (has("reuse") || has("keepalive") || has("idle")) return "reuse";
    if (has("catchment") || has("reroute") || has("convergence")) return "catchment";
    if (has("origin")) return "load";
    return "ttfb";
}

/// Shares of requests whose first byte had come, at every time at which one of the variants has some.
struct Distribution {
    std::vector<double> ms;
    std::vector<std::vector<double>> shares; ///< by variant, by time
};

Distribution distribution_of(const ResultView& view) {
    std::map<double, std::vector<double>> at;
    const std::size_t variants = view.variants().size();
    std::vector<double> totals(variants);
    for (std::size_t v = 0; v < variants; ++v) {
        const Json* metric = view.metric(v, "ttfb");
        if (metric == nullptr || !metric->contains("histogram")) continue;
        for (const Json& bin : metric->at("histogram").at("bins")) {
            auto& counts = at[std::max(bin.at(0).get<double>(), 1.0) / ns_per_ms];
            counts.resize(variants);
            counts[v] += bin.at(1).get<double>();
            totals[v] += bin.at(1).get<double>();
        }
    }
    Distribution out;
    out.shares.resize(variants);
    std::vector<double> sums(variants);
    // Shares only grow, so what is left out lies between its neighbours; the last time always stays.
    const std::size_t every = at.size() / points_max + 1;
    std::size_t number = 0;
    for (const auto& [ms, counts] : at) {
        for (std::size_t v = 0; v < variants; ++v) sums[v] += counts[v];
        if (number++ % every != 0 && number != at.size()) continue;
        out.ms.push_back(ms);
        for (std::size_t v = 0; v < variants; ++v) out.shares[v].push_back(totals[v] > 0 ? sums[v] / totals[v] : 0);
    }
    return out;
}

HtmlTable quantile_table(const ResultView& view) {
    std::vector<std::string> head{"ttfb"};
    head.insert(head.end(), view.variants().begin(), view.variants().end());
    const bool one_change = view.variants().size() == 2;
    if (one_change) head.insert(head.end(), {"change", "CI of the change"});
    HtmlTable table{"Time to first byte", head, "l" + std::string(head.size() - 1, 'r')};
    const Json* first = view.metric(0, "ttfb");
    if (first == nullptr || !first->contains("quantiles")) return table;
    const auto row = [&](const std::string& name, auto value_of) {
        std::vector<HtmlCell> cells{text_cell(name)};
        for (std::size_t v = 0; v < view.variants().size(); ++v) {
            const Json* metric = view.metric(v, "ttfb");
            cells.push_back(metric != nullptr && metric->contains("quantiles") ? time_cell(value_of(*metric))
                                                                               : text_cell("-"));
        }
        const Json* change = one_change ? view.change(view.variants()[1], name) : nullptr;
        if (one_change && change == nullptr) cells.insert(cells.end(), {text_cell("-"), text_cell("-")});
        if (change != nullptr) {
            const double by = change->at("change").get<double>();
            const bool none = change->at("verdict") == "no_detectable_difference";
            cells.push_back(none ? text_cell("-") : HtmlCell{html_text(change_words(by)), by});
            cells.push_back(text_cell(interval_words(*change)));
        }
        table.add(std::move(cells));
    };
    for (std::size_t i = 0; i < first->at("quantiles").size(); ++i)
        row(quantile_name(first->at("quantiles").at(i).at("q").get<double>()),
            [i](const Json& metric) { return metric.at("quantiles").at(i).at("value").template get<double>(); });
    row("mean", [](const Json& metric) { return metric.at("mean").template get<double>(); });
    return table;
}

std::string ttfb_finding(const ResultView& view) {
    if (!view.compared()) {
        const Json* metric = view.metric(0, "ttfb");
        const auto median = view.quantile(metric, 0.5), tail = view.quantile(metric, 0.95);
        if (median && tail)
            return fmt::format("Half of the requests have their first byte within {}, 95 % within {}",
                               milliseconds(*median), milliseconds(*tail));
        return "Time to first byte";
    }
    const Json* change = view.change(view.variants()[1], "p50");
    return change == nullptr ? "Time to first byte of every variant" : verdict_words(view.result(), *change).sentence;
}

} // namespace

std::string verdict_section(ResultView& view) {
    const std::vector<ThresholdWords> thresholds = threshold_words(view.result());
    std::string out = "<p class=\"badges\">" + threshold_badge(thresholds);
    std::string sentences;
    for (std::size_t v = 1; v < view.variants().size(); ++v) {
        const Json* change = view.change(view.variants()[v], "p50");
        if (change == nullptr) continue;
        const VerdictWords words = verdict_words(view.result(), *change);
        if (view.variants().size() == 2)
            out += change_badge(change->at("verdict").get<std::string>(), words.fails_more);
        sentences += fmt::format("<p class=\"verdict\"><strong>{}</strong> <span>({})</span></p>\n",
                                 html_sentence(words.sentence), html_sentence(words.proof));
    }
    if (sentences.empty())
        sentences = "<p class=\"verdict\"><strong>" + html_sentence(run_sentence(view)) + "</strong></p>\n";
    out += "</p>\n" + sentences;
    if (!view.result().value("complete", true))
        out += "<p class=\"verdict\"><strong>Incomplete:</strong> interrupted before every replication had run.</p>\n";
    out += "<dl class=\"tiles\">";
    for (std::size_t v = 0; v < std::min<std::size_t>(view.variants().size(), 2); ++v) {
        const std::string who = view.compared() ? " (" + view.variants()[v] + ")" : "";
        const Json* ttfb = view.metric(v, "ttfb");
        if (const auto median = view.quantile(ttfb, 0.5)) out += tile("median TTFB" + who, milliseconds(*median));
        const auto [failed, all] = failures_in(view.result().at("variants").at(v));
        if (all > 0) out += tile("not 200" + who, percent_of(failed, all));
    }
    const std::uint64_t requests = view.count(0, "outcome");
    return out + tile("requests", grouped(requests)) +
           tile("replications", grouped(view.result().at("seeds").at("replications").get<std::uint64_t>())) + "</dl>\n";
}

std::string thresholds_section(ResultView& view, const std::set<std::string>& present) {
    const std::vector<ThresholdWords> thresholds = threshold_words(view.result());
    if (thresholds.empty()) return {};
    std::vector<std::string> head{"threshold"};
    if (view.compared()) head.emplace_back("variant");
    head.insert(head.end(), {"value", "limit", "result", "samples"});
    HtmlTable table{"Thresholds", head, view.compared() ? "llrrlr" : "lrrlr"};
    static const std::map<std::string, std::pair<std::string, std::string>> words_of{{"failed", {"bad", "FAIL"}},
                                                                                     {"warned", {"warn", "warn"}},
                                                                                     {"skipped", {"none", "skip"}},
                                                                                     {"passed", {"good", "ok"}}};
    for (const ThresholdWords& words : thresholds) {
        const auto& [kind, word] = words_of.at(words.status);
        const std::string place = place_of(words.expression); // without data it is not there; the outcomes tell most
        std::string result = html_badge(kind, word);
        if (!words.reason.empty()) result += " " + html_text(words.reason);
        if (!words.note.empty()) result += " \xE2\x80\x93 " + html_text(words.note);
        std::vector<HtmlCell> cells{{"<a href=\"#" + (present.contains(place) ? place : "outcomes") + "\">" +
                                         html_code(words.expression) + "</a>",
                                     {}}};
        if (view.compared()) cells.push_back(text_cell(words.variant));
        cells.insert(cells.end(),
                     {text_cell(words.value), text_cell(words.limit), HtmlCell{result, {}}, count_cell(words.samples)});
        table.add(std::move(cells));
    }
    return table.text();
}

std::string ttfb_section(ResultView& view) {
    const Distribution distribution = distribution_of(view);
    if (distribution.ms.empty()) return {};
    LineChart chart;
    chart.label = "Cumulative distribution of the time to first byte. " + ttfb_finding(view);
    chart.x = log_axis(distribution.ms.front(), distribution.ms.back(), "time to first byte, ms (log scale)");
    chart.y = linear_axis(0, 100, "% of requests");
    Json data{{"x", distribution.ms}, {"unit", "ms"}, {"names", view.variants()}, {"y", Json::array()}};
    std::vector<std::pair<std::string, std::size_t>> key;
    std::vector<std::string> head{"ttfb, ms"};
    for (std::size_t v = 0; v < view.variants().size(); ++v) {
        Curve curve{view.variants()[v], v, {{chart.x.low, 0}}, {}, true, false};
        Json shares = Json::array();
        for (std::size_t i = 0; i < distribution.ms.size(); ++i) {
            curve.points.push_back({distribution.ms[i], 100 * distribution.shares[v][i]});
            shares.push_back(std::round(distribution.shares[v][i] * 1e6) / 1e6);
        }
        curve.points.push_back({chart.x.high, 100});
        chart.curves.push_back(std::move(curve));
        data["y"].push_back(std::move(shares));
        key.emplace_back(view.variants()[v], v);
        head.push_back("% " + view.variants()[v]);
    }
    data["range"] = {chart.x.low, chart.x.high};
    for (const auto& [at, words] : chart.x.ticks) data["ticks"].push_back({at, words});
    HtmlTable table{"Distribution of the time to first byte", head, std::string(head.size(), 'r')};
    const std::size_t every = distribution.ms.size() / 200 + 1; // two hundred rows show every bend
    for (std::size_t i = 0; i < distribution.ms.size(); ++i) {
        if (i % every != 0 && i + 1 != distribution.ms.size()) continue;
        std::vector<HtmlCell> cells{{fmt::format("{:.3f}", distribution.ms[i]), distribution.ms[i]}};
        for (const auto& shares : distribution.shares)
            cells.push_back({fmt::format("{:.2f}", 100 * shares[i]), shares[i]});
        table.add(std::move(cells));
    }
    view.data["cdf"] = std::move(data);
    const std::string picture = line_chart(chart);
    return "<div class=\"two\">\n" +
           figure_html({ttfb_finding(view), "cdf", chart_key(key), picture, "", &table, false}) + "<div>" +
           quantile_table(view).text() + "</div></div>\n";
}

std::string shift_section(ResultView& view) {
    if (!view.compared()) return {};
    const Json* first = view.metric(0, "ttfb");
    if (first == nullptr || !first->contains("quantiles")) return {};
    LineChart chart;
    std::vector<std::pair<std::string, std::size_t>> key;
    HtmlTable table{
        "Change at each quantile", {"quantile", "variant", "change", "CI of the change", "verdict"}, "llrrl"};
    double least = 0, most = 0, best = 0;
    std::string best_at;
    std::vector<std::string> names;
    for (const Json& entry : first->at("quantiles")) names.push_back(quantile_name(entry.at("q").get<double>()));
    for (std::size_t v = 1; v < view.variants().size(); ++v) {
        Curve curve{view.variants()[v], v, {}, {}, false, true};
        for (std::size_t i = 0; i < names.size(); ++i) {
            const Json* change = view.change(view.variants()[v], names[i]);
            if (change == nullptr) continue;
            const double by = change->at("change").get<double>() / ns_per_ms;
            double low = by, high = by;
            if (change->at("ci").is_array()) {
                low = change->at("ci").at(0).get<double>() / ns_per_ms;
                high = change->at("ci").at(1).get<double>() / ns_per_ms;
            }
            curve.points.push_back({static_cast<double>(i), by});
            curve.band.emplace_back(low, high);
            least = std::min({least, low, by});
            most = std::max({most, high, by});
            if (v == 1 && by < best) {
                best = by;
                best_at = names[i];
            }
            table.add({text_cell(names[i]), text_cell(view.variants()[v]),
                       HtmlCell{html_text(change_words(by * ns_per_ms)), by}, text_cell(interval_words(*change)),
                       text_cell(change->at("verdict").get<std::string>())});
        }
        if (!curve.points.empty()) chart.curves.push_back(std::move(curve));
        key.emplace_back(view.variants()[v], v);
    }
    if (chart.curves.empty()) return {};
    chart.x = {
        0, std::max(1.0, static_cast<double>(names.size() - 1)), "quantile of the time to first byte", {}, false};
    for (std::size_t i = 0; i < names.size(); ++i) chart.x.ticks.emplace_back(static_cast<double>(i), names[i]);
    chart.y = linear_axis(least, most, "change, ms (below 0: faster)");
    const std::string finding =
        best_at.empty()
            ? "No quantile of " + view.variants()[1] + " is faster than " + view.variants()[0]
            : fmt::format("{} saves most at {}: {}", view.variants()[1], best_at, change_words(best * ns_per_ms));
    chart.label = "Change of each quantile with its confidence interval. " + finding;
    return figure_html({finding, "", chart_key(key), line_chart(chart),
                        "<p class=\"note\">The band is the confidence interval of the paired change.</p>\n", &table,
                        false});
}

std::string rtt_section(ResultView& view) {
    const std::vector<std::string> buckets = view.values("ttfb", "rtt");
    if (!view.compared() || buckets.empty()) return {};
    std::string out;
    for (std::size_t v = 1; v < view.variants().size(); ++v) {
        const std::string& variant = view.variants()[v];
        BarChart chart;
        HtmlTable table{"Saving by round-trip time",
                        {"RTT", "connections", "saved at the mean", "CI of the saving", "mean RTT"},
                        "lrrrr"};
        double least = 0, most = 0, best = 0;
        std::string best_in;
        for (const std::string& bucket : buckets) {
            const Json* change = view.change(variant, "mean", "rtt=" + bucket);
            if (change == nullptr) continue;
            // Mean RTT of the bucket's clients, weighted by their number: what one round trip saved would give.
            double rtt = 0, people = 0;
            for (const Json& row : view.result().at("catchment")) {
                if (row.at("variant") != view.variants().front()) continue;
                const Json* other = view.metric(0, "connections", "client=" + row.at("client").get<std::string>());
                const Duration time{row.at("rtt_ns").get<std::int64_t>()};
                GroupLabels labels;
                labels.rtt = time;
                if (other == nullptr || label_value(labels, GroupBy::Rtt) != bucket) continue;
                const double weight = other->value("count", 0.0);
                rtt += to_ms(time) * weight;
                people += weight;
            }
            const double saved = -change->at("change").get<double>() / ns_per_ms;
            BarRow row{bucket, fmt::format("{:.1f} ms", tenths(saved)), v, saved, {}, {}};
            std::string interval = "-";
            if (change->at("ci").is_array()) {
                row.interval = {-change->at("ci").at(1).get<double>() / ns_per_ms,
                                -change->at("ci").at(0).get<double>() / ns_per_ms};
                interval = fmt::format("{:.1f} .. {:.1f}", tenths(row.interval->first), tenths(row.interval->second));
                least = std::min(least, row.interval->first);
                most = std::max(most, row.interval->second);
            }
            if (people > 0) row.reference = rtt / people;
            least = std::min(least, saved);
            most = std::max({most, saved, row.reference.value_or(0)});
            if (saved > best) {
                best = saved;
                best_in = bucket;
            }
            table.add({text_cell(bucket), count_cell(view.count(0, "connections", "rtt=" + bucket)),
                       HtmlCell{html_text(row.text), saved}, text_cell(interval),
                       people > 0 ? time_cell(rtt / people * ns_per_ms) : text_cell("-")});
            chart.rows.push_back(std::move(row));
        }
        if (chart.rows.empty()) continue;
        chart.x = linear_axis(least, most, "saved at the mean, ms");
        const std::string finding =
            best_in.empty() ? "No class of round-trip times is faster with " + variant
                            : fmt::format("{} saves most where the RTT is {}: {:.1f} ms", variant, best_in, best);
        chart.label = "Saving by class of round-trip time. " + finding;
        out += figure_html(
            {finding, "", "", bar_chart(chart),
             "<p class=\"note\">Upright stroke: one round trip, the mean of that class. Whiskers: confidence "
             "interval.</p>\n",
             &table, false});
    }
    return out;
}

} // namespace firstbyte::report
