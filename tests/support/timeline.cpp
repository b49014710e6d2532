#include "support/timeline.hpp"

#include <doctest/doctest.h>
#include <fmt/format.h>

#include <cmath>
#include <sstream>

namespace firstbyte::test {

namespace {

using tcp::NoticeKind;
using tcp::Segment;

std::string flags_text(std::uint8_t flags) {
    std::string text;
    if ((flags & tcp::flag::syn) != 0) text += 'S';
    if ((flags & tcp::flag::fin) != 0) text += 'F';
    if ((flags & tcp::flag::rst) != 0) text += 'R';
    if ((flags & tcp::flag::psh) != 0) text += 'P';
    if ((flags & tcp::flag::ack) != 0) text += '.';
    return text;
}

std::uint8_t flags_of(const std::string& text) {
    std::uint8_t flags = 0;
    for (const char c : text) {
        switch (c) {
        case 'S': flags |= tcp::flag::syn; break;
        case 'F': flags |= tcp::flag::fin; break;
        case 'R': flags |= tcp::flag::rst; break;
        case 'P': flags |= tcp::flag::psh; break;
        case '.': flags |= tcp::flag::ack; break;
        default: FAIL("flag " << c << " is none of S F R P .");
        }
    }
    return flags;
}

std::string describe(const Segment& s) {
    std::string text = fmt::format("{} {}:{}({})", flags_text(s.flags), s.seq, s.seq + s.length, s.length);
    if (s.has_ack()) text += fmt::format(" ack {}", s.ack);
    if (s.fast_open == tcp::FastOpenOption::Request) text += " <fastopen>";
    if (s.fast_open == tcp::FastOpenOption::Cookie) text += fmt::format(" <fastopen {:x}>", s.cookie);
    for (std::size_t n = 0; n < s.sack_count; ++n)
        text += fmt::format("{}{}:{}", n == 0 ? " sack " : ",", s.sack[n].begin, s.sack[n].end);
    return text;
}

std::string describe(const tcp::Notice& n) {
    switch (n.kind) {
    case NoticeKind::Connected: return "connected";
    case NoticeKind::Accepted: return "accepted";
    case NoticeKind::Data: return fmt::format("data {}", n.bytes);
    case NoticeKind::PeerClosed: return "peer_closed";
    case NoticeKind::Refused: return "refused";
    case NoticeKind::Unreachable: return "unreachable";
    case NoticeKind::Waiting: return "waiting";
    case NoticeKind::Reset: return "reset";
    case NoticeKind::TimedOut: return "timed_out";
    case NoticeKind::AckTimeout: return "ack_timeout";
    case NoticeKind::KeepaliveTimeout: return "keepalive_timeout";
    case NoticeKind::UserTimeout: return "user_timeout";
    case NoticeKind::BlackholeSuspected: return "blackhole_suspected";
    case NoticeKind::Finished: return "finished";
    case NoticeKind::Gone: return "gone";
    }
    return "";
}

/// A segment as a line of a script names it.
struct Named {
    Segment segment;
    bool window_named = false, mss_named = false;
};

/// What a sent segment says of what `named` asks about: window and MSS only where the line names them.
std::string describe(const Segment& s, const Named& named) {
    std::string text = describe(s);
    if (named.window_named) text += fmt::format(" win {}", s.window);
    if (named.mss_named) text += fmt::format(" mss {}", s.mss);
    return text;
}

void parse_sack(const std::string& text, Segment& segment) {
    std::istringstream blocks(text);
    for (std::string block; std::getline(blocks, block, ',');) {
        unsigned begin = 0, end = 0;
        REQUIRE_MESSAGE(std::sscanf(block.c_str(), "%u:%u", &begin, &end) == 2, "SACK block: " << block);
        REQUIRE(segment.sack_count < segment.sack.size());
        segment.sack[segment.sack_count++] = {begin, end};
    }
}

Instant instant_of(const std::string& ms) {
    return Instant{Duration{static_cast<std::int64_t>(std::llround(std::stod(ms) * 1e6))}};
}

/// "S 0:100(100) ack 5 <fastopen abcd>" as a segment.
/// @param newest  what the peer's echo is unless the line says otherwise
Named parse_segment(const std::string& text, Instant newest) {
    std::istringstream words(text);
    Named named;
    Segment& segment = named.segment;
    segment.echo = newest;
    segment.window = tcp::window_syn;
    segment.sack_permitted = true;
    segment.mss = static_cast<std::uint16_t>(tcp::mss_default);
    segment.from = Slot{0, 1};
    std::string flags, range, word;
    words >> flags >> range;
    segment.flags = flags_of(flags);
    unsigned begin = 0, end = 0, length = 0;
    REQUIRE_MESSAGE(std::sscanf(range.c_str(), "%u:%u(%u)", &begin, &end, &length) == 3, "range in: " << text);
    segment.seq = begin;
    segment.length = length;
    while (words >> word) {
        if (word == "ack")
            words >> segment.ack;
        else if (word == "win") {
            words >> segment.window;
            named.window_named = true;
        } else if (word == "mss") {
            words >> segment.mss;
            named.mss_named = true;
        } else if (word == "sack") {
            words >> word;
            parse_sack(word, segment);
        } else if (word == "echo") {
            words >> word;
            segment.echo = instant_of(word);
        } else if (word == "noecho")
            segment.echo = tcp::no_echo;
        else if (word == "nosack")
            segment.sack_permitted = false;
        else if (word == "<fastopen>")
            segment.fast_open = tcp::FastOpenOption::Request;
        else if (word == "<fastopen") {
            words >> word;
            segment.fast_open = tcp::FastOpenOption::Cookie;
            segment.cookie = std::stoull(word, nullptr, 16);
        } else
            FAIL("word " << word << " in: " << text);
    }
    return named;
}

class Runner {
public:
    explicit Runner(const Subject& subject) : subject_(subject) {}

