/// Maps as static SVG: the land, what lies on it, and ways between.
#pragma once

#include "firstbyte/scenario.hpp"

#include <cstddef>
#include <string>
#include <vector>

namespace firstbyte::report {

struct MapPoint {
    double x = 0, y = 0; ///< radians of the plane, x to the east, y to the north
};
/// The Natural Earth projection in Šavrič's polynomial form (Šavrič, Jenny, Patterson, Petrovič, Hurni 2011).
[[nodiscard]] MapPoint natural_earth(Place place);

/// Units of world_map() per radian: the world is 1 640 units wide.
inline constexpr double map_scale = 300;

/// The shipped outline of the land as one SVG path, in the units of world_map(); without Antarctica.
/// @throws std::runtime_error  when the shipped data is missing or damaged
[[nodiscard]] std::string land_path();

/// Something at a place: a client group as a disc, or a PoP as a diamond.
struct MapDot {
    Place place;
    double weight = 1; ///< area of the disc, of the greatest one's; of a diamond, how large from 0 to 1
    std::string fill;  ///< colour
    std::string title; ///< what it is and its numbers
    bool pop = false;
    std::string key; ///< for scripts: which PoP or client group it is; may be empty
};
struct MapWay {
    Place from, to;
    std::string stroke;
    std::string key; ///< for scripts: whose way it is; may be empty
};
struct WorldMap {
    std::string label;
    std::vector<MapDot> dots;
    std::vector<MapWay> ways;
};
/// Shows the part of the world where the dots are. The land is the symbol "land" of the page (land_symbol).
[[nodiscard]] std::string world_map(const WorldMap& map);
/// The land, once a page; not to be seen itself.
[[nodiscard]] std::string land_symbol();

} // namespace firstbyte::report
