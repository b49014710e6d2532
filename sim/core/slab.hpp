/// Objects by index, in chunks that never move.
#pragma once

#include "core/check.hpp"

#include <compare>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <vector>

namespace firstbyte {

/// Address of an object in a slab. The generation tells whether the slot still holds the object that was meant.
struct Slot {
    std::uint32_t index = 0;
    std::uint32_t generation = 0; ///< odd in every slot that was ever handed out, so that Slot{} is never live
    constexpr auto operator<=>(const Slot&) const = default;
};

/// Pool of T with stable addresses. Slots depend only on the sequence of calls: the slot released last is handed out
/// first, while its memory is still in the cache.
///
/// An acquired T is as its last user left it (default-constructed at first): the caller sets what it needs. Objects are
/// destroyed with the slab.
/// @tparam chunk_bits  log2 of the objects of a chunk. Model choice: 256, so that a chunk spans several pages while an
///                     entity with few objects stays small
template <class T, unsigned chunk_bits = 8>
class Slab {
public:
    Slab() = default;
    Slab(Slab&&) noexcept = default;
    Slab& operator=(Slab&&) noexcept = default;

    /// Hands out a free slot. Allocates only when more objects live than ever before.
    [[nodiscard]] Slot acquire() {
        std::uint32_t index = 0;
        if (!free_.empty()) {
            index = free_.back();
            free_.pop_back();
        } else {
            index = static_cast<std::uint32_t>(generations_.size());
            if ((index & chunk_mask) == 0) add_chunk();
            generations_.push_back(0);
        }
        return Slot{index, ++generations_[index]};
    }

    /// Takes the object back. Slots that still name it are no longer live.
    void release(std::uint32_t index) {
        FB_ASSERT(in_use(index), "only a slot that was acquired is released, and only once");
        ++generations_[index]; // wraps after 2^31 uses of one slot, to even again
        free_.push_back(index);
    }

    [[nodiscard]] T& operator[](std::uint32_t index) { return chunks_[index >> chunk_bits][index & chunk_mask]; }
    [[nodiscard]] const T& operator[](std::uint32_t index) const {
        return chunks_[index >> chunk_bits][index & chunk_mask];
    }

    /// Whether `slot` names an object that is still the one it was handed out for.
    [[nodiscard]] bool live(Slot slot) const {
        return slot.index < generations_.size() && generations_[slot.index] == slot.generation &&
               (slot.generation & 1) != 0;
    }

    /// Whether some object lives at `index`.
    [[nodiscard]] bool in_use(std::uint32_t index) const {
        return index < generations_.size() && (generations_[index] & 1) != 0;
    }

    /// The slot of the object that lives at `index` now.
    [[nodiscard]] Slot slot_at(std::uint32_t index) const { return {index, generations_[index]}; }

    [[nodiscard]] std::size_t size() const { return generations_.size() - free_.size(); } ///< objects that live
    [[nodiscard]] std::size_t slots() const { return generations_.size(); } ///< indices ever used: 0 ... slots() - 1

private:
    static constexpr std::uint32_t chunk_mask = (1U << chunk_bits) - 1;

    void add_chunk() {
        const std::size_t capacity = (chunks_.size() + 1) << chunk_bits;
        FB_ASSERT(capacity <= (std::size_t{1} << 32), "a slab holds at most 2^32 objects");
        chunks_.push_back(std::make_unique<T[]>(chunk_mask + 1));
        // Room for every index now, so that neither acquire nor release allocates until the next chunk. Doubling keeps
        // the copies proportional to the number of objects.
        if (generations_.capacity() < capacity) generations_.reserve(2 * capacity);
        if (free_.capacity() < capacity) free_.reserve(2 * capacity);
    }

    std::vector<std::unique_ptr<T[]>> chunks_;
    std::vector<std::uint32_t> generations_; ///< odd while the object lives
    std::vector<std::uint32_t> free_;        ///< last released at the back
};

} // namespace firstbyte
