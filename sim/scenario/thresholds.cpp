#include "scenario/thresholds.hpp"

#include "core/cities.hpp"
#include "firstbyte/results.hpp"
#include "scenario/metrics.hpp"
#include "scenario/spelling.hpp"
#include "scenario/threshold_parser.hpp"
#include "scenario/units.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <iterator>

namespace firstbyte::scenario {

namespace {

using Aggregate = Threshold::Aggregate;
using Op = Threshold::Op;

/// What the number of a threshold means.
enum class Measure : std::uint8_t { Time, Count, Share };

const std::vector<std::string>& aggregate_words() {
    static const std::vector<std::string> words{"p50", "p90",   "p95",  "p99",   "p99.9", "mean",  "min",
                                                "max", "count", "rate", "ratio", "sum",   "saving"};
    return words;
}

std::vector<std::string> metric_names() {
    std::vector<std::string> names;
    for (const Metric& metric : metrics()) names.push_back(metric.name);
    return names;
}

/// Checks one expression against the scenario's names and fills a Threshold.
class Reader {
public:
    Reader(Faults& faults, const Node& expr, const AllNames& names, const Scenario& scenario)
        : faults_(faults), expr_(expr), names_(names), scenario_(scenario) {}

    bool read(Threshold& to) {
        if (const auto fault = parse_threshold(expr_.text, parsed_)) {
            say({std::string(fault->length, ' '), fault->offset}, "E411",
                {fault->message, {}, "form: p95(ttfb{region=eu}) < 250ms"});
            return false;
        }
        to.expression = expr_.text;
        to.saving = parsed_.saving;
        aggregate(to);
        metric(to);
        if (good_) labels(to);
        op(to);
        if (good_) value(to);
        return good_;
    }

private:
    void say(const Piece& piece, const std::string& code, Words words) {
        good_ = false;
        faults_.within_text(expr_, piece.offset, std::max<std::size_t>(1, piece.text.size()), code, std::move(words));
    }

    void aggregate(Threshold& to) {
        const std::string& word = parsed_.aggregate.text;
        static constexpr std::pair<std::string_view, Aggregate> plain[] = {
            {"mean", Aggregate::Mean},   {"min", Aggregate::Min},   {"max", Aggregate::Max},
            {"count", Aggregate::Count}, {"rate", Aggregate::Rate}, {"ratio", Aggregate::Ratio},
            {"sum", Aggregate::Sum}};
        for (const auto& [name, aggregate] : plain) {
            if (word != name) continue;
            to.aggregate = aggregate;
            return;
        }
        const std::optional<double> quantile =
            word.front() == 'p' ? parse_percent(std::string_view{word}.substr(1)) : std::nullopt;
        if (quantile && *quantile > 0 && *quantile < 1) {
            to.aggregate = Aggregate::Quantile;
            to.quantile = *quantile;
            return;
        }
        say(parsed_.aggregate, "E412",
            {fmt::format("unknown statistic \"{}\"", word), did_you_mean(word, aggregate_words()),
             "statistics: " + any_of(aggregate_words())});
    }

    void metric(Threshold& to) {
        const std::string& name = parsed_.metric.text;
        to.metric = name;
        metric_ = find_metric(name);
        if (metric_ == nullptr) {
            std::string meant = did_you_mean(name, metric_names());
            meant += std::string{meant.empty() ? "" : "  "} + "all metrics: firstbyte explain metrics";
            return say(parsed_.metric, "E410", {fmt::format("threshold names an unknown metric \"{}\"", name), meant});
        }
        if (!metric_->supported)
            return say(parsed_.metric, "E110", {fmt::format("metric \"{}\" is not supported yet", name)});
        if (!good_) return;
        const bool of_values = to.aggregate == Aggregate::Quantile || to.aggregate == Aggregate::Mean ||
                               to.aggregate == Aggregate::Min || to.aggregate == Aggregate::Max;
        const bool of_counts = to.aggregate == Aggregate::Rate || to.aggregate == Aggregate::Ratio;
        const bool time = metric_->type == Metric::Type::Time;
        const bool level = metric_->type == Metric::Type::Level;
        if (level && !of_values) {
            say(parsed_.aggregate, "E417",
                {fmt::format("{} does not apply to {}, which is a level over time", parsed_.aggregate.text, name),
                 "use a quantile such as p95, mean, min or max"});
        } else if (time && of_counts) {
            say(parsed_.aggregate, "E417",
                {fmt::format("{} does not apply to {}, which is a time", parsed_.aggregate.text, name),
                 "use a quantile such as p95, mean, min, max, count or sum"});
        } else if (!time && !level && of_values) {
            say(parsed_.aggregate, "E417",
                {fmt::format("{} does not apply to {}, which is counted", parsed_.aggregate.text, name),
                 "use count, rate, ratio or sum"});
        }
    }

