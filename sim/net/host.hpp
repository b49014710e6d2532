/// The TCP connections of one entity: binds them to paths, to the engine and to a listener.
#pragma once

#include "core/flat_map.hpp"
#include "core/ring.hpp"
#include "core/slab.hpp"
#include "firstbyte/results.hpp"
#include "net/ephemeral_ports.hpp"
#include "net/listen_queue.hpp"
#include "net/network.hpp"
#include "tcp/connection.hpp"
#include "tcp/fast_open_clients.hpp"
#include "tcp/fast_open_listener.hpp"

#include <cstdint>
#include <optional>
#include <vector>

namespace firstbyte::net {

/// What an entity does with SYNs.
struct Listener {
    enum class Mode : std::uint8_t {
        Accept,
        DropSyn, ///< nothing comes back, as behind a firewall that drops
        Refuse,  ///< RST to everything, as when no process listens
    };
    const tcp::Settings* settings = nullptr; ///< null: does not listen
    const tcp::Settings* child = nullptr;    ///< of the connection that the next SYN opens; null: the listener's
    Mode mode = Mode::Accept;
    bool on_demand = false;    ///< the application takes connections by accept_next() alone; its settings accept none
    tcp::CookieKeys key;       ///< of Fast Open cookies
    std::uint32_t address = 0; ///< the server's own, part of the cookie
};

/// Name of the alarm event of connection `index` of host `side`.
constexpr std::uint64_t alarm_object(std::uint32_t side, std::uint32_t index) {
    return (std::uint64_t{side} << 32) | index;
}

/// The parts: host.cpp (calls, segments, alarms), host_listen.cpp (SYNs, queues), host_fast_open.cpp (what Linux
/// concludes and counts from how Fast Open connections go).
class Host {
public:
    /// @param side  which host of its entity this is: part of the names of its alarms
    Host(Network& network, std::uint32_t entity, std::uint32_t side, Slab<Path>& paths)
        : network_(network), paths_(paths), entity_(entity), side_(side) {}

    Listener listener;
    FastOpenCounters counters;      ///< of both roles
    tcp::FastOpenClients fast_open; ///< memory of those whose connections this host opens
    EphemeralPorts ports;
    Books books; ///< of its connections' ends; what is open is added by whoever closes the books

    /// Opens a connection on `path` and writes `bytes` at once (see Connection::open).
    /// @param client  whose memory of Fast Open it concerns
    /// @return a slot that names nobody when no local port is free (EADDRNOTAVAIL)
    [[nodiscard]] Slot open(std::uint32_t path, const tcp::Settings& settings, const tcp::FlowName& flow,
                            const tcp::FastOpenAttempt& attempt, std::uint32_t bytes, const tcp::Label& label,
                            std::uint32_t client = 0);
    void write(std::uint32_t index, std::uint32_t bytes, const tcp::Label& label);
    void close(std::uint32_t index);
    void half_close(std::uint32_t index);
    void set_reading(std::uint32_t index, bool reading, std::uint32_t unread = 0);
    void abort(std::uint32_t index);

    /// Takes a segment that arrived; answers go out on `answer_path` when no connection is known yet.
    void on_segment(const tcp::Segment& segment, std::uint32_t answer_path) {
        if (connections_.live(segment.to) && segment.too_big_mtu == 0 &&
            segment.unreachable == tcp::Segment::Unreachable::None)
            return deliver(segment.to.index, segment);
        on_other_segment(segment, answer_path);
    }
    /// The alarm event of connection `index`: stale ones find nothing due.
    void on_alarm(std::uint32_t index);
    /// Lets go of a connection whose Gone notice has been dealt with.
    void release(std::uint32_t index);
    /// Answers a segment whose connection is not here.
    void refuse(const tcp::Segment& segment, std::uint32_t answer_path) { answer_unknown(segment, answer_path); }
    /// The host loses its power, and with it all that it had in memory; nothing leaves it until it has power again.
    void power_off();
    void power_on() { powered_ = true; }
    /// The listening socket is closed: connections that no application has taken are reset, SYNs are refused.
    void stop_listening();
    /// accept(): the application takes the connection that has waited longest, and what has come on it. Only with
    /// Listener::on_demand. One that was reset while it waited is taken too, as on Linux, and dropped here.
    /// @return its index and when it began to wait; none when no connection waits
    struct Taken {
        std::uint32_t index = 0;
        Instant since{};
    };
    std::optional<Taken> accept_next();

