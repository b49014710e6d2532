#include "report/packet_facts.hpp"

#include "core/check.hpp"
#include "firstbyte/report.hpp"

#include <algorithm>
#include <array>
#include <cstddef>

#include <fmt/format.h>

namespace firstbyte {
namespace report {
namespace {

/// Differences modulo 2^32, RFC 9293 section 3.4.
bool at_or_before(std::uint32_t a, std::uint32_t b) { return static_cast<std::int32_t>(a - b) <= 0; }

/// What one side has sent so far, to tell a packet that is sent again.
struct Sent {
    bool any = false;
    std::uint32_t end = 0;

    /// Counts the packet; true when it carries nothing that was not sent before.
    bool again(const TracePacket& packet) {
        const std::uint32_t controls = (has(packet, flag::syn) ? 1U : 0U) + (has(packet, flag::fin) ? 1U : 0U);
        const bool takes_space = packet.length + controls > 0;
        const std::uint32_t packet_end = packet.seq + packet.length + controls;
        const bool repeated = any && takes_space && at_or_before(packet_end, end);
        if (takes_space && !repeated) end = packet_end;
        any = any || takes_space;
        return repeated;
    }
};

/// Sequence numbers of the first bytes of responses, ascending.
std::vector<std::uint32_t> response_starts(const TraceConnection& trace) {
    std::vector<std::uint32_t> starts;
    std::uint32_t begin = 1;
    for (const TraceMessage& message : trace.messages) {
        if (message.up) continue;
        if (message.kind == TraceMessage::Kind::Response) starts.push_back(begin);
        begin += message.length;
    }
    return starts;
}

/// The SYN whose data the SYN-ACK at `index` answers: the last one before it that arrived with payload.
void judge_syn_data(const TraceConnection& trace, std::size_t index, std::vector<PacketFacts>& facts) {
    const TracePacket& answer = trace.packets[index];
    for (std::size_t n = index; n-- > 0;) {
        const TracePacket& syn = trace.packets[n];
        if (!syn.up || !has(syn, flag::syn) || has(syn, flag::ack) || syn.arrives == never) continue;
        const bool carries = syn.length != 0 || syn.tfo == TracePacket::Tfo::Cookie;
        if (!carries) continue;
        const bool taken = answer.ack == 1 + syn.length && syn.length != 0;
        facts[index].answers_data = taken;
        facts[index].leaves_data = !taken && syn.length != 0;
        if (facts[n].syn_data != PacketFacts::SynData::Unanswered) return; // an earlier SYN-ACK has said it
        facts[n].syn_data = taken ? PacketFacts::SynData::Taken : PacketFacts::SynData::Ignored;
        facts[n].new_cookie = answer.tfo == TracePacket::Tfo::Cookie;
        return;
    }
}

std::string syn_words(const TracePacket& packet, const PacketFacts& facts) {
    using Tfo = TracePacket::Tfo;
    const std::string form = packet.tfo_experimental ? " (experimental option)" : "";
    if (packet.tfo == Tfo::Request) return "TFO cookie request" + form;
    if (packet.length == 0) return packet.tfo == Tfo::Cookie ? "TFO SYN, cookie, no data" + form : "SYN";
    const bool cookie = packet.tfo == Tfo::Cookie;
    const std::string head = cookie ? "TFO SYN+data" + form + ", " : "SYN+data without a cookie, ";
    switch (facts.syn_data) {
    case PacketFacts::SynData::Taken: return head + (cookie ? "cookie good" : "taken");
    case PacketFacts::SynData::Ignored: return head + (facts.new_cookie ? "cookie wrong" : "ignored by the server");
    case PacketFacts::SynData::Unanswered:
    case PacketFacts::SynData::None: return head + "no answer";
    }
    invariant_broken("what becomes of SYN data is one of the enumerators", "switch", __FILE__, __LINE__);
}

std::string syn_ack_words(const TracePacket& packet, const PacketFacts& facts) {
    std::string words = "SYN-ACK";
    if (facts.answers_data) words += ", takes the SYN's data";
    if (facts.leaves_data) words += ", leaves the SYN's data out";
    if (packet.tfo == TracePacket::Tfo::Cookie) words += ", gives a cookie";
    return words;
}

} // namespace

std::vector<PacketFacts> facts_of(const TraceConnection& trace) {
    std::vector<PacketFacts> facts(trace.packets.size());
    const std::vector<std::uint32_t> starts = response_starts(trace);
    std::size_t next_start = 0;
    std::array<Sent, 2> sent{};
    std::array<std::uint32_t, 2> probes{}; // by direction (down, up), without a sign of life from the other side
    std::array<bool, 2> closed_window{};   // the last window that the side announced was 0
    bool synchronized = false, handshake_done = false;
    for (std::size_t n = 0; n < trace.packets.size(); ++n) {
        const TracePacket& packet = trace.packets[n];
        const std::size_t own = packet.up ? 1 : 0, other = packet.up ? 0 : 1;
        PacketFacts& fact = facts[n];
        fact.again = sent[own].again(packet);
        if (has(packet, flag::syn) && packet.up && !has(packet, flag::ack) && packet.length != 0)
            fact.syn_data = PacketFacts::SynData::Unanswered;
        if (has(packet, flag::syn | flag::ack) && !packet.up) {
            judge_syn_data(trace, n, facts);
            synchronized = true;
        }
        fact.ends_handshake = packet.up && plain(packet) && synchronized && !handshake_done;
        handshake_done = handshake_done || fact.ends_handshake;
        if (!packet.up && packet.length != 0 && !fact.again) {
            const std::uint32_t end = payload_begin(packet) + packet.length;
            for (; next_start < starts.size() && !at_or_before(end, starts[next_start]); ++next_start)
                fact.first_byte = true;
        }
        if (packet.keepalive_probe) {
            fact.probe = ++probes[own];
            fact.window_probe = closed_window[other];
        }
        if (packet.arrives != never) probes[other] = 0;
        if (!has(packet, flag::rst)) closed_window[own] = packet.window == 0;
    }
    return facts;
}

const char* act_words(TracePacket::Act act) {
    switch (act) {
    case TracePacket::Act::Forward: return "";
    case TracePacket::Act::Drop: return "dropped by a path rule";
    case TracePacket::Act::TailDrop: return "dropped: the queue is full";
    case TracePacket::Act::StripTfo: return "the path strips the Fast Open option";
    case TracePacket::Act::StripData: return "the path strips the data";
    case TracePacket::Act::CorruptCookie: return "the path corrupts the cookie";
    case TracePacket::Act::Lost: return "lost on the path";
    case TracePacket::Act::TooBig: return "dropped: larger than the path's MTU";
    case TracePacket::Act::Blackhole: return "lost: no route";
    case TracePacket::Act::Loop: return "lost in a routing loop";
    case TracePacket::Act::Foreign: return "this PoP has no such connection";
    case TracePacket::Act::Copy: return "a copy that the path made";
    }
    invariant_broken("what happens to a packet is one of the enumerators", "switch", __FILE__, __LINE__);
}

std::string probe_words(const PacketFacts& facts) {
    if (facts.probe == 0) return {};
    return fmt::format("{} probe {}", facts.window_probe ? "zero-window" : "keepalive", facts.probe);
}

std::string packet_comment(const TracePacket& packet, const PacketFacts& facts) {
    std::string words;
    const auto add = [&words](const std::string& more) {
        if (!more.empty()) words += (words.empty() ? "" : ", ") + more;
    };
    if (has(packet, flag::syn)) add(has(packet, flag::ack) ? syn_ack_words(packet, facts) : syn_words(packet, facts));
    if (has(packet, flag::rst)) add("reset");
    if (has(packet, flag::fin)) add("end of the stream");
    if (facts.ends_handshake) add("ends the handshake");
    if (facts.first_byte) add("first byte");
    add(!packet.note.empty() ? packet.note : packet.length != 0 ? fmt::format("data ({} B)", packet.length) : "");
    add(probe_words(facts));
    if (facts.again) add("sent again");
    add(act_words(packet.act));
    return words.empty() ? "ACK" : words;
}

} // namespace report

std::vector<TraceConnection> filtered(std::vector<TraceConnection> traces, PacketFilter filter) {
    if (filter == PacketFilter::All) return traces;
    for (TraceConnection& trace : traces) {
        std::vector<TracePacket> kept;
        bool waits = false, probe_up = false; // for the answer to a probe
        for (const TracePacket& packet : trace.packets) {
            const bool answer = waits && packet.up != probe_up;
            const bool keep =
                filter == PacketFilter::Syn ? report::has(packet, report::flag::syn) : packet.keepalive_probe || answer;
            if (answer) waits = false;
            if (packet.keepalive_probe) {
                waits = true;
                probe_up = packet.up;
            }
            if (keep) kept.push_back(packet);
        }
        trace.packets = std::move(kept);
    }
    return traces;
}

} // namespace firstbyte
