// Thresholds that hold a run against a stored result.
#include "firstbyte/stored.hpp"
#include "report/format.hpp"
#include "report/measure.hpp"
#include "report/stored_side.hpp"
#include "report/thresholds.hpp"

#include <algorithm>
#include <array>
#include <stdexcept>
#include <string_view>

#include <fmt/format.h>

namespace firstbyte {
namespace {

using namespace report;
using Aggregate = Threshold::Aggregate;
using Op = Threshold::Op;

/// "p95(ttfb{region=sa})": what a threshold is about, without its limit and without `saving`.
std::string subject_of(const Threshold& threshold) {
    std::string left = threshold.expression.substr(0, threshold.expression.rfind(')') + 1);
    if (!threshold.saving) return left;
    left = left.substr(left.find('(') + 1);
    return without_trailing_spaces(left.substr(0, left.rfind(')')));
}

/// "10%", "20ms +- 5ms": the right side as written.
std::string limit_of(const Threshold& threshold) {
    const std::string right = threshold.expression.substr(threshold.expression.rfind(')') + 1);
    return right.substr(std::min(right.size(), right.find_first_not_of(" <>=")));
}

const char* sign_of(Op op) {
    switch (op) {
    case Op::Less: return "<";
    case Op::LessEqual: return "<=";
    case Op::Greater: return ">";
    case Op::GreaterEqual: return ">=";
    case Op::Equal: return "==";
    }
    return "";
}

/// The operator for x where `saving` is what x lost.
Op turned(Op op) {
    switch (op) {
    case Op::Less: return Op::Greater;
    case Op::LessEqual: return Op::GreaterEqual;
    case Op::Greater: return Op::Less;
    case Op::GreaterEqual: return Op::LessEqual;
    case Op::Equal: break;
    }
    return Op::Equal;
}

/// Reads numbers off the baseline as `measure` reads them off a run.
class Baseline {
public:
    Baseline(const StoredResult& stored, const Scenario& scenario) : stored_(stored), scenario_(scenario) {}

    [[nodiscard]] double value(const Threshold& threshold) const {
        const Json labels = labels_of(threshold);
        if (is_time_metric(threshold.metric)) return time(threshold, labels);
        if (threshold.aggregate == Aggregate::Rate || threshold.aggregate == Aggregate::Ratio)
            return share(threshold, labels);
        as_many(threshold);
        return static_cast<double>(counter(threshold, labels));
    }

private:
    [[noreturn]] void refuse(const Threshold& threshold, const std::string& why) const {
        throw std::runtime_error(fmt::format("{}: no baseline for {}: {}", stored_.file(), subject_of(threshold), why));
    }

    [[nodiscard]] Json labels_of(const Threshold& threshold) const {
        Json labels = Json::object();
        for (const auto& [label, value] : threshold.labels) {
            if (label == "variant") continue;
            labels[label] = label == "rtt" ? bucket_like(threshold, value) : value;
        }
        if (labels.size() > 1) refuse(threshold, "a stored result keeps the total and one label at a time");
        return labels;
    }

    /// "50-100ms" and "50-100" name the bucket "50-100 ms".
    [[nodiscard]] std::string bucket_like(const Threshold& threshold, const std::string& wanted) const {
        const auto bare = [](std::string text) {
            std::erase(text, ' ');
            return text.ends_with("ms") ? text.substr(0, text.size() - 2) : text;
        };
        for (const std::string& name : stored_.values(threshold.metric, "rtt"))
            if (bare(name) == bare(wanted)) return name;
        return wanted;
    }

    [[noreturn]] void lacks(const Threshold& threshold, const Json& labels) const {
        std::string why = "the result has no " + threshold.metric;
        if (!labels.empty()) {
            const std::vector<std::string> there = stored_.values(threshold.metric, labels.begin().key());
            why += there.empty() ? " by " + labels.begin().key()
                                 : fmt::format(" with that label; there are {}", fmt::join(there, ", "));
        }
        refuse(threshold, why);
    }

