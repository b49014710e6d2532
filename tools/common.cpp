#include "common.hpp"

#include "help.hpp"
#include "paint.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <chrono>
#include <cstdlib>
#include <random>
#include <thread>

namespace firstbyte::tools {
namespace {

/// The seed in decimal; `random` draws 32 bits, few enough to be typed again.
std::string parse_seed(const std::string& word) {
    if (word == "random") return std::to_string(std::random_device{}() & 0xffff'ffffU);
    std::uint64_t seed = 0;
    const char* end = word.data() + word.size();
    const auto [stop, error] = std::from_chars(word.data(), end, seed);
    if (error != std::errc{} || stop != end)
        throw UsageError(fmt::format("--seed: \"{}\" is neither a whole number nor random", word));
    return word;
}

/// After an interruption: the replications that every column has. Pairs need both sides.
void keep_common_replications(std::vector<Column>& columns) {
    std::size_t least = columns.front().results.replications.size();
    for (const Column& column : columns) least = std::min(least, column.results.replications.size());
    if (least == 0) throw Interrupted(GracefulStop::exit_code());
    for (Column& column : columns) column.results.replications.resize(least);
}

std::vector<std::string> variant_names(const std::vector<Variant>& variants) {
    std::vector<std::string> names{"base"};
    for (const Variant& variant : variants) names.push_back(variant.name);
    return names;
}

} // namespace

Override parse_override(const std::string& argument) {
    const std::size_t equals = argument.find('=');
    if (equals == std::string::npos || equals == 0)
        throw UsageError(
            fmt::format("--set: \"{}\" is not PATH=VALUE, such as origins.web.service_time=80ms", argument));
    return {argument.substr(0, equals), argument.substr(equals + 1)};
}

Source::Source(const ScenarioOptions& options) : file_(options.file) {
    for (const std::string& argument : options.set) overrides_.push_back(parse_override(argument));
    if (!options.duration.empty()) overrides_.push_back({"run.duration", options.duration, "--duration"});
    if (!options.replications.empty())
        overrides_.push_back({"run.replications", options.replications, "--replications"});
    if (!options.seed.empty())
        overrides_.push_back(
            {"run.seed", parse_seed(options.seed), options.seed_from_environment() ? "FIRSTBYTE_SEED" : "--seed"});
    if (!options.records.empty())
        overrides_.push_back({"output.records",
                              options.records == "none"  ? "0"
                              : options.records == "all" ? "1"
                                                         : options.records,
                              "--records"});
    seed_drawn_ = options.seed == "random";
    text_ = read_file(file_);
}

Scenario Source::load(const std::string& variant, const std::vector<Override>& last, Purpose purpose) {
    std::vector<Override> overrides;
    if (variant != "base") {
        // The overrides of a variant stand in the file, so the file is loaded as it stands first.
        if (variants_.empty()) variants_ = load_scenario(text_, file_, overrides_, purpose).variants;
        const auto found = std::find_if(variants_.begin(), variants_.end(),
                                        [&](const Variant& candidate) { return candidate.name == variant; });
        if (found == variants_.end())
            throw UsageError(fmt::format("{} has no variant \"{}\"{} (it has: {})", file_, variant,
                                         did_you_mean(variant, variant_names(variants_)),
                                         fmt::join(variant_names(variants_), ", ")));
        for (const auto& [path, value] : found->overrides) overrides.push_back({path, value, "variant " + variant});
    }
    overrides.insert(overrides.end(), overrides_.begin(), overrides_.end());
    overrides.insert(overrides.end(), last.begin(), last.end());
    std::vector<Issue> warnings;
    Scenario scenario = load_scenario(text_, file_, overrides, purpose, &warnings);
    variants_ = scenario.variants;
    add_warnings(warnings);
    loaded_[scenario.effective_json] = std::move(overrides);
    return scenario;
}

std::string Source::annotated(const Scenario& scenario) {
    return annotated_scenario(text_, file_, loaded_[scenario.effective_json]);
}

/// What `make` makes of the scenario; it takes a list that receives warnings.
template <class Make>
auto Source::placed(const Scenario& scenario, Make make) {
    const std::vector<Override>& overrides = loaded_[scenario.effective_json];
    std::vector<Issue> warnings;
    try {
        auto made = make(&warnings);
        place_issues(text_, warnings, overrides);
        add_warnings(warnings);
        return made;
    } catch (const ScenarioError& error) {
        std::vector<Issue> issues = error.issues();
        place_issues(text_, issues, overrides);
        throw ScenarioError(error.file(), std::move(issues));
    }
}

World Source::build(const Scenario& scenario) {
    return placed(scenario, [&](std::vector<Issue>* warnings) { return build_world(scenario, warnings); });
}

Catchment Source::catchment(const Scenario& scenario, const CatchmentOptions& options) {
    return placed(scenario,
                  [&](std::vector<Issue>* warnings) { return compute_catchment(scenario, options, warnings); });
}

Why Source::why(const Scenario& scenario, const std::string& subject) {
    return placed(scenario, [&](std::vector<Issue>* warnings) { return firstbyte::why(scenario, subject, warnings); });
}

WithdrawalSweep Source::withdrawals(const Scenario& scenario, bool pairs) {
    return placed(scenario, [&](std::vector<Issue>* warnings) { return sweep_withdrawals(scenario, pairs, warnings); });
}

void Source::add_warnings(const std::vector<Issue>& warnings) {
    for (const Issue& warning : warnings) {
        const bool known = std::any_of(warnings_.begin(), warnings_.end(), [&](const Issue& other) {
            return other.code == warning.code && other.path == warning.path && other.message == warning.message;
        });
        if (!known) warnings_.push_back(warning);
    }
}

void print_warnings(const Source& source, const Look& look) {
    if (look.quiet == 0 && !source.warnings().empty())
        print_error(painted(issues_text(source.file(), source.warnings()), look, stderr));
}

double simulate_columns(Source& source, std::vector<Column>& columns, const ScenarioOptions& options,
                        const Look& look) {
    std::vector<World> worlds;
    for (const Column& column : columns) worlds.push_back(source.build(column.scenario));
    print_warnings(source, look);
    const RunSettings& settings = columns.front().scenario.run;
    if (look.quiet == 0 && source.seed_drawn()) print_error(fmt::format("seed {} was drawn.", settings.seed));
    if (look.quiet == 0 && !settings.seed_given)
        print_error(fmt::format("seed {}: the scenario names none (--seed N, or --seed random).", settings.seed));

    const auto started = std::chrono::steady_clock::now();
    SimulateOptions simulation;
    simulation.jobs =
        options.jobs > 0 ? options.jobs : std::max(1, static_cast<int>(std::thread::hardware_concurrency()));
    {
        Progress progress{look.progress, look.quiet > 0, static_cast<int>(columns.size())}; // its end clears the line
        const GracefulStop graceful;
        simulation.stop = &GracefulStop::requested;
        simulation.progress = [&progress](int done, int of) { progress.update(done, of); };
        for (std::size_t i = 0; i < columns.size(); ++i) {
            progress.begin_variant(static_cast<int>(i));
            columns[i].results = simulate(worlds[i], simulation);
        }
    }
    if (GracefulStop::requested()) keep_common_replications(columns);
    const double seconds = std::chrono::duration<double>(std::chrono::steady_clock::now() - started).count();
    if (look.verbose > 0 && look.quiet == 0)
        print_error(
            fmt::format("{} simulated in {:.2f} s on at most {} threads.", source.file(), seconds, simulation.jobs));
    return seconds;
}

Report report_on(const std::vector<Column>& columns, ReportOptions options) {
    options.seed = columns.front().scenario.run.seed;
    options.complete =
        static_cast<int>(columns.front().results.replications.size()) == columns.front().scenario.run.replications;
    std::vector<VariantResults> variants;
    for (const Column& column : columns)
        variants.push_back(
            {column.name, column.label, columns.size() > 1 && variants.empty(), &column.results, &column.scenario});
    return make_report(columns.front().scenario, std::move(variants), options);
}

std::string threshold_verdict(const Report& report) {
    using Status = ThresholdResult::Status;
    const auto count = [&](Status status) {
        return std::count_if(report.thresholds.begin(), report.thresholds.end(),
                             [status](const ThresholdResult& result) { return result.status == status; });
    };
    const auto judged = static_cast<std::ptrdiff_t>(report.thresholds.size()) - count(Status::Skipped);
    if (judged == 0) return "no threshold was judged.";
    const auto failed = count(Status::Failed);
    if (failed > 0) return fmt::format("{} of {} thresholds failed.", failed, judged);
    const auto warned = count(Status::Warned);
    if (warned > 0) return fmt::format("{} of {} thresholds warned, none failed.", warned, judged);
    return judged == 1 ? "the threshold was met." : fmt::format("all {} thresholds were met.", judged);
}

} // namespace firstbyte::tools
