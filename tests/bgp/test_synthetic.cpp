// Made-up Internets against the statistics that were measured in the shipped graph (docs/model.md, "Topologies").

#include "bgp/synthetic.hpp"

#include "bgp/statistics.hpp"
#include "core/cities.hpp"

#include <doctest/doctest.h>

#include <algorithm>
#include <cmath>
#include <numeric>
#include <set>

namespace firstbyte::bgp {
namespace {

/// Within `tolerance` of `expected`, as a share of it.
bool near(double value, double expected, double tolerance) {
    return std::abs(value - expected) <= tolerance * expected;
}

} // namespace

TEST_CASE("synthetic Internet: statistics are those of the shipped graph at its own size, and scale below") {
    struct Row {
        std::uint32_t ases;
        std::size_t clique, destinations;
        double degree, hops, from_provider; // expected
        double degree_tolerance, hops_tolerance;
    };
    const Row rows[] = {
        // Fewer ASes have fewer to peer with and shorter ways; Elmokashfi et al. keep 4 hops from 1,000 to 10,000.
        {1'000, 5, 200, 5.6, 3.6, 0.94, 0.15, 0.15},
        {10'000, 10, 100, 7.6, 4.0, 0.94, 0.15, 0.10},
        {61'164, 15, 20, 9.47, 4.29, 0.94, 0.07, 0.08}, // measured: topology of 2018
    };
    for (const Row& row : rows) {
        for (const std::uint64_t seed : {1U, 2U}) {
            if (row.ases > 50'000 && seed != 1) continue;
            CAPTURE(row.ases);
            CAPTURE(seed);
            SyntheticInternet internet = make_internet(internet_shape(row.ases), seed);
            std::vector<LinkFault> faults;
            const AsGraph graph(std::move(internet.links), &faults);
            const TopologyStatistics found = statistics_of(graph, row.destinations);
            CHECK(faults.empty());
            CHECK(found.ases == row.ases);
            CHECK(found.components == 1);
            CHECK(found.provider_cycle.empty());
            CHECK(found.unreachable == 0);
            CHECK(found.clique.size() == row.clique);
            CHECK(found.provider_free == found.clique);
            const auto share = [&](std::size_t count, std::size_t of) {
                return static_cast<double>(count) / static_cast<double>(of);
            };
            CHECK(near(share(found.stubs, found.ases), 0.848, 0.005));
            CHECK(near(share(found.stubs_with_peers, found.ases), 0.1125, 0.03));
            CHECK(near(share(found.without_peers, found.ases), 0.804, 0.01));
            CHECK(near(found.stub_providers_mean, 1.866, 0.05));
            CHECK(near(found.transit_providers_mean, 2.974, row.ases < 5'000 ? 0.15 : 0.05));
            CHECK(std::abs(share(found.stubs_by_providers[1], found.stubs) - 0.435) < 0.03);
            CHECK(std::abs(share(found.stubs_by_providers[2], found.stubs) - 0.394) < 0.03);
            CHECK(near(found.degree_mean, row.degree, row.degree_tolerance));
            CHECK(near(found.hops_mean, row.hops, row.hops_tolerance));
            CHECK(std::abs(found.learned_from_provider - row.from_provider) < 0.03);
            if (row.ases > 50'000) {
                CHECK(near(found.transit_peers_mean, 26.3, 0.1));
                REQUIRE(found.customer_tail_50);
                CHECK(std::abs(*found.customer_tail_50 - 2.14) < 0.3);
                CHECK(near(static_cast<double>(found.customers_1000), 12, 0.6));
            }
        }
    }
}

TEST_CASE("synthetic Internet: the same shape and seed give the same ASes and links, another seed others") {
    const SyntheticInternet one = make_internet(internet_shape(500), 7), again = make_internet(internet_shape(500), 7);
    const SyntheticInternet other = make_internet(internet_shape(500), 8);
    CHECK(one.links.provider_customer == again.links.provider_customer);
    CHECK(one.links.peers == again.links.peers);
    CHECK(one.links.peers != other.links.peers);
    REQUIRE(one.places.all().size() == again.places.all().size());
    for (std::size_t as = 0; as < one.places.all().size(); ++as) {
        CHECK(one.places.all()[as].users == again.places.all()[as].users);
        CHECK(one.places.all()[as].cities.front() == again.places.all()[as].cities.front());
    }
}

TEST_CASE("synthetic Internet: every AS has a home, and each country's users are its own") {
    const SyntheticInternet internet = make_internet(internet_shape(5'000), 3);
    std::vector<double> users(countries().size(), 0), ases(countries().size(), 0);
    REQUIRE(internet.places.all().size() == 5'000);
    const auto index = [](const std::string& code) {
        const auto at = std::find_if(countries().begin(), countries().end(),
                                     [&](const Country& country) { return country.code == code; });
        REQUIRE(at != countries().end());
        return static_cast<std::size_t>(at - countries().begin());
    };
    for (const AsPlace& as : internet.places.all()) {
        REQUIRE_FALSE(as.cities.empty());
        CHECK(cities()[as.cities.front()].country == as.country);
        users[index(as.country)] += as.users;
        ++ases[index(as.country)];
    }
    const double world =
        std::accumulate(countries().begin(), countries().end(), 0.0,
                        [](double sum, const Country& country) { return sum + country.internet_users; });
    for (const char* code : {"CN", "IN", "US", "BR", "NG"}) {
        CAPTURE(code);
        const double own = countries()[index(code)].internet_users;
        CHECK(users[index(code)] <= own);
        CHECK(users[index(code)] > 0.999 * own); // what rounding down leaves
        // Homes are drawn by users: three standard deviations of a binomial number.
        const double expected = 5'000 * own / world;
        CHECK(std::abs(ases[index(code)] - expected) < 3 * std::sqrt(expected) + 25); // cliques and first customers
    }
}

TEST_CASE("synthetic Internet: numbers are those that a network may announce") {
    const SyntheticInternet internet = make_internet(internet_shape(70'000), 1);
    std::set<AsNumber> numbers;
    for (const AsPlace& as : internet.places.all()) numbers.insert(as.number);
    CHECK(numbers.size() == 70'000);
    CHECK(numbers.contains(1));
    CHECK_FALSE(numbers.contains(23456));                             // RFC 6793
    CHECK(numbers.lower_bound(64496) == numbers.lower_bound(131072)); // RFC 5398, 6996, 7300
}

TEST_CASE("synthetic Internet: given numbers of each kind, small and lopsided ones too") {
    struct Row {
        std::uint32_t tier1, transit, stubs;
    };
    const Row rows[] = {{8, 60, 400}, {1, 0, 3}, {1, 1, 1}, {2, 5, 0}, {3, 40, 10}, {30, 10, 100}};
    for (const Row& row : rows) {
        CAPTURE(row.tier1);
        CAPTURE(row.stubs);
        SyntheticInternet internet = make_internet(internet_shape(row.tier1, row.transit, row.stubs), 7);
        CHECK(internet.places.all().size() == row.tier1 + row.transit + row.stubs);
        std::vector<LinkFault> faults;
        const AsGraph graph(std::move(internet.links), &faults);
        CHECK(faults.empty());
        CHECK(graph.node_count() == row.tier1 + row.transit + row.stubs);
        CHECK(graph.provider_cycle().empty());
        const TopologyStatistics found = statistics_of(graph, 10);
        CHECK(found.components == 1);
        CHECK(found.unreachable == 0);
    }
    CHECK(internet_shape(8, 60, 400).total() == 468);
    for (const std::uint32_t ases : {20U, 21U, 200U, 999U, 61'164U, 100'000U})
        CHECK(internet_shape(ases).total() == ases);
}

} // namespace firstbyte::bgp
