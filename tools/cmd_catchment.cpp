/// `firstbyte catchment`: who lands on which PoP, and why. No packets.
#include "common.hpp"
#include "help.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <memory>
#include <stdexcept>

namespace firstbyte::tools {
namespace {

struct CatchmentCommand : ScenarioOptions {
    std::string variant = "base", why, at, sweep;
    std::vector<std::string> withdraw, prepend;
    bool all_ases = false, diff = false, geojson = false;
};

Pop& pop_called(Scenario& scenario, const std::string& option, const std::string& id) {
    std::vector<std::string> ids;
    for (Pop& pop : scenario.pops) {
        if (pop.id == id) return pop;
        ids.push_back(pop.id);
    }
    throw UsageError(fmt::format("{}: no PoP is called \"{}\"{}", option, id, did_you_mean(id, ids)));
}

/// What the command line asks to change before anything happens.
void change(Scenario& scenario, const CatchmentCommand& options) {
    for (const std::string& id : options.withdraw) pop_called(scenario, "--withdraw", id).announced = false;
    for (const std::string& argument : options.prepend) {
        constexpr int most = 64; // as pops[].prepend
        const std::size_t equals = argument.find('=');
        int copies = -1;
        const char* const end = argument.data() + argument.size();
        const bool number = equals != std::string::npos &&
                            std::from_chars(argument.data() + equals + 1, end, copies).ptr == end && copies >= 0 &&
                            copies <= most;
        if (!number)
            throw UsageError(fmt::format("--prepend: \"{}\" is not POP=N with N from 0 to {}", argument, most));
        pop_called(scenario, "--prepend", argument.substr(0, equals)).prepend = copies;
    }
}

/// Options that answer another question than "who goes where" stand alone.
void check(const CatchmentCommand& options) {
    const bool changed = !options.withdraw.empty() || !options.prepend.empty() || !options.at.empty();
    const auto conflict = [](bool both, const char* a, const char* b) {
        if (both) throw UsageError(fmt::format("{} and {} do not go together", a, b));
    };
    conflict(!options.why.empty() && !options.sweep.empty(), "--why", "--sweep");
    conflict(!options.why.empty() && !options.at.empty(), "--why", "--at");
    conflict(!options.sweep.empty() && !options.at.empty(), "--sweep", "--at");
    conflict(!options.why.empty() && options.all_ases, "--why", "--all-ases");
    conflict(!options.sweep.empty() && options.all_ases, "--sweep", "--all-ases");
    conflict(options.geojson && (!options.why.empty() || !options.sweep.empty()), "--geojson", "--why or --sweep");
    conflict(options.geojson && options.all_ases, "--geojson", "--all-ases");
    conflict(options.diff && (!options.why.empty() || !options.sweep.empty()), "--diff", "--why or --sweep");
    conflict(options.diff && options.all_ases, "--diff", "--all-ases");
    conflict(options.diff && options.geojson, "--diff", "--geojson");
    if (options.diff && !changed)
        throw UsageError("--diff compares with what --withdraw, --prepend or --at change; none is given");
}

std::string answer(Source& source, const Scenario& scenario, const Scenario& before, const CatchmentCommand& options) {
    const bool json = options.format == "json";
    if (!options.why.empty()) {
        const Why because = source.why(scenario, options.why);
        return json ? why_json(because) : why_text(because);
    }
    if (!options.sweep.empty()) {
        const WithdrawalSweep sweep = source.withdrawals(scenario, options.sweep == "pairs");
        return json ? withdrawals_json(sweep) : withdrawals_text(sweep);
    }
    CatchmentOptions asked;
    asked.all_ases = options.all_ases;
    if (!options.at.empty()) {
        const std::optional<Duration> at = duration_from(options.at);
        if (!at) throw UsageError(fmt::format("--at: \"{}\" is not a time such as 120s", options.at));
        asked.at = Instant{*at};
    }
    const Catchment result = source.catchment(scenario, asked);
    if (options.geojson) return catchment_geojson(result);
    if (options.all_ases) return json ? catchment_json(result, true) : catchment_text(result);
    const bool changed = !options.withdraw.empty() || !options.prepend.empty() || asked.at.has_value();
    if (!changed || result.clients.empty()) return json ? catchment_json(result, false) : catchment_text(result);
    if (json && !options.diff) return catchment_json(result, false);
    const Catchment first = source.catchment(before, {});
    return json ? catchment_change_json(first, result) : catchment_change_text(first, result, options.diff);
}

int catchment(const CatchmentCommand& options, const Look& look) {
    check(options);
    Source source{options};
    const Scenario before = source.load(options.variant, {}, Purpose::RoutingOnly);
    Scenario scenario = before;
    change(scenario, options);
    std::string text;
    try {
        text = answer(source, scenario, before, options);
    } catch (const std::invalid_argument& cannot_be_asked) {
        throw UsageError(cannot_be_asked.what());
    }
    print_warnings(source, look);
    if (look.quiet < 2) print_result(text);
    return exit_ok;
}

} // namespace

Action declare_catchment(CLI::App& app, Look& look) {
    const auto options = std::make_shared<CatchmentCommand>();
    add_scenario_options(app, *options);
    app.add_option("--variant", options->variant, "a variant of the file; base: as it stands")
        ->type_name("NAME")
        ->capture_default_str()
        ->group("input");
    app.add_option("--withdraw", options->withdraw, "this PoP does not announce; repeatable")
        ->type_name("POP")
        ->allow_extra_args(false)
        ->group("what if");
    app.add_option("--prepend", options->prepend, "extra copies of its ASN to everyone; repeatable")
        ->type_name("POP=N")
        ->allow_extra_args(false)
        ->group("what if");
    app.add_option("--at", options->at, "routes as they stand at this moment of the time line")
        ->type_name("TIME")
        ->group("what if");
    app.add_option("--sweep", options->sweep, "withdraw each PoP, or each two: singles, pairs")
        ->type_name("WHAT")
        ->check(one_of({"singles", "pairs"}))
        ->group("what if");
    app.add_option("--why", options->why, "every route on the way of a client group or ASN")
        ->type_name("WHO")
        ->group("output");
    app.add_flag("--diff", options->diff, "every client that a what-if moves")->group("output");
    app.add_flag("--all-ases", options->all_ases, "the route of every AS, not only of clients")->group("output");
    app.add_flag("--geojson", options->geojson, "a map of PoPs, clients, paths (RFC 7946)")->group("output");
    add_format_option(app, *options);
    return [options, &look] { return catchment(*options, look); };
}

} // namespace firstbyte::tools
