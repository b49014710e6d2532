// Sections 8, 9 and 12: when requests failed, why, and how much there was to do.
#include "report/format.hpp"
#include "report/html_view.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <numeric>
#include <optional>

namespace firstbyte::report {
namespace {

std::string text_of(const Json& row, const char* key) {
    if (!row.contains(key) || row.at(key).is_null()) return "";
    return row.at(key).is_string() ? row.at(key).get<std::string>() : row.at(key).dump();
}

std::uint64_t sum_of(const Json& values) {
    std::uint64_t sum = 0;
    for (const Json& value : values) sum += value.get<std::uint64_t>();
    return sum;
}

double most_per_step(const std::vector<ColumnSeries>& series) {
    double most = 0;
    for (std::size_t i = 0; !series.empty() && i < series.front().values.size(); ++i) {
        double sum = 0;
        for (const ColumnSeries& one : series) sum += one.values[i];
        most = std::max(most, sum);
    }
    return most;
}

std::string step_words(const ResultView& view) { return fmt::format("requests each {:g} s", view.timeline_step()); }

/// Stacked columns of one variant's outcomes, and what scripts draw of it.
std::string outcomes_figure(ResultView& view, std::size_t variant) {
    const std::string& name = view.variants()[variant];
    ColumnChart chart;
    std::vector<std::pair<std::string, std::size_t>> key;
    Json data{{"start", view.timeline_start()}, {"step", view.timeline_step()}, {"names", Json::array()},
              {"colours", Json::array()},       {"y", Json::array()},           {"unit", step_words(view)}};
    std::vector<std::string> head{"from, s"};
    std::uint64_t failed = 0, all = 0;
    std::optional<std::size_t> first_bad;
    std::size_t last_bad = 0;
    for (const Json* row : view.series(name, "outcome")) {
        const std::string code = row->at("labels").at("code").get<std::string>();
        const std::string words = code == "none" ? "no status" : code;
        ColumnSeries series{words, view.colour_of_code(code), {}};
        for (const Json& value : row->at("values")) series.values.push_back(value.get<double>());
        all += sum_of(row->at("values"));
        if (code != "200") failed += sum_of(row->at("values"));
        key.emplace_back(words, series.colour);
        head.push_back(words);
        data["names"].push_back(words);
        data["colours"].push_back(series.colour);
        data["y"].push_back(row->at("values"));
        chart.series.push_back(std::move(series));
    }
    if (chart.series.empty()) return {};
    const std::size_t steps = chart.series.front().values.size();
    HtmlTable table{"Outcomes over time, " + name, head, std::string(head.size(), 'r')};
    const auto from_of = [&view](std::size_t step) { return view.step_begin(step); };
    for (std::size_t i = 0; i < steps; ++i) {
        const double from = from_of(i);
        std::vector<HtmlCell> cells{{fmt::format("{:g}", from), from}};
        std::uint64_t bad = 0;
        for (const ColumnSeries& series : chart.series) {
            const auto count = static_cast<std::uint64_t>(series.values[i]);
            cells.push_back(count_cell(count));
            if (series.name != "200") bad += count;
        }
        if (bad > 0) {
            if (!first_bad) first_bad = i;
            last_bad = i;
        }
        table.add(std::move(cells));
    }
    chart.x = time_axis(view, steps);
    chart.y = linear_axis(0, most_per_step(chart.series), step_words(view));
    chart.marks = marks_within(view, chart.x);
    std::string notes = mark_list(chart.marks);
    if (const auto in_window = view.window_steps(); in_window && steps > *in_window) {
        chart.shaded.emplace_back(from_of(*in_window), chart.x.high);
        data["window_end"] = from_of(*in_window);
        notes += "<p class=\"note\">Behind the measured window (shaded) only what began in it is counted.</p>\n";
    }
    std::string finding = view.compared() ? name + ": " : "";
    finding += failed == 0
                   ? "every request ended with 200"
                   : fmt::format("{} of the requests did not end with 200, all of these between {:g} and {:g} s",
                                 percent_of(failed, all), from_of(first_bad.value_or(0)), from_of(last_bad + 1));
    if (!view.compared()) finding.front() = finding.front() == 'e' ? 'E' : finding.front();
    chart.label = "Outcomes of requests over time. " + finding;
    Json marks = Json::array();
    for (const Mark& mark : chart.marks) marks.push_back({{"at", mark.at}, {"text", mark.text}});
    data["marks"] = std::move(marks);
    const std::string script = fmt::format("outcomes-{}", variant);
    view.data[script] = std::move(data);
    return figure_html({finding, script, chart_key(key), column_chart(chart), notes, &table, false});
}

/// What a series of the timeline is called, by the PoP or the origin it is of.
struct LoadSeries {
    const char* metric;
    const char* label;
    const char* what; ///< "requests/s"
};

double greatest(const Json& values) {
    double most = 0;
    for (const Json& value : values) most = std::max(most, value.get<double>());
    return most;
}

/// One curve for each PoP or origin, the busiest ones.
std::string load_figure(ResultView& view, const LoadSeries& load) {
    constexpr std::size_t curves_max = 6; // as many as colours can be told apart
    std::vector<const Json*> rows;
    for (const Json* row : view.series(view.variants().front(), load.metric)) {
        const bool idle = !row->at("labels").contains(load.label) || greatest(row->at("values")) == 0;
        if (!idle) rows.push_back(row);
    }
    if (rows.empty()) return {};
    std::stable_sort(rows.begin(), rows.end(), [](const Json* a, const Json* b) {
        return greatest(a->at("values")) > greatest(b->at("values"));
    });
    const std::size_t all = rows.size();
    LineChart chart;
    std::vector<std::pair<std::string, std::size_t>> key;
    std::vector<std::string> head{"from, s"};
    double most = 0;
    const std::size_t steps = rows.front()->at("values").size();
    rows.resize(std::min(all, curves_max));
    for (std::size_t i = 0; i < rows.size(); ++i) {
        const std::string name = rows[i]->at("labels").at(load.label).get<std::string>();
        Curve curve{name, i, {}, {}, true, false};
        for (std::size_t step = 0; step < steps; ++step) {
            const double value = rows[i]->at("values").at(step).get<double>();
            curve.points.push_back({view.step_begin(step), value});
            most = std::max(most, value);
        }
        if (steps > 0) curve.points.push_back({view.step_begin(steps), curve.points.back().y});
        chart.curves.push_back(std::move(curve));
        key.emplace_back(name, i);
        head.push_back(name);
    }
    HtmlTable table{fmt::format("{} by {}", load.what, load.label), head, std::string(head.size(), 'r')};
    for (std::size_t i = 0; i < steps; ++i) {
        const double from = view.step_begin(i);
        std::vector<HtmlCell> cells{{fmt::format("{:g}", from), from}};
        for (const Json* row : rows) {
            const double value = row->at("values").at(i).get<double>();
            cells.push_back({fmt::format("{:g}", value), value});
        }
        table.add(std::move(cells));
    }
    chart.x = time_axis(view, steps);
    chart.y = linear_axis(0, most, load.what);
    chart.marks = marks_within(view, chart.x);
    const std::string first = rows.front()->at("labels").at(load.label).get<std::string>();
    const std::string finding = all == 1
                                    ? fmt::format("{}: at most {:g} {}", first, most, load.what)
                                    : fmt::format("{} is the busiest {}: {:g} {} at most", first,
                                                  load.label == std::string{"pop"} ? "PoP" : "origin", most, load.what);
    chart.label = finding;
    std::string notes = mark_list(chart.marks);
    if (all > curves_max) notes += fmt::format("<p class=\"note\">The {} busiest of {}.</p>\n", curves_max, all);
    return figure_html({finding, "", chart_key(key), line_chart(chart), notes, &table, false});
}

std::string origin_table(const ResultView& view) {
    HtmlTable table{"Origins",
                    {"origin", "variant", "requests served", "median wait for a worker", "p95 wait",
                     "median first byte", "turned away"},
                    "llrrrrr"};
    const auto time = [](const std::optional<double>& ns) { return ns ? time_cell(*ns) : text_cell("-"); };
    for (const std::string& origin : view.values("origin_ttfb", "origin")) {
        for (std::size_t v = 0; v < view.variants().size(); ++v) {
            const std::string key = "origin=" + origin;
            const Json *wait = view.metric(v, "origin_wait", key), *ttfb = view.metric(v, "origin_ttfb", key);
            if (view.count(v, "executions", key) == 0 && view.count(v, "origin_rejected", key) == 0) continue;
            table.add({text_cell(origin), text_cell(view.variants()[v]), count_cell(view.count(v, "executions", key)),
                       time(view.quantile(wait, 0.5)), time(view.quantile(wait, 0.95)), time(view.quantile(ttfb, 0.5)),
                       count_cell(view.count(v, "origin_rejected", key))});
        }
    }
    return table.empty() ? "" : table.text();
}

} // namespace

std::string outcomes_section(ResultView& view) {
    if (view.codes().empty()) return {};
    std::vector<std::string> head{"outcome"};
    head.insert(head.end(), view.variants().begin(), view.variants().end());
    HtmlTable table{"Outcomes", head, "l" + std::string(view.variants().size(), 'r')};
    for (const std::string& code : view.codes()) {
        std::vector<HtmlCell> cells{text_cell(code)};
        for (std::size_t v = 0; v < view.variants().size(); ++v)
            cells.push_back(count_cell(view.count(v, "outcome", "code=" + code)));
        table.add(std::move(cells));
    }
    constexpr std::size_t charts_max = 4;
    std::string figures;
    for (std::size_t v = 0; v < std::min(view.variants().size(), charts_max); ++v) figures += outcomes_figure(view, v);
    return table.text() + (figures.empty() ? "" : "<div class=\"two\">\n" + figures + "</div>\n");
}

std::string causes_section(ResultView& view) {
    HtmlTable table{
        "Causes",
        {"code", "cause", "variant", "timer", "leg", "origin", "event", "requests", "share", "retryable", "first"},
        "lllllllrrll"};
    std::string most;
    std::uint64_t count = 0;
    for (const Json& row : view.result().at("causes")) {
        if (row.at("code") == "200") continue;
        const auto requests = row.at("count").get<std::uint64_t>();
        if (requests > count) {
            count = requests;
            most = row.at("code").get<std::string>() + " by " + row.at("cause").get<std::string>();
        }
        std::string first;
        if (row.contains("first")) {
            const Json& example = row.at("first");
            first = fmt::format("{} connection {}, request {}", html_text(text_of(example, "client")),
                                text_of(example, "connection"), text_of(example, "request"));
            if (example.contains("command")) first += "<br>" + html_code(example.at("command").get<std::string>());
        }
        const std::string retry = row.contains("retryable") ? (row.at("retryable").get<bool>() ? "yes" : "no") : "";
        table.add({text_cell(text_of(row, "code")), text_cell(text_of(row, "cause")),
                   text_cell(text_of(row, "variant")), text_cell(text_of(row, "timer")), text_cell(text_of(row, "leg")),
                   text_cell(text_of(row, "origin")), text_cell(text_of(row, "event")), count_cell(requests),
                   share_cell(row.at("share").get<double>()), text_cell(retry), HtmlCell{first, {}}});
    }
    if (table.empty()) return {};
    return "<p class=\"finding\">" +
           html_sentence(fmt::format("Most frequent: {} ({})", most, counted(count, "request"))) + "</p>\n" +
           table.text() + "<p class=\"note\">An event is counted from 0 in the order of the scenario. " +
           html_code("firstbyte explain CODE") + " says what each code and cause means.</p>\n";
}

std::string load_section(ResultView& view) {
    const std::string figures = load_figure(view, {"pop_load", "pop", "requests/s"}) +
                                load_figure(view, {"origin_busy", "origin", "workers at work"}) +
                                load_figure(view, {"origin_queue", "origin", "requests that wait"});
    return (figures.empty() ? "" : "<div class=\"two\">\n" + figures + "</div>\n") + origin_table(view);
}

} // namespace firstbyte::report
