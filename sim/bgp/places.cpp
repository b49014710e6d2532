#include "bgp/places.hpp"

#include "core/check.hpp"
#include "core/csv.hpp"
#include "core/data_files.hpp"
#include "core/great_circle.hpp"

#include <algorithm>
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

AsKind kind_of(std::string_view word) {
    if (word == "isp") return AsKind::Isp;
    if (word == "edge") return AsKind::Edge;
    if (word == "hosting") return AsKind::Hosting;
    if (word == "institution") return AsKind::Institution;
    throw std::runtime_error(std::string(table_name) + ": \"" + std::string(word) + "\" is no kind of AS");
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
        as.kind = kind_of(row[2]);
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

Places::Places(std::vector<AsPresence> systems) {
    std::sort(systems.begin(), systems.end(),
              [](const AsPresence& a, const AsPresence& b) { return a.number < b.number; });
    std::size_t total = 0;
    for (const AsPresence& as : systems) total += as.cities.size();
    cities_.reserve(total); // the spans look into it
    for (AsPresence& as : systems) {
        FB_ASSERT(systems_.empty() || systems_.back().number != as.number, "a table of places has each AS once");
        const std::size_t first = cities_.size();
        cities_.insert(cities_.end(), as.cities.begin(), as.cities.end());
        AsPlace& place = systems_.emplace_back();
        place.number = as.number;
        place.kind = as.kind;
        place.country = std::move(as.country);
        place.users = as.users;
        place.cities = std::span(cities_).subspan(first);
    }
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

TransitRanking::TransitRanking(const AsGraph& graph, const Places& places) : graph_(graph), places_(places) {
    std::vector<std::tuple<std::size_t, AsNumber, NodeIndex>> ranked; // ASes outside the cone, so that few go first
    ranked.reserve(graph.transit_count());
    for (NodeIndex node = 0; node < graph.transit_count(); ++node)
        ranked.emplace_back(graph.node_count() - graph.customer_cone(node), graph.number(node), node);
    std::sort(ranked.begin(), ranked.end());
    for (const auto& rank : ranked) by_cone_.push_back(std::get<2>(rank));
}

std::vector<NodeIndex> TransitRanking::largest(const std::optional<std::string>& country, std::size_t count) const {
    std::vector<NodeIndex> chosen;
    const auto choose = [&](auto suits) {
        for (const NodeIndex node : by_cone_) {
            if (chosen.size() >= count) return;
            if (suits(places_.find(graph_.number(node))) &&
                std::find(chosen.begin(), chosen.end(), node) == chosen.end())
                chosen.push_back(node);
        }
    };
    if (country) {
        choose([&](const AsPlace* as) { return as != nullptr && is_present(*as, *country); });
        const std::string_view region = region_of_country(*country);
        choose(
            [&](const AsPlace* as) { return as != nullptr && !region.empty() && is_present_in_region(*as, region); });
    }
    choose([](const AsPlace*) { return true; });
    return chosen;
}

Eyeballs::Eyeballs(const AsGraph& graph, const Places& places) {
    struct Best {
        const AsPlace* as = nullptr;
        NodeIndex node = 0;
    };
    std::vector<Best> best_of(cities().size());
    for (const NodeIndex node : graph.by_number()) {
        if (node < graph.transit_count() || graph.providers(node).empty()) continue;
        const AsPlace* as = places.find(graph.number(node));
        if (as == nullptr || as->users == 0 || as->cities.empty()) continue;
        Best& best = best_of[as->cities.front()];
        if (best.as == nullptr || as->users > best.as->users) best = {as, node};
    }
    for (CityIndex city = 0; city < best_of.size(); ++city)
        if (best_of[city].as != nullptr) homes_.push_back({unit_vector(cities()[city].place), best_of[city].node});
}

std::optional<NodeIndex> Eyeballs::nearest_stub(Place place) const {
    const std::array<double, 3> here = unit_vector(place);
    const auto nearest = std::max_element(homes_.begin(), homes_.end(), [&](const Home& a, const Home& b) {
        return dot(a.direction, here) < dot(b.direction, here);
    });
    if (nearest == homes_.end()) return std::nullopt;
    return nearest->stub;
}

} // namespace firstbyte::bgp
