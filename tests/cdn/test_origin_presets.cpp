// Presets of origins: idle timeouts of known servers (semantics reference 5.1), and who overrides whom.
#include "firstbyte/scenario.hpp"
#include "support/simulation.hpp"

#include <doctest/doctest.h>
#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include <chrono>
#include <optional>
#include <string>
#include <utility>

using namespace firstbyte;
using namespace firstbyte::test;
using namespace std::chrono_literals;

namespace {

Scenario with(const std::string& keys) {
    return load_scenario(fmt::format(R"({{
      "format": 1, "name": "preset", "run": {{"duration": "300s", "replications": 1}}, "pops": [{{"id": "p"}}],
      "origins": [{{"id": "o", "rtt_to": {{"p": "80ms"}}, "service_time": "50ms"{}}}],
      "clients": [{{"id": "c", "population": 1, "rtt_to": {{"p": "20ms"}}, "script": [
        {{"at": "0s", "steps": [{{"request": "400B", "response": "2000B"}}]}},
        {{"at": "200s", "steps": [{{"request": "400B", "response": "2000B"}}]}}]}}],
      "tls": "none", "edge": {{"cache_hit_ratio": 0, "processing": "0ms"}}}})",
                                     keys),
                         "x.fb.json");
}

} // namespace

TEST_CASE("presets: each server's idle timeout, shown in the effective scenario; a given one wins") {
    const std::pair<const char*, std::optional<Duration>> presets[] = {
        {"nginx", 75s},     {"nginx-upstream", 60s}, {"apache", 5s},  {"node", 5s},        {"alb", 60s},
        {"gunicorn", 2s},   {"uvicorn", 5s},         {"tomcat", 20s}, {"iis", 120s},       {"gcp-lb", 600s},
        {"cloudfront", 5s}, {"envoy", 3600s},        {"wordops", 8s}, {"go", std::nullopt}};
    for (const auto& row : presets) {
        const std::string preset = row.first;
        const std::optional<Duration> idle = row.second;
        CAPTURE(preset);
        const Scenario scenario = with(fmt::format(R"(, "preset": "{}")", preset));
        CHECK(scenario.origins.at(0).idle_timeout == idle);
        const auto shown = nlohmann::json::parse(scenario.effective_json).at("origins").at(0);
        CHECK(shown.contains("idle_timeout") == idle.has_value());
        if (idle) CHECK(duration_from(shown.at("idle_timeout")) == idle);
        // Loading what is shown gives the same.
        CHECK(load_scenario(scenario.effective_json, "x.fb.json").origins.at(0).idle_timeout == idle);
    }
    CHECK(with("").origins.at(0).idle_timeout == Duration{75s});
    CHECK(with(R"(, "preset": "node", "idle_timeout": "30s")").origins.at(0).idle_timeout == Duration{30s});
    CHECK(with(R"(, "preset": "go", "idle_timeout": "30s")").origins.at(0).idle_timeout == Duration{30s});
}

TEST_CASE("presets: after 200 s of silence a connection to nginx is gone, and one to Go is used again") {
    const auto connections = [](const std::string& keys) {
        SimulateOptions options;
        const Results results = simulate(build_world(with(keys)), options);
        return results.replications.at(0).origins.at(0).connections;
    };
    CHECK(connections(R"(, "preset": "nginx")") == 2);
    CHECK(connections(R"(, "preset": "gcp-lb")") == 1);
    CHECK(connections(R"(, "preset": "go")") == 1);
}
