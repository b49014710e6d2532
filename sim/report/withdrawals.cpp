// The question before each maintenance: which PoPs may be withdrawn, alone or in pairs?
#include "firstbyte/report.hpp"
#include "report/catchment_words.hpp"
#include "report/format.hpp"
#include "report/json_text.hpp"

#include <algorithm>
#include <cmath>

#include <fmt/format.h>

namespace firstbyte {
namespace {

using namespace report;

std::string names_of(const WithdrawalSweep& sweep, const WithdrawalEffect& effect) {
    std::string names;
    for (const PopId pop : effect.withdrawn) names += (names.empty() ? "" : " + ") + sweep.pops.at(pop.value);
    return names;
}

std::string added(double ms) { return grouped_fixed(ms, std::abs(ms) < 1 ? 3 : 1, true) + " ms"; }

std::string effects_table(const WithdrawalSweep& sweep, std::vector<const WithdrawalEffect*> effects,
                          std::size_t most) {
    // The costliest first: who is cut off counts most, then the added round trip over all.
    std::stable_sort(effects.begin(), effects.end(), [](const WithdrawalEffect* a, const WithdrawalEffect* b) {
        if (a->cut_off != b->cut_off) return a->cut_off > b->cut_off;
        return a->added_ms_mean > b->added_ms_mean;
    });
    std::vector<std::vector<std::string>> rows;
    for (const WithdrawalEffect* effect : effects) {
        if (rows.size() == most) break;
        std::string loaded = "-";
        if (effect->most_loaded)
            loaded = fmt::format("{} {} -> {}", sweep.pops.at(effect->most_loaded->value),
                                 percent(effect->most_loaded_before), percent(effect->most_loaded_after));
        rows.push_back({names_of(sweep, *effect), percent(effect->moved), percent(effect->cut_off),
                        added(effect->added_ms_mean), added(effect->added_ms_moved_p50),
                        added(effect->added_ms_moved_p95), loaded});
    }
    std::string out = table({{"withdrawn", 2, 0, true, 9},
                             {"moved", 2, 0, false, 6},
                             {"cut off", 2, 0, false, 0},
                             {"mean rtt", 2, 0, false, 0},
                             {"moved p50", 2, 0, false, 0},
                             {"moved p95", 2, 0, false, 0},
                             {"most loaded survivor", 3, 0, true, 0}},
                            rows);
    if (effects.size() > rows.size()) out += fmt::format("  and {} more, all cheaper\n", effects.size() - rows.size());
    return out;
}

std::vector<const WithdrawalEffect*> all_of(const std::vector<WithdrawalEffect>& effects) {
    std::vector<const WithdrawalEffect*> pointers;
    for (const WithdrawalEffect& effect : effects) pointers.push_back(&effect);
    return pointers;
}

Json effects_json(const WithdrawalSweep& sweep, const std::vector<WithdrawalEffect>& effects) {
    Json list = Json::array();
    for (const WithdrawalEffect& effect : effects) {
        Json withdrawn = Json::array(), shares = Json::object();
        for (const PopId pop : effect.withdrawn) withdrawn.push_back(sweep.pops.at(pop.value));
        for (std::size_t pop = 0; pop < effect.shares.size(); ++pop)
            if (effect.shares[pop] != sweep.shares[pop]) shares[sweep.pops[pop]] = effect.shares[pop];
        list.push_back({{"withdrawn", std::move(withdrawn)},
                        {"moved", effect.moved},
                        {"cut_off", effect.cut_off},
                        {"added_ms_mean", effect.added_ms_mean},
                        {"added_ms_moved_p50", effect.added_ms_moved_p50},
                        {"added_ms_moved_p95", effect.added_ms_moved_p95},
                        {"most_loaded", effect.most_loaded ? Json(sweep.pops.at(effect.most_loaded->value)) : Json()},
                        {"most_loaded_before", effect.most_loaded_before},
                        {"most_loaded_after", effect.most_loaded_after},
                        {"changed_shares", std::move(shares)}});
    }
    return list;
}

} // namespace

std::string withdrawals_text(const WithdrawalSweep& sweep, std::size_t most) {
    std::string out = fmt::format("  {} withdrawn one at a time; shares are of {}\n\n",
                                  counted(sweep.singles.size(), "PoP"), sweep.weight);
    out += effects_table(sweep, all_of(sweep.singles), sweep.singles.size());
    if (sweep.pairs.empty()) return out;
    out += fmt::format("\n  {} withdrawn together, the costliest first\n\n", counted(sweep.pairs.size(), "pair"));
    return out + effects_table(sweep, all_of(sweep.pairs), most);
}

std::string withdrawals_json(const WithdrawalSweep& sweep) {
    Json shares = Json::object();
    for (std::size_t pop = 0; pop < sweep.pops.size(); ++pop) shares[sweep.pops[pop]] = sweep.shares[pop];
    return json_text({{"format", 1},
                      {"weight", sweep.weight},
                      {"tie_break", sweep.tie_break},
                      {"shares", std::move(shares)},
                      {"singles", effects_json(sweep, sweep.singles)},
                      {"pairs", effects_json(sweep, sweep.pairs)}},
                     2);
}

} // namespace firstbyte
