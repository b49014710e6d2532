/// `firstbyte schema`: the JSON Schema that editors and CI jobs check files with.
#include "common.hpp"

#include "firstbyte/schema.hpp"

#include <memory>

namespace firstbyte::tools {
namespace {

int print_schema(const std::string& what) {
    print_result(what == "result" ? result_schema_json() : scenario_schema_json());
    return exit_ok;
}

} // namespace

Action declare_schema(CLI::App& app, Look& /*look*/) {
    const auto what = std::make_shared<std::string>();
    app.add_option("KIND", *what, "of a scenario, or of result.json: scenario, result")
        ->required()
        ->check(one_of({"scenario", "result"}))
        ->group("input");
    return [what] { return print_schema(*what); };
}

} // namespace firstbyte::tools
