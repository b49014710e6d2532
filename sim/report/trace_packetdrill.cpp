// A traced connection as a packetdrill script (google/packetdrill, gtests/net/packetdrill/parser.y).
#include "firstbyte/report.hpp"
#include "report/ip_packet.hpp"
#include "report/packet_facts.hpp"

#include <algorithm>
#include <cstddef>
#include <optional>
#include <utility>

#include <fmt/format.h>

namespace firstbyte {
namespace {

using namespace report;

/// What happens at one end, in order: packets that its kernel sends, packets that reach it.
struct Step {
    Instant at;
    const TracePacket* packet = nullptr;
    const PacketFacts* facts = nullptr;
    bool own = false;
};

/// "P." and the like, in packetdrill's letters.
std::string flag_letters(const TracePacket& packet) {
    std::string out;
    if (has(packet, flag::syn)) out += 'S';
    if (has(packet, flag::fin)) out += 'F';
    if (has(packet, flag::rst)) out += 'R';
    if (has(packet, flag::psh)) out += 'P';
    if (has(packet, flag::ack)) out += '.';
    return out.empty() ? "-" : out;
}

/// Timestamps count milliseconds from the connection's start, from 1 on: 0 means "none".
std::int64_t ticks(Instant at, Instant start) { return (at - start) / std::chrono::milliseconds{1} + 1; }

std::string fast_open_option(const TracePacket& packet) {
    std::string out = packet.tfo_experimental ? "FOEXP" : "FO";
    if (packet.tfo == TracePacket::Tfo::Cookie) out += fmt::format(" {:016x}", packet.cookie);
    return out + (packet.tfo_experimental ? "" : ",nop,nop"); // 2 or 10 bytes are filled up, 4 or 12 need not be
}

/// In Linux's order, as in a capture.
std::string options_text(const TracePacket& packet, Instant start) {
    std::string out;
    const auto add = [&out](const std::string& option) { out += (out.empty() ? "" : ",") + option; };
    if (packet.mss != 0) add(fmt::format("mss {}", packet.mss));
    if (packet.sack_permitted) add(packet.timestamps ? "sackOK" : "nop,nop,sackOK");
    if (packet.timestamps) {
        if (!packet.sack_permitted) add("nop,nop");
        add(fmt::format("TS val {} ecr {}", ticks(packet.timestamp, start),
                        packet.echo >= Instant{} ? ticks(packet.echo, start) : 0));
    }
    if (packet.window_scale >= 0) add(fmt::format("nop,wscale {}", packet.window_scale));
    std::string blocks;
    for (const auto& [begin, end] : packet.sack) blocks += fmt::format(" {}:{}", begin, end);
    if (!blocks.empty()) add("nop,nop,sack" + blocks);
    if (packet.tfo != TracePacket::Tfo::None) add(fast_open_option(packet));
    return out.empty() ? "" : " <" + out + ">";
}

std::string packet_text(const TracePacket& packet, bool own, Instant start) {
    std::string out = fmt::format("{} {} {}:{}({})", own ? '>' : '<', flag_letters(packet), packet.seq,
                                  packet.seq + packet.length, packet.length);
    if (has(packet, flag::ack)) out += fmt::format(" ack {}", packet.ack);
    constexpr std::uint32_t field_max = 65'535;
    out += fmt::format(" win {}", std::min(packet.window_field, field_max));
    return out + options_text(packet, start);
}

/// A packet of the other side as the path leaves it.
TracePacket as_it_arrives(TracePacket packet) {
    switch (packet.act) {
    case TracePacket::Act::StripTfo: packet.tfo = TracePacket::Tfo::None; break;
    case TracePacket::Act::StripData: packet.length = 0; break;
    case TracePacket::Act::CorruptCookie: packet.cookie = ~packet.cookie; break;
    case TracePacket::Act::Forward:
    case TracePacket::Act::Drop:
    case TracePacket::Act::TailDrop:
    case TracePacket::Act::Lost:
    case TracePacket::Act::TooBig:
    case TracePacket::Act::Blackhole:
    case TracePacket::Act::Loop:
    case TracePacket::Act::Copy:
    case TracePacket::Act::Foreign: break;
    }
    return packet;
}

/// Bytes of the other side that have come in without a hole.
class InOrder {
public:
    /// @return bytes that the application can read now
    std::uint32_t add(std::uint32_t begin, std::uint32_t length) {
        if (length != 0) ranges_.emplace_back(begin, begin + length);
        std::sort(ranges_.begin(), ranges_.end());
        const std::uint32_t before = next_;
        for (const auto& [from, to] : ranges_)
            if (from <= next_) next_ = std::max(next_, to);
        std::erase_if(ranges_, [this](const auto& range) { return range.second <= next_; });
        return next_ - before;
    }

private:
    std::vector<std::pair<std::uint32_t, std::uint32_t>> ranges_;
    std::uint32_t next_ = 1;
};

class Script {
public:
    Script(const TraceConnection& trace, TraceEnd end)
        : trace_(trace), server_(end == TraceEnd::Server), facts_(facts_of(trace)), now_(trace.start) {
        for (std::size_t n = 0; n < trace.packets.size(); ++n) {
            const TracePacket& packet = trace.packets[n];
            if (server_ && packet.other_pop >= 0) continue; // another server's
            const bool own = packet.up != server_;
            if (own && packet.act == TracePacket::Act::Copy) continue; // the path made it
            if (own) steps_.push_back({packet.at, &packet, &facts_[n], true});
            if (!own && packet.arrives != never) steps_.push_back({packet.arrives, &packet, &facts_[n], false});
        }
        // Where a packet comes in at the instant at which another leaves, it is the cause.
        std::stable_sort(steps_.begin(), steps_.end(),
                         [](const Step& a, const Step& b) { return a.at != b.at ? a.at < b.at : !a.own && b.own; });
    }

