#include "core/slab.hpp"

#include <doctest/doctest.h>

#include <cstdint>
#include <vector>

namespace firstbyte {

TEST_CASE("slab: slots depend on the calls only, and the one released last comes first") {
    Slab<int> slab;
    for (std::uint32_t i = 0; i < 5; ++i) CHECK(slab.acquire().index == i);
    slab.release(1);
    slab.release(3);
    slab.release(0);
    CHECK(slab.size() == 2);
    CHECK(slab.acquire().index == 0);
    CHECK(slab.acquire().index == 3);
    CHECK(slab.acquire().index == 1);
    CHECK(slab.acquire().index == 5);
    CHECK(slab.size() == 6);
    CHECK(slab.slots() == 6);
}

TEST_CASE("slab: a slot is live until it is released, also when its place is used again") {
    Slab<int> slab;
    CHECK_FALSE(slab.live(Slot{})); // the slot of nobody
    const Slot first = slab.acquire();
    CHECK(slab.live(first));
    CHECK(slab.slot_at(first.index) == first);
    CHECK_FALSE(slab.live(Slot{}));
    CHECK_FALSE(slab.live(Slot{first.index + 1, first.generation})); // never handed out

    slab.release(first.index);
    CHECK_FALSE(slab.live(first));
    CHECK_FALSE(slab.in_use(first.index));
    CHECK_FALSE(slab.live(slab.slot_at(first.index))); // what a free place would be called is not live either

    const Slot second = slab.acquire();
    CHECK(second.index == first.index);
    CHECK(slab.live(second));
    CHECK_FALSE(slab.live(first));
}

TEST_CASE("slab: objects stay where they are while the slab grows, and as they were left") {
    Slab<std::uint64_t, 4> slab; // 16 objects in a chunk
    std::vector<std::uint64_t*> addresses;
    for (std::uint64_t i = 0; i < 1'000; ++i) {
        const Slot slot = slab.acquire();
        CHECK(slab[slot.index] == 0); // the first user finds a default-constructed object
        slab[slot.index] = 7 * i;
        addresses.push_back(&slab[slot.index]);
    }
    for (std::uint32_t i = 0; i < 1'000; ++i) {
        REQUIRE(&slab[i] == addresses[i]);
        REQUIRE(slab[i] == 7ULL * i);
    }
    slab.release(500);
    CHECK(slab[slab.acquire().index] == 3'500);
}

} // namespace firstbyte
