// Three-way handshake and Fast Open: RFC 9293 section 3.5 and 3.10.7.3, RFC 7413 section 4.2, Linux's timers.
#include "tcp/connection.hpp"

#include <algorithm>

namespace firstbyte::tcp {

void Connection::learn_from_syn(const Segment& segment) {
    hot_.peer = segment.from;
    hot_.snd_wnd = warm_.widest_window = segment.window;
    warm_.window_from = segment.seq;
    warm_.timestamps = settings().timestamps && segment.timestamps;
    warm_.sack = settings().sack && segment.sack_permitted;
    warm_.echo = segment.sent_at;
    const std::uint32_t peer_mss = segment.mss != 0 ? segment.mss : settings().mss;
    std::uint32_t mss = std::min<std::uint32_t>(peer_mss, hot_.state == State::SynSent ? hot_.mss : settings().mss);
    if (warm_.timestamps) mss -= timestamps_size;
    hot_.mss = static_cast<std::uint16_t>(mss);
    warm_.learned.mss = segment.mss;
    hot_.acked_to = hot_.rcv_edge = segment.seq + 1;
}

/// The first SYN carries option and data; every repetition is bare (measured on Linux 6.18).
void Connection::send_syn(Instant now, Step& step) {
    const bool first = warm_.repeats_of_syn == 0;
    const Label label = warm_.label;
    Segment& syn = make_segment(now, flag::syn, 0, step);
    syn.window = first_window();
    syn.window_shift = window_scale();
    syn.mss = hot_.mss; // Linux: the route's MTU, what ICMP has said of it included
    syn.timestamps = settings().timestamps;
    syn.sack_permitted = settings().sack;
    syn.echo = no_echo;
    syn.transmission = static_cast<std::uint8_t>(warm_.repeats_of_syn);
    if (first) {
        syn.fast_open = warm_.syn_option;
        syn.fast_open_experimental = warm_.experimental;
        syn.cookie = warm_.cookie;
        syn.length = warm_.syn_payload;
        syn.label = label;
        warm_.last_sent = now;
    }
    const std::vector<Duration>& waits = settings().syn_waits;
    FB_ASSERT(warm_.repeats_of_syn < waits.size(), "a SYN is sent only while the schedule has a wait left");
    const Duration wait = waits[warm_.repeats_of_syn];
    arm(RetransmitKind::Timeout, now + (first ? wait : clamp_to_user_timeout(now, wait)));
}

void Connection::send_syn_ack(Instant now, Step& step) {
    Segment& syn_ack = make_segment(now, flag::syn | flag::ack, 0, step);
    syn_ack.window = first_window();
    syn_ack.window_shift = window_scale();
    syn_ack.mss = static_cast<std::uint16_t>(settings().mss);
    syn_ack.sack_permitted = warm_.sack;
    syn_ack.fast_open = warm_.syn_option;
    syn_ack.fast_open_experimental = warm_.experimental;
    syn_ack.cookie = warm_.cookie;
    syn_ack.transmission = static_cast<std::uint8_t>(warm_.repeats_of_syn);
    warm_.syn_option = FastOpenOption::None; // Linux tcp_rtx_synack: a repeated one has no option
    // Linux: a repeated SYN starts the wait of a plain half-open connection anew; a Fast Open child's timer runs on.
    if (!warm_.alarms.is_set(Alarm::Retransmit) || !warm_.accepted_syn_data)
        arm(RetransmitKind::Timeout, now + backed_off(settings().syn_ack_rto));
}

/// SEGMENT ARRIVES in SYN-SENT: RFC 9293 section 3.10.7.3. "First" to "fifth" are the RFC's steps.
void Connection::on_segment_syn_sent(Instant now, const Segment& segment, Step& step) {
    // First: the ACK bit. ISS is 0.
    if (segment.has_ack() && (seq_at_or_before(segment.ack, 0) || seq_after(segment.ack, hot_.snd_nxt))) {
        if (!segment.rst()) answer_with_reset(now, segment, step);
        return;
    }
    if (segment.rst()) { // second: the RST bit
        if (segment.has_ack()) die(NoticeKind::Refused, step);
        return;
    }
    // Fourth: the SYN bit. Data that overtakes the SYN-ACK is not taken (measured on Linux 6.18).
    if (!segment.syn()) return;
    if (!segment.has_ack()) return on_crossing_syn(now, segment, step);
    learn_from_syn(segment);
    hot_.rcv_nxt = segment.seq + 1;
    hot_.snd_una = segment.ack;
    warm_.window_from = segment.seq;
    take_handshake_rtt(now, segment);
    if (segment.fast_open == FastOpenOption::Cookie) {
        warm_.learned.cookie = segment.cookie;
        warm_.learned.held = true;
        warm_.learned.experimental = segment.fast_open_experimental;
    }
    if (segment.fast_open_experimental) warm_.experimental = true;
    while (!sent_.empty() && seq_at_or_before(sent_.front().end, hot_.snd_una)) sent_.pop_front(step.store);
    const bool refused = !sent_.empty();
    if (warm_.fast_open == FastOpenOutcome::DataSent)
        warm_.fast_open = refused ? FastOpenOutcome::DataIgnored : FastOpenOutcome::DataAccepted;
    warm_.use.until = hot_.snd_nxt;
    warm_.timeouts = 0;
    disarm();
    enter(State::Established);
    restart_after_syn_loss(segment);
    warm_.first_retransmission = never;
    warm_.congestion.start(settings().congestion, now, hot_.snd_nxt);
    warm_.last_sent = warm_.last_ack_in = now;
    warm_.last_data_in = now; // as on Linux, where the handshake's end counts as the first arrival
    start_keepalive(now);
    step.notify(NoticeKind::Connected);
    if (segment.length != 0) { // data on the SYN-ACK (RFC 7413 section 4.2.2)
        Segment payload = segment;
        payload.flags = static_cast<std::uint8_t>(segment.flags & ~flag::syn);
        payload.seq = segment.seq + 1;
        on_payload(now, payload, step);
    }
    fill_send_buffer();
    if (refused) {
        // What the SYN-ACK does not cover goes out again at once, without a timer and without blame on the path
        // (RFC 7413 section 4.2.2; Linux enters its loss state for it).
        for (std::uint32_t n = 0; n < sent_.size(); ++n) {
            sent_[n].begin = seq_max(sent_[n].begin, hot_.snd_una);
            mark_lost(sent_[n]);
        }
        repeat_without_blame(now, step);
        push(now, step);
        return;
    }
    if (hot_.snd_nxt != hot_.write_end) {
        // Linux holds the handshake's ACK back for the data and acknowledges lazily from then on.
        want_quick_acks();
        hot_.ack_pending = true;
        push(now, step);
        if (hot_.ack_pending) decide_ack(now, step);
        return;
    }
    send_ack(now, step);
    push(now, step);
}

/// Simultaneous open (RFC 9293 section 3.5, figure 7): both sides end in SYN-RECEIVED. The peer's SYN data is not taken
/// (Linux); it comes again after the handshake.
void Connection::on_crossing_syn(Instant now, const Segment& segment, Step& step) {
    learn_from_syn(segment);
    hot_.rcv_nxt = segment.seq + 1;
    hot_.snd_una = 1;
    enter(State::SynReceived);
    warm_.congestion.start(settings().congestion, now, hot_.snd_nxt);
    warm_.last_sent = warm_.last_ack_in = now;
    warm_.rto = settings().syn_ack_rto;
    warm_.syn_option = FastOpenOption::None;
    send_syn_ack(now, step);
}

/// Linux prefers its own clock; the echo serves where SYN or SYN-ACK was repeated (Karn).
void Connection::take_handshake_rtt(Instant now, const Segment& segment) {
    const bool by_echo = warm_.repeats_of_syn != 0;
    if (by_echo && (segment.echo == no_echo || !warm_.timestamps)) {
        warm_.rto = rto_fallback;
        return;
    }
    const Duration sample = now - (by_echo ? segment.echo : warm_.opened);
    add_rtt(sample, sample);
}

/// RFC 5681 section 3.1: a handshake that lost more than one packet starts from one segment, unless the echo shows that
/// the first one arrived (Linux).
void Connection::restart_after_syn_loss(const Segment& segment) {
    const bool first_arrived = warm_.timestamps && segment.echo == warm_.opened;
    const bool by_timer = !warm_.passive || warm_.probe_backoff != 0;
    if (warm_.repeats_of_syn > 1 && by_timer && !first_arrived) hot_.window.cwnd = 1;
}

/// True when the segment should be processed further.
bool Connection::on_segment_syn_received(Instant now, const Segment& segment, Step& step) {
    if (seq_at_or_before(segment.ack, 0) || seq_after(segment.ack, hot_.snd_nxt)) { // ISS is 0
        if (warm_.accepted_syn_data)
            challenge(now, step);
        else
            answer_with_reset(now, segment, step);
        return false;
    }
    disarm();
    warm_.timeouts = 0;
    enter(hot_.fin_sent ? State::FinWait1 : State::Established);
    if (hot_.fin_received) enter(hot_.fin_sent ? State::Closing : State::CloseWait);
    take_handshake_rtt(now, segment);
    warm_.use.until = seq_max(warm_.use.until, hot_.snd_una);
    hot_.snd_wnd = warm_.widest_window = segment.window;
    start_keepalive(now);
    if (!warm_.accepted_syn_data) {
        restart_after_syn_loss(segment);
        const bool active = !warm_.passive;
        step.notify(active ? NoticeKind::Connected : NoticeKind::Accepted);
        if (active && !sent_.empty()) { // the crossing SYN's data
            if (warm_.fast_open == FastOpenOutcome::DataSent) warm_.fast_open = FastOpenOutcome::DataIgnored;
            if (segment.ack == 1) {
                for (std::uint32_t n = 0; n < sent_.size(); ++n) mark_lost(sent_[n]);
                repeat_without_blame(now, step);
            }
        }
    }
    warm_.probe_backoff = 0;
    if (!warm_.passive) fill_send_buffer(); // of a simultaneous open: what was written before it ended
    if (warm_.recovery == Recovery::Timeout && warm_.accepted_syn_data)
        static_cast<void>(undo_timeout(false, warm_.timestamps ? segment.echo : no_echo));
    if (warm_.recovery != Recovery::Timeout || !warm_.accepted_syn_data) warm_.first_retransmission = never;
    // A Fast Open child has no data timer before the handshake's ACK, and no loss probe after it (measured on Linux
    // 6.18): its timeout starts now.
    if (!sent_.empty()) rearm_rto(now);
    return true;
}

void Connection::on_syn_alarm(Instant now, Step& step) {
    const bool expired = warm_.repeats_of_syn + std::size_t{1} >= settings().syn_waits.size() ||
                         (settings().user_timeout != Duration{0} &&
                          now - warm_.first_retransmission >= settings().user_timeout && warm_.repeats_of_syn != 0);
    suspect_blackhole(expired, step);
    if (expired) {
        if (warm_.fast_open == FastOpenOutcome::DataSent) warm_.fast_open = FastOpenOutcome::DataIgnored;
        die(NoticeKind::TimedOut, step);
        return;
    }
    ++warm_.repeats_of_syn;
    ++warm_.timeouts;
    send_syn(now, step);
}

void Connection::on_syn_ack_alarm(Instant now, Step& step) {
    // A Fast Open child makes one more attempt (measured on Linux 6.18).
    const std::uint32_t most = settings().syn_ack_retries + (warm_.accepted_syn_data ? 1 : 0);
    if (warm_.probe_backoff >= most) {
        die(warm_.accepted_syn_data || !warm_.passive ? NoticeKind::TimedOut : NoticeKind::Gone, step);
        return;
    }
    // Linux: at a Fast Open child's second timeout its response counts as lost too, and goes out with the handshake.
    if (warm_.accepted_syn_data && warm_.probe_backoff == 1) enter_timeout_recovery(now);
    if (warm_.first_retransmission == never) warm_.first_retransmission = now;
    ++warm_.repeats_of_syn;
    ++warm_.probe_backoff;
    disarm();
    send_syn_ack(now, step);
}

} // namespace firstbyte::tcp
