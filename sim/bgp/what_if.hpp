/// What would become of the catchments if announcements were withdrawn: many questions to one converged state.
#pragma once

#include "bgp/propagation.hpp"

#include <cstdint>
#include <optional>
#include <span>
#include <utility>
#include <vector>

namespace firstbyte::bgp {

/// An AS whose route is not what it was at first. None: no route.
struct RouteChange {
    NodeIndex node = 0;
    std::optional<std::uint32_t> before, after; ///< announcements; equal when only the way there changed
};

/// A copy of converged routes in which announcements can be withdrawn step by step, and steps undone.
///
/// After every step the routes are those of a propagation from nothing, next hops included. A withdrawal costs as much
/// as it changes, not a pass over the graph; only with a cycle of providers, with leaks and with graceful shutdowns
/// everything is solved anew.
class WhatIf {
public:
    /// The graph of the routes must outlive it; the announcements are copied.
    explicit WhatIf(const Routes& routes);
    WhatIf(const WhatIf&) = delete;
    WhatIf& operator=(const WhatIf&) = delete;

    /// The routes in force: those at first after as many steps as were not undone.
    [[nodiscard]] const Routes& routes() const { return routes_; }
    [[nodiscard]] std::size_t steps() const { return steps_.size(); }
    [[nodiscard]] bool withdrawn(std::uint32_t announcement) const { return routes_.withdrawn_[announcement] != 0; }

    /// One step: these announcements, not yet withdrawn and each named once, are withdrawn together.
    void withdraw(std::span<const std::uint32_t> announcements);
    void withdraw(std::uint32_t announcement) { withdraw(std::span(&announcement, 1)); }

    /// One step: another number of copies towards everyone. Solves everything anew.
    void set_prepend(std::uint32_t announcement, std::uint32_t prepend);

    /// Takes back the last step.
    void undo();

    /// Hands a RouteChange to `use` for each AS whose route (next hop and length included) is another than at first,
    /// each once, in an order that depends on nothing but the steps.
    template <class Use>
    void for_each_change(Use use) const {
        for (const Held& held : log_)
            if (held.previous == 0 && differs(held))
                use(RouteChange{held.node, announcement_of(held.key, held.announcement),
                                announcement_of(routes_.keys_[held.node], routes_.announcement_[held.node])});
    }

    /// ASes of which Routes::tied() may be another than at first: those whose route changed, and those to whom one of
    /// them offers, or offered, a route as good as their best.
    /// @param out  replaced; each AS once, ascending
    void tied_changed(std::vector<NodeIndex>& out) const;

    /// Withdraws each announcement that is not withdrawn in turn, calls `use(announcement)`, and undoes it.
    template <class Use>
    void for_each_withdrawal(Use use) {
        for (std::uint32_t index = 0; index < announcements_.size(); ++index) {
            if (withdrawn(index)) continue;
            withdraw(index);
            use(index);
            undo();
        }
    }

    /// The same for each pair of them: `use(first, second)`, first < second.
    template <class Use>
    void for_each_pair(Use use) {
        for_each_withdrawal([&](std::uint32_t first) {
            for (std::uint32_t second = first + 1; second < announcements_.size(); ++second) {
                if (withdrawn(second)) continue;
                withdraw(second);
                use(first, second);
                undo();
            }
        });
    }

private:
    using Key = Routes::Key;
    using Preference = Routes::Preference;

    /// What an AS held before a step.
    struct Held {
        Key key;
        NodeIndex node, next_hop;
        std::uint32_t announcement;
        std::uint32_t previous; ///< 1 + position in the log of what it held before an earlier step; 0: none
    };

    struct Step {
        std::size_t log_begin = 0;
        std::vector<std::uint32_t> withdrawn;
        std::optional<std::pair<std::uint32_t, std::uint32_t>> prepend; ///< announcement, copies before
        std::vector<NodeIndex> unsettled;                               ///< before
    };

    /// A set of nodes from which the first or the last is taken again and again.
    class NodeSet {
    public:
        explicit NodeSet(NodeIndex size) : words_(size / 64 + 1, 0) {}
        void insert(NodeIndex node) { words_[node / 64] |= std::uint64_t{1} << (node % 64); }
        /// Both empty the set; `use` may insert nodes that have not had their turn.
        template <class Use>
        void take_descending(Use use);
        template <class Use>
        void take_ascending(Use use);

    private:
        std::vector<std::uint64_t> words_;
    };

    static std::optional<std::uint32_t> announcement_of(Key key, std::uint32_t announcement) {
        return key == Routes::no_route ? std::nullopt : std::optional(announcement);
    }
    [[nodiscard]] bool differs(const Held& held) const {
        return held.key != routes_.keys_[held.node] ||
               (held.key != Routes::no_route && (held.next_hop != routes_.next_hop_[held.node] ||
                                                 held.announcement != routes_.announcement_[held.node]));
    }

    void begin_step();
    void remember(NodeIndex node);
    void set(NodeIndex node, Key key, NodeIndex next_hop, std::uint32_t announcement);
    void lose(NodeIndex node);
    void solve_anew();
    void repair(std::span<const std::uint32_t> announcements);
    void take_away(NodeIndex node, std::uint32_t announcement);
    void repair_customer_route(NodeIndex node);
    void offer_to_peers(NodeIndex node);
    void repair_peer_route(NodeIndex node);
    void repair_provider_route(NodeIndex node);

    std::vector<Announcement> announcements_;
    Routes routes_;
    std::vector<std::uint32_t> first_member_; ///< of each announcement at first; one more
    std::vector<NodeIndex> members_;          ///< ASes by the announcement they used at first
    std::vector<Step> steps_;
    std::vector<Held> log_;
    std::vector<std::uint32_t> logged_; ///< of each AS: 1 + position of its latest entry in the log, or 0
    NodeSet up_, down_;                 ///< whose customer route, whose provider route is to be looked at
    std::vector<NodeIndex> across_;     ///< whose peer route is
    std::vector<NodeIndex> customer_route_changed_;
};

} // namespace firstbyte::bgp
