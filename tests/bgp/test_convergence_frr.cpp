// Convergence against FRR's daemons: every UPDATE that they received, and when the last one came.

#include "validation/bgp_world.hpp"

#include <doctest/doctest.h>
#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <string>
#include <vector>

using namespace firstbyte;
using namespace firstbyte::validate;

namespace {

std::string text_of(AsNumber to, std::span<const AsNumber> path) {
    return path.empty() ? fmt::format("{} withdraw", to) : fmt::format("{} [{}]", to, fmt::join(path, " "));
}

bgp::RouteTimeline simulate(const BgpCase& given, const BgpWorld& world, double mrai_s) {
    bgp::ConvergenceSettings settings = frr_settings(given, world, mrai_s);
    settings.record_updates = true;
    return {world.graph, world.announcements, settings, changes_of(*given.event, world)};
}

BgpCase clique(std::uint32_t size) {
    BgpCase given;
    given.no_policy = true;
    given.links = {{1, 99}};
    for (AsNumber a = 1; a <= size; ++a)
        for (AsNumber b = a + 1; b <= size; ++b) given.peers.emplace_back(a, b);
    given.announcements.push_back({99, "", 0, {}, {}, {}});
    given.event = BgpEvent{BgpEvent::Kind::Withdraw, {99}};
    return given;
}

} // namespace

TEST_CASE("convergence: the same UPDATEs as FRR's daemons got, the last one at the same time") {
    std::size_t compared = 0, updates = 0;
    for (const BgpCase& given : read_bgp_cases(FIRSTBYTE_SOURCE_DIR "/tests/conformance/bgp")) {
        CAPTURE(given.id);
        for (const BgpConvergence& measured : given.convergence) {
            CAPTURE(measured.mrai_s);
            const BgpWorld world = world_of(given, "");
            const bgp::RouteTimeline timeline = simulate(given, world, measured.mrai_s);
            REQUIRE(timeline.wheel().empty());
            // The daemons' shell takes 13 to 60 ms to act, and each hop a little more than the 50 ms it waits.
            const double last = to_seconds(timeline.figures().back().last_update.time_since_epoch());
            CHECK(std::abs(last - measured.last_update_s) < 0.1 * measured.last_update_s + 0.3);
            CHECK(timeline.figures().front().announcements == measured.announcements);
            CHECK(timeline.figures().front().withdrawals == measured.withdrawals);
            std::vector<std::string> expected, found;
            for (const BgpConvergence::Update& update : measured.received)
                expected.push_back(text_of(update.to, update.path));
            for (const bgp::RouteTimeline::Update& update : timeline.updates())
                found.push_back(text_of(world.graph.number(update.to), update.path));
            std::sort(expected.begin(), expected.end());
            std::sort(found.begin(), found.end());
            CHECK(found == expected);
            bgp::Fixpoint after;
            for (bgp::NodeIndex node = 0; node < world.graph.node_count(); ++node)
                after.best.push_back(timeline.best(node, never));
            for (const auto& [asn, route] : given.expected)
                CHECK(difference(route, route_of(world, timeline.start(), asn)) == "");
            for (const auto& [asn, route] : given.expected_after)
                CHECK(difference(route, route_of(world, after, asn)) == "");
            ++compared;
            updates += found.size();
        }
    }
    CHECK(compared == 15);
    CHECK(updates == 205);
}

TEST_CASE("convergence: a clique without policy explores for (n - 3) MRAI when its origin withdraws") {
    // Labovitz, Ahuja, Bose and Jahanian, "Delayed Internet Routing Convergence", 2000. With 6 ASes FRR 8.4.4 took
    // 0.39, 15.39 and 90.45 s for 97 to 102 messages.
    for (std::uint32_t size = 3; size <= 9; ++size) {
        CAPTURE(size);
        const BgpCase given = clique(size);
        const BgpWorld world = world_of(given, "");
        for (const double mrai_s : {5.0, 30.0}) {
            CAPTURE(mrai_s);
            const bgp::RouteTimeline timeline = simulate(given, world, mrai_s);
            const double last = to_seconds(timeline.figures().front().last_update.time_since_epoch());
            CHECK(last >= (size - 3) * mrai_s);
            CHECK(last < (size - 3) * mrai_s + 0.5);
            CHECK(timeline.figures().front().left_without == size + 1);
            const std::uint64_t messages =
                timeline.figures().front().announcements + timeline.figures().front().withdrawals;
            if (size == 6) CHECK(messages == 102);
        }
        const bgp::RouteTimeline unpaced = simulate(given, world, 0);
        CHECK(to_seconds(unpaced.figures().front().last_update.time_since_epoch()) ==
              doctest::Approx(0.05 * (size + 1)));
    }
}
