#include "core/flat_map.hpp"

#include "core/random.hpp"

#include <doctest/doctest.h>

#include <cstdint>
#include <map>

namespace firstbyte {

TEST_CASE("flat map: it is a map for any sequence of operations") {
    struct Row {
        const char* name;
        std::uint64_t keys; ///< few: entries come and go; many: the table grows
        std::uint64_t step; ///< distance between two keys
    };
    const Row rows[] = {
        {"crowded around zero", 40, 1},
        {"many small keys", 5'000, 1},
        {"keys that differ in high bits only", 3'000, 1ULL << 48},
    };
    for (const Row& row : rows) {
        CAPTURE(row.keys);
        const Draws draws(row.keys, 0);
        FlatMap64<std::uint32_t> flat;
        std::map<std::uint64_t, std::uint32_t> reference;
        for (std::uint64_t n = 0; n < 60'000; ++n) {
            const auto block = draws.block(Stream::Loss, 0, n);
            const std::uint64_t key = block[0] % row.keys * row.step;
            if (block[1] % 2 == 0) {
                const auto [value, inserted] = flat.insert(key, block[2]);
                REQUIRE(inserted == reference.try_emplace(key, block[2]).second);
                REQUIRE(*value == reference.at(key));
            } else if (block[1] % 8 == 1) {
                flat[key] += 3;
                reference[key] += 3;
            } else {
                REQUIRE(flat.erase(key) == (reference.erase(key) == 1));
            }
            REQUIRE(flat.size() == reference.size());
        }
        for (std::uint64_t i = 0; i < row.keys; ++i) {
            const auto found = reference.find(i * row.step);
            const std::uint32_t* const value = flat.find(i * row.step);
            REQUIRE((value != nullptr) == (found != reference.end()));
            if (value != nullptr) REQUIRE(*value == found->second);
        }
    }
}

TEST_CASE("flat map: zero and the largest key are keys, an empty map has none") {
    FlatMap64<int> map;
    CHECK(map.find(0) == nullptr);
    CHECK_FALSE(map.erase(0));
    map[0] = 1;
    map[~std::uint64_t{0}] = 2;
    CHECK(*map.find(0) == 1);
    CHECK(*map.find(~std::uint64_t{0}) == 2);
    CHECK_FALSE(map.contains(1));
    map.clear();
    CHECK(map.empty());
    CHECK_FALSE(map.contains(0));
    map.reserve(1'000);
    const int* const value = map.insert(0, 5).first;
    for (std::uint64_t key = 1; key < 1'000; ++key) map[key] = 0;
    CHECK(map.find(0) == value); // with room reserved nothing moves
    CHECK(*value == 5);
}

} // namespace firstbyte
