/// What an operator says about one anycast site, and what it asks of the neighbours.
#pragma once

#include "bgp/as_graph.hpp"

#include <cstdint>
#include <optional>
#include <utility>
#include <vector>

namespace firstbyte::bgp {

/// A neighbour is asked, by one of its communities, to prepend its own number when it exports to one AS.
struct PrependVia {
    AsNumber neighbor = 0; ///< who is asked; 0: every neighbour
    AsNumber target = 0;   ///< towards whom
    std::uint32_t extra = 1;
};

/// One place that announces the anycast prefix.
///
/// Either an AS of the graph as it stands (`node`), or a site of its own: a leaf with its own sessions that carries the
/// AS number `asn`, gives no transit and hears no routes. Many sites may have the same number, also that of an AS of
/// the graph; that AS then rejects their routes, because its own number is in the path.
///
/// Communities bind the AS that uses the route which it received from here directly. Model: every neighbour honours
/// them and removes them, so ASes farther away export as usual.
struct Announcement {
    AsNumber asn = 0;                                           ///< first AS of the path
    std::optional<NodeIndex> node;                              ///< an AS of the graph; its sessions are its links
    std::vector<NodeIndex> providers, peers;                    ///< sessions of a site
    std::uint32_t prepend = 0;                                  ///< extra copies of `asn` towards everyone
    std::vector<std::pair<AsNumber, std::uint32_t>> prepend_to; ///< further extra copies towards one neighbour
    std::optional<std::vector<AsNumber>> only_to;               ///< announced to these neighbours alone
    /// Neighbours do not export it to these ASes. A listed AS that is itself a neighbour still receives the
    /// announcement (use `only_to` to leave it out).
    std::vector<AsNumber> no_export_to;
    std::vector<PrependVia> prepend_via{}; ///< entries for the same neighbour and target add up
    bool no_export = false;                ///< no neighbour exports it to anyone: NO_EXPORT of RFC 1997
    std::vector<AsNumber> no_export_by{};  ///< these neighbours do not
    bool graceful_shutdown = false;        ///< every neighbour prefers any other route: RFC 8326
    std::vector<AsNumber> shutdown_at{};   ///< these neighbours do
    std::uint32_t med = 0;                 ///< MULTI_EXIT_DISC: of routes of one neighbouring AS the lower is taken
    std::vector<std::pair<AsNumber, std::uint32_t>> med_to{}; ///< instead of `med` towards one neighbour
    /// Last step of the decision among routes of one neighbouring AS, the lower wins. Default: position in the list.
    std::optional<std::uint32_t> router_id{};
    bool invalid = false; ///< no ROA covers it (RFC 6811): ASes that validate drop it
};

/// How an AS decides between neighbours when preference and path length are equal.
enum class TieBreak : std::uint8_t {
    LowestAsn, ///< the lower number of the neighbour
    Hash       ///< an order of the neighbours that depends on the seed and on the AS that decides
};

/// What the ASes of the graph do besides the announcements.
struct RoutePolicy {
    TieBreak tie_break = TieBreak::LowestAsn;
    std::uint64_t seed = 0;             ///< of TieBreak::Hash
    std::vector<AsNumber> leaking{};    ///< export every route to everyone (a route leak, RFC 7908)
    std::vector<AsNumber> validating{}; ///< drop invalid announcements (route origin validation, RFC 6811)
};

/// Place of `neighbor` in the order in which the AS `at` prefers its neighbours, all else equal: the lowest first. No
/// two neighbours have the same.
[[nodiscard]] std::uint32_t neighbor_rank(const RoutePolicy& policy, AsNumber at, AsNumber neighbor);

} // namespace firstbyte::bgp
