/// Cases of BGP routing replayed, and whether the figures that the project promises are met.
#pragma once

#include "bgp_case.hpp"
#include "validation.hpp"

#include <string>
#include <vector>

namespace firstbyte::validate {

/// One experiment with daemons, and the same simulated.
struct BgpConvergenceResult {
    std::string id;
    double mrai_s = 0;
    double measured_s = 0;                        ///< last UPDATE after the event
    double simulated_s = 0, simulated_most_s = 0; ///< least and most: how old the last keepalive was is not known
    std::uint64_t measured_updates = 0, simulated_updates = 0;
    bool updates_listed = false;       ///< each one is known
    bool updates_equal = false;        ///< receivers and contents are the same, if listed; else the numbers
    [[nodiscard]] bool within() const; ///< 10 % and 0.3 s
};

struct BgpCaseResult {
    std::string file, set;
    std::vector<std::string> missing;             ///< features without which it cannot be replayed
    std::size_t compared = 0;                     ///< ASes, each before and after an event
    std::vector<std::string> static_differences;  ///< routes computed at once
    std::vector<std::string> message_differences; ///< routes that messages came to
    std::vector<BgpConvergenceResult> convergence;
};

/// @throws std::runtime_error  when the file of a graph cannot be read
[[nodiscard]] BgpCaseResult replay(const BgpCase& given);

[[nodiscard]] std::vector<Figure> figures_of(const std::vector<BgpCaseResult>& results);
[[nodiscard]] std::string text_of(const std::vector<BgpCaseResult>& results);     ///< for a terminal
[[nodiscard]] std::string json_of(const std::vector<BgpCaseResult>& results);     ///< for a program
[[nodiscard]] std::string markdown_of(const std::vector<BgpCaseResult>& results); ///< for docs/validation.md

} // namespace firstbyte::validate
