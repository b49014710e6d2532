// Clients of the world: one group of the file becomes one per country or AS.

#include "run/world_clients.hpp"

#include "bgp/synthetic.hpp"
#include "firstbyte/catchment.hpp"
#include "firstbyte/simulate.hpp"
#include "firstbyte/world.hpp"
#include "support/temporary_file.hpp"

#include <doctest/doctest.h>

#include <algorithm>
#include <map>
#include <numeric>
#include <set>
#include <string>
#include <vector>

namespace firstbyte {
namespace {

const std::string head = R"({ "format": 1, "name": "world", "run": { "duration": "2s", "replications": 1, "seed": 1 },
  "topology": { "synthetic": { "ases": 1000, "seed": 3 } },
  "pops": [ { "id": "fra", "at": "Frankfurt", "upstreams": 2 }, { "id": "sin", "at": "Singapore", "upstreams": 2 } ],
  "origins": [ { "id": "web", "at": "Amsterdam", "service_time": "20ms" } ], "allow": ["W501"],
)";

Scenario world_scenario(const std::string& clients, const std::string& more = "") {
    return load_scenario(head + "  \"clients\": [ " + clients + " ]" + more + " }", "-");
}

const std::string one_line = R"({ "id": "world", "world": { "sessions": "200/s" } })";

struct Expanded {
    Scenario scenario;
    std::vector<std::string> codes; ///< of errors, then of warnings
};

Expanded expanded(const Scenario& scenario) {
    std::vector<Issue> errors, warnings;
    const AsTopology topology = load_topology(scenario, errors, warnings);
    Expanded out{expand_world(scenario, topology, errors, warnings), {}};
    for (const auto* list : {&errors, &warnings})
        for (const Issue& issue : *list) out.codes.push_back(issue.code + " " + issue.path);
    return out;
}

double sessions_of(const Scenario& scenario) {
    return std::accumulate(scenario.clients.begin(), scenario.clients.end(), 0.0,
                           [](double sum, const ClientGroup& group) { return sum + group.sessions.per_sec; });
}

const ClientGroup& called(const Scenario& scenario, const std::string& id) {
    const auto at = std::find_if(scenario.clients.begin(), scenario.clients.end(),
                                 [&](const ClientGroup& group) { return group.id == id; });
    REQUIRE_MESSAGE(at != scenario.clients.end(), id);
    return *at;
}

/// Countries and users of a made-up Internet, by country.
std::map<std::string, double> users_by_country(std::uint32_t ases, std::uint64_t seed) {
    std::map<std::string, double> users;
    const bgp::SyntheticInternet internet = bgp::make_internet(bgp::internet_shape(ases), seed);
    for (const bgp::AsPlace& as : internet.places.all())
        if (as.users > 0) users[as.country] += as.users;
    return users;
}

} // namespace