    std::string text() {
        out_ += fmt::format("// connection {} of client {} with {}, as its {} sees it\n", trace_.connection + 1,
                            trace_.client, trace_.pop, server_ ? "server" : "client");
        out_ += "// Cookies are those of the simulation; the kernel under test makes its own from its key.\n";
        out_ += fmt::format("--local_ip={}\n--remote_ip={}\n",
                            dotted(server_ ? trace_.server_address : trace_.client_address),
                            dotted(server_ ? trace_.client_address : trace_.server_address));
        if (server_)
            listen();
        else
            open();
        for (const Step& step : steps_) {
            if (step.own)
                sent(step);
            else
                came(step);
        }
        return std::move(out_);
    }

private:
    void line(Instant at, const std::string& what, const std::string& comment = "") {
        const std::int64_t us = std::max<std::int64_t>((at - now_) / std::chrono::microseconds{1}, 0);
        now_ = std::max(now_, now_ + std::chrono::microseconds{us}); // what is below a microsecond is carried over
        out_ += fmt::format("{:>12} {}{}{}\n", fmt::format("+{}.{:06}", us / 1'000'000, us % 1'000'000), what,
                            comment.empty() ? "" : "  // ", comment);
    }

    void socket() { out_ += fmt::format("{:>12} socket(..., SOCK_STREAM, IPPROTO_TCP) = 3\n", "0"); }

    void listen() {
        socket();
        line(now_, "setsockopt(3, SOL_SOCKET, SO_REUSEADDR, [1], 4) = 0");
        const bool fast_open = std::any_of(steps_.begin(), steps_.end(), [](const Step& step) {
            return step.own && (step.facts->answers_data || step.packet->tfo != TracePacket::Tfo::None);
        });
        if (fast_open) line(now_, "setsockopt(3, SOL_TCP, TCP_FASTOPEN, [256], 4) = 0");
        line(now_, "bind(3, ..., ...) = 0");
        line(now_, "listen(3, 4096) = 0");
    }

