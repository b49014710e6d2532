// Route choice and export: the rules one by one.

#include "bgp/propagation.hpp"

#include <doctest/doctest.h>

#include <optional>
#include <utility>
#include <vector>

namespace firstbyte::bgp {
namespace {

using Path = std::vector<AsNumber>;

constexpr AsNumber anycast = 64500;

/// A site that buys from `upstreams` and peers with `peers`.
Announcement site(const AsGraph& graph, const std::vector<AsNumber>& upstreams,
                  const std::vector<AsNumber>& peers = {}) {
    Announcement from;
    from.asn = anycast;
    for (const AsNumber number : upstreams) from.providers.push_back(graph.find(number).value());
    for (const AsNumber number : peers) from.peers.push_back(graph.find(number).value());
    return from;
}

Announcement as_it_stands(const AsGraph& graph, AsNumber number) {
    Announcement from;
    from.asn = number;
    from.node = graph.find(number).value();
    return from;
}

/// The routes of a graph, and what to ask of them by AS number.
struct World {
    AsGraph graph;
    std::vector<Announcement> announcements;
    std::optional<Routes> routes;

    explicit World(AsLinks links) : graph(std::move(links)) {}
    void run() { routes.emplace(graph, announcements); }
    [[nodiscard]] NodeIndex node(AsNumber number) const { return graph.find(number).value(); }
    [[nodiscard]] bool reached(AsNumber number) const { return routes->reached(node(number)); }
    [[nodiscard]] Path path(AsNumber number) const { return routes->as_path(node(number)); }
    [[nodiscard]] std::uint32_t announcement(AsNumber number) const { return routes->announcement(node(number)); }
    [[nodiscard]] LearnedFrom learned_from(AsNumber number) const { return routes->learned_from(node(number)); }
    [[nodiscard]] DecidedBy decided_by(AsNumber number) const { return routes->decided_by(node(number)); }
};

// 174 and 3356 peer at the top; 64510 buys from 174, 64520 from 3356, 64530 from both.
AsLinks two_carriers() { return {{{174, 64510}, {3356, 64520}, {174, 64530}, {3356, 64530}}, {{174, 3356}}}; }

} // namespace

TEST_CASE("routes: two sites of one AS number keep their catchments apart") {
    World world(two_carriers());
    world.announcements = {site(world.graph, {174}), site(world.graph, {3356})};
    world.run();
    CHECK(world.announcement(64510) == 0);
    CHECK(world.path(64510) == Path{174, anycast});
    CHECK(world.announcement(64520) == 1);
    CHECK(world.announcement(64530) == 0); // a tie: 174 is the lower neighbour
    CHECK(world.decided_by(64530) == DecidedBy::NeighborAsn);
    CHECK(world.decided_by(64510) == DecidedBy::OnlyRoute);
    CHECK(world.decided_by(174) == DecidedBy::LocalPreference); // the site as customer before the peer 3356
    CHECK_FALSE(world.routes->next_hop(world.node(174)).has_value());
    CHECK(world.routes->forwarding_path(world.node(64530)) ==
          std::vector<NodeIndex>{world.node(64530), world.node(174)});
}

TEST_CASE("routes: prepends move ties, never preference") {
    World world(two_carriers());
    world.announcements = {site(world.graph, {174}), site(world.graph, {3356})};
    world.announcements[0].prepend = 2;
    world.run();
    CHECK(world.path(174) == Path{anycast, anycast, anycast}); // still its customer
    CHECK(world.announcement(64530) == 1);
    CHECK(world.decided_by(64530) == DecidedBy::PathLength);
    world.announcements[0].prepend = 0;
    world.announcements[0].prepend_to = {{174, 1}};
    world.run();
    CHECK(world.path(64510) == Path{174, anycast, anycast});
    CHECK(world.announcement(64530) == 1);
}

TEST_CASE("routes: only_to leaves the other neighbours to hear of it elsewhere") {
    World world(two_carriers());
    world.announcements = {site(world.graph, {174, 3356})};
    world.announcements[0].only_to = {3356};
    world.run();
    CHECK(world.path(174) == Path{3356, anycast});
    CHECK(world.learned_from(174) == LearnedFrom::Peer);
    world.announcements[0].only_to = std::vector<AsNumber>{};
    world.run();
    CHECK_FALSE(world.reached(174));
}

TEST_CASE("routes: no_export_to binds the AS that received the announcement, and no one farther away") {
    // 174 hears the site directly, 64540 is a customer of 64510, which is a customer of 174.
    World world({{{174, 64510}, {64510, 64540}, {174, 64540}, {3356, 64530}, {174, 64530}}, {{174, 3356}}});
    world.announcements = {site(world.graph, {174})};
    world.announcements[0].no_export_to = {3356, 64540};
    world.run();
    CHECK_FALSE(world.reached(3356));
    CHECK(world.path(64530) == Path{174, anycast});
    CHECK(world.path(64540) == Path{64510, 174, anycast}); // by way of a neighbour that was not asked
    CHECK(world.decided_by(64540) == DecidedBy::OnlyRoute);
}

TEST_CASE("routes: an AS rejects paths with its own number (RFC 4271 section 9.1.2)") {
    World world({{{174, anycast}, {anycast, 64510}, {174, 64520}}, {}});
    world.announcements = {site(world.graph, {174})};
    world.run();
    CHECK(world.reached(64520));
    CHECK_FALSE(world.reached(anycast)); // an AS of that number in the graph is cut off from the sites
    CHECK_FALSE(world.reached(64510));
}

TEST_CASE("routes: an AS that announces as it stands tells all neighbours, and transit hears of it") {
    World world(two_carriers());
    world.announcements = {as_it_stands(world.graph, 64510)};
    world.run();
    CHECK(world.learned_from(64510) == LearnedFrom::Origin);
    CHECK(world.decided_by(64510) == DecidedBy::Origin);
    CHECK(world.path(64510) == Path{});
    CHECK(world.path(174) == Path{64510});
    CHECK(world.path(64520) == Path{3356, 174, 64510});
    CHECK(world.routes->forwarding_path(world.node(174)).back() == world.node(64510));
}

TEST_CASE("routes: a peer's route goes to customers only, so a second peering is not crossed") {
    World world({{{20, 64510}, {30, 64520}}, {{10, 20}, {20, 30}}});
    world.announcements = {as_it_stands(world.graph, 10)};
    world.run();
    CHECK(world.path(64510) == Path{20, 10});
    CHECK_FALSE(world.reached(30));
    CHECK_FALSE(world.reached(64520));
}

TEST_CASE("routes: what an AS holds besides its best route, and why it lost") {
    // 64530 hears the sites by 174, 3356 and, longer, by its peer 64540; 174 hears the second site itself.
    World world(
        {{{174, 64510}, {3356, 64520}, {174, 64530}, {3356, 64530}, {6939, 64540}}, {{174, 3356}, {64530, 64540}}});
    world.announcements = {site(world.graph, {3356}), site(world.graph, {174}), site(world.graph, {174}),
                           site(world.graph, {64540})};
    world.announcements[3].prepend = 2;
    world.run();
    std::vector<Offer> tied;
    world.routes->tied(world.node(174), tied);
    CHECK(tied == std::vector<Offer>{{world.node(174), 1}, {world.node(174), 2}});
    world.routes->tied(world.node(64530), tied);
    CHECK(tied == std::vector<Offer>{{world.node(64540), 3}}); // a peer's, however long
    world.announcements[3].only_to = std::vector<AsNumber>{};
    world.run();
    world.routes->tied(world.node(64530), tied);
    CHECK(tied == std::vector<Offer>{{world.node(174), 1}, {world.node(3356), 0}});
    world.routes->tied(world.node(6939), tied);
    CHECK(tied.empty());

    const auto lost = [&](AsNumber number) {
        std::vector<std::pair<AsNumber, DecisionStep>> steps;
        for (const Candidate& candidate : world.routes->candidates(world.node(number)))
            steps.emplace_back(candidate.neighbor_asn, candidate.lost_at);
        return steps;
    };
    using Lost = std::vector<std::pair<AsNumber, DecisionStep>>;
    CHECK(lost(64530) == Lost{{174, DecisionStep::Chosen}, {3356, DecisionStep::NeighborAsn}});
    CHECK(lost(174) == Lost{{anycast, DecisionStep::Chosen},
                            {anycast, DecisionStep::RouterId},
                            {3356, DecisionStep::LocalPreference}});
    CHECK(lost(6939).empty());
}

TEST_CASE("routes: a loop is among the routes received and says so") {
    World world({{{174, anycast}, {174, 64520}}, {}});
    world.announcements = {site(world.graph, {174})};
    world.run();
    const std::vector<Candidate> received = world.routes->candidates(world.node(anycast));
    REQUIRE(received.size() == 1);
    CHECK(received[0].lost_at == DecisionStep::Loop);
    CHECK(received[0].as_path == Path{174, anycast});
}

} // namespace firstbyte::bgp