TEST_CASE("world: one line makes one group per country, each with its share of sessions and clients") {
    const Expanded out = expanded(world_scenario(one_line));
    CHECK(out.codes.empty());
    const std::map<std::string, double> users = users_by_country(1000, 3);
    const double total = std::accumulate(users.begin(), users.end(), 0.0,
                                         [](double sum, const auto& country) { return sum + country.second; });
    CHECK(out.scenario.clients.size() == users.size());
    for (const auto& entry : users) {
        const std::string& country = entry.first;
        const double count = entry.second;
        const ClientGroup& group = called(out.scenario, "world-" + country);
        CHECK(group.country == country);
        CHECK_FALSE(group.region.empty());
        CHECK(group.world_id == "world");
        CHECK(group.asn);
        CHECK(group.sessions.per_sec == doctest::Approx(200 * count / total));
        CHECK(std::abs(group.population - std::max(1.0, 100'000 * count / total)) <= 1); // the default of the world's
    }
    CHECK(sessions_of(out.scenario) == doctest::Approx(200));
    CHECK(std::is_sorted(
        out.scenario.clients.begin(), out.scenario.clients.end(),
        [](const ClientGroup& a, const ClientGroup& b) { return a.sessions.per_sec > b.sessions.per_sec; }));
}

TEST_CASE("world: per AS the largest have groups of their own and take the users of their country's others") {
    const std::string group = R"({ "id": "w", "region": "all", "population": 1000,
      "world": { "sessions": "100/s", "per": "as", "top": 20 }, "access": { "delay": "7ms" }, "tfo": { "support": 0.5 } })";
    const Expanded out = expanded(world_scenario(group));
    CHECK(out.codes.empty());
    const std::map<std::string, double> users = users_by_country(1000, 3);
    CHECK(out.scenario.clients.size() >= users.size());
    CHECK(out.scenario.clients.size() <= users.size() + 20);
    CHECK(sessions_of(out.scenario) == doctest::Approx(100));
    std::map<std::string, double> sessions;
    for (const ClientGroup& part : out.scenario.clients) {
        CHECK(part.id == "w-AS" + std::to_string(part.asn.value_or(0)));
        CHECK(part.region == "all");
        CHECK(part.access.delay.a == 7e6);
        CHECK(part.tfo_support == 0.5);
        CHECK(part.population >= 1);
        sessions[part.country] += part.sessions.per_sec;
    }
    const double total = std::accumulate(users.begin(), users.end(), 0.0,
                                         [](double sum, const auto& country) { return sum + country.second; });
    for (const auto& entry : users) CHECK(sessions[entry.first] == doctest::Approx(100 * entry.second / total));

    const Expanded all = expanded(world_scenario(R"({ "id": "w", "world": { "sessions": "100/s", "per": "as" } })"));
    CHECK(all.scenario.clients.size() > 500); // the AS of a made-up country mostly has users
}

TEST_CASE("world: a file of users replaces the estimates, also for links in the file that have no users") {
    const test::TemporaryFile users("asn,cc,users\n2,DE,600\n3,DE,200\n4,FR,100\n2,FR,50\n77,DE,50\n");
    const std::string text = R"({ "format": 1, "name": "links", "run": { "duration": "2s", "replications": 1 },
      "topology": { "links": [[1, 2], [1, 3], [1, 4]] }, "pops": [ { "id": "a", "upstreams": [1] } ],
      "origins": [ { "id": "web", "rtt_to": { "a": "1ms" }, "service_time": "1ms" } ],
      "clients": [ { "id": "u", "population": 1000, "world": { "sessions": "10/s", "users": ")" +
                             users.path() + R"(", "per": "PER" } } ] })";
    const auto with = [&](const char* per) {
        std::string changed = text;
        changed.replace(changed.find("PER"), 3, per);
        return expanded(load_scenario(changed, "-"));
    };
    const Expanded countries = with("country");
    CHECK(countries.codes.empty());
    REQUIRE(countries.scenario.clients.size() == 2);
    CHECK(countries.scenario.clients[0].id == "u-DE");
    CHECK(countries.scenario.clients[0].asn == AsNumber{2});
    CHECK(countries.scenario.clients[0].population == 850); // AS77 is not in the topology, its users are Germans still
    CHECK(countries.scenario.clients[1].id == "u-FR");
    CHECK(countries.scenario.clients[1].asn == AsNumber{4});
    CHECK(countries.scenario.clients[1].population == 150);
    const Expanded systems = with("as");
    REQUIRE(systems.scenario.clients.size() == 3);
    CHECK(systems.scenario.clients[0].id == "u-AS2");
    CHECK(systems.scenario.clients[0].country == "DE");
    CHECK(systems.scenario.clients[0].population == 700); // 600 Germans, 50 Frenchmen, and those of AS77
    CHECK(called(systems.scenario, "u-AS3").population == 200);
    CHECK(called(systems.scenario, "u-AS4").population == 100);
}

TEST_CASE("world: users of an AS that reaches no PoP go to the largest of their country that does") {
    const test::TemporaryFile users("asn,cc,users\n2,DE,100\n3,DE,600\n4,FR,300\n");
    // 3 is only a peer of 2's customer 4, and a peer's peer hears nothing; 1 sells to 2 and to the PoP.
    const Scenario scenario =
        load_scenario(R"({ "format": 1, "name": "x", "run": { "duration": "2s", "replications": 1 },
      "topology": { "links": [[1, 2], [2, 4]], "peers": [[3, 4]] }, "pops": [ { "id": "a", "upstreams": [1] } ],
      "origins": [ { "id": "web", "rtt_to": { "a": "1ms" }, "service_time": "1ms" } ],
      "clients": [ { "id": "u", "population": 1000, "world": { "per": "as", "sessions": "10/s", "users": ")" +
                          users.path() + R"(" } } ] })",
                      "-");
    const Expanded out = expanded(scenario);
    CHECK(out.codes.empty());
    REQUIRE(out.scenario.clients.size() == 2);
    CHECK(out.scenario.clients[0].id == "u-AS2");
    CHECK(out.scenario.clients[0].population == 700);
    CHECK(out.scenario.clients[1].id == "u-AS4");
}

