#include "firstbyte/histogram.hpp"

#include "core/random.hpp"

#include <doctest/doctest.h>

#include <algorithm>
#include <chrono>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <limits>
#include <string>
#include <utility>
#include <vector>

namespace firstbyte {
namespace {

using namespace std::chrono_literals;
using Bins = std::vector<std::pair<std::int64_t, std::uint64_t>>;

/// Values from 1 ns to 1000 s, evenly over the magnitudes.
std::vector<std::int64_t> spread_values(std::size_t count, std::uint64_t seed) {
    const Draws draws(seed, 0);
    std::vector<std::int64_t> values;
    for (std::uint64_t n = 0; n < count; ++n) {
        values.push_back(static_cast<std::int64_t>(std::pow(10.0, 12 * draws.uniform(Stream::Loss, 0, n))));
    }
    return values;
}

Histogram histogram_of(const std::vector<std::int64_t>& values) {
    Histogram histogram;
    for (const std::int64_t value : values) histogram.add(value);
    return histogram;
}

void check_equal(const Histogram& a, const Histogram& b) {
    CHECK(a.bins() == b.bins());
    CHECK(a.count() == b.count());
    CHECK(a.min() == b.min());
    CHECK(a.max() == b.max());
    CHECK(a.mean() == b.mean());
}

} // namespace

TEST_CASE("histogram: a bin is the value rounded half up to four significant digits") {
    struct Row {
        std::int64_t value;
        std::int64_t bin;
    };
    const Row rows[] = {
        {0, 0},
        {1, 1},
        {9'999, 9'999}, // the last exact value
        {10'000, 10'000},
        {10'004, 10'000},
        {10'005, 10'010}, // half goes up
        {10'014, 10'010},
        {99'994, 99'990},
        {99'995, 100'000}, // up into the next decade
        {99'999, 100'000},
        {100'000, 100'000},
        {100'049, 100'000},
        {100'050, 100'100},
        {241'000'000, 241'000'000}, // 241 ms stays 241 ms
        {241'049'999, 241'000'000},
        {241'050'000, 241'100'000},
        {999'949'999'999'999'999, 999'900'000'000'000'000},
        {999'950'000'000'000'000, 1'000'000'000'000'000'000},
        {1'000'000'000'000'000'000, 1'000'000'000'000'000'000},
        {1'000'600'000'000'000'000, 1'000'000'000'000'000'000}, // the last bin
        {std::numeric_limits<std::int64_t>::max(), 1'000'000'000'000'000'000},
    };
    for (const Row& row : rows) {
        CAPTURE(row.value);
        Histogram histogram;
        histogram.add(row.value);
        CHECK(histogram.bins() == Bins{{row.bin, 1}});
        CHECK(histogram.min() == row.value); // extremes and mean come from the value itself
        CHECK(histogram.max() == row.value);
        CHECK(histogram.mean() == doctest::Approx(static_cast<double>(row.value)).epsilon(1e-15));
    }
}

TEST_CASE("histogram: at every power of ten and of two the bin is within 0.05 % of the value") {
    std::vector<std::int64_t> edges;
    for (std::int64_t power = 1; power <= 100'000'000'000'000'000; power *= 10) edges.push_back(power);
    for (int bit = 0; bit < 59; ++bit) edges.push_back(std::int64_t{1} << bit);
    for (const std::int64_t edge : edges) {
        for (std::int64_t value = std::max<std::int64_t>(edge - 3, 0); value <= edge + 3; ++value) {
            Histogram histogram;
            histogram.add(value);
            const auto error = std::abs(static_cast<double>(histogram.bins()[0].first - value));
            REQUIRE(error <= 0.0005 * static_cast<double>(value));
        }
    }
}

TEST_CASE("histogram: quantiles are those of the sorted values, to 0.05 %") {
    for (const std::size_t count : {1U, 2U, 7U, 100U, 20'000U}) {
        CAPTURE(count);
        std::vector<std::int64_t> values = spread_values(count, count);
        const Histogram histogram = histogram_of(values);
        std::sort(values.begin(), values.end());
        for (const double permille : {1.0, 10.0, 250.0, 500.0, 900.0, 990.0, 999.0, 1000.0}) {
            CAPTURE(permille);
            // Nearest rank, in integers.
            const std::size_t rank = (count * static_cast<std::size_t>(permille) + 999) / 1000;
            const auto exact = static_cast<double>(values[rank - 1]);
            CHECK(std::abs(static_cast<double>(histogram.quantile(permille / 1000)) - exact) <= 0.0005 * exact);
        }
        CHECK(histogram.min() == values.front());
        CHECK(histogram.max() == values.back());
    }
}

TEST_CASE("histogram: a decimal quantile means its decimal rank") {
    // 0.07 * 100 is 7.000000000000001 in floating point; the seventh of a hundred values is meant.
    Histogram histogram;
    for (std::int64_t value = 1; value <= 100; ++value) histogram.add(value);
    for (int percent = 1; percent <= 100; ++percent) {
        CAPTURE(percent);
        CHECK(histogram.quantile(percent / 100.0) == percent);
        CHECK(histogram.quantile(percent * 0.01) == percent);
    }
    CHECK(histogram.quantile(0.071) == 8);
    CHECK(histogram.quantile(1e-9) == 1);
}

TEST_CASE("histogram: the mean is exact where doubles and 64-bit sums are not") {
    Histogram histogram;
    constexpr std::int64_t large = 1'000'000'000'000'000'000;
    histogram.add(large, 1'000'000); // the sum has 80 bits
    histogram.add(1, 1'000'000);
    CHECK(histogram.mean() == 500'000'000'000'000'000.5);
    CHECK(histogram.count() == 2'000'000);
}

TEST_CASE("histogram: merging is counting both, in any order and any split") {
    const std::vector<std::int64_t> values = spread_values(5'000, 1);
    const Histogram whole = histogram_of(values);

    std::vector<std::int64_t> backwards(values.rbegin(), values.rend());
    check_equal(histogram_of(backwards), whole);

    Histogram parts[3], forward, reverse;
    for (std::size_t i = 0; i < values.size(); ++i) parts[i % 3].add(values[i]);
    for (const Histogram& part : parts) forward.merge(part);
    for (int i = 2; i >= 0; --i) reverse.merge(parts[i]);
    check_equal(forward, whole);
    check_equal(reverse, whole);

    Histogram twice = whole;
    twice.merge(twice);
    CHECK(twice.count() == 2 * whole.count());
    CHECK(twice.mean() == whole.mean());
    CHECK(twice.quantile(0.3) == whole.quantile(0.3));

    Histogram with_nothing = whole;
    with_nothing.merge(Histogram{});
    check_equal(with_nothing, whole);
    Histogram from_nothing;
    from_nothing.merge(whole);
    check_equal(from_nothing, whole);
}

TEST_CASE("histogram: bins ascend and hold every value, many at once as well") {
    Histogram histogram;
    histogram.add(5ms);
    histogram.add(3, 10);
    histogram.add(70'001, 2);
    histogram.add(3);
    histogram.add(8, 0); // no value at all
    CHECK(histogram.bins() == Bins{{3, 11}, {70'000, 2}, {5'000'000, 1}});
    CHECK(histogram.count() == 14);
}

TEST_CASE("histogram: the share within a limit counts whole bins") {
    Histogram histogram;
    for (const std::int64_t value : {10, 20, 150'000'000, 150'040'000, 150'060'000}) histogram.add(value);
    CHECK(histogram.share_at_most(9) == 0.0);
    CHECK(histogram.share_at_most(10) == 0.2);
    CHECK(histogram.share_at_most(149'999'999) == 0.4);
    CHECK(histogram.share_at_most(150'000'000) == 0.8); // 150.04 ms is in the bin of 150.0
    CHECK(histogram.share_at_most(150'100'000) == 1.0);
}

TEST_CASE("histogram: an empty one answers zero") {
    const Histogram histogram;
    CHECK(histogram.empty());
    CHECK(histogram.quantile(0.5) == 0);
    CHECK(histogram.mean() == 0.0);
    CHECK(histogram.share_at_most(1) == 0.0);
    CHECK(histogram.bins().empty());
}

} // namespace firstbyte
