#include "run/router.hpp"
#include "run/routes.hpp"
#include "run/world_clients.hpp"

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

std::vector<std::vector<Duration>> between_pops(const Scenario& scenario,
                                                const std::vector<std::optional<Place>>& places) {
    const bgp::Propagation propagation = propagation_of(scenario.topology);
    const std::size_t pops = scenario.pops.size();
    std::vector<std::vector<Duration>> rtt(pops, std::vector<Duration>(pops, unknown_rtt));
    for (std::size_t from = 0; from < places.size(); ++from)
        for (std::size_t to = 0; to < places.size(); ++to)
            if (places[from] && places[to])
                rtt[from][to] = bgp::leg_round_trip(*places[from], *places[to], propagation);
    return rtt;
}

/// Events that mean something only where routes spread.
void refuse_without_topology(const Scenario& scenario, std::vector<Issue>& errors) {
    for (std::size_t at = 0; at < scenario.events.size(); ++at) {
        const Event::Kind kind = scenario.events[at].kind;
        if (kind != Event::Kind::Prepend && kind != Event::Kind::LinkDown) continue;
        add_issue(errors, Issue::Severity::Error, "E522", fmt::format("events[{}].do", at),
                  "this event needs a `topology`: without one there are no AS paths");
    }
}

void decide_direct(const Scenario& scenario, RoutedWorld& world, std::vector<Issue>& errors) {
    refuse_without_topology(scenario, errors);
    for (std::size_t index = 0; index < scenario.clients.size(); ++index) {
        world.clients.push_back(describe(scenario.clients[index], index));
        choose_by_rtt(scenario.clients[index], world.clients.back());
        world.ways.push_back(direct_spans(scenario, index));
    }
    std::vector<std::optional<Place>> places;
    for (const Pop& pop : scenario.pops) places.push_back(pop.at);
    world.pop_rtt = between_pops(scenario, places);
    world.pop_origin_rtt = origin_legs(scenario, {});
}

/// Forwarding between PoPs takes their distance, so all that may take part need places.
void check_tunnels(const Scenario& scenario, const RoutedWorld& world, std::vector<Issue>& errors) {
    if (scenario.anycast.on_foreign_segment != OnForeignSegment::Forward) return;
    for (std::size_t pop = 0; pop < world.pop_rtt.size(); ++pop)
        if (world.pop_rtt[pop][pop] == unknown_rtt)
            add_issue(errors, Issue::Severity::Error, "E523", fmt::format("pops[{}]", pop),
                      fmt::format("PoP \"{}\" needs `at`: with on_foreign_segment forward the distance between PoPs "
                                  "counts",
                                  scenario.pops[pop].id));
}

/// A client of which only round-trip times are known, at a moment.
void put_span(const std::vector<WaySpan>& spans, Instant at, ClientCatchment& client) {
    for (const WaySpan& span : spans) {
        if (span.from > at) break;
        client.pop = span.reach == Reach::Pop ? span.pop : std::nullopt;
        client.reach = span.reach;
        client.rtt = span.rtt;
    }
}

void decide_routed(const Scenario& scenario, const CatchmentOptions& options, RoutedWorld& world,
                   std::vector<Issue>& errors, std::vector<Issue>& warnings) {
    Router router(scenario, errors, warnings);
    if (!errors.empty()) return;
    world.clients = router.clients(errors, warnings);
    if (!errors.empty()) return;
    world.pop_places = router.pop_places();
    world.tie_break = router.tie_break();
    world.pop_origin_rtt = origin_legs(scenario, router.pop_places());
    world.pop_rtt = between_pops(scenario, router.pop_places());
    std::optional<RouteHistory> history;
    if (routes_move(scenario)) history.emplace(scenario, router, errors, warnings);
    if (!errors.empty()) return;
    for (std::size_t index = 0; index < world.clients.size(); ++index) {
        const bool in_topology = router.client_nodes()[index].has_value();
        const ClientCatchment& start = world.clients[index];
        if (!in_topology)
            world.ways.push_back(direct_spans(scenario, index));
        else if (history && !options.at)
            world.ways.push_back(history->spans(index, start));
        else
            world.ways.push_back({{Instant{}, start.reach, start.pop, start.rtt, -1}});
    }
    if (history) world.convergence = history->convergence(options.at ? nullptr : &world.ways);
    if (history && options.at)
        for (std::size_t index = 0; index < world.clients.size(); ++index)
            if (router.client_nodes()[index]) history->at(*options.at, index, world.clients[index]);
    if (options.all_ases) world.ases = history && options.at ? history->every_as_at(*options.at) : router.every_as();
}

