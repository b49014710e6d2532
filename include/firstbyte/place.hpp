/// A point on Earth.
#pragma once

#include <compare>

namespace firstbyte {

/// Degrees.
struct Place {
    double lat = 0;
    double lon = 0;
    auto operator<=>(const Place&) const = default;
};

} // namespace firstbyte
