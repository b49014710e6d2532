// What must hold of a connection between any two of its steps: asked by tests, after every step of a fuzzed pair.
#include "tcp/connection.hpp"

namespace firstbyte::tcp {

const char* Connection::inconsistency() const {
    if (hot_.state == State::Closed) {
        if (!sent_.empty()) return "a closed connection has something in flight";
        return next_alarm() == never ? nullptr : "a closed connection has a timer";
    }
    std::uint32_t sacked = 0, lost = 0, retransmitted = 0;
    for (std::uint32_t n = 0; n < sent_.size(); ++n) {
        const SentSegment& s = sent_[n];
        if (!seq_before(s.begin, s.end)) return "a segment in flight is empty";
        if (n != 0 && sent_[n - 1].end != s.begin) return "segments in flight have a gap or overlap";
        if (s.sacked && s.lost) return "a segment is both SACKed and lost";
        if (s.retransmitted && !s.ever_retransmitted) return "a retransmission in flight was never made";
        sacked += s.sacked ? 1u : 0u;
        lost += s.lost ? 1u : 0u;
        retransmitted += s.retransmitted ? 1u : 0u;
    }
    // Without SACK duplicate ACKs stand for segments that have arrived; no segment in particular.
    if (warm_.sack ? sacked != warm_.sacked_out : sacked != 0) return "the count of SACKed segments is wrong";
    if (lost != warm_.lost_out) return "the count of lost segments is wrong";
    if (retransmitted != warm_.retrans_out) return "the count of retransmissions in flight is wrong";
    if (warm_.sacked_out + warm_.lost_out > sent_.size()) return "more is SACKed or lost than was sent";
    if (hot_.state == State::SynSent)
        return warm_.alarms.is_set(Alarm::Retransmit) ? nullptr : "a SYN is out without a timer";
    if (seq_after(hot_.snd_una, hot_.snd_nxt)) return "more is acknowledged than was sent";
    if (seq_after(hot_.snd_nxt, send_end())) return "more is sent than was written";
    if (sent_.empty() ? hot_.snd_una != hot_.snd_nxt && hot_.state != State::TimeWait : sent_[0].end == hot_.snd_una)
        return "the queue and SND.UNA disagree";
    if (!sent_.empty() && (seq_after(sent_[0].begin, hot_.snd_una) || sent_[sent_.size() - 1].end != hot_.snd_nxt))
        return "the queue does not reach from SND.UNA to SND.NXT";
    if (hot_.window.cwnd == 0 && !reducing()) return "the congestion window is closed";
    const bool waits = !sent_.empty() || hot_.state == State::SynReceived;
    if (waits && !warm_.alarms.is_set(Alarm::Retransmit)) return "something is in flight without a timer";
    if (writer_waits() && may_send_data() && warm_.writer_sleeps == warm_.alarms.is_set(Alarm::Write))
        return "a writer waits for nothing, or is awake twice";
    const bool stuck = sent_.empty() && (hot_.snd_nxt != send_end() || writer_waits()) && may_send_data();
    if (stuck && !warm_.alarms.is_set(Alarm::Write) && !warm_.alarms.is_set(Alarm::Retransmit))
        return "data waits behind a closed window without a timer";
    for (std::size_t n = 0; n < out_of_order_.size(); ++n) {
        const SackBlock& block = out_of_order_[n];
        if (!seq_before(block.begin, block.end)) return "a block beyond a hole is empty";
        if (!seq_after(block.begin, hot_.rcv_nxt)) return "a block beyond a hole begins at RCV.NXT";
        for (std::size_t m = 0; m < n; ++m)
            if (!seq_before(out_of_order_[m].end, block.begin) && !seq_before(block.end, out_of_order_[m].begin))
                return "blocks beyond a hole touch";
    }
    return nullptr;
}

} // namespace firstbyte::tcp
