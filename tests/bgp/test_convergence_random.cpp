// Convergence on random graphs under random events: in the end everything is as if computed afresh.

#include "bgp/convergence.hpp"
#include "naive_solver.hpp"

#include <doctest/doctest.h>

#include <algorithm>
#include <chrono>
#include <map>
#include <optional>
#include <set>
#include <tuple>
#include <utility>
#include <vector>

namespace firstbyte::bgp {
namespace {

using namespace std::chrono_literals;
using Kind = RoutingChange::Kind;

/// Steele, Lea and Flood's SplitMix64: enough to make up test worlds.
struct Random {
    std::uint64_t state;
    std::uint32_t below(std::uint64_t bound) {
        std::uint64_t z = state += 0x9e3779b97f4a7c15;
        z = (z ^ z >> 30) * 0xbf58476d1ce4e5b9;
        z = (z ^ z >> 27) * 0x94d049bb133111eb;
        return static_cast<std::uint32_t>((z ^ z >> 31) % bound);
    }
};

using Pair = std::pair<AsNumber, AsNumber>;

/// A hierarchy without cycles: whoever comes later buys from whoever comes earlier.
AsLinks random_links(Random& random, const std::vector<AsNumber>& numbers) {
    AsLinks links;
    links.others = numbers;
    std::set<Pair> taken;
    for (std::size_t i = 1; i < numbers.size(); ++i) {
        for (std::uint32_t count = 1 + random.below(3); count > 0; --count) {
            const AsNumber above = numbers[random.below(i)];
            const Pair pair = std::minmax(above, numbers[i]);
            if (!taken.insert(pair).second) continue;
            if (random.below(4) == 0) {
                links.peers.push_back(pair);
            } else {
                links.provider_customer.emplace_back(above, numbers[i]);
            }
        }
    }
    return links;
}

/// A world that can be changed and built again.
struct World {
    AsLinks links;
    std::vector<AsNumber> numbers;
    struct From {
        AsNumber asn = 0;
        bool in_graph = false;
        std::vector<AsNumber> providers, peers;
        std::uint32_t prepend = 0;
        std::vector<Pair> prepend_to;
        Announcement knobs; ///< all else but its sessions
        bool live = true;
    };
    std::vector<From> from;
    std::set<AsNumber> dead;            ///< ASes
    std::set<std::uint32_t> dead_sites; ///< announcements without an AS of the graph
    std::set<Pair> down;                ///< links between ASes, lower number first
    std::set<std::pair<std::uint32_t, AsNumber>> site_down;

    [[nodiscard]] AsGraph graph() const { return AsGraph(links_left()); }

    [[nodiscard]] AsLinks links_left() const {
        AsLinks left;
        left.others = numbers;
        const auto keep = [&](const std::vector<Pair>& all, std::vector<Pair>& to) {
            for (const auto& [a, b] : all)
                if (!dead.contains(a) && !dead.contains(b) && !down.contains(std::minmax(a, b))) to.emplace_back(a, b);
        };
        keep(links.provider_customer, left.provider_customer);
        keep(links.peers, left.peers);
        return left;
    }

