#include "net/host.hpp"

namespace firstbyte::net {

using engine::EventClass;
using tcp::Segment;

Slot Host::open(std::uint32_t path, const tcp::Settings& settings, const tcp::FlowName& flow,
                const tcp::FastOpenAttempt& attempt, std::uint32_t bytes, const tcp::Label& label) {
    const Slot slot = connections_.acquire();
    tcp::Connection& connection = connections_[slot.index];
    connection.path = path;
    connection.event_at = never;
    network_.step.clear();
    connection.open(network_.now(), settings, flow, slot, attempt, bytes, label, network_.step);
    flush(slot.index);
    return slot;
}

void Host::write(std::uint32_t index, std::uint32_t bytes, const tcp::Label& label) {
    network_.step.clear();
    connections_[index].write(network_.now(), bytes, label, network_.step);
    flush(index);
}

void Host::close(std::uint32_t index) {
    network_.step.clear();
    connections_[index].close(network_.now(), network_.step);
    flush(index);
}

void Host::abort(std::uint32_t index) {
    network_.step.clear();
    connections_[index].abort(network_.now(), network_.step);
    flush(index);
}

void Host::on_segment(const Segment& segment, std::uint32_t answer_path) {
    std::uint32_t index = 0;
    if (tcp::known(segment.to)) {
        if (!connections_.live(segment.to)) return answer_unknown(segment, answer_path);
        index = segment.to.index;
    } else {
        const std::uint32_t* passive = passive_.find(segment.flow.key());
        if (passive == nullptr) {
            if (segment.syn() && !segment.has_ack()) return take_syn(segment, answer_path);
            return answer_unknown(segment, answer_path);
        }
        index = *passive;
    }
    network_.step.clear();
    connections_[index].on_segment(network_.now(), segment, network_.step);
    flush(index);
}

void Host::take_syn(const Segment& syn, std::uint32_t answer_path) {
    if (listener.settings == nullptr || listener.mode == Listener::Mode::Refuse)
        return answer_unknown(syn, answer_path);
    if (listener.mode == Listener::Mode::DropSyn) return;
    const bool asks = syn.fast_open != tcp::FastOpenOption::None;
    const std::uint64_t right_cookie = asks ? tcp::make_cookie(listener.key, syn.flow.address, listener.address) : 0;
    const tcp::FastOpenVerdict verdict = tcp::judge_syn(listener.settings->fast_open, syn, right_cookie);
    counters.cookie_requested += syn.fast_open == tcp::FastOpenOption::Request ? 1 : 0;
    counters.passive += verdict.accept_data ? 1 : 0;
    counters.passive_fail += verdict.wrong_cookie ? 1 : 0;

    const Slot slot = connections_.acquire();
    tcp::Connection& connection = connections_[slot.index];
    connection.path = answer_path;
    connection.event_at = never;
    passive_.insert(syn.flow.key(), slot.index);
    network_.step.clear();
    connection.accept(network_.now(), *listener.settings, slot, syn, verdict, network_.step);
    flush(slot.index);
}

/// No connection: RST to any segment that is not one itself (RFC 9293 section 3.10.7.1).
void Host::answer_unknown(const Segment& segment, std::uint32_t answer_path) {
    if (segment.rst()) return;
    Segment reset;
    reset.flow = segment.flow;
    reset.to = segment.from;
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
    network_.send(paths_[answer_path], reset);
}

void Host::on_alarm(std::uint32_t index) {
    if (!connections_.in_use(index)) return;
    tcp::Connection& connection = connections_[index];
    if (connection.event_at != network_.now()) return; // an earlier event took this one's place
    connection.event_at = never;
    network_.step.clear();
    connection.on_alarm(network_.now(), network_.step);
    flush(index);
}

void Host::flush(std::uint32_t index) {
    tcp::Connection& connection = connections_[index];
    while (true) {
        const bool full = !network_.step.room();
        Path& path = paths_[connection.path];
        for (Segment& segment : network_.step.segments()) network_.send(path, segment);
        for (const tcp::Notice& notice : network_.step.notices())
            network_.notices.push_back({entity_, side_, connections_.slot_at(index), notice});
        if (!full) break;
        network_.step.clear();
        connection.resume(network_.now(), network_.step);
    }
    const Instant next = connection.next_alarm();
    if (next < connection.event_at) {
        connection.event_at = next;
        network_.engine().schedule(make_event(next, EventClass::Alarm, entity_, alarm_object(side_, index)));
    }
}

void Host::release(std::uint32_t index) {
    const std::uint64_t flow = connections_[index].flow().key();
    if (const std::uint32_t* passive = passive_.find(flow); passive != nullptr && *passive == index)
        passive_.erase(flow);
    connections_.release(index);
}

} // namespace firstbyte::net
