#include "net/lab.hpp"

#include <algorithm>
#include <optional>

namespace firstbyte::net {

namespace {

using tcp::FastOpenOption;
using tcp::Segment;

bool matches(PathRule::Match match, const Segment& s) {
    switch (match) {
    case PathRule::Match::Any: return true;
    case PathRule::Match::Syn: return s.syn() && !s.has_ack();
    case PathRule::Match::SynAck: return s.syn() && s.has_ack();
    case PathRule::Match::SynData: return s.syn() && s.length != 0;
    case PathRule::Match::Tfo: return s.fast_open != FastOpenOption::None;
    case PathRule::Match::Data: return !s.syn() && s.length != 0;
    case PathRule::Match::PureAck: return s.flags == tcp::flag::ack && s.length == 0;
    case PathRule::Match::Fin: return s.fin();
    case PathRule::Match::NoSyn: return !s.syn();
    }
    return false;
}

TracePacket describe(Instant now, bool up, const Segment& s) {
    TracePacket packet;
    packet.at = now;
    packet.up = up;
    packet.flags = s.flags;
    packet.seq = s.seq;
    packet.ack = s.ack;
    packet.length = s.length;
    packet.window = s.window;
    packet.mss = s.mss;
    packet.timestamps = s.timestamps;
    packet.timestamp = s.sent_at;
    packet.echo = s.echo;
    packet.sack_permitted = s.sack_permitted;
    packet.tfo_experimental = s.fast_open_experimental;
    packet.keepalive_probe = s.window_probe;
    packet.window_field = s.syn() ? s.window : s.window >> s.window_shift;
    packet.window_scale = s.syn() ? s.window_shift : -1;
    for (std::size_t n = 0; n < s.sack_count; ++n) packet.sack.emplace_back(s.sack[n].begin, s.sack[n].end);
    if (s.fast_open == FastOpenOption::Request) packet.tfo = TracePacket::Tfo::Request;
    if (s.fast_open == FastOpenOption::Cookie) {
        packet.tfo = TracePacket::Tfo::Cookie;
        packet.cookie = s.cookie;
    }
    return packet;
}

/// Messages in the order in which their bytes appear; a label without a length is part of a TLS handshake.
void note_message(TraceConnection& trace, bool up, std::uint32_t bytes, const tcp::Label& label) {
    if (bytes == 0 || label.length == 0) return;
    const auto last = std::find_if(trace.messages.rbegin(), trace.messages.rend(),
                                   [up](const TraceMessage& message) { return message.up == up; });
    if (last != trace.messages.rend() && last->request == label.request) return;
    const auto kind = up ? TraceMessage::Kind::Request : TraceMessage::Kind::Response;
    trace.messages.push_back({kind, up, label.request, label.length, label.info});
}

/// Changes the segment as a rule says. @return what was done, or none when there was nothing to change
std::optional<TracePacket::Act> apply(PathRule::Action action, Segment& segment) {
    switch (action) {
    case PathRule::Action::Drop: return TracePacket::Act::Drop;
    case PathRule::Action::StripTfo:
        if (segment.fast_open == FastOpenOption::None) return std::nullopt;
        segment.fast_open = FastOpenOption::None;
        segment.cookie = 0;
        return TracePacket::Act::StripTfo;
    case PathRule::Action::StripData:
        if (segment.length == 0) return std::nullopt;
        segment.length = 0;
        return TracePacket::Act::StripData;
    case PathRule::Action::CorruptCookie:
        if (segment.fast_open != FastOpenOption::Cookie) return std::nullopt;
        segment.cookie = ~segment.cookie;
        return TracePacket::Act::CorruptCookie;
    case PathRule::Action::Duplicate: break; // the segment itself stays as it is
    }
    return std::nullopt;
}

} // namespace

bool Lab::concerns(const PathRule& rule, Instant now, bool up, const Segment& segment) const {
    if (rule.dir != PathRule::Dir::Both && (rule.dir == PathRule::Dir::Up) != up) return false;
    if (rule.between && (now < rule.between->first || now >= rule.between->second)) return false;
    const std::uint32_t connection = entries_ == 0 ? segment.flow.serial : segment.flow.serial % entries_;
    if (!rule.connections.empty() &&
        std::find(rule.connections.begin(), rule.connections.end(), connection) == rule.connections.end())
        return false;
    return matches(rule.match, segment);
}

/// What the client's middleboxes do to a segment. @return what was done, none when it passed as it was
std::optional<TracePacket::Act> Lab::pass_boxes(bool up, Segment& segment) {
    const bool syn = segment.syn() && up, syn_ack = segment.syn() && !up;
    if (boxes_.blackholed) {
        if (swallowed_.find(segment.flow.key()) != nullptr) return TracePacket::Act::Drop;
        // Sequence numbers start at 0: what is beyond the SYN's own number is data.
        if (syn_ack && segment.ack > 1) swallowed_.insert(segment.flow.key(), true);
    }
    if (boxes_.syn_data_dropped && syn && segment.length != 0) return TracePacket::Act::Drop;
    if (boxes_.option_dropped && syn && segment.fast_open != FastOpenOption::None) return TracePacket::Act::Drop;
    std::optional<TracePacket::Act> done;
    if (boxes_.option_stripped && segment.syn()) done = apply(PathRule::Action::StripTfo, segment);
    if (boxes_.data_stripped && syn) {
        if (const auto stripped = apply(PathRule::Action::StripData, segment)) done = stripped;
    }
    return done;
}

bool Lab::pass(Instant now, bool up, Segment& segment) {
    TracePacket packet = describe(now, up, segment);
    bool forward = true;
    copy_.reset();
    for (std::size_t n = 0; rules_ != nullptr && n < rules_->size() && forward; ++n) {
        const PathRule& rule = (*rules_)[n];
        if (!concerns(rule, now, up, segment)) continue;
        const std::uint32_t count = ++seen_[n][up ? 1 : 0];
        if (rule.nth && (count < rule.nth->first || count > rule.nth->second)) continue;
        forward = rule.action != PathRule::Action::Drop;
        if (rule.action == PathRule::Action::Duplicate) copy_ = rule.delay;
        if (const auto done = apply(rule.action, segment)) packet.act = *done;
    }
    if (forward && boxes_.any()) {
        if (const auto done = pass_boxes(up, segment)) packet.act = *done;
        forward = packet.act != TracePacket::Act::Drop;
    }
    if (TraceConnection* trace = recording_of(segment.flow)) {
        trace->packets.push_back(packet);
        note_message(*trace, up, packet.length, segment.label);
    }
    return forward;
}

void Lab::lost(const Segment& segment, TracePacket::Act how) {
    if (TraceConnection* trace = recording_of(segment.flow)) trace->packets.back().act = how;
}

void Lab::arrives(const Segment& segment, Instant at) {
    if (TraceConnection* trace = recording_of(segment.flow)) trace->packets.back().arrives = at;
}

void Lab::copied(const Segment& segment, Instant at) {
    TraceConnection* trace = recording_of(segment.flow);
    if (trace == nullptr) return;
    TracePacket copy = trace->packets.back();
    copy.act = TracePacket::Act::Copy;
    copy.arrives = at;
    trace->packets.push_back(std::move(copy));
}

void Lab::goes(const Segment& segment, std::int32_t pop) {
    TraceConnection* trace = recording_of(segment.flow);
    if (trace != nullptr && pop != static_cast<std::int32_t>(trace->pop_id.value))
        trace->packets.back().other_pop = pop;
}

void Lab::is_foreign(const Segment& segment, Instant now) {
    TraceConnection* trace = recording_of(segment.flow);
    if (trace == nullptr) return;
    const auto found = std::find_if(trace->packets.rbegin(), trace->packets.rend(), [&](const TracePacket& packet) {
        return packet.up && packet.arrives == now && packet.act == TracePacket::Act::Forward &&
               packet.seq == segment.seq;
    });
    if (found != trace->packets.rend()) found->act = TracePacket::Act::Foreign;
}

TraceConnection* Lab::recording_of(const tcp::FlowName& flow) {
    for (const Recording& recording : recordings_)
        if (recording.flow == flow) return &(*traces_)[recording.trace];
    return nullptr;
}

} // namespace firstbyte::net
