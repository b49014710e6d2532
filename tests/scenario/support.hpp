/// Scenario files of the tests, and what loading them says.
#pragma once

#include "firstbyte/scenario.hpp"

#include <doctest/doctest.h>

#include <fstream>
#include <iterator>
#include <string>
#include <vector>

namespace firstbyte::scenario_test {

inline std::string path_of(const std::string& name) { return std::string(FIRSTBYTE_SOURCE_DIR) + "/tests/" + name; }

inline std::string text_of(const std::string& name) {
    std::ifstream stream(path_of(name), std::ios::binary);
    REQUIRE_MESSAGE(stream, "cannot read ", name);
    return {std::istreambuf_iterator<char>(stream), {}};
}

/// The faults of a text; empty when it loads.
inline std::vector<Issue> issues_of(const std::string& text, const std::vector<Override>& overrides = {},
                                    Purpose purpose = Purpose::Simulate, const std::string& file = "test.fb.json") {
    try {
        static_cast<void>(load_scenario(text, file, overrides, purpose));
    } catch (const ScenarioError& error) {
        return error.issues();
    }
    return {};
}

/// "E205 9:65 origins[0].service_time": what the corpus says about each fault.
inline std::string place_of(const Issue& issue) {
    std::string text = issue.code + " " + std::to_string(issue.line) + ":" + std::to_string(issue.column);
    return issue.path.empty() ? text : text + " " + issue.path;
}

inline std::vector<std::string> places_of(const std::vector<Issue>& issues) {
    std::vector<std::string> places;
    for (const Issue& issue : issues) places.push_back(place_of(issue));
    return places;
}

/// The smallest scenario of the format, with `more` at its end (", \"edge\": {...}").
inline std::string small(const std::string& more) {
    return R"({ "format": 1, "name": "small", "run": { "duration": "60s" }, "pops": [ { "id": "ams" } ],
  "origins": [ { "id": "web", "rtt_to": { "ams": "12ms" }, "service_time": "20ms" } ],
  "clients": [ { "id": "mobile", "region": "eu", "rtt_to": { "ams": "80ms" }, "population": 200,)"
           R"( "sessions": "20/s" } ])" +
           more + " }";
}

} // namespace firstbyte::scenario_test
