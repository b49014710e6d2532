/// A row of `comparisons` in result.json.
#pragma once

#include "report/json_text.hpp"
#include "report/statistics.hpp"

#include <string>

namespace firstbyte::report {

/// What is compared with what, and how sure its intervals are to be.
struct ComparedNames {
    std::string baseline, variant;
    double confidence = 0; ///< 0..1
};

/// @param change  in nanoseconds
[[nodiscard]] Json change_json(const ComparedNames& names, const std::string& metric, const Json& labels,
                               const Statistic& statistic, const Change& change);

} // namespace firstbyte::report
