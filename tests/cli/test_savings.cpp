// "where the savings went" of `firstbyte compare`, against semantics 3.7: break-even of dropped SYN data is Rc / (Rc +
// 1 s).
#include "cli/program.hpp"

#include <doctest/doctest.h>

using firstbyte::test::contains;
using firstbyte::test::Finished;
using firstbyte::test::Folder;
using firstbyte::test::small_scenario;

namespace {

/// The small scenario with keys of `clients[].tfo`.
std::string scenario(const std::string& fast_open) {
    std::string text = small_scenario();
    const std::string population = "\"population\": 200";
    text.replace(text.find(population), population.size(), population + ", \"tfo\": { " + fast_open + " }");
    return text;
}

Finished compared(const std::string& text) {
    const Folder folder;
    folder.write("s.fb.json", text);
    return folder.run("compare s.fb.json --toggle tcp.client_edge.fast_open");
}

} // namespace

TEST_CASE("compare: dropped SYN data have a row with their cost, and the drop rate at which they eat the savings") {
    const Finished finished = compared(scenario("\"cookie\": \"held\", \"syn_data_dropped\": \"30%\""));
    CHECK(finished.code == 0);
    CHECK(contains(finished.out,
                   "\n  where the savings went          connections     share\n    hit: one round trip saved "));
    CHECK(contains(finished.out, "\n    SYN with data dropped "));
    CHECK(contains(finished.out, "1 000.0 ms later each\n"));
    // 80 ms of 1 080 ms.
    CHECK(contains(finished.out, "break-even: a hit saves 80.0 ms, a drop costs 1 000.0 ms"));
    CHECK(contains(finished.out, "less than 7.41 %"));
}

TEST_CASE("compare: clients without Fast Open and middleboxes have rows; without drops there is no break-even") {
    const Finished finished = compared(scenario("\"support\": \"50%\", \"option_stripped\": \"20%\""));
    CHECK(finished.code == 0);
    CHECK(contains(finished.out, "\n    not supported, or paused "));
    CHECK(contains(finished.out, "\n    stripped by a middlebox "));
    CHECK_FALSE(contains(finished.out, "break-even"));
}

TEST_CASE("compare: a cookie whose option is stripped looks to the client like a server that took no data") {
    const Finished finished = compared(scenario("\"cookie\": \"held\", \"option_stripped\": \"50%\""));
    CHECK(contains(finished.out, "\n    not taken: queue or middlebox "));
}

TEST_CASE("compare: where all but first visits save a round trip, one sentence says so instead of a table") {
    const Finished finished = compared(small_scenario());
    CHECK(contains(finished.out, "of connections are a client's first and carry no cookie"));
    CHECK_FALSE(contains(finished.out, "where the savings went"));
}
