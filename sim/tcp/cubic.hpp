/// CUBIC (RFC 9438) with HyStart, with the constants and the arithmetic that Linux gives them.
#pragma once

#include "firstbyte/units.hpp"
#include "tcp/sequence.hpp"
#include "tcp/window.hpp"

#include <cstdint>

namespace firstbyte::tcp {

class Cubic {
public:
    /// Multiplicative decrease with fast convergence (RFC 9438 section 4.6 and 4.7).
    [[nodiscard]] std::uint32_t ssthresh(const Window& window);
    /// How many acknowledged segments the window grows by one for (RFC 9438 section 4.2 to 4.5).
    [[nodiscard]] std::uint32_t acks_per_segment(Instant now, const Window& window, std::uint32_t acked);
    /// HyStart (Ha and Rhee, 2011): leaves slow start when ACKs come in a long train or the delay grows.
    void on_rtt_sample(Instant now, Window& window, Duration rtt, Seq snd_una, Seq snd_nxt);
    void on_loss_state(Instant now, Seq snd_nxt);
    void on_transmit_start(Instant now, Instant last_sent);
    void start_round(Instant now, Seq snd_nxt);

private:
    [[nodiscard]] std::uint32_t target(Instant now) const;

    // The curve. A zero epoch: none has begun since the last reduction.
    Instant epoch_{}, updated_{};
    Duration least_rtt_{};
    std::uint32_t window_max_ = 0;     ///< where the last reduction began
    std::uint32_t origin_ = 0;         ///< plateau of the curve, segments
    std::uint32_t time_to_origin_ = 0; ///< K, in 1/1024 s
    std::uint32_t per_segment_ = 0;
    std::uint32_t last_cwnd_ = 0;
    std::uint32_t reno_acked_ = 0, reno_cwnd_ = 0; ///< what Reno would have by now
    // HyStart
    Instant round_start_{}, last_ack_{};
    Duration round_rtt_{};
    Seq round_end_ = 0;
    std::uint8_t samples_ = 0;
    bool found_ = false;
};

} // namespace firstbyte::tcp
