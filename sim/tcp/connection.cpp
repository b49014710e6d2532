#include "tcp/connection.hpp"

#include <memory>

namespace firstbyte::tcp {

void Connection::start(Instant now, const Settings& settings, Slot self, FlowName flow) {
    std::construct_at(&hot_);
    std::construct_at(&warm_);
    out_of_order_.clear();
    warm_.settings = &settings;
    warm_.timestamps = settings.timestamps;
    warm_.sack = settings.sack;
    warm_.opened = now;
    hot_.flow = flow;
    hot_.self = self;
    hot_.window.cwnd = settings.initial_window;
}

void Connection::open(Instant now, const Settings& settings, FlowName flow, Slot self, const FastOpenAttempt& attempt,
                      std::uint32_t bytes, const Label& label, Step& step) {
    sent_.clear(step.store);
    start(now, settings, self, flow);
    warm_.label = label;
    hot_.mss = static_cast<std::uint16_t>(settings.mss);
    warm_.application_end = 1 + bytes;
    warm_.experimental = attempt.experimental;
    switch (attempt.mode) {
    case FastOpenAttempt::Mode::Off: break;
    case FastOpenAttempt::Mode::RequestCookie:
        warm_.syn_option = FastOpenOption::Request;
        warm_.fast_open = FastOpenOutcome::CookieRequested;
        break;
    case FastOpenAttempt::Mode::SendCookie:
        warm_.syn_option = FastOpenOption::Cookie;
        warm_.cookie = attempt.cookie;
        [[fallthrough]];
    case FastOpenAttempt::Mode::Cookieless:
        warm_.fast_open = FastOpenOutcome::DataSent;
        warm_.syn_payload = std::min(bytes, syn_payload_limit(settings.mss, attempt.cached_mss));
        break;
    }
    enter(State::SynSent);
    hot_.snd_nxt = 1;
    hot_.write_end = 1 + warm_.syn_payload; // the writer goes on after the handshake
    if (warm_.syn_payload != 0) {
        SentSegment& data = sent_.push_back(step.store);
        data.begin = 1;
        data.end = hot_.snd_nxt = 1 + warm_.syn_payload;
        data.sent = now;
        data.push = true; // when it goes out again (Linux tcp_send_syn_data)
    }
    warm_.first_retransmission = now; // Linux counts the user timeout of a SYN from the first one
    send_syn(now, step);
}

void Connection::accept(Instant now, const Settings& settings, Slot self, const Segment& syn,
                        const FastOpenVerdict& verdict, Step& step) {
    sent_.clear(step.store);
    start(now, settings, self, syn.flow);
    warm_.passive = true;
    hot_.snd_una = hot_.snd_nxt = 1; // the SYN-ACK's own number is accounted for by the state, not by the window
    hot_.rcv_nxt = syn.seq + 1;
    learn_from_syn(syn);
    warm_.experimental = verdict.experimental;
    if (verdict.give) {
        warm_.syn_option = FastOpenOption::Cookie;
        warm_.cookie = *verdict.give;
    }
    enter(State::SynReceived);
    warm_.last_sent = warm_.last_ack_in = now;
    warm_.rto = settings.syn_ack_rto;
    warm_.congestion.start(settings.congestion, now, hot_.snd_nxt);
    if (verdict.accept_data) {
        warm_.accepted_syn_data = true;
        hot_.rcv_nxt += syn.length;
        hot_.acked_to = hot_.rcv_nxt;
        hot_.received = syn.length;
        warm_.last_data_in = now;
    }
    send_syn_ack(now, step);
    if (verdict.accept_data) {
        step.notify(NoticeKind::Accepted);
        if (syn.length != 0) step.notify(NoticeKind::Data, syn.length, syn.label);
    }
}

void Connection::write(Instant now, std::uint32_t bytes, const Label& label, Step& step) {
    if (hot_.state == State::Closed || hot_.fin_wanted) return;
    if (sent_.empty()) restart_after_idle(now);
    warm_.label = label;
    const bool waits = writer_waits(); // behind what already waits for room
    warm_.application_end += bytes;
    if (!waits) fill_send_buffer();
    push(now, step);
}

void Connection::close(Instant now, Step& step) {
    const State before = hot_.state;
    if (before == State::Closed || before == State::TimeWait || hot_.orphaned) return;
    if (before == State::SynSent) { // nothing is established: the attempt is dropped (RFC 9293 section 3.10.4)
        die(NoticeKind::Finished, step);
        return;
    }
    if (warm_.unread != 0) { // RFC 2525 section 2.17: the peer learns that its data was not taken
        send_reset(now, step);
        die(NoticeKind::Finished, step);
        return;
    }
    hot_.orphaned = true;
    if (before == State::FinWait2) {
        warm_.alarms.set(Alarm::Keepalive, now + settings().fin_timeout);
        return;
    }
    finish_sending(now, step);
}

void Connection::half_close(Instant now, Step& step) {
    if (hot_.state == State::Closed || hot_.state == State::TimeWait) return;
    finish_sending(now, step);
}

void Connection::finish_sending(Instant now, Step& step) {
    if (hot_.fin_wanted) return;
    hot_.fin_wanted = true;
    warm_.fin_ready = comes_to_close();
    push(now, step);
}

void Connection::set_reading(Instant now, bool reading, std::uint32_t unread, Step& step) {
    const bool resumes = reading && !hot_.reading;
    if (!reading && hot_.reading) warm_.unread = unread;
    hot_.reading = reading;
    if (resumes) application_reads(now, step);
}

bool Connection::completes_handshake(const Segment& segment) const {
    return hot_.state == State::SynReceived && !segment.syn() && !segment.rst() && segment.has_ack() &&
           seq_after(segment.ack, 0) && !seq_after(segment.ack, hot_.snd_nxt);
}

bool Connection::only_fin_out_of_order() const {
    return hot_.received == 0 && warm_.fin_beyond_hole && out_of_order_.size() == 1 &&
           out_of_order_.front().end == warm_.fin_at + 1 && out_of_order_.front().begin == warm_.fin_at;
}

void Connection::abort(Instant now, Step& step) {
    if (hot_.state == State::Closed || hot_.state == State::TimeWait) return; // TIME-WAIT is the host's, not its
    if (hot_.state != State::SynSent) send_reset(now, step);
    die(NoticeKind::Finished, step);
}

/// The path takes less than a full segment: what is in flight and too long is cut and goes out again (RFC 1191).
void Connection::on_too_big(Instant now, std::uint32_t mtu, Step& step) {
    constexpr std::uint32_t headers = 40, least = 48; // IPv4 and TCP without options; Linux TCP_MIN_SND_MSS
    const std::uint32_t options = warm_.timestamps && hot_.state != State::SynSent ? timestamps_size : 0;
    const std::uint32_t mss = std::max(mtu > headers + options ? mtu - headers - options : 0u, least);
    if (hot_.state == State::Closed || hot_.state == State::TimeWait || mss >= hot_.mss) return;
    hot_.mss = static_cast<std::uint16_t>(mss);
    if (hot_.state == State::SynSent) { // the SYN's data was too long: a bare SYN at once, data after the handshake
        ++warm_.repeats_of_syn;
        if (warm_.repeats_of_syn < settings().syn_waits.size()) send_syn(now, step);
        return;
    }
    cut_to(mss, step.store);
    if (warm_.lost_out == 0) return;
    if (!warm_.sack) limit_duplicate_acks(0);
    repeat_without_blame(now, step);
}

/// What is in flight in larger segments counts as lost, and will be sent again in smaller ones.
void Connection::cut_to(std::uint32_t mss, SentStore& store) {
    if (!sent_.empty()) sent_.front().begin = seq_max(sent_.front().begin, hot_.snd_una);
    for (std::uint32_t n = 0; n < sent_.size(); ++n) {
        if (sent_[n].sacked || sent_[n].payload() <= mss) continue;
        mark_lost(sent_[n]);
        while (sent_[n].payload() > mss) {
            cut(n, mss, store);
            ++n;
        }
    }
}

void Connection::on_unreachable(bool host, Step& step) {
    if (hot_.state == State::SynSent) die(host ? NoticeKind::Unreachable : NoticeKind::Refused, step);
}

/// SEGMENT ARRIVES, the general way.
void Connection::on_any_segment(Instant now, const Segment& segment, Step& step) {
    switch (hot_.state) {
    case State::Closed: return;
    case State::SynSent: on_segment_syn_sent(now, segment, step); return;
    case State::TimeWait: // a repeated FIN lost our ACK (RFC 9293 section 3.10.7.4)
        if (segment.rst()) {
            die(NoticeKind::Gone, step); // Linux with tcp_rfc1337 off
            return;
        }
        if (segment.fin()) warm_.alarms.set(Alarm::Keepalive, now + settings().time_wait);
        if (segment.sequence_length() != 0) send_ack(now, step);
        return;
    case State::SynReceived:
    case State::Established:
    case State::FinWait1:
    case State::FinWait2:
    case State::CloseWait:
    case State::Closing:
    case State::LastAck: break;
    }
    // RFC 9293 section 3.10.7.4, in its order: sequence number, RST, SYN, ACK, payload, FIN.
    const bool half_open = hot_.state == State::SynReceived;
    if (half_open && segment.syn() && !segment.rst()) { // a repeated SYN is answered at once (measured on Linux 6.18)
        if (!segment.has_ack()) {
            // At one instant the timer comes first; a kernel does either (docs/model.md).
            if (warm_.alarms.due(Alarm::Retransmit, now)) on_retransmit_alarm(now, step);
            if (hot_.state == State::Closed) return;
            ++warm_.repeats_of_syn;
            send_syn_ack(now, step);
            return;
        }
        // A simultaneous open ends with the peer's SYN-ACK (RFC 9293 section 3.5, figure 7), if that takes everything:
        // one that leaves SYN data out is questioned (Linux tcp_validate_incoming).
        if (warm_.passive || segment.sequence_length() != 1 || segment.seq + 1 != hot_.rcv_nxt) return;
        if (segment.ack != hot_.snd_nxt) return challenge(now, step);
        Segment ack = segment;
        ack.flags = flag::ack;
        ack.seq = hot_.rcv_nxt;
        return on_any_segment(now, ack, step);
    }
    if (!acceptable(now, segment, step)) return;
    if (segment.rst()) return on_reset(now, segment, step);
    if (segment.syn()) return challenge(now, step); // RFC 5961 section 4
    if (!segment.has_ack()) return;
    if (known(segment.from)) hot_.peer = segment.from;
    if (half_open && !on_segment_syn_received(now, segment, step)) return;
    const bool new_data = segment.length != 0 && seq_after(segment.seq + segment.length, hot_.rcv_nxt);
    if (hot_.orphaned && new_data) return answer_with_reset(now, segment, step);
    on_ack(now, segment, step);
    if (hot_.state == State::Closed || hot_.state == State::TimeWait) return;
    if (segment.sequence_length() != 0) on_payload(now, segment, step);
    if (hot_.state == State::Closed || hot_.state == State::TimeWait) return;
    go_on(now, step);
}

/// RFC 9293 section 3.10.7.4, first, with Linux's window: from the last ACK that left to the announced edge.
bool Connection::acceptable(Instant now, const Segment& segment, Step& step) {
    const Seq end = segment.seq + segment.sequence_length();
    if (!seq_before(end, hot_.acked_to) && !seq_after(segment.seq, seq_max(hot_.rcv_edge, hot_.rcv_nxt))) return true;
    if (segment.rst()) return false;
    if (segment.syn()) {
        challenge(now, step);
        return false;
    }
    if (segment.sequence_length() != 0 && seq_before(segment.seq, hot_.rcv_nxt)) {
        want_quick_acks();
        note_duplicate({segment.seq, seq_before(end, hot_.rcv_nxt) ? end : hot_.rcv_nxt});
    }
    if (segment.sequence_length() == 0) // two ends that disagree would answer one another for ever
        challenge(now, step);
    else
        send_ack(now, step);
    return false;
}

/// RFC 5961 section 3: only the exact number resets; one inside the window is questioned.
void Connection::on_reset(Instant now, const Segment& segment, Step& step) {
    const bool behind_fin = hot_.fin_received && segment.seq == hot_.rcv_nxt - 1;
    bool exact = segment.seq == hot_.rcv_nxt || behind_fin;
    for (const SackBlock& block : out_of_order_) // Linux: or behind the last that has come
        if (segment.seq == block.end) exact = true;
    if (!exact) return challenge(now, step);
    if (hot_.state == State::SynReceived && !warm_.accepted_syn_data) return die(NoticeKind::Gone, step);
    die(NoticeKind::Reset, step);
}

/// An ACK that nothing asked for, at most two a second (RFC 5961 section 5; Linux tcp_oow_rate_limited).
void Connection::challenge(Instant now, Step& step) {
    if (warm_.last_challenge != never && now - warm_.last_challenge < challenge_pause) return;
    warm_.last_challenge = now;
    send_ack(now, step);
}

void Connection::die(NoticeKind why, Step& step) {
    warm_.alarms.clear_all();
    sent_.clear(step.store);
    enter(State::Closed);
    if (why != NoticeKind::Gone) step.notify(why);
    step.notify(NoticeKind::Gone);
}

} // namespace firstbyte::tcp
