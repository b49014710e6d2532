// What clients feel when their packets come to another PoP: RFC 9293 section 3.10.7.1 says that a host without the
// connection answers RST, and the rest is arithmetic of two round-trip times: 20 ms to PoP "a", 80 ms to PoP "b".
#include "support/moving_world.hpp"

#include <doctest/doctest.h>

using namespace firstbyte;
using namespace firstbyte::test;

namespace {

const std::string request = R"({ "request": "400B", "response": "500B" })";

std::string script(const std::string& entries) { return R"("script": [ )" + entries + " ]"; }

/// A request at 0, answered at 40 ms; another one 1 s later.
const std::string two_requests = script(entry(request + R"(, { "idle": "1s" }, )" + request));

std::uint64_t outcomes(const Results& results, Cause cause, std::int32_t event = -1) {
    std::uint64_t count = 0;
    for (const auto& [key, times] : all_requests(results).outcomes)
        if (key.cause == cause && key.event == event) count += times;
    return count;
}

/// Up packets that have something done to them, as "t act pop", t in ms.
std::vector<std::string> acts(const TraceConnection& trace) {
    std::vector<std::string> out;
    for (const TracePacket& packet : trace.packets) {
        if (!packet.up || packet.act == TracePacket::Act::Forward) continue;
        const char* act = packet.act == TracePacket::Act::Foreign     ? "foreign"
                          : packet.act == TracePacket::Act::Blackhole ? "blackhole"
                          : packet.act == TracePacket::Act::Loop      ? "loop"
                                                                      : "other";
        out.push_back(fmt::format("{:g} {} {}", to_ms(packet.at - Instant{}), act, packet.pop));
    }
    return out;
}

/// The record up to the client's end of the connection. After it the old PoP goes on until its own timers end it.
TraceConnection until_closed(TraceConnection trace) {
    const Instant closed = trace.start + Duration{static_cast<std::int64_t>(event_ms(trace, "closed") * 1e6 + 0.5)};
    std::erase_if(trace.packets, [&](const TracePacket& packet) { return packet.at >= closed; });
    return trace;
}

} // namespace

TEST_CASE("reroute: a request sent after the shift is answered with RST one round trip to the new PoP later") {
    const MovingWorld world{{to_near(0ms), to_far(500ms, 3)}, two_requests};
    const Results results = world.run();
    const TraceConnection trace = until_closed(results.traces.at(0));
    CHECK(trace.pop == "a");
    CHECK(acts(trace) == std::vector<std::string>{"1040 foreign b"});
    CHECK(event_ms(trace, "closed") == doctest::Approx(1040 + 80));
    CHECK(trace.error == "ECONNRESET");
    CHECK(outcomes(results, Cause::CacheHit) == 1);
    CHECK(outcomes(results, Cause::Reroute, 3) == 1);
    const ConnectionResults connections = all_connections(results);
    CHECK(connections.opened == 1);
    CHECK(connections.reroute_broken == 1);
    CHECK(connections.reroute_reset == 1);
    CHECK(results.replications[0].routes.at(0).foreign == 1);
    CHECK(packets_of(trace, false).back() == "1080 R 501 0 0"); // the old PoP says nothing, the new one a bare RST
    CHECK(trace.packets.back().pop == "b");
}

TEST_CASE("reroute: a packet in flight arrives where it was going; the RST comes for the ACK of its answer") {
    const MovingWorld world{{to_near(0ms), to_far(1041ms, 0)},
                            script(entry(request + R"(, { "idle": "1s" }, )" + request, R"(, "hold": "5s")"))};
    const Results results = world.run();
    const TraceConnection trace = until_closed(results.traces.at(0));
    CHECK(outcomes(results, Cause::CacheHit) == 2);
    const std::vector<std::string> foreign = acts(trace);
    REQUIRE(foreign.size() == 1);
    double acked = 0;
    for (const TracePacket& packet : trace.packets)
        if (packet.act == TracePacket::Act::Foreign) acked = to_ms(packet.at - Instant{});
    CHECK(acked >= 1060); // the answer came 20 ms after the request; its ACK may be delayed
    CHECK(event_ms(trace, "closed") == doctest::Approx(acked + 80));
    CHECK(trace.error == "ECONNRESET");
    CHECK(all_connections(results).reroute_broken == 1);
}

