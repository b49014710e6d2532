#include "core/cities.hpp"
#include "run/routes.hpp"
#include "run/topology.hpp"
#include "run/world_clients.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <utility>

namespace firstbyte {
namespace {

/// Model: the unicast leg from a PoP to an origin is not routed. It leaves the PoP's network for a transit network and
/// that for the origin's, on the great circle stretched as one leg.
constexpr std::size_t origin_handovers = 2;

std::optional<Duration> given_rtt(const std::vector<std::pair<PopId, Duration>>& rtt_to, PopId pop) {
    for (const auto& [known, rtt] : rtt_to)
        if (known == pop) return rtt;
    return std::nullopt;
}

ClientCatchment describe(const ClientGroup& client, std::size_t index) {
    ClientCatchment catchment;
    catchment.group = {static_cast<std::uint32_t>(index)};
    catchment.client = client.id;
    catchment.region = client.region;
    catchment.country = client.country;
    catchment.population = client.population;
    catchment.sessions_per_sec = client.sessions.per_sec;
    return catchment;
}

/// Without a topology, and for a client of which only round-trip times are known: the PoP with the least one, the
/// earlier of equals.
void choose_by_rtt(const ClientGroup& client, ClientCatchment& catchment) {
    for (const auto& [pop, rtt] : client.rtt_to) {
        if (catchment.pop && std::pair{rtt, pop} >= std::pair{catchment.rtt, *catchment.pop}) continue;
        catchment.pop = pop;
        catchment.rtt = rtt;
    }
    catchment.decided_by = DecidedBy::RttTo;
    catchment.best_pop = catchment.pop;
    catchment.best_rtt = catchment.rtt;
}

/// Routes of a scenario with a topology.
class Router {
public:
    Router(const Scenario& scenario, std::vector<Issue>& errors, std::vector<Issue>& warnings)
        : scenario_(scenario), errors_(errors), warnings_(warnings), propagation_(propagation_of(scenario.topology)),
          topology_(load_topology(scenario, errors, warnings)) {
        if (!errors.empty()) return;
        announcements_ = announcements_of(scenario, topology_, errors, warnings);
        if (!errors.empty()) return;
        for (std::size_t pop = 0; pop < scenario.pops.size(); ++pop)
            pop_places_.push_back(place_of_pop(scenario.pops[pop], announcements_[pop], topology_));
        routes_.emplace(*topology_.graph, announcements_);
    }

    std::vector<ClientCatchment> clients() {
        std::vector<ClientCatchment> catchments;
        for (std::size_t index = 0; index < scenario_.clients.size(); ++index) {
            catchments.push_back(describe(scenario_.clients[index], index));
            route_client(scenario_.clients[index], index, catchments.back());
        }
        if (placeless_ > 0)
            add_issue(
                warnings_, Issue::Severity::Warning, "W510", "topology",
                fmt::format("no places are known for the paths of {} client group{}: 1 ms of round trip per AS hop",
                            placeless_, placeless_ == 1 ? "" : "s"),
                "give clients and PoPs `at`, or clients `rtt_to`");
        return catchments;
    }

    [[nodiscard]] std::vector<AsCatchment> every_as() const {
        std::vector<AsCatchment> ases;
        const bgp::AsGraph& graph = *topology_.graph;
        ases.reserve(graph.node_count());
        for (const bgp::NodeIndex node : graph.by_number()) {
            AsCatchment& as = ases.emplace_back();
            as.asn = graph.number(node);
            if (!routes_->reached(node)) continue;
            as.pop = PopId{routes_->announcement(node)};
            as.as_path = routes_->as_path(node);
            as.learned_from = routes_->learned_from(node);
            as.decided_by = routes_->decided_by(node);
        }
        return ases;
    }

