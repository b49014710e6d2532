#include "report/html_view.hpp"

#include "report/format.hpp"
#include "report/result_rows.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <cmath>
#include <set>

namespace firstbyte::report {
namespace {

constexpr double ns_per_s = 1e9;

std::string key_of(std::size_t variant, const std::string& name, const std::string& label) {
    return std::to_string(variant) + " " + name + " " + label;
}

std::string event_words(const Json& event) {
    std::string out =
        fmt::format("{:g} s: {}", event.at("at_ns").get<double>() / ns_per_s, event.at("do").get<std::string>());
    for (const char* key : {"pop", "origin", "client", "mode"})
        if (event.contains(key)) out += " " + event.at(key).get<std::string>();
    if (event.contains("for_ns")) out += fmt::format(" for {:g} s", event.at("for_ns").get<double>() / ns_per_s);
    return out;
}

bool level(const Json& row) {
    const std::string metric = row.at("metric").get<std::string>();
    return metric == "pop_load" || metric == "origin_busy" || metric == "origin_queue";
}

/// A series ends with its last event; a chart of several needs them equally long. Levels end with the window.
Json even_series(Json series, std::optional<std::size_t> in_window) {
    std::size_t buckets = 0;
    for (const Json& row : series) buckets = std::max(buckets, row.at("values").size());
    const std::size_t of_levels = std::min(buckets, in_window.value_or(buckets));
    for (Json& row : series) {
        if (row.at("metric") == "ttfb") continue; // a mean of nothing is not 0
        Json& values = row["values"];
        const std::size_t wanted = level(row) ? of_levels : buckets;
        while (values.size() < wanted) values.push_back(0);
        if (values.size() > wanted) values.erase(values.begin() + static_cast<std::ptrdiff_t>(wanted), values.end());
    }
    return series;
}

} // namespace

std::string label_words(const Json& labels) {
    std::string out;
    for (auto it = labels.begin(); it != labels.end(); ++it)
        out += (out.empty() ? "" : ",") + it.key() + "=" + it->get<std::string>();
    return out;
}

ResultView::ResultView(const Json& result) : result_(result) {
    std::set<std::string> codes;
    for (const Json& variant : result.at("variants")) {
        const std::size_t number = variants_.size();
        variants_.push_back(variant.at("name").get<std::string>());
        for (const Json& metric : variant.at("metrics")) {
            const Json& labels = metric.at("labels");
            const std::string name = metric.at("name").get<std::string>();
            metrics_[key_of(number, name, label_words(labels))] = &metric;
            if (labels.size() != 1) continue;
            const std::string value = labels.begin()->get<std::string>();
            auto& known = values_[name][labels.begin().key()];
            if (std::find(known.begin(), known.end(), value) == known.end()) known.push_back(value);
            if (name == "outcome" && labels.begin().key() == "code") codes.insert(value);
        }
    }
    for (const Json& change : result.at("comparisons"))
        if (change.at("metric") == "ttfb")
            changes_[change.at("variant").get<std::string>() + " " + change.at("stat").get<std::string>() + " " +
                     label_words(change.at("labels"))] = &change;
    if (result.contains("timeline")) timeline_ = even_series(result.at("timeline").at("series"), window_steps());
    if (codes.erase("200") != 0) codes_.emplace_back("200");
    codes_.insert(codes_.end(), codes.begin(), codes.end());
}

const Json* ResultView::metric(std::size_t variant, const std::string& name, const std::string& label) const {
    const auto found = metrics_.find(key_of(variant, name, label));
    return found == metrics_.end() ? nullptr : found->second;
}

std::uint64_t ResultView::count(std::size_t variant, const std::string& name, const std::string& label) const {
    const Json* found = metric(variant, name, label);
    return found == nullptr ? 0 : found->value("count", std::uint64_t{0});
}

std::vector<std::string> ResultView::values(const std::string& metric, const std::string& label) const {
    const auto of_metric = values_.find(metric);
    if (of_metric == values_.end()) return {};
    const auto found = of_metric->second.find(label);
    return found == of_metric->second.end() ? std::vector<std::string>{} : found->second;
}

const Json* ResultView::change(const std::string& variant, const std::string& stat, const std::string& label) const {
    const auto found = changes_.find(variant + " " + stat + " " + label);
    return found == changes_.end() ? nullptr : found->second;
}

std::optional<double> ResultView::quantile(const Json* metric, double q) const { return quantile_in(metric, q); }

std::size_t ResultView::colour_of_code(const std::string& code) const {
    // Success is green, 520, 522 and 524 have their own wherever they appear; others take what is left.
    static const std::map<std::string, std::size_t> fixed{{"200", 2}, {"520", 3}, {"522", 1}, {"524", 4}, {"none", 6}};
    if (const auto found = fixed.find(code); found != fixed.end()) return found->second;
    constexpr std::size_t left[] = {0, 5, 7};
    std::size_t number = 0;
    for (const std::string& other : codes_) {
        if (other == code) break;
        if (!fixed.contains(other)) ++number;
    }
    return left[number % std::size(left)];
}

std::vector<Mark> ResultView::event_marks() const {
    std::vector<Mark> marks;
    for (const Json& event : result_.at("events"))
        marks.push_back({event.at("at_ns").get<double>() / ns_per_s, event_words(event)});
    return marks;
}

std::vector<const Json*> ResultView::series(const std::string& variant, const std::string& metric) const {
    std::vector<const Json*> rows;
    for (const Json& row : timeline_)
        if (row.at("variant") == variant && row.at("metric") == metric) rows.push_back(&row);
    if (metric == "outcome")
        std::stable_partition(rows.begin(), rows.end(),
                              [](const Json* row) { return row->at("labels").at("code") == "200"; });
    return rows;
}

double ResultView::timeline_start() const {
    const Json* warmup = member(result_, {"scenario", "effective", "run", "warmup"});
    return span_ns(warmup).value_or(0) / ns_per_s; // buckets count from the start of the measured window
}

double ResultView::timeline_step() const {
    return result_.contains("timeline") ? result_.at("timeline").at("bucket_ns").get<double>() / ns_per_s : 0;
}

std::optional<std::size_t> ResultView::window_steps() const {
    const auto window = span_ns(member(result_, {"scenario", "effective", "run", "duration"}));
    if (!window || timeline_step() <= 0) return {};
    return static_cast<std::size_t>(std::ceil(*window / ns_per_s / timeline_step() - 1e-9));
}

double ResultView::step_begin(std::size_t step) const {
    const std::optional<std::size_t> in_window = window_steps();
    if (!in_window || step < *in_window) return timeline_start() + timeline_step() * static_cast<double>(step);
    const double window = span_ns(member(result_, {"scenario", "effective", "run", "duration"})).value_or(0) / ns_per_s;
    return timeline_start() + window + timeline_step() * static_cast<double>(step - *in_window);
}

std::string figure_html(const Figure& figure) {
    const std::string script = figure.script.empty() ? "" : fmt::format(" data-chart=\"{}\"", html_text(figure.script));
    std::string out = fmt::format("<figure{}><figcaption>{}</figcaption>\n{}<div class=\"plot\">{}</div>\n{}", script,
                                  html_sentence(figure.finding), figure.key, figure.picture, figure.notes);
    if (figure.table != nullptr && !figure.table->empty())
        out += figure.open ? figure.table->text() : html_details("Data", figure.table->text());
    return out + "</figure>\n";
}

double tenths(double value) { return std::round(value * 10) / 10 + 0.0; }

std::string change_words(double ns) { return milliseconds_number(ns, millisecond_decimals(ns), true) + " ms"; }

std::string interval_words(const Json& change) {
    if (change.at("verdict") == "no_detectable_difference") return "no detectable difference";
    if (!change.at("ci").is_array()) return "-";
    const int decimals = millisecond_decimals(change.at("change").get<double>());
    return milliseconds_number(change.at("ci").at(0).get<double>(), decimals, true) + " .. " +
           milliseconds_number(change.at("ci").at(1).get<double>(), decimals, true);
}

Axis time_axis(const ResultView& view, std::size_t steps) {
    return span_axis(view.timeline_start(), view.step_begin(steps), "simulated time, s");
}

std::vector<Mark> marks_within(const ResultView& view, const Axis& x) {
    std::vector<Mark> marks = view.event_marks();
    std::erase_if(marks, [&](const Mark& mark) { return mark.at < x.low || mark.at > x.high; });
    return marks;
}

std::optional<double> span_ns(const Json* value) {
    if (value == nullptr || !value->is_string()) return {};
    const std::string text = value->get<std::string>();
    double number = 0;
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
    if (error != std::errc{}) return {};
    const std::string unit(end, text.data() + text.size());
    static const std::map<std::string, double> units{{"ns", 1},  {"us", 1e3},   {"ms", 1e6},
                                                     {"s", 1e9}, {"min", 6e10}, {"h", 3.6e12}};
    const auto found = units.find(unit);
    return found == units.end() ? std::nullopt : std::optional{number * found->second};
}

const Json* member(const Json& object, const std::vector<std::string>& path) {
    const Json* at = &object;
    for (const std::string& key : path) {
        if (!at->is_object() || !at->contains(key)) return nullptr;
        at = &at->at(key);
    }
    return at;
}

} // namespace firstbyte::report