    void labels(Threshold& to) {
        for (const auto& [label, wanted] : parsed_.labels) {
            const bool known =
                std::find(metric_->labels.begin(), metric_->labels.end(), label.text) != metric_->labels.end();
            if (known) {
                label_value(label.text, wanted);
                to.labels.emplace_back(label.text, wanted.text);
                continue;
            }
            const bool of_others =
                std::find(all_labels().begin(), all_labels().end(), label.text) != all_labels().end();
            const std::string message = of_others
                                            ? fmt::format("{} is not kept apart by \"{}\"", metric_->name, label.text)
                                            : fmt::format("unknown label \"{}\"", label.text);
            say(label, "E413",
                {message, did_you_mean(label.text, metric_->labels),
                 fmt::format("labels of {}: {}", metric_->name, any_of(metric_->labels))});
        }
    }

    void label_value(const std::string& label, const Piece& wanted) {
        const std::pair<std::string_view, const Names*> lists[] = {{"client", &names_.clients},
                                                                   {"pop", &names_.pops},
                                                                   {"origin", &names_.origins},
                                                                   {"object", &names_.objects}};
        for (const auto& [name, list] : lists) {
            const bool unknown = label == name && list->complete() && !list->find(wanted.text) &&
                                 !(label == "client" && in_world(wanted));
            if (unknown) say(wanted, "E414", list->unknown(faults_, wanted.text));
        }
        if (label == "region" && names_.clients.complete()) one_of(wanted, "region", region_words());
        if (label == "country" && names_.clients.complete()) one_of(wanted, "country", country_words());
        if (label == "cause") one_of(wanted, "cause", cause_words());
        if (label == "why") one_of(wanted, "reason", fallback_words());
        if (label == "generated_by") one_of(wanted, "generator", {"edge", "origin", "none"});
        if (label == "leg") one_of(wanted, "leg", {"client_edge", "edge_origin"});
        if (label == "code" && !is_status(wanted.text)) one_of(wanted, "code", code_words());
        if (label == "timer") one_of(wanted, "timer", timer_words());
        if (label == "client_view") one_of(wanted, "view of a client", view_words());
        if (label == "answer") one_of(wanted, "answer", {"answered", "unanswered"});
        if (label == "event") one_of(wanted, "event", event_words());
        if (label == "rtt") rtt_bucket(wanted);
        if (label == "variant" && !names_.variants.empty()) one_of(wanted, "variant", names_.variants.all());
    }

    std::vector<std::string> group_words(std::string ClientGroup::*label) const {
        std::vector<std::string> words;
        for (const ClientGroup& group : scenario_.clients) {
            if (!(group.*label).empty()) words.push_back(group.*label);
        }
        return words;
    }

    /// Whether it can be a part of a group that stands for the world: which parts there are is known with the topology.
    bool in_world(const Piece& wanted) const {
        return std::any_of(scenario_.clients.begin(), scenario_.clients.end(), [&](const ClientGroup& group) {
            return group.world && wanted.text.rfind(group.id + "-", 0) == 0;
        });
    }

    bool any_world(bool without_region) const {
        return std::any_of(scenario_.clients.begin(), scenario_.clients.end(), [&](const ClientGroup& group) {
            return group.world && (!without_region || group.region.empty());
        });
    }

