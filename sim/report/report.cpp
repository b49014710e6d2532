#include "firstbyte/report.hpp"

#include "core/check.hpp"
#include "report/thresholds.hpp"

#include <algorithm>

namespace firstbyte {
Report make_report(const Scenario& scenario, std::vector<VariantResults> variants, const ReportOptions& options) {
    FB_ASSERT(!variants.empty(), "a report is about at least one variant");
    for (const VariantResults& variant : variants) {
        FB_ASSERT(variant.results != nullptr, "a variant comes with its results");
    }
    Report report;
    report.scenario = &scenario;
    report.options = options;
    if (report.options.confidence == 0) report.options.confidence = scenario.run.confidence;
    report.variants = std::move(variants);
    std::stable_partition(report.variants.begin(), report.variants.end(),
                          [](const VariantResults& variant) { return variant.baseline; });
    if (report.variants.size() > 1) report.variants.front().baseline = true; // none named: the first one given
    if (options.judge_thresholds) report.thresholds = report::judge(scenario, report.variants);
    return report;
}

} // namespace firstbyte
