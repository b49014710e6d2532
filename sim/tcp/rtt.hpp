/// Round-trip time estimator and retransmission timeout: RFC 6298 with Linux's floor on the variance term.
#pragma once

#include "firstbyte/units.hpp"

#include <algorithm>
#include <cstdint>

namespace firstbyte::tcp {

/// SRTT and RTTVAR in 8 bytes, microseconds, as Linux keeps them.
class RttEstimator {
public:
    /// RFC 6298 section 2.2 and 2.3: alpha 1/8, beta 1/4; the variance uses SRTT before its update.
    void add(Duration sample) {
        const auto us = static_cast<std::uint32_t>(std::clamp<std::int64_t>(
            std::chrono::duration_cast<std::chrono::microseconds>(sample).count(), 1, 4'000'000'000));
        if (srtt_us_ == 0) {
            srtt_us_ = us;
            rttvar_us_ = us / 2;
            return;
        }
        const std::uint32_t error = us > srtt_us_ ? us - srtt_us_ : srtt_us_ - us;
        rttvar_us_ = static_cast<std::uint32_t>((std::uint64_t{rttvar_us_} * 3 + error) / 4);
        srtt_us_ = static_cast<std::uint32_t>((std::uint64_t{srtt_us_} * 7 + us) / 8);
    }

    [[nodiscard]] bool has_sample() const { return srtt_us_ != 0; }
    [[nodiscard]] Duration srtt() const { return std::chrono::microseconds{srtt_us_}; }

    /// RTO = SRTT + max(variance_min, 4 RTTVAR); `without_sample` before the first sample.
    [[nodiscard]] Duration rto(Duration variance_min, Duration without_sample, Duration most) const {
        if (!has_sample()) return without_sample;
        const Duration variance = std::chrono::microseconds{std::int64_t{rttvar_us_} * 4};
        return std::min<Duration>(srtt() + std::max(variance_min, variance), most);
    }

private:
    std::uint32_t srtt_us_ = 0;
    std::uint32_t rttvar_us_ = 0;
};

} // namespace firstbyte::tcp
