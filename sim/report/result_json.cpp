#include "core/check.hpp"
#include "core/sha256.hpp"
#include "core/version.hpp"
#include "firstbyte/report.hpp"
#include "report/change_json.hpp"
#include "report/comparison.hpp"
#include "report/json_text.hpp"
#include "report/measure.hpp"
#include "report/metrics_json.hpp"
#include "report/records.hpp"
#include "report/settling_rows.hpp"
#include "report/statistics.hpp"
#include "report/thresholds.hpp"
#include "report/timeline.hpp"
#include "report/trace_json.hpp"

#include <algorithm>
#include <cmath>
#include <optional>

#include <fmt/format.h>

namespace firstbyte {
namespace {

using namespace report;

std::size_t replications(const Report& report) { return report.variants.front().results->replications.size(); }

/// First 8 hex digits of a hash over everything that decides the numbers.
std::string result_id(const Report& report) {
    std::string text = report.scenario->effective_json;
    text += fmt::format("\nseed {}\nreplications {}\nversion {}\n", report.options.seed, replications(report), version);
    // The effective scenario is the base; what a comparison did to it is told by the names of its variants.
    for (const VariantResults& variant : report.variants) text += "variant " + variant.name + "\n";
    return sha256_hex(text).substr(0, 8);
}

/// What began has ended or is open, warm-up included, all replications together.
Json books_json(const Books& books) {
    return {{"requests",
             {{"started", books.requests_started}, {"ended", books.requests_ended}, {"open", books.requests_open}}},
            {"connection_ends",
             {{"opened", books.connections_opened},
              {"closed", books.connections_closed},
              {"open", books.connections_open}}},
            {"bytes", {{"written", books.bytes_written}, {"delivered", books.bytes_delivered}}}};
}

Json variant_json(const Report& report, const VariantResults& variant) {
    ReplicationResults sums;
    for (const ReplicationResults& replication : variant.results->replications) {
        sums.events += replication.events;
        sums.fingerprint += replication.fingerprint;
        sums.books.merge(replication.books);
    }
    Json out{{"name", variant.name},
             {"label", variant.label},
             {"baseline", variant.baseline},
             {"events", sums.events},
             {"fingerprint", fmt::format("{:016x}", sums.fingerprint)},
             {"books", books_json(sums.books)},
             {"metrics", metrics_json(*variant.results, report.scenario->quantiles)}};
    // What makes this variant out of scenario.effective: RFC 6902.
    if (variant.scenario != nullptr && variant.scenario->effective_json != report.scenario->effective_json)
        out["scenario_patch"] =
            Json::diff(Json::parse(report.scenario->effective_json), Json::parse(variant.scenario->effective_json));
    return out;
}

/// Every statistic of every metric of times, for all requests; of the first byte also by each label.
void put_comparisons(Json& out, const Report& report, const VariantResults& variant) {
    const Results &baseline = *report.variants.front().results, &results = *variant.results;
    const Method method = method_of(report.options);
    std::vector<Statistic> statistics{Statistic{}};
    for (const double q : report.scenario->quantiles) statistics.push_back({q});

    const auto put = [&](const char* metric, const Json& labels, const Split<Histogram>& before,
                         const Split<Histogram>& after) {
        for (const Statistic& statistic : statistics) {
            if (const auto change = change_of(before, after, statistic, method)) {
                out.push_back(change_json({report.variants.front().name, variant.name, report.options.confidence},
                                          metric, labels, statistic, *change));
            }
        }
    };
    const Slice all = whole(baseline), all_after = whole(results);
    const auto requests_before = requests_of(baseline, all), requests_after = requests_of(results, all_after);
    put("connect", Json::object(), histogram_of(connections_of(baseline, all.groups), &ConnectionResults::connect),
        histogram_of(connections_of(results, all_after.groups), &ConnectionResults::connect));
    put("request_time", Json::object(), histogram_of(requests_before, &RequestResults::request_time),
        histogram_of(requests_after, &RequestResults::request_time));
    put("ttfb", Json::object(), histogram_of(requests_before, &RequestResults::ttfb),
        histogram_of(requests_after, &RequestResults::ttfb));
    for (const GroupBy by : every_label) {
        for (const Marginal& marginal : marginals(baseline, by)) {
            if (marginal.value.empty()) continue;
            const Slice before = of_groups(baseline, marginal.groups);
            const Slice after = of_groups(results, groups_with(results, by, marginal.value));
            put("ttfb", Json{{label_name(by), marginal.value}},
                histogram_of(requests_of(baseline, before), &RequestResults::ttfb),
                histogram_of(requests_of(results, after), &RequestResults::ttfb));
        }
    }
}

/// Times are whole nanoseconds, counts whole numbers, shares decimals.
Json threshold_number(const Threshold& threshold, double value) {
    if (value_kind(threshold) == ValueKind::Share) return value;
    if (value_kind(threshold) == ValueKind::Number && value != std::floor(value)) return value;
    return whole_ns(value);
}

const char* status_name(ThresholdResult::Status status) {
    switch (status) {
    case ThresholdResult::Status::Passed: return "passed";
    case ThresholdResult::Status::Failed: return "failed";
    case ThresholdResult::Status::Warned: return "warned";
    case ThresholdResult::Status::Skipped: return "skipped";
    }
    invariant_broken("a status is one of the enumerators", "switch", __FILE__, __LINE__);
}

Json threshold_json(const ThresholdResult& result) {
    using Status = ThresholdResult::Status;
    const Threshold& threshold = *result.threshold;
    const bool has_value = result.status != Status::Skipped && result.samples > 0;
    Json out{{"expr", threshold.expression},
             {"level", threshold.error ? "error" : "warn"},
             {"variant", result.variant},
             {"value", has_value ? threshold_number(threshold, result.value) : Json()},
             {"limit", threshold_number(threshold, threshold.value)}};
    if (threshold.op == Threshold::Op::Equal) out["tolerance"] = threshold_number(threshold, threshold.tolerance);
    out["samples"] = result.samples;
    // A threshold that was not judged has neither passed nor failed.
    out["passed"] = result.status == Status::Skipped ? Json() : Json(result.status == Status::Passed);
    out["status"] = status_name(result.status);
    if (!result.reason.empty()) out["reason"] = result.reason;
    if (!threshold.note.empty()) out["note"] = threshold.note;
    out["source"] = {{"path", threshold.path}, {"line", threshold.line}};
    return out;
}

/// Every event, in file order: the label `event` of an outcome is a place in this list.
Json events_json(const Scenario& scenario) {
    Json out = Json::array();
    for (const Event& event : scenario.events) {
        Json row{{"at_ns", event.at.time_since_epoch().count()}, {"do", firstbyte::name_of(event.kind)}};
        if (event.kind == Event::Kind::OriginDown || event.kind == Event::Kind::OriginRestart) {
            FB_ASSERT(event.origin.value < scenario.origins.size(), "an event names an origin of the scenario");
            row["origin"] = scenario.origins[event.origin.value].id;
            if (event.kind == Event::Kind::OriginDown) row["mode"] = firstbyte::name_of(event.mode);
        }
        if (event.pop) row["pop"] = scenario.pops[event.pop->value].id;
        if (event.group) row["client"] = scenario.clients[*event.group].id;
        if (event.duration) row["for_ns"] = event.duration->count();
        out.push_back(std::move(row));
    }
    return out;
}

/// A row of every variant, with the variant's name in front.
void append_rows(Json& out, const VariantResults& variant, const Json& rows) {
    for (const Json& row : rows) {
        Json named{{"variant", variant.name}};
        for (auto it = row.begin(); it != row.end(); ++it) named[it.key()] = *it;
        out.push_back(std::move(named));
    }
}

Json catchment_rows(const Results& results) {
    Json out = Json::array();
    for (std::size_t number = 0; number < results.groups.size(); ++number) {
        const GroupLabels& group = results.groups[number];
        if (group.moved) continue;
        Json row{{"client", group.client},
                 {"pop", group.pop.empty() ? Json() : Json(group.pop)},
                 {"rtt_ns", group.rtt.count()},
                 {"population", group.population}};
        if (group.at) row["at"] = {group.at->lat, group.at->lon};
        if (number < results.moves.size())
            for (const SettledWay& way : results.moves[number])
                row["moves"].push_back({(way.event - Instant{}).count(),
                                        way.pop ? Json(results.pops.at(way.pop->value)) : Json(), way.rtt.count()});
        out.push_back(std::move(row));
    }
    return out;
}

Json pop_rows(const Scenario& scenario) {
    Json out = Json::array();
    for (const Pop& pop : scenario.pops) {
        Json row{{"pop", pop.id}};
        if (pop.at) row["at"] = {pop.at->lat, pop.at->lon};
        out.push_back(std::move(row));
    }
    return out;
}

Json trace_rows(const Results& results) {
    Json out = Json::array();
    for (const TraceConnection& trace : results.traces) out.push_back(connection_json(trace));
    return out;
}

/// What `trace` must be told to see a run's connections; a comparison's variants may be made by its command line.
std::optional<std::string> variant_option(const Report& report) {
    if (report.variants.size() > 1) return std::nullopt;
    std::string option = report.scenario->run.seed == report.options.seed
                             ? std::string()
                             : fmt::format(" --seed {}", report.options.seed);
    const std::string& name = report.variants.front().name;
    if (!name.empty() && name != "base") option += " --variant " + name;
    return option;
}

} // namespace

std::string result_json(const Report& report) {
    const Scenario& scenario = *report.scenario;
    Json variants = Json::array(), comparisons = Json::array(), thresholds = Json::array();
    Json catchment = Json::array(), timeline = Json::array(), records = Json::array(), causes = Json::array(),
         traces = Json::array(), convergence = Json::array();
    for (const VariantResults& variant : report.variants) {
        variants.push_back(variant_json(report, variant));
        append_rows(catchment, variant, catchment_rows(*variant.results));
        for (Json& row : record_rows(*variant.results, variant.name)) records.push_back(std::move(row));
        const Scenario& own = variant.scenario == nullptr ? scenario : *variant.scenario;
        append_rows(timeline, variant, timeline_json(*variant.results, own.run.duration));
        append_rows(causes, variant, causes_json(*variant.results, variant_option(report)));
        append_rows(traces, variant, trace_rows(*variant.results));
        append_rows(convergence, variant, settling_rows(*variant.results));
    }
    for (std::size_t i = 1; i < report.variants.size(); ++i) put_comparisons(comparisons, report, report.variants[i]);
    for (const ThresholdResult& result : report.thresholds) thresholds.push_back(threshold_json(result));

    Json out{
        {"format", 1},
        {"kind", report.variants.size() > 1 ? "compare" : "run"},
        {"id", result_id(report)},
        {"generator", {{"name", "firstbyte"}, {"version", version}, {"commit", commit}}},
        {"scenario",
         {{"name", scenario.name}, {"sha256", scenario.sha256}, {"effective", Json::parse(scenario.effective_json)}}},
        {"seeds", {{"base", report.options.seed}, {"replications", replications(report)}}},
        {"complete", report.options.complete},
        {"variants", std::move(variants)},
        {"comparisons", std::move(comparisons)},
        {"thresholds", std::move(thresholds)},
        {"timeline", {{"bucket_ns", report.variants.front().results->bucket.count()}, {"series", std::move(timeline)}}},
        {"pops", pop_rows(scenario)},
        {"catchment", std::move(catchment)},
        {"events", events_json(scenario)},
        {"causes", std::move(causes)},
        {"traces", std::move(traces)},
    };
    if (!convergence.empty()) out["convergence"] = std::move(convergence);
    if (!records.empty()) out["records"] = {{"columns", record_columns}, {"rows", std::move(records)}};
    constexpr int levels_to_metrics = 4; // file, variants, variant, metrics: one metric a line
    return json_text(out, levels_to_metrics);
}

} // namespace firstbyte
