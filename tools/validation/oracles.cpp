#include "oracles.hpp"

#include "oracle_experiments.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <map>
#include <set>
#include <stdexcept>

namespace firstbyte::validate {
namespace {

std::map<std::string, Experiment> all_experiments() {
    std::map<std::string, Experiment> all;
    for (const Experiments& some :
         {handshake_experiments(), transfer_experiments(), edge_experiments(), routing_experiments()})
        for (const auto& [family, experiment] : some) all[family] = experiment;
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
        const double difference = std::abs(result.observed.value - result.expected);
        if (result.tolerance > 0) summary.worst = std::max(summary.worst, difference / result.tolerance);
    }
    return out;
}

} // namespace

bool OracleResult::met() const {
    constexpr double rounding = 1e-12; // of the arithmetic that made the expected value
    return std::abs(observed.value - expected) <= tolerance + rounding * std::abs(expected);
}

double number(const OracleCase& given, const char* input) { return given.inputs.at(input).get<double>(); }

std::uint64_t samples_of(const OracleCase& given, const OracleOptions& options) {
    constexpr double least = 1000;
    return static_cast<std::uint64_t>(std::max(least, static_cast<double>(given.samples_least) * options.scale));
}

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
    const std::map<std::string, Experiment> experiments = all_experiments();
    std::vector<OracleResult> results;
    for (const OracleCase& given : cases) {
        const auto wanted = std::find(options.families.begin(), options.families.end(), given.family);
        if (!options.families.empty() && wanted == options.families.end()) continue;
        const auto experiment = experiments.find(given.family);
        OracleResult result;
        result.given = given;
        if (experiment == experiments.end())
            result.observed.not_judged = "no experiment is known for this family";
        else
            result.observed = experiment->second(given, options);
        result.expected = result.observed.expected.value_or(given.expected);
        result.tolerance = std::max(given.relative_tolerance * std::abs(result.expected), given.absolute_tolerance);
        result.tolerance = std::max(result.tolerance, result.observed.granularity);
        if (given.samples_least != 0 && options.scale < 1) result.tolerance /= std::sqrt(options.scale);
        results.push_back(std::move(result));
    }
    std::stable_sort(results.begin(), results.end(),
                     [](const OracleResult& a, const OracleResult& b) { return a.given.family < b.given.family; });
    return results;
}

std::string text_of(const std::vector<OracleResult>& results) {
    std::string out = fmt::format("{:<44} {:>12} {:>12} {:>10} {:>11}  verdict\n", "case", "expected", "simulated",
                                  "tolerance", "samples");
    for (const OracleResult& result : results) {
        if (!result.judged()) {
            out += fmt::format("{:<44} {:>12} {:>12}             not judged: {}\n", result.given.name,
                               short_number(result.given.expected), "-", result.observed.not_judged);
            continue;
        }
        out += fmt::format("{:<44} {:>12} {:>12} {:>10} {:>11}  {}\n", result.given.name, short_number(result.expected),
                           short_number(result.observed.value), fmt::format("{:.3g}", result.tolerance),
                           result.observed.samples, result.met() ? "ok" : "MISSED");
    }
    out += "\n";
    for (const FamilySummary& family : summaries(results))
        out += fmt::format(
            "{:<44} {} of {}{}\n", family.family, family.met, family.judged,
            family.judged == family.cases ? "" : fmt::format(", {} not judged", family.cases - family.judged));
    return out;
}

std::string json_of(const std::vector<OracleResult>& results) {
    nlohmann::ordered_json out{{"format", 1}, {"subject", "oracles"}, {"cases", nlohmann::ordered_json::array()}};
    for (const OracleResult& result : results) {
        nlohmann::ordered_json row{
            {"name", result.given.name}, {"family", result.given.family}, {"unit", result.given.unit}};
        row["expected"] = result.expected;
        if (result.judged()) {
            row["simulated"] = result.observed.value;
            row["samples"] = result.observed.samples;
            row["tolerance"] = result.tolerance;
            row["met"] = result.met();
        } else {
            row["not_judged"] = result.observed.not_judged;
        }
        out["cases"].push_back(std::move(row));
    }
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
            out += fmt::format("\nNot judged: {}, {}.\n", result.given.name, result.observed.not_judged);
    for (const OracleResult& result : results)
        if (result.judged() && !result.met())
            out += fmt::format("\nMissed: {}, expected {}, simulated {}.\n", result.given.name,
                               short_number(result.expected), short_number(result.observed.value));
    return out;
}

} // namespace firstbyte::validate
