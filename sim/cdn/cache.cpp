#include "cdn/cache.hpp"

namespace firstbyte::cdn {

void ItemCache::unlink(std::uint32_t place) {
    const Node& node = nodes_[place];
    nodes_[node.before].after = node.after;
    nodes_[node.after].before = node.before;
}

void ItemCache::append(std::uint32_t place) {
    Node& node = nodes_[place];
    node.before = nodes_[0].before;
    node.after = 0;
    nodes_[node.before].after = place;
    nodes_[0].before = place;
}

void ItemCache::remove(std::uint32_t place) {
    unlink(place);
    used_ -= nodes_[place].bytes;
    places_.erase(nodes_[place].item);
    free_.push_back(place);
}

ItemCache::Found ItemCache::look_up(Item item, Instant now) {
    const std::uint32_t* place = places_.find(item);
    if (place == nullptr) return Found::Nothing;
    Node& node = nodes_[*place];
    if (node.fresh_until != never && now >= node.fresh_until)
        return now < node.fresh_until + settings_.stale_while_revalidate ? Found::Stale : Found::Nothing;
    if (settings_.renew_on_hit) node.fresh_until = fresh_until(now);
    if (settings_.policy == Cache::Policy::Lru) {
        unlink(*place);
        append(*place);
    }
    return Found::Fresh;
}

std::uint32_t ItemCache::store(Item item, std::uint64_t bytes, Instant now) {
    if (const std::uint32_t* old = places_.find(item)) remove(*old);
    if (bytes > capacity_) return 0;
    std::uint32_t evicted = 0;
    while (used_ + bytes > capacity_) {
        remove(nodes_[0].after);
        ++evicted;
    }
    std::uint32_t place = 0;
    if (free_.empty()) {
        place = static_cast<std::uint32_t>(nodes_.size());
        nodes_.emplace_back();
    } else {
        place = free_.back();
        free_.pop_back();
    }
    nodes_[place] = {item, bytes, fresh_until(now), 0, 0};
    append(place);
    places_.insert(item, place);
    used_ += bytes;
    return evicted;
}

void ItemCache::clear() {
    nodes_.resize(1);
    nodes_[0] = Node{};
    free_.clear();
    places_.clear();
    used_ = 0;
}

} // namespace firstbyte::cdn
