#include "world.hpp"

#include "core/cities.hpp"
#include "core/great_circle.hpp"
#include "core/random.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <initializer_list>
#include <map>
#include <numbers>

namespace firstbyte::validate {
namespace {

constexpr AsNumber opendns = 36692;

/// Share of the ASes in a site's city that peer there, unseen in the graph: 345 of the 2,873 networks of the probes
/// reached OpenDNS directly or across an exchange and are not its neighbours in the graph.
constexpr double peering_share = 0.15;

/// A site, the range it answers from in the measurement, and the transit networks that lead to it: read off the last AS
/// of the traceroutes of the same measurement (Level 3 leads to Amsterdam and London and to America, GTT to many more
/// and so on). Regional networks led their own customers only, so they are peers here, whatever the graph infers. Sites
/// in the United States share ranges, so their tables are by country.
struct KnownSite {
    const char* city;
    const char* label; ///< of all sites that are counted together
    std::initializer_list<AsNumber> transit, regional = {};
};
constexpr AsNumber level3 = 3356, gtt = 3257, ntt = 2914, telstra = 4637, singtel = 7473, cesnet = 2852, vocus = 4826,
                   pccw = 3491, seacom = 37100;
const std::array<KnownSite, 24> known_sites = {{
    {"Amsterdam", "Amsterdam", {level3, gtt, ntt}},
    {"London", "London", {level3, gtt, ntt}},
    {"Johannesburg", "London", {}, {seacom}}, // answers from London's range
    {"Frankfurt", "Frankfurt", {gtt, ntt}},
    {"Paris", "Paris", {gtt}},
    {"Prague", "Prague", {gtt}, {cesnet}},
    {"Warsaw", "Warsaw", {}},
    {"Berlin", "Berlin", {}},
    {"Bucharest", "Bucharest", {}},
    {"Copenhagen", "Copenhagen", {gtt}},
    {"Singapore", "Singapore", {gtt}, {singtel, telstra}},
    {"Hong Kong", "Hong Kong", {ntt, gtt}, {telstra, pccw}},
    {"Tokyo", "Tokyo", {ntt, gtt}},
    {"Sydney", "Sydney", {ntt}, {vocus}},
    {"Toronto", "Toronto", {level3}},
    {"Vancouver", "Vancouver", {level3}},
    {"Washington", "United States", {level3, gtt, ntt}},
    {"New York", "United States", {level3, gtt, ntt}},
    {"Chicago", "United States", {level3, gtt, ntt}},
    {"Dallas", "United States", {level3, gtt, ntt}},
    {"Miami", "United States", {level3, gtt, ntt}},
    {"Los Angeles", "United States", {level3, gtt, ntt}},
    {"San Jose", "United States", {level3, gtt, ntt}},
    {"Seattle", "United States", {level3, gtt, ntt}},
}};

/// The label of a range; by the probes that are nearest to it (README of the data).
const char* label_of(const std::string& range) {
    static const std::map<std::string, const char*, std::less<>> labels = {
        {"208.69.35.0/24", "Amsterdam"},      {"208.69.34.0/24", "London"},    {"208.69.33.0/24", "Frankfurt"},
        {"146.112.128.0/24", "Paris"},        {"146.112.129.0/24", "Prague"},  {"208.69.32.0/24", "United States"},
        {"67.215.80.0/24", "Singapore"},      {"185.60.87.0/24", "Warsaw"},    {"208.67.217.0/24", "United States"},
        {"67.215.83.0/24", "Sydney"},         {"185.60.84.0/24", "Berlin"},    {"208.67.219.0/24", "United States"},
        {"208.69.36.0/24", "United States"},  {"185.60.86.0/24", "Bucharest"}, {"67.215.84.0/24", "Toronto"},
        {"208.67.216.0/24", "United States"}, {"67.215.82.0/24", "Hong Kong"}, {"208.69.37.0/24", "Tokyo"},
        {"185.60.85.0/24", "Copenhagen"},     {"67.215.85.0/24", "Vancouver"},
    };
    const auto found = labels.find(range);
    return found == labels.end() ? "other" : found->second;
}

/// The sites with their transit, the peers that the graph shows wherever they are, and some that it does not.
std::vector<Site> sites_of(const Internet& internet) {
    std::vector<Site> sites;
    for (const KnownSite& known : known_sites) {
        Site& site = sites.emplace_back(Site{known.label, city(known.city), {}, {}});
        for (const AsNumber number : known.transit)
            if (const auto node = internet.graph().find(number)) site.providers.push_back(*node);
        for (const AsNumber number : known.regional)
            if (const auto node = internet.graph().find(number)) site.peers.push_back(*node);
        if (const auto own = internet.graph().find(opendns))
            for (const bgp::NodeIndex peer : internet.graph().peers(*own))
                if (is_present(internet, peer, site.place) &&
                    std::find(site.peers.begin(), site.peers.end(), peer) == site.peers.end())
                    site.peers.push_back(peer);
    }
    add_city_peers(internet, peering_share, sites);
    return sites;
}

/// Model choice: a probe in an AS of one city of its country is there; else its place is drawn among the cities of the
/// country, likelier the more people they have.
class ProbePlaces {
public:
    explicit ProbePlaces(const Internet& internet) : internet_(internet) {
        for (const City& at : cities()) in_country_[at.country].emplace_back(&at, static_cast<double>(at.population));
    }

