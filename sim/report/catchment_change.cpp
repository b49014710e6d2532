// What moves between two catchments.
#include "firstbyte/report.hpp"
#include "report/catchment_words.hpp"
#include "report/format.hpp"
#include "report/json_text.hpp"

#include "core/check.hpp"

#include <algorithm>

#include <fmt/format.h>

namespace firstbyte {
namespace {

using namespace report;

struct Move {
    std::size_t client = 0;
    double weight = 0;
};

/// Clients that end up elsewhere, the heaviest first.
std::vector<Move> moves_between(const Catchment& before, const Catchment& after, const Weights& weights) {
    FB_ASSERT(before.clients.size() == after.clients.size(), "both catchments are of the same clients");
    std::vector<Move> moves;
    for (std::size_t client = 0; client < before.clients.size(); ++client)
        if (before.clients[client].pop != after.clients[client].pop)
            moves.push_back({client, weights.of(before.clients[client])});
    std::stable_sort(moves.begin(), moves.end(), [](const Move& a, const Move& b) { return a.weight > b.weight; });
    return moves;
}

double share_of(const Catchment& catchment, const Weights& weights, const std::optional<PopId>& pop) {
    double weight = 0;
    for (const ClientCatchment& client : catchment.clients)
        if (client.pop == pop) weight += weights.of(client);
    return weights.total() > 0 ? weight / weights.total() : 0;
}

std::string ms(const ClientCatchment& client) {
    return client.pop ? milliseconds(static_cast<double>(client.rtt.count())) : std::string{"-"};
}

} // namespace

std::string catchment_change_text(const Catchment& before, const Catchment& after, bool each) {
    const Weights weights(before.clients);
    const std::vector<Move> moves = moves_between(before, after, weights);
    std::vector<std::vector<std::string>> rows;
    std::size_t unchanged = 0;
    const auto put = [&](const std::string& name, const std::optional<PopId>& pop) {
        const double was = share_of(before, weights, pop), is = share_of(after, weights, pop);
        if (was == is) {
            unchanged += was == 0 ? 0 : 1;
            return;
        }
        const Move* heaviest = nullptr; // among the clients that come here
        for (const Move& move : moves)
            if (after.clients[move.client].pop == pop && heaviest == nullptr) heaviest = &move;
        std::string arrives;
        if (heaviest != nullptr) {
            const ClientCatchment &from = before.clients[heaviest->client], &to = after.clients[heaviest->client];
            arrives = fmt::format("{} rtt {} -> {}", from.client, ms(from), ms(to));
        }
        rows.push_back({name, percent(was), percent(is), percent(is - was, true), arrives});
    };
    for (std::uint32_t pop = 0; pop < before.pops.size(); ++pop) put(before.pops[pop], PopId{pop});
    put("none", std::nullopt);
    std::string out = table({{"pop", 2, 0, true, 6},
                             {"before", 2, 0, false, 8},
                             {"after", 4, 0, false, 6},
                             {"change", 4, 0, false, 8},
                             {"largest arrival", 4, 0, true, 0}},
                            rows);
    if (unchanged > 0)
        out += fmt::format("  {} with {} {} not change\n", counted(unchanged, "PoP"), weights.noun(),
                           unchanged == 1 ? "does" : "do");
    double moved = 0, added = 0, reaching = 0, cut = 0;
    for (std::size_t client = 0; client < before.clients.size(); ++client) {
        const ClientCatchment &was = before.clients[client], &is = after.clients[client];
        const double weight = weights.of(was);
        if (was.pop != is.pop) moved += weight;
        if (was.pop && !is.pop) cut += weight;
        if (!was.pop || !is.pop) continue;
        reaching += weight;
        added += weight * static_cast<double>((is.rtt - was.rtt).count());
    }
    if (weights.total() > 0)
        out += fmt::format("\n  {} of {} move, {} lose every route; mean rtt {}{}\n", percent(moved / weights.total()),
                           weights.noun(), percent(cut / weights.total()), reaching > 0 && added >= 0 ? "+" : "",
                           reaching > 0 ? milliseconds(added / reaching) : "-");
    if (!each) return out;
    std::vector<std::vector<std::string>> list;
    for (const Move& move : moves) {
        const ClientCatchment &was = before.clients[move.client], &is = after.clients[move.client];
        list.push_back({was.client, pop_name(before, was.pop), pop_name(after, is.pop), ms(was), ms(is),
                        is.pop ? (is.decided_by ? words(name_of(*is.decided_by)) : "-") : words(name_of(is.reach)),
                        is.pop ? path_text(is) : "-"});
    }
    if (list.empty()) return out + "  no client moves\n";
    return out + "\n" +
           table({{"client", 2, 0, true, 10},
                  {"from", 2, 0, true, 4},
                  {"to", 2, 0, true, 4},
                  {"rtt before", 2, 0, false, 8},
                  {"after", 2, 0, false, 8},
                  {"decided by", 3, 0, true, 0},
                  {"AS path", 2, 0, true, 0}},
                 list);
}

std::string catchment_change_json(const Catchment& before, const Catchment& after) {
    const Weights weights(before.clients);
    Json pops = Json::array(), moves = Json::array();
    for (std::uint32_t pop = 0; pop < before.pops.size(); ++pop)
        pops.push_back({{"pop", before.pops[pop]},
                        {"before", share_of(before, weights, PopId{pop})},
                        {"after", share_of(after, weights, PopId{pop})}});
    for (const Move& move : moves_between(before, after, weights)) {
        const ClientCatchment &was = before.clients[move.client], &is = after.clients[move.client];
        const auto name = [&](const ClientCatchment& client) {
            return client.pop ? Json(before.pops.at(client.pop->value)) : Json();
        };
        moves.push_back({{"client", was.client},
                         {"from", name(was)},
                         {"to", name(is)},
                         {"reach", name_of(is.reach)},
                         {"rtt_before_ns", was.pop ? Json(was.rtt.count()) : Json()},
                         {"rtt_after_ns", is.pop ? Json(is.rtt.count()) : Json()}});
    }
    return json_text({{"format", 1},
                      {"tie_break", before.tie_break},
                      {"weight", weights.noun()},
                      {"pops", std::move(pops)},
                      {"moves", std::move(moves)}},
                     2);
}

} // namespace firstbyte
