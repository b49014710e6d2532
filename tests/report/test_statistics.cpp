#include "report/format.hpp"
#include "report/statistics.hpp"

#include <doctest/doctest.h>

#include <cmath>
#include <string>
#include <vector>

using namespace firstbyte;
using namespace firstbyte::report;

TEST_CASE("mean_interval: half widths follow the printed table of Student's t") {
    struct Row {
        const char* name;
        std::vector<double> samples;
        double confidence, mean, standard_error;
        double t; // two-sided critical value, from the table in any textbook of statistics
    };
    const Row rows[] = {
        {"1 degree of freedom, 95 %", {0, 2}, 0.95, 1, 1, 12.706},
        {"2 degrees, 95 %", {1, 2, 3}, 0.95, 2, std::sqrt(1.0 / 3), 4.303},
        {"4 degrees, 95 %", {-2, -1, 0, 1, 2}, 0.95, 0, std::sqrt(0.5), 2.776},
        {"4 degrees, 90 %", {-2, -1, 0, 1, 2}, 0.90, 0, std::sqrt(0.5), 2.132},
        {"9 degrees, 95 %", {1, 2, 3, 4, 5, 6, 7, 8, 9, 10}, 0.95, 5.5, std::sqrt(82.5 / 9 / 10), 2.262},
        {"9 degrees, 99 %", {1, 2, 3, 4, 5, 6, 7, 8, 9, 10}, 0.99, 5.5, std::sqrt(82.5 / 9 / 10), 3.250},
    };
    for (const Row& row : rows) {
        CAPTURE(row.name);
        const auto interval = mean_interval(row.samples, row.confidence);
        REQUIRE(interval);
        CHECK((interval->low + interval->high) / 2 == doctest::Approx(row.mean));
        CHECK(interval->half_width() / row.standard_error == doctest::Approx(row.t).epsilon(0.0002));
    }
}

TEST_CASE("mean_interval: fewer than two samples have no interval, equal ones an empty one") {
    CHECK_FALSE(mean_interval({}, 0.95));
    CHECK_FALSE(mean_interval({3.0}, 0.95));
    const auto equal = mean_interval({-80e6, -80e6, -80e6}, 0.95);
    REQUIRE(equal);
    CHECK(equal->low == -80e6);
    CHECK(equal->high == -80e6);
}

namespace {

/// One histogram for each replication, each with one value.
Split<Histogram> replications(const std::vector<std::int64_t>& values) {
    Split<Histogram> out;
    for (const std::int64_t value : values) {
        Histogram& replication = out.by_replication.emplace_back();
        if (value >= 0) replication.add(value, 1); // a negative value stands for a replication without samples
        out.pooled.merge(replication);
    }
    return out;
}

} // namespace

TEST_CASE("change_of: the interval is over paired differences and decides the verdict") {
    struct Row {
        const char* name;
        std::vector<std::int64_t> before, after;
        Verdict verdict;
        std::size_t pairs;
    };
    const Row rows[] = {
        {"always 10 less", {100, 200, 300}, {90, 190, 290}, Verdict::Faster, 3},
        {"always 10 more, far more spread between the replications",
         {100, 900, 300},
         {110, 910, 310},
         Verdict::Slower,
         3},
        {"up and down: the interval contains 0", {100, 200, 300}, {110, 190, 300}, Verdict::NotDetectable, 3},
        {"no change at all", {100, 200}, {100, 200}, Verdict::NotDetectable, 2},
        {"one replication says nothing about the spread", {100}, {50}, Verdict::NoInterval, 1},
        {"a pair needs both halves", {100, -1, 300}, {90, 190, 290}, Verdict::Faster, 2},
    };
    for (const Row& row : rows) {
        CAPTURE(row.name);
        const auto change = change_of(replications(row.before), replications(row.after), {}, 0.95);
        REQUIRE(change);
        CHECK(change->verdict() == row.verdict);
        CHECK(change->pairs == row.pairs);
    }
    CHECK_FALSE(change_of(replications({-1}), replications({5}), {}, 0.95));
}

TEST_CASE("change_of: point values are of the pooled counts") {
    const auto change = change_of(replications({100, 100, 400}), replications({80, 80, 400}), {0.5}, 0.95);
    REQUIRE(change);
    CHECK(change->baseline == 100);
    CHECK(change->variant == 80);
    CHECK(change->change() == -20);
    REQUIRE(change->relative());
    CHECK(*change->relative() == doctest::Approx(-0.2));
}

TEST_CASE("format: numbers read as the design of the output writes them") {
    CHECK(grouped(0) == "0");
    CHECK(grouped(999) == "999");
    CHECK(grouped(2871) == "2 871");
    CHECK(grouped(11952) == "11 952");
    CHECK(grouped(18'446'744'073'709'551'615ULL) == "18 446 744 073 709 551 615");
    CHECK(grouped_fixed(-1214.04, 1) == "-1 214.0");
    CHECK(grouped_fixed(-0.01, 1) == "0.0");
    CHECK(grouped_fixed(28.94, 1, true) == "+28.9");
    CHECK(milliseconds(241e6) == "241.0 ms");
    CHECK(milliseconds(1214e6) == "1 214.0 ms");
    CHECK(milliseconds(0) == "0.0 ms");
    CHECK(milliseconds(352e3) == "0.352 ms");
    CHECK(duration_text(std::chrono::seconds{60}) == "60 s");
    CHECK(duration_text(std::chrono::milliseconds{1500}) == "1.5 s");
    CHECK(duration_text(std::chrono::milliseconds{80}) == "80 ms");
    CHECK(duration_text(std::chrono::hours{1}) == "3 600 s");
    CHECK(duration_text(std::chrono::hours{365 * 24}) == "31 536 000 s"); // no power of ten
    CHECK(duration_text(std::chrono::nanoseconds{12'345'600}) == "12.3456 ms");
    CHECK(duration_text(std::chrono::nanoseconds{250'000}) == "250 us");
    CHECK(duration_text(std::chrono::nanoseconds{100}) == "100 ns");
    CHECK(duration_text(std::chrono::nanoseconds{0}) == "0 s");
    CHECK(quantile_name(0.5) == "p50");
    CHECK(quantile_name(0.999) == "p99.9");
}

TEST_CASE("format: a share is all or nothing only when it is") {
    struct Row {
        double share;
        const char* text;
    };
    const Row rows[] = {{0, "0 %"},           {1, "100 %"},           {0.8330, "83.3 %"}, {0.5, "50.0 %"},
                        {0.0071, "0.71 %"},   {0.0002, "0.02 %"},     {0.0234, "2.34 %"}, {0.99996, "99.996 %"},
                        {0.00001, "0.001 %"}, {0.999999, "99.9999 %"}};
    for (const Row& row : rows) CHECK(percent(row.share) == row.text);
    CHECK(percent(-0.332, true) == "-33.2 %");
    CHECK(percent(0.289, true) == "+28.9 %");
}
