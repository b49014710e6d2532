/// result.json against its own schema: results of real comparisons with everything switched on, and results made wrong.
/// tests/run/test_same_bytes.cpp checks the result of every shipped scenario.
#include "schema/validators.hpp"

#include "cli/program.hpp"
#include "firstbyte/schema.hpp"
#include "scenario/schema_checker.hpp"

using namespace firstbyte::test;
using firstbyte::scenario_test::SchemaChecker;
using nlohmann::json;

namespace {

/// A comparison with thresholds of all kinds, an event, failures, requests kept one by one and a followed connection.
json everything() {
    const Folder folder;
    folder.write(
        "s.fb.json",
        small_scenario(R"("p95(ttfb) < 10s", { "expr": "p50(ttfb) < 10ms", "level": "warn", "note": "tight" },
                   "saving(p50(ttfb)) >= 1%", "count(outcome{code=521}) == 0 +- 3")",
                       R"("events": [ { "at": "1s", "do": "origin_down", "origin": "web", "mode": "refuse" } ],)"
                       R"("output": { "records": "100%", "traces": [ { "first": 2 } ] }, )"));
    const Finished finished =
        folder.run("compare s.fb.json --toggle tcp.client_edge.fast_open --format json --exit-zero");
    REQUIRE_MESSAGE(finished.code == 0, finished.err);
    return json::parse(finished.out);
}

/// The result once for each kind of object in it, with a member in that object that nobody knows.
void make_wrong(const json& whole, const json::json_pointer& at, std::vector<json>& out) {
    const json& here = whole.at(at);
    if (here.is_array() && !here.empty()) make_wrong(whole, at / 0, out);
    if (!here.is_object()) return;
    out.push_back(whole);
    out.back()[at]["nobody_knows"] = 1;
    for (const auto& [key, member] : here.items()) {
        // A scenario has a schema of its own; counters that are 0 are left out.
        const bool takes_any_key = key == "effective" || key == "counters_client" || key == "counters_server";
        if (!takes_any_key) make_wrong(whole, at / key, out);
    }
}

} // namespace

TEST_CASE("result schema: describes a comparison with everything in it") {
    const json schema = json::parse(firstbyte::result_schema_json()), result = everything();
    CHECK(schema.at("$schema") == "https://json-schema.org/draft/2020-12/schema");
    CHECK(SchemaChecker(schema).why_not(result) == "");
    for (const char* member : {"comparisons", "thresholds", "catchment", "events", "causes", "traces"})
        CHECK_MESSAGE(!result.at(member).empty(), member);
    CHECK(!result.at("records").at("rows").empty());
    CHECK(!result.at("timeline").at("series").empty());
}

TEST_CASE("result schema: the command prints it") {
    const Finished finished = Folder().run("schema result");
    CHECK(finished.code == 0);
    CHECK(finished.out == firstbyte::result_schema_json());
}

TEST_CASE(
    "result schema: members that nobody knows, lacking ones and wrong kinds are refused, by ajv as by our checker") {
    const json schema = json::parse(firstbyte::result_schema_json()), good = everything();
    const SchemaChecker checker(schema);
    std::vector<json> documents;
    make_wrong(good, json::json_pointer(), documents);
    for (const auto& [key, member] : good.items()) {
        if (key == "records") continue; // the only one that may be absent
        documents.push_back(good);
        documents.back().erase(key);
    }
    const std::pair<const char*, json> wrong[] = {{"/format", 2},
                                                  {"/id", "5F1C9E02"},
                                                  {"/seeds/replications", 0},
                                                  {"/variants/0/fingerprint", "1"},
                                                  {"/variants/0/metrics/0/name", "ttbf"},
                                                  {"/variants/0/metrics/0/count", 1.5},
                                                  {"/comparisons/0/ci", {1}},
                                                  {"/comparisons/0/verdict", "quick"},
                                                  {"/thresholds/0/passed", "yes"},
                                                  {"/causes/0/share", 1.1}};
    for (const auto& row : wrong) {
        documents.push_back(good);
        documents.back().at(json::json_pointer(row.first)) = row.second;
    }
    REQUIRE(documents.size() > 40);
    for (const json& document : documents)
        CHECK_MESSAGE(!checker.why_not(document).empty(), json::diff(good, document));
    documents.push_back(good);
    const auto reasons = reasons_of_ajv("2020-12", schema, documents);
    if (!reasons) return;
    for (std::size_t i = 0; i < documents.size(); ++i)
        CHECK_MESSAGE((*reasons)[i].empty() == (i + 1 == documents.size()), (*reasons)[i]);
}
