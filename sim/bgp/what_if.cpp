#include "bgp/what_if.hpp"

#include "bgp/offers.hpp"
#include "core/check.hpp"

#include <algorithm>
#include <bit>
#include <numeric>

namespace firstbyte::bgp {

template <class Use>
void WhatIf::NodeSet::take_descending(Use use) {
    for (std::size_t word = words_.size(); word-- > 0;) {
        while (words_[word] != 0) {
            const int bit = 63 - std::countl_zero(words_[word]);
            words_[word] ^= std::uint64_t{1} << bit;
            use(static_cast<NodeIndex>(word * 64) + static_cast<NodeIndex>(bit));
        }
    }
}

template <class Use>
void WhatIf::NodeSet::take_ascending(Use use) {
    for (std::size_t word = 0; word < words_.size(); ++word) {
        while (words_[word] != 0) {
            const int bit = std::countr_zero(words_[word]);
            words_[word] &= words_[word] - 1;
            use(static_cast<NodeIndex>(word * 64) + static_cast<NodeIndex>(bit));
        }
    }
}

WhatIf::WhatIf(const Routes& routes)
    : announcements_(routes.announcements_.begin(), routes.announcements_.end()), routes_(routes),
      first_member_(announcements_.size() + 1, 0), logged_(routes.graph().node_count(), 0),
      up_(routes.graph().node_count()), down_(routes.graph().node_count()) {
    routes_.announcements_ = announcements_;
    const NodeIndex nodes = routes.graph().node_count();
    for (NodeIndex node = 0; node < nodes; ++node)
        if (routes.reached(node)) ++first_member_[routes.announcement(node) + 1];
    std::partial_sum(first_member_.begin(), first_member_.end(), first_member_.begin());
    members_.resize(first_member_.back());
    std::vector<std::uint32_t> next(first_member_.begin(), first_member_.end() - 1);
    for (NodeIndex node = 0; node < nodes; ++node)
        if (routes.reached(node)) members_[next[routes.announcement(node)]++] = node;
}

void WhatIf::begin_step() {
    steps_.emplace_back();
    steps_.back().log_begin = log_.size();
    steps_.back().unsettled = routes_.unsettled_;
}

/// Writes down what `node` holds, once per step.
void WhatIf::remember(NodeIndex node) {
    if (logged_[node] > steps_.back().log_begin) return;
    log_.push_back({routes_.keys_[node], node, routes_.next_hop_[node], routes_.announcement_[node], logged_[node]});
    logged_[node] = static_cast<std::uint32_t>(log_.size());
}

void WhatIf::set(NodeIndex node, Key key, NodeIndex next_hop, std::uint32_t announcement) {
    remember(node);
    routes_.keys_[node] = key;
    routes_.next_hop_[node] = next_hop;
    routes_.announcement_[node] = announcement;
}

void WhatIf::lose(NodeIndex node) { set(node, Routes::no_route, node, routes_.announcement_[node]); }

void WhatIf::withdraw(std::span<const std::uint32_t> announcements) {
    begin_step();
    for (const std::uint32_t announcement : announcements) {
        FB_ASSERT(announcement < announcements_.size() && !withdrawn(announcement),
                  "what is withdrawn was announced until then");
        routes_.withdrawn_[announcement] = 1;
        steps_.back().withdrawn.push_back(announcement);
    }
    if (routes_.one_state() && routes_.graph().provider_cycle().empty()) {
        repair(announcements);
    } else {
        solve_anew();
    }
}

void WhatIf::set_prepend(std::uint32_t announcement, std::uint32_t prepend) {
    begin_step();
    steps_.back().prepend = {announcement, announcements_[announcement].prepend};
    announcements_[announcement].prepend = prepend;
    solve_anew();
}

void WhatIf::undo() {
    FB_ASSERT(!steps_.empty(), "there is a step to undo");
    Step& step = steps_.back();
    for (const std::uint32_t announcement : step.withdrawn) routes_.withdrawn_[announcement] = 0;
    for (; log_.size() > step.log_begin; log_.pop_back()) {
        const Held& held = log_.back();
        routes_.keys_[held.node] = held.key;
        routes_.next_hop_[held.node] = held.next_hop;
        routes_.announcement_[held.node] = held.announcement;
        logged_[held.node] = held.previous;
    }
    if (step.prepend) {
        announcements_[step.prepend->first].prepend = step.prepend->second;
        routes_.collect_direct_offers(true);
    }
    routes_.unsettled_.swap(step.unsettled);
    steps_.pop_back();
}

void WhatIf::solve_anew() {
    std::vector<Key> keys = routes_.keys_;
    std::vector<NodeIndex> next_hops = routes_.next_hop_;
    std::vector<std::uint32_t> announcements = routes_.announcement_;
    routes_.solve();
    // The log is written against the old state, so that one goes in first.
    routes_.keys_.swap(keys);
    routes_.next_hop_.swap(next_hops);
    routes_.announcement_.swap(announcements);
    for (NodeIndex node = 0; node < routes_.graph().node_count(); ++node) {
        if (keys[node] != routes_.keys_[node] || next_hops[node] != routes_.next_hop_[node] ||
            announcements[node] != routes_.announcement_[node])
            set(node, keys[node], next_hops[node], announcements[node]);
    }
}

/// The passes of the propagation over the ASes concerned. In each pass an AS looks again when the neighbour it uses
/// changed, or when one offers something better than it has; all others hold what they would choose again.
void WhatIf::repair(std::span<const std::uint32_t> announcements) {
    for (const std::uint32_t announcement : announcements) {
        for (std::uint32_t at = first_member_[announcement]; at < first_member_[announcement + 1]; ++at)
            take_away(members_[at], announcement);
        for (std::size_t at = 0; at < steps_.back().log_begin; ++at) // who came to it in earlier steps
            take_away(log_[at].node, announcement);
    }
    up_.take_descending([&](NodeIndex node) { repair_customer_route(node); });
    for (const NodeIndex node : customer_route_changed_) offer_to_peers(node);
    for (const NodeIndex node : across_) repair_peer_route(node);
    down_.take_ascending([&](NodeIndex node) { repair_provider_route(node); });
    customer_route_changed_.clear();
    across_.clear();
}

void WhatIf::take_away(NodeIndex node, std::uint32_t announcement) {
    const Key held = routes_.keys_[node];
    if (held == Routes::no_route || routes_.announcement_[node] != announcement) return;
    lose(node);
    down_.insert(node);
    if (held < Routes::peer_floor) {
        up_.insert(node);
    } else if (held < Routes::provider_floor) {
        across_.push_back(node);
    }
}

/// All customers had their turn. The node lost its customer route, or one of them has something new to offer.
void WhatIf::repair_customer_route(NodeIndex node) {
    Key best = Routes::no_route;
    NodeIndex from = node;
    std::uint32_t announcement = 0;
    if (const auto own = routes_.own_announcement(node)) {
        best = 0;
        announcement = *own;
    } else {
        if (const auto* heard = routes_.best_direct_offer(node)) {
            best = heard->key;
            from = heard->from;
            announcement = heard->announcement;
        }
        for (const NodeIndex customer : routes_.graph().customers(node)) {
            if (routes_.keys_[customer] >= Routes::peer_floor) continue;
            const Key key = routes_.offer(customer, node, Preference::Customer);
            if (key >= best) continue;
            best = key;
            from = customer;
            announcement = routes_.announcement_[customer];
        }
    }
    const Key held = routes_.keys_[node];
    if (best < Routes::peer_floor) {
        if (best == held && from == routes_.next_hop_[node] && announcement == routes_.announcement_[node]) return;
        set(node, best, from, announcement);
    } else {
        if (held != Routes::no_route && held >= Routes::peer_floor) return; // never had one
        lose(node);
        across_.push_back(node);
    }
    down_.insert(node);
    customer_route_changed_.push_back(node);
    for (const NodeIndex provider : routes_.graph().providers(node)) {
        const Key theirs = routes_.keys_[provider];
        const bool user = theirs < Routes::peer_floor && routes_.next_hop_[provider] == node;
        if (user || routes_.offer(node, provider, Preference::Customer) < theirs) up_.insert(provider);
    }
}

/// Customer routes are final.
void WhatIf::offer_to_peers(NodeIndex node) {
    for (const NodeIndex peer : routes_.graph().peers(node)) {
        const Key theirs = routes_.keys_[peer];
        if (theirs < Routes::peer_floor) continue;
        if (theirs < Routes::provider_floor && routes_.next_hop_[peer] == node) {
            lose(peer);
            across_.push_back(peer);
            down_.insert(peer);
            continue;
        }
        const Key key = routes_.offer(node, peer, Preference::Peer);
        if (key >= theirs) continue;
        set(peer, key, node, routes_.announcement_[node]);
        down_.insert(peer);
    }
}

/// The node lost its peer route, or its customer route and may have a peer route instead.
void WhatIf::repair_peer_route(NodeIndex node) {
    if (routes_.keys_[node] < Routes::peer_floor) return;
    Key best = Routes::provider_floor;
    NodeIndex from = node;
    std::uint32_t announcement = 0;
    if (const auto* heard = routes_.best_direct_offer(node); heard != nullptr && heard->key < best) {
        best = heard->key;
        from = heard->from;
        announcement = heard->announcement;
    }
    for (const NodeIndex peer : routes_.graph().peers(node)) {
        if (routes_.keys_[peer] >= Routes::peer_floor) continue;
        const Key key = routes_.offer(peer, node, Preference::Peer);
        if (key >= best) continue;
        best = key;
        from = peer;
        announcement = routes_.announcement_[peer];
    }
    if (best != Routes::provider_floor) set(node, best, from, announcement);
}

/// All providers had their turn, and customer and peer routes are final.
void WhatIf::repair_provider_route(NodeIndex node) {
    if (routes_.keys_[node] >= Routes::provider_floor) {
        Key best = Routes::no_route;
        NodeIndex from = node;
        std::uint32_t announcement = routes_.announcement_[node];
        if (const auto* heard = routes_.best_direct_offer(node)) {
            best = heard->key;
            from = heard->from;
            announcement = heard->announcement;
        }
        for (const NodeIndex provider : routes_.graph().providers(node)) {
            if (Routes::length_of(routes_.keys_[provider]) >= Routes::length_of(best)) continue; // one longer here
            const Key key = routes_.offer(provider, node, Preference::Provider);
            if (key >= best) continue;
            best = key;
            from = provider;
            announcement = routes_.announcement_[provider];
        }
        set(node, best, from, announcement);
    }
    if (node >= routes_.graph().transit_count()) return;
    const Held& before = log_[logged_[node] - 1];
    const Key now = routes_.keys_[node];
    const bool as_before = Routes::length_of(before.key) == Routes::length_of(now) && (before.key == 0) == (now == 0) &&
                           before.announcement == routes_.announcement_[node] && !routes_.is(node, Routes::IsAsked);
    if (as_before) return; // to customers it matters only how far what is
    if (routes_.is(node, Routes::IsAsked) || routes_.policy_.tie_break != TieBreak::LowestAsn) {
        for (const NodeIndex customer : routes_.graph().customers(node)) {
            const Key theirs = routes_.keys_[customer];
            if (theirs < Routes::provider_floor) continue;
            if (routes_.next_hop_[customer] == node || routes_.offer(node, customer, Preference::Provider) < theirs)
                down_.insert(customer);
        }
        return;
    }
    // The same with one look at each customer, as its key names its next hop. One that refuses will find so itself.
    const bool exports = now != Routes::no_route && now != 0;
    const Key key = Routes::make_key(Preference::Provider, exports ? Routes::length_of(now) + 1 : 0,
                                     routes_.graph().number(node), Routes::Kind::As);
    const Key from_here = key & Routes::among_equals, offered = exports ? key : Routes::no_route;
    for (const NodeIndex customer : routes_.graph().customers(node)) {
        const Key theirs = routes_.keys_[customer];
        if (theirs >= Routes::provider_floor && ((theirs & Routes::among_equals) == from_here || offered < theirs))
            down_.insert(customer);
    }
}

void WhatIf::tied_changed(std::vector<NodeIndex>& out) const {
    out.clear();
    const auto best_of = [&](NodeIndex node) { return routes_.keys_[node] >> Routes::length_shift; };
    for (const Step& step : steps_)
        for (const std::uint32_t announcement : step.withdrawn)
            for (const Routes::DirectOffer& heard : routes_.direct_offers_)
                if (heard.announcement == announcement && heard.key >> Routes::length_shift == best_of(heard.to))
                    out.push_back(heard.to);
    for (const Held& held : log_) {
        if (held.previous != 0 || !differs(held)) continue;
        const NodeIndex node = held.node;
        out.push_back(node);
        // What is asked of neighbours only adds to the length or keeps a route back, so this errs by naming too many.
        const auto look = [&](std::span<const NodeIndex> neighbors, Preference preference) {
            const Key before = Routes::make_key(preference, Routes::length_of(held.key) + 1, 0, {});
            for (const NodeIndex neighbor : neighbors) {
                const Key now = routes_.offer(node, neighbor, preference) >> Routes::length_shift;
                const bool offered =
                    held.key != Routes::no_route &&
                    (routes_.is(node, Routes::IsAsked) || before >> Routes::length_shift == best_of(neighbor));
                if (routes_.reached(neighbor) && (offered || now == best_of(neighbor))) out.push_back(neighbor);
            }
        };
        look(routes_.graph().providers(node), Preference::Customer);
        look(routes_.graph().peers(node), Preference::Peer);
        look(routes_.graph().customers(node), Preference::Provider);
    }
    std::sort(out.begin(), out.end());
    out.erase(std::unique(out.begin(), out.end()), out.end());
}

} // namespace firstbyte::bgp
