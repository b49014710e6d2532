/// `firstbyte run`: one scenario, its summary and its thresholds.
#include "arguments.hpp"
#include "common.hpp"

#include "firstbyte/stored.hpp"

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include <algorithm>
#include <memory>
#include <numeric>
#include <optional>

namespace firstbyte::tools {
namespace {

struct RunOptions : ScenarioOptions, ResultOptions {
    std::string variant = "base";
    std::string baseline, tolerate;
    bool dry_run = false, show_config = false;
};

struct Size {
    std::size_t groups = 0, scripted_connections = 0;
    std::uint64_t clients = 0;
    double sessions = 0; ///< expected in one replication, warm-up included
};

Size size_of(const Scenario& scenario) {
    Size size;
    const double seconds = to_seconds(scenario.run.warmup + scenario.run.duration);
    for (const ClientGroup& group : scenario.clients) {
        ++size.groups;
        size.clients += group.population;
        size.scripted_connections += group.script.size();
        if (!group.scripted) size.sessions += group.sessions.per_sec * seconds;
    }
    return size;
}

/// "60", "31 536 000", "1.5": grouped as results group their numbers, never with a power of ten.
std::string plain_seconds(Duration duration) {
    const auto whole = static_cast<std::uint64_t>(duration.count() / 1'000'000'000);
    std::string text = std::to_string(whole);
    for (std::size_t at = text.size(); at > 3;) text.insert(at -= 3, " ");
    std::string fraction = fmt::format("{:09}", duration.count() % 1'000'000'000);
    fraction.erase(fraction.find_last_not_of('0') + 1);
    return fraction.empty() ? text : text + "." + fraction;
}

std::string dry_run(const Scenario& scenario, bool as_json) {
    const Size size = size_of(scenario);
    if (as_json) {
        const nlohmann::ordered_json json{{"format", 1},
                                          {"kind", "dry-run"},
                                          {"name", scenario.name},
                                          {"replications", scenario.run.replications},
                                          {"client_groups", size.groups},
                                          {"clients", size.clients},
                                          {"sessions_expected_per_replication", size.sessions},
                                          {"scripted_connections_per_replication", size.scripted_connections}};
        return json.dump(2);
    }
    return fmt::format("{}    {} replications x {} s    seed {}    nothing was simulated\n\n"
                       "  client groups         {}\n"
                       "  clients               {}\n"
                       "  expected sessions     {:.0f} in each replication, warm-up included\n"
                       "  scripted connections  {} in each replication\n",
                       scenario.name, scenario.run.replications, plain_seconds(scenario.run.duration),
                       scenario.run.seed, size.groups, size.clients, size.sessions, size.scripted_connections);
}

/// "1.3 M"
std::string magnitude(double value) {
    if (value >= 1e6) return fmt::format("{:.1f} M", value / 1e6);
    if (value >= 1e3) return fmt::format("{:.0f} k", value / 1e3);
    return fmt::format("{:.0f}", value);
}

std::string timing_line(const Column& column, double seconds) {
    const auto& replications = column.results.replications;
    const double events =
        std::accumulate(replications.begin(), replications.end(), 0.0,
                        [](double sum, const ReplicationResults& r) { return sum + static_cast<double>(r.events); });
    std::string line = fmt::format("{:.2f} s, {} events/s.", seconds, magnitude(seconds > 0 ? events / seconds : 0));
    if (replications.size() > 1)
        line += fmt::format("   +/- is the {:g} % confidence interval over {} replications.",
                            100 * column.scenario.run.confidence, replications.size());
    return line;
}

/// What a user most likely wants to know next.
std::string next_step(const Source& source) {
    if (!source.variants().empty()) return fmt::format("next: firstbyte compare {}", source.file());
    return fmt::format("next: firstbyte compare {} --toggle tcp.client_edge.fast_open", source.file());
}

/// Puts the limits that follow from the stored result beside those of the scenario, before any work is done.
void hold_against_baseline(const RunOptions& options, Column& column) {
    if (options.baseline.empty()) {
        if (!options.tolerate.empty()) throw UsageError("--tolerate says how far from --baseline FILE a run may be");
        return;
    }
    if (options.no_thresholds) throw UsageError("--baseline makes thresholds, --no-thresholds leaves them out");
    const std::vector<Threshold>& own = column.scenario.thresholds;
    if (options.tolerate.empty() &&
        std::none_of(own.begin(), own.end(), [](const Threshold& threshold) { return threshold.saving; }))
        throw UsageError("--baseline: nothing to hold against it; say what may change, such as --tolerate 5%, or give "
                         "the scenario a threshold saving(..)");
    std::optional<double> tolerated;
    if (!options.tolerate.empty()) tolerated = parse_share("--tolerate", options.tolerate, "5%");
    column.scenario.thresholds =
        thresholds_against(stored_result(options.baseline, options.variant), column.scenario, tolerated);
}

int run_scenario(const RunOptions& options, const std::vector<OutputFile>& files, const Look& look) {
    Source source{options};
    std::vector<Column> columns(1);
    columns[0] = {options.variant, options.variant, source.load(options.variant), {}};
    if (options.show_config || options.dry_run) {
        print_warnings(source, look);
        const Scenario& scenario = columns[0].scenario;
        const bool json = options.format == "json";
        print_result(!options.show_config ? dry_run(scenario, json)
                     : json               ? nlohmann::json::parse(scenario.effective_json).dump(2)
                                          : source.annotated(scenario));
        return exit_ok;
    }
    hold_against_baseline(options, columns[0]);
    const double seconds = simulate_columns(source, columns, options, look);
    ReportOptions reporting;
    reporting.judge_thresholds = !options.no_thresholds;
    const Report report = report_on(columns, reporting);
    const int code = deliver(report, run_text(report), threshold_verdict(report), options, options, files, look);
    if (look.quiet == 0) {
        print_error(timing_line(columns[0], seconds));
        if (code == exit_ok && options.format == "text" && source.file() != "-") print_error(next_step(source));
    }
    return code;
}

int run(const RunOptions& options, const Look& look) {
    const std::vector<OutputFile> files = output_files(options.out, result_kinds());
    return telling_faults(options.file, options.ci, files, [&] { return run_scenario(options, files, look); });
}

} // namespace

Action declare_run(CLI::App& app, Look& look) {
    const auto options = std::make_shared<RunOptions>();
    add_scenario_options(app, *options);
    app.add_option("--variant", options->variant, "a variant of the file; base: as it stands")
        ->type_name("NAME")
        ->capture_default_str()
        ->group("input");
    add_run_options(app, *options);
    app.add_option("--baseline", options->baseline, "a stored result; saving(..) is judged by it")
        ->type_name("FILE")
        ->group("statistics");
    app.add_option("--tolerate", options->tolerate, "no worse than --baseline by more, such as 5%")
        ->type_name("SHARE")
        ->group("statistics");
    add_format_option(app, *options, {"text", "json", "md", "csv"});
    add_result_options(app, *options);
    app.add_option("--records", options->records, "requests kept one by one: none, 1%, all [the file's]")
        ->type_name("SHARE")
        ->group("output");
    app.add_flag("--dry-run", options->dry_run, "print sizes, simulate nothing")->group("output");
    app.add_flag("--show-config", options->show_config,
                 "print the scenario with every default, and where values come from")
        ->group("output");
    return [options, &look] { return run(*options, look); };
}

} // namespace firstbyte::tools
