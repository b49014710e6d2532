#include "report/chart.hpp"

#include "report/format.hpp"
#include "report/html.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cmath>

namespace firstbyte::report {
namespace {

// Units of the picture. It is shown between 0.75 (a phone) and 1.4 (a desk) times as large, so text of 13 stays
// legible.
constexpr double width = 480, height = 300, left = 58, right = 16, bottom = 46;
constexpr double top = 34;     // the title of the upright axis, and below it the numbers of marks
constexpr double row_top = 10; // of the first bar, which has no title above it
constexpr double row_height = 30, label_width = 118, text_size = 13;
constexpr double plot_right = width - right, plot_bottom = height - bottom;
constexpr std::size_t label_letters = 16; // what fits beside a bar

double unit_of(const Axis& axis, double value) {
    if (axis.log) {
        const double floor = std::max(value, axis.low);
        return std::log(floor / axis.low) / std::log(axis.high / axis.low);
    }
    return (value - axis.low) / (axis.high - axis.low);
}
double x_of(const Axis& axis, double value, double from = left) {
    return from + std::clamp(unit_of(axis, value), 0.0, 1.0) * (plot_right - from);
}
double y_of(const Axis& axis, double value) {
    return plot_bottom - std::clamp(unit_of(axis, value), 0.0, 1.0) * (plot_bottom - top);
}

std::string svg(const std::string& label, double tall, const std::string& body) {
    return fmt::format("<svg class=\"chart\" role=\"img\" viewBox=\"0 0 {:.0f} {:.0f}\" aria-label=\"{}\" "
                       "font-family=\"sans-serif\" font-size=\"{:.0f}\">\n{}</svg>\n",
                       width, tall, html_text(label), text_size, body);
}

std::string line(double x1, double y1, double x2, double y2, const char* kind) {
    return fmt::format("<line class=\"{}\" x1=\"{:.1f}\" y1=\"{:.1f}\" x2=\"{:.1f}\" y2=\"{:.1f}\" stroke=\"#888\"/>",
                       kind, x1, y1, x2, y2);
}

std::string text(double x, double y, const char* anchor, const std::string& words) {
    return fmt::format("<text x=\"{:.1f}\" y=\"{:.1f}\" text-anchor=\"{}\">{}</text>", x, y, anchor, html_text(words));
}

/// The first and the last tick's words stay inside the picture.
const char* anchor_at(double x) { return x > plot_right - 20 ? "end" : "middle"; }

std::string x_axis(const Axis& axis, double at_top, double at_bottom, double from = left) {
    std::string out;
    double free_from = 0;
    for (const auto& [value, words] : axis.ticks) {
        const double x = x_of(axis, value, from);
        out += line(x, at_top, x, at_bottom, "grid");
        const double half = static_cast<double>(shown_width(words)) * text_size * 0.3; // half of a text's width, about
        if (x - half < free_from) continue;
        free_from = x + half + 6;
        out += text(x, at_bottom + 17, anchor_at(x), words);
    }
    return out + text((from + plot_right) / 2, at_bottom + 38, "middle", axis.title) + "\n";
}

std::string y_axis(const Axis& axis) {
    std::string out;
    for (const auto& [value, words] : axis.ticks) {
        const double y = y_of(axis, value);
        out += line(left, y, plot_right, y, "grid") + text(left - 6, y + 4, "end", words);
    }
    return out + text(4, 12, "start", axis.title) + "\n";
}

std::string path_of(const Axis& x, const Axis& y, const Curve& curve) {
    std::string out;
    double last_x = 0, last_y = 0;
    for (std::size_t i = 0; i < curve.points.size(); ++i) {
        const double at_x = x_of(x, curve.points[i].x), at_y = y_of(y, curve.points[i].y);
        // What a screen cannot tell apart is not drawn; the last point always is.
        if (i != 0 && i + 1 != curve.points.size() && std::fabs(at_x - last_x) < 0.3 && std::fabs(at_y - last_y) < 0.3)
            continue;
        if (i == 0)
            out += fmt::format("M{:.1f} {:.1f}", at_x, at_y);
        else if (curve.steps)
            out += fmt::format("H{:.1f}V{:.1f}", at_x, at_y);
        else
            out += fmt::format("L{:.1f} {:.1f}", at_x, at_y);
        last_x = at_x;
        last_y = at_y;
    }
    return out;
}

std::string band_of(const Axis& x, const Axis& y, const Curve& curve) {
    if (curve.band.empty()) return {};
    std::string out;
    for (std::size_t i = 0; i < curve.band.size(); ++i)
        out += fmt::format("{}{:.1f} {:.1f}", i == 0 ? "M" : "L", x_of(x, curve.points[i].x),
                           y_of(y, curve.band[i].first));
    for (std::size_t i = curve.band.size(); i-- > 0;)
        out += fmt::format("L{:.1f} {:.1f}", x_of(x, curve.points[i].x), y_of(y, curve.band[i].second));
    return fmt::format("<path class=\"f{0}\" d=\"{1}Z\" fill=\"{2}\" fill-opacity=\"0.2\"/>\n", curve.colour, out,
                       chart_colour(curve.colour));
}

std::string curve_of(const LineChart& chart, const Curve& curve) {
    // Dashes tell curves apart where colours do not: on paper, or to eyes that see few.
    constexpr std::array<const char*, 4> dashes{"", "7 3", "2 3", "9 3 2 3"};
    const std::string dash = dashes[curve.colour % dashes.size()];
    std::string out = band_of(chart.x, chart.y, curve);
    out += fmt::format("<path class=\"s{0}\" d=\"{1}\" fill=\"none\" stroke=\"{2}\" stroke-width=\"2\"{3}><title>{4}"
                       "</title></path>\n",
                       curve.colour, path_of(chart.x, chart.y, curve), chart_colour(curve.colour),
                       dash.empty() ? "" : " stroke-dasharray=\"" + dash + "\"", html_text(curve.name));
    if (curve.dots)
        for (const ChartPoint& point : curve.points)
            out +=
                fmt::format("<circle class=\"f{}\" cx=\"{:.1f}\" cy=\"{:.1f}\" r=\"3.5\" fill=\"{}\"/>", curve.colour,
                            x_of(chart.x, point.x), y_of(chart.y, point.y), chart_colour(curve.colour));
    return out;
}

/// Numbers above the plot; one that would touch its neighbour is left out, its line stays.
std::string marks_of(const Axis& x, const std::vector<Mark>& marks) {
    std::string out;
    double free_from = 0;
    for (std::size_t i = 0; i < marks.size(); ++i) {
        const double at = x_of(x, marks[i].at);
        out += fmt::format("<g class=\"mark\"><title>{}</title>{}", html_text(marks[i].text),
                           line(at, top - 4, at, plot_bottom, "event"));
        if (at >= free_from) {
            out += text(at, top - 7, "middle", std::to_string(i + 1));
            free_from = at + 18;
        }
        out += "</g>\n";
    }
    return out;
}

std::string shades_of(const Axis& x, const std::vector<std::pair<double, double>>& shaded) {
    std::string out;
    for (const auto& [from, to] : shaded)
        out += fmt::format("<rect class=\"shade\" x=\"{:.1f}\" y=\"{:.1f}\" width=\"{:.1f}\" height=\"{:.1f}\" "
                           "fill=\"#888\" fill-opacity=\"0.25\"/>\n",
                           x_of(x, from), top, std::max(1.0, x_of(x, to) - x_of(x, from)), plot_bottom - top);
    return out;
}

/// Names longer than their place are cut; the whole name is the row's title.
std::string cut(const std::string& name, std::size_t most) {
    if (shown_width(name) <= most) return name;
    std::string out;
    std::size_t letters = 0;
    for (const char c : name) {
        if ((static_cast<unsigned char>(c) & 0xc0U) != 0x80U && ++letters == most) break;
        out += c;
    }
    return out + "\xE2\x80\xA6";
}

std::string tick_words(double value) {
    if (value == 0) return "0";
    const double size = std::fabs(value);
    if (size >= 1e6) return fmt::format("{:g}M", value / 1e6);
    if (size >= 1e4) return fmt::format("{:g}k", value / 1e3);
    return fmt::format("{:g}", value);
}

/// The cells of a heat map.
struct HeatGrid {
    static constexpr double tall = 40;
    static constexpr double letter = text_size * 0.56; // width of a letter, about
    double wide = 0;