    [[nodiscard]] const std::vector<std::optional<Place>>& pop_places() const { return pop_places_; }

private:
    void route_client(const ClientGroup& client, std::size_t index, ClientCatchment& catchment) {
        if (!client.asn && !client.at) return choose_by_rtt(client, catchment);
        const auto node = client.asn ? topology_.graph->find(*client.asn) : nearest_stub(*client.at);
        if (!node && client.asn) {
            return add_issue(errors_, Issue::Severity::Error, "E310", fmt::format("clients[{}].asn", index),
                             fmt::format("the topology has no AS{}", *client.asn));
        }
        if (!node) {
            return add_issue(
                errors_, Issue::Severity::Error, "E501", fmt::format("clients[{}]", index),
                fmt::format("client \"{}\" needs `asn`: this topology has no stub AS of known place", client.id));
        }
        catchment.asn = topology_.graph->number(*node);
        const bgp::AsPlace* as = topology_.places->find(catchment.asn);
        const std::optional<Place> place = client.at ? client.at : topology_.places->home(catchment.asn);
        if (catchment.country.empty() && client.at) catchment.country = country_of(*client.at).value_or("");
        if (catchment.country.empty() && as != nullptr) catchment.country = as->country;
        if (routes_->reached(*node)) follow_route(client, *node, place, catchment);
        choose_best(client, place, catchment);
    }

    std::optional<bgp::NodeIndex> nearest_stub(Place place) {
        if (!eyeballs_) eyeballs_.emplace(*topology_.graph, *topology_.places);
        return eyeballs_->nearest_stub(place);
    }

    void follow_route(const ClientGroup& client, bgp::NodeIndex node, std::optional<Place> place,
                      ClientCatchment& catchment) {
        const PopId pop{routes_->announcement(node)};
        catchment.pop = pop;
        catchment.as_path = routes_->as_path(node);
        catchment.learned_from = routes_->learned_from(node);
        catchment.decided_by = routes_->decided_by(node);
        const std::vector<bgp::NodeIndex> passed = routes_->forwarding_path(node);
        const bool ends_at_site = !announcements_[pop.value].node;
        const std::size_t handovers = passed.size() - 1 + (ends_at_site ? 1 : 0);
        const std::optional<Place> destination = pop_places_[pop.value];
        if (place && destination) {
            std::vector<bgp::Carrier> carriers;
            for (const bgp::NodeIndex carrier : passed)
                carriers.push_back(
                    {topology_.graph->number(carrier), routes_->learned_from(carrier) == LearnedFrom::Peer});
            catchment.via = bgp::early_exit_path(*topology_.places, *place, carriers, *destination);
        }
        if (const auto rtt = given_rtt(client.rtt_to, pop)) {
            catchment.rtt = *rtt;
        } else if (!catchment.via.empty()) {
            catchment.rtt = bgp::round_trip(catchment.via, handovers, propagation_);
        } else {
            ++placeless_;
            catchment.rtt = handovers == 0 ? bgp::data_center_round_trip
                                           : bgp::placeless_hop_round_trip * static_cast<std::int64_t>(handovers);
        }
    }

    /// What the least round-trip time would be if every PoP were reached directly.
    void choose_best(const ClientGroup& client, std::optional<Place> place, ClientCatchment& catchment) const {
        for (std::uint32_t index = 0; index < scenario_.pops.size(); ++index) {
            std::optional<Duration> rtt = given_rtt(client.rtt_to, {index});
            if (!rtt && place && pop_places_[index]) {
                const Place direct[] = {*place, *pop_places_[index]};
                rtt = bgp::round_trip(direct, 0, propagation_);
            }
            if (!rtt || (catchment.best_pop && *rtt >= catchment.best_rtt)) continue;
            catchment.best_pop = PopId{index};
            catchment.best_rtt = *rtt;
        }
    }

