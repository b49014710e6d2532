#include "sweep_plan.hpp"

#include "output.hpp"

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include <algorithm>
#include <charconv>
#include <cmath>
#include <optional>
#include <utility>

namespace firstbyte::tools {
namespace {

constexpr int steps_max = 10'000;             // of one axis: more is a slip of the pen
constexpr std::size_t points_max = 1'000'000; // of a grid

/// A number and what stands behind it: "20ms" is 20 and "ms".
struct Quantity {
    double number = 0;
    std::string unit;
};

std::optional<Quantity> parse_quantity(const std::string& text) {
    Quantity quantity;
    const char* end = text.data() + text.size();
    const auto [stop, error] = std::from_chars(text.data(), end, quantity.number);
    if (error != std::errc{} || !std::isfinite(quantity.number)) return {};
    quantity.unit.assign(stop, end);
    return quantity;
}

/// Six significant digits, without a power of ten, which units do not go with.
std::string short_number(double value) {
    if (value == 0) return "0";
    constexpr int digits = 6;
    const int decimals = std::clamp(digits - 1 - static_cast<int>(std::floor(std::log10(std::fabs(value)))), 0, 12);
    std::string text = fmt::format("{:.{}f}", value, decimals);
    if (text.find('.') != std::string::npos) {
        text.erase(text.find_last_not_of('0') + 1);
        if (text.back() == '.') text.pop_back();
    }
    return text;
}

/// Commas inside brackets and quotes belong to a value.
std::vector<std::string> split_values(const std::string& list) {
    std::vector<std::string> values(1);
    int depth = 0;
    bool quoted = false;
    for (std::size_t i = 0; i < list.size(); ++i) {
        const char c = list[i];
        if (c == '"' && (i == 0 || list[i - 1] != '\\')) quoted = !quoted;
        if (!quoted && (c == '{' || c == '[')) ++depth;
        if (!quoted && (c == '}' || c == ']')) --depth;
        if (c == ',' && depth == 0 && !quoted)
            values.emplace_back();
        else
            values.back() += c;
    }
    return values;
}

std::string value_text(const nlohmann::json& value) {
    return value.is_string() ? value.get<std::string>() : value.dump();
}

std::vector<std::string> range_of(const std::string& path, const nlohmann::json& range) {
    for (const char* key : {"from", "to", "steps"})
        if (!range.contains(key)) throw UsageError(fmt::format("sweep of {}: \"{}\" is missing", path, key));
    if (!range.at("steps").is_number_integer())
        throw UsageError(fmt::format("sweep of {}: \"steps\" is a whole number", path));
    const std::string scale = range.value("scale", "linear");
    if (scale != "linear" && scale != "log")
        throw UsageError(fmt::format("sweep of {}: \"scale\" is linear or log, not \"{}\"", path, scale));
    return spread(value_text(range.at("from")), value_text(range.at("to")), range.at("steps").get<int>(),
                  scale == "log");
}

/// Records of a CSV text.
std::vector<std::vector<std::string>> csv_records(const std::string& text) {
    std::vector<std::vector<std::string>> records;
    std::vector<std::string> record(1);
    bool quoted = false;
    const auto end_record = [&] {
        if (record.size() > 1 || !record.front().empty()) records.push_back(record);
        record.assign(1, "");
    };
    for (std::size_t i = 0; i < text.size(); ++i) {
        const char c = text[i];
        if (quoted) {
            const bool twice = c == '"' && i + 1 < text.size() && text[i + 1] == '"';
            if (twice) ++i;
            if (c == '"' && !twice)
                quoted = false;
            else
                record.back() += c;
        } else if (c == '"') {
            quoted = true;
        } else if (c == ',') {
            record.emplace_back();
        } else if (c == '\n') {
            end_record();
        } else if (c != '\r') {
            record.back() += c;
        }
    }
    end_record();
    return records;
}

} // namespace

std::vector<std::string> spread(const std::string& from, const std::string& to, int steps, bool logarithmic) {
    const std::optional<Quantity> first = parse_quantity(from), last = parse_quantity(to);
    if (!first || !last || first->unit != last->unit)
        throw UsageError(
            fmt::format("\"{}\" and \"{}\" are not two numbers of one unit, such as 5s and 1000s", from, to));
    if (steps < 2 || steps > steps_max)
        throw UsageError(fmt::format("{}..{}: steps are from 2 to {}, not {}", from, to, steps_max, steps));
    if (logarithmic && !(first->number > 0 && last->number > 0))
        throw UsageError(fmt::format("{}..{}: a logarithmic scale starts and ends above 0", from, to));
    std::vector<std::string> values{from};
    for (int i = 1; i + 1 < steps; ++i) {
        const double part = static_cast<double>(i) / (steps - 1);
        const double value = logarithmic ? first->number * std::pow(last->number / first->number, part)
                                         : first->number + (last->number - first->number) * part;
        values.push_back(short_number(value) + first->unit);
    }
    values.push_back(to);
    return values;
}

Axis parse_axis(const std::string& argument) {
    const std::size_t equals = argument.find('=');
    if (equals == std::string::npos || equals == 0 || equals + 1 == argument.size())
        throw UsageError(fmt::format("--vary: \"{}\" is neither PATH=V1,V2 nor PATH=FROM..TO/STEPS", argument));
    Axis axis{argument.substr(0, equals), {}};
    const std::string list = argument.substr(equals + 1);
    const std::size_t dots = list.find("..");
    if (dots == std::string::npos || list.front() == '"' || list.front() == '[' || list.front() == '{') {
        axis.values = split_values(list);
        return axis;
    }
    const std::size_t slash = list.find('/', dots);
    if (slash == std::string::npos)
        throw UsageError(fmt::format("--vary: \"{}\" does not say in how many steps: FROM..TO/STEPS", argument));
    std::string count = list.substr(slash + 1);
    // Event rates have a slash of their own: 10/s..40/s/4 is cut at the last one.
    const std::size_t last = list.rfind('/');
    count = list.substr(last + 1);
    const bool logarithmic = count.ends_with("log");
    if (logarithmic) count.resize(count.size() - 3);
    int steps = 0;
    const auto [stop, error] = std::from_chars(count.data(), count.data() + count.size(), steps);
    if (error != std::errc{} || stop != count.data() + count.size())
        throw UsageError(fmt::format("--vary: \"{}\" is no number of steps", count));
    axis.values = spread(list.substr(0, dots), list.substr(dots + 2, last - dots - 2), steps, logarithmic);
    return axis;
}

std::vector<Axis> axes_of(const std::string& effective_json) {
    const nlohmann::json effective = nlohmann::json::parse(effective_json);
    std::vector<Axis> axes;
    if (!effective.contains("sweep")) return axes;
    for (const auto& [path, values] : effective.at("sweep").items()) {
        Axis axis{path, {}};
        if (values.is_object())
            axis.values = range_of(path, values);
        else if (values.is_array() && !values.empty())
            for (const auto& value : values) axis.values.push_back(value_text(value));
        else
            throw UsageError(fmt::format("sweep of {}: expected a list of values, or from, to and steps", path));
        axes.push_back(std::move(axis));
    }
    return axes;
}

std::vector<Settings> grid_of(const std::vector<Axis>& axes) {
    std::vector<Settings> points{{}};
    for (const Axis& axis : axes) {
        if (points.size() * axis.values.size() > points_max)
            throw UsageError(fmt::format("the grid has more than {} points", points_max));
        std::vector<Settings> longer;
        for (const Settings& point : points) {
            for (const std::string& value : axis.values) {
                longer.push_back(point);
                longer.back().push_back({axis.path, value});
            }
        }
        points = std::move(longer);
    }
    return points;
}

std::vector<Settings> cases_of(const std::string& csv, const std::string& file) {
    const auto records = csv_records(csv);
    if (records.size() < 2)
        throw UsageError(fmt::format("--cases: {} needs a line of paths and at least one line of values", file));
    const std::vector<std::string>& paths = records.front();
    std::vector<Settings> points;
    for (std::size_t i = 1; i < records.size(); ++i) {
        if (records[i].size() != paths.size())
            throw UsageError(fmt::format("--cases: case {} of {} has {} values for {} paths", i, file,
                                         records[i].size(), paths.size()));
        Settings point;
        for (std::size_t column = 0; column < paths.size(); ++column)
            if (!records[i][column].empty()) point.push_back({paths[column], records[i][column]});
        points.push_back(std::move(point));
    }
    return points;
}

} // namespace firstbyte::tools
