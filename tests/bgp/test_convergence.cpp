// Convergence on small worlds where it is known what must happen.

#include "bgp/convergence.hpp"

#include <doctest/doctest.h>

#include <chrono>
#include <vector>

namespace firstbyte::bgp {
namespace {

using namespace std::chrono_literals;
using Kind = RoutingChange::Kind;

Instant at(Duration after_start) { return Instant{} + after_start; }

NodeIndex node_of(const AsGraph& graph, AsNumber number) { return graph.find(number).value(); }

std::vector<AsNumber> numbers_of(const AsGraph& graph, const std::vector<NodeIndex>& nodes) {
    std::vector<AsNumber> numbers;
    for (const NodeIndex node : nodes) numbers.push_back(graph.number(node));
    return numbers;
}

RoutingChange change(Duration when, Kind kind, std::uint32_t announcement, std::uint32_t value = 0) {
    RoutingChange out;
    out.at = at(when);
    out.kind = kind;
    out.announcement = announcement;
    out.value = value;
    return out;
}

RoutingChange link(Duration when, Kind kind, NodeIndex from, NodeIndex to) {
    RoutingChange out;
    out.at = at(when);
    out.kind = kind;
    out.link_from = from;
    out.link_to = to;
    return out;
}

/// Two PoPs of one CDN, near at AS 11 and far at AS 12, both customers of AS 1; clients are in AS 21 behind AS 11.
struct TwoPops {
    AsGraph graph{AsLinks{{{1, 11}, {1, 12}, {11, 21}}, {}, {}}};
    NodeIndex top = node_of(graph, 1), near = node_of(graph, 11), far = node_of(graph, 12), client = node_of(graph, 21);
    std::vector<Announcement> announcements{site(near), site(far)};

