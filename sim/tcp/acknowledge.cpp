// What an arriving acknowledgement says: window, SACK (RFC 2018, 2883), what left the queue, round-trip time.
#include "tcp/connection.hpp"

#include <algorithm>
#include <array>

namespace firstbyte::tcp {

void Connection::on_ack(Instant now, const Segment& segment, Step& step) {
    if (seq_after(segment.ack, hot_.snd_nxt)) return challenge(now, step); // acknowledges what was never sent
    const Seq prior_una = hot_.snd_una;
    const Seq prior_highest = highest_sacked();
    const std::uint32_t prior_lost = warm_.lost_total;
    Ack ack;
    Resend resend = Resend::Nothing;
    if (seq_before(segment.ack, prior_una)) { // an old one still tells what has arrived since (Linux)
        if (segment.sack_count == 0 || sent_.empty()) return;
        take_sack(now, segment, prior_una, ack);
        on_dubious_ack(now, segment, prior_una, false, ack, resend);
        if (resend != Resend::Nothing) retransmit_lost(now, step);
        return;
    }
    ack.advanced = segment.ack != prior_una;
    ack.not_duplicate = update_window(segment) || segment.sequence_length() != 0;
    hot_.snd_una = segment.ack;
    if (ack.advanced) warm_.timeouts = 0;
    const bool was_empty = sent_.empty();
    if (segment.sack_count != 0) take_sack(now, segment, prior_una, ack);
    warm_.last_ack_in = now;
    warm_.probes = 0;
    if (was_empty) { // nothing to acknowledge: an answer to a probe, perhaps
        on_answer_to_probe(now);
        // A late report of a duplicate can still undo a reduction (Linux).
        if (ack.duplicate_sack) on_dubious_ack(now, segment, prior_una, false, ack, resend);
        if (warm_.probe_out) on_ack_of_probe(segment.ack, ack);
        return;
    }
    const bool fin_was_out = hot_.fin_sent;
    take_acknowledged(now, segment, prior_una, prior_highest, ack, step.store);
    adapt_reordering_window(ack);
    if (warm_.probe_out) on_ack_of_probe(segment.ack, ack);
    ack.not_duplicate |= ack.data_acked;
    const bool dubious =
        !ack.not_duplicate || ack.newly_sacked || ack.duplicate_sack || warm_.recovery != Recovery::Open;
    if (dubious) {
        const bool duplicate = !ack.advanced && !ack.not_duplicate && !ack.duplicate_sack;
        on_dubious_ack(now, segment, prior_una, duplicate, ack, resend);
    }
    if (ack.rearm) rearm(now);
    if (reducing())
        reduce_window(ack.delivered, warm_.lost_total - prior_lost, ack.advanced);
    else if ((warm_.reordering > duplicate_acks ? ack.data_acked || ack.newly_sacked : ack.data_acked) &&
             warm_.use.window_limits(hot_.window))
        warm_.congestion.on_ack(now, hot_.window,
                                settings().byte_counting ? ack.delivered : std::min(ack.delivered, 1U));
    if (resend == Resend::NewFirst) { // F-RTO step 2b: new data tells whether the timeout was spurious
        transmit_new(now, false, step);
        if (!seq_after(hot_.snd_nxt, warm_.recover)) {
            warm_.frto = false;
            resend = Resend::Lost;
        }
    }
    if (resend == Resend::Lost) retransmit_lost(now, step);
    if (sent_.empty()) warm_.alarms.clear(Alarm::AckProgress);
    if (ack.advanced && !sent_.empty() && settings().ack_timeout != Duration{0})
        warm_.alarms.set(Alarm::AckProgress, now + settings().ack_timeout);
    if (fin_was_out && hot_.snd_una == hot_.snd_nxt) on_our_fin_acknowledged(now, step);
}

/// RFC 9293 section 3.10.7.4: only newer segments move the window, those that acknowledge something new in any case
/// (Linux tcp_may_update_window). Asked before SND.UNA moves. @return whether it may have changed
bool Connection::update_window(const Segment& segment) {
    const bool newer = seq_after(segment.ack, hot_.snd_una) || seq_after(segment.seq, warm_.window_from) ||
                       (segment.seq == warm_.window_from && (segment.window > hot_.snd_wnd || segment.window == 0));
    if (!newer) return false;
    warm_.window_from = segment.seq;
    hot_.snd_wnd = segment.window;
    warm_.widest_window = std::max(warm_.widest_window, segment.window);
    return true;
}

bool Connection::is_duplicate_sack(const Segment& segment) const { // RFC 2883 section 4
    const SackBlock& first = segment.sack[0];
    if (seq_before(first.begin, segment.ack)) return true;
    if (segment.sack_count < 2) return false;
    const SackBlock& second = segment.sack[1];
    return !seq_after(first.end, second.end) && !seq_before(first.begin, second.begin);
}

void Connection::take_sack(Instant now, const Segment& segment, Seq prior_una, Ack& ack) {
    if (!warm_.sack) return;
    ack.reordered = hot_.snd_nxt;
    std::size_t n = 0;
    if (is_duplicate_sack(segment)) {
        const SackBlock& block = segment.sack[0];
        if (seq_after(block.end, block.begin) && !seq_after(block.end, hot_.snd_nxt)) {
            ack.duplicate_sack = true;
            if (warm_.probe_out && warm_.probe_is_repeat && block.end == warm_.probe_end)
                ack.probe_was_needless = true;
            else
                warm_.duplicates_seen = true;
            // What was repeated needlessly and has left the queue meanwhile.
            const bool forgotten = !seq_after(block.end, prior_una) && seq_after(block.end, warm_.undo_from);
            if (warm_.undo_possible && warm_.undo_retransmissions > 0 && forgotten) --warm_.undo_retransmissions;
            take_sack_block(now, block, true, ack);
        }
        ++n;
    }
    // Lowest first, so that a hole is not taken for reordering only because its block was listed later.
    std::array<SackBlock, 4> blocks = segment.sack;
    std::sort(blocks.begin() + static_cast<std::ptrdiff_t>(n), blocks.begin() + segment.sack_count,
              [](const SackBlock& a, const SackBlock& b) { return seq_before(a.begin, b.begin); });
    for (; n < segment.sack_count; ++n) {
        const SackBlock& block = blocks[n];
        const bool valid = seq_after(block.end, block.begin) && !seq_after(block.end, hot_.snd_nxt) &&
                           seq_after(block.end, hot_.snd_una);
        if (valid) take_sack_block(now, block, false, ack);
    }
    if (ack.reordering && (warm_.recovery != Recovery::Timeout || warm_.undo_possible)) note_reordering(ack.reordered);
}

void Connection::take_sack_block(Instant now, SackBlock block, bool duplicate, Ack& ack) {
    for (std::uint32_t n = 0; n < sent_.size(); ++n) {
        SentSegment& s = sent_[n];
        if (seq_before(s.begin, block.begin)) continue;
        if (seq_after(s.end, block.end)) break;
        if (duplicate) {
            if (s.ever_retransmitted && warm_.undo_possible && warm_.undo_retransmissions > 0 &&
                seq_after(s.end, warm_.undo_from))
                --warm_.undo_retransmissions;
        }
        if (s.sacked || !seq_after(s.end, hot_.snd_una)) continue;
        advance_rack(now, s);
        if (s.retransmitted) {
            if (s.lost) { // the repetition is what arrived, as far as one can tell
                s.lost = s.retransmitted = false;
                --warm_.lost_out;
                --warm_.retrans_out;
            }
        } else {
            if (!s.ever_retransmitted) { // a hole filled by itself: the path reorders
                if (warm_.sacked_out != 0 && seq_before(s.begin, highest_sacked())) {
                    ack.reordering = true;
                    if (seq_before(s.begin, ack.reordered)) ack.reordered = s.begin;
                }
                if (!seq_after(s.end, warm_.recover)) ack.original_arrived = true;
                if (ack.first_sacked == never) ack.first_sacked = s.sent;
                ack.last_sacked = s.sent;
            }
            if (s.lost) {
                s.lost = false;
                --warm_.lost_out;
            }
        }
        s.sacked = true;
        ack.newly_sacked = true;
        if (warm_.sacked_out++ == 0 || seq_after(s.begin, warm_.highest_sacked)) warm_.highest_sacked = s.begin;
        ++ack.delivered;
    }
}

/// Takes what the ACK covers out of the queue.
void Connection::take_acknowledged(Instant now, const Segment& segment, Seq prior_una, Seq prior_highest, Ack& ack,
                                   SentStore& store) {
    Seq lowest = prior_highest;
    std::uint32_t acked = 0;
    while (!sent_.empty() && seq_at_or_before(sent_.front().end, hot_.snd_una)) {
        const SentSegment s = sent_.front();
        if (s.ever_retransmitted) {
            if (s.retransmitted) --warm_.retrans_out;
            ack.retransmitted = true;
        } else if (!s.sacked) {
            ack.last_acked = s.sent;
            if (ack.first_acked == never) ack.first_acked = s.sent;
            if (seq_before(s.begin, lowest)) lowest = s.begin;
            if (!seq_after(s.end, warm_.recover)) ack.original_arrived = true;
        }
        if (s.sacked) {
            --warm_.sacked_out;
        } else if (warm_.sack) {
            ++ack.delivered;
            const bool echo_is_older = s.ever_retransmitted && segment.echo != no_echo && segment.echo < s.sent;
            if (!echo_is_older) advance_rack(now, s);
        }
        if (s.lost) --warm_.lost_out;
        ++acked;
        ack.data_acked = true;
        sent_.pop_front(store);
    }
    if (sent_.empty()) warm_.ever_retransmitted_out = false;
    const bool sampled = take_rtt(now, segment, ack);
    if (acked != 0) {
        ack.rearm = true;
        if (!warm_.sack) {
            // Without SACK one ACK fills a hole and eats the duplicate ACKs that stood for the segments behind it.
            ack.delivered += std::max(acked > warm_.sacked_out ? acked - warm_.sacked_out : 1u, 1u);
            warm_.sacked_out = acked - 1 >= warm_.sacked_out ? 0 : warm_.sacked_out - (acked - 1);
            limit_duplicate_acks(acked);
            if (ack.retransmitted) ack.original_arrived = false;
        } else if (seq_before(lowest, prior_highest)) {
            note_reordering(lowest);
        }
    } else if (sampled && ack.first_sacked != never && !sent_.empty() && ack.first_sacked < sent_.front().sent) {
        ack.rearm = true;
    }
    if (prior_una != hot_.snd_una && !sent_.empty() && seq_before(sent_.front().begin, hot_.snd_una) &&
        !sent_.front().fin) {
        // Part of a segment: it stays whole in the queue and is trimmed when it has to be repeated (Linux).
        ack.not_duplicate = true;
    }
}

/// Karn's rule, and Linux's preference for its own clock over the peer's echo. @return whether there was a sample
bool Connection::take_rtt(Instant now, const Segment& segment, const Ack& ack) {
    Duration sample{-1}, newest{-1};
    if (ack.first_acked != never && !ack.retransmitted) {
        sample = now - ack.first_acked;
        newest = now - ack.last_acked;
    }
    if (ack.first_sacked != never) {
        if (sample < Duration{0}) sample = now - ack.first_sacked;
        newest = now - ack.last_sacked;
    }
    if (sample < Duration{0} && warm_.timestamps && segment.echo != no_echo && ack.data_acked)
        sample = newest = now - segment.echo;
    if (sample < Duration{0}) return false;
    add_rtt(sample, newest);
    warm_.congestion.on_rtt_sample(now, hot_.window, newest, hot_.snd_una, hot_.snd_nxt);
    return true;
}

void Connection::add_rtt(Duration sample, Duration newest) {
    warm_.least_rtt = std::min(warm_.least_rtt, newest); // Model: Linux forgets a least RTT after 300 s
    if (settings().rto_rfc6298)
        hot_.rtt.add_rfc6298(sample);
    else
        hot_.rtt.add(sample, settings().rto_variance_min, hot_.snd_una, hot_.snd_nxt);
    warm_.rto = fresh_rto(); // RFC 6298 section 5.7: a sample ends the backoff
}

/// Something arrived after segments that were sent later: how far back tells the degree of reordering.
void Connection::note_reordering(Seq low) {
    const Seq highest = highest_sacked();
    if (!seq_before(low, highest)) return;
    const std::uint32_t distance = highest - low;
    if (distance > std::uint32_t{warm_.reordering} * hot_.mss)
        warm_.reordering = static_cast<std::uint16_t>(std::min((distance + hot_.mss - 1) / hot_.mss, reordering_max));
    warm_.reordering_seen = true;
}

void Connection::on_our_fin_acknowledged(Instant now, Step& step) {
    switch (hot_.state) {
    case State::FinWait1: // the application has closed: what never sends its FIN is forgotten (Linux tcp_fin_timeout)
        enter(State::FinWait2);
        if (hot_.orphaned) warm_.alarms.set(Alarm::Keepalive, now + settings().fin_timeout);
        break;
    case State::Closing: enter_time_wait(now, step); break;
    case State::LastAck: die(NoticeKind::Finished, step); break;
    case State::Closed:
    case State::SynSent:
    case State::SynReceived:
    case State::Established:
    case State::FinWait2:
    case State::CloseWait:
    case State::TimeWait: break;
    }
}

} // namespace firstbyte::tcp
