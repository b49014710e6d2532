/// Round-trip time estimator and retransmission timeout: RFC 6298, and Linux's variant of it.
#pragma once

#include "firstbyte/units.hpp"
#include "tcp/sequence.hpp"

#include <algorithm>
#include <cstdint>

namespace firstbyte::tcp {

/// SRTT and its deviation in 20 bytes, microseconds as Linux keeps them (SRTT times 8, the variance term times 4), with
/// fractions where RFC 6298 is followed to the letter. A connection follows one of the two rules, never both.
class RttEstimator {
public:
    /// RFC 6298 section 2.2 and 2.3: alpha 1/8, beta 1/4; the deviation uses SRTT before its update.
    void add_rfc6298(Duration sample) {
        constexpr std::int64_t longest_ns = ((std::int64_t{1} << 29) - 1) * 1000; // eight times it fits
        const auto ns = static_cast<std::uint64_t>(std::clamp<std::int64_t>(sample.count(), 1000, longest_ns));
        const std::uint64_t fine = (ns / 1000 << fraction_bits) + (((ns % 1000) << fraction_bits) + 500) / 1000;
        if (srtt8_ == 0) {
            set_fine(fine * 8, fine * 2);
            return;
        }
        const std::uint64_t srtt = fine_srtt8() / 8;
        const std::uint64_t error = fine > srtt ? fine - srtt : srtt - fine;
        set_fine(fine_srtt8() - srtt + fine, fine_deviation4() - fine_deviation4() / 4 + error);
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

    /// RFC 6298's RTO before bounds, in s, without rounding to the clock's steps; 0 before the first sample.
    [[nodiscard]] double exact_rto_rfc6298_s() const {
        constexpr double steps_per_s = 1e6 * static_cast<double>(std::uint64_t{1} << fraction_bits);
        return (static_cast<double>(fine_srtt8()) / 8 + static_cast<double>(fine_deviation4())) / steps_per_s;
    }

    /// RFC 6298 section 2: SRTT + 4 RTTVAR, to the nanosecond; `without_sample` before the first sample.
    [[nodiscard]] Duration rto_rfc6298(Duration without_sample, Duration least, Duration most) const {
        if (!has_sample()) return without_sample;
        const std::uint64_t fine = fine_srtt8() / 8 + fine_deviation4();
        const std::uint64_t whole = fine >> fraction_bits, part = static_cast<std::uint32_t>(fine);
        const std::uint64_t ns =
            whole * 1000 + ((part * 1000 + (std::uint64_t{1} << (fraction_bits - 1))) >> fraction_bits);
        return std::clamp<Duration>(Duration{static_cast<std::int64_t>(ns)}, least, most);
    }

    /// Linux's RTO = SRTT + the variance term; `without_sample` before the first sample.
    [[nodiscard]] Duration rto(Duration without_sample, Duration least, Duration most) const {
        if (!has_sample()) return without_sample;
        return std::clamp<Duration>(srtt() + std::chrono::microseconds{variance_}, least, most);
    }

private:
    static std::uint32_t microseconds(Duration sample) { // below 2^29, so that eight times it fits
        return static_cast<std::uint32_t>(std::clamp<std::int64_t>(
            std::chrono::duration_cast<std::chrono::microseconds>(sample).count(), 1, (1 << 29) - 1));
    }

    // RFC 6298's rule knows no rounds: the members of Linux's rounds hold the fractions of a microsecond there.
    static constexpr int fraction_bits = 32;
    [[nodiscard]] std::uint64_t fine_srtt8() const { return std::uint64_t{srtt8_} << fraction_bits | round_variance_; }
    [[nodiscard]] std::uint64_t fine_deviation4() const {
        return std::uint64_t{deviation4_} << fraction_bits | round_end_;
    }
    void set_fine(std::uint64_t srtt8, std::uint64_t deviation4) {
        srtt8_ = static_cast<std::uint32_t>(srtt8 >> fraction_bits);
        round_variance_ = static_cast<std::uint32_t>(srtt8);
        deviation4_ = static_cast<std::uint32_t>(deviation4 >> fraction_bits);
        round_end_ = static_cast<std::uint32_t>(deviation4);
    }

    std::uint32_t srtt8_ = 0;
    std::uint32_t deviation4_ = 0;     ///< four times the mean deviation
    std::uint32_t variance_ = 0;       ///< what the RTO adds to SRTT
    std::uint32_t round_variance_ = 0; ///< greatest deviation of this round trip
    Seq round_end_ = 0;
};

} // namespace firstbyte::tcp
