#include "validation.hpp"

#include <nlohmann/json.hpp>

#include <cmath>

namespace firstbyte::validate {
namespace {

using Json = nlohmann::ordered_json;

/// Whole microseconds, so that the text does not show how a double is stored.
double rounded(double ms) { return std::round(ms * 1000) / 1000; }

Json time_json(const GridTime& time) {
    return {{"simulated_ms", rounded(time.simulated_ms)},
            {"measured_ms", rounded(time.measured_ms)},
            {"within", time.within}};
}

Json point_json(const GridResult& point) {
    Json out{{"file", point.file}, {"line", point.line}, {"set", point.set}, {"name", point.name}};
    if (!point.refused.empty()) {
        out["refused"] = point.refused;
        return out;
    }
    out["ttfb"] = time_json(point.ttfb);
    out["ttlb"] = time_json(point.ttlb);
    out["data_up"] = point.data_up;
    out["data_down"] = point.data_down;
    out["segments_equal"] = point.segments;
    out["counters_equal"] = point.counters;
    return out;
}

Json summary_json(const SetSummary& summary) {
    Json out{{"set", summary.set},
             {"points", summary.points},
             {"refused", summary.refused},
             {"ttfb_within", summary.ttfb_within},
             {"ttfb_median_ms", rounded(summary.ttfb_median_ms)},
             {"ttlb_within", summary.ttlb_within},
             {"ttlb_late_timer", summary.ttlb_late},
             {"ttlb_median_ms", rounded(summary.ttlb_median_ms)},
             {"segments_equal", summary.segments_equal},
             {"counters_equal", summary.counters_equal}};
    if (summary.ttfb_worst != nullptr) out["ttfb_worst_line"] = summary.ttfb_worst->line;
    if (summary.ttfb_worst != nullptr) out["ttfb_worst_ms"] = rounded(summary.ttfb_worst->ttfb.error_ms());
    if (summary.ttlb_worst != nullptr) out["ttlb_worst_line"] = summary.ttlb_worst->line;
    if (summary.ttlb_worst != nullptr) out["ttlb_worst_ms"] = rounded(summary.ttlb_worst->ttlb.error_ms());
    return out;
}

Json timeline_json(const TimelineResult& timeline) {
    Json differences = Json::array();
    for (const Difference& difference : timeline.differences)
        differences.push_back({{"at_ms", rounded(to_ms(difference.at))}, {"what", difference.what}});
    Json out{{"id", timeline.id},
             {"file", timeline.file},
             {"line", timeline.line},
             {"agrees", timeline.agrees()},
             {"unstable", timeline.unstable},
             {"moved", timeline.moved},
             {"packets", timeline.packets},
             {"push_flags_differ", timeline.push_flags},
             {"fail_reasons_differ", timeline.fail_reasons}};
    if (!timeline.refused.empty()) out["refused"] = timeline.refused;
    out["differences"] = std::move(differences);
    return out;
}

} // namespace

std::string json_of(const LinuxResults& results) {
    Json figures = Json::array(), sets = Json::array(), points = Json::array(), timelines = Json::array();
    bool met = true;
    for (const Figure& figure : figures_of(results)) {
        figures.push_back({{"figure", figure.what},
                           {"good", figure.good},
                           {"of", figure.of},
                           {"share_least", figure.share_least},
                           {"met", figure.met()}});
        met = met && figure.met();
    }
    for (const SetSummary& summary : summaries_of(results.grid)) sets.push_back(summary_json(summary));
    for (const GridResult& point : results.grid) points.push_back(point_json(point));
    for (const TimelineResult& timeline : results.timelines) timelines.push_back(timeline_json(timeline));
    const Json out{{"format", 1},
                   {"subject", "linux"},
                   {"met", met},
                   {"figures", std::move(figures)},
                   {"sets", std::move(sets)},
                   {"timelines", std::move(timelines)},
                   {"grid", std::move(points)}};
    return out.dump(1, ' ', false, nlohmann::json::error_handler_t::replace) + "\n";
}

} // namespace firstbyte::validate
