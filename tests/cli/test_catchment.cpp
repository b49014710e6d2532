/// `firstbyte catchment`: what if, why, at a moment, on a map, and every withdrawal.
#include "program.hpp"

#include <nlohmann/json.hpp>

#include <string>

using namespace firstbyte::test;
using nlohmann::json;

namespace {

/// A client below two carriers that peer; a PoP below each carrier, and one at a third that the first peers with.
constexpr const char* three_pops = R"({
  "format": 1, "name": "three", "run": { "duration": "60s" },
  "topology": { "links": [[10, 1], [20, 1], [10, 2]], "peers": [[10, 20], [10, 30]],
                "bgp": { "mrai": "0s", "processing": "50ms" } },
  "pops": [ { "id": "a", "at": "Frankfurt", "upstreams": [10] }, { "id": "b", "at": "London", "upstreams": [20], "prepend": 1 },
            { "id": "c", "at": "Paris", "upstreams": [30] } ],
  "clients": [ { "id": "one", "asn": 1, "at": "Berlin", "population": 30, "sessions": "3/s" },
               { "id": "two", "asn": 2, "at": "Madrid", "population": 10, "sessions": "1/s" } ],
  "edge": { "cache_hit_ratio": 1 },
  "events": [ { "at": "10s", "do": "withdraw", "pop": "a", "for": "20s" } ]
})";

struct ScenarioFolder : Folder {
    ScenarioFolder() { write("three.fb.json", three_pops); }
};

} // namespace

TEST_CASE("cli: catchment --withdraw shows shares before and after, --diff every client that moves") {
    const ScenarioFolder folder;
    const Finished changed = folder.run("catchment three.fb.json --withdraw a");
    CHECK(changed.code == 0);
    CHECK(contains(changed.out, "a          100 %       0 %      -100 %"));
    CHECK(contains(changed.out, "one rtt")); // the largest arrival at c
    CHECK(contains(changed.out, "100 % of sessions move, 0 % lose every route"));
    const Finished each = folder.run("catchment three.fb.json --withdraw a --diff --format json");
    const json moves = json::parse(each.out).at("moves");
    REQUIRE(moves.size() == 2);
    CHECK(moves[0].at("client") == "one"); // the heavier first
    CHECK(moves[0].at("to") == "c");       // provider routes of equal length: 20 and its site, 10 and its peer's; no
                                           // places of these ASes are known, so the lower number 10 wins for c
    CHECK(moves[1].at("to") == "c");
    const Finished nowhere = folder.run("catchment three.fb.json --withdraw a --withdraw b --withdraw c");
    CHECK(contains(nowhere.out, "100 % lose every route"));
}

TEST_CASE("cli: catchment --prepend moves only where the path length decides") {
    const ScenarioFolder folder;
    const json after = json::parse(folder.run("catchment three.fb.json --prepend a=5 --format json").out);
    CHECK(after.at("clients")[1].at("pop") == "a"); // AS10 prefers its customer, whatever the length
    const Finished wrong = folder.run("catchment three.fb.json --prepend a=lots");
    CHECK(wrong.code == 2);
    CHECK(contains(wrong.err, "--prepend: \"a=lots\" is not POP=N with N from 0 to 64"));
}

TEST_CASE("cli: catchment --at shows the routes of a moment, and the plain table how long events took") {
    const ScenarioFolder folder;
    CHECK(contains(folder.run("catchment three.fb.json --at 9s").out, "0 % of sessions move"));
    CHECK(contains(folder.run("catchment three.fb.json --at 15s").out, "100 % of sessions move"));
    CHECK(contains(folder.run("catchment three.fb.json --at 40s").out, "0 % of sessions move"));
    const Finished plain = folder.run("catchment three.fb.json");
    CHECK(contains(plain.out, "10 s  withdraw a"));
    CHECK(contains(plain.out, "30 s  announce a"));
    const Finished wrong = folder.run("catchment three.fb.json --at soon");
    CHECK(wrong.code == 2);
    CHECK(contains(wrong.err, "--at: \"soon\" is not a time such as 120s"));
}

