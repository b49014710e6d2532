/// Round-trip time estimator and retransmission timeout: RFC 6298, and Linux's variant of it.
#pragma once

#include "firstbyte/units.hpp"
#include "tcp/sequence.hpp"

#include <algorithm>
#include <cstdint>

namespace firstbyte::tcp {

/// SRTT and its deviation in 20 bytes, microseconds as Linux keeps them (SRTT times 8, the variance term times 4).
class RttEstimator {
public:
    /// RFC 6298 section 2.2 and 2.3: alpha 1/8, beta 1/4; the deviation uses SRTT before its update.
    void add_rfc6298(Duration sample) {
        const std::uint32_t us = microseconds(sample);
        if (srtt8_ == 0) {
            srtt8_ = us * 8;
            variance_ = deviation4_ = us * 2;
            return;
        }
        const std::uint32_t srtt = srtt8_ / 8;
        const std::uint32_t error = us > srtt ? us - srtt : srtt - us;
        deviation4_ = static_cast<std::uint32_t>((std::uint64_t{deviation4_} * 3 + std::uint64_t{error} * 4) / 4);
        variance_ = deviation4_;
        srtt8_ = srtt8_ - srtt + us;
    }

    /// Linux: the deviation has a floor (`variance_min`), rises at once and falls by a quarter per round trip, and an
    /// RTT below the mean counts for an eighth (net/ipv4/tcp_input.c; Eifel, RFC 3522, has the same aim).
    /// @param una, nxt  the sender's window: a round trip ends when what was next at its start is acknowledged
    void add(Duration sample, Duration variance_min, Seq una, Seq nxt) {
        const std::uint32_t us = microseconds(sample), least = microseconds(variance_min);
        if (srtt8_ == 0) {
            srtt8_ = us * 8;
            deviation4_ = us * 2;
            variance_ = round_variance_ = std::max(deviation4_, least);
            round_end_ = nxt;
            return;
        }
        const auto error = static_cast<std::int64_t>(us) - srtt8_ / 8;
        srtt8_ = static_cast<std::uint32_t>(srtt8_ + error);
        std::int64_t change = std::abs(error) - deviation4_ / 4;
        if (error < 0 && change > 0) change /= 8;
        deviation4_ = static_cast<std::uint32_t>(deviation4_ + change);
        if (deviation4_ > round_variance_) {
            round_variance_ = deviation4_;
            variance_ = std::max(variance_, round_variance_);
        }
        if (!seq_after(una, round_end_)) return;
        if (round_variance_ < variance_) variance_ -= (variance_ - round_variance_) / 4;
        round_end_ = nxt;
        round_variance_ = least;
    }

    [[nodiscard]] bool has_sample() const { return srtt8_ != 0; }
    [[nodiscard]] Duration srtt() const { return std::chrono::microseconds{srtt8_ / 8}; }

    /// RTO = SRTT + the variance term; `without_sample` before the first sample.
    [[nodiscard]] Duration rto(Duration without_sample, Duration least, Duration most) const {
        if (!has_sample()) return without_sample;
        return std::clamp<Duration>(srtt() + std::chrono::microseconds{variance_}, least, most);
    }

private:
    static std::uint32_t microseconds(Duration sample) { // below 2^29, so that eight times it fits
        return static_cast<std::uint32_t>(std::clamp<std::int64_t>(
            std::chrono::duration_cast<std::chrono::microseconds>(sample).count(), 1, (1 << 29) - 1));
    }

    std::uint32_t srtt8_ = 0;
    std::uint32_t deviation4_ = 0;     ///< four times the mean deviation
    std::uint32_t variance_ = 0;       ///< what the RTO adds to SRTT
    std::uint32_t round_variance_ = 0; ///< greatest deviation of this round trip
    Seq round_end_ = 0;
};

} // namespace firstbyte::tcp
