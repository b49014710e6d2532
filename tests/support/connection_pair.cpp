#include "support/connection_pair.hpp"

#include "support/arrived_ranges.hpp"
#include "tcp/connection.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <map>

namespace firstbyte::test {

namespace {

using namespace std::chrono_literals;
using tcp::NoticeKind;
using tcp::Segment;
using tcp::State;
namespace flag = tcp::flag;

constexpr std::uint64_t right_cookie = 0xabcd1234;
constexpr std::size_t settings_bytes = 32;
constexpr std::uint32_t write_limit = 400'000; // bytes per end, so that a run stays short
// Linux's longest give-up is 924.6 s and a timeout of 120 s; an application that has closed waits no longer than that.
constexpr Duration patience = 1800s; // from the first to the last close
constexpr Duration bound = 4h;       // after the last call
constexpr std::uint32_t steps_bound = 200'000;

/// Bytes in turn; zeros when they are used up.
class Choices {
public:
    explicit Choices(std::span<const std::uint8_t> bytes) : left_(bytes) {}
    [[nodiscard]] bool empty() const { return left_.empty(); }
    std::uint8_t next() {
        if (left_.empty()) return 0;
        const std::uint8_t byte = left_.front();
        left_ = left_.subspan(1);
        return byte;
    }
    std::uint32_t next16() {
        const std::uint32_t high = next();
        return high << 8 | next();
    }
    template <class T, std::size_t n>
    T of(const std::array<T, n>& values) {
        return values[next() % n];
    }

private:
    std::span<const std::uint8_t> left_;
};

struct End {
    tcp::Connection connection;
    tcp::Settings settings;
    bool started = false, active = false;
    bool reading = true;
    bool closing = false;   ///< the application writes no more
    bool disturbed = false; ///< aborted, reset, timed out
    std::uint32_t written = 0, delivered = 0;
    std::uint32_t begun = 0, finished = 0, gone = 0, peer_closed = 0; ///< notices
    ArrivedRanges arrived;                                            ///< of the peer's numbers
    std::uint64_t right_edge = 0; ///< greatest that the peer has announced, of what arrived here
    Segment newest;               ///< last that arrived, for forging
    // The path from this end
    Duration delay{};
    Duration per_kilobyte{}; ///< time to serialize 1000 bytes; zero: unlimited rate
    std::uint32_t queue_limit = 1000;
    Instant busy_until{};
    std::int64_t mtu = 1500;
};

class Pair {
public:
    Pair(std::span<const std::uint8_t> input, bool with_log, bool header_prediction)
        : config_(input.first(std::min(settings_bytes, input.size()))), calls_(part(input, 0)), fates_(part(input, 1)),
          with_log_(with_log), header_prediction_(header_prediction) {}

    PairReport run() {
        configure();
        Instant calls_at = now_ + gap();
        while (report_.fault.empty()) {
            const Instant calls = last_call_ ? never : calls_at;
            const Instant packets = network_.empty() ? never : network_.begin()->first.first;
            const Instant alarms = std::min(ends_[0].connection.next_alarm(), ends_[1].connection.next_alarm());
            const Instant at = std::min({calls, packets, alarms});
            if (at == never) break;
            if (at < now_) fail("a timer is set for the past");
            now_ = at;
            if (last_call_ && now_ - last_call_at_ > bound) fail("it never ends: time runs on");
            if (++report_.steps > steps_bound) fail("it never ends: one step after the other");
            if (calls == at) {
                calls_at = call(calls_at);
            } else if (packets == at) {
                const Packet packet = network_.begin()->second;
                network_.erase(network_.begin());
                arrive(packet);
            } else {
                const std::size_t side = ends_[0].connection.next_alarm() == at ? 0 : 1;
                step_.clear();
                ends_[side].connection.on_alarm(now_, step_);
                collect(side);
            }
            log_state();
        }
        report_.bytes = std::uint64_t{ends_[0].delivered} + ends_[1].delivered;
        report_.connected = ends_[0].begun != 0 && ends_[1].begun != 0;
        if (report_.fault.empty()) judge_the_end();
        return report_;
    }

private:
    struct Packet {
        Segment segment;
        std::size_t to = 0;
        std::uint32_t too_big_mtu = 0; ///< not 0: no segment but ICMP
        bool forged = false;
    };

