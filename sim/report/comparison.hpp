/// One variant beside the baseline, for all clients or for some of them.
#pragma once

#include "report/slice.hpp"
#include "report/statistics.hpp"

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <vector>

namespace firstbyte::report {

[[nodiscard]] Method method_of(const ReportOptions& options);

/// Times of one side: the pooled counts, and what each replication says of the errors of a mean and of quantiles.
struct Times {
    Histogram pooled;
    RatioSample means;
    std::vector<Histogram> by_replication; ///< empty when read from a stored result, which does not keep them
    std::vector<QuantileSample> quantiles; ///< instead of them: those that the result has
    /// None when a stored result does not have it.
    [[nodiscard]] std::optional<QuantileSample> quantile(double q) const;
};
[[nodiscard]] Times times_of(Split<Histogram> split);
/// Change of a statistic of times; none when one side has no sample or does not have the quantile.
[[nodiscard]] std::optional<Change> change_of(const Times& before, const Times& after, const Statistic& statistic,
                                              const Method& method);

/// One side of a comparison: what some clients did, all replications together.
struct Side {
    Times ttfb;
    std::map<std::string, std::uint64_t> codes; ///< requests by code
    std::uint64_t requests = 0;
    ConnectionResults connections;
};
[[nodiscard]] Side side_of(const Results& results, const Slice& slice);

/// Both sides of a comparison for the same client groups.
struct Pair {
    Side before, after;
};
[[nodiscard]] Pair pair_of(const Results& baseline, const Slice& before, const Results& variant, const Slice& after);

/// Change of the time to first byte; none when one side got no first byte.
[[nodiscard]] std::optional<Change> ttfb_change(const Pair& pair, const Statistic& statistic, const Method& method);

/// True when the variant took more SYN data than the baseline: then what is compared is Fast Open.
[[nodiscard]] bool compares_fast_open(const Pair& pair);

/// Mean saving of a request divided by the share of connections whose SYN data were accepted, ns: what one hit saves.
/// None when both sides accepted as many.
[[nodiscard]] std::optional<double> saved_per_hit(const Pair& pair);

/// Why a request gained nothing from Fast Open, the most frequent reason first: "16.7 % of connections ...".
/// Reasons that concern less than `least_share` are left out.
[[nodiscard]] std::vector<std::string> reasons_without_saving(const Pair& pair, double least_share);

/// A row of the table by groups.
struct GroupRow {
    std::string name;
    Pair pair;
};
/// One row for each value of the label on either side, for the groups that carry it there. Round-trip times from short
/// to long; else by the number of connections, most first. Groups without any connection on either side are left out.
[[nodiscard]] std::vector<GroupRow> group_rows(const Results& baseline, const Results& variant, GroupBy by);

} // namespace firstbyte::report
