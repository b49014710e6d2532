// libFuzzer's way into the loader. Whatever the bytes, they are refused with placed faults, or they are a scenario that
// the schema accepts too, whose effective and annotated forms load again and say the same, and whose world can be laid
// out or is refused with placed faults. tests/fuzz/fuzz_loader.sh builds and runs it.
#include "firstbyte/scenario.hpp"
#include "firstbyte/world.hpp"
#include "scenario/schema_checker.hpp"

#include <cstddef>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <string>
#include <vector>

namespace {

using namespace firstbyte;
using nlohmann::json;

[[noreturn]] void fail(const char* what, const std::string& detail) {
    std::fprintf(stderr, "%s:\n%s\n", what, detail.c_str());
    std::abort();
}

void check_faults(const ScenarioError& error) {
    if (error.issues().empty()) fail("refused without a fault", error.what());
    for (const Issue& issue : error.issues()) {
        const bool placed = issue.line >= 1 && issue.column >= 1 && issue.length >= 1;
        if (!placed || issue.code.size() != 4 || issue.message.empty())
            fail("a fault without its place", issue.code + " " + issue.path + ": " + issue.message);
    }
}

void check_schema(const char* what, const std::string& text) {
    static const json schema = json::parse(scenario_schema_json());
    const json document = json::parse(text, nullptr, false, true);
    if (document.is_discarded()) fail(what, "is not JSON:\n" + text);
    const std::string reason = scenario_test::SchemaChecker(schema).why_not(document);
    if (!reason.empty()) fail(what, "does not fit the schema: " + reason + "\n" + text);
}

void check_again(const char* what, const std::string& text, const std::string& effective) {
    try {
        const std::string again = load_scenario(text, "again.fb.json").effective_json;
        if (again != effective) fail(what, "changes when it is loaded:\n" + effective + "\n" + again);
    } catch (const ScenarioError& error) {
        fail(what, error.what() + ("\n" + text));
    }
}

/// Whether laying it out takes no file and little time.
bool is_small(const Scenario& scenario) {
    const SyntheticTopology& made = scenario.topology.synthetic;
    constexpr std::uint32_t few = 300;
    switch (scenario.topology.kind) {
    case Topology::Kind::Direct:
    case Topology::Kind::Links: return true;
    case Topology::Kind::Synthetic:
        return made.ases.value_or(0) <= few && made.tier1 <= few && made.tier2 <= few && made.stubs <= few;
    case Topology::Kind::AsRelationships:
    case Topology::Kind::Graph: return false;
    }
    return false;
}

void check_world(const Scenario& scenario, const std::string& text) {
    if (!is_small(scenario)) return;
    try {
        static_cast<void>(build_world(scenario));
    } catch (const ScenarioError& error) {
        std::vector<Issue> issues = error.issues();
        place_issues(text, issues);
        check_faults(ScenarioError(error.file(), issues));
    }
}

} // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    const std::string text(data, data + size);
    Scenario scenario;
    try {
        scenario = load_scenario(text, "fuzz.fb.json");
    } catch (const ScenarioError& error) {
        check_faults(error);
        return 0;
    }
    check_schema("the scenario", text);
    check_schema("the effective scenario", scenario.effective_json);
    check_again("the effective scenario", scenario.effective_json, scenario.effective_json);
    check_again("the annotated scenario", annotated_scenario(text, "fuzz.fb.json"), scenario.effective_json);
    check_world(scenario, text);
    return 0;
}
