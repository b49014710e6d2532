/// `firstbyte version`, also `-V` and `--version`.
#include "common.hpp"

#include "core/version.hpp"
#include "firstbyte/outputs.hpp"

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include <memory>

namespace firstbyte::tools {
namespace {

int print_version(bool as_json) {
    if (as_json) {
        const nlohmann::ordered_json json{{"name", "firstbyte"},
                                          {"version", version},
                                          {"commit", commit},
                                          {"compiler", compiler},
                                          {"html_scripts", html_has_scripts()}};
        print_result(json.dump());
    } else {
        print_result(fmt::format("firstbyte {} ({}, {})", version, commit, compiler));
        if (!html_has_scripts()) print_result("HTML reports: static charts and tables only (built without npm)");
    }
    return exit_ok;
}

} // namespace

Action declare_version(CLI::App& app, Look& /*look*/) {
    const auto as_json = std::make_shared<bool>(false);
    app.add_flag("--json", *as_json, "one JSON object")->group("output");
    return [as_json] { return print_version(*as_json); };
}

} // namespace firstbyte::tools
