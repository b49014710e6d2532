#include "scenario/units.hpp"

#include "scenario/spelling.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <charconv>
#include <cmath>
#include <limits>
#include <span>
#include <vector>

namespace firstbyte::scenario {

namespace {

__extension__ using Wide = unsigned __int128; // 18 digits times the number of ns in an hour need more than 64 bits

struct Unit {
    std::string_view name;
    std::int64_t factor; ///< base units in one of it
};

struct Quantity {
    std::string_view noun;    ///< "duration"
    std::string_view listing; ///< units for people
    std::span<const Unit> units;
    std::int64_t max;
    std::string_view max_text;
};

constexpr std::array duration_units{
    Unit{"ns", 1},         Unit{"us", 1'000},        Unit{"\u00b5s", 1'000},      Unit{"\u03bcs", 1'000},
    Unit{"ms", 1'000'000}, Unit{"s", 1'000'000'000}, Unit{"min", 60'000'000'000}, Unit{"h", 3'600'000'000'000}};
constexpr std::array size_units{
    Unit{"B", 1},         Unit{"KB", 1'000},    Unit{"MB", 1'000'000}, Unit{"GB", 1'000'000'000},
    Unit{"KiB", 1 << 10}, Unit{"MiB", 1 << 20}, Unit{"GiB", 1 << 30}};
constexpr std::array bit_rate_units{Unit{"bps", 1}, Unit{"Kbps", 1'000}, Unit{"Mbps", 1'000'000},
                                    Unit{"Gbps", 1'000'000'000}};
// The factor of an event rate is the length of its period in seconds.
constexpr std::array event_rate_units{Unit{"/s", 1}, Unit{"/min", 60}, Unit{"/h", 3'600}};

constexpr std::int64_t ten_years_ns = 10LL * 365 * 24 * 3'600 * 1'000'000'000; // scenario format, section 2
constexpr std::int64_t size_max = 1'000'000'000'000;     // model choice: every byte is a packet's, 1 TB is 7e8 packets
constexpr std::int64_t bit_rate_max = 1'000'000'000'000; // model choice: above the fastest Ethernet, 800 Gbit/s

constexpr Quantity durations{"duration", "ns us ms s min h", duration_units, ten_years_ns, "10 years"};
constexpr Quantity sizes{"size", "B KB MB GB KiB MiB GiB", size_units, size_max, "1000GB"};
constexpr Quantity bit_rates{"bit rate", "bps Kbps Mbps Gbps", bit_rate_units, bit_rate_max, "1000Gbps"};
constexpr Quantity event_rates{"event rate", "/s /min /h", event_rate_units, 0, ""};

bool digit(char c) { return c >= '0' && c <= '9'; }

std::string lower(std::string_view text) {
    std::string result{text};
    std::transform(result.begin(), result.end(), result.begin(),
                   [](char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c; });
    return result;
}

/// A text cut into its number and what follows.
struct Split {
    std::string_view number, unit;
};

/// The leading number (digits, at most one point with digits on both sides); empty when there is none.
Split split(std::string_view text) {
    std::size_t end = 0;
    while (end < text.size() && digit(text[end])) ++end;
    if (end > 0 && end + 1 < text.size() && text[end] == '.' && digit(text[end + 1])) {
        ++end;
        while (end < text.size() && digit(text[end])) ++end;
    }
    return {text.substr(0, end), text.substr(end)};
}

/// Number times factor, rounded to the nearest whole base unit; none beyond `max`.
std::optional<std::int64_t> exact(std::string_view number, std::int64_t factor, std::int64_t max) {
    Wide digits = 0, scale = 1;
    bool fraction = false;
    for (const char c : number) {
        if (c == '.') {
            fraction = true;
            continue;
        }
        constexpr Wide limit = 1'000'000'000'000'000'000; // 10^18: the product with a factor stays inside 128 bits
        if (digits >= limit || scale >= limit) {
            if (fraction) break; // digits far below one base unit
            return std::nullopt;
        }
        digits = digits * 10 + static_cast<unsigned>(c - '0');
        if (fraction) scale *= 10;
    }
    const Wide value = (digits * static_cast<Wide>(factor) + scale / 2) / scale;
    if (value > static_cast<Wide>(max)) return std::nullopt;
    return static_cast<std::int64_t>(value);
}

/// Finds the unit, or says what is wrong with the text.
Parsed<Unit> find_unit(const Split& parts, std::string_view text, const Quantity& quantity, std::string_view example) {
    if (!text.empty() && text.front() == '-' && !split(text.substr(1)).number.empty()) {
        return {{}, ValueFault{"E203", fmt::format("a {} cannot be negative", quantity.noun)}};
    }
    if (parts.number.empty()) {
        return {{},
                ValueFault{"E204",
                           fmt::format("expected a {} such as \"{}\", found \"{}\"", quantity.noun, example, text)}};
    }
    if (parts.unit.empty()) {
        // Bare sizes are counts of bytes, whatever the key's example is in.
        const std::string_view likely = &quantity.units.front() == size_units.data() ? "B" : split(example).unit;
        return {{},
                ValueFault{"E205", fmt::format("{} needs a unit", quantity.noun),
                           fmt::format("write \"{}{}\" (units: {})", parts.number, likely, quantity.listing)}};
    }
    std::string_view name = parts.unit;
    while (!name.empty() && name.front() == ' ') name.remove_prefix(1);
    for (const Unit& unit : quantity.units) {
        if (unit.name == parts.unit) return {unit};
    }
    std::vector<std::string> names;
    std::optional<std::string> meant;
    for (const Unit& unit : quantity.units) {
        names.emplace_back(unit.name);
        if (!meant && lower(unit.name) == lower(name)) meant = std::string{unit.name};
    }
    if (meant) {
        return {{},
                ValueFault{"E205", fmt::format("unknown unit \"{}\" of a {}", parts.unit, quantity.noun),
                           fmt::format("did you mean \"{}{}\"?", parts.number, *meant)}};
    }
    const std::optional<std::string> near = nearest(name, names);
    return {{},
            ValueFault{"E205", fmt::format("expected a {} such as \"{}\", found \"{}\"", quantity.noun, example, text),
                       near ? fmt::format("did you mean \"{}{}\"?", parts.number, *near)
                            : fmt::format("units: {}", quantity.listing)}};
}

Parsed<std::int64_t> parse_whole(std::string_view text, const Quantity& quantity, std::string_view example) {
    const Split parts = split(text);
    const Parsed<Unit> unit = find_unit(parts, text, quantity, example);
    if (!unit) return {0, unit.fault};
    const std::optional<std::int64_t> value = exact(parts.number, unit.value.factor, quantity.max);
    if (!value) return {0, ValueFault{"E203", fmt::format("a {} is at most {}", quantity.noun, quantity.max_text)}};
    return {*value};
}

std::string whole_text(std::int64_t value, std::span<const Unit> units, std::string_view zero) {
    if (value == 0) return std::string{zero};
    const Unit* best = &units.front();
    for (const Unit& unit : units) {
        if (unit.factor > best->factor && value % unit.factor == 0) best = &unit;
    }
    return fmt::format("{}{}", value / best->factor, best->name);
}

} // namespace

Parsed<Duration> parse_duration(std::string_view text, std::string_view example) {
    const auto parsed = parse_whole(text, durations, example);
    return {Duration{parsed.value}, parsed.fault};
}

Parsed<Bytes> parse_size(std::string_view text, std::string_view example) {
    const auto parsed = parse_whole(text, sizes, example);
    return {Bytes{parsed.value}, parsed.fault};
}

Parsed<BitRate> parse_bit_rate(std::string_view text, std::string_view example) {
    auto parsed = parse_whole(text, bit_rates, example);
    if (parsed && parsed.value == 0) {
        parsed.fault = ValueFault{"E203", "a bit rate is at least 1bps", "leave the key out for an unlimited rate"};
    }
    return {BitRate{parsed.value}, parsed.fault};
}

Parsed<EventRate> parse_event_rate(std::string_view text, std::string_view example) {
    const Split parts = split(text);
    const Parsed<Unit> unit = find_unit(parts, text, event_rates, example);
    if (!unit) return {{}, unit.fault};
    const std::optional<double> number = parse_number(parts.number);
    constexpr double per_sec_max = 1e9; // model choice: one event per ns, the step of the clock
    const double per_sec = number ? *number / static_cast<double>(unit.value.factor) : per_sec_max * 2;
    if (per_sec > per_sec_max) return {{}, ValueFault{"E203", "an event rate is at most 1000000000/s"}};
    return {EventRate{per_sec}};
}

Parsed<double> parse_share(std::string_view text) {
    const bool percent = !text.empty() && text.back() == '%';
    const std::string_view digits = percent ? text.substr(0, text.size() - 1) : text;
    const std::optional<double> number = percent ? parse_percent(digits) : parse_number(digits);
    if (!number) {
        return {0, ValueFault{"E204", fmt::format("expected a share such as 0.12 or \"12%\", found \"{}\"", text)}};
    }
    const double share = *number;
    if (share >= 0 && share <= 1) return {share};
    ValueFault fault{"E203", percent ? "a share is from 0% to 100%" : "a share is from 0 to 1"};
    if (!percent && share > 1 && share <= 100) fault.suggestion = fmt::format("write \"{}%\"", text);
    return {0, fault};
}

std::optional<double> parse_number(std::string_view text) {
    double value = 0;
    const auto result = std::from_chars(text.data(), text.data() + text.size(), value);
    if (result.ec != std::errc{} || result.ptr != text.data() + text.size() || !std::isfinite(value))
        return std::nullopt;
    return value;
}

std::optional<double> parse_percent(std::string_view digits) {
    // 99.9 / 100 is not the double nearest to 0.999, which is what results are looked up by: shift the decimal point.
    return parse_number(std::string{digits} + "e-2");
}

std::optional<std::int64_t> parse_integer(std::string_view text) {
    std::int64_t value = 0;
    const auto result = std::from_chars(text.data(), text.data() + text.size(), value);
    if (result.ec != std::errc{} || result.ptr != text.data() + text.size()) return std::nullopt;
    return value;
}

std::string duration_text(Duration value) {
    // Up to seconds: "90s" reads better than a mixture of minutes and seconds between two runs.
    static constexpr std::array units{Unit{"ns", 1}, Unit{"us", 1'000}, Unit{"ms", 1'000'000},
                                      Unit{"s", 1'000'000'000}};
    return whole_text(value.count(), units, "0s");
}

std::string size_text(Bytes value) { return whole_text(value.count, std::span{size_units}.first(4), "0B"); }
std::string bit_rate_text(BitRate value) { return whole_text(value.per_sec, bit_rate_units, "unlimited"); }
std::string event_rate_text(EventRate value) { return number_text(value.per_sec) + "/s"; }

std::string number_text(double value) {
    std::array<char, 32> buffer{};
    const auto result = std::to_chars(buffer.data(), buffer.data() + buffer.size(), value);
    return {buffer.data(), result.ptr};
}

} // namespace firstbyte::scenario
