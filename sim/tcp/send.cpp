// What a connection sends: ACKs, data within both windows, what was lost, FIN, RST.
#include "tcp/connection.hpp"

#include <algorithm>

namespace firstbyte::tcp {

/// Scale of the announced window (RFC 7323): 10 as measured, less for a small SO_RCVBUF, none below 64 KiB.
std::int8_t Connection::scale_of_buffer() const {
    std::int8_t shift = 0;
    while (shift < window_shift && (settings().receive_buffer >> shift) > 0xffff) ++shift;
    return shift;
}

/// Window of the SYN or SYN-ACK. With SO_RCVBUF: whole segments of what was asked for (measured on Linux 6.18).
std::uint32_t Connection::first_window() const {
    const std::uint32_t first = warm_.passive ? window_syn_ack : window_syn;
    const std::uint32_t buffer = settings().receive_buffer;
    return buffer == 0 ? first : std::min(first, buffer / settings().mss * settings().mss);
}

/// Bytes that the receiver is ready to hold: twice what the application has read, as receive-buffer autotuning keeps
/// ahead of the sender; the first buffer while it does not read; with SO_RCVBUF twice what was asked for (Linux doubles
/// it), of which payload fills the measured share.
/// Model: Linux measures the application's reading rate; here it reads at once, or not at all.
std::uint32_t Connection::window_capacity() const {
    const std::uint32_t first = first_window();
    if (hot_.received == 0) return first;
    const std::uint64_t buffer = settings().receive_buffer;
    if (buffer != 0) return static_cast<std::uint32_t>(2 * buffer * payload_share / payload_whole);
    const std::uint64_t read = hot_.received - std::min(hot_.received, warm_.unread);
    const std::uint64_t least = std::min<std::uint64_t>(std::uint64_t{first} + 2 * hot_.received, first_buffer);
    return static_cast<std::uint32_t>(
        std::min<std::uint64_t>(std::max({std::uint64_t{first}, least, 2 * read}), window_max));
}

/// Window to announce: free space without silly small steps (RFC 9293 section 3.8.6.2.2, Linux's fractions), never less
/// than what was announced before.
std::uint32_t Connection::window_of_buffer() {
    const std::uint32_t capacity = window_capacity();
    std::uint32_t free = capacity - std::min(capacity, warm_.unread);
    if (free < capacity / 2) warm_.quick_acks = 0; // no hurry while the application lags behind (Linux)
    if (free < capacity / 2 && (free < capacity / 16 || free < warm_.full_segment_in)) free = 0;
    const std::int8_t shift = window_scale();
    if (shift != 0) { // the header counts in units of the scale
        const std::uint32_t step = 1u << shift;
        free = (free + step - 1) / step * step;
    } else if (hot_.received != 0) { // whole segments
        free = free / warm_.full_segment_in * warm_.full_segment_in;
    }
    return std::max(free, announced_window());
}

Segment& Connection::make_segment(Instant now, std::uint8_t flags, Seq seq, Step& step) {
    Segment& segment = step.add_segment();
    segment.flags = flags;
    segment.seq = seq;
    segment.sent_at = now;
    segment.echo = warm_.echo;
    segment.flow = hot_.flow;
    segment.to = hot_.peer;
    segment.from = hot_.self;
    segment.timestamps = warm_.timestamps;
    segment.window_shift = window_scale();
    if ((flags & flag::ack) == 0) return segment;
    segment.ack = hot_.rcv_nxt;
    segment.window = receive_window();
    hot_.rcv_edge = hot_.rcv_nxt + segment.window;
    if ((flags & (flag::syn | flag::rst)) != 0) return segment;
    if (warm_.duplicate_waits || !out_of_order_.empty()) add_sack_blocks(segment);
    ack_went_out();
    return segment;
}

/// A duplicate is reported first (RFC 2883 section 4), then the newest block (RFC 2018 section 4).
void Connection::add_sack_blocks(Segment& segment) {
    const std::size_t most = sack_blocks_max();
    if (warm_.duplicate_waits) {
        segment.sack[segment.sack_count++] = warm_.duplicate;
        warm_.duplicate_waits = false;
    }
    if (!warm_.sack) return;
    for (const SackBlock& block : out_of_order_) {
        if (segment.sack_count == most) break;
        segment.sack[segment.sack_count++] = block;
    }
}

/// Payload of a full segment that leaves now with something to report: SACK blocks take their room from it (RFC 6691;
/// Linux tcp_current_mss).
std::uint32_t Connection::room_beside_blocks() const {
    const std::uint32_t blocks = std::min(sack_blocks_max(), sack_blocks_waiting());
    return blocks == 0 ? hot_.mss : hot_.mss - std::min<std::uint32_t>(4 + 8 * blocks, hot_.mss / 2);
}

std::uint32_t Connection::sack_blocks_waiting() const {
    if (!warm_.sack) return 0;
    return static_cast<std::uint32_t>(out_of_order_.size()) + (warm_.duplicate_waits ? 1u : 0u);
}

inline void Connection::ack_went_out() {
    hot_.acked_to = hot_.rcv_nxt;
    if (hot_.ack_pending && warm_.quick_acks != 0 && --warm_.quick_acks == 0) warm_.ack_delay = settings().delayed_ack;
    hot_.ack_pending = hot_.ack_now = false;
    warm_.pushed = warm_.pushed_twice = false;
    warm_.compressed_acks = 0;
    warm_.ack_compressed = warm_.ack_merging = false;
    warm_.alarms.clear(Alarm::Ack);
}

void Connection::send_ack(Instant now, Step& step) { make_segment(now, flag::ack, hot_.snd_nxt, step); }

void Connection::send_reset(Instant now, Step& step) { make_segment(now, flag::rst | flag::ack, hot_.snd_nxt, step); }

/// The answer to a segment that does not belong here (RFC 9293 section 3.10.7.1), and the end of the connection when it
/// was synchronized: nobody is left to read (RFC 1122 section 4.2.2.13).
void Connection::answer_with_reset(Instant now, const Segment& segment, Step& step) {
    Segment& reset = make_segment(now, flag::rst, segment.ack, step);
    reset.echo = no_echo;
    if (hot_.orphaned) die(NoticeKind::Finished, step);
}

bool Connection::may_send_data() const {
    switch (hot_.state) {
    case State::SynReceived: return warm_.accepted_syn_data; // only a Fast Open child may before the handshake ends
    case State::Established:
    case State::FinWait1:
    case State::CloseWait:
    case State::Closing:
    case State::LastAck: return true;
    case State::Closed:
    case State::SynSent:
    case State::FinWait2:
    case State::TimeWait: return false;
    }
    return false;
}

void Connection::resume(Instant now, Step& step) {
    if (warm_.resend_waits) {
        warm_.resend_waits = false;
        retransmit_lost(now, step);
    }
    push(now, step);
    if (warm_.writer_sleeps) wake_writer(now, step);
}

void Connection::push_data(Instant now, Step& step) {
    transmit_new(now, false, step);
    if (hot_.fin_wanted && !warm_.fin_ready && step.room() && comes_to_close()) {
        warm_.fin_ready = true;
        transmit_new(now, false, step);
    }
    if (sent_.empty() && hot_.snd_nxt != send_end() && warm_.retransmit_kind == RetransmitKind::None)
        schedule_window_probe(now);
}

/// New data within both windows; Nagle's rule is off (TCP_NODELAY).
/// @param one_beyond_window  a tail loss probe: one segment, whatever the congestion window says
void Connection::transmit_new(Instant now, bool one_beyond_window, Step& step) {
    std::uint32_t made = 0, out = in_flight();
    while (hot_.snd_nxt != send_end()) {
        if (!step.room()) return; // resume() goes on
        if (out >= hot_.window.cwnd && !(one_beyond_window && made == 0)) break;
        const std::uint32_t left = hot_.write_end - hot_.snd_nxt, payload = std::min(left, room_for_payload());
        // A close that finds the last data unsent puts its FIN on it; otherwise the FIN goes alone (Linux).
        const bool fin = hot_.fin_wanted && payload == left && warm_.fin_ready;
        if (payload == 0 && !fin) break;
        const Seq end = hot_.snd_nxt + payload + (fin ? 1u : 0u);
        if (payload != 0 && seq_after(hot_.snd_nxt + payload, hot_.snd_una + hot_.snd_wnd)) break;
        const bool was_empty = sent_.empty();
        if (was_empty) warm_.congestion.on_transmit_start(now, warm_.last_sent);
        SentSegment& segment = sent_.push_back(step.store);
        segment.begin = hot_.snd_nxt;
        segment.end = end;
        segment.fin = fin;
        segment.push = take_push_mark(segment.begin + payload);
        hot_.snd_nxt = end;
        ++made;
        ++out;
        send_sent(now, segment, step);
        if (fin) {
            hot_.fin_sent = true;
            if (hot_.state == State::Established) enter(State::FinWait1);
            if (hot_.state == State::CloseWait) enter(State::LastAck);
        }
        if (was_empty || warm_.retransmit_kind == RetransmitKind::LossProbe) rearm_rto(now);
        if (one_beyond_window) break;
    }
    const bool window_limits = out >= hot_.window.cwnd;
    if (made != 0 || window_limits) validate_window(now, window_limits);
    if (made == 0) return;
    if (reducing()) warm_.reduction_out += made;
    if (!one_beyond_window) static_cast<void>(schedule_loss_probe(now, false));
}

/// Sends or repeats one segment of the queue.
void Connection::send_sent(Instant now, SentSegment& s, Step& step) {
    const std::uint32_t payload = s.payload();
    std::uint8_t flags = flag::ack;
    if (s.push) flags |= flag::psh;
    if (s.fin) flags |= flag::fin;
    // Data soon after data came in: request and response take turns, and ACKs ride the answers (Linux pingpong mode).
    if (warm_.last_data_in != never && now - warm_.last_data_in < warm_.ack_delay) warm_.pingpong = true;
    s.sent = now;
    s.order = ++warm_.transmissions;
    warm_.last_sent = now;
    Segment& data = make_segment(now, flags, s.begin, step);
    data.length = payload;
    data.label = warm_.label;
    data.transmission = s.transmission;
    watch_progress(now);
}

/// Repeats what counts as lost, lowest first, as far as the window goes.
void Connection::retransmit_lost(Instant now, Step& step) {
    if (sent_.empty()) return;
    bool head_repeated = false;
    for (std::uint32_t n = 0; n < sent_.size() && warm_.retrans_out < warm_.lost_out; ++n) {
        if (in_flight() >= hot_.window.cwnd) break;
        if (!sent_[n].lost || sent_[n].sacked || sent_[n].retransmitted) continue;
        if (!step.room()) {
            warm_.resend_waits = true;
            break;
        }
        retransmit(now, n, step);
        count_retransmission(sent_[n]);
        if (reducing()) ++warm_.reduction_out;
        head_repeated = head_repeated || n == 0;
    }
    if (head_repeated && warm_.retransmit_kind != RetransmitKind::Reordering && hot_.state != State::SynReceived)
        arm(RetransmitKind::Timeout, now + warm_.rto);
}

/// Linux takes small neighbours along: what follows joins a segment that has room (tcp_retrans_collapse).
void Connection::collapse(std::uint32_t n, Step& step) {
    while (n + 1 < sent_.size()) {
        SentSegment& s = sent_[n];
        const SentSegment next = sent_[n + 1];
        if (s.fin || next.sacked || s.payload() + next.payload() > room_for_payload()) return;
        if (seq_after(next.end, hot_.snd_una + hot_.snd_wnd)) return;
        s.end = next.end;
        s.fin = next.fin;
        s.push = s.push || next.push;
        s.ever_retransmitted = s.ever_retransmitted || next.ever_retransmitted;
        if (next.lost) --warm_.lost_out;
        if (next.retransmitted) --warm_.retrans_out;
        if (!warm_.sack && warm_.sacked_out != 0) --warm_.sacked_out; // one segment fewer that a duplicate ACK can mean
        sent_.erase(n + 1, step.store);
    }
}

/// Cuts a segment behind `payload` bytes: one more counts as what it counted as.
void Connection::cut(std::uint32_t n, std::uint32_t payload, SentStore& store) {
    if (sent_[n].lost) ++warm_.lost_out;
    if (sent_[n].retransmitted) ++warm_.retrans_out;
    sent_.split(n, sent_[n].begin + payload, store);
}

void Connection::retransmit(Instant now, std::uint32_t n, Step& step) {
    if (seq_before(sent_[n].begin, hot_.snd_una)) sent_[n].begin = hot_.snd_una;
    const std::uint32_t most = room_for_payload();
    if (sent_[n].payload() > most) {
        cut(n, most, step.store);
    } else if (sent_[n].payload() < most) {
        collapse(n, step);
    }
    SentSegment& s = sent_[n];
    if (s.transmission != 255) ++s.transmission;
    s.ever_retransmitted = true;
    warm_.ever_retransmitted_out = true;
    send_sent(now, s, step);
}

void Connection::count_retransmission(SentSegment& segment) {
    segment.retransmitted = true;
    ++warm_.retrans_out;
    if (warm_.first_retransmission == never) warm_.first_retransmission = segment.sent;
    if (warm_.undo_retransmissions < 0) warm_.undo_retransmissions = 0;
    ++warm_.undo_retransmissions;
}

/// RFC 5681 section 4.1 as Linux does it: the window halves for every RTO of silence, not below the initial one.
void Connection::restart_after_idle(Instant now) {
    if (!settings().slow_start_after_idle) return;
    Duration idle = now - warm_.last_sent;
    if (idle <= warm_.rto || warm_.rto == Duration{0}) return;
    Window& window = hot_.window;
    const std::uint32_t restart = std::min(settings().initial_window, window.cwnd);
    window.ssthresh = window.remembered_ssthresh();
    std::uint32_t cwnd = window.cwnd;
    for (idle -= warm_.rto; idle > Duration{0} && cwnd > restart; idle -= warm_.rto) cwnd /= 2;
    window.cwnd = std::max(cwnd, restart);
    warm_.window_full_at = now;
    warm_.window_used = 0;
}

/// RFC 2861 as Linux does it: a window that the application has not filled for an RTO shrinks towards what it used.
inline void Connection::validate_window(Instant now, bool limited) {
    warm_.use.sent(hot_.snd_una, hot_.snd_nxt, sent_.size(), limited);
    if (warm_.use.window_limits(hot_.window)) {
        warm_.window_used = 0;
        warm_.window_full_at = now;
        return;
    }
    warm_.window_used = std::max(warm_.window_used, sent_.size());
    if (!settings().slow_start_after_idle || now - warm_.window_full_at < warm_.rto) return;
    if (warm_.recovery == Recovery::Open) {
        Window& window = hot_.window;
        const std::uint32_t used = std::max(warm_.window_used, settings().initial_window);
        if (used < window.cwnd) {
            window.ssthresh = window.remembered_ssthresh();
            window.cwnd = (window.cwnd + used) / 2;
        }
        warm_.window_used = 0;
    }
    warm_.window_full_at = now;
}

} // namespace firstbyte::tcp
