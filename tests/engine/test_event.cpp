#include "engine/event.hpp"

#include <doctest/doctest.h>

#include <algorithm>
#include <chrono>
#include <iterator>

namespace firstbyte::engine {

using namespace std::chrono_literals;

TEST_CASE("event: the key keeps class, entity and object apart, up to their largest values") {
    struct Row {
        const char* name;
        EventClass kind;
        std::uint32_t entity;
        std::uint64_t object;
        std::uint64_t what; ///< 4 bits, 24 bits, 36 bits
    };
    const Row rows[] = {
        {"all zero", EventClass::World, 0, 0, 0x0'000000'000000000},
        {"largest object", EventClass::World, 0, 0xfffffffff, 0x0'000000'fffffffff},
        {"largest entity", EventClass::Segment, 0xffffff, 0, 0x1'ffffff'000000000},
        {"every field", EventClass::Alarm, 0x123456, 0x789abcdef, 0x2'123456'789abcdef},
        {"the last class used", EventClass::Other, 0xffffff, 0xfffffffff, 0x3'ffffff'fffffffff},
    };
    for (const Row& row : rows) {
        CAPTURE(row.name);
        const Event event = make_event(Instant{5ms}, row.kind, row.entity, row.object);
        CHECK(event.at == Instant{5ms});
        CHECK(event.what == row.what);
        CHECK(class_of(event) == row.kind);
        CHECK(entity_of(event) == row.entity);
        CHECK(object_of(event) == row.object);
    }
}

TEST_CASE("event: time, then class, then entity, then object decide the order") {
    const Event ascending[] = {
        make_event(Instant{0ns}, EventClass::Other, 9, 9), // whatever it is, it is earlier
        make_event(Instant{1ns}, EventClass::World, 9, 9), make_event(Instant{1ns}, EventClass::Segment, 9, 9),
        make_event(Instant{1ns}, EventClass::Alarm, 2, 9), // an answer that comes at its deadline is in time
        make_event(Instant{1ns}, EventClass::Alarm, 3, 1), make_event(Instant{1ns}, EventClass::Alarm, 3, 2),
        make_event(Instant{1ns}, EventClass::Other, 0, 0), make_event(never, EventClass::World, 0, 0),
    };
    CHECK(std::is_sorted(std::begin(ascending), std::end(ascending)));
    CHECK(std::adjacent_find(std::begin(ascending), std::end(ascending)) == std::end(ascending));
}

} // namespace firstbyte::engine
