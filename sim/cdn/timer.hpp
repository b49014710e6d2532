/// Timers of things that are not connections: a deadline is a store, one pending event each.
#pragma once

#include "core/ring.hpp"
#include "core/slab.hpp"
#include "engine/engine.hpp"

#include <cstdint>

namespace firstbyte::cdn {

/// One deadline of one object. Setting it later is a store; its event then comes early, finds nothing due and rearms.
class Deadline {
public:
    void reset() { at_ = event_at_ = never; }
    void clear() { at_ = never; }
    [[nodiscard]] Instant at() const { return at_; } ///< `never` when not set

    void set(engine::Engine& engine, std::uint32_t entity, std::uint64_t object, Instant at) {
        at_ = at;
        if (at < event_at_) {
            event_at_ = at;
            engine.schedule(make_event(at, engine::EventClass::Other, entity, object));
        }
    }
    /// Call when the object's event runs. @return true when the deadline is due; it is cleared then
    [[nodiscard]] bool fired(engine::Engine& engine, std::uint32_t entity, std::uint64_t object) {
        if (event_at_ != engine.now()) return false; // stale: an earlier event took this one's place
        event_at_ = never;
        if (at_ == never) return false;
        if (at_ > engine.now()) {
            set(engine, entity, object, at_);
            return false;
        }
        at_ = never;
        return true;
    }

private:
    Instant at_ = never;
    Instant event_at_ = never;
};

/// Idle connections of one entity that share one timeout: a FIFO with one event, however many there are.
class IdleQueue {
public:
    /// Starts the timeout of `slot`. `stamp` tells this idle period from later ones of the same connection.
    void push(engine::Engine& engine, std::uint32_t entity, std::uint64_t object, Instant at, Slot slot,
              std::uint32_t stamp) {
        if (entries_.empty()) engine.schedule(make_event(at, engine::EventClass::Other, entity, object));
        entries_.push_back({at, slot, stamp});
    }
    /// Call when the queue's event runs: `expire(slot, stamp)` for each period that ended, then the next event.
    template <class Expire>
    void run(engine::Engine& engine, std::uint32_t entity, std::uint64_t object, Expire&& expire) {
        while (!entries_.empty() && entries_.front().at <= engine.now()) {
            const Entry entry = entries_.front();
            entries_.pop_front();
            expire(entry.slot, entry.stamp);
        }
        if (!entries_.empty())
            engine.schedule(make_event(entries_.front().at, engine::EventClass::Other, entity, object));
    }

private:
    struct Entry {
        Instant at{};
        Slot slot;
        std::uint32_t stamp = 0;
    };
    Ring<Entry> entries_;
};

} // namespace firstbyte::cdn
