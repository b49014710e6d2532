#include "tcp/connection.hpp"

namespace firstbyte::tcp {

void Connection::open(Instant now, const Settings& settings, FlowName flow, Slot self, const FastOpenAttempt& attempt,
                      std::uint32_t bytes, const Label& label, Step& step) {
    hot_ = Hot{};
    warm_ = Warm{};
    out_of_order_.clear();
    warm_.settings = &settings;
    warm_.timestamps = settings.timestamps;
    warm_.label = label;
    hot_.flow = flow;
    hot_.self = self;
    hot_.window.cwnd = settings.initial_window;
    hot_.write_end = 1 + bytes;
    switch (attempt.mode) {
    case FastOpenAttempt::Mode::Off: break;
    case FastOpenAttempt::Mode::Cookieless:
    case FastOpenAttempt::Mode::RequestCookie:
        warm_.syn_option = FastOpenOption::Request;
        warm_.fast_open = FastOpenOutcome::CookieRequested;
        break;
    case FastOpenAttempt::Mode::SendCookie:
        warm_.syn_option = FastOpenOption::Cookie;
        warm_.cookie = attempt.cookie;
        warm_.fast_open = FastOpenOutcome::DataSent;
        warm_.syn_payload = std::min(bytes, syn_payload_limit(settings.mss, attempt.cached_mss));
        break;
    }
    enter(State::SynSent);
    hot_.snd_nxt = 1 + warm_.syn_payload;
    send_syn(now, step);
}

void Connection::accept(Instant now, const Settings& settings, Slot self, const Segment& syn,
                        const FastOpenVerdict& verdict, Step& step) {
    hot_ = Hot{};
    warm_ = Warm{};
    out_of_order_.clear();
    warm_.settings = &settings;
    warm_.passive = true;
    hot_.flow = syn.flow;
    hot_.self = self;
    hot_.window.cwnd = settings.initial_window;
    hot_.snd_una = hot_.snd_nxt = 1; // the SYN-ACK's own number is accounted for by the state, not by the window
    hot_.rcv_nxt = syn.seq + 1;
    learn_from_syn(syn);
    if (verdict.give) {
        warm_.syn_option = FastOpenOption::Cookie;
        warm_.cookie = *verdict.give;
    }
    enter(State::SynReceived);
    if (verdict.accept_data) {
        warm_.accepted_syn_data = true;
        hot_.rcv_nxt += syn.length;
        hot_.received = syn.length;
        warm_.last_data_in = now;
        warm_.quick_acks = quick_acks_max;
    }
    send_syn_ack(now, step);
    if (verdict.accept_data) {
        step.notify(NoticeKind::Accepted);
        if (syn.length != 0) step.notify(NoticeKind::Data, syn.length, syn.label);
    }
}

void Connection::write(Instant now, std::uint32_t bytes, const Label& label, Step& step) {
    if (hot_.state == State::Closed || hot_.fin_wanted) return;
    // Linux: data sent soon after data came in shows request and response taking turns; ACKs then ride the answers.
    if (warm_.last_data_in != no_echo && now - warm_.last_data_in < settings().delayed_ack) hot_.pingpong = true;
    warm_.label = label;
    hot_.write_end += bytes;
    transmit(now, step);
}

void Connection::close(Instant now, Step& step) {
    switch (hot_.state) {
    case State::Closed:
    case State::FinWait1:
    case State::FinWait2:
    case State::Closing:
    case State::LastAck:
    case State::TimeWait: return;
    case State::SynSent: // nothing is established: the attempt is dropped (RFC 9293 section 3.10.4)
        die(NoticeKind::Finished, step);
        return;
    case State::SynReceived:
    case State::Established:
    case State::CloseWait: break;
    }
    if (hot_.fin_wanted) return;
    hot_.fin_wanted = true;
    transmit(now, step);
}

void Connection::half_close(Instant now, Step& step) { close(now, step); }

void Connection::set_reading(Instant, bool, Step&) {}

bool Connection::completes_handshake(const Segment& segment) const {
    return hot_.state == State::SynReceived && !segment.syn() && !segment.rst() && segment.has_ack() &&
           segment.ack != 0 && !seq_after(segment.ack, hot_.snd_nxt);
}

std::uint32_t Connection::consecutive_timeouts() const {
    return hot_.state == State::SynSent ? warm_.repeats_of_syn : warm_.repeats;
}

bool Connection::only_fin_out_of_order() const { return false; }

void Connection::abort(Instant now, Step& step) {
    const bool synchronized =
        hot_.state != State::Closed && hot_.state != State::SynSent && hot_.state != State::TimeWait;
    if (synchronized) send_reset(now, step);
    if (hot_.state != State::Closed) die(NoticeKind::Finished, step);
}

void Connection::on_segment(Instant now, const Segment& segment, Step& step) {
    switch (hot_.state) {
    case State::Closed: return;
    case State::SynSent: on_segment_syn_sent(now, segment, step); return;
    case State::TimeWait: // a repeated FIN lost our ACK (RFC 9293 section 3.10.7.4)
        if (!segment.rst() && segment.sequence_length() != 0) send_ack(now, step);
        return;
    case State::SynReceived:
    case State::Established:
    case State::FinWait1:
    case State::FinWait2:
    case State::CloseWait:
    case State::Closing:
    case State::LastAck: break;
    }
    // RFC 9293 section 3.10.7.4, in its order: RST, SYN, ACK, payload, FIN. Timestamps order old duplicates out.
    if (segment.rst()) {
        if (seq_at_or_after(segment.seq, hot_.rcv_nxt)) die(NoticeKind::Reset, step);
        return;
    }
    if (known(segment.from)) hot_.peer = segment.from;
    bool ends_handshake = false;
    if (hot_.state == State::SynReceived) {
        if (!on_segment_syn_received(now, segment, step)) return;
        ends_handshake = segment.ack == hot_.snd_una; // not a duplicate ACK of what a Fast Open child has sent
    } else if (segment.syn()) {                       // a repeated SYN or SYN-ACK: challenge ACK (RFC 5961 section 4)
        send_ack(now, step);
        return;
    }
    if (!segment.has_ack()) return;
    if (!ends_handshake) on_ack(now, segment, step);
    if (hot_.state == State::Closed || hot_.state == State::TimeWait) return;
    if (segment.length != 0 || segment.fin()) on_payload(now, segment, step);
    if (hot_.state != State::Closed) transmit(now, step);
}

void Connection::die(NoticeKind why, Step& step) {
    warm_.alarms.clear_all();
    enter(State::Closed);
    if (why != NoticeKind::Gone) step.notify(why);
    step.notify(NoticeKind::Gone);
}

} // namespace firstbyte::tcp
