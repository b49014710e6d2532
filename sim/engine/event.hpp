/// What the engine orders: events, and the names that order them.
#pragma once

#include "core/check.hpp"
#include "firstbyte/units.hpp"

#include <compare>
#include <cstdint>

namespace firstbyte::engine {

/// What runs first at one instant: a world event before segments, segments before alarms (an answer that comes at its
/// deadline is in time), then the rest.
enum class EventClass : std::uint8_t { World = 0, Segment = 1, Alarm = 2, Other = 3 };

/// An event and its place in the order, 16 bytes: when, then what kind, then to whom and to which of its objects.
/// The key names what happens and counts nothing, so the order does not depend on how entities are spread over threads
/// or ranks, nor on wake-ups that find nothing to do. At most one live event per object.
struct Event {
    Instant at{};
    std::uint64_t what = 0; ///< class (4 bits), entity (24), object (36), from the highest bit down
    constexpr auto operator<=>(const Event&) const = default;
};
static_assert(sizeof(Event) == 16);

/// In place of an event where there is none: it would be due after the end of time.
inline constexpr Event no_event{never, ~std::uint64_t{0}};

inline constexpr unsigned object_bits = 36;                                  ///< 6.9e10 objects of an entity
inline constexpr unsigned entity_bits = 24;                                  ///< 1.7e7 entities
inline constexpr std::uint64_t object_end = std::uint64_t{1} << object_bits; ///< one more than the largest object
inline constexpr std::uint32_t entity_end = std::uint32_t{1} << entity_bits; ///< one more than the largest entity

/// @pre entity < entity_end, object < object_end, at >= Instant{}
[[nodiscard]] inline Event make_event(Instant at, EventClass kind, std::uint32_t entity, std::uint64_t object) {
    FB_ASSERT(at >= Instant{}, "an event lies at or after the start of the run");
    FB_ASSERT(entity < entity_end, "an entity's number fits in 24 bits");
    FB_ASSERT(object < object_end, "an object's number fits in 36 bits");
    return {at, std::uint64_t{static_cast<std::uint8_t>(kind)} << (entity_bits + object_bits) |
                    std::uint64_t{entity} << object_bits | object};
}

[[nodiscard]] constexpr EventClass class_of(const Event& event) {
    return static_cast<EventClass>(event.what >> (entity_bits + object_bits));
}
[[nodiscard]] constexpr std::uint32_t entity_of(const Event& event) {
    return static_cast<std::uint32_t>(event.what >> object_bits) & (entity_end - 1);
}
[[nodiscard]] constexpr std::uint64_t object_of(const Event& event) { return event.what & (object_end - 1); }

} // namespace firstbyte::engine
