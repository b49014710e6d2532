#include "bgp/propagation.hpp"

#include "core/check.hpp"

#include <algorithm>
#include <array>
#include <tuple>

namespace firstbyte::bgp {
namespace {

constexpr std::uint32_t length_limit = 1u << 28; // half of what a key holds, so that adding one per AS stays inside

bool contains(const std::vector<AsNumber>& list, AsNumber number) {
    return std::find(list.begin(), list.end(), number) != list.end();
}

} // namespace

Routes::Key Routes::make_key(LearnedFrom learned_from, std::uint32_t length, AsNumber neighbor, bool of_graph) {
    return Key{static_cast<std::uint8_t>(learned_from)} << class_shift | Key{length} << length_shift |
           Key{neighbor} << number_shift | Key{of_graph};
}

Routes::Routes(const AsGraph& graph, std::span<const Announcement> announcements)
    : graph_(graph), announcements_(announcements), keys_(graph.node_count(), no_route), next_hop_(graph.node_count()),
      announcement_(graph.node_count()) {
    collect_direct_offers();
    find_careful_nodes();
    accept_direct_offers();
    propagate_up();
    propagate_across();
    if (graph.provider_cycle().empty()) {
        propagate_down();
    } else {
        propagate_down_cyclic();
    }
}

void Routes::collect_direct_offers() {
    for (std::uint32_t index = 0; index < announcements_.size(); ++index) {
        const Announcement& from = announcements_[index];
        const auto announce = [&](std::span<const NodeIndex> receivers, LearnedFrom learned_from) {
            for (const NodeIndex receiver : receivers) {
                const AsNumber number = graph_.number(receiver);
                if (from.only_to && !contains(*from.only_to, number)) continue;
                std::uint64_t length = std::uint64_t{1} + from.prepend;
                for (const auto& [neighbor, extra] : from.prepend_to)
                    if (neighbor == number) length += extra;
                FB_ASSERT(length < length_limit, "prepends are counted in tens, not in hundreds of millions");
                direct_offers_.push_back({receiver, index, learned_from, static_cast<std::uint32_t>(length)});
            }
        };
        if (from.node) {
            announce(graph_.providers(*from.node), LearnedFrom::Customer);
            announce(graph_.peers(*from.node), LearnedFrom::Peer);
            announce(graph_.customers(*from.node), LearnedFrom::Provider);
        } else {
            announce(from.providers, LearnedFrom::Customer);
            announce(from.peers, LearnedFrom::Peer);
        }
    }
    std::sort(direct_offers_.begin(), direct_offers_.end(), [](const DirectOffer& a, const DirectOffer& b) {
        return std::tie(a.to, a.announcement, a.learned_from) < std::tie(b.to, b.announcement, b.learned_from);
    });
}

/// Only the ASes named here can be refused a route: whoever shares its number with an announcement, and whoever
/// neighbours were asked not to export to. Everyone else is spared the question.
void Routes::find_careful_nodes() {
    for (const Announcement& from : announcements_) {
        if (const auto node = graph_.find(from.asn); node && !from.node) careful_nodes_.push_back(*node);
        for (const AsNumber number : from.no_export_to)
            if (const auto node = graph_.find(number)) careful_nodes_.push_back(*node);
    }
    std::sort(careful_nodes_.begin(), careful_nodes_.end());
    careful_nodes_.erase(std::unique(careful_nodes_.begin(), careful_nodes_.end()), careful_nodes_.end());
}

bool Routes::permitted(NodeIndex exporter, NodeIndex receiver) const {
    if (!std::binary_search(careful_nodes_.begin(), careful_nodes_.end(), receiver)) return true;
    const Announcement& from = announcements_[announcement_[exporter]];
    const AsNumber number = graph_.number(receiver);
    if (from.asn == number) return false; // RFC 4271 section 9.1.2: a path with the own AS number is a loop
    const NodeIndex hop = next_hop_[exporter];
    const bool received_directly = hop == exporter || (from.node && hop == *from.node);
    return !(received_directly && contains(from.no_export_to, number));
}

void Routes::improve(NodeIndex node, Key key, NodeIndex neighbor, std::uint32_t announcement) {
    if (key >= keys_[node]) return;
    keys_[node] = key;
    next_hop_[node] = neighbor;
    announcement_[node] = announcement;
}

void Routes::accept_direct_offers() {
    for (std::uint32_t index = 0; index < announcements_.size(); ++index)
        if (const auto node = announcements_[index].node) improve(*node, 0, *node, index);
    for (const DirectOffer& offer : direct_offers_) {
        const Announcement& from = announcements_[offer.announcement];
        if (from.asn == graph_.number(offer.to)) continue; // a loop: RFC 4271 section 9.1.2
        improve(offer.to, make_key(offer.learned_from, offer.path_length, from.asn, from.node.has_value()),
                from.node.value_or(offer.to), offer.announcement);
    }
}

/// Customer routes climb the provider links, shortest first: one bucket per path length. All offers of a length come
/// from shorter ones, so a bucket is final when its turn comes.
void Routes::propagate_up() {
    std::vector<std::vector<NodeIndex>> buckets;
    const auto enqueue = [&](NodeIndex node, std::uint32_t length) {
        if (buckets.size() <= length) buckets.resize(length + 1);
        buckets[length].push_back(node);
    };
    for (const DirectOffer& offer : direct_offers_) {
        const Key key = keys_[offer.to];
        if (class_of(key) == LearnedFrom::Customer && announcement_[offer.to] == offer.announcement)
            enqueue(offer.to, length_of(key));
    }
    for (std::uint32_t length = 0; length < buckets.size(); ++length) {
        for (std::size_t next = 0; next < buckets[length].size(); ++next) {
            const NodeIndex node = buckets[length][next];
            if (length_of(keys_[node]) != length) continue; // a shorter one was found meanwhile
            with_customer_route_.push_back(node);
            const Key exported = make_key(LearnedFrom::Customer, length + 1, graph_.number(node), true);
            for (const NodeIndex provider : graph_.providers(node)) {
                if (exported >= keys_[provider] || !allowed(node, provider)) continue;
                const bool shorter =
                    class_of(keys_[provider]) != LearnedFrom::Customer || length_of(keys_[provider]) != length + 1;
                improve(provider, exported, node, announcement_[node]);
                if (shorter) enqueue(provider, length + 1);
            }
        }
    }
}

/// Customer routes cross one peering link.
void Routes::propagate_across() {
    for (const NodeIndex node : with_customer_route_) {
        const Key exported = make_key(LearnedFrom::Peer, length_of(keys_[node]) + 1, graph_.number(node), true);
        for (const NodeIndex peer : graph_.peers(node))
            if (exported < keys_[peer] && allowed(node, peer)) improve(peer, exported, node, announcement_[node]);
    }
}

void Routes::pull_from_providers(NodeIndex node, bool careful) {
    Key best = keys_[node];
    NodeIndex from = next_hop_[node];
    for (const NodeIndex provider : graph_.providers(node)) {
        const Key held = keys_[provider];
        if (held == no_route || held == 0) continue; // an origin's own offers are taken already
        const Key offered = make_key(LearnedFrom::Provider, length_of(held) + 1, graph_.number(provider), true);
        if (offered >= best || (careful && !permitted(provider, node))) continue;
        best = offered;
        from = provider;
    }
    if (best != keys_[node]) improve(node, best, from, announcement_[from]);
}

/// Everyone without a better route takes the best of its providers, who come before it in the order of the nodes.
void Routes::propagate_down() {
    auto careful = careful_nodes_.begin();
    for (NodeIndex node = 0; node < graph_.node_count(); ++node) {
        const bool is_careful = careful != careful_nodes_.end() && *careful == node;
        if (is_careful) ++careful;
        if (class_of(keys_[node]) == LearnedFrom::Provider)
            pull_from_providers(node, is_careful); // or no route: all ones
    }
}

/// The same where the provider links form a cycle and no order exists: shortest first, by buckets.
void Routes::propagate_down_cyclic() {
    std::vector<std::vector<NodeIndex>> buckets;
    const auto enqueue = [&](NodeIndex node) {
        const std::uint32_t length = length_of(keys_[node]);
        if (buckets.size() <= length) buckets.resize(length + 1);
        buckets[length].push_back(node);
    };
    for (NodeIndex node = 0; node < graph_.node_count(); ++node)
        if (keys_[node] != no_route && keys_[node] != 0) enqueue(node);
    for (std::uint32_t length = 0; length < buckets.size(); ++length) {
        for (std::size_t next = 0; next < buckets[length].size(); ++next) {
            const NodeIndex node = buckets[length][next];
            if (length_of(keys_[node]) != length) continue;
            const Key exported = make_key(LearnedFrom::Provider, length + 1, graph_.number(node), true);
            for (const NodeIndex customer : graph_.customers(node)) {
                if (exported >= keys_[customer] || !allowed(node, customer)) continue;
                const bool shorter = keys_[customer] == no_route || length_of(keys_[customer]) != length + 1;
                improve(customer, exported, node, announcement_[node]);
                if (shorter) enqueue(customer);
            }
        }
    }
}

LearnedFrom Routes::learned_from(NodeIndex node) const { return class_of(keys_[node]); }

std::uint32_t Routes::path_length(NodeIndex node) const { return length_of(keys_[node]); }

std::optional<NodeIndex> Routes::next_hop(NodeIndex node) const {
    FB_ASSERT(reached(node), "only an AS with a route has a next hop");
    if (next_hop_[node] == node) return std::nullopt;
    return next_hop_[node];
}

std::vector<NodeIndex> Routes::forwarding_path(NodeIndex node) const {
    FB_ASSERT(reached(node), "only an AS with a route has a path");
    std::vector<NodeIndex> path{node};
    while (next_hop_[path.back()] != path.back()) path.push_back(next_hop_[path.back()]);
    return path;
}

std::vector<AsNumber> Routes::as_path(NodeIndex node) const {
    std::vector<AsNumber> path;
    const Announcement& from = announcements_[announcement(node)];
    const std::vector<NodeIndex> passed = forwarding_path(node);
    for (const NodeIndex as : passed) {
        if (as == from.node) break;
        if (as != node) path.push_back(graph_.number(as));
    }
    path.resize(path_length(node), from.asn); // the rest is the origin and its prepends
    return path;
}

bool Routes::passes(NodeIndex node, NodeIndex through) const {
    for (; node != through; node = next_hop_[node])
        if (next_hop_[node] == node) return false;
    return true;
}

std::span<const DirectOffer> Routes::direct_offers(NodeIndex to) const {
    const auto [first, last] = std::equal_range(direct_offers_.begin(), direct_offers_.end(), DirectOffer{to, 0, {}, 0},
                                                [](const DirectOffer& a, const DirectOffer& b) { return a.to < b.to; });
    return {first, last};
}

/// Hands (class, length) of every route that `node` received and did not reject to `use`.
template <class Use>
void Routes::for_each_candidate(NodeIndex node, Use use) const {
    for (const DirectOffer& offer : direct_offers(node))
        if (announcements_[offer.announcement].asn != graph_.number(node)) use(offer.learned_from, offer.path_length);
    const auto heard_from = [&](std::span<const NodeIndex> neighbors, LearnedFrom relation) {
        for (const NodeIndex neighbor : neighbors) {
            const Key held = keys_[neighbor];
            if (held == no_route || held == 0) continue; // an origin's offers are among the direct ones
            if (relation != LearnedFrom::Provider && class_of(held) != LearnedFrom::Customer) continue; // not exported
            if (!allowed(neighbor, node) || passes(neighbor, node)) continue;
            use(relation, length_of(held) + 1);
        }
    };
    heard_from(graph_.customers(node), LearnedFrom::Customer);
    heard_from(graph_.peers(node), LearnedFrom::Peer);
    heard_from(graph_.providers(node), LearnedFrom::Provider);
}

DecidedBy Routes::decided_by(NodeIndex node) const {
    FB_ASSERT(reached(node), "only an AS with a route decided on one");
    if (keys_[node] == 0) return DecidedBy::Origin;
    std::size_t received = 0, as_preferred = 0, as_short = 0;
    for_each_candidate(node, [&](LearnedFrom learned_from, std::uint32_t length) {
        ++received;
        if (learned_from != class_of(keys_[node])) return;
        ++as_preferred;
        if (length == length_of(keys_[node])) ++as_short;
    });
    FB_ASSERT(as_short > 0, "the chosen route is one of those received");
    if (received == 1) return DecidedBy::OnlyRoute;
    if (as_preferred == 1) return DecidedBy::LocalPreference;
    if (as_short == 1) return DecidedBy::PathLength;
    return DecidedBy::NeighborAsn;
}

void Routes::tied(NodeIndex node, std::vector<Offer>& out) const {
    out.clear();
    const Key best = keys_[node];
    if (best == no_route || best == 0) return;
    std::vector<std::pair<Key, Offer>> found;
    for (const DirectOffer& offer : direct_offers(node)) {
        const Announcement& from = announcements_[offer.announcement];
        if (offer.learned_from != class_of(best) || offer.path_length != length_of(best)) continue;
        if (from.asn == graph_.number(node)) continue; // a loop
        found.push_back({make_key(offer.learned_from, offer.path_length, from.asn, from.node.has_value()),
                         {from.node.value_or(node), offer.announcement}});
    }
    // A neighbour whose path is one shorter than the own best does not come through here.
    const LearnedFrom relation = class_of(best);
    const std::span<const NodeIndex> neighbors = relation == LearnedFrom::Customer ? graph_.customers(node)
                                                 : relation == LearnedFrom::Peer   ? graph_.peers(node)
                                                                                   : graph_.providers(node);
    for (const NodeIndex neighbor : neighbors) {
        const Key held = keys_[neighbor];
        if (held == no_route || held == 0 || length_of(held) + 1 != length_of(best)) continue;
        if (relation != LearnedFrom::Provider && class_of(held) != LearnedFrom::Customer) continue; // not exported
        if (!allowed(neighbor, node)) continue;
        found.push_back(
            {make_key(relation, length_of(best), graph_.number(neighbor), true), {neighbor, announcement_[neighbor]}});
    }
    std::stable_sort(found.begin(), found.end(), [](const auto& a, const auto& b) { return a.first < b.first; });
    for (const auto& [key, offer] : found) out.push_back(offer);
    FB_ASSERT(!out.empty() && out.front() == (Offer{next_hop_[node], announcement_[node]}),
              "the chosen route is the most preferred of those tied");
}

std::vector<Candidate> Routes::candidates(NodeIndex node) const {
    std::vector<Candidate> found;
    if (keys_[node] == 0) return found;
    const AsNumber own = graph_.number(node);
    for (const DirectOffer& offer : direct_offers(node)) {
        const Announcement& from = announcements_[offer.announcement];
        found.push_back({from.node, from.asn, offer.announcement, offer.learned_from, offer.path_length,
                         std::vector<AsNumber>(offer.path_length, from.asn), 0, DecisionStep::Chosen});
    }
    const auto heard_from = [&](std::span<const NodeIndex> neighbors, LearnedFrom relation) {
        for (const NodeIndex neighbor : neighbors) {
            const Key held = keys_[neighbor];
            if (held == no_route || held == 0) continue; // an origin's offers are among the direct ones
            if (relation != LearnedFrom::Provider && class_of(held) != LearnedFrom::Customer) continue; // not exported
            const bool loop = announcements_[announcement_[neighbor]].asn == own || passes(neighbor, node);
            if (!loop && !allowed(neighbor, node)) continue;
            std::vector<AsNumber> path = as_path(neighbor);
            path.insert(path.begin(), graph_.number(neighbor));
            found.push_back({neighbor, graph_.number(neighbor), announcement_[neighbor], relation, length_of(held) + 1,
                             std::move(path), 0, DecisionStep::Chosen});
        }
    };
    heard_from(graph_.customers(node), LearnedFrom::Customer);
    heard_from(graph_.peers(node), LearnedFrom::Peer);
    heard_from(graph_.providers(node), LearnedFrom::Provider);
    const auto rank = [&](const Candidate& candidate) {
        const bool loop = std::find(candidate.as_path.begin(), candidate.as_path.end(), own) != candidate.as_path.end();
        return std::tuple(loop, candidate.learned_from, candidate.path_length, candidate.neighbor_asn,
                          candidate.neighbor.has_value(), candidate.announcement);
    };
    std::sort(found.begin(), found.end(), [&](const Candidate& a, const Candidate& b) { return rank(a) < rank(b); });
    for (Candidate& candidate : found) {
        const Candidate& best = found.front();
        if (std::get<0>(rank(candidate)))
            candidate.lost_at = DecisionStep::Loop;
        else if (&candidate == &best)
            candidate.lost_at = DecisionStep::Chosen;
        else if (candidate.learned_from != best.learned_from)
            candidate.lost_at = DecisionStep::LocalPreference;
        else if (candidate.path_length != best.path_length)
            candidate.lost_at = DecisionStep::PathLength;
        else if (candidate.neighbor_asn != best.neighbor_asn)
            candidate.lost_at = DecisionStep::NeighborAsn;
        else
            candidate.lost_at = DecisionStep::RouterId;
    }
    return found;
}

} // namespace firstbyte::bgp
