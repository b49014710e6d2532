/// The BGP sessions of a graph and of the sites that announce from outside it.
#pragma once

#include "bgp/propagation.hpp"

#include <cstdint>
#include <span>
#include <vector>

namespace firstbyte::bgp {

/// One end of a session: position of an arc of the graph, first all of node 0, then all of node 1 and so on; behind
/// them one per session of a site, which serves both its ends, as routes go one way only.
using SessionEnd = std::uint32_t;

class Sessions {
public:
    struct Site {
        std::uint32_t announcement = 0;
        NodeIndex neighbor = 0;
        LearnedFrom relation{}; ///< what the site is to the neighbour
    };

    Sessions(const AsGraph& graph, std::span<const Announcement> announcements);

    [[nodiscard]] std::size_t size() const { return relation_.size(); }
    [[nodiscard]] SessionEnd first(NodeIndex node) const { return first_[node]; }
    [[nodiscard]] SessionEnd last(NodeIndex node) const { return first_[node + 1]; }
    [[nodiscard]] SessionEnd first_customer(NodeIndex node) const { return first_customer_[node]; }
    [[nodiscard]] SessionEnd first_site() const { return first_.back(); }

    /// What the neighbour is to the end's owner.
    [[nodiscard]] LearnedFrom relation(SessionEnd end) const { return relation_[end]; }
    /// Of a session in the graph.
    [[nodiscard]] NodeIndex neighbor(SessionEnd end) const { return neighbor_[end]; }
    /// The neighbour's end of the same session.
    [[nodiscard]] SessionEnd other_end(SessionEnd end) const { return other_end_[end]; }

    [[nodiscard]] const Site& site(SessionEnd end) const { return sites_[end - first_site()]; }
    /// Sessions of an announcement that has no AS of the graph: a range of ends.
    [[nodiscard]] SessionEnd first_of_site(std::uint32_t announcement) const { return site_first_[announcement]; }
    [[nodiscard]] SessionEnd last_of_site(std::uint32_t announcement) const { return site_first_[announcement + 1]; }
    /// Sessions with sites that `node` has, in order of the announcements.
    [[nodiscard]] std::span<const SessionEnd> sites_at(NodeIndex node) const;

private:
    std::vector<SessionEnd> first_, first_customer_;
    std::vector<NodeIndex> neighbor_;
    std::vector<SessionEnd> other_end_;
    std::vector<LearnedFrom> relation_;
    std::vector<Site> sites_;
    std::vector<SessionEnd> site_first_;
    std::vector<SessionEnd> by_neighbor_; ///< ends of sites by the neighbour's node, then announcement
};

} // namespace firstbyte::bgp