    const Scenario& scenario_;
    std::vector<Issue>& errors_;
    std::vector<Issue>& warnings_;
    bgp::Propagation propagation_;
    AsTopology topology_;
    std::vector<bgp::Announcement> announcements_;
    std::vector<std::optional<Place>> pop_places_;
    std::optional<bgp::Routes> routes_;
    std::optional<bgp::Eyeballs> eyeballs_; ///< made for the first client that needs it
    std::size_t placeless_ = 0;             ///< client groups
};

std::vector<std::vector<Duration>> origin_legs(const Scenario& scenario,
                                               const std::vector<std::optional<Place>>& pop_places) {
    const bgp::Propagation propagation = propagation_of(scenario.topology);
    std::vector<std::vector<Duration>> legs(scenario.pops.size());
    for (std::uint32_t pop = 0; pop < scenario.pops.size(); ++pop) {
        for (const Origin& origin : scenario.origins) {
            Duration rtt = unknown_rtt;
            if (const auto given = given_rtt(origin.rtt_to, {pop})) {
                rtt = *given;
            } else if (!pop_places.empty() && pop_places[pop] && origin.at) {
                const Place direct[] = {*pop_places[pop], *origin.at};
                rtt = bgp::round_trip(direct, origin_handovers, propagation);
            }
            legs[pop].push_back(rtt);
        }
    }
    return legs;
}

/// The routes as they are; a client without one has no PoP.
RoutedWorld decide(const Scenario& scenario, bool all_ases, std::vector<Issue>* warnings) {
    RoutedWorld world;
    std::vector<Issue> errors, noted;
    if (scenario.topology.kind == Topology::Kind::Direct) {
        for (std::size_t index = 0; index < scenario.clients.size(); ++index) {
            world.clients.push_back(describe(scenario.clients[index], index));
            choose_by_rtt(scenario.clients[index], world.clients.back());
        }
        world.pop_origin_rtt = origin_legs(scenario, {});
    } else {
        Router router(scenario, errors, noted);
        if (errors.empty()) {
            world.clients = router.clients();
            world.pop_origin_rtt = origin_legs(scenario, router.pop_places());
            if (all_ases && errors.empty()) world.ases = router.every_as();
        }
    }
    if (!errors.empty()) throw ScenarioError(scenario.file, std::move(errors));
    if (warnings == nullptr) return world;
    for (Issue& issue : noted) // a warning that the scenario allows is left out, as the loader does
        if (std::find(scenario.allow.begin(), scenario.allow.end(), issue.code) == scenario.allow.end())
            warnings->push_back(std::move(issue));
    return world;
}

} // namespace

RoutedWorld route(const Scenario& scenario, bool all_ases, std::vector<Issue>* warnings) {
    RoutedWorld world = decide(scenario, all_ases, warnings);
    std::vector<Issue> errors;
    std::vector<bool> checked(scenario.pops.size(), scenario.origins.empty());
    for (std::size_t index = 0; index < world.clients.size(); ++index) {
        const ClientCatchment& client = world.clients[index];
        if (!client.pop) {
            add_issue(errors, Issue::Severity::Error, client.asn == 0 ? "E501" : "E520",
                      fmt::format("clients[{}]", index),
                      client.asn == 0
                          ? fmt::format("client \"{}\" needs `rtt_to`", client.client)
                          : fmt::format("client \"{}\" in AS{} has no route to any PoP", client.client, client.asn));
            continue;
        }
        if (checked[client.pop->value]) continue;
        checked[client.pop->value] = true;
        const std::vector<Duration>& legs = world.pop_origin_rtt[client.pop->value];
        if (std::all_of(legs.begin(), legs.end(), [](Duration rtt) { return rtt == unknown_rtt; }))
            add_issue(
                errors, Issue::Severity::Error, "E502", "origins",
                fmt::format("no origin has a known round-trip time to PoP \"{}\", which clients use: give the origin "
                            "`rtt_to`, or both a place",
                            scenario.pops[client.pop->value].id));
    }
    if (!errors.empty()) throw ScenarioError(scenario.file, std::move(errors));
    return world;
}

Catchment compute_catchment(const Scenario& given, bool all_ases, std::vector<Issue>* warnings) {
    const std::optional<Scenario> expanded = with_world_expanded(given, warnings);
    const Scenario& scenario = expanded ? *expanded : given;
    RoutedWorld world = decide(scenario, all_ases, warnings);
    Catchment catchment;
    for (const Pop& pop : scenario.pops) catchment.pops.push_back(pop.id);
    catchment.clients = std::move(world.clients);
    catchment.ases = std::move(world.ases);
    catchment.tie_break = "lowest_asn"; // the only rule there is (TieBreak)
    return catchment;
}

const char* name_of(LearnedFrom relation) {
    switch (relation) {
    case LearnedFrom::Origin: return "origin";
    case LearnedFrom::Customer: return "customer";
    case LearnedFrom::Peer: return "peer";
    case LearnedFrom::Provider: return "provider";
    }
    return "";
}

const char* name_of(DecidedBy step) {
    switch (step) {
    case DecidedBy::Origin: return "origin";
    case DecidedBy::OnlyRoute: return "only_route";
    case DecidedBy::LocalPreference: return "local_preference";
    case DecidedBy::PathLength: return "path_length";
    case DecidedBy::NeighborAsn: return "neighbor_asn";
    case DecidedBy::RttTo: return "rtt_to";
    }
    return "";
}

} // namespace firstbyte