    [[nodiscard]] tcp::Connection& connection(std::uint32_t index) { return connections_[index]; }
    [[nodiscard]] bool live(Slot slot) const { return connections_.live(slot); }
    [[nodiscard]] Slot slot_at(std::uint32_t index) const { return connections_.slot_at(index); }
    [[nodiscard]] const ListenQueue& queue() const { return queue_; }
    /// Connections whose state the host still has, those in TIME-WAIT included.
    [[nodiscard]] std::size_t open_connections() const { return connections_.size(); }

private:
    /// What the host keeps of a connection beside the connection itself.
    struct Watch {
        Instant newest{};         ///< timestamp of the segment that led to TIME-WAIT
        std::uint32_t client = 0; ///< active: whose memory
        tcp::FastOpenAttempt::Mode mode = tcp::FastOpenAttempt::Mode::Off;
        enum class Place : std::uint8_t { None, HalfOpen, Pending } place = Place::None; ///< in which queue it counts
        bool active : 1 = false;
        bool application : 1 = false;     ///< the application has it: it accepted or opened it
        bool closed : 1 = false;          ///< the application has let go of it
        bool experimental : 1 = false;    ///< form of the SYN's option
        bool probing : 1 = false;         ///< see FastOpenAttempt
        bool counts_timeouts : 1 = false; ///< timeouts say something about Fast Open
        bool judged_at_end : 1 = false;   ///< so does its end
    };
    static_assert(sizeof(Watch) <= 16);

    [[nodiscard]] Slot acquire(std::uint32_t path);
    void deliver(std::uint32_t index, const tcp::Segment& segment);
    void on_other_segment(const tcp::Segment& segment, std::uint32_t answer_path);
    /// Deals with what a step has changed that others count: places in queues, signs of a blackhole.
    void after_step(std::uint32_t index, const tcp::Segment* segment) {
        const Watch& watch = watches_[index];
        if (watch.place != Watch::Place::None || watch.judged_at_end) settle(index, segment);
    }
    void settle(std::uint32_t index, const tcp::Segment* segment);
    void flush(std::uint32_t index) { flush(index, connections_[index]); }
    void flush(std::uint32_t index, tcp::Connection& connection);
    void send_segments(tcp::Connection& connection);
    void pass_notices(std::uint32_t index);
    void pass_notice(std::uint32_t index, const tcp::Notice& notice);
    void tell(std::uint32_t index, const tcp::Notice& notice);
    void on_too_big(const tcp::Segment& message);
    void on_unreachable(const tcp::Segment& message);
    void answer_unknown(const tcp::Segment& segment, std::uint32_t answer_path);

    // host_listen.cpp
    void take_syn(const tcp::Segment& syn, std::uint32_t answer_path);
    [[nodiscard]] tcp::FastOpenVerdict judge(const tcp::Segment& syn, std::uint32_t answer_path);
    [[nodiscard]] Slot add_child(const tcp::Segment& syn, const tcp::FastOpenVerdict& verdict, std::uint32_t path);
    void send_syn_cookie(const tcp::Segment& syn, std::uint32_t answer_path);
    [[nodiscard]] bool take_syn_cookie(const tcp::Segment& segment, std::uint32_t answer_path);
    [[nodiscard]] bool renews(std::uint32_t index, const tcp::Segment& syn);
    void forget(std::uint32_t index);
    void drop(std::uint32_t index);
    [[nodiscard]] bool overflows(std::uint32_t index, const tcp::Segment& segment);
    void leave_queue(std::uint32_t index, bool reset_by_peer);
    void stand_in_accept_queue(std::uint32_t index);

    // host_fast_open.cpp
    using Counter = std::uint64_t FastOpenCounters::*;
    void count(Counter counter, std::uint32_t path, const tcp::FlowName& flow);
    void count(Counter counter, std::uint32_t index);
    void on_connected(std::uint32_t index);
    void on_timeouts(std::uint32_t index);
    void on_reset_ignored(std::uint32_t index);
    void on_end(std::uint32_t index);
    void suspect_blackhole(std::uint32_t index);

    Network& network_;
    Slab<Path>& paths_;
    std::uint32_t entity_;
    std::uint32_t side_;
    Slab<tcp::Connection> connections_;
    std::vector<Watch> watches_;       ///< by connection index
    FlatMap64<std::uint32_t> passive_; ///< by flow: finds the connection of a repeated SYN
    ListenQueue queue_;
    struct Queued {
        Slot slot;
        Instant since{};
    };
    Ring<Queued> accept_queue_; ///< only with Listener::on_demand
    bool powered_ = true;
};

} // namespace firstbyte::net
