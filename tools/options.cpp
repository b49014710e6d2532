/// The options that several commands share: one spelling, one sentence each.
#include "common.hpp"
#include "help.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <charconv>
#include <utility>

namespace firstbyte::tools {

CLI::Validator one_of(std::vector<std::string> words) {
    return {[words = std::move(words)](std::string& word) -> std::string {
                if (std::find(words.begin(), words.end(), word) != words.end()) return "";
                return fmt::format("\"{}\" is none of {}{}", word, fmt::join(words, ", "), did_you_mean(word, words));
            },
            ""};
}

CLI::Validator whole_number(int least) {
    return {[least](std::string& word) -> std::string {
                int value = 0;
                const char* end = word.data() + word.size();
                const auto [stop, error] = std::from_chars(word.data(), end, value);
                if (error == std::errc{} && stop == end && value >= least) return "";
                return fmt::format("\"{}\" is not a whole number from {} on", word, least);
            },
            ""};
}

void add_look_options(CLI::App& app, Look& look) {
    app.add_flag("-q,--quiet", look.quiet, "only errors and the verdict; -qq nothing, exit code only")
        ->envname("FIRSTBYTE_QUIET")
        ->group("look");
    app.add_flag("-v,--verbose", look.verbose, "also how the work was done")
        ->envname("FIRSTBYTE_VERBOSE")
        ->group("look");
    app.add_option("--color", look.color, "auto, always or never")
        ->type_name("WHEN")
        ->check(one_of({"auto", "always", "never"}))
        ->capture_default_str()
        ->envname("FIRSTBYTE_COLOR")
        ->group("look");
    app.add_option("--progress", look.progress, "auto, always, never or json")
        ->type_name("WHEN")
        ->check(one_of({"auto", "always", "never", "json"}))
        ->capture_default_str()
        ->envname("FIRSTBYTE_PROGRESS")
        ->group("look");
}

void add_scenario_options(CLI::App& app, ScenarioOptions& options) {
    app.add_option("SCENARIO", options.file, "scenario file; - reads standard input")->required()->group("input");
    app.add_option("--set", options.set, "change one key of the file; repeatable")
        ->type_name("PATH=VALUE")
        ->allow_extra_args(false)
        ->group("input");
}

void add_seed_option(CLI::App& app, ScenarioOptions& options) {
    const CLI::Option* seed = app.add_option("--seed", options.seed, "a number, or random to draw one [the file's]")
                                  ->type_name("N")
                                  ->envname("FIRSTBYTE_SEED")
                                  ->group("what to simulate");
    options.seed_from_environment = [&app, seed] {
        const std::vector<CLI::Option*>& typed = app.parse_order();
        return seed->count() != 0 && std::find(typed.begin(), typed.end(), seed) == typed.end();
    };
}

void add_run_options(CLI::App& app, ScenarioOptions& options) {
    add_seed_option(app, options);
    app.add_option("--replications", options.replications, "independent repetitions [the file's]")
        ->type_name("N")
        ->check(whole_number(1))
        ->group("what to simulate");
    app.add_option("--duration", options.duration, "measured window, such as 60s [the file's]")
        ->type_name("T")
        ->group("what to simulate");
    app.add_option("-j,--jobs", options.jobs, "threads; never changes the result [all cores]")
        ->type_name("N")
        ->check(whole_number(1))
        ->envname("FIRSTBYTE_JOBS")
        ->group("what to simulate");
}

void add_format_option(CLI::App& app, ScenarioOptions& options, const std::vector<std::string>& kinds) {
    app.add_option("--format", options.format, fmt::format("of standard output: {}", fmt::join(kinds, ", ")))
        ->type_name("KIND")
        ->check(one_of(kinds))
        ->capture_default_str()
        ->envname("FIRSTBYTE_FORMAT")
        ->group("output");
}

void add_ci_option(CLI::App& app, std::string& ci) {
    app.add_option("--ci", ci, "annotate for github, gitlab or none")
        ->type_name("WHO")
        ->check(one_of({"github", "gitlab", "none"}))
        ->capture_default_str()
        ->envname("FIRSTBYTE_CI")
        ->group("output");
}

void add_result_options(CLI::App& app, ResultOptions& options, const char* out) {
    app.add_option("-o,--out", options.out, out)->type_name("PATH")->allow_extra_args(false)->group("output");
    add_ci_option(app, options.ci);
    app.add_flag("--no-thresholds", options.no_thresholds, "do not judge the file's thresholds")->group("output");
    app.add_flag("--exit-zero", options.exit_zero, "failed thresholds do not set the exit code")
        ->envname("FIRSTBYTE_EXIT_ZERO")
        ->group("output");
}

} // namespace firstbyte::tools
