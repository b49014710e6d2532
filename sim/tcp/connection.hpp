/// One TCP connection, sans-I/O: (now, segment or call) in, segments and notices out.
///
/// Sequence numbers start at 0: the SYN is 0 and the first data byte is 1, at both ends.
/// The parts: connection.cpp (calls, states), handshake.cpp, receive.cpp (payload, ACKs to send), send.cpp (data within
/// both windows), acknowledge.cpp (what an ACK says), loss.cpp (RACK, recovery, PRR), undo.cpp (spurious ones),
/// timers.cpp, probes.cpp (tail loss, zero window, keepalive), consistent.cpp (what must hold at any time). What is
/// expected of most segments has a short way: predicted.cpp.
#pragma once

#include "tcp/alarms.hpp"
#include "tcp/congestion.hpp"
#include "tcp/fast_open.hpp"
#include "tcp/rtt.hpp"
#include "tcp/segment.hpp"
#include "tcp/sent_queue.hpp"
#include "tcp/settings.hpp"
#include "tcp/step.hpp"

#include <algorithm>
#include <cstdint>
#include <vector>

namespace firstbyte::tcp {

/// RFC 9293 section 3.3.2. LISTEN belongs to the host: it has no connection yet.
enum class State : std::uint8_t {
    Closed,
    SynSent,
    SynReceived,
    Established,
    FinWait1,
    FinWait2,
    CloseWait,
    Closing,
    LastAck,
    TimeWait,
};

/// How a client's Fast Open attempt went.
enum class FastOpenOutcome : std::uint8_t { NotTried, CookieRequested, DataSent, DataAccepted, DataIgnored };

class Connection {
public:
    /// Active open. `bytes` are written at once: with a cookie they ride the SYN as far as they fit, without they
    /// follow the SYN-ACK (on the handshake's ACK).
    void open(Instant now, const Settings& settings, FlowName flow, Slot self, const FastOpenAttempt& attempt,
              std::uint32_t bytes, const Label& label, Step& step);
    /// Passive open by a SYN that the host's listener took.
    void accept(Instant now, const Settings& settings, Slot self, const Segment& syn, const FastOpenVerdict& verdict,
                Step& step);
    void on_segment(Instant now, const Segment& segment, Step& step);
    /// Runs what is due at `now`; nothing when nothing is.
    void on_alarm(Instant now, Step& step);
    /// Queues `bytes` of the message `label`. No effect once closed.
    void write(Instant now, std::uint32_t bytes, const Label& label, Step& step);
    /// FIN after everything written. The application is gone: what still arrives is answered by RST.
    void close(Instant now, Step& step);
    /// FIN after everything written; the application goes on reading.
    void half_close(Instant now, Step& step);
    /// Whether the application reads what arrives; while it does not, the receive window fills and closes.
    /// @param unread  bytes of what was handed out last that it leaves, when it stops reading
    void set_reading(Instant now, bool reading, std::uint32_t unread, Step& step);
    /// RST, and nothing more.
    void abort(Instant now, Step& step);
    /// "Fragmentation needed" came back (RFC 1191): packets of more than `mtu` bytes do not pass.
    void on_too_big(Instant now, std::uint32_t mtu, Step& step);
    /// ICMP "unreachable" came back: the end of a connection whose SYN it answers; others go on (Linux tcp_v4_err).
    void on_unreachable(bool host, Step& step);
    /// Goes on sending after a full list.
    void resume(Instant now, Step& step);

    [[nodiscard]] Instant next_alarm() const { return warm_.alarms.next(); }
    [[nodiscard]] State state() const { return hot_.state; }
    [[nodiscard]] FlowName flow() const { return hot_.flow; }
    [[nodiscard]] FastOpenOutcome fast_open() const { return warm_.fast_open; }
    [[nodiscard]] std::uint32_t syn_payload() const { return warm_.syn_payload; }
    [[nodiscard]] std::uint32_t syn_repeats() const { return warm_.repeats_of_syn; }
    /// SYN-RECEIVED, and `segment` would end the handshake: the host asks before it lets one into its accept queue.
    [[nodiscard]] bool completes_handshake(const Segment& segment) const;
    /// Timeouts without an ACK in between: three of them are Linux's sign of a Fast Open blackhole.
    [[nodiscard]] std::uint32_t consecutive_timeouts() const { return warm_.timeouts; }
    /// Whether anything in order has come from the peer after the SYN.
    [[nodiscard]] bool received_data() const { return hot_.received != 0; }
    /// Whether a FIN beyond a hole is all that the peer's stream has brought (Linux: a sign of a Fast Open blackhole).
    [[nodiscard]] bool only_fin_out_of_order() const;
    /// Cookie that the SYN-ACK brought.
    [[nodiscard]] const CookieEntry& learned() const { return warm_.learned; }
    [[nodiscard]] const Window& window() const { return hot_.window; }
    /// Everything written has been acknowledged, the FIN too if there is one.
    [[nodiscard]] bool all_acknowledged() const {
        return sent_.empty() && hot_.snd_nxt == send_end() && !writer_waits();
    }

