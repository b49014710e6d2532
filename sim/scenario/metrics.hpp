/// Names of metrics and labels that a threshold may use (scenario format, sections 7 and 9).
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace firstbyte::scenario {

struct Metric {
    enum class Type : std::uint8_t {
        Time,    ///< histogram of durations
        Counter, ///< of connections or requests
        Ratio,   ///< share of something
        Level,   ///< series of numbers over time, without a unit
    };
    std::string name;
    Type type = Type::Counter;
    std::vector<std::string> labels; ///< that the results keep apart
    bool supported = true;
};

[[nodiscard]] const std::vector<Metric>& metrics();
[[nodiscard]] const Metric* find_metric(std::string_view name);

/// Whether a metric of the format has this label, built or not.
[[nodiscard]] const std::vector<std::string>& all_labels();

/// Names of the buckets of the label `rtt`, from short to long: "0-10 ms", ..., ">500 ms". The report keeps the bounds;
/// a test holds the two together.
[[nodiscard]] const std::vector<std::string>& rtt_bucket_names();

} // namespace firstbyte::scenario
