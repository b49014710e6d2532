/// `firstbyte schema`: the JSON Schema that editors and CI jobs check files with.
#include "common.hpp"

#include <memory>

namespace firstbyte::tools {
namespace {

int print_schema(const std::string& what) {
    if (what == "result") throw UsageError("the schema of result.json is not available yet");
    print_result(scenario_schema_json());
    return exit_ok;
}

} // namespace

Action declare_schema(CLI::App& app, Look& /*look*/) {
    const auto what = std::make_shared<std::string>();
    app.add_option("KIND", *what, "scenario")->required()->check(one_of({"scenario", "result"}))->group("input");
    return [what] { return print_schema(*what); };
}

} // namespace firstbyte::tools