    static std::span<const std::uint8_t> part(std::span<const std::uint8_t> input, int which) {
        if (input.size() <= settings_bytes) return {};
        const std::span<const std::uint8_t> rest = input.subspan(settings_bytes);
        return which == 0 ? rest.first(rest.size() / 4) : rest.subspan(rest.size() / 4);
    }

    void fail(const std::string& what) {
        if (report_.fault.empty()) report_.fault = fmt::format("{} ms: {}", to_ms(now_ - Instant{}), what);
    }
    template <class... Args>
    void log(fmt::format_string<Args...> text, Args&&... args) {
        if (!with_log_) return;
        report_.log += fmt::format("{:12.3f} ", to_ms(now_ - Instant{}));
        report_.log += fmt::format(text, std::forward<Args>(args)...) + "\n";
    }

    /// What decides on the steps to come.
    void log_state() {
        for (std::size_t side = 0; side < 2; ++side) {
            const tcp::Connection& end = ends_[side].connection;
            const Instant alarm = end.next_alarm();
            log("{}   window {} threshold {}, timer {}", name(side), end.window().cwnd, end.window().ssthresh,
                alarm == never ? std::string("-") : fmt::format("{} ns", (alarm - Instant{}).count()));
        }
    }

    void configure() {
        for (std::size_t side = 0; side < 2; ++side) {
            End& end = ends_[side];
            tcp::Settings& s = end.settings;
            s.syn_waits = tcp::syn_schedule(1s, 6, 4);
            s.header_prediction = header_prediction_;
            const std::uint8_t bits = config_.next(), more = config_.next();
            s.sack = (bits & 3) != 1;
            s.timestamps = (bits & 12) != 4;
            s.tail_loss_probe = (bits & 48) != 16;
            s.congestion = (bits & 64) != 0 ? tcp::CongestionControl::Cubic : tcp::CongestionControl::NewReno;
            s.rto_rfc6298 = (bits & 128) != 0 && (more & 1) != 0;
            s.slow_start_after_idle = (more & 2) == 0;
            if ((more & 12) == 4) s.keepalive = {3s, 1s, 9};
            if ((more & 12) == 8) s.keepalive = {300s, 75s, 9};
            if ((more & 48) == 16) s.user_timeout = 5s;
            if ((more & 192) == 64) s.ack_timeout = 20s;
            s.receive_buffer = config_.of(std::array<std::uint32_t, 6>{0, 0, 0, 2304, 10'000, 30'000});
            s.initial_window = config_.of(std::array<std::uint32_t, 4>{10, 10, 3, 1});
            s.mss = config_.of(std::array<std::uint32_t, 4>{1460, 1460, 1460, 536});
            if (s.user_timeout == 0s && (config_.next() & 3) == 1) s.data_retries = 5;
            end.delay = config_.of(std::array<Duration, 5>{50ms, 5ms, 1ms, 150ms, 500ms});
            end.per_kilobyte = config_.of(std::array<Duration, 4>{0ms, 0ms, 800us, 8ms});
            end.queue_limit = config_.of(std::array<std::uint32_t, 4>{1000, 1000, 10, 3});
            end.mtu = config_.of(std::array<std::int64_t, 6>{1500, 1500, 1500, 1500, 1200, 576});
        }
        roughness_ = config_.next() % 4;
        icmp_filtered_ = (config_.next() & 7) == 1;
        strips_syn_data_ = (config_.next() & 7) == 1;
        forging_ = (config_.next() & 3) == 1;
        const std::uint8_t mode = config_.next();
        tcp::FastOpenAttempt attempt;
        switch (mode % 5) {
        case 1: attempt.mode = tcp::FastOpenAttempt::Mode::RequestCookie; break;
        case 2: attempt = {tcp::FastOpenAttempt::Mode::SendCookie, false, right_cookie, 0, false}; break;
        case 3: attempt = {tcp::FastOpenAttempt::Mode::SendCookie, false, 77, 0, false}; break;
        case 4: attempt.mode = tcp::FastOpenAttempt::Mode::Cookieless; break;
        default: break;
        }
        cookieless_ = mode % 5 == 4;
        listens_fast_open_ = (mode & 64) == 0;
        open(0, attempt, config_.of(std::array<std::uint32_t, 5>{0, 1, 400, 1420, 5000}));
        if ((mode & 0x30) == 0x10) open(1, attempt, config_.of(std::array<std::uint32_t, 3>{0, 400, 3000}));
    }