    /// The first call of a client: it writes with Fast Open when its SYN has the option or data, else it connects.
    void open() {
        socket();
        if (steps_.empty()) return;
        const TracePacket& syn = *steps_.front().packet;
        const bool fast_open = syn.tfo != TracePacket::Tfo::None || syn.length != 0;
        const bool waits = !fast_open || syn.tfo == TracePacket::Tfo::Request; // else the call returns at once
        const std::optional<Instant> connected = event("connected"), closed = event("closed");
        const Instant until = connected ? *connected : closed ? *closed : trace_.start;
        std::string result = "0";
        if (fast_open) result = std::to_string(write_from(1));
        if (waits && !connected && !trace_.error.empty()) result = "-1 " + trace_.error;
        std::string call = fast_open
                               ? fmt::format("sendto(3, ..., {}, MSG_FASTOPEN, ..., ...) = {}", write_from(1), result)
                               : "connect(3, ..., ...) = " + result;
        const std::int64_t us = (until - trace_.start) / std::chrono::microseconds{1};
        if (waits)
            out_ += fmt::format("{:>12} {}\n", fmt::format("+0...{}.{:06}", us / 1'000'000, us % 1'000'000), call);
        else
            line(now_, call);
        if (fast_open) written_ = 1 + write_from(1);
        descriptor_ = 3;
    }

    /// What this end sends; before data that it has not sent yet, the call that writes them.
    void sent(const Step& step) {
        const TracePacket& packet = *step.packet;
        const std::uint32_t begin = payload_begin(packet);
        if (packet.length != 0 && descriptor_ != 0 && begin + packet.length > written_) {
            const std::uint32_t bytes = write_from(written_);
            line(step.at, fmt::format("write({}, ..., {}) = {}", descriptor_, bytes, bytes));
            written_ += bytes;
        }
        if (has(packet, flag::fin) && !closed_ && descriptor_ != 0) {
            line(step.at, fmt::format("close({}) = 0", descriptor_));
            closed_ = true;
        }
        line(step.at, packet_text(packet, true, trace_.start), act_words(packet.act));
        // A listener's application has a connection when the handshake is over, or when SYN data were taken.
        if (server_ && descriptor_ == 0 && step.facts->answers_data) accept(step.at);
    }

    void came(const Step& step) {
        const TracePacket packet = as_it_arrives(*step.packet);
        line(step.at, packet_text(packet, false, trace_.start),
             packet.act == TracePacket::Act::Forward ? "" : act_words(packet.act));
        readable_ += arrived_.add(payload_begin(packet), packet.length);
        if (server_ && descriptor_ == 0 && step.facts->ends_handshake) accept(step.at);
        if (descriptor_ != 0) read(step.at);
    }

    void accept(Instant at) {
        line(at, "accept(3, ..., ...) = 4");
        descriptor_ = 4;
        read(at);
    }

    void read(Instant at) {
        if (readable_ == 0 || closed_) return;
        line(at, fmt::format("read({}, ..., {}) = {}", descriptor_, readable_, readable_));
        readable_ = 0;
    }

    /// Bytes of the write that begins at `begin`. A segment with PSH ends one, as Linux sets it; so does a SYN, which
    /// has no PSH, when a message ends with it.
    [[nodiscard]] std::uint32_t write_from(std::uint32_t begin) const {
        std::uint32_t last = begin;
        for (const Step& step : steps_) {
            const TracePacket& packet = *step.packet;
            const std::uint32_t end = payload_begin(packet) + packet.length;
            if (!step.own || packet.length == 0 || end <= begin) continue;
            last = std::max(last, end);
            if (has(packet, flag::psh) || (has(packet, flag::syn) && message_ends_at(end))) break;
        }
        return last - begin;
    }

    [[nodiscard]] bool message_ends_at(std::uint32_t end) const {
        std::uint32_t sum = 1;
        for (const TraceMessage& message : trace_.messages) {
            if (message.up == server_) continue;
            sum += message.length;
            if (sum == end) return true;
        }
        return false;
    }

    [[nodiscard]] std::optional<Instant> event(const char* name) const {
        for (const auto& [what, at] : trace_.events)
            if (what == name) return at;
        return std::nullopt;
    }

    const TraceConnection& trace_;
    bool server_;
    std::vector<PacketFacts> facts_;
    std::vector<Step> steps_;
    std::string out_;
    Instant now_;               ///< of the line before
    int descriptor_ = 0;        ///< of the connection; 0: the application has none yet
    std::uint32_t written_ = 1; ///< sequence number behind what the application has written
    std::uint32_t readable_ = 0;
    InOrder arrived_;
    bool closed_ = false;
};

} // namespace

std::string trace_packetdrill(const TraceConnection& trace, TraceEnd end) { return Script(trace, end).text(); }

} // namespace firstbyte
