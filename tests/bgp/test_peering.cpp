// Peer links of the CDN that public graphs miss: how many, who, and that neither order nor company of PoPs matters.

#include "bgp/peering.hpp"

#include "bgp/synthetic.hpp"
#include "core/cities.hpp"
#include "core/great_circle.hpp"

#include <doctest/doctest.h>

#include <algorithm>
#include <cmath>
#include <set>

namespace firstbyte::bgp {
namespace {

using Pops = std::vector<std::optional<Place>>;

std::optional<Place> at(const char* city) { return find_city(city).value(); }

struct World {
    explicit World(std::uint32_t ases) : internet(make_internet(internet_shape(ases), 1)), graph(internet.links) {}
    SyntheticInternet internet;
    AsGraph graph;

    [[nodiscard]] std::vector<std::vector<AsNumber>> peers(const CdnPeering& rule, const Pops& pops) const {
        std::vector<std::vector<AsNumber>> out;
        for (const auto& nodes : cdn_peers(graph, internet.places, rule, pops)) {
            out.emplace_back();
            for (const NodeIndex node : nodes) out.back().push_back(graph.number(node));
        }
        return out;
    }
};

CdnPeering rule(double city, double country) {
    CdnPeering peering;
    peering.city = city;
    peering.country = country;
    return peering;
}

bool in_country(const AsPlace& as, const std::string& country) {
    return std::any_of(as.cities.begin(), as.cities.end(),
                       [&](CityIndex city) { return cities()[city].country == country; });
}

bool in_city(const AsPlace& as, Place place) {
    return std::any_of(as.cities.begin(), as.cities.end(),
                       [&](CityIndex city) { return great_circle_km(cities()[city].place, place) <= metropolitan_km; });
}

} // namespace

TEST_CASE("CDN peering: the share of the ASes present in a PoP's country that peer is the one asked for") {
    const World world(20'000);
    const char* const countries[] = {"CN", "IN", "US", "BR"};
    const Pops pops{at("Beijing"), at("Mumbai"), at("New York"), at("Sao Paulo")};
    for (const double share : {0.15, 0.37}) { // open, hyperscaler
        const auto peers = world.peers(rule(share, share), pops);
        std::size_t all_present = 0, all_peers = 0;
        for (std::size_t pop = 0; pop < pops.size(); ++pop) {
            CAPTURE(countries[pop]);
            std::size_t present = 0;
            for (const AsPlace& as : world.internet.places.all()) {
                const bool there = in_country(as, countries[pop]) || in_city(as, *pops[pop]);
                present += there ? 1U : 0U;
                const bool peer = std::binary_search(peers[pop].begin(), peers[pop].end(), as.number);
                if (!there) CHECK_FALSE(peer);
            }
            const auto expected = share * static_cast<double>(present);
            const double deviation = std::sqrt(expected * (1 - share)); // of a binomial number
            CHECK(std::abs(static_cast<double>(peers[pop].size()) - expected) < 4 * deviation);
            all_present += present;
            all_peers += peers[pop].size();
        }
        CHECK(static_cast<double>(all_peers) / static_cast<double>(all_present) ==
              doctest::Approx(share).epsilon(0.08));
    }
}

TEST_CASE("CDN peering: an answer depends on the seed and the AS, not on the order or the company of PoPs") {
    const World world(5'000);
    const Pops pops{at("Frankfurt"), at("Tokyo"), at("Berlin"), std::nullopt};
    const auto peers = world.peers(rule(0.3, 0.1), pops);
    CHECK(peers == world.peers(rule(0.3, 0.1), pops));
    CHECK(peers[3].empty());
    const Pops turned{at("Berlin"), std::nullopt, at("Tokyo"), at("Frankfurt")};
    const auto other = world.peers(rule(0.3, 0.1), turned);
    CHECK(other == std::vector{peers[2], peers[3], peers[1], peers[0]});
    CHECK(world.peers(rule(0.3, 0.1), {pops[1]}).front() == peers[1]);
    CdnPeering another = rule(0.3, 0.1);
    another.seed = 2;
    CHECK(world.peers(another, pops) != peers);
    for (const auto& list : peers) CHECK(std::is_sorted(list.begin(), list.end()));
}

TEST_CASE("CDN peering: who peers in a country peers at each of its PoPs; one that only peers in cities, in its own") {
    const World world(20'000);
    const Pops pops{at("Mumbai"), at("Delhi")};
    const auto by_country = world.peers(rule(0.1, 0.1), pops);
    CHECK_FALSE(by_country[0].empty());
    CHECK(by_country[0] == by_country[1]);
    const auto by_city = world.peers(rule(0.5, 0), pops);
    for (std::size_t pop = 0; pop < pops.size(); ++pop) {
        CHECK_FALSE(by_city[pop].empty());
        for (const AsNumber number : by_city[pop]) CHECK(in_city(*world.internet.places.find(number), *pops[pop]));
    }
    // More is added to what was there: the same ASes answer.
    const auto more = world.peers(rule(0.5, 0.1), pops);
    for (std::size_t pop = 0; pop < pops.size(); ++pop) {
        CHECK(std::includes(more[pop].begin(), more[pop].end(), by_city[pop].begin(), by_city[pop].end()));
        CHECK(std::includes(more[pop].begin(), more[pop].end(), by_country[pop].begin(), by_country[pop].end()));
    }
}

TEST_CASE("CDN peering: only ASes of the kinds asked for") {
    const World world(5'000);
    CdnPeering isps = rule(1, 1);
    isps.edge = isps.hosting = isps.institution = false;
    const auto peers = world.peers(isps, {at("Mumbai")});
    CHECK_FALSE(peers[0].empty());
    for (const AsNumber number : peers[0]) CHECK(world.internet.places.find(number)->kind == AsKind::Isp);
    CHECK(world.peers(rule(0, 0), {at("Mumbai")})[0].empty());
}

} // namespace firstbyte::bgp
