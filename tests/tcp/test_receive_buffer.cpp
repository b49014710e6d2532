// How a receiver's window follows what its application reads: Linux's tcp_grow_window, tcp_rcv_space_adjust and
// tcp_rcvbuf_grow, and what rides along with it: round trips as the receiver sees them, ACKs that growth wants soon.
#include "support/timeline.hpp"
#include "tcp/connection.hpp"
#include "tcp/receive_buffer.hpp"

#include <doctest/doctest.h>

#include <cstdint>

using namespace firstbyte;
using namespace firstbyte::test;
using namespace std::chrono_literals;

namespace {

constexpr std::uint32_t mss = 1448;

Instant at(Duration since_start) { return Instant{since_start}; }

/// A buffer into which data has begun to come: at 0, first window 64,240 B, ten segments a round trip expected.
tcp::ReceiveBuffer opened() {
    tcp::ReceiveBuffer buffer;
    buffer.open(at(0ms), 1, 64'240, 10 * mss);
    return buffer;
}

} // namespace

TEST_CASE("receive buffer: the window grows by two segments for each that comes, as far as there is room (Linux)") {
    tcp::ReceiveBuffer buffer = opened();
    // In units of 1024 B rounded up: 66, 69, 72, 75, as a Linux 6.18 client announced them (fr_3_of_20_cold).
    for (const std::uint32_t window : {66u, 69u, 72u, 75u}) {
        CHECK(buffer.widen(0, 2 * mss));
        CHECK((buffer.limit + 1023) / 1024 == window);
    }
    while (buffer.widen(0, 2 * mss)) {}
    CHECK(buffer.limit == 80 * 1024); // 131,072 B of tcp_rmem, 160 of 256 of which count
    tcp::ReceiveBuffer full = opened();
    CHECK_FALSE(full.widen(20'000, 2 * mss)); // what waits to be read leaves no room
    CHECK(full.limit == 64'240);
}

TEST_CASE("receive buffer: it takes twice what is read in a round trip, and room for as much growth again (Linux)") {
    struct Row {
        const char* name;
        std::uint32_t segments; ///< read in the second round trip, after ten in the first
        std::uint32_t capacity;
    };
    // 2 r + 2 * 2 r * (r - s) / s, where r was read and s is the most that was read before.
    const Row rows[] = {
        {"as much as before: as it was", 10, 80 * 1024},
        {"less: as it was", 5, 80 * 1024},
        {"half as much again: 30 segments and 30 * 0.5 * 2", 15, 60 * mss},
        {"twice as much: 40 segments and 40 * 1 * 2", 20, 120 * mss},
    };
    for (const Row& row : rows) {
        CAPTURE(row.name);
        tcp::ReceiveBuffer buffer = opened();
        buffer.on_round_trip(at(100ms), at(0ms));
        buffer.count_read(at(100ms), 1 + 10 * mss);
        CHECK(buffer.capacity == 80 * 1024);
        buffer.count_read(at(199ms), 1 + 10 * mss + row.segments * mss); // the round trip is not over
        CHECK(buffer.capacity == 80 * 1024);
        buffer.count_read(at(200ms), 1 + 10 * mss + row.segments * mss);
        CHECK(buffer.capacity == row.capacity);
    }
}

TEST_CASE("receive buffer: what waits behind a hole has its room beside twice the measured flow (Linux)") {
    tcp::ReceiveBuffer buffer = opened();
    buffer.make_room(20 * mss);
    CHECK(buffer.capacity == 80 * 1024); // 40 segments fit already
    buffer.make_room(60 * mss);
    CHECK(buffer.capacity == 80 * mss);
    buffer.make_room(64u << 20); // tcp_rmem's third value is the end of it
    CHECK(buffer.capacity == 20u << 20);
}

TEST_CASE("receive buffer: a longer round trip counts by an eighth, a shorter one at once, an echo once (Linux 6.16)") {
    tcp::ReceiveBuffer buffer = opened();
    buffer.on_round_trip(at(100ms), at(0ms));
    CHECK(buffer.rtt == 100ms);
    buffer.on_round_trip(at(250ms), at(70ms));
    CHECK(buffer.rtt == 110ms);
    buffer.on_round_trip(at(400ms), at(70ms));
    CHECK(buffer.rtt == 110ms);
    buffer.on_round_trip(at(460ms), at(400ms));
    CHECK(buffer.rtt == 60ms);
}

TEST_CASE("ACK: at once while the window grows, then a lone segment waits, unless it ends a write (Linux)") {
    // The first data comes behind a hole, so that no phase of quick ACKs begins: what is quick is so by growth alone.
    run_timeline(client(), client_handshake() + R"(
       200  <     .  1449:2897(1448) ack 1
       200  >     .  1:1(0) ack 1 sack 1449:2897
       201  <     .  1:1449(1448) ack 1
       201  >     .  1:1(0) ack 2897
       201  event data 2896
       202  <     .  2897:4345(1448) ack 1
       202  >     .  1:1(0) ack 4345
       202  event data 1448
       203  <     .  4345:5793(1448) ack 1
       203  >     .  1:1(0) ack 5793
       203  event data 1448
       204  <     .  5793:7241(1448) ack 1
       204  >     .  1:1(0) ack 7241
       204  event data 1448
       205  <     .  7241:8689(1448) ack 1
       205  >     .  1:1(0) ack 8689
       205  event data 1448
       206  <     .  8689:10137(1448) ack 1
       206  event data 1448
       246  >     .  1:1(0) ack 10137
       260  <     P. 10137:11585(1448) ack 1
       260  >     .  1:1(0) ack 11585
       260  event data 1448
    )");
}

TEST_CASE("timestamps: a bare ACK's is echoed as well as that of data, an older one is not (RFC 7323 section 4.3)") {
    tcp::Settings settings;
    settings.syn_waits = {1s};
    tcp::Step step;
    tcp::Connection connection;
    connection.open(at(0ms), settings, {}, {}, {}, 0, {}, step);
    tcp::Segment segment;
    segment.flags = tcp::flag::syn | tcp::flag::ack;
    segment.ack = 1;
    segment.window = 65'160;
    segment.mss = 1460;
    segment.sack_permitted = true;
    segment.sent_at = at(50ms);
    connection.on_segment(at(100ms), segment, step);
    REQUIRE(connection.state() == tcp::State::Established);
    segment.flags = tcp::flag::ack;
    segment.seq = 1;
    for (const Duration sent : {150ms, 130ms}) { // the second was overtaken
        segment.sent_at = at(sent);
        connection.on_segment(at(200ms), segment, step);
    }
    step.clear();
    connection.write(at(250ms), 100, {}, step);
    REQUIRE(step.segments().size() == 1);
    CHECK(step.segments()[0].echo == at(150ms));
}

TEST_CASE("Fast Open: a SYN's data does not count as read, and leaves the SYN-ACK its first window (measured)") {
    tcp::Settings settings;
    tcp::Step step;
    tcp::Connection connection;
    tcp::Segment syn;
    syn.flags = tcp::flag::syn;
    syn.length = 400;
    syn.window = 64'240;
    syn.mss = 1460;
    syn.sack_permitted = true;
    tcp::FastOpenVerdict verdict;
    verdict.accept_data = true;
    connection.accept(at(50ms), settings, {}, syn, verdict, step);
    REQUIRE(step.segments().size() == 1);
    CHECK(step.segments()[0].ack == 401);
    CHECK(step.segments()[0].window >= 65'160); // timelines.json, tfo_basic; units of 1024 B may round it up
}