/// A PoP dies once before it returns.
void check_deaths(const Scenario& scenario, std::vector<Issue>& errors) {
    const std::vector<DeadSpan> spans = dead_spans(scenario);
    for (std::size_t later = 0; later < spans.size(); ++later)
        for (std::size_t other = 0; other < later; ++other) {
            const DeadSpan &a = spans[other], &b = spans[later];
            if (a.pop != b.pop || a.from >= b.until || b.from >= a.until) continue;
            add_issue(errors, Issue::Severity::Error, "E404", fmt::format("events[{}]", b.event),
                      fmt::format("PoP \"{}\" is dead already by events[{}]", scenario.pops[b.pop.value].id, a.event));
        }
}

/// The routes as they are; a client without one has no PoP.
RoutedWorld decide(const Scenario& scenario, const CatchmentOptions& options, std::vector<Issue>* warnings) {
    RoutedWorld world;
    std::vector<Issue> errors, noted;
    check_deaths(scenario, errors);
    if (!errors.empty()) throw ScenarioError(scenario.file, std::move(errors));
    if (scenario.topology.kind == Topology::Kind::Direct) {
        decide_direct(scenario, world, errors);
    } else {
        decide_routed(scenario, options, world, errors, noted);
    }
    if (!errors.empty()) throw ScenarioError(scenario.file, std::move(errors));
    if (options.at)
        for (std::size_t index = 0; index < world.clients.size(); ++index)
            if (world.clients[index].asn == 0) put_span(world.ways[index], *options.at, world.clients[index]);
    if (warnings == nullptr) return world;
    for (Issue& issue : noted) // a warning that the scenario allows is left out, as the loader does
        if (std::find(scenario.allow.begin(), scenario.allow.end(), issue.code) == scenario.allow.end())
            warnings->push_back(std::move(issue));
    return world;
}

} // namespace

RoutedWorld route(const Scenario& scenario, const CatchmentOptions& options, std::vector<Issue>* warnings) {
    RoutedWorld world = decide(scenario, options, warnings);
    std::vector<Issue> errors;
    std::vector<bool> checked(scenario.pops.size(), scenario.origins.empty());
    for (std::size_t index = 0; index < world.clients.size(); ++index) {
        const ClientCatchment& client = world.clients[index];
        bool reaches = false;
        for (const WaySpan& span : world.ways[index]) {
            if (span.reach != Reach::Pop) continue;
            reaches = true;
            if (checked[span.pop->value]) continue;
            checked[span.pop->value] = true;
            const std::vector<Duration>& legs = world.pop_origin_rtt[span.pop->value];
            if (std::all_of(legs.begin(), legs.end(), [](Duration rtt) { return rtt == unknown_rtt; }))
                add_issue(
                    errors, Issue::Severity::Error, "E502", "origins",
                    fmt::format("no origin has a known round-trip time to PoP \"{}\", which clients use: give the "
                                "origin `rtt_to`, or both a place",
                                scenario.pops[span.pop->value].id));
        }
        if (reaches) continue;
        add_issue(errors, Issue::Severity::Error, client.asn == 0 ? "E501" : "E520", fmt::format("clients[{}]", index),
                  client.asn == 0
                      ? fmt::format("client \"{}\" needs `rtt_to`", client.client)
                      : fmt::format("client \"{}\" in AS{} has no route to any PoP", client.client, client.asn));
    }
    check_tunnels(scenario, world, errors);
    if (!errors.empty()) throw ScenarioError(scenario.file, std::move(errors));
    return world;
}

Catchment compute_catchment(const Scenario& given, const CatchmentOptions& options, std::vector<Issue>* warnings) {
    const std::optional<Scenario> expanded = with_world_expanded(given, warnings);
    const Scenario& scenario = expanded ? *expanded : given;
    RoutedWorld world = decide(scenario, options, warnings);
    Catchment catchment;
    for (const Pop& pop : scenario.pops) catchment.pops.push_back(pop.id);
    catchment.clients = std::move(world.clients);
    catchment.ases = std::move(world.ases);
    catchment.convergence = std::move(world.convergence);
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
