// Why a client goes where it goes: every route of every AS on its way.
#include "firstbyte/report.hpp"
#include "report/catchment_words.hpp"
#include "report/format.hpp"
#include "report/json_text.hpp"

#include <algorithm>

#include <fmt/format.h>

namespace firstbyte {
namespace {

using namespace report;

constexpr std::size_t rows_max = 12; // model choice: what a screen holds; --format json has all of them

std::string head_of(const Why& why) {
    const ClientCatchment& client = why.client;
    std::string out = fmt::format("{}  AS{}", client.client, client.asn);
    if (!client.country.empty()) out += "  " + client.country;
    if (!client.pop) return out + fmt::format("  reaches no PoP: {}\n", words(name_of(client.reach)));
    const auto ms = [](Duration rtt) { return milliseconds(static_cast<double>(rtt.count())); };
    out += fmt::format("  ->  {}  {}", why.pops.at(client.pop->value), ms(client.rtt));
    if (client.best_pop && client.best_pop != client.pop)
        out += fmt::format("   (directly nearest: {} {})", why.pops.at(client.best_pop->value), ms(client.best_rtt));
    return out + "\n";
}

std::vector<std::string> row_of(const Why& why, const WhyCandidate& candidate) {
    const bool chosen = candidate.verdict == "chosen";
    return {chosen ? "chosen" : "lost: " + words(candidate.verdict.c_str()),
            candidate.neighbor ? fmt::format("AS{}", *candidate.neighbor) : std::string{"the PoP"},
            name_of(candidate.learned_from),
            grouped(candidate.path_length),
            why.pops.at(candidate.pop.value),
            candidate.exit_km ? grouped_fixed(*candidate.exit_km, 0) + " km" : "-",
            path_text(candidate.as_path)};
}

std::string hop_text(const Why& why, const WhyHop& hop) {
    std::string out = fmt::format("\n  AS{}", hop.asn);
    if (!hop.prefix_group.empty()) out += fmt::format("  prefix of {}", hop.prefix_group);
    if (hop.candidates.empty()) return out + "  announces the prefix itself\n";
    out += fmt::format("  received {}\n", counted(hop.candidates.size(), "route"));
    std::vector<std::vector<std::string>> rows;
    for (const WhyCandidate& candidate : hop.candidates) {
        if (rows.size() == rows_max) break;
        rows.push_back(row_of(why, candidate));
    }
    // A route to the PoP that would have been nearest is what people look for: it is shown however long the list is.
    const auto nearest = std::find_if(hop.candidates.begin(), hop.candidates.end(), [&](const WhyCandidate& candidate) {
        return why.client.best_pop && candidate.pop == *why.client.best_pop;
    });
    if (nearest != hop.candidates.end() && static_cast<std::size_t>(nearest - hop.candidates.begin()) >= rows_max)
        rows.push_back(row_of(why, *nearest));
    out += table({{"verdict", 4, 0, true, 24},
                  {"from", 2, 0, true, 8},
                  {"as its", 2, 0, true, 8},
                  {"length", 2, 0, false, 0},
                  {"leads to", 2, 0, true, 0},
                  {"exit", 2, 0, false, 8},
                  {"AS path", 2, 0, true, 0}},
                 rows);
    if (hop.candidates.size() > rows.size())
        out += fmt::format("    and {} more\n", hop.candidates.size() - rows.size());
    return out;
}

} // namespace

std::string why_text(const Why& why) {
    std::string out = head_of(why);
    for (const WhyHop& hop : why.hops) out += hop_text(why, hop);
    return out;
}

std::string why_json(const Why& why) {
    Json hops = Json::array();
    for (const WhyHop& hop : why.hops) {
        Json candidates = Json::array();
        for (const WhyCandidate& candidate : hop.candidates)
            candidates.push_back({{"from", candidate.neighbor ? Json(*candidate.neighbor) : Json()},
                                  {"pop", why.pops.at(candidate.pop.value)},
                                  {"learned_from", name_of(candidate.learned_from)},
                                  {"length", candidate.path_length},
                                  {"as_path", candidate.as_path},
                                  {"verdict", candidate.verdict},
                                  {"exit_km", candidate.exit_km ? Json(*candidate.exit_km) : Json()}});
        hops.push_back({{"asn", hop.asn},
                        {"prefix_group", hop.prefix_group},
                        {"enters", hop.enters ? Json::array({hop.enters->lat, hop.enters->lon}) : Json()},
                        {"candidates", std::move(candidates)}});
    }
    const ClientCatchment& client = why.client;
    return json_text({{"format", 1},
                      {"client", client.client},
                      {"asn", client.asn},
                      {"tie_break", why.tie_break},
                      {"pop", client.pop ? Json(why.pops.at(client.pop->value)) : Json()},
                      {"reach", name_of(client.reach)},
                      {"rtt_ns", client.pop ? Json(client.rtt.count()) : Json()},
                      {"best_pop", client.best_pop ? Json(why.pops.at(client.best_pop->value)) : Json()},
                      {"best_rtt_ns", client.best_pop ? Json(client.best_rtt.count()) : Json()},
                      {"hops", std::move(hops)}},
                     2);
}

} // namespace firstbyte
