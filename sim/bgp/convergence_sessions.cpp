#include "bgp/convergence_sessions.hpp"

#include <algorithm>
#include <numeric>
#include <tuple>

namespace firstbyte::bgp {

Sessions::Sessions(const AsGraph& graph, std::span<const Announcement> announcements) {
    const NodeIndex nodes = graph.node_count();
    first_.reserve(nodes + 1);
    neighbor_.reserve(2 * graph.link_count());
    relation_.reserve(2 * graph.link_count());
    for (NodeIndex node = 0; node < nodes; ++node) {
        first_.push_back(static_cast<SessionEnd>(neighbor_.size()));
        const auto add = [&](std::span<const NodeIndex> neighbors, LearnedFrom relation) {
            neighbor_.insert(neighbor_.end(), neighbors.begin(), neighbors.end());
            relation_.insert(relation_.end(), neighbors.size(), relation);
        };
        add(graph.providers(node), LearnedFrom::Provider);
        add(graph.peers(node), LearnedFrom::Peer);
        add(graph.customers(node), LearnedFrom::Customer);
    }
    first_.push_back(static_cast<SessionEnd>(neighbor_.size()));

    // Each list of neighbours ascends, so the nodes taken in ascending order find their places in it one by one.
    other_end_.resize(neighbor_.size());
    std::vector<SessionEnd> next_customer(nodes), next_peer(nodes);
    first_customer_.resize(nodes);
    for (NodeIndex node = 0; node < nodes; ++node) {
        next_peer[node] = first_[node] + static_cast<SessionEnd>(graph.providers(node).size());
        first_customer_[node] = next_customer[node] =
            next_peer[node] + static_cast<SessionEnd>(graph.peers(node).size());
    }
    for (NodeIndex node = 0; node < nodes; ++node) {
        SessionEnd end = first_[node];
        for (const NodeIndex provider : graph.providers(node)) {
            const SessionEnd other = next_customer[provider]++;
            other_end_[end] = other;
            other_end_[other] = end++;
        }
        for (const NodeIndex peer : graph.peers(node)) other_end_[end++] = next_peer[peer]++;
    }

    site_first_.push_back(first_site());
    for (std::uint32_t index = 0; index < announcements.size(); ++index) {
        if (!announcements[index].node) {
            for (const NodeIndex provider : announcements[index].providers)
                sites_.push_back({index, provider, LearnedFrom::Customer});
            for (const NodeIndex peer : announcements[index].peers) sites_.push_back({index, peer, LearnedFrom::Peer});
        }
        site_first_.push_back(static_cast<SessionEnd>(first_site() + sites_.size()));
    }
    for (const Site& site : sites_) relation_.push_back(site.relation);
    by_neighbor_.resize(sites_.size());
    std::iota(by_neighbor_.begin(), by_neighbor_.end(), first_site());
    std::sort(by_neighbor_.begin(), by_neighbor_.end(), [this](SessionEnd a, SessionEnd b) {
        return std::tuple(site(a).neighbor, a) < std::tuple(site(b).neighbor, b);
    });
}

std::span<const SessionEnd> Sessions::sites_at(NodeIndex node) const {
    const auto begin = std::partition_point(by_neighbor_.begin(), by_neighbor_.end(),
                                            [&](SessionEnd end) { return site(end).neighbor < node; });
    const auto end =
        std::partition_point(begin, by_neighbor_.end(), [&](SessionEnd other) { return site(other).neighbor == node; });
    return {begin, end};
}

} // namespace firstbyte::bgp
