// What a connection sends: ACKs, data within both windows, what was lost, FIN, RST.
#include "tcp/connection.hpp"

namespace firstbyte::tcp {

/// First window as measured, then twice what has come in, as receive-buffer autotuning keeps ahead of the sender.
/// Model: Linux measures the application's reading rate; here the application reads at once.
std::uint32_t Connection::receive_window() const {
    const std::uint64_t first = warm_.passive ? window_syn_ack : window_syn;
    return static_cast<std::uint32_t>(
        std::min<std::uint64_t>(std::max(first, 2 * std::uint64_t{hot_.received}), window_max));
}

Segment& Connection::make_segment(Instant now, std::uint8_t flags, Seq seq, Step& step) {
    Segment& segment = step.add_segment();
    segment.flags = flags;
    segment.seq = seq;
    segment.ack = (flags & flag::ack) != 0 ? hot_.rcv_nxt : 0;
    segment.window = receive_window();
    segment.sent_at = now;
    segment.echo = warm_.echo;
    segment.flow = hot_.flow;
    segment.to = hot_.peer;
    segment.from = hot_.self;
    segment.timestamps = warm_.timestamps;
    if ((flags & flag::ack) != 0) ack_went_out();
    return segment;
}

void Connection::ack_went_out() {
    if (warm_.unacked_segments != 0 && warm_.quick_acks != 0) --warm_.quick_acks;
    warm_.unacked_segments = 0;
    warm_.alarms.clear(Alarm::DelayedAck);
}

void Connection::send_ack(Instant now, Step& step) {
    Segment& ack = make_segment(now, flag::ack, hot_.snd_nxt, step);
    for (const SackBlock& block : out_of_order_) {
        if (ack.sack_count == ack.sack.size()) break;
        ack.sack[ack.sack_count++] = block;
    }
}

void Connection::send_reset(Instant now, Step& step) { make_segment(now, flag::rst | flag::ack, hot_.snd_nxt, step); }

void Connection::transmit(Instant now, Step& step) {
    switch (hot_.state) {
    case State::SynReceived: // only a Fast Open child may send before the handshake ends
        if (!warm_.accepted_syn_data) return;
        break;
    case State::Established:
    case State::FinWait1:
    case State::CloseWait:
    case State::Closing:
    case State::LastAck: break;
    case State::Closed:
    case State::SynSent:
    case State::FinWait2:
    case State::TimeWait: return;
    }
    while (step.room() && (transmit_lost(now, step) || transmit_new(now, step))) {}
}

/// Repeats one segment of what recovery holds for lost. Model: without a SACK scoreboard everything after a timeout
/// counts as lost (go-back-N in slow start), and fast recovery repeats one segment per round trip (RFC 6582).
bool Connection::transmit_lost(Instant now, Step& step) {
    if (warm_.recovery == Warm::Recovery::None) return false;
    if (!seq_before(warm_.resend_next, warm_.recover)) return false;
    const Seq end_of_data = seq_before(hot_.write_end, warm_.recover) ? hot_.write_end : warm_.recover;
    if (!seq_before(warm_.resend_next, end_of_data)) { // only the FIN is left
        warm_.resend_next += 1;
        send_fin(now, end_of_data, step);
        return true;
    }
    const std::uint32_t out = packets(warm_.resend_next - hot_.snd_una);
    const bool first = warm_.resend_next == hot_.snd_una;
    if (!first && (warm_.recovery == Warm::Recovery::Fast || out >= hot_.window.cwnd)) return false;
    const std::uint32_t left = end_of_data - warm_.resend_next;
    const std::uint32_t length = left < hot_.mss ? left : hot_.mss;
    const Seq from = warm_.resend_next;
    warm_.resend_next += length;
    if (warm_.recovery == Warm::Recovery::Fast)
        warm_.resend_next = warm_.recover; // until a partial ACK names the next hole
    send_data(now, from, length, step);
    return true;
}

bool Connection::transmit_new(Instant now, Step& step) {
    if (warm_.recovery == Warm::Recovery::Timeout && seq_before(warm_.resend_next, warm_.recover)) return false;
    if (hot_.fin_sent) return false;
    const std::uint32_t out = hot_.snd_nxt - hot_.snd_una;
    if (hot_.snd_nxt == hot_.write_end) {
        if (!hot_.fin_wanted) return false;
        const Seq seq = hot_.snd_nxt;
        hot_.fin_sent = true;
        hot_.snd_nxt += 1;
        if (hot_.state == State::Established) enter(State::FinWait1);
        if (hot_.state == State::CloseWait) enter(State::LastAck);
        send_fin(now, seq, step);
        return true;
    }
    const std::uint32_t packets_out = packets(out);
    if (packets_out >= hot_.window.cwnd) {
        warm_.use.sent(hot_.snd_una, hot_.snd_nxt, packets_out, true);
        return false;
    }
    const std::uint32_t left = hot_.write_end - hot_.snd_nxt;
    const std::uint32_t length = left < hot_.mss ? left : hot_.mss;
    if (out + length > hot_.snd_wnd) {
        // Model: a receiver here always reads, so a full window opens with the next ACK and no persist timer is needed.
        return false;
    }
    const Seq from = hot_.snd_nxt;
    hot_.snd_nxt += length;
    send_data(now, from, length, step);
    warm_.use.sent(hot_.snd_una, hot_.snd_nxt, packets(hot_.snd_nxt - hot_.snd_una), false);
    return true;
}

void Connection::send_data(Instant now, Seq from, std::uint32_t length, Step& step) {
    const bool last = from + length == hot_.write_end;
    Segment& data = make_segment(now, last ? flag::ack | flag::psh : flag::ack, from, step);
    data.length = length;
    data.label = warm_.label;
    data.transmission = warm_.repeats;
    if (hot_.state == State::SynReceived) return; // its timer starts with the handshake's ACK
    if (!warm_.alarms.is_set(Alarm::Retransmit)) arm_retransmit(now);
    if (settings().ack_timeout != Duration{0} && !warm_.alarms.is_set(Alarm::AckProgress))
        warm_.alarms.set(Alarm::AckProgress, now + settings().ack_timeout);
}

void Connection::send_fin(Instant now, Seq seq, Step& step) {
    make_segment(now, flag::fin | flag::ack, seq, step);
    if (hot_.state != State::SynReceived && !warm_.alarms.is_set(Alarm::Retransmit)) arm_retransmit(now);
}

} // namespace firstbyte::tcp
