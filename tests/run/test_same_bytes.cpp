// The same scenario, seed and version give the same bytes: run twice, on one thread and on two, and against stored
// fingerprints of every shipped scenario's trajectory.
#include "firstbyte/report.hpp"
#include "firstbyte/scenario.hpp"
#include "firstbyte/schema.hpp"
#include "firstbyte/simulate.hpp"
#include "scenario/schema_checker.hpp"

#include <doctest/doctest.h>
#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include <algorithm>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <sstream>

using namespace firstbyte;

namespace {

const std::string golden_file = FIRSTBYTE_SOURCE_DIR "/tests/golden/fingerprints.json";

std::vector<std::string> shipped_scenarios() {
    std::vector<std::string> files;
    for (const auto& entry : std::filesystem::directory_iterator(FIRSTBYTE_SOURCE_DIR "/scenarios"))
        if (entry.path().string().ends_with(".fb.json")) files.push_back(entry.path().string());
    std::sort(files.begin(), files.end());
    REQUIRE(!files.empty());
    return files;
}

Scenario load(const std::string& path, int replications) {
    std::ifstream file(path);
    std::ostringstream text;
    text << file.rdbuf();
    return load_scenario(text.str(), path, {{"run.replications", std::to_string(replications)}});
}

std::string json_of(const Scenario& scenario, int jobs) {
    SimulateOptions options;
    options.jobs = jobs;
    const Results results = simulate(build_world(scenario), options);
    return result_json(make_report(scenario, {{"base", "base", false, &results}}, {}));
}

} // namespace

TEST_CASE("same bytes: every shipped scenario follows the trajectory that is stored, and its result fits the schema") {
    const nlohmann::json schema = nlohmann::json::parse(result_schema_json());
    const scenario_test::SchemaChecker checker(schema);
    nlohmann::json found = nlohmann::json::object();
    for (const std::string& path : shipped_scenarios()) {
        CAPTURE(path);
        const Scenario scenario = load(path, 1);
        const Results results = simulate(build_world(scenario), {});
        const std::string result = result_json(make_report(scenario, {{"base", "base", false, &results}}, {}));
        CHECK(checker.why_not(nlohmann::json::parse(result)) == "");
        found[std::filesystem::path(path).filename().string()] =
            fmt::format("{:016x}", results.replications.at(0).fingerprint);
    }
    if (std::getenv("FIRSTBYTE_UPDATE_GOLDEN") != nullptr) std::ofstream(golden_file) << found.dump(2) << '\n';
    std::ifstream file(golden_file);
    REQUIRE(file.is_open());
    // A difference is a change of behaviour: the commit explains it, CHANGELOG.md lists it under "Changed results", and
    // FIRSTBYTE_UPDATE_GOLDEN=1 stores the new trajectories.
    CHECK(found == nlohmann::json::parse(file));
}

TEST_CASE("same bytes: a run repeats itself, on one thread and on two") {
    for (const std::string& path : shipped_scenarios()) {
        CAPTURE(path);
        const Scenario scenario = load(path, 3);
        const std::string once = json_of(scenario, 1);
        CHECK(once == json_of(scenario, 1));
        CHECK(once == json_of(scenario, 2));
    }
}

TEST_CASE("same bytes: another seed takes another way") {
    const Scenario scenario = load(shipped_scenarios().back(), 1);
    SimulateOptions other;
    other.seed = scenario.run.seed + 1;
    const World world = build_world(scenario);
    CHECK(simulate(world, {}).replications.at(0).fingerprint != simulate(world, other).replications.at(0).fingerprint);
}
