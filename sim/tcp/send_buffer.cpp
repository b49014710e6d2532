// The send buffer: how much of what the application writes the stack takes, and when a waiting writer goes on (Linux
// sk_sndbuf). SACKed segments keep their place until they are acknowledged in order.
#include "tcp/connection.hpp"

#include <algorithm>

namespace firstbyte::tcp {

/// What sent and unsent data take of the buffer, bookkeeping included (Linux sk_wmem_queued).
std::uint64_t Connection::buffer_in_use() const {
    const std::uint32_t unsent = (hot_.write_end - hot_.snd_nxt + hot_.mss - 1) / hot_.mss;
    return std::uint64_t{hot_.write_end - hot_.snd_una} + std::uint64_t{send_buffer_overhead} * (sent_.size() + unsent);
}

/// The writer goes on until the buffer is full; the last segment may go beyond (Linux sk_stream_memory_free).
void Connection::fill_send_buffer() {
    const std::uint32_t one = hot_.mss + send_buffer_overhead;
    const std::uint32_t most = (warm_.send_buffer + one - 1) / one, out = sent_.size();
    if (most <= out) return;
    const std::uint64_t room = std::uint64_t{most - out} * hot_.mss;
    const Seq end =
        hot_.snd_nxt + static_cast<std::uint32_t>(std::min<std::uint64_t>(room, warm_.application_end - hot_.snd_nxt));
    hot_.write_end = seq_max(hot_.write_end, end);
}

/// After an ACK, while the writer waits: the buffer follows the window, unless that is full (Linux
/// tcp_should_expand_sndbuf), and the writer is woken when a third of the buffer is free (sk_stream_write_space).
/// Model: it fills the buffer before the next ACK of a burst is looked at, as on an idle machine.
void Connection::make_space(Instant now, Step& step) {
    if (!step.room()) return; // resume() comes back
    if (in_flight() < hot_.window.cwnd) {
        const std::uint64_t segments = std::max({std::uint64_t{send_buffer_window_least},
                                                 std::uint64_t{hot_.window.cwnd}, warm_.reordering + std::uint64_t{1}});
        const std::uint64_t wanted = std::min<std::uint64_t>(2 * segments * send_buffer_per_segment, send_buffer_max);
        warm_.send_buffer = std::max(warm_.send_buffer, static_cast<std::uint32_t>(wanted));
    }
    const std::uint64_t used = buffer_in_use();
    if (used + used / 2 > warm_.send_buffer) return;
    warm_.woken_at = now;
    fill_send_buffer();
    push(now, step);
}

/// Whether an application that closes after its last write has got there: everything is in the buffer. One that was
/// woken needs a moment for it, in which the rest of a burst of ACKs arrives (measured on Linux 6.18).
bool Connection::comes_to_close(Instant now) const {
    return !writer_waits() && (warm_.woken_at != now || hot_.snd_nxt == hot_.write_end);
}

} // namespace firstbyte::tcp
