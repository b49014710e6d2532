// Topologies of every form on their way into routes, peering of the CDN, and graphs without a scenario.

#include "run/topology.hpp"

#include "core/cities.hpp"
#include "firstbyte/catchment.hpp"
#include "firstbyte/report.hpp"
#include "firstbyte/topology.hpp"
#include "support/temporary_file.hpp"

#include <doctest/doctest.h>

#include <nlohmann/json.hpp>

#include <algorithm>
#include <optional>
#include <string>
#include <vector>

namespace firstbyte {
namespace {

Scenario routing(const std::string& topology, const std::string& more = "") {
    return load_scenario(R"({ "format": 1, "name": "t", "topology": )" + topology + more + " }", "-", {},
                         Purpose::RoutingOnly);
}

std::vector<std::string> codes_of(const std::vector<Issue>& issues) {
    std::vector<std::string> codes;
    for (const Issue& issue : issues) codes.push_back(issue.code + " " + issue.path);
    return codes;
}

std::vector<std::string> warnings_of(const Scenario& scenario) {
    std::vector<Issue> warnings;
    static_cast<void>(compute_catchment(scenario, {false, {}}, &warnings));
    return codes_of(warnings);
}

std::vector<std::string> errors_of(const Scenario& scenario) {
    try {
        static_cast<void>(compute_catchment(scenario));
    } catch (const ScenarioError& error) {
        return codes_of(error.issues());
    }
    return {};
}

using Codes = std::vector<std::string>;

const std::string two_pops = R"(, "pops": [ { "id": "fra", "at": "Frankfurt", "upstreams": 2 },
    { "id": "nyc", "at": "New York", "upstreams": 2 } ])";

} // namespace

TEST_CASE("topology: a made-up Internet reaches every AS, and its places give every client a way") {
    const Scenario scenario = routing(R"({ "synthetic": { "ases": 800, "seed": 5 } })",
                                      two_pops + R"(, "clients": [ { "id": "paris", "at": "Paris" } ])");
    std::vector<Issue> warnings;
    const Catchment catchment = compute_catchment(scenario, {true, {}}, &warnings);
    CHECK(warnings.empty());
    CHECK(catchment.ases.size() == 800);
    CHECK(std::all_of(catchment.ases.begin(), catchment.ases.end(), [](const AsCatchment& as) { return as.pop; }));
    REQUIRE(catchment.clients.size() == 1);
    CHECK(catchment.clients[0].via.size() >= 2);
    CHECK(catchment.clients[0].country == "FR");
}

TEST_CASE("topology: GraphML gives links and places, and its faults have file, line and code") {
    const test::TemporaryFile graph(R"(<graphml>
      <key id="asn" attr.name="asn" for="node"/><key id="cc" attr.name="country" for="node"/>
      <key id="rel" attr.name="relation" for="edge"/>
      <graph edgedefault="undirected">
        <node id="1"><data key="cc">US</data></node><node id="2"><data key="cc">DE</data></node><node id="3"/>
        <edge source="1" target="2"><data key="rel">p2c</data></edge>
        <edge source="1" target="3"><data key="rel">p2c</data></edge>
      </graph></graphml>)",
                                    ".graphml");
    const auto with = [](const test::TemporaryFile& file) {
        return routing(
            R"({ "graph": ")" + file.path() + R"(" })",
            R"(, "pops": [ { "id": "a", "asn": 3, "at": "Paris" } ], "clients": [ { "id": "c", "asn": 2 } ])");
    };
    const Catchment catchment = compute_catchment(with(graph));
    REQUIRE(catchment.clients.size() == 1);
    CHECK(catchment.clients[0].as_path == std::vector<AsNumber>{1, 3});
    CHECK(catchment.clients[0].country == "DE");
    CHECK(catchment.clients[0].via.size() >= 2);

    const test::TemporaryFile torn("<graphml>\n<graph>\n</graphml>\n");
    CHECK(errors_of(with(torn)) == Codes{"E331 topology.graph.file"});
    const test::TemporaryFile twice(
        "<graphml><key id='r' attr.name='rel' for='edge'/><graph><node id='2'/><node id='3'/>"
        "<edge source='2' target='3'><data key='r'>0</data></edge>"
        "<edge source='3' target='2'><data key='r'>-1</data></edge></graph></graphml>");
    CHECK(errors_of(with(twice)) == Codes{"E519 topology.graph.file"});
}

