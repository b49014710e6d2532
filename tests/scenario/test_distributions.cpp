#include "scenario/support.hpp"

#include <limits>

using namespace firstbyte;
using namespace firstbyte::scenario_test;
using Kind = Distribution::Kind;

TEST_CASE("distributions: every built one, in base units (ns)") {
    struct Row {
        const char* json;
        Kind kind;
        double a, b, c;
    };
    const double endless = std::numeric_limits<double>::infinity();
    const Row rows[] = {
        {R"("20ms")", Kind::Constant, 20e6, 0, 0},
        {R"({ "dist": "constant", "value": "20ms" })", Kind::Constant, 20e6, 0, 0},
        {R"({ "dist": "uniform", "min": "1ms", "max": "3ms" })", Kind::Uniform, 1e6, 3e6, 0},
        {R"({ "dist": "exponential", "mean": "8s" })", Kind::Exponential, 8e9, 0, 0},
        {R"({ "dist": "lognormal", "median": "25ms", "sigma": 0.5 })", Kind::Lognormal, 25e6, 0.5, 0},
        {R"({ "dist": "pareto", "min": "1ms", "shape": 2 })", Kind::Pareto, 1e6, 2, endless},
        {R"({ "dist": "pareto", "min": "1ms", "shape": 2, "max": "1s" })", Kind::Pareto, 1e6, 2, 1e9},
        {R"({ "dist": "weibull", "scale": "4ms", "shape": 0.7 })", Kind::Weibull, 4e6, 0.7, 0},
    };
    for (const Row& row : rows) {
        CAPTURE(row.json);
        const Scenario s = load_scenario(small(std::string(R"(, "edge": { "processing": )") + row.json + " }"), "-");
        CHECK(s.edge.processing.kind == row.kind);
        CHECK(s.edge.processing.a == row.a);
        CHECK(s.edge.processing.b == row.b);
        CHECK(s.edge.processing.c == row.c);
    }
}

TEST_CASE("distributions: lognormal p99 becomes sigma through the normal quantile 2.3263479 (tables)") {
    const Scenario s = load_scenario(
        small(R"(, "edge": { "processing": { "dist": "lognormal", "median": "10ms", "p99": "102.4004ms" } })"), "-");
    CHECK(s.edge.processing.b == doctest::Approx(1.0).epsilon(1e-5)); // 10 exp(2.3263479) = 102.404
}

TEST_CASE("distributions: tables of values") {
    const Scenario empirical =
        load_scenario(small(
                          R"(, "edge": { "processing": { "dist": "empirical", "values": ["1ms", "2ms", "4ms"],
                                               "weights": [1, 2, 1] } })"),
                      "-");
    CHECK(empirical.edge.processing.kind == Kind::Empirical);
    CHECK(empirical.edge.processing.values == std::vector<double>{1e6, 2e6, 4e6});
    CHECK(empirical.edge.processing.cumulative == std::vector<double>{0.25, 0.75, 1});
    const Scenario cdf = load_scenario(
        small(R"(, "edge": { "processing": { "dist": "cdf", "points": [["0ms", 0], ["10ms", 0.5], ["40ms", 1]] } })"),
        "-");
    CHECK(cdf.edge.processing.kind == Kind::Cdf);
    CHECK(cdf.edge.processing.values == std::vector<double>{0, 10e6, 40e6});
    CHECK(cdf.edge.processing.cumulative == std::vector<double>{0, 0.5, 1});
    const Scenario counts =
        load_scenario(small(R"(, "workload": { "requests_per_session": { "dist": "geometric", "mean": 4 } })"), "-");
    CHECK(counts.workload.requests_per_session.kind == Kind::Geometric);
    CHECK(counts.workload.requests_per_session.a == 4);
}
