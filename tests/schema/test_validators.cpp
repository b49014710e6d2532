/// The loader, the tests' own checker, ajv and valijson on the same files.
#include "schema/corpus.hpp"
#include "schema/validators.hpp"

#include "scenario/schema_checker.hpp"

#if __has_include(<valijson/validator.hpp>)
#include <valijson/adapters/nlohmann_json_adapter.hpp>
#include <valijson/schema.hpp>
#include <valijson/schema_parser.hpp>
#include <valijson/validation_results.hpp>
#include <valijson/validator.hpp>
#define FIRSTBYTE_HAS_VALIJSON
#endif

using namespace firstbyte;
using namespace firstbyte::scenario_test;
using namespace firstbyte::test;
using Json = nlohmann::json;

namespace {

std::optional<Reasons> reasons_of_valijson([[maybe_unused]] const Json& schema,
                                           [[maybe_unused]] const std::vector<Json>& documents) {
#ifdef FIRSTBYTE_HAS_VALIJSON
    using valijson::adapters::NlohmannJsonAdapter;
    valijson::Schema parsed;
    valijson::SchemaParser(valijson::SchemaParser::kDraft7).populateSchema(NlohmannJsonAdapter(schema), parsed);
    valijson::Validator validator(valijson::Validator::kStrongTypes);
    Reasons reasons;
    for (const Json& document : documents)
        reasons.emplace_back(validator.validate(parsed, NlohmannJsonAdapter(document), nullptr) ? "" : "refused");
    return reasons;
#else
    not_there("FIRSTBYTE_REQUIRE_VALIJSON", "valijson was not installed when this was built (libvalijson-dev)");
    return std::nullopt;
#endif
}

const std::vector<Case>& all_cases() {
    static const std::vector<Case> cases = [] {
        std::vector<Case> all;
        for (const char* folder : {"tests/invalid", "tests/scenario", "scenarios"})
            for (Case& one : cases_in(folder)) all.push_back(std::move(one));
        return all;
    }();
    return cases;
}

std::vector<Json> documents_of(const std::vector<Case>& cases) {
    std::vector<Json> documents;
    for (const Case& one : cases) documents.push_back(one.document);
    return documents;
}

/// A validator and the loader: what loads fits; what does not fit does not load; what has a wrong shape does not fit.
void check_agreement(const Reasons& reasons) {
    const std::vector<Case>& cases = all_cases();
    REQUIRE(reasons.size() == cases.size());
    int refused = 0, fits = 0;
    for (std::size_t i = 0; i < cases.size(); ++i) {
        CAPTURE(cases[i].name);
        CAPTURE(reasons[i]);
        const bool loads = cases[i].issues.empty();
        if (!reasons[i].empty()) CHECK_FALSE(loads);
        if (schema_must_refuse(cases[i])) CHECK_FALSE(reasons[i].empty());
        refused += reasons[i].empty() ? 0 : 1;
        fits += reasons[i].empty() && loads ? 1 : 0;
    }
    CHECK(refused >= 60);
    CHECK(fits >= 30);
}

} // namespace

TEST_CASE("validators: the tests' own checker and the loader agree") {
    const Json schema = Json::parse(scenario_schema_json());
    const SchemaChecker checker(schema);
    Reasons reasons;
    for (const Case& one : all_cases()) reasons.push_back(checker.why_not(one.document));
    check_agreement(reasons);
}

TEST_CASE("validators: ajv and the loader agree") {
    const auto reasons = reasons_of_ajv("draft-07", Json::parse(scenario_schema_json()), documents_of(all_cases()));
    if (reasons) check_agreement(*reasons);
}

TEST_CASE("validators: valijson and the loader agree") {
    const auto reasons = reasons_of_valijson(Json::parse(scenario_schema_json()), documents_of(all_cases()));
    if (reasons) check_agreement(*reasons);
}

TEST_CASE("validators: a code that a schema cannot see has an example in the corpus") {
    std::set<std::string> met;
    for (const Case& one : cases_in("tests/invalid"))
        if (!one.issues.empty()) met.insert(one.issues.front().code);
    for (const auto& row : codes_beyond_schema()) {
        const std::string& code = row.first;
        if (code != "E101") CHECK_MESSAGE(met.count(code) == 1, code); // E101 is no JSON, so no case
    }
}