TEST_CASE("world: what is wrong has a code of its own") {
    const test::TemporaryFile torn("asn,users\n2,5\n3\n"), empty("asn,users\n"),
        elsewhere("asn,cc,users\n1,DE,5\n99,FR,95\n");
    const auto codes = [&](const std::string& users, const std::string& more = "") {
        const std::string text = R"({ "format": 1, "name": "x", "run": { "duration": "2s", "replications": 1 },
          "topology": { "links": [[1, 2]] }, "pops": [ { "id": "a", "upstreams": [1] } ],
          "origins": [ { "id": "web", "rtt_to": { "a": "1ms" }, "service_time": "1ms" } ],
          "clients": [ { "id": "u", "world": { "sessions": "10/s" )" +
                                 users + " } }" + more + " ] }";
        return expanded(load_scenario(text, "-")).codes;
    };
    using Codes = std::vector<std::string>;
    const auto file = [](const test::TemporaryFile& users) { return ", \"users\": \"" + users.path() + "\""; };
    CHECK(codes("") == Codes{"E533 clients[0].world"});
    CHECK(codes(file(empty)) == Codes{"E533 clients[0].world"});
    CHECK(codes(file(torn)) == Codes{"E332 clients[0].world.users"});
    CHECK(codes(file(elsewhere)) == Codes{"W532 clients[0].world.users"});
    const std::string twin = R"(, { "id": "u-DE", "asn": 2, "sessions": "1/s" })";
    const test::TemporaryFile german("asn,cc,users\n2,DE,5\n");
    CHECK(codes(file(german), twin) == Codes{"E531 clients"});
}

TEST_CASE("world: events that name the group concern all its parts, and others keep theirs") {
    const std::string lab =
        R"({ "id": "lab", "asn": 1, "sessions": "1/s", "path_rules": [ { "do": "drop", "match": "fin" } ] })";
    const std::string events = R"(, "events": [ { "at": "1s", "do": "clear_path_rules", "clients": "world" },
      { "at": "1s", "do": "clear_path_rules", "clients": "lab" }, { "at": "1s", "do": "clear_path_rules" } ])";
    const Expanded out = expanded(world_scenario(one_line + ", " + lab, events));
    const std::size_t parts = out.scenario.clients.size() - 1;
    CHECK(out.scenario.clients.back().id == "lab");
    REQUIRE(out.scenario.events.size() == parts + 2);
    for (std::size_t part = 0; part < parts; ++part) CHECK(out.scenario.events[part].group == part);
    CHECK(out.scenario.events[parts].group == parts);
    CHECK_FALSE(out.scenario.events[parts + 1].group);
}

TEST_CASE("world: catchments and simulations have the parts, and thresholds find them by the name of the whole") {
    const Scenario scenario = world_scenario(
        one_line, R"(, "thresholds": [ "count(ttfb{client=world}) > 300", "count(ttfb{client=world-IN}) > 0",
                        "count(ttfb{country=IN}) > 0", "count(ttfb{region=south_asia}) > 0" ])");
    std::vector<Issue> warnings;
    const Catchment catchment = compute_catchment(scenario, {false, {}}, &warnings);
    CHECK(warnings.empty());
    CHECK(catchment.clients.size() > 50);
    CHECK(std::all_of(catchment.clients.begin(), catchment.clients.end(),
                      [](const ClientCatchment& client) { return client.pop && !client.via.empty(); }));
    const World world = build_world(scenario);
    const Results results = simulate(world, {});
    CHECK(results.groups.size() == catchment.clients.size());
    CHECK(results.groups[0].client == catchment.clients[0].client);
    CHECK(results.groups[0].world == "world");
}

} // namespace firstbyte
