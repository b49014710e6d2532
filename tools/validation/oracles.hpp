/// Closed formulas with worked values (queues, caches, pools, races, loss, handshakes, routing) held against
/// simulations.
///
/// A case names its family; the family says how its inputs become an experiment. No formula is evaluated here: what is
/// compared with the expected value comes out of a scenario that anyone could run, or, where the family concerns one
/// component, out of that component.
#pragma once

#include <nlohmann/json.hpp>

#include <cstdint>
#include <optional>
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
    int jobs = 1;
};

/// What an experiment gave.
struct Observed {
    double value = 0;
    std::uint64_t samples = 1;
    std::string not_judged;         ///< why there is no value; empty: there is one
    double granularity = 0;         ///< of the simulated clock, where that is coarser than the tolerance
    std::optional<double> expected; ///< for this stack, where the formula's assumption has another value for it
};

struct OracleResult {
    OracleCase given;
    Observed observed;
    double expected = 0, tolerance = 0;
    [[nodiscard]] bool judged() const { return observed.not_judged.empty(); }
    [[nodiscard]] bool met() const;
};

/// @throws std::runtime_error  when the text is no oracle file
[[nodiscard]] std::vector<OracleCase> parse_oracles(const std::string& text, const std::string& file);
/// Every family that there is an experiment for, sorted.
[[nodiscard]] std::vector<std::string> oracle_families();
/// @throws std::runtime_error  for a family without an experiment
[[nodiscard]] std::vector<OracleResult> run_oracles(const std::vector<OracleCase>& cases, const OracleOptions& options);

[[nodiscard]] std::string text_of(const std::vector<OracleResult>& results);
[[nodiscard]] std::string json_of(const std::vector<OracleResult>& results);
[[nodiscard]] std::string markdown_of(const std::vector<OracleResult>& results);

} // namespace firstbyte::validate
