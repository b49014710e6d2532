// Reductions that turn out to have been for nothing: timestamps (RFC 3522), duplicate SACK (RFC 3708), F-RTO (RFC
// 5682).
#include "tcp/connection.hpp"

#include <algorithm>

namespace firstbyte::tcp {

bool Connection::any_retransmitted() const {
    // Linux asks the head of the queue, and counts what is out.
    return warm_.retrans_out != 0 || (!sent_.empty() && sent_.front().ever_retransmitted);
}

/// The episode's time stamp outlives it only while something of it is out.
void Connection::forget_retransmissions() {
    if (!any_retransmitted()) warm_.first_retransmission = never;
}

void Connection::remember_for_undo() {
    warm_.undo_possible = true;
    warm_.undo_from = hot_.snd_una;
    warm_.undo_retransmissions = static_cast<std::int32_t>(warm_.retrans_out);
    if (warm_.probe_out && warm_.probe_is_repeat) ++warm_.undo_retransmissions;
    if (warm_.undo_retransmissions == 0) warm_.undo_retransmissions = -1; // zero would mean: all were needless
}

/// The ACK answers something sent before the first retransmission (RFC 3522), or there was none.
bool Connection::retransmission_was_needless(Instant echo) const {
    // Without SACK the note of it is gone when everything up to `recover` has arrived (Linux tcp_packet_delayed).
    if (warm_.first_retransmission == never) return warm_.sack || seq_before(hot_.snd_una, warm_.recover);
    return echo != no_echo && echo < warm_.first_retransmission;
}

bool Connection::may_undo(Instant echo) const {
    return warm_.undo_possible && (warm_.undo_retransmissions == 0 || retransmission_was_needless(echo));
}

void Connection::undo_reduction(bool unmark) {
    if (unmark) {
        for (std::uint32_t n = 0; n < sent_.size(); ++n) sent_[n].lost = false;
        warm_.lost_out = 0;
    }
    if (warm_.prior_ssthresh != 0) {
        hot_.window.cwnd = std::max(hot_.window.cwnd, warm_.prior_cwnd);
        hot_.window.ssthresh = std::max(hot_.window.ssthresh, warm_.prior_ssthresh);
    }
    warm_.undo_possible = false;
    warm_.rack_advanced = true; // what counts as lost is looked at anew
}

bool Connection::undo_timeout(bool original_arrived, Instant echo) {
    if (!original_arrived && !may_undo(echo)) return false;
    undo_reduction(true);
    warm_.timeouts = 0;
    if (original_arrived || warm_.sack) warm_.recovery = Recovery::Open;
    return true;
}

void Connection::undo_recovery(Instant echo) {
    if (may_undo(echo))
        undo_reduction(false);
    else if (warm_.rack_persist != 0)
        --warm_.rack_persist;
    // Without SACK a duplicate ACK of the old window could start a false recovery (RFC 6582 section 3.2 step 1).
    if (!warm_.sack && hot_.snd_una == warm_.recover) {
        forget_retransmissions();
        return;
    }
    warm_.recovery = Recovery::Open;
}

/// A partial ACK that answers the original: the segment was late, not lost. @return true: wait, repeat nothing
bool Connection::undo_partial(Seq prior_una, Instant echo) {
    if (!warm_.undo_possible || !retransmission_was_needless(echo)) return false;
    note_reordering(prior_una);
    if (warm_.retrans_out != 0) return true;
    forget_retransmissions();
    undo_reduction(true);
    keep_open();
    return false;
}

/// Every retransmission was reported as a duplicate.
bool Connection::undo_by_duplicates() {
    if (!warm_.undo_possible || warm_.undo_retransmissions != 0) return false;
    warm_.rack_persist = static_cast<std::uint8_t>(std::min<int>(warm_.rack_persist + 1, rack_recoveries));
    undo_reduction(false);
    return true;
}

} // namespace firstbyte::tcp
