/// JSON Schema (2020-12) of result.json, from the names that write it.
#include "firstbyte/schema.hpp"

#include "firstbyte/results.hpp"
#include "firstbyte/scenario.hpp"
#include "report/json_text.hpp"
#include "report/records.hpp"
#include "report/slice.hpp"
#include "report/statistics.hpp"

#include <algorithm>
#include <string>
#include <utility>
#include <vector>

namespace firstbyte {
namespace {

using report::Json;

Json of_type(const char* type) { return {{"type", type}}; }
Json text() { return of_type("string"); }
Json number() { return of_type("number"); }
Json integer() { return of_type("integer"); }
Json flag() { return of_type("boolean"); }
Json count() { return {{"type", "integer"}, {"minimum", 0}}; }
Json share() { return {{"type", "number"}, {"minimum", 0}, {"maximum", 1}}; }
Json or_null(const char* type) { return {{"type", {type, "null"}}}; }
Json list_of(Json items) { return {{"type", "array"}, {"items", std::move(items)}}; }
Json pair_of(Json items) { return {{"type", "array"}, {"items", std::move(items)}, {"minItems", 2}, {"maxItems", 2}}; }
Json reference(const std::string& name) { return {{"$ref", "#/$defs/" + name}}; }

Json told(Json schema, const char* description) {
    schema["description"] = description;
    return schema;
}

Json one_of(const std::vector<std::string>& names) { return {{"type", "string"}, {"enum", names}}; }

/// Every spelling of an enumeration that ends with count_.
template <class Enum>
Json one_of_all() {
    std::vector<std::string> names;
    for (int i = 0; i < static_cast<int>(Enum::count_); ++i) names.emplace_back(name_of(static_cast<Enum>(i)));
    return one_of(names);
}

struct Member {
    const char* name;
    Json schema;
    bool required = true;
};

/// An object with these members and no others.
Json object(std::vector<Member> members) {
    Json properties = Json::object(), required = Json::array();
    for (Member& member : members) {
        if (member.required) required.push_back(member.name);
        properties[member.name] = std::move(member.schema);
    }
    return {{"type", "object"},
            {"properties", std::move(properties)},
            {"required", std::move(required)},
            {"additionalProperties", false}};
}

constexpr bool optional = false;

Json labels_schema() {
    std::vector<std::string> names = label_names();
    names.emplace_back("change"); // of bgp_convergence: what moved the routes
    std::vector<std::string> sorted = names;
    std::sort(sorted.begin(), sorted.end());
    Json properties = Json::object();
    for (const std::string& name : sorted) properties[name] = text();
    return told({{"type", "object"}, {"properties", std::move(properties)}, {"additionalProperties", false}},
                "the part of all requests or connections that the numbers are about; {}: all");
}

Json metric_schema() {
    std::vector<std::string> names = metric_names(false);
    // Counters that no threshold asks for.
    for (const char* name :
         {"origin_connections", "packets_blackholed", "packets_foreign", "packets_forwarded", "packets_looped"})
        names.emplace_back(name);
    std::sort(names.begin(), names.end());
    const Json quantile = object({{"q", share()}, {"value", integer()}});
    const Json rank = object({{"q", share()}, {"at_most", list_of(count())}, {"below", list_of(count())}});
    const Json each = {{"type", "object"},
                       {"properties", {{"count", list_of(count())}}},
                       {"required", Json::array({"count"})},
                       {"additionalProperties", list_of(or_null("integer"))}};
    const Json histogram = object({{"scheme", {{"const", "log-linear-3"}}},
                                   {"bins", told(list_of(pair_of(integer())), "[lowest value, how often]")}});
    return object(
        {{"name", one_of(names)},
         {"labels", reference("labels")},
         {"unit", one_of({"ns", "1"})},
         {"count", count()},
         {"ranks", told(list_of(rank), "samples of each replication up to a quantile, and below it"), optional},
         {"samples", told(count(), "of a ratio: what `count` is a part of"), optional},
         {"ratio", told(share(), "count of samples"), optional},
         {"mean", integer(), optional},
         {"min", integer(), optional},
         {"max", integer(), optional},
         {"quantiles", list_of(quantile), optional},
         {"by_replication", told(each, "a value for each replication; null: nothing happened"), optional},
         {"histogram", histogram, optional}});
}

Json variant_schema() {
    const Json books =
        object({{"requests", object({{"started", count()}, {"ended", count()}, {"open", count()}})},
                {"connection_ends", object({{"opened", count()}, {"closed", count()}, {"open", count()}})},
                {"bytes", object({{"written", count()}, {"delivered", count()}})}});
    const Json fingerprint = {{"type", "string"}, {"pattern", "^[0-9a-f]{16}$"}};
    return object({{"name", text()},
                   {"label", text()},
                   {"baseline", flag()},
                   {"events", told(count(), "simulated, of all replications")},
                   {"fingerprint", told(fingerprint, "of the order of all events")},
                   {"books", told(books, "what began has ended or is open, warm-up included")},
                   {"metrics", list_of(reference("metric"))},
                   {"scenario_patch",
                    told(list_of(of_type("object")), "RFC 6902: makes this variant of scenario.effective"), optional}});
}

Json comparison_schema() {
    using report::Verdict;
    std::vector<std::string> verdicts;
    for (const Verdict verdict :
         {Verdict::Faster, Verdict::Slower, Verdict::NotDetectable, Verdict::Within, Verdict::NoInterval})
        verdicts.emplace_back(name_of(verdict));
    Json interval = pair_of(integer());
    interval["type"] = {"array", "null"};
    return object({{"metric", one_of({"connect", "request_time", "ttfb"})},
                   {"labels", reference("labels")},
                   {"stat", {{"type", "string"}, {"pattern", "^(mean|p[0-9.]+)$"}}},
                   {"baseline", text()},
                   {"variant", text()},
                   {"change", told(integer(), "ns; below 0 is faster")},
                   {"change_rel", or_null("number")},
                   {"ci", told(interval, "of the change; null: too few replications or samples for one")},
                   {"confidence", share()},
                   {"n", told(count(), "replications, in pairs")},
                   {"verdict", one_of(verdicts)}});
}

Json threshold_schema() {
    return object({{"expr", text()},
                   {"level", one_of({"error", "warn"})},
                   {"variant", text()},
                   {"value", told(or_null("number"), "null: nothing to judge")},
                   {"limit", number()},
                   {"tolerance", number(), optional},
                   {"samples", count()},
                   {"passed", told(or_null("boolean"), "true: it holds; null: it was not judged")},
                   {"status", one_of({"passed", "failed", "warned", "skipped"})},
                   {"reason", text(), optional},
                   {"note", text(), optional},
                   {"source", object({{"path", text()}, {"line", count()}})}});
}

Json timeline_schema() {
    std::vector<std::string> names = metric_names(true);
    for (const char* name : {"connections", "outcome", "syn_data_accepted", "ttfb"}) names.emplace_back(name);
    std::sort(names.begin(), names.end());
    const Json series = object({{"variant", text()},
                                {"metric", one_of(names)},
                                {"labels", reference("labels")},
                                {"unit", one_of({"1", "1/s", "ns", "requests", "workers"})},
                                {"values", told(list_of(or_null("number")), "a value for each bucket")}});
    return object({{"bucket_ns", told(count(), "0: no time series")}, {"series", list_of(series)}});
}

Json event_schema() {
    return object({{"at_ns", integer()},
                   {"do", one_of_all<Event::Kind>()},
                   {"origin", text(), optional},
                   {"mode", one_of_all<Event::Mode>(), optional},
                   {"pop", text(), optional},
                   {"client", text(), optional},
                   {"for_ns", count(), optional}});
}

Json cause_schema() {
    std::vector<std::string> makers, views;
    for (const GeneratedBy who : {GeneratedBy::None, GeneratedBy::Edge, GeneratedBy::Origin})
        makers.emplace_back(report::name_of(who));
    for (int i = 0; i <= static_cast<int>(ClientView::None); ++i)
        views.emplace_back(name_of(static_cast<ClientView>(i)));
    const Json first = object({{"replication", count()},
                               {"client", text()},
                               {"connection", count()},
                               {"request", count()},
                               {"end_ns", integer()},
                               {"command", told(text(), "shows it packet by packet"), optional}});
    return object({{"variant", text()},
                   {"code", text()},
                   {"cause", one_of_all<Cause>()},
                   {"generated_by", one_of(makers)},
                   {"client_view", one_of(views)},
                   {"timer", text(), optional},
                   {"leg", one_of({"client_edge", "edge_origin"}), optional},
                   {"origin", text(), optional},
                   {"event", told(count(), "a place in `events`"), optional},
                   {"count", count()},
                   {"share", share()},
                   {"retryable", flag(), optional},
                   {"retry_after", told(count(), "seconds"), optional},
                   {"category", text(), optional},
                   {"error_name", text(), optional},
                   {"settings", told(list_of(text()), "paths in the scenario that move it"), optional},
                   {"first", told(first, "the first request that ended so"), optional}});
}

Json trace_schema() {
    const Json counters = {{"type", "object"}, {"additionalProperties", count()}};
    const Json packet = object({{"t_ns", integer()},
                                {"dir", one_of({"up", "down"})},
                                {"flags", {{"type", "string"}, {"pattern", "^[SFRPA]*$"}}},
                                {"seq", count()},
                                {"ack", count()},
                                {"len", count()},
                                {"win", count()},
                                {"tfo", one_of({"request", "cookie"}), optional},
                                {"tfo_exp", flag()},
                                {"sack", list_of(pair_of(count()))},
                                {"act", text()},
                                {"arrives_ns", integer(), optional},
                                {"pop", text(), optional}});
    const Json moment = told({{"type", "array"}, {"minItems", 2}, {"maxItems", 2}}, "a name or text, and a time in ns");
    return object({{"variant", text()},
                   {"client", text()},
                   {"connection", count()},
                   {"pop", text()},
                   {"start_ns", integer()},
                   {"events", list_of(moment)},
                   {"error", text()},
                   {"fast_open_fail", text()},
                   {"counters_client", counters},
                   {"counters_server", counters},
                   {"packets", list_of(packet)},
                   {"story", list_of(moment), optional}});
}

/// Degrees of latitude and longitude.
Json place() { return {{"type", "array"}, {"minItems", 2}, {"maxItems", 2}, {"items", {{"type", "number"}}}}; }

Json catchment_schema() {
    const Json move = {{"type", "array"}, {"minItems", 3}, {"maxItems", 3}};
    return object({{"variant", text()},
                   {"client", text()},
                   {"pop", told(or_null("string"), "null: no route")},
                   {"rtt_ns", integer()},
                   {"population", count()},
                   {"at", place(), optional},
                   {"moves",
                    told(list_of(move), "[ns of an event, PoP or null, path's rtt in ns] once routes have come to rest "
                                        "after it, where that is another way than before"),
                    optional}});
}

Json convergence_schema() {
    const Json routes = object({{"moved", count()},
                                {"half_ns", told(integer(), "after the event: half of them will not move again")},
                                {"all_ns", integer()},
                                {"cut_off", told(count(), "of these, had a way and then none")},
                                {"longest_cut_off_ns", told(integer(), "of those that got a way again")},
                                {"left_without", told(count(), "of `cut_off`, got none again")}});
    const Json step = {{"type", "array"}, {"minItems", 5}, {"maxItems", 5}, {"items", count()}};
    return object({{"variant", text()},
                   {"event", told(count(), "a place in `events`")},
                   {"change", text()},
                   {"pop", text(), optional},
                   {"prefix_group", told(text(), "absent: the common prefix"), optional},
                   {"at_ns", integer()},
                   {"duration_ns", told(integer(), "until the last change of any best route: bgp_convergence")},
                   {"clients", told(routes, "by population: where their packets end up")},
                   {"ases", told(routes, "by their best route")},
                   {"steps", told(list_of(step), "[ns after the event, clients that will not move again, clients "
                                                 "without a way, ASes that will not move again, ASes without a "
                                                 "route], of those that moved")}});
}

Json records_schema() {
    const Json row = {{"type", "array"},
                      {"minItems", std::size(report::record_columns)},
                      {"maxItems", std::size(report::record_columns)}};
    return object({{"columns", {{"const", report::record_columns}}}, {"rows", list_of(row)}});
}

std::vector<Member> members_of_file() {
    const Json generator = object({{"name", {{"const", "firstbyte"}}}, {"version", text()}, {"commit", text()}});
    const Json hash = {{"type", "string"}, {"pattern", "^[0-9a-f]{64}$"}};
    const Json scenario =
        object({{"name", text()},
                {"sha256", told(hash, "of the file's bytes")},
                {"effective", told(of_type("object"), "with every default; see `firstbyte schema scenario`")}});
    const Json id = {{"type", "string"}, {"pattern", "^[0-9a-f]{8}$"}};
    return {
        {"format", {{"const", 1}}},
        {"kind", one_of({"run", "compare"})},
        {"id", told(id, "the same for the same scenario, seed, replications, variants and version")},
        {"generator", generator},
        {"scenario", scenario},
        {"seeds", object({{"base", count()}, {"replications", {{"type", "integer"}, {"minimum", 1}}}})},
        {"complete", told(flag(), "false: stopped before all replications were done")},
        {"remarks", told(list_of(text()), "of a comparison of stored results: how they could be compared"), optional},
        {"variants", {{"type", "array"}, {"minItems", 1}, {"items", reference("variant")}}},
        {"comparisons", list_of(reference("comparison"))},
        {"thresholds", list_of(reference("threshold"))},
        {"timeline", timeline_schema()},
        {"pops", list_of(object({{"pop", text()}, {"at", place(), optional}}))},
        {"catchment", told(list_of(catchment_schema()), "the PoP of each client at the start")},
        {"convergence",
         told(list_of(convergence_schema()), "how routes came to rest after each event; the same in every replication"),
         optional},
        {"events", list_of(event_schema())},
        {"causes", told(list_of(reference("cause")), "how requests ended, by all labels at once")},
        {"traces", list_of(reference("trace"))},
        {"records", told(records_schema(), "requests one by one"), optional}};
}

} // namespace

std::string result_schema_json() {
    const Json body = object(members_of_file());
    Json out{{"$schema", "https://json-schema.org/draft/2020-12/schema"},
             {"title", "firstbyte result, format 1"},
             {"description", "Times are whole nanoseconds, sizes bytes. Within format 1 members are only added: a file "
                             "fits the schema of the version that wrote it."}};
    for (auto it = body.begin(); it != body.end(); ++it) out[it.key()] = *it;
    out["$defs"] = {{"labels", labels_schema()},       {"metric", metric_schema()},
                    {"variant", variant_schema()},     {"comparison", comparison_schema()},
                    {"threshold", threshold_schema()}, {"cause", cause_schema()},
                    {"trace", trace_schema()}};
    constexpr int levels_to_members = 4;
    return report::json_text(out, levels_to_members);
}

} // namespace firstbyte
