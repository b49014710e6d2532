// What can be asked about the routes of one AS.

#include "bgp/offers.hpp"
#include "bgp/propagation.hpp"
#include "core/check.hpp"

#include <boost/container/small_vector.hpp>

#include <algorithm>
#include <utility>

namespace firstbyte::bgp {

LearnedFrom Routes::learned_from(NodeIndex node) const {
    const Preference preference = preference_of(keys_[node]);
    if (preference != Preference::ShutDown) return static_cast<LearnedFrom>(preference);
    for (const DirectOffer& heard : direct_offers(node))
        if (heard.key == keys_[node] && heard.announcement == announcement_[node]) return heard.learned_from;
    invariant_broken("a route that is shut down was heard directly", "direct offer", __FILE__, __LINE__);
}

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
    while (next_hop_[node] != node && next_hop_[node] != from.node) {
        const NodeIndex hop = next_hop_[node];
        path.insert(path.end(), length_of(keys_[node]) - length_of(keys_[hop]), graph_->number(hop));
        node = hop;
    }
    path.insert(path.end(), length_of(keys_[node]), from.asn); // the origin and its prepends
    return path;
}

DecidedBy Routes::decided_by(NodeIndex node) const {
    FB_ASSERT(reached(node), "only an AS with a route decided on one");
    const Key best = keys_[node];
    if (best == 0) return DecidedBy::Origin;
    std::size_t received = 0, as_preferred = 0, as_short = 0, as_far = 0, of_neighbor = 0;
    const auto count = [&](Key key, bool by_med) {
        ++received;
        if (preference_of(key) != preference_of(best)) return;
        ++as_preferred;
        if (key >> length_shift != best >> length_shift) return;
        ++as_short;
        if (by_med) return;
        ++as_far;
        if (key >> neighbor_shift == best >> neighbor_shift) ++of_neighbor;
    };
    const DirectOffer* first_of_group = nullptr; // of one key; the offers are sorted by key, then by MED
    for (const DirectOffer& heard : direct_offers(node)) {
        if (withdrawn_[heard.announcement] != 0 || refuses(node, heard.announcement)) continue;
        if (first_of_group == nullptr || first_of_group->key >> neighbor_shift != heard.key >> neighbor_shift)
            first_of_group = &heard;
        count(heard.key, heard.med > first_of_group->med);
    }
    for_each_offer(node, [&](Key key, NodeIndex neighbor) {
        if (!passes(neighbor, node)) count(key, false);
    });
    FB_ASSERT(as_short > 0, "the chosen route is one of those received");
    if (received == 1) return DecidedBy::OnlyRoute;
    if (as_preferred == 1) return DecidedBy::LocalPreference;
    if (as_short == 1) return DecidedBy::PathLength;
    if (as_far == 1) return DecidedBy::Med;
    return of_neighbor == as_far ? DecidedBy::RouterId : DecidedBy::NeighborAsn;
}

void Routes::tied(NodeIndex node, std::vector<Offer>& out) const {
    out.clear();
    const Key best = keys_[node];
    if (best == no_route || best == 0) return;
    const auto equal = [&](Key key) { return key >> length_shift == best >> length_shift; };
    struct Tied {
        Key key;
        std::uint32_t med, order; ///< direct offers are in their order already, and come before others of equal key
        Offer offer;
    };
    boost::container::small_vector<Tied, 32> found; // for most ASes nothing is allocated
    const auto add = [&](Key key, std::uint32_t med, Offer route) {
        found.push_back({key, med, static_cast<std::uint32_t>(found.size()), route});
    };
    for (const DirectOffer& heard : direct_offers(node))
        if (equal(heard.key) && withdrawn_[heard.announcement] == 0 && !refuses(node, heard.announcement))
            add(heard.key, heard.med, {heard.from, heard.announcement});
    // No loop gets in: a neighbour whose path passes here has a longer one than this AS.
    const auto hear = [&](std::span<const NodeIndex> neighbors, Preference preference) {
        for (const NodeIndex neighbor : neighbors) {
            const Key key = offer(neighbor, node, preference);
            if (equal(key)) add(key, 0, {neighbor, announcement_[neighbor]});
        }
    };
    switch (preference_of(best)) {
    case Preference::Customer: hear(graph_->customers(node), Preference::Customer); break;
    case Preference::Peer: hear(graph_->peers(node), Preference::Peer); break;
    case Preference::Provider: hear(graph_->providers(node), Preference::Provider); break;
    case Preference::Origin:
    case Preference::ShutDown: break; // none is heard from neighbours' neighbours
    }
    std::sort(found.begin(), found.end(),
              [](const Tied& x, const Tied& y) { return std::pair(x.key, x.order) < std::pair(y.key, y.order); });
    const Tied* first_of_neighbor = nullptr;
    for (const Tied& route : found) {
        if (first_of_neighbor == nullptr || first_of_neighbor->key >> neighbor_shift != route.key >> neighbor_shift)
            first_of_neighbor = &route;
        if (route.med > first_of_neighbor->med) continue;
        out.push_back(route.offer);
    }
    const Offer chosen{next_hop_[node], announcement_[node]};
    const auto at = std::find(out.begin(), out.end(), chosen); // the first one, unless the routes were given
    if (at == out.end()) {
        out.insert(out.begin(), chosen);
    } else {
        std::rotate(out.begin(), at, at + 1);
    }
}

