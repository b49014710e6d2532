// Autotuning of the receive buffer (Linux tcp_grow_window, tcp_rcv_space_adjust, tcp_rcvbuf_grow).
#include "tcp/receive_buffer.hpp"

#include <algorithm>

namespace firstbyte::tcp {

/// The first data comes.
/// @param at      when the connection was opened
/// @param first   its sequence number
/// @param window  the widest that was announced
/// @param space   what counts as read in a round trip at first: ten segments
void ReceiveBuffer::open(Instant at, Seq first, std::uint32_t window, std::uint32_t space) {
    limit = window;
    measured = std::min(limit, space);
    measured_from = first;
    measured_at = at;
}

/// A full segment with an echo that was not seen yet tells the round trip. A shorter one counts at once (Linux
/// tcp_rcv_rtt_update since 6.16).
void ReceiveBuffer::on_round_trip(Instant now, Instant echo) {
    if (echo == last_echo) return;
    last_echo = echo;
    const Duration sample = now - echo;
    rtt = rtt == Duration{0} || sample < rtt ? sample : rtt + (sample - rtt) / 8;
}

/// Data has come: the window may be wider by `by`, as far as there is room.
/// @param held  bytes of the buffer that are taken, by what has come too
/// @return whether it is wider now; then the ACK is wanted soon
bool ReceiveBuffer::widen(std::uint32_t held, std::uint32_t by) {
    const std::uint32_t free = capacity - std::min(capacity, held);
    if (free <= limit) return false;
    limit += std::min(free - limit, by);
    return true;
}

/// The buffer takes twice what is read in a round trip, and what waits behind a hole.
void ReceiveBuffer::make_room(std::uint32_t beyond_hole) {
    const std::uint64_t wanted = std::uint64_t{2} * measured + beyond_hole;
    capacity = std::max(capacity, static_cast<std::uint32_t>(std::min<std::uint64_t>(wanted, receive_buffer_max)));
}

/// The application has read. Once a round trip the buffer follows, and leaves room for as much growth again, so that a
/// sender in slow start is not held up.
void ReceiveBuffer::count_read(Instant at, Seq read_to) {
    read_waits = false;
    if (rtt == Duration{0} || at - measured_at < rtt) return;
    const std::uint32_t read = read_to - measured_from;
    if (read > measured && measured != 0) {
        const std::uint64_t twice = std::uint64_t{2} * read;
        const std::uint64_t wanted = twice + 2 * (twice * (read - measured) / measured);
        measured = read;
        capacity = std::max(capacity, static_cast<std::uint32_t>(std::min<std::uint64_t>(wanted, receive_buffer_max)));
    }
    measured_from = read_to;
    measured_at = at;
}

} // namespace firstbyte::tcp
