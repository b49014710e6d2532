/// What every AS holds of the prefix, what it decides and what it would tell whom. Knows no time.
#pragma once

#include "bgp/convergence_paths.hpp"
#include "bgp/convergence_sessions.hpp"

#include <cstdint>
#include <span>
#include <tuple>
#include <utility>
#include <vector>

namespace firstbyte::bgp {

/// How good an offer is before ties: preference, then length; smaller is better.
using Rank = std::uint32_t;
inline constexpr int rank_shift = 28; // paths are shorter than this many bits count

/// Outcome of a decision.
struct Selection {
    static constexpr std::uint8_t own = 0, best = 1, graceful = 4, nothing = 5; ///< preferences; between them relations
    static constexpr Rank no_rank = Rank{nothing} << rank_shift;
    std::uint8_t preference = nothing;
    LearnedFrom learned_from = LearnedFrom::Origin;
    std::uint32_t length = 0;
    NodeIndex from = 0;             ///< the AS itself when the route came from a site or starts here
    std::uint32_t announcement = 0; ///< of the route used
    PathId path = no_path;          ///< as received; none at an origin

    [[nodiscard]] bool reached() const { return preference != nothing; }
    [[nodiscard]] Rank rank() const { return Rank{preference} << rank_shift | length; }
    /// As far as a selection can tell: other offers may be tied with it.
    [[nodiscard]] bool same_choice(const Selection& other) const {
        return reached() == other.reached() && length == other.length && learned_from == other.learned_from &&
               from == other.from && announcement == other.announcement;
    }
};

class Rib {
public:
    using Offer = RouteTimeline::Offer;

    /// Everything stands as `start` has it. The references must outlive it.
    /// @param from_nothing  `start` is empty: nobody has announced anything yet
    Rib(const AsGraph& graph, std::span<const Announcement> announcements, const ConvergenceSettings& settings,
        std::span<const BestRoute> start, bool from_nothing);

    // --- announcements -------------------------------------------------------------------------------------------

    struct Announced {
        bool live = true;
        bool graceful = false;
        std::uint32_t prepend = 0;
    };
    [[nodiscard]] Announced& announced(std::uint32_t announcement) { return announced_[announcement]; }

    // --- decisions -----------------------------------------------------------------------------------------------

    [[nodiscard]] const Selection& selection(NodeIndex node) const { return speakers_[node].selection; }

    /// Takes in what arrived at an end: a path, or none.
    /// @returns whether the owner's next decision could differ
    bool receive(SessionEnd end, NodeIndex owner, PathId path);

    /// Decides anew from what is held.
    /// @param tied  receives the offers that are equal up to MED, in the order of preference
    /// @returns whether the path used, its class or its preference changed
    bool decide(NodeIndex node, std::vector<Offer>& tied);

    /// The decision at the start, of which `start` holds the outcome only.
    [[nodiscard]] Selection decide_at_start(NodeIndex node, std::vector<Offer>& tied);

    /// Forgets the node's decision: it has nothing.
    void forget(NodeIndex node);

    // --- exports -------------------------------------------------------------------------------------------------

    /// What `node` now has to tell, worked out once for all its sessions.
    struct Export {
        PathId to_customers = no_path, to_others = no_path;
        bool origin = false; ///< the path depends on the neighbour
    };
    [[nodiscard]] const Export& exports(NodeIndex node) const { return speakers_[node].exported; }
    /// Ends at which something may have to be said after a decision: customers only, when nobody else knew of anything
    /// and nobody else is to know.
    [[nodiscard]] SessionEnd first_to_tell(NodeIndex node);
    /// What goes out at one end of `node`: a path, or none.
    [[nodiscard]] PathId export_to(NodeIndex node, SessionEnd end, const Export& exported);
    /// What a site sends at its end.
    [[nodiscard]] PathId export_of_site(SessionEnd end);
    /// What had gone out at an end when everything started; `owner` counts in the graph only.
    [[nodiscard]] PathId exported_at_start(NodeIndex owner, SessionEnd end);

