// Where packets go when an AS has several equally good routes: semantics 6.1 step 6 (lowest IGP metric to the next
// hop), with the geographic distance between where traffic enters an AS and where it leaves as the metric.

#include "bgp/forwarding.hpp"

#include "core/cities.hpp"

#include <doctest/doctest.h>

#include <map>
#include <string>
#include <vector>

namespace firstbyte::bgp {
namespace {

Place city(const char* name) { return find_city(name).value(); }

std::string id_of(const char* name) {
    const Place place = city(name);
    for (const City& candidate : cities())
        if (candidate.place == place) return std::to_string(candidate.geoname_id);
    return "";
}

/// A carrier in three continents, sites in London and Tokyo that buy from it, and customers of one city each.
struct World {
    AsGraph graph{AsLinks{{{100, 1}, {100, 2}, {100, 3}, {200, 3}, {200, 4}}, {{100, 200}}}};
    Places places{"asn,country,kind,users,cities\n1,GB,isp,1," + id_of("London") + "\n2,JP,isp,1," + id_of("Tokyo") +
                  "\n3,US,isp,1," + id_of("New York") + "\n4,DE,isp,1," + id_of("Frankfurt") + "\n100,GB,isp,0," +
                  id_of("London") + ";" + id_of("New York") + ";" + id_of("Tokyo") + "\n200,DE,isp,0," +
                  id_of("Frankfurt") + ";" + id_of("London") + ";" + id_of("New York") + "\n"};
    std::vector<Announcement> announcements;
    std::vector<std::optional<Place>> ends;

    NodeIndex node(AsNumber number) const { return graph.find(number).value(); }

    void site(const char* where, AsNumber upstream) {
        Announcement from;
        from.asn = 64500;
        from.providers = {node(upstream)};
        announcements.push_back(from);
        ends.push_back(city(where));
    }

    Journey follow(AsNumber from, bool nearest_exit) const {
        const Routes routes(graph, announcements);
        const ConvergedState state(routes);
        Forwarding forwarding(graph, places, {{&state, ends}}, nearest_exit);
        return forwarding.follow(node(from), places.home(from));
    }
};

/// Fixed routes of a moment.
class Given final : public ForwardingState {
public:
    std::map<NodeIndex, Offer> offers;
    [[nodiscard]] Entry look_up(NodeIndex node, std::vector<Offer>& tied) const override {
        tied.clear();
        Entry entry;
        const auto found = offers.find(node);
        entry.reached = found != offers.end();
        if (entry.reached) tied.push_back(found->second);
        return entry;
    }
};

} // namespace

TEST_CASE("forwarding: an AS in several cities sends each customer's traffic to the site nearest to where it enters") {
    World world;
    world.site("London", 100);
    world.site("Tokyo", 100);
    CHECK(world.follow(1, true).announcement == 0);
    CHECK(world.follow(2, true).announcement == 1);
    CHECK(world.follow(2, true).tie);
    // Without hot potato one choice serves the whole AS.
    CHECK(world.follow(1, false).announcement == world.follow(2, false).announcement);
}

TEST_CASE("forwarding: distance decides only among routes of equal preference and length") {
    World world;
    world.site("Tokyo", 100);
    world.site("London", 200); // a peer's route at AS100, who has a customer's
    const Journey journey = world.follow(1, true);
    CHECK(journey.announcement == 0);
    CHECK_FALSE(journey.tie);
    CHECK(world.follow(4, true).announcement == 1); // AS200 has a customer of its own
}

TEST_CASE("forwarding: a customer of two carriers leaves by the nearer one, and the next AS chooses from there") {
    World world;
    world.site("New York", 100);
    world.site("Frankfurt", 200);
    const Journey journey = world.follow(3, true); // in New York; both carriers are there, AS100's site too
    REQUIRE(journey.end == Journey::End::Arrived);
    CHECK(journey.at_site);
    CHECK(journey.announcement == 0);
    CHECK(journey.passed == std::vector<NodeIndex>{world.node(3), world.node(100)});
    CHECK(journey.enters.back() == city("New York"));
}

TEST_CASE("forwarding: the longest match wins at every AS before any other step (RFC 1812 section 5.2.4.3)") {
    World world;
    world.site("London", 100);
    world.site("Tokyo", 100);
    const std::vector<Announcement> specific{world.announcements[1]};
    const std::vector<std::optional<Place>> specific_ends{world.ends[1]};
    const Routes covering_routes(world.graph, world.announcements), specific_routes(world.graph, specific);
    const ConvergedState covering(covering_routes), longer(specific_routes);
    Forwarding forwarding(world.graph, world.places, {{&longer, specific_ends}, {&covering, world.ends}}, true);
    const Journey journey = forwarding.follow(world.node(1), city("London"));
    CHECK(journey.prefix == 0);
    CHECK(specific_ends[journey.announcement] == city("Tokyo"));
    // Where nobody has the longer prefix the shorter one is used.
    const Given nowhere;
    Forwarding fallback(world.graph, world.places, {{&nowhere, specific_ends}, {&covering, world.ends}}, true);
    CHECK(fallback.follow(world.node(1), city("London")).prefix == 1);
    CHECK(world.ends[fallback.follow(world.node(1), city("London")).announcement] == city("London"));
}

TEST_CASE("forwarding: routes in motion may lead into a black hole or in a circle") {
    World world;
    world.site("London", 100);
    Given state;
    state.offers[world.node(1)] = {world.node(100), 0};
    Forwarding hole(world.graph, world.places, {{&state, world.ends}}, false);
    CHECK(hole.follow(world.node(1), std::nullopt).end == Journey::End::NoRoute);
    state.offers[world.node(100)] = {world.node(200), 0};
    state.offers[world.node(200)] = {world.node(100), 0};
    Forwarding circle(world.graph, world.places, {{&state, world.ends}}, false);
    const Journey journey = circle.follow(world.node(1), std::nullopt);
    CHECK(journey.end == Journey::End::Loop);
    CHECK(journey.passed.size() == 4); // 1, 100, 200, and 100 again
}

} // namespace firstbyte::bgp
