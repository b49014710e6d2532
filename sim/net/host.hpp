/// The TCP connections of one entity: binds them to paths, to the engine and to a listener.
#pragma once

#include "core/flat_map.hpp"
#include "core/slab.hpp"
#include "firstbyte/results.hpp"
#include "net/network.hpp"
#include "tcp/connection.hpp"

#include <cstdint>

namespace firstbyte::net {

/// What an entity does with SYNs.
struct Listener {
    enum class Mode : std::uint8_t {
        Accept,
        DropSyn, ///< nothing comes back, as behind a firewall that drops
        Refuse,  ///< RST to everything, as when no process listens
    };
    const tcp::Settings* settings = nullptr; ///< null: does not listen
    Mode mode = Mode::Accept;
    SipKey key;                ///< of Fast Open cookies
    std::uint32_t address = 0; ///< the server's own, part of the cookie
};

/// Name of the alarm event of connection `index` of host `side`.
constexpr std::uint64_t alarm_object(std::uint32_t side, std::uint32_t index) {
    return (std::uint64_t{side} << 32) | index;
}

class Host {
public:
    /// @param side  which host of its entity this is: part of the names of its alarms
    Host(Network& network, std::uint32_t entity, std::uint32_t side, Slab<Path>& paths)
        : network_(network), paths_(paths), entity_(entity), side_(side) {}

    Listener listener;
    FastOpenCounters counters; ///< of the passive side

    /// Opens a connection on `path` and writes `bytes` at once (see Connection::open).
    Slot open(std::uint32_t path, const tcp::Settings& settings, const tcp::FlowName& flow,
              const tcp::FastOpenAttempt& attempt, std::uint32_t bytes, const tcp::Label& label);
    void write(std::uint32_t index, std::uint32_t bytes, const tcp::Label& label);
    void close(std::uint32_t index);
    void abort(std::uint32_t index);

    /// Takes a segment that arrived; answers go out on `answer_path` when no connection is known yet.
    void on_segment(const tcp::Segment& segment, std::uint32_t answer_path);
    /// The alarm event of connection `index`: stale ones find nothing due.
    void on_alarm(std::uint32_t index);
    /// Lets go of a connection whose Gone notice has been dealt with.
    void release(std::uint32_t index);

    [[nodiscard]] tcp::Connection& connection(std::uint32_t index) { return connections_[index]; }
    [[nodiscard]] bool live(Slot slot) const { return connections_.live(slot); }
    [[nodiscard]] Slot slot_at(std::uint32_t index) const { return connections_.slot_at(index); }

private:
    void flush(std::uint32_t index);
    void answer_unknown(const tcp::Segment& segment, std::uint32_t answer_path);
    void take_syn(const tcp::Segment& syn, std::uint32_t answer_path);

    Network& network_;
    Slab<Path>& paths_;
    std::uint32_t entity_;
    std::uint32_t side_;
    Slab<tcp::Connection> connections_;
    FlatMap64<std::uint32_t> passive_; ///< by flow: finds the connection of a repeated SYN
};

} // namespace firstbyte::net
