/// Clock and event loop of one partition: the least pending key runs next, whatever added it and when.
#pragma once

#include "core/check.hpp"
#include "engine/event.hpp"
#include "engine/event_set.hpp"
#include "firstbyte/units.hpp"

#include <cstdint>

namespace firstbyte::engine {

class Engine {
public:
    [[nodiscard]] Instant now() const { return now_; }
    [[nodiscard]] std::uint64_t events_run() const { return events_run_; }

    void schedule(const Event& event) {
        FB_ASSERT(event.at >= now_, "nothing is scheduled into the past");
        set_.push(event);
    }

    /// Runs events in order until none is left at or before `until`, or `done()` says so after an event.
    ///
    /// `dispatch(event)` handles one event and returns the next event of the same source (a path's next segment), or
    /// no_event: it runs at once when it precedes everything pending, and is scheduled otherwise.
    /// @pre until < never
    template <class Dispatch, class Done>
    void run(Instant until, Dispatch&& dispatch, Done&& done) {
        while (!set_.empty() && set_.least().at <= until) {
            Event event = set_.pop();
            while (true) {
                now_ = event.at;
                ++events_run_;
                const Event next = dispatch(event);
                if (done()) {
                    if (next.at != never) set_.push(next);
                    return;
                }
                if (next.at == never) break;
                if (next.at > until || (!set_.empty() && set_.least() < next)) {
                    set_.push(next);
                    break;
                }
                event = next;
            }
        }
    }

private:
    EventSet set_;
    Instant now_{};
    std::uint64_t events_run_ = 0;
};

} // namespace firstbyte::engine
