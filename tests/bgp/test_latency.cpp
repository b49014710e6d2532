// Great circles, legs and early-exit paths.

#include "bgp/latency.hpp"
#include "core/great_circle.hpp"

#include <doctest/doctest.h>
#include <nlohmann/json.hpp>

#include <chrono>
#include <fstream>
#include <string>
#include <vector>

namespace firstbyte::bgp {
namespace {

using namespace std::chrono_literals;

Place at(const char* city) { return find_city(city).value(); }

// Frankfurt 2925533, London 2643743, New York City 5128581, Paris 2988507, Amsterdam 2759794, Sydney 2147714
const char* const table = "asn,country,kind,users,cities\n"
                          "10,DE,isp,1,2925533\n"                         // a stub in Frankfurt
                          "20,US,isp,0,5128581;2925533;2643743;2988507\n" // a backbone
                          "30,GB,isp,0,2643743;5128581;2988507\n"         // another
                          "40,AU,isp,1,2147714\n";                        // a stub in Sydney

} // namespace

TEST_CASE("distance: great-circle round trips of the oracle, R = 6371.0088 km") {
    std::ifstream stream(FIRSTBYTE_SOURCE_DIR "/tests/conformance/bgp/geo_rtt/oracles.json");
    REQUIRE(stream.good());
    const auto cases = nlohmann::json::parse(stream).at("cases");
    CHECK(cases.size() == 4);
    for (const auto& row : cases) {
        CAPTURE(row.at("name").get<std::string>());
        const auto& in = row.at("inputs");
        const Place from{in.at("lat1"), in.at("lon1")}, to{in.at("lat2"), in.at("lon2")};
        CHECK(great_circle_km(from, to) == doctest::Approx(row.at("km").get<double>()).epsilon(1e-9));
        // The oracle's fibre has the refractive index n: light covers c / n, and the cable lies on the great circle.
        const double km_per_ms = 299792.458 / 1000 / in.at("refractive_index").get<double>();
        const double tolerance = row.at("rel_tolerance");
        CHECK(to_ms(leg_round_trip(from, to, {km_per_ms, 1.0, 0ms})) ==
              doctest::Approx(row.at("expected").get<double>()).epsilon(tolerance));
    }
}

TEST_CASE("distance: the nearest point has the largest dot product, also across the date line and at the poles") {
    const Place suva{-18.14, 178.44}, apia{-13.83, -171.77}, sydney{-33.87, 151.21}, pole{90, 0}, oslo{59.91, 10.75};
    CHECK(dot(unit_vector(suva), unit_vector(apia)) > dot(unit_vector(suva), unit_vector(sydney)));
    CHECK(dot(unit_vector(pole), unit_vector(oslo)) > dot(unit_vector(pole), unit_vector(suva)));
    CHECK(great_circle_km(suva, suva) == 0);
    CHECK(great_circle_km({0, 0}, {0, 180}) == doctest::Approx(earth_radius_km * std::numbers::pi));
}

TEST_CASE("round trip: legs, hand-overs and the data centre (topology-and-latency section 4)") {
    const Place a{0, 0}, b{0, 10}, c{0, 20};
    const double degree_km = earth_radius_km * std::numbers::pi / 180;
    const double leg_ms = 2 * 10 * degree_km / 200 * 1.4;
    const Propagation defaults{200, 1.4, 300us};
    const std::vector<Place> line{a, b, c};
    CHECK(to_ms(leg_round_trip(a, b, defaults)) == doctest::Approx(leg_ms).epsilon(1e-6));
    CHECK(to_ms(round_trip(line, 2, defaults)) == doctest::Approx(2 * leg_ms + 2 * 0.3 + 0.2).epsilon(1e-6));
    CHECK(round_trip(std::vector<Place>{a}, 0, defaults) == 200us);
}

TEST_CASE("early exit: each AS hands over at the nearest city where it meets the next") {
    const Places known(table);
    struct Row {
        const char* name;
        Place client;
        std::vector<Carrier> carriers;
        Place destination;
        std::vector<Place> path;
    };
    const Row rows[] = {
        {"a stub reaches its provider's nearest city",
         at("Mannheim"),
         {{10}, {20}},
         at("New York"),
         {at("Mannheim"), at("Frankfurt"), at("New York")}},
        {"provider and customer meet in Paris, nearest to Frankfurt",
         at("Frankfurt"),
         {{10}, {20}, {30}},
         at("New York"),
         {at("Frankfurt"), at("Paris"), at("New York")}},
        {"the client sits where the hand-over is: one leg",
         at("Frankfurt"),
         {{10}, {20}},
         at("Paris"),
         {at("Frankfurt"), at("Paris")}},
        {"an AS of unknown place lies on the way",
         at("Frankfurt"),
         {{10}, {64510}, {20}},
         at("Paris"),
         {at("Frankfurt"), at("Paris")}},
        {"nothing known of any AS", at("Frankfurt"), {{64510}, {64511}}, at("Sydney"), {at("Frankfurt"), at("Sydney")}},
        {"a stub as the last AS is where the path ends",
         at("Frankfurt"),
         {{10}, {20}, {40}},
         at("Sydney"),
         {at("Frankfurt"), at("New York"), at("Sydney")}},
        {"client and PoP in one city", at("Paris"), {{20}}, at("Paris"), {at("Paris")}},
    };
    for (const Row& row : rows) {
        CAPTURE(row.name);
        const std::vector<Place> path = early_exit_path(known, row.client, row.carriers, row.destination);
        if (row.carriers.back().number == 40) { // the backbone's city nearest to Sydney is computed, not known by heart
            CHECK(path.size() == 3);
            CHECK(path.front() == row.client);
            CHECK(path.back() == row.destination);
        } else {
            CHECK(path == row.path);
        }
    }
}

TEST_CASE("early exit: peers meet in the great interconnection cities only") {
    // Both are in Leipzig (2879139), between Frankfurt and Berlin, and in London.
    const Places known(
        "asn,country,kind,users,cities\n1,DE,isp,0,2879139;2643743\n2,DE,isp,0,2879139;2643743;5128581\n");
    const Place leipzig = at("Leipzig"), frankfurt = at("Frankfurt"), london = at("London");
    CHECK(early_exit_path(known, leipzig, std::vector<Carrier>{{1, false}, {2}}, leipzig) ==
          std::vector<Place>{leipzig});
    CHECK(early_exit_path(known, leipzig, std::vector<Carrier>{{1, true}, {2}}, leipzig) ==
          std::vector<Place>{leipzig, frankfurt, london, frankfurt, leipzig});
}

TEST_CASE("early exit: long lines lead through the backbone cities near their ends") {
    // Lyon 2996944, Marseille 2995469, Porto 2735943; of these and of the table above only Lyon and Porto are small.
    const Places known("asn,country,kind,users,cities\n1,FR,isp,0,2996944;2995469;2735943;5128581\n");
    const auto way = [&](const char* from, const char* to) {
        return early_exit_path(known, at(from), std::vector<Carrier>{{1}}, at(to));
    };
    const auto through = [](std::vector<const char*> names) {
        std::vector<Place> places;
        for (const char* name : names) places.push_back(at(name));
        return places;
    };
    CHECK(way("Lyon", "New York") == through({"Lyon", "Zürich", "New York"}));
    CHECK(way("New York", "Lyon") == through({"New York", "Zürich", "Lyon"}));
    CHECK(way("Porto", "Lyon") == through({"Porto", "Madrid", "Zürich", "Lyon"}));
    CHECK(way("Paris", "New York") == through({"Paris", "New York"}));           // both are backbone cities
    CHECK(way("Lyon", "Grenoble") == through({"Lyon", "Grenoble"}));             // 95 km
    CHECK(way("Sydney", "Canberra") == through({"Sydney", "Canberra"}));         // 250 km
    CHECK(way("Versailles", "New York") == through({"Versailles", "New York"})); // in the area of Paris
    CHECK(way("Yakutsk", "Magadan") == through({"Yakutsk", "Magadan"}));         // nearer than any backbone city
    // What nobody knows the cities of goes straight.
    CHECK(early_exit_path(known, at("Lyon"), std::vector<Carrier>{{2}}, at("New York")) ==
          through({"Lyon", "New York"}));
}

} // namespace firstbyte::bgp
