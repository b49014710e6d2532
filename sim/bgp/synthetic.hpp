/// A made-up Internet of any size with the statistics of the shipped one.
#pragma once

#include "bgp/as_graph.hpp"
#include "bgp/places.hpp"

#include <cstdint>

namespace firstbyte::bgp {

/// How many ASes of each kind to make.
struct InternetShape {
    std::uint32_t tier1 = 0;   ///< without providers, each a peer of all others; at least 1
    std::uint32_t transit = 0; ///< with providers and customers
    std::uint32_t edge = 0;    ///< without customers, with peers
    std::uint32_t stubs = 0;   ///< with providers only

    [[nodiscard]] std::uint32_t total() const { return tier1 + transit + edge + stubs; }
};

inline constexpr std::uint32_t ases_min = 20;        ///< below that no kind has enough members
inline constexpr std::uint32_t ases_max = 1'000'000; ///< model choice: ten times the Internet of 2026

/// Shares of 61,164 ASes as measured in the shipped graph: 15.2 % transit with the clique, 11.2 % edge, the rest stubs.
/// Model: the clique has 15 members there and grows with the fourth root of the size, so that 1,000 ASes have 5, as in
/// Elmokashfi, Kvalbein and Dovrolis ("On the scalability of BGP: the role of topology growth", 2010).
/// @pre ases_min <= ases <= ases_max
[[nodiscard]] InternetShape internet_shape(std::uint32_t ases);

/// The same shares among given numbers: stubs with peers are taken from `stubs`.
[[nodiscard]] InternetShape internet_shape(std::uint32_t tier1, std::uint32_t transit, std::uint32_t stubs);

struct SyntheticInternet {
    AsLinks links;
    Places places; ///< knows every AS
};

/// Grows an Internet. The same shape and seed give the same ASes and links.
///
/// ASes join one by one below ASes that are there already, so no AS is its own provider by way of others. Providers are
/// chosen in proportion to the customers they have (preferential attachment), mostly in the country of the customer.
/// Peers are matched at random in proportion to targets of a truncated power law; no AS peers with one of its own
/// customer cone. Each AS has a home: the country drawn by Internet users, the city by population. Numbers count from
/// 1 in the order of joining and leave out those that nobody may announce (RFC 5398, 6793, 6996, 7300).
/// @pre shape.tier1 >= 1
[[nodiscard]] SyntheticInternet make_internet(const InternetShape& shape, std::uint64_t seed);

} // namespace firstbyte::bgp
