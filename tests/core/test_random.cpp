#include "core/random.hpp"

#include "core/mix.hpp"

#include <doctest/doctest.h>

#include <array>
#include <cmath>
#include <cstdint>
#include <limits>
#include <set>
#include <string>
#include <vector>

namespace firstbyte {
namespace {

using Counter = std::array<std::uint32_t, 4>;
using Key = std::array<std::uint32_t, 2>;

} // namespace

TEST_CASE("random: Philox4x32-10 gives the known answers of the Random123 distribution (kat_vectors)") {
    struct Row {
        std::string name;
        Counter counter;
        Key key;
        Counter words;
    };
    const Row rows[] = {
        {"all zero", {0, 0, 0, 0}, {0, 0}, {0x6627e8d5, 0xe169c58d, 0xbc57ac4c, 0x9b00dbd8}},
        {"all ones",
         {0xffffffff, 0xffffffff, 0xffffffff, 0xffffffff},
         {0xffffffff, 0xffffffff},
         {0x408f276d, 0x41c83b0e, 0xa20bc7c6, 0x6d5451fd}},
        {"digits of pi",
         {0x243f6a88, 0x85a308d3, 0x13198a2e, 0x03707344},
         {0xa4093822, 0x299f31d0},
         {0xd16cfe09, 0x94fdcceb, 0x5001e420, 0x24126ea1}},
    };
    for (const Row& row : rows) {
        CAPTURE(row.name);
        CHECK(philox(row.counter, row.key) == row.words);
    }
}

TEST_CASE("random: mix64 is the finaliser of SplitMix64") {
    // First outputs of Vigna's splitmix64.c (prng.di.unimi.it) with state 0 and 1234567: the state advances by the
    // golden ratio before it is mixed.
    constexpr std::uint64_t golden = 0x9e3779b97f4a7c15;
    CHECK(mix64(golden) == 0xe220a8397b1dcdaf);
    CHECK(mix64(2 * golden) == 0x6e789e6aa1b965f4);
    CHECK(mix64(1234567 + golden) == 6457827717110365317ULL);
    CHECK(mix64(1234567 + 2 * golden) == 3203168211198807973ULL);
}

TEST_CASE("random: seed, replication, stream, entity and n all name different numbers") {
    std::set<std::uint64_t> seen;
    std::size_t names = 0;
    for (const std::uint64_t seed : {0ULL, 1ULL, 2ULL, 1ULL << 32, ~0ULL}) {
        for (const std::uint32_t replication : {0U, 1U, 2U, 0xffffffffU}) {
            const Draws draws(seed, replication);
            for (const Stream stream : {Stream::ClientPick, Stream::Object, Stream::Loss}) {
                for (const std::uint32_t entity : {0U, 1U, 0xffffffU}) {
                    for (const std::uint64_t n : {0ULL, 1ULL, 1ULL << 32, 1ULL << 63}) {
                        seen.insert(draws.bits64(stream, entity, n));
                        ++names;
                    }
                }
            }
        }
    }
    CHECK(seen.size() == names); // a chance collision has probability 1e-14
}

TEST_CASE("random: a number depends on its name only, and every form is made of the block") {
    const Draws draws(42, 7);
    const Draws copy = draws;
    const auto block = draws.block(Stream::ThinkTime, 5, 9);
    static_cast<void>(draws.uniform(Stream::Loss, 5, 9)); // another draw disturbs nobody
    CHECK(copy.block(Stream::ThinkTime, 5, 9) == block);
    const std::uint64_t bits = std::uint64_t{block[1]} << 32 | block[0];
    CHECK(draws.bits64(Stream::ThinkTime, 5, 9) == bits);
    CHECK(draws.uniform(Stream::ThinkTime, 5, 9) == unit_interval(bits));
}

TEST_CASE("random: the unit interval is open, exact and symmetric") {
    constexpr std::uint64_t ones = ~std::uint64_t{0};
    CHECK(unit_interval(std::uint64_t{0}) == 0x1p-53);
    CHECK(unit_interval(ones) == 1 - 0x1p-53);
    CHECK(unit_interval(std::uint32_t{0}) == 0x1p-33);
    CHECK(unit_interval(~std::uint32_t{0}) == 1 - 0x1p-33);
    for (std::uint64_t i = 0; i < 1'000; ++i) {
        const std::uint64_t bits = mix64(i);
        REQUIRE(unit_interval(bits) + unit_interval(~bits) == 1);
    }
}

TEST_CASE("random: uniform numbers have the mean, spread and independence of uniform numbers") {
    const Draws draws(1, 0);
    constexpr int count = 200'000;
    double sum = 0, squares = 0, products = 0, previous = 0.5;
    for (std::uint64_t n = 0; n < count; ++n) {
        const double u = draws.uniform(Stream::ServiceTime, 3, n);
        sum += u - 0.5;
        squares += (u - 0.5) * (u - 0.5);
        products += (u - 0.5) * (previous - 0.5);
        previous = u;
    }
    const double sigma = 1 / std::sqrt(static_cast<double>(count)); // five standard errors each
    CHECK(std::abs(sum / count) < 5 * sigma * std::sqrt(1.0 / 12));
    CHECK(std::abs(squares / count - 1.0 / 12) < 5 * sigma * std::sqrt(1.0 / 180));
    CHECK(std::abs(products / count) < 5 * sigma / 12);
}

TEST_CASE("random: integers below a bound are below it and equally frequent") {
    const Draws draws(9, 0);
    for (const std::uint64_t bound : {1ULL, 2ULL, 3ULL, 10ULL, 100ULL}) {
        CAPTURE(bound);
        std::vector<double> counts(bound, 0);
        constexpr std::uint64_t count = 100'000;
        for (std::uint64_t n = 0; n < count; ++n) {
            const std::uint64_t drawn = draws.below(bound, Stream::ClientPick, 0, n);
            REQUIRE(drawn < bound);
            ++counts[drawn];
        }
        const double expected = static_cast<double>(count) / static_cast<double>(bound);
        double chi_squared = 0;
        for (const double observed : counts) chi_squared += (observed - expected) * (observed - expected) / expected;
        const double freedom = static_cast<double>(bound - 1);
        CHECK(chi_squared <= freedom + 5 * std::sqrt(2 * freedom)); // mean and standard deviation of chi-squared
    }
    // The whole range may be asked for.
    CHECK(draws.below(std::numeric_limits<std::uint64_t>::max(), Stream::ClientPick, 0, 0) ==
          draws.bits64(Stream::ClientPick, 0, 0) - 1);
}

} // namespace firstbyte
