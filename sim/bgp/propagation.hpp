/// Who reaches which PoP by which path: Gao-Rexford route propagation to the converged state.
#pragma once

#include "bgp/announcement.hpp"
#include "bgp/as_graph.hpp"
#include "firstbyte/catchment.hpp"

#include <cstdint>
#include <optional>
#include <span>
#include <vector>

namespace firstbyte::bgp {

/// A route that an AS holds: who told it, and which announcement it leads to.
struct Offer {
    NodeIndex from = 0; ///< the AS itself when the route came from a site
    std::uint32_t announcement = 0;
    bool operator==(const Offer&) const = default;
};

/// The steps of the decision in their order; of a route that was not chosen: the one at which it lost. Tied: at the
/// order of the neighbours, which RoutePolicy::tie_break gives.
enum class DecisionStep : std::uint8_t {
    Chosen,
    Loop,
    OriginValidation,
    LocalPreference,
    PathLength,
    Med,
    NeighborAsn,
    RouterId
};

/// A route as an AS received it, and what became of it.
struct Candidate {
    std::optional<NodeIndex> neighbor; ///< none: a site
    AsNumber neighbor_asn = 0;
    std::uint32_t announcement = 0;
    LearnedFrom learned_from{};
    bool shut_down = false;        ///< graceful shutdown: preferred less than every other route
    std::uint32_t path_length = 0; ///< prepends counted
    std::vector<AsNumber> as_path; ///< as received, prepends in
    std::uint32_t med = 0;
    DecisionStep lost_at{};
};

/// The route of one AS, decided elsewhere.
struct GivenRoute {
    bool reached = false;
    LearnedFrom learned_from{};
    std::uint32_t path_length = 0; ///< 0 at an origin
    Offer offer;                   ///< `from` is the AS itself at an origin too
};

/// The best route of every AS, converged.
///
/// Preference: a customer's route before a peer's before a provider's before one that is shut down gracefully; then
/// the shorter AS path (prepends count); then the neighbour by RoutePolicy::tie_break; then, of two announcements with
/// the same number, the lower MED and the lower router id. Routes from customers are exported to everyone, others to
/// customers only; an AS rejects a path that holds its own number.
///
/// Without leaks and shutdowns there is one such state, and it is found directly. With them there may be several, or
/// none (RFC 4264). Then the routes are those to which the ASes come when the leaks and shutdowns begin after all had
/// converged, one AS at a time deciding anew.
class Routes {
public:
    /// `graph` and `announcements` must outlive the routes.
    Routes(const AsGraph& graph, std::span<const Announcement> announcements, const RoutePolicy& policy = {});

    /// Routes that were decided elsewhere, one per AS of the graph.
    Routes(const AsGraph& graph, std::span<const Announcement> announcements, const RoutePolicy& policy,
           std::span<const GivenRoute> given);

    [[nodiscard]] bool reached(NodeIndex node) const { return keys_[node] != no_route; }

    // Asked of reached ASes only.
    [[nodiscard]] std::uint32_t announcement(NodeIndex node) const { return announcement_[node]; }
    [[nodiscard]] LearnedFrom learned_from(NodeIndex node) const;
    /// ASes of the path, prepends counted; 0 at an origin.
    [[nodiscard]] std::uint32_t path_length(NodeIndex node) const { return length_of(keys_[node]); }
    /// The neighbour from whom the route came; none when it came from a site, and at an origin.
    [[nodiscard]] std::optional<NodeIndex> next_hop(NodeIndex node) const;
    /// The AS path as received: own number left out, prepends in.
    [[nodiscard]] std::vector<AsNumber> as_path(NodeIndex node) const;
    /// The ASes that packets pass, `node` first; a site is not among them, an announcing AS of the graph is the last.
    [[nodiscard]] std::vector<NodeIndex> forwarding_path(NodeIndex node) const;
    /// The step of the decision that left one of the routes received.
    [[nodiscard]] DecidedBy decided_by(NodeIndex node) const;

    /// The routes `node` holds that are equal to its best up to MED, that one first and the rest in the order of
    /// preference. A router of that AS may take any of them: the one whose exit is nearest to it. Nothing at an origin
    /// and at an AS without a route.
    /// @param out  replaced
    void tied(NodeIndex node, std::vector<Offer>& out) const;

    /// Every route that `node` received, the chosen one first, rejected ones last. An AS without a route may have
    /// received some; an origin's list is empty.
    [[nodiscard]] std::vector<Candidate> candidates(NodeIndex node) const;

    /// ASes whose decisions did not come to rest, because leaks or shutdowns form a dispute wheel (Griffin, Shepherd
    /// and Wilfong, 2002); empty otherwise. Such an AS keeps the route it had when it was given up.
    [[nodiscard]] const std::vector<NodeIndex>& unsettled() const { return unsettled_; }

