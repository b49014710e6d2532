/// A sweep as one HTML page: which point is best, how the others lie around it, and every point as a table.
#include "report/format.hpp"
#include "report/html.hpp"
#include "report/html_page.hpp"
#include "report/html_view.hpp"
#include "report/sweep_rows.hpp"
#include "report/sweep_store.hpp"

#include <algorithm>
#include <functional>
#include <map>
#include <set>

#include <fmt/format.h>

namespace firstbyte {
namespace {

using namespace report;
using Objective = std::optional<SweepObjective>;

constexpr double ns_per_ms = 1e6;
constexpr std::size_t curves_max = 6; // as many as colours can be told apart
constexpr std::size_t maps_max = 4;   // pictures of one sweep

/// What differs between points: a path of the scenario, or the variant.
struct SweepAxis {
    std::string path; ///< empty: the variant
    std::string name;
    std::vector<std::string> values; ///< in the order of the points
};

std::string value_on(const SweepAxis& axis, const SweepRow& row) {
    if (axis.path.empty()) return row.variant;
    for (const auto& [path, value] : row.settings)
        if (path == axis.path) return value;
    return "-";
}

std::vector<SweepAxis> axes_of(std::vector<SweepRow> rows) {
    std::sort(rows.begin(), rows.end(), [](const SweepRow& a, const SweepRow& b) { return a.number < b.number; });
    std::set<std::string> paths;
    for (const SweepRow& row : rows)
        for (const auto& setting : row.settings) paths.insert(setting.first);
    const std::vector<std::string> all{paths.begin(), paths.end()}, names = short_paths(all);
    std::vector<SweepAxis> axes;
    for (std::size_t i = 0; i < all.size(); ++i) axes.push_back({all[i], names[i], {}});
    axes.push_back({"", "variant", {}});
    for (SweepAxis& axis : axes)
        for (const SweepRow& row : rows) {
            const std::string value = value_on(axis, row);
            if (std::find(axis.values.begin(), axis.values.end(), value) == axis.values.end())
                axis.values.push_back(value);
        }
    std::erase_if(axes, [](const SweepAxis& axis) { return axis.values.size() < 2; });
    return axes;
}

/// The number that the pictures show: the objective, else p95 of the time to first byte.
struct Measure {
    std::string name; ///< "p95(ttfb)"
    bool least = true;
    bool time = true; ///< shown in ms
    std::function<std::optional<double>(const SweepRow&)> of;
    std::function<std::string(double)> words;
};

Measure measure_of(const Objective& objective) {
    if (!objective)
        return {"p95(ttfb)", true, true, [](const SweepRow& row) { return row.p95; },
                [](double ns) { return milliseconds(ns); }};
    const std::string& statistic = objective->statistic;
    const bool time = statistic != "rate" && statistic != "ratio" && statistic != "count" && statistic != "sum";
    return {objective->text, objective->least, time, [](const SweepRow& row) { return row.objective; },
            [objective](double value) { return objective_text(*objective, value); }};
}

/// "idle_timeout=30s, variant=tfo-on"
std::string settings_words(const std::vector<SweepAxis>& axes, const SweepRow& row) {
    std::string out;
    for (const SweepAxis& axis : axes) out += (out.empty() ? "" : ", ") + axis.name + "=" + value_on(axis, row);
    return out.empty() ? "the only point" : out;
}

/// The sweep as the sections look at it.
struct Sweep {
    std::vector<SweepRow> rows;
    std::vector<SweepAxis> axes;
    Measure measure;
    const SweepRow *best = nullptr, *worst = nullptr; ///< null without any value
};

void find_ends(Sweep& sweep) {
    for (const SweepRow& row : sweep.rows) {
        const auto value = sweep.measure.of(row);
        if (!value) continue;
        const auto better = [&](const SweepRow* than) {
            const double other = *sweep.measure.of(*than);
            return sweep.measure.least ? *value < other : *value > other;
        };
        if (sweep.best == nullptr || better(sweep.best)) sweep.best = &row;
        if (sweep.worst == nullptr || !better(sweep.worst)) sweep.worst = &row;
    }
}

bool flat(const Sweep& sweep) {
    return sweep.best == nullptr || *sweep.measure.of(*sweep.best) == *sweep.measure.of(*sweep.worst);
}

std::string finding_of(const Sweep& sweep) {
    if (sweep.best == nullptr) return "No point has a value of " + sweep.measure.name;
    const std::string best = sweep.measure.words(*sweep.measure.of(*sweep.best));
    if (flat(sweep))
        return fmt::format("{} is {} at {}", sweep.measure.name, best,
                           sweep.rows.size() == 1 ? "the only point" : "every point");
    const auto equal = std::count_if(sweep.rows.begin(), sweep.rows.end(), [&](const SweepRow& row) {
        return sweep.measure.of(row) == sweep.measure.of(*sweep.best);
    });
    if (equal > 1)
        return fmt::format("{} is best at {} of {} points: {}, against up to {} with {}", sweep.measure.name, equal,
                           sweep.rows.size(), best, sweep.measure.words(*sweep.measure.of(*sweep.worst)),
                           settings_words(sweep.axes, *sweep.worst));
    return fmt::format("{} is best with {}: {}, against {} with {}", sweep.measure.name,
                       settings_words(sweep.axes, *sweep.best), best,
                       sweep.measure.words(*sweep.measure.of(*sweep.worst)), settings_words(sweep.axes, *sweep.worst));
}

std::string verdict(const Sweep& sweep, std::size_t planned) {
    std::size_t judged = 0, failed = 0;
    for (const SweepRow& row : sweep.rows) {
        judged += row.thresholds_judged > 0;
        failed += row.thresholds_failed > 0;
    }
    std::string badge = html_badge("none", "no threshold was judged");
    if (failed > 0)
        badge = html_badge("bad", fmt::format("{} of {} points fail a threshold", failed, judged));
    else if (judged > 0)
        badge = html_badge("good", "every point meets its thresholds");
    std::string out = "<p class=\"badges\">" + badge + "</p>\n<p class=\"verdict\"><strong>" +
                      html_sentence(finding_of(sweep)) + "</strong></p>\n";
    if (sweep.rows.size() < planned)
        out += fmt::format("<p class=\"verdict\"><strong>Incomplete:</strong> {} of {} points are finished.</p>\n",
                           sweep.rows.size(), planned);
    return out;
}

/// Ticks at 0, 1, 2, ...: one for each value of the axis.
Axis value_axis(const SweepAxis& axis) {
    Axis out{0, std::max(1.0, static_cast<double>(axis.values.size() - 1)), axis.name, {}, false};
    for (std::size_t i = 0; i < axis.values.size(); ++i) out.ticks.emplace_back(static_cast<double>(i), axis.values[i]);
    return out;
}

using ValueOf = std::function<std::optional<double>(const SweepRow&)>;
using IntervalOf = std::function<std::optional<std::pair<double, double>>(const SweepRow&)>;

/// A curve over an axis, of the points that `in` lets in.
Curve curve_over(const Sweep& sweep, const SweepAxis& axis, const std::string& name, std::size_t colour,
                 const std::function<bool(const SweepRow&)>& in, const ValueOf& value_of,
                 const IntervalOf& interval_of) {
    Curve curve{name, colour, {}, {}, false, true};
    const double unit = sweep.measure.time ? ns_per_ms : 1;
    for (std::size_t i = 0; i < axis.values.size(); ++i)
        for (const SweepRow& row : sweep.rows) {
            if (value_on(axis, row) != axis.values[i] || !in(row)) continue;
            const auto value = value_of(row);
            if (!value) continue;
            curve.points.push_back({static_cast<double>(i), *value / unit});
            if (const auto interval = interval_of(row))
                curve.band.emplace_back(interval->first / unit, interval->second / unit);
            break;
        }
    if (curve.band.size() != curve.points.size()) curve.band.clear(); // some of them have none
    return curve;
}

std::string curves_figure(const Sweep& sweep, const SweepAxis& x, const SweepAxis* lines, const Objective& objective) {
    LineChart chart;
    const auto everyone = [](const SweepRow&) { return true; };
    const auto no_interval = [](const SweepRow&) { return std::optional<std::pair<double, double>>{}; };
    const auto objective_interval = [](const SweepRow& row) { return row.objective_interval; };
    if (lines != nullptr) {
        for (std::size_t i = 0; i < lines->values.size(); ++i) {
            const auto in = [&, i](const SweepRow& row) { return value_on(*lines, row) == lines->values[i]; };
            chart.curves.push_back(curve_over(sweep, x, lines->values[i], i, in, sweep.measure.of, objective_interval));
        }
    } else if (objective) {
        chart.curves.push_back(
            curve_over(sweep, x, objective->text, 0, everyone, sweep.measure.of, objective_interval));
    } else {
        const std::pair<const char*, std::optional<double> SweepRow::*> quantiles[] = {
            {"p50", &SweepRow::p50}, {"p95", &SweepRow::p95}, {"p99", &SweepRow::p99}};
        for (const auto& [name, member] : quantiles)
            chart.curves.push_back(curve_over(
                sweep, x, name, chart.curves.size(), everyone,
                [member = member](const SweepRow& row) { return row.*member; }, no_interval));
        chart.curves.push_back(curve_over(
            sweep, x, "mean, with its interval", chart.curves.size(), everyone,
            [](const SweepRow& row) { return row.mean; }, [](const SweepRow& row) { return row.mean_interval; }));
    }
    double low = 0, high = 0;
    std::vector<std::pair<std::string, std::size_t>> key;
    for (const Curve& curve : chart.curves) {
        for (const ChartPoint& point : curve.points) {
            low = std::min(low, point.y);
            high = std::max(high, point.y);
        }
        for (const auto& [from, to] : curve.band) high = std::max(high, to);
        key.emplace_back(curve.name, curve.colour);
    }
    const std::string what = objective || lines != nullptr ? sweep.measure.name : "time to first byte";
    chart.x = value_axis(x);
    chart.y = linear_axis(low, high, what + (sweep.measure.time ? ", ms" : ""));
    chart.label = finding_of(sweep);
    return figure_html({finding_of(sweep), "", chart_key(key), line_chart(chart), "", nullptr, false});
}

/// Values of the axes that are no direction of a picture: those of one picture.
using Rest = std::vector<std::pair<const SweepAxis*, std::string>>;

bool in_picture(const Rest& rest, const SweepRow& row) {
    return std::all_of(rest.begin(), rest.end(),
                       [&](const auto& one) { return value_on(*one.first, row) == one.second; });
}

HeatMap map_of(const Sweep& sweep, const SweepAxis& x, const SweepAxis& y, const Rest& rest) {
    HeatMap map;
    map.x_title = x.name;
    map.y_title = y.name;
    map.x = x.values;
    map.y = y.values;
    const double best = *sweep.measure.of(*sweep.best), worst = *sweep.measure.of(*sweep.worst);
    map.low = std::min(best, worst);
    map.high = std::max(best, worst);
    map.cells.assign(y.values.size(), std::vector<HeatCell>(x.values.size()));
    for (const SweepRow& row : sweep.rows) {
        if (!in_picture(rest, row)) continue;
        const auto place = [&](const SweepAxis& axis) {
            const auto at = std::find(axis.values.begin(), axis.values.end(), value_on(axis, row));
            return static_cast<std::size_t>(at - axis.values.begin());
        };
        HeatCell& cell = map.cells[place(y)][place(x)];
        cell.value = sweep.measure.of(row);
        if (!cell.value) continue;
        cell.text = sweep.measure.words(*cell.value);
        if (&row == sweep.best && !flat(sweep)) cell.note = "best";
        if (&row == sweep.worst && !flat(sweep)) cell.note = "worst";
        cell.framed = !cell.note.empty();
        cell.failed = row.thresholds_failed > 0;
        if (cell.failed) cell.note += cell.note.empty() ? "FAIL" : ", FAIL";
    }
    return map;
}

/// One picture for each combination of the other axes' values; of many, that of the best point.
std::vector<Rest> pictures(const Sweep& sweep, const std::vector<SweepAxis>& others, bool& left_out) {
    std::vector<Rest> out{{}};
    std::size_t combinations = 1;
    for (const SweepAxis& axis : others) combinations *= axis.values.size();
    left_out = combinations > maps_max;
    for (const SweepAxis& axis : others) {
        std::vector<Rest> longer;
        for (const Rest& rest : out)
            for (const std::string& value : axis.values) {
                if (left_out && value != value_on(axis, *sweep.best)) continue;
                longer.push_back(rest);
                longer.back().emplace_back(&axis, value);
            }
        out = std::move(longer);
    }
    return out;
}

std::string heat_figures(const Sweep& sweep) {
    // The two directions: those with the most values; a variant only where there is nothing else.
    std::vector<SweepAxis> axes = sweep.axes;
    std::stable_sort(axes.begin(), axes.end(), [](const SweepAxis& a, const SweepAxis& b) {
        if (a.path.empty() != b.path.empty()) return b.path.empty();
        return a.values.size() > b.values.size();
    });
    const std::vector<SweepAxis> others{axes.begin() + 2, axes.end()};
    bool left_out = false;
    std::string out;
    for (const Rest& rest : pictures(sweep, others, left_out)) {
        std::string where;
        for (const auto& [axis, value] : rest) where += (where.empty() ? "" : ", ") + axis->name + "=" + value;
        HeatMap map = map_of(sweep, axes[0], axes[1], rest);
        const std::string finding = where.empty() ? finding_of(sweep) : sweep.measure.name + " with " + where;
        map.label = finding;
        std::string note = "The stronger the colour, the greater " + sweep.measure.name + ".";
        if (left_out) note += " Other values of " + others.front().name + " and the like stand in the table.";
        out += figure_html(
            {finding, "", "", heat_map(map), "<p class=\"note\">" + html_text(note) + "</p>\n", nullptr, false});
    }
    return "<div class=\"two\">\n" + out + "</div>\n";
}

std::string every_point(const Sweep& sweep, const Objective& objective) {
    const SweepCells cells = sweep_cells(sweep.rows, objective);
    std::vector<std::string> headings = cells.headings;
    headings.back() = "rank"; // "best", or nothing
    if (!objective) headings.pop_back();
    HtmlTable table{"Every point", headings,
                    std::string(cells.texts, 'l') + std::string(headings.size() - cells.texts, 'r')};
    for (const auto& row : cells.rows) {
        std::vector<HtmlCell> line;
        for (std::size_t i = 0; i < headings.size(); ++i) line.push_back(text_cell(row[i]));
        table.add(std::move(line));
    }
    return table.text();
}

std::string sweep_section(const Sweep& sweep, const Objective& objective) {
    std::string out;
    std::vector<const SweepAxis*> directions;
    const SweepAxis* variants = nullptr;
    for (const SweepAxis& axis : sweep.axes) {
        if (axis.path.empty())
            variants = &axis;
        else
            directions.push_back(&axis);
    }
    const bool lines = directions.size() == 1 && (variants == nullptr || variants->values.size() <= curves_max);
    if (sweep.best != nullptr && lines)
        out += curves_figure(sweep, *directions.front(), variants, objective);
    else if (sweep.best != nullptr && directions.empty() && variants != nullptr)
        out += curves_figure(sweep, *variants, nullptr, objective);
    else if (sweep.best != nullptr && sweep.axes.size() > 1)
        out += heat_figures(sweep);
    return out + every_point(sweep, objective);
}

std::string method(Database& database, const Objective& objective) {
    std::string out = "<dl class=\"facts\">";
    const auto fact = [&out](const std::string& name, const std::string& html) {
        out += "<dt>" + html_text(name) + "</dt><dd>" + html + "</dd>\n";
    };
    fact("scenario", html_text(sweep_fact(database, "scenario")));
    fact("SHA-256 of the scenario", html_code(sweep_fact(database, "sha256")));
    fact("seed", html_text(sweep_fact(database, "seed")));
    fact("points", html_text(sweep_fact(database, "points")));
    fact("replications of each", html_text(sweep_fact(database, "replications")));
    if (objective) fact("objective", html_code((objective->least ? "min " : "max ") + objective->text));
    fact("program", html_text("firstbyte " + sweep_fact(database, "version")));
    return out +
           "</dl>\n<p>Every point has the same seed: the same arrivals, losses and service times wherever the same "
           "thing happens. \"no 200\" is the share of requests that did not end with 200. Best is the point with "
           "the best value that was simulated; values between points were not tried.</p>\n";
}

} // namespace

std::string SweepStore::html(const std::optional<SweepObjective>& objective) const {
    Database& database = impl_->database;
    Sweep sweep;
    sweep.rows = sweep_rows(database, objective);
    sweep.axes = axes_of(sweep.rows);
    sweep.measure = measure_of(objective);
    find_ends(sweep);
    return html_page(sweep_fact(database, "scenario"), "sweep",
                     {{"verdict", "Verdict", verdict(sweep, planned())},
                      {"sweep", "Sweep", sweep_section(sweep, objective)},
                      {"method", "Method", method(database, objective)}},
                     Json::object());
}

} // namespace firstbyte
