#include "oracles.hpp"

#include "oracle_experiments.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <cmath>
#include <exception>
#include <iterator>
#include <map>
#include <sstream>
#include <stdexcept>

namespace firstbyte::validate {
namespace {

using ByFamily = std::map<std::string, Experiment>;

ByFamily all_experiments() {
    ByFamily all;
    for (const Experiments& some :
         {ladder_experiments(), handshake_experiments(), fast_open_experiments(), transfer_experiments(),
          queue_experiments(), cache_experiments(), pool_experiments(), routing_experiments()})
        for (const Experiment& experiment : some) all.emplace(experiment.family, experiment);
    return all;
}

std::string short_number(double value) { return fmt::format("{:.6g}", value); }

struct FamilySummary {
    std::string family;
    std::size_t cases = 0, met = 0, judged = 0;
    double worst = 0; ///< largest difference in units of its tolerance
};

std::vector<FamilySummary> summaries(const std::vector<OracleResult>& results) {
    std::vector<FamilySummary> out;
    for (const OracleResult& result : results) {
        if (out.empty() || out.back().family != result.given.family) out.push_back({result.given.family});
        FamilySummary& summary = out.back();
        ++summary.cases;
        if (!result.judged()) continue;
        ++summary.judged;
        if (result.met()) ++summary.met;
        if (result.tolerance > 0)
            summary.worst = std::max(summary.worst, std::abs(result.difference()) / result.tolerance);
    }
    return out;
}

std::vector<std::string> words_of(const std::string& text) {
    std::istringstream words(text);
    return {std::istream_iterator<std::string>(words), {}};
}

const Experiment& experiment_for(const ByFamily& experiments, const OracleCase& given) {
    const auto found = experiments.find(given.family);
    if (found == experiments.end()) throw InputError(fmt::format("no family is called \"{}\"", given.family));
    const std::vector<std::string> known = words_of(found->second.inputs);
    for (const auto& [input, value] : given.inputs.items())
        if (std::find(known.begin(), known.end(), input) == known.end())
            throw InputError(
                fmt::format("family {} has no input \"{}\"; it has: {}", given.family, input, fmt::join(known, ", ")));
    return found->second;
}

void observe(const ByFamily& experiments, const Running& running, OracleResult& result) {
    try {
        result.observed = experiment_for(experiments, result.given).run(result.given, running);
    } catch (const InputError& error) {
        result.refused = error.what();
    } catch (const ScenarioError& error) { // a value that no scenario can have
        result.refused = error.what();
    } catch (const std::exception& error) { // the other cases are run
        result.refused = fmt::format("the experiment failed: {}", error.what());
    }
}

std::string verdict_of(const OracleResult& result) {
    if (!result.refused.empty()) return "REFUSED: " + result.refused;
    if (!result.observed.not_judged.empty()) return "not judged: " + result.observed.not_judged;
    std::string verdict = result.met() ? "ok" : "MISSED";
    if (!result.short_of_samples()) return verdict;
    return fmt::format("{}, of {} samples asked for", verdict, result.samples_asked);
}

std::string scale_note(double scale) {
    return fmt::format(
        "{:g} of each case's samples: tolerances of what depends on chance are wider by 1/sqrt of that, {:.3g} times.",
        scale, 1 / std::sqrt(scale));
}

} // namespace

bool OracleResult::met() const {
    constexpr double rounding = 1e-12; // of the arithmetic that made the expected value
    return std::abs(difference()) <= tolerance + rounding * std::abs(given.expected);
}

double number(const OracleCase& given, const char* input) {
    const auto found = given.inputs.find(input);
    if (found == given.inputs.end()) throw InputError(fmt::format("the input \"{}\" is missing", input));
    if (!found->is_number()) throw InputError(fmt::format("the input \"{}\" is no number", input));
    return found->get<double>();
}

bool truth(const OracleCase& given, const char* input) {
    const auto found = given.inputs.find(input);
    if (found == given.inputs.end() || !found->is_boolean())
        throw InputError(fmt::format("the input \"{}\" is missing, or neither true nor false", input));
    return found->get<bool>();
}

std::string word(const OracleCase& given, const char* input, const char* words) {
    const auto found = given.inputs.find(input);
    std::string value = found != given.inputs.end() && found->is_string() ? found->get<std::string>() : "";
    const std::vector<std::string> known = words_of(words);
    if (std::find(known.begin(), known.end(), value) == known.end())
        throw InputError(
            fmt::format("the input \"{}\" is \"{}\"; it can be: {}", input, value, fmt::join(known, ", ")));
    return value;
}

double number_or(const OracleCase& given, const char* input, double otherwise) {
    return has(given, input) ? number(given, input) : otherwise;
}

std::uint64_t whole(const OracleCase& given, const char* input) {
    const double value = number(given, input);
    if (value < 0 || value != std::floor(value))
        throw InputError(fmt::format("the input \"{}\" is {:g}, not a whole number", input, value));
    return static_cast<std::uint64_t>(value);
}

bool has(const OracleCase& given, const char* input) { return given.inputs.contains(input); }

std::uint64_t samples_of(const OracleCase& given, const Running& running) {
    constexpr double least = 1000;
    return static_cast<std::uint64_t>(std::max(least, static_cast<double>(given.samples_least) * running.scale));
}

Observed share(std::uint64_t count, std::uint64_t samples) {
    return {static_cast<double>(count) / static_cast<double>(samples), samples};
}

Observed mean_s(const Histogram& times) { return {times.mean() / 1e9, times.count()}; }

std::vector<OracleCase> parse_oracles(const std::string& text, const std::string& file) {
    try {
        const nlohmann::json document = nlohmann::json::parse(text);
        std::vector<OracleCase> cases;
        for (const nlohmann::json& c : document.at("cases")) {
            OracleCase one;
            one.name = c.at("name").get<std::string>();
            one.family = c.at("family").get<std::string>();
            one.unit = c.value("unit", "");
            one.inputs = c.at("inputs");
            one.expected = c.at("expected").get<double>();
            one.relative_tolerance = c.value("rel_tolerance", 0.0);
            one.absolute_tolerance = c.value("abs_tolerance", 0.0);
            one.samples_least = c.value("min_samples", std::uint64_t{0});
            cases.push_back(std::move(one));
        }
        return cases;
    } catch (const nlohmann::json::exception& error) {
        throw std::runtime_error(fmt::format("{} is no file of oracles: {}", file, error.what()));
    }
}

std::vector<std::string> oracle_families() {
    std::vector<std::string> names;
    for (const auto& [family, experiment] : all_experiments()) names.push_back(family);
    return names;
}

std::vector<OracleResult> run_oracles(const std::vector<OracleCase>& cases, const OracleOptions& options) {
    const ByFamily experiments = all_experiments();
    const Running running{options.scale, options.jobs};
    std::vector<OracleResult> results;
    for (const OracleCase& given : cases) {
        const auto wanted = std::find(options.families.begin(), options.families.end(), given.family);
        if (!options.families.empty() && wanted == options.families.end()) continue;
        OracleResult result;
        result.given = given;
        observe(experiments, running, result);
        result.samples_asked =
            static_cast<std::uint64_t>(static_cast<double>(given.samples_least) * std::min(options.scale, 1.0));
        result.tolerance = std::max(given.relative_tolerance * std::abs(given.expected), given.absolute_tolerance);
        if (given.samples_least != 0 && options.scale < 1) result.tolerance /= std::sqrt(options.scale);
        results.push_back(std::move(result));
    }
    std::stable_sort(results.begin(), results.end(),
                     [](const OracleResult& a, const OracleResult& b) { return a.given.family < b.given.family; });
    return results;
}

std::vector<std::string> scenarios_of(const OracleCase& given, const OracleOptions& options) {
    std::vector<std::string> shown;
    OracleResult result;
    result.given = given;
    try {
        observe(all_experiments(), Running{options.scale, 1, &shown}, result);
    } catch (const OnlyShown&) {
        return shown;
    }
    if (!result.refused.empty()) throw std::runtime_error(given.name + ": " + result.refused);
    return shown;
}

std::string text_of(const std::vector<OracleResult>& results, double scale) {
    std::string out = fmt::format("{:<44} {:>12} {:>12} {:>10} {:>11} {:>10}  verdict\n", "case", "expected",
                                  "simulated", "samples", "difference", "tolerance");
    for (const OracleResult& result : results) {
        if (!result.judged()) {
            out += fmt::format("{:<44} {:>12} {:>12} {:>10} {:>11} {:>10}  {}\n", result.given.name,
                               short_number(result.given.expected), "-", "-", "-", "-", verdict_of(result));
            continue;
        }
        out += fmt::format("{:<44} {:>12} {:>12} {:>10} {:>11} {:>10}  {}\n", result.given.name,
                           short_number(result.given.expected), short_number(result.observed.value),
                           result.observed.samples, fmt::format("{:+.2g}", result.difference()),
                           fmt::format("{:.2g}", result.tolerance), verdict_of(result));
    }
    out += "\n";
    for (const FamilySummary& family : summaries(results))
        out += fmt::format(
            "{:<44} {} of {}{}, worst {:.0f} % of its tolerance\n", family.family, family.met, family.judged,
            family.judged == family.cases ? "" : fmt::format(", {} not judged", family.cases - family.judged),
            100 * family.worst);
    if (scale < 1) out += "\n" + scale_note(scale) + "\n";
    return out;
}

std::string json_of(const std::vector<OracleResult>& results, double scale) {
    nlohmann::ordered_json out{{"format", 1}, {"subject", "oracles"}, {"scale", scale}};
    if (scale < 1) out["note"] = scale_note(scale);
    out["cases"] = nlohmann::ordered_json::array();
    for (const OracleResult& result : results) {
        nlohmann::ordered_json row{
            {"name", result.given.name}, {"family", result.given.family}, {"unit", result.given.unit}};
        row["expected"] = result.given.expected;
        if (result.judged()) {
            row["simulated"] = result.observed.value;
            row["samples"] = result.observed.samples;
            row["difference"] = result.difference();
            row["tolerance"] = result.tolerance;
            row["met"] = result.met();
            if (result.short_of_samples()) row["samples_asked"] = result.samples_asked;
        } else if (!result.refused.empty()) {
            row["refused"] = result.refused;
        } else {
            row["not_judged"] = result.observed.not_judged;
        }
        out["cases"].push_back(std::move(row));
    }
    out["families"] = nlohmann::ordered_json::array();
    for (const FamilySummary& family : summaries(results))
        out["families"].push_back({{"family", family.family},
                                   {"cases", family.cases},
                                   {"judged", family.judged},
                                   {"met", family.met},
                                   {"worst_share_of_tolerance", family.worst}});
    return out.dump(2) + "\n";
}

std::string markdown_of(const std::vector<OracleResult>& results) {
    std::string out =
        "## Closed formulas\n\n`tools/validate oracles` simulates the worked values of closed formulas that ship in "
        "`tests/conformance/oracles`. \"Worst\" is the largest difference, as a share of what is tolerated.\n\n"
        "| family | cases | held | worst |\n| --- | ---: | ---: | ---: |\n";
    for (const FamilySummary& family : summaries(results)) {
        const std::string held = family.judged == 0 ? "not judged" : fmt::format("{} of {}", family.met, family.judged);
        out += fmt::format("| {} | {} | {} | {:.0f} % |\n", family.family, family.cases, held, 100 * family.worst);
    }
    for (const OracleResult& result : results)
        if (!result.judged())
            out +=
                fmt::format("\nNot judged: {}, {}{}.\n", result.given.name, result.observed.not_judged, result.refused);
    for (const OracleResult& result : results)
        if (result.judged() && !result.met())
            out += fmt::format("\nMissed: {}, expected {}, simulated {}.\n", result.given.name,
                               short_number(result.given.expected), short_number(result.observed.value));
    return out;
}

} // namespace firstbyte::validate
