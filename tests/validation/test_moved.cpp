/// Actions of the experiment that are moved along with the kernel's late timers.
#include "validation/moved.hpp"

#include "record_text.hpp"

#include <doctest/doctest.h>

using namespace firstbyte;
using namespace firstbyte::test;
using namespace std::chrono_literals;
using nlohmann::json;

namespace {

/// Three connections: the first one's SYN timer fires `late_ms` late, the others follow at 2000 and 3000 ms.
json three_connections(double late_ms) {
    json record = small_record();
    for (const int start : {2000, 3000}) {
        json connection = record["conns"][0];
        connection["client_events"] = json::parse(R"([["start", 0]])");
        connection["client_events"][0][1] = start;
        record["conns"].push_back(connection);
    }
    record["packets"] = json::array();
    const auto syn = [&record](int connection, double at) {
        record["packets"].push_back(
            {{"t", at}, {"conn", connection}, {"dir", "c2s"}, {"f", "S"}, {"seq", 0}, {"len", 0}});
    };
    syn(0, 0);
    syn(0, 1000 + late_ms);
    syn(1, 2000);
    syn(2, 3000);
    return record;
}

/// The record replayed by something exact: packets as without any lateness.
validate::TimelineResult exact_result(const validate::Timeline& timeline) {
    validate::TimelineResult result;
    result.simulated.packets = timeline_of(three_connections(0)).packets;
    for (std::size_t i = 0; i < timeline.packets.size(); ++i) result.partner.emplace_back(i);
    result.equal.assign(timeline.packets.size(), true);
    return result;
}

Duration start(const validate::Timeline& timeline, std::size_t connection) {
    return *timeline.connections[connection].time_of("start");
}

} // namespace

TEST_CASE("moved actions: what follows a late timer comes as much earlier, and takes the next with it") {
    json record = three_connections(70);
    record["rules"] =
        json::parse(R"([{"dir": "c2s", "match": "syn", "action": "drop", "after_ms": 500, "until_ms": 2500}])");
    const validate::Timeline timeline = timeline_of(record);
    const validate::Timeline moved = validate::moved_with_timers(timeline, timeline, exact_result(timeline));
    CHECK(start(moved, 0) == 0ms);
    CHECK(start(moved, 1) == 1930ms);
    CHECK(start(moved, 2) == 2930ms);    // though the second connection's own packets were in time
    CHECK(moved.rules[0].from == 500ms); // before the timer
    CHECK(moved.rules[0].until == 2430ms);
    CHECK_FALSE(validate::same_actions(timeline, moved));

    // Replayed with these actions, the others' packets are earlier too: nothing moves any more.
    validate::TimelineResult again = exact_result(timeline);
    again.simulated.packets[2].at -= 70ms;
    again.simulated.packets[3].at -= 70ms;
    CHECK(validate::same_actions(moved, validate::moved_with_timers(timeline, moved, again)));
}

TEST_CASE("moved actions: noise moves nothing, and packets that differ say nothing") {
    const validate::Timeline noisy = timeline_of(three_connections(1.5));
    CHECK(validate::same_actions(noisy, validate::moved_with_timers(noisy, noisy, exact_result(noisy))));

    const validate::Timeline late = timeline_of(three_connections(70));
    validate::TimelineResult other = exact_result(late);
    other.equal[1] = false;
    CHECK(validate::same_actions(late, validate::moved_with_timers(late, late, other)));
}
