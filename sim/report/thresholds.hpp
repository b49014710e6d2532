/// Judges the thresholds of a scenario.
#pragma once

#include "firstbyte/report.hpp"

#include <vector>

namespace firstbyte::report {

/// Judges every threshold on every variant it concerns: in a run the only variant, in a comparison each one except the
/// baseline, unless the threshold names a variant.
/// @param variants  baseline first
[[nodiscard]] std::vector<ThresholdResult> judge(const Scenario& scenario, const std::vector<VariantResults>& variants);

/// How a threshold's value and limit are written: "241.0 ms", "0.02 %", "12", with the unit of the threshold.
enum class ValueKind : std::uint8_t { Time, Share, Number };
[[nodiscard]] ValueKind value_kind(const Threshold& threshold);
[[nodiscard]] std::string value_text(const Threshold& threshold, double value);

/// The `thresholds` section of `run` and `compare`: one line for each.
[[nodiscard]] std::string thresholds_text(const Report& report);

} // namespace firstbyte::report
