// Of section 11: who goes where after each event, as tables and for the map's slider.
#include "report/format.hpp"
#include "report/html_view.hpp"
#include "report/settling_rows.hpp"
#include "report/world_map.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cstdint>
#include <map>
#include <string>
#include <vector>

namespace firstbyte::report {
namespace {

constexpr double ns_per_s = 1e9;
const char* const nowhere = "no PoP";

std::vector<const Json*> clients_of(const ResultView& view, const std::string& variant) {
    std::vector<const Json*> rows;
    for (const Json& row : view.result().at("catchment"))
        if (row.at("variant") == variant) rows.push_back(&row);
    return rows;
}

std::string pop_in(const Json& pop) { return pop.is_string() ? pop.get<std::string>() : nowhere; }

/// Events of a variant by the moment at which they change routes, with their words; of earlier results none.
std::map<std::int64_t, std::string> moments_of(const ResultView& view, const std::string& variant) {
    std::map<std::int64_t, std::string> out;
    const Json rows = view.result().value("convergence", Json::array());
    for (const ChangedTogether& changed : by_instant(rows))
        if (changed.variant == variant) out.emplace(changed.at_ns, changed.event);
    // Without a topology there is no convergence, but there are moves.
    for (const Json* row : clients_of(view, variant))
        for (const Json& move : row->value("moves", Json::array())) {
            const auto at = move.at(0).get<std::int64_t>();
            out.emplace(at, "the event at " + duration_text(Duration{at}));
        }
    return out;
}

/// People of each PoP at the start and after each event that led somebody elsewhere.
HtmlTable moves_table(const ResultView& view, const std::string& variant) {
    const std::vector<const Json*> clients = clients_of(view, variant);
    std::map<std::int64_t, std::map<std::string, std::uint64_t>> people; // by moment, by PoP
    const std::map<std::int64_t, std::string> moments = moments_of(view, variant);
    for (const Json* row : clients)
        for (const Json& move : row->value("moves", Json::array())) people[move.at(0).get<std::int64_t>()];
    std::vector<std::string> head{"PoP", "at the start"};
    for (const auto& [at, none] : people) head.push_back("after " + moments.at(at));
    HtmlTable table{"Clients of each PoP after each event" + (view.compared() ? ", " + variant : ""), head,
                    "l" + std::string(head.size() - 1, 'r')};
    std::map<std::string, std::uint64_t> start;
    for (const Json* row : clients) {
        const auto population = row->at("population").get<std::uint64_t>();
        start[pop_in(row->at("pop"))] += population;
        const Json moves = row->value("moves", Json::array());
        std::string pop = pop_in(row->at("pop"));
        auto move = moves.begin();
        for (auto& [at, of_pop] : people) {
            if (move != moves.end() && move->at(0).get<std::int64_t>() == at) pop = pop_in((move++)->at(1));
            of_pop[pop] += population;
        }
    }
    std::map<std::string, std::uint64_t> most = start;
    for (const auto& [at, of_pop] : people)
        for (const auto& [pop, count] : of_pop) most[pop] = std::max(most[pop], count);
    std::vector<std::pair<std::string, std::uint64_t>> order(most.begin(), most.end());
    std::stable_sort(order.begin(), order.end(), [](const auto& a, const auto& b) { return a.second > b.second; });
    if (people.empty()) return table;
    for (const auto& [pop, count] : order) {
        std::vector<HtmlCell> cells{text_cell(pop), count_cell(start[pop])};
        for (auto& [at, of_pop] : people) cells.push_back(count_cell(of_pop[pop]));
        table.add(std::move(cells));
    }
    return table;
}

/// What one variant's slider shows.
Json slider_of(const ResultView& view, const std::string& variant) {
    Json pops = Json::object(), moves = Json::object(), events = Json::array();
    for (const Json* row : view.series(variant, "pop_load"))
        if (row->at("labels").contains("pop")) pops[row->at("labels").at("pop").get<std::string>()] = row->at("values");
    for (const Json* row : clients_of(view, variant))
        for (const Json& move : row->value("moves", Json::array()))
            moves[row->at("client").get<std::string>()].push_back(
                {move.at(0).get<double>() / ns_per_s, move.at(1), milliseconds(move.at(2).get<double>())});
    for (const auto& [at, words] : moments_of(view, variant))
        events.push_back({{"at", static_cast<double>(at) / ns_per_s}, {"text", words}});
    if (events.empty() && variant == view.variants().front())
        for (const Mark& mark : view.event_marks()) events.push_back({{"at", mark.at}, {"text", mark.text}});
    return {{"name", variant}, {"pops", pops}, {"moves", moves}, {"events", events}};
}

} // namespace

std::set<std::string> moving_clients(const ResultView& view) {
    std::set<std::string> out;
    for (const Json& row : view.result().at("catchment"))
        if (row.contains("moves")) out.insert(row.at("client").get<std::string>());
    return out;
}

Json catchment_data(const ResultView& view) {
    Json variants = Json::array(), places = Json::object(), clients = Json::object();
    for (const std::string& variant : view.variants()) {
        // One that differs from the first in nothing that the map shows would be a choice without effect.
        Json slider = slider_of(view, variant);
        if (variants.empty() || !slider.at("moves").empty()) variants.push_back(std::move(slider));
    }
    for (const auto& [pop, place] : placed_pops(view))
        places[pop] = {{"at", {place.lat, place.lon}}, {"colour", pop_colour(view, pop)}};
    const std::set<std::string> moving = moving_clients(view);
    std::uint64_t people = 0;
    for (const Json* row : clients_of(view, view.variants().front())) {
        const std::string client = row->at("client").get<std::string>();
        people += row->at("population").get<std::uint64_t>();
        if (moving.contains(client) && row->contains("at"))
            clients[client] = {{"at", row->at("at")}, {"pop", row->at("pop")}, {"people", row->at("population")}};
    }
    return {{"start", view.timeline_start()},
            {"step", view.timeline_step()},
            {"scale", map_scale},
            {"variants", variants},
            {"places", places},
            {"clients", clients},
            {"people", people}};
}

std::string moves_part(const ResultView& view) {
    constexpr std::size_t tables_max = 4;
    std::string out;
    std::size_t tables = 0;
    for (const std::string& variant : view.variants()) {
        const HtmlTable table = moves_table(view, variant);
        if (!table.empty() && ++tables <= tables_max) out += table.text();
    }
    if (tables > tables_max)
        out +=
            fmt::format("<p class=\"note\">The tables of {} further variants are left out.</p>\n", tables - tables_max);
    return out;
}

} // namespace firstbyte::report