    void open(std::size_t side, const tcp::FastOpenAttempt& attempt, std::uint32_t bytes) {
        End& end = ends_[side];
        end.started = end.active = true;
        end.written = bytes;
        log("{} open, {} bytes", name(side), bytes);
        step_.clear();
        end.connection.open(now_, end.settings, {}, Slot{static_cast<std::uint32_t>(side), 1}, attempt, bytes, {},
                            step_);
        collect(side);
    }

    static char name(std::size_t side) { return side == 0 ? 'A' : 'B'; }

    Duration gap() {
        return calls_.of(std::array<Duration, 10>{0ms, 1ms, 7ms, 40ms, 100ms, 150ms, 300ms, 1s, 4s, 70s});
    }

    /// One call of an application, or the end of all calls. @return when the next one is
    Instant call(Instant at) {
        if (calls_.empty()) {
            last_calls();
            return at + patience;
        }
        const std::uint8_t what = calls_.next();
        const std::size_t side = what & 1;
        End& end = ends_[side];
        step_.clear();
        if (end.started && end.gone == 0) act(side, end, (what >> 1) % 32);
        return now_ + gap();
    }

    void act(std::size_t side, End& end, std::uint32_t what) {
        if (what < 12) {
            std::uint32_t bytes =
                calls_.of(std::array<std::uint32_t, 8>{1, 100, 1448, 3000, 14'480, 30'000, 60'000, 150'000});
            if (end.closing || end.written + bytes > write_limit) return;
            end.written += bytes;
            log("{} write {}", name(side), bytes);
            end.connection.write(now_, bytes, {}, step_);
        } else if (what < 16) {
            log("{} stop reading", name(side));
            end.reading = false;
            end.connection.set_reading(now_, false, 0, step_);
        } else if (what < 20) {
            log("{} read", name(side));
            end.reading = true;
            end.connection.set_reading(now_, true, 0, step_);
        } else if (what < 22) {
            half_close(side, end);
        } else if (what == 22) {
            close(side, end);
        } else if (what == 23 && calls_.next() % 4 == 0) {
            log("{} abort", name(side));
            end.disturbed = end.closing = true;
            end.connection.abort(now_, step_);
        } else if (what >= 24 && forging_) {
            forge(side);
            return;
        }
        collect(side);
    }

    void half_close(std::size_t side, End& end) {
        log("{} half-close", name(side));
        end.closing = true;
        end.connection.half_close(now_, step_);
    }
    void close(std::size_t side, End& end) {
        log("{} close", name(side));
        end.closing = true;
        end.connection.close(now_, step_);
    }

    /// First both ends read and send FIN; much later nobody waits any longer.
    void last_calls() {
        last_call_ = closing_;
        last_call_at_ = now_;
        for (std::size_t side = 0; side < 2; ++side) {
            End& end = ends_[side];
            if (!end.started || end.gone != 0) continue;
            step_.clear();
            end.reading = true;
            end.connection.set_reading(now_, true, 0, step_);
            collect(side);
            if (end.gone != 0) continue;
            step_.clear();
            if (closing_)
                close(side, end);
            else
                half_close(side, end);
            collect(side);
        }
        closing_ = true;
    }

