#include "world.hpp"

#include "core/cities.hpp"
#include "core/great_circle.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <map>

namespace firstbyte::validate {
namespace {

constexpr double fibre_km_per_ms = 204.2; // light at c / 1.468, the yardstick of the inflation

/// Model choice: hosts per city, so that one odd network does not speak for it.
constexpr std::size_t hosts_per_city = 3;

/// Without the reader's data: cities with so many CDN and cloud providers stand in for those of the pings.
constexpr std::uint32_t providers_of_a_city = 3;

/// Measured: medians of pings (the least of 30) and quantiles of their inflation over light in fibre between hosted
/// servers in 239 cities, WonderNetwork, 10 November 2018, public pages.
struct DistanceClass {
    double from_km, to_km, median_ms;
    std::array<double, 3> inflation; ///< 10 %, 50 %, 90 %
};
constexpr std::array<DistanceClass, 8> classes = {{
    {250, 500, 13.5, {2.2, 3.5, 8.5}},
    {500, 1000, 24.5, {2.1, 3.3, 6.8}},
    {1000, 2000, 40.7, {2.0, 2.8, 4.9}},
    {2000, 4000, 68.0, {1.8, 2.4, 4.1}},
    {4000, 7000, 110.8, {1.4, 1.9, 3.5}},
    {7000, 10000, 161.0, {1.6, 1.9, 3.2}},
    {10000, 14000, 227.9, {1.6, 1.9, 2.7}},
    {14000, 20100, 288.6, {1.4, 1.8, 2.3}},
}};

struct Hosts {
    Place place;
    std::string region;
    std::vector<bgp::NodeIndex> nodes;
};

std::string region_of(Place place) {
    const auto country = country_of(place);
    return country ? std::string(region_of_country(*country)) : std::string();
}

/// What was found in one class of distance, or between two regions.
struct Samples {
    std::vector<double> rtt_ms, inflation, measured_inflation;
};

class Comparison {
public:
    Comparison(const Internet& internet, const std::optional<Pings>& pings) : internet_(internet) {
        if (pings) {
            for (const PingCity& city : pings->cities) add_city(city.place);
            by_first_.resize(hosts_.size());
            for (const PingPair& pair : pings->pairs) by_first_[pair.a].emplace_back(pair.b, pair.rtt_ms);
        } else {
            for (const City& city : cities())
                if (city.providers >= providers_of_a_city) add_city(city.place);
            by_first_.resize(hosts_.size());
            for (std::size_t a = 0; a < hosts_.size(); ++a)
                for (std::size_t b = a + 1; b < hosts_.size(); ++b) by_first_[a].emplace_back(b, std::nullopt);
        }
        for (std::size_t a = 0; a < hosts_.size(); ++a)
            for (const bgp::NodeIndex node : hosts_[a].nodes) measure(a, node);
    }

    std::array<Samples, classes.size()> by_distance;
    std::map<std::pair<std::string, std::string>, Samples> by_regions;

private:
    void add_city(Place place) {
        hosts_.push_back({place, region_of(place), internet_.stubs_near(place, hosts_per_city)});
    }

    void measure(std::size_t a, bgp::NodeIndex node) {
        RoutesToHost to_host(internet_, {node, hosts_[a].place});
        const auto number = std::find(hosts_[a].nodes.begin(), hosts_[a].nodes.end(), node) - hosts_[a].nodes.begin();
        for (const auto& [b, measured_ms] : by_first_[a]) {
            const double km = great_circle_km(hosts_[a].place, hosts_[b].place);
            const auto at = std::find_if(classes.begin(), classes.end(),
                                         [km](const DistanceClass& of) { return of.from_km <= km && km < of.to_km; });
            if (at == classes.end()) continue;
            const auto rtt = to_host.rtt_ms({hosts_[b].nodes[static_cast<std::size_t>(number)], hosts_[b].place});
            if (!rtt) continue;
            const double fibre_ms = 2 * km / fibre_km_per_ms;
            auto regions = std::minmax(hosts_[a].region, hosts_[b].region);
            for (Samples* samples : {&by_distance[static_cast<std::size_t>(at - classes.begin())],
                                     &by_regions[{regions.first, regions.second}]}) {
                samples->rtt_ms.push_back(*rtt);
                samples->inflation.push_back(*rtt / fibre_ms);
                if (measured_ms) samples->measured_inflation.push_back(*measured_ms / fibre_ms);
            }
        }
    }

