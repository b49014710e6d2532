/// What one step of a connection gives back: segments to send and notices for the application.
#pragma once

#include "core/check.hpp"
#include "tcp/segment.hpp"
#include "tcp/sent_queue.hpp"

#include <array>
#include <cstdint>
#include <span>

namespace firstbyte::tcp {

enum class NoticeKind : std::uint8_t {
    Connected,          ///< active open: the handshake is done
    Waiting,            ///< passive open: stands in the accept queue; from the host, see Listener::on_demand
    Accepted,           ///< passive open: readable and writable (with Fast Open before the handshake ends)
    Data,               ///< `bytes` more in order
    PeerClosed,         ///< FIN in order: the peer writes no more
    Refused,            ///< RST in reply to the SYN: ECONNREFUSED
    Unreachable,        ///< ICMP host unreachable in reply to the SYN: EHOSTUNREACH
    Reset,              ///< RST on a synchronized connection: ECONNRESET
    TimedOut,           ///< the SYN schedule or the data retries ran out: ETIMEDOUT
    AckTimeout,         ///< Settings::ack_timeout ran out; RST was sent
    KeepaliveTimeout,   ///< the peer answered no probe; RST was sent: ETIMEDOUT
    UserTimeout,        ///< Settings::user_timeout ran out: ETIMEDOUT
    BlackholeSuspected, ///< a Fast Open connection's third timeout in a row, or its end by fewer (Linux's rule)
    Finished,           ///< both directions closed in order (TIME-WAIT or CLOSED entered)
    Gone,               ///< the connection's state can be released
};

struct Notice {
    NoticeKind kind{};
    std::uint32_t bytes = 0;
    Label label;
};

/// Fixed-capacity list, owned by the engine's thread and used again for every step. A full list stops the sender, who
/// goes on when resume() is called.
class Step {
public:
    static constexpr std::size_t segments_max = 32;
    static constexpr std::size_t notices_max =
        8; // one step gives at most Accepted/Connected, Data, PeerClosed, Finished, Gone

    void clear() { segments_ = notices_ = 0; }
    [[nodiscard]] bool room() const { return segments_ + 2 < segments_max; } // two kept free for ACK and RST

    Segment& add_segment() {
        FB_ASSERT(segments_ < segments_max, "a step never makes more segments than its list holds");
        segment_list_[segments_] = blank_; // a copy is cheaper than GCC's way to make one: rep stos has a long start
        return segment_list_[segments_++];
    }
    void notify(NoticeKind kind, std::uint32_t bytes = 0, const Label& label = {}) {
        FB_ASSERT(notices_ < notices_max, "a step never makes more notices than its list holds");
        notice_list_[notices_++] = Notice{kind, bytes, label};
    }

    SentStore store; ///< memory of idle connections' queues

    [[nodiscard]] std::span<Segment> segments() { return {segment_list_.data(), segments_}; }
    [[nodiscard]] std::span<const Notice> notices() const { return {notice_list_.data(), notices_}; }

private:
    Segment blank_;
    std::size_t segments_ = 0, notices_ = 0;
    std::array<Segment, segments_max> segment_list_;
    std::array<Notice, notices_max> notice_list_;
};

} // namespace firstbyte::tcp
