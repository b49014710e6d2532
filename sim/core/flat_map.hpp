/// A hash table from 64-bit keys to small values.
#pragma once

#include "core/check.hpp"
#include "core/mix.hpp"

#include <cstddef>
#include <cstdint>
#include <utility>
#include <vector>

namespace firstbyte {

/// Open addressing with linear probing; erasing shifts back, so there are no tombstones. Any key is legal.
///
/// It cannot be iterated: the order of a hash table must never reach a result. Pointers to values hold until the next
/// insertion or erasure. V is default-constructible and cheap to move.
template <class V>
class FlatMap64 {
public:
    [[nodiscard]] std::size_t size() const { return size_; }
    [[nodiscard]] bool empty() const { return size_ == 0; }

    /// The value of `key`, or null.
    [[nodiscard]] V* find(std::uint64_t key) {
        const std::size_t at = locate(key);
        return at < used_.size() && used_[at] != 0 ? &entries_[at].value : nullptr;
    }
    [[nodiscard]] const V* find(std::uint64_t key) const {
        const std::size_t at = locate(key);
        return at < used_.size() && used_[at] != 0 ? &entries_[at].value : nullptr;
    }
    [[nodiscard]] bool contains(std::uint64_t key) const { return find(key) != nullptr; }

    /// Inserts (key, value) unless the key is present.
    /// @return the value in the table, and whether it was inserted now
    std::pair<V*, bool> insert(std::uint64_t key, V value) {
        // At most 3/4 full: linear probing then looks at 2.5 entries for a hit on average, 8.5 for a miss (Knuth,
        // The Art of Computer Programming, volume 3, section 6.4).
        if ((size_ + 1) * 4 > used_.size() * 3) grow();
        const std::size_t at = locate(key);
        if (used_[at] != 0) return {&entries_[at].value, false};
        used_[at] = 1;
        entries_[at] = {key, std::move(value)};
        ++size_;
        return {&entries_[at].value, true};
    }

    /// The value of `key`, default-constructed when it was not present.
    V& operator[](std::uint64_t key) { return *insert(key, V{}).first; }

    /// @return whether the key was present
    bool erase(std::uint64_t key) {
        std::size_t hole = locate(key);
        if (hole >= used_.size() || used_[hole] == 0) return false;
        const std::size_t mask = used_.size() - 1;
        for (std::size_t next = (hole + 1) & mask; used_[next] != 0; next = (next + 1) & mask) {
            const std::size_t home = home_of(entries_[next].key);
            // The entry may move into the hole unless its home lies cyclically behind the hole.
            if (((next - home) & mask) < ((next - hole) & mask)) continue;
            entries_[hole] = std::move(entries_[next]);
            hole = next;
        }
        used_[hole] = 0;
        --size_;
        return true;
    }

    /// Forgets every entry, keeps the capacity.
    void clear() {
        used_.assign(used_.size(), 0);
        size_ = 0;
    }

    /// Makes room for `count` entries in all.
    void reserve(std::size_t count) {
        while (count * 4 > used_.size() * 3) grow();
    }

private:
    struct Entry {
        std::uint64_t key = 0;
        V value{};
    };

    [[nodiscard]] std::size_t home_of(std::uint64_t key) const { return mix64(key) & (used_.size() - 1); }

    /// Where the key is, or the free place where it would go; 0 in a table without places.
    [[nodiscard]] std::size_t locate(std::uint64_t key) const {
        if (used_.empty()) return 0;
        const std::size_t mask = used_.size() - 1;
        std::size_t at = home_of(key);
        while (used_[at] != 0 && entries_[at].key != key) at = (at + 1) & mask;
        return at;
    }

    void grow() {
        const std::size_t places = used_.empty() ? 8 : 2 * used_.size();
        const std::vector<std::uint8_t> old_used = std::exchange(used_, std::vector<std::uint8_t>(places, 0));
        std::vector<Entry> old_entries = std::exchange(entries_, std::vector<Entry>(places));
        for (std::size_t i = 0; i < old_used.size(); ++i) {
            if (old_used[i] == 0) continue;
            const std::size_t at = locate(old_entries[i].key);
            used_[at] = 1;
            entries_[at] = std::move(old_entries[i]);
        }
    }

    std::vector<std::uint8_t> used_;
    std::vector<Entry> entries_;
    std::size_t size_ = 0;
};

} // namespace firstbyte
