// What arriving payload does: order, holes, the ACKs it asks for (RFC 9293 section 3.10.7.4, RFC 5681 section 4.2).
#include "tcp/connection.hpp"

#include <algorithm>
#include <limits>

namespace firstbyte::tcp {

void Connection::on_payload(Instant now, const Segment& segment, Step& step) {
    const Seq end = segment.seq + segment.sequence_length();
    if (hot_.fin_received) { // nothing can follow a FIN: what comes is old
        want_quick_acks();
        hot_.ack_pending = true;
        return;
    }
    if (seq_after(segment.seq, hot_.rcv_nxt)) {
        if (warm_.ack_merging) send_ack(now, step); // what came in order is not held back by what follows a hole
        return keep_out_of_order(segment);
    }
    hot_.ack_pending = true;
    if (!seq_after(end, hot_.rcv_nxt)) { // nothing new: the peer missed our ACK (RFC 2883 section 4.1.1)
        want_quick_acks();
        note_duplicate({segment.seq, end});
        return;
    }
    if (seq_before(segment.seq, hot_.rcv_nxt)) note_duplicate({segment.seq, hot_.rcv_nxt});
    take_in_order(now, segment, step);
}

void Connection::take_in_order(Instant now, const Segment& segment, Step& step) {
    const Seq before = hot_.rcv_nxt;
    if (!seq_after(segment.seq, hot_.acked_to)) warm_.echo = segment.sent_at; // RFC 7323 section 4.3
    if (segment.length != 0) on_data_came(now, segment);
    hot_.rcv_nxt = segment.seq + segment.sequence_length();
    if (segment.fin()) {
        warm_.fin_beyond_hole = true;
        warm_.fin_at = hot_.rcv_nxt - 1;
    }
    if (!out_of_order_.empty()) close_holes();
    const bool fin_reached = warm_.fin_beyond_hole && seq_after(hot_.rcv_nxt, warm_.fin_at);
    const std::uint32_t bytes = hot_.rcv_nxt - before - (fin_reached ? 1u : 0u);
    const std::uint32_t most = std::numeric_limits<std::uint32_t>::max();
    hot_.received = most - hot_.received < bytes ? most : hot_.received + bytes;
    if (bytes != 0 && !hot_.orphaned) {
        warm_.label_in = segment.label;
        if (hot_.reading) {
            step.notify(NoticeKind::Data, bytes, segment.label);
            if (warm_.pushed_twice || (warm_.pushed && !warm_.pingpong)) hot_.ack_now = true; // Linux tcp_cleanup_rbuf
        } else {
            warm_.unread += bytes;
        }
    }
    if (fin_reached) on_fin(now, step);
}

/// Blocks that the stream has reached join it.
void Connection::close_holes() {
    for (bool again = true; again;) {
        again = false;
        for (std::size_t n = 0; n < out_of_order_.size(); ++n) {
            if (seq_after(out_of_order_[n].begin, hot_.rcv_nxt)) continue;
            hot_.rcv_nxt = seq_max(hot_.rcv_nxt, out_of_order_[n].end);
            out_of_order_.erase(out_of_order_.begin() + static_cast<std::ptrdiff_t>(n));
            again = true;
            break;
        }
    }
    if (out_of_order_.empty()) hot_.ack_now = true; // RFC 5681 section 4.2: at once when a gap is filled
}

/// While the window grows its ACKs are wanted: from the first window to the first buffer by two segments for each that
/// comes, then as autotuning follows what the application has read. Model: Linux compares once per round trip.
inline bool Connection::window_grows() const {
    if (settings().receive_buffer != 0 || !hot_.reading) return false;
    const std::uint64_t twice = 2 * std::uint64_t{hot_.received};
    return first_window() + twice < first_buffer || twice >= first_buffer;
}

/// How data comes decides how it is acknowledged: Linux's delayed-ACK engine, whose delay follows the gaps.
inline void Connection::on_data_came(Instant now, const Segment& segment) {
    if (segment.length >= warm_.full_segment_in)
        warm_.full_segment_in = std::min(segment.length, settings().mss);
    else {
        if (warm_.pushed) warm_.pushed_twice = true;
        warm_.pushed = true;
    }
    const std::uint8_t first_acks = settings().quick_ack ? quick_acks_max : 0;
    if (warm_.ack_delay == Duration{0}) { // the first data
        warm_.quick_acks = first_acks;
        warm_.ack_delay = settings().delayed_ack;
    } else {
        const Duration gap = now - warm_.last_data_in;
        if (gap <= settings().delayed_ack / 2) {
            warm_.ack_delay = warm_.ack_delay / 2 + settings().delayed_ack / 2;
        } else if (gap < warm_.ack_delay) {
            warm_.ack_delay = std::min<Duration>(warm_.ack_delay / 2 + gap, warm_.rto);
        } else if (gap > warm_.rto) { // the sender starts over, and grows by our ACKs
            warm_.quick_acks = first_acks;
        }
    }
    if (settings().quick_ack && window_grows() && segment.length >= growth_segment)
        warm_.quick_acks |= 1; // Linux tcp_grow_window
    warm_.last_data_in = now;
}

/// RFC 9293 section 3.10.7.4, eighth.
void Connection::on_fin(Instant now, Step& step) {
    hot_.fin_received = true;
    hot_.ack_pending = true;
    if (hot_.state == State::FinWait1 || hot_.state == State::FinWait2)
        send_ack(now, step);
    else
        warm_.pingpong = true; // Linux: the ACK waits for the application's own FIN
    if (hot_.reading || hot_.orphaned)
        step.notify(NoticeKind::PeerClosed);
    else
        warm_.fin_unread = true;
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
    SackBlock block{segment.seq, segment.seq + segment.sequence_length()};
    hot_.ack_pending = true;
    for (const SackBlock& held : out_of_order_) {
        if (seq_before(block.begin, held.begin) || seq_after(block.end, held.end)) continue;
        note_duplicate(block);
        return;
    }
    if (segment.fin()) {
        warm_.fin_beyond_hole = true;
        warm_.fin_at = block.end - 1;
    }
    for (std::size_t n = 0; n < out_of_order_.size();) {
        const SackBlock held = out_of_order_[n];
        if (seq_before(held.end, block.begin) || seq_after(held.begin, block.end)) {
            ++n;
            continue;
        }
        if (seq_before(held.begin, block.begin)) block.begin = held.begin;
        block.end = seq_max(block.end, held.end);
        out_of_order_.erase(out_of_order_.begin() + static_cast<std::ptrdiff_t>(n));
    }
    out_of_order_.insert(out_of_order_.begin(), block); // RFC 2018 section 4: the newest is reported first
}

void Connection::note_duplicate(SackBlock block) {
    if (!warm_.sack) return;
    warm_.duplicate = block;
    warm_.duplicate_waits = true;
}

void Connection::want_quick_acks() {
    if (settings().quick_ack) warm_.quick_acks = std::max<std::uint8_t>(warm_.quick_acks, quick_acks_max);
    warm_.pingpong = false;
    warm_.ack_delay = settings().delayed_ack;
}

/// At once, compressed or delayed (RFC 9293 section 3.8.6.3; RFC 5681 section 4.2; Linux's compression of SACKs).
void Connection::decide_ack(Instant now, Step& step) {
    const bool two_segments = hot_.rcv_nxt - hot_.acked_to > warm_.full_segment_in && hot_.reading;
    const bool quick = warm_.quick_acks != 0 && !warm_.pingpong;
    if (quick || hot_.ack_now) return send_ack(now, step);
    if (two_segments) { // what arrives at this moment shares one ACK: the application reads it in one go (Linux)
        warm_.ack_compressed = warm_.ack_merging = true;
        warm_.alarms.set(Alarm::Ack, now);
        return;
    }
    if (out_of_order_.empty()) return delay_ack(now, step);
    if (!warm_.sack || warm_.compressed_acks >= compressed_acks_max) return send_ack(now, step);
    if (warm_.compressed_at != hot_.rcv_nxt) {
        warm_.compressed_at = hot_.rcv_nxt;
        warm_.duplicate_acks_sent = 0;
    }
    if (warm_.duplicate_acks_sent < duplicate_acks) { // enough for the sender's fast retransmit
        ++warm_.duplicate_acks_sent;
        return send_ack(now, step);
    }
    ++warm_.compressed_acks;
    if (warm_.ack_compressed) return;
    // Before any data in order the receiver has no RTT of its own, and Linux does not wait.
    // Model: afterwards the connection's estimate stands for the receiver's.
    const Duration share = warm_.ack_delay != Duration{0} ? hot_.rtt.srtt() / 20 : Duration{0};
    warm_.ack_compressed = true;
    warm_.alarms.set(Alarm::Ack, now + std::min(compressed_ack_max, share));
}

void Connection::delay_ack(Instant now, Step& step) {
    Duration wait = warm_.ack_delay;
    if (wait > settings().delayed_ack) {
        Duration most = warm_.pingpong || warm_.pushed ? delayed_ack_max : Duration{std::chrono::milliseconds{500}};
        if (hot_.rtt.has_sample()) most = std::min(most, std::max(hot_.rtt.srtt(), settings().delayed_ack));
        wait = std::min(wait, most);
    }
    wait = std::min(wait, delayed_ack_max);
    if (warm_.alarms.is_set(Alarm::Ack) && !warm_.ack_compressed) {
        const Instant at = warm_.alarms.at(Alarm::Ack);
        if (at <= now + wait / 4) return send_ack(now, step); // it is about to leave anyway
        if (at <= now + wait) return;
    }
    warm_.ack_compressed = false;
    warm_.alarms.set(Alarm::Ack, now + wait);
}

void Connection::on_ack_alarm(Instant now, Step& step) {
    warm_.alarms.clear(Alarm::Ack);
    if (warm_.ack_compressed) return send_ack(now, step);
    if (!hot_.ack_pending) return;
    if (warm_.pingpong) { // no answer came to carry it: requests and responses do not take turns
        warm_.pingpong = false;
        warm_.ack_delay = settings().delayed_ack;
    } else {
        warm_.ack_delay = std::min<Duration>(warm_.ack_delay * 2, warm_.rto);
    }
    send_ack(now, step);
}

/// The application takes what has waited; the window is announced again when it has at least doubled (Linux).
void Connection::application_reads(Instant now, Step& step) {
    const std::uint32_t bytes = warm_.unread;
    const std::uint32_t announced = seq_after(hot_.rcv_edge, hot_.rcv_nxt) ? hot_.rcv_edge - hot_.rcv_nxt : 0;
    warm_.unread = 0;
    if (hot_.state == State::Closed) return;
    if (bytes != 0) step.notify(NoticeKind::Data, bytes, warm_.label_in);
    const bool opens = receive_window() >= 2 * announced;
    const bool owed = hot_.ack_pending && hot_.rcv_nxt - hot_.acked_to > warm_.full_segment_in;
    if (bytes != 0 && (opens || owed) && hot_.state != State::TimeWait) send_ack(now, step);
    if (warm_.fin_unread) {
        warm_.fin_unread = false;
        step.notify(NoticeKind::PeerClosed);
    }
}

} // namespace firstbyte::tcp
