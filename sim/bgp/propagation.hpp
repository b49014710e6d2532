/// Who reaches which PoP by which path: Gao-Rexford route propagation to the converged state.
#pragma once

#include "bgp/as_graph.hpp"
#include "firstbyte/catchment.hpp"

#include <cstdint>
#include <optional>
#include <span>
#include <utility>
#include <vector>

namespace firstbyte::bgp {

/// One place that announces the anycast prefix.
///
/// Either an AS of the graph as it stands (`node`), or a site of its own: a leaf with its own sessions that carries the
/// AS number `asn`, gives no transit and hears no routes. Many sites may have the same number, also that of an AS of
/// the graph; that AS then rejects their routes, because its own number is in the path.
struct Announcement {
    AsNumber asn = 0;                                           ///< first AS of the path
    std::optional<NodeIndex> node;                              ///< an AS of the graph; its sessions are its links
    std::vector<NodeIndex> providers, peers;                    ///< sessions of a site
    std::uint32_t prepend = 0;                                  ///< extra copies of `asn` towards everyone
    std::vector<std::pair<AsNumber, std::uint32_t>> prepend_to; ///< further extra copies towards one neighbour
    std::optional<std::vector<AsNumber>> only_to;               ///< announced to these neighbours alone
    /// Asked of the neighbours by a community: an AS that uses the route which it received from here directly does not
    /// export it to these ASes. Model: every neighbour honours it and removes it, so ASes farther away export as usual;
    /// a listed AS that is itself a neighbour still receives the announcement (use `only_to` to leave it out).
    std::vector<AsNumber> no_export_to;
};

/// A route as one neighbour of an announcement receives it.
struct DirectOffer {
    NodeIndex to = 0;
    std::uint32_t announcement = 0; ///< position in the list
    LearnedFrom learned_from{};
    std::uint32_t path_length = 0;
};

/// A route that an AS holds: who told it, and which announcement it leads to.
struct Offer {
    NodeIndex from = 0; ///< the AS itself when the route came from a site
    std::uint32_t announcement = 0;
    bool operator==(const Offer&) const = default;
};

/// The steps of the decision in their order; of a route that was not chosen: the one at which it lost.
enum class DecisionStep : std::uint8_t { Chosen, Loop, LocalPreference, PathLength, Med, NeighborAsn, RouterId };

/// A route as an AS received it, and what became of it.
struct Candidate {
    std::optional<NodeIndex> neighbor; ///< none: a site
    AsNumber neighbor_asn = 0;
    std::uint32_t announcement = 0;
    LearnedFrom learned_from{};
    std::uint32_t path_length = 0; ///< prepends counted
    std::vector<AsNumber> as_path; ///< as received: own number left out unless it is a loop, prepends in
    std::uint32_t med = 0;
    DecisionStep lost_at{};
};

/// The best route of every AS, converged.
///
/// Preference: a customer's route before a peer's before a provider's, then the shorter AS path (prepends count), then
/// the lower AS number of the neighbour; of two announcements with the same number the earlier. Routes from customers
/// are exported to everyone, others to customers only; an AS rejects a path that holds its own number.
class Routes {
public:
    /// `graph` and `announcements` must outlive the routes.
    Routes(const AsGraph& graph, std::span<const Announcement> announcements);

    [[nodiscard]] bool reached(NodeIndex node) const { return keys_[node] != no_route; }

    // The rest is asked of reached ASes only.
    [[nodiscard]] std::uint32_t announcement(NodeIndex node) const { return announcement_[node]; }
    [[nodiscard]] LearnedFrom learned_from(NodeIndex node) const;
    [[nodiscard]] std::uint32_t
    path_length(NodeIndex node) const; ///< ASes of the path, prepends counted; 0 at an origin
    /// The neighbour from whom the route came; none when it came from a site, and at an origin.
    [[nodiscard]] std::optional<NodeIndex> next_hop(NodeIndex node) const;
    /// The AS path as received: own number left out, prepends in.
    [[nodiscard]] std::vector<AsNumber> as_path(NodeIndex node) const;
    /// The ASes that packets pass, `node` first; a site is not among them, an announcing AS of the graph is the last.
    [[nodiscard]] std::vector<NodeIndex> forwarding_path(NodeIndex node) const;
    /// The step of the decision that left one of the routes received.
    [[nodiscard]] DecidedBy decided_by(NodeIndex node) const;
    /// The routes `node` holds that are equal to its best in preference and length, that one first and the rest in the
    /// order of preference. A router of that AS may take any of them: the one whose exit is nearest to it. Nothing at
    /// an origin and at an AS without a route.
    /// @param out  replaced
    void tied(NodeIndex node, std::vector<Offer>& out) const;

    /// Every route that `node` received, the chosen one first, rejected loops last. An AS without a route may have
    /// received loops; an origin's list is empty.
    [[nodiscard]] std::vector<Candidate> candidates(NodeIndex node) const;

private:
    /// A route as one integer: class, path length, number of the neighbour, whether that is an AS of the graph. Smaller
    /// is better, so a decision is a minimum.
    using Key = std::uint64_t;
    static constexpr Key no_route = ~Key{0};
    static constexpr int class_shift = 62, length_shift = 33, number_shift = 1;

    [[nodiscard]] static Key make_key(LearnedFrom learned_from, std::uint32_t length, AsNumber neighbor, bool of_graph);
    static LearnedFrom class_of(Key key) { return static_cast<LearnedFrom>(key >> class_shift); }
    static std::uint32_t length_of(Key key) { return static_cast<std::uint32_t>((key << 2) >> (length_shift + 2)); }

    void collect_direct_offers();
    void accept_direct_offers();
    void find_careful_nodes();
    void propagate_up();
    void propagate_across();
    void propagate_down();
    void propagate_down_cyclic();
    void improve(NodeIndex node, Key key, NodeIndex neighbor, std::uint32_t announcement);
    void pull_from_providers(NodeIndex node, bool careful);
    [[nodiscard]] bool permitted(NodeIndex exporter, NodeIndex receiver) const;
    [[nodiscard]] bool allowed(NodeIndex exporter, NodeIndex receiver) const {
        return careful_nodes_.empty() || permitted(exporter, receiver);
    }
    [[nodiscard]] bool passes(NodeIndex node, NodeIndex through) const;
    [[nodiscard]] std::span<const DirectOffer> direct_offers(NodeIndex to) const;
    template <class Use>
    void for_each_candidate(NodeIndex node, Use use) const;

    const AsGraph& graph_;
    std::span<const Announcement> announcements_;
    std::vector<DirectOffer> direct_offers_; ///< by receiver, then announcement
    std::vector<NodeIndex> careful_nodes_;   ///< ascending; ASes that may not take every route offered to them
    std::vector<Key> keys_;
    std::vector<NodeIndex> next_hop_; ///< itself when the route came from a site or starts here
    std::vector<std::uint32_t> announcement_;
    std::vector<NodeIndex> with_customer_route_;
};

} // namespace firstbyte::bgp
