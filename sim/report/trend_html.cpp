/// A trend as one HTML page: a curve over the results, marks where something moved, every number as a table.
#include "report/format.hpp"
#include "report/html.hpp"
#include "report/html_page.hpp"
#include "report/html_view.hpp"
#include "report/trend.hpp"

#include <algorithm>

#include <fmt/format.h>

namespace firstbyte::report {
namespace {

constexpr double ns_per_ms = 1e6;

std::string badge_of(const TrendSeries& series) {
    std::size_t failed = 0;
    if (!series.points.empty()) failed = series.points.back().thresholds_failed;
    std::string out;
    switch (direction_of(series)) {
    case Direction::Slower: out = html_badge("bad", "slower"); break;
    case Direction::Faster: out = html_badge("good", "faster"); break;
    case Direction::Both: out = html_badge("warn", "faster and slower"); break;
    case Direction::Same: out = html_badge("none", "no detectable difference"); break;
    case Direction::Unknown: out = html_badge("none", "no interval"); break;
    }
    if (failed > 0) out += " " + html_badge("bad", counted(failed, "threshold") + " failed in the last result");
    return out;
}

Curve curve_of(const TrendSeries& series, const std::string& name, std::size_t colour,
               std::optional<double> TrendPoint::*member, bool with_band) {
    Curve curve{name, colour, {}, {}, false, true};
    for (std::size_t i = 0; i < series.points.size(); ++i) {
        const TrendPoint& point = series.points[i];
        if (!(point.*member)) continue;
        curve.points.push_back({static_cast<double>(i), *(point.*member) / ns_per_ms});
        if (with_band && point.mean_interval)
            curve.band.emplace_back(point.mean_interval->low / ns_per_ms, point.mean_interval->high / ns_per_ms);
    }
    if (curve.band.size() != curve.points.size()) curve.band.clear(); // some of them have none
    return curve;
}

std::string figure_of(const TrendSeries& series) {
    LineChart chart;
    chart.curves = {curve_of(series, "p50", 0, &TrendPoint::p50, false),
                    curve_of(series, "p95", 1, &TrendPoint::p95, false),
                    curve_of(series, "p99", 2, &TrendPoint::p99, false),
                    curve_of(series, "mean, with its interval", 3, &TrendPoint::mean, true)};
    double high = 0;
    std::vector<std::pair<std::string, std::size_t>> key;
    for (const Curve& curve : chart.curves) {
        for (const ChartPoint& point : curve.points) high = std::max(high, point.y);
        for (const auto& [low, upper] : curve.band) high = std::max(high, upper);
        key.emplace_back(curve.name, curve.colour);
    }
    chart.x = {
        0, std::max(1.0, static_cast<double>(series.points.size() - 1)), "result, in the order given", {}, false};
    for (std::size_t i = 0; i < series.points.size(); ++i) {
        chart.x.ticks.emplace_back(static_cast<double>(i), series.points[i].label);
        const auto& change = series.points[i].mean_change;
        if (change && change->detected())
            chart.marks.push_back({static_cast<double>(i), series.points[i].label + ": mean " + trend_change(change)});
    }
    chart.y = linear_axis(0, high, "time to first byte, ms");
    const std::string finding = trend_finding(series);
    chart.label = "Time to first byte over the results. " + finding;
    return figure_html({finding, "", chart_key(key), line_chart(chart), mark_list(chart.marks), nullptr, false});
}

HtmlTable table_of(const TrendSeries& series) {
    HtmlTable table{series.name.empty() ? "Every result" : "Every result of " + series.name,
                    {"result", "program", "p50", "p95", "p95 since the one before", "p99", "mean",
                     "mean since the one before", "no 200", "thresholds failed"},
                    "llrrrrrrrr"};
    const auto time = [](const std::optional<double>& ns) { return ns ? time_cell(*ns) : text_cell("-"); };
    const auto change = [](const std::optional<Change>& by) {
        HtmlCell cell = text_cell(trend_change(by));
        if (by) cell.order = by->change();
        return cell;
    };
    for (const TrendPoint& point : series.points)
        table.add({text_cell(point.label), text_cell(point.version), time(point.p50), time(point.p95),
                   change(point.p95_change), time(point.p99), HtmlCell{html_text(trend_mean(point)), point.mean},
                   change(point.mean_change),
                   point.requests > 0 ? share_cell(point.failed / point.requests) : text_cell("-"),
                   text_cell(point.thresholds_judged == 0
                                 ? "-"
                                 : fmt::format("{} of {}", point.thresholds_failed, point.thresholds_judged))});
    return table;
}

} // namespace

std::string trend_html(const std::vector<TrendSeries>& all) {
    std::string verdict, trend, method;
    for (const TrendSeries& series : all) {
        verdict += "<p class=\"badges\">" + badge_of(series) + "</p>\n<p class=\"verdict\"><strong>" +
                   html_sentence(trend_finding(series)) + "</strong></p>\n";
        if (series.points.size() > 1) trend += figure_of(series);
        trend += table_of(series).text();
        for (const std::string& remark : series.remarks)
            method += "<p>" + html_text((series.name.empty() ? "" : series.name + ": ") + remark) + ".</p>\n";
    }
    method +=
        "<p>Results stand in the order in which their files were named. A change is that of the pooled counts of all "
        "replications since the result before, paired by replication where both have the same seed, number of "
        "replications and clients. One that may be chance is called no detectable difference.</p>\n";
    const std::string name = all.empty() ? "" : all.front().points.front().scenario;
    return html_page(name, "trend",
                     {{"verdict", "Verdict", verdict}, {"trend", "Trend", trend}, {"method", "Method", method}},
                     Json::object());
}

} // namespace firstbyte::report
