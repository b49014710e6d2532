/// All records replayed, and whether the figures that the project promises are met.
#pragma once

#include "compare.hpp"
#include "records.hpp"

#include <string>
#include <vector>

namespace firstbyte::validate {

/// Everything that was replayed.
struct LinuxResults {
    std::vector<GridResult> grid;
    std::vector<TimelineResult> timelines;
};

/// Replays one record; one that cannot be converted or loaded is a result too.
[[nodiscard]] GridResult replay(const GridPoint& point);

/// At the times of the record first. Where that differs it may be because the kernel's timers were late and the
/// experiment's next action (a connection, a rule, a sysctl) came before or after one that it had followed or preceded:
/// then each action is moved by as much as the last packet before it was late, and the record replayed again.
[[nodiscard]] TimelineResult replay(const Timeline& timeline);

/// One promise: how many of how many, and how many there must be.
struct Figure {
    std::string what;
    std::size_t good = 0, of = 0;
    double share_least = 1;
    [[nodiscard]] double share() const { return of == 0 ? 1 : static_cast<double>(good) / static_cast<double>(of); }
    [[nodiscard]] bool met() const { return share() >= share_least; }
};

/// The promises that these results can be held against.
[[nodiscard]] std::vector<Figure> figures_of(const LinuxResults& results);

/// One set of the grid, summed up.
struct SetSummary {
    std::string set;
    std::size_t points = 0, refused = 0, ttfb_within = 0, ttlb_within = 0, segments_equal = 0, counters_equal = 0;
    std::size_t ttlb_late = 0;                     ///< of `ttlb_within`, those that only the lateness rule lets in
    double ttfb_median_ms = 0, ttlb_median_ms = 0; ///< of the absolute errors
    const GridResult* ttfb_worst = nullptr;        ///< nullptr when no point could be replayed
    const GridResult* ttlb_worst = nullptr;
};

/// By set, in order of their first appearance; all sets together last, when there are several.
[[nodiscard]] std::vector<SetSummary> summaries_of(const std::vector<GridResult>& grid);

[[nodiscard]] std::string text_of(const LinuxResults& results);     ///< for a terminal
[[nodiscard]] std::string json_of(const LinuxResults& results);     ///< for a program
[[nodiscard]] std::string markdown_of(const LinuxResults& results); ///< for docs/validation.md
/// Scenario, differences and both packet lists side by side; of a grid point the flights, and what was simulated.
[[nodiscard]] std::string details_of(const Timeline& timeline, const TimelineResult& result);
[[nodiscard]] std::string details_of(const GridPoint& point, const GridResult& result);

} // namespace firstbyte::validate
