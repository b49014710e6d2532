// What a listener does with SYNs and with the ACKs that end handshakes: two queues, SYN cookies, TIME-WAIT.
#include "net/host.hpp"

namespace firstbyte::net {

using tcp::Segment;
using tcp::State;

void Host::take_syn(const Segment& syn, std::uint32_t answer_path) {
    if (!powered_) return;
    if (listener.settings == nullptr || listener.mode == Listener::Mode::Refuse)
        return answer_unknown(syn, answer_path);
    if (listener.mode == Listener::Mode::DropSyn) return;
    const tcp::Settings& settings = *listener.settings;
    if (queue_.accept_queue_full(settings.backlog)) return queue_.overflow(); // dropped (measured on Linux 6.18)
    if (queue_.syn_queue_full(settings.backlog)) return send_syn_cookie(syn, answer_path);

    const tcp::FastOpenVerdict verdict = judge(syn, answer_path);
    const Slot slot = add_child(syn, verdict, answer_path);
    flush(slot.index);
}

/// Puts the connection of a SYN into its queue; its SYN-ACK waits in the step.
Slot Host::add_child(const Segment& syn, const tcp::FastOpenVerdict& verdict, std::uint32_t path) {
    const Slot slot = acquire(path);
    passive_.insert(syn.flow.key(), slot.index);
    network_.step.clear();
    const tcp::Settings& settings = listener.child != nullptr ? *listener.child : *listener.settings;
    connections_[slot.index].accept(network_.now(), settings, slot, syn, verdict, network_.step);
    Watch& watch = watches_[slot.index];
    if (verdict.accept_data) { // it stands in the accept queue at once
        watch.place = Watch::Place::Pending;
        watch.counts_timeouts = syn.length != 0;
        queue_.fast_open.add();
        stand_in_accept_queue(slot.index);
    } else {
        watch.place = Watch::Place::HalfOpen;
        queue_.syn_came();
    }
    return slot;
}

/// Fast Open's part of a SYN (Linux tcp_try_fastopen): what is counted, and whether there is room for it.
tcp::FastOpenVerdict Host::judge(const Segment& syn, std::uint32_t answer_path) {
    const bool option = syn.fast_open != tcp::FastOpenOption::None;
    if (!option && syn.length == 0) return {};
    const tcp::Settings& settings = *listener.settings;
    bool available = settings.fast_open && settings.pending_limit != 0;
    if (available && !queue_.fast_open.has_room(network_.now(), settings.pending_limit)) {
        count(&FastOpenCounters::listen_overflow, answer_path, syn.flow);
        available = false;
    }
    const tcp::RightCookies right =
        available && option ? listener.key.cookies_of(syn.flow.address, listener.address) : tcp::RightCookies{0};
    const tcp::FastOpenVerdict verdict = judge_syn(available, syn, right, settings.cookieless);
    if (verdict.requested) count(&FastOpenCounters::cookie_requested, answer_path, syn.flow);
    if (verdict.wrong_cookie) count(&FastOpenCounters::passive_fail, answer_path, syn.flow);
    if (verdict.backup_key) count(&FastOpenCounters::passive_alt_key, answer_path, syn.flow);
    if (verdict.accept_data) count(&FastOpenCounters::passive, answer_path, syn.flow);
    return verdict;
}

/// An ACK that would end a handshake for which the accept queue has no place (Linux tcp_v4_syn_recv_sock): it is
/// dropped and the SYN-ACK goes on being repeated, or the handshake is refused.
bool Host::overflows(std::uint32_t index, const Segment& segment) {
    const tcp::Settings& settings = *listener.settings;
    tcp::Connection& connection = connections_[index];
    if (!queue_.accept_queue_full(settings.backlog) || !connection.completes_handshake(segment)) return false;
    queue_.overflow();
    if (!settings.abort_on_overflow) return true;
    answer_unknown(segment, connection.path); // with the number that the peer expects
    drop(index);
    return true;
}

void Host::leave_queue(std::uint32_t index, bool reset_by_peer) {
    Watch& watch = watches_[index];
    const bool pending = watch.place == Watch::Place::Pending;
    watch.place = Watch::Place::None;
    if (pending) {
        // Linux keeps the place of one that the application had taken; one that still waits frees it at once.
        if (reset_by_peer && watch.application)
            queue_.fast_open.remove_reset(network_.now());
        else
            queue_.fast_open.remove();
        return;
    }
    queue_.syn_left();
    if (connections_[index].state() != State::Closed) stand_in_accept_queue(index);
}

/// An application that accepts takes the connection in the same instant, and its place is free again.
void Host::stand_in_accept_queue(std::uint32_t index) {
    if (listener.settings->application_accepts) return;
    queue_.wait();
    if (listener.on_demand) accept_queue_.push_back({connections_.slot_at(index), network_.now()});
    connections_[index].set_reading(network_.now(), false, 0, network_.step);
}

std::optional<Host::Taken> Host::accept_next() {
    while (!accept_queue_.empty()) {
        const Queued next = accept_queue_.front();
        accept_queue_.pop_front();
        queue_.taken();
        if (!connections_.live(next.slot) || connections_[next.slot.index].state() == State::Closed) continue;
        watches_[next.slot.index].application = true;
        network_.notices.push_back({entity_, side_, next.slot, {tcp::NoticeKind::Accepted, 0, {}}});
        set_reading(next.slot.index, true);
        return Taken{next.slot.index, next.since};
    }
    return std::nullopt;
}

/// The SYN queue is full: the answer carries all that is known in its sequence number, and nothing is kept (RFC 4987
/// section 3.6; Linux tcp_syncookies = 1). Fast Open is lost; without timestamps SACK and window scale are too.
void Host::send_syn_cookie(const Segment& syn, std::uint32_t answer_path) {
    const tcp::Settings& settings = *listener.settings;
    Segment syn_ack;
    syn_ack.flow = syn.flow;
    syn_ack.to = syn.from;
    syn_ack.flags = tcp::flag::syn | tcp::flag::ack;
    syn_ack.ack = syn.seq + 1;
    syn_ack.window = tcp::window_syn_ack;
    syn_ack.mss = static_cast<std::uint16_t>(settings.mss);
    syn_ack.timestamps = settings.timestamps && syn.timestamps;
    syn_ack.sack_permitted = syn_ack.timestamps && settings.sack && syn.sack_permitted;
    syn_ack.sent_at = network_.now();
    syn_ack.echo = syn.sent_at;
    queue_.syn_cookie_sent(network_.now());
    network_.send(paths_[answer_path], syn_ack);
}

/// The ACK of a SYN cookie brings back what its SYN said.
/// Model: Linux keeps the MSS in two bits of the sequence number, as one of 536, 1300, 1440 and 1460; here it comes
/// back as the server's own.
bool Host::take_syn_cookie(const Segment& segment, std::uint32_t answer_path) {
    if (listener.settings == nullptr || listener.mode != Listener::Mode::Accept) return false;
    if (!queue_.may_bring_syn_cookie(network_.now())) return false;
    const bool acks_our_syn = segment.has_ack() && !segment.syn() && !segment.rst() && segment.ack == 1;
    if (!acks_our_syn || segment.seq != 1) return false;
    if (queue_.accept_queue_full(listener.settings->backlog)) {
        queue_.overflow();
        return true;
    }
    Segment syn;
    syn.flow = segment.flow;
    syn.from = segment.from;
    syn.flags = tcp::flag::syn;
    syn.window = segment.window;
    syn.mss = static_cast<std::uint16_t>(listener.settings->mss);
    syn.timestamps = segment.timestamps;
    syn.sack_permitted = segment.timestamps;
    syn.sent_at = segment.sent_at;
    const Slot slot = add_child(syn, {}, answer_path); // the SYN-ACK that it makes went out long ago
    deliver(slot.index, segment);
    return true;
}

/// Whether a SYN may take the place of a connection in TIME-WAIT: its timestamp is newer than the last one seen
/// (RFC 9293 section 3.10.7.4, RFC 6191 section 2). Otherwise it is an old duplicate, which TIME-WAIT acknowledges.
/// Model: without timestamps Linux compares sequence numbers, which start at 0 here for every connection; the time at
/// which the SYN was sent decides in their place too.
bool Host::renews(std::uint32_t index, const Segment& syn) {
    return connections_[index].state() == State::TimeWait && syn.sent_at > watches_[index].newest;
}

/// Lets a connection in TIME-WAIT go before its time: its alarm finds nothing any more.
void Host::forget(std::uint32_t index) {
    passive_.erase(connections_[index].flow().key());
    network_.notices.push_back({entity_, side_, connections_.slot_at(index), {tcp::NoticeKind::Gone, 0, {}}});
}

/// Ends a connection without a word to the peer.
void Host::drop(std::uint32_t index) {
    network_.step.clear();
    connections_[index].abort(network_.now(), network_.step);
    after_step(index, nullptr);
    pass_notices(index);
}

void Host::power_off() {
    powered_ = false;
    for (std::uint32_t index = 0; index < connections_.slots(); ++index) {
        if (!connections_.in_use(index) || connections_[index].state() == State::Closed) continue;
        if (connections_[index].state() == State::TimeWait)
            forget(index);
        else
            drop(index);
    }
    queue_ = ListenQueue{};
    accept_queue_.clear();
}

/// Linux inet_csk_listen_stop: what waits to be accepted is reset, handshakes under way are forgotten.
void Host::stop_listening() {
    listener.mode = Listener::Mode::Refuse;
    for (std::uint32_t index = 0; index < connections_.slots(); ++index) {
        if (!connections_.in_use(index) || watches_[index].application) continue;
        if (connections_[index].state() == State::Closed) continue; // gone already, its notice is under way
        if (watches_[index].place == Watch::Place::HalfOpen)
            drop(index);
        else
            abort(index);
    }
    queue_.nobody_waits();
    accept_queue_.clear();
}

} // namespace firstbyte::net
