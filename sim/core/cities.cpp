#include "core/cities.hpp"

#include "core/csv.hpp"
#include "core/data_files.hpp"
#include "core/great_circle.hpp"

#include <algorithm>
#include <array>
#include <map>
#include <numeric>
#include <utility>

namespace firstbyte {
namespace {

std::string lower_case(std::string_view text) {
    std::string lower(text);
    for (char& c : lower)
        if (c >= 'A' && c <= 'Z') c = static_cast<char>(c - 'A' + 'a');
    return lower;
}

struct Airport {
    std::string_view iata;
    Place place;
};

struct CityTable {
    std::string text, airports_text, countries_text; ///< what the views below look into
    std::vector<City> cities;
    std::vector<std::array<double, 3>> directions;            ///< unit vector of each city
    std::vector<std::pair<std::uint32_t, std::size_t>> by_id; ///< sorted
    std::vector<std::pair<std::string, std::size_t>> by_name; ///< every spelling in lower case, most populous first
    std::vector<Airport> airports;                            ///< sorted by code
    std::map<std::string_view, std::string_view> region_of;   ///< by country
    std::vector<Country> countries;                           ///< sorted by code
};

CityTable read_tables() {
    CityTable table;
    table.text = read_text_file(data_file("cities.csv"));
    for_each_row(table.text, 8, "cities.csv", [&](const std::vector<std::string_view>& row) {
        const std::size_t index = table.cities.size();
        City& city = table.cities.emplace_back();
        city.geoname_id = parse_number<std::uint32_t>(row[0], "cities.csv");
        city.name = row[1];
        city.country = row[2];
        city.place = {parse_number<double>(row[3], "cities.csv"), parse_number<double>(row[4], "cities.csv")};
        city.population = parse_number<std::uint32_t>(row[5], "cities.csv");
        city.providers = parse_number<std::uint32_t>(row[6], "cities.csv");
        table.directions.push_back(unit_vector(city.place));
        table.by_id.emplace_back(city.geoname_id, index);
        table.by_name.emplace_back(lower_case(row[1]), index);
        for_each_field(row[7], '|',
                       [&](std::string_view alias) { table.by_name.emplace_back(lower_case(alias), index); });
    });
    if (table.cities.empty()) throw std::runtime_error("cities.csv holds no city");
    std::sort(table.by_id.begin(), table.by_id.end());
    std::sort(table.by_name.begin(), table.by_name.end());

    table.airports_text = read_text_file(data_file("airports.csv"));
    for_each_row(table.airports_text, 4, "airports.csv", [&](const std::vector<std::string_view>& row) {
        table.airports.push_back(
            {row[0], {parse_number<double>(row[2], "airports.csv"), parse_number<double>(row[3], "airports.csv")}});
    });
    table.countries_text = read_text_file(data_file("countries.csv"));
    for_each_row(table.countries_text, 4, "countries.csv", [&](const std::vector<std::string_view>& row) {
        table.region_of.emplace(row[0], row[2]);
        table.countries.push_back(
            {std::string(row[0]), std::string(row[1]), parse_number<std::uint32_t>(row[3], "countries.csv")});
    });
    std::sort(table.countries.begin(), table.countries.end(),
              [](const Country& a, const Country& b) { return a.code < b.code; });
    return table;
}

const CityTable& tables() {
    static const CityTable table = read_tables(); // never changes: the same for every simulation of the process
    return table;
}

/// The most populous city of that name (lower case), in `country` (lower case) unless that is empty.
const City* city_named(const std::string& name, std::string_view country) {
    const auto& index = tables().by_name;
    for (auto at = std::lower_bound(index.begin(), index.end(), std::pair{name, std::size_t{0}});
         at != index.end() && at->first == name; ++at) {
        const City& city = tables().cities[at->second];
        if (country.empty() || lower_case(city.country) == country) return &city;
    }
    return nullptr;
}

/// Edits (insert, delete, replace one byte) that turn `a` into `b`: Levenshtein's distance, row by row.
std::size_t edit_distance(std::string_view a, std::string_view b) {
    std::vector<std::size_t> row(b.size() + 1);
    std::iota(row.begin(), row.end(), std::size_t{0});
    for (std::size_t i = 0; i < a.size(); ++i) {
        std::size_t diagonal = row[0];
        row[0] = i + 1;
        for (std::size_t j = 0; j < b.size(); ++j) {
            const std::size_t replaced = diagonal + (a[i] == b[j] ? 0 : 1);
            diagonal = row[j + 1];
            row[j + 1] = std::min({row[j + 1] + 1, row[j] + 1, replaced});
        }
    }
    return row[b.size()];
}

} // namespace

const std::vector<City>& cities() { return tables().cities; }

const std::vector<Country>& countries() { return tables().countries; }

const City* city_by_id(std::uint32_t geoname_id) {
    const auto& index = tables().by_id;
    const auto at = std::lower_bound(index.begin(), index.end(), std::pair{geoname_id, std::size_t{0}});
    return at != index.end() && at->first == geoname_id ? &tables().cities[at->second] : nullptr;
}

std::optional<Place> find_city(std::string_view name) {
    const auto capital = [](char c) { return c >= 'A' && c <= 'Z'; };
    if (name.size() == 3 && std::all_of(name.begin(), name.end(), capital)) {
        const auto& airports = tables().airports;
        const auto at =
            std::lower_bound(airports.begin(), airports.end(), name,
                             [](const Airport& airport, std::string_view code) { return airport.iata < code; });
        if (at != airports.end() && at->iata == name) return at->place;
    }
    const std::string wanted = lower_case(name);
    if (const City* city = city_named(wanted, "")) return city->place;
    const std::size_t comma = wanted.rfind(", ");
    if (comma == std::string::npos) return std::nullopt;
    const City* city = city_named(wanted.substr(0, comma), std::string_view(wanted).substr(comma + 2));
    return city != nullptr ? std::optional(city->place) : std::nullopt;
}

std::vector<std::string> nearest_city_names(std::string_view name, std::size_t count) {
    const std::string wanted = lower_case(name);
    const std::size_t limit = std::max<std::size_t>(1, wanted.size() / 3); // farther apart reads as another word
    std::vector<std::pair<std::size_t, std::size_t>> similar;              // distance, city
    for (const auto& [spelling, city] : tables().by_name) {
        const std::size_t longer = std::max(spelling.size(), wanted.size());
        if (longer - std::min(spelling.size(), wanted.size()) > limit) continue;
        const std::size_t distance = edit_distance(wanted, spelling);
        if (distance <= limit) similar.emplace_back(distance, city);
    }
    std::sort(similar.begin(), similar.end()); // of equally similar names the most populous city's comes first
    std::vector<std::string> names;
    for (const auto& [distance, city] : similar) {
        const std::string& found = tables().cities[city].name;
        if (names.size() < count && std::find(names.begin(), names.end(), found) == names.end()) names.push_back(found);
    }
    return names;
}

const City& nearest_city(Place place) {
    const CityTable& table = tables();
    const std::array<double, 3> here = unit_vector(place);
    std::size_t nearest = 0;
    for (std::size_t city = 1; city < table.directions.size(); ++city)
        if (dot(table.directions[city], here) > dot(table.directions[nearest], here)) nearest = city;
    return table.cities[nearest];
}

std::optional<std::string> country_of(Place place) {
    constexpr double open_sea_km =
        500; // model choice: wider than the gap between cities of any inhabited land but Antarctica
    const City& city = nearest_city(place);
    if (great_circle_km(place, city.place) >= open_sea_km) return std::nullopt;
    return city.country;
}

std::string_view region_of_country(std::string_view country) {
    const auto at = tables().region_of.find(country);
    return at != tables().region_of.end() ? at->second : std::string_view{};
}

} // namespace firstbyte