    std::vector<std::string> region_words() const {
        std::vector<std::string> words = group_words(&ClientGroup::region);
        if (!any_world(true)) return words;
        for (const Country& country : countries()) {
            std::string region{region_of_country(country.code)};
            if (std::find(words.begin(), words.end(), region) == words.end()) words.push_back(std::move(region));
        }
        return words;
    }

    std::vector<std::string> country_words() const {
        std::vector<std::string> words = group_words(&ClientGroup::country);
        if (any_world(false))
            for (const Country& country : countries()) words.push_back(country.code);
        return words;
    }

    /// RFC 9110 section 15: three digits, the first one from 1 to 5.
    static bool is_status(const std::string& word) {
        const bool digits = std::all_of(word.begin(), word.end(), [](char c) { return c >= '0' && c <= '9'; });
        return digits && word.size() == 3 && word.front() >= '1' && word.front() <= '5';
    }

    static std::vector<std::string> timer_words() {
        std::vector<std::string> words;
        for (int value = 0; value < static_cast<int>(Cause::count_); ++value) {
            const std::string timer = timer_of(static_cast<Cause>(value));
            if (!timer.empty() && std::find(words.begin(), words.end(), timer) == words.end()) words.push_back(timer);
        }
        return words;
    }

    static std::vector<std::string> view_words() {
        std::vector<std::string> words;
        for (int view = 0; view <= static_cast<int>(ClientView::None); ++view)
            words.emplace_back(name_of(static_cast<ClientView>(view)));
        return words;
    }

    /// Places in the list of events.
    [[nodiscard]] std::vector<std::string> event_words() const {
        std::vector<std::string> words;
        for (std::size_t event = 0; event < scenario_.events.size(); ++event) words.push_back(std::to_string(event));
        return words;
    }

    /// What the label `code` of results can be: every status that this model or its vendors know, and the causes that
    /// give none. A body that stopped early has the cause as its code, though its status line said 200.
    static std::vector<std::string> code_words() {
        std::vector<std::string> words{"499", "520", "521", "522", "523", "524", "525", "526"};
        for (int value = 0; value < static_cast<int>(Cause::count_); ++value) {
            const auto cause = static_cast<Cause>(value);
            const int status = status_of(cause);
            const std::string word =
                status == 0 || cause == Cause::Truncated ? std::string{name_of(cause)} : std::to_string(status);
            if (std::find(words.begin(), words.end(), word) == words.end()) words.push_back(word);
        }
        return words;
    }

    /// Buckets are written with or without their unit: "50-100 ms", "50-100ms", "50-100".
    void rtt_bucket(const Piece& wanted) {
        const std::vector<std::string>& names = rtt_bucket_names();
        const auto bare = [](const std::string& name) {
            std::string out;
            std::copy_if(name.begin(), name.end(), std::back_inserter(out), [](char c) { return c != ' '; });
            const bool unit = out.size() > 2 && out.compare(out.size() - 2, 2, "ms") == 0;
            return unit ? out.substr(0, out.size() - 2) : out;
        };
        const bool known = std::any_of(names.begin(), names.end(),
                                       [&](const std::string& name) { return bare(name) == bare(wanted.text); });
        if (known) return;
        say(wanted, "E414",
            {fmt::format("no bucket of round-trip times is called \"{}\"", wanted.text),
             did_you_mean(wanted.text, names), "buckets: " + any_of(names)});
    }

    static std::vector<std::string> cause_words() {
        std::vector<std::string> words;
        for (int cause = 0; cause < static_cast<int>(Cause::count_); ++cause)
            words.emplace_back(name_of(static_cast<Cause>(cause)));
        return words;
    }

    static std::vector<std::string> fallback_words() {
        std::vector<std::string> words;
        for (int why = 0; why < static_cast<int>(TfoFallback::count_); ++why)
            words.emplace_back(name_of(static_cast<TfoFallback>(why)));
        return words;
    }

    void one_of(const Piece& wanted, const char* noun, const std::vector<std::string>& words) {
        if (std::find(words.begin(), words.end(), wanted.text) != words.end()) return;
        say(wanted, "E414",
            {fmt::format("no {} is called \"{}\"", noun, wanted.text), did_you_mean(wanted.text, words)});
    }

