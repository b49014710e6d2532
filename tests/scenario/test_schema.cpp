#include "scenario/schema_checker.hpp"
#include "scenario/support.hpp"

#include <algorithm>
#include <filesystem>

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

TEST_CASE("schema: what it refuses, the loader refuses, and shape faults of the loader are its faults too") {
    const Json schema = Json::parse(scenario_schema_json());
    const SchemaChecker checker(schema);
    // The loader also checks what a schema cannot say: units in the right case are patterns, but cities, relations
    // between values and upper limits of quantities are not.
    const std::vector<std::string> beyond{"E203", "E207", "E208", "E211"};
    int refused = 0;
    for (const auto& entry : std::filesystem::directory_iterator(path_of("invalid"))) {
        const std::string name = entry.path().filename().string();
        CAPTURE(name);
        const std::string text = text_of("invalid/" + name);
        const Json document = Json::parse(text, nullptr, false, true);
        if (document.is_discarded()) continue;
        const std::vector<Issue> issues = issues_of(text, {}, Purpose::Simulate, path_of("invalid/" + name));
        const bool schema_refuses = !checker.why_not(document).empty();
        if (schema_refuses) CHECK(!issues.empty());
        const std::string& code = issues.front().code;
        const bool shape = code < "E300" && code != "E104" && code != "E110" &&
                           std::find(beyond.begin(), beyond.end(), code) == beyond.end();
        const bool of_event_or_step = name == "unknown_key_event.fb.json" || name == "missing_event_mode.fb.json" ||
                                      name == "missing_response.fb.json" || name == "missing_event_value.fb.json" ||
                                      name == "set_value.fb.json" || name == "event_rotation_lasting.fb.json" ||
                                      name == "event_missing_pop.fb.json" || name == "event_prepend_text.fb.json";
        const bool of_map_key =
            name == "asn_in_map.fb.json" || name == "choice_allow.fb.json" || name == "variant_value.fb.json";
        if (shape && !of_event_or_step && !of_map_key) CHECK_MESSAGE(schema_refuses, code);
        refused += schema_refuses ? 1 : 0;
    }
    CHECK(refused > 30);
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
