#include "engine/event_set.hpp"

#include <algorithm>
#include <bit>
#include <utility>

namespace firstbyte::engine {
namespace {

__extension__ using Key = unsigned __int128; // two registers: comparing them takes no branch to mispredict

Key key_of(const Event& event) {
    return Key{static_cast<std::uint64_t>(event.at.time_since_epoch().count())} << 64 | event.what;
}
bool before(const Event& a, const Event& b) { return key_of(a) < key_of(b); }

// The order of current_, and for the heap functions of the standard library the order that puts the least in front.
bool after(const Event& a, const Event& b) { return key_of(b) < key_of(a); }

} // namespace

void EventSet::reserve(std::size_t count) {
    current_.reserve(std::max(count, 2 * current_full));
    heap_.reserve(count); // as when all of them come at one instant; memory that is never touched costs nothing
    const std::size_t partly_filled = std::min<std::size_t>(count, levels * digits);
    pool_.reserve((count / (chunk_places - 1) + partly_filled) * chunk_places);
}

unsigned EventSet::level_between(std::uint64_t time, std::uint64_t other) {
    return static_cast<unsigned>(std::bit_width((time ^ other) | 1) - 1) / digit_bits;
}

void EventSet::insert_sorted(const Event& event) {
    current_.push_back(event);
    Event* const first = current_.data();
    Event* hole = first + (current_.size() - 1);
    for (; hole != first && before(hole[-1], event); --hole) *hole = hole[-1];
    *hole = event;
}

void EventSet::push_ahead(const Event& event) {
    FB_ASSERT(time_of(event) < time_end, "an event lies at or after the start of the run");
    put(level_between(time_of(event), reference_), event);
}

void EventSet::push_crowded(const Event& event) {
    const auto first_before_start = std::partition_point(
        current_.begin(), current_.end(), [this](const Event& other) { return time_of(other) >= start_; });
    const auto of_bucket = static_cast<std::size_t>(first_before_start - current_.begin());
    if (level_ > 0 && of_bucket >= current_full / 2) {
        split(of_bucket);
        return push(event);
    }
    // Either a crowd at one instant, which only their names order, or a crowd in front of a bucket that was taken
    // early, because it was the next at that time. The second is cured when it lasts; by then the pushes have paid for
    // moving up to all events.
    heap_.push_back(event);
    std::push_heap(heap_.begin(), heap_.end(), after);
    if (level_ == 0 && time_of(event) >= start_) return;
    if (++pushed_to_heap_ > std::max(4 * current_full, size() / 8)) rewind();
}

const Event& EventSet::least_elsewhere() { return heap_is_next() ? heap_.front() : current_.back(); }

Event EventSet::pop_elsewhere() {
    const bool heap = heap_is_next();
    if (heap) std::pop_heap(heap_.begin(), heap_.end(), after);
    std::vector<Event>& events = heap ? heap_ : current_;
    const Event event = events.back();
    events.pop_back();
    return event;
}

/// Brings the next event into the array or to the front of the heap, and says which of the two has it.
bool EventSet::heap_is_next() {
    FB_ASSERT(!empty(), "the next event is asked for only while events are pending");
    if (current_.empty() && (heap_.empty() || time_of(heap_.front()) >= end_)) advance();
    return !heap_.empty() && (current_.empty() || before(heap_.front(), current_.back()));
}

std::uint32_t EventSet::acquire_chunk() {
    if (free_chunk_ != no_chunk) return std::exchange(free_chunk_, static_cast<std::uint32_t>(pool_[free_chunk_].what));
    FB_ASSERT(pool_.size() < no_chunk - chunk_places, "an event set holds fewer than 3.7e9 events");
    const auto fresh = static_cast<std::uint32_t>(pool_.size());
    pool_.resize(pool_.size() + chunk_places);
    return fresh;
}

/// Adds to the bucket of this level that spans the event's time.
void EventSet::put(unsigned level, const Event& event) {
    const unsigned digit = static_cast<unsigned>(time_of(event) >> (digit_bits * level)) % digits;
    Bucket& bucket = buckets_[level][digit];
    if (bucket.next % chunk_places == 0) {
        const std::uint32_t place = acquire_chunk();
        pool_[place].what = bucket.count == 0 ? no_chunk : bucket.next - chunk_places;
        bucket.next = place + 1;
        levels_used_ |= 1U << level;
        buckets_used_[level][digit / 64] |= std::uint64_t{1} << digit % 64;
    }
    pool_[bucket.next++] = event;
    ++bucket.count;
    ++bucketed_;
}

/// Empties a bucket and calls `visit` for each of its events, in no particular order. `visit` may put events into other
/// buckets.
template <class Visit>
void EventSet::take(BucketName name, Visit visit) {
    const Bucket bucket = std::exchange(buckets_[name.level][name.digit], {});
    bucketed_ -= bucket.count;
    auto& used = buckets_used_[name.level];
    used[name.digit / 64] &= ~(std::uint64_t{1} << name.digit % 64);
    if (std::all_of(used.begin(), used.end(), [](std::uint64_t word) { return word == 0; })) {
        levels_used_ &= ~(1U << name.level);
    }

    std::uint32_t end = bucket.next;
    std::uint32_t link = (bucket.next - 1) / chunk_places * chunk_places;
    while (link != no_chunk) {
        const auto following = static_cast<std::uint32_t>(pool_[link].what);
        if (following != no_chunk) { // two cache lines, needed after the events of this chunk
            __builtin_prefetch(&pool_[following]);
            __builtin_prefetch(&pool_[following + chunk_places / 2]);
        }
        for (std::uint32_t place = link + 1; place < end; ++place) {
            const Event event = pool_[place]; // a copy, because `visit` may make the pool grow
            visit(event);
        }
        pool_[link].what = std::exchange(free_chunk_, link);
        link = following;
        end = following + chunk_places;
    }
}

EventSet::BucketName EventSet::first_bucket(unsigned level) const {
    unsigned word = 0;
    while (buckets_used_[level][word] == 0) ++word;
    return {level, 64 * word + static_cast<unsigned>(std::countr_zero(buckets_used_[level][word]))};
}

/// Fills the sorted array from the buckets.
void EventSet::advance() {
    if (bucketed_ <= gathered_at_most) {
        gather();
    } else {
        take_next_bucket();
    }
    std::sort(current_.begin(), current_.end(), after);
}

void EventSet::gather() {
    while (levels_used_ != 0) {
        const auto level = static_cast<unsigned>(std::countr_zero(levels_used_));
        take(first_bucket(level), [this](const Event& event) { current_.push_back(event); });
    }
    level_ = levels;
    start_ = 0;
    end_ = time_end;
}

void EventSet::take_next_bucket() {
    for (;;) {
        const auto level = static_cast<unsigned>(std::countr_zero(levels_used_));
        const BucketName name = first_bucket(level);
        const unsigned shift = digit_bits * level;
        const std::uint64_t higher_digits =
            level + 1 == levels ? 0 : reference_ & ~std::uint64_t{0} << (shift + digit_bits);
        level_ = level;
        start_ = higher_digits | std::uint64_t{name.digit} << shift;
        end_ = start_ + (std::uint64_t{1} << shift);
        reference_ = end_ - 1;
        if (level == 0 || buckets_[level][name.digit].count <= sorted_at_once) {
            take(name, [this](const Event& event) { current_.push_back(event); });
            return;
        }
        take(name, [this, level](const Event& event) { put(level - 1, event); });
    }
}

/// Spreads the first `count` events of the full array, those of the bucket taken last, over finer buckets.
void EventSet::split(std::size_t count) {
    const auto last = current_.begin() + static_cast<std::ptrdiff_t>(count);
    reference_ = time_of(last[-1]);
    const unsigned level = level_between(time_of(current_.front()), reference_);
    std::for_each(current_.begin(), last, [this, level](const Event& event) { put(level, event); });
    current_.erase(current_.begin(), last);
    advance();
}

/// Takes the present least event as the reference, when a crowd has come in before the bucket that was taken last.
void EventSet::rewind() {
    pushed_to_heap_ = 0;
    const std::uint64_t was = reference_;
    reference_ = time_of(heap_.front());
    if (!current_.empty()) reference_ = std::min(reference_, time_of(current_.back()));

    // Seen from the new reference, all buckets below the highest digit that changed are one bucket.
    const unsigned top = level_between(was, reference_);
    while ((levels_used_ & ((1U << top) - 1)) != 0) {
        const auto level = static_cast<unsigned>(std::countr_zero(levels_used_));
        take(first_bucket(level), [this, top](const Event& event) { put(top, event); });
    }
    for (std::vector<Event>* events : {&current_, &heap_}) {
        for (const Event& event : *events) put(level_between(time_of(event), reference_), event);
        events->clear();
    }
    advance();
}

} // namespace firstbyte::engine
