/// How many replications an interval of a wanted width takes (docs/compare.md, "Sequential stopping").
#pragma once

#include "report/statistics.hpp"

#include <cstddef>

namespace firstbyte::report {

/// Replications that make the half width of a change at most `share` of the baseline, from a pilot (C. Stein, "A
/// two-sample test for a linear hypothesis whose power is independent of the variance", 1945). The final interval takes
/// its spread and its degrees of freedom from the pilot alone (Method::pilot): the number of replications then says
/// nothing about their mean, and the interval stays right, for the mean exactly.
/// @param change  of the pilot, with an interval
/// @param most    never more than that
/// @return at least `pilot`
[[nodiscard]] std::size_t stein_replications(const Change& change, double share, std::size_t pilot, std::size_t most);

} // namespace firstbyte::report