    void op(Threshold& to) {
        const std::string& text = parsed_.op.text;
        to.op = text == "<"    ? Op::Less
                : text == "<=" ? Op::LessEqual
                : text == ">"  ? Op::Greater
                : text == ">=" ? Op::GreaterEqual
                               : Op::Equal;
        if (parsed_.tolerance && to.op != Op::Equal) say(*parsed_.tolerance, "E416", {"a tolerance belongs to =="});
    }

    [[nodiscard]] Measure measure(const Threshold& to) const {
        if (to.aggregate == Aggregate::Rate || to.aggregate == Aggregate::Ratio) return Measure::Share;
        if (to.aggregate == Aggregate::Count || metric_->type != Metric::Type::Time) return Measure::Count;
        return Measure::Time;
    }

    void value(Threshold& to) {
        const Measure of = measure(to);
        to.value_is_share = parsed_.value.text.back() == '%';
        to.value = number(parsed_.value, of, to.saving);
        if (parsed_.tolerance) {
            if (to.value_is_share != (parsed_.tolerance->text.back() == '%')) {
                return say(*parsed_.tolerance, "E415", {"the tolerance has another unit than the value"});
            }
            to.tolerance = number(*parsed_.tolerance, of, to.saving);
        } else if (to.op == Op::Equal && of == Measure::Time && good_) {
            say(parsed_.op, "E416",
                {"== on a time needs a tolerance", fmt::format("write \"== {} +- 1ms\"", parsed_.value.text)});
        }
    }

    double number(const Piece& piece, Measure of, bool saving) {
        std::string_view text = piece.text;
        const bool negative = saving && text.front() == '-'; // a saving may be allowed to be a small loss
        if (negative) text.remove_prefix(1);
        double value = 0;
        if (saving && text.back() == '%') {
            const auto percent = parse_percent(text.substr(0, text.size() - 1));
            if (!percent) say(piece, "E415", {fmt::format("\"{}\" is not a percentage", piece.text)});
            value = percent.value_or(0);
        } else if (of == Measure::Time) {
            value = time(piece, text);
        } else if (of == Measure::Share) {
            const Parsed<double> share = parse_share(text);
            if (!share) say(piece, "E415", {share.fault->message, share.fault->suggestion});
            value = share.value;
        } else {
            const std::optional<double> count = parse_number(text);
            if (!count || *count < 0) say(piece, "E415", {fmt::format("expected a count, found \"{}\"", piece.text)});
            value = count.value_or(0);
        }
        return negative ? -value : value;
    }

    double time(const Piece& piece, std::string_view text) {
        const Parsed<Duration> duration = parse_duration(text, "250ms");
        if (!duration) say(piece, "E415", {duration.fault->message, duration.fault->suggestion});
        return static_cast<double>(duration.value.count());
    }

    Faults& faults_;
    const Node& expr_;
    const AllNames& names_;
    const Scenario& scenario_;
    ParsedThreshold parsed_;
    const Metric* metric_ = nullptr;
    bool good_ = true;
};

} // namespace

void read_thresholds(Faults& faults, const Node& root, const AllNames& names, Scenario& scenario) {
    const Node* list = good_member(root, "thresholds");
    if (list == nullptr) return;
    for (const Node& node : list->elements) {
        const Node* expr = node.is_object() ? good_member(node, "expr") : nullptr;
        if (expr == nullptr) continue;
        Threshold threshold;
        if (!Reader(faults, *expr, names, scenario).read(threshold)) continue;
        if (const Node* level = good_member(node, "level")) threshold.error = level->text == "error";
        if (const Node* note = good_member(node, "note")) threshold.note = note->text;
        if (const Node* variant = good_member(node, "variant")) {
            threshold.variant = variant->text;
            const bool as_it_stands = variant->text == "base";
            const bool unknown = !as_it_stands && !names.variants.empty() && !names.variants.find(variant->text);
            if (unknown) faults.at_value(*variant, "E305", names.variants.unknown(faults, variant->text));
        }
        threshold.path = path_of(node);
        threshold.line = faults.line_of(node);
        scenario.thresholds.push_back(std::move(threshold));
    }
}

} // namespace firstbyte::scenario
