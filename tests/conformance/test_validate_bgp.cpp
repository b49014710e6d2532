/// The cases of others in tests/conformance/bgp, all replayed: the figures that the project promises.
#include "validation/bgp_replay.hpp"
#include "validation/record_error.hpp"

#include <doctest/doctest.h>

#include <set>

using namespace firstbyte;
using namespace firstbyte::validate;

TEST_CASE("bgp: every case whose features there are is replayed, and every figure is met") {
    std::vector<BgpCaseResult> results;
    std::set<std::string> missing;
    std::size_t replayed = 0;
    for (const BgpCase& given : read_bgp_cases(FIRSTBYTE_SOURCE_DIR "/tests/conformance/bgp")) {
        results.push_back(replay(given));
        missing.insert(results.back().missing.begin(), results.back().missing.end());
        if (results.back().missing.empty()) ++replayed;
        CAPTURE(given.file);
        CHECK(results.back().static_differences == std::vector<std::string>{});
        CHECK(results.back().message_differences == std::vector<std::string>{});
        for (const BgpConvergenceResult& run : results.back().convergence) CHECK(run.updates_equal);
    }
    CHECK(results.size() == 30);
    CHECK(replayed == 23);
    CHECK(missing == std::set<std::string>{"aspa", "forged-path", "otc", "path-end"});
    for (const Figure& figure : figures_of(results)) {
        CAPTURE(figure.what);
        CHECK(figure.of != 0);
        CHECK(figure.met());
    }
}

TEST_CASE("bgp: a case that is wrong is found out") {
    const std::string right = R"({"id": "two", "links": [[1, 2]], "peers": [], "announcements": [{"asn": 2}],
        "expected": {"1": {"origin": 2, "path": [2], "len": 1, "class": "customer"}},
        "event": {"withdraw": [2], "how": "withdraw"}, "expected_after": {"1": null, "2": null},
        "convergence": [{"mrai_s": 30, "last_update_s": 0.1, "announcements_received": 0, "withdrawals_received": 1}]})";
    const auto replaced = [&](const std::string& old, const std::string& by) {
        std::string text = right;
        text.replace(text.find(old), old.size(), by);
        return replay(parse_bgp_case(text, "mine-two.json"));
    };
    const BgpCaseResult good = replaced("two", "two");
    CHECK(good.set == "mine");
    CHECK(good.static_differences.empty());
    CHECK(good.message_differences.empty());
    REQUIRE(good.convergence.size() == 1);
    CHECK(good.convergence[0].within());
    CHECK(good.convergence[0].updates_equal); // one withdrawal to AS 1; it has nobody else to tell
    CHECK(replaced("customer", "provider").static_differences ==
          std::vector<std::string>{"AS1: expected from a provider, found from a customer"});
    CHECK(replaced("\"1\": null", "\"1\": {\"origin\": 2, \"len\": 1}").message_differences ==
          std::vector<std::string>{"after the event, MRAI 30 s, AS1: expected origin 2, length 1, found no route"});
    CHECK_FALSE(replaced("0.1", "0.6").convergence[0].within());
    CHECK(replaced("[{\"asn\": 2}]", "[{\"asn\": 2, \"path\": [2, 7]}]").missing ==
          std::vector<std::string>{"forged-path"});
    CHECK_THROWS_WITH_AS(static_cast<void>(parse_bgp_case("{}", "empty.json")), doctest::Contains("empty.json:1: "),
                         RecordError);
}

TEST_CASE("bgp: a silent death agrees when some age of the last keepalive explains it") {
    // Keepalives every 3 s, hold time 9 s: noticed 6 to 9 s after the death.
    const std::string text = R"({"id": "dies", "links": [[1, 2], [1, 3]], "peers": [], "announcements": [{"asn": 2}],
        "expected": {}, "event": {"fail_as": [2], "how": "silent"}, "expected_after": {"1": null, "2": null},
        "convergence": [{"mrai_s": 0, "last_update_s": 7.5}]})";
    const BgpCaseResult result = replay(parse_bgp_case(text, "mine-dies.json"));
    CHECK(result.message_differences.empty());
    REQUIRE(result.convergence.size() == 1);
    CHECK(result.convergence[0].simulated_s == doctest::Approx(6.05));
    CHECK(result.convergence[0].simulated_most_s == doctest::Approx(9.05));
    CHECK(result.convergence[0].within());
}
