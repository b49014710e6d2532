#include "report/settling_rows.hpp"

#include "report/format.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <map>

namespace firstbyte::report {
namespace {

Json moved_json(const MovedRoutes& routes) {
    return {{"moved", routes.moved},
            {"half_ns", routes.half.count()},
            {"all_ns", routes.all.count()},
            {"cut_off", routes.cut_off},
            {"longest_cut_off_ns", routes.longest_cut_off.count()},
            {"left_without", routes.left_without}};
}

std::uint64_t count_in(const Json& routes, const char* key) { return routes.at(key).get<std::uint64_t>(); }

/// "50 ms", "5.05 s", of a time since an event.
std::string since_text(const Json& ns) {
    const double seconds = ns.get<double>() / 1e9;
    return seconds < 1 ? fmt::format("{:.0f} ms", seconds * 1e3) : grouped_fixed(seconds, 2) + " s";
}

/// "had their last way after ..." of all that moved.
std::string settled_words(const Json& routes, const std::string& who, const char* way) {
    const std::string half = since_text(routes.at("half_ns")), all = since_text(routes.at("all_ns"));
    if (half == all) return fmt::format("{} had their last {} after {}", who, way, all);
    return fmt::format("half of {} had their last {} after {}, all after {}", who, way, half, all);
}

std::string cut_off_words(const Json& clients) {
    const std::uint64_t cut_off = count_in(clients, "cut_off"), left = count_in(clients, "left_without");
    if (cut_off == 0) return "none of them was without a way";
    std::string out;
    if (cut_off > left)
        out = fmt::format("{} had none for up to {}",
                          cut_off == count_in(clients, "moved") && left == 0 ? "all" : grouped(cut_off - left),
                          since_text(clients.at("longest_cut_off_ns")));
    if (left > 0) out += fmt::format("{}{} got no other one", out.empty() ? "" : ", and ", grouped(left));
    return out;
}

/// "fra withdrawn".
std::string change_words(const Json& row) {
    static const std::map<std::string, std::string> words{
        {"withdraw", "withdrawn"},    {"announce", "announced"},
        {"prepend", "prepends anew"}, {"graceful_shutdown", "begins or ends a graceful shutdown"},
        {"link_down", "link down"},   {"link_up", "link up"},
        {"pop_dies", "dies"},         {"pop_returns", "returns"}};
    const std::string pop = row.value("pop", ""), change = row.at("change").get<std::string>();
    const auto known = words.find(change);
    std::string out = pop + (pop.empty() ? "" : " ") + (known == words.end() ? change : known->second);
    if (row.contains("prefix_group")) out += " (" + row.at("prefix_group").get<std::string>() + ")";
    return out;
}

/// "fra withdrawn, iad withdrawn at 120 s", of rows of one instant.
std::string event_words(const std::vector<const Json*>& rows) {
    constexpr std::size_t named = 3;
    std::string out;
    for (std::size_t i = 0; i < std::min(rows.size(), named); ++i) out += (i == 0 ? "" : ", ") + change_words(*rows[i]);
    if (rows.size() > named) out += fmt::format(" and {} more", rows.size() - named);
    return out + " at " + duration_text(Duration{rows.front()->at("at_ns").get<std::int64_t>()});
}

} // namespace

void put_settling(Json& row, const Settling& settling) {
    row["clients"] = moved_json(settling.clients);
    row["ases"] = moved_json(settling.ases);
    Json steps = Json::array();
    for (const SettlingStep& step : settling.steps)
        steps.push_back(
            {step.after.count(), step.clients_settled, step.clients_without, step.ases_settled, step.ases_without});
    row["steps"] = std::move(steps);
}

Json settling_rows(const Results& results) {
    Json out = Json::array();
    for (const Convergence& change : results.convergence) {
        Json row{{"event", change.event},
                 {"change", change.what},
                 {"at_ns", (change.at - Instant{}).count()},
                 {"duration_ns", change.duration.count()}};
        if (!change.pop.empty()) row["pop"] = change.pop;
        if (!change.prefix_group.empty()) row["prefix_group"] = change.prefix_group;
        put_settling(row, change.settling);
        out.push_back(std::move(row));
    }
    return out;
}

std::vector<ChangedTogether> by_instant(const Json& rows) {
    std::vector<ChangedTogether> out;
    std::vector<std::vector<const Json*>> changes;
    for (const Json& row : rows) {
        const std::string variant = row.at("variant").get<std::string>();
        const auto same = [&](const ChangedTogether& other) {
            return other.variant == variant && other.at_ns == row.at("at_ns").get<std::int64_t>() &&
                   other.row->value("prefix_group", "") == row.value("prefix_group", "");
        };
        const auto found = std::find_if(out.begin(), out.end(), same);
        if (found != out.end()) {
            changes[static_cast<std::size_t>(found - out.begin())].push_back(&row);
            continue;
        }
        out.push_back({variant, row.at("at_ns").get<std::int64_t>(), "", &row});
        changes.push_back({&row});
    }
    for (std::size_t i = 0; i < out.size(); ++i) out[i].event = event_words(changes[i]);
    return out;
}

std::string settling_finding(const Json& row, std::uint64_t people) {
    const Json &clients = row.at("clients"), &ases = row.at("ases");
    const std::uint64_t moved = count_in(clients, "moved");
    if (moved == 0)
        return "no client moved; " +
               settled_words(ases, "the " + counted(count_in(ases, "moved"), "network") + " that moved", "route");
    const std::string share = people == 0 ? "" : " (" + percent_of(moved, people) + " of all)";
    return settled_words(clients, fmt::format("the {} that moved{}", counted(moved, "client"), share), "way") + "; " +
           cut_off_words(clients);
}

std::vector<std::string> settling_heads(bool with_variant) {
    std::vector<std::string> heads{"event"};
    if (with_variant) heads.emplace_back("variant");
    heads.insert(heads.end(), {"clients moved", "half settled after", "all after", "had no way", "for up to",
                               "networks moved", "half settled after", "all after"});
    return heads;
}

std::vector<SettlingCell> settling_cells(const Json& row, bool with_variant) {
    const Json &clients = row.at("clients"), &ases = row.at("ases");
    const auto count = [](const Json& routes, const char* key) {
        return SettlingCell{grouped(count_in(routes, key)), routes.at(key).get<double>()};
    };
    const auto time = [](const Json& routes, const char* key, const char* of) {
        if (count_in(routes, of) == 0) return SettlingCell{"-", {}};
        return SettlingCell{since_text(routes.at(key)), routes.at(key).get<double>()};
    };
    std::vector<SettlingCell> cells{{event_words({&row}), {}}};
    if (with_variant) cells.push_back({row.at("variant").get<std::string>(), {}});
    SettlingCell longest = time(clients, "longest_cut_off_ns", "cut_off");
    if (count_in(clients, "left_without") > 0) longest = {"the end", {}};
    cells.insert(cells.end(), {count(clients, "moved"), time(clients, "half_ns", "moved"),
                               time(clients, "all_ns", "moved"), count(clients, "cut_off"), longest,
                               count(ases, "moved"), time(ases, "half_ns", "moved"), time(ases, "all_ns", "moved")});
    return cells;
}

} // namespace firstbyte::report
