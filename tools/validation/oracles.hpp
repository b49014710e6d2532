/// Closed formulas with worked values (queues, caches, pools, races, loss, handshakes, routing) held against
/// simulations.
///
/// A case names its family; the family says how its inputs become an experiment. No formula is evaluated for what is
/// called simulated: it comes out of a scenario that anyone could run or, where the family concerns one component, out
/// of that component.
#pragma once

#include <nlohmann/json.hpp>

#include <cstdint>
#include <string>
#include <vector>

namespace firstbyte::validate {

/// One worked value.
struct OracleCase {
    std::string name, family, unit;
    nlohmann::json inputs;
    double expected = 0, relative_tolerance = 0, absolute_tolerance = 0;
    std::uint64_t samples_least = 0; ///< for which the tolerance holds at about four standard errors; 0: exact
};

struct OracleOptions {
    std::vector<std::string> families; ///< empty: all
    double scale = 1;                  ///< share of each case's least samples to take; tolerances widen by 1/sqrt of it
    int jobs = 1;                      ///< threads; never change a value
};

/// What an experiment gave.
struct Observed {
    double value = 0;
    std::uint64_t samples = 1;
    std::string not_judged{}; ///< why there is no value; empty: there is one
};

struct OracleResult {
    OracleCase given;
    Observed observed;
    double tolerance = 0;            ///< of this run
    std::uint64_t samples_asked = 0; ///< the case's least number, at this run's scale; 0: exact
    std::string refused;             ///< what is wrong with the case: its family or an input; empty: nothing
    [[nodiscard]] bool judged() const { return refused.empty() && observed.not_judged.empty(); }
    [[nodiscard]] bool short_of_samples() const { return judged() && observed.samples < samples_asked; }
    [[nodiscard]] double difference() const { return observed.value - given.expected; }
    [[nodiscard]] bool met() const;
};

/// @throws std::runtime_error  when the text is no oracle file
[[nodiscard]] std::vector<OracleCase> parse_oracles(const std::string& text, const std::string& file);
/// Every family that there is an experiment for, sorted.
[[nodiscard]] std::vector<std::string> oracle_families();
/// Results by family, in the order of the file within each. A case with an unknown family or input is refused, and the
/// others are run.
[[nodiscard]] std::vector<OracleResult> run_oracles(const std::vector<OracleCase>& cases, const OracleOptions& options);
/// The scenarios that a case runs, as JSON; none where its family runs on a component alone.
/// @throws std::runtime_error  when the case is refused
[[nodiscard]] std::vector<std::string> scenarios_of(const OracleCase& given, const OracleOptions& options);

[[nodiscard]] std::string text_of(const std::vector<OracleResult>& results, double scale);
[[nodiscard]] std::string json_of(const std::vector<OracleResult>& results, double scale);
[[nodiscard]] std::string markdown_of(const std::vector<OracleResult>& results);

} // namespace firstbyte::validate