    /// Whether the application still waits to put bytes into the send buffer.
    [[nodiscard]] bool writer_waits() const { return hot_.write_end != warm_.application_end; }
    /// When a writer that had to wait last put bytes into the send buffer; `never`: none had to.
    [[nodiscard]] Instant writer_woken_at() const { return warm_.woken_at; }
    /// Keepalive probes sent so far, and those since the peer was last heard.
    [[nodiscard]] std::uint32_t keepalive_probes() const { return warm_.keepalive_probes; }
    [[nodiscard]] std::uint32_t probes_unanswered() const { return warm_.probes; }
    /// When the peer was last heard.
    [[nodiscard]] Instant last_heard() const {
        return warm_.last_data_in == never ? warm_.last_ack_in : std::max(warm_.last_ack_in, warm_.last_data_in);
    }

    /// What contradicts itself in the counters, the scoreboard or the timers, for tests; nullptr: nothing does.
    [[nodiscard]] const char* inconsistency() const;

    Instant event_at = never; ///< when the one pending engine event of this connection runs; kept by the host
    std::uint32_t path = 0;   ///< outgoing path; kept by the host

private:
    /// Linux's names for where loss recovery stands (RFC 6582, 6675, 5682).
    enum class Recovery : std::uint8_t {
        Open,
        Disorder, ///< something is missing; it may only be late
        Reduced,  ///< the window is being reduced without retransmissions (Linux CWR)
        Fast,     ///< fast recovery
        Timeout,  ///< after a retransmission timeout
    };
    /// What the acknowledgement that is being processed has said so far.
    struct Ack {
        bool advanced = false;           ///< SND.UNA moved
        bool data_acked = false;         ///< ... over data
        bool not_duplicate = false;      ///< it brings data, a window, or acknowledges something
        bool retransmitted = false;      ///< ... over something that had been retransmitted
        bool newly_sacked = false;       ///< SACK has named something new
        bool original_arrived = false;   ///< something below `recover` that was never retransmitted has arrived
        bool duplicate_sack = false;     ///< RFC 2883
        bool probe_was_needless = false; ///< the duplicate was the tail loss probe
        bool retransmission_lost = false;
        bool rearm = false;
        std::uint32_t delivered = 0;                     ///< segments newly acknowledged or SACKed
        Instant first_acked = never, last_acked = never; ///< when they were sent, those never retransmitted
        Instant first_sacked = never, last_sacked = never;
        Seq reordered = 0; ///< lowest number that arrived after later ones
        bool reordering = false;
    };
    enum class Resend : std::uint8_t { Nothing, Lost, NewFirst };

    void enter(State next) { hot_.state = next; }
    [[nodiscard]] const Settings& settings() const { return *warm_.settings; }
    [[nodiscard]] Seq send_end() const { return hot_.write_end + (hot_.fin_wanted ? 1u : 0u); }
    void start(Instant now, const Settings& settings, Slot self, FlowName flow);

    // handshake.cpp
    void send_syn(Instant now, Step& step);
    void send_syn_ack(Instant now, Step& step);
    void on_segment_syn_sent(Instant now, const Segment& segment, Step& step);
    void on_crossing_syn(Instant now, const Segment& segment, Step& step);
    [[nodiscard]] bool on_segment_syn_received(Instant now, const Segment& segment, Step& step);
    void learn_from_syn(const Segment& segment);
    void take_handshake_rtt(Instant now, const Segment& segment);
    void restart_after_syn_loss(const Segment& segment);
    void on_syn_alarm(Instant now, Step& step);
    void on_syn_ack_alarm(Instant now, Step& step);
    [[nodiscard]] bool tried_fast_open() const { return warm_.fast_open != FastOpenOutcome::NotTried; }

