/// Time series of a variant: for thresholds, result.json and pictures.
#pragma once

#include "report/json_text.hpp"

#include "firstbyte/results.hpp"
#include "firstbyte/units.hpp"

#include <cstddef>
#include <optional>
#include <string>
#include <vector>

namespace firstbyte::report {

/// What a bucket of a level holds.
enum class Level : std::uint8_t {
    PopLoad,     ///< requests a second that arrive at PoPs
    OriginQueue, ///< requests that wait for a worker, mean over the bucket
    OriginBusy,  ///< workers at work, mean over the bucket
};
[[nodiscard]] std::optional<Level> level_called(const std::string& metric);

/// One value for each bucket of the measured window and each replication, replication by replication.
/// @param which   PoPs or origins by index, added
/// @param window  length of the measured window; its last bucket may be shorter than the others
[[nodiscard]] std::vector<double> level_values(const Results& results, Level level,
                                               const std::vector<std::size_t>& which, Duration window);

/// The series of a variant, each a mean over the replications or a sum over them, by unit: "1" is a sum of counts.
/// Empty where the scenario keeps no time series. Counts go on behind the measured window, for what began in it; levels
/// end with it, for what is behind it is no load but the rest of one.
/// @param window  length of the measured window
[[nodiscard]] Json timeline_json(const Results& results, Duration window);

} // namespace firstbyte::report
