#include "net/host.hpp"

namespace firstbyte::net {

using engine::EventClass;
using tcp::Segment;
using tcp::State;

Slot Host::acquire(std::uint32_t path) {
    const Slot slot = connections_.acquire();
    ++books.connections_opened;
    if (watches_.size() <= slot.index) watches_.resize(slot.index + 1);
    watches_[slot.index] = Watch{};
    tcp::Connection& connection = connections_[slot.index];
    connection.path = path;
    ++paths_[path].users;
    connection.event_at = never;
    return slot;
}

Slot Host::open(std::uint32_t path, const tcp::Settings& settings, const tcp::FlowName& flow,
                const tcp::FastOpenAttempt& attempt, std::uint32_t bytes, const tcp::Label& label,
                std::uint32_t client) {
    if (!ports.take()) return Slot{};
    books.bytes_written += bytes;
    using Mode = tcp::FastOpenAttempt::Mode;
    const Slot slot = acquire(path);
    tcp::Connection& connection = connections_[slot.index];
    network_.step.clear();
    connection.open(network_.now(), settings, flow, slot, attempt, bytes, label, network_.step);
    Watch& watch = watches_[slot.index];
    watch.active = watch.application = true;
    watch.client = client;
    watch.mode = attempt.mode == Mode::Cookieless && connection.syn_payload() == 0 ? Mode::Off : attempt.mode;
    watch.experimental = attempt.experimental;
    watch.probing = attempt.probing;
    watch.counts_timeouts = watch.mode != Mode::Off;
    // Linux looks at the end of a connection only when its SYN had the option (tcp_fastopen_active_disable_ofo_check).
    watch.judged_at_end = watch.mode == Mode::SendCookie || watch.mode == Mode::RequestCookie;
    flush(slot.index);
    return slot;
}

void Host::write(std::uint32_t index, std::uint32_t bytes, const tcp::Label& label) {
    books.bytes_written += bytes;
    network_.step.clear();
    connections_[index].write(network_.now(), bytes, label, network_.step);
    flush(index);
}

void Host::close(std::uint32_t index) {
    network_.step.clear();
    connections_[index].close(network_.now(), network_.step);
    watches_[index].closed = true;
    after_step(index, nullptr);
    flush(index);
}

void Host::half_close(std::uint32_t index) {
    network_.step.clear();
    connections_[index].half_close(network_.now(), network_.step);
    after_step(index, nullptr);
    flush(index);
}

void Host::set_reading(std::uint32_t index, bool reading, std::uint32_t unread) {
    if (!reading) books.bytes_delivered -= unread; // it comes again when the application reads on
    network_.step.clear();
    connections_[index].set_reading(network_.now(), reading, unread, network_.step);
    flush(index);
}

void Host::abort(std::uint32_t index) {
    network_.step.clear();
    connections_[index].abort(network_.now(), network_.step);
    watches_[index].closed = true;
    after_step(index, nullptr);
    flush(index);
}

/// Messages of the network, and segments that do not name a connection that is here.
void Host::on_other_segment(const Segment& segment, std::uint32_t answer_path) {
    if (segment.too_big_mtu != 0) return on_too_big(segment);
    if (segment.unreachable != Segment::Unreachable::None) return on_unreachable(segment);
    if (tcp::known(segment.to)) return answer_unknown(segment, answer_path);
    const std::uint32_t* passive = passive_.find(segment.flow.key());
    const bool opens = segment.syn() && !segment.has_ack();
    if (passive != nullptr) {
        const std::uint32_t index = *passive;
        if (!opens || !renews(index, segment)) return deliver(index, segment);
        forget(index);
    }
    if (opens) return take_syn(segment, answer_path);
    if (!take_syn_cookie(segment, answer_path)) answer_unknown(segment, answer_path);
}

void Host::on_too_big(const Segment& message) {
    if (!connections_.live(message.to)) return;
    network_.step.clear();
    connections_[message.to.index].on_too_big(network_.now(), message.too_big_mtu, network_.step);
    flush(message.to.index);
}

void Host::on_unreachable(const Segment& message) {
    if (!connections_.live(message.to)) return;
    network_.step.clear();
    connections_[message.to.index].on_unreachable(message.unreachable == Segment::Unreachable::Host, network_.step);
    after_step(message.to.index, nullptr);
    flush(message.to.index);
}

void Host::deliver(std::uint32_t index, const Segment& segment) {
    tcp::Connection& connection = connections_[index];
    Watch& watch = watches_[index];
    if (watch.place == Watch::Place::HalfOpen && overflows(index, segment)) return;
    const State before = connection.state();
    network_.step.clear();
    connection.on_segment(network_.now(), segment, network_.step);
    const State after = connection.state();
    if (after == State::TimeWait && before != State::TimeWait) watch.newest = segment.sent_at;
    if (segment.rst() && before == State::Established && after == State::Established) on_reset_ignored(index);
    after_step(index, &segment);
    flush(index, connection);
}

/// No connection: RST to any segment that is not one itself (RFC 9293 section 3.10.7.1).
void Host::answer_unknown(const Segment& segment, std::uint32_t answer_path) {
    if (segment.rst() || !powered_) return;
    Segment reset;
    reset.flow = segment.flow;
    reset.to = segment.from;
    reset.server = segment.server;
    reset.timestamps = segment.timestamps;
    reset.sent_at = network_.now();
    reset.echo = tcp::no_echo;
    if (segment.has_ack()) {
        reset.flags = tcp::flag::rst;
        reset.seq = segment.ack;
    } else {
        reset.flags = tcp::flag::rst | tcp::flag::ack;
        reset.ack = segment.seq + segment.sequence_length();
    }
    network_.send(paths_[answer_path], reset); // 40 or 52 bytes: smaller than any MTU
}

void Host::on_alarm(std::uint32_t index) {
    if (!connections_.in_use(index)) return;
    tcp::Connection& connection = connections_[index];
    if (connection.event_at != network_.now()) return; // an earlier event took this one's place
    connection.event_at = never;
    network_.step.clear();
    connection.on_alarm(network_.now(), network_.step);
    after_step(index, nullptr);
    flush(index);
}

void Host::settle(std::uint32_t index, const Segment* segment) {
    const Watch& watch = watches_[index];
    const State state = connections_[index].state();
    if (watch.place != Watch::Place::None && state != State::SynReceived)
        leave_queue(index, segment != nullptr && segment->rst() && state == State::Closed);
    // Linux frees the socket once it needs no more than a TIME-WAIT entry: in FIN-WAIT-2 when the application is gone.
    const bool socket_gone =
        state == State::TimeWait || state == State::Closed || (state == State::FinWait2 && watch.closed);
    if (watch.judged_at_end && socket_gone) on_end(index);
}

void Host::flush(std::uint32_t index, tcp::Connection& connection) {
    tcp::Step& step = network_.step;
    while (true) {
        const bool full = !step.room();
        send_segments(connection);
        if (!step.notices().empty()) pass_notices(index);
        if (!full) break;
        step.clear();
        connection.resume(network_.now(), step);
    }
    const Instant next = connection.next_alarm();
    if (next < connection.event_at) {
        connection.event_at = next;
        network_.engine().schedule(make_event(next, EventClass::Alarm, entity_, alarm_object(side_, index)));
    }
}

inline void Host::send_segments(tcp::Connection& connection) {
    if (network_.step.segments().empty()) return;
    Path& path = paths_[connection.path];
    for (Segment& segment : network_.step.segments())
        if (network_.send(path, segment) == Network::Sent::TooBig)
            network_.return_too_big(path, paths_[path.back], segment);
}

/// Tells the application, if it has the connection; whoever owns the host learns of the end in any case, to release it.
void Host::pass_notices(std::uint32_t index) {
    for (const tcp::Notice& notice : network_.step.notices()) {
        if (notice.kind != tcp::NoticeKind::Data) {
            pass_notice(index, notice);
        } else if (watches_[index].application) {
            books.bytes_delivered += notice.bytes;
            tell(index, notice);
        }
    }
}

void Host::pass_notice(std::uint32_t index, const tcp::Notice& notice) {
    Watch& watch = watches_[index];
    if (notice.kind == tcp::NoticeKind::BlackholeSuspected) return on_timeouts(index);
    if (notice.kind == tcp::NoticeKind::Connected) on_connected(index);
    if (notice.kind == tcp::NoticeKind::Accepted) {
        watch.application = listener.settings->application_accepts;
        if (listener.on_demand) tell(index, {tcp::NoticeKind::Waiting, 0, {}});
    }
    if (watch.application || notice.kind == tcp::NoticeKind::Gone) tell(index, notice);
}

inline void Host::tell(std::uint32_t index, const tcp::Notice& notice) {
    HostNotice& told = network_.notices.push_place();
    told.entity = entity_;
    told.side = side_;
    told.slot = connections_.slot_at(index);
    told.notice = notice;
}

void Host::release(std::uint32_t index) {
    const std::uint64_t flow = connections_[index].flow().key();
    if (const std::uint32_t* passive = passive_.find(flow); passive != nullptr && *passive == index)
        passive_.erase(flow);
    if (watches_[index].active) ports.give_back();
    --paths_[connections_[index].path].users;
    connections_.release(index);
    ++books.connections_closed;
}

} // namespace firstbyte::net
