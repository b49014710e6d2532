// Three-way handshake and Fast Open: RFC 9293 section 3.5 and 3.10.7.3, RFC 7413 section 4.2, Linux's timers.
#include "tcp/connection.hpp"

namespace firstbyte::tcp {

void Connection::learn_from_syn(const Segment& segment) {
    hot_.peer = segment.from;
    hot_.snd_wnd = segment.window;
    warm_.timestamps = settings().timestamps && segment.timestamps;
    warm_.echo = segment.sent_at;
    const std::uint32_t peer_mss = segment.mss != 0 ? segment.mss : settings().mss;
    hot_.mss = static_cast<std::uint16_t>(settings().segment_size(peer_mss));
    warm_.learned.mss = segment.mss;
}

/// The first SYN carries option and data; every repetition is bare (measured on Linux 6.18).
void Connection::send_syn(Instant now, Step& step) {
    const bool first = warm_.repeats_of_syn == 0;
    const Label label = warm_.label;
    Segment& syn = make_segment(now, flag::syn, 0, step);
    syn.window = window_syn;
    syn.mss = static_cast<std::uint16_t>(settings().mss);
    syn.timestamps = settings().timestamps;
    syn.echo = no_echo;
    syn.transmission = static_cast<std::uint8_t>(warm_.repeats_of_syn);
    if (first) {
        syn.fast_open = warm_.syn_option;
        syn.cookie = warm_.cookie;
        syn.length = warm_.syn_payload;
        syn.label = label;
    }
    const std::vector<Duration>& waits = settings().syn_waits;
    FB_ASSERT(warm_.repeats_of_syn < waits.size(), "a SYN is sent only while the schedule has a wait left");
    warm_.alarms.set(Alarm::Retransmit, now + waits[warm_.repeats_of_syn]);
}

void Connection::send_syn_ack(Instant now, Step& step) {
    Segment& syn_ack = make_segment(now, flag::syn | flag::ack, 0, step);
    syn_ack.window = window_syn_ack;
    syn_ack.mss = static_cast<std::uint16_t>(settings().mss);
    syn_ack.fast_open = warm_.syn_option;
    syn_ack.cookie = warm_.cookie;
    syn_ack.transmission = static_cast<std::uint8_t>(warm_.repeats_of_syn);
    if (!warm_.alarms.is_set(Alarm::Retransmit)) warm_.alarms.set(Alarm::Retransmit, now + settings().syn_ack_rto);
}

/// SEGMENT ARRIVES in SYN-SENT: RFC 9293 section 3.10.7.3. "First" to "fifth" are the RFC's steps.
void Connection::on_segment_syn_sent(Instant now, const Segment& segment, Step& step) {
    if (segment.has_ack() && (segment.ack == 0 || seq_after(segment.ack, hot_.snd_nxt))) { // first: the ACK bit
        if (!segment.rst()) send_reset(now, step);
        return;
    }
    if (segment.rst()) { // second: the RST bit
        if (segment.has_ack()) die(NoticeKind::Refused, step);
        return;
    }
    // Fourth: the SYN bit. Data that overtakes the SYN-ACK is not taken (measured on Linux 6.18).
    // Model: crossing SYNs (simultaneous open) do not occur: no server opens towards its clients.
    if (!segment.syn() || !segment.has_ack()) return;
    learn_from_syn(segment);
    hot_.rcv_nxt = segment.seq + 1;
    hot_.snd_una = segment.ack;
    if (segment.echo != no_echo) hot_.rtt.add(now - segment.echo);
    if (segment.fast_open == FastOpenOption::Cookie) {
        warm_.learned.cookie = segment.cookie;
        warm_.learned.held = true;
    }
    if (warm_.fast_open == FastOpenOutcome::DataSent) {
        const bool taken = warm_.syn_payload == 0 || segment.ack == 1 + warm_.syn_payload;
        warm_.fast_open = taken ? FastOpenOutcome::DataAccepted : FastOpenOutcome::DataIgnored;
    }
    // Data that the SYN-ACK does not cover goes out again at once, without waiting for a timer (RFC 7413
    // section 4.2.2).
    hot_.snd_nxt = segment.ack;
    warm_.use.until = hot_.snd_nxt;
    warm_.backoff = 0;
    warm_.alarms.clear(Alarm::Retransmit);
    enter(State::Established);
    warm_.quick_acks = quick_acks_max;
    step.notify(NoticeKind::Connected);
    const bool data_waits = seq_before(hot_.snd_nxt, hot_.write_end);
    if (data_waits) {
        hot_.pingpong = true; // Linux holds the handshake's ACK back for the data and acknowledges lazily from then on
        transmit(now, step);
    } else {
        send_ack(now, step);
        if (hot_.fin_wanted) transmit(now, step);
    }
}

/// True when the segment should be processed further.
bool Connection::on_segment_syn_received(Instant now, const Segment& segment, Step& step) {
    if (segment.syn()) { // a repeated SYN is answered at once (measured on Linux 6.18)
        send_syn_ack(now, step);
        return false;
    }
    if (!segment.has_ack() || segment.ack == 0 || seq_after(segment.ack, hot_.snd_nxt)) return false;
    warm_.alarms.clear(Alarm::Retransmit);
    warm_.backoff = 0;
    enter(hot_.fin_sent ? State::FinWait1 : State::Established);
    if (hot_.fin_received) enter(hot_.fin_sent ? State::Closing : State::CloseWait);
    if (segment.echo != no_echo) hot_.rtt.add(now - segment.echo);
    warm_.use.until = seq_max(warm_.use.until, hot_.snd_una);
    hot_.snd_wnd = segment.window;
    if (!warm_.accepted_syn_data) {
        warm_.quick_acks = quick_acks_max;
        step.notify(NoticeKind::Accepted);
    }
    // A Fast Open child has no data timer before the handshake's ACK (measured on Linux 6.18); it starts now.
    if (hot_.snd_nxt != hot_.snd_una) arm_retransmit(now);
    return true;
}

void Connection::on_syn_alarm(Instant now, Step& step) {
    ++warm_.repeats_of_syn;
    if (warm_.repeats_of_syn >= settings().syn_waits.size()) {
        if (warm_.fast_open == FastOpenOutcome::DataSent) warm_.fast_open = FastOpenOutcome::DataIgnored;
        die(NoticeKind::TimedOut, step);
        return;
    }
    send_syn(now, step);
}

void Connection::on_syn_ack_alarm(Instant now, Step& step) {
    // A Fast Open child makes one more attempt (measured on Linux 6.18).
    const std::uint32_t most = settings().syn_ack_retries + (warm_.accepted_syn_data ? 1 : 0);
    if (warm_.repeats_of_syn >= most) {
        die(warm_.accepted_syn_data ? NoticeKind::TimedOut : NoticeKind::Gone, step);
        return;
    }
    ++warm_.repeats_of_syn;
    ++warm_.backoff;
    warm_.alarms.set(Alarm::Retransmit,
                     now + std::min<Duration>(settings().syn_ack_rto * (std::int64_t{1} << warm_.backoff), rto_max));
    send_syn_ack(now, step);
}

} // namespace firstbyte::tcp
