#include "bgp/places.hpp"

#include "core/check.hpp"
#include "core/csv.hpp"
#include "core/data_files.hpp"
#include "core/great_circle.hpp"

#include <algorithm>
#include <array>
#include <stdexcept>
#include <tuple>
#include <utility>

namespace firstbyte::bgp {
namespace {

constexpr const char* table_name = "as-places.csv.xz";

bool is_present(const AsPlace& as, std::string_view country) {
    const auto there = [&](CityIndex city) { return cities()[city].country == country; };
    return std::any_of(as.cities.begin(), as.cities.end(), there);
}

bool is_present_in_region(const AsPlace& as, std::string_view region) {
    const auto there = [&](CityIndex city) { return region_of_country(cities()[city].country) == region; };
    return std::any_of(as.cities.begin(), as.cities.end(), there);
}

} // namespace

Places Places::shipped() { return Places(read_text_file(data_file(table_name))); }

Places::Places(std::string_view text) {
    std::vector<std::pair<std::uint32_t, CityIndex>> index_of; // by GeoNames identifier
    index_of.reserve(cities().size());
    for (CityIndex city = 0; city < cities().size(); ++city) index_of.emplace_back(cities()[city].geoname_id, city);
    std::sort(index_of.begin(), index_of.end());

    std::vector<std::size_t> first_city; // spans are made when the list of cities no longer moves
    for_each_row(text, 5, table_name, [&](const std::vector<std::string_view>& row) {
        first_city.push_back(cities_.size());
        AsPlace& as = systems_.emplace_back();
        as.number = parse_number<AsNumber>(row[0], table_name);
        as.country = row[1];
        as.users = parse_number<std::uint32_t>(row[3], table_name);
        for_each_field(row[4], ';', [&](std::string_view field) {
            const auto id = parse_number<std::uint32_t>(field, table_name);
            const auto city = std::lower_bound(index_of.begin(), index_of.end(), std::pair{id, CityIndex{0}});
            if (city == index_of.end() || city->first != id)
                throw std::runtime_error(std::string(table_name) + ": cities.csv has no city " + std::to_string(id));
            cities_.push_back(city->second);
        });
    });
    first_city.push_back(cities_.size());
    for (std::size_t as = 0; as < systems_.size(); ++as)
        systems_[as].cities = std::span(cities_).subspan(first_city[as], first_city[as + 1] - first_city[as]);
    const auto by_number = [](const AsPlace& a, const AsPlace& b) { return a.number < b.number; };
    if (!std::is_sorted(systems_.begin(), systems_.end(), by_number))
        throw std::runtime_error(std::string(table_name) + " is not in ascending order of AS numbers");
}

const AsPlace* Places::find(AsNumber number) const {
    const auto at = std::lower_bound(systems_.begin(), systems_.end(), number,
                                     [](const AsPlace& as, AsNumber wanted) { return as.number < wanted; });
    return at != systems_.end() && at->number == number ? &*at : nullptr;
}

std::optional<Place> Places::home(AsNumber number) const {
    const AsPlace* as = find(number);
    if (as == nullptr || as->cities.empty()) return std::nullopt;
    return cities()[as->cities.front()].place;
}

std::vector<NodeIndex> largest_transit(const AsGraph& graph, const Places& places,
                                       const std::optional<std::string>& country, std::size_t count) {
    enum Nearness : int { InCountry, InRegion, Elsewhere };
    const std::string_view region = country ? region_of_country(*country) : std::string_view{};
    std::array<std::vector<NodeIndex>, 3> candidates;
    for (NodeIndex node = 0; node < graph.transit_count(); ++node) {
        const AsPlace* as = country ? places.find(graph.number(node)) : nullptr;
        if (as != nullptr && is_present(*as, *country)) {
            candidates[InCountry].push_back(node);
        } else if (as != nullptr && !region.empty() && is_present_in_region(*as, region)) {
            candidates[InRegion].push_back(node);
        } else {
            candidates[Elsewhere].push_back(node);
        }
    }
    std::vector<NodeIndex> chosen;
    for (const std::vector<NodeIndex>& group : candidates) {
        if (chosen.size() >= count) break;
        std::vector<std::tuple<std::size_t, AsNumber, NodeIndex>> ranked; // cone counted down, so that large goes first
        for (const NodeIndex node : group)
            ranked.emplace_back(graph.node_count() - graph.customer_cone(node), graph.number(node), node);
        const std::size_t taken = std::min(count - chosen.size(), ranked.size());
        std::partial_sort(ranked.begin(), ranked.begin() + static_cast<std::ptrdiff_t>(taken), ranked.end());
        for (std::size_t rank = 0; rank < taken; ++rank) chosen.push_back(std::get<2>(ranked[rank]));
    }
    return chosen;
}

std::optional<NodeIndex> nearest_stub(const AsGraph& graph, const Places& places, Place place) {
    std::vector<double> km(cities().size(), -1); // to each city that is somebody's home
    std::optional<NodeIndex> nearest;
    std::tuple<double, double, AsNumber> least; // distance, users counted down, number
    for (NodeIndex node = graph.transit_count(); node < graph.node_count(); ++node) {
        if (graph.providers(node).empty()) continue;
        const AsPlace* as = places.find(graph.number(node));
        if (as == nullptr || as->users == 0 || as->cities.empty()) continue;
        const CityIndex home = as->cities.front();
        if (km[home] < 0) km[home] = great_circle_km(place, cities()[home].place);
        const std::tuple rank{km[home], -static_cast<double>(as->users), as->number};
        if (nearest && least <= rank) continue;
        nearest = node;
        least = rank;
    }
    return nearest;
}

} // namespace firstbyte::bgp
