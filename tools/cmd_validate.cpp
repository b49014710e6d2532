/// `firstbyte validate`: checks only. Diagnostics are its result, so they go to stdout.
#include "common.hpp"

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include <algorithm>
#include <memory>

namespace firstbyte::tools {
namespace {

struct ValidateOptions {
    std::vector<std::string> files, set;
    std::string format = "text";
    bool strict = false;
};

/// Every fault and warning that `run` would meet: those of loading, then those of routes and places.
std::vector<Issue> issues_of(const std::string& file, const std::vector<std::string>& set) {
    ScenarioOptions options;
    options.file = file;
    options.set = set;
    Source source{options};
    std::vector<Issue> issues;
    std::string inside; // which variant the fault is of; empty for the file as it stands
    try {
        const Scenario scenario = source.load();
        static_cast<void>(source.build(scenario)); // the world is of no use here, its faults are
        for (const Variant& variant : scenario.variants) {
            inside = fmt::format("in variant \"{}\": ", variant.name);
            static_cast<void>(source.build(source.load(variant.name)));
        }
    } catch (const ScenarioError& error) {
        issues = error.issues();
        for (Issue& issue : issues) issue.message.insert(0, inside);
    }
    issues.insert(issues.end(), source.warnings().begin(), source.warnings().end());
    return issues;
}

bool is_error(const Issue& issue) { return issue.severity == Issue::Severity::Error; }

int validate(const ValidateOptions& options, const Look& look) {
    nlohmann::ordered_json all = nlohmann::ordered_json::array();
    int code = exit_ok;
    for (const std::string& file : options.files) {
        std::vector<Issue> issues;
        try {
            issues = issues_of(file, options.set);
        } catch (const UsageError&) {
            throw;
        } catch (const std::runtime_error& error) { // one unreadable file does not keep the others from being checked
            if (look.quiet < 2) print_error(std::string{"error: "} + error.what());
            code = exit_failure;
            continue;
        }
        const bool bad = std::any_of(issues.begin(), issues.end(), is_error) || (options.strict && !issues.empty());
        if (bad && code == exit_ok) code = exit_invalid_scenario;
        if (look.quiet > 0 && !options.strict)
            issues.erase(std::remove_if(issues.begin(), issues.end(), std::not_fn(is_error)), issues.end());
        if (look.quiet > 1) continue;
        if (options.format == "json") {
            for (auto& issue : nlohmann::ordered_json::parse(issues_json(file, issues)))
                all.push_back(std::move(issue));
            continue;
        }
        if (!issues.empty()) print_result(issues_text(file, issues));
        if (!bad && look.quiet == 0) print_result("ok  " + file);
    }
    if (options.format == "json" && look.quiet < 2) print_result(all.dump(2));
    return code;
}

} // namespace

Action declare_validate(CLI::App& app, Look& look) {
    const auto options = std::make_shared<ValidateOptions>();
    app.add_option("SCENARIO", options->files, "scenario files; - reads standard input")->required()->group("input");
    app.add_option("--set", options->set, "change one key of each file; repeatable")
        ->type_name("PATH=VALUE")
        ->allow_extra_args(false)
        ->group("input");
    app.add_flag("--strict", options->strict, "warnings are errors")->group("what to check");
    app.add_option("--format", options->format, "text, or json: one array of all diagnostics")
        ->type_name("KIND")
        ->check(one_of({"text", "json"}))
        ->capture_default_str()
        ->envname("FIRSTBYTE_FORMAT")
        ->group("output");
    return [options, &look] { return validate(*options, look); };
}

} // namespace firstbyte::tools
