/// `firstbyte trace`: single connections of replication 0, packet by packet.
#include "common.hpp"
#include "help.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <memory>

namespace firstbyte::tools {
namespace {

struct TraceOptions : ScenarioOptions {
    std::string client;
    std::string variant = "base";
    int connection = -1, first = -1; ///< -1: not given
};

TraceChoice choice_of(const TraceOptions& options, const Scenario& scenario) {
    TraceChoice choice;
    choice.enabled = true;
    if (!options.client.empty()) {
        std::vector<std::string> names;
        for (const ClientGroup& group : scenario.clients) names.push_back(group.id);
        if (std::find(names.begin(), names.end(), options.client) == names.end())
            throw UsageError(fmt::format("--client: {} has no client \"{}\"{}", scenario.file, options.client,
                                         did_you_mean(options.client, names)));
        choice.client = options.client;
    }
    if (options.connection >= 0) choice.connection = static_cast<std::uint32_t>(options.connection);
    choice.first_given = options.first >= 0;
    if (choice.first_given) choice.first = static_cast<std::uint32_t>(options.first);
    return choice;
}

int trace(const TraceOptions& options, const Look& look) {
    Source source{options};
    const Scenario scenario = source.load(options.variant);
    SimulateOptions simulation;
    simulation.trace = choice_of(options, scenario);
    simulation.replications = 1; // traces are taken from replication 0 only
    const World world = source.build(scenario);
    print_warnings(source, look);
    const Results results = simulate(world, simulation);
    if (look.quiet == 0 && results.traces.empty()) print_error("no connection of that choice was started.");
    if (look.quiet < 2)
        print_result(options.format == "json" ? trace_json(results.traces) : trace_text(results.traces));
    return exit_ok;
}

} // namespace

Action declare_trace(CLI::App& app, Look& look) {
    const auto options = std::make_shared<TraceOptions>();
    add_scenario_options(app, *options);
    app.add_option("--variant", options->variant, "a variant of the file; base: as it stands")
        ->type_name("NAME")
        ->capture_default_str()
        ->group("input");
    add_seed_option(app, *options);
    app.add_option("--client", options->client, "id of a client group [scripted ones, else all]")
        ->type_name("ID")
        ->group("which connections");
    app.add_option("--conn", options->connection, "only this one, counted from 0 within its group")
        ->type_name("N")
        ->check(whole_number(0))
        ->group("which connections");
    app.add_option("--first", options->first, "at most so many [3; all of scripted clients]")
        ->type_name("N")
        ->check(whole_number(1))
        ->group("which connections");
    add_format_option(app, *options);
    return [options, &look] { return trace(*options, look); };
}

} // namespace firstbyte::tools
