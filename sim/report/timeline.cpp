#include "report/timeline.hpp"

#include "core/check.hpp"
#include "report/statistics.hpp"

#include <algorithm>
#include <chrono>
#include <cmath>
#include <cstdint>
#include <utility>

namespace firstbyte::report {
namespace {

using Series = std::vector<std::uint64_t>;

const std::vector<Series>& series_of(const TimeSeries& timeline, Level level) {
    switch (level) {
    case Level::PopLoad: return timeline.pop_requests;
    case Level::OriginQueue: return timeline.origin_queue;
    case Level::OriginBusy: return timeline.origin_busy;
    }
    invariant_broken("a level is one of the enumerators", "switch", __FILE__, __LINE__);
}

/// What one unit of a level's sums is divided by: requests by seconds, ns of work by ns.
double divisor(Level level, Duration length) {
    return level == Level::PopLoad ? std::chrono::duration<double>(length).count()
                                   : static_cast<double>(length.count());
}

double rounded(double value) { return std::round(value * 1000) / 1000; }

struct Named {
    const char* metric;
    Json labels;
    const char* unit;
    Json values;
};

void put(Json& out, Named series) {
    out.push_back({{"metric", series.metric},
                   {"labels", std::move(series.labels)},
                   {"unit", series.unit},
                   {"values", std::move(series.values)}});
}

/// A level of one PoP or origin: the mean over the replications, of what each bucket has of the window.
Json mean_level(const Series& sums, Level level, Duration bucket, Duration window, std::size_t replications) {
    Json values = Json::array();
    Duration begin{0};
    for (auto sum = sums.begin(); sum != sums.end() && begin < window; ++sum, begin += bucket) {
        const double by = divisor(level, std::min(bucket, window - begin)) * static_cast<double>(replications);
        values.push_back(rounded(static_cast<double>(*sum) / by));
    }
    return values;
}

Json mean_ttfb(const TimeSeries& timeline) {
    Json values = Json::array();
    for (std::size_t i = 0; i < timeline.first_bytes.size(); ++i) {
        const std::uint64_t count = timeline.first_bytes[i];
        values.push_back(count == 0 ? Json() : Json((timeline.ttfb_ns[i] + count / 2) / count));
    }
    return values;
}

} // namespace

std::optional<Level> level_called(const std::string& metric) {
    if (metric == "pop_load") return Level::PopLoad;
    if (metric == "origin_queue") return Level::OriginQueue;
    if (metric == "origin_busy") return Level::OriginBusy;
    return std::nullopt;
}

std::vector<double> level_values(const Results& results, Level level, const std::vector<std::size_t>& which,
                                 Duration window) {
    std::vector<double> out;
    if (results.bucket == Duration{0}) return out;
    for (const ReplicationResults& replication : results.replications) {
        const std::vector<Series>& series = series_of(replication.timeline, level);
        std::size_t bucket = 0;
        for (Duration begin{0}; begin < window; begin += results.bucket, ++bucket) {
            std::uint64_t sum = 0;
            for (const std::size_t i : which)
                if (i < series.size() && bucket < series[i].size()) sum += series[i][bucket];
            out.push_back(static_cast<double>(sum) / divisor(level, std::min(results.bucket, window - begin)));
        }
    }
    return out;
}

Json timeline_json(const Results& results, Duration window) {
    Json out = Json::array();
    if (results.bucket == Duration{0}) return out;
    TimeSeries all;
    for (const ReplicationResults& replication : results.replications) all.merge(replication.timeline);
    const std::size_t replications = results.replications.size();
    put(out, {"connections", Json::object(), "1", all.connections});
    if (!all.cookie_hits.empty()) put(out, {"syn_data_accepted", Json::object(), "1", all.cookie_hits});
    for (const auto& [status, counts] : all.outcomes)
        put(out, {"outcome", {{"code", status == 0 ? "none" : std::to_string(status)}}, "1", counts});
    const auto levels = [&](const char* metric, Level level, const char* label, const char* unit,
                            const std::vector<std::string>& names) {
        const std::vector<Series>& series = series_of(all, level);
        for (std::size_t i = 0; i < series.size(); ++i)
            if (!series[i].empty())
                put(out, {metric,
                          {{label, names[i]}},
                          unit,
                          mean_level(series[i], level, results.bucket, window, replications)});
    };
    levels("origin_busy", Level::OriginBusy, "origin", "workers", results.origins);
    levels("origin_queue", Level::OriginQueue, "origin", "requests", results.origins);
    levels("pop_load", Level::PopLoad, "pop", "1/s", results.pops);
    put(out, {"ttfb", Json::object(), "ns", mean_ttfb(all)});
    return out;
}

} // namespace firstbyte::report
