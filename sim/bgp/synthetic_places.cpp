#include "bgp/synthetic_places.hpp"

#include "bgp/synthetic_draws.hpp"
#include "core/check.hpp"

#include <algorithm>
#include <array>
#include <cmath>
#include <string_view>
#include <utility>

namespace firstbyte::bgp {
namespace {

// Measured in the shipped table, scenarios/data/as-places.csv.xz, for the ASes of the shipped graph.
constexpr double transit_hosting = 0.022, transit_institution = 0.039;
constexpr double edge_hosting = 0.017, edge_institution = 0.064;
constexpr double stub_hosting = 0.012, stub_institution = 0.101;
constexpr double transit_with_users = 0.85, other_with_users = 0.78; // of ISPs, of edge networks
// Mean users of an AS with users, relative to one without customers and peers: 516,000, 40,000 and 34,000.
constexpr double transit_users = 15, edge_users = 1.2;
// Model choice: a tail with which the largest AS of a country of a hundred has about a quarter of its users.
constexpr CutPareto users_spread{1.1, 1, 3000};
// Rule of scenarios/data/README.md.
constexpr double peer_weight = 0.1, presence_least = 20, further_city_each = 10;
constexpr std::size_t links_for_presence = 10;

struct Share {
    double hosting, institution, with_users, mean_users;
};

AsKind draw_kind(StepDraws& draws, const Share& share, AsKind usual) {
    const double u = draws.uniform();
    if (u < share.hosting) return AsKind::Hosting;
    return u < share.hosting + share.institution ? AsKind::Institution : usual;
}

/// Neighbours by country, for one AS: (country, weight) with customers and peers weighed as the rule says.
using Neighborhood = std::vector<std::pair<CountryIndex, double>>;

std::vector<Neighborhood> neighborhoods(const SyntheticSystems& systems) {
    std::vector<Neighborhood> near(systems.numbers.size());
    const auto country = [&](std::uint32_t as) { return systems.homes[as].country; };
    for (const auto& [provider, customer] : systems.provider_customer)
        near[provider].emplace_back(country(customer), 1);
    for (const auto& [a, b] : systems.peers) {
        near[a].emplace_back(country(b), peer_weight);
        near[b].emplace_back(country(a), peer_weight);
    }
    return near;
}

std::vector<CityIndex> cities_of(const SyntheticHome& home, Neighborhood& near, const Homes& homes) {
    std::vector<CityIndex> cities{home.city};
    std::sort(near.begin(), near.end());
    for (std::size_t at = 0; at < near.size();) {
        const CountryIndex country = near[at].first;
        double weight = 0;
        bool customer = false;
        for (; at < near.size() && near[at].first == country; ++at) {
            weight += near[at].second;
            customer = customer || near[at].second == 1;
        }
        if (!customer && weight < presence_least) continue;
        const std::vector<CityIndex>& meeting = homes.meeting_places(country);
        const auto wanted = std::min(meeting.size(), 1 + static_cast<std::size_t>(weight / further_city_each));
        for (std::size_t city = 0; city < wanted; ++city)
            if (meeting[city] != home.city) cities.push_back(meeting[city]);
    }
    return cities;
}

} // namespace

Homes::Homes(const Draws& draws) : draws_(draws), countries_(countries().size()) {
    const auto index_of = [](std::string_view code) {
        const std::vector<Country>& all = countries();
        const auto at =
            std::lower_bound(all.begin(), all.end(), code,
                             [](const Country& country, std::string_view wanted) { return country.code < wanted; });
        FB_ASSERT(at != all.end() && at->code == code, "every city is in a country of the table");
        return static_cast<CountryIndex>(at - all.begin());
    };
    double providers = 0;
    for (CityIndex city = 0; city < cities().size(); ++city) {
        const City& shown = cities()[city];
        const CountryIndex country = index_of(shown.country);
        CountryCities& of = countries_[country];
        country_of_.push_back(country);
        of.cities.push_back(city);
        of.population.push_back((of.population.empty() ? 0 : of.population.back()) + std::max(1U, shown.population));
        if (shown.providers > 0) of.meeting_places.push_back(city);
        providers_.push_back(providers += shown.providers);
    }
    double users = 0;
    for (CountryIndex country = 0; country < countries_.size(); ++country) {
        CountryCities& of = countries_[country];
        if (!of.cities.empty()) users += countries()[country].internet_users;
        users_.push_back(users);
        std::stable_sort(of.meeting_places.begin(), of.meeting_places.end(), // the more populous first among equals
                         [](CityIndex a, CityIndex b) { return cities()[a].providers > cities()[b].providers; });
        if (of.meeting_places.empty() && !of.cities.empty()) of.meeting_places.push_back(of.cities.front());
    }
    FB_ASSERT(users > 0 && providers > 0, "the shipped tables have users and meeting places");
}

double Homes::uniform() {
    return draws_.uniform(Stream::SyntheticInternet, static_cast<std::uint32_t>(Step::Homes), next_++);
}

SyntheticHome Homes::draw() { return draw_in(static_cast<CountryIndex>(pick(users_, uniform()))); }

SyntheticHome Homes::draw_meeting_place() {
    const auto city = static_cast<CityIndex>(pick(providers_, uniform()));
    return {country_of_[city], city};
}

SyntheticHome Homes::draw_in(CountryIndex country) {
    const CountryCities& of = countries_[country];
    return {country, of.cities[pick(of.population, uniform())]};
}

Places synthetic_places(const SyntheticSystems& systems, const Homes& homes, const Draws& draws) {
    const InternetShape& shape = systems.shape;
    StepDraws kinds(draws, Step::Kinds), users(draws, Step::Users);
    std::vector<Neighborhood> near = neighborhoods(systems);
    std::vector<AsPresence> found(systems.numbers.size());
    std::vector<double> weight(found.size(), 0), of_country(countries().size(), 0);
    for (std::uint32_t as = 0; as < found.size(); ++as) {
        const bool transit = as < shape.tier1 + shape.transit, edge = as >= shape.tier1 + shape.transit + shape.stubs;
        const Share share = transit ? Share{transit_hosting, transit_institution, transit_with_users, transit_users}
                            : edge  ? Share{edge_hosting, edge_institution, other_with_users, edge_users}
                                    : Share{stub_hosting, stub_institution, other_with_users, 1};
        AsPresence& to = found[as];
        to.number = systems.numbers[as];
        to.country = countries()[systems.homes[as].country].code;
        to.kind = draw_kind(kinds, share, transit ? AsKind::Isp : AsKind::Edge);
        const bool present = transit || near[as].size() >= links_for_presence;
        if (!present) near[as].clear();
        to.cities = cities_of(systems.homes[as], near[as], homes);
        const double chance = users.uniform(), size = users_spread.value(users.uniform());
        const bool serves_people = to.kind == AsKind::Isp || to.kind == AsKind::Edge;
        if (serves_people && chance < share.with_users) weight[as] = share.mean_users * size;
        of_country[systems.homes[as].country] += weight[as];
    }
    for (std::uint32_t as = 0; as < found.size(); ++as) {
        if (weight[as] == 0) continue;
        const CountryIndex country = systems.homes[as].country;
        found[as].users =
            static_cast<std::uint32_t>(countries()[country].internet_users * (weight[as] / of_country[country]));
    }
    return Places(std::move(found));
}

} // namespace firstbyte::bgp
