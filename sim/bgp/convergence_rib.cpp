#include "bgp/convergence_rib.hpp"

#include "core/check.hpp"

#include <algorithm>
#include <tuple>

namespace firstbyte::bgp {
namespace {

bool asks(const Announcement& from) {
    return from.no_export || !from.no_export_by.empty() || !from.no_export_to.empty() || !from.prepend_via.empty();
}

std::uint32_t med_towards(const Announcement& from, AsNumber neighbor) {
    for (const auto& [to, med] : from.med_to)
        if (to == neighbor) return med;
    return from.med;
}

} // namespace

Rib::Rib(const AsGraph& graph, std::span<const Announcement> announcements, const ConvergenceSettings& settings,
         std::span<const BestRoute> start, bool from_nothing)
    : graph_(graph), announcements_(announcements), start_(start), policy_(settings.policy),
      route_policy_(settings.routes), sessions_(graph, announcements), paths_(graph, announcements, start),
      speakers_(graph.node_count()), held_(sessions_.size()), down_(sessions_.size(), 0),
      was_live_(announcements.size(), 1) {
    for (const std::uint32_t silent : settings.silent_at_start) was_live_[silent] = 0;
    for (std::uint32_t index = 0; index < announcements.size(); ++index) {
        announced_.push_back(
            {was_live_[index] != 0, announcements[index].graceful_shutdown, announcements[index].prepend});
        any_asks_ = any_asks_ || asks(announcements[index]);
        if (const auto node = announcements[index].node) {
            own_.emplace_back(*node, index);
            speakers_[*node].has_own = true;
        } else {
            for (SessionEnd end = sessions_.first_of_site(index); end < sessions_.last_of_site(index); ++end)
                speakers_[sessions_.site(end).neighbor].has_sites = true;
        }
    }
    std::sort(own_.begin(), own_.end());
    if (from_nothing) was_live_.assign(announcements.size(), 0);
    for (const AsNumber number : settings.routes.leaking)
        if (const auto node = graph.find(number)) speakers_[*node].leaks = true;
    for (const AsNumber number : settings.routes.validating)
        if (const auto node = graph.find(number)) speakers_[*node].validates = true;
    for (NodeIndex node = 0; node < graph.node_count(); ++node) {
        const BestRoute& route = start[node];
        if (!route.reached) continue;
        Selection& selection = speakers_[node].selection;
        selection.learned_from = route.learned_from;
        selection.preference =
            route.learned_from == LearnedFrom::Origin ? Selection::own : preference_of(route.learned_from);
        selection.length = route.length;
        selection.from = route.from;
        selection.announcement = route.announcement;
        if (route.learned_from != LearnedFrom::Origin) {
            selection.path = paths_.received_at_start(node);
            if (paths_.is_graceful(selection.path)) selection.preference = Selection::graceful;
        }
        Export& exported = speakers_[node].exported;
        exported.origin = selection.preference == Selection::own;
        if (!exported.origin) exported.to_customers = node;
        if (!exported.origin && passes_on(route.learned_from, node)) exported.to_others = node;
        speakers_[node].others_know = exported.origin || exported.to_others != no_path;
    }
}

std::uint8_t Rib::preference_of(LearnedFrom relation) const {
    return policy_ == RoutingPolicy::None ? Selection::best : static_cast<std::uint8_t>(relation);
}

/// Whether a route goes to peers and providers as well.
bool Rib::passes_on(LearnedFrom learned_from, NodeIndex node) const {
    return learned_from == LearnedFrom::Customer || policy_ == RoutingPolicy::None || speakers_[node].leaks;
}

std::span<const Rib::OwnAnnouncement> Rib::own(NodeIndex node) const {
    if (!speakers_[node].has_own) return {};
    const auto first = std::lower_bound(own_.begin(), own_.end(), OwnAnnouncement{node, 0});
    auto last = first;
    while (last != own_.end() && last->first == node) ++last;
    return {first, last};
}

PathId Rib::path_of(std::uint32_t announcement, AsNumber neighbor, bool at_start) {
    const Announcement& from = announcements_[announcement];
    const Announced& now = announced_[announcement];
    if (!(at_start ? was_live_[announcement] != 0 : now.live)) return no_path;
    if (from.only_to && !contains(*from.only_to, neighbor)) return no_path;
    std::uint32_t length = 1 + (at_start ? from.prepend : now.prepend);
    for (const auto& [to, extra] : from.prepend_to)
        if (to == neighbor) length += extra;
    const bool graceful = at_start ? from.graceful_shutdown : now.graceful;
    return paths_.origin(announcement, length, graceful || contains(from.shutdown_at, neighbor));
}

/// An AS with several announcements tells each neighbour the one that it would choose: a session carries one route.
PathId Rib::own_export(NodeIndex node, NodeIndex neighbor, bool at_start) {
    using Order = std::tuple<bool, bool, std::uint32_t, std::uint32_t, std::uint32_t>;
    PathId best = no_path;
    Order best_order;
    for (const auto& [origin, announcement] : own(node)) {
        const PathId path = path_of(announcement, graph_.number(neighbor), at_start);
        if (path == no_path) continue;
        const Announcement& from = announcements_[announcement];
        const Order order{refuses(neighbor, path), paths_.is_graceful(path), paths_.length(path),
                          med_towards(from, graph_.number(neighbor)), from.router_id.value_or(announcement)};
        if (best != no_path && order >= best_order) continue;
        best = path;
        best_order = order;
    }
    return best;
}

PathId Rib::site_export(SessionEnd end, bool at_start) {
    const Sessions::Site& site = sessions_.site(end);
    return path_of(site.announcement, graph_.number(site.neighbor), at_start);
}

PathId Rib::export_of_site(SessionEnd end) { return site_export(end, false); }

/// Whether an AS drops what it receives: a loop (RFC 4271 section 9.1.2), or an origin that is not valid.
bool Rib::refuses(NodeIndex node, PathId path) const {
    return (speakers_[node].validates && announcements_[paths_.announcement(path)].invalid) ||
           paths_.contains(path, node);
}

/// What an AS that received an announcement directly exports instead of `path`, by the communities: with further copies
/// of its number, or nothing.
PathId Rib::as_asked(NodeIndex node, PathId path, std::uint32_t announcement, NodeIndex neighbor) {
    const Announcement& from = announcements_[announcement];
    const AsNumber exporter = graph_.number(node), target = graph_.number(neighbor);
    if (from.no_export || contains(from.no_export_by, exporter) || contains(from.no_export_to, target)) return no_path;
    for (const PrependVia& asked : from.prepend_via)
        if ((asked.neighbor == 0 || asked.neighbor == exporter) && asked.target == target)
            for (std::uint32_t copies = asked.extra; copies > 0; --copies) path = paths_.prepend(node, path);
    return path;
}

/// Whether the session is the only one of those to which its owner tells the same.
bool Rib::alone_in_group(NodeIndex node, SessionEnd end) const {
    const bool all = policy_ == RoutingPolicy::None || speakers_[node].leaks;
    const auto in_group = [&](SessionEnd other, LearnedFrom relation) {
        return is_up(other) &&
               (all || (relation == LearnedFrom::Customer) == (sessions_.relation(end) == LearnedFrom::Customer));
    };
    for (SessionEnd other = sessions_.first(node); other < sessions_.last(node); ++other)
        if (other != end && in_group(other, sessions_.relation(other))) return false;
    if (speakers_[node].has_sites)
        for (const SessionEnd other : sessions_.sites_at(node))
            if (in_group(other, sessions_.relation(other))) return false;
    return true;
}

void Rib::work_out_export(NodeIndex node) {
    Speaker& speaker = speakers_[node];
    const Selection& selection = speaker.selection;
    speaker.exported = {};
    if (!selection.reached()) return;
    if (selection.preference == Selection::own) {
        speaker.exported.origin = true;
        return;
    }
    speaker.exported.to_customers = paths_.prepend(node, selection.path);
    if (passes_on(selection.learned_from, node)) speaker.exported.to_others = speaker.exported.to_customers;
}

SessionEnd Rib::first_to_tell(NodeIndex node) {
    Speaker& speaker = speakers_[node];
    const bool tells_others = speaker.exported.origin || speaker.exported.to_others != no_path;
    if (!tells_others && !speaker.others_know) return sessions_.first_customer(node);
    speaker.others_know = speaker.others_know || tells_others;
    return sessions_.first(node);
}

void Rib::forget(NodeIndex node) {
    speakers_[node].selection = {};
    work_out_export(node);
}

PathId Rib::export_to(NodeIndex node, SessionEnd end, const Export& exported) {
    const NodeIndex neighbor = sessions_.neighbor(end);
    if (exported.origin) return own_export(node, neighbor, false);
    const PathId path = sessions_.relation(end) == LearnedFrom::Customer ? exported.to_customers : exported.to_others;
    if (path == no_path) return no_path;
    const Selection& selection = speakers_[node].selection;
    if (selection.from == neighbor && alone_in_group(node, end)) return no_path;
    if (any_asks_ && paths_.is_origin(selection.path)) return as_asked(node, path, selection.announcement, neighbor);
    return path;
}

PathId Rib::exported_at_start(NodeIndex owner, SessionEnd end) {
    if (end >= sessions_.first_site()) return site_export(end, true);
    const BestRoute& route = start_[owner];
    if (!route.reached) return no_path;
    const NodeIndex neighbor = sessions_.neighbor(end);
    if (route.learned_from == LearnedFrom::Origin) return own_export(owner, neighbor, true);
    if (sessions_.relation(end) != LearnedFrom::Customer && !passes_on(route.learned_from, owner)) return no_path;
    if (route.from == neighbor && alone_in_group(owner, end)) return no_path;
    if (any_asks_ && came_directly(start_, owner)) return as_asked(owner, owner, route.announcement, neighbor);
    return owner;
}

void Rib::set_down(SessionEnd end, bool down) { down_[end] = down ? 1 : 0; }

Rank Rib::rank_of(SessionEnd end, PathId path) const {
    if (path == no_path) return Selection::no_rank;
    const std::uint8_t preference =
        paths_.is_graceful(path) ? Selection::graceful : preference_of(sessions_.relation(end));
    return Rank{preference} << rank_shift | paths_.length(path);
}

/// Rank of what a neighbour had offered at the start, unless it refuses to or it is a loop: those are found out when
/// the rank is good enough to matter.
Rank Rib::rank_at_start(SessionEnd end) {
    if (end >= sessions_.first_site()) return rank_of(end, site_export(end, true));
    const NodeIndex neighbor = sessions_.neighbor(end);
    const BestRoute& route = start_[neighbor];
    if (!route.reached) return Selection::no_rank;
    if (route.learned_from == LearnedFrom::Origin || (any_asks_ && came_directly(start_, neighbor)))
        return rank_of(end, exported_at_start(neighbor, sessions_.other_end(end)));
    const LearnedFrom relation = sessions_.relation(end);
    if (relation != LearnedFrom::Provider && !passes_on(route.learned_from, neighbor)) return Selection::no_rank;
    return Rank{preference_of(relation)} << rank_shift | (route.length + 1);
}

bool Rib::receive(SessionEnd end, NodeIndex owner, PathId path) {
    if (path != no_path && refuses(owner, path)) path = no_path;
    Held& held = held_[end];
    if (held.path == path) return false;
    const Rank was = held.rank == unknown_rank ? rank_at_start(end) : held.rank;
    held = {path, rank_of(end, path)};
    const Selection& selection = speakers_[owner].selection;
    if (selection.preference == Selection::own) return false;
    const Rank used = selection.rank();
    return held.rank < Selection::no_rank ? held.rank <= used || was == used : was == used && selection.reached();
}

Selection Rib::select(NodeIndex node, std::vector<Offer>& tied, bool at_start) {
    tied.clear();
    Selection best;
    for (const auto& [origin, announcement] : own(node))
        if (at_start ? was_live_[announcement] != 0 : announced_[announcement].live)
            tied.push_back({node, announcement});
    if (!tied.empty()) {
        best.preference = Selection::own;
        best.from = node;
        best.announcement = tied.front().announcement;
        return best;
    }

    candidates_.clear();
    Rank best_rank = Selection::no_rank - 1;
    const auto consider = [&](SessionEnd end, bool of_graph) {
        Held held;
        if (at_start) {
            held.rank = rank_at_start(end);
        } else {
            if (held_[end].rank == unknown_rank) held_[end].rank = rank_at_start(end);
            held = held_[end];
        }
        if (held.rank > best_rank) return;
        const NodeIndex neighbor = of_graph ? sessions_.neighbor(end) : node;
        if (held.path == as_at_start) {
            held.path = of_graph ? exported_at_start(neighbor, sessions_.other_end(end)) : site_export(end, true);
            if (held.path == no_path || refuses(node, held.path)) return;
        }
        if (held.rank != best_rank) candidates_.clear();
        best_rank = held.rank;
        candidates_.push_back({{}, {neighbor, paths_.announcement(held.path)}, held.path, end});
    };
    if (speakers_[node].has_sites)
        for (const SessionEnd end : sessions_.sites_at(node)) consider(end, false);
    for (SessionEnd end = sessions_.first(node); end < sessions_.last(node); ++end) consider(end, true);
    if (candidates_.empty()) return best;
    if (candidates_.size() > 1) {
        for (Candidate& candidate : candidates_)
            candidate.order = tie_order(node, candidate.end, candidate.offer.from != node, candidate.path);
        std::sort(candidates_.begin(), candidates_.end(),
                  [](const Candidate& a, const Candidate& b) { return a.order < b.order; });
    }
    const Candidate& first = candidates_.front();
    best.preference = static_cast<std::uint8_t>(best_rank >> rank_shift);
    best.length = paths_.length(first.path);
    best.learned_from = sessions_.relation(first.end);
    best.from = first.offer.from;
    best.announcement = first.offer.announcement;
    best.path = first.path;
    const Candidate* first_of_neighbor = &candidates_.front();
    for (const Candidate& candidate : candidates_) {
        if (std::get<0>(candidate.order) != std::get<0>(first_of_neighbor->order)) first_of_neighbor = &candidate;
        if (std::get<2>(candidate.order) > std::get<2>(first_of_neighbor->order)) continue; // a higher MED
        tied.push_back(candidate.offer);
    }
    return best;
}

/// Smaller is better. As Routes: the neighbour, then a site before an AS of the graph before whatever has a MED.
Rib::TieOrder Rib::tie_order(NodeIndex node, SessionEnd end, bool of_graph, PathId path) const {
    const bool direct = paths_.is_origin(path);
    const std::uint32_t announcement = paths_.announcement(path);
    const Announcement& from = announcements_[announcement];
    const AsNumber neighbor = of_graph ? graph_.number(sessions_.neighbor(end)) : from.asn;
    const std::uint32_t rank = route_policy_.tie_break == TieBreak::LowestAsn
                                   ? neighbor
                                   : neighbor_rank(route_policy_, graph_.number(node), neighbor);
    if (!direct) return {rank, std::uint8_t{1}, 0, 0, announcement};
    const std::uint32_t med = med_towards(from, graph_.number(node));
    const std::uint8_t kind = med > 0 ? 2 : of_graph ? 1 : 0;
    return {rank, kind, med, from.router_id.value_or(announcement), announcement};
}

bool Rib::decide(NodeIndex node, std::vector<Offer>& tied) {
    Selection& held = speakers_[node].selection;
    const Selection decided = select(node, tied, false);
    const bool changed = decided.path != held.path || decided.preference != held.preference ||
                         decided.learned_from != held.learned_from || decided.from != held.from;
    held = decided;
    if (changed) work_out_export(node);
    return changed;
}

Selection Rib::decide_at_start(NodeIndex node, std::vector<Offer>& tied) { return select(node, tied, true); }

} // namespace firstbyte::bgp
