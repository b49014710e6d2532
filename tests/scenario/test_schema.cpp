#include "scenario/schema_checker.hpp"
#include "scenario/support.hpp"

using namespace firstbyte;
using namespace firstbyte::scenario_test;
using Json = nlohmann::json;

TEST_CASE("schema: accepts the examples of the format and every effective scenario") {
    const Json schema = Json::parse(scenario_schema_json());
    const SchemaChecker checker(schema);
    for (const char* name : {"minimal", "rich", "first_synack_lost", "everything_built", "synthetic_world"}) {
        CAPTURE(name);
        const std::string text = text_of(std::string("scenario/") + name + ".fb.json");
        CHECK(checker.why_not(Json::parse(text, nullptr, true, true)) == "");
        if (std::string(name) == "rich") continue; // does not load yet
        CHECK(checker.why_not(Json::parse(load_scenario(text, "x.fb.json").effective_json)) == "");
    }
}

TEST_CASE("schema: every key of the table is in it with its text") {
    const Json schema = Json::parse(scenario_schema_json());
    for (const KeyDoc& key : scenario_keys()) {
        if (key.path.find('<') != std::string::npos || key.path.find('.') != std::string::npos) continue;
        CAPTURE(key.path);
        REQUIRE(schema["properties"].contains(key.path));
        CHECK(schema["properties"][key.path]["description"].get<std::string>().rfind(key.doc, 0) == 0);
    }
    CHECK(schema["$schema"] == "http://json-schema.org/draft-07/schema#");
    CHECK(schema["additionalProperties"] == false);
}
