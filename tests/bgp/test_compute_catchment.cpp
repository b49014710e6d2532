// From a scenario's values to who lands where: direct mode, links in the file, the built-in Internet, and faults.

#include "firstbyte/catchment.hpp"

#include "core/cities.hpp"
#include "run/routes.hpp"

#include <doctest/doctest.h>

#include <algorithm>
#include <chrono>
#include <functional>
#include <string>
#include <vector>

namespace firstbyte {
namespace {

using namespace std::chrono_literals;

Place at(const char* city) { return find_city(city).value(); }

Pop pop(const char* id) {
    Pop p;
    p.id = id;
    return p;
}

ClientGroup client(const char* id) {
    ClientGroup group;
    group.id = id;
    return group;
}

/// Section 16 of the scenario format: 64510 below 174, 64520 below both, a PoP in each.
Scenario two_carriers() {
    Scenario scenario;
    scenario.file = "two.fb.json";
    scenario.topology.kind = Topology::Kind::Links;
    scenario.topology.links = {{174, 64510}, {3356, 64501}, {174, 64520}, {3356, 64520}};
    scenario.topology.peers = {{174, 3356}};
    scenario.pops = {pop("fra"), pop("sin")};
    scenario.pops[0].asn = 64501;
    scenario.pops[1].upstreams = {174};
    scenario.pops[1].upstreams_listed = true;
    scenario.pops[1].prepend = 2;
    scenario.clients = {client("a"), client("b")};
    scenario.clients[0].asn = 64510;
    scenario.clients[1].asn = 64520;
    return scenario;
}

/// The scenario's only fault, as "code path".
std::string fault_of(const Scenario& scenario) {
    try {
        static_cast<void>(route(scenario, {}, nullptr));
    } catch (const ScenarioError& error) {
        REQUIRE(error.issues().size() == 1);
        CHECK(error.file() == scenario.file);
        CHECK_FALSE(error.issues()[0].message.empty());
        return error.issues()[0].code + " " + error.issues()[0].path;
    }
    return "none";
}

using Path = std::vector<AsNumber>;

} // namespace

TEST_CASE("catchment: without a topology the least rtt_to wins") {
    Scenario scenario;
    scenario.pops = {pop("fra"), pop("sin"), pop("iad")};
    scenario.clients = {client("eu"), client("tie")};
    scenario.clients[0].rtt_to = {{PopId{0}, 30ms}, {PopId{1}, 20ms}};
    scenario.clients[1].rtt_to = {{PopId{2}, 20ms}, {PopId{1}, 20ms}};
    scenario.origins.resize(1);
    scenario.origins[0].rtt_to = {{PopId{1}, 80ms}};
    const RoutedWorld world = route(scenario, {}, nullptr);
    CHECK(world.clients[0].pop == PopId{1});
    CHECK(world.clients[0].rtt == 20ms);
    CHECK(world.clients[0].asn == 0);
    CHECK(world.clients[0].decided_by == DecidedBy::RttTo);
    CHECK(world.clients[1].pop == PopId{1}); // the earlier of equals
    CHECK(world.pop_origin_rtt == std::vector<std::vector<Duration>>{{unknown_rtt}, {80ms}, {unknown_rtt}});
    CHECK(world.ases.empty());
}

TEST_CASE("catchment: links in the file, prepends, and the reason of each choice") {
    std::vector<Issue> warnings;
    const Catchment catchment = compute_catchment(two_carriers(), {true, {}}, &warnings);
    CHECK(catchment.pops == std::vector<std::string>{"fra", "sin"});
    CHECK(catchment.tie_break == "lowest_asn");
    REQUIRE(catchment.clients.size() == 2);
    CHECK(catchment.clients[0].pop == PopId{1});
    CHECK(catchment.clients[0].as_path == Path{174, 64500, 64500, 64500});
    CHECK(catchment.clients[0].decided_by == DecidedBy::OnlyRoute);
    CHECK(catchment.clients[1].pop == PopId{0}); // three copies of 64500 make the other one longer
    CHECK(catchment.clients[1].as_path == Path{3356, 64501});
    CHECK(catchment.clients[1].learned_from == LearnedFrom::Provider);
    CHECK(catchment.clients[1].decided_by == DecidedBy::PathLength);
    CHECK(catchment.clients[1].rtt == 2ms); // scenario-format section 14: 1 ms a hop without places
    CHECK(catchment.clients[1].via.empty());
    REQUIRE(warnings.size() == 1);
    CHECK(warnings[0].code == "W510");
    CHECK(warnings[0].severity == Issue::Severity::Warning);

    Path numbers;
    for (const AsCatchment& as : catchment.ases) numbers.push_back(as.asn);
    CHECK(numbers == Path{174, 3356, 64501, 64510, 64520});
    CHECK(catchment.ases[2].learned_from == LearnedFrom::Origin);
    CHECK(catchment.ases[2].as_path == Path{});
    CHECK(std::all_of(catchment.ases.begin(), catchment.ases.end(),
                      [](const AsCatchment& as) { return as.pop.has_value(); }));
}

TEST_CASE("catchment: places of client and PoP give the time, rtt_to overrides it") {
    Scenario scenario = two_carriers();
    scenario.pops[0].at = at("Frankfurt");
    scenario.pops[1].at = at("Singapore");
    scenario.clients[0].at = at("Frankfurt");
    scenario.clients[1].at = at("Paris");
    scenario.clients[1].rtt_to = {{PopId{0}, 9ms}};
    scenario.origins.resize(2);
    scenario.origins[0].at = at("Singapore");
    scenario.origins[1].rtt_to = {{PopId{0}, 5ms}};
    std::vector<Issue> warnings;
    const RoutedWorld world = route(scenario, {}, &warnings);
    CHECK(warnings.empty());
    // Some 10,260 km: 2 * 10260 / 200 * 1.4 = 143.6 ms of cable, two hand-overs of 0.3 ms and 0.2 ms.
    CHECK(to_ms(world.clients[0].rtt) == doctest::Approx(144.4).epsilon(0.005));
    CHECK(world.clients[0].via == std::vector<Place>{at("Frankfurt"), at("Singapore")});
    CHECK(world.clients[0].country == "DE");
    CHECK(world.clients[0].best_pop == PopId{0});
    CHECK(world.clients[0].best_rtt < 1ms);
    CHECK(world.clients[1].rtt == 9ms);
    CHECK(world.pop_origin_rtt[0][1] == 5ms);
    CHECK(world.pop_origin_rtt[1][1] == unknown_rtt);
    CHECK(to_ms(world.pop_origin_rtt[0][0]) == doctest::Approx(144.4).epsilon(0.005));
    CHECK(world.pop_origin_rtt[1][0] < 1ms);
}

TEST_CASE("catchment: what cannot be resolved is told by code and key") {
    struct Row {
        const char* fault;
        std::function<void(Scenario&)> change;
    };
    const Row rows[] = {
        {"none", [](Scenario&) {}},
        {"E310 clients[1].asn", [](Scenario& s) { s.clients[1].asn = 64599; }},
        {"E310 pops[1].upstreams[1]",
         [](Scenario& s) {
             s.pops[1].upstreams = {174, 64599};
         }},
        {"E310 pops[1].peers[0]", [](Scenario& s) { s.pops[1].peers = {64599}; }},
        {"E310 pops[1].only_to[0]",
         [](Scenario& s) {
             s.pops[1].only_to = {3356};
             s.pops[1].only_to_given = true;
         }},
        {"E310 pops[1].prepend_to.3356",
         [](Scenario& s) {
             s.pops[1].prepend_to = {{3356, 1}};
         }},
        {"E310 pops[1].no_export_to[0]", [](Scenario& s) { s.pops[1].no_export_to = {64599}; }},
        {"E501 clients[0]",
         [](Scenario& s) {
             s.clients[0].asn.reset();
             s.clients[0].at = Place{50, 8};
         }},
        {"E501 clients[0]", [](Scenario& s) { s.clients[0].asn.reset(); }},
        {"E502 origins",
         [](Scenario& s) {
             s.clients.pop_back();
             s.origins.resize(1);
             s.origins[0].at = Place{50, 8};
         }},
        {"E519 topology.links", [](Scenario& s) { s.topology.peers.emplace_back(174, 64510); }},
        {"E520 clients[0]", [](Scenario& s) { s.pops[1].no_export_to = {64510}; }},
        {"E308 topology.as_relationships.file",
         [](Scenario& s) {
             s.topology.kind = Topology::Kind::AsRelationships;
             s.topology.file = "no-such-file";
         }},
        {"E311 topology.as_relationships.file",
         [](Scenario& s) {
             s.topology.kind = Topology::Kind::AsRelationships;
             s.topology.file = FIRSTBYTE_SOURCE_DIR "/tests/conformance/bgp/not-relationships.txt";
         }},
    };
    for (const Row& row : rows) {
        CAPTURE(std::string(row.fault));
        Scenario scenario = two_carriers();
        row.change(scenario);
        CHECK(fault_of(scenario) == row.fault);
    }
}

TEST_CASE("catchment: a PoP's AS that no link names announces to nobody, with a warning that can be silenced") {
    Scenario scenario = two_carriers();
    scenario.pops[0].asn = 64599;
    std::vector<Issue> warnings;
    const Catchment catchment = compute_catchment(scenario, {true, {}}, &warnings);
    const auto unlinked = [&warnings] {
        return std::find_if(warnings.begin(), warnings.end(), [](const Issue& issue) { return issue.code == "W513"; });
    };
    REQUIRE(unlinked() != warnings.end());
    CHECK(unlinked()->path == "pops[0].asn");
    const auto own = std::find_if(catchment.ases.begin(), catchment.ases.end(),
                                  [](const AsCatchment& as) { return as.asn == 64599; });
    REQUIRE(own != catchment.ases.end());
    CHECK(own->learned_from == LearnedFrom::Origin);
    CHECK(own->pop == PopId{0});
    scenario.allow = {"W513"};
    warnings.clear();
    static_cast<void>(compute_catchment(scenario, {true, {}}, &warnings));
    CHECK(unlinked() == warnings.end());
}

TEST_CASE("catchment: a client without a route has no PoP, and only the packet world refuses it") {
    Scenario scenario = two_carriers();
    scenario.pops[1].no_export_to = {64510};
    const Catchment catchment = compute_catchment(scenario);
    CHECK_FALSE(catchment.clients[0].pop.has_value());
    CHECK(catchment.clients[1].pop.has_value());
}

TEST_CASE("catchment: warnings for shared ASes and cycles of providers") {
    const auto code = [](const Scenario& scenario) {
        std::vector<Issue> warnings;
        static_cast<void>(compute_catchment(scenario, {false, {}}, &warnings));
        std::erase_if(warnings, [](const Issue& issue) { return issue.code == "W510"; });
        REQUIRE(warnings.size() == 1);
        return warnings[0].code + " " + warnings[0].path;
    };
    Scenario shared = two_carriers();
    shared.pops[1].asn = 64501;
    CHECK(code(shared) == "W511 pops[1].asn");
    Scenario cyclic = two_carriers();
    cyclic.topology.links.insert(cyclic.topology.links.end(), {{64510, 64530}, {64530, 64540}, {64540, 64510}});
    CHECK(code(cyclic) == "W512 topology.links");
}

TEST_CASE("catchment: the built-in Internet, clients placed by city alone") {
    Scenario scenario;
    scenario.topology.kind = Topology::Kind::AsRelationships;
    scenario.topology.builtin_internet = true;
    const char* const cities[] = {"Frankfurt", "Washington", "Singapore"};
    for (const char* city : cities) {
        scenario.pops.push_back(pop(city));
        scenario.pops.back().at = at(city);
        scenario.pops.back().upstream_count = 2;
        scenario.clients.push_back(client(city));
        scenario.clients.back().at = at(city);
    }
    scenario.clients.push_back(client("google"));
    scenario.clients.back().asn = 15169;
    const Catchment catchment = compute_catchment(scenario, {true, {}});
    CHECK(catchment.ases.size() == 61'164);
    for (std::uint32_t index = 0; index < catchment.clients.size(); ++index) {
        const ClientCatchment& found = catchment.clients[index];
        CAPTURE(found.client);
        REQUIRE(found.pop.has_value());
        CHECK(found.asn != 0);
        CHECK(found.as_path.back() == 64500);
        CHECK(found.rtt >= found.best_rtt); // no path is shorter than the great circle to the nearest PoP
        CHECK(found.rtt < 500ms);
        REQUIRE_FALSE(found.via.empty());
        CHECK(found.via.back() == *scenario.pops[found.pop->value].at);
        if (index < 3) CHECK(found.best_pop == PopId{index});
    }
    CHECK(catchment.clients[0].country == "DE");
    CHECK(catchment.clients[3].country == "US");
    // The second of two equal calls gives the same answer.
    const Catchment again = compute_catchment(scenario, {true, {}});
    for (std::size_t as = 0; as < again.ases.size(); ++as)
        REQUIRE(again.ases[as].as_path == catchment.ases[as].as_path);
}

} // namespace firstbyte
