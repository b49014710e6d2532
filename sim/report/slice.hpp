/// Parts of the results: which groups and objects, pooled over the replications and one by one.
#pragma once

#include "firstbyte/report.hpp"
#include "firstbyte/results.hpp"

#include <cstddef>
#include <map>
#include <optional>
#include <string>
#include <vector>

namespace firstbyte::report {

/// The client groups and objects that are looked at, by index and ascending.
struct Slice {
    std::vector<std::size_t> groups, objects;
};
[[nodiscard]] Slice whole(const Results& results);
[[nodiscard]] Slice of_groups(const Results& results, std::vector<std::size_t> groups);
[[nodiscard]] Slice of_object(const Results& results, std::size_t object);

/// The same part of all replications together, and of each.
template <class Part>
struct Split {
    Part pooled;
    std::vector<Part> by_replication;
};

[[nodiscard]] Split<RequestResults> requests_of(const Results& results, const Slice& slice);
[[nodiscard]] Split<ConnectionResults> connections_of(const Results& results, const std::vector<std::size_t>& groups);
/// Of one client group, or of all.
[[nodiscard]] Split<RouteResults> routes_of(const Results& results, std::optional<std::size_t> group);
[[nodiscard]] Split<OriginResults> origins_of(const Results& results, const std::vector<std::size_t>& origins);
/// Of the PoP of that name, or of all; nothing where there are no caches.
[[nodiscard]] Split<CacheResults> caches_of(const Results& results, const std::optional<std::string>& pop);
[[nodiscard]] std::vector<std::size_t> all_origins(const Results& results);

/// One histogram out of each part.
template <class Part>
[[nodiscard]] Split<Histogram> histogram_of(const Split<Part>& split, Histogram Part::*member) {
    Split<Histogram> out{split.pooled.*member, {}};
    out.by_replication.reserve(split.by_replication.size());
    for (const Part& part : split.by_replication) out.by_replication.push_back(part.*member);
    return out;
}

/// The earliest request of each way to end, of the first replication that has one.
[[nodiscard]] std::map<OutcomeKey, Example> first_examples(const Results& results);

/// Requests that ended, in whatever way, or were open when the run stopped.
[[nodiscard]] std::uint64_t count_requests(const RequestResults& requests);

/// One value of a label and the groups that carry it.
struct Marginal {
    std::string value;
    std::vector<std::size_t> groups;
};
[[nodiscard]] const char* label_name(GroupBy by); ///< "region"
/// Value of a group's label; a round-trip time is named by its bucket: "50-100 ms".
[[nodiscard]] std::string label_value(const GroupLabels& labels, GroupBy by);
/// The rows that carry a value of a label; none where the results have no such value.
[[nodiscard]] std::vector<std::size_t> groups_with(const Results& results, GroupBy by, const std::string& value);
/// Every value of a label: round-trip times from short to long, the rest by name.
[[nodiscard]] std::vector<Marginal> marginals(const Results& results, GroupBy by);
inline constexpr GroupBy every_label[] = {GroupBy::Client, GroupBy::Country, GroupBy::Pop, GroupBy::Region,
                                          GroupBy::Rtt};

/// Code of an outcome as labels spell it: the status, or the client's view where there is none ("conn_reset").
/// A body that stopped early is "truncated", so that code=200 counts complete responses only.
[[nodiscard]] std::string code_of(const OutcomeKey& outcome);
/// The connection on which it happened: "client_edge", "edge_origin", or empty where no connection was at fault.
[[nodiscard]] const char* leg_of(Cause cause);
/// The same of one kind of outcome: what routes have ended happened between client and edge, whatever the cause.
[[nodiscard]] const char* leg_of(const OutcomeKey& outcome);
[[nodiscard]] const char* name_of(GeneratedBy who);
/// Requests by code, pooled; the code's own order.
[[nodiscard]] std::map<std::string, std::uint64_t> count_by_code(const RequestResults& requests);

} // namespace firstbyte::report
