#include "report/trend.hpp"

#include "firstbyte/outputs.hpp"
#include "report/format.hpp"
#include "report/result_rows.hpp"
#include "report/stored_side.hpp"
#include "report/verdict_words.hpp"

#include <algorithm>
#include <cmath>
#include <filesystem>
#include <map>
#include <set>
#include <stdexcept>

#include <fmt/format.h>

namespace firstbyte::report {
namespace {

/// Names of files that tell them apart: without ".json" and folders, with as many folders as that takes.
std::vector<std::string> labels_of(const std::vector<StoredResult>& results) {
    std::vector<std::filesystem::path> paths;
    for (const StoredResult& result : results) {
        std::filesystem::path path{result.file};
        if (path.extension() == ".json") path.replace_extension();
        paths.push_back(path);
    }
    const auto name_with = [](const std::filesystem::path& path, std::size_t folders) {
        std::vector<std::string> parts;
        for (const auto& part : path) parts.push_back(part.string());
        std::string out;
        const std::size_t from = parts.size() > folders + 1 ? parts.size() - folders - 1 : 0;
        for (std::size_t i = from; i < parts.size(); ++i) out += (i == from ? "" : "/") + parts[i];
        return out;
    };
    constexpr std::size_t folders_max = 8;
    std::vector<std::string> names;
    for (std::size_t folders = 0; folders <= folders_max; ++folders) {
        names.clear();
        for (const auto& path : paths) names.push_back(name_with(path, folders));
        if (std::set<std::string>(names.begin(), names.end()).size() == names.size()) break;
    }
    return names;
}

TrendPoint point_of(const StoredVariant& stored, const std::string& label) {
    const Json& document = stored.document();
    TrendPoint point;
    point.label = label;
    point.version = fmt::format("{} ({})", document.at("generator").at("version").get<std::string>(),
                                document.at("generator").at("commit").get<std::string>());
    point.scenario = document.at("scenario").at("name").get<std::string>();
    point.sha256 = document.at("scenario").at("sha256").get<std::string>();
    point.complete = document.value("complete", true);
    const Json* ttfb = stored.metric("ttfb", Json::object());
    point.p50 = quantile_in(ttfb, 0.5);
    point.p95 = quantile_in(ttfb, 0.95);
    point.p99 = quantile_in(ttfb, 0.99);
    if (ttfb != nullptr && ttfb->contains("mean")) {
        point.mean = ttfb->at("mean").get<double>();
        point.mean_interval = mean_interval_of(*ttfb, confidence_of(document));
    }
    const Failures failures = failures_in(stored.variant());
    point.requests = static_cast<double>(failures.all);
    point.failed = static_cast<double>(failures.failed);
    for (const Json& threshold : document.at("thresholds")) {
        if (threshold.at("variant") != stored.name() || threshold.at("status") == "skipped") continue;
        ++point.thresholds_judged;
        point.thresholds_failed += threshold.at("status") == "failed";
    }
    return point;
}

/// What can be compared of two results: quantiles only where both tell how their replications stood.
class Between {
public:
    Between(const StoredVariant& before, const StoredVariant& after)
        : pair_{before.side(Json::object()), after.side(Json::object())}, method_(confidence_of(after.document())) {
        method_.paired = why_unpaired(before, after).empty();
    }
    [[nodiscard]] std::optional<Change> of(const Statistic& statistic) const {
        const auto q = statistic.quantile;
        if (q && (!pair_.before.ttfb.quantile(*q) || !pair_.after.ttfb.quantile(*q))) return {};
        return ttfb_change(pair_, statistic, method_);
    }

private:
    Pair pair_;
    Method method_;
};

std::vector<std::string> variants_in(const StoredResult& result) {
    try {
        return result.variant.empty() ? result_variants(result.text) : std::vector<std::string>{result.variant};
    } catch (const std::runtime_error& error) {
        throw std::runtime_error(result.file + ": " + error.what());
    }
}

/// The series that each variant of each result belongs to, in the order in which they come up.
std::vector<std::pair<std::string, std::vector<StoredVariant>>>
series_of(const std::vector<StoredResult>& results, std::vector<std::vector<std::size_t>>& files) {
    const bool one_each = std::all_of(results.begin(), results.end(),
                                      [](const StoredResult& result) { return variants_in(result).size() == 1; });
    std::vector<std::pair<std::string, std::vector<StoredVariant>>> series;
    for (std::size_t file = 0; file < results.size(); ++file) {
        for (const std::string& name : variants_in(results[file])) {
            const std::string key = one_each ? "" : name;
            auto at = std::find_if(series.begin(), series.end(), [&](const auto& one) { return one.first == key; });
            if (at == series.end()) {
                series.push_back({key, {}});
                files.emplace_back();
                at = series.end() - 1;
            }
            at->second.emplace_back(StoredResult{results[file].file, results[file].text, name});
            files[static_cast<std::size_t>(at - series.begin())].push_back(file);
        }
    }
    return series;
}

void add_remarks(TrendSeries& series, const std::set<std::string>& unpaired) {
    const auto several = [&](std::string TrendPoint::*member) {
        std::set<std::string> values;
        for (const TrendPoint& point : series.points) values.insert(point.*member);
        return values.size() > 1;
    };
    if (several(&TrendPoint::scenario))
        series.remarks.emplace_back("the results are of scenarios with different names: a change may be theirs");
    else if (several(&TrendPoint::sha256))
        series.remarks.emplace_back("the scenario file changed on the way: a change may come from it");
    if (several(&TrendPoint::version))
        series.remarks.emplace_back("the program changed on the way: a change may come from it");
    for (const std::string& why : unpaired)
        series.remarks.push_back("some neighbours are not paired (" + why + "): their intervals are wider");
    for (const TrendPoint& point : series.points)
        if (!point.complete) series.remarks.push_back(point.label + " is of an interrupted run");
}

} // namespace

std::vector<TrendSeries> trend_of(const std::vector<StoredResult>& results) {
    const std::vector<std::string> labels = labels_of(results);
    std::vector<TrendSeries> all;
    std::vector<std::vector<std::size_t>> files;
    const auto sides = series_of(results, files);
    for (std::size_t s = 0; s < sides.size(); ++s) {
        TrendSeries series{sides[s].first, {}, {}, {}};
        const std::vector<StoredVariant>& variants = sides[s].second;
        std::set<std::string> unpaired;
        for (std::size_t i = 0; i < variants.size(); ++i) {
            TrendPoint point = point_of(variants[i], labels[files[s][i]]);
            if (i > 0) {
                const Between step{variants[i - 1], variants[i]};
                point.p95_change = step.of({0.95});
                point.mean_change = step.of({});
                if (const std::string why = why_unpaired(variants[i - 1], variants[i]); !why.empty())
                    unpaired.insert(why);
            }
            series.points.push_back(std::move(point));
        }
        if (variants.size() > 1) {
            const Between ends{variants.front(), variants.back()};
            for (const Statistic& statistic : {Statistic{0.5}, Statistic{0.95}, Statistic{0.99}, Statistic{}})
                if (const auto change = ends.of(statistic)) series.whole.emplace_back(statistic.name(), *change);
        }
        add_remarks(series, unpaired);
        all.push_back(std::move(series));
    }
    return all;
}

std::string trend_change(const std::optional<Change>& change) {
    if (!change) return "";
    if (change->unmoved()) return change->change() == 0 ? "the same" : "no detectable difference";
    std::string out = milliseconds_number(change->change(), millisecond_decimals(change->change()), true) + " ms";
    if (const auto relative = change->relative()) out += " (" + percent(*relative, true) + ")";
    return change->interval ? out : out + ", no interval";
}

std::string trend_mean(const TrendPoint& point) {
    if (!point.mean) return "-";
    if (!point.mean_interval) return milliseconds(*point.mean);
    const double half = (point.mean_interval->high - point.mean_interval->low) / 2;
    return milliseconds(*point.mean) + " +/- " + milliseconds_number(half, millisecond_decimals(*point.mean));
}

Direction direction_of(const TrendSeries& series) {
    if (series.whole.empty()) return Direction::Unknown;
    bool faster = false, slower = false;
    for (const auto& [name, change] : series.whole) {
        faster = faster || change.verdict() == Verdict::Faster;
        slower = slower || change.verdict() == Verdict::Slower;
    }
    if (faster && slower) return Direction::Both;
    if (faster || slower) return faster ? Direction::Faster : Direction::Slower;
    const bool unmoved =
        std::all_of(series.whole.begin(), series.whole.end(), [](const auto& one) { return one.second.unmoved(); });
    return unmoved ? Direction::Same : Direction::Unknown;
}

bool several_programs(const TrendSeries& series) {
    return std::any_of(series.points.begin(), series.points.end(),
                       [&](const TrendPoint& point) { return point.version != series.points.front().version; });
}

std::string trend_finding(const TrendSeries& series) {
    const std::string who = series.name.empty() ? "" : series.name + ": ";
    const std::string last = series.points.back().label;
    if (series.points.size() < 2) return who + "one result, " + last;
    const std::string first = series.points.front().label;
    if (series.whole.empty()) return fmt::format("{}{} and {} cannot be compared", who, last, first);
    if (direction_of(series) == Direction::Same)
        return fmt::format("{}no detectable difference between {} and {}", who, first, last);
    std::string out = fmt::format("{}{} against {}: ", who, last, first);
    for (const auto& [name, change] : series.whole)
        out += (out.ends_with(": ") ? "" : ", ") + name + " " + trend_change(change);
    const TrendPoint* step = nullptr;
    for (const TrendPoint& point : series.points) {
        if (!point.mean_change || !point.mean_change->detected()) continue;
        if (step == nullptr || std::fabs(point.mean_change->change()) > std::fabs(step->mean_change->change()))
            step = &point;
    }
    if (step != nullptr && series.points.size() > 2)
        out += fmt::format("; the largest step of the mean, {}, came with {}", trend_change(step->mean_change),
                           step->label);
    return out;
}

} // namespace firstbyte::report
