// What arriving segments do in the synchronized states: ACK, payload, FIN (RFC 9293 section 3.10.7.4).
#include "tcp/connection.hpp"

#include <limits>

namespace firstbyte::tcp {

void Connection::on_ack(Instant now, const Segment& segment, Step& step) {
    if (seq_after(segment.ack, hot_.snd_nxt)) { // acknowledges what was never sent
        send_ack(now, step);
        return;
    }
    if (seq_before(segment.ack, hot_.snd_una)) return;
    const bool window_moved = segment.window != hot_.snd_wnd;
    hot_.snd_wnd = segment.window;
    if (seq_after(segment.ack, hot_.snd_una)) {
        on_new_ack(now, segment);
        if (hot_.fin_sent && hot_.snd_una == hot_.snd_nxt) on_our_fin_acknowledged(now, step);
    } else if (segment.length == 0 && !segment.fin() && !window_moved && hot_.snd_una != hot_.snd_nxt) {
        on_duplicate_ack(now, step); // RFC 5681 section 2, "duplicate acknowledgment"
    }
}

void Connection::on_new_ack(Instant now, const Segment& segment) {
    const std::uint32_t bytes = segment.ack - hot_.snd_una;
    hot_.snd_una = segment.ack;
    warm_.duplicates = 0;
    warm_.repeats = 0;
    warm_.backoff = 0;
    if (segment.echo != no_echo) hot_.rtt.add(now - segment.echo);

    // Segments acknowledged: whole ones, and the last of a burst whatever its size.
    warm_.acked_rest += bytes;
    std::uint32_t segments = warm_.acked_rest / hot_.mss;
    warm_.acked_rest -= segments * hot_.mss;
    if (hot_.snd_una == hot_.snd_nxt && warm_.acked_rest != 0) {
        ++segments;
        warm_.acked_rest = 0;
    }
    switch (warm_.recovery) {
    case Warm::Recovery::None:
        if (warm_.use.allows_growth(hot_.window)) warm_.congestion.on_ack(hot_.window, segments);
        break;
    case Warm::Recovery::Fast: // RFC 6582 section 3.2 step 3: a partial ACK shows the next hole
        if (seq_at_or_after(hot_.snd_una, warm_.recover))
            warm_.recovery = Warm::Recovery::None;
        else
            warm_.resend_next = hot_.snd_una;
        break;
    case Warm::Recovery::Timeout:
        warm_.congestion.on_ack(hot_.window, segments);
        warm_.resend_next = seq_max(warm_.resend_next, hot_.snd_una);
        if (seq_at_or_after(hot_.snd_una, warm_.recover)) warm_.recovery = Warm::Recovery::None;
        break;
    }
    if (hot_.snd_una == hot_.snd_nxt) {
        warm_.alarms.clear(Alarm::Retransmit);
        warm_.alarms.clear(Alarm::AckProgress);
    } else {
        arm_retransmit(now);
        if (settings().ack_timeout != Duration{0}) warm_.alarms.set(Alarm::AckProgress, now + settings().ack_timeout);
    }
}

void Connection::on_duplicate_ack(Instant now, Step& step) {
    if (warm_.recovery != Warm::Recovery::None) return;
    if (++warm_.duplicates < duplicate_acks) return;
    warm_.congestion.on_fast_retransmit(hot_.window);
    warm_.recovery = Warm::Recovery::Fast;
    warm_.recover = hot_.snd_nxt;
    warm_.resend_next = hot_.snd_una;
    transmit(now, step);
}

void Connection::on_our_fin_acknowledged(Instant now, Step& step) {
    switch (hot_.state) {
    case State::FinWait1: // the application has closed: what never sends its FIN is forgotten (Linux tcp_fin_timeout)
        enter(State::FinWait2);
        warm_.alarms.set(Alarm::TimeWait, now + time_wait_length);
        break;
    case State::Closing: enter_time_wait(now, step); break;
    case State::LastAck: die(NoticeKind::Finished, step); break;
    case State::Closed:
    case State::SynSent:
    case State::SynReceived:
    case State::Established:
    case State::FinWait2:
    case State::CloseWait:
    case State::TimeWait: break;
    }
}

void Connection::on_payload(Instant now, const Segment& segment, Step& step) {
    const Seq end = segment.seq + segment.length;
    const bool fin_in_order = segment.fin() && seq_at_or_before(end, hot_.rcv_nxt + segment.length);
    if (seq_after(segment.seq, hot_.rcv_nxt)) { // a hole: say so at once (RFC 5681 section 4.2)
        keep_out_of_order(segment);
        decide_ack(now, true, step);
        return;
    }
    if (seq_before(end, hot_.rcv_nxt) || (end == hot_.rcv_nxt && segment.length != 0 && !segment.fin())) {
        decide_ack(now, true, step); // nothing new: the peer missed our ACK
        return;
    }
    if (warm_.unacked_segments == 0) warm_.echo = segment.sent_at;
    if (segment.length != 0) {
        const bool idle_before = warm_.last_data_in == no_echo || now - warm_.last_data_in > rto();
        if (idle_before) warm_.quick_acks = quick_acks_max; // Linux tcp_event_data_recv
        warm_.last_data_in = now;
        const Seq before = hot_.rcv_nxt;
        hot_.rcv_nxt = seq_max(hot_.rcv_nxt, end);
        const bool hole_was_open = !out_of_order_.empty();
        while (!out_of_order_.empty() && seq_at_or_before(out_of_order_.front().begin, hot_.rcv_nxt)) {
            hot_.rcv_nxt = seq_max(hot_.rcv_nxt, out_of_order_.front().end);
            out_of_order_.erase(out_of_order_.begin());
        }
        const std::uint32_t bytes = hot_.rcv_nxt - before;
        const std::uint32_t most = std::numeric_limits<std::uint32_t>::max();
        hot_.received = most - hot_.received < bytes ? most : hot_.received + bytes;
        ++warm_.unacked_segments;
        const bool quick = warm_.quick_acks != 0 && !hot_.pingpong;
        decide_ack(now, hole_was_open || quick || warm_.unacked_segments >= 2, step);
        if (bytes != 0) step.notify(NoticeKind::Data, bytes, segment.label);
    }
    if (fin_in_order && end == hot_.rcv_nxt && !hot_.fin_received) on_fin(now, step);
}

/// RFC 9293 section 3.10.7.4, eighth. A FIN beyond a hole comes again: the peer repeats it after the hole.
void Connection::on_fin(Instant now, Step& step) {
    hot_.fin_received = true;
    hot_.rcv_nxt += 1;
    send_ack(now, step);
    step.notify(NoticeKind::PeerClosed);
    switch (hot_.state) {
    case State::Established: enter(State::CloseWait); break;
    case State::FinWait1: enter(State::Closing); break;
    case State::FinWait2: enter_time_wait(now, step); break;
    case State::SynReceived: // a Fast Open child: the state follows when the handshake ends
    case State::Closed:
    case State::SynSent:
    case State::CloseWait:
    case State::Closing:
    case State::LastAck:
    case State::TimeWait: break;
    }
}

void Connection::keep_out_of_order(const Segment& segment) {
    SackBlock block{segment.seq, segment.seq + segment.length};
    if (block.begin == block.end) return;
    std::size_t at = 0;
    while (at < out_of_order_.size() && seq_before(out_of_order_[at].end, block.begin)) ++at;
    while (at < out_of_order_.size() && seq_at_or_before(out_of_order_[at].begin, block.end)) {
        if (seq_before(out_of_order_[at].begin, block.begin)) block.begin = out_of_order_[at].begin;
        block.end = seq_max(block.end, out_of_order_[at].end);
        out_of_order_.erase(out_of_order_.begin() + static_cast<std::ptrdiff_t>(at));
    }
    out_of_order_.insert(out_of_order_.begin() + static_cast<std::ptrdiff_t>(at), block);
}

/// At once, or within the delayed-ACK time (RFC 9293 section 3.8.6.3; Linux: at the second full segment).
void Connection::decide_ack(Instant now, bool at_once, Step& step) {
    if (at_once)
        send_ack(now, step);
    else if (!warm_.alarms.is_set(Alarm::DelayedAck))
        warm_.alarms.set(Alarm::DelayedAck, now + settings().delayed_ack);
}

} // namespace firstbyte::tcp
