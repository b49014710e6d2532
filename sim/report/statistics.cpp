#include "report/statistics.hpp"

#include "core/check.hpp"
#include "report/format.hpp"

#include <algorithm>
#include <cmath>
#include <numeric>

namespace firstbyte::report {

std::optional<Interval> mean_interval(const std::vector<double>& samples, double confidence) {
    FB_ASSERT(confidence > 0 && confidence < 1, "a confidence lies between 0 and 1");
    if (samples.size() < 2) return std::nullopt;
    const auto n = static_cast<double>(samples.size());
    const double mean = std::accumulate(samples.begin(), samples.end(), 0.0) / n;
    double squares = 0;
    for (const double sample : samples) squares += (sample - mean) * (sample - mean);
    const double standard_error = std::sqrt(squares / (n - 1) / n);
    const double t = student_t(n - 1, confidence);
    return Interval{mean - t * standard_error, mean + t * standard_error};
}

std::string Statistic::name() const { return quantile ? quantile_name(*quantile) : "mean"; }

double Statistic::of(const Histogram& histogram) const {
    FB_ASSERT(!histogram.empty(), "a statistic is asked of samples, not of nothing");
    return quantile ? static_cast<double>(histogram.quantile(*quantile)) : histogram.mean();
}

const char* name_of(Verdict verdict) {
    switch (verdict) {
    case Verdict::Faster: return "faster";
    case Verdict::Slower: return "slower";
    case Verdict::NotDetectable: return "no_detectable_difference";
    case Verdict::Within: return "within_minimal_effect";
    case Verdict::NoInterval: return "no_interval";
    }
    invariant_broken("a verdict is one of the enumerators", "switch", __FILE__, __LINE__);
}

std::optional<double> Change::relative() const {
    if (baseline == 0) return std::nullopt;
    return change() / baseline;
}

Verdict Change::verdict() const {
    if (!interval) return Verdict::NoInterval;
    const double limit = min_effect * std::fabs(baseline);
    if (min_effect > 0 && -limit <= interval->low && interval->high <= limit) return Verdict::Within;
    if (interval->contains(0)) return Verdict::NotDetectable;
    return interval->high < 0 ? Verdict::Faster : Verdict::Slower;
}

bool Change::unmoved() const {
    const Verdict is = verdict();
    return is == Verdict::NotDetectable || is == Verdict::Within || (is == Verdict::NoInterval && change() == 0);
}

namespace {

template <class Sample>
std::optional<Change> change_between(const Sample& baseline, const Sample& variant, const Method& method) {
    const auto has_samples = [](const Sample& sample) {
        return std::any_of(sample.wholes.begin(), sample.wholes.end(), [](double count) { return count > 0; });
    };
    if (!has_samples(baseline) || !has_samples(variant)) return std::nullopt;
    const ChangeInterval found = interval_of_change(baseline, variant, method);
    return Change{baseline.value(), variant.value(), found.interval, found.replications, method.min_effect};
}

} // namespace

std::optional<Change> change_of(const RatioSample& baseline, const RatioSample& variant, const Method& method) {
    return change_between(baseline, variant, method);
}

std::optional<Change> change_of(const QuantileSample& baseline, const QuantileSample& variant, const Method& method) {
    return change_between(baseline, variant, method);
}

std::optional<Change> change_of(const Split<Histogram>& baseline, const Split<Histogram>& variant,
                                const Statistic& statistic, const Method& method) {
    if (!statistic.quantile) return change_between(mean_sample(baseline), mean_sample(variant), method);
    const double q = *statistic.quantile;
    return change_between(quantile_sample(baseline, q), quantile_sample(variant, q), method);
}

} // namespace firstbyte::report
