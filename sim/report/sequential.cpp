#include "report/sequential.hpp"

#include "core/check.hpp"
#include "firstbyte/report.hpp"
#include "report/comparison.hpp"
#include "report/format.hpp"

#include <algorithm>
#include <cmath>
#include <string>
#include <vector>

#include <fmt/format.h>

namespace firstbyte {
namespace report {

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

} // namespace report

using namespace report;

namespace {

Pair pair_with_baseline(const Report& report, std::size_t variant) {
    const Results &baseline = *report.variants.front().results, &results = *report.variants[variant].results;
    return pair_of(baseline, whole(baseline), results, whole(results));
}

/// Whether a verdict is that of the other direction.
bool mirrored(Verdict forward, Verdict reversed) {
    if (forward == Verdict::Faster) return reversed == Verdict::Slower;
    if (forward == Verdict::Slower) return reversed == Verdict::Faster;
    return forward == reversed;
}

std::string words(Verdict verdict) {
    std::string name = name_of(verdict);
    std::replace(name.begin(), name.end(), '_', ' ');
    return name;
}

} // namespace

std::size_t replications_needed(const Report& pilot, const Precision& wanted, std::size_t most) {
    const std::size_t have = pilot.variants.front().results->replications.size();
    std::size_t needed = have;
    for (std::size_t i = 1; i < pilot.variants.size(); ++i) {
        const Statistic statistic{wanted.quantile > 0 ? std::optional<double>(wanted.quantile) : std::nullopt};
        const auto change = ttfb_change(pair_with_baseline(pilot, i), statistic, method_of(pilot.options));
        if (!change || !change->interval) return std::max(have, most); // too few samples: only more can tell
        needed = std::max(needed, stein_replications(*change, wanted.share, have, most));
    }
    return needed;
}

std::string reverse_check_text(const Report& forward, const Report& reversed) {
    FB_ASSERT(forward.variants.size() == 2 && reversed.variants.size() == 2, "a reverse check is about two sides");
    const Pair there = pair_with_baseline(forward, 1), back = pair_with_baseline(reversed, 1);
    std::vector<std::string> same, other;
    for (const Statistic& statistic : {Statistic{0.5}, Statistic{0.95}, Statistic{0.99}, Statistic{}}) {
        const auto ahead = ttfb_change(there, statistic, method_of(forward.options));
        const auto behind = ttfb_change(back, statistic, method_of(reversed.options));
        if (!ahead || !behind) continue;
        if (mirrored(ahead->verdict(), behind->verdict()))
            same.push_back(statistic.name());
        else
            other.push_back(fmt::format("{} is not ({}; swapped: {})", statistic.name(), words(ahead->verdict()),
                                        words(behind->verdict())));
    }
    std::vector<std::string> items;
    if (!same.empty())
        items.push_back(fmt::format("{} {} the mirror image", fmt::join(same, ", "), same.size() == 1 ? "is" : "are"));
    items.insert(items.end(), other.begin(), other.end());
    if (items.empty()) items.push_back("one side got no first byte");
    return fmt::format("\n  reverse check: roles swapped, seed {}\n", reversed.options.seed) + flowed("    ", items);
}

} // namespace firstbyte
