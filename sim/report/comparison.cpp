#include "report/comparison.hpp"

#include "report/format.hpp"
#include "report/outcome_text.hpp"

#include <algorithm>

#include <fmt/format.h>

namespace firstbyte::report {

Method method_of(const ReportOptions& options) {
    Method method(options.confidence);
    method.paired = options.paired;
    method.pilot = options.pilot;
    method.min_effect = options.min_effect;
    return method;
}

Pair pair_of(const Results& baseline, const Slice& before, const Results& variant, const Slice& after) {
    return {requests_of(baseline, before), requests_of(variant, after), connections_of(baseline, before.groups).pooled,
            connections_of(variant, after.groups).pooled};
}

std::optional<Change> ttfb_change(const Pair& pair, const Statistic& statistic, const Method& method) {
    return change_of(histogram_of(pair.requests_before, &RequestResults::ttfb),
                     histogram_of(pair.requests_after, &RequestResults::ttfb), statistic, method);
}

bool compares_fast_open(const Pair& pair) {
    const ConnectionResults &before = pair.connections_before, &after = pair.connections_after;
    const bool used = after.with_cookie + after.cookie_requested > 0;
    const bool used_before = before.with_cookie + before.cookie_requested > 0;
    return used && (!used_before || after.syn_data_accepted > before.syn_data_accepted);
}

std::optional<double> saved_per_hit(const Pair& pair) {
    const Histogram &before = pair.requests_before.pooled.ttfb, &after = pair.requests_after.pooled.ttfb;
    const auto hits = static_cast<double>(pair.connections_after.syn_data_accepted) -
                      static_cast<double>(pair.connections_before.syn_data_accepted);
    if (hits == 0 || before.empty() || after.empty()) return std::nullopt;
    return (before.mean() - after.mean()) * static_cast<double>(after.count()) / hits;
}

std::vector<std::string> reasons_without_saving(const Pair& pair, double least_share) {
    struct Reason {
        double share;
        std::string text;
    };
    std::vector<Reason> reasons;
    for (const FallbackReason& reason : fallback_reasons(pair.connections_after)) {
        reasons.push_back({reason.share, fmt::format("{} of connections {}", percent(reason.share), reason.text)});
    }
    const double reused = ratio_of(pair.connections_after.reused, count_requests(pair.requests_after.pooled));
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
        if (row.pair.connections_before.opened + row.pair.connections_after.opened > 0) rows.push_back(std::move(row));
    }
    if (by != GroupBy::Rtt) {
        std::stable_sort(rows.begin(), rows.end(), [](const GroupRow& a, const GroupRow& b) {
            return a.pair.connections_after.opened > b.pair.connections_after.opened;
        });
    }
    return rows;
}

} // namespace firstbyte::report
