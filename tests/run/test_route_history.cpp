// What events do to clients' routes, moment by moment: who goes where when, from message-level BGP whose times are
// known.

#include "run/routes.hpp"

#include "support/sites.hpp"

#include <doctest/doctest.h>

#include <chrono>
#include <string>
#include <vector>

namespace firstbyte {
namespace {

using namespace std::chrono_literals;

/// Two carriers that peer, a site below each, a client below the first. Every hop takes 50 ms to decide, the site that
/// sends the first UPDATE too (FRR's first one is measured 75 to 103 ms after the command), and nothing waits for MRAI:
/// each moment follows by counting hops.
Scenario two_sites() {
    Scenario scenario;
    scenario.file = "two.fb.json";
    scenario.run.duration = 300s;
    scenario.topology.kind = Topology::Kind::Links;
    scenario.topology.links = {{10, 1}};
    scenario.topology.peers = {{10, 20}};
    scenario.topology.bgp.mrai = 0s;
    scenario.topology.bgp.processing = Distribution::fixed(50ms);
    scenario.pops = {test::site_below("near", 10), test::site_below("far", 20)};
    ClientGroup client;
    client.id = "c";
    client.asn = 1;
    scenario.clients = {client};
    return scenario;
}

Event event(Event::Kind kind, Duration at, std::uint32_t pop) {
    Event e;
    e.kind = kind;
    e.at = Instant{at};
    e.pop = PopId{pop};
    return e;
}

std::vector<WaySpan> ways_of(const Scenario& scenario) { return route(scenario, {}, nullptr).ways.front(); }

/// "0 near; 10050 far": milliseconds and where.
std::string story(const Scenario& scenario) {
    std::string text;
    for (const WaySpan& span : ways_of(scenario)) {
        if (!text.empty()) text += "; ";
        text += std::to_string((span.from - Instant{}) / 1ms) + " ";
        text += span.reach == Reach::Pop ? scenario.pops[span.pop->value].id : name_of(span.reach);
    }
    return text;
}

std::string fault_of(const Scenario& scenario) {
    try {
        static_cast<void>(route(scenario, {}, nullptr));
    } catch (const ScenarioError& error) {
        return error.issues().front().code + " " + error.issues().front().path;
    }
    return "none";
}

} // namespace

TEST_CASE("routes over time: a withdrawal moves clients one decision later, and its end brings them back") {
    Scenario scenario = two_sites();
    scenario.events = {event(Event::Kind::Withdraw, 10s, 0)};
    scenario.events[0].duration = 20s;
    // AS10 has the peer's route in hand; nobody is without a route at any time.
    CHECK(story(scenario) == "0 near; 10100 far; 30100 near");
    CHECK(ways_of(scenario)[1].event == 0);
    CHECK(ways_of(scenario)[0].event == -1);
    CHECK(ways_of(scenario)[1].rtt == ways_of(scenario)[0].rtt + 1ms); // one AS hop more, 1 ms where no place is known
}

TEST_CASE("routes over time: without another route in hand there is a black hole of one decision per hop") {
    Scenario scenario = two_sites();
    scenario.topology.peers.clear();
    scenario.topology.links = {{10, 2}, {2, 1}, {20, 1}}; // client 1 below AS2 and AS20
    scenario.pops[1].prepend = 3;                         // far, so that it is not chosen at first
    scenario.events = {event(Event::Kind::Withdraw, 10s, 0)};
    // AS10 has no route from 10.10 s, AS2 from 10.15 s; AS1 learns it then and decides for AS20 at 10.20 s.
    CHECK(story(scenario) == "0 near; 10100 no_route; 10200 far");
}

TEST_CASE("routes over time: a PoP that dies silently is a black hole until the hold timer expires") {
    Scenario scenario = two_sites();
    scenario.topology.bgp.hold_time = 9s;
    scenario.topology.bgp.keepalive = 3s;
    scenario.events = {event(Event::Kind::PopDies, 10s, 0)};
    const std::vector<WaySpan> spans = ways_of(scenario);
    REQUIRE(spans.size() == 3);
    CHECK(spans[1].reach == Reach::DeadPop);
    CHECK(spans[1].from == Instant{10s});
    // The last keepalive was up to 3 s old: noticed 6 to 9 s later (RFC 4271 section 6.5), decided 50 ms after.
    CHECK(spans[2].pop == PopId{1});
    CHECK(spans[2].from >= Instant{16s + 50ms});
    CHECK(spans[2].from <= Instant{19s + 50ms});
    scenario.topology.bgp.bfd = firstbyte::Bfd{300ms, 3};
    CHECK(ways_of(scenario)[2].from <= Instant{10s + 900ms + 50ms}); // RFC 5880 section 6.8.4: 3 x 300 ms
}

TEST_CASE("routes over time: a drain moves clients while the old way still works, and withdraws later") {
    Scenario scenario = two_sites();
    scenario.topology.peers.clear();
    scenario.topology.links = {{10, 2}, {2, 1}, {20, 1}};
    scenario.events = {event(Event::Kind::Drain, 10s, 0)};
    scenario.events[0].withdraw_after = 30s;
    scenario.events[0].duration = 100s;
    for (const Event::DrainBy by : {Event::DrainBy::Prepend, Event::DrainBy::GracefulShutdown}) {
        scenario.events[0].drain_by = by;
        scenario.events[0].value = 5;
        scenario.pops[1].prepend = 2; // near wins at first: 3 ASes against 4
        bool black = false;
        for (const WaySpan& span : ways_of(scenario)) black = black || span.reach != Reach::Pop;
        if (by == Event::DrainBy::Prepend) {
            CHECK(story(scenario).starts_with("0 near; 10200 far")); // the site and three ASes
            CHECK_FALSE(black);
        } else {
            // AS10 alone hears the community (RFC 8326 section 4) and has no other route: the client stays until the
            // withdrawal, which then makes a black hole. Only a neighbour with an alternative drains.
            CHECK(story(scenario).starts_with("0 near; 40100 no_route; 40200 far"));
        }
    }
}

TEST_CASE("routes over time: links, PoPs that begin to announce, and prepending") {
    Scenario scenario = two_sites();
    Event cut;
    cut.kind = Event::Kind::LinkDown;
    cut.at = Instant{10s};
    cut.a.pop = PopId{0};
    cut.b.asn = 10;
    cut.duration = 10s;
    scenario.events = {cut};
    CHECK(story(scenario) == "0 near; 10050 far; 20100 near"); // carrier lost: no hold timer, no UPDATE
    scenario.events[0].a = {std::nullopt, 10};
    scenario.events[0].b = {std::nullopt, 20};
    CHECK(story(scenario) == "0 near"); // the peering was not in use

    scenario.pops[0].announced = false;
    scenario.events = {event(Event::Kind::Announce, 10s, 0)};
    CHECK(story(scenario) == "0 far; 10100 near");

    // Local preference comes first: no number of prepends at the customer beats the peer (semantics 8.2, scenario 23).
    scenario.pops[0].announced = true;
    scenario.events = {event(Event::Kind::Prepend, 10s, 0)};
    scenario.events[0].value = 10;
    CHECK(story(scenario) == "0 near");
}

TEST_CASE("routes over time: without a topology an event takes effect at once, and the next nearest PoP takes over") {
    Scenario scenario;
    scenario.file = "direct.fb.json";
    scenario.run.duration = 300s;
    scenario.pops = two_sites().pops;
    ClientGroup client;
    client.id = "c";
    client.rtt_to = {{PopId{0}, 20ms}, {PopId{1}, 80ms}};
    scenario.clients = {client};
    scenario.events = {event(Event::Kind::Withdraw, 10s, 0)};
    scenario.events[0].duration = 20s;
    CHECK(story(scenario) == "0 near; 10000 far; 30000 near");
    CHECK(ways_of(scenario)[1].rtt == 80ms);
    scenario.events[0].kind = Event::Kind::PopDies;
    scenario.topology.bgp.hold_time = 9s;
    CHECK(story(scenario) == "0 near; 10000 dead_pop; 19000 far; 30000 near");
    scenario.events[0].kind = Event::Kind::Prepend;
    CHECK(fault_of(scenario) == "E522 events[0].do");
}

TEST_CASE("routes over time: events that cannot be are named") {
    Scenario scenario = two_sites();
    scenario.events = {event(Event::Kind::Drain, 10s, 0)};
    scenario.events[0].withdraw_after = 60s;
    scenario.events[0].duration = 50s;
    CHECK(fault_of(scenario) == "E403 events[0].for");
    scenario.events = {event(Event::Kind::PopDies, 10s, 0), event(Event::Kind::PopDies, 20s, 0)};
    scenario.events[0].duration = 11s;
    CHECK(fault_of(scenario) == "E404 events[1]");
    scenario.events[0].duration = 10s; // returns when it dies again
    CHECK(fault_of(scenario) == "none");
    Event cut;
    cut.kind = Event::Kind::LinkDown;
    cut.a.asn = 1;
    cut.b.asn = 20;
    scenario.events = {cut};
    CHECK(fault_of(scenario) == "E310 events[0]");
    scenario.events[0].b.asn = 99;
    CHECK(fault_of(scenario) == "E310 events[0].b");
}

TEST_CASE("routes over time: the state at a moment, and how long routes were in motion") {
    Scenario scenario = two_sites();
    scenario.events = {event(Event::Kind::Withdraw, 10s, 0)};
    CatchmentOptions before, after;
    before.at = Instant{10s + 99ms};
    after.at = Instant{10s + 100ms};
    CHECK(compute_catchment(scenario, before).clients[0].pop == PopId{0});
    const Catchment moved = compute_catchment(scenario, after);
    CHECK(moved.clients[0].pop == PopId{1});
    CHECK(moved.clients[0].as_path == std::vector<AsNumber>{10, 20, 64500});
    REQUIRE(moved.convergence.size() == 1);
    CHECK(moved.convergence[0].what == "withdraw");
    CHECK(moved.convergence[0].first_update == 50ms);
    CHECK(moved.convergence[0].last_choice == 150ms); // AS10 at 100 ms, its customer at 150 ms
    CHECK(moved.convergence[0].ases_without_route == 0);
}

TEST_CASE("prefix groups: clients use the address they are told, and the longest match there is") {
    Scenario scenario = two_sites();
    scenario.anycast.groups = {{"far-only", "203.0.113.0/24", {PopId{1}}, {}, {}, {0}}};
    CHECK(story(scenario) == "0 far"); // another address: no way back to the common prefix
    // A more specific part of the common prefix takes everyone, whatever they are told.
    scenario.anycast.groups = {{"specific", "198.51.100.0/25", {PopId{1}}, {}, {}, {}}};
    CHECK(story(scenario) == "0 far");
    // When it goes away the covering prefix is still there.
    scenario.events = {event(Event::Kind::Withdraw, 10s, 1)};
    CHECK(story(scenario).ends_with(" near"));
}

} // namespace firstbyte
