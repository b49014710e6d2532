/// Congestion window: what every algorithm shares, and NewReno. One struct per algorithm; none is called virtually.
#pragma once

#include "tcp/sequence.hpp"
#include "tcp/settings.hpp"

#include <algorithm>
#include <cstdint>

namespace firstbyte::tcp {

constexpr std::uint32_t ssthresh_never = 0x7fff'ffff; // Linux TCP_INFINITE_SSTHRESH: slow start has not ended yet

/// Window in segments, as Linux counts it.
struct Window {
    std::uint32_t cwnd = 10;
    std::uint32_t ssthresh = ssthresh_never;

    [[nodiscard]] bool in_slow_start() const { return cwnd < ssthresh; }
};

/// Says whether the window limited the sender lately; a window that was not needed is not grown (RFC 7661's aim, with
/// Linux's rule: in slow start at least half of the window was used since the last full flight was acknowledged).
struct WindowUse {
    std::uint32_t most_out = 0; ///< segments in flight at most, since `until` was passed
    Seq until = 0;
    bool limited = false;

    void sent(Seq snd_una, Seq snd_nxt, std::uint32_t packets_out, bool was_limited) {
        if (seq_at_or_after(snd_una, until) || was_limited || (!limited && packets_out > most_out)) {
            limited = was_limited;
            most_out = packets_out;
            until = snd_nxt;
        }
    }
    [[nodiscard]] bool allows_growth(const Window& window) const {
        return limited || (window.in_slow_start() && window.cwnd < 2 * most_out);
    }
};

/// NewReno: RFC 5681 growth by acknowledged segments, RFC 6582 halving.
/// Model: CUBIC, Linux's default, differs from this only after a loss or past slow start.
struct NewReno {
    std::uint32_t acked_in_avoidance = 0; ///< segments acknowledged since the window last grew by one

    void on_ack(Window& window, std::uint32_t segments) {
        if (window.in_slow_start()) {
            const std::uint32_t room = window.ssthresh - window.cwnd;
            const std::uint32_t grow = std::min(segments, room);
            window.cwnd += grow;
            segments -= grow;
        }
        if (segments == 0 || window.in_slow_start()) return;
        acked_in_avoidance += segments;
        while (acked_in_avoidance >= window.cwnd) {
            acked_in_avoidance -= window.cwnd;
            ++window.cwnd;
        }
    }
    /// Three duplicate ACKs: RFC 5681 equation 4.
    void on_fast_retransmit(Window& window) {
        window.ssthresh = std::max(window.cwnd / 2, 2u);
        window.cwnd = window.ssthresh;
        acked_in_avoidance = 0;
    }
    void on_timeout(Window& window) {
        window.ssthresh = std::max(window.cwnd / 2, 2u);
        window.cwnd = cwnd_after_timeout;
        acked_in_avoidance = 0;
    }
};

} // namespace firstbyte::tcp
