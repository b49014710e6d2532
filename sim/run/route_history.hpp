/// The routes of a scenario over its time line: what packets meet at each moment, decided before the first of them.
#pragma once

#include "bgp/convergence.hpp"
#include "firstbyte/catchment.hpp"
#include "run/router.hpp"

#include <cstdint>
#include <deque>
#include <memory>
#include <optional>
#include <string>
#include <vector>

namespace firstbyte {

/// The way of one client group from one moment on.
struct WaySpan {
    Instant from{};
    Reach reach = Reach::Pop;
    std::optional<PopId> pop; ///< Reach::Pop and Reach::DeadPop
    Duration rtt{};
    std::int32_t event = -1; ///< of Scenario::events: the one that led here; -1: none
    bool operator==(const WaySpan&) const = default;
};

/// A span in which a PoP is dead.
struct DeadSpan {
    PopId pop{};
    Instant from{}, until = never;
    std::int32_t event = -1;
};
[[nodiscard]] std::vector<DeadSpan> dead_spans(const Scenario& scenario);

/// Whether any event of the scenario changes routes.
[[nodiscard]] bool routes_move(const Scenario& scenario);

/// Routes of a scenario with a topology.
class RouteHistory {
public:
    /// Lets the scenario's routing events spread through the topology of `router`, which must outlive it.
    /// @param errors  receives links that do not exist (E310) and drains that end before their withdrawal (E403)
    /// Model: one history for all replications, from the scenario's own seed: packets are drawn anew, routes are not.
    RouteHistory(const Scenario& scenario, const Router& router, std::vector<Issue>& errors,
                 std::vector<Issue>& warnings);
    ~RouteHistory();

    /// @param start  the client's way before the first event
    [[nodiscard]] std::vector<WaySpan> spans(std::size_t client, const ClientCatchment& start) const;
    /// The client's way at a moment.
    void at(Instant moment, std::size_t client, ClientCatchment& catchment) const;
    [[nodiscard]] std::vector<AsCatchment> every_as_at(Instant moment) const;
    /// @param ways  of every client, from spans(); null: who settled when is not told
    [[nodiscard]] std::vector<EventConvergence> convergence(const std::vector<std::vector<WaySpan>>* ways) const;

private:
    struct Moment;
    struct Change;
    [[nodiscard]] std::unique_ptr<Moment> moment(Instant at) const;
    void add_changes(std::size_t event, std::vector<Issue>& errors);
    void add_link_changes(std::size_t event, std::vector<Issue>& errors);
    [[nodiscard]] bool linked(const Change& link) const;
    [[nodiscard]] std::optional<Instant> next_change(std::size_t client, const Moment& now,
                                                     const bgp::Journey& journey) const;
    [[nodiscard]] std::int32_t event_before(Instant at) const;
    [[nodiscard]] bool dead(PopId pop, Instant at) const;
    [[nodiscard]] Settling settling(std::size_t prefix, Instant from,
                                    const std::vector<std::vector<WaySpan>>& ways) const;

    const Scenario& scenario_;
    const Router& router_;
    std::vector<Change> changes_; ///< in order of time
    std::vector<DeadSpan> dead_;
    std::deque<bgp::RouteTimeline> timelines_;        ///< by position in Router::prefixes()
    std::vector<std::vector<std::size_t>> change_of_; ///< of each timeline's changes: position in changes_
};

/// The ways of a client without a topology: the nearest PoP that announces at each moment.
/// Model: no routes spread, so an event takes effect at once; a dead PoP is noticed after the hold time.
[[nodiscard]] std::vector<WaySpan> direct_spans(const Scenario& scenario, std::size_t client);

} // namespace firstbyte
