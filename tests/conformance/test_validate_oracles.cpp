// tools/validate oracles: a sample of each case of the families that no other test holds, and how files are read.
#include "validation/oracles.hpp"

#include "validation/read_records.hpp"

#include "firstbyte/scenario.hpp"

#include <doctest/doctest.h>
#include <nlohmann/json.hpp>

#include <algorithm>
#include <cmath>
#include <stdexcept>
#include <string>
#include <vector>

using namespace firstbyte;
using namespace firstbyte::validate;

namespace {

std::vector<OracleCase> shipped() {
    return parse_oracles(read_text(FIRSTBYTE_SOURCE_DIR "/tests/conformance/oracles/oracles.json"), "oracles.json");
}

} // namespace

TEST_CASE("oracles: every family holds on a hundredth of the samples") {
    OracleOptions options;
    options.scale = 0.01;
    options.jobs = 2;
    const std::vector<OracleResult> results = run_oracles(shipped(), options);
    CHECK(results.size() == shipped().size());
    for (const OracleResult& result : results) {
        CAPTURE(result.given.name);
        CAPTURE(result.observed.value);
        CAPTURE(result.given.expected);
        CHECK(result.judged());
        CHECK(result.met());
    }
}

TEST_CASE("oracles: cookies of several server addresses hold at their full number of samples") {
    OracleOptions options;
    options.families = {"cookie_multi_ip"}; // on components, in a second
    const std::vector<OracleResult> results = run_oracles(shipped(), options);
    CHECK(results.size() == 3);
    for (const OracleResult& result : results) {
        CAPTURE(result.given.name);
        CAPTURE(result.observed.value);
        CHECK(result.observed.samples >= result.given.samples_least);
        CHECK(result.met());
    }
}

TEST_CASE("oracles: the value does not depend on the number of threads") {
    OracleOptions one, many;
    one.scale = many.scale = 0.001;
    many.jobs = 3;
    one.families = many.families = {"mm1", "any_loss", "flip_break", "tfo_saving"};
    const std::vector<OracleResult> a = run_oracles(shipped(), one), b = run_oracles(shipped(), many);
    REQUIRE(a.size() == b.size());
    for (std::size_t n = 0; n < a.size(); ++n) {
        CAPTURE(a[n].given.name);
        CHECK(a[n].observed.value == b[n].observed.value);
        CHECK(a[n].observed.samples == b[n].observed.samples);
    }
}

TEST_CASE("oracles: what a case runs can be shown, and is a scenario without faults") {
    const std::vector<std::string> on_components = {"rto_estimator", "cookie_multi_ip",  "zipf_top",
                                                    "bgp_chain",     "bgp_clique_tdown", "geo_rtt"};
    OracleOptions options;
    options.scale = 0.001; // fewer changes of routes in one text
    for (const OracleCase& given : shipped()) {
        CAPTURE(given.name);
        const bool component =
            std::find(on_components.begin(), on_components.end(), given.family) != on_components.end();
        if (component && given.family == "zipf_top") continue; // builds its million objects
        const std::vector<std::string> scenarios =
            component ? std::vector<std::string>{} : scenarios_of(given, options);
        CHECK(scenarios.empty() == component);
        if (!scenarios.empty()) CHECK_NOTHROW(static_cast<void>(load_scenario(scenarios.front(), "shown.fb.json")));
    }
}

TEST_CASE("oracles: a smaller scale is said, and widens only what depends on chance") {
    OracleOptions options;
    options.scale = 0.01;
    options.families = {"geo_rtt", "cookie_multi_ip"};
    const std::vector<OracleResult> results = run_oracles(shipped(), options);
    for (const OracleResult& result : results) {
        CAPTURE(result.given.name);
        const double given = result.given.relative_tolerance * result.given.expected;
        CHECK(result.tolerance == doctest::Approx(result.given.family == "geo_rtt" ? given : 10 * given));
    }
    CHECK(text_of(results, 0.01).find("wider by 1/sqrt of that, 10 times") != std::string::npos);
    CHECK(nlohmann::json::parse(json_of(results, 0.01)).at("families").size() == 2);
    CHECK(text_of(results, 1).find("wider") == std::string::npos);
}

