// tools/validate oracles: a sample of each case of the families that no other test holds, and how files are read.
#include "validation/oracles.hpp"

#include "validation/read_records.hpp"

#include <doctest/doctest.h>

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

TEST_CASE("oracles: queues, deadlines, caches, pools, flips and routing hold on a hundredth of the samples") {
    OracleOptions options;
    options.scale = 0.01;
    options.families = {"mm1",
                        "mmc",
                        "md1",
                        "mg1_lognormal",
                        "mm1k",
                        "p524",
                        "che",
                        "ttl_cache",
                        "zipf_top",
                        "pool_reuse",
                        "pool_split",
                        "pool_lifetime",
                        "pool_mru",
                        "flip_break",
                        "geo_rtt",
                        "bgp_chain",
                        "bgp_clique_tdown"};
    const std::vector<OracleResult> results = run_oracles(shipped(), options);
    CHECK(results.size() > 60);
    for (const OracleResult& result : results) {
        CAPTURE(result.given.name);
        CAPTURE(result.observed.value);
        CAPTURE(result.expected);
        CHECK(result.judged());
        CHECK(result.met());
    }
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
    CHECK_THROWS_AS(static_cast<void>(parse_oracles("{}", "empty.json")), std::runtime_error);
    CHECK_THROWS_AS(static_cast<void>(parse_oracles("nonsense", "none.json")), std::runtime_error);
}

TEST_CASE("oracles: a family without an experiment and HTTP/3 are not judged, and say so") {
    const std::string text = R"({"cases": [{"name": "a", "family": "weather", "expected": 1, "inputs": {}},
        {"name": "b", "family": "ttfb_rtts", "expected": 1, "inputs": {"mode": "quic_1rtt", "rtt_ms": 1, "server_ms": 1}}]})";
    for (const OracleResult& result : run_oracles(parse_oracles(text, "x.json"), {})) CHECK(!result.judged());
}
