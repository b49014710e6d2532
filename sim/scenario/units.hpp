/// Quantities with units: text to value and value to normal text.
#pragma once

#include "firstbyte/units.hpp"

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace firstbyte::scenario {

/// Why a text is not a value of its kind.
struct ValueFault {
    std::string code; ///< "E203", "E204" or "E205"
    std::string message;
    std::string suggestion = {};
};

/// A value, or why there is none.
template <class T>
struct Parsed {
    T value{};
    std::optional<ValueFault> fault = std::nullopt;
    explicit operator bool() const { return !fault; }
};

/// `example` is a value of the key in its likeliest unit ("20ms"): a bare number is answered with that unit.
[[nodiscard]] Parsed<Duration> parse_duration(std::string_view text, std::string_view example = "20ms");
[[nodiscard]] Parsed<Bytes> parse_size(std::string_view text, std::string_view example = "500B");
[[nodiscard]] Parsed<BitRate> parse_bit_rate(std::string_view text, std::string_view example = "10Mbps");
[[nodiscard]] Parsed<EventRate> parse_event_rate(std::string_view text, std::string_view example = "20/s");
/// "12%", or a number from 0 to 1.
[[nodiscard]] Parsed<double> parse_share(std::string_view text);

/// The number that is the whole of `text`; none when it is not one number.
[[nodiscard]] std::optional<double> parse_number(std::string_view text);
/// "99.9" is 0.999, to the nearest double.
[[nodiscard]] std::optional<double> parse_percent(std::string_view digits);
[[nodiscard]] std::optional<std::int64_t> parse_integer(std::string_view text);

/// The same value again, in the largest unit that needs no fraction: "1500ms", "4KB", "10Mbps".
[[nodiscard]] std::string duration_text(Duration value);
[[nodiscard]] std::string size_text(Bytes value);
[[nodiscard]] std::string bit_rate_text(BitRate value);
[[nodiscard]] std::string event_rate_text(EventRate value);
/// Shortest text that reads back as the same number.
[[nodiscard]] std::string number_text(double value);

} // namespace firstbyte::scenario
