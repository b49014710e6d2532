#include "bgp/peering.hpp"

#include "core/great_circle.hpp"
#include "core/random.hpp"

#include <algorithm>
#include <cmath>
#include <map>
#include <string_view>

namespace firstbyte::bgp {
namespace {

bool may_peer(AsKind kind, const CdnPeering& rule) {
    switch (kind) {
    case AsKind::Isp: return rule.isp;
    case AsKind::Edge: return rule.edge;
    case AsKind::Hosting: return rule.hosting;
    case AsKind::Institution: return rule.institution;
    }
    return false;
}

/// PoPs by the cities around them and by their country.
class PopMap {
public:
    explicit PopMap(std::span<const std::optional<Place>> pops) : near_(cities().size()) {
        const double nearest = std::cos(metropolitan_km / earth_radius_km);
        std::vector<std::array<double, 3>> directions;
        for (const City& city : cities()) directions.push_back(unit_vector(city.place));
        for (std::size_t pop = 0; pop < pops.size(); ++pop) {
            if (!pops[pop]) continue;
            const std::array<double, 3> here = unit_vector(*pops[pop]);
            const City& own = nearest_city(*pops[pop]); // the PoP's even where it is far from every listed one
            for (std::size_t city = 0; city < directions.size(); ++city)
                if (dot(directions[city], here) >= nearest || &cities()[city] == &own) near_[city].push_back(pop);
            in_country_[own.country].push_back(pop);
        }
    }

    [[nodiscard]] const std::vector<std::size_t>& near(CityIndex city) const { return near_[city]; }
    [[nodiscard]] const std::vector<std::size_t>& in_country(std::string_view country) const {
        static const std::vector<std::size_t> none;
        const auto at = in_country_.find(country);
        return at == in_country_.end() ? none : at->second;
    }

private:
    std::vector<std::vector<std::size_t>> near_; ///< by CityIndex
    std::map<std::string_view, std::vector<std::size_t>> in_country_;
};

} // namespace

std::vector<std::vector<NodeIndex>> cdn_peers(const AsGraph& graph, const Places& places, const CdnPeering& rule,
                                              std::span<const std::optional<Place>> pops) {
    std::vector<std::vector<NodeIndex>> peers(pops.size());
    if (rule.none()) return peers;
    const PopMap map(pops);
    const Draws draws(rule.seed, 0);
    std::vector<std::size_t> at;
    for (const AsPlace& as : places.all()) {
        if (as.cities.empty() || !may_peer(as.kind, rule)) continue;
        const double draw = draws.uniform(Stream::CdnPeering, as.number, 0);
        if (draw >= std::max(rule.city, rule.country)) continue;
        const auto node = graph.find(as.number);
        if (!node) continue;
        at.clear();
        for (const CityIndex city : as.cities) {
            if (draw < rule.city) at.insert(at.end(), map.near(city).begin(), map.near(city).end());
            if (draw >= rule.country) continue;
            const std::vector<std::size_t>& there = map.in_country(cities()[city].country);
            at.insert(at.end(), there.begin(), there.end());
        }
        std::sort(at.begin(), at.end());
        at.erase(std::unique(at.begin(), at.end()), at.end());
        for (const std::size_t pop : at) peers[pop].push_back(*node);
    }
    return peers;
}

} // namespace firstbyte::bgp
