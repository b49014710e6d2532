/// More of a kernel's records (tests/conformance/linux_variations): other values of the same kinds.
#include "validation/read_records.hpp"
#include "validation/validation.hpp"

#include <doctest/doctest.h>

#include <set>
#include <string>

using namespace firstbyte;
using namespace firstbyte::validate;

namespace {

const std::string folder = FIRSTBYTE_SOURCE_DIR "/tests/conformance/linux_variations/";

} // namespace

TEST_CASE("linux variations: other settings meet the figures of the shipped ones, but for short queues") {
    LinuxResults results;
    for (const GridPoint& point : parse_grid(read_text(folder + "grid.jsonl"), "grid.jsonl"))
        results.grid.push_back(replay(point));
    CHECK(results.grid.size() == 160);
    for (const Figure& figure : figures_of(results)) {
        CAPTURE(figure.what);
        // A queue of 20 packets, of which one more or less decides whether the last segment of a response is dropped.
        const bool short_queue = figure.what == "TTLB within max(2 ms, 2 %), in the spread or late by a timer, smallq";
        const double least = short_queue ? 0.77 : figure.share_least;
        CHECK(static_cast<double>(figure.good) >= least * static_cast<double>(figure.of));
    }
}

TEST_CASE("linux variations: other behaviours agree packet by packet, but for those that are known") {
    std::set<std::string> differing;
    std::size_t stable = 0;
    for (const Timeline& timeline : parse_timelines(read_text(folder + "timelines.json"), "timelines.json")) {
        const TimelineResult result = replay(timeline);
        CHECK_MESSAGE(result.refused.empty(), result.id << ": " << result.refused);
        if (result.unstable) continue;
        ++stable;
        if (!result.agrees()) differing.insert(result.id);
    }
    CHECK(stable == 156);
    const std::set<std::string> known{
        // The server's SYN-ACK timer and a repeated SYN fall on one moment, and a kernel may take either first.
        "v_mbox_drop_synack_tfo", "v_syn_rtt_1200", "v_synack_lost_1_first", "v_synack_lost_2_plain_rtt60",
        // One packet more or less in a short queue.
        "v_tail_drops_q20", "v_tail_drops_q20_reno", "v_tfo_first_rate_1m_q5",
        // Which of a burst's segments have been acknowledged singly when the reset arrives.
        "v_server_reset_tfo", "v_server_resets_late",
        // ACKs of a burst that the client merged woke the writer later, with a larger send buffer.
        "v_idle_1s_off", "v_idle_short",
        // The record ends before the server's third timeout; a large SO_RCVBUF; a server with one thread.
        "v_bh_ofo_fin_rtt60", "v_zwin_65536", "v_one_thread"};
    CHECK(differing == known);
}
