#include "report/sequential.hpp"

#include "core/check.hpp"

#include <algorithm>
#include <cmath>

namespace firstbyte::report {

std::size_t stein_replications(const Change& change, double share, std::size_t pilot, std::size_t most) {
    FB_ASSERT(change.interval && share > 0, "a number of replications follows from an interval and a wanted width");
    const double wanted = share * std::fabs(change.baseline);
    if (wanted == 0) return std::max(pilot, most);
    // The half width is t * S / sqrt(pilot); with n replications it will be t * S / sqrt(n), t and S of the pilot.
    const double ratio = change.interval->half_width() / wanted;
    const double needed = std::ceil(static_cast<double>(pilot) * ratio * ratio);
    if (needed >= static_cast<double>(most)) return std::max(pilot, most);
    return std::max(pilot, static_cast<std::size_t>(needed));
}

} // namespace firstbyte::report
