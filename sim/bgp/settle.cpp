// Leaks and graceful shutdowns: decisions one at a time until nothing changes.

#include "bgp/offers.hpp"
#include "bgp/propagation.hpp"

#include <deque>

namespace firstbyte::bgp {
namespace {

// Model choice: far more than a decision needs that comes to rest (a path is a dozen ASes long), and soon over.
constexpr std::uint32_t decisions_limit = 1000;

} // namespace

/// Message passing over the state of the neighbours, first come, first served. The start is the state without leaks and
/// shutdowns. A path is followed through the next hops as they are: since an AS never takes a path that passes itself,
/// these always form trees.
void Routes::settle() {
    collect_direct_offers(true);
    std::deque<NodeIndex> waiting;
    std::vector<std::uint8_t> is_waiting(graph_->node_count(), 0), path_changed(graph_->node_count(), 0);
    std::vector<std::uint32_t> decisions(graph_->node_count(), 0);
    const auto wait = [&](NodeIndex node) {
        if (is_waiting[node] != 0) return;
        is_waiting[node] = 1;
        waiting.push_back(node);
    };
    const auto tell = [&](NodeIndex from, std::span<const NodeIndex> neighbors, Preference preference) {
        for (const NodeIndex neighbor : neighbors) {
            const bool user = next_hop_[neighbor] == from && neighbor != from;
            if (user) path_changed[neighbor] = 1;
            if (user || offer(from, neighbor, preference) < keys_[neighbor]) wait(neighbor);
        }
    };
    const auto tell_all = [&](NodeIndex from) {
        tell(from, graph_->providers(from), Preference::Customer);
        tell(from, graph_->peers(from), Preference::Peer);
        tell(from, graph_->customers(from), Preference::Provider);
    };
    for (const DirectOffer& heard : direct_offers_)
        if (preference_of(heard.key) == Preference::ShutDown) wait(heard.to);
    for (const AsNumber leaking : policy_.leaking)
        if (const auto node = graph_->find(leaking); node && reached(*node)) tell_all(*node);
    bool gave_up = false;
    while (!waiting.empty()) {
        const NodeIndex node = waiting.front();
        waiting.pop_front();
        is_waiting[node] = 0;
        if (keys_[node] == 0) continue; // an origin
        if (decisions[node] == decisions_limit) {
            gave_up = true;
            continue;
        }
        ++decisions[node];
        const DirectOffer* heard = best_direct_offer(node);
        Key best = heard != nullptr ? heard->key : no_route;
        NodeIndex from = heard != nullptr ? heard->from : node;
        std::uint32_t announcement = heard != nullptr ? heard->announcement : announcement_[node];
        for_each_offer(node, [&](Key key, NodeIndex neighbor) {
            if (key >= best || passes(neighbor, node)) return;
            best = key;
            from = neighbor;
            announcement = announcement_[neighbor];
        });
        const bool same = best == keys_[node] && from == next_hop_[node] && announcement == announcement_[node];
        if (same && path_changed[node] == 0) continue;
        path_changed[node] = 0;
        keys_[node] = best;
        next_hop_[node] = from;
        announcement_[node] = announcement;
        tell_all(node);
    }
    if (!gave_up) return;
    // When the first one is given up, the others soon come to rest; they were about as busy.
    for (NodeIndex node = 0; node < graph_->node_count(); ++node)
        if (decisions[node] > decisions_limit / 2) unsettled_.push_back(node);
}

} // namespace firstbyte::bgp