TEST_CASE("topology: a PoP that nobody hears is a warning of its own") {
    const std::string links = R"({ "links": [[1, 2], [1, 3]], "peers": [[1, 64500]] })";
    const auto with = [&](const std::string& pop) {
        return routing(links, R"(, "pops": [ { "id": "good", "upstreams": [1] }, )" + pop + " ]");
    };
    CHECK(warnings_of(with(R"({ "id": "fine", "upstreams": [2] })")).empty());
    CHECK(warnings_of(with(R"({ "id": "silent", "upstreams": [] })")) == Codes{"W530 pops[1]"});
    CHECK(warnings_of(with(R"({ "id": "shy", "upstreams": [2], "only_to": [] })")) == Codes{"W530 pops[1]"});
    CHECK(warnings_of(with(R"({ "id": "own", "upstreams": [64500] })")) == Codes{"W530 pops[1]"}); // its own number
    CHECK(warnings_of(with(R"({ "id": "alone", "asn": 9 })")) == Codes{"W513 pops[1].asn"});       // told once
}

TEST_CASE("topology: peering adds neighbours of each PoP that the graph misses, each once") {
    const std::string topology = R"({ "synthetic": { "ases": 3000 } })";
    const std::string peering = R"(, "anycast": { "peering": "hyperscaler" })";
    const std::string pops = R"(, "pops": [ { "id": "del", "at": "Delhi", "upstreams": 3 }, { "id": "own", "asn": 20 },
      { "id": "nowhere", "upstreams": [1] } ])";
    const Scenario plain = routing(topology, pops), peered = routing(topology, pops + peering);
    std::vector<Issue> errors, warnings;
    const AsTopology loaded = load_topology(peered, errors, warnings);
    const auto before = announcements_of(plain, loaded, errors, warnings);
    CHECK(warnings.empty());
    const auto after = announcements_of(peered, loaded, errors, warnings);
    CHECK(errors.empty());
    CHECK(codes_of(warnings) == Codes{"W533 pops[1]"}); // "nowhere" is where its upstream is
    CHECK(before[0].peers.empty());
    CHECK(after[0].peers.size() > 50);
    CHECK(after[0].providers == before[0].providers);
    std::vector<bgp::NodeIndex> all = after[0].providers;
    all.insert(all.end(), after[0].peers.begin(), after[0].peers.end());
    std::sort(all.begin(), all.end());
    CHECK(std::adjacent_find(all.begin(), all.end()) == all.end());
    CHECK(after[1].peers.empty());

    // Users of a country with a PoP reach it directly as often as was asked for.
    const Catchment catchment =
        compute_catchment(routing(topology, R"(, "pops": [ { "id": "del", "at": "Delhi" } ])" + peering), {true, {}});
    double direct = 0, present = 0;
    for (const AsCatchment& as : catchment.ases) {
        const bgp::AsPlace* place = loaded.places->find(as.asn);
        if (place == nullptr || place->country != "IN") continue;
        present += 1;
        direct += as.as_path.size() == 1 ? 1 : 0;
    }
    CHECK(direct / present == doctest::Approx(0.37).epsilon(0.15));
}

