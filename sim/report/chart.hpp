/// Charts as static SVG: they need no script, no style sheet and no font of their own, and scale with the page.
///
/// Colours are numbers into one table (chart_colour), so that a variant has the same one in every chart. Each mark
/// carries its numbers as a <title>, which browsers show on hover and screen readers read.
#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <utility>
#include <vector>

namespace firstbyte::report {

/// Okabe and Ito's colours ("Color Universal Design", 2008), the ones that stand out from a white page first.
[[nodiscard]] const char* chart_colour(std::size_t number);

/// One direction of a chart.
struct Axis {
    double low = 0, high = 1;
    std::string title; ///< with the unit
    std::vector<std::pair<double, std::string>> ticks;
    bool log = false;
};
/// From 0, or from the least value when it is negative, with ticks at multiples of 1, 2 or 5 times a power of ten.
[[nodiscard]] Axis linear_axis(double low, double high, std::string title);
/// From low to high as they are, with ticks at multiples of 1, 2 or 5 times a power of ten; `high` is the greater one.
[[nodiscard]] Axis span_axis(double low, double high, std::string title);
/// Ticks at 1, 2, 5 times powers of ten, or at the powers only when there are many, or as span_axis has them when there
/// are few; both ends are positive.
[[nodiscard]] Axis log_axis(double low, double high, std::string title);

struct ChartPoint {
    double x = 0, y = 0;
};
/// A curve, with a band around it where `low` and `high` are given, or with whiskers.
struct Curve {
    std::string name;
    std::size_t colour = 0;
    std::vector<ChartPoint> points;
    std::vector<std::pair<double, double>> band; ///< by point
    bool steps = false;                          ///< the value holds until the next point
    bool dots = false;
};
/// A moment that has a number in the chart and its words beside it.
struct Mark {
    double at = 0;
    std::string text;
};
struct LineChart {
    std::string label; ///< what the picture shows, for those who do not see it
    Axis x, y;
    std::vector<Curve> curves;
    std::vector<Mark> marks;
    std::vector<std::pair<double, double>> shaded; ///< spans of x
};
[[nodiscard]] std::string line_chart(const LineChart& chart);

/// Horizontal bars, one row a thing.
struct BarRow {
    std::string name;
    std::string text; ///< at the bar's end
    std::size_t colour = 0;
    double value = 0;
    std::optional<std::pair<double, double>> interval;
    std::optional<double> reference; ///< a stroke across the row
};
struct BarChart {
    std::string label;
    Axis x;
    std::vector<BarRow> rows;
};
[[nodiscard]] std::string bar_chart(const BarChart& chart);

/// Bars that are shares of one whole, each in parts.
struct SharePart {
    std::string name;
    std::size_t colour = 0;
    double value = 0;
};
struct ShareRow {
    std::string name;
    std::vector<SharePart> parts;
};
[[nodiscard]] std::string share_chart(const std::string& label, const std::vector<ShareRow>& rows);

/// Columns over time, one on top of the other.
struct ColumnSeries {
    std::string name;
    std::size_t colour = 0;
    std::vector<double> values; ///< by column
};
struct ColumnChart {
    std::string label;
    Axis x, y; ///< x.low is the left edge of the first column, x.high the right one of the last
    std::vector<ColumnSeries> series;
    std::vector<Mark> marks;
    std::vector<std::pair<double, double>> shaded;
};
[[nodiscard]] std::string column_chart(const ColumnChart& chart);

/// A value for each pair of two settings; the darker the cell, the greater its value.
struct HeatCell {
    std::optional<double> value;
    std::string text; ///< the value, short
    std::string note; ///< a word below it: "best"
    bool framed = false, failed = false;
};
struct HeatMap {
    std::string label;
    std::string x_title, y_title;
    std::vector<std::string> x, y;            ///< names of columns and rows
    std::vector<std::vector<HeatCell>> cells; ///< by row, by column
    double low = 0, high = 1;                 ///< values of the lightest and the darkest cell
};
[[nodiscard]] std::string heat_map(const HeatMap& map);

/// Names and colours of a chart's parts.
[[nodiscard]] std::string chart_key(const std::vector<std::pair<std::string, std::size_t>>& parts);
/// The words of numbered marks.
[[nodiscard]] std::string mark_list(const std::vector<Mark>& marks);

} // namespace firstbyte::report
