#include "core/fingerprint.hpp"

#include <doctest/doctest.h>

#include <cstdint>
#include <initializer_list>
#include <set>
#include <utility>

namespace firstbyte {

TEST_CASE("fingerprint: another event, another order or another number of events give another chain") {
    const auto chain_of = [](std::initializer_list<std::pair<std::uint64_t, std::uint64_t>> happenings) {
        Fingerprint fingerprint;
        for (const auto& [a, b] : happenings) fingerprint.add(a, b);
        return fingerprint.chain;
    };
    const std::set<std::uint64_t> chains = {
        chain_of({}),
        chain_of({{0, 0}}),
        chain_of({{0, 0}, {0, 0}}),
        chain_of({{1, 0}}),
        chain_of({{0, 1}}),
        chain_of({{1, 2}, {3, 4}}),
        chain_of({{3, 4}, {1, 2}}),
        chain_of({{2, 1}, {3, 4}}),
        chain_of({{1, 3}, {2, 4}}),
    };
    CHECK(chains.size() == 9);
    CHECK(chain_of({{1, 2}, {3, 4}}) == chain_of({{1, 2}, {3, 4}}));
}

TEST_CASE("fingerprint: the chains of entities add in any order") {
    Fingerprint a, b, c;
    a.add(1, 1);
    b.add(2, 2);
    c.add(3, 3);
    CHECK((a + b) + c == c + (b + a));
    CHECK(a + b != a + c);
}

} // namespace firstbyte
