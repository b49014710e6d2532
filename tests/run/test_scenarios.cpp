// Every scenario that is shipped holds its own thresholds, as it stands and in each of its variants.

#include "firstbyte/report.hpp"
#include "firstbyte/simulate.hpp"
#include "firstbyte/world.hpp"

#include <doctest/doctest.h>

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <string>
#include <vector>

namespace firstbyte {
namespace {

std::vector<std::filesystem::path> shipped() {
    std::vector<std::filesystem::path> files;
    for (const auto& entry : std::filesystem::directory_iterator(FIRSTBYTE_SOURCE_DIR "/scenarios"))
        if (entry.path().string().ends_with(".fb.json")) files.push_back(entry.path());
    std::sort(files.begin(), files.end());
    return files;
}

std::string text_of(const std::filesystem::path& file) {
    std::ifstream stream(file, std::ios::binary);
    return {std::istreambuf_iterator<char>{stream}, {}};
}

/// Judges one variant, on two replications at most: enough for limits that leave room. Files of exact times have one.
void judge(const std::filesystem::path& file, const std::string& name, std::vector<Override> overrides) {
    CAPTURE(file.filename().string());
    CAPTURE(name);
    const Scenario scenario = load_scenario(text_of(file), file.string(), overrides);
    SimulateOptions options;
    options.replications = std::min(scenario.run.replications, 2);
    options.jobs = 2;
    const Results results = simulate(build_world(scenario), options);
    const Report report = make_report(scenario, {{name, name, false, &results}}, {});
    for (const ThresholdResult& threshold : report.thresholds) {
        CAPTURE(threshold.threshold->expression);
        CAPTURE(threshold.value);
        CHECK(threshold.status != ThresholdResult::Status::Failed);
    }
}

} // namespace

TEST_CASE("scenarios: every shipped one holds its thresholds, in every variant") {
    const std::vector<std::filesystem::path> files = shipped();
    REQUIRE(files.size() >= 10);
    for (const std::filesystem::path& file : files) {
        const std::vector<Variant> variants = load_scenario(text_of(file), file.string()).variants;
        if (variants.empty()) judge(file, "base", {});
        for (const Variant& variant : variants) {
            std::vector<Override> overrides;
            for (const auto& [path, value] : variant.overrides) overrides.push_back({path, value});
            judge(file, variant.name, std::move(overrides));
        }
    }
}

TEST_CASE("scenarios: regional prefixes save what the scenario promises (a band of Zhou and others, SIGCOMM 2023)") {
    const std::filesystem::path file = FIRSTBYTE_SOURCE_DIR "/scenarios/regional-anycast.fb.json";
    std::vector<Results> results;
    const Scenario scenario = load_scenario(text_of(file), file.string(), {{"run.replications", "2"}});
    for (const Variant& variant : scenario.variants) {
        std::vector<Override> overrides{{"run.replications", "2"}};
        for (const auto& [path, value] : variant.overrides) overrides.push_back({path, value});
        results.push_back(simulate(build_world(load_scenario(text_of(file), file.string(), overrides)), {}));
    }
    const Report report = make_report(
        scenario, {{"global", "global", true, &results[0]}, {"regional", "regional", false, &results[1]}}, {});
    REQUIRE(report.thresholds.size() == 1);
    CHECK(report.thresholds[0].status == ThresholdResult::Status::Passed);
}

} // namespace firstbyte