    [[nodiscard]] double time(const Threshold& threshold, const Json& labels) const {
        const Json* row = stored_.metric(threshold.metric, labels);
        if (row == nullptr || !row->contains("histogram")) {
            if (row != nullptr) refuse(threshold, "0 samples");
            lacks(threshold, labels);
        }
        const Histogram times = histogram_in(*row);
        switch (threshold.aggregate) {
        case Aggregate::Quantile: return static_cast<double>(times.quantile(threshold.quantile));
        case Aggregate::Mean: return row->at("mean").get<double>();
        case Aggregate::Min: return row->at("min").get<double>();
        case Aggregate::Max: return row->at("max").get<double>();
        case Aggregate::Count: as_many(threshold); return row->at("count").get<double>();
        case Aggregate::Sum: as_many(threshold); return row->at("mean").get<double>() * row->at("count").get<double>();
        case Aggregate::Rate:
        case Aggregate::Ratio: break;
        }
        refuse(threshold, "rate and ratio do not apply to times");
    }

    /// A counter; what never happened has no row of its own, where all of its kind have one together.
    [[nodiscard]] std::uint64_t counter(const Threshold& threshold, const Json& labels) const {
        static constexpr std::array<std::string_view, 8> of_outcomes{"code",        "cause", "timer", "generated_by",
                                                                     "client_view", "leg",   "event", "why"};
        if (threshold.metric == "cookie_stale" && labels.empty())
            return stored_.count("tfo_fallback", Json{{"why", firstbyte::name_of(TfoFallback::KeyMismatch)}});
        const Json* row = stored_.metric(threshold.metric, labels);
        if (row != nullptr) return row->value("count", std::uint64_t{0});
        const bool may_be_none =
            !labels.empty() && (threshold.metric == "outcome" || threshold.metric == "tfo_fallback") &&
            std::find(of_outcomes.begin(), of_outcomes.end(), labels.begin().key()) != of_outcomes.end();
        if (!may_be_none || stored_.metric(threshold.metric, Json::object()) == nullptr) lacks(threshold, labels);
        return 0;
    }

    /// Of requests, or of connections.
    [[nodiscard]] double share(const Threshold& threshold, const Json& labels) const {
        const std::string& metric = threshold.metric;
        if (metric == "reuse") {
            const Json* row = stored_.metric(metric, labels);
            if (row == nullptr) lacks(threshold, labels);
            return row->at("ratio").get<double>();
        }
        const bool of_clients = std::any_of(std::begin(connection_counters), std::end(connection_counters),
                                            [&](const ConnectionCounter& one) { return metric == one.name; });
        if (!of_clients && metric != "outcome" && metric != "tfo_fallback" && metric != "cookie_stale")
            refuse(threshold, "a stored result does not keep what this share is of");
        // A label of clients or objects narrows both; code, cause and their like only what is counted.
        static constexpr std::array<std::string_view, 7> narrowing{"client", "country", "pop",   "region",
                                                                   "rtt",    "object",  "origin"};
        const bool narrows =
            !labels.empty() && std::find(narrowing.begin(), narrowing.end(), labels.begin().key()) != narrowing.end();
        const bool of_requests = threshold.aggregate == Aggregate::Rate;
        const std::uint64_t all =
            stored_.count(of_requests ? "outcome" : "connections", narrows ? labels : Json::object());
        const std::uint64_t part = counter(threshold, labels);
        if (all == 0) refuse(threshold, "0 samples");
        return ratio_of(part, all);
    }

    /// Counts grow with the time that is simulated.
    void as_many(const Threshold& threshold) const {
        const Json run = Json::parse(scenario_.effective_json).value("run", Json::object());
        const Json& there = stored_.document().at("scenario").at("effective").at("run");
        if (stored_.document().at("seeds").at("replications") != scenario_.run.replications ||
            there.value("duration", Json()) != run.value("duration", Json()))
            refuse(threshold, "it ran for another time or number of replications, and counts grow with both; a rate "
                              "or ratio can be compared");
    }

