#include "report/sweep_rows.hpp"

#include "report/format.hpp"
#include "report/json_text.hpp"

#include <algorithm>
#include <set>
#include <stdexcept>

#include <fmt/format.h>

namespace firstbyte {
namespace {

std::string trimmed(std::string text) {
    const auto blank = [](char c) { return c == ' ' || c == '\t'; };
    while (!text.empty() && blank(text.back())) text.pop_back();
    const auto first = std::find_if_not(text.begin(), text.end(), blank);
    return {first, text.end()};
}

[[noreturn]] void no_objective(const std::string& text) {
    throw std::runtime_error(
        fmt::format("\"{}\" is no objective, such as \"min p95(ttfb)\" or \"max ratio(cookie_hit)\"", text));
}

} // namespace

SweepObjective parse_objective(const std::string& text) {
    SweepObjective objective;
    const std::string clean = trimmed(text);
    const std::string direction = clean.substr(0, 4);
    if (direction != "min " && direction != "max ") no_objective(text);
    objective.least = direction == "min ";
    objective.text = trimmed(clean.substr(4));
    const std::size_t open = objective.text.find('(');
    if (open == std::string::npos || objective.text.back() != ')') no_objective(text);
    objective.statistic = trimmed(objective.text.substr(0, open));
    std::string inner = objective.text.substr(open + 1, objective.text.size() - open - 2);
    const std::size_t brace = inner.find('{');
    objective.metric = trimmed(inner.substr(0, brace));
    if (brace != std::string::npos) {
        inner = trimmed(inner);
        const std::size_t equals = inner.find('=');
        if (inner.back() != '}' || equals == std::string::npos) no_objective(text);
        if (inner.find(',') != std::string::npos)
            throw std::runtime_error(fmt::format("\"{}\": results are kept by one label at a time", text));
        objective.labels.emplace_back(trimmed(inner.substr(brace + 1, equals - brace - 1)),
                                      trimmed(inner.substr(equals + 1, inner.size() - equals - 2)));
    }
    if (objective.statistic.empty() || objective.metric.empty()) no_objective(text);
    return objective;
}

namespace report {
namespace {

std::optional<double> value_of(Database& database, std::size_t point, const std::string& name,
                               const std::string& labels, const std::string& statistic) {
    auto query = database.prepare("SELECT value FROM metric WHERE point = ? AND name = ? AND labels = ? AND stat = ?");
    query.bind(static_cast<std::int64_t>(point)).bind(name).bind(labels).bind(statistic);
    if (!query.next()) return {};
    return query.real(0);
}

Json labels_of(const SweepObjective& objective) {
    Json labels = Json::object();
    for (const auto& [label, value] : objective.labels) labels[label] = value;
    return labels;
}

/// Interval of a mean, where the store has one.
std::optional<std::pair<double, double>> interval_of(Database& database, std::size_t point, const std::string& name,
                                                     const std::string& labels) {
    auto query = database.prepare("SELECT ci_low, ci_high FROM metric WHERE point = ? AND name = ? AND labels = ? AND "
                                  "stat = 'mean' AND ci_low IS NOT NULL");
    query.bind(static_cast<std::int64_t>(point)).bind(name).bind(labels);
    if (!query.next()) return {};
    return std::pair{query.real(0), query.real(1)};
}

/// Rates are per request, ratios per connection, as thresholds have them.
std::optional<double> objective_of(Database& database, std::size_t point, const SweepObjective& objective) {
    const Json labels = labels_of(objective);
    const bool share = objective.statistic == "rate" || objective.statistic == "ratio";
    const std::string statistic = objective.statistic == "sum" ? "count" : objective.statistic;
    if (!share) return value_of(database, point, objective.metric, labels.dump(), statistic);
    const auto stored = value_of(database, point, objective.metric, labels.dump(), "ratio");
    if (stored) return stored;
    const bool own_label = objective.metric == "outcome" || objective.metric == "tfo_fallback";
    const std::string among = objective.statistic == "rate" ? "outcome" : "connections";
    const auto all = value_of(database, point, among, own_label ? "{}" : labels.dump(), "count");
    // A code that nobody got has no row: that is a share of 0.
    const double part = value_of(database, point, objective.metric, labels.dump(), "count").value_or(0);
    const bool known = value_of(database, point, objective.metric, "{}", "count").has_value();
    if (!known || !all || *all == 0) return {};
    return part / *all;
}

void put_thresholds(Database& database, SweepRow& row) {
    auto query = database.prepare("SELECT count(*) FILTER (WHERE status = 'failed'), "
                                  "count(*) FILTER (WHERE status != 'skipped') FROM threshold WHERE point = ?");
    query.bind(static_cast<std::int64_t>(row.number));
    if (!query.next()) return;
    row.thresholds_failed = static_cast<std::size_t>(query.integer(0));
    row.thresholds_judged = static_cast<std::size_t>(query.integer(1));
}

void rank(std::vector<SweepRow>& rows, const SweepObjective& objective) {
    std::stable_sort(rows.begin(), rows.end(), [&](const SweepRow& a, const SweepRow& b) {
        if (!a.objective || !b.objective) return a.objective && !b.objective;
        return objective.least ? *a.objective < *b.objective : *a.objective > *b.objective;
    });
    if (rows.empty()) return;
    if (!rows.front().objective)
        throw std::runtime_error(fmt::format(
            "the points hold no {}: quantiles are those of output.quantiles, labels are single ones", objective.text));
    rows.front().best = true;
}

} // namespace

std::vector<SweepRow> sweep_rows(Database& database, const std::optional<SweepObjective>& objective) {
    std::vector<SweepRow> rows;
    {
        auto query = database.prepare("SELECT number, id, variant, settings FROM point ORDER BY number");
        while (query.next()) {
            SweepRow row;
            row.number = static_cast<std::size_t>(query.integer(0));
            row.id = query.text(1);
            row.variant = query.text(2);
            const Json settings = Json::parse(query.text(3));
            for (auto it = settings.begin(); it != settings.end(); ++it)
                row.settings.emplace_back(it.key(), it->get<std::string>());
            rows.push_back(std::move(row));
        }
    }
    for (SweepRow& row : rows) {
        row.p50 = value_of(database, row.number, "ttfb", "{}", "p50");
        row.p95 = value_of(database, row.number, "ttfb", "{}", "p95");
        row.p99 = value_of(database, row.number, "ttfb", "{}", "p99");
        row.requests = value_of(database, row.number, "outcome", "{}", "count").value_or(0);
        row.failed = row.requests - value_of(database, row.number, "outcome", R"({"code":"200"})", "count").value_or(0);
        put_thresholds(database, row);
        row.mean = value_of(database, row.number, "ttfb", "{}", "mean");
        row.mean_interval = interval_of(database, row.number, "ttfb", "{}");
        if (!objective) continue;
        row.objective = objective_of(database, row.number, *objective);
        if (objective->statistic == "mean")
            row.objective_interval = interval_of(database, row.number, objective->metric, labels_of(*objective).dump());
    }
    if (objective) rank(rows, *objective);
    return rows;
}

SweepCells sweep_cells(const std::vector<SweepRow>& rows, const std::optional<SweepObjective>& objective) {
    std::set<std::string> unique;
    std::set<std::string> variants;
    bool thresholds = false;
    for (const SweepRow& row : rows) {
        for (const auto& setting : row.settings) unique.insert(setting.first);
        variants.insert(row.variant);
        thresholds = thresholds || row.thresholds_judged > 0;
    }
    const std::vector<std::string> paths{unique.begin(), unique.end()};
    SweepCells cells;
    cells.headings = short_paths(paths);
    if (variants.size() > 1) cells.headings.emplace_back("variant");
    cells.texts = cells.headings.size();
    for (const char* heading : {"p50", "p95", "p99", "no 200"}) cells.headings.emplace_back(heading);
    if (objective) cells.headings.push_back(objective->text);
    if (thresholds) cells.headings.emplace_back("thresholds");
    cells.headings.emplace_back("");
    for (const SweepRow& row : rows) {
        std::vector<std::string> line;
        for (const std::string& path : paths) {
            const auto found = std::find_if(row.settings.begin(), row.settings.end(),
                                            [&](const auto& setting) { return setting.first == path; });
            line.push_back(found == row.settings.end() ? "-" : found->second);
        }
        if (variants.size() > 1) line.push_back(row.variant);
        for (const auto& value : {row.p50, row.p95, row.p99}) line.push_back(value ? milliseconds(*value) : "-");
        line.push_back(row.requests > 0 ? percent(row.failed / row.requests) : "-");
        if (objective) line.push_back(objective_text(*objective, row.objective));
        if (thresholds)
            line.push_back(row.thresholds_failed == 0
                               ? "ok"
                               : fmt::format("{} of {} FAIL", row.thresholds_failed, row.thresholds_judged));
        line.emplace_back(row.best ? "best" : "");
        cells.rows.push_back(std::move(line));
    }
    return cells;
}

std::string sweep_fact(Database& database, const char* key) {
    auto query = database.prepare("SELECT value FROM meta WHERE key = ?");
    query.bind(key);
    return query.next() ? query.text(0) : "";
}

std::string objective_text(const SweepObjective& objective, const std::optional<double>& value) {
    if (!value) return "-";
    if (objective.statistic == "rate" || objective.statistic == "ratio") return percent(*value);
    if (objective.statistic == "count" || objective.statistic == "sum") return grouped_fixed(*value, 0);
    return milliseconds(*value);
}

std::vector<std::string> short_paths(const std::vector<std::string>& paths) {
    std::vector<std::string> out;
    for (const std::string& path : paths) {
        // As many keys from the end as it takes to differ from all others.
        std::size_t start = path.rfind('.');
        const auto unique = [&](const std::string& name) {
            return std::none_of(paths.begin(), paths.end(), [&](const std::string& other) {
                return other != path && (other == name || other.ends_with("." + name));
            });
        };
        while (start != std::string::npos && !unique(path.substr(start + 1)))
            start = start == 0 ? std::string::npos : path.rfind('.', start - 1);
        out.push_back(start == std::string::npos ? path : path.substr(start + 1));
    }
    return out;
}

} // namespace report
} // namespace firstbyte
