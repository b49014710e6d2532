#include "report/thresholds.hpp"

#include "core/check.hpp"
#include "report/format.hpp"
#include "report/measure.hpp"

#include <algorithm>
#include <cmath>

#include <fmt/format.h>

namespace firstbyte {

bool Report::threshold_failed() const {
    return std::any_of(thresholds.begin(), thresholds.end(),
                       [](const ThresholdResult& result) { return result.status == ThresholdResult::Status::Failed; });
}

namespace report {
namespace {

using Status = ThresholdResult::Status;

bool holds(const Threshold& threshold, double value) {
    switch (threshold.op) {
    case Threshold::Op::Less: return value < threshold.value;
    case Threshold::Op::LessEqual: return value <= threshold.value;
    case Threshold::Op::Greater: return value > threshold.value;
    case Threshold::Op::GreaterEqual: return value >= threshold.value;
    case Threshold::Op::Equal: return std::fabs(value - threshold.value) <= threshold.tolerance;
    }
    invariant_broken("an operator is one of the enumerators", "switch", __FILE__, __LINE__);
}

/// "35 % over", "12 % under": how far beside the limit.
std::string miss_text(const Threshold& threshold, double value) {
    const bool over = value > threshold.value;
    const double distance = std::fabs(value - threshold.value);
    if (threshold.op == Threshold::Op::Equal || threshold.value == 0) {
        if (distance == 0) return "at the limit";
        return fmt::format("{} {}", value_text(threshold, distance), over ? "over" : "under");
    }
    const double share = distance / std::fabs(threshold.value);
    if (share == 0) return "at the limit";
    const double percents = share * 100;
    return fmt::format("{:.{}f} % {}", percents, percents < 1 ? 2 : 0, over ? "over" : "under");
}

/// The variant a threshold names, in its `variant` key or as a label; empty: none.
std::string named_variant(const Threshold& threshold) {
    if (!threshold.variant.empty()) return threshold.variant;
    for (const auto& [label, value] : threshold.labels) {
        if (label == "variant") return value;
    }
    return {};
}

ThresholdResult skipped(const Threshold& threshold, std::string variant, std::string reason) {
    ThresholdResult result;
    result.threshold = &threshold;
    result.variant = std::move(variant);
    result.status = Status::Skipped;
    result.reason = std::move(reason);
    return result;
}

/// Value and samples of a threshold; with `saving`, what the variant gains over the baseline.
Measurement measure_saving(const Scenario& scenario, const Threshold& threshold, const Results& baseline,
                           const Results& variant) {
    const Measurement before = measure(scenario, baseline, threshold);
    const Measurement after = measure(scenario, variant, threshold);
    Measurement out;
    out.obstacle = before.obstacle;
    out.samples = std::min(before.samples, after.samples);
    if (out.samples == 0) return out;
    out.value = before.value - after.value;
    if (threshold.value_is_share) {
        if (before.value == 0) return {0, 0, "the baseline is 0: there is nothing to save a share of"};
        out.value /= before.value;
    }
    return out;
}

ThresholdResult judge_one(const Scenario& scenario, const Threshold& threshold, const VariantResults& variant,
                          const VariantResults& baseline) {
    const Measurement measured = threshold.saving
                                     ? measure_saving(scenario, threshold, *baseline.results, *variant.results)
                                     : measure(scenario, *variant.results, threshold);
    ThresholdResult result;
    result.threshold = &threshold;
    result.variant = variant.name;
    result.value = measured.value;
    result.samples = measured.samples;
    if (measured.samples == 0) { // at any level: a filter that matches nothing proves nothing
        result.status = Status::Failed;
        result.reason = measured.obstacle.empty() ? "0 samples" : measured.obstacle;
    } else if (!holds(threshold, measured.value)) {
        result.status = threshold.error ? Status::Failed : Status::Warned;
        result.reason = miss_text(threshold, measured.value);
    }
    return result;
}

const char* mark(Status status) {
    switch (status) {
    case Status::Passed: return "ok";
    case Status::Failed: return "FAIL";
    case Status::Warned: return "warn";
    case Status::Skipped: return "skip";
    }
    invariant_broken("a status is one of the enumerators", "switch", __FILE__, __LINE__);
}

/// "35 % over; 2 871 samples; 60 s dark window expected": margin, samples and note of what was judged.
std::string remark(const ThresholdResult& result) {
    if (result.status == Status::Skipped) return result.reason;
    const std::string& note = result.threshold->note;
    std::string text = result.status == Status::Passed ? miss_text(*result.threshold, result.value) : result.reason;
    if (result.samples > 0) text += "; " + counted(result.samples, "sample");
    return note.empty() ? text : text + "; " + note;
}

} // namespace

std::vector<ThresholdResult> judge(const Scenario& scenario, const std::vector<VariantResults>& variants) {
    FB_ASSERT(!variants.empty(), "a report is about at least one variant");
    const bool compares = variants.size() > 1;
    std::vector<ThresholdResult> out;
    for (const Threshold& threshold : scenario.thresholds) {
        const std::string named = named_variant(threshold);
        bool judged = false;
        for (const VariantResults& variant : variants) {
            if (named.empty() ? compares && variant.baseline : named != variant.name) continue;
            judged = true;
            if (threshold.saving && !compares) {
                out.push_back(skipped(threshold, variant.name, "needs `compare`"));
            } else {
                out.push_back(judge_one(scenario, threshold, variant, variants.front()));
            }
        }
        if (!judged) out.push_back(skipped(threshold, named, fmt::format("needs variant {}", named)));
    }
    return out;
}

ValueKind value_kind(const Threshold& threshold) {
    using Aggregate = Threshold::Aggregate;
    if (threshold.value_is_share) return ValueKind::Share;
    switch (threshold.aggregate) {
    case Aggregate::Rate:
    case Aggregate::Ratio: return ValueKind::Share;
    case Aggregate::Count: return ValueKind::Number;
    case Aggregate::Quantile:
    case Aggregate::Mean:
    case Aggregate::Min:
    case Aggregate::Max:
    case Aggregate::Sum: return is_time_metric(threshold.metric) ? ValueKind::Time : ValueKind::Number;
    }
    invariant_broken("an aggregate is one of the enumerators", "switch", __FILE__, __LINE__);
}

std::string value_text(const Threshold& threshold, double value) {
    switch (value_kind(threshold)) {
    case ValueKind::Time: return milliseconds(value);
    case ValueKind::Share: return percent(value);
    case ValueKind::Number: return grouped_fixed(value, value == std::floor(value) ? 0 : 2);
    }
    invariant_broken("a kind of value is one of the enumerators", "switch", __FILE__, __LINE__);
}

std::string thresholds_text(const Report& report) {
    if (report.thresholds.empty()) return {};
    // What other variants are to meet would only hide what this one does; where there is little of it, it is said.
    constexpr std::size_t few = 1;
    const auto of_others = [&](const ThresholdResult& result) {
        return result.status == ThresholdResult::Status::Skipped && result.reason.starts_with("needs variant ");
    };
    const auto others =
        static_cast<std::size_t>(std::count_if(report.thresholds.begin(), report.thresholds.end(), of_others));
    const bool left_out = others > few;
    const bool names_variants = report.variants.size() > 2; // else there is only one variant they can be about
    std::vector<std::string> expressions;
    std::size_t widest = 0;
    std::vector<const ThresholdResult*> shown;
    for (const ThresholdResult& result : report.thresholds) {
        if (left_out && of_others(result)) continue;
        shown.push_back(&result);
        std::string expression = result.threshold->expression;
        if (names_variants) expression += "  (" + result.variant + ")";
        widest = std::max(widest, shown_width(expression));
        expressions.push_back(std::move(expression));
    }
    // Columns as in the design of the output: values end 10 columns behind the expressions, and not before column 49.
    constexpr std::size_t least_width = 29, gap = 10, value_width = 10;
    const std::size_t expression_width = std::max(least_width, widest + gap);
    std::string out = "\n  thresholds\n";
    for (std::size_t i = 0; i < expressions.size(); ++i) {
        const ThresholdResult& result = *shown[i];
        const bool has_value = result.status != Status::Skipped && result.samples > 0;
        std::string value = has_value ? value_text(*result.threshold, result.value) : "";
        if (value.ends_with('%')) value += "  "; // stands below the digits of times
        const std::string line = "    " + pad_right(mark(result.status), 4) + "  " +
                                 pad_right(expressions[i], expression_width) + pad_left(value, value_width) + "   " +
                                 remark(result);
        out += without_trailing_spaces(line) + "\n";
    }
    if (left_out) out += fmt::format("    {} more are for other variants\n", others);
    return out;
}

} // namespace report
} // namespace firstbyte
