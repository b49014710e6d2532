#include "report/slice.hpp"

#include "core/check.hpp"

#include <algorithm>
#include <numeric>

namespace firstbyte::report {
namespace {

std::vector<std::size_t> indices(std::size_t count) {
    std::vector<std::size_t> out(count);
    std::iota(out.begin(), out.end(), std::size_t{0});
    return out;
}

/// Buckets of round-trip time, named as ux and results name them; the upper bound belongs to the bucket.
struct RttBucket {
    Duration upper;
    const char* name;
};
constexpr RttBucket rtt_buckets[] = {
    // model choice: 1-2-5 steps over what clients of anycast services see
    {std::chrono::milliseconds{10}, "0-10 ms"},
    {std::chrono::milliseconds{20}, "10-20 ms"},
    {std::chrono::milliseconds{50}, "20-50 ms"},
    {std::chrono::milliseconds{100}, "50-100 ms"},
    {std::chrono::milliseconds{200}, "100-200 ms"},
    {std::chrono::milliseconds{500}, "200-500 ms"},
    {Duration::max(), ">500 ms"},
};

std::size_t rtt_bucket(Duration rtt) {
    std::size_t bucket = 0;
    while (rtt > rtt_buckets[bucket].upper) ++bucket;
    return bucket;
}

} // namespace

Slice whole(const Results& results) { return {indices(results.groups.size()), indices(results.objects.size())}; }

Slice of_groups(const Results& results, std::vector<std::size_t> groups) {
    return {std::move(groups), indices(results.objects.size())};
}

Slice of_object(const Results& results, std::size_t object) { return {indices(results.groups.size()), {object}}; }

Split<RequestResults> requests_of(const Results& results, const Slice& slice) {
    const std::size_t objects = results.objects.size();
    Split<RequestResults> out;
    for (const ReplicationResults& replication : results.replications) {
        FB_ASSERT(replication.requests.size() == results.groups.size() * objects,
                  "a replication keeps one record of requests for each group and object");
        RequestResults& part = out.by_replication.emplace_back();
        for (const std::size_t group : slice.groups) {
            for (const std::size_t object : slice.objects) part.merge(replication.requests[group * objects + object]);
        }
        out.pooled.merge(part);
    }
    return out;
}

Split<ConnectionResults> connections_of(const Results& results, const std::vector<std::size_t>& groups) {
    Split<ConnectionResults> out;
    for (const ReplicationResults& replication : results.replications) {
        FB_ASSERT(replication.connections.size() == results.groups.size(),
                  "a replication keeps one record of connections for each group");
        ConnectionResults& part = out.by_replication.emplace_back();
        for (const std::size_t group : groups) part.merge(replication.connections[group]);
        out.pooled.merge(part);
    }
    return out;
}

Split<RouteResults> routes_of(const Results& results, std::optional<std::size_t> group) {
    Split<RouteResults> out;
    for (const ReplicationResults& replication : results.replications) {
        RouteResults& part = out.by_replication.emplace_back();
        for (std::size_t g = 0; g < replication.routes.size(); ++g)
            if (!group || *group == g) part.merge(replication.routes[g]);
        out.pooled.merge(part);
    }
    return out;
}

Split<OriginResults> origins_of(const Results& results, const std::vector<std::size_t>& origins) {
    Split<OriginResults> out;
    for (const ReplicationResults& replication : results.replications) {
        FB_ASSERT(replication.origins.size() == results.origins.size(),
                  "a replication keeps one record for each origin");
        OriginResults& part = out.by_replication.emplace_back();
        for (const std::size_t origin : origins) part.merge(replication.origins[origin]);
        out.pooled.merge(part);
    }
    return out;
}

Split<CacheResults> caches_of(const Results& results, const std::optional<std::string>& pop) {
    Split<CacheResults> out;
    for (const ReplicationResults& replication : results.replications) {
        CacheResults& part = out.by_replication.emplace_back();
        for (std::size_t i = 0; i < replication.caches.size(); ++i)
            if (!pop || results.pops.at(i) == *pop) part.merge(replication.caches[i]);
        out.pooled.merge(part);
    }
    return out;
}

std::vector<std::size_t> all_origins(const Results& results) { return indices(results.origins.size()); }

std::map<OutcomeKey, Example> first_examples(const Results& results) {
    std::map<OutcomeKey, Example> out;
    for (const ReplicationResults& replication : results.replications)
        for (const auto& [key, example] : replication.examples) out.try_emplace(key, example);
    return out;
}

std::uint64_t count_requests(const RequestResults& requests) {
    std::uint64_t count = 0;
    for (const auto& [key, times] : requests.outcomes) count += times;
    return count;
}

const char* label_name(GroupBy by) {
    switch (by) {
    case GroupBy::Rtt: return "rtt";
    case GroupBy::Region: return "region";
    case GroupBy::Country: return "country";
    case GroupBy::Pop: return "pop";
    case GroupBy::Client: return "client";
    }
    invariant_broken("a label is one of the enumerators", "switch", __FILE__, __LINE__);
}

std::string label_value(const GroupLabels& labels, GroupBy by) {
    switch (by) {
    case GroupBy::Rtt: return rtt_buckets[rtt_bucket(labels.rtt)].name;
    case GroupBy::Region: return labels.region;
    case GroupBy::Country: return labels.country;
    case GroupBy::Pop: return labels.pop;
    case GroupBy::Client: return labels.client;
    }
    invariant_broken("a label is one of the enumerators", "switch", __FILE__, __LINE__);
}

std::vector<std::size_t> groups_with(const Results& results, GroupBy by, const std::string& value) {
    std::vector<std::size_t> groups = indices(results.groups.size());
    std::erase_if(groups, [&](std::size_t group) { return label_value(results.groups[group], by) != value; });
    return groups;
}

std::vector<Marginal> marginals(const Results& results, GroupBy by) {
    using Key = std::pair<std::size_t, std::string>; // buckets by number, all else by name
    std::map<Key, std::vector<std::size_t>> found;
    for (std::size_t group = 0; group < results.groups.size(); ++group) {
        const GroupLabels& labels = results.groups[group];
        const std::size_t order = by == GroupBy::Rtt ? rtt_bucket(labels.rtt) : 0;
        found[{order, label_value(labels, by)}].push_back(group);
    }
    std::vector<Marginal> out;
    for (auto& [key, groups] : found) out.push_back({key.second, std::move(groups)});
    return out;
}

std::string code_of(const OutcomeKey& outcome) {
    const int status = status_of(outcome);
    Cause cause = outcome.cause;
    if (cause == Cause::Reroute) cause = Cause::ConnectionReset; // what the client sees is the same
    return status == 0 || cause == Cause::Truncated ? firstbyte::name_of(cause) : std::to_string(status);
}

const char* leg_of(Cause cause) {
    switch (cause) {
    case Cause::Unfinished:
    case Cause::CacheHit: return "";
    case Cause::OriginReplied:
    case Cause::Refused:
    case Cause::ConnectTimeout:
    case Cause::AckTimeout:
    case Cause::ReadTimeout:
    case Cause::WriteTimeout:
    case Cause::Reset:
    case Cause::EmptyReply:
    case Cause::StaleReuse:
    case Cause::KeepaliveDead:
    case Cause::TlsHandshake:
    case Cause::TlsCertificate:
    case Cause::Dns:
    case Cause::Unreachable:
    case Cause::Malformed:
    case Cause::HeaderTooLarge:
    case Cause::H2Protocol:
    case Cause::BadEncoding:
    case Cause::OriginFailed:
    case Cause::EdgeInternal:
    case Cause::Truncated: return "edge_origin";
    case Cause::ConnectionReset:
    case Cause::ConnectionRefused:
    case Cause::ConnectionTimeout:
    case Cause::EndOfFile:
    case Cause::Reroute:
    case Cause::ClientGone:
    case Cause::ClientTimeout:
    case Cause::RequestTimeout: return "client_edge";
    case Cause::count_: break;
    }
    invariant_broken("a cause is one of the enumerators", "switch", __FILE__, __LINE__);
}

const char* leg_of(const OutcomeKey& outcome) { return outcome.event >= 0 ? "client_edge" : leg_of(outcome.cause); }

const char* name_of(GeneratedBy who) {
    switch (who) {
    case GeneratedBy::None: return "none";
    case GeneratedBy::Edge: return "edge";
    case GeneratedBy::Origin: return "origin";
    }
    invariant_broken("a maker of responses is one of the enumerators", "switch", __FILE__, __LINE__);
}

std::map<std::string, std::uint64_t> count_by_code(const RequestResults& requests) {
    std::map<std::string, std::uint64_t> out;
    for (const auto& [key, count] : requests.outcomes) out[code_of(key)] += count;
    return out;
}

} // namespace firstbyte::report
