/// Evaluates agg(metric{labels}) on the results of one variant.
#pragma once

#include "firstbyte/report.hpp"

#include <cstdint>
#include <string>
#include <utility>
#include <vector>

namespace firstbyte::report {

/// The counters of the client leg, kept per client group; counted per connection.
struct ConnectionCounter {
    const char* name;
    std::uint64_t ConnectionResults::*member;
};
inline constexpr ConnectionCounter connection_counters[] = {
    {"connections", &ConnectionResults::opened},
    {"blackhole_broken", &ConnectionResults::blackhole_broken},
    {"cookie_granted", &ConnectionResults::cookie_granted},
    {"cookie_hit", &ConnectionResults::with_cookie},
    {"cookie_requested", &ConnectionResults::cookie_requested},
    {"request_retries", &ConnectionResults::retried},
    {"reroute_broken", &ConnectionResults::reroute_broken},
    {"reroute_reset", &ConnectionResults::reroute_reset},
    {"saved_rtt", &ConnectionResults::saved_rtt},
    {"syn_data_accepted", &ConnectionResults::syn_data_accepted},
    {"syn_data_ignored", &ConnectionResults::syn_data_ignored},
};

/// Counters of the origins' leg and side; counted per request of an edge.
struct OriginCounter {
    const char* name;
    std::uint64_t OriginResults::*member;
};
inline constexpr OriginCounter origin_counters[] = {
    {"executions", &OriginResults::executions},          {"origin_rejected", &OriginResults::rejected},
    {"origin_retries", &OriginResults::retries},         {"repeated_executions", &OriginResults::executed_again},
    {"unsafe_repeats", &OriginResults::repeated_unsafe},
};

/// Counters of the PoPs' caches; counted per lookup.
struct CacheCounter {
    const char* name;
    std::uint64_t CacheResults::*member;
};
inline constexpr CacheCounter cache_counters[] = {
    {"cache_coalesced", &CacheResults::coalesced}, {"cache_evictions", &CacheResults::evictions},
    {"cache_hits", &CacheResults::hits},           {"cache_misses", &CacheResults::misses},
    {"cache_stale", &CacheResults::stale_hits},
};

using Labels = std::vector<std::pair<std::string, std::string>>;

struct Measurement {
    double value = 0;          ///< ns for times, 0..1 for rates and ratios, plain counts
    std::uint64_t samples = 0; ///< what the labels left to look at
    std::string obstacle;      ///< why there is no value, in words; empty when there is one
};

/// Pooled over all replications. A counter's samples are what it is counted among (requests or connections), so that
/// "no 520 among 11 952 requests" is a value of 0 and not the absence of samples.
[[nodiscard]] Measurement measure(const Scenario& scenario, const Results& results, const Threshold& threshold);

/// True for metrics whose values are times.
[[nodiscard]] bool is_time_metric(const std::string& metric);

} // namespace firstbyte::report
