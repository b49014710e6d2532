/// Closed formulas' worked values, and scenarios to hold against them.
#pragma once

#include "support/simulation.hpp"

#include <doctest/doctest.h>
#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <fstream>
#include <string>
#include <vector>

namespace firstbyte::test {

/// The cases of one family of tests/conformance/oracles/oracles.json.
[[nodiscard]] inline std::vector<nlohmann::json> cases_of(const std::string& family) {
    std::ifstream file(FIRSTBYTE_SOURCE_DIR "/tests/conformance/oracles/oracles.json");
    REQUIRE(file.is_open());
    std::vector<nlohmann::json> cases;
    const nlohmann::json all = nlohmann::json::parse(file);
    for (const nlohmann::json& c : all.at("cases"))
        if (c["family"] == family) cases.push_back(c);
    REQUIRE(!cases.empty());
    return cases;
}

/// Checks an observed value against `expected`, by the case's tolerances.
inline void check_against(const nlohmann::json& c, double observed, double expected) {
    CAPTURE(c["name"].get<std::string>());
    CAPTURE(observed);
    CAPTURE(expected);
    CHECK(std::abs(observed - expected) <=
          std::max(c["rel_tolerance"].get<double>() * std::abs(expected), c.value("abs_tolerance", 0.0)));
}

inline void check(const nlohmann::json& c, double observed) { check_against(c, observed, c["expected"]); }

/// Runs `text` with no trace, or with the packets of its first `traced` connections.
[[nodiscard]] inline Results run_many(const std::string& text, std::uint32_t traced = 0, std::uint64_t seed = 1) {
    SimulateOptions options;
    options.seed = seed;
    options.trace.enabled = traced != 0;
    options.trace.first = traced;
    options.trace.first_given = true;
    return simulate(build_world(load_scenario(text, "oracle.fb.json")), options);
}

/// A scenario without TLS in which everything comes from cache, in no time.
/// @param clients   one or more groups
/// @param leg       keys of tcp.client_edge
/// @param response  bytes
[[nodiscard]] inline std::string cached_world(const std::string& clients, const std::string& leg, double duration_s,
                                              std::int64_t response = 500, const std::string& events = "") {
    return fmt::format(R"({{
      "format": 1, "name": "oracle", "run": {{"duration": "{}s", "replications": 1}}, "pops": [{{"id": "p"}}],
      "clients": [{}], "workload": {{"objects": [{{"id": "o", "request": "400B", "response": "{}B"}}]}},
      "tls": "none", "edge": {{"cache_hit_ratio": 1, "processing": "0ms"}}, "events": [{}],
      "tcp": {{"client_edge": {{{}}}}}}})",
                       duration_s, clients, response, events, leg);
}

/// One scripted request on a new connection.
[[nodiscard]] inline std::string one_request(double rtt_ms, double think_ms, const std::string& request,
                                             const std::string& response, const std::string& tls, bool fast_open,
                                             const std::string& leg, const std::string& client = "") {
    return fmt::format(R"({{
      "format": 1, "name": "oracle", "run": {{"duration": "1s", "replications": 1}}, "pops": [{{"id": "p"}}],
      "clients": [{{"id": "c", "population": 1, "rtt_to": {{"p": "{}ms"}}, "tfo": {}{},
        "script": [{{"at": "0s", "steps": [{{"request": "{}", "response": "{}", "think": "{}ms"}}]}}]}}],
      "tls": {}, "edge": {{"cache_hit_ratio": 1, "processing": "0ms"}},
      "tcp": {{"client_edge": {{"fast_open": {}, {}}}}}}})",
                       rtt_ms, fast_open ? R"({"cookie": "held"})" : "{}", client, request, response, think_ms, tls,
                       fast_open, leg);
}

} // namespace firstbyte::test
