#include "report/world_map.hpp"

#include "core/data_files.hpp"
#include "report/html.hpp"
#include "report/json_text.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <numbers>
#include <stdexcept>
#include <utility>

namespace firstbyte::report {
namespace {

constexpr double scale = map_scale;
constexpr double radian = std::numbers::pi / 180;
constexpr double land_ends = -60; // degrees: no clients live south of it

struct Spot {
    double x = 0, y = 0; ///< of the picture, y down
};

Spot spot_of(Place place) {
    const MapPoint point = natural_earth(place);
    return {scale * point.x, -scale * point.y};
}

/// The arcs of a TopoJSON file, decoded: each point is a step from the one before it.
std::vector<std::vector<Place>> arcs_of(const Json& topology) {
    const Json &by = topology.at("transform").at("scale"), &from = topology.at("transform").at("translate");
    std::vector<std::vector<Place>> arcs;
    for (const Json& arc : topology.at("arcs")) {
        std::vector<Place>& places = arcs.emplace_back();
        std::int64_t x = 0, y = 0;
        for (const Json& step : arc) {
            x += step.at(0).get<std::int64_t>();
            y += step.at(1).get<std::int64_t>();
            places.push_back({static_cast<double>(y) * by.at(1).get<double>() + from.at(1).get<double>(),
                              static_cast<double>(x) * by.at(0).get<double>() + from.at(0).get<double>()});
        }
    }
    return arcs;
}

/// A ring is a list of arcs; a negative number means an arc read backwards.
std::vector<Place> ring_of(const Json& ring, const std::vector<std::vector<Place>>& arcs) {
    std::vector<Place> places;
    for (const Json& item : ring) {
        const auto number = item.get<std::int64_t>();
        std::vector<Place> arc = arcs.at(static_cast<std::size_t>(number < 0 ? ~number : number));
        if (number < 0) std::reverse(arc.begin(), arc.end());
        places.insert(places.end(), arc.begin() + (places.empty() ? 0 : 1), arc.end());
    }
    return places;
}

/// Whole units and relative steps: a third of the bytes, and nothing that a screen shows is lost.
std::string path_of(const std::vector<Place>& ring) {
    std::string out;
    std::int64_t x = 0, y = 0;
    for (const Place& place : ring) {
        const Spot spot = spot_of(place);
        const std::int64_t to_x = std::llround(spot.x), to_y = std::llround(spot.y);
        if (out.empty())
            out = fmt::format("M{} {}", to_x, to_y);
        else if (to_x != x || to_y != y)
            out += fmt::format("l{}{}{}", to_x - x, to_y - y < 0 ? "" : " ", to_y - y);
        x = to_x;
        y = to_y;
    }
    return out + "z";
}

/// The great circle between two places, in pieces where it leaves one edge of the map and comes in at the other.
std::string way_of(const MapWay& way, double stroke) {
    constexpr int pieces = 24; // a bend of the longest way that the eye takes for a curve
    const auto vector_of = [](Place p) {
        return std::array<double, 3>{std::cos(p.lat * radian) * std::cos(p.lon * radian),
                                     std::cos(p.lat * radian) * std::sin(p.lon * radian), std::sin(p.lat * radian)};
    };
    const auto a = vector_of(way.from), b = vector_of(way.to);
    const double angle = std::acos(std::clamp(a[0] * b[0] + a[1] * b[1] + a[2] * b[2], -1.0, 1.0));
    if (angle < 1e-6) return {};
    std::string path;
    double last_lon = 0;
    for (int i = 0; i <= pieces; ++i) {
        const double part = static_cast<double>(i) / pieces;
        const double wa = std::sin((1 - part) * angle) / std::sin(angle), wb = std::sin(part * angle) / std::sin(angle);
        const double x = wa * a[0] + wb * b[0], y = wa * a[1] + wb * b[1], z = wa * a[2] + wb * b[2];
        const Place place{std::atan2(z, std::hypot(x, y)) / radian, std::atan2(y, x) / radian};
        const Spot spot = spot_of(place);
        const bool jump = i == 0 || std::fabs(place.lon - last_lon) > 180;
        path += fmt::format("{}{:.1f} {:.1f}", jump ? "M" : "L", spot.x, spot.y);
        last_lon = place.lon;
    }
    const std::string key = way.key.empty() ? "" : fmt::format(" data-client=\"{}\"", html_text(way.key));
    return fmt::format("<path class=\"way\"{} d=\"{}\" fill=\"none\" stroke=\"{}\" stroke-width=\"{:.2f}\" "
                       "stroke-opacity=\"0.6\"/>\n",
                       key, path, way.stroke, stroke);
}

struct Frame {
    double x = 0, y = 0, width = 0, height = 0;
};

/// The dots with room around them, twice as wide as tall, and never less than a continent.
Frame frame_of(const std::vector<MapDot>& dots) {
    constexpr double least = 330, room = 45;
    const Spot north_west{-scale * 2.735, spot_of({84, 0}).y}, south_east{scale * 2.735, spot_of({-58, 0}).y};
    double x0 = south_east.x, y0 = south_east.y, x1 = north_west.x, y1 = north_west.y;
    for (const MapDot& dot : dots) {
        const Spot spot = spot_of(dot.place);
        x0 = std::min(x0, spot.x - room);
        x1 = std::max(x1, spot.x + room);
        y0 = std::min(y0, spot.y - room);
        y1 = std::max(y1, spot.y + room);
    }
    const double whole = south_east.x - north_west.x;
    const double width = std::min(std::max({x1 - x0, 2 * (y1 - y0), least}), whole);
    const double height = width / 2;
    const double x = std::clamp((x0 + x1 - width) / 2, north_west.x, south_east.x - width);
    const double y = std::clamp((y0 + y1 - height) / 2, north_west.y, std::max(north_west.y, south_east.y - height));
    return {x, y, width, height};
}

std::string dot_of(const MapDot& dot, double unit) {
    const Spot spot = spot_of(dot.place);
    const std::string title = "<title>" + html_text(dot.title) + "</title>";
    const std::string key =
        dot.key.empty() ? "" : fmt::format(" data-{}=\"{}\"", dot.pop ? "pop" : "client", html_text(dot.key));
    if (dot.pop) {
        const double half = (3 + 2.5 * dot.weight) * unit;
        return fmt::format(
            "<path class=\"pop\"{} d=\"M{:.1f} {:.1f}l{:.2f} {:.2f}l{:.2f} {:.2f}l{:.2f} {:.2f}z\" fill=\"{}\" "
            "stroke=\"#000\" stroke-width=\"{:.2f}\">{}</path>\n",
            key, spot.x, spot.y - half, half, half, -half, half, -half, -half, dot.fill, 1.2 * unit, title);
    }
    return fmt::format("<circle class=\"dot\"{} cx=\"{:.1f}\" cy=\"{:.1f}\" r=\"{:.2f}\" fill=\"{}\" stroke=\"#333\" "
                       "stroke-width=\"{:.2f}\">{}</circle>\n",
                       key, spot.x, spot.y, (2.5 + 7.5 * std::sqrt(dot.weight)) * unit, dot.fill, 0.7 * unit, title);
}

} // namespace

MapPoint natural_earth(Place place) {
    const double lambda = place.lon * radian, phi = place.lat * radian;
    const double phi2 = phi * phi, phi4 = phi2 * phi2;
    return {lambda * (0.8707 - 0.131979 * phi2 + phi4 * (-0.013791 + phi4 * (0.003971 * phi2 - 0.001529 * phi4))),
            phi * (1.007226 + phi2 * (0.015085 + phi4 * (-0.044475 + 0.028874 * phi2 - 0.005916 * phi4)))};
}

namespace {

/// The pieces of a ring that jumps from one edge of the map to the other; each is closed along its edge.
std::vector<std::vector<Place>> pieces_of(std::vector<Place> ring) {
    constexpr double half_turn = 180;
    const auto jumps = [](Place a, Place b) { return std::fabs(a.lon - b.lon) > half_turn; };
    if (ring.size() > 1 && ring.front() == ring.back()) ring.pop_back(); // closed by the path itself
    const auto first = std::adjacent_find(ring.begin(), ring.end(), jumps);
    if (first == ring.end()) return {ring};
    std::rotate(ring.begin(), first + 1, ring.end());
    std::vector<std::vector<Place>> pieces(1);
    for (const Place place : ring) {
        if (!pieces.back().empty() && jumps(pieces.back().back(), place)) pieces.emplace_back();
        pieces.back().push_back(place);
    }
    return pieces;
}

} // namespace

std::string land_path() {
    const std::string file = data_file("land-110m.json");
    const Json topology = Json::parse(read_text_file(file), nullptr, false);
    try {
        const auto arcs = arcs_of(topology);
        std::string out;
        for (const Json& geometry : topology.at("objects").at("land").at("geometries"))
            for (const Json& polygon : geometry.at("arcs"))
                for (const Json& ring : polygon) {
                    for (const std::vector<Place>& places : pieces_of(ring_of(ring, arcs)))
                        if (std::any_of(places.begin(), places.end(), [](Place p) { return p.lat > land_ends; }))
                            out += path_of(places);
                }
        return out;
    } catch (const Json::exception& error) {
        throw std::runtime_error(file + " is no outline of the land: " + error.what());
    }
}

std::string land_symbol() {
    return "<svg class=\"land-source\" aria-hidden=\"true\" width=\"0\" height=\"0\"><defs><path id=\"land\" d=\"" +
           land_path() + "\"/></defs></svg>\n";
}

std::string world_map(const WorldMap& map) {
    const Frame frame = frame_of(map.dots);
    constexpr double shown_width_px = 640; // what sizes of dots and strokes are made for
    const double unit = frame.width / shown_width_px;
    std::string body = "<use class=\"land\" href=\"#land\" fill=\"#d5d5cf\"/>\n";
    for (const MapWay& way : map.ways) body += way_of(way, 1.1 * unit);
    std::vector<const MapDot*> order; // small ones on top, so that none is hidden
    for (const MapDot& dot : map.dots) order.push_back(&dot);
    std::stable_sort(order.begin(), order.end(), [](const MapDot* a, const MapDot* b) {
        return std::pair{a->pop, -a->weight} < std::pair{b->pop, -b->weight};
    });
    for (const MapDot* dot : order) body += dot_of(*dot, unit);
    return fmt::format("<svg class=\"map\" role=\"img\" viewBox=\"{:.0f} {:.0f} {:.0f} {:.0f}\" aria-label=\"{}\">\n{}"
                       "</svg>\n",
                       frame.x, frame.y, frame.width, frame.height, html_text(map.label), body);
}

} // namespace firstbyte::report
