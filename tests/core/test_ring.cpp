#include "core/ring.hpp"

#include "core/random.hpp"

#include <doctest/doctest.h>

#include <cstddef>
#include <cstdint>
#include <deque>
#include <memory>

namespace firstbyte {

TEST_CASE("ring: it is a deque for any sequence of operations") {
    const Draws draws(5, 0);
    Ring<int> ring;
    std::deque<int> deque;
    for (std::uint64_t n = 0; n < 20'000; ++n) {
        const auto block = draws.block(Stream::Loss, 0, n);
        const int value = static_cast<int>(block[1] % 1000);
        // The length drifts up for 400 operations and down for the next, so that the ring wraps and grows.
        const bool growing = n / 400 % 2 == 0;
        const std::uint32_t kind = block[0] % 10;
        if (deque.empty() || kind < (growing ? 5U : 3U)) {
            ring.push_back(value);
            deque.push_back(value);
        } else if (kind < 6) {
            const std::size_t place = block[2] % (deque.size() + 1);
            ring.insert(place, value);
            deque.insert(deque.begin() + static_cast<std::ptrdiff_t>(place), value);
        } else if (kind < (growing ? 7U : 9U)) {
            ring.pop_front();
            deque.pop_front();
        } else {
            ring.pop_back();
            deque.pop_back();
        }
        REQUIRE(ring.size() == deque.size());
        REQUIRE(ring.empty() == deque.empty());
        if (deque.empty()) continue;
        REQUIRE(ring.front() == deque.front());
        REQUIRE(ring.back() == deque.back());
        const std::size_t place = block[3] % deque.size();
        REQUIRE(ring.at(place) == deque[place]);
    }
}

TEST_CASE("ring: the capacity is a power of two and is kept") {
    Ring<std::unique_ptr<int>> ring; // objects need only move
    for (int i = 0; i < 100; ++i) ring.push_back(std::make_unique<int>(i));
    CHECK(ring.capacity() == 128);
    CHECK(*ring.at(99) == 99);
    ring.clear();
    CHECK(ring.empty());
    CHECK(ring.capacity() == 128);
    for (int i = 0; i < 1'000; ++i) { // one in, one out
        ring.push_back(std::make_unique<int>(i));
        REQUIRE(*ring.front() == i);
        ring.pop_front();
    }
    CHECK(ring.capacity() == 128);
}

} // namespace firstbyte
