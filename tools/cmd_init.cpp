/// `firstbyte init`: a scenario that runs as it is, and the schema that editors check it with.
#include "common.hpp"
#include "help.hpp"
#include "templates.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <filesystem>
#include <memory>

namespace firstbyte::tools {
namespace {

constexpr const char* schema_file = "firstbyte.schema.json"; // the name that "$schema" of every template points at

struct InitOptions {
    std::string name = "tfo-minimal";
    bool list = false;
};

int init(const InitOptions& options, const Look& look) {
    std::vector<std::string> names;
    for (const Template& candidate : templates()) {
        names.push_back(candidate.name);
        if (options.list) print_result(fmt::format("{:<16} {}", candidate.name, candidate.summary));
    }
    if (options.list) return exit_ok;
    const auto found = std::find(names.begin(), names.end(), options.name);
    if (found == names.end())
        throw UsageError(fmt::format("there is no template \"{}\"{} (there is: {})", options.name,
                                     did_you_mean(options.name, names), fmt::join(names, ", ")));
    const Template& chosen = templates()[static_cast<std::size_t>(found - names.begin())];
    const std::string file = chosen.name + ".fb.json";
    if (std::filesystem::exists(std::filesystem::symlink_status(file)))
        throw std::runtime_error(fmt::format("{} exists already and may hold your changes; nothing was written", file));
    std::string schema = scenario_schema_json();
    if (schema.empty() || schema.back() != '\n') schema += '\n';
    write_file(schema_file, schema);
    write_file(file, chosen.text);
    if (look.quiet == 0) {
        const auto lines = std::count(chosen.text.begin(), chosen.text.end(), '\n');
        print_result(fmt::format("created  {:<24} {} lines\n"
                                 "created  {:<24} editor completion and checks (\"$schema\" points at it)",
                                 file, lines, schema_file));
        print_error(fmt::format("next: firstbyte run {}", file));
    }
    return exit_ok;
}

} // namespace

Action declare_init(CLI::App& app, Look& look) {
    const auto options = std::make_shared<InitOptions>();
    app.add_option("TEMPLATE", options->name, "what to start from")->capture_default_str()->group("input");
    app.add_flag("--list", options->list, "every template")->group("output");
    return [options, &look] { return init(*options, look); };
}

} // namespace firstbyte::tools
