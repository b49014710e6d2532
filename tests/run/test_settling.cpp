// Who moves after a routing event: against counting by hand, against the ways themselves, moment by moment, and against
// the figures that BGP's messages are compared by.

#include "run/routes.hpp"
#include "run/settling.hpp"

#include "firstbyte/scenario.hpp"

#include "support/sites.hpp"

#include <doctest/doctest.h>

#include <algorithm>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <fstream>
#include <iterator>
#include <random>
#include <set>
#include <string>
#include <tuple>
#include <utility>
#include <vector>

namespace firstbyte {
namespace {

using namespace std::chrono_literals;

/// What holds at a moment, by the definition alone.
SettlingStep brute_force(const std::vector<RouteMove>& clients, const std::vector<std::uint64_t>& populations,
                         const std::vector<RouteMove>& ases, Duration now) {
    SettlingStep step;
    step.after = now;
    const auto count = [now](const std::vector<RouteMove>& moves, auto weight, std::uint64_t& settled,
                             std::uint64_t& without) {
        std::set<std::uint32_t> all;
        for (const RouteMove& move : moves) all.insert(move.who);
        for (const std::uint32_t who : all) {
            bool later = false, has = true, known = false;
            for (const RouteMove& move : moves) {
                if (move.who != who) continue;
                if (!known) has = move.had;
                known = true;
                if (move.after <= now) has = move.has;
                later = later || move.after > now;
            }
            if (!later) settled += weight(who);
            if (!has) without += weight(who);
        }
    };
    count(
        clients, [&](std::uint32_t who) { return populations[who]; }, step.clients_settled, step.clients_without);
    count(
        ases, [](std::uint32_t) { return std::uint64_t{1}; }, step.ases_settled, step.ases_without);
    return step;
}

/// Ways that come and go at random, some before any had one.
std::vector<RouteMove> random_moves(std::mt19937_64& draw, std::size_t number, std::uint32_t people) {
    std::vector<std::int64_t> times;
    for (std::size_t i = 0; i < number; ++i) times.push_back(static_cast<std::int64_t>(draw() % 1'000'000));
    std::sort(times.begin(), times.end());
    std::vector<RouteMove> moves;
    std::vector<bool> has(people);
    for (std::uint32_t who = 0; who < people; ++who) has[who] = draw() % 4 != 0;
    for (const std::int64_t time : times) {
        const auto who = static_cast<std::uint32_t>(draw() % people);
        const bool next = draw() % 2 == 0;
        moves.push_back({Duration{time}, who, has[who], next});
        has[who] = next;
    }
    return moves;
}

Scenario shipped(const std::string& name) {
    const std::string path = std::string(FIRSTBYTE_SOURCE_DIR) + "/scenarios/" + name + ".fb.json";
    std::ifstream file{path, std::ios::binary};
    return load_scenario({std::istreambuf_iterator<char>{file}, {}}, path);
}

} // namespace

TEST_CASE("settling: a withdrawal along a chain of networks, counted by hand") {
    // The site below AS10, whose customer AS2 has the customer AS1, which is also below AS20 with the other site. Every
    // hop decides after 50 ms, the site's own UPDATE included.
    Scenario scenario;
    scenario.file = "chain.fb.json";
    scenario.run.duration = 300s;
    scenario.topology.kind = Topology::Kind::Links;
    scenario.topology.links = {{10, 2}, {2, 1}, {20, 1}, {20, 3}};
    scenario.topology.bgp.mrai = 0s;
    scenario.topology.bgp.processing = Distribution::fixed(50ms);
    scenario.pops = {test::site_below("near", 10), test::site_below("far", 20)};
    scenario.pops[1].prepend = 3; // far, so that it is not chosen at first
    for (const auto& [id, asn, population] :
         {std::tuple{"moves", AsNumber{1}, 30U}, std::tuple{"stays", AsNumber{3}, 70U}}) {
        ClientGroup client;
        client.id = id;
        client.asn = asn;
        client.population = population;
        scenario.clients.push_back(client);
    }
    Event withdrawal;
    withdrawal.kind = Event::Kind::Withdraw;
    withdrawal.at = Instant{10s};
    withdrawal.pop = PopId{0};
    scenario.events = {withdrawal};

    const std::vector<EventConvergence> rows = route(scenario, {}, nullptr).convergence;
    REQUIRE(rows.size() == 1);
    REQUIRE(rows[0].settling);
    // AS10 is without a route from 100 ms, AS2 from 150 ms, both for good: what AS1 has from its provider AS20 it does
    // not tell its provider AS2 (Gao and Rexford, 2001). AS1 decides for AS20 at 200 ms.
    const Settling& settling = *rows[0].settling;
    CHECK(settling.ases == MovedRoutes{3, 150ms, 200ms, 2, 0s, 2});
    // AS1's clients lose their way when AS10 has none, half the way up, and have one again 100 ms later.
    CHECK(settling.clients == MovedRoutes{30, 200ms, 200ms, 30, 100ms, 0});
    CHECK(settling.steps == std::vector<SettlingStep>{
                                {0s, 0, 0, 0, 0}, {100ms, 0, 1, 30, 1}, {150ms, 0, 2, 30, 2}, {200ms, 30, 3, 0, 2}});
}

TEST_CASE("settling: every step is what the definition says, and thinning keeps the end and the worst moment") {
    std::mt19937_64 draw{7};
    for (const std::size_t number : {1U, 10U, 200U, 3000U}) {
        CAPTURE(number);
        const std::vector<std::uint64_t> populations{3, 1, 40, 7, 100, 20, 2};
        const auto clients = random_moves(draw, number, 7), ases = random_moves(draw, 2 * number, 11);
        const Settling settling = settling_of(clients, populations, ases);
        std::uint64_t worst = brute_force(clients, populations, ases, Duration{0}).clients_without;
        for (const RouteMove& move : clients)
            worst = std::max(worst, brute_force(clients, populations, ases, move.after).clients_without);
        std::uint64_t kept = 0;
        Duration before{-1};
        for (const SettlingStep& step : settling.steps) {
            CHECK(step == brute_force(clients, populations, ases, step.after));
            CHECK(step.after > before);
            before = step.after;
            kept = std::max(kept, step.clients_without);
        }
        CHECK(kept == worst);
        CHECK(settling.steps.front().after == Duration{0});
        CHECK(settling.steps.back().after == std::max(clients.back().after, ases.back().after));
        CHECK(settling.steps.size() <= 2 * settling_spans_max);
        CHECK(settling.steps.back().ases_settled == settling.ases.moved);
        CHECK(settling.clients.all == clients.back().after);
        // Half of them: not before, and then.
        const auto settled = [&](Duration at) { return brute_force(clients, populations, ases, at).clients_settled; };
        CHECK(2 * settled(settling.clients.half) >= settling.clients.moved);
        CHECK(2 * settled(settling.clients.half - Duration{1}) < settling.clients.moved);
    }
    CHECK(settling_of({}, {}, {}).steps == std::vector<SettlingStep>{SettlingStep{}});
}

TEST_CASE("settling: of the shipped withdrawals, against the figures of the messages and the ways of the clients") {
    std::size_t compared = 0;
    for (const char* name : {"pop-withdraw", "flapping-pop", "anycast-shift-tfo"}) {
        CAPTURE(name);
        const Scenario scenario = shipped(name);
        const RoutedWorld world = route(scenario, {}, nullptr);
        for (std::size_t row = 0; row < world.convergence.size(); ++row) {
            const EventConvergence& change = world.convergence[row];
            REQUIRE(change.settling);
            CHECK(change.settling->ases.cut_off == change.ases_without_route);
            CHECK((change.settling->ases.moved == 0) == !change.last_choice.has_value());
            if (change.last_choice) CHECK(change.settling->ases.all == *change.last_choice);
            if (!change.prefix_group.empty()) continue;
            // People whose way changes until the next event, by their ways.
            const bool last = row + 1 == world.convergence.size();
            const Instant until = last ? never : world.convergence[row + 1].at;
            std::uint64_t moved = 0;
            Duration end{};
            for (std::size_t client = 0; client < world.ways.size(); ++client) {
                bool moves = false;
                for (const WaySpan& span : world.ways[client]) {
                    if (span.from < change.at || span.from >= until || span.from == Instant{}) continue;
                    moves = true;
                    end = std::max(end, span.from - change.at);
                }
                if (moves) moved += scenario.clients[client].population;
            }
            CHECK(change.settling->clients.moved == moved);
            CHECK(change.settling->clients.all == end);
            ++compared;
        }
    }
    CHECK(compared > 3);
}

TEST_CASE("settling: a PoP that dies cuts its clients off at once, and a catchment of one moment tells nothing") {
    Scenario scenario = shipped("pop-withdraw");
    scenario.events[0].kind = Event::Kind::PopDies;
    const RoutedWorld world = route(scenario, {}, nullptr);
    REQUIRE(world.convergence.size() == 1);
    REQUIRE(world.convergence[0].settling);
    const Settling& settling = *world.convergence[0].settling;
    CHECK(settling.steps.front().clients_without == 400); // before anybody has noticed
    CHECK(settling.steps.front().ases_settled == 0);
    CHECK(settling.clients.left_without == 0);
    // Noticed when the hold timer ends, at most a keepalive after the last one was heard (RFC 4271 section 6.5).
    const Bgp& bgp = scenario.topology.bgp;
    CHECK(settling.clients.longest_cut_off >= bgp.hold_time - bgp.keepalive);
    CatchmentOptions moment;
    moment.at = Instant{130s};
    CHECK_FALSE(compute_catchment(scenario, moment).convergence.at(0).settling);
}

TEST_CASE("settled ways: where clients go after each event, and nothing of what they passed on the way") {
    Scenario scenario = shipped("pop-withdraw");
    const RoutedWorld hard = route(scenario, {}, nullptr);
    // Without a way for 150 ms, as the figures above say; then at the other PoP. "us" was there before.
    const std::vector<SettledWay> eu = settled_ways(hard, 0);
    REQUIRE(eu.size() == 1);
    CHECK(eu[0] == SettledWay{Instant{120s}, PopId{1}, 95ms});
    CHECK(settled_ways(hard, 1).empty());
    // It comes back: where it was before.
    scenario.events[0].duration = 60s;
    const std::vector<SettledWay> back = settled_ways(route(scenario, {}, nullptr), 0);
    REQUIRE(back.size() == 2);
    CHECK(back[1] == SettledWay{Instant{180s}, PopId{0}, 20ms});
    // Back while its clients are without a way: they have none at the end of the first event, and theirs at last.
    scenario.events[0].duration = 200ms;
    const std::vector<SettledWay> flap = settled_ways(route(scenario, {}, nullptr), 0);
    REQUIRE(flap.size() == 2);
    CHECK_FALSE(flap[0].pop);
    CHECK(flap[1].pop == PopId{0});
    // Without a topology the nearest PoP that announces takes over at once.
    Scenario direct = shipped("pop-withdraw");
    direct.topology = {};
    direct.events[0].duration = 60s;
    const RoutedWorld world = route(direct, {}, nullptr);
    CHECK(settled_ways(world, 0) ==
          std::vector<SettledWay>{{Instant{120s}, PopId{1}, 95ms}, {Instant{180s}, PopId{0}, 20ms}});
    CHECK(settled_ways(world, 1).empty());
}

} // namespace firstbyte
