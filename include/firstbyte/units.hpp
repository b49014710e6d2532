/// Time, bytes and rates as types, so that a number never travels without its unit.
#pragma once

#include <chrono>
#include <compare>
#include <cstdint>
#include <ratio>

namespace firstbyte {

/// Simulated clock. It has no now(): only the engine can say what time it is.
struct SimClock {
    using rep = std::int64_t;
    using period = std::nano;
    using duration = std::chrono::duration<rep, period>;
    using time_point = std::chrono::time_point<SimClock>;
    static constexpr bool is_steady = true;
};
using Duration = SimClock::duration;  ///< span of simulated time, in steps of 1 ns
using Instant = SimClock::time_point; ///< point in simulated time; a run starts at Instant{}

inline constexpr Instant never = Instant::max(); ///< the deadline of an alarm that is not set

/// Count of bytes.
struct Bytes {
    std::int64_t count = 0;
    constexpr auto operator<=>(const Bytes&) const = default;
    constexpr Bytes& operator+=(Bytes other) {
        count += other.count;
        return *this;
    }
    constexpr Bytes& operator-=(Bytes other) {
        count -= other.count;
        return *this;
    }
};
constexpr Bytes operator+(Bytes a, Bytes b) { return {a.count + b.count}; }
constexpr Bytes operator-(Bytes a, Bytes b) { return {a.count - b.count}; }

/// Bits per second; 0 stands for "unlimited" wherever a rate is optional.
struct BitRate {
    std::int64_t per_sec = 0;
    constexpr auto operator<=>(const BitRate&) const = default;
    [[nodiscard]] constexpr bool unlimited() const { return per_sec == 0; }
};

/// Events per second of simulated time.
struct EventRate {
    double per_sec = 0;
    constexpr auto operator<=>(const EventRate&) const = default;
};

/// Time to put `size` on a wire of `rate`, rounded up to the next nanosecond; zero on an unlimited wire.
/// @pre 0 <= size <= 1 GB, so that the product stays inside 64 bits
constexpr Duration serialization_delay(Bytes size, BitRate rate) {
    if (rate.unlimited()) return Duration{0};
    return Duration{(size.count * 8 * 1'000'000'000 + rate.per_sec - 1) / rate.per_sec};
}

constexpr double to_seconds(Duration d) { return std::chrono::duration<double>(d).count(); }
constexpr double to_ms(Duration d) { return std::chrono::duration<double, std::milli>(d).count(); }

} // namespace firstbyte
