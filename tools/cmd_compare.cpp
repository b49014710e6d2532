/// `firstbyte compare`: variants of one scenario on the same arrivals, losses and service times.
#include "arguments.hpp"
#include "common.hpp"
#include "help.hpp"

#include "firstbyte/stored.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <filesystem>
#include <iterator>
#include <map>
#include <memory>
#include <optional>
#include <sstream>
#include <tuple>
#include <utility>

namespace firstbyte::tools {
namespace {

struct CompareOptions : ScenarioOptions, ResultOptions {
    std::vector<std::string> files;
    std::string toggle, variants, baseline, by, confidence, min_effect, until;
    int most_replications = 200; // model choice: twenty times the default number, a 4.5th of its interval
    bool reverse_check = false, quantiles = false;
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

/// "ci(mean(ttfb)) < 1%", "ci(p95(ttfb)) < 2%".
Precision parse_until(const std::string& text) {
    std::string word;
    std::copy_if(text.begin(), text.end(), std::back_inserter(word), [](char c) { return c != ' '; });
    const UsageError wrong(fmt::format("--until: \"{}\" is not of the form \"ci(mean(ttfb)) < 1%\" or "
                                       "\"ci(p95(ttfb)) < 2%\"",
                                       text));
    const std::string head = "ci(", metric = "(ttfb))<";
    const std::size_t at = word.find(metric);
    if (word.rfind(head, 0) != 0 || at == std::string::npos) throw wrong;
    const std::string statistic = word.substr(head.size(), at - head.size());
    Precision wanted;
    wanted.share = parse_share("--until", word.substr(at + metric.size()), "1%");
    if (statistic == "mean") return wanted;
    double percent = 0;
    const char* end = statistic.data() + statistic.size();
    if (statistic.size() < 2 || statistic.front() != 'p') throw wrong;
    const auto [stop, error] = std::from_chars(statistic.data() + 1, end, percent);
    if (error != std::errc{} || stop != end || !(percent > 0 && percent < 100)) throw wrong;
    wanted.quantile = percent / 100;
    return wanted;
}

/// The two sides of a switch. K, the last key of the path, names them.
std::vector<Column> toggled(Source& source, const std::string& path, const std::vector<Override>& last) {
    const std::string key = path.substr(path.rfind('.') + 1);
    std::vector<Column> columns;
    const auto with = [&](const char* value) {
        std::vector<Override> overrides = last;
        overrides.push_back({path, value});
        return source.load("base", overrides);
    };
    columns.push_back({key + "=false", "off", with("false"), {}});
    columns.push_back({key + "=true", "on", with("true"), {}});
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

/// The two sides of a comparison of files: named after them, and B with the seed and replications of A.
std::vector<Column> files_to_compare(Source& first, Source& second, const std::vector<Override>& last) {
    const auto name_of = [](const std::string& file) {
        const std::string name = std::filesystem::path(file).filename().string();
        return name.substr(0, name.find('.'));
    };
    std::string before = name_of(first.file()), after = name_of(second.file());
    if (before == after) std::tie(before, after) = std::pair(first.file(), second.file());
    std::vector<Column> columns;
    columns.push_back({before, before, first.load("base", last), {}});
    const RunSettings& run = columns.front().scenario.run;
    std::vector<Override> same = last;
    same.push_back({"run.seed", std::to_string(run.seed)});
    same.push_back({"run.replications", std::to_string(run.replications)});
    columns.push_back({after, after, second.load("base", same), {}});
    return columns;
}

/// True when the same clients stand in the same order, so that they draw the same numbers on both sides.
bool same_clients(const std::vector<Column>& columns) {
    const auto names = [](const Column& column) {
        std::vector<std::string> out;
        for (const ClientGroup& group : column.scenario.clients) out.push_back(group.id);
        return out;
    };
    return names(columns.front()) == names(columns.back());
}

/// One `compare`: what it compares, and how often it simulates it.
class Comparison {
public:
    Comparison(const CompareOptions& options, const Look& look) : options_(options), look_(look), first_(options) {
        if (options.files.size() < 2) return;
        ScenarioOptions other = options;
        other.file = options.files.back();
        second_.emplace(other);
    }

    /// Columns without results; `last` is set on every side.
    [[nodiscard]] std::vector<Column> load(const std::vector<Override>& last = {}) {
        if (second_) return files_to_compare(first_, *second_, last);
        if (!options_.toggle.empty()) return toggled(first_, options_.toggle, last);
        std::vector<Column> columns;
        for (const std::string& name : chosen_variants(first_, options_))
            columns.push_back({name, name, first_.load(name, last), {}});
        return columns;
    }

    void simulate(std::vector<Column>& columns) {
        if (!second_) {
            simulate_columns(first_, columns, options_, look_);
            return;
        }
        const auto one = [&](Source& source, Column& column) {
            std::vector<Column> alone;
            alone.push_back(std::move(column));
            simulate_columns(source, alone, options_, look_);
            column = std::move(alone.front());
        };
        one(first_, columns.front());
        one(*second_, columns.back());
    }

private:
    const CompareOptions& options_;
    const Look& look_;
    Source first_;
    std::optional<Source> second_;
};

std::string first_line(const std::string& text) { return text.substr(0, text.find('\n')); }

ReportOptions reporting_of(const CompareOptions& options) {
    ReportOptions reporting;
    reporting.judge_thresholds = !options.no_thresholds;
    reporting.by_given = !options.by.empty();
    if (reporting.by_given) reporting.by = groupings().at(options.by);
    if (!options.confidence.empty())
        reporting.confidence = parse_share("--confidence", options.confidence, "0.95 or 95%");
    if (!options.min_effect.empty())
        reporting.min_effect = parse_share("--min-effect", options.min_effect, "0.02 or 2%");
    reporting.quantiles = options.quantiles;
    return reporting;
}

/// Runs on until the interval is as narrow as wanted; what was simulated so far is the pilot.
void run_until(Comparison& comparison, const CompareOptions& options, std::vector<Column>& columns,
               ReportOptions& reporting, const Look& look) {
    const std::size_t pilot = columns.front().results.replications.size();
    if (pilot < 2) throw UsageError("--until: its pilot needs at least 2 replications, better 10");
    const auto most = static_cast<std::size_t>(options.most_replications);
    const std::size_t needed = replications_needed(report_on(columns, reporting), parse_until(options.until), most);
    reporting.pilot = pilot;
    if (needed > pilot) {
        columns = comparison.load({{"run.replications", std::to_string(needed)}});
        comparison.simulate(columns);
    }
    if (look.quiet == 0)
        print_error(fmt::format("{} replications: a pilot of {} and {} more from its spread (Stein's two stages){}.",
                                needed, pilot, needed - pilot,
                                needed == most ? "; that is the limit (--max-replications)" : ""));
}

int compare_columns(const CompareOptions& options, const std::vector<OutputFile>& files, const Look& look) {
    ReportOptions reporting = reporting_of(options);
    if (!options.until.empty()) static_cast<void>(parse_until(options.until)); // a wrong one is told before the work
    Comparison comparison{options, look};
    std::vector<Column> columns = comparison.load();
    if (options.reverse_check && columns.size() != 2)
        throw UsageError("--reverse-check swaps two sides: name two with --variants");
    reporting.paired = same_clients(columns);
    comparison.simulate(columns);
    if (!options.until.empty()) run_until(comparison, options, columns, reporting, look);
    const Report report = report_on(columns, reporting);
    std::string text = compare_text(report);
    const std::string verdict = first_line(text);
    std::vector<Column> swapped;
    if (options.reverse_check) {
        swapped = comparison.load({{"run.seed", std::to_string(columns.front().scenario.run.seed + 1)}});
        comparison.simulate(swapped);
        std::swap(swapped.front(), swapped.back());
        ReportOptions reversed = reporting;
        reversed.judge_thresholds = false;
        reversed.pilot = 0;
        text += reverse_check_text(report, report_on(swapped, reversed));
    }
    const int code = deliver(report, text, verdict, options, options, files, look);
    const std::size_t replications = columns.front().results.replications.size();
    if (look.quiet == 0 && reporting.paired)
        print_error(fmt::format("paired over {} replication{}, same arrivals and same losses on both sides "
                                "(common random numbers).",
                                replications, replications == 1 ? "" : "s"));
    if (look.quiet == 0 && !reporting.paired)
        print_error(fmt::format("{} replications on each side, independent of one another: the files have other "
                                "clients, so nothing pairs them.",
                                replications));
    return code;
}

/// By its name: "old.json" or "old.json#tfo-on", while scenarios are called .fb.json.
bool is_result(const std::string& argument) {
    const std::string file = argument.substr(0, argument.rfind('#'));
    return file.ends_with(".json") && !file.ends_with(".fb.json");
}

/// Two stored results: nothing is simulated, so nothing that a simulation is told applies.
int compare_results(const CompareOptions& options, const Look& look) {
    if (options.files.size() < 2)
        throw UsageError(fmt::format("{} is a stored result by its name: name two to compare, such as old.json "
                                     "new.json, or two of its variants, {}#A {}#B",
                                     options.files.front(), options.files.front(), options.files.front()));
    for (const std::string& file : options.files)
        if (!is_result(file))
            throw UsageError(fmt::format("{} is no stored result by its name: two results or two scenarios (.fb.json) "
                                         "are compared, not one of each; `run --baseline` holds a run against a result",
                                         file));
    const bool simulates = !options.set.empty() || !options.replications.empty() || !options.duration.empty() ||
                           !options.toggle.empty() || !options.variants.empty() || !options.baseline.empty() ||
                           !options.until.empty() || options.reverse_check ||
                           (!options.seed.empty() && !options.seed_from_environment());
    if (simulates)
        throw UsageError("stored results are compared without a simulation: only --by, --confidence, --min-effect and "
                         "--quantiles apply; a variant is chosen as FILE#VARIANT");
    const StoredComparison compared = compare_stored(stored_result(options.files.front()),
                                                     stored_result(options.files.back()), reporting_of(options));
    const Delivery what{compared.text, compared.verdict, compared.result, "", ""};
    const std::vector<OutputFile> files = output_files(options.out, result_kinds());
    print_delivery(what, options.format, files, look);
    if (look.quiet == 0) print_error(compared.method);
    write_files(what, files, look);
    tell_ci(what, options.format, options.ci);
    return exit_ok;
}

int compare(CompareOptions options, const Look& look) {
    const bool of_one_file = options.files.size() == 1;
    if (options.files.size() > 2) throw UsageError("compare takes one scenario, or two; or two stored results");
    if (std::any_of(options.files.begin(), options.files.end(), is_result)) return compare_results(options, look);
    if (!of_one_file && !(options.toggle.empty() && options.variants.empty() && options.baseline.empty()))
        throw UsageError("two files are compared as they stand: leave out --toggle, --variants and --baseline");
    if (!of_one_file && options.files.front() == "-" && options.files.back() == "-")
        throw UsageError("standard input can be one of two scenarios, not both");
    if (!options.toggle.empty() && !(options.variants.empty() && options.baseline.empty()))
        throw UsageError("--toggle makes its own two variants: leave out --variants and --baseline");
    options.file = options.files.front();
    const std::vector<OutputFile> files = output_files(options.out, result_kinds());
    return telling_faults(options.file, options.ci, files, [&] { return compare_columns(options, files, look); });
}

} // namespace

Action declare_compare(CLI::App& app, Look& look) {
    const auto options = std::make_shared<CompareOptions>();
    app.add_option("SCENARIO", options->files, "1 or 2 scenario files (- is stdin), or 2 results")
        ->required()
        ->group("input");
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
    app.add_option("--min-effect", options->min_effect, "a smaller change does not matter, such as 2%")
        ->type_name("SHARE")
        ->group("statistics");
    app.add_flag("--quantiles", options->quantiles, "every quantile of the scenario")->group("statistics");
    app.add_option("--until", options->until, "run until \"ci(mean(ttfb)) < 1%\"")
        ->type_name("WHAT")
        ->group("statistics");
    app.add_option("--max-replications", options->most_replications, "limit of --until")
        ->type_name("N")
        ->check(whole_number(2))
        ->capture_default_str()
        ->group("statistics");
    app.add_flag("--reverse-check", options->reverse_check, "again with roles swapped and another seed")
        ->group("statistics");
    add_format_option(app, *options, {"text", "json", "md", "csv"});
    add_result_options(app, *options);
    return [options, &look] { return compare(*options, look); };
}

} // namespace firstbyte::tools
