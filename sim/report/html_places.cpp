// Sections 5 and 11: who gains where, and who goes where.
#include "report/format.hpp"
#include "report/html_view.hpp"
#include "report/world_map.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <set>

namespace firstbyte::report {
namespace {

constexpr double ns_per_ms = 1e6;

std::optional<Place> place_of(const Json& row) {
    if (!row.contains("at")) return {};
    return Place{row.at("at").at(0).get<double>(), row.at("at").at(1).get<double>()};
}

/// Five colours from dark to light that also differ in grey (viridis; Smith and van der Walt 2015).
constexpr std::array<const char*, 5> ramp{"#440154", "#3b528b", "#21918c", "#5ec962", "#fde725"};

/// Steps of a scale with about the same number of values in each.
std::vector<double> steps_of(std::vector<double> values) {
    std::sort(values.begin(), values.end());
    std::vector<double> steps;
    for (std::size_t i = 1; i < ramp.size(); ++i) {
        const double at = values[values.size() * i / ramp.size()];
        if (steps.empty() || at > steps.back()) steps.push_back(at);
    }
    if (!steps.empty() && steps.front() <= values.front()) steps.erase(steps.begin());
    return steps;
}

std::size_t step_of(const std::vector<double>& steps, double value) {
    return static_cast<std::size_t>(std::upper_bound(steps.begin(), steps.end(), value) - steps.begin());
}

const char* ramp_colour(const std::vector<double>& steps, std::size_t step) {
    return steps.empty() ? ramp[2] : ramp[step * (ramp.size() - 1) / steps.size()];
}

std::string ramp_key(const std::vector<double>& steps) {
    std::string out = "<ul class=\"key\">";
    for (std::size_t i = 0; i <= steps.size(); ++i) {
        std::string words;
        if (steps.empty())
            words = "all";
        else if (i == 0)
            words = fmt::format("below {:.1f} ms", tenths(steps.front()));
        else if (i == steps.size())
            words = fmt::format("{:.1f} ms and more", tenths(steps.back()));
        else
            words = fmt::format("{:.1f} .. {:.1f} ms", tenths(steps[i - 1]), tenths(steps[i]));
        out += fmt::format("<li><svg class=\"swatch\" aria-hidden=\"true\" width=\"12\" height=\"12\"><circle cx=\"6\" "
                           "cy=\"6\" r=\"5\" fill=\"{}\" stroke=\"#333\"/></svg>{}</li>",
                           ramp_colour(steps, i), html_text(words));
    }
    return out + "</ul>\n";
}

/// The saving of a comparison's first variant, else the median itself, ms.
std::optional<double> value_at(const ResultView& view, const std::string& label) {
    if (view.compared()) {
        const Json* change = view.change(view.variants()[1], "mean", label);
        return change == nullptr ? std::nullopt : std::optional{-change->at("change").get<double>() / ns_per_ms};
    }
    const auto median = view.quantile(view.metric(0, "ttfb", label), 0.5);
    return median ? std::optional{*median / ns_per_ms} : std::nullopt;
}

/// Regions where the scenario names them, else countries, else the client groups.
std::string places_label(const ResultView& view) {
    for (const char* label : {"region", "country", "client"})
        if (!view.values("ttfb", label).empty()) return label;
    return "";
}

HtmlTable places_table(const ResultView& view, const std::string& label) {
    const bool compared = view.compared();
    HtmlTable table{compared ? "Saving by " + label : "Time to first byte by " + label,
                    compared ? std::vector<std::string>{label, "requests", "saved at the mean", "CI of the saving"}
                             : std::vector<std::string>{label, "requests", "median", "p95"},
                    "lrrr"};
    for (const std::string& value : view.values("ttfb", label)) {
        const std::string key = fmt::format("{}={}", label, value);
        const auto number = value_at(view, key);
        std::vector<HtmlCell> cells{text_cell(value), count_cell(view.count(0, "ttfb", key))};
        cells.push_back(number ? HtmlCell{fmt::format("{:.1f} ms", tenths(*number)), *number} : text_cell("-"));
        if (compared) {
            const Json* change = view.change(view.variants()[1], "mean", key);
            const bool known = change != nullptr && change->at("ci").is_array();
            cells.push_back(text_cell(known ? fmt::format("{:.1f} .. {:.1f}",
                                                          tenths(-change->at("ci").at(1).get<double>() / ns_per_ms),
                                                          tenths(-change->at("ci").at(0).get<double>() / ns_per_ms))
                                            : "-"));
        } else {
            const auto tail = view.quantile(view.metric(0, "ttfb", key), 0.95);
            cells.push_back(tail ? time_cell(*tail) : text_cell("-"));
        }
        table.add(std::move(cells));
    }
    return table;
}

struct Client {
    const Json* row = nullptr;
    std::optional<Place> place;
    std::string name, pop;
    std::uint64_t requests = 0;
};

std::vector<Client> clients_of(const ResultView& view, std::size_t variant) {
    std::vector<Client> out;
    for (const Json& row : view.result().at("catchment")) {
        if (row.at("variant") != view.variants()[variant]) continue;
        const std::string name = row.at("client").get<std::string>();
        out.push_back({&row, place_of(row), name, row.at("pop").is_string() ? row.at("pop").get<std::string>() : "",
                       view.count(variant, "outcome", "client=" + name)});
    }
    return out;
}

double share_of(std::uint64_t part, std::uint64_t most) {
    return most == 0 ? 0 : static_cast<double>(part) / static_cast<double>(most);
}

std::string region_map(const ResultView& view) {
    WorldMap map;
    std::vector<double> numbers;
    std::uint64_t most = 0;
    const std::vector<Client> clients = clients_of(view, 0);
    for (const Client& client : clients)
        if (const auto value = value_at(view, "client=" + client.name); value && client.place) {
            numbers.push_back(*value);
            most = std::max(most, client.requests);
        }
    if (numbers.empty()) return {};
    const std::vector<double> steps = steps_of(numbers);
    for (const Client& client : clients) {
        const auto value = value_at(view, "client=" + client.name);
        if (!value || !client.place) continue;
        map.dots.push_back({*client.place, share_of(client.requests, most), ramp_colour(steps, step_of(steps, *value)),
                            fmt::format("{}: {:.1f} ms {}, {} requests", client.name, tenths(*value),
                                        view.compared() ? "saved at the mean" : "median", grouped(client.requests)),
                            false, ""});
    }
    map.label = view.compared() ? "Map of the saving of each client group" : "Map of the median of each client group";
    return ramp_key(steps) + "<div class=\"plot\">" + world_map(map) + "</div>";
}

// --- catchment -------------------------------------------------------------------------------------------------------

std::string catchment_map(const ResultView& view) {
    const auto pops = placed_pops(view);
    const std::vector<Client> clients = clients_of(view, 0);
    std::uint64_t most = 0;
    for (const Client& client : clients) most = std::max(most, client.requests);
    WorldMap map;
    map.label = "Map of the client groups and the PoP that each reaches at the start";
    const std::set<std::string> moving = moving_clients(view);
    for (const Client& client : clients) {
        if (!client.place) continue;
        const std::string key = moving.contains(client.name) ? client.name : "";
        const auto pop = std::find_if(pops.begin(), pops.end(), [&](const auto& p) { return p.first == client.pop; });
        map.dots.push_back(
            {*client.place, share_of(client.requests, most), pop_colour(view, client.pop),
             fmt::format("{} reaches {}, RTT {}, {} requests", client.name, client.pop.empty() ? "no PoP" : client.pop,
                         milliseconds(client.row->at("rtt_ns").get<double>()), grouped(client.requests)),
             false, key});
        if (pop != pops.end()) map.ways.push_back({*client.place, pop->second, pop_colour(view, client.pop), key});
    }
    if (map.dots.empty()) return {};
    constexpr std::size_t pops_many = 60; // so many of full size would hide the clients
    for (const auto& [name, place] : pops) {
        const bool reached = std::any_of(clients.begin(), clients.end(),
                                         [&pop = name](const Client& client) { return client.pop == pop; });
        const double size = pops.size() > pops_many ? 0.3 : 1;
        map.dots.push_back({place, reached ? size : 0, reached ? pop_colour(view, name) : chart_colour(6),
                            "PoP " + name + (reached ? "" : ", which no client group reaches at the start"), true,
                            name});
    }
    return world_map(map);
}

/// Each PoP's share of the connections, in each variant.
HtmlTable share_table(const ResultView& view) {
    std::vector<std::string> head{"PoP", "clients at the start"};
    for (const std::string& variant : view.variants())
        head.push_back(view.compared() ? "connections, " + variant : "connections");
    for (const std::string& variant : view.variants()) head.push_back(view.compared() ? "share, " + variant : "share");
    HtmlTable table{"Share of each PoP", head, "l" + std::string(head.size() - 1, 'r')};
    std::vector<std::string> pops = view.values("connections", "pop");
    std::stable_sort(pops.begin(), pops.end(), [&](const std::string& a, const std::string& b) {
        return view.count(0, "connections", "pop=" + a) > view.count(0, "connections", "pop=" + b);
    });
    for (const std::string& pop : pops) {
        std::uint64_t people = 0;
        for (const Client& client : clients_of(view, 0))
            if (client.pop == pop) people += client.row->at("population").get<std::uint64_t>();
        std::vector<HtmlCell> cells{text_cell(pop), count_cell(people)};
        for (std::size_t v = 0; v < view.variants().size(); ++v)
            cells.push_back(count_cell(view.count(v, "connections", "pop=" + pop)));
        for (std::size_t v = 0; v < view.variants().size(); ++v)
            cells.push_back(
                share_cell(ratio_of(view.count(v, "connections", "pop=" + pop), view.count(v, "connections"))));
        table.add(std::move(cells));
    }
    return table;
}

std::string client_table(const ResultView& view) {
    HtmlTable table{"Client groups at the start", {"client", "PoP", "RTT", "clients"}, "llrr"};
    for (const Client& client : clients_of(view, 0))
        table.add({text_cell(client.name), text_cell(client.pop), time_cell(client.row->at("rtt_ns").get<double>()),
                   count_cell(client.row->at("population").get<std::uint64_t>())});
    return table.empty() ? "" : html_details("Every client group", table.text());
}

/// What moving routes broke.
std::string broken_table(const ResultView& view) {
    std::vector<std::string> head{"what"};
    head.insert(head.end(), view.variants().begin(), view.variants().end());
    HtmlTable table{"What changes of routes broke", head, "l" + std::string(view.variants().size(), 'r')};
    const std::pair<const char*, const char*> rows[] = {
        {"reroute_broken", "connections broken because their packets met another PoP"},
        {"reroute_reset", "of these, by that PoP's RST"},
        {"blackhole_broken", "connections given up while no route led to a PoP"},
        {"packets_blackholed", "packets without a route"},
        {"packets_looped", "packets lost in a loop"},
        {"packets_foreign", "packets at a PoP without their connection"},
        {"packets_forwarded", "of these, sent on to the PoP that has it"}};
    for (const auto& [metric, words] : rows) {
        std::vector<HtmlCell> cells{text_cell(words)};
        bool any = false;
        for (std::size_t v = 0; v < view.variants().size(); ++v) {
            const std::uint64_t count = view.count(v, metric);
            any = any || count > 0;
            cells.push_back(count_cell(count));
        }
        if (any) table.add(std::move(cells));
    }
    return table.empty() ? "" : table.text();
}

} // namespace

std::vector<std::pair<std::string, Place>> placed_pops(const ResultView& view) {
    std::vector<std::pair<std::string, Place>> out;
    if (!view.result().contains("pops")) return out;
    for (const Json& row : view.result().at("pops"))
        if (const auto place = place_of(row)) out.emplace_back(row.at("pop").get<std::string>(), *place);
    return out;
}

std::string pop_colour(const ResultView& view, const std::string& pop) {
    const auto pops = placed_pops(view);
    const auto at = std::find_if(pops.begin(), pops.end(), [&](const auto& p) { return p.first == pop; });
    return chart_colour(static_cast<std::size_t>(at - pops.begin()) % 6); // the two palest would be lost on the land
}

std::string region_section(ResultView& view) {
    const std::string label = places_label(view);
    if (label.empty()) return {};
    const HtmlTable table = places_table(view, label);
    const std::string map = region_map(view);
    // One group of clients is what the sections above have told already.
    if (map.empty() && table.size() < 2) return {};
    std::string best;
    double most = 0;
    for (const std::string& value : view.values("ttfb", label))
        if (const auto number = value_at(view, fmt::format("{}={}", label, value));
            number && (best.empty() || *number > most)) {
            best = value;
            most = *number;
        }
    std::string finding = "No request of any " + label + " got a first byte";
    if (!best.empty() && view.compared())
        finding = most > 0 ? fmt::format("{} gains most: {:.1f} ms at the mean", best, most)
                           : "No " + label + " gains at the mean";
    else if (!best.empty())
        finding = fmt::format("{} waits longest: median {:.1f} ms", best, most);
    if (map.empty()) return "<p class=\"finding\">" + html_sentence(finding) + "</p>\n" + table.text();
    const std::string notes = "<p class=\"note\">A disc is a client group; its area is its number of requests.</p>\n";
    return "<div class=\"two\">\n<figure data-chart=\"map\"><figcaption>" + html_sentence(finding) + "</figcaption>\n" +
           map + notes + "</figure>\n<div>" + table.text() + "</div></div>\n";
}

std::string catchment_section(ResultView& view) {
    HtmlTable shares = share_table(view);
    if (shares.empty() || view.result().at("catchment").empty()) return {};
    std::string most;
    std::uint64_t count = 0;
    for (const std::string& pop : view.values("connections", "pop"))
        if (const auto there = view.count(0, "connections", "pop=" + pop); there > count) {
            most = pop;
            count = there;
        }
    const std::string finding = most.empty()         ? "No PoP had a connection"
                                : shares.size() == 1 ? most + " is the only PoP"
                                                     : fmt::format("{} has {} of the connections, most of {}", most,
                                                                   percent_of(count, view.count(0, "connections")),
                                                                   counted(shares.size(), "PoP"));
    std::string out;
    const std::string map = catchment_map(view);
    if (map.empty()) {
        out = "<p class=\"finding\">" + html_sentence(finding) + "</p>\n" + shares.text();
    } else {
        view.data["catchment"] = catchment_data(view);
        out =
            figure_html({finding, "catchment", "", map,
                         "<p class=\"note\">A diamond is a PoP, a disc a client group in the colour of the PoP that it "
                         "reaches at the start.</p>\n" +
                             mark_list(view.event_marks()),
                         &shares, true});
    }
    return out + moves_part(view) + convergence_part(view) + broken_table(view) + client_table(view);
}

} // namespace firstbyte::report
