// Ten thousand small worlds against naive message passing: full solves, withdrawals one by one and in pairs.

#include "bgp/naive_solver.hpp"
#include "bgp/propagation.hpp"
#include "bgp/what_if.hpp"
#include "core/mix.hpp"

#include <doctest/doctest.h>

#include <algorithm>
#include <set>
#include <string>
#include <utility>
#include <vector>

namespace firstbyte::bgp {
namespace {

#if defined(__SANITIZE_ADDRESS__)
constexpr std::uint64_t worlds = 2500; // each costs ten times as much
#else
constexpr std::uint64_t worlds = 10'000;
#endif

/// Numbers that depend on the seed alone, on every platform.
struct Random {
    std::uint64_t state = 0;
};

/// A number below `limit`.
std::uint32_t draw(Random& random, std::size_t limit) {
    random.state += 0x9e3779b97f4a7c15; // SplitMix64 (Steele, Lea and Flood, 2014)
    return static_cast<std::uint32_t>(mix64(random.state) % limit);
}

bool one_in(Random& random, std::size_t count) { return draw(random, count) == 0; }

/// Between 5 and 40 numbers, shuffled: who comes first in the hierarchy does not depend on them.
std::vector<AsNumber> random_numbers(Random& random) {
    std::set<AsNumber> numbers;
    for (std::uint32_t left = 5 + draw(random, 36); left > 0; --left) numbers.insert(1 + draw(random, 200));
    std::vector<AsNumber> shuffled(numbers.begin(), numbers.end());
    for (std::size_t left = shuffled.size(); left > 1; --left)
        std::swap(shuffled[left - 1], shuffled[draw(random, left)]);
    return shuffled;
}

AsLinks random_links(Random& random, const std::vector<AsNumber>& numbers, bool with_cycle) {
    AsLinks links;
    std::set<std::pair<AsNumber, AsNumber>> taken;
    const auto fresh = [&](AsNumber a, AsNumber b) { return a != b && taken.insert(std::minmax(a, b)).second; };
    for (std::size_t at = 1; at < numbers.size(); ++at) {
        for (std::uint32_t count = draw(random, 4); count > 0; --count) {
            const AsNumber provider = numbers[draw(random, at)];
            if (fresh(provider, numbers[at])) links.provider_customer.emplace_back(provider, numbers[at]);
        }
    }
    for (std::uint32_t count = draw(random, numbers.size()); count > 0; --count) {
        const AsNumber a = numbers[draw(random, numbers.size())], b = numbers[draw(random, numbers.size())];
        if (fresh(a, b)) links.peers.emplace_back(a, b);
    }
    if (with_cycle) { // the three latest provide one another around
        const std::size_t size = numbers.size();
        for (std::size_t at = 0; at < 3 && size >= 3; ++at) {
            const AsNumber a = numbers[size - 1 - at], b = numbers[size - 1 - (at + 1) % 3];
            if (fresh(a, b)) links.provider_customer.emplace_back(a, b);
        }
    }
    return links;
}

struct World {
    AsLinks links;
    AsGraph graph;
    std::vector<AsNumber> present;
    std::vector<Announcement> announcements;
    RoutePolicy policy;
};

AsNumber any_of(Random& random, const std::vector<AsNumber>& numbers) { return numbers[draw(random, numbers.size())]; }

std::vector<AsNumber> random_list(Random& random, const std::vector<AsNumber>& numbers, std::size_t longest) {
    std::vector<AsNumber> list;
    for (std::uint32_t count = draw(random, longest + 1); count > 0; --count) list.push_back(any_of(random, numbers));
    return list;
}

Announcement random_announcement(Random& random, const World& world) {
    Announcement from;
    if (one_in(random, 3)) {
        from.asn = any_of(random, world.present);
        from.node = world.graph.find(from.asn);
    } else {
        // Some sites carry the number of an AS that is in the graph too, and some one of their own.
        from.asn = one_in(random, 5) ? world.present.front() : 300 + draw(random, 2);
        for (const AsNumber number : random_list(random, world.present, 2))
            from.providers.push_back(world.graph.find(number).value());
        for (const AsNumber number : random_list(random, world.present, 2))
            from.peers.push_back(world.graph.find(number).value());
    }
    from.prepend = one_in(random, 4) ? draw(random, 3) : 0;
    if (one_in(random, 4)) from.prepend_to = {{any_of(random, world.present), 1 + draw(random, 2)}};
    if (one_in(random, 6)) from.only_to = random_list(random, world.present, 4);
    if (one_in(random, 3)) from.no_export_to = random_list(random, world.present, 3);
    if (one_in(random, 8)) from.no_export_by = random_list(random, world.present, 3);
    from.no_export = one_in(random, 12);
    for (std::uint32_t count = one_in(random, 2) ? draw(random, 5) : 0; count > 0; --count)
        from.prepend_via.push_back({one_in(random, 2) ? 0 : any_of(random, world.present),
                                    any_of(random, world.present), 1 + draw(random, 2)});
    if (one_in(random, 2)) from.med = draw(random, 3);
    if (one_in(random, 3)) from.med_to = {{any_of(random, world.present), draw(random, 3)}};
    if (one_in(random, 3)) from.router_id = draw(random, 4);
    from.invalid = one_in(random, 6);
    return from;
}

World random_world(std::uint64_t seed) {
    Random random{seed};
    World world;
    world.links = random_links(random, random_numbers(random), seed % 5 == 0);
    world.graph = AsGraph(world.links);
    for (const NodeIndex node : world.graph.by_number()) world.present.push_back(world.graph.number(node));
    if (world.present.empty()) return world;
    for (std::uint32_t count = 1 + draw(random, 5); count > 0; --count)
        world.announcements.push_back(random_announcement(random, world));
    if (one_in(random, 2)) world.policy = {TieBreak::Hash, seed, {}, {}};
    if (one_in(random, 3)) world.policy.validating = random_list(random, world.present, 10);
    return world;
}

std::vector<Offer> offers_of(const World& world, AsNumber self, const std::vector<NaiveRoute>& routes) {
    std::vector<Offer> offers;
    for (const NaiveRoute& route : routes)
        offers.push_back({world.graph.find(route.from_site ? self : route.neighbor).value(), route.announcement});
    return offers;
}

/// The first difference, or nothing.
std::string difference(const World& world, const Routes& routes, const NaiveSolver& naive) {
    std::vector<Offer> tied;
    for (const NodeIndex node : world.graph.by_number()) {
        const AsNumber number = world.graph.number(node);
        const std::string at = "AS" + std::to_string(number) + " ";
        const auto expected = naive.table().find(number);
        if (routes.reached(node) != (expected != naive.table().end())) return at + "reached";
        if (expected == naive.table().end()) continue;
        const NaiveRoute& best = expected->second;
        if (routes.learned_from(node) != best.learned_from) return at + "class";
        if (routes.path_length(node) != best.path.size()) return at + "length";
        if (routes.as_path(node) != best.path) return at + "path";
        if (routes.announcement(node) != best.announcement) return at + "announcement";
        const auto hop = routes.next_hop(node);
        if (best.learned_from != LearnedFrom::Origin && hop.has_value() == best.from_site) return at + "site or AS";
        if (hop && world.graph.number(*hop) != best.neighbor) return at + "next hop";
        routes.tied(node, tied);
        const bool origin = best.learned_from == LearnedFrom::Origin;
        if (tied !=
            (origin ? std::vector<Offer>{} : offers_of(world, number, naive.decide(number, naive.accepted(number)))))
            return at + "tied";
    }
    return {};
}

/// Why each route was chosen or not.
std::string difference_in_reasons(const World& world, const Routes& routes, const NaiveSolver& naive) {
    for (const NodeIndex node : world.graph.by_number()) {
        const AsNumber number = world.graph.number(node);
        const std::string at = "AS" + std::to_string(number) + " ";
        if (routes.reached(node) && routes.decided_by(node) != naive.decided_by(number)) return at + "decided by";
        if (naive.origins().contains(number)) continue;
        const std::vector<Candidate> candidates = routes.candidates(node);
        if (candidates.size() != naive.received(number).size()) return at + "received";
        const std::vector<NaiveRoute> accepted = naive.accepted(number);
        const std::vector<NaiveRoute> preferred = NaiveSolver::most_preferred(accepted);
        const std::vector<NaiveRoute> shortest = NaiveSolver::shortest(preferred);
        const std::vector<NaiveRoute> tied = naive.decide(number, accepted);
        for (const Candidate& candidate : candidates) {
            const auto is_in = [&](const std::vector<NaiveRoute>& routes_left) {
                return std::any_of(routes_left.begin(), routes_left.end(), [&](const NaiveRoute& route) {
                    return route.announcement == candidate.announcement && route.neighbor == candidate.neighbor_asn &&
                           route.from_site != candidate.neighbor.has_value() && route.path == candidate.as_path &&
                           route.learned_from == candidate.learned_from && route.med == candidate.med;
                });
            };
            const DecisionStep lost_at = candidate.lost_at;
            const bool chosen = &candidate == &candidates.front() && !tied.empty();
            if (chosen != (lost_at == DecisionStep::Chosen)) return at + "chosen";
            const bool rejected = lost_at == DecisionStep::Loop || lost_at == DecisionStep::OriginValidation;
            if (rejected == is_in(accepted)) return at + "accepted";
            if ((rejected || lost_at == DecisionStep::LocalPreference) == is_in(preferred)) return at + "preferred";
            if ((rejected || lost_at == DecisionStep::LocalPreference || lost_at == DecisionStep::PathLength) ==
                is_in(shortest))
                return at + "shortest";
            const bool last_steps = lost_at == DecisionStep::NeighborAsn || lost_at == DecisionStep::RouterId;
            if ((chosen || last_steps) != is_in(tied)) return at + "tied with the best";
        }
    }
    return {};
}

bool same_routes(const World& world, const Routes& a, const Routes& b) {
    for (NodeIndex node = 0; node < world.graph.node_count(); ++node) {
        if (a.reached(node) != b.reached(node)) return false;
        if (!a.reached(node)) continue;
        if (a.announcement(node) != b.announcement(node) || a.next_hop(node) != b.next_hop(node) ||
            a.path_length(node) != b.path_length(node) || a.learned_from(node) != b.learned_from(node))
            return false;
    }
    return true;
}

/// What a WhatIf tells to have changed, against a comparison of all routes.
std::string difference_in_report(const World& world, const Routes& before, const WhatIf& what_if) {
    const Routes& after = what_if.routes();
    std::vector<RouteChange> changes(world.graph.node_count());
    std::vector<int> told(world.graph.node_count(), 0);
    what_if.for_each_change([&](const RouteChange& change) {
        changes[change.node] = change;
        ++told[change.node];
    });
    std::vector<NodeIndex> tied_changed;
    what_if.tied_changed(tied_changed);
    std::vector<Offer> tied_before, tied_after;
    for (NodeIndex node = 0; node < world.graph.node_count(); ++node) {
        const std::string at = "AS" + std::to_string(world.graph.number(node)) + " ";
        const auto route = [&](const Routes& routes) {
            return !routes.reached(node)
                       ? std::tuple(std::optional<std::uint32_t>{}, std::optional<NodeIndex>{}, 0u, LearnedFrom::Origin)
                       : std::tuple(std::optional(routes.announcement(node)), routes.next_hop(node),
                                    routes.path_length(node), routes.learned_from(node));
        };
        if (told[node] != (route(before) != route(after) ? 1 : 0)) return at + "told";
        if (told[node] == 1 &&
            (changes[node].before != std::get<0>(route(before)) || changes[node].after != std::get<0>(route(after))))
            return at + "before or after";
        before.tied(node, tied_before);
        after.tied(node, tied_after);
        if (tied_before != tied_after && !std::binary_search(tied_changed.begin(), tied_changed.end(), node))
            return at + "tied changed";
    }
    return {};
}

} // namespace

TEST_CASE("routes: random worlds equal naive message passing, withdrawals included") {
    std::size_t cyclic = 0, solves = 0, changes = 0;
    for (std::uint64_t seed = 1; seed <= worlds; ++seed) {
        CAPTURE(seed);
        const World world = random_world(seed);
        if (world.present.empty()) continue;
        if (!world.graph.provider_cycle().empty()) ++cyclic;
        const auto naive_without = [&](std::set<std::uint32_t> withdrawn) {
            NaiveSolver naive(world.links, world.graph, world.announcements, world.policy, std::move(withdrawn));
            REQUIRE(naive.converge());
            ++solves;
            return naive;
        };
        const Routes routes(world.graph, world.announcements, world.policy);
        const NaiveSolver naive = naive_without({});
        REQUIRE(difference(world, routes, naive) == "");
        REQUIRE(difference_in_reasons(world, routes, naive) == "");

        WhatIf what_if(routes);
        what_if.for_each_withdrawal([&](std::uint32_t first) {
            REQUIRE(difference(world, what_if.routes(), naive_without({first})) == "");
            REQUIRE(difference_in_report(world, routes, what_if) == "");
            what_if.for_each_change([&](const RouteChange&) { ++changes; });
        });
        REQUIRE(same_routes(world, routes, what_if.routes()));
        // Of the pairs one, by steps and at once.
        if (world.announcements.size() < 2) continue;
        const auto count = static_cast<std::uint32_t>(world.announcements.size());
        const auto one = static_cast<std::uint32_t>(seed % count);
        const auto other = (one + 1 + static_cast<std::uint32_t>(seed / 7 % (count - 1))) % count;
        const NaiveSolver without_both = naive_without({one, other});
        what_if.withdraw(one);
        what_if.withdraw(other);
        REQUIRE(difference(world, what_if.routes(), without_both) == "");
        REQUIRE(difference_in_report(world, routes, what_if) == "");
        what_if.undo();
        REQUIRE(difference(world, what_if.routes(), naive_without({one})) == "");
        what_if.undo();
        what_if.withdraw(std::vector<std::uint32_t>{other, one});
        REQUIRE(difference(world, what_if.routes(), without_both) == "");
        REQUIRE(difference_in_report(world, routes, what_if) == "");
        what_if.undo();
        REQUIRE(what_if.steps() == 0);
        REQUIRE(same_routes(world, routes, what_if.routes()));
    }
    CHECK(cyclic > worlds / 10);
    CHECK(changes > worlds);
    CHECK(solves > 4 * worlds);
}

TEST_CASE("routes: with leaks and graceful shutdowns nobody has a reason to decide otherwise") {
    std::size_t settled = 0, unsettled = 0, other_than_before = 0;
    for (std::uint64_t seed = 1; seed <= worlds / 4; ++seed) {
        CAPTURE(seed);
        World world = random_world(seed);
        if (world.present.empty()) continue;
        const Routes before(world.graph, world.announcements, world.policy);
        Random random{~seed};
        world.policy.leaking = random_list(random, world.present, 3);
        for (Announcement& from : world.announcements) {
            from.graceful_shutdown = one_in(random, 4);
            if (one_in(random, 4)) from.shutdown_at = random_list(random, world.present, 4);
        }
        const Routes routes(world.graph, world.announcements, world.policy);
        if (!routes.unsettled().empty()) {
            ++unsettled;
            continue;
        }
        ++settled;
        if (!same_routes(world, before, routes)) ++other_than_before;
        NaiveSolver naive(world.links, world.graph, world.announcements, world.policy);
        naive.take(routes);
        REQUIRE(naive.converge(1)); // one round, and no change in it
        REQUIRE(difference(world, routes, naive) == "");
        REQUIRE(difference_in_reasons(world, routes, naive) == "");

        // Solved anew, so equal to routes without the announcement.
        WhatIf what_if(routes);
        what_if.withdraw(0);
        NaiveSolver without(world.links, world.graph, world.announcements, world.policy, {0});
        without.take(what_if.routes());
        if (what_if.routes().unsettled().empty()) REQUIRE(without.converge(1));
        REQUIRE(difference_in_report(world, routes, what_if) == "");
        what_if.undo();
        REQUIRE(same_routes(world, routes, what_if.routes()));
    }
    CHECK(settled > worlds / 5);
    CHECK(unsettled < settled / 50);
    CHECK(other_than_before > worlds / 20);
}

} // namespace firstbyte::bgp
