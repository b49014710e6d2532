// What operators ask of neighbours, and what ASes do by themselves, one knob at a time.

#include "bgp/propagation.hpp"

#include <doctest/doctest.h>

#include <optional>
#include <set>
#include <utility>
#include <vector>

namespace firstbyte::bgp {
namespace {

using Path = std::vector<AsNumber>;

constexpr AsNumber anycast = 64500; // RFC 5398

/// The routes of a graph, and what to ask of them by AS number.
struct World {
    AsGraph graph;
    std::vector<Announcement> announcements;
    RoutePolicy policy;
    std::optional<Routes> routes;

    explicit World(AsLinks links) : graph(std::move(links)) {}

    Announcement& add(const std::vector<AsNumber>& upstreams, const std::vector<AsNumber>& peers = {}) {
        Announcement from;
        from.asn = anycast;
        for (const AsNumber number : upstreams) from.providers.push_back(node(number));
        for (const AsNumber number : peers) from.peers.push_back(node(number));
        return announcements.emplace_back(std::move(from));
    }
    void run() { routes.emplace(graph, announcements, policy); }
    [[nodiscard]] NodeIndex node(AsNumber number) const { return graph.find(number).value(); }
    [[nodiscard]] bool reached(AsNumber number) const { return routes->reached(node(number)); }
    [[nodiscard]] Path path(AsNumber number) const { return routes->as_path(node(number)); }
    [[nodiscard]] std::uint32_t announcement(AsNumber number) const { return routes->announcement(node(number)); }
    [[nodiscard]] DecidedBy decided_by(AsNumber number) const { return routes->decided_by(node(number)); }
    [[nodiscard]] std::vector<DecisionStep> steps(AsNumber number) const {
        std::vector<DecisionStep> steps;
        for (const Candidate& candidate : routes->candidates(node(number))) steps.push_back(candidate.lost_at);
        return steps;
    }
};

// 174 and 3356 peer at the top; 64510 buys from 174, 64520 from 3356, 64530 from both.
AsLinks two_carriers() { return {{{174, 64510}, {3356, 64520}, {174, 64530}, {3356, 64530}}, {{174, 3356}}}; }

} // namespace

TEST_CASE("knobs: a neighbour is asked to prepend towards one AS") {
    World world(two_carriers());
    world.add({174}).prepend_via = {{174, 64530, 2}, {3356, 64530, 7}, {0, 3356, 1}};
    world.add({3356});
    world.run();
    CHECK(world.path(64510) == Path{174, anycast});
    CHECK(world.path(64530) == Path{3356, anycast}); // 174 174 174 64500 is longer
    CHECK(world.decided_by(64530) == DecidedBy::PathLength);
    world.announcements.pop_back();
    world.run();
    CHECK(world.path(3356) == Path{174, 174, anycast});
    CHECK(world.path(64530) == Path{174, 174, 174, anycast}); // as long as by 3356, which has the higher number
    CHECK(world.decided_by(64530) == DecidedBy::NeighborAsn);
    CHECK(world.path(64520) == Path{3356, 174, 174, anycast});
}

TEST_CASE("knobs: NO_EXPORT stops at whoever received it (RFC 1997)") {
    World world(two_carriers());
    world.add({174, 3356}).no_export = true;
    world.run();
    CHECK(world.reached(174));
    CHECK(world.reached(3356));
    CHECK_FALSE(world.reached(64510));
    CHECK_FALSE(world.reached(64530));
    world.announcements[0].no_export = false;
    world.announcements[0].no_export_by = {174};
    world.run();
    CHECK(world.path(174) == Path{anycast});
    CHECK_FALSE(world.reached(64510));
    CHECK(world.path(64530) == Path{3356, anycast});
}

TEST_CASE("knobs: MED chooses among the sites that one AS hears, and nothing else") {
    World world(two_carriers());
    world.add({174}).med = 20;
    world.add({174, 3356}).med = 10;
    world.run();
    CHECK(world.announcement(174) == 1);
    CHECK(world.decided_by(174) == DecidedBy::Med);
    CHECK(world.steps(174) == std::vector{DecisionStep::Chosen, DecisionStep::Med, DecisionStep::LocalPreference});
    CHECK(world.path(64530) == Path{174, anycast}); // it is not passed on: RFC 4271 section 5.1.4
    CHECK(world.decided_by(64530) == DecidedBy::NeighborAsn);
    std::vector<Offer> tied;
    world.routes->tied(world.node(174), tied);
    CHECK(tied == std::vector<Offer>{{world.node(174), 1}}); // MED comes before the nearest exit
    world.announcements[1].med_to = {{174, 30}};
    world.run();
    CHECK(world.announcement(174) == 0);
    world.announcements[0].prepend_to = {{174, 1}}; // length comes before MED
    world.run();
    CHECK(world.announcement(174) == 1);
    // Sites of another number are not compared by MED.
    world.announcements[0].prepend_to.clear();
    world.announcements[1].asn = anycast - 1;
    world.announcements[1].med_to = {{174, 1000}};
    world.run();
    CHECK(world.announcement(174) == 1);
    CHECK(world.decided_by(174) == DecidedBy::NeighborAsn);
}

TEST_CASE("knobs: the router id is the last step") {
    World world(two_carriers());
    world.add({174});
    world.add({174});
    world.run();
    CHECK(world.announcement(174) == 0); // by default the position
    CHECK(world.decided_by(174) == DecidedBy::RouterId);
    world.announcements[0].router_id = 9;
    world.announcements[1].router_id = 3;
    world.run();
    CHECK(world.announcement(174) == 1);
    CHECK(world.steps(174) == std::vector{DecisionStep::Chosen, DecisionStep::RouterId});
}

TEST_CASE("knobs: graceful shutdown moves those who have anything else (RFC 8326)") {
    World world(two_carriers());
    world.add({174}).graceful_shutdown = true;
    world.add({64520});
    world.run();
    CHECK(world.path(174) == Path{3356, 64520, anycast}); // a peer's rather than the customer's that is shut down
    CHECK(world.path(64510) == Path{174, 3356, 64520, anycast});
    CHECK(world.steps(174) == std::vector{DecisionStep::Chosen, DecisionStep::LocalPreference});
    CHECK(world.routes->candidates(world.node(174))[1].shut_down);
    world.announcements.pop_back();
    world.run();
    CHECK(world.path(174) == Path{anycast}); // better than none, and exported as a customer's
    CHECK(world.routes->learned_from(world.node(174)) == LearnedFrom::Customer);
    CHECK(world.path(64520) == Path{3356, 174, anycast});
}

TEST_CASE("knobs: graceful shutdown does not move an AS whose provider follows it (RFC 4264)") {
    // 64510 buys from 174, which hears the other site by its peer 3356 only.
    World world(two_carriers());
    world.add({64510}).shutdown_at = {64510};
    world.add({3356});
    world.run();
    CHECK(world.path(174) == Path{64510, anycast}); // a customer's before a peer's
    CHECK(world.path(64510) == Path{anycast});      // 174 has nothing else to offer
    CHECK(world.routes->unsettled().empty());
    // Where 174 never heard of it from 64510, the other stable state: the site drains.
    world.announcements[0].no_export_by = {64510};
    world.run();
    CHECK(world.path(64510) == Path{174, 3356, anycast});
}

TEST_CASE("knobs: shutdowns around which three peers chase one another are named") {
    // Each prefers the next one's route to its own, and tells only the one before: Griffin, Shepherd and Wilfong's
    // BAD GADGET.
    World world({{}, {{1, 2}, {2, 3}, {1, 3}}});
    const auto site = [&](AsNumber at, AsNumber silent_to) {
        Announcement& from = world.add({at});
        from.graceful_shutdown = true;
        from.no_export_to = {silent_to};
    };
    site(1, 2);
    site(2, 3);
    site(3, 1);
    world.run();
    std::set<AsNumber> wheel;
    for (const NodeIndex node : world.routes->unsettled()) wheel.insert(world.graph.number(node));
    CHECK(wheel == std::set<AsNumber>{1, 2, 3});
}

TEST_CASE("knobs: a leak makes a provider's route a customer's (RFC 7908)") {
    // 64530 buys from both carriers and leaks.
    World world(two_carriers());
    world.add({3356});
    world.run();
    CHECK(world.path(174) == Path{3356, anycast});
    world.policy.leaking = {64530};
    world.run();
    CHECK(world.path(174) == Path{64530, 3356, anycast});
    CHECK(world.routes->learned_from(world.node(174)) == LearnedFrom::Customer);
    CHECK(world.path(64530) == Path{3356, anycast});
    CHECK(world.path(3356) == Path{anycast});
    CHECK(world.path(64510) == Path{174, 64530, 3356, anycast});
    CHECK(world.routes->unsettled().empty());
    const std::vector<Candidate> heard = world.routes->candidates(world.node(3356));
    REQUIRE(heard.size() == 3); // the site, and its own route back from its customer and from its peer
    CHECK(heard[1].lost_at == DecisionStep::Loop);
    CHECK(heard[2].lost_at == DecisionStep::Loop);
}

TEST_CASE("knobs: ASes that validate drop what is invalid (RFC 6811)") {
    World world(two_carriers());
    world.add({174});
    world.add({3356}).invalid = true;
    world.policy.validating = {3356, 64530};
    world.run();
    CHECK(world.path(3356) == Path{174, anycast});
    CHECK(world.steps(3356) == std::vector{DecisionStep::Chosen, DecisionStep::OriginValidation});
    world.policy.validating = {64530};
    world.announcements[0].only_to = std::vector<AsNumber>{};
    world.run();
    CHECK(world.path(64520) == Path{3356, anycast});
    CHECK_FALSE(world.reached(64530));
    CHECK(world.steps(64530) == std::vector{DecisionStep::OriginValidation, DecisionStep::OriginValidation});
}

TEST_CASE("knobs: an order by hash is an order, is not everyone's, and moves with the seed") {
    // Many customers of the same two carriers.
    AsLinks links{{}, {}};
    for (AsNumber number = 1000; number < 2000; ++number) {
        links.provider_customer.emplace_back(174, number);
        links.provider_customer.emplace_back(3356, number);
    }
    World world(std::move(links));
    world.add({174});
    world.add({3356});
    const auto choices = [&](std::uint64_t seed) {
        world.policy = {TieBreak::Hash, seed, {}, {}};
        world.run();
        std::vector<std::uint32_t> chosen;
        for (AsNumber number = 1000; number < 2000; ++number) chosen.push_back(world.announcement(number));
        return chosen;
    };
    const std::vector<std::uint32_t> one = choices(1), other = choices(2);
    CHECK(one == choices(1));
    std::size_t first = 0, equal = 0;
    for (std::size_t at = 0; at < one.size(); ++at) {
        first += one[at] == 0 ? 1u : 0u;
        equal += one[at] == other[at] ? 1u : 0u;
    }
    // Coins thrown 1,000 times: five standard deviations are 79.
    CHECK(first > 421);
    CHECK(first < 579);
    CHECK(equal > 421);
    CHECK(equal < 579);
}

TEST_CASE("knobs: routes that were decided elsewhere") {
    World world(two_carriers());
    world.add({174});
    world.add({3356});
    world.run();
    std::vector<GivenRoute> given(world.graph.node_count());
    for (NodeIndex node = 0; node < world.graph.node_count(); ++node)
        given[node] = {true,
                       world.routes->learned_from(node),
                       world.routes->path_length(node),
                       {world.routes->next_hop(node).value_or(node), world.routes->announcement(node)}};
    given[world.node(64530)].offer = {world.node(3356), 1}; // an older route, say
    given[world.node(64510)].reached = false;
    const Routes routes(world.graph, world.announcements, {}, given);
    CHECK(routes.as_path(world.node(64530)) == Path{3356, anycast});
    CHECK_FALSE(routes.reached(world.node(64510)));
    CHECK_FALSE(routes.next_hop(world.node(174)).has_value());
    std::vector<Offer> tied;
    routes.tied(world.node(64530), tied);
    CHECK(tied == std::vector<Offer>{{world.node(3356), 1}, {world.node(174), 0}}); // the one in use first
    CHECK(routes.candidates(world.node(64530)).front().neighbor_asn == 3356);
}

} // namespace firstbyte::bgp
