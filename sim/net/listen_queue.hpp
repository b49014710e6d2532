/// The two queues of a listener: handshakes that are not over yet, and connections that wait to be accepted.
#pragma once

#include "core/check.hpp"
#include "firstbyte/units.hpp"
#include "tcp/fast_open_listener.hpp"

#include <cstdint>

namespace firstbyte::net {

/// Linux's counters of a listener that had no room.
struct ListenCounters {
    std::uint64_t overflows = 0; ///< ListenOverflows: the accept queue was full
    std::uint64_t drops = 0;     ///< ListenDrops: SYNs and handshake ACKs dropped, for whatever reason
};

/// Numbers, no list: nobody asks which connections wait. A queue with backlog n holds n + 1 (Linux compares with
/// "greater"; measured on 6.18 for the accept queue).
class ListenQueue {
public:
    tcp::PendingFastOpen fast_open;
    ListenCounters counters;

    [[nodiscard]] bool accept_queue_full(std::uint32_t backlog) const { return waiting_ > backlog; }
    [[nodiscard]] bool syn_queue_full(std::uint32_t backlog) const { return half_open_ > backlog; }

    void syn_came() { ++half_open_; }
    /// The handshake ended, in whatever way.
    void syn_left() {
        FB_ASSERT(half_open_ > 0, "a handshake ends once");
        --half_open_;
    }
    /// A connection that no application takes. One that is taken at once frees its place in the same instant.
    void wait() { ++waiting_; }
    void nobody_waits() { waiting_ = 0; }
    /// An application takes one of those that wait.
    void taken() {
        FB_ASSERT(waiting_ > 0, "only a connection that waits is taken");
        --waiting_;
    }
    void overflow() {
        ++counters.overflows;
        ++counters.drops;
    }

    [[nodiscard]] std::uint32_t half_open() const { return half_open_; }
    [[nodiscard]] std::uint32_t waiting() const { return waiting_; }

    // SYN cookies (RFC 4987 section 3.6): answers without state while the SYN queue is full.
    /// Linux TCP_SYNCOOKIE_VALID: a cookie counts as genuine for two minutes after the last one went out.
    static constexpr Duration syn_cookie_valid = std::chrono::minutes{2};
    void syn_cookie_sent(Instant now) { last_syn_cookie_ = now; }
    [[nodiscard]] bool may_bring_syn_cookie(Instant now) const {
        return last_syn_cookie_ != never && now - last_syn_cookie_ <= syn_cookie_valid;
    }

private:
    std::uint32_t half_open_ = 0; ///< without Fast Open connections: those stand in the accept queue from the SYN on
    std::uint32_t waiting_ = 0;
    Instant last_syn_cookie_ = never;
};

} // namespace firstbyte::net
