/// Route propagation written for reading: whole paths, rules in the order of the RFC, decisions until nothing changes.
#pragma once

#include "bgp/propagation.hpp"

#include <algorithm>
#include <cstdint>
#include <map>
#include <set>
#include <utility>
#include <vector>

namespace firstbyte::bgp {

struct NaiveRoute {
    LearnedFrom learned_from{};
    std::vector<AsNumber> path; ///< as received; empty at an origin
    AsNumber neighbor = 0;
    bool from_site = false; ///< the neighbour is a site, not an AS of the graph
    std::uint32_t announcement = 0;
    bool direct = false; ///< received from the announcement itself
    bool shut_down = false;
    std::uint32_t med = 0, router_id = 0;
    bool operator==(const NaiveRoute&) const = default;
};

class NaiveSolver {
public:
    using Table = std::map<AsNumber, NaiveRoute>;

    NaiveSolver(const AsLinks& links, const AsGraph& graph, const std::vector<Announcement>& announcements,
                const RoutePolicy& policy, std::set<std::uint32_t> withdrawn = {})
        : graph_(graph), announcements_(announcements), policy_(policy), withdrawn_(std::move(withdrawn)) {
        for (const auto& [provider, customer] : links.provider_customer) {
            neighbors_[provider].insert({customer, LearnedFrom::Customer});
            neighbors_[customer].insert({provider, LearnedFrom::Provider});
        }
        for (const auto& [a, b] : links.peers) {
            neighbors_[a].insert({b, LearnedFrom::Peer});
            neighbors_[b].insert({a, LearnedFrom::Peer});
        }
        for (std::uint32_t index = 0; index < announcements_.size(); ++index) {
            const Announcement& from = announcements_[index];
            if (withdrawn_.contains(index)) continue;
            if (from.node) {
                if (!origins_.contains(from.asn)) origins_[from.asn] = {LearnedFrom::Origin, {}, 0, false, index};
                for (const auto& [neighbor, relation] : neighbors_[from.asn])
                    announce(index, neighbor,
                             relation == LearnedFrom::Customer   ? LearnedFrom::Provider
                             : relation == LearnedFrom::Provider ? LearnedFrom::Customer
                                                                 : LearnedFrom::Peer);
            }
            for (const NodeIndex node : from.providers) announce(index, graph_.number(node), LearnedFrom::Customer);
            for (const NodeIndex node : from.peers) announce(index, graph_.number(node), LearnedFrom::Peer);
        }
        table_ = origins_;
    }

    /// Everyone decides in turn until a round changes nothing.
    /// @returns whether that came to pass within `rounds`
    bool converge(std::size_t rounds = 1000) {
        for (; rounds > 0; --rounds) {
            bool changed = false;
            for (const auto& [self, unused] : neighbors_) {
                if (origins_.contains(self)) continue;
                const std::vector<NaiveRoute> best = decide(self, accepted(self));
                const auto held = table_.find(self);
                if (best.empty() ? held == table_.end() : held != table_.end() && held->second == best.front())
                    continue;
                changed = true;
                if (best.empty()) {
                    table_.erase(self);
                } else {
                    table_[self] = best.front();
                }
            }
            if (!changed) return true;
        }
        return false;
    }

    /// Every route that `self` hears, loops included.
    [[nodiscard]] std::vector<NaiveRoute> received(AsNumber self) const {
        std::vector<NaiveRoute> found;
        if (const auto heard = direct_.find(self); heard != direct_.end()) found = heard->second;
        const auto links = neighbors_.find(self);
        if (links == neighbors_.end()) return found;
        for (const auto& [neighbor, relation] : links->second) {
            const auto at = table_.find(neighbor);
            if (at == table_.end() || at->second.learned_from == LearnedFrom::Origin) continue;
            const NaiveRoute& theirs = at->second;
            if (relation != LearnedFrom::Provider && theirs.learned_from != LearnedFrom::Customer &&
                !has(policy_.leaking, neighbor))
                continue; // Gao and Rexford: not exported
            std::uint32_t copies = 1;
            if (theirs.direct) {
                const Announcement& from = announcements_[theirs.announcement];
                if (from.no_export || has(from.no_export_by, neighbor) || has(from.no_export_to, self)) continue;
                for (const PrependVia& asked : from.prepend_via)
                    if ((asked.neighbor == 0 || asked.neighbor == neighbor) && asked.target == self)
                        copies += asked.extra;
            }
            NaiveRoute route{relation, std::vector<AsNumber>(copies, neighbor), neighbor, false, theirs.announcement};
            route.path.insert(route.path.end(), theirs.path.begin(), theirs.path.end());
            found.push_back(std::move(route));
        }
        return found;
    }

    [[nodiscard]] std::vector<NaiveRoute> accepted(AsNumber self) const {
        std::vector<NaiveRoute> found = received(self);
        std::erase_if(found, [&](const NaiveRoute& route) {
            return has(route.path, self) ||
                   (announcements_[route.announcement].invalid && has(policy_.validating, self));
        });
        return found;
    }