    // connection.cpp
    void on_any_segment(Instant now, const Segment& segment, Step& step);
    /// What follows a segment, whatever it said: data that may leave now, a writer that may go on, the ACK that is
    /// owed.
    void go_on(Instant now, Step& step) {
        if (warm_.writer_sleeps) expand_send_buffer();
        push(now, step);
        if (warm_.writer_sleeps) wake_writer(now, step);
        if (hot_.ack_pending) decide_ack(now, step);
    }
    [[nodiscard]] bool acceptable(Instant now, const Segment& segment, Step& step);
    void on_reset(Instant now, const Segment& segment, Step& step);
    void challenge(Instant now, Step& step);
    void finish_sending(Instant now, Step& step);
    void die(NoticeKind why, Step& step);

    // predicted.cpp
    [[nodiscard]] bool predicted(const Segment& segment) const;
    void on_predicted(Instant now, const Segment& segment, Step& step);
    void take_predicted_ack(Instant now, Seq ack_number, Step& step);

    // acknowledge.cpp
    void on_ack(Instant now, const Segment& segment, Step& step);
    bool update_window(const Segment& segment);
    void take_sack(Instant now, const Segment& segment, Seq prior_una, Ack& ack);
    void take_sack_block(Instant now, SackBlock block, bool duplicate, Ack& ack);
    [[nodiscard]] bool is_duplicate_sack(const Segment& segment) const;
    void take_acknowledged(Instant now, const Segment& segment, Seq prior_una, Seq prior_highest, Ack& ack,
                           SentStore& store);
    bool take_rtt(Instant now, const Segment& segment, const Ack& ack);
    void add_rtt(Duration sample, Duration newest);
    void on_our_fin_acknowledged(Instant now, Step& step);
    void note_reordering(Seq low);
    [[nodiscard]] Seq highest_sacked() const { return warm_.sacked_out != 0 ? warm_.highest_sacked : hot_.snd_una; }

    // loss.cpp
    [[nodiscard]] std::uint32_t in_flight() const {
        return sent_.size() - warm_.sacked_out - warm_.lost_out + warm_.retrans_out;
    }
    void on_dubious_ack(Instant now, const Segment& segment, Seq prior_una, bool duplicate, Ack& ack, Resend& resend);
    void on_ack_after_timeout(Instant echo, bool duplicate, Ack& ack, Resend& resend);
    void identify_losses(Instant now, Ack& ack);
    [[nodiscard]] Duration detect_losses(Instant now);
    [[nodiscard]] Duration reordering_window() const;
    void advance_rack(Instant now, const SentSegment& segment);
    void adapt_reordering_window(const Ack& ack);
    void mark_lost(SentSegment& segment);
    void repeat_without_blame(Instant now, Step& step);
    void enter_recovery();
    void begin_reduction();
    void end_reduction();
    [[nodiscard]] bool reducing() const {
        return warm_.recovery == Recovery::Fast || warm_.recovery == Recovery::Reduced;
    }
    void reduce_window(std::uint32_t delivered, std::uint32_t newly_lost, bool advanced);
    void enter_timeout_recovery(Instant now);
    void keep_open();
    void try_to_open();
    void add_duplicate_ack(Ack& ack);
    void limit_duplicate_acks(std::uint32_t acked);

    // undo.cpp
    [[nodiscard]] bool may_undo(Instant echo) const;
    [[nodiscard]] bool retransmission_was_needless(Instant echo) const;
    void undo_reduction(bool unmark);
    bool undo_timeout(bool original_arrived, Instant echo);
    void undo_recovery(Instant echo);
    bool undo_partial(Seq prior_una, Instant echo);
    bool undo_by_duplicates();
    void remember_for_undo();
    [[nodiscard]] bool any_retransmitted() const;
    void forget_retransmissions();

    // receive.cpp
    void on_payload(Instant now, const Segment& segment, Step& step);
    void take_in_order(Instant now, const Segment& segment, Step& step);
    void on_fin(Instant now, Step& step);
    void keep_out_of_order(const Segment& segment);
    void close_holes();
    void on_data_came(Instant now, const Segment& segment);
    void decide_ack(Instant now, Step& step);
    void delay_ack(Instant now, Step& step);
    void want_quick_acks();
    [[nodiscard]] bool window_grows() const;
    void on_ack_alarm(Instant now, Step& step);
    void note_duplicate(SackBlock block);
    void application_reads(Instant now, Step& step);

