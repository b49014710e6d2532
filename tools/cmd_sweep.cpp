/// `firstbyte sweep`: many points of one scenario, in parallel, in a store that survives being killed.
#include "common.hpp"
#include "sweep_plan.hpp"

#include "firstbyte/outputs.hpp"
#include "firstbyte/sweep.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>
#include <nlohmann/json.hpp>

#include <tbb/parallel_for.h>
#include <tbb/task_arena.h>

#include <algorithm>
#include <atomic>
#include <charconv>
#include <exception>
#include <memory>
#include <mutex>
#include <optional>
#include <set>
#include <thread>

namespace firstbyte::tools {
namespace {

struct SweepOptions : ScenarioOptions, ResultOptions {
    std::vector<std::string> vary;
    std::string cases, shard, objective, variant;
    bool resume = false;
};

/// A point with the scenario it runs.
struct Job {
    SweepPoint point;
    Scenario scenario;
};

struct Shard {
    std::size_t part = 0, of = 1; ///< points whose number leaves `part` when divided by `of`
};

/// "2/4" is the second of four.
Shard parse_shard(const std::string& word) {
    if (word.empty()) return {};
    std::size_t part = 0, of = 0;
    const char* end = word.data() + word.size();
    const auto first = std::from_chars(word.data(), end, part);
    bool good = first.ec == std::errc{} && first.ptr != end && *first.ptr == '/';
    if (good) {
        const auto second = std::from_chars(first.ptr + 1, end, of);
        good = second.ec == std::errc{} && second.ptr == end && part >= 1 && part <= of;
    }
    if (!good) throw UsageError(fmt::format("--shard: \"{}\" is not K/N with K from 1 to N, such as 2/4", word));
    return {part - 1, of};
}

/// An objective whose metric and labels the scenario knows.
std::optional<SweepObjective> checked_objective(Source& source, const std::string& text) {
    if (text.empty()) return {};
    SweepObjective objective;
    try {
        objective = parse_objective(text);
    } catch (const std::runtime_error& error) {
        throw UsageError(std::string{"--objective: "} + error.what());
    }
    // The grammar is that of thresholds: what a threshold may ask for, an objective may. Which unit belongs to it the
    // grammar knows as well.
    std::string fault;
    for (const char* limit : {"0ns", "0%", "0"}) {
        try {
            const nlohmann::json thresholds = {objective.text + " >= " + limit};
            static_cast<void>(source.load("base", {{"thresholds", thresholds.dump()}}));
            return objective;
        } catch (const ScenarioError& error) {
            const bool unit_only = error.issues().front().code == "E415";
            if (fault.empty() || !unit_only)
                fault = error.issues().front().message + " " + error.issues().front().suggestion;
            if (!unit_only) break;
        }
    }
    throw UsageError("--objective: " + fault);
}

std::vector<Job> jobs_of(Source& source, const SweepOptions& options, SweepPlan& plan) {
    const Scenario base = source.load();
    plan.scenario = base.name;
    plan.sha256 = base.sha256;
    plan.seed = base.run.seed;
    plan.replications = base.run.replications;

    std::vector<Settings> points;
    if (!options.cases.empty()) {
        if (!options.vary.empty()) throw UsageError("--cases lists every point: leave out --vary");
        points = cases_of(read_file(options.cases), options.cases);
    } else {
        std::vector<Axis> axes;
        for (const std::string& argument : options.vary) axes.push_back(parse_axis(argument));
        if (axes.empty()) axes = axes_of(base.effective_json);
        if (axes.empty())
            throw UsageError(fmt::format("{} has no key \"sweep\"; say what to vary, such as "
                                         "--vary edge.cache_hit_ratio=0.5,0.9",
                                         source.file()));
        points = grid_of(axes);
    }
    std::vector<std::string> variants;
    if (!options.variant.empty()) variants.push_back(options.variant);
    for (const Variant& variant : base.variants)
        if (options.variant.empty()) variants.push_back(variant.name);
    if (variants.empty()) variants.emplace_back("base");

    std::vector<Job> jobs;
    for (const Settings& settings : points) {
        for (const std::string& variant : variants) {
            Job job;
            job.scenario = source.load(variant, settings);
            job.point.number = jobs.size();
            job.point.id = sweep_point_id(job.scenario.effective_json);
            job.point.variant = variant;
            for (const Override& set : settings) job.point.settings.emplace_back(set.path, set.value);
            plan.points.push_back(job.point);
            jobs.push_back(std::move(job));
        }
    }
    return jobs;
}

/// Runs every job and commits its result as soon as it stands; one writer at a time.
void run_jobs(const std::vector<const Job*>& pending, SweepStore& store, const SweepOptions& options,
              const Look& look) {
    const int cores =
        options.jobs > 0 ? options.jobs : std::max(1, static_cast<int>(std::thread::hardware_concurrency()));
    const int points = static_cast<int>(pending.size());
    const int at_once = std::clamp(points, 1, cores);
    int replications = 0;
    for (const Job* job : pending) replications += job->scenario.run.replications;

    const GracefulStop graceful;
    Progress progress{look.progress, look.quiet > 0, 1};
    std::mutex writer;
    std::exception_ptr failure;
    std::atomic<bool> failed{false};
    std::atomic<int> next{0}, done{0};
    const auto run_next = [&](int) {
        if (failed.load() || GracefulStop::requested()) return;
        const Job& job = *pending[static_cast<std::size_t>(next++)];
        try {
            SimulateOptions simulation;
            simulation.jobs = std::max(1, cores / at_once);
            simulation.progress = [&](int, int) { progress.update(++done, replications); };
            std::vector<Column> columns(1);
            columns[0] = {job.point.variant, job.point.variant, job.scenario, {}};
            columns[0].results = simulate(build_world(job.scenario), simulation);
            ReportOptions reporting;
            reporting.judge_thresholds = !options.no_thresholds;
            const std::string result = result_json(report_on(columns, reporting));
            const std::lock_guard lock{writer};
            store.add(job.point, result);
        } catch (...) {
            const std::lock_guard lock{writer};
            if (!failure) failure = std::current_exception();
            failed = true;
        }
    };
    tbb::task_arena arena(at_once);
    arena.execute([&] { tbb::parallel_for(0, points, run_next, tbb::simple_partitioner{}); });
    if (failure) std::rethrow_exception(failure);
}

std::string written_sweep(const std::string& kind, const SweepStore& store, const std::string& file,
                          const std::optional<SweepObjective>& objective) {
    if (kind == "md") return store.markdown(objective);
    if (kind == "csv") return store.csv();
    if (kind == "junit") return store.junit(file);
    if (kind == "json") return store.json(objective);
    if (kind == "html") return store.html(objective);
    return store.text(objective);
}

int deliver_sweep(const SweepStore& store, const SweepOptions& options, const std::vector<OutputFile>& files,
                  const std::optional<SweepObjective>& objective, const Look& look) {
    const auto on_stdout = std::find_if(files.begin(), files.end(), [](const OutputFile& f) { return f.path == "-"; });
    if (on_stdout != files.end())
        print_bytes(written_sweep(on_stdout->kind, store, options.file, objective));
    else if (look.quiet < (options.format == "text" ? 1 : 2))
        print_result(written_sweep(options.format, store, options.file, objective));
    flush_result();
    for (const OutputFile& output : files) {
        if (output.path == "-") continue;
        if (output.kind != "sqlite")
            write_file(output.path, written_sweep(output.kind, store, options.file, objective));
        if (look.quiet == 0) print_error("wrote " + output.path);
    }
    const bool failed = store.threshold_failed();
    if (failed && look.quiet == 0) print_error("a threshold failed at one point at least.");
    if (options.ci == "github") {
        append_step_summary(store.markdown(objective));
        if (failed)
            print_annotations(github_annotations(options.file, store.threshold_notes()), options.format == "text");
    } else if (options.ci == "gitlab") {
        write_file(gitlab_report, gitlab_code_quality(options.file, {}, store.threshold_notes()));
    }
    return failed && !options.exit_zero ? exit_threshold : exit_ok;
}

/// The store among the outputs; empty when there is none.
std::string store_of(const std::vector<OutputFile>& files) {
    std::string path;
    for (const OutputFile& file : files) {
        if (file.kind != "sqlite") continue;
        if (!path.empty()) throw UsageError("--out: a sweep has one .sqlite file");
        if (file.path == "-") throw UsageError("--out: a store is a file, not standard output");
        path = file.path;
    }
    return path;
}

int sweep_points(const SweepOptions& options, const std::vector<OutputFile>& files, const Look& look) {
    const std::string path = store_of(files);
    if (options.resume && path.empty()) throw UsageError("--resume: which store? add -o FILE.sqlite");
    const Shard shard = parse_shard(options.shard);
    Source source{options};
    const std::optional<SweepObjective> objective = checked_objective(source, options.objective);
    SweepPlan plan;
    const std::vector<Job> jobs = jobs_of(source, options, plan);
    static_cast<void>(source.build(jobs.front().scenario)); // faults of routes and places come before any work
    print_warnings(source, look);

    SweepStore store =
        path.empty() ? SweepStore{plan}
                     : SweepStore{path, plan, options.resume ? SweepStore::Mode::Resume : SweepStore::Mode::Replace};
    const std::vector<std::size_t> there = store.finished();
    const std::set<std::size_t> finished{there.begin(), there.end()};
    std::vector<const Job*> pending;
    for (const Job& job : jobs)
        if (job.point.number % shard.of == shard.part && !finished.contains(job.point.number)) pending.push_back(&job);
    if (look.quiet == 0)
        print_error(fmt::format("{} point{} x {} replication{}, {} to run{}", jobs.size(), jobs.size() == 1 ? "" : "s",
                                plan.replications, plan.replications == 1 ? "" : "s", pending.size(),
                                finished.empty() ? "" : fmt::format(", {} are there", finished.size())));
    run_jobs(pending, store, options, look);
    if (GracefulStop::requested()) {
        if (look.quiet < 2) {
            const std::size_t kept = store.finished().size();
            print_error(path.empty() ? std::string{"interrupted, and no -o FILE.sqlite to keep what was finished."}
                                     : fmt::format("kept {} of {} points in {}.   continue with --resume", kept,
                                                   jobs.size(), path));
        }
        return GracefulStop::exit_code();
    }
    return deliver_sweep(store, options, files, objective, look);
}

int sweep(const SweepOptions& options, const Look& look) {
    const std::vector<OutputFile> files = output_files(options.out, {"sqlite", "json", "html", "md", "csv", "junit"});
    return telling_faults(options.file, options.ci, files, [&] { return sweep_points(options, files, look); });
}

} // namespace

Action declare_sweep(CLI::App& app, Look& look) {
    const auto options = std::make_shared<SweepOptions>();
    add_scenario_options(app, *options);
    app.add_option("--vary", options->vary, "as PATH=V1,V2 or PATH=FROM..TO/STEPS[log]")
        ->type_name("AXIS")
        ->allow_extra_args(false)
        ->group("what to simulate");
    app.add_option("--cases", options->cases, "points from a CSV file; heading = paths")
        ->type_name("FILE")
        ->group("what to simulate");
    app.add_option("--variant", options->variant, "only this variant; base: the file as it stands [all]")
        ->type_name("NAME")
        ->group("parts");
    app.add_option("--shard", options->shard, "as 2/4: only the second of four parts of the points")
        ->type_name("PART")
        ->group("parts");
    app.add_flag("--resume", options->resume, "keep the points that the store has")->group("what to simulate");
    add_run_options(app, *options);
    app.add_option("--objective", options->objective, "rank by, such as \"min p95(ttfb)\"")
        ->type_name("WHAT")
        ->group("output");
    add_format_option(app, *options, {"text", "json", "md", "csv"});
    add_result_options(app, *options, "as PATH.sqlite (the store) .html .json .md .csv .xml");
    return [options, &look] { return sweep(*options, look); };
}

} // namespace firstbyte::tools
