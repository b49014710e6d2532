#include "world_model.hpp"

#include "bgp/caida.hpp"
#include "core/cities.hpp"
#include "core/data_files.hpp"
#include "core/great_circle.hpp"
#include "core/random.hpp"

#include <algorithm>
#include <limits>
#include <stdexcept>
#include <tuple>

namespace firstbyte::validate {
namespace {

/// The draws are this tool's own; any stream would do.
constexpr Stream cdn_peering{31}, choice{0};

bgp::AsGraph shipped_graph() {
    std::vector<bgp::LineFault> faults;
    auto links = bgp::read_as_relationships(data_file("internet-2018.as-rel.txt.xz"), faults);
    if (!faults.empty()) throw std::runtime_error("the built-in Internet is damaged: " + faults.front().message);
    return bgp::AsGraph(std::move(links));
}

double to_ms(Duration duration) { return static_cast<double>(duration.count()) / 1e6; }

/// @param near  (city, site): an AS present in that city may peer at that site
template <class Near>
void add_peers(const Internet& internet, double share, std::vector<Site>& sites, Near near) {
    constexpr std::uint64_t seed = 1;
    constexpr std::size_t largest_cone_of_a_peer = 30;
    const Draws draws(seed, 0);
    std::vector<std::vector<std::size_t>> sites_near(cities().size());
    for (std::size_t at = 0; at < cities().size(); ++at)
        for (std::size_t site = 0; site < sites.size(); ++site)
            if (near(cities()[at], sites[site])) sites_near[at].push_back(site);
    for (const bgp::NodeIndex node : internet.graph().by_number()) {
        const AsNumber number = internet.graph().number(node);
        const bgp::AsPlace* as = internet.places().find(number);
        if (as == nullptr || draws.uniform(cdn_peering, number, 0) >= share ||
            internet.graph().customer_cone(node) > largest_cone_of_a_peer)
            continue;
        for (const bgp::CityIndex at : as->cities) {
            for (const std::size_t index : sites_near[at]) {
                Site& site = sites[index];
                const auto has = [node](const std::vector<bgp::NodeIndex>& list) {
                    return std::find(list.begin(), list.end(), node) != list.end();
                };
                if (!has(site.providers) && !has(site.peers)) site.peers.push_back(node);
            }
        }
    }
}

/// Round trip of a journey that arrived, as the simulator's clients have it.
double rtt_of(const Internet& internet, const bgp::Journey& journey, Place from, Place to) {
    std::vector<bgp::Carrier> carriers;
    for (std::size_t hop = 0; hop < journey.passed.size(); ++hop)
        carriers.push_back({internet.graph().number(journey.passed[hop]), journey.by_peering[hop]});
    const std::vector<Place> via = bgp::early_exit_path(internet.places(), from, carriers, to);
    const std::size_t handovers = journey.passed.size() - 1 + (journey.at_site ? 1 : 0);
    return to_ms(bgp::round_trip(via, handovers, internet.propagation()));
}

} // namespace

Internet::Internet() : graph_(shipped_graph()), places_(bgp::Places::shipped()) {}

std::vector<bgp::NodeIndex> Internet::stubs_near(Place place, std::size_t count) const {
    std::vector<std::tuple<double, std::uint64_t, bgp::NodeIndex>> near;
    const Draws draws(1, 0);
    for (bgp::NodeIndex node = graph_.transit_count(); node < graph_.node_count(); ++node) {
        if (graph_.providers(node).empty()) continue;
        if (const auto home = places_.home(graph_.number(node)))
            near.emplace_back(great_circle_km(*home, place), draws.bits64(choice, graph_.number(node), 0), node);
    }
    const auto end = near.begin() + static_cast<std::ptrdiff_t>(std::min(count, near.size()));
    std::partial_sort(near.begin(), end, near.end());
    std::vector<bgp::NodeIndex> stubs;
    for (auto stub = near.begin(); stub != end; ++stub) stubs.push_back(std::get<2>(*stub));
    return stubs;
}

Service::Service(const Internet& internet, std::vector<Site> sites, AsNumber number)
    : internet_(internet), sites_(std::move(sites)) {
    for (const Site& site : sites_) {
        bgp::Announcement& from = announcements_.emplace_back();
        from.asn = number;
        from.providers = site.providers;
        from.peers = site.peers;
        places_.emplace_back(site.place);
    }
    routes_.emplace(internet.graph(), announcements_);
    state_.emplace(*routes_);
    forwarding_.emplace(internet.graph(), internet.places(), std::vector<bgp::Forwarding::Prefix>{{&*state_, places_}},
                        true);
}

std::optional<Way> Service::way(const Client& client) {
    const bgp::Journey journey = forwarding_->follow(client.node, client.place);
    if (journey.end != bgp::Journey::End::Arrived) return std::nullopt;
    const double rtt = rtt_of(internet_, journey, client.place, sites_[journey.announcement].place);
    return Way{journey.announcement, rtt, journey.passed.size() + 1, journey.passed.back()};
}

RoutesToHost::RoutesToHost(const Internet& internet, const Client& host) : internet_(internet), host_(host) {
    bgp::Announcement& from = announcements_.emplace_back();
    from.asn = internet.graph().number(host.node);
    from.node = host.node;
    places_.emplace_back(host.place);
    routes_.emplace(internet.graph(), announcements_);
    state_.emplace(*routes_);
    forwarding_.emplace(internet.graph(), internet.places(), std::vector<bgp::Forwarding::Prefix>{{&*state_, places_}},
                        true);
}

std::optional<double> RoutesToHost::rtt_ms(const Client& client) {
    const bgp::Journey journey = forwarding_->follow(client.node, client.place);
    if (journey.end != bgp::Journey::End::Arrived) return std::nullopt;
    return rtt_of(internet_, journey, client.place, host_.place);
}

bool is_present(const Internet& internet, bgp::NodeIndex node, Place place) {
    const bgp::AsPlace* as = internet.places().find(internet.graph().number(node));
    return as != nullptr && std::any_of(as->cities.begin(), as->cities.end(), [&](bgp::CityIndex at) {
               return great_circle_km(cities()[at].place, place) <= metropolitan_km;
           });
}

void add_city_peers(const Internet& internet, double share, std::vector<Site>& sites) {
    add_peers(internet, share, sites, [](const City& at, const Site& site) {
        return great_circle_km(at.place, site.place) <= metropolitan_km;
    });
}

void add_country_peers(const Internet& internet, double share, std::vector<Site>& sites) {
    std::vector<std::optional<std::string>> countries;
    for (const Site& site : sites) countries.push_back(country_of(site.place));
    add_peers(internet, share, sites, [&](const City& at, const Site& site) {
        return countries[static_cast<std::size_t>(&site - sites.data())] == at.country;
    });
}

Place city(std::string_view name) {
    const std::optional<Place> place = find_city(name);
    if (!place) throw std::runtime_error("the shipped table has no city \"" + std::string(name) + "\"");
    return *place;
}

double quantile(std::vector<std::pair<double, double>>& values, double share) {
    if (values.empty()) return std::numeric_limits<double>::quiet_NaN();
    std::sort(values.begin(), values.end());
    double total = 0, below = 0;
    for (const auto& value : values) total += value.second;
    for (const auto& [value, weight] : values) {
        below += weight;
        if (below >= share * total) return value;
    }
    return values.back().first;
}

double quantile(std::vector<double>& values, double share) {
    if (values.empty()) return std::numeric_limits<double>::quiet_NaN();
    const auto at = static_cast<std::ptrdiff_t>(share * static_cast<double>(values.size() - 1));
    std::nth_element(values.begin(), values.begin() + at, values.end());
    return values[static_cast<std::size_t>(at)];
}

} // namespace firstbyte::validate
