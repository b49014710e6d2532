/// Options, loading and simulating that several commands share.
#pragma once

#include "command.hpp"
#include "output.hpp"

#include "firstbyte/catchment.hpp"
#include "firstbyte/report.hpp"
#include "firstbyte/results.hpp"
#include "firstbyte/scenario.hpp"
#include "firstbyte/simulate.hpp"
#include "firstbyte/world.hpp"

#include <CLI/CLI.hpp>

#include <functional>
#include <map>
#include <string>
#include <vector>

namespace firstbyte::tools {

/// Refuses every word that is not in `words`, with the nearest one as a suggestion.
[[nodiscard]] CLI::Validator one_of(std::vector<std::string> words);
/// Refuses everything but a whole number from `least` on.
[[nodiscard]] CLI::Validator whole_number(int least);

/// Options as typed; empty means not given.
struct ScenarioOptions {
    std::string file;
    std::vector<std::string> set;
    std::string seed, replications, duration, records;
    int jobs = 0; ///< 0: all cores
    std::string format = "text";
    std::function<bool()> seed_from_environment = [] { return false; }; ///< asks the parsed command line
};
void add_look_options(CLI::App& app, Look& look);
void add_scenario_options(CLI::App& app, ScenarioOptions& options); ///< SCENARIO and --set
void add_seed_option(CLI::App& app, ScenarioOptions& options);
void add_run_options(CLI::App& app, ScenarioOptions& options); ///< seed, replications, duration, jobs
void add_format_option(CLI::App& app, ScenarioOptions& options,
                       const std::vector<std::string>& kinds = {"text", "json"});

/// What run and compare do with the finished report.
struct ResultOptions {
    std::vector<std::string> out;
    bool no_thresholds = false;
    bool exit_zero = false;
    std::string ci = "none"; ///< github, gitlab or none
};
void add_ci_option(CLI::App& app, std::string& ci);
/// @param out  what the help says of --out
void add_result_options(CLI::App& app, ResultOptions& options,
                        const char* out = "as .json .html .md .csv .sqlite .hgrm .xml or PATH/");

/// A scenario file that has been read; several variants are loaded from the same bytes.
class Source {
public:
    /// @throws std::runtime_error  when the file cannot be read
    /// @throws UsageError          for a `--set` that is not PATH=VALUE, or a seed that is no number
    explicit Source(const ScenarioOptions& options);

    /// Loads with the file's variant first, then the command line, then `last`: an option beats the file.
    /// @param variant  name of a variant of the file, or "base" for the file as it stands
    /// @throws UsageError  when the file has no such variant
    /// @throws ScenarioError
    [[nodiscard]] Scenario load(const std::string& variant = "base", const std::vector<Override>& last = {},
                                Purpose purpose = Purpose::Simulate);

    /// Variants of the file; empty until something was loaded.
    [[nodiscard]] const std::vector<Variant>& variants() const { return variants_; }
    [[nodiscard]] const std::string& file() const { return file_; }
    [[nodiscard]] bool seed_drawn() const { return seed_drawn_; }

    /// A scenario that `load` has returned, every value with a comment that tells who set it.
    [[nodiscard]] std::string annotated(const Scenario& scenario);

    /// The world or the routes of a scenario that `load` has returned. What they have to say is added to the warnings
    /// of loading, and every fault gets its place in the file.
    /// @throws ScenarioError
    [[nodiscard]] World build(const Scenario& scenario);
    [[nodiscard]] Catchment catchment(const Scenario& scenario, const CatchmentOptions& options);
    [[nodiscard]] Why why(const Scenario& scenario, const std::string& subject);
    [[nodiscard]] WithdrawalSweep withdrawals(const Scenario& scenario, bool pairs);

    /// Each warning once, however many variants raised it.
    [[nodiscard]] const std::vector<Issue>& warnings() const { return warnings_; }

private:
    template <class Make>
    auto placed(const Scenario& scenario, Make make);
    void add_warnings(const std::vector<Issue>& warnings);

    std::string file_, text_;
    std::vector<Override> overrides_;
    std::map<std::string, std::vector<Override>> loaded_; ///< by effective scenario: the overrides that led to it
    std::vector<Variant> variants_;
    std::vector<Issue> warnings_;
    bool seed_drawn_ = false;
};

/// One `--set path=value`.
[[nodiscard]] Override parse_override(const std::string& argument);

/// One column of a result.
struct Column {
    std::string name, label;
    Scenario scenario;
    Results results;
};

/// Simulates each column's scenario in turn and fills its results. Prints warnings, the seed note and progress.
/// @returns wall time of the simulations, seconds
double simulate_columns(Source& source, std::vector<Column>& columns, const ScenarioOptions& options, const Look& look);

/// Judges and compares the columns (the first one is the baseline) and keeps what the writers need.
[[nodiscard]] Report report_on(const std::vector<Column>& columns, ReportOptions options);

/// Prints and stores a report. `text` is what `--format text` shows, `verdict` what -q leaves of it.
/// @returns exit code
int deliver(const Report& report, const std::string& text, const std::string& verdict, const ScenarioOptions& options,
            const ResultOptions& results, const std::vector<OutputFile>& files, const Look& look);

/// A finished result in every form that somebody may ask for.
struct Delivery {
    std::string text;    ///< what `--format text` shows
    std::string verdict; ///< what -q leaves of it
    std::string result;  ///< the text of result.json; may be empty where nothing but text is asked for
    std::string file;    ///< the scenario; empty where there is none
    std::string seed;    ///< that was used; empty where none was
};
void print_delivery(const Delivery& what, const std::string& format, const std::vector<OutputFile>& files,
                    const Look& look);
/// Everything of `files` that is not standard output.
void write_files(const Delivery& what, const std::vector<OutputFile>& files, const Look& look);
void tell_ci(const Delivery& what, const std::string& format, const std::string& ci);

/// Kinds of file that a result can be written as.
[[nodiscard]] std::vector<std::string> result_kinds();
/// One kind of text out of the text of a result.json; not for "hgrm" of several variants.
/// @param file     the scenario, may be empty
/// @param command  that makes the result again, may be empty
[[nodiscard]] std::string written_as(const std::string& kind, const std::string& result, const std::string& file,
                                     const std::string& command);
/// Writes one output; a comparison has a .hgrm file for each variant.
/// @returns the paths
std::vector<std::string> write_output(const OutputFile& output, const std::string& result, const std::string& file,
                                      const std::string& command);

/// Runs `work`. A scenario that cannot be run is told to the CI system and to the JUnit files too, then thrown on.
int telling_faults(const std::string& file, const std::string& ci, const std::vector<OutputFile>& files,
                   const std::function<int()>& work);
/// Appends to the summary of a step of GitHub Actions ($GITHUB_STEP_SUMMARY); says so when there is none.
void append_step_summary(const std::string& markdown);
/// Workflow commands: to stdout, but to stderr where stdout is for programs.
void print_annotations(const std::string& annotations, bool stdout_is_text);
inline constexpr const char* gitlab_report = "gl-code-quality-report.json"; ///< the name of GitLab's own examples

[[nodiscard]] std::string threshold_verdict(const Report& report); ///< "1 of 4 thresholds failed."
void print_warnings(const Source& source, const Look& look);

} // namespace firstbyte::tools
