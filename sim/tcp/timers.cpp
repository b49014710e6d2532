// Alarms: retransmission (RFC 6298), give-up, RACK's wait, ACK progress, TIME-WAIT.
#include "tcp/connection.hpp"

#include <algorithm>

namespace firstbyte::tcp {

Duration Connection::fresh_rto() const {
    if (settings().rto_rfc6298) return hot_.rtt.rto_rfc6298(settings().syn_ack_rto, rto_least_rfc, settings().rto_most);
    return hot_.rtt.rto(settings().syn_ack_rto, Duration{1}, settings().rto_most);
}

/// Starts the retransmission timeout anew; from the oldest segment's sending when a probe's wait takes its place.
void Connection::rearm_rto(Instant now) {
    if (hot_.state == State::SynReceived) return; // the SYN-ACK's timer runs; data has none before the handshake's end
    if (sent_.empty()) {
        disarm();
        return;
    }
    if (warm_.rto == Duration{0}) warm_.rto = fresh_rto();
    const bool probing =
        warm_.retransmit_kind == RetransmitKind::LossProbe || warm_.retransmit_kind == RetransmitKind::Reordering;
    const Instant at = probing ? std::max(sent_.front().sent + warm_.rto, now) : now + warm_.rto;
    arm(RetransmitKind::Timeout, at);
}

/// After an ACK that brought something: the loss probe where it applies, else the timeout.
void Connection::rearm(Instant now) {
    if (!schedule_loss_probe(now, true)) rearm_rto(now);
}

Duration Connection::backed_off(Duration base) const {
    const std::int64_t factor = std::int64_t{1} << std::min<int>(warm_.probe_backoff, doublings_max);
    return std::min<Duration>(base * factor, settings().rto_most);
}

void Connection::begin_watching(Instant now) {
    if (hot_.state == State::SynReceived) return;
    if (!warm_.alarms.is_set(Alarm::AckProgress)) warm_.alarms.set(Alarm::AckProgress, now + settings().ack_timeout);
}

void Connection::on_alarm(Instant now, Step& step) {
    // The smallest expiry wins; at one instant ACK progress stands before the rest.
    if (warm_.alarms.due(Alarm::AckProgress, now)) {
        send_reset(now, step);
        die(NoticeKind::AckTimeout, step);
        return;
    }
    if (warm_.alarms.due(Alarm::Retransmit, now)) {
        on_retransmit_alarm(now, step);
        if (hot_.state == State::Closed) return;
    }
    if (warm_.alarms.due(Alarm::Keepalive, now)) {
        on_keepalive_alarm(now, step);
        if (hot_.state == State::Closed) return;
    }
    if (warm_.alarms.due(Alarm::Write, now)) on_write_alarm(now, step);
    if (warm_.alarms.due(Alarm::Ack, now)) on_ack_alarm(now, step);
}

void Connection::on_retransmit_alarm(Instant now, Step& step) {
    const RetransmitKind kind = warm_.retransmit_kind;
    warm_.alarms.clear(Alarm::Retransmit);
    if (hot_.state == State::SynSent) return on_syn_alarm(now, step);
    if (hot_.state == State::SynReceived) return on_syn_ack_alarm(now, step);
    switch (kind) {
    case RetransmitKind::None: return;
    case RetransmitKind::Timeout: return on_rto(now, step);
    case RetransmitKind::LossProbe: return send_loss_probe(now, step);
    case RetransmitKind::Reordering: return on_reordering_alarm(now, step);
    case RetransmitKind::WindowProbe: return on_window_probe_alarm(now, step);
    }
}

/// Whether the peer has been silent for as long as `boundary` retransmissions would take (Linux: from the first
/// retransmission on, in the time that an RTO of 200 ms and its doublings make: tcp_retries2 15 is 924.6 s).
bool Connection::timed_out(Instant now, std::uint32_t boundary, Duration timeout) const {
    if (warm_.timeouts == 0 || warm_.first_retransmission == never) return false;
    if (timeout == Duration{0}) timeout = give_up_time(rto_least_linux, boundary, settings().rto_most);
    return now - warm_.first_retransmission >= timeout;
}

bool Connection::give_up(Instant now, Step& step) {
    std::uint32_t boundary = settings().data_retries;
    // Linux tcp_orphan_retries: nobody waits for this connection any more.
    if (hot_.orphaned) {
        const std::uint32_t unset = warm_.rto < settings().rto_most ? orphan_retries_default : 0;
        boundary = settings().orphan_retries != 0 ? settings().orphan_retries : unset;
    }
    const bool expired = timed_out(now, boundary, settings().user_timeout);
    suspect_blackhole(expired, step);
    if (!expired) return false;
    die(settings().user_timeout != Duration{0} ? NoticeKind::UserTimeout : NoticeKind::TimedOut, step);
    return true;
}

/// Linux: the third timeout in a row of a Fast Open connection, or its end by fewer, speaks of a middlebox. A server's
/// child with SYN data counts its own (measured on 6.18: bh_ofo_fin).
void Connection::suspect_blackhole(bool expired, Step& step) {
    if (!(warm_.passive ? warm_.accepted_syn_data : tried_fast_open())) return;
    if (warm_.timeouts == 2 || (warm_.timeouts < 2 && expired)) step.notify(NoticeKind::BlackholeSuspected);
}

Duration Connection::clamp_to_user_timeout(Instant now, Duration wait) const {
    if (settings().user_timeout == Duration{0} || warm_.first_retransmission == never) return wait;
    const Duration left = settings().user_timeout - (now - warm_.first_retransmission);
    return std::clamp<Duration>(left, Duration{1}, wait);
}

/// RFC 6298 section 5.4 to 5.6.
void Connection::on_rto(Instant now, Step& step) {
    warm_.retransmit_kind = RetransmitKind::None;
    if (sent_.empty()) return;
    if (give_up(now, step)) return;
    if (settings().mtu_probing) try_smaller_segments(now, step.store);
    enter_timeout_recovery(now);
    if (warm_.timeouts != 255) ++warm_.timeouts;
    retransmit(now, 0, step);
    count_retransmission(sent_.front());
    warm_.rto = std::min<Duration>(warm_.rto * 2, settings().rto_most);
    arm(RetransmitKind::Timeout, now + clamp_to_user_timeout(now, warm_.rto));
}

/// Linux tcp_mtu_probing = 1 (tcp_write_timeout, tcp_mtu_probing; RFC 4821 section 7.7): from the time on that three
/// retransmissions take, segments fall to what tcp_base_mss allows, and are halved at each further timeout.
void Connection::try_smaller_segments(Instant now, SentStore& store) {
    if (!timed_out(now, mtu_probing_retries, Duration{0})) return;
    // Linux counts tcp_base_mss without options: tcp_mss_to_mtu() adds what tcp_mtu_to_mss() takes away again.
    const std::uint32_t half = std::max(hot_.mss / 2u, mtu_probing_floor);
    const std::uint32_t smaller = hot_.mss > mtu_probing_base ? mtu_probing_base : half;
    if (smaller >= hot_.mss) return;
    hot_.mss = static_cast<std::uint16_t>(smaller);
    cut_to(smaller, store);
}

/// RFC 8985 section 6.3: what was given time has not come.
void Connection::on_reordering_alarm(Instant now, Step& step) {
    const std::uint32_t out_before = in_flight(), lost_before = warm_.lost_total;
    const RetransmitKind kind = warm_.retransmit_kind;
    if (!sent_.empty() && warm_.rack_order != 0) static_cast<void>(detect_losses(now));
    if (in_flight() != out_before) {
        if (warm_.recovery != Recovery::Fast) {
            enter_recovery();
            reduce_window(1, warm_.lost_total - lost_before, false);
        }
        warm_.retransmit_kind = RetransmitKind::None;
        retransmit_lost(now, step);
    }
    if (warm_.alarms.is_set(Alarm::Retransmit) && warm_.retransmit_kind == RetransmitKind::Timeout) return;
    warm_.retransmit_kind = kind;
    rearm_rto(now);
}

void Connection::enter_time_wait(Instant now, Step& step) {
    warm_.alarms.clear_all();
    warm_.alarms.set(Alarm::Keepalive, now + settings().time_wait);
    sent_.clear(step.store);
    enter(State::TimeWait);
    step.notify(NoticeKind::Finished);
}

} // namespace firstbyte::tcp
