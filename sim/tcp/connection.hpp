/// One TCP connection, sans-I/O: (now, segment or call) in, segments and notices out.
///
/// Sequence numbers start at 0: the SYN is 0 and the first data byte is 1, at both ends.
/// The parts: connection.cpp (calls, states), receive.cpp, send.cpp, timers.cpp, handshake.cpp.
#pragma once

#include "tcp/alarms.hpp"
#include "tcp/congestion.hpp"
#include "tcp/fast_open.hpp"
#include "tcp/rtt.hpp"
#include "tcp/segment.hpp"
#include "tcp/settings.hpp"
#include "tcp/step.hpp"

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
    void set_reading(Instant now, bool reading, Step& step);
    /// RST, and nothing more.
    void abort(Instant now, Step& step);
    /// Goes on sending after a full list.
    void resume(Instant now, Step& step) { transmit(now, step); }

    [[nodiscard]] Instant next_alarm() const { return warm_.alarms.next(); }
    [[nodiscard]] State state() const { return hot_.state; }
    [[nodiscard]] FlowName flow() const { return hot_.flow; }
    [[nodiscard]] FastOpenOutcome fast_open() const { return warm_.fast_open; }
    [[nodiscard]] std::uint32_t syn_payload() const { return warm_.syn_payload; }
    [[nodiscard]] std::uint32_t syn_repeats() const { return warm_.repeats_of_syn; }
    /// SYN-RECEIVED, and `segment` would end the handshake: the host asks before it lets one into its accept queue.
    [[nodiscard]] bool completes_handshake(const Segment& segment) const;
    /// Timeouts without an ACK in between: three of them are Linux's sign of a Fast Open blackhole.
    [[nodiscard]] std::uint32_t consecutive_timeouts() const;
    /// Whether anything in order has come from the peer after the SYN.
    [[nodiscard]] bool received_data() const { return hot_.received != 0; }
    /// Whether a FIN beyond a hole is all that the peer's stream has brought (Linux: a sign of a Fast Open blackhole).
    [[nodiscard]] bool only_fin_out_of_order() const;
    /// Cookie that the SYN-ACK brought.
    [[nodiscard]] const CookieEntry& learned() const { return warm_.learned; }

    Instant event_at = never; ///< when the one pending engine event of this connection runs; kept by the host
    std::uint32_t path = 0;   ///< outgoing path; kept by the host

private:
    void enter(State next) { hot_.state = next; }
    [[nodiscard]] const Settings& settings() const { return *warm_.settings; }
    [[nodiscard]] Duration rto() const;

    // handshake.cpp
    void send_syn(Instant now, Step& step);
    void send_syn_ack(Instant now, Step& step);
    void on_segment_syn_sent(Instant now, const Segment& segment, Step& step);
    [[nodiscard]] bool on_segment_syn_received(Instant now, const Segment& segment, Step& step);
    void learn_from_syn(const Segment& segment);
    void on_syn_alarm(Instant now, Step& step);
    void on_syn_ack_alarm(Instant now, Step& step);

    // receive.cpp
    void on_ack(Instant now, const Segment& segment, Step& step);
    void on_new_ack(Instant now, const Segment& segment);
    void on_duplicate_ack(Instant now, Step& step);
    void on_our_fin_acknowledged(Instant now, Step& step);
    void on_payload(Instant now, const Segment& segment, Step& step);
    void on_fin(Instant now, Step& step);
    void keep_out_of_order(const Segment& segment);
    void decide_ack(Instant now, bool at_once, Step& step);

    // send.cpp
    Segment& make_segment(Instant now, std::uint8_t flags, Seq seq, Step& step);
    void send_ack(Instant now, Step& step);
    void send_reset(Instant now, Step& step);
    void transmit(Instant now, Step& step);
    bool transmit_lost(Instant now, Step& step);
    bool transmit_new(Instant now, Step& step);
    void send_data(Instant now, Seq from, std::uint32_t length, Step& step);
    void send_fin(Instant now, Seq seq, Step& step);
    void ack_went_out();
    [[nodiscard]] std::uint32_t packets(std::uint32_t bytes) const { return (bytes + hot_.mss - 1) / hot_.mss; }
    [[nodiscard]] std::uint32_t receive_window() const;

    // timers.cpp
    void on_data_alarm(Instant now, Step& step);
    void arm_retransmit(Instant now);
    void enter_time_wait(Instant now, Step& step);
    void die(NoticeKind why, Step& step);

    /// What every segment touches: one cache line.
    struct Hot {
        Seq snd_una = 0, snd_nxt = 0; ///< oldest unacknowledged, next new one
        Seq write_end = 1;            ///< end of what the application has written
        Seq rcv_nxt = 0;
        std::uint32_t snd_wnd = 0;  ///< peer's window, bytes
        std::uint32_t received = 0; ///< payload bytes in order, saturating: sizes the window
        Window window;
        Slot self, peer;
        FlowName flow;
        RttEstimator rtt;
        std::uint16_t mss = 536; ///< payload of a full segment; RFC 9293 section 3.7.1 until the SYN says
        State state = State::Closed;
        bool fin_wanted : 1 = false, fin_sent : 1 = false, fin_received : 1 = false;
        bool pingpong : 1 = false; ///< answers follow requests: ACKs wait for them (Linux pingpong mode)
    };
    static_assert(sizeof(Hot) <= 80, "the hot part stays near one cache line");

    /// What matters while something is in flight, and in the handshake.
    struct Warm {
        Alarms alarms;
        const Settings* settings = nullptr;
        Instant echo = no_echo; ///< timestamp to echo: of the first segment not yet acknowledged (RFC 7323 4.3)
        Instant last_data_in = no_echo;
        Label label;         ///< of the last write
        Seq recover = 0;     ///< snd_nxt when recovery began (RFC 6582)
        Seq resend_next = 0; ///< next byte to repeat
        WindowUse use;
        NewReno congestion;
        CookieEntry learned;
        std::uint64_t cookie = 0;
        std::uint32_t acked_rest = 0; ///< acknowledged bytes short of a segment
        std::uint32_t syn_payload = 0;
        std::uint16_t repeats_of_syn = 0; ///< SYN or SYN-ACK
        std::uint8_t backoff = 0;         ///< RTO doublings
        std::uint8_t duplicates = 0;
        std::uint8_t quick_acks = 0;
        std::uint8_t unacked_segments = 0;
        std::uint8_t repeats = 0; ///< of the oldest data
        FastOpenOption syn_option = FastOpenOption::None;
        FastOpenOutcome fast_open = FastOpenOutcome::NotTried;
        enum class Recovery : std::uint8_t { None, Fast, Timeout } recovery = Recovery::None;
        bool accepted_syn_data = false;
        bool passive = false;
        bool timestamps = true;
    };

    Hot hot_;
    Warm warm_;
    std::vector<SackBlock> out_of_order_; ///< ascending, disjoint; keeps its capacity when the slot is used again
};

} // namespace firstbyte::tcp
