/// What happens to routes in the seconds after a change: BGP by messages, before any packet is simulated.
#pragma once

#include "bgp/propagation.hpp"
#include "firstbyte/scenario.hpp"
#include "firstbyte/units.hpp"

#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <vector>

namespace firstbyte::bgp {

/// Which routes an AS prefers and passes on.
enum class RoutingPolicy : std::uint8_t {
    GaoRexford, ///< by relation, as Routes has it
    None,       ///< no preference by relation, and every route goes to every neighbour
};

/// Bidirectional Forwarding Detection (RFC 5880) on every session.
struct Bfd {
    Duration interval = std::chrono::milliseconds{300};
    std::uint32_t multiplier = 3; ///< intervals without a packet until the session is down
};

/// How speakers behave in time.
///
/// Model: an UPDATE travels in no time; what a hop costs is `processing`. Sessions come up at once. One prefix.
struct ConvergenceSettings {
    /// MinRouteAdvertisementInterval, per session and prefix (RFC 4271 section 9.2.1.1; its section 10 suggests 30 s);
    /// 0: none. The clock runs from each UPDATE sent, and only then: an expiry that finds nothing to send starts none.
    Duration mrai = std::chrono::seconds{30};
    /// Each interval is drawn uniformly between 1 - jitter and 1 times `mrai` (RFC 4271 section 10: 0.75 to 1).
    double mrai_jitter = 0.25;
    /// A withdrawal is sent at once but starts the clock, so that the next announcement waits. FRR does.
    bool withdraw_starts_mrai = true;
    /// A withdrawal that takes the place of an announcement which is still waiting waits as long as that one would
    /// have. FRR does: while the timer of a peer runs, it writes nothing to it.
    bool withdraw_waits_behind_announcement = true;
    /// Withdrawals wait for the clock as announcements do: the letter of RFC 4271 section 9.2.1.1.
    bool mrai_applies_to_withdraw = false;
    /// From the first UPDATE received to the decision on all received meanwhile, in ns. FRR collects for 50 ms.
    Distribution processing = Distribution::fixed(std::chrono::milliseconds{50});
    RoutingPolicy policy = RoutingPolicy::GaoRexford;
    RoutePolicy routes;                            ///< ties, leaks and origin validation, as Routes has them
    Duration hold_time = std::chrono::seconds{90}; ///< RFC 4271 section 10; 0: silence is never noticed
    Duration keepalive = std::chrono::seconds{30}; ///< RFC 4271 section 10
    std::optional<Bfd> bfd;
    std::vector<std::uint32_t> silent_at_start; ///< announcements that are first made by a change
    std::uint64_t seed = 1;
    std::uint32_t replication = 0;
    bool record_updates = false; ///< keep every UPDATE received, for RouteTimeline::updates()
    /// UPDATEs after which routes count as oscillating; 0: so many per session that only oscillating ones reach it.
    std::uint64_t updates_max = 0;
};

/// Something that happens to an announcement or to a link.
struct RoutingChange {
    enum class Kind : std::uint8_t {
        Withdraw,
        Announce,            ///< again, or for the first time when it was silent at the start
        SetPrepend,          ///< `value` extra copies towards everyone
        SetGracefulShutdown, ///< towards everyone (RFC 8326), as Announcement::graceful_shutdown; `value` 1: on, 0: off
        LinkDown,            ///< carrier lost: both ends know at once
        LinkUp,
        SiteDies, ///< silently: neighbours notice by hold timer or BFD. An AS of the graph dies with all its sessions
        SiteReturns,
    };
    Instant at{};
    Kind kind = Kind::Withdraw;
    std::uint32_t announcement = 0; ///< position in the list
    std::uint32_t value = 0;
    /// Links only: the ends, both ASes of the graph. Without `link_from` that end is the site of `announcement`.
    std::optional<NodeIndex> link_from;
    NodeIndex link_to = 0;
};

/// The route an AS uses.
struct BestRoute {
    bool reached = false;
    LearnedFrom learned_from = LearnedFrom::Origin;
    std::uint32_t length = 0;       ///< ASes of the path, prepends counted; 0 at an origin
    NodeIndex from = 0;             ///< the AS itself when the route came from a site or starts here
    std::uint32_t announcement = 0; ///< position in the list
    bool operator==(const BestRoute&) const = default;
};

/// Where routes come to rest, or who keeps them from it.
struct Fixpoint {
    std::vector<BestRoute> best; ///< by node; as far as it went when it does not settle
    /// The dispute wheel (Griffin, Shepherd and Wilfong, 2002): ASes whose best route keeps changing, each because of
    /// the route of the next one, the last because of the first's. Empty when the routes settle.
    std::vector<NodeIndex> wheel;