TEST_CASE("oracles: there is an experiment for every family of the shipped file") {
    const std::vector<std::string> known = oracle_families();
    for (const OracleCase& given : shipped()) {
        CAPTURE(given.family);
        CHECK(std::find(known.begin(), known.end(), given.family) != known.end());
    }
}

TEST_CASE("oracles: a case of other values is simulated by its family's rule") {
    // 35 + 2 x 70 ms: the closed form of the family for values that the shipped file does not have.
    const std::string text =
        R"({"cases": [{"name": "own", "family": "ttfb_rtts", "unit": "ms", "expected": 175, "rel_tolerance": 1e-9,
        "inputs": {"mode": "http_tcp", "rtt_ms": 70, "server_ms": 35}}]})";
    const std::vector<OracleResult> results = run_oracles(parse_oracles(text, "own.json"), {});
    REQUIRE(results.size() == 1);
    CHECK(results[0].met());
    OracleResult wrong = results[0];
    wrong.observed.value = 176;
    CHECK(!wrong.met());
    CHECK(wrong.difference() == doctest::Approx(1));
    CHECK_THROWS_AS(static_cast<void>(parse_oracles("{}", "empty.json")), std::runtime_error);
    CHECK_THROWS_AS(static_cast<void>(parse_oracles("nonsense", "none.json")), std::runtime_error);
}

TEST_CASE("oracles: HTTP/3 is not judged, and says so") {
    const std::string text = R"({"cases": [{"name": "b", "family": "ttfb_rtts", "expected": 1,
        "inputs": {"mode": "quic_1rtt", "rtt_ms": 1, "server_ms": 1}}]})";
    const std::vector<OracleResult> results = run_oracles(parse_oracles(text, "x.json"), {});
    REQUIRE(results.size() == 1);
    CHECK(!results[0].judged());
    CHECK(results[0].refused.empty());
    CHECK(text_of(results, 1).find("not judged: HTTP/3 is not built") != std::string::npos);
}

TEST_CASE("oracles: an unknown family, an unknown, missing or impossible input is named, and the other cases are run") {
    struct Row {
        const char *given, *refused;
    };
    const Row rows[] = {
        {R"("family": "unheard_of", "inputs": {})", "no family is called \"unheard_of\""},
        {R"("family": "md1", "inputs": {"lambda_per_s": 1, "mu_per_s": 3, "servers": 2})",
         "family md1 has no input \"servers\"; it has: lambda_per_s, mu_per_s"},
        {R"("family": "mm1", "inputs": {"mu_per_s": 3})", "the input \"lambda_per_s\" is missing"},
        {R"("family": "mm1", "inputs": {"mu_per_s": "3", "lambda_per_s": 1})", "the input \"mu_per_s\" is no number"},
        {R"("family": "che", "inputs": {"policy": "CLOCK", "objects": 9, "alpha": 1, "capacity": 3})",
         "the input \"policy\" is \"CLOCK\"; it can be: LRU, FIFO"},
        {R"("family": "slowstart_rounds", "inputs": {"size_bytes": 1e4, "mss": 9000, "iw": 10, "setup_rtts": 1, "rtt_ms": 9})",
         "1460B"}, // the scenario's own words
        {R"("family": "mathis", "inputs": {"mss": 1460, "rtt_s": 0.1, "p": 0.01, "b": 3})",
         "an ACK covers one segment or two"},
    };
    for (const Row& row : rows) {
        CAPTURE(row.given);
        const std::string text = std::string(R"({"cases": [{"name": "bad", "expected": 1, )") + row.given +
                                 R"(}, {"name": "good", "family": "geo_rtt", "expected": 0, "abs_tolerance": 1,
            "inputs": {"lat1": 1, "lon1": 1, "lat2": 1, "lon2": 1, "refractive_index": 1.5}}]})";
        std::vector<OracleResult> results = run_oracles(parse_oracles(text, "x.json"), {});
        REQUIRE(results.size() == 2);
        std::sort(results.begin(), results.end(),
                  [](const auto& a, const auto& b) { return a.given.name < b.given.name; });
        CHECK(!results[0].judged());
        CHECK(results[0].refused.find(row.refused) != std::string::npos);
        CHECK(results[1].met());
        CHECK(text_of(results, 1).find("REFUSED") != std::string::npos);
    }
}
