// Routes drawn at random against what a reader of the scenario would say of each packet: where the span of the moment
// leads, half a round trip later, and whose connection it is.
#include "core/random.hpp"
#include "support/moving_world.hpp"

#include <doctest/doctest.h>

using namespace firstbyte;
using namespace firstbyte::test;

namespace {

/// Twelve spans between 0 and 60 s, of all kinds or of those that lead somewhere.
std::vector<cdn::RouteSpan> random_route(std::uint64_t seed, bool holes) {
    const Draws draws(seed, 0);
    std::vector<cdn::RouteSpan> route;
    Instant from{};
    for (std::uint64_t n = 0; n < 12; ++n) {
        const auto kind = draws.below(holes ? 6 : 4, Stream::Object, 0, n);
        const auto event = static_cast<std::int32_t>(n);
        const Duration at = from - Instant{};
        if (kind == 4)
            route.push_back(to_nowhere(at, event));
        else if (kind == 5)
            route.push_back(to_nowhere(at, event, State::Loop));
        else
            route.push_back(kind % 2 == 0 ? to_near(at, event) : to_far(at, event));
        // Some changes follow one another within a round trip, others after seconds.
        const auto gap = draws.below(3, Stream::Object, 1, n) == 0 ? draws.below(60'000, Stream::Object, 2, n)
                                                                   : draws.below(9'000'000, Stream::Object, 3, n);
        from += std::chrono::microseconds{1 + gap};
    }
    return route;
}

const cdn::RouteSpan& span_at(const std::vector<cdn::RouteSpan>& route, Instant at) {
    std::size_t n = route.size() - 1;
    while (route[n].from > at) --n;
    return route[n];
}

/// Requests on one connection, and a connection every half second beside it.
std::string many_connections() {
    const std::string request = R"({ "request": "400B", "response": "30KB" })";
    std::string steps = request;
    for (int n = 0; n < 40; ++n) steps += R"(, { "idle": "900ms" }, )" + request;
    std::string entries = entry(steps);
    for (int n = 1; n < 80; ++n)
        entries +=
            ", " + entry(request + R"(, { "idle": "2s" }, )" + request, "", fmt::format(R"("at": "{}ms")", 500 * n));
    return R"("script": [ )" + entries + " ]";
}

} // namespace

TEST_CASE("reroute properties: every packet goes where the route leads when it is sent, and nowhere else") {
    for (std::uint64_t seed = 1; seed <= 12; ++seed) {
        CAPTURE(seed);
        MovingWorld world{random_route(seed, true), many_connections(), R"({ "fast_open": true })"};
        world.keys = seed % 2 == 0 ? "own" : "shared";
        const Results results = world.run();
        std::uint64_t wrong_way = 0, wrong_time = 0, wrong_owner = 0, packets = 0;
        for (const TraceConnection& trace : results.traces) {
            std::string owner; // whose SYN-ACK came first
            Instant owned = never;
            for (const TracePacket& packet : trace.packets)
                if (!packet.up && (packet.flags & 2) != 0 && packet.arrives < owned) {
                    owned = packet.arrives;
                    owner = packet.pop.empty() ? trace.pop : packet.pop;
                }
            for (const TracePacket& packet : trace.packets) {
                ++packets;
                const std::string pop = packet.pop.empty() ? trace.pop : packet.pop;
                const Duration rtt = pop == "a" ? near_rtt : far_rtt;
                if (!packet.up) {
                    wrong_time += packet.arrives - packet.at != rtt - rtt / 2;
                    continue;
                }
                const cdn::RouteSpan& span = span_at(world.route, packet.at);
                if (span.state != State::Reached) {
                    wrong_way += packet.arrives != never;
                    wrong_way += packet.act !=
                                 (span.state == State::Loop ? TracePacket::Act::Loop : TracePacket::Act::Blackhole);
                    continue;
                }
                wrong_way += pop != (span.pop == PopId{near_pop} ? "a" : "b");
                wrong_time += packet.arrives - packet.at != rtt / 2;
                const bool opens = (packet.flags & 2) != 0;
                const bool foreign = !opens && packet.at >= owned && pop != owner;
                wrong_owner += (packet.act == TracePacket::Act::Foreign) != foreign;
            }
        }
        CHECK(packets > 2'000);
        CHECK(wrong_way == 0);
        CHECK(wrong_time == 0);
        CHECK(wrong_owner == 0);
    }
}

TEST_CASE("reroute properties: with PoPs that forward, a route that always leads somewhere breaks nothing") {
    for (std::uint64_t seed = 1; seed <= 12; ++seed) {
        CAPTURE(seed);
        MovingWorld world{random_route(seed, false), many_connections(), R"({ "fast_open": true })"};
        world.change = [](cdn::World& w) {
            w.on_foreign_segment = cdn::OnForeignSegment::Forward;
            w.pop_rtt = {{0ms, 70ms}, {70ms, 0ms}};
        };
        const Results results = world.run();
        for (const auto& [key, count] : all_requests(results).outcomes) CHECK(key.cause == Cause::CacheHit);
        for (const TraceConnection& trace : results.traces) CHECK(trace.error.empty());
        CHECK(all_connections(results).reroute_broken == 0);
    }
}

TEST_CASE("reroute properties: every session ends, whatever routes and PoPs do") {
    for (std::uint64_t seed = 1; seed <= 8; ++seed) {
        CAPTURE(seed);
        MovingWorld world{random_route(seed, true), R"("sessions": "20/s", "access": { "delay": { "dist": "uniform",
            "min": "1ms", "max": "30ms" }, "up": "5Mbps", "down": "50Mbps", "queue": "64KB", "loss": "0.5%" })",
                          R"({ "fast_open": true })"};
        world.more = R"(, "origins": [ { "id": "o", "rtt_to": { "a": "30ms", "b": "30ms" }, "service_time": "20ms" } ],
            "workload": { "requests_per_session": 4, "think_time": "1s",
            "objects": [ { "id": "x", "request": "400B", "response": "40KB" } ] })";
        world.change = [&](cdn::World& w) {
            w.objects[0].cache_hit_ratio = 0.5;
            w.on_foreign_segment = seed % 3 == 0   ? cdn::OnForeignSegment::Drop
                                   : seed % 3 == 1 ? cdn::OnForeignSegment::Rst
                                                   : cdn::OnForeignSegment::Forward;
            w.pop_rtt = {{0ms, 70ms}, {70ms, 0ms}};
            w.pops_dead = {{PopId{near_pop}, Instant{10s}, Instant{12s}, 3},
                           {PopId{far_pop}, Instant{40s}, Instant{55s}, 4}};
        };
        const Results results = world.run(false), again = world.run(false);
        CHECK(results.replications[0].fingerprint == again.replications[0].fingerprint);
        std::uint64_t ended = 0, unfinished = 0;
        for (const auto& [key, count] : all_requests(results).outcomes) {
            (key.cause == Cause::Unfinished ? unfinished : ended) += count;
            // A PoP that acknowledged a request and lost its power, or gave up a response that nobody acknowledged,
            // leaves a client without a deadline waiting.
            if (key.cause == Cause::Unfinished || key.cause == Cause::Reroute) CHECK(key.event >= 0);
        }
        CHECK(unfinished < ended / 10);
        CHECK(ended > 2'000);
        const ConnectionResults connections = all_connections(results);
        CHECK(connections.reroute_reset <= connections.reroute_broken);
        CHECK(connections.reroute_broken + connections.blackhole_broken <= connections.opened);
    }
}
