/// Numbers and words for people: grouping, units, columns.
#pragma once

#include "firstbyte/units.hpp"

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace firstbyte::report {

/// "11 952": digits in groups of three.
[[nodiscard]] std::string grouped(std::uint64_t count);
/// "-1 214.0": grouped, with that many decimals; never "-0.0". With `sign`, positive numbers get a "+".
[[nodiscard]] std::string grouped_fixed(double value, int decimals, bool sign = false);

/// Decimals that suit a time in milliseconds: one, or three below a millisecond.
[[nodiscard]] int millisecond_decimals(double ns);
/// "241.0", from nanoseconds.
[[nodiscard]] std::string milliseconds_number(double ns, int decimals, bool sign = false);
/// "241.0 ms", from nanoseconds.
[[nodiscard]] std::string milliseconds(double ns);
/// "60 s", "31 536 000 s", "1.5 s", "80 ms", "250 us": the largest unit that gives a number of at least one, with at
/// least six digits of it and no zeros at its end.
[[nodiscard]] std::string duration_text(Duration duration);

/// "83.3 %", "0.71 %", "100 %" from a share of 0..1. Only an exact 1 is "100 %", only an exact 0 is "0 %".
[[nodiscard]] std::string percent(double share, bool sign = false);
/// The share `part` of `whole`; "0 %" when there is no whole.
[[nodiscard]] std::string percent_of(std::uint64_t part, std::uint64_t whole);
/// `part` over `whole` as a number; 0 when there is no whole.
[[nodiscard]] double ratio_of(std::uint64_t part, std::uint64_t whole);

/// "1 replication", "10 replications".
[[nodiscard]] std::string counted(std::uint64_t count, std::string_view noun);

/// Name of a quantile as people write it: 0.5 is "p50", 0.999 is "p99.9".
[[nodiscard]] std::string quantile_name(double q);

/// Characters a terminal shows: bytes of UTF-8 that do not continue one.
[[nodiscard]] std::size_t shown_width(std::string_view text);
[[nodiscard]] std::string pad_right(std::string_view text, std::size_t width);
[[nodiscard]] std::string pad_left(std::string_view text, std::size_t width);
/// Padded on both sides; an odd space goes to the right.
[[nodiscard]] std::string centred(std::string_view text, std::size_t width);
[[nodiscard]] std::string without_trailing_spaces(std::string text);

/// Puts items after one another with three spaces between, and goes on in a new line, at the same column as the
/// first item, before a line grows wider than `text_width`.
[[nodiscard]] std::string flowed(const std::string& head, const std::vector<std::string>& items);
/// Breaks prose at spaces; each line after the first starts with `indent` spaces.
[[nodiscard]] std::string wrapped(std::string_view text, std::size_t first_column, std::size_t indent);

inline constexpr std::size_t text_width = 80; // tables fit the width that terminals have had since the VT52

/// A table whose columns are as wide as they need to be.
struct Column {
    std::string heading;
    std::size_t gap = 0;       ///< spaces before it
    std::size_t inset = 0;     ///< spaces a cell keeps free at its right, where it has them
    bool left = false;         ///< cells and heading at the left edge
    std::size_t min_width = 0; ///< else as wide as heading and cells
};
[[nodiscard]] std::string table(const std::vector<Column>& columns, const std::vector<std::vector<std::string>>& rows,
                                bool with_heading = true);

} // namespace firstbyte::report
