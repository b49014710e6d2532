/// The cache of one PoP: copies of responses by item, in the order in which they make room.
#pragma once

#include "core/flat_map.hpp"
#include "firstbyte/scenario.hpp"

#include <cstdint>
#include <vector>

namespace firstbyte::cdn {

/// Name of an item: object in the upper half, number of the item within it in the lower.
using Item = std::uint64_t;

class ItemCache {
public:
    explicit ItemCache(const Cache& settings)
        : settings_(settings),
          capacity_(settings.capacity ? static_cast<std::uint64_t>(settings.capacity->count) : ~0ull) {
        nodes_.emplace_back(); // the ring's own
    }

    enum class Found : std::uint8_t {
        Nothing,
        Fresh,
        Stale, ///< older than its time to live, and not yet by more than stale_while_revalidate
    };
    /// Asks for an item; a fresh copy counts as used now.
    [[nodiscard]] Found look_up(Item item, Instant now);
    /// Keeps a copy, in place of an older one; copies that stand first in line make room. One that is larger than the
    /// cache is not kept. @return copies that had to go
    std::uint32_t store(Item item, std::uint64_t bytes, Instant now);
    void clear();
    /// Bytes of the copy that a look-up has just found.
    [[nodiscard]] std::uint64_t size_of(Item item) const { return nodes_[*places_.find(item)].bytes; }

    [[nodiscard]] std::uint64_t used() const { return used_; }
    [[nodiscard]] std::size_t copies() const { return places_.size(); }

private:
    struct Node {
        Item item = 0;
        std::uint64_t bytes = 0;
        Instant fresh_until = never;
        std::uint32_t before = 0, after = 0; ///< in the ring; 0 is its own node: first in line stands behind it
    };

    [[nodiscard]] Instant fresh_until(Instant now) const { return settings_.ttl ? now + *settings_.ttl : never; }
    void unlink(std::uint32_t place);
    void append(std::uint32_t place);
    void remove(std::uint32_t place);

    Cache settings_;
    std::uint64_t capacity_;
    std::uint64_t used_ = 0;
    std::vector<Node> nodes_;
    std::vector<std::uint32_t> free_;
    FlatMap64<std::uint32_t> places_;
};

} // namespace firstbyte::cdn
