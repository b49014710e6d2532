// Route choice and export: the rules one by one, and random graphs against naive message passing.

#include "bgp/propagation.hpp"
#include "core/mix.hpp"

#include <doctest/doctest.h>

#include <algorithm>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <tuple>
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
    World world({{{174, 64510}, {3356, 64520}, {174, 64530}, {3356, 64530}, {6939, 64540}}, {{174, 3356}, {64530, 64540}}});
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
    CHECK(lost(174) == Lost{{anycast, DecisionStep::Chosen}, {anycast, DecisionStep::RouterId},
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

namespace {

struct NaiveRoute {
    LearnedFrom learned_from{};
    Path path;
    bool from_site = false;         ///< the neighbour is a site, not an AS of the graph
    std::uint32_t announcement = 0;
    bool direct = false;            ///< received from the announcement itself
    bool operator==(const NaiveRoute&) const = default;

    [[nodiscard]] auto rank() const {
        return std::tuple(learned_from, path.size(), path.empty() ? 0 : path.front(), !from_site, announcement);
    }
};

using NaiveTable = std::map<AsNumber, NaiveRoute>;

/// Message passing until nothing changes, with whole paths: slow, and written without a thought for the order of nodes.
struct NaiveBgp {
    const AsLinks& links;
    const AsGraph& graph;
    const std::vector<Announcement>& announcements;
    NaiveTable table;
    std::map<AsNumber, std::size_t> received;

    [[nodiscard]] std::vector<NaiveRoute> candidates(AsNumber self) const {
        std::vector<NaiveRoute> found;
        const auto offer_directly = [&](std::uint32_t index, AsNumber to, LearnedFrom learned_from) {
            const Announcement& from = announcements[index];
            if (to != self || from.asn == self) return;
            if (from.only_to && std::count(from.only_to->begin(), from.only_to->end(), self) == 0) return;
            std::uint32_t copies = 1 + from.prepend;
            for (const auto& [neighbor, extra] : from.prepend_to) copies += neighbor == self ? extra : 0;
            found.push_back({learned_from, Path(copies, from.asn), !from.node, index, true});
        };
        const auto hear = [&](AsNumber neighbor, LearnedFrom relation) {
            for (std::uint32_t index = 0; index < announcements.size(); ++index)
                if (announcements[index].node && announcements[index].asn == neighbor)
                    offer_directly(index, self, relation);
            const auto at = table.find(neighbor);
            if (at == table.end() || at->second.learned_from == LearnedFrom::Origin) return;
            const NaiveRoute& theirs = at->second;
            if (relation != LearnedFrom::Provider && theirs.learned_from != LearnedFrom::Customer) return;
            if (std::count(theirs.path.begin(), theirs.path.end(), self) != 0) return;
            const std::vector<AsNumber>& refused = announcements[theirs.announcement].no_export_to;
            if (theirs.direct && std::count(refused.begin(), refused.end(), self) != 0) return;
            Path path = theirs.path;
            path.insert(path.begin(), neighbor);
            found.push_back({relation, path, false, theirs.announcement, false});
        };
        for (std::uint32_t index = 0; index < announcements.size(); ++index) {
            for (const NodeIndex node : announcements[index].providers)
                offer_directly(index, graph.number(node), LearnedFrom::Customer);
            for (const NodeIndex node : announcements[index].peers)
                offer_directly(index, graph.number(node), LearnedFrom::Peer);
        }
        for (const auto& [provider, customer] : links.provider_customer) {
            if (provider == self) hear(customer, LearnedFrom::Customer);
            if (customer == self) hear(provider, LearnedFrom::Provider);
        }
        for (const auto& [a, b] : links.peers) {
            if (a == self) hear(b, LearnedFrom::Peer);
            if (b == self) hear(a, LearnedFrom::Peer);
        }
        return found;
    }

    void converge() {
        std::set<AsNumber> origins;
        for (std::uint32_t index = 0; index < announcements.size(); ++index) {
            if (!announcements[index].node || !origins.insert(announcements[index].asn).second) continue;
            table[announcements[index].asn] = {LearnedFrom::Origin, {}, false, index, false};
        }
        for (bool changed = true; changed;) {
            changed = false;
            for (const NodeIndex node : graph.by_number()) {
                const AsNumber self = graph.number(node);
                if (origins.contains(self)) continue;
                const std::vector<NaiveRoute> found = candidates(self);
                received[self] = found.size();
                const auto best = std::min_element(found.begin(), found.end(),
                                                   [](const auto& a, const auto& b) { return a.rank() < b.rank(); });
                const auto held = table.find(self);
                if (best == found.end()) {
                    changed = changed || held != table.end();
                    table.erase(self);
                } else if (held == table.end() || held->second != *best) {
                    table[self] = *best;
                    changed = true;
                }
            }
        }
    }

    [[nodiscard]] DecidedBy decided_by(AsNumber self) const {
        const NaiveRoute& best = table.at(self);
        if (best.learned_from == LearnedFrom::Origin) return DecidedBy::Origin;
        std::vector<NaiveRoute> left = candidates(self);
        if (left.size() == 1) return DecidedBy::OnlyRoute;
        std::erase_if(left, [&](const NaiveRoute& other) { return other.learned_from != best.learned_from; });
        if (left.size() == 1) return DecidedBy::LocalPreference;
        std::erase_if(left, [&](const NaiveRoute& other) { return other.path.size() != best.path.size(); });
        return left.size() == 1 ? DecidedBy::PathLength : DecidedBy::NeighborAsn;
    }
};

/// Numbers that depend on the seed alone, on every platform.
struct Random {
    std::uint64_t state = 0;
};

/// A number below `limit`.
std::uint32_t draw(Random& random, std::size_t limit) {
    random.state += 0x9e3779b97f4a7c15; // SplitMix64 (Steele, Lea and Flood, 2014)
    return static_cast<std::uint32_t>(mix64(random.state) % limit);
}

AsLinks random_links(Random& random, const std::vector<AsNumber>& numbers, bool with_cycle) {
    AsLinks links;
    std::set<std::pair<AsNumber, AsNumber>> taken;
    const auto fresh = [&](AsNumber a, AsNumber b) { return a != b && taken.insert(std::minmax(a, b)).second; };
    for (std::size_t at = 1; at < numbers.size(); ++at) {
        for (std::uint32_t count = draw(random, 3); count > 0; --count) {
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
        for (std::size_t at = 0; at < 3; ++at) {
            const AsNumber a = numbers[size - 1 - at], b = numbers[size - 1 - (at + 1) % 3];
            if (fresh(a, b)) links.provider_customer.emplace_back(a, b);
        }
    }
    return links;
}

std::vector<AsNumber> random_list(Random& random, const std::vector<AsNumber>& numbers, std::size_t longest) {
    std::vector<AsNumber> list;
    for (std::uint32_t count = draw(random, longest + 1); count > 0; --count)
        list.push_back(numbers[draw(random, numbers.size())]);
    return list;
}

std::vector<Announcement> random_announcements(Random& random, const AsGraph& graph) {
    std::vector<AsNumber> present;
    for (const NodeIndex node : graph.by_number()) present.push_back(graph.number(node));
    std::vector<Announcement> announcements;
    for (std::uint32_t count = 1 + draw(random, 4); count > 0; --count) {
        Announcement from = draw(random, 3) == 0
                                ? as_it_stands(graph, present[draw(random, present.size())])
                                : site(graph, random_list(random, present, 2), random_list(random, present, 2));
        // Sometimes the sites carry the number of an AS that is in the graph too.
        if (!from.node && draw(random, 5) == 0) from.asn = present.front();
        from.prepend = draw(random, 4) == 0 ? draw(random, 3) : 0;
        if (draw(random, 4) == 0) from.prepend_to = {{present[draw(random, present.size())], 1 + draw(random, 2)}};
        if (draw(random, 6) == 0) from.only_to = random_list(random, present, 4);
        if (draw(random, 3) == 0) from.no_export_to = random_list(random, present, 3);
        announcements.push_back(std::move(from));
    }
    return announcements;
}

} // namespace

TEST_CASE("routes: random graphs, with and without provider cycles, equal to naive message passing") {
    std::size_t compared = 0, cyclic = 0, refused = 0;
    for (std::uint64_t seed = 1; seed <= 600; ++seed) {
        CAPTURE(seed);
        Random random{seed};
        std::vector<AsNumber> numbers;
        for (std::uint32_t count = 6 + draw(random, 25); count > 0; --count)
            numbers.push_back(1 + draw(random, std::size_t{4'000'000'000}));
        std::sort(numbers.begin(), numbers.end());
        numbers.erase(std::unique(numbers.begin(), numbers.end()), numbers.end());
        for (std::size_t left = numbers.size(); left > 1; --left)
            std::swap(numbers[left - 1], numbers[draw(random, left)]);
        const AsLinks links = random_links(random, numbers, seed % 3 == 0);
        const AsGraph graph(links);
        if (graph.node_count() == 0) continue;
        if (!graph.provider_cycle().empty()) ++cyclic;
        const std::vector<Announcement> announcements = random_announcements(random, graph);
        for (const Announcement& from : announcements)
            if (!from.no_export_to.empty()) ++refused;
        NaiveBgp naive{links, graph, announcements, {}, {}};
        naive.converge();
        const Routes routes(graph, announcements);
        for (const NodeIndex node : graph.by_number()) {
            const AsNumber number = graph.number(node);
            CAPTURE(number);
            const auto expected = naive.table.find(number);
            REQUIRE(routes.reached(node) == (expected != naive.table.end()));
            if (expected == naive.table.end()) continue;
            REQUIRE(routes.as_path(node) == expected->second.path);
            REQUIRE(routes.learned_from(node) == expected->second.learned_from);
            REQUIRE(routes.announcement(node) == expected->second.announcement);
            REQUIRE(routes.decided_by(node) == naive.decided_by(number));
            ++compared;
        }
    }
    CHECK(compared > 5000); // the random worlds are not empty
    CHECK(cyclic > 50);
    CHECK(refused > 100);
}

} // namespace firstbyte::bgp
