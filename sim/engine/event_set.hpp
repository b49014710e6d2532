/// The pending events of one partition, in their total order.
#pragma once

#include "core/check.hpp"
#include "engine/event.hpp"

#include <array>
#include <cstddef>
#include <cstdint>
#include <vector>

namespace firstbyte::engine {

/// Priority queue of events by (at, what), exact at all times: also for an event pushed at the instant that runs, or
/// before everything else that is pending. Equal events are legal, each comes out.
/// Any instant of the run may be pushed, also one before the last that was popped.
///
/// A "hot queue" (Cherkassky, Goldberg, Silverstein, "Buckets, heaps, lists, and monotone priority queues", 1999):
/// buckets by the digits of time in base 256 (Denardo and Fox, "Shortest-route methods", 1979), so that an event far
/// ahead lies in a coarse bucket and is touched again only when that bucket is next, in bulk, seldom more than three
/// times in all. The next bucket is sorted when it is small and spread over 256 finer ones when it is not: the
/// grain follows the density of the events, and there is nothing to tune. A small set is one sorted array. Memory is
/// kept, so that a set in its steady state does not allocate.
class EventSet {
public:
    /// @pre event.at >= Instant{}
    void push(const Event& event) {
        if (time_of(event) >= end_) return push_ahead(event);
        if (current_.size() >= current_full) return push_crowded(event);
        insert_sorted(event);
    }

    [[nodiscard]] bool empty() const { return size() == 0; }
    [[nodiscard]] std::size_t size() const { return current_.size() + heap_.size() + bucketed_; }

    /// The event that is next. The reference holds until the set is changed.
    /// @pre not empty
    [[nodiscard]] const Event& least() {
        if (current_.empty() || !heap_.empty()) return least_elsewhere();
        return current_.back();
    }

    /// Removes and returns the event that is next.
    /// @pre not empty
    Event pop() {
        if (current_.empty() || !heap_.empty()) return pop_elsewhere();
        const Event event = current_.back();
        current_.pop_back();
        return event;
    }

    /// Allocates what `count` pending events need, however they are spread.
    void reserve(std::size_t count);

private:
    static constexpr unsigned digit_bits = 8;
    static constexpr unsigned digits = 1U << digit_bits;
    static constexpr unsigned levels = 64 / digit_bits;               ///< a bucket of level k is 256^k ns wide
    static constexpr std::uint64_t time_end = std::uint64_t{1} << 63; ///< one more than the last instant
    static constexpr std::uint32_t no_chunk = ~std::uint32_t{0};

    // Measured with the hold model of tests/bench/bench_event_set.cpp, 8 to 1e6 pending: 32, 48 and 128 for the full
    // array (with halves and quarters for the others) and chunks of 4 and 16 places were the same or slower.
    static constexpr std::size_t current_full = 64;     ///< a sorted array of this size takes no further event
    static constexpr std::size_t sorted_at_once = 32;   ///< a bucket of at most this size becomes the sorted array
    static constexpr std::size_t gathered_at_most = 16; ///< so few events are not worth buckets
    static constexpr std::uint32_t chunk_places = 8;    ///< 128 bytes: one place for the link, seven events

    /// Events of one span of time, in no order: a list of chunks in `pool_`, all full but the one filled last.
    struct Bucket {
        std::uint32_t next = 0;  ///< place of the next event; a multiple of chunk_places when no chunk has room
        std::uint32_t count = 0; ///< of events
    };
    struct BucketName {
        unsigned level = 0;
        unsigned digit = 0;
    };

    [[nodiscard]] static std::uint64_t time_of(const Event& event) {
        return static_cast<std::uint64_t>(event.at.time_since_epoch().count());
    }
    [[nodiscard]] static unsigned level_between(std::uint64_t time, std::uint64_t other);

    void insert_sorted(const Event& event);
    void push_ahead(const Event& event);
    void push_crowded(const Event& event);
    const Event& least_elsewhere();
    Event pop_elsewhere();
    [[nodiscard]] bool heap_is_next();

    void put(unsigned level, const Event& event);
    template <class Visit>
    void take(BucketName name, Visit visit);
    [[nodiscard]] BucketName first_bucket(unsigned level) const;
    [[nodiscard]] std::uint32_t acquire_chunk();

    void advance();
    void gather();
    void take_next_bucket();
    void split(std::size_t count);
    void rewind();

    // Every event before end_ is in current_ or heap_. Every other event is in the bucket of the highest digit in which
    // its time differs from reference_ (end_ - 1, once there are buckets), so that all buckets of a lower level come
    // before those of a higher one. When everything is in current_ and heap_, end_ is the end of time.
    std::vector<Event> current_; ///< descending, the next event at the back
    std::vector<Event> heap_;    ///< events for which current_ had no room (and perhaps later ones than end_)
    std::uint64_t start_ = 0;    ///< the bucket taken last spans start_ ... end_ - 1
    std::uint64_t end_ = time_end;
    unsigned level_ = levels; ///< of the bucket taken last; `levels` stands for all of time
    std::uint64_t reference_ = 0;
    std::size_t bucketed_ = 0;       ///< events in buckets
    std::size_t pushed_to_heap_ = 0; ///< since the last rewind, without those that no rewind would help

    std::uint32_t levels_used_ = 0; ///< bit k: some bucket of level k holds events
    std::array<std::array<std::uint64_t, digits / 64>, levels> buckets_used_{}; ///< one bit per bucket
    std::array<std::array<Bucket, digits>, levels> buckets_{};
    std::vector<Event> pool_;             ///< chunks; the first place of each links to another chunk in its `what`
    std::uint32_t free_chunk_ = no_chunk; ///< head of the list of free chunks, the one used last first
};

} // namespace firstbyte::engine
