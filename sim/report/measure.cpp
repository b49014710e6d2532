#include "report/measure.hpp"

#include "report/format.hpp"
#include "report/slice.hpp"
#include "report/timeline.hpp"

#include <algorithm>
#include <array>
#include <cmath>
#include <numeric>
#include <optional>
#include <string_view>

#include <fmt/format.h>

namespace firstbyte::report {
namespace {

using Aggregate = Threshold::Aggregate;

/// The labels of a threshold, sorted by what they choose.
struct Filter {
    Slice slice;
    std::vector<std::size_t> origins;
    bool origin_given = false, group_given = false;
    Labels outcome; ///< code, cause, timer, generated_by, client_view, event
    std::string leg, why, answer;
    std::optional<std::string> pop;
    std::string obstacle;
};

/// "50-100 ms", "50-100ms" and "50-100" name the same bucket.
std::string bucket_key(std::string_view name) {
    std::string out;
    for (const char c : name) {
        if (c != ' ') out += c;
    }
    return out.ends_with("ms") ? out.substr(0, out.size() - 2) : out;
}

std::optional<GroupBy> group_label(const std::string& name) {
    for (const GroupBy by : every_label) {
        if (name == label_name(by)) return by;
    }
    return std::nullopt;
}

template <class Keep>
void keep_if(std::vector<std::size_t>& items, Keep keep) {
    std::erase_if(items, [&](std::size_t item) { return !keep(item); });
}

bool kept_by(const std::string& metric, const std::string& label) {
    struct Row {
        std::string_view metric;
        std::vector<std::string_view> labels;
    };
    static const std::vector<std::string_view> groups{"client", "country", "pop", "region", "rtt"};
    static const std::vector<std::string_view> legs{"client", "country", "leg", "origin", "pop", "region", "rtt"};
    for (const OriginCounter& counter : origin_counters)
        if (metric == counter.name) return label == "origin";
    for (const CacheCounter& counter : cache_counters)
        if (metric == counter.name) return label == "pop";
    static const std::vector<Row> rows{
        {"ttfb", {"client", "country", "method", "object", "pop", "region", "rtt"}},
        {"request_time", {"client", "country", "method", "object", "pop", "region", "rtt"}},
        {"outcome",
         {"cause", "client", "client_view", "code", "country", "event", "generated_by", "leg", "method", "object",
          "origin", "pop", "region", "rtt", "timer"}},
        {"origin_ttfb", {"origin"}},
        {"origin_wait", {"origin"}},
        {"origin_busy", {"origin"}},
        {"origin_queue", {"origin"}},
        {"pop_load", {"pop"}},
        {"bgp_convergence", {"event", "pop"}},
        {"reuse", legs},
        {"idle_at_reuse", legs},
        {"keepalive_dead_after", legs},
        {"keepalive_probes", {"answer", "client", "country", "leg", "origin", "pop", "region", "rtt"}},
        {"tfo_fallback", {"client", "country", "pop", "region", "rtt", "why"}},
    };
    const auto row = std::find_if(rows.begin(), rows.end(), [&](const Row& r) { return r.metric == metric; });
    const auto& labels = row == rows.end() ? groups : row->labels;
    return std::find(labels.begin(), labels.end(), label) != labels.end();
}

Filter read_labels(const Scenario& scenario, const Results& results, const Threshold& threshold) {
    Filter filter{whole(results), all_origins(results), false, false, {}, {}, {}, {}, {}, {}};
    for (const auto& given : threshold.labels) {
        const std::string &label = given.first, &value = given.second;
        if (label == "variant") continue; // chose the results, not a part of them
        if (!kept_by(threshold.metric, label)) {
            filter.obstacle = fmt::format("{} is not kept apart by {}", threshold.metric, label);
        } else if (const auto by = group_label(label)) {
            filter.group_given = true;
            if (label == "pop") filter.pop = value;
            const bool bucket = *by == GroupBy::Rtt;
            const std::string wanted = bucket ? bucket_key(value) : value;
            keep_if(filter.slice.groups, [&](std::size_t group) {
                const std::string have = label_value(results.groups[group], *by);
                if (*by == GroupBy::Client && results.groups[group].world == wanted) return true;
                return (bucket ? bucket_key(have) : have) == wanted;
            });
        } else if (label == "object") {
            keep_if(filter.slice.objects, [&](std::size_t object) { return results.objects[object] == value; });
        } else if (label == "method") {
            keep_if(filter.slice.objects, [&](std::size_t object) {
                return object < scenario.workload.objects.size() && scenario.workload.objects[object].method == value;
            });
        } else if (label == "origin") {
            filter.origin_given = true;
            keep_if(filter.origins, [&](std::size_t origin) { return results.origins[origin] == value; });
        } else if (label == "leg") {
            filter.leg = value;
        } else if (label == "answer") {
            filter.answer = value;
        } else if (label == "why") {
            filter.why = value;
        } else {
            filter.outcome.emplace_back(label, value);
        }
    }
    return filter;
}

bool same_outcome(const OutcomeKey& key, const Filter& filter) {
    if (!filter.leg.empty() && filter.leg != leg_of(key)) return false;
    return std::all_of(filter.outcome.begin(), filter.outcome.end(), [&](const auto& label) {
        if (label.first == "code") return label.second == code_of(key);
        if (label.first == "cause") return label.second == firstbyte::name_of(key.cause);
        if (label.first == "timer") return label.second == timer_of(key.cause);
        if (label.first == "client_view") return label.second == firstbyte::name_of(view_of(key));
        if (label.first == "event") return key.event >= 0 && label.second == std::to_string(key.event);
        return label.second == name_of(key.generated_by);
    });
}

bool same_origin(const OutcomeKey& key, const Filter& filter) {
    if (!filter.origin_given) return true;
    return key.origin >= 0 && std::find(filter.origins.begin(), filter.origins.end(),
                                        static_cast<std::size_t>(key.origin)) != filter.origins.end();
}

Measurement measure_times(const Threshold& threshold, const Histogram& times) {
    if (times.empty()) return {};
    const auto count = static_cast<double>(times.count());
    const auto measured = [&](double value) { return Measurement{value, times.count(), {}}; };
    switch (threshold.aggregate) {
    case Aggregate::Quantile: return measured(static_cast<double>(times.quantile(threshold.quantile)));
    case Aggregate::Mean: return measured(times.mean());
    case Aggregate::Min: return measured(static_cast<double>(times.min()));
    case Aggregate::Max: return measured(static_cast<double>(times.max()));
    case Aggregate::Count: return measured(count);
    case Aggregate::Sum: return measured(times.mean() * count);
    case Aggregate::Rate:
    case Aggregate::Ratio: break;
    }
    return {0, 0, "rate and ratio do not apply to times"};
}

/// A counter and what it was counted among: requests for `rate`, connections for `ratio`.
struct Counted {
    std::uint64_t count = 0, requests = 0, connections = 0, samples = 0;
};

Measurement measure_count(const Threshold& threshold, const Counted& counted) {
    if (counted.samples == 0) return {};
    switch (threshold.aggregate) {
    case Aggregate::Count:
    case Aggregate::Sum: return {static_cast<double>(counted.count), counted.samples, {}};
    case Aggregate::Rate: return {ratio_of(counted.count, counted.requests), counted.requests, {}};
    case Aggregate::Ratio: return {ratio_of(counted.count, counted.connections), counted.connections, {}};
    case Aggregate::Quantile:
    case Aggregate::Mean:
    case Aggregate::Min:
    case Aggregate::Max: break;
    }
    return {0, 0, "only count, rate, ratio and sum apply to a counter"};
}

Counted count_outcomes(const RequestResults& requests, const ConnectionResults& connections, const Filter& filter) {
    Counted out;
    for (const auto& [key, count] : requests.outcomes) {
        if (!same_origin(key, filter)) continue;
        out.requests += count;
        if (same_outcome(key, filter)) out.count += count;
    }
    out.connections = connections.opened;
    out.samples = out.requests;
    return out;
}

// The edge's connections to an origin belong to no client group, the clients' to no origin.
bool client_leg(const Filter& filter) { return filter.leg != "edge_origin" && !filter.origin_given; }
bool origin_leg(const Filter& filter) { return filter.leg != "client_edge" && !filter.group_given; }

/// What each leg kept, or one of them.
template <class Of>
Counted count_legs(const RequestResults& requests, const ConnectionResults& connections, const OriginResults& origins,
                   const Filter& filter, Of of) {
    Counted out;
    if (client_leg(filter)) {
        out.count += of(connections);
        out.requests += count_requests(requests);
    }
    if (origin_leg(filter)) {
        out.count += of(origins);
        out.requests += origins.requests;
    }
    out.connections = out.samples = out.requests;
    return out;
}

Counted count_probes(const RequestResults& requests, const ConnectionResults& connections, const OriginResults& origins,
                     const Filter& filter) {
    return count_legs(requests, connections, origins, filter, [&filter](const auto& leg) {
        return (filter.answer != "unanswered" ? leg.probes_answered : 0) +
               (filter.answer != "answered" ? leg.probes_unanswered : 0);
    });
}

Counted count_reuse(const RequestResults& requests, const ConnectionResults& connections, const OriginResults& origins,
                    const Filter& filter) {
    // Reuse is itself a ratio of requests, whichever word asks for it.
    return count_legs(requests, connections, origins, filter, [](const auto& leg) { return leg.reused; });
}

Histogram times_of_legs(const ConnectionResults& connections, const OriginResults& origins, const Filter& filter,
                        const std::string& metric) {
    const bool idle = metric == "idle_at_reuse";
    Histogram out;
    if (client_leg(filter)) out.merge(idle ? connections.idle_at_reuse : connections.dead_after);
    if (origin_leg(filter)) out.merge(idle ? origins.idle_at_reuse : origins.dead_after);
    return out;
}

/// What caches did: all of them, or one PoP's.
Counted count_cache(const Results& results, const Filter& filter, std::uint64_t CacheResults::*member) {
    const CacheResults pooled = caches_of(results, filter.pop).pooled;
    const std::uint64_t lookups = pooled.hits + pooled.stale_hits + pooled.misses;
    return {pooled.*member, lookups, lookups, lookups};
}

/// A metric of the origin leg, or of both legs; nothing when it is another one's.
std::optional<Measurement> measure_legs(const Results& results, const Threshold& threshold, const Filter& filter) {
    const std::string& metric = threshold.metric;
    for (const CacheCounter& counter : cache_counters)
        if (metric == counter.name) return measure_count(threshold, count_cache(results, filter, counter.member));
    const OriginResults origins = origins_of(results, filter.origins).pooled;
    for (const OriginCounter& counter : origin_counters)
        if (metric == counter.name)
            return measure_count(threshold,
                                 {origins.*counter.member, origins.requests, origins.connections, origins.requests});
    if (metric == "origin_ttfb") return measure_times(threshold, origins.ttfb);
    if (metric == "origin_wait") return measure_times(threshold, origins.wait);
    const RequestResults requests = requests_of(results, filter.slice).pooled;
    const ConnectionResults connections = connections_of(results, filter.slice.groups).pooled;
    if (metric == "reuse") return measure_count(threshold, count_reuse(requests, connections, origins, filter));
    if (metric == "keepalive_probes")
        return measure_count(threshold, count_probes(requests, connections, origins, filter));
    if (metric == "idle_at_reuse" || metric == "keepalive_dead_after")
        return measure_times(threshold, times_of_legs(connections, origins, filter, metric));
    return std::nullopt;
}

/// A level over time: every bucket of every replication is a sample.
Measurement measure_level(const Scenario& scenario, const Results& results, const Threshold& threshold,
                          const Filter& filter, Level level) {
    if (results.bucket == Duration{0}) return {0, 0, "output.timeline is 0s: no time series are kept"};
    std::vector<std::size_t> which = filter.origins;
    if (level == Level::PopLoad) {
        which.clear();
        for (std::size_t pop = 0; pop < results.pops.size(); ++pop)
            if (!filter.pop || results.pops[pop] == *filter.pop) which.push_back(pop);
    }
    std::vector<double> values = level_values(results, level, which, scenario.run.duration);
    if (values.empty()) return {};
    std::sort(values.begin(), values.end());
    const std::size_t count = values.size();
    const auto measured = [&](double value) { return Measurement{value, count, {}}; };
    switch (threshold.aggregate) {
    case Aggregate::Quantile: { // the smallest value that enough of them do not exceed, as of histograms
        const auto rank = static_cast<std::size_t>(std::ceil(threshold.quantile * static_cast<double>(count)));
        return measured(values[std::max<std::size_t>(rank, 1) - 1]);
    }
    case Aggregate::Mean:
        return measured(std::accumulate(values.begin(), values.end(), 0.0) / static_cast<double>(count));
    case Aggregate::Min: return measured(values.front());
    case Aggregate::Max: return measured(values.back());
    case Aggregate::Count:
    case Aggregate::Sum:
    case Aggregate::Rate:
    case Aggregate::Ratio: break;
    }
    return {0, 0, "only quantiles, mean, min and max apply to a level"};
}

/// How long routes moved: one sample for each event that moved any.
Measurement measure_convergence(const Results& results, const Threshold& threshold, const Filter& filter) {
    Histogram times;
    for (const Convergence& change : results.convergence) {
        const bool wanted = std::all_of(filter.outcome.begin(), filter.outcome.end(), [&](const auto& label) {
            return label.first != "event" || label.second == std::to_string(change.event);
        });
        if (wanted && (!filter.pop || *filter.pop == change.pop)) times.add(change.duration);
    }
    return measure_times(threshold, times);
}

std::uint64_t fallbacks(const ConnectionResults& connections, const std::string& why) {
    std::uint64_t count = 0;
    for (std::size_t i = 0; i < connections.fallback.size(); ++i) {
        if (why.empty() || why == firstbyte::name_of(static_cast<TfoFallback>(i))) count += connections.fallback[i];
    }
    return count;
}

} // namespace

bool is_time_metric(const std::string& metric) {
    constexpr std::array<std::string_view, 9> times{
        "ttfb",          "request_time",         "connect",     "origin_ttfb",    "origin_wait",
        "idle_at_reuse", "keepalive_dead_after", "tfo_penalty", "bgp_convergence"};
    return std::find(times.begin(), times.end(), metric) != times.end();
}

Measurement measure(const Scenario& scenario, const Results& results, const Threshold& threshold) {
    const std::string& metric = threshold.metric;
    const Filter filter = read_labels(scenario, results, threshold);
    if (!filter.obstacle.empty()) return {0, 0, filter.obstacle};

    if (const auto level = level_called(metric)) return measure_level(scenario, results, threshold, filter, *level);
    if (metric == "bgp_convergence") return measure_convergence(results, threshold, filter);
    if (const auto measured = measure_legs(results, threshold, filter)) return *measured;
    const RequestResults requests = requests_of(results, filter.slice).pooled;
    const ConnectionResults connections = connections_of(results, filter.slice.groups).pooled;
    if (metric == "catchment") { // of the connections of the same clients, wherever they went
        Threshold anywhere = threshold;
        std::erase_if(anywhere.labels, [](const auto& label) { return label.first == "pop" || label.first == "rtt"; });
        const auto all = connections_of(results, read_labels(scenario, results, anywhere).slice.groups).pooled.opened;
        return measure_count(threshold, {connections.opened, all, all, all});
    }
    if (metric == "ttfb") return measure_times(threshold, requests.ttfb);
    if (metric == "request_time") return measure_times(threshold, requests.request_time);
    if (metric == "connect") return measure_times(threshold, connections.connect);
    if (metric == "tfo_penalty") return measure_times(threshold, connections.tfo_penalty);
    if (metric == "outcome") return measure_count(threshold, count_outcomes(requests, connections, filter));

    const auto among_connections = [&](std::uint64_t count) {
        return measure_count(threshold, {count, count_requests(requests), connections.opened, connections.opened});
    };
    if (metric == "tfo_fallback") return among_connections(fallbacks(connections, filter.why));
    if (metric == "cookie_stale") {
        return among_connections(fallbacks(connections, firstbyte::name_of(TfoFallback::KeyMismatch)));
    }
    for (const ConnectionCounter& counter : connection_counters) {
        if (metric == counter.name) return among_connections(connections.*counter.member);
    }
    return {0, 0, fmt::format("this version does not record {}", metric)};
}

} // namespace firstbyte::report
