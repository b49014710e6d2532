/// Values of a scenario's distributions, by inverse transform.
#pragma once

#include "firstbyte/scenario.hpp"
#include "firstbyte/units.hpp"

namespace firstbyte {

/// The value below which a share `u` of the distribution lies, in the base unit of its key (ns, bytes, a count).
///
/// One uniform number gives one value, and a larger one never gives a smaller value, so that common random numbers keep
/// two variants paired even where their distributions differ. (An empirical distribution is monotone when its values
/// ascend.)
/// @param u  0 < u < 1
[[nodiscard]] double sample(const Distribution& distribution, double u);

/// The same rounded to a whole nanosecond; at least 0, at most 10^18 ns (31.7 years).
[[nodiscard]] Duration sample_duration(const Distribution& distribution, double u);

/// The same rounded to a whole byte; at least 0, at most 10^18.
[[nodiscard]] Bytes sample_bytes(const Distribution& distribution, double u);

/// Expected value; infinity for an unbounded Pareto distribution of shape at most 1.
[[nodiscard]] double mean_of(const Distribution& distribution);

/// Smallest value that at least half of the distribution does not exceed.
[[nodiscard]] double median_of(const Distribution& distribution);

} // namespace firstbyte
