/// `firstbyte validate`: checks only. Diagnostics are its result, so they go to stdout.
#include "common.hpp"
#include "paint.hpp"

#include "firstbyte/outputs.hpp"

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include <algorithm>
#include <memory>

namespace firstbyte::tools {
namespace {

struct ValidateOptions {
    std::vector<std::string> files, set;
    std::string format = "text", ci = "none";
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

/// Everything found, for the forms that are written as a whole.
std::string written(const std::string& format, const std::vector<FileIssues>& found) {
    if (format == "sarif") return issues_sarif(found);
    if (format == "github") {
        std::string lines;
        for (const FileIssues& file : found) lines += github_annotations(file.file, file.issues);
        return lines;
    }
    nlohmann::ordered_json all = nlohmann::ordered_json::array();
    for (const FileIssues& file : found)
        for (auto& issue : nlohmann::ordered_json::parse(issues_json(file.file, file.issues)))
            all.push_back(std::move(issue));
    return all.dump(2);
}

void tell_ci(const std::string& ci, const std::string& format, const std::vector<FileIssues>& found) {
    if (ci == "github" && format != "github") print_annotations(written("github", found), format == "text");
    if (ci != "gitlab") return;
    nlohmann::ordered_json all = nlohmann::ordered_json::array();
    for (const FileIssues& file : found)
        for (auto& entry : nlohmann::ordered_json::parse(gitlab_code_quality(file.file, file.issues, {})))
            all.push_back(std::move(entry));
    write_file(gitlab_report, all.dump(2) + "\n");
}

int validate(const ValidateOptions& options, const Look& look) {
    std::vector<FileIssues> found;
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
        found.push_back({file, issues});
        if (options.format != "text") continue;
        if (!issues.empty()) print_result(painted(issues_text(file, issues), look, stdout));
        if (!bad && look.quiet == 0) print_result("ok  " + file);
    }
    if (options.format != "text" && look.quiet < 2) {
        const std::string text = written(options.format, found);
        if (!text.empty()) print_result(text);
    }
    tell_ci(options.ci, options.format, found);
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
    app.add_option("--format", options->format, "text, json, github (annotations) or sarif")
        ->type_name("KIND")
        ->check(one_of({"text", "json", "github", "sarif"}))
        ->capture_default_str()
        ->envname("FIRSTBYTE_FORMAT")
        ->group("output");
    add_ci_option(app, options->ci);
    return [options, &look] { return validate(*options, look); };
}

} // namespace firstbyte::tools
