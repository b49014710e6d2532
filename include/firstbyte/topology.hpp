/// AS graphs as such: made up, or measured. Scenarios name them under `topology`.
#pragma once

#include "firstbyte/ids.hpp"

#include <array>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <utility>
#include <vector>

namespace firstbyte {

/// What an AS graph looks like; shares are 0..1, degrees count links of every kind.
struct TopologyStatistics {
    std::size_t ases = 0;
    std::size_t provider_customer_links = 0, peer_links = 0;
    std::size_t components = 0; ///< connected parts

    double degree_mean = 0;
    std::size_t degree_median = 0, degree_p90 = 0, degree_p95 = 0, degree_p99 = 0, degree_p999 = 0;
    std::vector<std::size_t> largest_degrees; ///< at most eight
    /// Exponents of power laws, by maximum likelihood (Clauset, Shalizi and Newman, 2009, equation 3.7), of degrees of
    /// at least 10 and 50 and of numbers of customers of at least 10 and 50; none where fewer than ten ASes have that
    /// many.
    std::optional<double> degree_tail_10, degree_tail_50, customer_tail_10, customer_tail_50;

    std::size_t stubs = 0;            ///< ASes without customers
    std::size_t stubs_with_peers = 0; ///< of these, with peers
    std::size_t without_peers = 0;    ///< of all ASes
    /// Stubs with 0, 1, 2, 3, 4 and at least 5 providers.
    std::array<std::size_t, 6> stubs_by_providers{};
    double stub_providers_mean = 0, stub_peers_mean = 0;
    std::size_t transit = 0; ///< ASes with customers
    double transit_providers_mean = 0, transit_peers_mean = 0;
    std::size_t customers_10 = 0, customers_100 = 0, customers_1000 = 0; ///< ASes with at least so many customers

    std::vector<AsNumber> provider_free; ///< with customers, ascending
    std::vector<AsNumber> clique;        ///< of these, a set in which each peers with all others, ascending
    std::vector<std::pair<AsNumber, std::size_t>> largest_cones; ///< at most eight; ASes reached by customer links
    std::size_t longest_provider_chain = 0; ///< ASes one above the other; links that close a cycle left out
    std::vector<AsNumber> provider_cycle;   ///< of one cycle of providers; empty: there is none

    // Gao-Rexford best paths of every AS to sampled destinations.
    std::size_t destinations = 0;
    std::uint64_t pairs = 0;            ///< of source and destination, with a route
    std::uint64_t unreachable = 0;      ///< pairs without
    double hops_mean = 0;               ///< links
    std::array<double, 8> hops_share{}; ///< of pairs with 0 (none), 1, ..., 6 and at least 7 hops
    double learned_from_customer = 0, learned_from_peer = 0, learned_from_provider = 0;
};

/// Measures a graph.
/// @param source        a file of AS relationships (CAIDA serial-1 or serial-2; plain, gzip or xz), a GraphML file
///                      (its name ends in .graphml), or "builtin:internet-2018"
/// @param destinations  how many ASes to compute the routes to, drawn with a fixed seed; 0: no paths
/// @throws ScenarioError       E311, E331, E519: what the file holds is no graph
/// @throws std::runtime_error  when the file cannot be read, and for another built-in name
[[nodiscard]] TopologyStatistics topology_statistics(const std::string& source, std::size_t destinations);

/// The links of a graph as CAIDA serial-1 text, ascending; places and users of a GraphML file have no place in it.
/// @throws  as topology_statistics
[[nodiscard]] std::string convert_topology(const std::string& source);

/// Sizes that generate_topology makes.
inline constexpr std::uint32_t synthetic_ases_min = 20;
inline constexpr std::uint32_t synthetic_ases_max = 1'000'000;

/// A made-up Internet as CAIDA serial-1 text, with a header that says what it is and how to make it again. The same
/// arguments give the same bytes.
/// @pre synthetic_ases_min <= ases <= synthetic_ases_max
[[nodiscard]] std::string generate_topology(std::uint32_t ases, std::uint64_t seed);

/// `text` as a file of that name holds it: compressed when the name ends in .gz or .xz.
[[nodiscard]] std::string packed_for(const std::string& path, std::string text);

} // namespace firstbyte
