#include "scenario/spelling.hpp"

#include <doctest/doctest.h>

using namespace firstbyte::scenario;

TEST_CASE("spelling: distances of Damerau and Levenshtein, restricted form") {
    struct Row {
        const char *a, *b;
        std::size_t edits;
    };
    const Row rows[] = {
        {"", "", 0},
        {"abc", "", 3},
        {"kitten", "sitting", 3},
        {"ab", "ba", 1},
        {"ca", "abc", 3}, // 2 in the unrestricted form: no part is edited twice here
        {"fast_opne", "fast_open", 1},
        {"tfb", "ttfb", 1},
        {"amd", "ams", 1},
    };
    for (const Row& row : rows) {
        CAPTURE(row.a);
        CHECK(edit_distance(row.a, row.b) == row.edits);
        CHECK(edit_distance(row.b, row.a) == row.edits);
    }
}

TEST_CASE("spelling: a suggestion needs at most two edits, or a third of the word") {
    const std::vector<std::string> words{"duration", "warmup", "seed", "replications", "confidence"};
    CHECK(nearest("duraton", words) == "duration");
    CHECK(nearest("sed", words) == "seed");
    CHECK(nearest("replicationcounts", words) == "replications"); // 5 edits of 17 letters
    CHECK_FALSE(nearest("banana", words));
    CHECK_FALSE(nearest("", words));
    CHECK_FALSE(nearest("xs", {"at"}));
    CHECK(did_you_mean("warmpu", words) == "did you mean \"warmup\"?");
    CHECK(did_you_mean("banana", words).empty());
}