std::vector<Candidate> Routes::candidates(NodeIndex node) const {
    if (keys_[node] == 0) return {};
    struct Received {
        Key key;
        Candidate route;
    };
    std::vector<Received> found;
    const auto fate_of = [&](const Candidate& route) {
        const AsNumber own = graph_->number(node);
        if (std::find(route.as_path.begin(), route.as_path.end(), own) != route.as_path.end())
            return DecisionStep::Loop;
        return refuses(node, route.announcement) ? DecisionStep::OriginValidation : DecisionStep::Chosen;
    };
    for (const DirectOffer& heard : direct_offers(node)) {
        if (withdrawn_[heard.announcement] != 0) continue;
        const Announcement& from = announcements_[heard.announcement];
        const std::uint32_t length = length_of(heard.key);
        found.push_back({heard.key,
                         {from.node,
                          from.asn,
                          heard.announcement,
                          heard.learned_from,
                          preference_of(heard.key) == Preference::ShutDown,
                          length,
                          std::vector<AsNumber>(length, from.asn),
                          heard.med,
                          {}}});
    }
    const auto hear = [&](std::span<const NodeIndex> neighbors, LearnedFrom relation) {
        for (const NodeIndex neighbor : neighbors) {
            const Key key = exported(neighbor, node, static_cast<Preference>(relation));
            if (key == no_route) continue;
            const AsNumber number = graph_->number(neighbor);
            std::vector<AsNumber> path(length_of(key) - length_of(keys_[neighbor]), number);
            const std::vector<AsNumber> rest = as_path(neighbor);
            path.insert(path.end(), rest.begin(), rest.end());
            found.push_back(
                {key,
                 {neighbor, number, announcement_[neighbor], relation, false, length_of(key), std::move(path), 0, {}}});
        }
    };
    hear(graph_->customers(node), LearnedFrom::Customer);
    hear(graph_->peers(node), LearnedFrom::Peer);
    hear(graph_->providers(node), LearnedFrom::Provider);
    for (Received& received : found) received.route.lost_at = fate_of(received.route);
    // Stable, because the direct offers are in their order already and come first among equal keys.
    std::stable_sort(found.begin(), found.end(), [](const Received& a, const Received& b) {
        return std::pair(a.route.lost_at != DecisionStep::Chosen, a.key) <
               std::pair(b.route.lost_at != DecisionStep::Chosen, b.key);
    });
    if (reached(node)) { // the first one, unless the routes were given
        const auto chosen = std::find_if(found.begin(), found.end(), [&](const Received& received) {
            return received.route.neighbor.value_or(node) == next_hop_[node] &&
                   received.route.announcement == announcement_[node];
        });
        if (chosen != found.end()) std::rotate(found.begin(), chosen, chosen + 1);
    }
    std::vector<Candidate> result;
    for (const Received& received : found) {
        const Received& best = found.front();
        const auto outdone = [&](const Received& other) {
            return other.route.lost_at == DecisionStep::Chosen &&
                   other.key >> length_shift == received.key >> length_shift &&
                   other.route.neighbor_asn == received.route.neighbor_asn && other.route.med < received.route.med;
        };
        result.push_back(received.route);
        DecisionStep& lost_at = result.back().lost_at;
        if (lost_at != DecisionStep::Chosen || &received == &best) continue;
        lost_at = preference_of(received.key) != preference_of(best.key)     ? DecisionStep::LocalPreference
                  : received.key >> length_shift != best.key >> length_shift ? DecisionStep::PathLength
                  : std::any_of(found.begin(), found.end(), outdone)         ? DecisionStep::Med
                  : received.route.neighbor_asn != best.route.neighbor_asn   ? DecisionStep::NeighborAsn
                                                                             : DecisionStep::RouterId;
    }
    return result;
}

} // namespace firstbyte::bgp
