// Loss detection and recovery: RACK (RFC 8985), recovery with PRR (RFC 6675, 6937), timeout recovery with F-RTO
// (RFC 5682), in Linux's arrangement of them.
#include "tcp/connection.hpp"

#include <algorithm>

namespace firstbyte::tcp {

/// RFC 8985 section 6.2 step 2: the latest sent segment that is known to have arrived.
void Connection::advance_rack(Instant now, const SentSegment& segment) {
    const Duration rtt = now - segment.sent;
    // An ACK that comes sooner than any RTT was for an earlier transmission.
    if (rtt < warm_.least_rtt && segment.ever_retransmitted) return;
    warm_.rack_advanced = true;
    warm_.rack_rtt = rtt;
    if (seq_after(segment.order, warm_.rack_order)) warm_.rack_order = segment.order;
}

/// RFC 8985 section 6.2 step 4: how late a segment may be. None while nothing shows that the path reorders.
Duration Connection::reordering_window() const {
    if (!warm_.reordering_seen) {
        if (warm_.recovery >= Recovery::Fast) return Duration{0};
        if (warm_.sacked_out >= warm_.reordering) return Duration{0};
    }
    const Duration least = warm_.least_rtt == Duration::max() ? Duration{0} : warm_.least_rtt;
    return std::min<Duration>(least / 4 * warm_.rack_steps, hot_.rtt.srtt());
}

/// RFC 8985 section 6.2 step 4: a duplicate SACK widens the window, at most once a round trip; recoveries without one
/// bring it back.
void Connection::adapt_reordering_window(const Ack& ack) {
    if (warm_.duplicates_seen) {
        if (seq_before(hot_.snd_una, warm_.rack_round)) return;
        warm_.rack_steps = static_cast<std::uint8_t>(std::min(warm_.rack_steps + 1, 255));
        warm_.rack_persist = rack_recoveries;
        warm_.rack_round = hot_.snd_nxt;
        warm_.duplicates_seen = false;
    } else if (!ack.duplicate_sack && warm_.rack_persist == 0) {
        warm_.rack_steps = 1;
    }
}

void Connection::mark_lost(SentSegment& segment) {
    if (segment.sacked || (segment.lost && !segment.retransmitted)) return;
    if (segment.retransmitted) { // its repetition is lost too; after an undo that may be all that was out
        segment.retransmitted = false;
        --warm_.retrans_out;
    }
    if (!segment.lost) {
        segment.lost = true;
        ++warm_.lost_out;
    }
    ++warm_.lost_total;
}

/// RFC 8985 section 6.2 step 5. @return how long to wait for those that may only be late; zero: for none
Duration Connection::detect_losses(Instant now) {
    const Duration window = reordering_window();
    Duration wait{0};
    for (std::uint32_t n = 0; n < sent_.size(); ++n) {
        SentSegment& s = sent_[n];
        if (!seq_before(s.order, warm_.rack_order)) {
            if (!warm_.ever_retransmitted_out) break; // in order of sending: the rest is later still
            continue;
        }
        if (s.sacked || (s.lost && !s.retransmitted)) continue;
        const Duration left = warm_.rack_rtt + window - (now - s.sent);
        if (left <= Duration{0})
            mark_lost(s);
        else
            wait = std::max(wait, left);
    }
    return wait;
}

void Connection::identify_losses(Instant now, Ack& ack) {
    if (sent_.empty()) return;
    if (!warm_.sack) { // RFC 6582: three duplicates, then one hole per partial ACK
        const bool enough = warm_.recovery < Recovery::Fast && warm_.sacked_out >= warm_.reordering;
        const bool partial = warm_.recovery == Recovery::Fast && ack.advanced;
        if ((enough || partial) && !sent_.front().lost) mark_lost(sent_.front());
        return;
    }
    if (!warm_.rack_advanced || warm_.rack_order == 0) return;
    warm_.rack_advanced = false;
    const std::uint32_t prior = warm_.retrans_out;
    const Duration wait = detect_losses(now);
    if (wait != Duration{0}) {
        arm(RetransmitKind::Reordering, now + wait + timer_slack);
        ack.rearm = false;
    }
    if (prior > warm_.retrans_out) ack.retransmission_lost = true;
}

/// Without SACK a duplicate ACK stands for one segment that has left the network (RFC 6582).
void Connection::add_duplicate_ack(Ack& ack) {
    const std::uint32_t before = warm_.sacked_out++;
    limit_duplicate_acks(0);
    if (warm_.sacked_out > before) ack.delivered += warm_.sacked_out - before;
}

/// One segment at least is missing while there are duplicate ACKs. More of them than can be explained so show that the
/// path reorders (Linux tcp_check_reno_reordering).
void Connection::limit_duplicate_acks(std::uint32_t acked) {
    const std::uint32_t holes = std::min(std::max(warm_.lost_out, 1u), sent_.size());
    if (warm_.sacked_out + holes <= sent_.size()) return;
    warm_.sacked_out = sent_.size() - holes;
    warm_.reordering = static_cast<std::uint16_t>(std::min(sent_.size() + acked, reordering_max));
    warm_.reordering_seen = true;
}

/// Everything but the ordinary: duplicates, SACK, and every ACK while something is being recovered.
void Connection::on_dubious_ack(Instant now, const Segment& segment, Seq prior_una, bool duplicate, Ack& ack,
                                Resend& resend) {
    const Instant echo = warm_.timestamps ? segment.echo : no_echo;
    if (ack.advanced && !sent_.empty() && sent_.front().sacked) { // the peer has dropped what it held (RFC 2018 8)
        arm(RetransmitKind::Timeout, now + std::max<Duration>(hot_.rtt.srtt() / 2, reneging_wait_least));
        ack.rearm = false;
        return;
    }
    if (sent_.empty()) warm_.sacked_out = 0;
    if (warm_.recovery == Recovery::Open) {
        warm_.first_retransmission = never;
    } else if (!seq_before(hot_.snd_una, warm_.recover)) { // everything that was out when it began has arrived
        if (warm_.recovery == Recovery::Reduced && hot_.snd_una != warm_.recover) {
            end_reduction();
            warm_.recovery = Recovery::Open;
        } else if (warm_.recovery == Recovery::Fast) {
            if (!warm_.sack) warm_.sacked_out = 0;
            undo_recovery(echo);
            if (warm_.recovery == Recovery::Fast) return; // without SACK: wait for what might be counted twice
            end_reduction();
        }
    }
    switch (warm_.recovery) {
    case Recovery::Fast:
        if (!ack.advanced) {
            if (!warm_.sack && duplicate) add_duplicate_ack(ack);
        } else if (undo_partial(prior_una, echo)) {
            return;
        }
        if (undo_by_duplicates()) try_to_open();
        identify_losses(now, ack);
        if (warm_.recovery != Recovery::Fast) {
            if (warm_.lost_out == 0) return;
            enter_recovery();
        }
        break;
    case Recovery::Timeout:
        on_ack_after_timeout(echo, duplicate, ack, resend);
        identify_losses(now, ack);
        if (warm_.recovery != Recovery::Open && !ack.retransmission_lost) return;
        [[fallthrough]];
    case Recovery::Open:
    case Recovery::Disorder:
    case Recovery::Reduced:
        if (!warm_.sack) {
            if (ack.advanced) warm_.sacked_out = 0;
            if (duplicate) add_duplicate_ack(ack);
        }
        if (warm_.recovery <= Recovery::Disorder) static_cast<void>(undo_by_duplicates());
        identify_losses(now, ack);
        if (warm_.lost_out == 0) {
            try_to_open();
            return;
        }
        enter_recovery();
        break;
    }
    resend = Resend::Lost;
}

/// RFC 5682 section 3.1, SACK-enhanced: was the timeout spurious?
void Connection::on_ack_after_timeout(Instant echo, bool duplicate, Ack& ack, Resend& resend) {
    const bool recovered = !seq_before(hot_.snd_una, warm_.recover);
    if (ack.advanced && undo_timeout(false, echo)) return;
    if (warm_.frto) {
        if (ack.original_arrived && undo_timeout(true, echo)) return; // step 3b
        if (seq_after(hot_.snd_nxt, warm_.recover)) {
            if (ack.newly_sacked || duplicate) warm_.frto = false; // step 3a: the loss was real
        } else if (ack.advanced && !recovered) {
            warm_.recover = hot_.snd_nxt;
            const bool more = seq_before(hot_.snd_nxt, hot_.write_end);
            if (more && seq_after(hot_.snd_una + hot_.snd_wnd, hot_.snd_nxt)) { // step 2b
                resend = Resend::NewFirst;
                return;
            }
            warm_.frto = false;
        }
    }
    if (recovered) {
        undo_recovery(echo);
        return;
    }
    if (!warm_.sack) {
        if (seq_after(hot_.snd_nxt, warm_.recover) && duplicate)
            add_duplicate_ack(ack);
        else if (ack.advanced)
            warm_.sacked_out = 0;
    }
    resend = Resend::Lost;
}

void Connection::enter_recovery() {
    forget_retransmissions();
    warm_.prior_ssthresh = 0;
    remember_for_undo();
    if (!reducing()) {
        warm_.prior_ssthresh = hot_.window.remembered_ssthresh();
        begin_reduction();
    }
    warm_.recovery = Recovery::Fast;
}

void Connection::begin_reduction() {
    warm_.recover = hot_.snd_nxt;
    warm_.probe_out = false;
    hot_.window.credit = 0;
    warm_.prior_cwnd = hot_.window.cwnd;
    warm_.reduction_delivered = warm_.reduction_out = 0;
    hot_.window.ssthresh = warm_.congestion.ssthresh(hot_.window);
}

void Connection::end_reduction() {
    if (hot_.window.ssthresh < ssthresh_never && (warm_.recovery == Recovery::Reduced || warm_.undo_possible))
        hot_.window.cwnd = hot_.window.ssthresh;
}

/// Proportional rate reduction (RFC 6937; below ssthresh one segment more per ACK that brings no loss, as RFC 6937bis
/// and Linux have it).
void Connection::reduce_window(std::uint32_t delivered, std::uint32_t newly_lost, bool advanced) {
    if (delivered == 0 || warm_.prior_cwnd == 0) return;
    warm_.reduction_delivered += delivered;
    const std::uint32_t out = in_flight(), ssthresh = hot_.window.ssthresh;
    std::int64_t send = 0;
    if (out > ssthresh) {
        const std::uint64_t share =
            (std::uint64_t{ssthresh} * warm_.reduction_delivered + warm_.prior_cwnd - 1) / warm_.prior_cwnd;
        send = static_cast<std::int64_t>(share) - warm_.reduction_out;
    } else {
        send = std::max<std::int64_t>(std::int64_t{warm_.reduction_delivered} - warm_.reduction_out, delivered);
        if (advanced && newly_lost == 0) ++send;
        send = std::min<std::int64_t>(send, ssthresh - out);
    }
    send = std::max<std::int64_t>(send, warm_.reduction_out == 0 ? 1 : 0); // the first retransmission always leaves
    hot_.window.cwnd = static_cast<std::uint32_t>(out + send);
}

/// RFC 6298 section 5.4 and RFC 5681 section 3.1: everything that RACK does not know to be recent counts as lost, and
/// the window begins again at one segment.
void Connection::enter_timeout_recovery(Instant now) {
    const bool new_episode = warm_.recovery < Recovery::Fast;
    // RFC 2018 section 8: what the peer said it holds does not count when the oldest segment is part of it.
    const bool reneged = warm_.sack && !sent_.empty() && sent_.front().sacked;
    if (!warm_.sack || reneged) warm_.sacked_out = 0;
    for (std::uint32_t n = 0; n < sent_.size(); ++n) {
        if (reneged) sent_[n].sacked = false;
        const bool recent = n != 0 && warm_.sack && !reneged && warm_.rack_rtt - (now - sent_[n].sent) > Duration{0};
        if (!recent) mark_lost(sent_[n]);
    }
    const bool again = warm_.recovery == Recovery::Timeout && warm_.timeouts == 0;
    if (warm_.recovery <= Recovery::Disorder || !seq_after(warm_.recover, hot_.snd_una) || again) {
        warm_.prior_ssthresh = hot_.window.remembered_ssthresh();
        warm_.prior_cwnd = hot_.window.cwnd;
        hot_.window.ssthresh = warm_.congestion.ssthresh(hot_.window);
        remember_for_undo();
    }
    hot_.window.cwnd = in_flight() + 1;
    hot_.window.credit = 0;
    if (warm_.recovery <= Recovery::Disorder && warm_.sacked_out >= duplicate_acks)
        warm_.reordering = std::min<std::uint16_t>(warm_.reordering, duplicate_acks);
    warm_.congestion.on_loss_state(now, hot_.snd_nxt);
    warm_.recovery = Recovery::Timeout;
    warm_.recover = hot_.snd_nxt;
    warm_.probe_out = false;
    warm_.frto = new_episode || warm_.timeouts != 0;
}

/// Repeats what is marked as lost without blame on the path: the window stays (Linux
/// tcp_non_congestion_loss_retransmit).
void Connection::repeat_without_blame(Instant now, Step& step) {
    if (warm_.recovery != Recovery::Timeout) {
        warm_.recover = hot_.snd_nxt;
        warm_.prior_ssthresh = 0;
        hot_.window.ssthresh = hot_.window.remembered_ssthresh();
        warm_.undo_possible = warm_.frto = false;
        warm_.congestion.on_loss_state(now, hot_.snd_nxt);
        warm_.recovery = Recovery::Timeout;
    }
    retransmit_lost(now, step);
}

void Connection::keep_open() {
    const bool missing = warm_.sacked_out + warm_.lost_out != 0 || any_retransmitted();
    const Recovery state = missing ? Recovery::Disorder : Recovery::Open;
    if (warm_.recovery == state) return;
    warm_.recovery = state;
    warm_.recover = hot_.snd_nxt;
}

void Connection::try_to_open() {
    forget_retransmissions();
    if (warm_.recovery != Recovery::Reduced) keep_open();
}

} // namespace firstbyte::tcp
