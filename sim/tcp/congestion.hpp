/// Congestion window: what every algorithm shares, and the choice between them. One file per algorithm; none is called
/// virtually.
#pragma once

#include "tcp/cubic.hpp"
#include "tcp/new_reno.hpp"
#include "tcp/settings.hpp"
#include "tcp/window.hpp"

#include <algorithm>
#include <cstdint>

namespace firstbyte::tcp {

/// State of the algorithm that a connection uses. A further algorithm (BBR, say) is one more file, one more member and
/// one more case of each function.
class Congestion {
public:
    void start(CongestionControl algorithm, Instant now, Seq snd_nxt) {
        algorithm_ = algorithm;
        cubic_ = Cubic{};
        cubic_.start_round(now, snd_nxt);
    }
    /// Threshold after a loss.
    [[nodiscard]] std::uint32_t ssthresh(const Window& window) {
        return algorithm_ == CongestionControl::Cubic ? cubic_.ssthresh(window) : new_reno_ssthresh(window);
    }
    /// `segments` were acknowledged or SACKed in a state that allows growth.
    void on_ack(Instant now, Window& window, std::uint32_t segments) {
        if (window.in_slow_start()) segments = slow_start(window, segments);
        if (segments == 0) return;
        const std::uint32_t per =
            algorithm_ == CongestionControl::Cubic ? cubic_.acks_per_segment(now, window, segments) : window.cwnd;
        grow_by_acks(window, per, segments);
    }
    /// An RTT sample of the segment acknowledged last.
    void on_rtt_sample(Instant now, Window& window, Duration rtt, Seq snd_una, Seq snd_nxt) {
        if (algorithm_ == CongestionControl::Cubic) cubic_.on_rtt_sample(now, window, rtt, snd_una, snd_nxt);
    }
    /// A timeout makes a fresh start.
    void on_loss_state(Instant now, Seq snd_nxt) {
        if (algorithm_ == CongestionControl::Cubic) cubic_.on_loss_state(now, snd_nxt);
    }
    /// The first segment after a time with nothing in flight.
    void on_transmit_start(Instant now, Instant last_sent) {
        if (algorithm_ == CongestionControl::Cubic) cubic_.on_transmit_start(now, last_sent);
    }

private:
    Cubic cubic_;
    CongestionControl algorithm_ = CongestionControl::NewReno;
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
    [[nodiscard]] bool window_limits(const Window& window) const {
        return limited || (window.in_slow_start() && window.cwnd < 2 * most_out);
    }
};

} // namespace firstbyte::tcp
