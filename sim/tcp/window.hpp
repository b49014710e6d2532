/// The congestion window in segments, and the two ways in which it grows.
#pragma once

#include <algorithm>
#include <cstdint>

namespace firstbyte::tcp {

constexpr std::uint32_t ssthresh_never = 0x7fff'ffff; // Linux TCP_INFINITE_SSTHRESH: slow start has not ended yet
constexpr std::uint32_t cwnd_least = 2;               // RFC 5681 equation 4: ssthresh is at least two segments

/// Window in segments, as Linux counts it.
struct Window {
    std::uint32_t cwnd = 10;
    std::uint32_t ssthresh = ssthresh_never;
    std::uint32_t credit = 0; ///< segments acknowledged since the window last grew by one

    [[nodiscard]] bool in_slow_start() const { return cwnd < ssthresh; }
    /// The threshold as it would be remembered now: a window that is not full keeps three quarters (RFC 2861).
    [[nodiscard]] std::uint32_t remembered_ssthresh() const { return std::max(ssthresh, cwnd / 2 + cwnd / 4); }
};

/// RFC 5681 section 3.1, by segments acknowledged (RFC 3465, no limit as on Linux) or, where a scenario says so, by
/// ACKs. @return segments left over
inline std::uint32_t slow_start(Window& window, std::uint32_t segments) {
    const std::uint32_t grow = std::min(segments, window.ssthresh - window.cwnd);
    window.cwnd += grow;
    return segments - grow;
}

/// Congestion avoidance: one segment more for every `per` acknowledged.
inline void grow_by_acks(Window& window, std::uint32_t per, std::uint32_t segments) {
    if (window.credit >= per) { // collected while `per` was larger
        window.credit = 0;
        ++window.cwnd;
    }
    window.credit += segments;
    const std::uint32_t grow = window.credit / per;
    window.credit -= grow * per;
    window.cwnd += grow;
}

} // namespace firstbyte::tcp
