/// The deadlines of one connection. Resetting one is a store; the engine holds one event per connection.
#pragma once

#include "firstbyte/units.hpp"

#include <algorithm>
#include <array>
#include <cstdint>

namespace firstbyte::tcp {

enum class Alarm : std::uint8_t {
    Retransmit,  ///< SYN, SYN-ACK or data: what it does is said by RetransmitKind
    Ack,         ///< a delayed or compressed ACK
    AckProgress, ///< Settings::ack_timeout
    Write,       ///< a writer that was woken at this instant goes on
    Keepalive,   ///< probes; after the end FIN-WAIT-2 and TIME-WAIT
    count_,
};

/// One timer serves four purposes, as on Linux: at most one of them waits at a time.
enum class RetransmitKind : std::uint8_t {
    None,
    Timeout,    ///< RTO (RFC 6298), SYN and SYN-ACK
    LossProbe,  ///< RFC 8985 section 7
    Reordering, ///< RACK waits for a segment that may only be late (RFC 8985 section 6.2)
    WindowProbe ///< the peer's window is closed (RFC 9293 section 3.8.6.1)
};

class Alarms {
public:
    Alarms() { at_.fill(never); }
    void set(Alarm alarm, Instant at) { at_[index(alarm)] = at; }
    void clear(Alarm alarm) { at_[index(alarm)] = never; }
    void clear_all() { at_.fill(never); }
    [[nodiscard]] Instant at(Alarm alarm) const { return at_[index(alarm)]; }
    [[nodiscard]] bool is_set(Alarm alarm) const { return at_[index(alarm)] != never; }
    [[nodiscard]] bool due(Alarm alarm, Instant now) const { return at_[index(alarm)] <= now; }
    /// Earliest deadline; `never` when nothing is set.
    [[nodiscard]] Instant next() const { return *std::min_element(at_.begin(), at_.end()); }

private:
    static constexpr std::size_t index(Alarm alarm) { return static_cast<std::size_t>(alarm); }
    std::array<Instant, static_cast<std::size_t>(Alarm::count_)> at_;
};

} // namespace firstbyte::tcp