    const Internet& internet_;
    std::vector<Hosts> hosts_;
    std::vector<std::vector<std::pair<std::size_t, std::optional<double>>>> by_first_; ///< other end, measured RTT
};

std::string class_name(const DistanceClass& of) {
    return of.to_km > 20000 ? fmt::format("over {:.0f} km", of.from_km)
                            : fmt::format("{:.0f} to {:.0f} km", of.from_km, of.to_km);
}

WorldTable inflation_table(Comparison& found) {
    WorldTable table{
        "Round trip over light in fibre, 10 % / 50 % / 90 %", {"distance", "pairs", "simulated", "measured"}, {}};
    for (std::size_t at = 0; at < classes.size(); ++at) {
        std::vector<double>& values = found.by_distance[at].inflation;
        const auto& measured = classes[at].inflation;
        table.rows.push_back({class_name(classes[at]), std::to_string(values.size()),
                              fmt::format("{:.1f} / {:.1f} / {:.1f}", quantile(values, 0.1), quantile(values, 0.5),
                                          quantile(values, 0.9)),
                              fmt::format("{:.1f} / {:.1f} / {:.1f}", measured[0], measured[1], measured[2])});
    }
    return table;
}

WorldTable region_table(Comparison& found) {
    constexpr std::size_t least_pairs = 100 * hosts_per_city; // fewer say little about a region
    WorldTable table{"Median of the same by regions", {"regions", "pairs", "simulated", "measured"}, {}};
    for (auto& [regions, samples] : found.by_regions)
        if (samples.rtt_ms.size() >= least_pairs && !samples.measured_inflation.empty())
            table.rows.push_back({regions.first + ", " + regions.second, std::to_string(samples.rtt_ms.size()),
                                  fmt::format("{:.2f}", quantile(samples.inflation, 0.5)),
                                  fmt::format("{:.2f}", quantile(samples.measured_inflation, 0.5))});
    return table;
}

} // namespace

WorldPart compare_distances(const Internet& internet, const std::optional<Pings>& pings) {
    WorldPart part;
    part.id = "distance";
    part.title = "Round trips over distance";
    part.text = fmt::format(
        "Measured: pings over the public Internet between hosted servers in 239 cities, November 2018 (WonderNetwork), "
        "medians by "
        "distance. Simulated: {} stub ASes near each of {}, by the routes between them. How many cities are backbone "
        "cities and up to which "
        "distance lines go straight (`docs/model.md`) was fitted to these medians, out of some thirty variants, and "
        "which main city an AS goes to was changed after a look at the slowest pairs. Several hosts per city, drawn "
        "instead of the lowest number, came with it. Regions were not fitted, but are of the same pings.\n\n"
        "Where the model is off: below 1000 km its slowest tenth is too slow: two stubs of one country whose providers "
        "meet abroad, because "
        "the graph lacks most peering at exchanges, or because the country of an AS is wrong. Between East Asia and "
        "the other regions of "
        "the Old World the pings make detours, mostly by way of America, that the model makes less often.",
        hosts_per_city, pings ? "the same cities" : "the shipped cities with three or more CDN or cloud providers");
    Comparison found(internet, pings);
    for (std::size_t at = 0; at < classes.size(); ++at)
        part.figures.push_back(within(0.15, "median RTT, " + class_name(classes[at]), "ms",
                                      quantile(found.by_distance[at].rtt_ms, 0.5), classes[at].median_ms));
    part.tables.push_back(inflation_table(found));
    if (pings) part.tables.push_back(region_table(found));
    return part;
}

} // namespace firstbyte::validate
