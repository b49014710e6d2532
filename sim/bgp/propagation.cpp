// The converged state in three passes: customer routes go up, cross one peering link, and everything goes down.

#include "bgp/propagation.hpp"

#include "bgp/offers.hpp"
#include "core/check.hpp"

#include <algorithm>
#include <bit>
#include <tuple>

namespace firstbyte::bgp {
namespace {

bool contains(const std::vector<AsNumber>& list, AsNumber number) {
    return std::find(list.begin(), list.end(), number) != list.end();
}

} // namespace

Routes::Routes(const AsGraph& graph, std::span<const Announcement> announcements, const RoutePolicy& policy)
    : graph_(&graph), announcements_(announcements), policy_(policy), withdrawn_(announcements.size(), 0) {
    mark_nodes();
    solve();
}

Routes::Routes(const AsGraph& graph, std::span<const Announcement> announcements, const RoutePolicy& policy,
               std::span<const GivenRoute> given)
    : graph_(&graph), announcements_(announcements), policy_(policy), withdrawn_(announcements.size(), 0) {
    FB_ASSERT(given.size() == graph.node_count(), "a route is given for each AS");
    mark_nodes();
    collect_direct_offers(true);
    keys_.assign(graph.node_count(), no_route);
    next_hop_.resize(graph.node_count());
    announcement_.resize(graph.node_count());
    for (NodeIndex node = 0; node < graph.node_count(); ++node) {
        const GivenRoute& route = given[node];
        next_hop_[node] = node;
        if (!route.reached) continue;
        next_hop_[node] = route.offer.from;
        announcement_[node] = route.offer.announcement;
        if (route.learned_from == LearnedFrom::Origin) {
            keys_[node] = 0;
            continue;
        }
        keys_[node] = make_key(static_cast<Preference>(route.learned_from), route.path_length,
                               rank_of_neighbor(node, graph.number(route.offer.from)), Kind::As);
        for (const DirectOffer& heard : direct_offers(node))
            if (heard.from == route.offer.from && heard.announcement == route.offer.announcement &&
                heard.learned_from == route.learned_from)
                keys_[node] = heard.key;
    }
}

/// Only few ASes can refuse a route or are asked for anything; everyone else is spared the questions.
void Routes::mark_nodes() {
    flags_.assign(graph_->node_count(), 0);
    const auto mark = [&](AsNumber number, std::uint8_t flags) {
        if (const auto node = graph_->find(number)) flags_[*node] |= flags;
    };
    bool any_invalid = false;
    for (const Announcement& from : announcements_) {
        if (from.node) flags_[*from.node] |= Announces;
        if (!from.node) mark(from.asn, Filters);
        any_invalid = any_invalid || from.invalid;
        has_shutdown_ = has_shutdown_ || from.graceful_shutdown || !from.shutdown_at.empty();
    }
    for (const AsNumber number : policy_.leaking) mark(number, Leaks);
    if (!any_invalid) return;
    for (const AsNumber number : policy_.validating) mark(number, Filters | Validates);
}

void Routes::collect_direct_offers(bool honour_shutdown) {
    direct_offers_.clear();
    for (std::uint32_t index = 0; index < announcements_.size(); ++index) {
        const Announcement& from = announcements_[index];
        const bool asks =
            from.no_export || !from.no_export_by.empty() || !from.no_export_to.empty() || !from.prepend_via.empty();
        const auto announce = [&](std::span<const NodeIndex> receivers, LearnedFrom learned_from) {
            for (const NodeIndex receiver : receivers) {
                const AsNumber number = graph_->number(receiver);
                if (from.only_to && !contains(*from.only_to, number)) continue;
                std::uint64_t length = std::uint64_t{1} + from.prepend;
                for (const auto& [neighbor, extra] : from.prepend_to)
                    if (neighbor == number) length += extra;
                FB_ASSERT(length < length_limit, "prepends are counted in tens, not in hundreds of millions");
                std::uint32_t med = from.med;
                for (const auto& [neighbor, value] : from.med_to)
                    if (neighbor == number) med = value;
                const bool shut_down =
                    honour_shutdown && (from.graceful_shutdown || contains(from.shutdown_at, number));
                const Kind kind = med > 0 ? Kind::WithMed : from.node ? Kind::As : Kind::Site;
                const Key key =
                    make_key(shut_down ? Preference::ShutDown : static_cast<Preference>(learned_from),
                             static_cast<std::uint32_t>(length), rank_of_neighbor(receiver, from.asn), kind);
                direct_offers_.push_back({key, receiver, from.node.value_or(receiver), index, med,
                                          from.router_id.value_or(index), learned_from});
                flags_[receiver] |= static_cast<std::uint8_t>(HearsDirectly | (asks ? IsAsked : 0));
            }
        };
        if (from.node) {
            announce(graph_->providers(*from.node), LearnedFrom::Customer);
            announce(graph_->peers(*from.node), LearnedFrom::Peer);
            announce(graph_->customers(*from.node), LearnedFrom::Provider);
        } else {
            announce(from.providers, LearnedFrom::Customer);
            announce(from.peers, LearnedFrom::Peer);
        }
    }
    std::sort(direct_offers_.begin(), direct_offers_.end(), [](const DirectOffer& a, const DirectOffer& b) {
        return std::tie(a.to, a.key, a.med, a.router_id, a.announcement, a.learned_from) <
               std::tie(b.to, b.key, b.med, b.router_id, b.announcement, b.learned_from);
    });
}

void Routes::solve() {
    collect_direct_offers(false);
    keys_.assign(graph_->node_count(), no_route);
    next_hop_.resize(graph_->node_count());
    announcement_.resize(graph_->node_count());
    with_customer_route_.clear();
    unsettled_.clear();
    accept_direct_offers();
    if (graph_->provider_cycle().empty()) {
        climb();
        cross();
        descend();
    } else {
        climb_by_length();
        cross();
        descend_by_length();
    }
    if (!one_state()) settle();
}

void Routes::improve(NodeIndex node, Key key, NodeIndex neighbor, std::uint32_t announcement) {
    if (key >= keys_[node]) return;
    keys_[node] = key;
    next_hop_[node] = neighbor;
    announcement_[node] = announcement;
}

void Routes::accept_direct_offers() {
    for (std::uint32_t index = 0; index < announcements_.size(); ++index)
        if (const auto node = announcements_[index].node; node && withdrawn_[index] == 0)
            improve(*node, 0, *node, index);
    for (const DirectOffer& heard :
         direct_offers_) // of one receiver the best comes first, and an equal key is no better
        if (withdrawn_[heard.announcement] == 0 && !refuses(heard.to, heard.announcement))
            improve(heard.to, heard.key, heard.from, heard.announcement);
}

/// Offers the customer route of `node` to the providers or to the peers; tells `improved` who took it.
template <class Improved>
void Routes::export_customer_route(NodeIndex node, std::span<const NodeIndex> neighbors, Preference preference,
                                   Improved improved) {
    const std::uint32_t announcement = announcement_[node];
    if (is(node, IsAsked) || policy_.tie_break != TieBreak::LowestAsn) {
        for (const NodeIndex neighbor : neighbors) {
            const Key key = offer(node, neighbor, preference);
            if (key >= keys_[neighbor]) continue;
            improve(neighbor, key, node, announcement);
            improved(neighbor);
        }
        return;
    }
    const Key key = make_key(preference, length_of(keys_[node]) + 1, graph_->number(node), Kind::As);
    for (const NodeIndex neighbor : neighbors) {
        if (key >= keys_[neighbor] || refuses(neighbor, announcement)) continue;
        improve(neighbor, key, node, announcement);
        improved(neighbor);
    }
}

/// Customer routes climb the provider links. Customers come after their providers in the order of the nodes, so going
/// through it backwards an AS is final when its turn comes.
void Routes::climb() {
    const NodeIndex transit = graph_->transit_count();
    std::vector<std::uint64_t> waiting(transit / 64 + 1, 0);
    const auto wait = [&](NodeIndex node) { waiting[node / 64] |= std::uint64_t{1} << (node % 64); };
    const auto take_turn = [&](NodeIndex node) {
        const Key key = keys_[node];
        if (key == 0 || key >= peer_floor) return;
        with_customer_route_.push_back(node);
        export_customer_route(node, graph_->providers(node), Preference::Customer, wait);
    };
    NodeIndex last = graph_->node_count();
    for (auto heard = direct_offers_.rbegin(); heard != direct_offers_.rend(); ++heard) {
        if (heard->to == last) continue;
        last = heard->to;
        if (last >= transit) {
            take_turn(last);
        } else {
            wait(last);
        }
    }
    for (std::size_t word = waiting.size(); word-- > 0;) {
        while (waiting[word] != 0) {
            const int bit = 63 - std::countl_zero(waiting[word]);
            waiting[word] ^= std::uint64_t{1} << bit;
            take_turn(static_cast<NodeIndex>(word * 64) + static_cast<NodeIndex>(bit));
        }
    }
}

namespace {

/// ASes by the length of their route. All offers of a length come from shorter ones, so a bucket is final when its turn
/// comes.
class Buckets {
public:
    void put(NodeIndex node, std::uint32_t length) {
        if (buckets_.size() <= length) buckets_.resize(length + 1);
        buckets_[length].push_back(node);
    }
    template <class Use>
    void for_each(Use use) {
        for (std::uint32_t length = 0; length < buckets_.size(); ++length)
            for (std::size_t next = 0; next < buckets_[length].size(); ++next) use(buckets_[length][next], length);
    }

private:
    std::vector<std::vector<NodeIndex>> buckets_;
};

} // namespace

/// The same where the provider links form a cycle and no order exists: shortest first.
void Routes::climb_by_length() {
    Buckets buckets;
    std::vector<bool> done(graph_->node_count(), false);
    for (const DirectOffer& heard : direct_offers_)
        if (keys_[heard.to] < peer_floor && keys_[heard.to] != 0) buckets.put(heard.to, length_of(keys_[heard.to]));
    buckets.for_each([&](NodeIndex node, std::uint32_t length) {
        if (length_of(keys_[node]) != length || done[node]) return; // a shorter one was found meanwhile
        done[node] = true;
        with_customer_route_.push_back(node);
        export_customer_route(node, graph_->providers(node), Preference::Customer,
                              [&](NodeIndex provider) { buckets.put(provider, length_of(keys_[provider])); });
    });
}

/// Customer routes cross one peering link.
void Routes::cross() {
    for (const NodeIndex node : with_customer_route_)
        export_customer_route(node, graph_->peers(node), Preference::Peer, [](NodeIndex) {});
}

/// Everyone without a better route takes the best of its providers, who come before it in the order of the nodes.
void Routes::descend() {
    const NodeIndex transit = graph_->transit_count();
    const bool by_hash = policy_.tie_break != TieBreak::LowestAsn;
    std::vector<Key> handed_down(transit); // what each gives to its customers
    const auto pull = [&](NodeIndex node) {
        Key best = keys_[node];
        NodeIndex from = node;
        if (by_hash || is(node, Filters)) {
            for (const NodeIndex provider : graph_->providers(node)) {
                if (handed_down[provider] >= (best | among_equals)) continue;
                const Key key = offer(provider, node, Preference::Provider);
                if (key < best) {
                    best = key;
                    from = provider;
                }
            }
        } else {
            for (const NodeIndex provider : graph_->providers(node)) {
                const Key key = handed_down[provider];
                from = key < best ? provider : from;
                best = key < best ? key : best;
            }
        }
        if (from == node) return;
        keys_[node] = best;
        next_hop_[node] = from;
        announcement_[node] = announcement_[from];
    };
    for (NodeIndex node = 0; node < transit; ++node) {
        if (keys_[node] >= provider_floor) pull(node); // or no route: all ones
        const Key held = keys_[node];
        handed_down[node] = no_route;
        if (held == no_route) {
            next_hop_[node] = node;
        } else if (is(node, IsAsked) && held != 0) { // it may tell each customer something else
            for (const NodeIndex customer : graph_->customers(node))
                improve(customer, offer(node, customer, Preference::Provider), node, announcement_[node]);
        } else if (held != 0) { // an origin's own offers are taken already
            handed_down[node] = make_key(Preference::Provider, length_of(held) + 1, graph_->number(node), Kind::As);
        }
    }
    for (NodeIndex node = transit; node < graph_->node_count(); ++node) {
        if (keys_[node] >= provider_floor) pull(node);
        if (keys_[node] == no_route) next_hop_[node] = node;
    }
}

/// The same where the provider links form a cycle and no order exists: shortest first.
void Routes::descend_by_length() {
    Buckets buckets;
    for (NodeIndex node = 0; node < graph_->node_count(); ++node) {
        if (keys_[node] != no_route && keys_[node] != 0) buckets.put(node, length_of(keys_[node]));
        if (keys_[node] == no_route) next_hop_[node] = node;
    }
    std::vector<bool> done(graph_->node_count(), false);
    buckets.for_each([&](NodeIndex node, std::uint32_t length) {
        if (length_of(keys_[node]) != length || done[node]) return;
        done[node] = true;
        for (const NodeIndex customer : graph_->customers(node)) {
            const Key key = offer(node, customer, Preference::Provider);
            if (key >= keys_[customer]) continue;
            improve(customer, key, node, announcement_[node]);
            buckets.put(customer, length_of(key));
        }
    });
}

} // namespace firstbyte::bgp
