/// Where autonomous systems are, from the shipped table.
#pragma once

#include "bgp/as_graph.hpp"
#include "core/cities.hpp"

#include <array>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace firstbyte::bgp {

/// Position in cities().
using CityIndex = std::uint32_t;

/// What an AS mostly is, as the shipped table judges it (scenarios/data/README.md).
enum class AsKind : std::uint8_t {
    Isp,         ///< sells transit
    Edge,        ///< an access or enterprise network without customers
    Hosting,     ///< servers
    Institution, ///< university, government, research
};

struct AsPlace {
    AsNumber number = 0;
    AsKind kind = AsKind::Edge;
    std::string country;               ///< ISO 3166 alpha-2: where most of its address space is; may be empty
    std::uint32_t users = 0;           ///< estimated Internet users
    std::span<const CityIndex> cities; ///< where it meets others, its home first; empty when nothing is known
};

/// An AS and where it is, as a generator or a file gives it.
struct AsPresence {
    AsNumber number = 0;
    AsKind kind = AsKind::Edge;
    std::string country{};
    std::uint32_t users = 0;
    std::vector<CityIndex> cities{}; ///< home first
};

/// Places of ASes. Model: homes and presence are estimates that were made once and are shipped, never drawn per run;
/// scenarios/data/README.md says how.
class Places {
public:
    Places() = default; ///< knows no AS

    /// Reads the shipped table.
    /// @throws std::runtime_error  when it is missing or damaged
    [[nodiscard]] static Places shipped();

    /// @param text  lines `asn,country,kind,users,cities` after a header; cities are GeoNames identifiers joined by
    /// ';',
    ///              the home first
    explicit Places(std::string_view text);

    /// @param systems  each number once, in any order
    explicit Places(std::vector<AsPresence> systems);

    Places(const Places&) = delete;
    Places& operator=(const Places&) = delete;
    Places(Places&&) = default;
    Places& operator=(Places&&) = default;

    /// Null when the table does not have the AS.
    [[nodiscard]] const AsPlace* find(AsNumber number) const;
    [[nodiscard]] bool empty() const { return systems_.empty(); }
    [[nodiscard]] std::optional<Place> home(AsNumber number) const;
    /// Every AS of the table, ascending number.
    [[nodiscard]] const std::vector<AsPlace>& all() const { return systems_; }

private:
    std::vector<AsPlace> systems_;  ///< ascending number
    std::vector<CityIndex> cities_; ///< what the spans look into
};

/// Transit ASes by the size of their customer cones. `graph` and `places` must outlive it.
class TransitRanking {
public:
    TransitRanking(const AsGraph& graph, const Places& places);

    /// The `count` transit ASes with the largest customer cones that are present in `country`, ties by the lower
    /// number; filled up from the country's region, then from the world, when the country has too few. Without a
    /// country, or with places that know no AS, the world's.
    /// @returns fewer when the graph has fewer transit ASes
    [[nodiscard]] std::vector<NodeIndex> largest(const std::optional<std::string>& country, std::size_t count) const;

private:
    const AsGraph& graph_;
    const Places& places_;
    std::vector<NodeIndex> by_cone_; ///< largest first
};

/// The ASes that clients are likeliest to use when a scenario names none: stubs with users and a provider.
class Eyeballs {
public:
    Eyeballs(const AsGraph& graph, const Places& places);

    /// Of the stubs whose home city is nearest the one with most users, then the lowest number.
    /// @returns none when the graph has no stub of known place with users and a provider
    [[nodiscard]] std::optional<NodeIndex> nearest_stub(Place place) const;

private:
    struct Home {
        std::array<double, 3> direction; ///< unit vector of the city
        NodeIndex stub = 0;
    };
    std::vector<Home> homes_; ///< by city, most populous first
};

} // namespace firstbyte::bgp
