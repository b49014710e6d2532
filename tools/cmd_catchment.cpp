/// `firstbyte catchment`: who lands on which PoP, and why. No packets.
#include "common.hpp"

#include <memory>

namespace firstbyte::tools {
namespace {

struct CatchmentOptions : ScenarioOptions {
    bool all_ases = false;
};

int catchment(const CatchmentOptions& options, const Look& look) {
    Source source{options};
    const Scenario scenario = source.load("base", {}, Purpose::RoutingOnly);
    const Catchment result = source.catchment(scenario, {options.all_ases, {}});
    print_warnings(source, look);
    if (look.quiet < 2)
        print_result(options.format == "json" ? catchment_json(result, options.all_ases) : catchment_text(result));
    return exit_ok;
}

} // namespace

Action declare_catchment(CLI::App& app, Look& look) {
    const auto options = std::make_shared<CatchmentOptions>();
    add_scenario_options(app, *options);
    app.add_flag("--all-ases", options->all_ases, "the route of every AS, not only of clients")->group("output");
    add_format_option(app, *options);
    return [options, &look] { return catchment(*options, look); };
}

} // namespace firstbyte::tools