    [[nodiscard]] std::optional<Place> of(const AtlasProbe& probe) const {
        const bgp::AsPlace* as = internet_.places().find(probe.asn);
        if (as != nullptr && as->cities.size() == 1 && cities()[as->cities.front()].country == probe.country)
            return cities()[as->cities.front()].place;
        const auto found = in_country_.find(probe.country);
        if (found == in_country_.end()) return internet_.places().home(probe.asn);
        double total = 0;
        for (const auto& [at, people] : found->second) total += people;
        double point = draws_.uniform(Stream{0}, probe.id, 3) * total;
        for (const auto& [at, people] : found->second) {
            point -= people;
            if (point <= 0) return at->place;
        }
        return found->second.front().first->place;
    }

    /// Round trip of the last mile: lognormal, median 6 ms, sigma 0.8, fitted to the 645 probes in small countries
    /// whose site is in the country.
    [[nodiscard]] double access_ms(std::uint32_t probe) const {
        const double u = draws_.uniform(Stream::AccessDelay, probe, 0),
                     v = draws_.uniform(Stream::AccessDelay, probe, 1);
        return 6 * std::exp(0.8 * std::sqrt(-2 * std::log(u)) * std::cos(2 * std::numbers::pi * v));
    }

private:
    const Internet& internet_;
    Draws draws_{1, 0};
    std::map<std::string, std::vector<std::pair<const City*, double>>, std::less<>> in_country_;
};

using Counts = std::map<std::string, double, std::less<>>;

std::string largest_of(const Counts& counts) {
    double total = 0;
    std::vector<std::pair<double, std::string>> order;
    for (const auto& [name, count] : counts) {
        total += count;
        order.emplace_back(-count, name);
    }
    std::sort(order.begin(), order.end());
    std::string text;
    for (std::size_t at = 0; at < std::min<std::size_t>(4, order.size()); ++at)
        if (const double share = -100 * order[at].first / total; share >= 0.5)
            text += fmt::format("{}{} {:.0f} %", text.empty() ? "" : ", ", order[at].second, share);
    return text;
}

double share_of(const Counts& counts, std::string_view name) {
    double total = 0;
    for (const auto& entry : counts) total += entry.second;
    const auto found = counts.find(name);
    return found == counts.end() || total == 0 ? 0 : 100 * found->second / total;
}

struct Found {
    std::vector<double> rtt_ms;
    Counts simulated_sites, measured_sites;
    std::map<std::string, std::pair<Counts, Counts>, std::less<>> by_country; ///< simulated, measured
    std::map<AsNumber, std::size_t> ases;                                     ///< of the path, one row per AS
    std::size_t same_site = 0, in_country = 0, probes = 0, unknown = 0;
};

Found follow(const Internet& internet, const std::vector<AtlasProbe>& probes) {
    Found found;
    const ProbePlaces places(internet);
    Service service(internet, sites_of(internet), opendns);
    for (const AtlasProbe& probe : probes) {
        const auto node = internet.graph().find(probe.asn);
        const auto place = places.of(probe);
        const auto way = node && place ? service.way({*node, *place, 1}) : std::nullopt;
        if (!way) {
            ++found.unknown;
            continue;
        }
        const std::string& site = service.sites()[way->site].name;
        const std::string measured = label_of(probe.site);
        ++found.probes;
        if (site == measured) ++found.same_site;
        found.simulated_sites[site] += 1;
        found.measured_sites[measured] += 1;
        auto& [simulated_here, measured_here] = found.by_country[probe.country];
        simulated_here[site] += 1;
        measured_here[measured] += 1;
        if (country_of(service.sites()[way->site].place) == probe.country) ++found.in_country;
        found.rtt_ms.push_back(way->rtt_ms + places.access_ms(probe.id));
        found.ases.emplace(probe.asn, way->ases);
    }
    return found;
}

double share_with(const std::map<AsNumber, std::size_t>& ases, std::size_t least, std::size_t most) {
    double count = 0;
    for (const auto& [number, length] : ases) count += least <= length && length <= most ? 1 : 0;
    return 100 * count / static_cast<double>(ases.size());
}

} // namespace

WorldPart compare_anycast(const Internet& internet, const std::optional<std::vector<AtlasProbe>>& probes) {
    WorldPart part;
    part.id = "anycast";
    part.title = "An anycast resolver as 7,500 probes saw it";
    std::optional<Found> found;
    if (probes) found = follow(internet, *probes);
    part.text =
        "Measured: OpenDNS from RIPE Atlas, 22 to 26 June 2017: the site that answered, traceroutes, one probe one "
        "vote. Simulated: the "
        "same probes by AS and country at 24 sites; transit of each site as the traceroutes show it, the peers of the "
        "graph wherever they "
        "are present, and 15 % of the smaller networks present in a site's city. Access adds a lognormal delay of 6 ms "
        "in the median. "
        "The model was not fitted to this measurement, the deployment was: four were tried, with the median RTT at 99, "
        "38, 19 and 21 ms, until regional networks were peers, two merged networks were left out and only smaller "
        "networks peered unseen. So the round trips that are met are no independent check.\n\n"
        "Where the model is off: paths are too short, because NTT attracts three times as many networks as it did "
        "(Level 3 and GTT as many "
        "as they did): every site of NTT is announced alike, while the operator may have prepended. A traceroute also "
        "counts the "
        "exchange's own number, which the graph does not have. A country goes to the right sites, but a probe only in "
        "every second case "
        "to the very one: where in the country it is was drawn, and Berlin, Warsaw or Singapore are chosen by peerings "
        "that nobody has "
        "published. Italian, Russian and Indian networks, whose upstreams hand over abroad, are wrong more often.";
    // Percentiles of traceroutes; lengths in ASes of the traceroutes, both ends counted, one row per AS.
    constexpr std::array<std::pair<double, double>, 3> measured_rtt = {{{0.25, 10.5}, {0.5, 21.5}, {0.75, 38.7}}};
    for (const auto& [share, ms] : measured_rtt)
        part.figures.push_back(within(0.2, fmt::format("RTT of probes, {:.0f} %", share * 100), "ms",
                                      found ? std::optional(quantile(found->rtt_ms, share)) : std::nullopt, ms));
    struct Length {
        const char* name;
        std::size_t least, most;
        double measured;
    };
    constexpr std::array<Length, 4> lengths = {
        {{"3 or fewer", 0, 3, 39.1}, {"4", 4, 4, 43.8}, {"5", 5, 5, 14.2}, {"6 or more", 6, 99, 2.7}}};
    constexpr double points = 8; // "a few": the traceroutes count an exchange's own number, the graph does not have it
    for (const Length& of : lengths)
        part.figures.push_back({fmt::format("AS paths of {} ASes", of.name), "%",
                                found ? std::optional(share_with(found->ases, of.least, of.most)) : std::nullopt,
                                of.measured, std::max(0.0, of.measured - points), of.measured + points});
    const auto country = [&](const char* what, const char* code, const char* site, double measured) {
        std::optional<double> simulated;
        if (found) simulated = share_of(found->by_country[code].first, site);
        part.figures.push_back({what, "%", simulated, measured, std::nullopt, std::nullopt});
    };
    country("Britain to London", "GB", "London", 94);
    country("Netherlands to Amsterdam", "NL", "Amsterdam", 94);
    country("Australia to Sydney", "AU", "Sydney", 100);
    country("Brazil to the United States", "BR", "United States", 97);
    country("France to London", "FR", "London", 59);
    country("Germany to Frankfurt", "DE", "Frankfurt", 53);
    country("Sweden to Amsterdam", "SE", "Amsterdam", 80);
    country("Japan to Tokyo", "JP", "Tokyo", 55);
    if (!found) return part;
    const auto percent = [&](std::size_t count) {
        return 100 * static_cast<double>(count) / static_cast<double>(found->probes);
    };
    part.figures.push_back(
        {"probes at the site they were seen at", "%", percent(found->same_site), 100, std::nullopt, std::nullopt});
    part.figures.push_back(
        {"probes that stay in their country", "%", percent(found->in_country), 41, std::nullopt, std::nullopt});
    WorldTable sites{"Share of the probes by site", {"site", "simulated", "measured"}, {}};
    std::vector<std::pair<double, std::string>> order;
    for (const auto& [name, count] : found->measured_sites) order.emplace_back(-count, name);
    std::sort(order.begin(), order.end());
    for (const auto& [count, name] : order)
        sites.rows.push_back({name, fmt::format("{:.1f} %", share_of(found->simulated_sites, name)),
                              fmt::format("{:.1f} %", share_of(found->measured_sites, name))});
    WorldTable countries{"Where countries go", {"country", "simulated", "measured"}, {}};
    for (const char* code : {"DE", "US", "FR", "GB", "NL", "RU", "CZ", "CH", "IT", "CA", "SE", "UA", "PL", "JP", "ES",
                             "AU", "BR", "IN", "ZA"})
        countries.rows.push_back(
            {code, largest_of(found->by_country[code].first), largest_of(found->by_country[code].second)});
    part.tables = {std::move(sites), std::move(countries)};
    return part;
}

} // namespace firstbyte::validate
