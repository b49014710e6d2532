/// A queue that keeps its memory.
#pragma once

#include "core/check.hpp"

#include <cstddef>
#include <utility>
#include <vector>

namespace firstbyte {

/// Growing ring buffer. Its capacity is a power of two, doubles when full and is never given back, so that a queue in
/// its steady state does not allocate. Removed objects stay as they are until overwritten.
template <class T>
class Ring {
public:
    [[nodiscard]] bool empty() const { return size_ == 0; }
    [[nodiscard]] std::size_t size() const { return size_; }
    [[nodiscard]] std::size_t capacity() const { return items_.size(); }

    void push_back(T value) { push_place() = std::move(value); }

    /// Adds a place at the end. What it holds is left over from an earlier element: the caller overwrites it.
    [[nodiscard]] T& push_place() {
        if (size_ == items_.size()) grow();
        return items_[place(size_++)];
    }

    void pop_front() {
        FB_ASSERT(size_ > 0, "a queue is not empty when its front is removed");
        first_ = place(1);
        --size_;
    }

    void pop_back() {
        FB_ASSERT(size_ > 0, "a queue is not empty when its back is removed");
        --size_;
    }

    /// Puts `value` before the element at `index` (at the end when index == size()). Moves what follows, so it is meant
    /// for places near the tail.
    void insert(std::size_t index, T value) {
        FB_ASSERT(index <= size_, "an element is inserted at most at the end of a queue");
        push_back(std::move(value));
        for (std::size_t i = size_ - 1; i > index; --i) std::swap(items_[place(i)], items_[place(i - 1)]);
    }

    [[nodiscard]] T& at(std::size_t index) {
        FB_ASSERT(index < size_, "a queue is read only where it holds elements");
        return items_[place(index)];
    }
    [[nodiscard]] const T& at(std::size_t index) const {
        FB_ASSERT(index < size_, "a queue is read only where it holds elements");
        return items_[place(index)];
    }
    [[nodiscard]] T& front() { return at(0); }
    [[nodiscard]] const T& front() const { return at(0); }
    [[nodiscard]] T& back() { return at(size_ - 1); }
    [[nodiscard]] const T& back() const { return at(size_ - 1); }

    /// Forgets the elements, keeps the capacity.
    void clear() { first_ = size_ = 0; }

private:
    [[nodiscard]] std::size_t place(std::size_t index) const { return (first_ + index) & (items_.size() - 1); }

    void grow() {
        std::vector<T> larger(items_.empty() ? 4 : 2 * items_.size()); // model choice: most queues stay this short
        for (std::size_t i = 0; i < size_; ++i) larger[i] = std::move(items_[place(i)]);
        items_ = std::move(larger);
        first_ = 0;
    }

    std::vector<T> items_;
    std::size_t first_ = 0;
    std::size_t size_ = 0;
};

} // namespace firstbyte
