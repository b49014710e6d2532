#include "firstbyte/report.hpp"
#include "report/catchment_words.hpp"
#include "report/format.hpp"

#include <algorithm>

#include <fmt/format.h>

namespace firstbyte {
namespace {

using namespace report;

std::string share_table(const Catchment& catchment, const Weights& weights) {
    std::vector<std::vector<std::string>> rows;
    const auto put = [&](const std::string& name, const std::optional<PopId>& pop, bool even_if_none) {
        double weight = 0;
        std::uint64_t groups = 0;
        for (const ClientCatchment& client : catchment.clients) {
            if (client.pop != pop) continue;
            weight += weights.of(client);
            ++groups;
        }
        if (groups == 0 && !even_if_none) return;
        rows.push_back({name, percent(weights.total() > 0 ? weight / weights.total() : 0.0), grouped(groups)});
    };
    for (std::uint32_t i = 0; i < catchment.pops.size(); ++i) put(catchment.pops[i], PopId{i}, true);
    put("none", std::nullopt, false);
    return table({{"pop", 2, 0, true, 6},
                  {fmt::format("share of {}", weights.noun()), 2, 0, false, 0},
                  {"client groups", 4, 0, false, 0}},
                 rows);
}

std::string client_table(const Catchment& catchment) {
    std::vector<std::vector<std::string>> rows;
    for (const ClientCatchment& client : catchment.clients) {
        if (!client.pop) {
            rows.push_back({client.client, "none", "-", "-", "-",
                            client.reach == Reach::Pop ? "no route" : words(name_of(client.reach)), "-"});
            continue;
        }
        const auto ms = [](Duration rtt) { return milliseconds(static_cast<double>(rtt.count())); };
        std::string best = "-", inflation = "-";
        if (client.best_pop) {
            best = pop_name(catchment, client.best_pop) + " " + ms(client.best_rtt);
            inflation = ms(client.rtt - client.best_rtt);
        }
        rows.push_back({client.client, pop_name(catchment, client.pop), ms(client.rtt), best, inflation,
                        client.decided_by ? words(name_of(*client.decided_by)) : "-", path_text(client)});
    }
    return table({{"client", 2, 0, true, 10},
                  {"pop", 2, 0, true, 4},
                  {"rtt", 2, 0, false, 8},
                  {"best", 2, 0, false, 8},
                  {"inflation", 2, 0, false, 0},
                  {"decided by", 3, 0, true, 0},
                  {"AS path", 2, 0, true, 0}},
                 rows);
}

/// What the choices cost, over all clients that have a best PoP to compare with.
std::string inflation_line(const Catchment& catchment, const Weights& weights) {
    double weight = 0, chosen = 0, best = 0, elsewhere = 0;
    for (const ClientCatchment& client : catchment.clients) {
        if (!client.pop || !client.best_pop) continue;
        weight += weights.of(client);
        chosen += weights.of(client) * static_cast<double>(client.rtt.count());
        best += weights.of(client) * static_cast<double>(client.best_rtt.count());
        if (client.pop != client.best_pop) elsewhere += weights.of(client);
    }
    if (weight == 0) return {};
    return fmt::format("\n  mean rtt {}, {} with the best PoP for each; {} of {} go elsewhere\n",
                       milliseconds(chosen / weight), milliseconds(best / weight), percent(elsewhere / weight),
                       weights.noun());
}

/// What share of the clients another rule for ties could send elsewhere.
std::string tied_line(const Catchment& catchment, const Weights& weights) {
    double tied = 0;
    for (const ClientCatchment& client : catchment.clients)
        if (client.tied) tied += weights.of(client);
    if (catchment.tie_break.empty() || weights.total() == 0) return {};
    return fmt::format("  {} of {} depend on that rule: an AS on their way has equally good routes to other PoPs\n",
                       percent(tied / weights.total()), weights.noun());
}

std::string convergence_table(const Catchment& catchment) {
    if (catchment.convergence.empty()) return {};
    std::vector<std::vector<std::string>> rows;
    const auto seconds = [](const std::optional<Duration>& after) {
        return after ? grouped_fixed(to_seconds(*after), 2) : std::string{"-"};
    };
    for (const EventConvergence& row : catchment.convergence)
        rows.push_back({duration_text(row.at - Instant{}),
                        words(row.what.c_str()) + (row.pop ? " " + catchment.pops.at(row.pop->value) : "") +
                            (row.prefix_group.empty() ? "" : " (" + row.prefix_group + ")"),
                        seconds(row.first_update), seconds(row.last_update), seconds(row.last_choice),
                        grouped(row.announcements), grouped(row.withdrawals), grouped(row.ases_without_route)});
    return "\n" + table({{"at", 2, 0, false, 6},
                         {"event", 2, 0, true, 12},
                         {"first UPDATE", 2, 0, false, 0},
                         {"last (s)", 2, 0, false, 0},
                         {"last choice (s)", 2, 0, false, 0},
                         {"announcements", 2, 0, false, 0},
                         {"withdrawals", 2, 0, false, 0},
                         {"ASes cut off", 2, 0, false, 0}},
                        rows);
}

std::string tie_break_line(const Catchment& catchment) {
    if (catchment.tie_break.empty()) return {};
    const std::string rule = catchment.tie_break == "lowest_asn" ? "the lowest neighbour ASN (lowest_asn)"
                             : catchment.tie_break == "nearest_exit"
                                 ? "the hand-over nearest to where traffic enters the AS (nearest_exit)"
                                 : "a seeded order of neighbours (hash)";
    return fmt::format("  ties after local preference and AS path length go to {}\n", rule);
}

} // namespace

std::string catchment_text(const Catchment& catchment) {
    const Weights weights(catchment.clients);
    std::string out;
    if (!catchment.clients.empty()) {
        out += share_table(catchment, weights) + "\n" + client_table(catchment) + inflation_line(catchment, weights);
    }
    if (!catchment.ases.empty()) {
        std::vector<std::vector<std::string>> rows;
        const auto count = [&](const std::optional<PopId>& pop) {
            return static_cast<std::uint64_t>(std::count_if(catchment.ases.begin(), catchment.ases.end(),
                                                            [&](const AsCatchment& as) { return as.pop == pop; }));
        };
        const auto put = [&](const std::string& name, std::uint64_t ases) {
            rows.push_back({name, grouped(ases), percent_of(ases, catchment.ases.size())});
        };
        for (std::uint32_t i = 0; i < catchment.pops.size(); ++i) put(catchment.pops[i], count(PopId{i}));
        if (const std::uint64_t without = count(std::nullopt); without > 0) put("none", without);
        if (!out.empty()) out += "\n";
        out += table({{"pop", 2, 0, true, 6}, {"ASes", 2, 0, false, 8}, {"share", 4, 0, false, 7}}, rows);
    }
    out += tie_break_line(catchment);
    if (!catchment.clients.empty()) out += tied_line(catchment, weights);
    return out + convergence_table(catchment);
}

} // namespace firstbyte