    [[nodiscard]] bool fits(const std::string& words) const {
        return static_cast<double>(shown_width(words)) * letter < wide;
    }
};

/// Names below the columns: of all, or of the first and the last.
std::string heat_columns(const HeatMap& map, const HeatGrid& grid, double end) {
    constexpr double wide_enough = 44; // for names that are cut
    const auto letters = static_cast<std::size_t>(std::max(3.0, grid.wide / HeatGrid::letter));
    const bool every = std::all_of(map.x.begin(), map.x.end(),
                                   [&](const std::string& name) { return grid.fits(name) || grid.wide > wide_enough; });
    std::string out;
    for (std::size_t column = 0; column < map.x.size(); ++column) {
        if (!every && column != 0 && column + 1 != map.x.size()) continue;
        out += text(label_width + grid.wide * (static_cast<double>(column) + 0.5), end + 17, "middle",
                    every ? cut(map.x[column], letters) : map.x[column]);
    }
    return out;
}

std::string heat_rect(const char* kind, double x, double y, double wide, double tall, const std::string& paint) {
    return fmt::format("<rect class=\"{}\" x=\"{:.1f}\" y=\"{:.1f}\" width=\"{:.1f}\" height=\"{:.1f}\" {}/>", kind, x,
                       y, wide, tall, paint);
}

std::string heat_cell(const HeatMap& map, const HeatGrid& grid, std::size_t row, std::size_t column) {
    constexpr double lightest = 0.06, darkest = 0.5; // ink stays legible on both
    const HeatCell& cell = map.cells[row][column];
    const double x = label_width + grid.wide * static_cast<double>(column), middle = x + grid.wide / 2;
    const double y = top + HeatGrid::tall * static_cast<double>(row);
    std::string out = fmt::format("<g><title>{}, {}: {}{}{}</title>", html_text(map.x[column]), html_text(map.y[row]),
                                  cell.text.empty() ? "no value" : html_text(cell.text), cell.note.empty() ? "" : ", ",
                                  html_text(cell.note));
    if (cell.value) {
        const double share = map.high > map.low ? (*cell.value - map.low) / (map.high - map.low) : 0;
        out += heat_rect("f0", x + 1, y + 1, grid.wide - 2, HeatGrid::tall - 2,
                         fmt::format("fill=\"{}\" fill-opacity=\"{:.2f}\"", chart_colour(0),
                                     lightest + (darkest - lightest) * std::clamp(share, 0.0, 1.0)));
    }
    if (cell.framed)
        out += heat_rect("whisker", x + 2, y + 2, grid.wide - 4, HeatGrid::tall - 4,
                         "fill=\"none\" stroke=\"#888\" stroke-width=\"2\"");
    // Where both words do not fit, the frame tells which cell is best or worst.
    const std::string note = grid.fits(cell.note) ? cell.note : cell.failed ? "FAIL" : "";
    const bool noted = !note.empty() && grid.fits(note);
    if (grid.fits(cell.text) && !cell.text.empty()) out += text(middle, y + (noted ? 17 : 24), "middle", cell.text);
    if (noted) out += text(middle, y + 32, "middle", note);
    return out + "</g>\n";
}

} // namespace

const char* chart_colour(std::size_t number) {
    constexpr std::array<const char*, 8> colours{"#0072b2", "#d55e00", "#009e73", "#cc79a7",
                                                 "#e69f00", "#56b4e9", "#999999", "#f0e442"};
    return colours[number % colours.size()];
}

Axis linear_axis(double low, double high, std::string title) {
    low = std::min(low, 0.0);
    high = std::max(high, 0.0);
    if (high - low <= 0) high = low + 1;
    constexpr double ticks_about = 5;
    const double rough = (high - low) / ticks_about;
    const double power = std::pow(10, std::floor(std::log10(rough)));
    double step = power * 10;
    for (const double factor : {5.0, 2.0, 1.0})
        if (rough <= factor * power) step = factor * power;
    Axis axis{std::floor(low / step) * step, std::ceil(high / step) * step, std::move(title), {}, false};
    const auto first = std::llround(axis.low / step), last = std::llround(axis.high / step);
    for (auto i = first; i <= last; ++i) {
        const double value = static_cast<double>(i) * step;
        axis.ticks.emplace_back(value, tick_words(std::round(value / step * 1e6) / 1e6 * step));
    }
    return axis;
}

Axis span_axis(double low, double high, std::string title) {
    Axis axis{low, high, std::move(title), {}, false};
    const Axis whole = linear_axis(0, high - low, ""); // has ticks at 0 and at one step
    const double step = whole.ticks.at(1).first;
    const auto first = std::llround(std::ceil(low / step - 1e-9)), last = std::llround(std::floor(high / step + 1e-9));
    for (auto i = first; i <= last; ++i) {
        const double value = static_cast<double>(i) * step;
        axis.ticks.emplace_back(value, tick_words(std::round(value * 1e9) / 1e9));
    }
    return axis;
}

Axis log_axis(double low, double high, std::string title) {
    // A chart of one value still has a left and a right.
    if (high < low * 1.5) {
        low /= 1.5;
        high *= 1.5;
    }
    Axis axis{low, high, std::move(title), {}, true};
    const int first = static_cast<int>(std::floor(std::log10(low))),
              last = static_cast<int>(std::ceil(std::log10(high)));
    constexpr int powers_many = 3;
    for (int power = first; power <= last; ++power) {
        for (const double factor : {1.0, 2.0, 5.0}) {
            if (factor > 1 && last - first > powers_many) continue;
            const double value = factor * std::pow(10, power);
            if (value >= low * 0.999 && value <= high * 1.001) axis.ticks.emplace_back(value, tick_words(value));
        }
    }
    // Within one power of ten these are few: there, equal steps are as good.
    if (axis.ticks.size() < 3) axis.ticks = span_axis(low, high, "").ticks;
    return axis;
}

std::string line_chart(const LineChart& chart) {
    std::string body = shades_of(chart.x, chart.shaded) + x_axis(chart.x, top, plot_bottom) + y_axis(chart.y);
    if (chart.y.low < 0) body += line(left, y_of(chart.y, 0), plot_right, y_of(chart.y, 0), "zero");
    for (const Curve& curve : chart.curves) body += curve_of(chart, curve);
    return svg(chart.label, height, body + marks_of(chart.x, chart.marks));
}

std::string bar_chart(const BarChart& chart) {
    const double end = row_top + static_cast<double>(chart.rows.size()) * row_height;
    std::string body = x_axis(chart.x, row_top, end, label_width);
    const double zero = x_of(chart.x, 0, label_width);
    double y = row_top;
    for (const BarRow& row : chart.rows) {
        const double x = x_of(chart.x, row.value, label_width), middle = y + row_height / 2;
        body += fmt::format("<g><title>{}: {}</title>{}", html_text(row.name), html_text(row.text),
                            text(label_width - 6, middle + 4, "end", cut(row.name, label_letters)));
        body += fmt::format("<rect class=\"f{}\" x=\"{:.1f}\" y=\"{:.1f}\" width=\"{:.1f}\" height=\"{:.1f}\" "
                            "fill=\"{}\"/>",
                            row.colour, std::min(x, zero), y + 5, std::max(1.0, std::fabs(x - zero)), row_height - 10,
                            chart_colour(row.colour));
        double edge = std::max(x, zero);
        if (row.interval) {
            const double a = x_of(chart.x, row.interval->first, label_width);
            const double b = x_of(chart.x, row.interval->second, label_width);
            body += line(a, middle, b, middle, "whisker") + line(a, middle - 5, a, middle + 5, "whisker") +
                    line(b, middle - 5, b, middle + 5, "whisker");
            edge = std::max({edge, a, b});
        }
        if (row.reference) {
            const double at = x_of(chart.x, *row.reference, label_width);
            body += line(at, y + 2, at, y + row_height - 2, "reference");
            edge = std::max(edge, at);
        }
        // Beside the bar where there is room, else inside it.
        const double wide = static_cast<double>(shown_width(row.text)) * text_size * 0.56 + 6;
        if (edge + wide < plot_right)
            body += text(edge + 5, middle + 4, "start", row.text);
        else
            body +=
                fmt::format("<text class=\"inside\" x=\"{:.1f}\" y=\"{:.1f}\" text-anchor=\"start\" fill=\"#fff\">{}"
                            "</text>",
                            std::min(x, zero) + 5, middle + 4, html_text(row.text));
        body += "</g>\n";
        y += row_height;
    }
    body += line(zero, row_top, zero, end, "zero");
    return svg(chart.label, end + bottom, body);
}

std::string share_chart(const std::string& label, const std::vector<ShareRow>& rows) {
    Axis axis{0, 1, "share", {}, false};
    for (const double tick : {0.0, 0.25, 0.5, 0.75, 1.0})
        axis.ticks.emplace_back(tick, fmt::format("{:g} %", 100 * tick));
    const double end = row_top + static_cast<double>(rows.size()) * (row_height + 6);
    std::string body = x_axis(axis, row_top, end, label_width);
    double y = row_top;
    for (const ShareRow& row : rows) {
        body += text(label_width - 6, y + row_height / 2 + 7, "end", cut(row.name, label_letters));
        double total = 0, sum = 0;
        for (const SharePart& part : row.parts) total += part.value;
        for (const SharePart& part : row.parts) {
            if (part.value <= 0) continue;
            const double from = x_of(axis, sum / total, label_width);
            sum += part.value;
            const double to = x_of(axis, sum / total, label_width);
            body += fmt::format("<rect class=\"f{}\" x=\"{:.1f}\" y=\"{:.1f}\" width=\"{:.1f}\" height=\"{:.1f}\" "
                                "fill=\"{}\"><title>{}, {}: {}</title></rect>",
                                part.colour, from, y + 4, std::max(0.5, to - from), row_height - 2,
                                chart_colour(part.colour), html_text(row.name), html_text(part.name),
                                percent(part.value / total));
        }
        body += "\n";
        y += row_height + 6;
    }
    return svg(label, end + bottom, body);
}

std::string column_chart(const ColumnChart& chart) {
    Axis counts = chart.y;
    std::erase_if(counts.ticks, [](const auto& tick) { return tick.first != std::round(tick.first); });
    std::string body = shades_of(chart.x, chart.shaded) + x_axis(chart.x, top, plot_bottom) + y_axis(counts);
    const std::size_t columns = chart.series.empty() ? 0 : chart.series.front().values.size();
    const double wide = (plot_right - left) / static_cast<double>(std::max<std::size_t>(columns, 1));
    std::vector<double> base(columns);
    for (const ColumnSeries& series : chart.series) {
        std::string path;
        for (std::size_t i = 0; i < columns; ++i) {
            if (series.values[i] <= 0) continue;
            const double low = y_of(chart.y, base[i]), high = y_of(chart.y, base[i] += series.values[i]);
            path += fmt::format("M{:.1f} {:.1f}v{:.1f}h{:.1f}v{:.1f}z", left + static_cast<double>(i) * wide, low,
                                high - low, std::max(wide - 0.4, 1.5), low - high);
        }
        body += fmt::format("<path class=\"f{}\" d=\"{}\" fill=\"{}\"><title>{}</title></path>\n", series.colour, path,
                            chart_colour(series.colour), html_text(series.name));
    }
    return svg(chart.label, height, body + marks_of(chart.x, chart.marks));
}

std::string heat_map(const HeatMap& map) {
    const HeatGrid grid{(plot_right - label_width) / static_cast<double>(map.x.size())};
    const double end = top + HeatGrid::tall * static_cast<double>(map.y.size());
    std::string body = text(4, 12, "start", map.y_title) +
                       text((label_width + plot_right) / 2, end + 38, "middle", map.x_title) + "\n" +
                       heat_columns(map, grid, end);
    for (std::size_t row = 0; row < map.y.size(); ++row) {
        const double y = top + HeatGrid::tall * static_cast<double>(row);
        body += text(label_width - 6, y + HeatGrid::tall / 2 + 4, "end", cut(map.y[row], label_letters)) + "\n";
        for (std::size_t column = 0; column < map.x.size(); ++column) body += heat_cell(map, grid, row, column);
    }
    return svg(map.label, end + bottom, body);
}

std::string chart_key(const std::vector<std::pair<std::string, std::size_t>>& parts) {
    std::string out = "<ul class=\"key\">";
    for (const auto& [name, colour] : parts)
        out += fmt::format("<li><svg class=\"swatch\" aria-hidden=\"true\" width=\"12\" height=\"12\"><rect "
                           "class=\"f{}\" width=\"12\" height=\"12\" fill=\"{}\"/></svg>{}</li>",
                           colour, chart_colour(colour), html_text(name));
    return out + "</ul>\n";
}

std::string mark_list(const std::vector<Mark>& marks) {
    if (marks.empty()) return {};
    std::string out = "<ol class=\"marks\">";
    for (const Mark& mark : marks) out += "<li>" + html_sentence(mark.text) + "</li>";
    return out + "</ol>\n";
}

} // namespace firstbyte::report
