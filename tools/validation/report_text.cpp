#include "tables.hpp"
#include "validation.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>

namespace firstbyte::validate {
namespace {

std::string percent(std::size_t good, std::size_t of) {
    if (of == 0) return "-";
    // Rounded down, so that 100.0 % is said of all only.
    const double tenths = std::floor(1000.0 * static_cast<double>(good) / static_cast<double>(of));
    return fmt::format("{:.1f} %", tenths / 10);
}

std::string error_text(double ms) { return fmt::format("{:.2f} ms", ms); }

std::string worst_text(const GridResult* point, GridTime GridResult::*time) {
    return point == nullptr ? "-" : fmt::format("{:+.2f} ms", (point->*time).error_ms());
}

const Row grid_header = {"set",         "points",     "TTFB median", "TTFB worst", "within",
                         "TTLB median", "TTLB worst", "within",      "segments",   "counters"};

Row grid_row(const SetSummary& summary) {
    return {summary.set,
            fmt::format("{}", summary.points),
            error_text(summary.ttfb_median_ms),
            worst_text(summary.ttfb_worst, &GridResult::ttfb),
            percent(summary.ttfb_within, summary.points),
            error_text(summary.ttlb_median_ms),
            worst_text(summary.ttlb_worst, &GridResult::ttlb),
            percent(summary.ttlb_within, summary.points),
            percent(summary.segments_equal, summary.points),
            percent(summary.counters_equal, summary.points)};
}

std::string verdict_of(const TimelineResult& timeline) {
    std::string verdict = timeline.agrees() ? "agrees" : "differs";
    if (timeline.moved) verdict += ", moved";
    return timeline.unstable ? verdict + ", not counted" : verdict;
}

std::string first_difference(const TimelineResult& timeline) {
    if (!timeline.refused.empty()) return timeline.refused;
    return timeline.differences.empty() ? "" : timeline.differences.front().what;
}

Row timeline_row(const TimelineResult& timeline) {
    return {timeline.id, fmt::format("{}", timeline.packets), verdict_of(timeline), first_difference(timeline)};
}

const Row timeline_header = {"timeline", "packets", "verdict", "first difference"};

Row figure_row(const Figure& figure) {
    return {figure.what, fmt::format("{} of {}", figure.good, figure.of), percent(figure.good, figure.of),
            fmt::format("{:.0f} %", figure.share_least * 100), figure.met() ? "met" : "MISSED"};
}

const Row figure_header = {"figure", "points", "share", "at least", "verdict"};

std::string moved_note(const LinuxResults& results) {
    const bool any = std::any_of(results.timelines.begin(), results.timelines.end(),
                                 [](const TimelineResult& timeline) { return timeline.moved; });
    return any ? "\nmoved: later connections and changes start as much earlier as the kernel's timers before them were "
                 "late.\n"
               : "";
}

/// How many points need the rule for late timers, so that nobody takes them for exact.
std::string late_note(const LinuxResults& results) {
    std::string note;
    for (const SetSummary& summary : summaries_of(results.grid))
        if (summary.ttlb_late != 0 && summary.set != "all")
            note += fmt::format("{}{}: {} of {} without", note.empty() ? "" : "; ", summary.set,
                                summary.ttlb_within - summary.ttlb_late, summary.points);
    if (note.empty()) return note;
    return "\nlate by a timer: the last byte came later than simulated by no more than the timers before it may be "
           "late "
           "(README of the records: nominal <= measured <= nominal x 1.13 + 5 ms). " +
           note + ".\n";
}

struct Tables {
    std::vector<Row> grid, timelines, figures;
};

Tables tables_of(const LinuxResults& results) {
    Tables tables;
    for (const SetSummary& summary : summaries_of(results.grid)) tables.grid.push_back(grid_row(summary));
    for (const TimelineResult& timeline : results.timelines) tables.timelines.push_back(timeline_row(timeline));
    for (const Figure& figure : figures_of(results)) tables.figures.push_back(figure_row(figure));
    return tables;
}

/// What is not the kernel's about one point; empty when nothing is.
std::string outside_text(const GridResult& point) {
    if (!point.refused.empty()) return " " + point.refused;
    std::string what;
    if (!point.ttfb.within)
        what += fmt::format(" TTFB {:.2f} ms, measured {:.2f};", point.ttfb.simulated_ms, point.ttfb.measured_ms);
    if (!point.ttlb.within)
        what += fmt::format(" TTLB {:.2f} ms, measured {:.2f};", point.ttlb.simulated_ms, point.ttlb.measured_ms);
    if (!point.segments) what += fmt::format(" {} data segments up, {} down;", point.data_up, point.data_down);
    if (!point.counters) what += " Fast Open counters;";
    if (!what.empty()) what.pop_back();
    return what;
}

/// Points outside, for whoever looks for the reason.
std::string outside_list(const std::vector<GridResult>& grid) {
    constexpr std::size_t most = 40; // more would push the tables off the screen; the JSON has all
    std::string text;
    std::size_t found = 0;
    for (const GridResult& point : grid) {
        const std::string what = outside_text(point);
        if (what.empty() || ++found > most) continue;
        text += fmt::format("line {} ({}: {}):{}\n", point.line, point.set, point.name, what);
    }
    if (found > most) text += fmt::format("... and {} points more; --format json has them all\n", found - most);
    return text;
}

} // namespace

std::string text_of(const LinuxResults& results) {
    const Tables tables = tables_of(results);
    std::string text;
    if (!tables.grid.empty()) {
        text += plain_table(grid_header, tables.grid) + "\n";
        if (const std::string outside = outside_list(results.grid); !outside.empty()) text += outside + "\n";
    }
    if (!tables.timelines.empty()) text += plain_table(timeline_header, tables.timelines) + moved_note(results) + "\n";
    return text + plain_table(figure_header, tables.figures) + late_note(results);
}

std::string markdown_of(const LinuxResults& results) {
    const Tables tables = tables_of(results);
    std::string text =
        "## TCP and Fast Open against Linux 6.18\n\n"
        "Replay of `tests/conformance/linux`, written by `tools/validate linux --write`. Errors are simulated minus "
        "measured; the median is of absolute errors.\n\n";
    text += markdown_table(figure_header, tables.figures) + late_note(results);
    if (!tables.grid.empty()) text += "\n### Grid\n\n" + markdown_table(grid_header, tables.grid);
    if (!tables.timelines.empty())
        text += "\n### Timelines\n\n" + markdown_table(timeline_header, tables.timelines) + moved_note(results);
    return text;
}

} // namespace firstbyte::validate
