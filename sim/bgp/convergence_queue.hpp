/// Pending events of BGP convergence, by time.
#pragma once

#include "core/check.hpp"

#include <array>
#include <bit>
#include <cstdint>
#include <utility>
#include <vector>

namespace firstbyte::bgp {

/// Radix heap (Ahuja, Mehlhorn, Orlin and Tarjan, 1990): a queue whose times never go back. An event lies in the bucket
/// of the highest bit in which its time differs from the last one taken, so it moves down at most once per bit, and
/// many events of one instant move together. Events of one instant come in the order in which they were added.
class ConvergenceQueue {
public:
    struct Event {
        std::int64_t at = 0;       ///< ns
        std::uint32_t kind = 0;    ///< the owner's
        std::uint32_t subject = 0; ///< the owner's
    };

    [[nodiscard]] bool empty() const { return size_ == 0; }

    /// @pre not earlier than the last instant taken
    void push(Event event) {
        FB_ASSERT(event.at >= last_, "the queue of events goes forward in time");
        buckets_[bucket_of(event.at)].push_back(event);
        ++size_;
    }

    /// Time of the next event.
    /// @pre not empty
    [[nodiscard]] std::int64_t next_at() {
        refill();
        return last_;
    }

    /// Moves the events of the next instant to `taken`, whose former content is dropped.
    /// @pre not empty
    void take_instant(std::vector<Event>& taken) {
        refill();
        taken.clear();
        taken.swap(buckets_[0]);
        size_ -= taken.size();
    }

private:
    [[nodiscard]] std::size_t bucket_of(std::int64_t at) const {
        return static_cast<std::size_t>(std::bit_width(static_cast<std::uint64_t>(at ^ last_)));
    }

    /// Makes bucket 0 hold the next instant.
    void refill() {
        FB_ASSERT(size_ > 0, "an empty queue has no next event");
        if (!buckets_[0].empty()) return;
        std::size_t lowest = 1;
        while (buckets_[lowest].empty()) ++lowest;
        moving_.swap(buckets_[lowest]);
        last_ = moving_.front().at;
        for (const Event& event : moving_)
            if (event.at < last_) last_ = event.at;
        for (const Event& event : moving_) buckets_[bucket_of(event.at)].push_back(event);
        moving_.clear();
    }

    std::array<std::vector<Event>, 65> buckets_;
    std::vector<Event> moving_;
    std::int64_t last_ = 0;
    std::size_t size_ = 0;
};

} // namespace firstbyte::bgp
