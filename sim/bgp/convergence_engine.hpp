/// The event loop of BGP convergence: decisions, MRAI clocks, sessions.
#pragma once

#include "bgp/convergence_queue.hpp"
#include "bgp/convergence_record.hpp"
#include "bgp/convergence_rib.hpp"
#include "core/random.hpp"

#include <cstdint>
#include <limits>
#include <span>
#include <utility>
#include <vector>

namespace firstbyte::bgp {

/// Who changes because of whom, watched after routes failed to settle.
class WheelFinder {
public:
    void note(NodeIndex node, NodeIndex from) { edges_.emplace_back(node, from); }
    /// One cycle among those noted, from the AS of the lowest number on it; empty when there is none.
    [[nodiscard]] std::vector<NodeIndex> find(const AsGraph& graph);

private:
    std::vector<std::pair<NodeIndex, NodeIndex>> edges_;
};

class ConvergenceEngine {
public:
    /// The references must outlive it.
    /// @param from_nothing  for settle(): `start` is empty
    ConvergenceEngine(const AsGraph& graph, std::span<const Announcement> announcements,
                      const ConvergenceSettings& settings, std::span<const BestRoute> start, bool from_nothing);

    /// Without time, from nothing: everyone announces, then one AS decides after the other until nobody has a reason
    /// to.
    /// @returns the wheel when that does not end
    [[nodiscard]] std::vector<NodeIndex> settle();

    /// With time, from the start. Once.
    /// @returns the wheel when routes do not settle
    [[nodiscard]] std::vector<NodeIndex> run(std::span<const RoutingChange> changes);

    [[nodiscard]] BestRoute best(NodeIndex node) const;
    [[nodiscard]] ChoiceRecorder& choices() { return choices_; }
    [[nodiscard]] std::vector<RouteTimeline::Figures>& figures() { return figures_; }
    [[nodiscard]] std::vector<RouteTimeline::Move>& moves() { return moves_; }

    /// UPDATEs as recorded: their paths lie one behind the other in `numbers`.
    struct Recorded {
        Instant at{};
        NodeIndex from = 0, to = 0;
        std::uint32_t first_number = 0, numbers = 0;
    };
    [[nodiscard]] std::vector<Recorded>& recorded() { return recorded_; }
    [[nodiscard]] std::vector<AsNumber>& recorded_numbers() { return recorded_numbers_; }

private:
    using Time = std::int64_t; ///< ns since the start
    static constexpr Time long_ago = std::numeric_limits<Time>::min() / 2;
    enum Kind : std::uint32_t { Change, SessionLost, Decide, Expiry }; ///< of an event; above it whose clock it is
    static constexpr std::uint32_t kind_bits = 2, kind_mask = 3;

    /// The sending side of a session end.
    struct Sender {
        Time sent_at = long_ago;   ///< when the clock started last
        PathId sent = as_at_start; ///< what the neighbour was told last
        std::uint32_t intervals : 31 = 0;
        std::uint32_t waiting : 1 = 0; ///< an expiry is in the queue
    };
    /// An AS, or behind these the site of an announcement.
    struct Process {
        Time decide_at = -1; ///< end of the batch of input that is open, or of the last one
        std::uint32_t batches = 0;
        bool queued = false;  ///< a decision is in the queue
        bool dirty = false;   ///< something relevant came in
        bool refresh = false; ///< what it has to tell may have changed although its choice did not
        bool dead = false;
    };
    struct Sent {
        SessionEnd end = 0; ///< the receiver's
        NodeIndex to = 0;
        PathId path = no_path;
    };

    // what the speakers do: convergence_engine.cpp
    [[nodiscard]] bool gave_up(std::uint64_t& watch_until);
    void instant();
    void open_batch(std::uint32_t process, Time now);
    void need_decision(std::uint32_t process, Time now);
    void decide(std::uint32_t process, Time now);
    void tell_all(NodeIndex node, Time now);
    void tell_all_of_site(std::uint32_t announcement, Time now);
    void tell(std::uint32_t process, SessionEnd end, PathId path, Time now);
    void expire(std::uint32_t process, SessionEnd end, Time now);
    void deliver(Time now);
    void receive(SessionEnd end, NodeIndex owner, PathId path, Time now);
    [[nodiscard]] Time interval(std::uint32_t process, SessionEnd end) const;
    [[nodiscard]] bool outgoing(SessionEnd end) const { return end < rib_.sessions().first_site(); }
    [[nodiscard]] std::uint32_t owner(SessionEnd end) const; ///< process that sends at this end
    [[nodiscard]] std::uint32_t site_process(std::uint32_t announcement) const { return nodes_ + announcement; }
    [[nodiscard]] std::pair<std::uint32_t, std::uint64_t> name(std::uint32_t process) const;

    // what happens to them: convergence_changes.cpp
    void apply(const RoutingChange& change, Time now);
    void announcement_changed(std::uint32_t announcement, Time now);
    void change_link(const RoutingChange& change, bool down, Time now);
    void die(std::uint32_t process, std::uint32_t announcement, Time now);
    void come_back(std::uint32_t process, std::uint32_t announcement, Time now);
    template <class Use>
    void for_each_end_of(std::uint32_t process, std::uint32_t announcement, Use use);
    void tear_down(SessionEnd end, Time now);
    void bring_up(SessionEnd end, Time now);
    void lose_session(SessionEnd end, Time now);
    [[nodiscard]] Time silence_noticed_after(std::uint32_t dead, SessionEnd end) const;

    void know_start(NodeIndex node);
    void count(const Sent& sent, Time now);
    void begin_figures(Time now);
    void note_reached(NodeIndex node, bool was, bool is);

    const AsGraph& graph_;
    std::span<const Announcement> announcements_;
    const ConvergenceSettings& settings_;
    NodeIndex nodes_;
    Draws draws_;
    Rib rib_;
    Time mrai_, constant_processing_;
    std::uint64_t updates_ = 0, updates_max_;
    std::span<const RoutingChange> changes_;
    ConvergenceQueue queue_;
    std::vector<Sender> senders_;
    std::vector<Process> processes_;
    std::vector<std::uint8_t> link_down_;
    FlatMap64<Time> lost_at_; ///< by the end that will notice
    std::vector<ConvergenceQueue::Event> due_, decisions_, expiries_;
    std::vector<Sent> sent_;
    std::vector<RouteTimeline::Offer> tied_, tied_at_start_;
    std::vector<NodeIndex> dirty_; ///< of settle()
    bool timed_ = true, watching_ = false;
    WheelFinder wheel_;

    ChoiceRecorder choices_;
    std::vector<RouteTimeline::Figures> figures_;
    std::vector<RouteTimeline::Move> moves_;
    std::vector<std::uint32_t> lost_in_; ///< by node: the last change, counted from 1, after which it lost its route
    std::vector<Recorded> recorded_;
    std::vector<AsNumber> recorded_numbers_;
};

} // namespace firstbyte::bgp
