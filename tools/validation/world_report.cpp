#include "world.hpp"

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include <algorithm>
#include <cmath>
#include <utility>

namespace firstbyte::validate {
namespace {

const Row world_figure_header = {"figure", "simulated", "measured", "promised", "verdict"};

std::string number(double value, const std::string& unit) {
    const int digits = std::abs(value) < 10 ? 2 : 1;
    return fmt::format("{:.{}f}{}{}", value, digits, unit.empty() ? "" : " ", unit);
}

std::string promise_of(const WorldFigure& figure) {
    if (!figure.promised()) return "-";
    if (figure.least && figure.most)
        return fmt::format("{} to {}", number(*figure.least, ""), number(*figure.most, figure.unit));
    return figure.least ? "at least " + number(*figure.least, figure.unit)
                        : "at most " + number(*figure.most, figure.unit);
}

std::string verdict_of(const WorldFigure& figure) {
    if (!figure.simulated) return "needs --data";
    if (!figure.promised()) return "shown";
    return figure.met() ? "met" : "MISSED";
}

std::vector<Row> rows_of(const WorldPart& part) {
    std::vector<Row> rows;
    for (const WorldFigure& figure : part.figures)
        rows.push_back({figure.what, figure.simulated ? number(*figure.simulated, figure.unit) : "-",
                        figure.measured ? number(*figure.measured, figure.unit) : "-", promise_of(figure),
                        verdict_of(figure)});
    return rows;
}

} // namespace

WorldFigure within(double share, std::string what, std::string unit, std::optional<double> simulated, double measured) {
    return {std::move(what), std::move(unit), simulated, measured, measured * (1 - share), measured * (1 + share)};
}

std::string text_of(const std::vector<WorldPart>& parts) {
    std::string text;
    for (const WorldPart& part : parts) {
        text += (text.empty() ? "" : "\n") + part.title + "\n\n" + plain_table(world_figure_header, rows_of(part));
        for (const WorldTable& table : part.tables)
            text += "\n" + table.title + "\n\n" + plain_table(table.header, table.rows);
    }
    return text;
}

std::string markdown_of(const std::vector<WorldPart>& parts) {
    std::string text = "## Routing and latency against the Internet\n\n"
                       "Written by `tools/validate world --data FOLDER --write`. FOLDER holds measurements that come "
                       "without a licence to "
                       "ship them; without it only what needs none of them is compared. Simulated is the shipped "
                       "Internet of 2018 with the "
                       "default `topology.propagation` and hot potato. \"shown\" is not promised.\n";
    for (const WorldPart& part : parts) {
        text +=
            "\n### " + part.title + "\n\n" + part.text + "\n\n" + markdown_table(world_figure_header, rows_of(part));
        for (const WorldTable& table : part.tables)
            text += "\n" + table.title + ":\n\n" + markdown_table(table.header, table.rows);
    }
    return text;
}

std::string json_of(const std::vector<WorldPart>& parts) {
    using Json = nlohmann::ordered_json;
    const auto optional = [](const std::optional<double>& value) {
        // Whole thousandths, so that the text does not show how a double is stored.
        return value ? Json(std::round(*value * 1000) / 1000) : Json(nullptr);
    };
    Json out = Json::array();
    for (const WorldPart& part : parts) {
        Json figures = Json::array(), tables = Json::array();
        for (const WorldFigure& figure : part.figures)
            figures.push_back({{"what", figure.what},
                               {"unit", figure.unit},
                               {"simulated", optional(figure.simulated)},
                               {"measured", optional(figure.measured)},
                               {"least", optional(figure.least)},
                               {"most", optional(figure.most)},
                               {"verdict", verdict_of(figure)}});
        for (const WorldTable& table : part.tables)
            tables.push_back({{"title", table.title}, {"header", table.header}, {"rows", table.rows}});
        out.push_back({{"id", part.id}, {"title", part.title}, {"figures", figures}, {"tables", tables}});
    }
    return Json{{"world", out}}.dump(2) + "\n";
}

std::vector<WorldPart> compare_world(const WorldData& data) {
    const Internet internet;
    return {compare_distances(internet, data.pings), compare_anycast(internet, data.atlas), compare_inflation(internet),
            compare_withdrawal(internet, data.africa), compare_convergence(internet)};
}

} // namespace firstbyte::validate
