#include "bgp/convergence_paths.hpp"

namespace firstbyte::bgp {

Paths::Paths(const AsGraph& graph, std::span<const Announcement> announcements, std::span<const BestRoute> start)
    : graph_(graph), announcements_(announcements), start_(start) {}

PathId Paths::intern(std::uint64_t key, const Stored& path) {
    const auto next = static_cast<PathId>(start_.size() + stored_.size());
    FB_ASSERT(next < no_path, "fewer paths exist than 32 bits count");
    const auto [name, is_new] = names_.insert(key, next);
    if (is_new) stored_.push_back(path);
    return *name;
}

PathId Paths::origin(std::uint32_t announcement, std::uint32_t length, bool graceful) {
    FB_ASSERT(length < 1u << 28, "prepends are counted in tens, not in hundreds of millions");
    // The highest bit tells these keys from those of prepend(), whose upper half is the position of an AS.
    const std::uint64_t key = std::uint64_t{1} << 63 | std::uint64_t{announcement} << 30 | std::uint64_t{length} << 1 |
                              std::uint64_t{graceful};
    return intern(key, {0, no_path, announcement, 2 * length + std::uint32_t{graceful}});
}

PathId Paths::prepend(NodeIndex node, PathId path) {
    if (is_graceful(path)) path = origin(announcement(path), length(path), false);
    const BestRoute& start = start_[node];
    if (start.reached && start.learned_from != LearnedFrom::Origin) {
        bool same = false;
        if (came_directly(start_, node)) {
            same = is_origin(path) && announcement(path) == start.announcement && length(path) == start.length;
        } else if (start.length == start_[start.from].length + 1) {
            same = path == start.from;
        } else {
            same = path == received_at_start(node);
        }
        if (same) return node;
    }
    return intern(std::uint64_t{node} << 32 | path,
                  {node, path, announcement(path), 2 * (length(path) + 1) + std::uint32_t{is_graceful(path)}});
}

PathId Paths::received_at_start(NodeIndex node) {
    const BestRoute& route = start_[node];
    if (came_directly(start_, node)) {
        const Announcement& from = announcements_[route.announcement];
        const bool graceful = from.graceful_shutdown || firstbyte::bgp::contains(from.shutdown_at, graph_.number(node));
        return origin(route.announcement, route.length, graceful);
    }
    PathId path = route.from;
    while (length(path) < route.length) path = prepend(route.from, path); // it prepended on request
    return path;
}

bool Paths::contains(PathId path, NodeIndex node) const {
    while (path >= start_.size()) {
        const Stored& at = stored(path);
        if (at.parent == no_path) return announcements_[at.announcement].asn == graph_.number(node);
        if (at.head == node) return true;
        path = at.parent;
    }
    while (path != node) {
        const BestRoute& route = start_[path];
        if (route.from == path) return announcements_[route.announcement].asn == graph_.number(node);
        path = route.from;
    }
    return true;
}

void Paths::write(PathId path, std::vector<AsNumber>& to) const {
    while (path >= start_.size()) {
        const Stored& at = stored(path);
        if (at.parent == no_path) {
            to.insert(to.end(), at.twice_length / 2, announcements_[at.announcement].asn);
            return;
        }
        to.push_back(graph_.number(at.head));
        path = at.parent;
    }
    to.push_back(graph_.number(path));
    while (!came_directly(start_, path)) {
        const NodeIndex from = start_[path].from;
        to.insert(to.end(), start_[path].length - start_[from].length, graph_.number(from));
        path = from;
    }
    to.insert(to.end(), start_[path].length, announcements_[start_[path].announcement].asn);
}

} // namespace firstbyte::bgp
