#include "report/stored_join.hpp"

#include "core/sha256.hpp"
#include "core/version.hpp"

#include <algorithm>
#include <cstdint>
#include <utility>

#include <fmt/format.h>

namespace firstbyte::report {
namespace {

/// The effective scenario of one variant.
Json effective_of(const StoredVariant& stored) {
    const Json& effective = stored.document().at("scenario").at("effective");
    const auto patch = stored.variant().find("scenario_patch");
    return patch == stored.variant().end() ? effective : effective.patch(*patch);
}

/// A list of a result; an older version may not have written it.
Json list_in(const Json& document, const char* key) { return document.value(key, Json::array()); }

/// Rows of a side's variant, under its new name.
void append_rows(Json& out, const JoinedSide& side, const Json& rows) {
    for (Json row : rows) {
        if (row.at("variant") != side.stored.name()) continue;
        row["variant"] = side.name;
        out.push_back(std::move(row));
    }
}

/// `event` is a place in the list of events: without that list it says nothing.
void forget_events(Json& variant, Json& causes, const std::string& name) {
    Json kept = Json::array();
    for (Json& metric : variant.at("metrics"))
        if (!metric.at("labels").contains("event")) kept.push_back(std::move(metric));
    variant["metrics"] = std::move(kept);
    for (Json& row : causes)
        if (row.at("variant") == name) row.erase("event");
}

Json named_variant(const JoinedSide& side, bool baseline, const Json& from) {
    Json out = side.stored.variant();
    out["name"] = side.name;
    out["baseline"] = baseline;
    out.erase("scenario_patch");
    if (const Json own = effective_of(side.stored); own != from) out["scenario_patch"] = Json::diff(from, own);
    return out;
}

/// PoPs of both, those of the baseline first.
Json joined_pops(const Json& before, const Json& after) {
    Json out = before;
    for (const Json& pop : after) {
        const bool known = std::any_of(before.begin(), before.end(),
                                       [&](const Json& other) { return other.at("pop") == pop.at("pop"); });
        if (!known) out.push_back(pop);
    }
    return out;
}

/// Words on what both results are of, where that differs.
void tell_scenarios(const Json& before, const Json& after, std::vector<std::string>& remarks) {
    if (before.at("sha256") == after.at("sha256")) return;
    remarks.push_back(fmt::format("the scenario files differ: {} (SHA-256 {}) and {} (SHA-256 {}).",
                                  before.at("name").get<std::string>(), before.at("sha256").get<std::string>(),
                                  after.at("name").get<std::string>(), after.at("sha256").get<std::string>()));
}

} // namespace

Json joined_result(const JoinedSide& baseline, const JoinedSide& variant, Json comparisons,
                   std::vector<std::string> remarks) {
    const Json &before = baseline.stored.document(), &after = variant.stored.document();
    Json scenario{{"name", before.at("scenario").at("name")},
                  {"sha256", before.at("scenario").at("sha256")},
                  {"effective", effective_of(baseline.stored)}};
    Json variants{named_variant(baseline, true, scenario.at("effective")),
                  named_variant(variant, false, scenario.at("effective"))};
    Json causes = Json::array(), catchment = Json::array(), traces = Json::array(), series = Json::array(),
         convergence = Json::array();
    for (const JoinedSide* side : {&baseline, &variant}) {
        const Json& document = side->stored.document();
        append_rows(causes, *side, list_in(document, "causes"));
        append_rows(catchment, *side, list_in(document, "catchment"));
        append_rows(traces, *side, list_in(document, "traces"));
        append_rows(convergence, *side, list_in(document, "convergence"));
    }
    tell_scenarios(before.at("scenario"), after.at("scenario"), remarks);
    const Json &old_times = before.at("timeline"), &new_times = after.at("timeline");
    const bool same_buckets = old_times.at("bucket_ns") == new_times.at("bucket_ns");
    if (same_buckets) append_rows(series, baseline, old_times.at("series"));
    append_rows(series, variant, new_times.at("series"));
    if (!same_buckets)
        remarks.push_back(fmt::format("the buckets of time differ: series over time are those of {}.", variant.name));
    if (list_in(before, "events") != list_in(after, "events")) {
        forget_events(variants.at(0), causes, baseline.name);
        remarks.push_back(fmt::format("the events differ: those of {} are shown.", variant.name));
    }
    const std::string ids = before.at("id").get<std::string>() + "\n" + baseline.name + "\n" +
                            after.at("id").get<std::string>() + "\n" + variant.name + "\n";
    Json out{{"format", 1},
             {"kind", "compare"},
             {"id", sha256_hex(ids).substr(0, 8)},
             {"generator", {{"name", "firstbyte"}, {"version", version}, {"commit", commit}}},
             {"scenario", std::move(scenario)},
             {"seeds", before.at("seeds")},
             {"complete", before.value("complete", true) && after.value("complete", true)},
             {"remarks", std::move(remarks)},
             {"variants", std::move(variants)},
             {"comparisons", std::move(comparisons)},
             {"thresholds", Json::array()},
             {"timeline", {{"bucket_ns", new_times.at("bucket_ns")}, {"series", std::move(series)}}},
             {"pops", joined_pops(list_in(before, "pops"), list_in(after, "pops"))},
             {"catchment", std::move(catchment)},
             {"events", list_in(after, "events")},
             {"causes", std::move(causes)},
             {"traces", std::move(traces)}};
    if (!convergence.empty()) out["convergence"] = std::move(convergence);
    return out;
}

} // namespace firstbyte::report