    std::uint32_t near(std::uint32_t value) {
        const std::uint32_t step = calls_.of(std::array<std::uint32_t, 6>{0, 1, 100, 1448, 70'000, 0x7000'0000});
        return (calls_.next() & 1) != 0 ? value + step : value - step;
    }

    void forge(std::size_t side) {
        End& end = ends_[side];
        Segment segment;
        segment.flags = calls_.next() & (flag::fin | flag::syn | flag::rst | flag::psh | flag::ack);
        segment.seq = near(end.newest.seq + end.newest.sequence_length());
        segment.ack = near(end.newest.ack);
        segment.length = calls_.of(std::array<std::uint32_t, 4>{0, 0, 1, 1448});
        segment.window = calls_.of(std::array<std::uint32_t, 4>{0, 1, 2000, 65'535});
        segment.sent_at = now_;
        segment.echo = calls_.next() % 2 == 0 ? tcp::no_echo : end.newest.echo;
        segment.timestamps = calls_.next() % 4 != 0;
        segment.sack_permitted = true;
        segment.mss = static_cast<std::uint16_t>(calls_.of(std::array<std::uint32_t, 3>{0, 536, 1460}));
        segment.sack_count = calls_.next() % 4;
        for (std::size_t n = 0; n < segment.sack_count; ++n) {
            segment.sack[n].begin = near(end.newest.ack);
            segment.sack[n].end = near(segment.sack[n].begin);
        }
        report_.forged = true;
        network_.emplace(std::pair{now_, ++packets_}, Packet{segment, side, 0, true});
    }

    /// What the path does with a segment.
    void transmit(std::size_t from, const Segment& segment) {
        End& end = ends_[from];
        ++report_.segments;
        if (segment.transmission != 0) ++report_.repeated;
        const std::int64_t size = tcp::wire_size(segment).count;
        if (size > end.mtu) {
            log("   too big");
            if (!icmp_filtered_)
                network_.emplace(std::pair{now_ + end.delay, ++packets_},
                                 Packet{{}, from, static_cast<std::uint32_t>(end.mtu), false});
            return;
        }
        Instant leaves = now_;
        if (end.per_kilobyte != 0s) {
            const Duration own = end.per_kilobyte * size / 1000;
            leaves = std::max(now_, end.busy_until);
            if ((leaves - now_) / own >= end.queue_limit) {
                ++report_.lost;
                log("   tail drop");
                return;
            }
            leaves += own;
            end.busy_until = leaves;
        }
        const std::uint8_t fate = roughness_ == 0 || fates_.empty() ? 255 : fates_.next();
        const std::uint32_t rare = 64u >> (2 * roughness_); // of 256: 16, 4, 1 in so many
        Duration extra{};
        const std::uint32_t kind = fate % (4 * rare);
        if (fate != 255 && kind == 0) {
            ++report_.lost;
            log("   lost");
            return;
        }
        if (fate != 255 && kind == 1) extra = std::array<Duration, 4>{1ms, 20ms, 200ms, 3s}[fates_.next() % 4];
        Packet packet{segment, 1 - from, 0, false};
        if (strips_syn_data_ && segment.syn()) packet.segment.length = 0;
        if (fate != 255 && kind == 2) network_.emplace(std::pair{leaves + end.delay + 5ms, ++packets_}, packet);
        network_.emplace(std::pair{leaves + end.delay + extra, ++packets_}, packet);
    }

    void arrive(const Packet& packet) {
        End& end = ends_[packet.to];
        const Segment& s = packet.segment;
        step_.clear();
        if (packet.too_big_mtu != 0) {
            log("{} hears of MTU {}", name(packet.to), packet.too_big_mtu);
            if (end.started && end.gone == 0) end.connection.on_too_big(now_, packet.too_big_mtu, step_);
            return collect(packet.to);
        }
        log("{} <{} {}", name(packet.to), packet.forged ? " forged" : "", describe(s));
        if (!packet.forged) {
            end.arrived.add(s.seq, s.seq + s.sequence_length());
            const std::uint64_t from = s.has_ack() ? s.ack : 1;
            if (!s.rst()) end.right_edge = std::max(end.right_edge, from + s.window);
            end.newest = s;
        }
        const bool opens = s.syn() && !s.has_ack() && !s.rst();
        if (!end.started && opens) {
            end.started = true;
            const tcp::FastOpenVerdict verdict =
                tcp::judge_syn(listens_fast_open_, s, tcp::RightCookies{right_cookie}, cookieless_);
            end.connection.accept(now_, end.settings, Slot{static_cast<std::uint32_t>(packet.to), 1}, s, verdict,
                                  step_);
        } else if (!end.started || end.gone != 0) {
            return answer_unknown(packet.to, s);
        } else {
            end.connection.on_segment(now_, s, step_);
        }
        collect(packet.to);
    }

    /// No connection: RST to any segment that is not one itself (RFC 9293 section 3.10.7.1).
    void answer_unknown(std::size_t side, const Segment& segment) {
        if (segment.rst()) return;
        Segment reset;
        reset.flags = segment.has_ack() ? flag::rst : flag::rst | flag::ack;
        if (segment.has_ack())
            reset.seq = segment.ack;
        else
            reset.ack = segment.seq + segment.sequence_length();
        reset.sent_at = now_;
        reset.echo = tcp::no_echo;
        log("{} > {} (no connection)", name(side), describe(reset));
        resets_ = true;
        transmit(side, reset);
    }

    /// Takes what a step has made, and goes on while the list was full.
    void collect(std::size_t side) {
        End& end = ends_[side];
        while (true) {
            const bool full = !step_.room();
            if (step_.segments().size() > tcp::Step::segments_max) fail("more segments than a step may have");
            for (const Segment& segment : step_.segments()) {
                log("{} > {}", name(side), describe(segment));
                check_segment(side, segment);
                if (segment.rst()) resets_ = true;
                transmit(side, segment);
            }
            for (const tcp::Notice& notice : step_.notices()) take_notice(side, notice);
            if (!full) break;
            step_.clear();
            end.connection.resume(now_, step_);
        }
        if (const char* what = end.started ? end.connection.inconsistency() : nullptr)
            fail(fmt::format("{}: {}", name(side), what));
        if (end.gone != 0 && end.connection.state() != State::Closed) fail("gone, and not closed");
        if (end.started && end.gone == 0 && end.connection.state() == State::Closed) fail("closed, and not gone");
    }

    void check_segment(std::size_t side, const Segment& s) {
        const End& end = ends_[side];
        if (end.gone != 0) fail("a segment after the end");
        const std::uint32_t payload_end = s.seq + s.length + (s.syn() ? 1u : 0u);
        if (s.length != 0 && payload_end > 1 + end.written) fail("data that nobody wrote");
        if (s.fin() && payload_end != 1 + end.written) fail("a FIN that is not at the end of the stream");
        if (s.fin() && !end.closing) fail("a FIN that nobody asked for");
        if (s.length != 0 && !s.syn() && wire_size(s).count > std::int64_t{end.settings.mss} + 40)
            fail("a segment of more than the MSS");
        if (report_.forged) return;
        if (s.length != 0 && !s.syn() && payload_end > end.right_edge) fail("data beyond the peer's window");
        // A RST answers with numbers of the segment that provoked it.
        if (s.has_ack() && !s.rst() && s.ack > end.arrived.contiguous()) fail("an ACK of what has not arrived");
        for (std::size_t n = 0; n < s.sack_count; ++n)
            if (!end.arrived.contains(s.sack[n].begin, s.sack[n].end)) fail("a SACK of what has not arrived");
    }

    void take_notice(std::size_t side, const tcp::Notice& notice) {
        End& end = ends_[side];
        if (end.gone != 0) return fail("a notice after Gone");
        switch (notice.kind) {
        case NoticeKind::Connected:
        case NoticeKind::Accepted:
            log("{} connected", name(side));
            if (++end.begun > 1) fail("connected twice");
            if ((notice.kind == NoticeKind::Connected) != end.active) fail("the wrong kind of open");
            break;
        case NoticeKind::Data:
            log("{} data {}", name(side), notice.bytes);
            end.delivered += notice.bytes;
            if (end.begun == 0) fail("data before the connection");
            if (end.peer_closed != 0) fail("data after the end of the stream");
            if (notice.bytes == 0) fail("a notice of no data");
            if (!report_.forged && 1 + end.delivered > end.arrived.contiguous()) fail("data that has not arrived");
            break;
        case NoticeKind::PeerClosed:
            log("{} peer closed", name(side));
            if (++end.peer_closed > 1) fail("the end of the stream twice");
            if (!report_.forged && end.delivered != ends_[1 - side].written) fail("the stream ends too early");
            break;
        case NoticeKind::Refused:
        case NoticeKind::Waiting:
        case NoticeKind::Unreachable:
        case NoticeKind::Reset:
        case NoticeKind::TimedOut:
        case NoticeKind::AckTimeout:
        case NoticeKind::KeepaliveTimeout:
        case NoticeKind::UserTimeout:
            log("{} error {}", name(side), static_cast<int>(notice.kind));
            end.disturbed = true;
            break;
        case NoticeKind::Finished:
            log("{} finished", name(side));
            if (++end.finished > 1) fail("finished twice");
            break;
        case NoticeKind::BlackholeSuspected: log("{} blackhole suspected", name(side)); break;
        case NoticeKind::Gone:
            log("{} gone", name(side));
            ++end.gone;
            if (!end.reading) end.disturbed = true; // what it has not read by now is gone with the connection
            break;
        }
    }

    void judge_the_end() {
        for (std::size_t side = 0; side < 2; ++side) {
            const End& end = ends_[side];
            if (end.started && end.gone != 1) fail(fmt::format("{} was never gone", name(side)));
            if (!report_.forged && end.delivered > ends_[1 - side].written) fail("more was read than was written");
        }
        const bool clean = !resets_ && !report_.forged && !ends_[0].disturbed && !ends_[1].disturbed;
        report_.in_order = clean && report_.connected && ends_[0].finished == 1 && ends_[1].finished == 1;
        if (!report_.in_order) return;
        for (std::size_t side = 0; side < 2; ++side)
            if (ends_[side].delivered != ends_[1 - side].written)
                fail(fmt::format("{} has read {} of {} bytes", name(side), ends_[side].delivered,
                                 ends_[1 - side].written));
    }

    static std::string describe(const Segment& s) {
        std::string text = fmt::format("{}{}{}{} {}:{}({}) ack {} win {} try {}", s.syn() ? "S" : "",
                                       s.fin() ? "F" : "", s.rst() ? "R" : "", s.has_ack() ? "." : "", s.seq,
                                       s.seq + s.length, s.length, s.ack, s.window, s.transmission);
        for (std::size_t n = 0; n < s.sack_count; ++n) text += fmt::format(" {}-{}", s.sack[n].begin, s.sack[n].end);
        return text;
    }

    Choices config_, calls_, fates_;
    PairReport report_;
    std::array<End, 2> ends_;
    tcp::Step step_;
    std::map<std::pair<Instant, std::uint64_t>, Packet> network_; ///< by arrival, then by sending
    std::uint64_t packets_ = 0;
    Instant now_{1s};
    Instant last_call_at_{};
    std::uint32_t roughness_ = 0;
    bool with_log_, header_prediction_, closing_ = false, last_call_ = false, resets_ = false;
    bool icmp_filtered_ = false, strips_syn_data_ = false, forging_ = false;
    bool cookieless_ = false, listens_fast_open_ = true;
};

} // namespace

PairReport run_pair(std::span<const std::uint8_t> input, bool with_log, bool header_prediction) {
    return Pair(input, with_log, header_prediction).run();
}

} // namespace firstbyte::test