    void run(const std::string& script) {
        std::istringstream lines(script);
        for (std::string line; std::getline(lines, line);) {
            std::istringstream words(line);
            std::string time, verb, rest;
            if (!(words >> time >> verb)) continue;
            std::getline(words >> std::ws, rest);
            while (!rest.empty() && rest.back() == ' ') rest.pop_back();
            const Instant at = instant_of(time);
            if (at != now_ || (verb != "<" && !waits(verb))) advance(at);
            step(verb, rest, line);
            passed_ += line + "\n";
        }
        CHECK_MESSAGE(happened_.empty(), passed_ << "then came, unnamed: " << front());
    }

private:
    /// Whether something of what `verb` names has happened: at one instant alarms come after segments.
    [[nodiscard]] bool waits(const std::string& verb) const {
        return std::any_of(happened_.begin(), happened_.end(), [&verb](const auto& entry) {
            return (entry.text[0] == '>') == (verb == ">");
        });
    }

    /// Runs alarms up to and with `at`; what happens before it must have been named already.
    void advance(Instant at) {
        if (at != now_) expect_nothing_left();
        while (connection_.next_alarm() <= at) {
            now_ = connection_.next_alarm();
            if (now_ < at) expect_nothing_left();
            list_.clear();
            connection_.on_alarm(now_, list_);
            collect();
            if (now_ < at) expect_nothing_left();
        }
        if (now_ < at) expect_nothing_left();
        now_ = at;
    }

    void expect_nothing_left() {
        REQUIRE_MESSAGE(happened_.empty(),
                        passed_ << "then came, unnamed, at " << to_ms(now_ - Instant{}) << " ms: " << front());
    }
    [[nodiscard]] std::string front() const { return happened_.empty() ? "" : happened_.front().text; }

    /// Takes what a step has made; a full list goes on.
    void collect() {
        while (true) {
            const bool full = !list_.room();
            for (const Segment& segment : list_.segments()) {
                happened_.push_back({"> " + describe(segment), segment});
                last_sent_ = segment.sent_at;
            }
            for (const tcp::Notice& notice : list_.notices()) happened_.push_back({"event " + describe(notice), {}});
            if (!full) break;
            list_.clear();
            connection_.resume(now_, list_);
        }
        if (const char* what = connection_.inconsistency())
            FAIL(passed_ << "then the connection contradicts itself: " << std::string(what));
    }

    void step(const std::string& verb, const std::string& rest, const std::string& line) {
        if (verb == "call") return call(rest);
        if (verb == "<") return arrive(parse_segment(rest, last_sent_).segment);
        if (verb == "window") return check_window(rest, line);
        REQUIRE_MESSAGE((verb == ">" || verb == "event"), "verb in: " << line);
        const Named named = verb == ">" ? parse_segment(rest, last_sent_) : Named{};
        const std::string wanted = verb == ">" ? "> " + describe(named.segment, named) : "event " + rest;
        // Segments and notices of one instant are separate lists: order is checked within each.
        std::size_t at = 0;
        while (at < happened_.size() && (happened_[at].text[0] == '>') != (verb == ">")) ++at;
        REQUIRE_MESSAGE(at < happened_.size(), passed_ << "then missing: " << line);
        const std::string got = verb == ">" ? "> " + describe(happened_[at].segment, named) : happened_[at].text;
        REQUIRE_MESSAGE(got == wanted, passed_ << "then wanted " << wanted << " but got " << got);
        happened_.erase(happened_.begin() + static_cast<std::ptrdiff_t>(at));
    }

