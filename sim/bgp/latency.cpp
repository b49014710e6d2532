#include "bgp/latency.hpp"

#include "core/great_circle.hpp"

#include <algorithm>
#include <array>
#include <chrono>
#include <cmath>

namespace firstbyte::bgp {
namespace {

/// Peers meet in cities with at least so many CDN and cloud providers: the few great meeting places of the world.
/// Fitted together with the presence of ASes; tests/bgp/test_inflation.cpp says to what.
constexpr std::uint32_t providers_of_a_hub = 24;

/// Carriers lead their lines through cities with at least so many providers: some forty of the world. Fitted, with the
/// distance below, to the medians of pings between 239 cities; docs/validation.md, section `world`, says how near it
/// comes.
constexpr std::uint32_t providers_of_a_backbone_city = 12;

/// Lines no longer than this go straight.
constexpr double regional_km = 250;

/// An end of a line this near to a backbone city is in it. Model choice: a metropolitan area with its suburbs.
constexpr double metropolitan_km = 50;

struct BackboneCity {
    Place place;
    std::array<double, 3> direction;
};

const std::vector<BackboneCity>& backbone_cities() {
    static const std::vector<BackboneCity> list = [] {
        std::vector<BackboneCity> found;
        for (const City& city : cities())
            if (city.providers >= providers_of_a_backbone_city) found.push_back({city.place, unit_vector(city.place)});
        return found;
    }();
    return list;
}

/// The backbone city nearest to `place`; null when there is none.
const BackboneCity* nearest_backbone_city(Place place) {
    const std::array<double, 3> here = unit_vector(place);
    const auto nearest = std::max_element(
        backbone_cities().begin(), backbone_cities().end(),
        [&](const BackboneCity& a, const BackboneCity& b) { return dot(a.direction, here) < dot(b.direction, here); });
    return nearest == backbone_cities().end() ? nullptr : &*nearest;
}

/// Goes on to `next`, where the path is not yet.
void go_straight(std::vector<Place>& path, Place next) {
    if (next != path.back()) path.push_back(next);
}

/// Goes on to `next` on the line of one carrier: by way of the backbone city nearest to either end, where that is
/// nearer than the other end.
void follow_line(std::vector<Place>& path, Place next) {
    const Place from = path.back();
    const double km = great_circle_km(from, next);
    const auto lies_on_line = [km](Place end, Place backbone) {
        const double away = great_circle_km(end, backbone);
        return away > metropolitan_km && away < km;
    };
    if (km > regional_km) {
        for (const Place end : {from, next}) {
            const BackboneCity* const near = nearest_backbone_city(end);
            if (near != nullptr && lies_on_line(end, near->place)) go_straight(path, near->place);
        }
    }
    go_straight(path, next);
}

/// The city of `candidates` nearest to `from`; the earlier of equals.
CityIndex nearest_of(std::span<const CityIndex> candidates, Place from) {
    const std::array<double, 3> here = unit_vector(from);
    const auto closeness = [&](CityIndex city) { return dot(here, unit_vector(cities()[city].place)); };
    CityIndex best = candidates.front();
    double best_closeness = closeness(best);
    for (const CityIndex city : candidates.subspan(1)) {
        const double close = closeness(city);
        if (close <= best_closeness) continue;
        best = city;
        best_closeness = close;
    }
    return best;
}

std::vector<CityIndex> common_cities(std::span<const CityIndex> a, std::span<const CityIndex> b) {
    std::vector<CityIndex> common;
    for (const CityIndex city : a)
        if (std::find(b.begin(), b.end(), city) != b.end()) common.push_back(city);
    return common;
}

} // namespace

Place handover(const Presence& from, const Presence& to, Place here) {
    const auto place_of = [](CityIndex city) { return cities()[city].place; };
    if (to.cities.empty()) return from.cities.empty() ? to.point : place_of(nearest_of(from.cities, to.point));
    if (from.cities.empty()) return place_of(nearest_of(to.cities, from.point));
    const std::vector<CityIndex> common = common_cities(from.cities, to.cities);
    if (from.peers_with_next) {
        std::vector<CityIndex> hubs;
        for (const CityIndex city : common)
            if (cities()[city].providers >= providers_of_a_hub) hubs.push_back(city);
        if (!hubs.empty()) return place_of(nearest_of(hubs, here));
    }
    if (!common.empty()) return place_of(nearest_of(common, here));
    const bool from_smaller = from.cities.size() < to.cities.size();
    const std::span<const CityIndex> smaller = from_smaller ? from.cities : to.cities;
    const std::span<const CityIndex> larger = from_smaller ? to.cities : from.cities;
    return place_of(nearest_of(larger, place_of(smaller.front())));
}

Duration leg_round_trip(Place from, Place to, const Propagation& propagation) {
    const double ms = 2 * great_circle_km(from, to) / propagation.km_per_ms * propagation.path_stretch;
    return Duration{std::llround(ms * 1e6)};
}

Duration round_trip(std::span<const Place> places, std::size_t handovers, const Propagation& propagation) {
    Duration sum = data_center_round_trip + propagation.per_hop * static_cast<std::int64_t>(handovers);
    for (std::size_t leg = 1; leg < places.size(); ++leg)
        sum += leg_round_trip(places[leg - 1], places[leg], propagation);
    return sum;
}

std::vector<Place> early_exit_path(const Places& places, Place client, std::span<const Carrier> carriers,
                                   Place destination) {
    std::vector<Presence> known;
    std::vector<bool> listed; // of `known`: the table of places has the AS
    for (std::size_t index = 0; index < carriers.size(); ++index) {
        const AsPlace* as = places.find(carriers[index].number);
        const std::size_t count = as == nullptr ? 0 : as->cities.size();
        const bool peers_with_next = carriers[index].peers_with_next;
        const std::size_t before = known.size();
        if (index == 0 && count <= 1) {
            known.push_back({{}, client, peers_with_next});
        } else if (index + 1 == carriers.size() && count <= 1) {
            known.push_back({{}, destination, peers_with_next});
        } else if (count > 0) {
            known.push_back({as->cities, {}, peers_with_next});
        }
        if (known.size() > before) listed.push_back(count > 0);
    }
    std::vector<Place> path{client};
    const auto carry = [&](std::size_t carrier, Place next) {
        if (carrier < listed.size() && listed[carrier])
            follow_line(path, next);
        else
            go_straight(path, next);
    };
    for (std::size_t index = 1; index < known.size(); ++index)
        carry(index - 1, handover(known[index - 1], known[index], path.back()));
    carry(known.size() - 1, destination); // without any known carrier: past the end, straight
    return path;
}

} // namespace firstbyte::bgp
