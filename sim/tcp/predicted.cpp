// Header prediction (Jacobson, "4BSD TCP header prediction", 1990): while nothing is missing, most segments are the one
// that was expected, and what follows from it needs few questions. The result is that of the general way, which
// on_ack() and on_payload() go; a test compares the two.
#include "tcp/connection.hpp"

#include <algorithm>

namespace firstbyte::tcp {

/// Whether the segment is next in order and its ACK can only say what was expected: nothing, while nothing is in
/// flight, or else that whole segments have arrived of which none was repeated, SACKed or taken for lost.
inline bool Connection::predicted(const Segment& segment) const {
    constexpr std::uint8_t push_or_not = static_cast<std::uint8_t>(~flag::psh);
    if (hot_.state != State::Established || (segment.flags & push_or_not) != flag::ack) return false;
    if (segment.seq != hot_.rcv_nxt || segment.sack_count != 0 || warm_.probe_out) return false;
    if (hot_.orphaned || hot_.fin_received || !settings().header_prediction) return false;
    if (sent_.empty()) return segment.ack == hot_.snd_una && warm_.retransmit_kind != RetransmitKind::WindowProbe;
    if (!seq_after(segment.ack, hot_.snd_una) || seq_after(segment.ack, hot_.snd_nxt)) return false;
    const SentSegment& oldest = sent_.front();
    if (oldest.begin != hot_.snd_una || seq_after(oldest.end, segment.ack)) return false;
    return warm_.recovery == Recovery::Open && warm_.sack && !warm_.ever_retransmitted_out && !warm_.duplicates_seen &&
           (warm_.sacked_out | warm_.lost_out | warm_.retrans_out) == 0;
}

inline void Connection::on_predicted(Instant now, const Segment& segment, Step& step) {
    if (known(segment.from)) hot_.peer = segment.from;
    static_cast<void>(update_window(segment));
    warm_.last_ack_in = now;
    warm_.probes = 0;
    if (!sent_.empty()) take_predicted_ack(now, segment.ack, step);
    if (segment.length != 0) {
        hot_.ack_pending = true;
        take_in_order(now, segment, step);
    }
    go_on(now, step);
}

/// What on_ack() does of an ACK for whole segments that were sent once.
inline void Connection::take_predicted_ack(Instant now, Seq ack_number, Step& step) {
    hot_.snd_una = ack_number;
    warm_.timeouts = 0;
    const Instant first = sent_.front().sent;
    Instant last = first;
    std::uint32_t order = 0, acked = 0;
    do {
        const SentSegment& s = sent_.front();
        last = s.sent;
        order = s.order;
        ++acked;
        sent_.pop_front(step.store);
    } while (!sent_.empty() && seq_at_or_before(sent_.front().end, ack_number));
    warm_.rack_advanced = true; // as advance_rack() for each of them
    warm_.rack_rtt = now - last;
    if (seq_after(order, warm_.rack_order)) warm_.rack_order = order;
    add_rtt(now - first, now - last);
    warm_.congestion.on_rtt_sample(now, hot_.window, now - last, hot_.snd_una, hot_.snd_nxt);
    if (warm_.rack_persist == 0) warm_.rack_steps = 1;
    rearm(now);
    if (warm_.use.window_limits(hot_.window))
        warm_.congestion.on_ack(now, hot_.window, settings().byte_counting ? acked : 1U);
    if (sent_.empty())
        warm_.alarms.clear(Alarm::AckProgress);
    else if (settings().ack_timeout != Duration{0})
        warm_.alarms.set(Alarm::AckProgress, now + settings().ack_timeout);
}

void Connection::on_segment(Instant now, const Segment& segment, Step& step) {
    if (predicted(segment)) return on_predicted(now, segment, step);
    on_any_segment(now, segment, step);
}

} // namespace firstbyte::tcp
