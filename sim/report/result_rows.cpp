#include "report/result_rows.hpp"

#include "firstbyte/outputs.hpp"
#include "report/format.hpp"

#include <algorithm>
#include <cmath>
#include <stdexcept>

#include <fmt/format.h>

namespace firstbyte {

std::vector<std::string> result_variants(const std::string& result) {
    std::vector<std::string> names;
    const report::Json document = report::read_result(result);
    for (const report::Json& variant : document.at("variants")) names.push_back(variant.at("name").get<std::string>());
    return names;
}

namespace report {
namespace {

std::string labels_text(const Json& labels) {
    std::string text;
    for (auto it = labels.begin(); it != labels.end(); ++it) {
        if (!text.empty()) text += ';';
        text += it.key() + "=";
        for (const char c : it->get<std::string>()) {
            if (c == ';' || c == '\\') text += '\\';
            text += c;
        }
    }
    return text;
}

/// What a threshold's numbers are. The expression tells: shares from rate() and ratio(), counts, else times.
std::string number_words(const std::string& expression, const Json& number) {
    if (!number.is_number()) return "-";
    const double value = number.get<double>();
    const bool saving = expression.rfind("saving", 0) == 0;
    const std::size_t start = saving ? expression.find('(') + 1 : 0;
    const std::string aggregate = expression.substr(start, expression.find_first_of("( ", start) - start);
    const bool in_percent = expression.find('%', expression.find_last_of("<>=")) != std::string::npos;
    if (aggregate == "rate" || aggregate == "ratio" || (saving && in_percent)) return percent(value);
    if (aggregate == "count" || aggregate == "sum") return grouped_fixed(value, value == std::floor(value) ? 0 : 1);
    return milliseconds(value);
}

int rank(const ThresholdWords& words) {
    if (words.status == "failed") return 0;
    if (words.status == "warned") return 1;
    return words.status == "skipped" ? 2 : 3;
}

} // namespace

double confidence_of(const Json& result) {
    constexpr double usual = 0.95; // scenario format, section 5: the default of run.confidence
    const Json& effective = result.at("scenario").at("effective");
    const auto run = effective.find("run");
    const auto given = run == effective.end() || !run->contains("confidence") ? nullptr : &run->at("confidence");
    if (given == nullptr) return usual;
    if (given->is_number()) return given->get<double>();
    const std::string text = given->get<std::string>(); // "95%"
    return std::stod(text) / (text.ends_with('%') ? 100 : 1);
}

Json read_result(const std::string& text) {
    Json result = Json::parse(text, nullptr, false);
    if (!result.is_object() || !result.contains("variants") || !result.contains("format") ||
        !result.contains("thresholds"))
        throw std::runtime_error("this is no result of run or compare (a result.json)");
    if (result.at("format") != 1)
        throw std::runtime_error("this result has format " + result.at("format").dump() + "; format 1 is known here");
    return result;
}

std::optional<double> quantile_in(const Json* metric, double q) {
    if (metric == nullptr || !metric->contains("quantiles")) return {};
    for (const Json& entry : metric->at("quantiles"))
        if (std::fabs(entry.at("q").get<double>() - q) < 1e-9) return entry.at("value").get<double>();
    return {};
}

std::optional<Interval> mean_interval_of(const Json& metric, double confidence) {
    const auto each = metric.find("by_replication");
    if (each == metric.end() || !each->contains("mean") || !each->contains("count")) return {};
    RatioSample nothing, mean;
    for (std::size_t r = 0; r < each->at("count").size(); ++r) {
        const double count = each->at("count").at(r).get<double>();
        const Json& value = each->at("mean").at(r);
        mean.parts.push_back(value.is_number() ? value.get<double>() * count : 0);
        mean.wholes.push_back(count);
        nothing.parts.push_back(0);
        nothing.wholes.push_back(count);
    }
    return interval_of_change(nothing, mean, Method{confidence}).interval;
}

std::string exact_number(double value) {
    constexpr double whole_max = 9.007199254740992e15; // 2^53: every whole number up to here is a double
    if (value == std::floor(value) && std::fabs(value) < whole_max) return fmt::format("{:.0f}", value);
    return fmt::format("{}", value);
}

std::string csv_cell(const std::string& text) {
    if (text.find_first_of(",\"\r\n") == std::string::npos) return text;
    std::string out = "\"";
    for (const char c : text) out += c == '"' ? "\"\"" : std::string(1, c);
    return out + "\"";
}

std::vector<ResultRow> metric_rows(const Json& result) {
    const double confidence = confidence_of(result);
    std::vector<ResultRow> rows;
    for (const Json& variant : result.at("variants")) {
        for (const Json& metric : variant.at("metrics")) {
            ResultRow row;
            row.variant = variant.at("name").get<std::string>();
            row.metric = metric.at("name").get<std::string>();
            row.label_object = metric.at("labels");
            row.labels = labels_text(row.label_object);
            const std::string unit = metric.at("unit").get<std::string>();
            row.samples = metric.value("samples", metric.value("count", std::uint64_t{0}));
            const auto put = [&](const std::string& statistic, double value, const std::string& of) {
                row.statistic = statistic;
                row.value = value;
                row.unit = of;
                const auto interval =
                    statistic == "mean" ? mean_interval_of(metric, confidence) : std::optional<Interval>{};
                row.low = interval ? std::optional{interval->low} : std::nullopt;
                row.high = interval ? std::optional{interval->high} : std::nullopt;
                rows.push_back(row);
            };
            if (metric.contains("count")) put("count", metric.at("count").get<double>(), "1");
            for (const char* statistic : {"mean", "min", "max"})
                if (metric.contains(statistic)) put(statistic, metric.at(statistic).get<double>(), unit);
            if (metric.contains("quantiles"))
                for (const Json& quantile : metric.at("quantiles"))
                    put(quantile_name(quantile.at("q").get<double>()), quantile.at("value").get<double>(), unit);
            if (metric.contains("ratio")) put("ratio", metric.at("ratio").get<double>(), "1");
        }
    }
    return rows;
}

std::vector<ResultRow> comparison_rows(const Json& result) {
    std::vector<ResultRow> rows;
    if (!result.contains("comparisons")) return rows;
    for (const Json& change : result.at("comparisons")) {
        ResultRow row;
        row.variant = change.at("variant").get<std::string>();
        row.metric = change.at("metric").get<std::string>();
        row.label_object = change.at("labels");
        row.labels = labels_text(row.label_object);
        row.statistic = "change(" + change.at("stat").get<std::string>() + ")";
        row.value = change.at("change").get<double>();
        row.unit = "ns";
        if (change.at("ci").is_array()) {
            row.low = change.at("ci").at(0).get<double>();
            row.high = change.at("ci").at(1).get<double>();
        }
        row.samples = change.at("n").get<std::uint64_t>();
        rows.push_back(std::move(row));
    }
    return rows;
}

std::vector<ThresholdWords> threshold_words(const Json& result) {
    std::vector<ThresholdWords> all;
    for (const Json& threshold : result.at("thresholds")) {
        ThresholdWords words;
        words.expression = threshold.at("expr").get<std::string>();
        words.variant = threshold.at("variant").get<std::string>();
        words.status = threshold.at("status").get<std::string>();
        words.value = number_words(words.expression, threshold.at("value"));
        words.limit = number_words(words.expression, threshold.at("limit"));
        words.reason = threshold.value("reason", "");
        words.note = threshold.value("note", "");
        words.samples = threshold.at("samples").get<std::uint64_t>();
        words.line = threshold.at("source").at("line").get<int>();
        words.error = threshold.at("level") == "error";
        all.push_back(std::move(words));
    }
    std::stable_sort(all.begin(), all.end(),
                     [](const ThresholdWords& a, const ThresholdWords& b) { return rank(a) < rank(b); });
    return all;
}

std::string sentence_of(const ThresholdWords& words) {
    const std::string left = words.expression.substr(0, words.expression.rfind(')') + 1);
    std::string text = without_trailing_spaces(left) + " is " + words.value + ", limit " + words.limit;
    std::vector<std::string> more;
    if (!words.reason.empty()) more.push_back(words.reason);
    if (words.samples > 0) more.push_back(counted(words.samples, "sample"));
    for (std::size_t i = 0; i < more.size(); ++i) text += (i == 0 ? " (" : "; ") + more[i];
    return more.empty() ? text : text + ")";
}

} // namespace report
} // namespace firstbyte
