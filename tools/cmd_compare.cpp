/// `firstbyte compare`: variants of one scenario on the same arrivals, losses and service times.
#include "common.hpp"
#include "help.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <map>
#include <memory>
#include <sstream>

namespace firstbyte::tools {
namespace {

struct CompareOptions : ScenarioOptions, ResultOptions {
    std::vector<std::string> files;
    std::string toggle, variants, baseline, by, confidence;
};

const std::map<std::string, GroupBy>& groupings() {
    static const std::map<std::string, GroupBy> table{{"rtt", GroupBy::Rtt},
                                                      {"region", GroupBy::Region},
                                                      {"country", GroupBy::Country},
                                                      {"pop", GroupBy::Pop},
                                                      {"client", GroupBy::Client}};
    return table;
}

std::vector<std::string> split(const std::string& list) {
    std::vector<std::string> words;
    std::istringstream stream{list};
    for (std::string word; std::getline(stream, word, ',');) words.push_back(word);
    return words;
}

/// A share as scenarios write it: 0.95 or 95%.
double parse_confidence(const std::string& word) {
    const bool percent = !word.empty() && word.back() == '%';
    double value = 0;
    const char* end = word.data() + word.size() - (percent ? 1 : 0);
    const auto [stop, error] = std::from_chars(word.data(), end, value);
    if (percent) value /= 100;
    if (error != std::errc{} || stop != end || !(value > 0 && value < 1))
        throw UsageError(fmt::format("--confidence: \"{}\" is no share between 0 and 1, such as 0.95 or 95%", word));
    return value;
}

/// The two sides of a switch. K, the last key of the path, names them.
std::vector<Column> toggled(Source& source, const std::string& path) {
    const std::string key = path.substr(path.rfind('.') + 1);
    std::vector<Column> columns;
    columns.push_back({key + "=false", "off", source.load("base", {{path, "false"}}), {}});
    columns.push_back({key + "=true", "on", source.load("base", {{path, "true"}}), {}});
    return columns;
}

/// Names of the variants to run, the baseline first: what was asked for, else all that the file has.
std::vector<std::string> chosen_variants(Source& source, const CompareOptions& options) {
    const Scenario base = source.load();
    std::vector<std::string> names = split(options.variants);
    if (options.variants.empty()) {
        for (const Variant& variant : base.variants) names.push_back(variant.name);
        if (names.empty())
            throw UsageError(fmt::format("{} has no variants to compare; switch a key off and on instead, such as "
                                         "--toggle tcp.client_edge.fast_open",
                                         source.file()));
        if (names.size() == 1) names.insert(names.begin(), "base");
    }
    std::vector<std::string> sorted = names;
    std::sort(sorted.begin(), sorted.end());
    if (const auto twice = std::adjacent_find(sorted.begin(), sorted.end()); twice != sorted.end())
        throw UsageError(fmt::format("--variants: \"{}\" is named twice", *twice));
    if (names.size() < 2) throw UsageError("--variants: one variant cannot be compared; name two, such as base,tfo-on");

    if (!options.baseline.empty() && std::find(names.begin(), names.end(), options.baseline) == names.end())
        throw UsageError(fmt::format("--baseline: \"{}\" is not among the variants {}{}", options.baseline,
                                     fmt::join(names, ", "), did_you_mean(options.baseline, names)));
    const std::string& baseline = options.baseline.empty() ? base.baseline : options.baseline;
    const auto first = std::find(names.begin(), names.end(), baseline);
    if (first != names.end()) std::rotate(names.begin(), first, first + 1);
    return names;
}

std::vector<Column> load_columns(Source& source, const CompareOptions& options) {
    if (!options.toggle.empty()) return toggled(source, options.toggle);
    std::vector<Column> columns;
    for (const std::string& name : chosen_variants(source, options))
        columns.push_back({name, name, source.load(name), {}});
    return columns;
}

std::string first_line(const std::string& text) { return text.substr(0, text.find('\n')); }

int compare_columns(const CompareOptions& options, const std::vector<OutputFile>& files, const Look& look) {
    ReportOptions reporting;
    reporting.judge_thresholds = !options.no_thresholds;
    reporting.by_given = !options.by.empty();
    if (reporting.by_given) reporting.by = groupings().at(options.by);
    if (!options.confidence.empty()) reporting.confidence = parse_confidence(options.confidence);

    Source source{options};
    std::vector<Column> columns = load_columns(source, options);
    simulate_columns(source, columns, options, look);
    const Report report = report_on(columns, reporting);
    const std::string text = compare_text(report);
    const int code = deliver(report, text, first_line(text), options, options, files, look);
    if (look.quiet == 0)
        print_error(fmt::format("paired over {} replications, same arrivals and same losses on both sides "
                                "(common random numbers).",
                                columns.front().results.replications.size()));
    return code;
}

int compare(CompareOptions options, const Look& look) {
    if (options.files.size() > 1)
        throw UsageError("comparing two scenario files is not available yet; use variants of one file, or --toggle");
    if (!options.toggle.empty() && !(options.variants.empty() && options.baseline.empty()))
        throw UsageError("--toggle makes its own two variants: leave out --variants and --baseline");
    options.file = options.files.front();
    const std::vector<OutputFile> files = output_files(options.out, result_kinds());
    return telling_faults(options.file, options.ci, files, [&] { return compare_columns(options, files, look); });
}

} // namespace

Action declare_compare(CLI::App& app, Look& look) {
    const auto options = std::make_shared<CompareOptions>();
    app.add_option("SCENARIO", options->files, "scenario file; - reads standard input")->required()->group("input");
    app.add_option("--set", options->set, "change one key on every side; repeatable")
        ->type_name("PATH=VALUE")
        ->allow_extra_args(false)
        ->group("input");
    app.add_option("--toggle", options->toggle, "compare PATH=false (baseline) with PATH=true")
        ->type_name("PATH")
        ->group("input");
    app.add_option("--variants", options->variants, "variants of the file to compare [all]")
        ->type_name("A,B[,C]")
        ->group("input");
    app.add_option("--baseline", options->baseline, "compared with [the file's, else the first]")
        ->type_name("NAME")
        ->group("input");
    add_run_options(app, *options);
    std::vector<std::string> names;
    for (const auto& entry : groupings()) names.push_back(entry.first);
    app.add_option("--by", options->by, "groups: rtt, region, country, pop or client [rtt]")
        ->type_name("WHAT")
        ->check(one_of(names))
        ->group("output");
    app.add_option("--confidence", options->confidence, "of the intervals [the file's]")
        ->type_name("SHARE")
        ->group("output");
    add_format_option(app, *options, {"text", "json", "md", "csv"});
    add_result_options(app, *options);
    return [options, &look] { return compare(*options, look); };
}

} // namespace firstbyte::tools
