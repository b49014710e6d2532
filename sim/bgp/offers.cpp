// Which routes an AS is offered: the rules of export and of import, one neighbour at a time.

#include "bgp/offers.hpp"

#include "core/mix.hpp"

#include <algorithm>

namespace firstbyte::bgp {
namespace {

bool contains(const std::vector<AsNumber>& list, AsNumber number) {
    return std::find(list.begin(), list.end(), number) != list.end();
}

} // namespace

std::uint32_t neighbor_rank(const RoutePolicy& policy, AsNumber at, AsNumber neighbor) {
    if (policy.tie_break == TieBreak::LowestAsn) return neighbor;
    // A bijection of the neighbours' numbers that differs from AS to AS: the finaliser of MurmurHash3 (Appleby) between
    // two keys.
    const std::uint64_t keys = mix64(policy.seed ^ mix64(at));
    std::uint32_t x = neighbor ^ static_cast<std::uint32_t>(keys);
    x = (x ^ (x >> 16)) * 0x85ebca6b;
    x = (x ^ (x >> 13)) * 0xc2b2ae35;
    return (x ^ (x >> 16)) ^ static_cast<std::uint32_t>(keys >> 32);
}

bool Routes::received_directly(NodeIndex node) const {
    const NodeIndex hop = next_hop_[node];
    return hop == node || announcements_[announcement_[node]].node == hop;
}

/// Copies of its own number that `from` adds towards `to`, or `never` when it was asked not to export.
std::uint32_t Routes::extra_on_export(NodeIndex from, NodeIndex to) const {
    if (!received_directly(from)) return 0;
    const Announcement& route = announcements_[announcement_[from]];
    const AsNumber exporter = graph_->number(from), target = graph_->number(to);
    if (route.no_export || contains(route.no_export_by, exporter) || contains(route.no_export_to, target))
        return never_exported;
    std::uint32_t extra = 0;
    for (const PrependVia& asked : route.prepend_via)
        if ((asked.neighbor == 0 || asked.neighbor == exporter) && asked.target == target) extra += asked.extra;
    FB_ASSERT(extra < length_limit, "prepends are counted in tens, not in hundreds of millions");
    return extra;
}

std::span<const Routes::DirectOffer> Routes::direct_offers(NodeIndex to) const {
    if (!is(to, HearsDirectly)) return {};
    const auto first = std::lower_bound(direct_offers_.begin(), direct_offers_.end(), to,
                                        [](const DirectOffer& a, NodeIndex b) { return a.to < b; });
    auto last = first;
    while (last != direct_offers_.end() && last->to == to) ++last;
    return {first, last};
}

const Routes::DirectOffer* Routes::best_direct_offer(NodeIndex to) const {
    for (const DirectOffer& heard : direct_offers(to))
        if (withdrawn_[heard.announcement] == 0 && !refuses(to, heard.announcement)) return &heard;
    return nullptr;
}

std::optional<std::uint32_t> Routes::own_announcement(NodeIndex node) const {
    if (!is(node, Announces)) return std::nullopt;
    for (std::uint32_t index = 0; index < announcements_.size(); ++index)
        if (withdrawn_[index] == 0 && announcements_[index].node == node) return index;
    return std::nullopt;
}

bool Routes::passes(NodeIndex node, NodeIndex through) const {
    for (; node != through; node = next_hop_[node])
        if (next_hop_[node] == node) return false;
    return true;
}

} // namespace firstbyte::bgp