TEST_CASE("cli: catchment --why names every route on the way and the step that rejected it") {
    const ScenarioFolder folder;
    const Finished why = folder.run("catchment three.fb.json --why two --format json");
    CHECK(why.code == 0);
    const json hops = json::parse(why.out).at("hops");
    REQUIRE(hops.size() == 2);
    CHECK(hops[0].at("asn") == 2);
    CHECK(hops[0].at("candidates")[0].at("verdict") == "chosen");
    const json of_ten = hops[1].at("candidates");
    REQUIRE(of_ten.size() == 3);
    CHECK(of_ten[0].at("pop") == "a");
    CHECK(of_ten[0].at("from").is_null()); // the PoP itself
    for (const std::size_t lost : {1u, 2u}) CHECK(of_ten[lost].at("verdict") == "local_preference");
    CHECK(contains(folder.run("catchment three.fb.json --why AS20").out, "AS20  received 2 routes"));
    const Finished nobody = folder.run("catchment three.fb.json --why three");
    CHECK(nobody.code == 2);
    CHECK(contains(nobody.err, "\"three\" is neither a client group nor an AS number"));
    CHECK(folder.run("catchment three.fb.json --why 77").code == 3); // the topology has no AS77
}

TEST_CASE("cli: catchment --sweep withdraws every PoP and every pair, the costliest first") {
    const ScenarioFolder folder;
    const json sweep = json::parse(folder.run("catchment three.fb.json --sweep pairs --format json").out);
    CHECK(sweep.at("singles").size() == 3);
    CHECK(sweep.at("pairs").size() == 3);
    CHECK(sweep.at("singles")[0].at("withdrawn") == json{"a"});
    CHECK(sweep.at("singles")[0].at("moved") == 1.0);
    CHECK(sweep.at("singles")[1].at("moved") == 0.0);
    double after = 0;
    for (const auto& [pop, share] : sweep.at("singles")[0].at("changed_shares").items()) after += share.get<double>();
    CHECK(after == doctest::Approx(1.0)); // nobody is lost: what a had is spread over the others
    const Finished text = folder.run("catchment three.fb.json --sweep singles");
    CHECK(contains(text.out, "3 PoPs withdrawn one at a time"));
    CHECK_FALSE(contains(text.out, "pairs"));
}

TEST_CASE("cli: catchment --geojson is a collection of points and lines, longitude first (RFC 7946)") {
    const ScenarioFolder folder;
    const json map = json::parse(folder.run("catchment three.fb.json --geojson").out);
    CHECK(map.at("type") == "FeatureCollection");
    std::size_t points = 0, lines = 0;
    for (const json& feature : map.at("features")) {
        const json& geometry = feature.at("geometry");
        points += geometry.at("type") == "Point" ? 1u : 0u;
        lines += geometry.at("type") == "LineString" ? 1u : 0u;
        if (feature.at("properties").at("kind") == "pop" && feature.at("properties").at("pop") == "a") {
            CHECK(geometry.at("coordinates")[0].get<double>() == doctest::Approx(8.7).epsilon(0.01)); // Frankfurt
            CHECK(geometry.at("coordinates")[1].get<double>() == doctest::Approx(50.1).epsilon(0.01));
        }
    }
    CHECK(points == 5);
    CHECK(lines == 2);
}

TEST_CASE("cli: catchment refuses questions that do not go together, and PoPs that do not exist") {
    const ScenarioFolder folder;
    struct Row {
        std::string arguments, sentence;
    };
    const Row rows[] = {
        {"--withdraw aa", "--withdraw: no PoP is called \"aa\"; did you mean \"a\"?"},
        {"--diff", "--diff compares with what --withdraw, --prepend or --at change; none is given"},
        {"--why one --sweep pairs", "--why and --sweep do not go together"},
        {"--sweep triples", "\"triples\" is none of singles, pairs"},
        {"--geojson --all-ases", "--geojson and --all-ases do not go together"},
    };
    for (const Row& row : rows) {
        CAPTURE(row.arguments);
        const Finished refused = folder.run("catchment three.fb.json " + row.arguments);
        CHECK(refused.code == 2);
        CHECK(refused.out.empty());
        CHECK_MESSAGE(contains(refused.err, row.sentence), refused.err);
    }
    folder.write("direct.fb.json", small_scenario());
    CHECK(contains(folder.run("catchment direct.fb.json --why mobile").err, "without a topology"));
    CHECK(contains(folder.run("catchment direct.fb.json --sweep singles").err, "needs a `topology`"));
}
