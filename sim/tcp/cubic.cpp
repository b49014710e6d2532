#include "tcp/cubic.hpp"

#include <algorithm>

namespace firstbyte::tcp {

using namespace std::chrono_literals;

namespace {

// Linux's parameters, measured on 6.18: beta 717/1024 (RFC 9438: 0.7), bic_scale 41 (C = 41 * 10 / 1024 = 0.4).
constexpr std::uint32_t beta = 717, scale = 1024;
constexpr std::uint64_t c_times_1024 = 410;
constexpr unsigned time_bits = 10; // the curve counts time in 1/1024 s
// Reno's equivalent gains one segment per so many eighths of a window: 3 (1 - beta) / (1 + beta), RFC 9438 section 4.3.
constexpr std::uint32_t reno_eighths = 8 * (scale + beta) / 3 / (scale - beta);
constexpr std::uint32_t unknown_bandwidth_per = 20; // Linux: at least 5 % a round trip before the first loss
constexpr std::uint32_t flat_per_window = 100;      // Linux: at or above the target, one segment in 100 windows
constexpr std::uint32_t fastest_per = 2;            // Linux: never faster than half a window per round trip
constexpr Duration same_window_pause = 28ms; // Linux: HZ / 32 ticks; an unchanged window is not recomputed sooner
constexpr Duration tick = 4ms;               // Linux at 250 Hz: the curve moves in ticks
constexpr Duration after_recovery = 1s;      // Linux: delays right after a recovery are not looked at

// HyStart as Linux has it.
constexpr std::uint32_t hystart_low_window = 16;
constexpr Duration ack_train_gap = 2ms;
constexpr Duration ack_train_slack = 1ms; // Model: Linux takes less where 256 KB are paced in under a millisecond
constexpr Duration delay_least = 4ms, delay_most = 16ms;
constexpr std::uint8_t delay_samples = 8;

Instant to_tick(Instant at) { return Instant{at.time_since_epoch() / tick * tick}; }

/// Largest r with r^3 <= a.
std::uint32_t cube_root(std::uint64_t a) {
    std::uint64_t root = 0;
    for (std::uint64_t bit = std::uint64_t{1} << 20; bit != 0; bit >>= 1) {
        const std::uint64_t next = root | bit;
        if (next * next * next <= a) root = next;
    }
    return static_cast<std::uint32_t>(root);
}

std::uint64_t units(Duration time) { // of 1/1024 s
    return static_cast<std::uint64_t>(time / tick) * static_cast<std::uint64_t>(tick.count()) * scale / 1'000'000'000;
}

} // namespace

std::uint32_t Cubic::ssthresh(const Window& window) {
    epoch_ = Instant{};
    const bool shrinking = window.cwnd < window_max_; // someone new wants bandwidth: leave it some
    window_max_ = shrinking ? window.cwnd * (scale + beta) / (2 * scale) : window.cwnd;
    return std::max(window.cwnd * beta / scale, cwnd_least);
}

std::uint32_t Cubic::target(Instant now) const {
    const std::uint64_t at = units(now - epoch_ + least_rtt_ + tick - Duration{1}); // the RTT counts whole ticks
    const bool before = at < time_to_origin_;
    const std::uint64_t distance = before ? time_to_origin_ - at : at - time_to_origin_;
    const std::uint64_t change = (c_times_1024 * distance * distance * distance) >> (10 + 3 * time_bits);
    if (before) return change < origin_ ? origin_ - static_cast<std::uint32_t>(change) : 0;
    return origin_ + static_cast<std::uint32_t>(std::min<std::uint64_t>(change, 1u << 24));
}

std::uint32_t Cubic::acks_per_segment(Instant exact_now, const Window& window, std::uint32_t acked) {
    const Instant now = to_tick(exact_now);
    const std::uint32_t cwnd = window.cwnd;
    reno_acked_ += acked;
    if (last_cwnd_ == cwnd && now - updated_ <= same_window_pause && per_segment_ != 0) return per_segment_;
    if (epoch_ == Instant{} || now != updated_) {
        last_cwnd_ = cwnd;
        updated_ = now;
        if (epoch_ == Instant{}) {
            epoch_ = now;
            reno_acked_ = acked;
            reno_cwnd_ = cwnd;
            origin_ = std::max(window_max_, cwnd);
            const std::uint64_t below = origin_ - cwnd;
            time_to_origin_ = cube_root((below << (10 + 3 * time_bits)) / c_times_1024);
        }
        const std::uint32_t wanted = target(now);
        per_segment_ = wanted > cwnd ? cwnd / (wanted - cwnd) : flat_per_window * cwnd;
        if (window_max_ == 0) per_segment_ = std::min(per_segment_, unknown_bandwidth_per);
    }
    const std::uint32_t per_reno = std::max(cwnd * reno_eighths / 8, 1u);
    while (reno_acked_ > per_reno) {
        reno_acked_ -= per_reno;
        ++reno_cwnd_;
    }
    if (reno_cwnd_ > cwnd) per_segment_ = std::min(per_segment_, cwnd / (reno_cwnd_ - cwnd));
    per_segment_ = std::max(per_segment_, fastest_per);
    return per_segment_;
}

void Cubic::start_round(Instant now, Seq snd_nxt) {
    round_start_ = last_ack_ = now;
    round_end_ = snd_nxt;
    round_rtt_ = Duration::max();
    samples_ = 0;
}

void Cubic::on_rtt_sample(Instant now, Window& window, Duration rtt, Seq snd_una, Seq snd_nxt) {
    if (epoch_ != Instant{} && now - epoch_ < after_recovery) return;
    if (least_rtt_ == Duration{0} || rtt < least_rtt_) least_rtt_ = rtt;
    if (found_ || !window.in_slow_start()) return;
    if (seq_after(snd_una, round_end_)) start_round(now, snd_nxt);
    if (window.cwnd < hystart_low_window) return;
    if (now - last_ack_ <= ack_train_gap) {
        last_ack_ = now;
        if (now - round_start_ > (least_rtt_ + ack_train_slack) / 2) found_ = true;
    }
    round_rtt_ = std::min(round_rtt_, rtt);
    if (samples_ < delay_samples)
        ++samples_;
    else if (round_rtt_ > least_rtt_ + std::clamp<Duration>(least_rtt_ / 8, delay_least, delay_most))
        found_ = true;
    if (found_) window.ssthresh = window.cwnd;
}

void Cubic::on_loss_state(Instant now, Seq snd_nxt) {
    *this = Cubic{}; // slow start begins again, and HyStart with it
    start_round(now, snd_nxt);
}

void Cubic::on_transmit_start(Instant now, Instant last_sent) {
    if (epoch_ == Instant{} || now <= last_sent) return;
    epoch_ = std::min(epoch_ + (now - last_sent), now); // idle time does not count: the curve goes on where it was
}

} // namespace firstbyte::tcp