TEST_CASE("graphs without a scenario: what is made can be read, and is measured the same packed and plain") {
    const std::string text = generate_topology(400, 9);
    CHECK(text == generate_topology(400, 9));
    CHECK(text.rfind("# Made-up Internet of 400 ASes", 0) == 0);
    CHECK(text.find("firstbyte topo generate --ases 400 --seed 9") != std::string::npos);
    CHECK(packed_for("a.txt", text) == text);
    CHECK(packed_for("a.gz", text).size() < text.size() / 2);
    std::optional<std::string> first;
    for (const char* suffix : {".txt", ".txt.gz", ".txt.xz"}) {
        const test::TemporaryFile file(packed_for(suffix, text), suffix);
        const TopologyStatistics found = topology_statistics(file.path(), 50);
        CHECK(found.ases == 400);
        CHECK(found.destinations == 50);
        CHECK(found.pairs == 50 * 399);
        CHECK(found.provider_cycle.empty());
        const std::string printed = topology_text(found) + topology_json(found);
        if (!first) first = printed;
        CHECK(printed == *first);
    }
}

TEST_CASE("graphs without a scenario: statistics of the built-in Internet are those that were published with it") {
    const TopologyStatistics found = topology_statistics("builtin:internet-2018", 0);
    CHECK(found.ases == 61'164);
    CHECK(found.provider_customer_links == 124'420);
    CHECK(found.peer_links == 165'202);
    CHECK(found.stubs == 51'852);
    CHECK(found.transit == 9'312);
    CHECK(found.clique ==
          std::vector<AsNumber>{174, 209, 286, 1239, 1299, 2828, 2914, 3257, 3320, 3356, 4436, 5511, 6453, 6762, 7018});
    CHECK(found.largest_cones.front() == std::pair<AsNumber, std::size_t>{1299, 52'350});
    CHECK(found.degree_tail_10.value_or(0) == doctest::Approx(1.83).epsilon(0.005));
    CHECK(found.degree_tail_50.value_or(0) == doctest::Approx(2.17).epsilon(0.005));
    CHECK(found.customers_100 == 170);
    CHECK(found.largest_degrees.front() == 7231);
    CHECK(found.longest_provider_chain == 41);
    CHECK(found.destinations == 0);
    const auto json = nlohmann::json::parse(topology_json(found));
    CHECK(json.at("links").at("peers") == 165'202);
    CHECK(json.at("paths").is_null());
}

TEST_CASE("graphs without a scenario: a small graph by hand") {
    // 1 and 2 are the clique, 3 buys from both, 4 and 5 from 3, 5 peers with 6, which buys from 2; 7 and 8 are apart.
    const test::TemporaryFile file("1|2|0\n1|3|-1\n2|3|-1\n3|4|-1\n3|5|-1\n5|6|0\n2|6|-1\n7|8|0\n");
    const TopologyStatistics found = topology_statistics(file.path(), 100);
    CHECK(found.ases == 8);
    CHECK(found.components == 2);
    CHECK(found.degree_mean == 2);
    CHECK(found.stubs == 5);
    CHECK(found.stubs_with_peers == 4);
    CHECK(found.without_peers == 2);
    CHECK(found.stubs_by_providers == std::array<std::size_t, 6>{2, 3, 0, 0, 0, 0});
    CHECK(found.provider_free == std::vector<AsNumber>{1, 2});
    CHECK(found.clique == std::vector<AsNumber>{1, 2});
    CHECK(found.longest_provider_chain == 3);
    CHECK(found.largest_cones.front() == std::pair<AsNumber, std::size_t>{2, 5});
    CHECK(found.destinations == 8);
    CHECK(found.pairs == 6 * 5 + 2); // all but those between the two parts
    CHECK(found.unreachable == 8 * 7 - 32);
    CHECK_FALSE(found.degree_tail_10);
    const test::TemporaryFile ring("1|2|-1\n2|3|-1\n3|1|-1\n3|4|-1\n");
    CHECK(topology_statistics(ring.path(), 1).provider_cycle.size() == 3);
    CHECK_THROWS_AS(static_cast<void>(topology_statistics("/nowhere/as-rel.txt", 1)), std::runtime_error);
    const test::TemporaryFile torn("1|2|-1\n1|\n");
    CHECK_THROWS_AS(static_cast<void>(topology_statistics(torn.path(), 1)), ScenarioError);
    const test::TemporaryFile empty("");
    CHECK_THROWS_AS(static_cast<void>(topology_statistics(empty.path(), 5)), std::runtime_error);
}

} // namespace firstbyte
