// Cities by name, countries by place, and where ASes are.

#include "bgp/caida.hpp"
#include "bgp/places.hpp"
#include "core/cities.hpp"
#include "core/data_files.hpp"
#include "core/great_circle.hpp"

#include <doctest/doctest.h>

#include <string>
#include <vector>

namespace firstbyte::bgp {
namespace {

const AsGraph& internet() {
    static const AsGraph graph = [] {
        std::vector<LineFault> faults;
        return AsGraph(read_as_relationships(data_file("internet-2018.as-rel.txt.xz"), faults));
    }();
    return graph;
}

const Places& places() {
    static const Places table = Places::shipped();
    return table;
}

} // namespace

TEST_CASE("cities: names of every usual form") {
    struct Row {
        const char* name;
        double lat, lon; ///< known from any atlas, to a tenth of a degree
        double within_km;
    };
    const Row rows[] = {
        {"Frankfurt", 50.1, 8.7, 15},
        {"frankfurt am main", 50.1, 8.7, 15},
        {"FRA", 50.0, 8.6, 15},
        {"New York", 40.7, -74.0, 15},
        {"New York City", 40.7, -74.0, 15},
        {"Washington", 38.9, -77.0, 15},
        {"Zürich", 47.4, 8.5, 15},
        {"Zurich", 47.4, 8.5, 15},
        {"São Paulo", -23.5, -46.6, 15},
        {"Sao Paulo", -23.5, -46.6, 15},
        {"London", 51.5, -0.1, 15},
        {"London, CA", 43.0, -81.2, 15},
        {"Portland, US", 45.5, -122.7, 15},
        {"Singapore", 1.3, 103.9, 15},
        {"NRT", 35.8, 140.4, 15},
        {"Reykjavík", 64.1, -21.9, 15},
        {"Luxembourg", 49.6, 6.1, 15},
        {"Birmingham", 52.5, -1.9, 15},
    };
    for (const Row& row : rows) {
        CAPTURE(row.name);
        const auto place = find_city(row.name);
        REQUIRE(place.has_value());
        CHECK(great_circle_km(*place, {row.lat, row.lon}) < row.within_km);
    }
    for (const char* name : {"", "Nowhere at all", "London, XX", "fra", ", DE", "50.1, 8.7"}) {
        CAPTURE(name);
        CHECK_FALSE(find_city(name).has_value());
    }
}

TEST_CASE("cities: a misspelt name gets the nearest ones as suggestions") {
    const auto first = [](const char* name) {
        const std::vector<std::string> names = nearest_city_names(name);
        return names.empty() ? std::string() : names.front();
    };
    CHECK(first("Frankfrut") == "Frankfurt am Main");
    CHECK(first("Amsterdamm") == "Amsterdam");
    CHECK(first("Singapur") == "Singapore");
    CHECK(first("xqzjwkvyxqzjwk") == "");
    CHECK(nearest_city_names("Berln", 2) == std::vector<std::string>{"Berlin", "Bern"});
    CHECK(nearest_city_names("Berln", 1).size() == 1);
}

TEST_CASE("cities: the country of a place, and its region") {
    struct Row {
        const char* name;
        Place place;
        const char* country;
        const char* region;
    };
    const Row rows[] = {
        {"Frankfurt airport", {50.03, 8.57}, "DE", "europe_central_asia"},
        {"Ashburn", {39.04, -77.49}, "US", "america"},
        {"Changi", {1.36, 103.99}, "SG", "east_asia_pacific"},
        {"Guarulhos", {-23.43, -46.47}, "BR", "america"},
        {"Nairobi", {-1.29, 36.82}, "KE", "sub_saharan_africa"},
        {"Suva", {-18.14, 178.44}, "FJ", "east_asia_pacific"},
    };
    for (const Row& row : rows) {
        CAPTURE(row.name);
        CHECK(country_of(row.place) == row.country);
        CHECK(region_of_country(row.country) == row.region);
    }
    CHECK_FALSE(country_of({-48.9, -123.4}).has_value()); // Point Nemo, farthest from all land
    CHECK(region_of_country("XX").empty());
}

TEST_CASE("cities: the table is sorted and every AS city and region can be found") {
    REQUIRE(cities().size() > 5000);
    for (std::size_t city = 1; city < cities().size(); ++city)
        REQUIRE(cities()[city - 1].population >= cities()[city].population);
    CHECK(city_by_id(2925533)->name == "Frankfurt am Main"); // GeoNames 2925533
    CHECK(city_by_id(1) == nullptr);
}

TEST_CASE("places: what the shipped table knows of well-known networks") {
    struct Row {
        AsNumber number;
        const char* country;
        std::size_t cities_min; ///< backbones are in many cities, a university in one
    };
    const Row rows[] = {
        {3320, "DE", 10}, {1299, "SE", 50}, {3356, "US", 50}, {4134, "CN", 5}, {2, "US", 1},
    };
    for (const Row& row : rows) {
        CAPTURE(row.number);
        const AsPlace* as = places().find(row.number);
        REQUIRE(as != nullptr);
        CHECK(as->country == row.country);
        CHECK(as->cities.size() >= row.cities_min);
        CHECK(cities()[as->cities.front()].country == row.country);
    }
    CHECK(places().find(3320)->users > 1'000'000);
    CHECK(places().find(4'200'000'000) == nullptr);
    std::size_t placed = 0;
    for (const NodeIndex node : internet().by_number())
        if (places().home(internet().number(node))) ++placed;
    CHECK(placed > internet().node_count() * 99 / 100);
}

TEST_CASE("places: a table in the scenario's own words is read the same way, and faults are told") {
    const Places two("asn,country,kind,users,cities\n10,DE,isp,5,2925533;2643743\n20,,edge,0,\n");
    REQUIRE(two.find(10) != nullptr);
    CHECK(two.find(10)->cities.size() == 2);
    CHECK(two.home(10) == find_city("Frankfurt"));
    CHECK_FALSE(two.home(20).has_value());
    for (const char* text :
         {"h\n10,DE,isp,5\n", "h\nten,DE,isp,5,\n", "h\n10,DE,isp,5,1\n", "h\n20,DE,isp,5,\n10,DE,isp,5,\n"}) {
        CAPTURE(text);
        CHECK_THROWS_AS(Places{text}, std::runtime_error);
    }
}

TEST_CASE("upstreams: the largest customer cones present, by cone then number (scenario-format section 14)") {
    const auto numbers = [](const AsGraph& graph, const std::vector<NodeIndex>& nodes) {
        std::vector<AsNumber> list;
        for (const NodeIndex node : nodes) list.push_back(graph.number(node));
        return list;
    };
    using Numbers = std::vector<AsNumber>;
    // The three largest cones of the graph (topology-and-latency section 2).
    CHECK(numbers(internet(), TransitRanking(internet(), places()).largest(std::nullopt, 3)) ==
          Numbers{1299, 3356, 174});
    CHECK(internet().customer_cone(internet().find(1299).value()) == 52'350);
    CHECK(internet().customer_cone(internet().find(3356).value()) == 50'591);

    // 10 and 20 tie by cone, 30 has the largest and is in London, 40 in New York only.
    const AsGraph graph({{{10, 11}, {10, 12}, {20, 21}, {20, 22}, {30, 31}, {30, 32}, {30, 33}, {40, 41}}, {}});
    const Places known("asn,country,kind,users,cities\n10,DE,isp,0,2925533\n20,DE,isp,0,2925533\n30,GB,isp,0,2643743\n"
                       "40,US,isp,0,5128581\n");
    const TransitRanking ranking(graph, known);
    CHECK(numbers(graph, ranking.largest("DE", 1)) == Numbers{10});
    CHECK(numbers(graph, ranking.largest("DE", 2)) == Numbers{10, 20});
    CHECK(numbers(graph, ranking.largest("DE", 3)) == Numbers{10, 20, 30}); // the region before the world
    CHECK(numbers(graph, ranking.largest("DE", 9)) == Numbers{10, 20, 30, 40});
    const Places unknown;
    const TransitRanking placeless(graph, unknown);
    CHECK(numbers(graph, placeless.largest("DE", 1)) == Numbers{30});
    CHECK(numbers(graph, ranking.largest("DE", 0)) == Numbers{});
}

TEST_CASE("nearest stub: an eyeball with a provider, the nearest, then the one with most users") {
    const AsGraph graph({{{1, 10}, {1, 20}, {1, 30}, {1, 40}, {40, 41}}, {{1, 50}}});
    const Places known("asn,country,kind,users,cities\n10,DE,isp,5,2925533\n20,DE,isp,9,2925533\n30,DE,edge,0,2925533\n"
                       "40,DE,isp,99,2925533\n41,GB,isp,1,2643743\n50,DE,isp,99,2925533\n");
    const Eyeballs eyeballs(graph, known);
    CHECK(graph.number(eyeballs.nearest_stub({50.0, 8.5}).value()) == 20); // 40 is transit, 50 has no provider
    CHECK(graph.number(eyeballs.nearest_stub({52.0, -1.0}).value()) == 41);
    CHECK_FALSE(Eyeballs(graph, Places()).nearest_stub({50.0, 8.5}).has_value());

    const NodeIndex paris = Eyeballs(internet(), places()).nearest_stub({48.85, 2.35}).value();
    CHECK(internet().customers(paris).empty());
    CHECK(places().find(internet().number(paris))->country == "FR");
}

} // namespace firstbyte::bgp
