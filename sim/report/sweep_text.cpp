/// A sweep as text, Markdown, JSON, CSV and JUnit.
#include "firstbyte/outputs.hpp"
#include "report/format.hpp"
#include "report/markdown.hpp"
#include "report/result_rows.hpp"
#include "report/sweep_rows.hpp"
#include "report/sweep_store.hpp"

#include <algorithm>
#include <set>

#include <fmt/format.h>

namespace firstbyte {
namespace {

using namespace report;
std::string heading(Database& database, std::size_t finished) {
    const std::string points = sweep_fact(database, "points"), replications = sweep_fact(database, "replications");
    const std::string of = points == std::to_string(finished) ? points : fmt::format("{} of {}", finished, points);
    return fmt::format("{}    {} point{} x {} replication{}    seed {}", sweep_fact(database, "scenario"), of,
                       points == "1" ? "" : "s", replications, replications == "1" ? "" : "s",
                       sweep_fact(database, "seed"));
}

} // namespace

std::string SweepStore::text(const std::optional<SweepObjective>& objective) const {
    const SweepCells cells = sweep_cells(sweep_rows(impl_->database, objective), objective);
    std::vector<report::Column> columns;
    for (std::size_t i = 0; i < cells.headings.size(); ++i)
        columns.push_back({cells.headings[i], 2, 0, i < cells.texts || i + 1 == cells.headings.size(), 0});
    return heading(impl_->database, cells.rows.size()) + "\n\n" + table(columns, cells.rows);
}

std::string SweepStore::markdown(const std::optional<SweepObjective>& objective) const {
    const SweepCells cells = sweep_cells(sweep_rows(impl_->database, objective), objective);
    std::vector<std::string> headings;
    for (const std::string& heading : cells.headings) headings.push_back(markdown_text(heading));
    MarkdownTable table{headings, std::string(cells.texts, 'l') + std::string(headings.size() - cells.texts, 'r')};
    std::size_t bytes = 0, shown = 0;
    constexpr std::size_t room = markdown_bytes_max - 2048; // of the rest: heading and the note on what is left out
    for (const auto& row : cells.rows) {
        std::vector<std::string> line;
        for (const std::string& cell : row) {
            line.push_back(markdown_text(cell));
            bytes += line.back().size() + 3;
        }
        if (bytes <= room) ++shown;
        table.add(std::move(line));
    }
    return "### firstbyte sweep: " + markdown_text(heading(impl_->database, cells.rows.size())) + "\n\n" +
           table.text(shown);
}

std::string SweepStore::json(const std::optional<SweepObjective>& objective) const {
    const auto number = [](const std::optional<double>& value) { return value ? Json(*value) : Json(); };
    Json points = Json::array();
    for (const SweepRow& row : sweep_rows(impl_->database, objective)) {
        Json settings = Json::object();
        for (const auto& [path, value] : row.settings) settings[path] = value;
        Json metrics = Json::array();
        auto query = impl_->database.prepare("SELECT name, labels, stat, value, unit, ci_low, ci_high, n FROM metric "
                                             "WHERE point = ? AND labels = '{}' ORDER BY name, stat");
        query.bind(static_cast<std::int64_t>(row.number));
        while (query.next()) {
            Json ci;
            if (!query.is_null(5)) ci = {query.real(5), query.real(6)};
            metrics.push_back({{"name", query.text(0)},
                               {"stat", query.text(2)},
                               {"value", query.real(3)},
                               {"unit", query.text(4)},
                               {"ci", ci},
                               {"n", query.integer(7)}});
        }
        points.push_back({{"number", row.number},
                          {"id", row.id},
                          {"variant", row.variant},
                          {"settings", settings},
                          {"objective", number(row.objective)},
                          {"best", row.best},
                          {"thresholds_failed", row.thresholds_failed},
                          {"metrics", metrics}});
    }
    const Json out{{"format", 1},
                   {"kind", "sweep"},
                   {"complete", points.size() == planned()},
                   {"objective", objective ? Json((objective->least ? "min " : "max ") + objective->text) : Json()},
                   {"points", points}};
    constexpr int levels = 2;
    return json_text(out, levels);
}

std::string SweepStore::csv() const {
    std::string out = "point,id,variant,settings,metric,labels,stat,value,unit,ci_low,ci_high,n\n";
    auto query = impl_->database.prepare(
        "SELECT number, id, variant, settings, name, labels, stat, value, metric.unit, ci_low, ci_high, n FROM point "
        "JOIN metric ON metric.point = point.number ORDER BY number, name, labels, stat");
    constexpr int columns = 12, first_number = 7;
    while (query.next()) {
        for (int i = 0; i < columns; ++i) {
            const bool number = i == first_number || i == first_number + 2 || i == first_number + 3;
            out += i == 0 ? "" : ",";
            if (!query.is_null(i)) out += number ? exact_number(query.real(i)) : csv_cell(query.text(i));
        }
        out += "\n";
    }
    return out;
}

std::string SweepStore::junit(const std::string& file) const {
    Json thresholds = Json::array();
    auto query = impl_->database.prepare(
        "SELECT point.number, variant, expr, level, value, \"limit\", samples, status, line FROM threshold JOIN point "
        "ON threshold.point = point.number ORDER BY point.number, threshold.number");
    while (query.next()) {
        Json value;
        if (!query.is_null(4)) value = query.real(4);
        thresholds.push_back({{"expr", query.text(2)},
                              {"level", query.text(3)},
                              {"variant", fmt::format("{}.point-{}", query.text(1), query.integer(0))},
                              {"value", value},
                              {"limit", query.real(5)},
                              {"samples", query.integer(6)},
                              {"status", query.text(7)},
                              {"source", {{"line", query.integer(8)}}}});
    }
    auto name = impl_->database.prepare("SELECT value FROM meta WHERE key = 'scenario'");
    const Json result{{"format", 1},
                      {"scenario", {{"name", name.next() ? name.text(0) : ""}}},
                      {"variants", Json::array()},
                      {"thresholds", thresholds}};
    return result_junit(result.dump(), file);
}

} // namespace firstbyte