    // send.cpp
    Segment& make_segment(Instant now, std::uint8_t flags, Seq seq, Step& step);
    void add_sack_blocks(Segment& segment);
    void send_ack(Instant now, Step& step);
    void send_reset(Instant now, Step& step);
    void answer_with_reset(Instant now, const Segment& segment, Step& step);
    void push(Instant now, Step& step) {
        if (hot_.snd_nxt != send_end() && may_send_data()) push_data(now, step);
    }
    void push_data(Instant now, Step& step);
    void transmit_new(Instant now, bool one_beyond_window, Step& step);
    void retransmit_lost(Instant now, Step& step);
    void retransmit(Instant now, std::uint32_t n, Step& step);
    void count_retransmission(SentSegment& segment);
    void collapse(std::uint32_t n, Step& step);
    void cut(std::uint32_t n, std::uint32_t payload, SentStore& store);
    void send_sent(Instant now, SentSegment& segment, Step& step);
    void restart_after_idle(Instant now);
    void validate_window(Instant now, bool limited);
    void ack_went_out();
    /// Window to announce.
    [[nodiscard]] std::uint32_t receive_window() {
        return settings().receive_buffer == 0 && warm_.unread == 0 ? window_of_empty_buffer() : window_of_buffer();
    }
    [[nodiscard]] std::uint32_t window_of_buffer();
    [[nodiscard]] std::uint32_t window_of_empty_buffer() const;
    [[nodiscard]] std::uint32_t announced_window() const {
        return seq_after(hot_.rcv_edge, hot_.rcv_nxt) ? hot_.rcv_edge - hot_.rcv_nxt : 0;
    }
    [[nodiscard]] std::uint32_t first_window() const;
    [[nodiscard]] std::int8_t window_scale() const {
        return settings().receive_buffer == 0 ? window_shift : scale_of_buffer();
    }
    [[nodiscard]] std::int8_t scale_of_buffer() const;
    [[nodiscard]] std::uint32_t window_capacity() const;
    [[nodiscard]] std::uint32_t room_for_payload() const {
        return out_of_order_.empty() && !warm_.duplicate_waits ? hot_.mss : room_beside_blocks();
    }
    [[nodiscard]] std::uint32_t room_beside_blocks() const;
    [[nodiscard]] std::uint32_t sack_blocks_waiting() const;
    /// RFC 2018 section 3: what the option space holds.
    [[nodiscard]] std::uint32_t sack_blocks_max() const { return warm_.timestamps ? 3 : 4; }
    [[nodiscard]] bool may_send_data() const;

    // send_buffer.cpp
    void fill_send_buffer();
    void add_to_send_buffer(std::uint32_t most);
    void mark_push(Seq at);
    void mark_full_segments(Seq before);
    [[nodiscard]] bool take_push_mark(Seq end);
    void expand_send_buffer();
    void wake_writer(Instant now, Step& step);
    void on_write_alarm(Instant now, Step& step);
    [[nodiscard]] std::uint32_t unsent_segments() const;
    [[nodiscard]] std::uint64_t buffer_in_use() const;
    [[nodiscard]] bool comes_to_close() const;

    // timers.cpp
    [[nodiscard]] Duration fresh_rto() const;
    void arm(RetransmitKind kind, Instant at) {
        warm_.alarms.set(Alarm::Retransmit, at);
        warm_.retransmit_kind = kind;
    }
    void disarm() {
        warm_.alarms.clear(Alarm::Retransmit);
        warm_.retransmit_kind = RetransmitKind::None;
    }
    void rearm_rto(Instant now);
    void rearm(Instant now);
    /// `base` after the doublings of `probe_backoff`.
    [[nodiscard]] Duration backed_off(Duration base) const;
    void on_retransmit_alarm(Instant now, Step& step);
    void on_rto(Instant now, Step& step);
    [[nodiscard]] bool give_up(Instant now, Step& step);
    [[nodiscard]] bool timed_out(Instant now, std::uint32_t boundary, Duration timeout) const;
    [[nodiscard]] Duration clamp_to_user_timeout(Instant now, Duration wait) const;
    void on_reordering_alarm(Instant now, Step& step);
    void try_smaller_segments(Instant now, SentStore& store);
    void cut_to(std::uint32_t mss, SentStore& store);
    void suspect_blackhole(bool expired, Step& step);
    void enter_time_wait(Instant now, Step& step);
    void watch_progress(Instant now) {
        if (settings().ack_timeout != Duration{0}) begin_watching(now);
    }
    void begin_watching(Instant now);

