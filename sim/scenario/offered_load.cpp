#include "scenario/offered_load.hpp"

#include "core/sampler.hpp"

#include <algorithm>

namespace firstbyte::scenario {

double sessions_per_second(const ClientGroup& group) { return group.scripted ? 0 : group.sessions.per_sec; }

double requests_per_second(const Scenario& scenario, const ClientGroup& group) {
    return sessions_per_second(group) * mean_of(scenario.workload.requests_per_session);
}

namespace {

using RoundTrips = std::vector<std::pair<PopId, Duration>>;

std::optional<Duration> round_trip(const RoundTrips& given, std::size_t pop) {
    const auto found =
        std::find_if(given.begin(), given.end(), [pop](const auto& entry) { return entry.first.value == pop; });
    return found == given.end() ? std::nullopt : std::optional{found->second};
}

/// The first of equals, as the simulation has it.
std::optional<std::size_t> nearest_origin(const Scenario& scenario, std::size_t pop) {
    if (scenario.origins.size() == 1) return 0;
    std::optional<std::size_t> best;
    std::optional<Duration> least;
    for (std::size_t o = 0; o < scenario.origins.size(); ++o) {
        const std::optional<Duration> rtt = round_trip(scenario.origins[o].rtt_to, pop);
        if (!rtt || (least && *rtt >= *least)) continue;
        least = rtt;
        best = o;
    }
    return best;
}

} // namespace

std::optional<std::size_t> pop_of(const Scenario& scenario, const ClientGroup& group) {
    if (scenario.pops.size() == 1) return 0;
    if (scenario.topology.kind != Topology::Kind::Direct) return std::nullopt;
    const auto least = std::min_element(group.rtt_to.begin(), group.rtt_to.end(), [](const auto& a, const auto& b) {
        return std::pair{a.second, a.first} < std::pair{b.second, b.first};
    });
    return least == group.rtt_to.end() ? std::nullopt : std::optional<std::size_t>{least->first.value};
}

std::optional<std::vector<double>> requests_at_pops(const Scenario& scenario) {
    std::vector<double> load(scenario.pops.size());
    for (const ClientGroup& group : scenario.clients) {
        const std::optional<std::size_t> pop = pop_of(scenario, group);
        if (!pop) return std::nullopt;
        load[*pop] += requests_per_second(scenario, group);
    }
    return load;
}

std::optional<std::vector<double>> requests_at_origins(const Scenario& scenario) {
    const bool known = scenario.topology.kind == Topology::Kind::Direct || scenario.origins.size() == 1;
    const std::optional<std::vector<double>> at_pops = requests_at_pops(scenario);
    if (!known || !at_pops || scenario.edge.cache) return std::nullopt;
    const double misses = mean_over_objects(scenario, [&](const WebObject& object) {
        return 1 - object.cache_hit_ratio.value_or(scenario.edge.cache_hit_ratio);
    });
    std::vector<double> load(scenario.origins.size());
    for (std::size_t pop = 0; pop < at_pops->size(); ++pop) {
        if (const auto origin = nearest_origin(scenario, pop)) load[*origin] += (*at_pops)[pop] * misses;
    }
    return load;
}

double mean_share(const Loss& loss) {
    const double changes = loss.good_to_bad + loss.bad_to_good;
    const double bad = changes > 0 ? loss.good_to_bad / changes : 0;
    return (1 - bad) * loss.in_good + bad * loss.in_bad;
}

} // namespace firstbyte::scenario
