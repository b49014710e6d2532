// Segments sent to learn something: tail loss probe (RFC 8985 section 7), zero window (RFC 9293 section 3.8.6.1),
// keepalive (RFC 9293 section 3.8.4).
#include "tcp/connection.hpp"

#include <algorithm>

namespace firstbyte::tcp {

/// @param rto_from_now  the timeout would start now; else it runs from the oldest segment's sending
/// @return whether the probe's wait takes the place of the timeout
bool Connection::schedule_loss_probe(Instant now, bool rto_from_now) {
    if (hot_.state == State::SynReceived) return false; // nothing before a Fast Open child's handshake ends
    const bool calm = warm_.recovery == Recovery::Open || warm_.recovery == Recovery::Reduced;
    if (!settings().tail_loss_probe || sent_.empty() || !warm_.sack || !calm) return false;
    Duration wait = settings().syn_ack_rto;
    if (hot_.rtt.has_sample()) {
        wait = hot_.rtt.srtt() * 2;
        // One segment alone may meet a delayed ACK. Linux: the least RTO there, else two ticks.
        wait += sent_.size() == 1 ? settings().rto_variance_min : loss_probe_slack;
    }
    if (warm_.rto == Duration{0}) warm_.rto = fresh_rto();
    const Duration rto = rto_from_now ? warm_.rto : sent_.front().sent + warm_.rto - now;
    if (rto > Duration{0}) wait = std::min(wait, rto);
    arm(RetransmitKind::LossProbe, now + wait);
    return true;
}

/// New data if there is any, else the last segment again; then the timeout starts anew. One probe at a time.
void Connection::send_loss_probe(Instant now, Step& step) {
    if (sent_.empty()) {
        disarm();
        return;
    }
    if (!warm_.probe_out) {
        const std::uint32_t before = sent_.size();
        const bool new_data =
            hot_.snd_nxt != send_end() && may_send_data() &&
            !seq_after(std::min(hot_.write_end, hot_.snd_nxt + hot_.mss), hot_.snd_una + hot_.snd_wnd);
        warm_.probe_is_repeat = false;
        bool probed = false;
        if (new_data) {
            transmit_new(now, true, step);
            probed = sent_.size() > before;
        } else if (!sent_.back().lost) {
            retransmit(now, sent_.size() - 1, step);
            warm_.probe_is_repeat = probed = true;
        }
        if (probed) {
            warm_.probe_out = true;
            warm_.probe_end = hot_.snd_nxt;
            warm_.retransmit_kind = RetransmitKind::None; // the timeout starts now
        }
    }
    rearm_rto(now);
}

/// RFC 8985 section 7.4: an ACK beyond the probe without a sign of two arrivals means that the probe repaired a loss.
void Connection::on_ack_of_probe(Seq ack_number, const Ack& ack) {
    if (seq_before(ack_number, warm_.probe_end)) return;
    if (!warm_.probe_is_repeat || ack.probe_was_needless) {
        warm_.probe_out = false;
    } else if (seq_after(ack_number, warm_.probe_end)) {
        begin_reduction();
        warm_.recovery = Recovery::Reduced;
        end_reduction();
        keep_open();
    } else if (!ack.advanced && !ack.not_duplicate && !ack.newly_sacked) {
        warm_.probe_out = false;
    }
}

Duration Connection::window_probe_wait() const { return backed_off(std::max(warm_.rto, rto_least_linux)); }

void Connection::schedule_window_probe(Instant now) { arm(RetransmitKind::WindowProbe, now + window_probe_wait()); }

/// The peer answers: while its window stays closed the probes go on at their growing distance (Linux tcp_ack_probe).
void Connection::on_answer_to_probe(Instant now) {
    if (warm_.retransmit_kind != RetransmitKind::WindowProbe) return;
    const Seq next_end = hot_.snd_nxt + std::min<std::uint32_t>(hot_.write_end - hot_.snd_nxt, hot_.mss);
    if (seq_after(next_end, hot_.snd_una + hot_.snd_wnd)) {
        schedule_window_probe(now);
    } else {
        warm_.probe_backoff = 0;
        disarm();
    }
}

void Connection::on_window_probe_alarm(Instant now, Step& step) {
    warm_.retransmit_kind = RetransmitKind::None;
    if (!sent_.empty() || hot_.snd_nxt == send_end()) return;
    if (settings().user_timeout != Duration{0} && warm_.probes != 0 &&
        now - warm_.last_ack_in >= settings().user_timeout) {
        die(NoticeKind::UserTimeout, step);
        return;
    }
    if (warm_.probes >= settings().data_retries) {
        die(NoticeKind::TimedOut, step);
        return;
    }
    send_probe(now, step);
    if (!sent_.empty()) { // a piece of data fitted: its own timer runs
        warm_.probes = warm_.probe_backoff = 0;
        return;
    }
    ++warm_.probes;
    if (warm_.probe_backoff < settings().data_retries) ++warm_.probe_backoff;
    schedule_window_probe(now);
}

/// What fits the window, else a bare ACK one number below the next: the peer must answer it (Linux tcp_write_wakeup).
void Connection::send_probe(Instant now, Step& step) {
    const Seq edge = hot_.snd_una + hot_.snd_wnd;
    if (hot_.snd_nxt != hot_.write_end && seq_before(hot_.snd_nxt, edge) && may_send_data()) {
        SentSegment& segment = sent_.push_back(step.store);
        segment.begin = hot_.snd_nxt;
        const std::uint32_t left = hot_.write_end - hot_.snd_nxt;
        segment.end = hot_.snd_nxt + std::min({left, edge - hot_.snd_nxt, room_for_payload()});
        hot_.snd_nxt = segment.end;
        send_sent(now, segment, step);
        rearm_rto(now);
        return;
    }
    Segment& probe = make_segment(now, flag::ack, hot_.snd_una - 1, step);
    probe.window_probe = true;
}

void Connection::start_keepalive(Instant now) {
    if (settings().keepalive.idle != Duration{0}) warm_.alarms.set(Alarm::Keepalive, now + settings().keepalive.idle);
}

/// RFC 1122 section 4.2.3.6 as Linux does it: the timer runs on, and looks when it fires how long the peer has been
/// silent. Data in flight has its own timer, and no probe is sent beside it.
void Connection::on_keepalive_alarm(Instant now, Step& step) {
    warm_.alarms.clear(Alarm::Keepalive);
    if (hot_.state == State::TimeWait) return die(NoticeKind::Gone, step);
    if (hot_.state == State::FinWait2 && hot_.orphaned) return die(NoticeKind::Finished, step);
    const KeepaliveSettings& keepalive = settings().keepalive;
    if (keepalive.idle == Duration{0} || hot_.state == State::SynSent) return;
    Duration next = keepalive.idle;
    if (sent_.empty() && hot_.snd_nxt == send_end()) {
        Instant heard = warm_.last_ack_in;
        if (warm_.last_data_in != never) heard = std::max(heard, warm_.last_data_in);
        const Duration silence = now - heard;
        if (silence >= keepalive.idle) {
            const Duration limit = settings().user_timeout;
            const bool dead =
                limit != Duration{0} ? silence >= limit && warm_.probes != 0 : warm_.probes >= keepalive.probes;
            if (dead) {
                send_reset(now, step);
                die(NoticeKind::KeepaliveTimeout, step);
                return;
            }
            send_probe(now, step);
            ++warm_.probes;
            ++warm_.keepalive_probes;
            next = keepalive.interval;
        } else {
            next = keepalive.idle - silence;
        }
    }
    warm_.alarms.set(Alarm::Keepalive, now + next);
}

} // namespace firstbyte::tcp
