/// Indices that cannot be mixed up: Id<PopTag> is not an Id<OriginTag>.
#pragma once

#include <compare>
#include <cstdint>

namespace firstbyte {

/// Position of an element in its list, by file order.
template <class Tag>
struct Id {
    std::uint32_t value = 0;
    constexpr auto operator<=>(const Id&) const = default;
};

using PopId = Id<struct PopTag>;
using OriginId = Id<struct OriginTag>;
using GroupId = Id<struct ClientGroupTag>; ///< a group of clients, one element of `clients`
using ObjectId = Id<struct ObjectTag>;     ///< one element of `workload.objects`

/// Autonomous system number, 32 bits (RFC 6793).
using AsNumber = std::uint32_t;

} // namespace firstbyte
