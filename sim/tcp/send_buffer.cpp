// The send buffer: how much of what the application writes the stack takes, and when a waiting writer goes on (Linux
// sk_sndbuf). SACKed segments keep their place until they are acknowledged in order.
#include "tcp/connection.hpp"

#include <algorithm>

namespace firstbyte::tcp {

std::uint32_t Connection::unsent_segments() const { return (hot_.write_end - hot_.snd_nxt + hot_.mss - 1) / hot_.mss; }

/// What sent and unsent data take of the buffer, bookkeeping included (Linux sk_wmem_queued).
std::uint64_t Connection::buffer_in_use() const {
    return std::uint64_t{hot_.write_end - hot_.snd_una} +
           std::uint64_t{send_buffer_overhead} * (sent_.size() + unsent_segments());
}

/// A write begins: it goes on until the buffer is full.
void Connection::fill_send_buffer() {
    warm_.until_backlog = backlog_interval;
    add_to_send_buffer(send_buffer_max);
}

/// The writer adds up to `most` segments, fewer when the buffer is full; the last may go beyond (Linux
/// sk_stream_memory_free). Then it sleeps, unless it has written everything.
void Connection::add_to_send_buffer(std::uint32_t most) {
    warm_.writer_sleeps = writer_waits();
    const std::uint32_t one = hot_.mss + send_buffer_overhead, full = (warm_.send_buffer + one - 1) / one;
    const std::uint32_t unsent = unsent_segments(), held = sent_.size() + unsent;
    if (full <= held || most == 0) return;
    const std::uint32_t added = std::min(full - held, most);
    const std::uint64_t beyond_sent = std::uint64_t{unsent + added} * hot_.mss;
    const std::uint32_t left = warm_.application_end - hot_.snd_nxt;
    const Seq before = hot_.write_end;
    hot_.write_end = hot_.snd_nxt + static_cast<std::uint32_t>(std::min<std::uint64_t>(beyond_sent, left));
    warm_.writer_sleeps = writer_waits();
    if (hot_.write_end == before) return;
    mark_full_segments(before);
    if (!writer_waits() || added == full - held) mark_push(hot_.write_end);
    const std::uint32_t since = (backlog_interval - warm_.until_backlog + added - 1) % backlog_interval + 1;
    warm_.until_backlog = static_cast<std::uint8_t>(backlog_interval - since);
}

/// PSH goes on the last segment when a writer has to wait or is done, and on each that fills half of the widest window
/// since the one before (Linux tcp_mark_push, forced_push).
/// Model: of marks on data that has not been sent, the first seven and the last are kept.
void Connection::mark_push(Seq at) {
    if (warm_.pushed_to == at) return;
    warm_.pushed_to = at;
    if (warm_.push_marks_count == warm_.push_marks.size()) --warm_.push_marks_count;
    warm_.push_marks[warm_.push_marks_count++] = at;
}

/// What the writer has added since `before`, in full segments.
void Connection::mark_full_segments(Seq before) {
    while (true) {
        const Seq least = seq_max(warm_.pushed_to + warm_.widest_window / 2, before) + 1;
        const Seq end = hot_.snd_nxt + (least - hot_.snd_nxt + hot_.mss - 1) / hot_.mss * hot_.mss;
        if (seq_after(end, hot_.write_end)) return;
        mark_push(end);
    }
}

/// Whether a mark lies in what is sent now for the first time, up to `end`.
bool Connection::take_push_mark(Seq end) {
    std::uint8_t passed = 0;
    while (passed != warm_.push_marks_count && !seq_after(warm_.push_marks[passed], end)) ++passed;
    if (passed == 0) return false;
    std::copy(warm_.push_marks.begin() + passed, warm_.push_marks.end(), warm_.push_marks.begin());
    warm_.push_marks_count = static_cast<std::uint8_t>(warm_.push_marks_count - passed);
    return true;
}

/// While the writer sleeps its buffer follows the window, unless that is full (Linux tcp_should_expand_sndbuf). Asked
/// before an ACK lets segments out, as measured on Linux 6.18 with ACKs that come one by one.
void Connection::expand_send_buffer() {
    if (in_flight() >= hot_.window.cwnd) return;
    const std::uint64_t segments = std::max({std::uint64_t{send_buffer_window_least}, std::uint64_t{hot_.window.cwnd},
                                             warm_.reordering + std::uint64_t{1}});
    const std::uint64_t wanted = std::min<std::uint64_t>(2 * segments * send_buffer_per_segment, send_buffer_max);
    warm_.send_buffer = std::max(warm_.send_buffer, static_cast<std::uint32_t>(wanted));
}

/// The writer is woken when a third of its buffer is free (Linux sk_stream_write_space). Then the connection is its
/// own: ACKs that come wait in a backlog, which it looks at every 16 segments of a write (Linux tcp_sendmsg_locked) and
/// when the buffer is full again. Model: all other ACKs of the instant have come by the first such look; Alarm::Write
/// stands for it.
void Connection::wake_writer(Instant now, Step& step) {
    const std::uint64_t used = buffer_in_use();
    if (used + used / 2 > warm_.send_buffer) return;
    warm_.woken_at = now;
    add_to_send_buffer(warm_.until_backlog);
    warm_.writer_sleeps = false;
    warm_.alarms.set(Alarm::Write, now);
    push(now, step);
}

void Connection::on_write_alarm(Instant now, Step& step) {
    warm_.alarms.clear(Alarm::Write);
    add_to_send_buffer(send_buffer_max);
    push(now, step);
}

/// Whether an application that closes after its last write has got there: everything is in the buffer.
bool Connection::comes_to_close() const { return !writer_waits() && !warm_.alarms.is_set(Alarm::Write); }

} // namespace firstbyte::tcp