    [[nodiscard]] const AsGraph& graph() const { return *graph_; }
    [[nodiscard]] std::span<const Announcement> announcements() const { return announcements_; }

private:
    friend class WhatIf;

    /// A route as one integer: preference, path length, neighbour, and what it is among routes of that neighbour.
    /// Smaller is better, so a decision is a minimum.
    using Key = std::uint64_t;
    enum class Preference : std::uint8_t { Origin, Customer, Peer, Provider, ShutDown };
    static constexpr int preference_shift = 61, length_shift = 34, neighbor_shift = 2;
    static constexpr Key no_route = ~Key{0};
    static constexpr Key first_of(Preference preference) { return static_cast<Key>(preference) << preference_shift; }
    static constexpr Key peer_floor = Key{2} << preference_shift, provider_floor = Key{3} << preference_shift;
    static constexpr Key one_longer = Key{1} << length_shift;
    static constexpr Key among_equals = one_longer - 1; ///< the bits below the length

    /// Rank within the neighbour: a site without MED, an AS of the graph, whatever has a MED.
    enum class Kind : std::uint8_t { Site, As, WithMed };

    /// A session on which an announcement is heard.
    struct DirectOffer {
        Key key = 0;
        NodeIndex to = 0;
        NodeIndex from = 0; ///< `to` when it is a site's
        std::uint32_t announcement = 0;
        std::uint32_t med = 0;
        std::uint32_t router_id = 0;
        LearnedFrom learned_from{};
    };

    enum Flag : std::uint8_t {
        HearsDirectly = 1, ///< has direct offers
        Announces = 2,     ///< an announcement's node
        Filters = 4,       ///< may refuse a route because of the announcement
        IsAsked = 8,       ///< an announcement it hears asks for something on export
        Leaks = 16,
        Validates = 32
    };

    static Preference preference_of(Key key) { return static_cast<Preference>(key >> preference_shift); }
    static std::uint32_t length_of(Key key) {
        return static_cast<std::uint32_t>((key & (first_of(Preference::Customer) - 1)) >> length_shift);
    }
    static Key make_key(Preference preference, std::uint32_t length, std::uint32_t neighbor, Kind kind) {
        return first_of(preference) | Key{length} << length_shift | Key{neighbor} << neighbor_shift |
               static_cast<Key>(kind);
    }
    [[nodiscard]] std::uint32_t rank_of_neighbor(NodeIndex at, AsNumber neighbor) const;
    [[nodiscard]] bool is(NodeIndex node, Flag flag) const { return (flags_[node] & flag) != 0; }
    [[nodiscard]] bool one_state() const { return policy_.leaking.empty() && !has_shutdown_; }

    // propagation.cpp
    void mark_nodes();
    void collect_direct_offers(bool honour_shutdown);
    void solve();
    void accept_direct_offers();
    void climb();
    void climb_by_length();
    void cross();
    void descend();
    void descend_by_length();
    void improve(NodeIndex node, Key key, NodeIndex neighbor, std::uint32_t announcement);
    template <class Improved>
    void export_customer_route(NodeIndex node, std::span<const NodeIndex> neighbors, Preference preference,
                               Improved improved);

    // offers.cpp
    [[nodiscard]] Key exported(NodeIndex from, NodeIndex to, Preference preference) const;
    [[nodiscard]] Key offer(NodeIndex from, NodeIndex to, Preference preference) const;
    [[nodiscard]] bool refuses(NodeIndex node, std::uint32_t announcement) const;
    [[nodiscard]] std::uint32_t extra_on_export(NodeIndex from, NodeIndex to) const;
    [[nodiscard]] bool received_directly(NodeIndex node) const;
    [[nodiscard]] std::span<const DirectOffer> direct_offers(NodeIndex to) const;
    [[nodiscard]] const DirectOffer* best_direct_offer(NodeIndex to) const;
    [[nodiscard]] std::optional<std::uint32_t> own_announcement(NodeIndex node) const;
    [[nodiscard]] bool passes(NodeIndex node, NodeIndex through) const;
    template <class Use>
    void for_each_offer(NodeIndex node, Use use) const;

    // settle.cpp
    void settle();

    const AsGraph* graph_;
    std::span<const Announcement> announcements_;
    RoutePolicy policy_;
    bool has_shutdown_ = false;
    std::vector<std::uint8_t> flags_;        ///< of each AS
    std::vector<std::uint8_t> withdrawn_;    ///< of each announcement
    std::vector<DirectOffer> direct_offers_; ///< by receiver, the most preferred first
    std::vector<Key> keys_;
    std::vector<NodeIndex> next_hop_; ///< itself when the route came from a site or starts here, or there is none
    std::vector<std::uint32_t> announcement_;
    std::vector<NodeIndex> with_customer_route_;
    std::vector<NodeIndex> unsettled_;
};

} // namespace firstbyte::bgp
