#include "report/compare_text.hpp"
#include "core/check.hpp"
#include "firstbyte/report.hpp"
#include "report/format.hpp"
#include "report/outcome_text.hpp"
#include "report/thresholds.hpp"

#include <algorithm>
#include <cmath>

#include <fmt/format.h>

namespace firstbyte {
namespace {

using namespace report;

constexpr const char* no_difference = "no detectable difference";
constexpr const char* within_effect = "within the minimal effect";

/// Why there is no interval.
const char* no_interval(const Change& change) {
    return change.pairs < 2 ? "1 replication: no interval" : "too few samples: no interval";
}

/// "95 %".
std::string confidence_text(double confidence) { return fmt::format("{:.4g} %", confidence * 100); }

/// "-80.0 .. -80.0".
std::string interval_text(const Interval& interval, int decimals) {
    return milliseconds_number(interval.low, decimals, true) + " .. " +
           milliseconds_number(interval.high, decimals, true);
}

/// Decimals for a change: those of the value, more where a change that was detected would read as 0.0.
int change_decimals(const Change& change) {
    const int decimals = millisecond_decimals(change.variant);
    const std::string text = milliseconds_number(change.change(), decimals);
    return change.detected() && text.find_first_of("123456789") == std::string::npos ? 3 : decimals;
}

/// "33.2 % faster", "12 % slower", from the change relative to the baseline.
std::string speed_text(const Change& change) {
    const auto relative = change.relative();
    const char* direction = change.change() <= 0 ? "faster" : "slower";
    if (!relative) return direction;
    return percent(std::fabs(*relative)) + " " + direction;
}

/// The second half of the verdict: what happens to the slowest requests.
std::string tail_clause(const std::optional<Change>& p99) {
    if (!p99) return "";
    if (p99->verdict() == Verdict::NotDetectable && p99->change() != 0) return ", and not detectably at p99";
    if (p99->verdict() == Verdict::Within) return ", and within the minimal effect at p99";
    if (p99->unmoved()) return ", and the same at p99";
    if (!p99->interval && p99->pairs > 1) return ", and too few samples to tell at p99";
    return fmt::format(", and {} at p99", speed_text(*p99));
}

/// "fast_open=true is 33.2 % faster at the median: -80.0 ms (95 % CI -80.0 .. -80.0)": what is claimed of one number,
/// and never more than its interval supports.
std::string claim(const std::string& name, const Change& change, const std::string& where, double confidence) {
    const int decimals = change_decimals(change);
    const std::string level = confidence_text(confidence) + " CI ";
    const std::string interval = change.interval ? interval_text(*change.interval, decimals) : "";
    switch (change.verdict()) {
    case Verdict::Faster:
    case Verdict::Slower:
        return fmt::format("{} is {} {}: {} ms ({}{})", name, speed_text(change), where,
                           milliseconds_number(change.change(), decimals, true), level, interval);
    case Verdict::NotDetectable:
        return fmt::format("{} makes no detectable difference {} ({}{} ms)", name, where, level, interval);
    case Verdict::Within:
        return fmt::format("{} is within the minimal effect of {} {} ({}{} ms)", name, percent(change.min_effect),
                           where, level, interval);
    case Verdict::NoInterval:
        if (change.change() == 0) return fmt::format("{} is the same {} ({})", name, where, no_interval(change));
        return fmt::format("{} is {} {}: {} ms ({})", name, speed_text(change), where,
                           milliseconds_number(change.change(), decimals, true), no_interval(change));
    }
    invariant_broken("a verdict is one of the enumerators", "switch", __FILE__, __LINE__);
}

Failures failures_of(const Side& side) {
    Failures out{0, side.requests};
    for (const auto& [code, count] : side.codes) out.failed += code == "200" ? 0 : count;
    return out;
}

std::string failures_clause(const Pair& pair) {
    const std::string words = failures_words(failures_of(pair.before), failures_of(pair.after));
    return words.empty() ? "" : "; " + words;
}

std::string verdict_sentence(const std::string& name, const Pair& pair, const Method& method) {
    const auto median = ttfb_change(pair, {0.5}, method);
    if (!median) { // a stored result may not tell of it
        const auto mean = ttfb_change(pair, {}, method);
        if (!mean) return name + " cannot be compared: one side got no first byte.\n";
        return claim(name, *mean, "in the mean", method.confidence) + failures_clause(pair) + ".\n";
    }
    return claim(name, *median, "at the median", method.confidence) + tail_clause(ttfb_change(pair, {0.99}, method)) +
           failures_clause(pair) + ".\n";
}

/// The heading of a value column stands in the middle of its column, the values below it as one block.
std::vector<std::string> centred_column(const std::string& heading, const std::vector<std::string>& values) {
    std::size_t block = 0;
    for (const std::string& value : values) block = std::max(block, shown_width(value));
    const std::size_t width = std::max(block, shown_width(heading));
    std::vector<std::string> out{centred(heading, width)};
    for (const std::string& value : values) out.push_back(centred(pad_left(value, block), width));
    return out;
}

/// Rows of the table: three quantiles and the mean, or all quantiles that the scenario asks for.
std::vector<Statistic> table_rows(const Report& report) {
    if (!report.options.quantiles) return {Statistic{0.5}, Statistic{0.95}, Statistic{0.99}, Statistic{}};
    std::vector<Statistic> rows;
    for (const double q : report.scenario->quantiles) rows.push_back({q});
    rows.push_back({});
    return rows;
}

std::string ttfb_table(const Compared& compared, const Method& method) {
    std::vector<std::string> names, before, after, changes, intervals, relatives;
    for (const Statistic& statistic : compared.statistics) {
        const auto change = ttfb_change(compared.all, statistic, method);
        if (!change) return "  ttfb        one side got no first byte\n";
        const int decimals = change_decimals(*change);
        names.push_back(statistic.name());
        before.push_back(milliseconds(change->baseline));
        after.push_back(milliseconds(change->variant));
        // A change that may be chance is said in words only: its number would be quoted.
        const bool within = change->verdict() == Verdict::Within;
        const bool chance = within || change->verdict() == Verdict::NotDetectable;
        changes.push_back(chance ? "0.0 ms" : milliseconds_number(change->change(), decimals, true) + " ms");
        if (chance && change->change() != 0) changes.back() = "-";
        const auto relative = change->relative();
        relatives.push_back(chance || !relative ? "" : percent(*relative, true));
        intervals.push_back(within             ? within_effect
                            : chance           ? no_difference
                            : change->interval ? interval_text(*change->interval, decimals)
                                               : no_interval(*change));
    }
    const auto before_column = centred_column(compared.baseline_label + " (baseline)", before);
    const auto after_column = centred_column(compared.label, after);
    const std::string interval_heading = confidence_text(method.confidence) + " CI of the change";
    std::size_t interval_width = 0, change_width = 0;
    for (std::size_t i = 0; i < names.size(); ++i) {
        change_width = std::max(change_width, shown_width(changes[i]));
        if (!relatives[i].empty()) interval_width = std::max(interval_width, shown_width(intervals[i]));
    }
    constexpr std::size_t name_width = 12, relative_width = 7;
    std::size_t interval_gap = 5, relative_gap = 4;
    const std::size_t width = 2 + name_width + shown_width(before_column[0]) + 2 + shown_width(after_column[0]) + 4 +
                              change_width + interval_gap + interval_width + relative_gap + relative_width;
    if (width > text_width) interval_gap = relative_gap = 3; // longer numbers: the columns move closer
    const auto line = [&](const std::string& name, std::size_t row, const std::string& change, std::size_t gap,
                          const std::string& interval, const std::string& relative) {
        std::string text = "  " + pad_right(name, name_width) + before_column[row] + "  " + after_column[row] + "    " +
                           pad_left(change, change_width) + std::string(gap, ' ') + pad_right(interval, interval_width);
        if (!relative.empty()) text += std::string(relative_gap, ' ') + pad_left(relative, relative_width);
        return without_trailing_spaces(text) + "\n";
    };
    std::string out = line("ttfb", 0, "change", interval_gap + 1, interval_heading, "");
    for (std::size_t i = 0; i < names.size(); ++i) {
        out += line(names[i], i + 1, changes[i], interval_gap, intervals[i], relatives[i]);
    }
    return out;
}

std::string by_heading(GroupBy by) { return by == GroupBy::Rtt ? "by RTT" : std::string("by ") + label_name(by); }

/// What a change saves: the change with its sign turned, or the words where it may be chance.
std::string saving_text(const std::optional<Change>& change) {
    if (!change) return "-";
    if (change->verdict() == Verdict::NotDetectable) return no_difference;
    if (change->verdict() == Verdict::Within) return within_effect;
    if (change->verdict() == Verdict::NoInterval && change->pairs > 1) return "too few samples";
    return milliseconds_number(-change->change(), change_decimals(*change)) + " ms";
}

std::string group_table(const std::vector<GroupRow>& rows, GroupBy by, bool fast_open, const Method& method) {
    std::vector<std::vector<std::string>> cells;
    bool wide = false;
    for (const GroupRow& row : rows) {
        const ConnectionResults& after = row.pair.after.connections;
        const std::string at_median = saving_text(ttfb_change(row.pair, {0.5}, method));
        wide = wide || at_median == no_difference || at_median == within_effect;
        std::vector<std::string> line{row.name, grouped(after.opened)};
        if (fast_open) {
            const auto per_hit = saved_per_hit(row.pair);
            line.insert(line.end(), {percent_of(after.with_cookie, after.opened), at_median,
                                     per_hit ? milliseconds(*per_hit) : "-"});
        } else {
            line.insert(line.end(), {at_median, saving_text(ttfb_change(row.pair, {}, method))});
        }
        cells.push_back(std::move(line));
    }
    const std::size_t gap = wide ? 2 : 4; // the words for "no difference" are wide: closer columns stay within 80
    std::vector<Column> columns{{by_heading(by), 2, 0, true, 10}, {"connections", 2, 2, false, 0}};
    if (fast_open) {
        columns.push_back({"cookie hit", gap, 2, false, 0});
        columns.push_back({"saved at p50", gap, 3, false, 0});
        columns.push_back({"saved per hit", wide ? std::size_t{2} : std::size_t{3}, 4, false, 0});
    } else {
        columns.push_back({"saved at p50", gap, 3, false, 0});
        columns.push_back({"saved in the mean", gap, 4, false, 0});
    }
    return table(columns, cells);
}

/// "why p99 does not move: ..." from the counts; empty when all moved or the counts do not tell.
std::string why_text(const Pair& pair, const Method& method) {
    std::vector<std::string> still;
    double least_share = 0;
    for (const double q : {0.5, 0.95, 0.99}) {
        const auto change = ttfb_change(pair, {q}, method);
        if (!change || !change->unmoved()) continue;
        still.push_back(quantile_name(q));
        // A quantile q stays where it is as soon as 1 - q of the requests do; a tenth of that is worth a line.
        least_share = (1 - q) / 10;
    }
    if (still.empty()) return {};
    const std::vector<std::string> reasons = reasons_without_saving(pair, least_share);
    if (reasons.empty()) return {};
    std::string subject = still.front();
    for (std::size_t i = 1; i < still.size(); ++i) subject += (i + 1 == still.size() ? " and " : ", ") + still[i];
    const std::string head = fmt::format("  why {} {} not move: ", subject, still.size() == 1 ? "does" : "do");
    std::string out = "\n";
    for (std::size_t i = 0; i < reasons.size(); ++i) {
        out += (i == 0 ? head : std::string(head.size(), ' ')) + reasons[i] + ".\n";
    }
    return out;
}

bool saves_nothing(const Pair& pair, const Method& method) {
    const auto nothing = [&](const Statistic& statistic) {
        const auto change = ttfb_change(pair, statistic, method);
        return change && (change->unmoved() || change->change() > 0);
    };
    return nothing({0.5}) && nothing({});
}

std::string for_whom_text(const std::vector<GroupRow>& rows, const Method& method) {
    std::vector<std::vector<std::string>> lines;
    for (const GroupRow& row : rows) {
        if (!saves_nothing(row.pair, method)) continue;
        const auto reasons = reasons_without_saving(row.pair, 0);
        lines.push_back({row.name, reasons.empty() ? "the counts show no reason" : reasons.front()});
    }
    if (lines.empty()) return {};
    return "\n  for whom it saves nothing, and why:\n" +
           table({{"", 4, 0, true, 8}, {"", 2, 0, true, 0}}, lines, false);
}

Compared compared(const Report& report, const VariantResults& variant) {
    const VariantResults& baseline = report.variants.front();
    return {baseline.label,
            variant.name,
            variant.label,
            pair_of(*baseline.results, whole(*baseline.results), *variant.results, whole(*variant.results)),
            group_rows(*baseline.results, *variant.results, report.options.by),
            report.options.by,
            table_rows(report),
            true};
}

} // namespace

std::string report::compared_text(const Compared& compared, const Method& method) {
    const bool fast_open = compares_fast_open(compared.all);
    std::string out = verdict_sentence(compared.name, compared.all, method) + "\n";
    out += ttfb_table(compared, method) + "\n";
    if (!compared.groups.empty()) out += group_table(compared.groups, compared.by, fast_open, method);
    out += outcome_change_line(compared.all.before.codes, compared.all.after.codes);
    if (fast_open) out += why_text(compared.all, method) + savings_text(compared.all);
    if (fast_open && compared.group_reasons) out += for_whom_text(compared.groups, method);
    return out;
}

std::string compare_text(const Report& report) {
    FB_ASSERT(report.variants.size() > 1, "a comparison has a baseline and another variant");
    std::string out;
    for (std::size_t i = 1; i < report.variants.size(); ++i) {
        if (i > 1) out += "\n";
        out += compared_text(compared(report, report.variants[i]), method_of(report.options));
    }
    return out + thresholds_text(report);
}

} // namespace firstbyte
