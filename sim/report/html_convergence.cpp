// Of section 11: how routes came to rest after each event.
#include "report/format.hpp"
#include "report/html_view.hpp"
#include "report/settling_rows.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <functional>
#include <utility>

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

/// One axis for all charts, from the event to a little behind the last step, so that what holds at the end is seen to
/// hold. Hops take milliseconds, the clocks of MRAI and hold times many seconds: where there are both, by powers of
/// ten.
Axis since_axis(const std::vector<ChangedTogether>& shown) {
    constexpr double beyond = 1.05, beyond_log = 1.5, many_times = 20;
    double first = 0, end = 1e-3;
    for (const ChangedTogether& one : shown)
        for (const Json& step : one.row->at("steps")) {
            const double at = step.at(0).get<double>() / ns_per_s;
            if (at > 0 && (first <= 0 || at < first)) first = at;
            end = std::max(end, at);
        }
    if (first > 0 && end > many_times * first)
        return log_axis(first / 2, end * beyond_log, "time since the event, s (log scale)");
    return span_axis(0, end * beyond, "time since the event, s");
}

std::string settling_figure(const ResultView& view, const ChangedTogether& changed, const Axis& since) {
    const Json& row = *changed.row;
    const std::string& variant = changed.variant;
    const std::string who = view.compared() ? variant + ": " : "";
    const std::string event = who + changed.event;
    const std::string finding = event + ": " + settling_finding(row, people_of(view, variant));
    LineChart chart;
    chart.label = "How routes came to rest. " + finding;
    chart.x = since;
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
    const HtmlTable table = steps_table(row, event);
    return figure_html({finding, "", chart_key(key), line_chart(chart), "", &table, false});
}

/// Changes that moved anybody, in order of time.
std::vector<ChangedTogether> moving(const Json& rows) {
    std::vector<ChangedTogether> kept = by_instant(rows);
    std::erase_if(kept, [](const ChangedTogether& one) {
        return moved_in(*one.row, "clients") + moved_in(*one.row, "ases") == 0;
    });
    return kept;
}

/// Those that moved most clients, in the order of the rows.
std::vector<ChangedTogether> most_moving(std::vector<ChangedTogether> changes, std::size_t most) {
    if (changes.size() <= most) return changes;
    const auto size = [](const ChangedTogether& one) {
        return std::pair{moved_in(*one.row, "clients"), moved_in(*one.row, "ases")};
    };
    std::stable_sort(changes.begin(), changes.end(),
                     [&](const ChangedTogether& a, const ChangedTogether& b) { return size(a) > size(b); });
    changes.resize(most);
    std::stable_sort(changes.begin(), changes.end(),
                     [](const ChangedTogether& a, const ChangedTogether& b) { return std::less<>{}(a.row, b.row); });
    return changes;
}

} // namespace

std::string convergence_part(const ResultView& view) {
    const Json rows = view.result().value("convergence", Json::array()); // results of earlier versions have none
    if (rows.empty()) return {};
    const std::vector<std::string> heads = settling_heads(view.compared());
    HtmlTable table{"Convergence after each event", heads,
                    (view.compared() ? "ll" : "l") + std::string(heads.size() - (view.compared() ? 2 : 1), 'r')};
    for (const Json& row : rows) {
        std::vector<HtmlCell> cells;
        for (const SettlingCell& cell : settling_cells(row, view.compared()))
            cells.push_back({html_text(cell.text), cell.order});
        table.add(std::move(cells));
    }
    constexpr std::size_t figures_max = 4;
    const std::vector<ChangedTogether> all = moving(rows), shown = most_moving(all, figures_max);
    const Axis since = since_axis(shown);
    std::string figures;
    for (const ChangedTogether& one : shown) figures += settling_figure(view, one, since);
    if (!figures.empty()) figures = "<div class=\"two\">\n" + figures + "</div>\n";
    std::string note =
        "<p class=\"note\">A client is on its last way when it does not move again before the next event; its way is "
        "where its packets end up and how long they take. A network is an AS; its last route is its last best path.";
    if (shown.size() < all.size()) note += " Charts are of the events that moved most clients.";
    return figures + table.text() + note + "</p>\n";
}

} // namespace firstbyte::report
