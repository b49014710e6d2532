// Of section 11: how routes came to rest after each event.
#include "report/format.hpp"
#include "report/html_view.hpp"
#include "report/settling_rows.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>

namespace firstbyte::report {
namespace {

constexpr double ns_per_s = 1e9;

/// One curve, from a column of `steps` and the number that its shares are of.
struct SettlingCurve {
    const char* name;
    const char* routes; ///< member with `moved`
    std::size_t column;
    bool always; ///< else only where it is not 0
};
constexpr std::array<SettlingCurve, 4> settling_curves{{{"clients on their last way", "clients", 1, true},
                                                        {"clients without a way", "clients", 2, false},
                                                        {"networks on their last route", "ases", 3, true},
                                                        {"networks without a route", "ases", 4, false}}};

std::uint64_t moved_in(const Json& row, const char* routes) { return row.at(routes).at("moved").get<std::uint64_t>(); }

/// Everybody's population, so that the share of those that moved can be told.
std::uint64_t people_of(const ResultView& view, const std::string& variant) {
    std::uint64_t people = 0;
    for (const Json& row : view.result().at("catchment"))
        if (row.at("variant") == variant) people += row.at("population").get<std::uint64_t>();
    return people;
}

HtmlTable steps_table(const Json& row, const std::string& name) {
    HtmlTable table{"Convergence: " + name,
                    {"since the event, s", "clients on their last way", "clients without a way",
                     "networks on their last route", "networks without a route"},
                    "rrrrr"};
    for (const Json& step : row.at("steps")) {
        const double after = step.at(0).get<double>() / ns_per_s;
        std::vector<HtmlCell> cells{{fmt::format("{:.3f}", after), after}};
        for (std::size_t column = 1; column < step.size(); ++column)
            cells.push_back(count_cell(step.at(column).get<std::uint64_t>()));
        table.add(std::move(cells));
    }
    return table;
}

/// From the event to a little behind the last step, so that what holds at the end is seen to hold. Hops take
/// milliseconds, the clocks of MRAI and hold times many seconds: where there are both, by powers of ten.
Axis since_axis(const Json& steps) {
    constexpr double beyond = 1.05, many_times = 20;
    const auto at = [&](std::size_t step) { return steps.at(step).at(0).get<double>() / ns_per_s; };
    const double end = at(steps.size() - 1), first = steps.size() > 1 ? at(1) : end;
    if (first > 0 && end > many_times * first)
        return log_axis(first / 2, end * beyond, "time since the event, s (log scale)");
    return span_axis(0, std::max(end, 1e-3) * beyond, "time since the event, s");
}

std::string settling_figure(const ResultView& view, const Json& row) {
    const std::string variant = row.at("variant").get<std::string>();
    const std::string who = view.compared() ? variant + ": " : "";
    const std::string finding = who + settling_finding(row, people_of(view, variant));
    LineChart chart;
    chart.label = "How routes came to rest. " + finding;
    chart.x = since_axis(row.at("steps"));
    chart.y = linear_axis(0, 100, "% of those that moved");
    std::vector<std::pair<std::string, std::size_t>> key;
    for (std::size_t number = 0; number < settling_curves.size(); ++number) {
        const SettlingCurve& of = settling_curves[number];
        const auto moved = static_cast<double>(moved_in(row, of.routes));
        Curve curve{of.name, number, {}, {}, true, false};
        double most = 0;
        for (const Json& step : row.at("steps")) {
            const double share = moved > 0 ? 100 * step.at(of.column).get<double>() / moved : 0;
            curve.points.push_back({step.at(0).get<double>() / ns_per_s, share});
            most = std::max(most, share);
        }
        if (moved == 0 || (!of.always && most == 0)) continue;
        curve.points.push_back({chart.x.high, curve.points.back().y});
        key.emplace_back(of.name, number);
        chart.curves.push_back(std::move(curve));
    }
    const HtmlTable table = steps_table(row, who + settling_event(row));
    return figure_html({finding, "", chart_key(key), line_chart(chart), "", &table, false});
}

/// The rows that moved most clients, in order of time.
std::vector<const Json*> most_moving(const std::vector<const Json*>& rows, std::size_t most) {
    std::vector<const Json*> kept;
    for (const Json* row : rows)
        if (moved_in(*row, "clients") + moved_in(*row, "ases") > 0) kept.push_back(row);
    if (kept.size() <= most) return kept;
    std::vector<const Json*> by_size = kept;
    std::stable_sort(by_size.begin(), by_size.end(), [](const Json* a, const Json* b) {
        return std::pair{moved_in(*a, "clients"), moved_in(*a, "ases")} >
               std::pair{moved_in(*b, "clients"), moved_in(*b, "ases")};
    });
    by_size.resize(most);
    std::erase_if(kept,
                  [&](const Json* row) { return std::find(by_size.begin(), by_size.end(), row) == by_size.end(); });
    return kept;
}

} // namespace

std::string convergence_part(const ResultView& view) {
    std::vector<const Json*> rows;
    if (view.result().contains("convergence")) // results of earlier versions have none
        for (const Json& row : view.result().at("convergence")) rows.push_back(&row);
    if (rows.empty()) return {};
    const std::vector<std::string> heads = settling_heads(view.compared());
    HtmlTable table{"Convergence after each event", heads,
                    (view.compared() ? "ll" : "l") + std::string(heads.size() - (view.compared() ? 2 : 1), 'r')};
    for (const Json* row : rows) {
        std::vector<HtmlCell> cells;
        for (const SettlingCell& cell : settling_cells(*row, view.compared()))
            cells.push_back({html_text(cell.text), cell.order});
        table.add(std::move(cells));
    }
    constexpr std::size_t figures_max = 4;
    const std::vector<const Json*> shown = most_moving(rows, figures_max);
    std::string figures;
    for (const Json* row : shown) figures += settling_figure(view, *row);
    if (!figures.empty()) figures = "<div class=\"two\">\n" + figures + "</div>\n";
    std::string note =
        "<p class=\"note\">A client is on its last way when it does not move again before the next event";
    note += "; its way is where its packets end up and how long they take. A network is an AS; its last route is its "
            "last best path.";
    if (shown.size() < rows.size())
        note += fmt::format(" Charts are of the {} that moved most clients.", counted(shown.size(), "event"));
    return figures + table.text() + note + "</p>\n";
}

} // namespace firstbyte::report
