/// The shipped table of cities: names to places, places to countries.
#pragma once

#include "firstbyte/scenario.hpp"

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace firstbyte {

struct City {
    std::uint32_t geoname_id = 0; ///< identifier in the GeoNames gazetteer
    std::string name;
    std::string country; ///< ISO 3166 alpha-2
    Place place;
    std::uint32_t population = 0;
    std::uint32_t providers = 0; ///< CDN and cloud providers with a PoP there: how much of a meeting place it is
};

struct Country {
    std::string code; ///< ISO 3166 alpha-2
    std::string name;
    std::uint32_t internet_users = 0; ///< Gapminder and World Bank (scenarios/data/README.md)
};

/// Every country, ascending code.
[[nodiscard]] const std::vector<Country>& countries();

/// Every city of at least 50,000 people, every capital and the largest city of every country; most populous first.
/// The table is read at the first use of this or of any function below.
/// @throws std::runtime_error  when the shipped data is missing or damaged; so do all functions below
[[nodiscard]] const std::vector<City>& cities();

/// The city with that GeoNames identifier, or null.
[[nodiscard]] const City* city_by_id(std::uint32_t geoname_id);

/// Place of a city: "Frankfurt", "frankfurt am main", "Portland, US", or an airport's IATA code in capitals, "FRA".
/// Upper and lower case ASCII letters are the same; the accents of a name may be left out. Among cities of one name the
/// most populous is meant.
[[nodiscard]] std::optional<Place> find_city(std::string_view name);

/// At most `count` city names that are written most like `name`, best first; empty when nothing is similar.
[[nodiscard]] std::vector<std::string> nearest_city_names(std::string_view name, std::size_t count = 3);

/// The city nearest to `place`.
[[nodiscard]] const City& nearest_city(Place place);

/// Country (ISO 3166 alpha-2) of the nearest city; none in the open sea, 500 km or more from every city.
[[nodiscard]] std::optional<std::string> country_of(Place place);

/// Region of a country (six world regions, as Gapminder names them: "europe_central_asia", ...); empty when unknown.
[[nodiscard]] std::string_view region_of_country(std::string_view country);

} // namespace firstbyte
