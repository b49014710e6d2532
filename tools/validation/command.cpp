#include "command.hpp"

#include "bgp_replay.hpp"
#include "document.hpp"
#include "oracles.hpp"
#include "read_records.hpp"
#include "validation.hpp"
#include "world.hpp"

#include <CLI/CLI.hpp>
#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <cstdio>
#include <exception>
#include <stdexcept>
#include <thread>

namespace firstbyte::validate {
namespace {

/// The command line asks for something that does not exist.
class UsageError : public std::runtime_error {
public:
    using std::runtime_error::runtime_error;
};

struct LinuxOptions {
    std::string grid, timelines, format = "text", details;
    bool write = false;
};

struct BgpOptions {
    std::string folder, format = "text";
    bool write = false;
};

struct OraclesOptions {
    std::string file, format = "text", show_scenario;
    std::vector<std::string> families;
    double scale = 1;
    unsigned jobs = std::max(1u, std::thread::hardware_concurrency());
    bool write = false;
};

struct WorldOptions {
    std::string data, format = "text";
    bool write = false;
};

constexpr const char* records = FIRSTBYTE_SOURCE_DIR "/tests/conformance/linux/";
constexpr const char* bgp_cases = FIRSTBYTE_SOURCE_DIR "/tests/conformance/bgp";
constexpr const char* oracle_cases = FIRSTBYTE_SOURCE_DIR "/tests/conformance/oracles/oracles.json";
constexpr const char* report = FIRSTBYTE_SOURCE_DIR "/docs/validation.md";

void print(const std::string& text) {
    if (std::fwrite(text.data(), 1, text.size(), stdout) != text.size() || std::fflush(stdout) != 0)
        throw std::runtime_error("cannot write to standard output");
}

/// The records that were asked for: with a file of one kind given, only that kind.
struct Records {
    std::vector<GridPoint> grid;
    std::vector<Timeline> timelines;
};

Records read_all(const LinuxOptions& options) {
    Records all;
    const bool shipped = options.grid.empty() && options.timelines.empty();
    const std::string grid = shipped ? records + std::string("grid.jsonl") : options.grid;
    const std::string timelines = shipped ? records + std::string("timelines.json") : options.timelines;
    // Names in the output are those that were typed; the shipped files have the same name everywhere.
    if (!grid.empty()) all.grid = parse_grid(read_text(grid), shipped ? "grid.jsonl" : grid);
    if (!timelines.empty())
        all.timelines = parse_timelines(read_text(timelines), shipped ? "timelines.json" : timelines);
    if (all.grid.empty() && all.timelines.empty()) throw std::runtime_error("there is no record to replay");
    return all;
}

int show_details(const Records& all, const std::string& id) {
    for (const Timeline& timeline : all.timelines) {
        if (timeline.id != id) continue;
        const TimelineResult result = replay(timeline);
        print(details_of(timeline, result));
        return result.agrees() ? exit_met : exit_missed;
    }
    for (const GridPoint& point : all.grid) {
        if (std::to_string(point.line) != id) continue;
        const GridResult result = replay(point);
        print(details_of(point, result));
        const bool good =
            result.refused.empty() && result.ttfb.within && result.ttlb.within && result.segments && result.counters;
        return good ? exit_met : exit_missed;
    }
    throw UsageError(
        fmt::format("--details: no timeline is called \"{}\", and no line of the grid has that number", id));
}

int exit_code_of(const std::vector<Figure>& figures) {
    const bool met = std::all_of(figures.begin(), figures.end(), [](const Figure& figure) { return figure.met(); });
    return met ? exit_met : exit_missed;
}

int validate_linux(const LinuxOptions& options) {
    if (options.write && !(options.grid.empty() && options.timelines.empty()))
        throw UsageError("--write records the shipped measurements; it does not go with --grid or --timelines");
    const Records all = read_all(options);
    if (!options.details.empty()) return show_details(all, options.details);
    LinuxResults results;
    for (const GridPoint& point : all.grid) results.grid.push_back(replay(point));
    for (const Timeline& timeline : all.timelines) results.timelines.push_back(replay(timeline));
    print(options.format == "json" ? json_of(results) : text_of(results));
    if (options.write) write_section(report, "linux", markdown_of(results));
    return exit_code_of(figures_of(results));
}

int validate_bgp(const BgpOptions& options) {
    if (options.write && !options.folder.empty())
        throw UsageError("--write records the shipped cases; it does not go with a folder");
    std::vector<BgpCaseResult> results;
    for (const BgpCase& given : read_bgp_cases(options.folder.empty() ? bgp_cases : options.folder))
        results.push_back(replay(given));
    print(options.format == "json" ? json_of(results) : text_of(results));
    if (options.write) write_section(report, "bgp", markdown_of(results));
    return exit_code_of(figures_of(results));
}

/// Several scenarios of one case follow one another, an empty line between them.
int show_scenarios(const std::vector<OracleCase>& cases, const std::string& name, const OracleOptions& running) {
    const auto given = std::find_if(cases.begin(), cases.end(), [&](const OracleCase& c) { return c.name == name; });
    if (given == cases.end()) throw UsageError(fmt::format("--show-scenario: no case is called \"{}\"", name));
    const std::vector<std::string> scenarios = scenarios_of(*given, running);
    if (scenarios.empty())
        throw std::runtime_error(
            fmt::format("{} runs no scenario: its family concerns one component, or it is not judged", name));
    print(fmt::format("{}", fmt::join(scenarios, "\n")));
    return exit_met;
}

int validate_oracles(const OraclesOptions& options) {
    if (options.write && !(options.file.empty() && options.families.empty() && options.scale == 1))
        throw UsageError("--write records every shipped case with all of its samples");
    const std::vector<std::string> known = oracle_families();
    for (const std::string& family : options.families)
        if (std::find(known.begin(), known.end(), family) == known.end())
            throw UsageError(
                fmt::format("--families: no family is called \"{}\"; there is: {}", family, fmt::join(known, ", ")));
    const std::string file = options.file.empty() ? oracle_cases : options.file;
    OracleOptions running;
    running.families = options.families;
    running.scale = options.scale;
    running.jobs = static_cast<int>(options.jobs);
    const std::vector<OracleCase> cases = parse_oracles(read_text(file), options.file.empty() ? "oracles.json" : file);
    if (!options.show_scenario.empty()) return show_scenarios(cases, options.show_scenario, running);
    const std::vector<OracleResult> results = run_oracles(cases, running);
    if (results.empty()) throw std::runtime_error("there is no case to simulate");
    print(options.format == "json" ? json_of(results, options.scale) : text_of(results, options.scale));
    if (options.write) write_section(report, "oracles", markdown_of(results));
    const bool met = std::all_of(results.begin(), results.end(), [](const OracleResult& result) {
        return result.judged() ? result.met() : result.refused.empty();
    });
    return met ? exit_met : exit_missed;
}

int validate_world(const WorldOptions& options) {
    if (options.write && options.data.empty()) throw UsageError("--write records every comparison; it needs --data");
    const std::vector<WorldPart> parts =
        compare_world(options.data.empty() ? WorldData{} : read_world_data(options.data));
    print(options.format == "json" ? json_of(parts) : text_of(parts));
    if (options.write) write_section(report, "world", markdown_of(parts));
    const bool met = std::all_of(parts.begin(), parts.end(), [](const WorldPart& part) {
        return std::all_of(part.figures.begin(), part.figures.end(),
                           [](const WorldFigure& figure) { return figure.met(); });
    });
    return met ? exit_met : exit_missed;
}

int parsed(std::vector<std::string> arguments) {
    CLI::App app{"Holds the simulator against what was measured elsewhere. Exit code 99: a figure is missed."};
    app.name("tools/validate");
    app.require_subcommand(1);
    LinuxOptions options;
    CLI::App* const subject = app.add_subcommand("linux", "a Linux kernel's TCP, packet by packet");
    subject->add_option("--grid", options.grid, "replay this file of grid lines instead")->type_name("FILE");
    subject->add_option("--timelines", options.timelines, "replay this file of timelines instead")->type_name("FILE");
    subject->add_option("--format", options.format, "text or json")
        ->check(CLI::IsMember({"text", "json"}))
        ->capture_default_str();
    subject->add_option("--details", options.details, "one timeline by its id, or one grid point by its line")
        ->type_name("ID");
    subject->add_flag("--write", options.write, "write the tables into docs/validation.md as well");
    BgpOptions bgp_options;
    CLI::App* const bgp = app.add_subcommand("bgp", "routes and convergence of others: BGPy, FRR, a naive solver");
    bgp->add_option("folder", bgp_options.folder, "replay the cases of this folder instead")->type_name("FOLDER");
    bgp->add_option("--format", bgp_options.format, "text or json")
        ->check(CLI::IsMember({"text", "json"}))
        ->capture_default_str();
    bgp->add_flag("--write", bgp_options.write, "write the tables into docs/validation.md as well");
    WorldOptions world_options;
    CLI::App* const world = app.add_subcommand("world", "routing and latency of the Internet");
    world
        ->add_option("--data", world_options.data,
                     "folder with the measurements that cannot be shipped: rtt-wondernetwork2018, catchment-atlas2017, "
                     "catchment-cloudflare2015")
        ->type_name("FOLDER");
    world->add_option("--format", world_options.format, "text or json")
        ->check(CLI::IsMember({"text", "json"}))
        ->capture_default_str();
    world->add_flag("--write", world_options.write, "write the tables into docs/validation.md as well");
    OraclesOptions oracles_options;
    CLI::App* const oracles =
        app.add_subcommand("oracles", "closed formulas: queues, caches, pools, loss, handshakes, routing");
    oracles->add_option("file", oracles_options.file, "simulate the cases of this file instead")->type_name("FILE");
    oracles->add_option("--families", oracles_options.families, "only these, separated by commas")
        ->type_name("A,B")
        ->delimiter(',');
    oracles
        ->add_option("--scale", oracles_options.scale, "share of each case's samples; tolerances widen by 1/sqrt of it")
        ->type_name("SHARE")
        ->check(CLI::Range(0.001, 1.0))
        ->capture_default_str();
    oracles->add_option("--show-scenario", oracles_options.show_scenario, "print what this case runs, and run nothing")
        ->type_name("CASE");
    oracles->add_option("-j,--jobs", oracles_options.jobs, "threads; never changes a value")
        ->check(CLI::Range(1u, 1024u));
    oracles->add_option("--format", oracles_options.format, "text or json")
        ->check(CLI::IsMember({"text", "json"}))
        ->capture_default_str();
    oracles->add_flag("--write", oracles_options.write, "write the table into docs/validation.md as well");
    const std::string first = arguments.empty() || arguments.front().starts_with("-") ? "" : arguments.front();
    if (!first.empty() && first != "linux" && first != "bgp" && first != "world" && first != "oracles")
        throw UsageError(
            fmt::format("there is nothing to validate called \"{}\"; there is: linux, bgp, world, oracles", first));
    std::reverse(arguments.begin(), arguments.end()); // CLI11 takes them from the back
    try {
        app.parse(arguments);
    } catch (const CLI::CallForHelp&) {
        print((first == "linux"     ? subject
               : first == "bgp"     ? bgp
               : first == "world"   ? world
               : first == "oracles" ? oracles
                                    : &app)
                  ->help());
        return exit_met;
    } catch (const CLI::ParseError& error) {
        throw UsageError(error.what());
    }
    if (first == "bgp") return validate_bgp(bgp_options);
    if (first == "oracles") return validate_oracles(oracles_options);
    return first == "world" ? validate_world(world_options) : validate_linux(options);
}

} // namespace

int run_command(std::vector<std::string> arguments) {
    const auto fail = [](int code, const std::string& sentence) {
        std::fputs(("error: " + sentence + "\n").c_str(), stderr);
        return code;
    };
    try {
        return parsed(std::move(arguments));
    } catch (const UsageError& error) {
        return fail(exit_usage, std::string(error.what()) + "; tools/validate --help shows what there is");
    } catch (const std::exception& error) {
        return fail(exit_failure, error.what());
    }
}

} // namespace firstbyte::validate
