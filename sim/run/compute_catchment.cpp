#include "run/router.hpp"
#include "run/routes.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <utility>

namespace firstbyte {
namespace {

/// Model: the unicast leg from a PoP to an origin is not routed. It leaves the PoP's network for a transit network and
/// that for the origin's, on the great circle stretched as one leg.
constexpr std::size_t origin_handovers = 2;

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
            world.clients = router.clients(errors, noted);
            world.pop_places = router.pop_places();
            world.tie_break = router.tie_break();
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

Catchment compute_catchment(const Scenario& scenario, const CatchmentOptions& options, std::vector<Issue>* warnings) {
    RoutedWorld world = decide(scenario, options.all_ases, warnings);
    Catchment catchment;
    for (const Pop& pop : scenario.pops) catchment.pops.push_back(pop.id);
    catchment.clients = std::move(world.clients);
    catchment.ases = std::move(world.ases);
    catchment.pop_places = std::move(world.pop_places);
    if (world.tie_break) catchment.tie_break = name_of(*world.tie_break);
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

const char* name_of(TieBreak rule) {
    switch (rule) {
    case TieBreak::LowestAsn: return "lowest_asn";
    case TieBreak::NearestExit: return "nearest_exit";
    case TieBreak::Hash: return "hash";
    }
    return "";
}

const char* name_of(Reach reach) {
    switch (reach) {
    case Reach::Pop: return "pop";
    case Reach::NoRoute: return "no_route";
    case Reach::Loop: return "loop";
    case Reach::DeadPop: return "dead_pop";
    }
    return "";
}

const char* name_of(DecidedBy step) {
    switch (step) {
    case DecidedBy::Origin: return "origin";
    case DecidedBy::OnlyRoute: return "only_route";
    case DecidedBy::LocalPreference: return "local_preference";
    case DecidedBy::PathLength: return "path_length";
    case DecidedBy::Med: return "med";
    case DecidedBy::NearestExit: return "nearest_exit";
    case DecidedBy::NeighborAsn: return "neighbor_asn";
    case DecidedBy::NeighborHash: return "neighbor_hash";
    case DecidedBy::RouterId: return "router_id";
    case DecidedBy::RttTo: return "rtt_to";
    }
    return "";
}

} // namespace firstbyte
