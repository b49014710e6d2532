#include "report/comparison.hpp"

#include "report/format.hpp"
#include "report/outcome_text.hpp"

#include <algorithm>
#include <utility>

#include <fmt/format.h>

namespace firstbyte::report {

Method method_of(const ReportOptions& options) {
    Method method(options.confidence);
    method.paired = options.paired;
    method.pilot = options.pilot;
    method.min_effect = options.min_effect;
    return method;
}

std::optional<QuantileSample> Times::quantile(double q) const {
    if (!by_replication.empty()) return quantile_sample({pooled, by_replication}, q);
    const auto stored =
        std::find_if(quantiles.begin(), quantiles.end(), [q](const QuantileSample& sample) { return sample.q == q; });
    return stored == quantiles.end() ? std::nullopt : std::optional(*stored);
}

Times times_of(Split<Histogram> split) {
    Times out;
    out.means = mean_sample(split);
    out.pooled = std::move(split.pooled);
    out.by_replication = std::move(split.by_replication);
    return out;
}

std::optional<Change> change_of(const Times& before, const Times& after, const Statistic& statistic,
                                const Method& method) {
    if (before.pooled.empty() || after.pooled.empty()) return std::nullopt;
    if (!statistic.quantile) return change_of(before.means, after.means, method);
    const auto quantile_before = before.quantile(*statistic.quantile);
    const auto quantile_after = after.quantile(*statistic.quantile);
    if (!quantile_before || !quantile_after) return std::nullopt;
    return change_of(*quantile_before, *quantile_after, method);
}

Side side_of(const Results& results, const Slice& slice) {
    const auto requests = requests_of(results, slice);
    return {times_of(histogram_of(requests, &RequestResults::ttfb)), count_by_code(requests.pooled),
            count_requests(requests.pooled), connections_of(results, slice.groups).pooled};
}

Pair pair_of(const Results& baseline, const Slice& before, const Results& variant, const Slice& after) {
    return {side_of(baseline, before), side_of(variant, after)};
}

std::optional<Change> ttfb_change(const Pair& pair, const Statistic& statistic, const Method& method) {
    return change_of(pair.before.ttfb, pair.after.ttfb, statistic, method);
}

bool compares_fast_open(const Pair& pair) {
    const ConnectionResults &before = pair.before.connections, &after = pair.after.connections;
    const bool used = after.with_cookie + after.cookie_requested > 0;
    const bool used_before = before.with_cookie + before.cookie_requested > 0;
    return used && (!used_before || after.syn_data_accepted > before.syn_data_accepted);
}

std::optional<double> saved_per_hit(const Pair& pair) {
    const Times &before = pair.before.ttfb, &after = pair.after.ttfb;
    const auto hits = static_cast<double>(pair.after.connections.syn_data_accepted) -
                      static_cast<double>(pair.before.connections.syn_data_accepted);
    if (hits == 0 || before.pooled.empty() || after.pooled.empty()) return std::nullopt;
    return (before.means.value() - after.means.value()) * static_cast<double>(after.pooled.count()) / hits;
}

std::vector<std::string> reasons_without_saving(const Pair& pair, double least_share) {
    struct Reason {
        double share;
        std::string text;
    };
    std::vector<Reason> reasons;
    for (const FallbackReason& reason : fallback_reasons(pair.after.connections)) {
        reasons.push_back({reason.share, fmt::format("{} of connections {}", percent(reason.share), reason.text)});
    }
    const double reused = ratio_of(pair.after.connections.reused, pair.after.requests);
    reasons.push_back({reused, percent(reused) + " of requests use an open connection and have no handshake to save"});
    std::erase_if(reasons, [&](const Reason& reason) { return reason.share == 0 || reason.share < least_share; });
    std::stable_sort(reasons.begin(), reasons.end(),
                     [](const Reason& a, const Reason& b) { return a.share > b.share; });
    std::vector<std::string> out;
    for (Reason& reason : reasons) out.push_back(std::move(reason.text));
    return out;
}

std::vector<GroupRow> group_rows(const Results& baseline, const Results& variant, GroupBy by) {
    std::vector<GroupRow> rows;
    Results both; // only its labels: routes may lead elsewhere in the variant
    both.groups = baseline.groups;
    both.groups.insert(both.groups.end(), variant.groups.begin(), variant.groups.end());
    for (const Marginal& marginal : marginals(both, by)) {
        const std::string& value = marginal.value;
        GroupRow row{value.empty() ? "(none)" : value,
                     pair_of(baseline, of_groups(baseline, groups_with(baseline, by, value)), variant,
                             of_groups(variant, groups_with(variant, by, value)))};
        if (row.pair.before.connections.opened + row.pair.after.connections.opened > 0) rows.push_back(std::move(row));
    }
    if (by != GroupBy::Rtt) {
        std::stable_sort(rows.begin(), rows.end(), [](const GroupRow& a, const GroupRow& b) {
            return a.pair.after.connections.opened > b.pair.after.connections.opened;
        });
    }
    return rows;
}

} // namespace firstbyte::report
