/// Where the ASes of a made-up Internet are and who uses them.
#pragma once

#include "bgp/places.hpp"
#include "bgp/synthetic.hpp"
#include "core/random.hpp"

#include <cstdint>
#include <vector>

namespace firstbyte::bgp {

/// Position in countries().
using CountryIndex = std::uint32_t;

struct SyntheticHome {
    CountryIndex country = 0;
    CityIndex city = 0;
};

/// The countries that have a city, with their cities.
class Homes {
public:
    explicit Homes(const Draws& draws);

    /// The country by Internet users, the city by population.
    [[nodiscard]] SyntheticHome draw();
    /// A meeting place of networks: by the number of CDN and cloud providers with a PoP there.
    [[nodiscard]] SyntheticHome draw_meeting_place();
    /// A city of that country by population.
    [[nodiscard]] SyntheticHome draw_in(CountryIndex country);

    /// The country's cities, those first in which most CDN and cloud providers have a PoP; none of them lacks one but
    /// the first.
    [[nodiscard]] const std::vector<CityIndex>& meeting_places(CountryIndex country) const {
        return countries_[country].meeting_places;
    }

private:
    struct CountryCities {
        std::vector<CityIndex> cities;
        std::vector<double> population; ///< cumulative
        std::vector<CityIndex> meeting_places;
    };

    Draws draws_;
    std::uint64_t next_ = 0;
    std::vector<CountryCities> countries_; ///< by CountryIndex
    std::vector<double> users_;            ///< of countries with a city, cumulative
    std::vector<double> providers_;        ///< of cities, cumulative
    std::vector<CountryIndex> country_of_; ///< by CityIndex
    [[nodiscard]] double uniform();
};

/// A generated AS as far as places depend on it. Positions count in the order of joining: clique, transit, stubs, edge.
struct SyntheticSystems {
    InternetShape shape;
    std::vector<AsNumber> numbers;
    std::vector<SyntheticHome> homes;
    std::vector<std::pair<std::uint32_t, std::uint32_t>> provider_customer, peers; ///< positions
};

/// Further cities where an AS has customers or many peers, by the rule of scenarios/data/README.md; users and kinds in
/// the shares of the shipped table.
[[nodiscard]] Places synthetic_places(const SyntheticSystems& systems, const Homes& homes, const Draws& draws);

} // namespace firstbyte::bgp