    /// @param position  receives the place of each in the whole list
    [[nodiscard]] std::vector<Announcement> announcements(const AsGraph& graph, bool all,
                                                          std::vector<std::uint32_t>* position = nullptr) const {
        std::vector<Announcement> list;
        for (std::uint32_t index = 0; index < from.size(); ++index) {
            const From& given = from[index];
            if (!all && (!given.live || dead_sites.contains(index) || (given.in_graph && dead.contains(given.asn))))
                continue;
            Announcement out = given.knobs;
            out.asn = given.asn;
            out.router_id = given.knobs.router_id.value_or(index); // the position, in the shorter list as well
            const auto sessions = [&](const std::vector<AsNumber>& with, std::vector<NodeIndex>& to) {
                for (const AsNumber number : with)
                    if (all || (!dead.contains(number) && !site_down.contains({index, number})))
                        to.push_back(graph.find(number).value());
            };
            if (given.in_graph) {
                out.node = graph.find(given.asn);
            } else {
                sessions(given.providers, out.providers);
                sessions(given.peers, out.peers);
            }
            out.prepend = given.prepend;
            out.prepend_to = given.prepend_to;
            list.push_back(std::move(out));
            if (position != nullptr) position->push_back(index);
        }
        return list;
    }
};

World random_world(Random& random) {
    World world;
    std::set<AsNumber> numbers;
    for (std::uint32_t count = 6 + random.below(20); count > 0; --count)
        numbers.insert(1 + random.below(4'000'000'000));
    world.numbers.assign(numbers.begin(), numbers.end());
    for (std::size_t left = world.numbers.size(); left > 1; --left)
        std::swap(world.numbers[left - 1], world.numbers[random.below(left)]);
    world.links = random_links(random, world.numbers);
    std::set<AsNumber> announcing;
    for (std::uint32_t count = 1 + random.below(4); count > 0; --count) {
        World::From from;
        const AsNumber number = world.numbers[random.below(world.numbers.size())];
        from.in_graph = random.below(2) == 0 && announcing.insert(number).second;
        from.asn = from.in_graph ? number : random.below(6) == 0 ? number : 64500;
        if (!from.in_graph) {
            from.providers.push_back(world.numbers[random.below(world.numbers.size())]);
            const AsNumber peer = world.numbers[random.below(world.numbers.size())];
            if (peer != from.providers.front()) from.peers.push_back(peer);
        }
        from.prepend = random.below(3) == 0 ? random.below(3) : 0;
        if (random.below(4) == 0) from.prepend_to = {{world.numbers[random.below(world.numbers.size())], 2}};
        const auto anyone = [&] { return world.numbers[random.below(world.numbers.size())]; };
        Announcement& knobs = from.knobs;
        if (random.below(4) == 0) knobs.no_export_to = {anyone()};
        if (random.below(8) == 0) knobs.no_export_by = {anyone()};
        if (random.below(20) == 0) knobs.no_export = true;
        if (random.below(4) == 0) knobs.prepend_via = {{random.below(2) == 0 ? 0 : anyone(), anyone(), 2}};
        if (random.below(4) == 0) knobs.med = random.below(3);
        if (random.below(6) == 0) knobs.med_to = {{anyone(), random.below(3)}};
        if (random.below(6) == 0) knobs.router_id = random.below(3);
        if (random.below(8) == 0) knobs.invalid = true;
        if (random.below(12) == 0) knobs.graceful_shutdown = true;
        if (random.below(12) == 0) knobs.shutdown_at = {anyone()};
        world.from.push_back(std::move(from));
    }
    return world;
}

RoutePolicy random_policy(Random& random, const std::vector<AsNumber>& numbers) {
    RoutePolicy policy;
    if (random.below(3) == 0) policy.tie_break = TieBreak::Hash;
    policy.seed = random.below(1000);
    if (random.below(5) == 0) policy.leaking = {numbers[random.below(numbers.size())]};
    for (const AsNumber number : numbers)
        if (random.below(4) == 0) policy.validating.push_back(number);
    return policy;
}

ConvergenceSettings random_settings(Random& random, std::uint64_t seed, const std::vector<AsNumber>& numbers) {
    ConvergenceSettings settings;
    settings.routes = random_policy(random, numbers);
    settings.seed = seed;
    const Duration intervals[] = {0s, 1s, 5s, 30s};
    settings.mrai = intervals[random.below(4)];
    settings.mrai_jitter = random.below(2) == 0 ? 0 : 0.25;
    settings.withdraw_starts_mrai = random.below(2) == 0;
    settings.withdraw_waits_behind_announcement = random.below(2) == 0;
    settings.mrai_applies_to_withdraw = random.below(3) == 0;
    if (random.below(3) == 0) settings.processing = {Distribution::Kind::Uniform, 1e7, 1e8, 0, {}, {}};
    if (random.below(6) == 0) settings.processing = Distribution::fixed(Duration{0s});
    if (random.below(2) == 0) settings.bfd = Bfd{};
    settings.record_updates = true;
    return settings;
}

/// A change that is possible as the world stands, done to the world as well.
std::optional<RoutingChange> random_change(Random& random, World& world, const AsGraph& graph, Instant when) {
    RoutingChange change;
    change.at = when;
    change.announcement = random.below(world.from.size());
    World::From& from = world.from[change.announcement];
    const bool is_dead = from.in_graph ? world.dead.contains(from.asn) : world.dead_sites.contains(change.announcement);
    switch (random.below(7)) {
    case 6:
        change.kind = Kind::SetGracefulShutdown;
        from.knobs.graceful_shutdown = !from.knobs.graceful_shutdown;
        change.value = from.knobs.graceful_shutdown ? 1 : 0;
        return change;
    case 0:
    case 1:
        change.kind = from.live ? Kind::Withdraw : Kind::Announce;
        from.live = !from.live;
        return change;
    case 2:
        change.kind = Kind::SetPrepend;
        change.value = from.prepend = random.below(4);
        return change;
    case 3: {
        change.kind = is_dead ? Kind::SiteReturns : Kind::SiteDies;
        if (from.in_graph) {
            if (is_dead) world.dead.erase(from.asn);
            if (!is_dead) world.dead.insert(from.asn);
        } else {
            if (is_dead) world.dead_sites.erase(change.announcement);
            if (!is_dead) world.dead_sites.insert(change.announcement);
        }
        return change;
    }
    case 4: {
        if (from.in_graph) return std::nullopt;
        const AsNumber neighbor = from.providers.front();
        change.link_to = graph.find(neighbor).value();
        const bool is_down = !world.site_down.insert({change.announcement, neighbor}).second;
        if (is_down) world.site_down.erase({change.announcement, neighbor});
        change.kind = is_down ? Kind::LinkUp : Kind::LinkDown;
        return change;
    }
    default: {
        const std::vector<Pair>& list =
            random.below(3) == 0 && !world.links.peers.empty() ? world.links.peers : world.links.provider_customer;
        if (list.empty()) return std::nullopt;
        const Pair pair = list[random.below(list.size())];
        change.link_from = graph.find(pair.first);
        change.link_to = graph.find(pair.second).value();
        const bool is_down = !world.down.insert(std::minmax(pair.first, pair.second)).second;
        if (is_down) world.down.erase(std::minmax(pair.first, pair.second));
        change.kind = is_down ? Kind::LinkUp : Kind::LinkDown;
        return change;
    }
    }
}

/// No announcement on a session before the shortest interval has passed since the last one.
void check_pace(const RouteTimeline& timeline, const ConvergenceSettings& settings) {
    const double share = (1 - settings.mrai_jitter) * to_seconds(settings.mrai);
    std::map<std::tuple<NodeIndex, NodeIndex, AsNumber>, Instant> last;
    for (const RouteTimeline::Update& update : timeline.updates()) {
        if (update.path.empty()) continue;
        if (update.from == update.to) continue; // sites: several may have the same number
        const auto [entry, is_first] = last.try_emplace({update.from, update.to, update.path.front()}, update.at);
        if (!is_first) CHECK(to_seconds(update.at - entry->second) > share - 1e-6);
        entry->second = update.at;
    }
}

bool equal(const RouteTimeline& a, const RouteTimeline& b) {
    const auto same_change = [](const RouteTimeline::Change& x, const RouteTimeline::Change& y) {
        return x.at == y.at && x.node == y.node;
    };
    const auto same_update = [](const RouteTimeline::Update& x, const RouteTimeline::Update& y) {
        return x.at == y.at && x.from == y.from && x.to == y.to &&
               std::equal(x.path.begin(), x.path.end(), y.path.begin(), y.path.end());
    };
    return std::equal(a.changes().begin(), a.changes().end(), b.changes().begin(), b.changes().end(), same_change) &&
           std::equal(a.updates().begin(), a.updates().end(), b.updates().begin(), b.updates().end(), same_update);
}

/// Every recorded choice differs from the one before it, and stands until the next.
void check_history(const RouteTimeline& timeline, const AsGraph& graph) {
    std::map<NodeIndex, Instant> last;
    Instant before{};
    for (const RouteTimeline::Change& change : timeline.changes()) {
        CHECK(change.at >= before);
        before = change.at;
        const RouteTimeline::Choice* const choice = timeline.at(change.node, change.at);
        REQUIRE(choice != nullptr);
        CHECK(choice->reached == !choice->tied.empty());
        const auto [entry, is_first] = last.try_emplace(change.node, change.at);
        if (is_first) {
            CHECK(timeline.next_change(change.node, Instant::min()) == change.at);
            CHECK(timeline.at(change.node, change.at - Duration{1}) == nullptr);
        } else {
            CHECK(timeline.next_change(change.node, entry->second) == change.at);
            const RouteTimeline::Choice* const old = timeline.at(change.node, change.at - Duration{1});
            CHECK((old->reached != choice->reached || old->learned_from != choice->learned_from ||
                   old->length != choice->length ||
                   !std::equal(old->tied.begin(), old->tied.end(), choice->tied.begin(), choice->tied.end())));
            entry->second = change.at;
        }
    }
    for (NodeIndex node = 0; node < graph.node_count(); ++node) {
        const auto entry = last.find(node);
        CHECK(timeline.next_change(node, entry == last.end() ? Instant::min() : entry->second) == never);
    }
}

} // namespace

TEST_CASE("convergence: on random graphs, after random events, a state in which nobody wants to change") {
    std::size_t compared = 0, changed = 0, lost = 0, ties = 0, with_one_state = 0;
    for (std::uint64_t seed = 1; seed <= 500; ++seed) {
        CAPTURE(seed);
        Random random{seed};
        World world = random_world(random);
        const AsGraph graph = world.graph();
        const std::vector<Announcement> announcements = world.announcements(graph, true);
        const ConvergenceSettings settings = random_settings(random, seed, world.numbers);
        std::vector<RoutingChange> changes;
        Instant when{};
        for (std::uint32_t count = 1 + random.below(6); count > 0; --count) {
            // Sometimes before what went before has settled, or at the same instant.
            when += random.below(5) == 0 ? Duration{0s} : Duration{std::chrono::milliseconds{random.below(200'000)}};
            if (const auto change = random_change(random, world, graph, when)) changes.push_back(*change);
        }
        const RouteTimeline timeline(graph, announcements, settings, changes);
        REQUIRE(timeline.wheel().empty());
        CHECK(equal(timeline, RouteTimeline(graph, announcements, settings, changes)));
        check_pace(timeline, settings);
        check_history(timeline, graph);

        const AsGraph after_graph = world.graph();
        std::vector<std::uint32_t> position;
        const std::vector<Announcement> after = world.announcements(after_graph, false, &position);
        std::vector<GivenRoute> given(after_graph.node_count());
        for (const NodeIndex node : graph.by_number()) {
            const BestRoute found = timeline.best(node, never);
            if (world.dead.contains(graph.number(node))) CHECK_FALSE(found.reached);
            if (!found.reached) continue;
            const NodeIndex now = after_graph.find(graph.number(node)).value();
            const auto place = std::find(position.begin(), position.end(), found.announcement);
            REQUIRE(place != position.end());
            given[now] = {true,
                          found.learned_from,
                          found.length,
                          {after_graph.find(graph.number(found.from)).value(),
                           static_cast<std::uint32_t>(place - position.begin())}};
        }
        // Nobody has a reason to decide otherwise, and whoever had a reason to note ties noted the right ones.
        const Routes held(after_graph, after, settings.routes, given);
        NaiveSolver naive(world.links_left(), after_graph, after, settings.routes);
        naive.take(held);
        for (const NodeIndex node : graph.by_number()) {
            const AsNumber number = graph.number(node);
            CAPTURE(number);
            const RouteTimeline::Choice* const choice = timeline.at(node, never);
            if (world.dead.contains(number) || naive.origins().contains(number)) continue;
            const NodeIndex now = after_graph.find(number).value();
            if (after_graph.providers(now).size() + after_graph.peers(now).size() + after_graph.customers(now).size() ==
                0)
                continue; // the naive solver does not know ASes without links
            const std::vector<NaiveRoute> best = naive.decide(number, naive.accepted(number));
            const auto at = naive.table().find(number);
            REQUIRE(best.empty() == (at == naive.table().end()));
            if (best.empty()) continue;
            REQUIRE(at->second == best.front());
            const RouteTimeline::Trace trace = timeline.trace(node, never);
            REQUIRE(trace.outcome == RouteTimeline::Delivery::Delivered);
            CHECK(position[at->second.announcement] == trace.announcement);
            ++compared;
            if (choice == nullptr) continue;
            REQUIRE(choice->tied.size() == best.size());
            for (std::size_t index = 0; index < best.size(); ++index) {
                const RouteTimeline::Offer& offer = choice->tied[index];
                CHECK(offer.announcement == position[best[index].announcement]);
                CHECK(graph.number(offer.from) == (best[index].from_site ? number : best[index].neighbor));
            }
            if (best.size() > 1) ++ties;
        }
        // Leaks and shutdowns may have several such states; else there is one.
        const bool one_state =
            settings.routes.leaking.empty() && std::none_of(after.begin(), after.end(), [](const Announcement& from) {
                return from.graceful_shutdown || !from.shutdown_at.empty();
            });
        const Fixpoint settled = converge(after_graph, after, settings);
        REQUIRE(settled.settled());
        if (one_state) {
            ++with_one_state;
            const Routes expected(after_graph, after, settings.routes);
            for (NodeIndex node = 0; node < after_graph.node_count(); ++node) {
                if (world.dead.contains(after_graph.number(node))) continue;
                CHECK(given[node].reached == expected.reached(node));
                CHECK(settled.best[node].reached == expected.reached(node));
                if (!expected.reached(node)) continue;
                CHECK(held.as_path(node) == expected.as_path(node));
                CHECK(held.announcement(node) == expected.announcement(node));
                CHECK(settled.as_path(after_graph, after, node) == expected.as_path(node));
                CHECK(settled.best[node].announcement == expected.announcement(node));
            }
        }
        changed += timeline.changes().size();
        for (const RouteTimeline::Figures& figures : timeline.figures()) lost += figures.lost_route;
    }
    // The random worlds are not empty.
    CHECK(compared > 3000);
    CHECK(changed > 3000);
    CHECK(lost > 500);
    CHECK(ties > 100);
    CHECK(with_one_state > 200);
}

} // namespace firstbyte::bgp