    /// Tells the processor that receive() will be called.
    void prefetch(SessionEnd end, NodeIndex owner) const {
        __builtin_prefetch(&held_[end]);
        __builtin_prefetch(&speakers_[owner]);
    }

    // --- sessions ------------------------------------------------------------------------------------------------

    [[nodiscard]] bool is_up(SessionEnd end) const { return down_[end] == 0; }
    void set_down(SessionEnd end, bool down);

    [[nodiscard]] bool has_own(NodeIndex node) const { return speakers_[node].has_own; }
    [[nodiscard]] bool has_sites(NodeIndex node) const { return speakers_[node].has_sites; }
    [[nodiscard]] const Sessions& sessions() const { return sessions_; }
    [[nodiscard]] Paths& paths() { return paths_; }
    [[nodiscard]] AsNumber number(NodeIndex node) const { return graph_.number(node); }

private:
    struct Speaker {
        Selection selection;
        Export exported;
        bool others_know = false; ///< peers or providers may hold something
        bool leaks = false;
        bool validates = false; ///< drops announcements that no ROA covers
        bool has_own = false;   ///< some announcement names it
        bool has_sites = false; ///< sessions with sites
    };
    struct Held {
        PathId path = as_at_start;
        Rank rank = unknown_rank;
    };
    static constexpr Rank unknown_rank = ~Rank{}; ///< of what is as at the start: worked out when somebody asks
    /// Ties are decided by these, in their order: rank of the neighbour, what it is, MED, router id, position.
    using TieOrder = std::tuple<std::uint32_t, std::uint8_t, std::uint32_t, std::uint32_t, std::uint32_t>;
    struct Candidate {
        TieOrder order;
        Offer offer;
        PathId path = no_path;
        SessionEnd end = 0;
    };
    using OwnAnnouncement = std::pair<NodeIndex, std::uint32_t>;

    [[nodiscard]] std::uint8_t preference_of(LearnedFrom relation) const;
    [[nodiscard]] bool passes_on(LearnedFrom learned_from, NodeIndex node) const;
    [[nodiscard]] Rank rank_of(SessionEnd end, PathId path) const;
    [[nodiscard]] Rank rank_at_start(SessionEnd end);
    void work_out_export(NodeIndex node);
    [[nodiscard]] bool alone_in_group(NodeIndex node, SessionEnd end) const;
    [[nodiscard]] std::span<const OwnAnnouncement> own(NodeIndex node) const;
    [[nodiscard]] PathId own_export(NodeIndex node, NodeIndex neighbor, bool at_start);
    [[nodiscard]] PathId site_export(SessionEnd end, bool at_start);
    [[nodiscard]] PathId path_of(std::uint32_t announcement, AsNumber neighbor, bool at_start);
    [[nodiscard]] bool refuses(NodeIndex node, PathId path) const;
    [[nodiscard]] PathId as_asked(NodeIndex node, PathId path, std::uint32_t announcement, NodeIndex neighbor);
    [[nodiscard]] TieOrder tie_order(NodeIndex node, SessionEnd end, bool of_graph, PathId path) const;
    [[nodiscard]] Selection select(NodeIndex node, std::vector<Offer>& tied, bool at_start);

    const AsGraph& graph_;
    std::span<const Announcement> announcements_;
    std::span<const BestRoute> start_;
    RoutingPolicy policy_;
    RoutePolicy route_policy_;
    Sessions sessions_;
    Paths paths_;
    std::vector<Speaker> speakers_;
    std::vector<Held> held_;         ///< by the receiver's end
    std::vector<std::uint8_t> down_; ///< by end
    std::vector<std::uint8_t> was_live_;
    std::vector<Announced> announced_;
    std::vector<OwnAnnouncement> own_;  ///< ascending
    std::vector<Candidate> candidates_; ///< of the decision being made
    bool any_asks_ = false;             ///< some announcement has communities that bind neighbours on export
};

} // namespace firstbyte::bgp
