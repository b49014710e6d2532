#include "report/statistics.hpp"

#include "core/check.hpp"
#include "report/format.hpp"

#include <algorithm>
#include <cmath>
#include <numeric>

#include <boost/math/distributions/students_t.hpp>

namespace firstbyte::report {

std::optional<Interval> mean_interval(const std::vector<double>& samples, double confidence) {
    FB_ASSERT(confidence > 0 && confidence < 1, "a confidence lies between 0 and 1");
    if (samples.size() < 2) return std::nullopt;
    const auto n = static_cast<double>(samples.size());
    const double mean = std::accumulate(samples.begin(), samples.end(), 0.0) / n;
    double squares = 0;
    for (const double sample : samples) squares += (sample - mean) * (sample - mean);
    const double standard_error = std::sqrt(squares / (n - 1) / n);
    const boost::math::students_t distribution(n - 1);
    const double t = boost::math::quantile(boost::math::complement(distribution, (1 - confidence) / 2));
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
    if (interval->contains(0)) return Verdict::NotDetectable;
    return interval->high < 0 ? Verdict::Faster : Verdict::Slower;
}

bool Change::unmoved() const {
    return verdict() == Verdict::NotDetectable || (verdict() == Verdict::NoInterval && change() == 0);
}

std::optional<Change> change_of(const Split<Histogram>& baseline, const Split<Histogram>& variant,
                                const Statistic& statistic, double confidence) {
    if (baseline.pooled.empty() || variant.pooled.empty()) return std::nullopt;
    Change change;
    change.baseline = statistic.of(baseline.pooled);
    change.variant = statistic.of(variant.pooled);
    std::vector<double> differences;
    const std::size_t replications = std::min(baseline.by_replication.size(), variant.by_replication.size());
    for (std::size_t r = 0; r < replications; ++r) {
        const Histogram &before = baseline.by_replication[r], &after = variant.by_replication[r];
        if (before.empty() || after.empty()) continue; // a pair needs both halves
        differences.push_back(statistic.of(after) - statistic.of(before));
    }
    change.pairs = differences.size();
    change.interval = mean_interval(differences, confidence);
    return change;
}

} // namespace firstbyte::report