    StoredVariant stored_;
    const Scenario& scenario_;
};

/// A threshold whose limit is the baseline's value and a change of it.
Threshold against(const Threshold& of, double value, Op op, double limit, const std::string& change) {
    Threshold out = of;
    const std::string subject = subject_of(of);
    out.expression = fmt::format("{} {} baseline {}", subject, sign_of(op), change);
    out.saving = false;
    out.value_is_share = false; // of a saving; shares of requests are told by their aggregate
    out.op = op;
    out.value = limit;
    const std::string note = fmt::format("limit {}, baseline {}", value_text(out, limit), value_text(out, value));
    out.note = of.note.empty() ? note : note + "; " + of.note;
    return out;
}

Threshold of_saving(const Threshold& threshold, double value) {
    const double lost = threshold.value_is_share ? value * threshold.value : threshold.value;
    std::string change = limit_of(threshold);
    change = change.starts_with('-') ? "+ " + change.substr(1) : "- " + change;
    Threshold out = against(threshold, value, turned(threshold.op), value - lost, change);
    if (threshold.value_is_share) out.tolerance = value * threshold.tolerance;
    return out;
}

Threshold of_first_byte(Aggregate aggregate, double quantile) {
    Threshold out;
    out.metric = "ttfb";
    out.aggregate = aggregate;
    out.quantile = quantile;
    out.expression = (aggregate == Aggregate::Mean ? "mean" : quantile_name(quantile)) + "(ttfb)";
    out.op = Op::LessEqual;
    out.path = "--baseline";
    return out;
}

/// Thresholds that a tolerated change is added to.
std::vector<Threshold> to_repeat(const Scenario& scenario) {
    std::vector<Threshold> out;
    bool any_saving = false;
    for (const Threshold& threshold : scenario.thresholds) {
        any_saving = any_saving || threshold.saving;
        if (!threshold.saving && threshold.op != Op::Equal) out.push_back(threshold);
    }
    if (out.empty() && !any_saving)
        out = {of_first_byte(Aggregate::Quantile, 0.5), of_first_byte(Aggregate::Quantile, 0.95),
               of_first_byte(Aggregate::Quantile, 0.99), of_first_byte(Aggregate::Mean, 0)};
    return out;
}

std::vector<Threshold> held_against(const StoredResult& stored, const Scenario& scenario,
                                    std::optional<double> tolerated) {
    const Baseline baseline(stored, scenario);
    std::vector<Threshold> out = scenario.thresholds;
    for (Threshold& threshold : out)
        if (threshold.saving) threshold = of_saving(threshold, baseline.value(threshold));
    if (!tolerated) return out;
    for (const Threshold& threshold : to_repeat(scenario)) {
        const bool at_most = threshold.op == Op::Less || threshold.op == Op::LessEqual;
        const double value = baseline.value(threshold);
        const double limit = value * (at_most ? 1 + *tolerated : 1 - *tolerated);
        const std::string change = fmt::format("{} {:g}%", at_most ? "+" : "-", *tolerated * 100);
        Threshold one = against(threshold, value, at_most ? Op::LessEqual : Op::GreaterEqual, limit, change);
        const bool twice = std::any_of(out.begin(), out.end(), [&](const Threshold& other) {
            return other.expression == one.expression && other.variant == one.variant;
        });
        if (!twice) out.push_back(std::move(one));
    }
    return out;
}

} // namespace

std::vector<Threshold> thresholds_against(const StoredResult& baseline, const Scenario& scenario,
                                          std::optional<double> tolerated) {
    try {
        return held_against(baseline, scenario, tolerated);
    } catch (const Json::exception& fault) {
        throw std::runtime_error(fmt::format("{}: not a whole result.json ({})", baseline.file, fault.what()));
    }
}

} // namespace firstbyte
