/// Links of clients whose catchment changes during the run: for each packet the PoP that routes lead to at that moment.
#pragma once

#include "cdn/context.hpp"
#include "cdn/edge.hpp"
#include "core/slab.hpp"

#include <cstdint>
#include <memory>
#include <optional>
#include <vector>

namespace firstbyte::cdn {

class ClientSlice;

/// A link that moves has one pair of paths for each PoP that it has met, made when first needed. The pair of the
/// group's home is the link's own: what the client sends leaves by its path up, and is put on the path of another pair
/// while routes lead elsewhere. Each PoP answers by its own path down.
///
/// Packets in flight arrive where they were going. A PoP that has lost the clients' packets goes on sending: its own
/// packets are not routed by the anycast prefix but by the client's.
/// Model: the way back from a PoP takes as long as the last route that led there. Packets that two PoPs send to one
/// client at once do not stand in one queue. Without reordering no packet overtakes another that goes to the same PoP,
/// also when the route there has become shorter.
class MovingLinks final : public net::WayFinder {
public:
    MovingLinks(Context& context, const std::vector<std::unique_ptr<EdgeServer>>& edges,
                const std::vector<std::unique_ptr<ClientSlice>>& slices);

    /// Takes a new link of a moving group into care.
    /// @param own  its pair at the home PoP; @param names  first of the numbers that its packets draw by
    void add(std::uint32_t group, const PathPair& own, Duration access_delay, std::uint64_t names);
    /// @return whether the pairs that the link has at other PoPs are gone; they stay while something is in flight
    [[nodiscard]] bool drop_further_pairs(const net::Path& own);
    void drop(const net::Path& own);
    /// Rules and records of the link's own pair hold for the others too.
    void set_lab(const net::Path& own, std::uint32_t lab);

    [[nodiscard]] Way choose(const net::Path& own, tcp::Segment& segment) override;

    /// A segment from a client has come to a PoP on `path`.
    void arrive_at_pop(const tcp::Segment& segment, const net::Path& path, std::uint32_t pop);
    /// The path on which a segment comes to a client, by the number of its way.
    [[nodiscard]] net::Path& path_down(std::uint32_t way) {
        const PathPairOfPop& pair = ways_[way];
        return edges_[pair.pop]->paths()[pair.pair.down];
    }
    /// The client's own path up, on which it answers what comes by a way.
    [[nodiscard]] std::uint32_t answer_path(std::uint32_t way) const { return links_[ways_[way].link].own.up; }
    [[nodiscard]] std::uint32_t place_of_way(std::uint32_t way) const { return ways_[way].place; }

    /// Where the group's packets go now, or went when last they went anywhere.
    [[nodiscard]] std::uint32_t place_now(std::uint32_t group);
    [[nodiscard]] PopId pop_of(std::uint32_t group, std::uint32_t place) const { return routes_[group].pops[place]; }
    /// Round trip to a place by the last route that led there, or the first that will; without access delay.
    [[nodiscard]] Duration rtt_now(std::uint32_t group, std::uint32_t place) {
        const Route& route = route_now(group);
        return (*route.spans)[last_span_to(route, place)].rtt;
    }
    /// Why a connection that `place` has had since `since` is lost now, as far as routes are the reason.
    struct Loss {
        std::int32_t event = -1; ///< that took the route away
        bool rerouted = false;   ///< packets went to another PoP
        bool blackholed = false; ///< packets went nowhere
    };
    [[nodiscard]] Loss loss_of(std::uint32_t group, std::uint32_t place, Instant since);

    // Kinds of paths in the names of their events: those of links that do not move have 0, those of origins 1.
    static constexpr std::uint64_t kind_up = 2, kind_down = 1;

private:
    /// A group's route with the span that holds now.
    struct Route {
        const std::vector<RouteSpan>* spans = nullptr;
        std::vector<std::uint32_t> place; ///< by span: where it leads; for one that leads nowhere, the one before's
        std::vector<PopId> pops;          ///< by place
        net::LinkSpec up, down;           ///< the group's, marked as moving
        std::size_t now = 0;
    };
    struct Link {
        std::uint32_t group = 0;
        PathPair own;
        Duration access_delay{};
        std::uint64_t names = 0;
        std::vector<std::uint32_t> ways; ///< by place: 1 + number of the way, 0: not made
    };
    /// A pair of paths between a link's client and one PoP.
    struct PathPairOfPop {
        std::uint32_t link = 0, place = 0, pop = 0;
        PathPair pair;
        std::uint32_t tunnel = no_tunnel; ///< path from other PoPs, in the slab of this one
        std::size_t span = 0;             ///< of the route, that gave the delays
    };
    static constexpr std::uint32_t no_tunnel = 0xffff'ffff;

    [[nodiscard]] Route& route_now(std::uint32_t group);
    [[nodiscard]] std::size_t last_span_to(const Route& route, std::uint32_t place) const;
    std::uint32_t add_way(std::uint32_t link, std::uint32_t place, const PathPair& pair);
    [[nodiscard]] std::uint32_t way_to(std::uint32_t link, std::uint32_t place);
    void set_delays(PathPairOfPop& way, std::size_t span);
    void on_foreign(const tcp::Segment& segment, const net::Path& path, std::uint32_t pop);
    void forward(const tcp::Segment& segment, std::uint32_t link, std::uint32_t from_pop);

    Context& context_;
    const std::vector<std::unique_ptr<EdgeServer>>& edges_;
    const std::vector<std::unique_ptr<ClientSlice>>& slices_;
    std::vector<Route> routes_; ///< by group; empty ones for groups that do not move
    Slab<Link> links_;
    Slab<PathPairOfPop> ways_;
    net::LinkSpec tunnel_; ///< between PoPs: no limit, and each packet arrives in its own time
};

} // namespace firstbyte::cdn