    /// "CWND|any [SSTHRESH|never]", in segments.
    void check_window(const std::string& text, const std::string& line) {
        std::istringstream words(text);
        std::string cwnd, ssthresh;
        words >> cwnd >> ssthresh;
        const tcp::Window& window = connection_.window();
        CHECK_MESSAGE((cwnd == "any" || cwnd == std::to_string(window.cwnd)),
                      passed_ << "then " << line << " but cwnd is " << window.cwnd);
        const std::string threshold =
            window.ssthresh == tcp::ssthresh_never ? "never" : std::to_string(window.ssthresh);
        CHECK_MESSAGE((ssthresh.empty() || ssthresh == threshold),
                      passed_ << "then " << line << " but ssthresh is " << threshold);
    }

    void call(const std::string& text) {
        std::istringstream words(text);
        std::string what;
        std::uint32_t bytes = 0;
        words >> what;
        words >> bytes;
        list_.clear();
        if (what == "connect") {
            tcp::FastOpenAttempt attempt;
            if (subject_.fast_open) attempt.mode = tcp::FastOpenAttempt::Mode::RequestCookie;
            if (subject_.cookie)
                attempt = {tcp::FastOpenAttempt::Mode::SendCookie, false, *subject_.cookie, subject_.cached_mss, false};
            connection_.open(now_, subject_.settings, {}, Slot{0, 1}, attempt, bytes, {}, list_);
        } else if (what == "write")
            connection_.write(now_, bytes, {}, list_);
        else if (what == "close")
            connection_.close(now_, list_);
        else if (what == "half_close")
            connection_.half_close(now_, list_);
        else if (what == "abort")
            connection_.abort(now_, list_);
        else if (what == "stop_reading")
            connection_.set_reading(now_, false, 0, list_);
        else if (what == "read")
            connection_.set_reading(now_, true, 0, list_);
        else if (what == "too_big")
            connection_.on_too_big(now_, bytes, list_);
        else
            FAIL("call " << what);
        collect();
    }

    void arrive(Segment segment) {
        segment.sent_at = now_;
        list_.clear();
        if (subject_.server && connection_.state() == tcp::State::Closed && segment.syn()) {
            const tcp::FastOpenVerdict verdict =
                tcp::judge_syn(subject_.fast_open, segment, tcp::RightCookies{subject_.cookie.value_or(0)});
            connection_.accept(now_, subject_.settings, Slot{0, 1}, segment, verdict, list_);
        } else {
            connection_.on_segment(now_, segment, list_);
        }
        collect();
    }

    const Subject& subject_;
    tcp::Connection connection_;
    tcp::Step list_;
    Instant now_{};
    Instant last_sent_ = tcp::no_echo; ///< the peer echoes the newest timestamp
    struct Happened {
        std::string text;
        Segment segment;
    };
    std::vector<Happened> happened_;
    std::string passed_;
};

} // namespace

Subject client() { return {}; }

Subject server() {
    Subject subject;
    subject.server = true;
    return subject;
}

std::string client_handshake() {
    return R"(
         0  call  connect
         0  >     S  0:0(0)
       100  <     S. 0:0(0) ack 1
       100  >     .  1:1(0) ack 1
       100  event connected
    )";
}

std::string server_handshake() {
    return R"(
         0  <     S  0:0(0)
         0  >     S. 0:0(0) ack 1
       100  <     .  1:1(0) ack 1
       100  event accepted
    )";
}

std::string sends(const std::string& ms, unsigned first, unsigned last, bool pushed) {
    std::string lines;
    for (unsigned n = first; n <= last; ++n)
        lines += fmt::format("{} > {} {}:{}(1448) ack 1\n", ms, pushed && n == last ? "P." : ".", begin_of(n),
                             begin_of(n + 1));
    return lines;
}

std::string sacks(const std::string& ms, unsigned first, unsigned last) {
    std::string lines;
    for (unsigned n = first; n <= last; ++n)
        lines += fmt::format("{} < . 1:1(0) ack 1 sack {}:{}\n", ms, begin_of(first), begin_of(n + 1));
    return lines;
}

void run_timeline(const Subject& subject, const std::string& script) { Runner(subject).run(script); }

} // namespace firstbyte::test
