/// A trend as text, Markdown, CSV and JSON.
#include "report/format.hpp"
#include "report/json_text.hpp"
#include "report/markdown.hpp"
#include "report/result_rows.hpp"
#include "report/trend.hpp"

#include <stdexcept>

#include <fmt/format.h>

namespace firstbyte {
namespace {

using namespace report;

/// The program's column stands where there are several.
std::vector<std::string> headings_of(const TrendSeries& series) {
    std::vector<std::string> out{"result", "p50", "p95", "since", "p99", "mean", "since", "no 200", ""};
    if (several_programs(series)) out.insert(out.begin() + 1, "program");
    return out;
}

std::vector<std::string> cells_of(const TrendSeries& series, const TrendPoint& point) {
    const auto time = [](const std::optional<double>& ns) { return ns ? milliseconds(*ns) : std::string{"-"}; };
    std::vector<std::string> out{point.label,
                                 time(point.p50),
                                 time(point.p95),
                                 trend_change(point.p95_change),
                                 time(point.p99),
                                 trend_mean(point),
                                 trend_change(point.mean_change),
                                 point.requests > 0 ? percent(point.failed / point.requests) : "-",
                                 point.thresholds_failed > 0
                                     ? fmt::format("{} of {} FAIL", point.thresholds_failed, point.thresholds_judged)
                                     : ""};
    if (several_programs(series)) out.insert(out.begin() + 1, point.version);
    return out;
}

std::string as_text(const std::vector<TrendSeries>& all) {
    std::string out;
    for (const TrendSeries& series : all) {
        if (!out.empty()) out += "\n";
        out += trend_finding(series) + ".\n\n";
        std::vector<Column> columns;
        for (const std::string& heading : headings_of(series))
            columns.push_back({heading, 2, 0, heading == "result" || heading == "program" || heading.empty(), 0});
        std::vector<std::vector<std::string>> rows;
        for (const TrendPoint& point : series.points) rows.push_back(cells_of(series, point));
        out += table(columns, rows);
        if (!series.remarks.empty()) out += "\n";
        for (const std::string& remark : series.remarks) out += "  note: " + remark + "\n";
    }
    return out;
}

std::string as_markdown(const std::vector<TrendSeries>& all) {
    constexpr std::size_t rows_max = 400; // of one table
    std::string out = "### firstbyte: trend\n\n";
    for (const TrendSeries& series : all) {
        out += "**" + markdown_text(trend_finding(series)) + "**\n\n";
        const std::vector<std::string> headings = headings_of(series);
        MarkdownTable table{headings, "l" + std::string(headings.size() - 1, 'r')};
        for (const TrendPoint& point : series.points) {
            std::vector<std::string> cells;
            for (const std::string& cell : cells_of(series, point)) cells.push_back(markdown_text(cell));
            table.add(cells);
        }
        out += table.text(rows_max) + "\n";
        for (const std::string& remark : series.remarks) out += "* " + markdown_text(remark) + "\n";
        if (!series.remarks.empty()) out += "\n";
    }
    return out;
}

Json change_row(const std::optional<Change>& change) {
    if (!change) return {};
    Json ci;
    if (change->interval) ci = {change->interval->low, change->interval->high};
    return {{"change", change->change()}, {"ci", ci}, {"verdict", name_of(change->verdict())}};
}

std::string as_json(const std::vector<TrendSeries>& all) {
    const auto number = [](const std::optional<double>& value) { return value ? Json(*value) : Json(); };
    Json list = Json::array();
    for (const TrendSeries& series : all) {
        Json points = Json::array();
        for (const TrendPoint& point : series.points) {
            Json interval;
            if (point.mean_interval) interval = {point.mean_interval->low, point.mean_interval->high};
            points.push_back({{"result", point.label},
                              {"program", point.version},
                              {"scenario", point.scenario},
                              {"sha256", point.sha256},
                              {"complete", point.complete},
                              {"p50", number(point.p50)},
                              {"p95", number(point.p95)},
                              {"p95_since", change_row(point.p95_change)},
                              {"p99", number(point.p99)},
                              {"mean", number(point.mean)},
                              {"mean_since", change_row(point.mean_change)},
                              {"mean_ci", interval},
                              {"requests", point.requests},
                              {"not_200", point.failed},
                              {"thresholds_failed", point.thresholds_failed},
                              {"thresholds_judged", point.thresholds_judged}});
        }
        Json whole = Json::object();
        for (const auto& [name, change] : series.whole) whole[name] = change_row(change);
        list.push_back({{"variant", series.name},
                        {"finding", trend_finding(series)},
                        {"whole", std::move(whole)},
                        {"points", std::move(points)},
                        {"remarks", series.remarks}});
    }
    constexpr int levels_to_points = 4;
    return json_text(Json{{"format", 1}, {"kind", "trend"}, {"unit", "ns"}, {"series", std::move(list)}},
                     levels_to_points);
}

std::string as_csv(const std::vector<TrendSeries>& all) {
    std::string out = "variant,result,program,metric,stat,value,unit,change_since,ci_low,ci_high\n";
    for (const TrendSeries& series : all)
        for (const TrendPoint& point : series.points) {
            const auto put = [&](const char* stat, const std::optional<double>& value,
                                 const std::optional<Change>& change) {
                if (!value) return;
                out += csv_cell(series.name) + "," + csv_cell(point.label) + "," + csv_cell(point.version) + ",ttfb," +
                       stat + "," + exact_number(*value) + ",ns," + (change ? exact_number(change->change()) : "") +
                       "," + (change && change->interval ? exact_number(change->interval->low) : "") + "," +
                       (change && change->interval ? exact_number(change->interval->high) : "") + "\n";
            };
            put("p50", point.p50, {});
            put("p95", point.p95, point.p95_change);
            put("p99", point.p99, {});
            put("mean", point.mean, point.mean_change);
        }
    return out;
}

} // namespace

std::string stored_trend(const std::vector<StoredResult>& results, const std::string& kind) {
    std::vector<TrendSeries> all;
    try {
        all = trend_of(results);
    } catch (const Json::exception& fault) {
        throw std::runtime_error(fmt::format("one of the results is not a whole result.json ({})", fault.what()));
    }
    if (kind == "md") return as_markdown(all);
    if (kind == "csv") return as_csv(all);
    if (kind == "json") return as_json(all);
    if (kind == "html") return trend_html(all);
    return as_text(all);
}

} // namespace firstbyte
