#include "validation.hpp"

#include "convert.hpp"
#include "moved.hpp"
#include "record_error.hpp"

#include "firstbyte/scenario.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>

namespace firstbyte::validate {
namespace {

std::string refusal_of(const ScenarioError& error) {
    const Issue& issue = error.issues().front();
    return fmt::format("the scenario is refused: {} {}: {}", issue.code, issue.path, issue.message);
}

TimelineResult refused(const Timeline& timeline, const std::string& why) {
    TimelineResult result;
    result.refused = why;
    result.id = timeline.id;
    result.title = timeline.title;
    result.file = timeline.file;
    result.line = timeline.line;
    return result;
}

double median_of(std::vector<double> values) {
    if (values.empty()) return 0;
    std::sort(values.begin(), values.end());
    const std::size_t half = values.size() / 2;
    return values.size() % 2 == 1 ? values[half] : (values[half - 1] + values[half]) / 2;
}

SetSummary summary_of(const std::string& set, const std::vector<const GridResult*>& points) {
    SetSummary summary;
    summary.set = set;
    summary.points = points.size();
    std::vector<double> ttfb, ttlb;
    for (const GridResult* point : points) {
        if (!point->refused.empty()) {
            ++summary.refused;
            continue;
        }
        summary.ttfb_within += point->ttfb.within ? 1 : 0;
        summary.ttlb_within += point->ttlb.within ? 1 : 0;
        summary.ttlb_late += point->ttlb.late_timer ? 1 : 0;
        summary.segments_equal += point->segments ? 1 : 0;
        summary.counters_equal += point->counters ? 1 : 0;
        ttfb.push_back(std::abs(point->ttfb.error_ms()));
        ttlb.push_back(std::abs(point->ttlb.error_ms()));
        if (summary.ttfb_worst == nullptr || ttfb.back() > std::abs(summary.ttfb_worst->ttfb.error_ms()))
            summary.ttfb_worst = point;
        if (summary.ttlb_worst == nullptr || ttlb.back() > std::abs(summary.ttlb_worst->ttlb.error_ms()))
            summary.ttlb_worst = point;
    }
    summary.ttfb_median_ms = median_of(std::move(ttfb));
    summary.ttlb_median_ms = median_of(std::move(ttlb));
    return summary;
}

} // namespace

GridResult replay(const GridPoint& point) {
    try {
        return compare(point, simulate_scenario(scenario_of(point), name_of(point), 1));
    } catch (const ScenarioError& error) {
        GridResult result;
        result.refused = refusal_of(error);
        result.set = point.set;
        result.name = name_of(point);
        result.file = point.file;
        result.line = point.line;
        return result;
    }
}

TimelineResult replay(const Timeline& timeline) {
    const auto run = [&timeline](const Timeline& actions) {
        const std::string scenario = scenario_of(actions);
        TimelineResult result =
            compare(timeline, simulate_scenario(scenario, timeline.id, timeline.connections.size()));
        result.scenario = scenario;
        return result;
    };
    try {
        TimelineResult result = run(timeline);
        Timeline actions = timeline;
        // Each pass settles the actions up to the next late timer, which takes a connection.
        for (std::size_t pass = 0; pass <= timeline.connections.size() && !result.agrees(); ++pass) {
            Timeline moved = moved_with_timers(timeline, actions, result);
            if (same_actions(moved, actions)) break;
            TimelineResult again = run(moved);
            // No better than before: then it is not the timers, and the record's own times say more.
            if (!again.agrees() && again.differences.front().at <= result.differences.front().at) break;
            again.moved = true;
            result = std::move(again);
            actions = std::move(moved);
        }
        return result;
    } catch (const ScenarioError& error) {
        return refused(timeline, refusal_of(error));
    } catch (const RecordError& error) {
        return refused(timeline, error.what());
    }
}

std::vector<SetSummary> summaries_of(const std::vector<GridResult>& grid) {
    std::vector<std::string> sets;
    for (const GridResult& point : grid)
        if (std::find(sets.begin(), sets.end(), point.set) == sets.end()) sets.push_back(point.set);
    std::vector<SetSummary> summaries;
    std::vector<const GridResult*> all;
    for (const std::string& set : sets) {
        std::vector<const GridResult*> points;
        for (const GridResult& point : grid)
            if (point.set == set) points.push_back(&point);
        all.insert(all.end(), points.begin(), points.end());
        summaries.push_back(summary_of(set, points));
    }
    if (sets.size() > 1) summaries.push_back(summary_of("all", all));
    return summaries;
}

std::vector<Figure> figures_of(const LinuxResults& results) {
    std::vector<Figure> figures;
    const std::vector<SetSummary> summaries = summaries_of(results.grid);
    if (!summaries.empty()) {
        const SetSummary& all = summaries.back();
        figures.push_back({"TTFB within max(1 ms, 1 %), all points", all.ttfb_within, all.points, 0.99});
    }
    // The promise for TTLB and segments is made for each set by its name; sets of others are only shown.
    const std::pair<const char*, double> ttlb_least[] = {{"main", 0.95}, {"req", 0.95}, {"smallq", 0.9}, {"loss", 0.9}};
    for (const auto& [set, least] : ttlb_least)
        for (const SetSummary& summary : summaries)
            if (summary.set == set)
                figures.push_back({fmt::format("TTLB within max(2 ms, 2 %), in the spread or late by a timer, {}", set),
                                   summary.ttlb_within, summary.points, least});
    for (const char* set : {"main", "req"})
        for (const SetSummary& summary : summaries)
            if (summary.set == set)
                figures.push_back({fmt::format("data segments equal each way, {}", set), summary.segments_equal,
                                   summary.points, 0.98});
    if (!summaries.empty()) {
        const SetSummary& all = summaries.back();
        figures.push_back({"Fast Open counters equal, all points", all.counters_equal, all.points, 1});
    }
    if (!results.timelines.empty()) {
        Figure agree{"timelines that agree, packet by packet", 0, 0, 1};
        for (const TimelineResult& timeline : results.timelines) {
            if (timeline.unstable) continue;
            ++agree.of;
            if (timeline.agrees()) ++agree.good;
        }
        figures.push_back(agree);
    }
    return figures;
}

} // namespace firstbyte::validate