    [[nodiscard]] bool settled() const { return wheel.empty(); }
    /// The AS path as received: own number left out, prepends in.
    /// @pre the node is reached and the routes are settled
    [[nodiscard]] std::vector<AsNumber> as_path(const AsGraph& graph, std::span<const Announcement> announcements,
                                                NodeIndex node) const;
};

/// Converged routes under any policy and with leaks: messages from an empty start, one AS deciding after the other.
/// Where several outcomes are stable, the order of the decisions chooses one, always the same. Times and probabilities
/// of `settings` do not matter. Without leaks under GaoRexford the same as Routes, which is faster.
[[nodiscard]] Fixpoint converge(const AsGraph& graph, std::span<const Announcement> announcements,
                                const ConvergenceSettings& settings);

/// Routes over time: the converged start, then every change of an AS's choice.
class RouteTimeline {
public:
    using Offer = bgp::Offer;
    struct Choice {
        bool reached = false; ///< the rest says something only if it is
        LearnedFrom learned_from = LearnedFrom::Origin;
        std::uint32_t length = 0; ///< ASes of the path, prepends counted
        /// The offers that are equal up to MED, in the order of preference: the one used is first. At an origin its
        /// own announcements.
        std::span<const Offer> tied;
    };
    struct Change {
        Instant at{};
        NodeIndex node = 0;
    };
    /// One change of a best route; whoever it is tied with does not count, and dying is no change.
    struct Move {
        Instant at{};
        NodeIndex node = 0;
        bool had = false, has = false; ///< a route, before and after
    };
    /// What followed a routing change until the next one of the list.
    struct Figures {
        Instant at{};
        Instant first_update = never, last_update = never; ///< UPDATEs received; never: none
        std::uint64_t announcements = 0, withdrawals = 0;  ///< received
        Instant last_choice = never;                       ///< last change of a best route; never: none
        std::uint32_t lost_route = 0;   ///< ASes that were without a route at some time; dead ones do not count
        std::uint32_t left_without = 0; ///< of these, the ones that did not get one again
    };
    /// One UPDATE as it arrived.
    struct Update {
        Instant at{};
        NodeIndex from = 0; ///< the receiver itself when a site sent it
        NodeIndex to = 0;
        std::span<const AsNumber> path; ///< the AS path sent; empty: a withdrawal
    };
    /// Where packets end up.
    enum class Delivery : std::uint8_t { Delivered, NoRoute, Loop };
    struct Trace {
        Delivery outcome = Delivery::NoRoute;
        std::uint32_t announcement = 0; ///< reached, if delivered
        std::vector<NodeIndex> path;    ///< ASes passed, the first included; of a loop once around
    };

    /// Runs the changes to the end.
    ///
    /// Each link of the graph is a session; an announcing AS of the graph that withdraws hears and passes on other
    /// routes from then on, while a site hears nothing. As FRR, an AS groups its sessions by export policy (customers;
    /// peers and providers; all of them in one where it passes on everything) and returns a route to the neighbour it
    /// came from unless that one is alone in its group: the receiver sees the loop.
    /// @param changes  in order of time; several may be at one instant
    /// @throws nothing; when start or end do not settle, wheel() names who is responsible
    /// `graph` and `announcements` must outlive it.
    RouteTimeline(const AsGraph& graph, std::span<const Announcement> announcements,
                  const ConvergenceSettings& settings, std::span<const RoutingChange> changes);
    ~RouteTimeline();
    RouteTimeline(RouteTimeline&&) noexcept;
    RouteTimeline& operator=(RouteTimeline&&) noexcept;

    /// Null: the choice did not change up to and including `t`, the converged start holds.
    [[nodiscard]] const Choice* at(NodeIndex node, Instant t) const;
    /// When the choice changes next, later than `after`; never when it does not.
    [[nodiscard]] Instant next_change(NodeIndex node, Instant after) const;
    /// All changes of a choice, in order of time, then of nodes. At most one per node and instant.
    [[nodiscard]] std::span<const Change> changes() const;

    [[nodiscard]] const Fixpoint& start() const;
    [[nodiscard]] std::span<const Move> moves() const; ///< in order of time; of a node perhaps several at one instant
    [[nodiscard]] std::span<const Figures> figures() const;    ///< by routing change
    [[nodiscard]] std::span<const Update> updates() const;     ///< if recorded: in order of time
    [[nodiscard]] const std::vector<NodeIndex>& wheel() const; ///< see Fixpoint; empty when routes settled

    /// The route used at an instant, the converged start included.
    [[nodiscard]] BestRoute best(NodeIndex node, Instant t) const;
    /// Follows best routes as they stand at an instant.
    [[nodiscard]] Trace trace(NodeIndex node, Instant t) const;

private:
    struct Data;
    std::unique_ptr<Data> data_;
};

} // namespace firstbyte::bgp
