/// The `metrics` of one variant in result.json.
#pragma once

#include "firstbyte/results.hpp"
#include "report/json_text.hpp"

#include <optional>
#include <string>
#include <vector>

namespace firstbyte::report {

/// Every metric: the unlabelled total first, then one marginal for each label and value, never products of labels.
/// @param quantiles  the scenario's, 0..1
[[nodiscard]] Json metrics_json(const Results& results, const std::vector<double>& quantiles);

/// Outcomes by all their labels at once, with what a client may do about each, and the first request of each.
/// @param variant_option  what `trace` must be told to see the same connections; nullopt: it cannot be told
[[nodiscard]] Json causes_json(const Results& results, const std::optional<std::string>& variant_option);

/// Whole nanoseconds: the nearest ones, as result.json carries integers.
[[nodiscard]] std::int64_t whole_ns(double ns);

} // namespace firstbyte::report