    static Announcement site(NodeIndex provider) {
        Announcement from;
        from.asn = 64500;
        from.providers = {provider};
        return from;
    }
};

ConvergenceSettings unjittered() {
    ConvergenceSettings settings;
    settings.mrai_jitter = 0;
    return settings;
}

/// BAD GADGET (Griffin, Shepherd and Wilfong, 2002): each of three pivots prefers the next one's route as long as that
/// one uses its own. `rims` lie between: 11 between 1 and 2, and so on.
constexpr AsNumber pivots[] = {1, 2, 3}, rims[] = {11, 12, 13};

} // namespace

TEST_CASE("convergence: a withdrawal black-holes until the alternative has come, then nothing changes any more") {
    const TwoPops world;
    const std::vector<RoutingChange> changes{change(10s, Kind::Withdraw, 0)};
    const RouteTimeline timeline(world.graph, world.announcements, unjittered(), changes);
    CHECK(timeline.at(world.client, at(10s)) == nullptr);
    CHECK(timeline.best(world.client, at(10s)).announcement == 0);
    // The site takes 50 ms to send, AS 11 another 50 ms to decide: it has no other route and tells its customer, who
    // loses the route 50 ms later; AS 1 has one by then, which is on its way down behind the MRAI clock that the
    // withdrawal has started.
    CHECK(timeline.next_change(world.near, at(0s)) == at(10s + 100ms));
    REQUIRE(timeline.at(world.near, at(10s + 100ms)) != nullptr);
    CHECK_FALSE(timeline.at(world.near, at(10s + 100ms))->reached);
    CHECK(timeline.next_change(world.client, at(0s)) == at(10s + 150ms));
    CHECK_FALSE(timeline.at(world.client, at(10s + 150ms))->reached);
    CHECK(timeline.trace(world.client, at(10s + 120ms)).outcome == RouteTimeline::Delivery::NoRoute);
    // AS 1 decides at 10.15 s and announces to AS 11, whose clock has not run; AS 11 decides at 10.2 s and may tell
    // AS 21 when 30 s have passed since the withdrawal of 10.1 s.
    CHECK(timeline.next_change(world.near, at(10s + 100ms)) == at(10s + 200ms));
    CHECK(timeline.next_change(world.client, at(10s + 150ms)) == at(40s + 150ms));
    CHECK(timeline.next_change(world.client, at(40s + 150ms)) == never);
    CHECK(timeline.best(world.client, never) == BestRoute{true, LearnedFrom::Provider, 4, world.near, 1});
    CHECK(timeline.trace(world.client, never).outcome == RouteTimeline::Delivery::Delivered);
    CHECK(timeline.trace(world.client, never).path ==
          std::vector<NodeIndex>{world.client, world.near, world.top, world.far});
    const RouteTimeline::Figures& figures = timeline.figures().front();
    CHECK(figures.first_update == at(10s + 50ms));
    CHECK(figures.last_update == at(40s + 100ms));
    CHECK(figures.last_choice == at(40s + 150ms));
    CHECK(figures.lost_route == 2); // AS 11 and AS 21; AS 1 has the other offer at hand
    CHECK(figures.left_without == 0);
}

TEST_CASE("convergence: a withdrawal that starts no clock is followed by the new route at once") {
    const TwoPops world;
    ConvergenceSettings settings = unjittered();
    settings.withdraw_starts_mrai = false;
    const std::vector<RoutingChange> changes{change(10s, Kind::Withdraw, 0)};
    const RouteTimeline timeline(world.graph, world.announcements, settings, changes);
    CHECK(timeline.figures().front().last_choice == at(10s + 250ms));
}

TEST_CASE("convergence: an expiry that finds nothing to send starts no clock") {
    // The site flaps: withdrawn, announced and withdrawn again while the clock of its provider's session runs. What the
    // provider may say at the end is what its customer knows already; the next change is told at once.
    const AsGraph graph{AsLinks{{{11, 21}}, {}, {}}};
    const std::vector<Announcement> announcements{TwoPops::site(node_of(graph, 11))};
    ConvergenceSettings settings = unjittered();
    settings.withdraw_waits_behind_announcement = true;
    const std::vector<RoutingChange> changes{change(10s, Kind::Withdraw, 0), change(41s, Kind::Announce, 0),
                                             change(72s, Kind::Withdraw, 0), change(73s, Kind::Announce, 0),
                                             change(74s, Kind::Withdraw, 0), change(110s, Kind::Announce, 0)};
    const RouteTimeline timeline(graph, announcements, settings, changes);
    const NodeIndex client = node_of(graph, 21);
    CHECK(timeline.next_change(client, at(0s)) == at(10s + 150ms));
    CHECK(timeline.next_change(client, at(11s)) == at(41s + 150ms)); // 30 s after the withdrawal the clock is over
    CHECK(timeline.next_change(client, at(42s)) == at(72s + 150ms));
    CHECK(timeline.next_change(client, at(73s)) == at(110s + 150ms)); // nothing at 102.1 s, and no clock from there
    CHECK(timeline.figures()[4].announcements == 0);
}

TEST_CASE("convergence: a drain by prepending or by graceful shutdown leaves nobody without a route") {
    // AS 1 must hear the far PoP better than the near one to tell AS 11 of it.
    TwoPops world;
    world.announcements[0].prepend = 1;
    for (const RoutingChange& drain :
         {change(10s, Kind::SetPrepend, 0, 5), change(10s, Kind::SetGracefulShutdown, 0, 1)}) {
        CAPTURE(static_cast<int>(drain.kind));
        const std::vector<RoutingChange> changes{drain, change(300s, Kind::Withdraw, 0)};
        const RouteTimeline timeline(world.graph, world.announcements, unjittered(), changes);
        CHECK(timeline.best(world.top, at(299s)).announcement == 1);
        // Local preference comes before length: AS 11 gives up its own customer's route only for RFC 8326.
        const bool graceful = drain.kind == Kind::SetGracefulShutdown;
        CHECK(timeline.best(world.near, at(299s)).announcement == (graceful ? 1 : 0));
        CHECK(timeline.figures()[0].lost_route == 0);
        CHECK(timeline.figures()[1].lost_route == 0); // the alternative is at hand
        CHECK(timeline.best(world.client, never).announcement == 1);
    }
}

TEST_CASE("convergence: a silent death is noticed when the hold timer ends, or by BFD") {
    const TwoPops world;
    ConvergenceSettings settings = unjittered();
    const std::vector<RoutingChange> changes{change(10s, Kind::SiteDies, 0)};
    std::vector<Duration> noticed;
    for (std::uint64_t seed = 1; seed <= 200; ++seed) {
        settings.seed = seed;
        const RouteTimeline timeline(world.graph, world.announcements, settings, changes);
        const Instant lost = timeline.next_change(world.near, at(0s));
        // 90 s after the last keepalive, which is up to 30 s old, and 50 ms to decide.
        CHECK(lost > at(70s));
        CHECK(lost <= at(100s + 50ms));
        noticed.push_back(lost - at(70s + 50ms));
        CHECK(timeline.best(world.client, never).announcement == 1);
    }
    double sum = 0;
    for (const Duration after : noticed) sum += to_seconds(after);
    CHECK(sum / 200 == doctest::Approx(15).epsilon(0.1)); // uniform: standard error 0.6 s
    settings.bfd = Bfd{};
    const RouteTimeline timeline(world.graph, world.announcements, settings, changes);
    CHECK(timeline.next_change(world.near, at(0s)) == at(10s + 900ms + 50ms)); // 3 x 300 ms
    settings.bfd.reset();
    settings.hold_time = 0s; // RFC 4271 section 4.2: no hold timer
    const RouteTimeline unnoticed(world.graph, world.announcements, settings, changes);
    CHECK(unnoticed.changes().empty());
}

TEST_CASE("convergence: an AS that dies forwards nothing, comes back and is as before") {
    const TwoPops world;
    std::vector<Announcement> announcements = world.announcements;
    announcements.push_back({});
    announcements[2].asn = 11;
    announcements[2].node = world.near; // AS 11 announces too
    ConvergenceSettings settings = unjittered();
    settings.bfd = Bfd{};
    const std::vector<RoutingChange> changes{change(10s, Kind::SiteDies, 2), change(200s, Kind::SiteReturns, 2),
                                             change(400s, Kind::SiteDies, 2),
                                             change(400s + 500ms, Kind::SiteReturns, 2)};
    const RouteTimeline timeline(world.graph, announcements, settings, changes);
    CHECK_FALSE(timeline.best(world.near, at(10s)).reached);
    CHECK(timeline.best(world.client, at(10s)).reached); // until it notices
    CHECK_FALSE(timeline.best(world.client, at(11s)).reached);
    CHECK(timeline.best(world.top, at(11s)).announcement == 1);
    for (const NodeIndex node : {world.top, world.near, world.far, world.client}) {
        CAPTURE(world.graph.number(node));
        CHECK(timeline.best(node, at(399s)) == timeline.start().best[node]);
        CHECK(timeline.best(node, never) == timeline.start().best[node]);
    }
    // A restart that is quicker than BFD: only the new session tells the client that the old one is over.
    CHECK(timeline.figures()[2].lost_route == 0);
    CHECK(timeline.figures()[3].lost_route == 1);
    CHECK(timeline.next_change(world.client, at(400s)) == at(400s + 550ms));
}

TEST_CASE("convergence: both ends of a failed link know at once, and tell one another everything when it is back") {
    const TwoPops world;
    const std::vector<RoutingChange> changes{link(10s, Kind::LinkDown, world.near, world.client),
                                             link(100s, Kind::LinkUp, world.client, world.near)};
    const RouteTimeline timeline(world.graph, world.announcements, unjittered(), changes);
    CHECK(timeline.next_change(world.client, at(0s)) == at(10s + 50ms));
    CHECK(timeline.next_change(world.client, at(11s)) == at(100s + 100ms));
    CHECK(timeline.best(world.client, never) == timeline.start().best[world.client]);
    CHECK(timeline.changes().size() == 2);

    RoutingChange uplink = change(10s, Kind::LinkDown, 0);
    uplink.link_to = world.near; // of the site
    const RouteTimeline without(world.graph, world.announcements, unjittered(), std::vector{uplink});
    CHECK(without.next_change(world.near, at(0s)) == at(10s + 50ms));
    CHECK(without.best(world.client, never).announcement == 1);
}

TEST_CASE("convergence: an announcement may be made for the first time later") {
    const TwoPops world;
    ConvergenceSettings settings = unjittered();
    settings.silent_at_start = {0};
    const std::vector<RoutingChange> changes{change(10s, Kind::Announce, 0)};
    const RouteTimeline timeline(world.graph, world.announcements, settings, changes);
    CHECK(timeline.best(world.client, at(0s)).announcement == 1);
    CHECK(timeline.best(world.client, never).announcement == 0);
    const Routes both(world.graph, world.announcements);
    for (NodeIndex node = 0; node < world.graph.node_count(); ++node)
        CHECK(timeline.best(node, never).announcement == both.announcement(node));
}

TEST_CASE("convergence: all offers of the best rank are told, the one used first") {
    const AsGraph graph{AsLinks{{{30, 40}, {20, 40}, {10, 40}}, {}, {}}};
    std::vector<Announcement> announcements;
    for (const AsNumber number : {10u, 20u, 30u}) announcements.push_back(TwoPops::site(node_of(graph, number)));
    const std::vector<RoutingChange> changes{change(1s, Kind::Withdraw, 2), change(100s, Kind::Withdraw, 0)};
    const RouteTimeline timeline(graph, announcements, unjittered(), changes);
    const NodeIndex client = node_of(graph, 40);
    const RouteTimeline::Choice* const two = timeline.at(client, at(2s));
    REQUIRE(two != nullptr); // the route is the old one, but one of three equals is gone
    CHECK(two->length == 2);
    REQUIRE(two->tied.size() == 2);
    CHECK(two->tied[0] == RouteTimeline::Offer{node_of(graph, 10), 0});
    CHECK(two->tied[1] == RouteTimeline::Offer{node_of(graph, 20), 1});
    const RouteTimeline::Choice* const one = timeline.at(client, never);
    REQUIRE(one->tied.size() == 1);
    CHECK(one->tied[0] == RouteTimeline::Offer{node_of(graph, 20), 1});
}

TEST_CASE("convergence: leaks that never settle are reported with the dispute wheel") {
    // Pivot i peers with the site, length 1, and is provider of rim i, which peers with pivot i + 1 and leaks what it
    // hears: as a customer's route that is preferred. When pivot i + 1 uses such a route itself its path is longer, and
    // rim i prefers a site which carries the number of pivot i, who therefore rejects it. Hence pivot i uses the rim
    // if and only if pivot i + 1 does not, which is impossible around a wheel of three.
    AsLinks links;
    for (int i = 0; i < 3; ++i) {
        links.provider_customer.emplace_back(pivots[i], rims[i]);
        links.peers.emplace_back(rims[i], pivots[(i + 1) % 3]);
    }
    const AsGraph graph{links};
    std::vector<Announcement> announcements(1);
    announcements[0].asn = 64500;
    ConvergenceSettings settings;
    settings.updates_max = 10'000;
    for (int i = 0; i < 3; ++i) {
        announcements[0].peers.push_back(node_of(graph, pivots[i]));
        Announcement decoy;
        decoy.asn = pivots[i];
        decoy.peers = {node_of(graph, rims[i])};
        decoy.prepend = 2;
        announcements.push_back(decoy);
        settings.routes.leaking.push_back(pivots[i]);
        settings.routes.leaking.push_back(rims[i]);
    }
    const Fixpoint result = converge(graph, announcements, settings);
    CHECK(numbers_of(graph, result.wheel) == std::vector<AsNumber>{1, 11, 2, 12, 3, 13});
    const RouteTimeline timeline(graph, announcements, settings, {});
    CHECK(timeline.wheel() == result.wheel);
    CHECK(timeline.changes().empty());

    // The same while time passes: the last of the decoys appears later.
    settings.silent_at_start = {3};
    const std::vector<RoutingChange> changes{change(10s, Kind::Announce, 3)};
    for (const Duration mrai : {Duration{0s}, Duration{30s}}) {
        settings.mrai = mrai;
        const RouteTimeline later(graph, announcements, settings, changes);
        CHECK(later.start().settled());
        CHECK(later.wheel() == result.wheel);
    }

    // Without decoys there are several stable outcomes, but all three pivots would swing for ever if they always
    // decided at the same time (DISAGREE). One of the outcomes is found.
    const std::vector<Announcement> without_decoys{announcements[0]};
    settings.silent_at_start.clear();
    CHECK(converge(graph, without_decoys, settings).settled());
}

TEST_CASE("convergence: graceful shutdown can make a dispute wheel, which is found while time passes") {
    // Pivot i has a customer site and is a customer of rim i, which peers with pivot i + 1. The site has its route kept
    // from rim i. While it is being shut down, pivot i prefers the rim's route, a provider's, which it tells no peer:
    // it uses that route if and only if pivot i + 1 does not.
    AsLinks links;
    for (int i = 0; i < 3; ++i) {
        links.provider_customer.emplace_back(rims[i], pivots[i]);
        links.peers.emplace_back(rims[i], pivots[(i + 1) % 3]);
    }
    const AsGraph graph{links};
    std::vector<Announcement> announcements;
    std::vector<RoutingChange> changes;
    for (std::uint32_t i = 0; i < 3; ++i) {
        announcements.push_back(TwoPops::site(node_of(graph, pivots[i])));
        announcements.back().no_export_to = {rims[i]};
        changes.push_back(change(10s, Kind::SetGracefulShutdown, i, 1));
    }
    ConvergenceSettings settings;
    settings.updates_max = 2'000;
    for (const Duration mrai : {Duration{0s}, Duration{30s}}) {
        settings.mrai = mrai;
        const RouteTimeline timeline(graph, announcements, settings, changes);
        CHECK(numbers_of(graph, timeline.wheel()) == std::vector<AsNumber>{1, 11, 2, 12, 3, 13});
    }
    // Two of the three on the way out: the third stands, and all is quiet.
    changes.pop_back();
    CHECK(RouteTimeline(graph, announcements, settings, changes).wheel().empty());
}

} // namespace firstbyte::bgp
