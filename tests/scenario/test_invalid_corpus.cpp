#include "scenario/support.hpp"

#include <algorithm>
#include <filesystem>
#include <set>
#include <sstream>

using namespace firstbyte;
using namespace firstbyte::scenario_test;

namespace {

/// The faults that a file of the corpus names in its first lines, with what the loader suggests where it suggests
/// something: `// expect E102 9:29 tcp.client_edge.fast_opne | did you mean "fast_open"?`.
std::vector<std::string> expected_in(const std::string& text) {
    const std::string mark = "// expect ";
    std::vector<std::string> expected;
    std::istringstream lines(text);
    for (std::string line; std::getline(lines, line) && line.rfind(mark, 0) == 0;)
        expected.push_back(line.substr(mark.size()));
    return expected;
}

std::vector<std::string> told_of(const std::vector<Issue>& issues) {
    std::vector<std::string> told;
    for (const Issue& issue : issues)
        told.push_back(place_of(issue) + (issue.suggestion.empty() ? "" : " | ") + issue.suggestion);
    return told;
}

std::vector<std::string> corpus() {
    std::vector<std::string> names;
    for (const auto& entry : std::filesystem::directory_iterator(path_of("invalid"))) {
        if (entry.path().extension() == ".json") names.push_back("invalid/" + entry.path().filename().string());
    }
    std::sort(names.begin(), names.end());
    return names;
}

} // namespace

TEST_CASE("invalid files: each is refused with the code, place, path and suggestion it names, and with nothing else") {
    const std::vector<std::string> names = corpus();
    REQUIRE(names.size() >= 60);
    for (const std::string& name : names) {
        CAPTURE(name);
        const std::string text = text_of(name);
        const std::vector<std::string> expected = expected_in(text);
        REQUIRE(!expected.empty());
        CHECK(told_of(issues_of(text, {}, Purpose::Simulate, path_of(name))) == expected);
    }
}

TEST_CASE("invalid files: every code of an error that a file alone can cause has one in the corpus") {
    std::set<std::string> met;
    for (const std::string& name : corpus()) {
        for (const std::string& line : expected_in(text_of(name))) met.insert(line.substr(0, 4));
    }
    // No key of this version refers to an object by name; the others need the topology's routes.
    const std::set<std::string> beyond_loading{"E304", "E311", "E331", "E332", "E403", "E404", "E519",
                                               "E520", "E521", "E522", "E523", "E524", "E533"};
    std::set<std::string> documented;
    for (const auto& row : scenario_error_codes()) {
        const std::string& code = row.first; // Clang 14 cannot name a structured binding inside a CHECK
        CHECK_FALSE(row.second.empty());
        documented.insert(code);
        if (code.front() == 'E' && beyond_loading.count(code) == 0) CHECK_MESSAGE(met.count(code) == 1, code);
    }
    for (const std::string& code : met) CHECK_MESSAGE(documented.count(code) == 1, code);
}