TEST_CASE(
    "reroute: a download goes on while the old PoP's data lasts, and ends a round trip to the new PoP after an ACK") {
    const MovingWorld world{{to_near(0ms), to_far(45ms, 1)},
                            script(entry(R"({ "request": "400B", "response": "1MB" })"))};
    const Results results = world.run();
    const TraceConnection trace = until_closed(results.traces.at(0));
    CHECK(event_ms(trace, "first_byte") == doctest::Approx(40));
    std::uint32_t received = 0;
    std::vector<double> acked;
    for (const TracePacket& packet : trace.packets) {
        if (!packet.up && packet.pop.empty() && packet.arrives > Instant{45ms}) received += packet.length;
        if (packet.act == TracePacket::Act::Foreign) acked.push_back(to_ms(packet.at - Instant{}));
    }
    CHECK(received > 10'000); // a window of the old PoP's data came after the shift
    const double closed = event_ms(trace, "closed");
    CHECK(std::any_of(acked.begin(), acked.end(), [&](double at) { return std::abs(at + 80 - closed) < 1e-6; }));
    CHECK(closed >= acked.front() + 80);
    CHECK(closed < 400);
    CHECK(trace.error == "ECONNRESET");
    CHECK(outcomes(results, Cause::Truncated, 1) == 1);
}

TEST_CASE("reroute: an idle connection notices nothing until its next request") {
    const MovingWorld world{{to_near(0ms), to_far(500ms, 0)},
                            script(entry(request + R"(, { "idle": "20s" }, )" + request))};
    const TraceConnection trace = until_closed(world.run().traces.at(0));
    for (const TracePacket& packet : trace.packets) {
        const double at = to_ms(packet.at - Instant{});
        CHECK((at < 100 || at >= 20'040)); // the ACK of the first answer goes out by then
    }
    CHECK(event_ms(trace, "closed") == doctest::Approx(20'040 + 80));
}

TEST_CASE("reroute: a keepalive probe finds the new PoP, and the connection ends before the next request") {
    const MovingWorld world{{to_near(0ms), to_far(500ms, 0)},
                            script(entry(request, R"(, "hold": "50s", "tcp": { "keepalive": { "idle": "10s" } })"))};
    const Results results = world.run();
    const TraceConnection trace = until_closed(results.traces.at(0));
    double probe = 0;
    for (const TracePacket& packet : trace.packets)
        if (packet.keepalive_probe) probe = to_ms(packet.at - Instant{});
    CHECK(probe > 10'000);
    CHECK(event_ms(trace, "closed") == doctest::Approx(probe + 80));
    CHECK(trace.error == "ECONNRESET");
    CHECK(outcomes(results, Cause::CacheHit) == 1);
    CHECK(all_connections(results).reroute_broken == 1);
}

TEST_CASE("reroute: after a black hole the RST comes for the first retransmission that gets through") {
    for (const State state : {State::Blackhole, State::Loop}) {
        const MovingWorld world{{to_near(0ms), to_nowhere(1000ms, 2, state), to_far(3000ms, 2)}, two_requests};
        const Results results = world.run();
        const TraceConnection trace = until_closed(results.traces.at(0));
        std::vector<double> sent;
        std::vector<TracePacket::Act> done;
        for (const TracePacket& packet : trace.packets) {
            if (!packet.up || packet.at < Instant{1s}) continue;
            sent.push_back(to_ms(packet.at - Instant{}));
            done.push_back(packet.act);
        }
        REQUIRE(sent.size() >= 4);
        CHECK(sent.front() == doctest::Approx(1040));
        for (std::size_t n = 0; n + 1 < sent.size(); ++n) {
            CHECK(sent[n] < 3000);
            CHECK(done[n] == (state == State::Loop ? TracePacket::Act::Loop : TracePacket::Act::Blackhole));
        }
        // The timer doubles (RFC 6298 section 5.5).
        const std::size_t last = sent.size() - 1;
        CHECK(sent[last] - sent[last - 1] == doctest::Approx(2 * (sent[last - 1] - sent[last - 2])));
        CHECK(sent.back() >= 3000);
        CHECK(done.back() == TracePacket::Act::Foreign);
        CHECK(event_ms(trace, "closed") == doctest::Approx(sent.back() + 80));
        CHECK(outcomes(results, Cause::Reroute, 2) == 1);
        const RouteResults& routes = results.replications[0].routes.at(0);
        CHECK((state == State::Loop ? routes.looped : routes.blackholed) == sent.size() - 1);
    }
}

TEST_CASE("reroute: a black hole that does not end is a timeout, and the connection counts as lost to it") {
    MovingWorld world{{to_near(0ms), to_nowhere(1000ms, 4)}, two_requests};
    world.change = [](cdn::World& w) { w.client_idle_timeout = 1h; };
    const Results results = world.run();
    CHECK(results.traces.at(0).error == "ETIMEDOUT");
    CHECK(outcomes(results, Cause::ConnectionTimeout, 4) == 1);
    CHECK(all_connections(results).blackhole_broken == 1);
    CHECK(all_connections(results).reroute_broken == 0);
}

TEST_CASE("reroute: the old PoP keeps its socket until its own timers end it, and its word still reaches the client") {
    // The HTTP idle timeout of the near PoP, 400 s, runs from its last response; the client waits without a deadline.
    const MovingWorld world{{to_near(0ms), to_nowhere(1000ms, 4)}, two_requests};
    const Results results = world.run();
    CHECK(event_ms(results.traces.at(0), "closed") == doctest::Approx(400'000 + 30 + 10));
    CHECK(outcomes(results, Cause::EndOfFile, 4) == 1);
    CHECK(all_connections(results).blackhole_broken == 1);
    // After a reset by the new PoP the old one's FIN is answered by RST, which goes to the new one.
    const MovingWorld reset{{to_near(0ms), to_far(500ms, 3)}, two_requests};
    const TraceConnection trace = reset.run().traces.at(0);
    std::size_t fins = 0, resets = 0;
    for (const TracePacket& packet : trace.packets) {
        if (!packet.up && (packet.flags & 1) != 0) ++fins;
        if (!packet.up && (packet.flags & 1) != 0) CHECK(packet.at >= Instant{400s});
        if (packet.up && (packet.flags & 4) != 0) ++resets;
        if (packet.up && (packet.flags & 4) != 0) CHECK((packet.pop == "b" && packet.act == TracePacket::Act::Foreign));
    }
    CHECK(fins > 3);
    CHECK(resets == fins);
}

TEST_CASE("reroute: a black hole that ends at the same PoP costs a retransmission") {
    const MovingWorld world{{to_near(0ms), to_nowhere(1000ms, 4), to_near(1200ms, 4)}, two_requests};
    const Results results = world.run();
    const TraceConnection trace = until_closed(results.traces.at(0));
    CHECK(outcomes(results, Cause::CacheHit) == 2);
    CHECK(event_ms(trace, "closed") > 1240);
    CHECK(event_ms(trace, "closed") < 1400);
    CHECK(trace.error.empty());
}

TEST_CASE("reroute: a SYN that convergence swallows comes again after 1 s and lands at the new PoP") {
    const MovingWorld world{{to_nowhere(0ms, 0), to_far(500ms, 0)}, script(entry(request))};
    const Results results = world.run();
    const TraceConnection trace = until_closed(results.traces.at(0));
    CHECK(acts(trace) == std::vector<std::string>{"0 blackhole "});
    CHECK(event_ms(trace, "connected") == doctest::Approx(1000 + 80));
    CHECK(event_ms(trace, "first_byte") == doctest::Approx(1000 + 160));
    CHECK(outcomes(results, Cause::CacheHit) == 1);

    const MovingWorld near_first{{to_near(0ms), to_nowhere(100ms, 0), to_far(900ms, 0)},
                                 script(entry(request, "", R"("at": "200ms")"))};
    const Results moved = near_first.run();
    CHECK(event_ms(moved.traces.at(0), "first_byte") == doctest::Approx(1000 + 160));
    // It counts where it came to: the row of PoP b.
    REQUIRE(moved.groups.size() == 2);
    CHECK(moved.groups[1].pop == "b");
    CHECK(moved.groups[1].rtt == far_rtt);
    CHECK(moved.replications[0].connections.at(0).opened == 0);
    CHECK(moved.replications[0].connections.at(1).opened == 1);
    CHECK(moved.replications[0].requests.at(1).ttfb.count() == 1);
}

TEST_CASE("reroute: a new connection goes to the new PoP") {
    const MovingWorld world{{to_near(0ms), to_far(500ms, 0)},
                            script(entry(request) + ", " + entry(request, "", R"("at": "2s")"))};
    const Results results = world.run();
    REQUIRE(results.traces.size() == 2);
    CHECK(event_ms(results.traces[0], "first_byte") == doctest::Approx(40));
    CHECK(event_ms(results.traces[1], "first_byte") == doctest::Approx(160));
    CHECK(results.traces[1].pop == "b");
    CHECK(results.replications[0].connections.at(0).opened == 1);
    CHECK(results.replications[0].connections.at(1).opened == 1);
}

TEST_CASE("reroute: a SYN repeated at another PoP makes a second connection there; who answers first has the client") {
    // The near PoP's SYN-ACK at 10 ms is lost. It repeats it 1 s later, when the client's SYN is on its way to "b".
    SUBCASE("the first PoP answers first: the handshake's ACK comes to the other one") {
        const MovingWorld world{
            {to_near(0ms), to_far(500ms, 0)},
            script(entry(request)) +
                R"(, "path_rules": [ { "dir": "down", "match": "synack", "nth": [1, 1], "do": "drop" } ])"};
        const Results results = world.run();
        const TraceConnection trace = until_closed(results.traces.at(0));
        CHECK(event_ms(trace, "connected") == doctest::Approx(1020));
        CHECK(event_ms(trace, "closed") == doctest::Approx(1020 + 80));
        CHECK(outcomes(results, Cause::Reroute, 0) == 1);
    }
    SUBCASE("the second PoP answers first: what the first one still sends means nothing") {
        const MovingWorld world{
            {to_near(0ms), to_far(500ms, 0)},
            script(entry(request, R"(, "hold": "20s")")) +
                R"(, "path_rules": [ { "dir": "down", "match": "synack", "nth": [1, 2], "do": "drop" } ])"};
        const Results results = world.run();
        const TraceConnection trace = until_closed(results.traces.at(0));
        CHECK(event_ms(trace, "connected") == doctest::Approx(1080));
        CHECK(event_ms(trace, "first_byte") == doctest::Approx(1160));
        CHECK(event_ms(trace, "closed") == doctest::Approx(1160 + 20'000));
        CHECK(trace.error.empty());
        CHECK(results.replications[0].connections.at(1).opened == 1);
    }
}

TEST_CASE("reroute: Fast Open cookies are good where the key is; a PoP with another key costs one fallback") {
    std::string entries = entry(request);
    for (int n = 1; n < 8; ++n) entries += ", " + entry(request, "", fmt::format(R"("at": "{}s")", n));
    struct Row {
        const char* name;
        std::string keys;
        std::vector<cdn::RouteSpan> route;
        std::vector<std::uint64_t> accepted; ///< by connection
    };
    const std::vector<cdn::RouteSpan> once{to_near(0ms), to_far(3500ms, 0)};
    std::vector<cdn::RouteSpan> flaps;
    for (int n = 0; n < 8; ++n) {
        const Duration from = n == 0 ? Duration{0} : n * 1s - 500ms;
        flaps.push_back(n % 2 == 0 ? to_near(from, n) : to_far(from, n));
    }
    const Row rows[] = {
        {"one key for all", "shared", once, {0, 1, 1, 1, 1, 1, 1, 1}},
        {"a key for each", "own", once, {0, 1, 1, 1, 0, 1, 1, 1}},
        {"a key for each, and a client that flaps", "own", flaps, {0, 0, 0, 0, 0, 0, 0, 0}},
        {"one key, and a client that flaps", "shared", flaps, {0, 1, 1, 1, 1, 1, 1, 1}},
    };
    for (const Row& row : rows) {
        CAPTURE(std::string(row.name));
        MovingWorld world{row.route, script(entries), R"({ "fast_open": true })"};
        world.keys = row.keys;
        const Results results = world.run();
        std::vector<std::uint64_t> accepted;
        for (const TraceConnection& trace : results.traces) accepted.push_back(trace.counters_client.active);
        CHECK(accepted == row.accepted);
        CHECK(outcomes(results, Cause::CacheHit) == 8);
    }
}

TEST_CASE("reroute: a PoP that drops what it does not know leaves the client to its timers") {
    MovingWorld world{{to_near(0ms), to_far(500ms, 5)}, two_requests};
    world.change = [](cdn::World& w) {
        w.on_foreign_segment = cdn::OnForeignSegment::Drop;
        w.client_idle_timeout = 1h;
    };
    const Results results = world.run();
    CHECK(results.traces.at(0).error == "ETIMEDOUT");
    CHECK(outcomes(results, Cause::ConnectionTimeout, 5) == 1);
    CHECK(all_connections(results).reroute_broken == 1);
    CHECK(all_connections(results).reroute_reset == 0);
    CHECK(results.replications[0].routes.at(0).foreign > 3);
}

TEST_CASE("reroute: a PoP that forwards costs half a round trip between the two, and nothing breaks") {
    MovingWorld world{{to_near(0ms), to_far(500ms, 5)}, two_requests};
    world.change = [](cdn::World& w) {
        w.on_foreign_segment = cdn::OnForeignSegment::Forward;
        w.pop_rtt = {{0ms, 60ms}, {60ms, 0ms}};
    };
    const Results results = world.run();
    const TraceConnection trace = until_closed(results.traces.at(0));
    CHECK(outcomes(results, Cause::CacheHit) == 2);
    // 40 ms to b, 30 ms to a, 10 ms from there.
    CHECK(event_ms(trace, "closed") == doctest::Approx(1040 + 40 + 30 + 10));
    CHECK(trace.error.empty());
    CHECK(all_connections(results).reroute_broken == 0);
    CHECK(results.replications[0].routes.at(0).forwarded == results.replications[0].routes.at(0).foreign);
    CHECK(results.replications[0].routes.at(0).forwarded >= 1);
}

TEST_CASE("reroute: a PoP that loses its power forgets its connections, and answers RST when it is back") {
    MovingWorld world{{to_near(0ms)}, two_requests};
    world.change = [](cdn::World& w) { w.pops_dead = {{PopId{near_pop}, Instant{1s}, Instant{2s}, 7}}; };
    const Results results = world.run();
    const TraceConnection trace = until_closed(results.traces.at(0));
    double last = 0;
    for (const TracePacket& packet : trace.packets)
        if (packet.up) last = to_ms(packet.at - Instant{});
    CHECK(last >= 1990); // the first retransmission that arrives when the power is back
    CHECK(event_ms(trace, "closed") == doctest::Approx(last + 20));
    CHECK(trace.error == "ECONNRESET");
    CHECK(outcomes(results, Cause::ConnectionReset, 7) == 1);
    CHECK(all_connections(results).reroute_broken == 0);
    for (const TracePacket& packet : trace.packets)
        if (!packet.up) CHECK((packet.at < Instant{1s} || packet.at >= Instant{2s}));
}

TEST_CASE("reroute: clients of sessions send an idempotent request again, once, on a new connection") {
    struct Row {
        const char* method;
        std::uint32_t retries;
        bool repeated;
    };
    for (const Row& row : {Row{"GET", 1, true}, Row{"GET", 0, false}, Row{"POST", 1, false}}) {
        CAPTURE(std::string(row.method));
        CAPTURE(row.retries);
        MovingWorld world{{to_near(0ms), to_far(30s, 0)}, R"("sessions": "2/s")"};
        world.more = fmt::format(R"(, "workload": {{ "requests_per_session": 5, "think_time": "2s",
            "objects": [ {{ "id": "x", "method": "{}", "request": "400B", "response": "5KB" }} ] }})",
                                 row.method);
        world.change = [&](cdn::World& w) { w.groups[0].retry_on_reset = row.retries; };
        world.replications = 3;
        const Results results = world.run(false);
        const ConnectionResults connections = all_connections(results);
        CHECK(connections.reroute_reset > 20);
        if (row.repeated) {
            CHECK(outcomes(results, Cause::Reroute, 0) == 0);
            CHECK(connections.retried > 20);
            // From the first decision: RST after 80 ms, handshake and exchange with PoP b 160 ms.
            Histogram ttfb;
            for (const ReplicationResults& replication : results.replications)
                ttfb.merge(replication.requests.at(1).ttfb);
            CHECK(static_cast<double>(ttfb.max()) == doctest::Approx(240e6).epsilon(0.02));
        } else {
            CHECK(outcomes(results, Cause::Reroute, 0) > 20);
            CHECK(connections.retried == 0);
        }
    }
}

TEST_CASE(
    "reroute: links that are limited, lossy and reordered move too, and a run has the same bytes on any threads") {
    MovingWorld world{
        {to_near(0ms), to_nowhere(10s, 0), to_far(12s, 0), to_near(30s, 1), to_far(31s, 1), to_near(32s, 1)},
        R"("sessions": "5/s", "access": { "up": "2Mbps", "down": "20Mbps", "queue": "64KB", "loss": "1%",
                      "jitter": { "dist": "exponential", "mean": "2ms" }, "reorder": true })"};
    world.more = R"(, "workload": { "requests_per_session": 4, "think_time": "1s",
        "objects": [ { "id": "x", "request": "400B", "response": "60KB" } ] })";
    world.replications = 3;
    const Results one = world.run(false, 1), two = world.run(false, 2);
    for (std::size_t n = 0; n < 3; ++n) {
        CHECK(one.replications[n].fingerprint == two.replications[n].fingerprint);
        CHECK(one.replications[n].events == two.replications[n].events);
    }
    const ConnectionResults connections = all_connections(one);
    CHECK(connections.reroute_broken > 0);
    CHECK(one.replications[0].routes.at(0).blackholed > 0);
    const RequestResults requests = all_requests(one);
    std::uint64_t ended = 0;
    for (const auto& [key, count] : requests.outcomes) ended += key.cause == Cause::Unfinished ? 0 : count;
    CHECK(ended > 3000);
}

TEST_CASE("reroute: a connection that began as a SYN cookie is known to be the PoP's that sent the cookie") {
    // A backlog of 0 holds one handshake: the second SYN comes while the first one's is under way (RFC 4987
    // section 3.6).
    MovingWorld world{
        {to_near(0ms), to_far(500ms, 0)},
        script(entry(request) + ", " + entry(request + R"(, { "idle": "1s" }, )" + request, "", R"("at": "5ms")"))};
    world.change = [](cdn::World& w) { w.edge.backlog = 0; };
    const Results results = world.run();
    REQUIRE(results.traces.size() == 2);
    CHECK(event_ms(results.traces[1], "first_byte") == doctest::Approx(40));
    CHECK(acts(until_closed(results.traces[1])) == std::vector<std::string>{"1045 foreign b"});
    CHECK(outcomes(results, Cause::Reroute, 0) == 1);
}