    [[nodiscard]] static int preference(const NaiveRoute& route) {
        return route.shut_down ? 9 : static_cast<int>(route.learned_from);
    }

    /// Of the routes given those with the highest local preference.
    static std::vector<NaiveRoute> most_preferred(std::vector<NaiveRoute> left) {
        int best = 99;
        for (const NaiveRoute& route : left) best = std::min(best, preference(route));
        std::erase_if(left, [&](const NaiveRoute& route) { return preference(route) != best; });
        return left;
    }
    static std::vector<NaiveRoute> shortest(std::vector<NaiveRoute> left) {
        std::size_t best = ~std::size_t{0};
        for (const NaiveRoute& route : left) best = std::min(best, route.path.size());
        std::erase_if(left, [&](const NaiveRoute& route) { return route.path.size() != best; });
        return left;
    }
    /// Those without a route of the same neighbouring AS that has a lower MED.
    static std::vector<NaiveRoute> lowest_med(const std::vector<NaiveRoute>& given) {
        std::vector<NaiveRoute> left = given;
        std::erase_if(left, [&](const NaiveRoute& route) {
            return std::any_of(given.begin(), given.end(), [&](const NaiveRoute& other) {
                return other.neighbor == route.neighbor && other.med < route.med;
            });
        });
        return left;
    }

    /// The best first, then what is equal to it up to MED, in order.
    [[nodiscard]] std::vector<NaiveRoute> decide(AsNumber self, std::vector<NaiveRoute> given) const {
        std::vector<NaiveRoute> left = lowest_med(shortest(most_preferred(std::move(given))));
        const auto order = [&](const NaiveRoute& route) {
            return std::tuple(neighbor_rank(policy_, self, route.neighbor), !route.from_site, route.router_id,
                              route.announcement);
        };
        std::stable_sort(left.begin(), left.end(),
                         [&](const NaiveRoute& a, const NaiveRoute& b) { return order(a) < order(b); });
        return left;
    }

    [[nodiscard]] DecidedBy decided_by(AsNumber self) const {
        if (origins_.contains(self)) return DecidedBy::Origin;
        std::vector<NaiveRoute> left = accepted(self);
        if (left.size() == 1) return DecidedBy::OnlyRoute;
        if (left = most_preferred(left); left.size() == 1) return DecidedBy::LocalPreference;
        if (left = shortest(left); left.size() == 1) return DecidedBy::PathLength;
        if (left = lowest_med(left); left.size() == 1) return DecidedBy::Med;
        const bool one_neighbor = std::all_of(
            left.begin(), left.end(), [&](const NaiveRoute& route) { return route.neighbor == left.front().neighbor; });
        return one_neighbor ? DecidedBy::RouterId : DecidedBy::NeighborAsn;
    }

    [[nodiscard]] const Table& table() const { return table_; }
    [[nodiscard]] const Table& origins() const { return origins_; }

    /// Replaces what the ASes hold by the routes given, to see whether these stand.
    void take(const Routes& routes) {
        table_ = origins_;
        for (const auto& [self, unused] : neighbors_) {
            const NodeIndex node = graph_.find(self).value();
            if (origins_.contains(self) || !routes.reached(node)) continue;
            NaiveRoute route;
            route.learned_from = routes.learned_from(node);
            route.path = routes.as_path(node);
            route.announcement = routes.announcement(node);
            const Announcement& from = announcements_[route.announcement];
            const auto hop = routes.next_hop(node);
            route.neighbor = hop ? graph_.number(*hop) : from.asn;
            route.from_site = !hop.has_value();
            route.direct = !hop || hop == from.node;
            if (route.direct)
                for (const NaiveRoute& heard : direct_[self])
                    if (heard.announcement == route.announcement && heard.learned_from == route.learned_from)
                        route = heard;
            table_[self] = route;
        }
    }

private:
    static bool has(const std::vector<AsNumber>& list, AsNumber number) {
        return std::find(list.begin(), list.end(), number) != list.end();
    }

    void announce(std::uint32_t index, AsNumber to, LearnedFrom learned_from) {
        const Announcement& from = announcements_[index];
        if (from.only_to && !has(*from.only_to, to)) return;
        std::uint32_t copies = 1 + from.prepend;
        for (const auto& [neighbor, extra] : from.prepend_to) copies += neighbor == to ? extra : 0;
        std::uint32_t med = from.med;
        for (const auto& [neighbor, value] : from.med_to)
            if (neighbor == to) med = value;
        direct_[to].push_back({learned_from, std::vector<AsNumber>(copies, from.asn), from.asn, !from.node, index, true,
                               from.graceful_shutdown || has(from.shutdown_at, to), med,
                               from.router_id.value_or(index)});
    }

    const AsGraph& graph_;
    const std::vector<Announcement>& announcements_;
    const RoutePolicy& policy_;
    std::set<std::uint32_t> withdrawn_;
    std::map<AsNumber, std::set<std::pair<AsNumber, LearnedFrom>>> neighbors_; ///< and what the neighbour is
    std::map<AsNumber, std::vector<NaiveRoute>> direct_;
    Table origins_, table_;
};

} // namespace firstbyte::bgp
