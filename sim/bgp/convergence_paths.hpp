/// AS paths in flight and in tables, each stored once.
#pragma once

#include "bgp/convergence.hpp"
#include "core/flat_map.hpp"

#include <algorithm>
#include <cstdint>
#include <span>
#include <vector>

namespace firstbyte::bgp {

/// Names a path as a neighbour receives it. Below the number of nodes: what that AS advertised at the start.
using PathId = std::uint32_t;
inline constexpr PathId no_path = ~PathId{1};    ///< nothing, or a withdrawal
inline constexpr PathId as_at_start = ~PathId{}; ///< not touched yet: what the converged start implies

/// Equal paths have equal names. A path is an announcement as its origin sent it, or an AS in front of another path.
class Paths {
public:
    /// What it refers to must outlive it.
    Paths(const AsGraph& graph, std::span<const Announcement> announcements, std::span<const BestRoute> start);

    /// The path as an announcement's own session carries it.
    /// @param length    copies of its AS number
    /// @param graceful  with the GRACEFUL_SHUTDOWN community
    [[nodiscard]] PathId origin(std::uint32_t announcement, std::uint32_t length, bool graceful);

    /// `node` in front of `path`. The community is not passed on.
    [[nodiscard]] PathId prepend(NodeIndex node, PathId path);

    /// The best path of an AS at the start, as received.
    /// @pre it had one, and not its own
    [[nodiscard]] PathId received_at_start(NodeIndex node);

    [[nodiscard]] std::uint32_t length(PathId path) const {
        return path < start_.size() ? start_[path].length + 1 : stored(path).twice_length / 2;
    }
    [[nodiscard]] std::uint32_t announcement(PathId path) const {
        return path < start_.size() ? start_[path].announcement : stored(path).announcement;
    }
    [[nodiscard]] bool is_origin(PathId path) const { return path >= start_.size() && stored(path).parent == no_path; }
    [[nodiscard]] bool is_graceful(PathId path) const {
        return path >= start_.size() && stored(path).twice_length % 2 != 0;
    }

    /// Whether the number of `node` is in the path: a loop, if that AS received it.
    [[nodiscard]] bool contains(PathId path, NodeIndex node) const;

    /// Appends the path's AS numbers.
    void write(PathId path, std::vector<AsNumber>& to) const;

private:
    struct Stored {
        NodeIndex head = 0;      ///< the AS in front, of another path
        PathId parent = no_path; ///< none: as an origin sent it
        std::uint32_t announcement = 0;
        std::uint32_t twice_length = 0; ///< and 1 more with the community
    };
    [[nodiscard]] const Stored& stored(PathId path) const { return stored_[path - start_.size()]; }
    [[nodiscard]] PathId intern(std::uint64_t key, const Stored& path);

    const AsGraph& graph_;
    std::span<const Announcement> announcements_;
    std::span<const BestRoute> start_;
    std::vector<Stored> stored_;
    FlatMap64<PathId> names_;
};

[[nodiscard]] inline bool contains(const std::vector<AsNumber>& list, AsNumber number) {
    return std::find(list.begin(), list.end(), number) != list.end();
}

/// Whether the route came from the announcement itself, over its own session.
[[nodiscard]] inline bool came_directly(std::span<const BestRoute> routes, NodeIndex node) {
    const NodeIndex from = routes[node].from;
    return from == node || (routes[from].reached && routes[from].learned_from == LearnedFrom::Origin);
}

} // namespace firstbyte::bgp
