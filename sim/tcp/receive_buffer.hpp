/// What a receiver is ready to hold, and how that grows with what its application reads: Linux's autotuning of
/// sk_rcvbuf, counted in bytes of payload.
#pragma once

#include "firstbyte/units.hpp"
#include "tcp/sequence.hpp"

#include <cstdint>

namespace firstbyte::tcp {

/// A full segment of 1448 B takes 2304 B of the buffer, of which Linux's scaling ratio, 160 in 256, lets 1440 count.
constexpr std::uint32_t buffer_share = 180, buffer_whole = 181;
constexpr std::uint32_t receive_buffer_first = 131'072 / 256 * 160; // tcp_rmem's second value by that ratio
constexpr std::uint32_t receive_buffer_max = (32u << 20) / 256 * 160;

struct ReceiveBuffer {
    Instant measured_at{}, came_at{};
    Instant last_echo = Instant::min();
    Duration rtt{};                                ///< as the receiver sees it, smoothed; zero: not yet known
    std::uint32_t capacity = receive_buffer_first; ///< Linux tcp_full_space
    std::uint32_t limit = 0;                       ///< what the window may be by now (rcv_ssthresh); 0: no data yet
    std::uint32_t at_once = 0;  ///< bytes that came in order at `came_at`: the application reads when that is over
    std::uint32_t measured = 0; ///< most that was read in a round trip (rcvq_space.space)
    Seq measured_from = 0;
    bool read_waits = false; ///< the read of what came last has not been counted

    /// Bytes of the buffer that `payload` takes.
    [[nodiscard]] static std::uint32_t taken_by(std::uint32_t payload) {
        return static_cast<std::uint32_t>(std::uint64_t{payload} * buffer_share / buffer_whole);
    }
    void open(Instant at, Seq first, std::uint32_t window, std::uint32_t space);
    /// Bytes that the application has not read yet.
    [[nodiscard]] std::uint32_t waiting(Instant now) const { return came_at == now ? at_once : 0; }
    void on_round_trip(Instant now, Instant echo);
    [[nodiscard]] bool widen(std::uint32_t held, std::uint32_t by);
    void make_room(std::uint32_t beyond_hole);
    void count_read(Instant at, Seq read_to);
};

} // namespace firstbyte::tcp
