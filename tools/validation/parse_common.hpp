/// What grid lines and timelines have in common.
#pragma once

#include "fields.hpp"
#include "records.hpp"

namespace firstbyte::validate {

inline constexpr double ms_max = 1e9;                    // 11 days; the longest record takes 17 minutes
inline constexpr std::int64_t count_max = 2'000'000'000; // counts of the scenario format end at 2^31

/// JSON text to a value. @throws RecordError  with the line at which the text stops being JSON
[[nodiscard]] nlohmann::json parse_json(const std::string& text, const std::string& file, int first_line);

/// Milliseconds to simulated time.
[[nodiscard]] Duration from_ms(double ms);

/// Linux's eight Fast Open counters; all others are left aside.
[[nodiscard]] FastOpenCounters fast_open_counters(const Fields& counters);

} // namespace firstbyte::validate
