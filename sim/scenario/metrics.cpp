#include "scenario/metrics.hpp"

#include "firstbyte/schema.hpp"

namespace firstbyte::scenario {

namespace {

using Type = Metric::Type;
using Labels = std::vector<std::string>;

Labels with(Labels labels, const Labels& more) {
    labels.insert(labels.end(), more.begin(), more.end());
    return labels;
}

} // namespace

const std::vector<Metric>& metrics() {
    static const std::vector<Metric> table = [] {
        const Labels group{"client", "region", "country", "pop", "rtt", "variant"};
        const Labels request = with(group, {"object", "method"});
        const Labels outcome =
            with(request, {"code", "cause", "timer", "leg", "origin", "generated_by", "client_view", "event"});
        const Labels leg = with(group, {"leg", "origin"});
        const Labels origin{"origin", "variant"};
        const Labels cache{"pop", "variant"};
        return std::vector<Metric>{
            {"ttfb", Type::Time, request},
            {"connect", Type::Time, group},
            {"request_time", Type::Time, request},
            {"origin_ttfb", Type::Time, {"origin", "variant"}},
            {"outcome", Type::Counter, outcome},
            {"connections", Type::Counter, group},
            {"saved_rtt", Type::Counter, group},
            {"cookie_requested", Type::Counter, group},
            {"cookie_granted", Type::Counter, group},
            {"cookie_hit", Type::Counter, group},
            {"cookie_stale", Type::Counter, group},
            {"syn_data_accepted", Type::Counter, group},
            {"syn_data_ignored", Type::Counter, group},
            {"tfo_fallback", Type::Counter, with(group, {"why"})},
            {"reuse", Type::Ratio, leg},
            {"tfo_penalty", Type::Time, group},
            {"idle_at_reuse", Type::Time, leg},
            {"keepalive_probes", Type::Counter, with(leg, {"answer"})},
            {"keepalive_dead_after", Type::Time, leg},
            {"origin_wait", Type::Time, origin},
            {"origin_rejected", Type::Counter, origin},
            {"origin_retries", Type::Counter, origin},
            {"executions", Type::Counter, origin},
            {"repeated_executions", Type::Counter, origin},
            {"unsafe_repeats", Type::Counter, origin},
            {"cache_hits", Type::Counter, cache},
            {"cache_stale", Type::Counter, cache},
            {"cache_misses", Type::Counter, cache},
            {"cache_coalesced", Type::Counter, cache},
            {"cache_evictions", Type::Counter, cache},
            {"catchment", Type::Ratio, group},
            {"reroute_broken", Type::Counter, group},
            {"reroute_reset", Type::Counter, group},
            {"blackhole_broken", Type::Counter, group},
            {"request_retries", Type::Counter, group},
            {"bgp_convergence", Type::Time, {"event", "pop", "variant"}},
            {"pop_load", Type::Level, cache},
            {"origin_queue", Type::Level, origin},
            {"origin_busy", Type::Level, origin},
        };
    }();
    return table;
}

const Metric* find_metric(std::string_view name) {
    for (const Metric& metric : metrics()) {
        if (metric.name == name) return &metric;
    }
    return nullptr;
}

const std::vector<std::string>& rtt_bucket_names() {
    static const std::vector<std::string> names{"0-10 ms",    "10-20 ms",   "20-50 ms", "50-100 ms",
                                                "100-200 ms", "200-500 ms", ">500 ms"};
    return names;
}

const std::vector<std::string>& all_labels() {
    static const std::vector<std::string> labels{
        "region",  "client",  "pop", "origin", "object",   "method",   "code",  "cause",       "leg",   "generated_by",
        "variant", "country", "why", "rtt",    "protocol", "platform", "timer", "client_view", "event", "answer"};
    return labels;
}

} // namespace firstbyte::scenario

namespace firstbyte {

std::vector<std::string> metric_names(bool levels) {
    std::vector<std::string> names;
    for (const scenario::Metric& metric : scenario::metrics())
        if (metric.supported && (metric.type == scenario::Metric::Type::Level) == levels) names.push_back(metric.name);
    return names;
}

std::vector<std::string> label_names() { return scenario::all_labels(); }

} // namespace firstbyte
