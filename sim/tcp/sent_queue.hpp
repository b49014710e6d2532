/// What has been sent and not yet acknowledged, segment by segment: the scoreboard of loss recovery.
#pragma once

#include "core/check.hpp"
#include "firstbyte/units.hpp"
#include "tcp/sequence.hpp"

#include <cstdint>
#include <memory>
#include <utility>
#include <vector>

namespace firstbyte::tcp {

/// One segment in flight: [begin, end) of the sequence space, a FIN included.
struct SentSegment {
    Seq begin = 0, end = 0;
    Instant sent{}; ///< last transmission
    bool fin : 1 = false;
    bool push : 1 = false;               ///< carries PSH
    bool sacked : 1 = false;             ///< the peer holds it (RFC 2018)
    bool lost : 1 = false;               ///< taken for lost; counts as out of the network
    bool retransmitted : 1 = false;      ///< a retransmission is in flight
    bool ever_retransmitted : 1 = false; ///< its acknowledgement does not say which transmission arrived
    std::uint32_t order = 0;             ///< of its last transmission among all of the connection
    std::uint8_t transmission = 0;       ///< repetitions so far, saturating

    [[nodiscard]] std::uint32_t length() const { return end - begin; } ///< sequence numbers taken
    [[nodiscard]] std::uint32_t payload() const { return length() - (fin ? 1u : 0u); }
};

/// Memory of queues that are empty now, one per thread of simulation: most connections are idle most of the time and
/// hold none.
class SentStore {
public:
    struct Block {
        std::unique_ptr<SentSegment[]> segments;
        std::uint32_t capacity = 0; ///< power of two
    };
    [[nodiscard]] Block take() {
        if (spare_.empty()) return {std::make_unique<SentSegment[]>(first_capacity), first_capacity};
        Block block = std::move(spare_.back());
        spare_.pop_back();
        return block;
    }
    void give(Block block) { spare_.push_back(std::move(block)); }

private:
    static constexpr std::uint32_t first_capacity = 16; // an initial window of 10 segments and a FIN fit
    std::vector<Block> spare_;
};

/// Ring of segments in sequence order.
class SentQueue {
public:
    [[nodiscard]] std::uint32_t size() const { return size_; }
    [[nodiscard]] bool empty() const { return size_ == 0; }
    [[nodiscard]] SentSegment& operator[](std::uint32_t n) {
        return block_.segments[(head_ + n) & (block_.capacity - 1)];
    }
    [[nodiscard]] const SentSegment& operator[](std::uint32_t n) const {
        return block_.segments[(head_ + n) & (block_.capacity - 1)];
    }
    [[nodiscard]] SentSegment& front() { return (*this)[0]; }
    [[nodiscard]] const SentSegment& front() const { return (*this)[0]; }
    [[nodiscard]] SentSegment& back() { return (*this)[size_ - 1]; }

    SentSegment& push_back(SentStore& store) {
        if (block_.capacity == 0) block_ = store.take();
        if (size_ == block_.capacity) grow();
        SentSegment& segment = (*this)[size_++];
        segment = SentSegment{};
        return segment;
    }
    void pop_front(SentStore& store) {
        FB_ASSERT(size_ != 0, "only what is in flight can be acknowledged");
        head_ = (head_ + 1) & (block_.capacity - 1);
        if (--size_ == 0) clear(store);
    }
    /// Takes `n` out of the middle: what a longer segment before it has taken over.
    void erase(std::uint32_t n, SentStore& store) {
        for (std::uint32_t i = n; i + 1 < size_; ++i) (*this)[i] = (*this)[i + 1];
        if (--size_ == 0) clear(store);
    }
    /// Cuts segment `n` in two at `at`; both keep its state.
    void split(std::uint32_t n, Seq at, SentStore& store) {
        push_back(store);
        for (std::uint32_t i = size_ - 1; i > n; --i) (*this)[i] = (*this)[i - 1];
        (*this)[n].end = at;
        (*this)[n].fin = (*this)[n].push = false;
        (*this)[n + 1].begin = at;
    }
    void clear(SentStore& store) {
        size_ = head_ = 0;
        if (block_.capacity != 0) store.give(std::exchange(block_, {}));
    }

private:
    void grow() {
        SentStore::Block larger{std::make_unique<SentSegment[]>(block_.capacity * 2), block_.capacity * 2};
        for (std::uint32_t n = 0; n < size_; ++n) larger.segments[n] = (*this)[n];
        block_ = std::move(larger);
        head_ = 0;
    }

    SentStore::Block block_;
    std::uint32_t head_ = 0, size_ = 0;
};

} // namespace firstbyte::tcp
