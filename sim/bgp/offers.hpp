/// What the parts of route propagation share: the price of one route from one neighbour to another. Not for others.
#pragma once

#include "bgp/propagation.hpp"
#include "core/check.hpp"

namespace firstbyte::bgp {

inline constexpr std::uint32_t length_limit = 1u << 26; ///< half of what a key holds, so that adding stays inside
inline constexpr std::uint32_t never_exported = ~std::uint32_t{0};

inline std::uint32_t Routes::rank_of_neighbor(NodeIndex at, AsNumber neighbor) const {
    return policy_.tie_break == TieBreak::LowestAsn ? neighbor : neighbor_rank(policy_, graph_->number(at), neighbor);
}

/// Whether an AS drops whatever leads to this announcement: its own number is in the path (RFC 4271 section 9.1.2), or
/// it validates origins.
inline bool Routes::refuses(NodeIndex node, std::uint32_t announcement) const {
    if (!is(node, Filters)) return false;
    const Announcement& from = announcements_[announcement];
    return from.asn == graph_->number(node) || (from.invalid && is(node, Validates));
}

/// The route of `from` as `to` hears it and ranks it, or `no_route` when it is not exported. An origin's announcements
/// are direct offers and not exported here.
inline Routes::Key Routes::exported(NodeIndex from, NodeIndex to, Preference preference) const {
    const Key held = keys_[from];
    if (held == no_route || held == 0) return no_route;
    if (preference != Preference::Provider && held >= peer_floor && !is(from, Leaks) &&
        (preference_of(held) != Preference::ShutDown || learned_from(from) != LearnedFrom::Customer))
        return no_route;
    std::uint32_t length = length_of(held) + 1;
    if (is(from, IsAsked)) {
        const std::uint32_t extra = extra_on_export(from, to);
        if (extra == never_exported) return no_route;
        length += extra;
        FB_ASSERT(length < 2 * length_limit, "a path is not hundreds of millions long");
    }
    return make_key(preference, length, rank_of_neighbor(to, graph_->number(from)), Kind::As);
}

/// The same, or `no_route` when `to` refuses it. Whether its path passes `to` is not asked.
inline Routes::Key Routes::offer(NodeIndex from, NodeIndex to, Preference preference) const {
    const Key key = exported(from, to, preference);
    return key != no_route && refuses(to, announcement_[from]) ? no_route : key;
}

/// Hands (key, neighbour) of every neighbour's offer to `use`, loops included, direct offers not.
template <class Use>
void Routes::for_each_offer(NodeIndex node, Use use) const {
    const auto hear = [&](std::span<const NodeIndex> neighbors, Preference preference) {
        for (const NodeIndex neighbor : neighbors)
            if (const Key key = offer(neighbor, node, preference); key != no_route) use(key, neighbor);
    };
    hear(graph_->customers(node), Preference::Customer);
    hear(graph_->peers(node), Preference::Peer);
    hear(graph_->providers(node), Preference::Provider);
}

} // namespace firstbyte::bgp
