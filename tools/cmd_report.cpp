/// `firstbyte report`: stored results in another form, without a new simulation.
#include "arguments.hpp"
#include "common.hpp"

#include "firstbyte/outputs.hpp"
#include "firstbyte/stored.hpp"
#include "firstbyte/sweep.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <memory>
#include <optional>

namespace firstbyte::tools {
namespace {

struct StoredOptions : ResultOptions {
    std::vector<std::string> files;
    std::string format = "md", objective;
};

/// The first bytes of every SQLite file (its file format, section 1.3).
bool is_database(const std::string& bytes) { return bytes.rfind("SQLite format 3", 0) == 0; }

std::string sweep_as(const std::string& kind, const SweepStore& store, const std::optional<SweepObjective>& objective) {
    if (kind == "html") return store.html(objective);
    if (kind == "csv") return store.csv();
    if (kind == "json") return store.json(objective);
    if (kind == "junit") return store.junit("");
    if (kind == "text") return store.text(objective);
    return store.markdown(objective);
}

int report_sweep(const StoredOptions& options, const std::string& file, const Look& look) {
    const SweepStore store{file};
    std::optional<SweepObjective> objective;
    if (!options.objective.empty()) objective = parse_objective(options.objective);
    const std::vector<OutputFile> outputs = output_files(options.out, {"json", "html", "md", "csv", "junit"});
    if (options.format == "dump")
        print_bytes(store.dump());
    else if (outputs.empty() && look.quiet < 2)
        print_result(sweep_as(options.format, store, objective));
    for (const OutputFile& output : outputs) {
        if (output.path == "-") {
            print_bytes(sweep_as(output.kind, store, objective));
            continue;
        }
        write_file(output.path, sweep_as(output.kind, store, objective));
        if (look.quiet == 0) print_error("wrote " + output.path);
    }
    return store.threshold_failed() && !options.exit_zero ? exit_threshold : exit_ok;
}

/// Several results: how they follow on one another. The last one's thresholds decide.
int report_trend(const StoredOptions& options, const Look& look) {
    const std::vector<std::string> kinds{"text", "md", "csv", "json", "html"};
    if (std::find(kinds.begin(), kinds.end(), options.format) == kinds.end())
        throw UsageError(fmt::format("--format: {} is of one result; several are a trend: {}", options.format,
                                     fmt::join(kinds, ", ")));
    const std::vector<OutputFile> outputs = output_files(options.out, {"json", "html", "md", "csv"});
    std::vector<StoredResult> results;
    for (const std::string& file : options.files) {
        results.push_back(stored_result(file));
        if (is_database(results.back().text))
            throw UsageError(fmt::format("{} is the store of a sweep: those are reported one at a time", file));
    }
    if (outputs.empty() && look.quiet < 2) print_bytes(stored_trend(results, options.format));
    for (const OutputFile& output : outputs) {
        const std::string text = stored_trend(results, output.kind);
        if (output.path == "-") {
            print_bytes(text);
            continue;
        }
        write_file(output.path, text);
        if (look.quiet == 0) print_error("wrote " + output.path);
    }
    const auto notes = threshold_notes(results.back().text);
    const bool failed = std::any_of(notes.begin(), notes.end(), [](const ThresholdNote& n) { return n.failed; });
    return failed && !options.exit_zero ? exit_threshold : exit_ok;
}

int report(const StoredOptions& options, const Look& look) {
    if (options.files.size() > 1) return report_trend(options, look);
    int code = exit_ok;
    for (const std::string& file : options.files) {
        const std::string result = read_file(file);
        if (is_database(result)) {
            code = std::max(code, report_sweep(options, file, look));
            continue;
        }
        const std::vector<OutputFile> outputs = output_files(options.out, result_kinds());
        if (options.format == "text" || options.format == "dump")
            throw UsageError(
                fmt::format("--format: {} is for stores of sweeps and for several results; {} is one result",
                            options.format, file));
        try {
            if (outputs.empty() && look.quiet < 2) print_bytes(written_as(options.format, result, "", ""));
            for (const OutputFile& output : outputs) {
                if (output.path == "-") {
                    print_bytes(written_as(output.kind, result, "", ""));
                    continue;
                }
                for (const std::string& path : write_output(output, result, "", ""))
                    if (look.quiet == 0) print_error("wrote " + path);
            }
            const auto notes = threshold_notes(result);
            const bool failed =
                std::any_of(notes.begin(), notes.end(), [](const ThresholdNote& n) { return n.failed; });
            if (failed && !options.exit_zero) code = exit_threshold;
        } catch (const std::runtime_error& error) {
            throw std::runtime_error(file + ": " + error.what());
        }
    }
    return code;
}

} // namespace

Action declare_report(CLI::App& app, Look& look) {
    const auto options = std::make_shared<StoredOptions>();
    app.add_option("RESULT", options->files, "result.json, several (a trend), or a store of a sweep")
        ->required()
        ->group("input");
    app.add_option("--format", options->format, "md, html, csv, json, junit, hgrm; of a store also text, dump")
        ->type_name("KIND")
        ->check(one_of({"md", "html", "csv", "json", "junit", "hgrm", "text", "dump"}))
        ->capture_default_str()
        ->group("output");
    app.add_option("--objective", options->objective, "of a store: rank by, such as \"min p95(ttfb)\"")
        ->type_name("WHAT")
        ->group("output");
    app.add_option("-o,--out", options->out, "as .json .html .md .csv .sqlite .hgrm .xml or PATH/")
        ->type_name("PATH")
        ->allow_extra_args(false)
        ->group("output");
    app.add_flag("--exit-zero", options->exit_zero, "failed thresholds do not set the exit code")->group("output");
    return [options, &look] { return report(*options, look); };
}

} // namespace firstbyte::tools