    // probes.cpp
    [[nodiscard]] bool schedule_loss_probe(Instant now, bool rto_from_now);
    void send_loss_probe(Instant now, Step& step);
    void on_ack_of_probe(Seq ack_number, const Ack& ack);
    void schedule_window_probe(Instant now);
    void on_answer_to_probe(Instant now);
    [[nodiscard]] Duration window_probe_wait() const;
    void on_window_probe_alarm(Instant now, Step& step);
    void send_probe(Instant now, Step& step);
    void on_keepalive_alarm(Instant now, Step& step);
    void start_keepalive(Instant now);

    /// What every segment touches.
    struct Hot {
        Seq snd_una = 0, snd_nxt = 0; ///< oldest unacknowledged, next new one
        Seq write_end = 1;            ///< end of what is in the send buffer
        Seq rcv_nxt = 0;
        Seq acked_to = 0;           ///< RCV.NXT when the last ACK left
        Seq rcv_edge = 0;           ///< right edge of the window last announced
        std::uint32_t snd_wnd = 0;  ///< peer's window, bytes
        std::uint32_t received = 0; ///< payload bytes in order, saturating: sizes the window
        Window window;
        Slot self, peer;
        FlowName flow;
        RttEstimator rtt;
        std::uint16_t mss = 0; ///< payload of a full segment; in SYN-SENT what is announced: the path's limit included
        State state = State::Closed;
        bool fin_wanted : 1 = false, fin_sent : 1 = false, fin_received : 1 = false;
        bool orphaned : 1 = false;    ///< the application has closed: nobody reads
        bool reading : 1 = true;      ///< the application takes what comes
        bool ack_pending : 1 = false; ///< something has come that no ACK of ours covers
        bool ack_now : 1 = false;
    };

