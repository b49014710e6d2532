// Alarms: retransmission, delayed ACK, ACK progress, TIME-WAIT.
#include "tcp/connection.hpp"

namespace firstbyte::tcp {

Duration Connection::rto() const {
    const Duration without_sample = warm_.repeats_of_syn != 0 ? rto_fallback : settings().syn_ack_rto;
    return hot_.rtt.rto(settings().rto_variance_min, without_sample, rto_max);
}

void Connection::arm_retransmit(Instant now) {
    const Duration wait = std::min<Duration>(rto() * (std::int64_t{1} << warm_.backoff), rto_max);
    warm_.alarms.set(Alarm::Retransmit, now + wait);
}

void Connection::on_alarm(Instant now, Step& step) {
    if (warm_.alarms.due(Alarm::TimeWait, now)) {
        die(hot_.state == State::FinWait2 ? NoticeKind::Finished : NoticeKind::Gone, step);
        return;
    }
    // The smallest expiry wins; at one instant ACK progress stands before the rest.
    if (warm_.alarms.due(Alarm::AckProgress, now)) {
        send_reset(now, step);
        die(NoticeKind::AckTimeout, step);
        return;
    }
    if (warm_.alarms.due(Alarm::Retransmit, now)) {
        warm_.alarms.clear(Alarm::Retransmit);
        if (hot_.state == State::SynSent)
            on_syn_alarm(now, step);
        else if (hot_.state == State::SynReceived)
            on_syn_ack_alarm(now, step);
        else
            on_data_alarm(now, step);
        if (hot_.state == State::Closed) return;
    }
    if (warm_.alarms.due(Alarm::DelayedAck, now)) send_ack(now, step);
}

/// RFC 6298 section 5.4 to 5.6: repeat the oldest, double the timeout, start again from one segment.
void Connection::on_data_alarm(Instant now, Step& step) {
    if (warm_.repeats >= settings().data_retries) {
        die(NoticeKind::TimedOut, step);
        return;
    }
    ++warm_.repeats;
    if (warm_.recovery != Warm::Recovery::Timeout) {
        warm_.congestion.on_timeout(hot_.window);
        warm_.recover = hot_.snd_nxt;
    }
    hot_.window.cwnd = cwnd_after_timeout;
    warm_.recovery = Warm::Recovery::Timeout;
    warm_.resend_next = hot_.snd_una;
    warm_.duplicates = 0;
    if (rto() * (std::int64_t{1} << warm_.backoff) < rto_max) ++warm_.backoff;
    transmit(now, step);
    if (!warm_.alarms.is_set(Alarm::Retransmit)) arm_retransmit(now);
}

void Connection::enter_time_wait(Instant now, Step& step) {
    warm_.alarms.clear_all();
    warm_.alarms.set(Alarm::TimeWait, now + time_wait_length);
    enter(State::TimeWait);
    step.notify(NoticeKind::Finished);
}

} // namespace firstbyte::tcp
