/// The deadlines of one connection. Resetting one is a store; the engine holds one event per connection.
#pragma once

#include "firstbyte/units.hpp"

#include <algorithm>
#include <array>
#include <cstdint>

namespace firstbyte::tcp {

enum class Alarm : std::uint8_t {
    Retransmit, ///< SYN, SYN-ACK or data
    DelayedAck,
    AckProgress, ///< Settings::ack_timeout
    TimeWait,
    count_,
};

class Alarms {
public:
    Alarms() { at_.fill(never); }
    void set(Alarm alarm, Instant at) { at_[index(alarm)] = at; }
    void clear(Alarm alarm) { at_[index(alarm)] = never; }
    void clear_all() { at_.fill(never); }
    [[nodiscard]] bool is_set(Alarm alarm) const { return at_[index(alarm)] != never; }
    [[nodiscard]] bool due(Alarm alarm, Instant now) const { return at_[index(alarm)] <= now; }
    /// Earliest deadline; `never` when nothing is set.
    [[nodiscard]] Instant next() const { return *std::min_element(at_.begin(), at_.end()); }

private:
    static constexpr std::size_t index(Alarm alarm) { return static_cast<std::size_t>(alarm); }
    std::array<Instant, static_cast<std::size_t>(Alarm::count_)> at_;
};

} // namespace firstbyte::tcp