    /// What matters while something is in flight, and in the handshake; in the order of how often it is asked for.
    struct Warm {
        const Settings* settings = nullptr;
        Alarms alarms;
        std::uint16_t reordering = duplicate_acks;
        std::uint8_t timeouts = 0; ///< in a row
        std::uint8_t probes = 0;   ///< keepalive or window probes without an answer
        std::uint8_t quick_acks = 0;
        RetransmitKind retransmit_kind = RetransmitKind::None;
        Recovery recovery = Recovery::Open;
        std::uint8_t push_marks_count = 0;
        bool passive : 1 = false;
        bool timestamps : 1 = true, sack : 1 = true;
        bool pingpong : 1 = false;                         ///< answers follow requests: ACKs wait for them
        bool pushed : 1 = false, pushed_twice : 1 = false; ///< small segments have come (Linux ICSK_ACK_PUSHED)
        bool ack_compressed : 1 = false;                   ///< Alarm::Ack stands for compressed ACKs
        bool ack_merging : 1 = false;                      ///< ... and these for what has come in order at this moment
        bool probe_out : 1 = false, probe_is_repeat : 1 = false;
        bool ever_retransmitted_out : 1 = false; ///< something in the queue was sent more than once
        bool duplicate_waits : 1 = false;        ///< `duplicate` goes out with the next ACK
        bool rack_advanced : 1 = false, duplicates_seen : 1 = false, reordering_seen : 1 = false;
        bool writer_sleeps : 1 = false; ///< until there is room in the send buffer (Linux SOCK_NOSPACE)
        bool fin_ready : 1 = false;     ///< the application has come to its close: everything it wrote is buffered
        bool fin_beyond_hole : 1 = false;
        bool fin_unread : 1 = false;
        bool resend_waits : 1 = false; ///< the list was full while lost segments were being repeated
        bool undo_possible : 1 = false;
        bool frto : 1 = false;
        bool accepted_syn_data : 1 = false;
        bool experimental : 1 = false;
        std::uint16_t compressed_acks = 0;
        std::uint8_t rack_steps = 1, rack_persist = 0;
        Seq window_from = 0;             ///< sequence number of the segment that last set the window (SND.WL1)
        std::uint32_t widest_window = 0; ///< bytes, of those the peer has announced (Linux max_window)
        Instant last_ack_in{};           ///< any acceptable segment with ACK
        // Receiver
        Instant last_data_in = never;        ///< `never`: none has come
        Instant echo = no_echo;              ///< to echo: of the first segment not yet acknowledged (RFC 7323 4.3)
        Duration ack_delay{};                ///< Linux ato: what the delayed ACK waits; zero before the first data
        std::uint32_t full_segment_in = 536; ///< largest payload that has come (Linux rcv_mss)
        std::uint32_t unread = 0;            ///< bytes that the application has not taken
        Label label_in;                      ///< of what came last
        // Sender
        Label label;                     ///< of the last write
        Seq application_end = 1;         ///< end of what the application has written, or waits to write
        std::uint32_t transmissions = 0; ///< of data, so far
        std::uint32_t sacked_out = 0, lost_out = 0, retrans_out = 0;
        std::uint32_t rack_order = 0; ///< RFC 8985: latest transmission that has been delivered; 0: none
        Duration rto{};               ///< with its doublings
        Duration rack_rtt{};
        Duration least_rtt = Duration::max();
        Instant last_sent{};      ///< data
        Instant window_full_at{}; ///< the window was last seen to be the limit
        WindowUse use;
        std::uint32_t window_used = 0;                 ///< segments out at most since the window was last the limit
        std::uint32_t send_buffer = send_buffer_first; ///< bytes (Linux sk_sndbuf)
        Congestion congestion;
        Seq pushed_to = 0;               ///< the last mark (Linux pushed_seq)
        std::array<Seq, 8> push_marks{}; ///< ends of segments that have not been sent and will carry PSH
        Instant woken_at = never;        ///< when a writer that had waited last went on
        std::uint8_t until_backlog = 0;  ///< segments that the writer still adds before it looks at its backlog
        // Recovery
        std::uint8_t duplicate_acks_sent = 0;
        Seq compressed_at = 0;                ///< RCV.NXT for which duplicate ACKs are counted
        Instant first_retransmission = never; ///< of this episode (Linux retrans_stamp); of a SYN, its first sending
        Seq recover = 0;                      ///< SND.NXT when recovery began (RFC 6582)
        Seq highest_sacked = 0;               ///< begin of the highest segment SACKed
        Seq undo_from = 0;                    ///< SND.UNA when the window was reduced
        Seq rack_round = 0;                   ///< SND.NXT when the reordering window was last widened
        Seq probe_end = 0;                    ///< SND.NXT when the tail loss probe left
        std::uint32_t lost_total = 0;
        std::uint32_t prior_cwnd = 0, prior_ssthresh = 0;
        std::uint32_t reduction_delivered = 0, reduction_out = 0; ///< RFC 6937
        std::int32_t undo_retransmissions = 0; ///< not yet known to have been needless; -1: none was made
        SackBlock duplicate;                   ///< RFC 2883
        // Handshake, silence and end
        Seq fin_at = 0;
        std::uint32_t syn_payload = 0;
        std::uint32_t keepalive_probes = 0;
        std::uint16_t repeats_of_syn = 0; ///< SYN or SYN-ACK
        std::uint8_t probe_backoff = 0;   ///< doublings of the window probe's wait; in SYN-RECEIVED of the SYN-ACK's
        FastOpenOption syn_option = FastOpenOption::None;
        FastOpenOutcome fast_open = FastOpenOutcome::NotTried;
        Instant last_challenge = never;
        Instant opened{}; ///< first SYN or SYN-ACK sent
        CookieEntry learned;
        std::uint64_t cookie = 0;
    };

    Hot hot_;
    SentQueue sent_;
    std::vector<SackBlock>
        out_of_order_; ///< disjoint, the newest first; keeps its capacity when the slot is used again
    Warm warm_;
};

/// window_of_buffer() where the buffer is autotuned and the application has read everything: all of window_capacity().
inline std::uint32_t Connection::window_of_empty_buffer() const {
    constexpr std::uint32_t step = 1u << window_shift;
    const std::uint32_t first = warm_.passive ? window_syn_ack : window_syn;
    const std::uint64_t twice = 2 * std::uint64_t{hot_.received};
    const std::uint64_t autotuned = std::max(std::min(first + twice, std::uint64_t{first_buffer}), twice);
    const auto capacity = static_cast<std::uint32_t>(std::min(autotuned, std::uint64_t{window_max}));
    return std::max((std::max(capacity, first) + step - 1) / step * step, announced_window());
}

} // namespace firstbyte::tcp
