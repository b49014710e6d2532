/// A real kernel's records (tests/conformance/linux), all replayed: the figures that the project promises.
#include "validation/read_records.hpp"
#include "validation/validation.hpp"

#include <doctest/doctest.h>

#include <set>

using namespace firstbyte;
using namespace firstbyte::validate;

namespace {

const std::string folder = FIRSTBYTE_SOURCE_DIR "/tests/conformance/linux/";

const LinuxResults& results() {
    static const LinuxResults all = [] {
        LinuxResults out;
        for (const GridPoint& point : parse_grid(read_text(folder + "grid.jsonl"), "grid.jsonl"))
            out.grid.push_back(replay(point));
        for (const Timeline& timeline : parse_timelines(read_text(folder + "timelines.json"), "timelines.json"))
            out.timelines.push_back(replay(timeline));
        return out;
    }();
    return all;
}

} // namespace

TEST_CASE("linux: every record of the kernel is replayed") {
    CHECK(results().grid.size() == 578);
    CHECK(results().timelines.size() == 62);
    for (const GridResult& point : results().grid)
        CHECK_MESSAGE(point.refused.empty(), point.line << ": " << point.refused);
    std::set<std::string> unstable;
    for (const TimelineResult& timeline : results().timelines) {
        CHECK_MESSAGE(timeline.refused.empty(), timeline.id << ": " << timeline.refused);
        CHECK(timeline.packets != 0);
        if (timeline.unstable) unstable.insert(timeline.id);
    }
    CHECK(unstable == std::set<std::string>{"fr_3_of_20_cold"}); // the one that the records' README names
}

TEST_CASE("linux: the figures are met") {
    for (const Figure& figure : figures_of(results())) {
        CHECK(figure.of != 0);
        CHECK_MESSAGE(figure.met(), figure.what << ": " << figure.good << " of " << figure.of);
    }
    // Without the rule for late timers, which must not come to excuse anything but timers.
    for (const SetSummary& summary : summaries_of(results().grid)) {
        CAPTURE(summary.set);
        if (summary.set == "loss")
            CHECK(summary.ttlb_within - summary.ttlb_late >= 64);
        else if (summary.set != "all")
            CHECK(summary.ttlb_late == 0);
    }
    std::set<std::string> differing;
    for (const TimelineResult& timeline : results().timelines) {
        if (timeline.unstable || !timeline.refused.empty() || timeline.differences.empty()) continue;
        differing.insert(timeline.id);
        for (const Difference& difference : timeline.differences) INFO(timeline.id << ": " << difference.what);
    }
    CHECK(differing.empty());
}
