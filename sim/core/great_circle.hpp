/// Distances on the globe.
#pragma once

#include "firstbyte/scenario.hpp"

#include <algorithm>
#include <array>
#include <cmath>
#include <numbers>

namespace firstbyte {

inline constexpr double earth_radius_km = 6371.0088; // mean radius R1, IUGG

/// Great-circle distance by the haversine formula, in km.
inline double great_circle_km(Place from, Place to) {
    constexpr double radians = std::numbers::pi / 180;
    const double half_lat = std::sin((to.lat - from.lat) * radians / 2);
    const double half_lon = std::sin((to.lon - from.lon) * radians / 2);
    const double haversine =
        half_lat * half_lat + std::cos(from.lat * radians) * std::cos(to.lat * radians) * half_lon * half_lon;
    return 2 * earth_radius_km * std::asin(std::min(1.0, std::sqrt(haversine)));
}

/// The point of the unit sphere at `place`. Of two points the nearer one has the larger dot product, which finds the
/// nearest of many without a sine for each.
inline std::array<double, 3> unit_vector(Place place) {
    constexpr double radians = std::numbers::pi / 180;
    const double around = std::cos(place.lat * radians);
    return {around * std::cos(place.lon * radians), around * std::sin(place.lon * radians),
            std::sin(place.lat * radians)};
}

inline double dot(const std::array<double, 3>& a, const std::array<double, 3>& b) {
    return a[0] * b[0] + a[1] * b[1] + a[2] * b[2];
}

} // namespace firstbyte
