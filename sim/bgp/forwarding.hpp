/// The way of packets through the ASes at one moment: which of its equally good routes an AS uses depends on where the
/// traffic enters it (hot potato).
#pragma once

#include "bgp/latency.hpp"
#include "bgp/places.hpp"
#include "bgp/propagation.hpp"

#include <cstdint>
#include <optional>
#include <span>
#include <unordered_map>
#include <vector>

namespace firstbyte::bgp {

/// The routes of one prefix at one moment.
class ForwardingState {
public:
    virtual ~ForwardingState() = default;

    struct Entry {
        bool reached = false;
        bool origin = false;            ///< the AS announces the prefix itself
        std::uint32_t announcement = 0; ///< of an origin
        LearnedFrom learned_from{};
        std::uint32_t path_length = 0;
    };
    /// @param tied  replaced by the offers that are equally good, the preferred one first; empty at an origin
    [[nodiscard]] virtual Entry look_up(NodeIndex node, std::vector<Offer>& tied) const = 0;
};

/// The converged routes.
class ConvergedState final : public ForwardingState {
public:
    explicit ConvergedState(const Routes& routes) : routes_(routes) {}
    [[nodiscard]] Entry look_up(NodeIndex node, std::vector<Offer>& tied) const override;

private:
    const Routes& routes_;
};

/// Where packets of one AS and place end up.
struct Journey {
    enum class End : std::uint8_t {
        Arrived,
        NoRoute, ///< the last AS passed has no route: a black hole
        Loop,    ///< the last AS passed is one passed before: packets circle until their TTL is used up
    };
    End end = End::NoRoute;
    std::size_t prefix = 0;                   ///< which of the states the last AS used
    std::uint32_t announcement = 0;           ///< when arrived: there
    bool at_site = false;                     ///< arrived at a site; else at an announcing AS of the graph
    std::vector<NodeIndex> passed;            ///< ASes in their order, the first one included
    std::vector<std::size_t> used;            ///< for each: which of the states it used
    std::vector<std::optional<Place>> enters; ///< for each: where the packets come in
    std::vector<Offer> taken;                 ///< for each but an origin and the last of a journey that does not arrive
    std::vector<bool> by_peering;             ///< for each: it hands over to the next one across a peering link
    bool tie = false;                         ///< some AS on the way had several equally good routes to different ends
};

/// Follows packets. One per moment: it remembers the exits it has found.
class Forwarding {
public:
    struct Prefix {
        const ForwardingState* state = nullptr;
        std::span<const std::optional<Place>> places; ///< of the announcements
    };

    /// @param prefixes  those that hold the destination, the longest first: every AS takes its first one that it has
    ///                  a route to
    /// @param nearest_exit  false: every AS takes its preferred route
    Forwarding(const AsGraph& graph, const Places& places, std::vector<Prefix> prefixes, bool nearest_exit)
        : graph_(graph), places_(places), prefixes_(std::move(prefixes)), nearest_exit_(nearest_exit) {}

    /// @param here  where the packets start; without it every AS takes its preferred route
    [[nodiscard]] Journey follow(NodeIndex node, std::optional<Place> here);

    /// Where `node` would hand over packets that are at `here` for each of its equally good offers.
    /// @param first  the packets start in this AS
    [[nodiscard]] std::vector<std::pair<Offer, std::optional<Place>>> exits(NodeIndex node, std::size_t prefix,
                                                                            Place here, bool first);

private:
    struct Exit {
        Offer offer;
        Place place; ///< where the offer's neighbour, or the site, takes over
        bool known = false;
    };

    [[nodiscard]] Exit choose(NodeIndex node, std::size_t prefix, const ForwardingState::Entry& entry, Place here,
                              bool first);
    [[nodiscard]] std::optional<Place> exit_towards(NodeIndex node, std::size_t prefix, const Offer& offer,
                                                    bool peering, Place here, bool first);
    [[nodiscard]] std::span<const CityIndex> cities_of(NodeIndex node) const;

    const AsGraph& graph_;
    const Places& places_;
    std::vector<Prefix> prefixes_;
    bool nearest_exit_;
    std::vector<Offer> tied_, of_neighbor_; ///< of the AS being asked, and of its neighbour
    struct Asked {
        NodeIndex node;
        std::uint32_t prefix;
        double lat, lon;
        bool operator==(const Asked&) const = default;
    };
    struct HashOfAsked {
        std::size_t operator()(const Asked& asked) const;
    };
    std::unordered_map<Asked, Exit, HashOfAsked> known_; ///< looked up only, never iterated
};

} // namespace firstbyte::bgp
