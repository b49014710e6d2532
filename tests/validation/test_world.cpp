/// tools/validate world: readers of the measurements, what is compared without them, and that the model stays where it
/// is.
#include "cli/program.hpp"
#include "validation/world.hpp"

#include <doctest/doctest.h>
#include <nlohmann/json.hpp>

#include <cmath>
#include <set>
#include <stdexcept>
#include <string>

using namespace firstbyte;
using namespace firstbyte::validate;

namespace {

const std::string city_header = "id,city,country,region,lat,lon,coord_source\n";
const std::string ping_header = "src,dst,rtt_min_ms,rtt_avg_ms,rtt_max_ms,mdev_ms\n";
const std::string atlas_header =
    "service,probe_id,probe_asn,probe_cc,site,site_cc,ping_min_ms,tr_rtt_ms,ip_hops,as_hops\n";
const std::string africa_header =
    "epoch,probe_id,probe_asn,probe_cc,lat,lon,pop,samples,rtt_min_ms,rtt_median_ms,km_to_"
    "pop,nearest_seen_pop,km_to_nearest_seen_pop\n";

template <class Call>
std::string error_of(Call call) {
    try {
        call();
    } catch (const std::runtime_error& error) {
        return error.what();
    }
    return {};
}

const Internet& internet() {
    static const Internet shipped;
    return shipped;
}

std::set<std::string> missed(const WorldPart& part) {
    std::set<std::string> names;
    for (const WorldFigure& figure : part.figures)
        if (!figure.met()) names.insert(figure.what);
    return names;
}

} // namespace

TEST_CASE("world: pings of both directions become one pair with the least, cities of unsure place are left out") {
    const Pings pings = parse_pings(city_header + "4,Oslo,Norway,Eurasia,59.9,10.7,upstream\n"
                                                  "7,Salem,United States,North America,44.9,-123.0,upstream\n"
                                                  "9,Rome,Italy,Eurasia,41.9,12.5,upstream\n",
                                    ping_header + "4,9,50.5,51,52,1\n9,4,49.5,50,51,1\n4,7,160,161,162,1\n", "pings");
    REQUIRE(pings.cities.size() == 2);
    CHECK(pings.cities[1].name == "Rome");
    CHECK(pings.cities[1].place == Place{41.9, 12.5});
    REQUIRE(pings.pairs.size() == 1);
    CHECK(pings.pairs[0].rtt_ms == 49.5);
    CHECK(pings.cities[pings.pairs[0].a].name != pings.cities[pings.pairs[0].b].name);
}

TEST_CASE("world: probes; a traceroute counts before pings, unknown numbers are unknown") {
    const auto probes = parse_atlas(atlas_header + "google,1,1136,GB,1.0.0.0/24,CH,27.0,26.89,10,2\n"
                                                   "opendns,2,3320,DE,208.69.33.0/24,DE,12,11.5,9,3\n"
                                                   "opendns,3,-1,FR,146.112.128.0/24,FR,7.5,,,-1\n"
                                                   "opendns,4,,SE,208.69.35.0/24,NL,,,,\n",
                                    "probes");
    REQUIRE(probes.size() == 3);
    CHECK(probes[0].asn == 3320);
    CHECK(probes[0].rtt_ms == 11.5);
    CHECK(probes[0].ases == 3);
    CHECK(probes[1].asn == 0);
    CHECK(probes[1].rtt_ms == 7.5);
    CHECK(probes[2].asn == 0);
    CHECK_FALSE(probes[2].rtt_ms.has_value());
    CHECK(probes[2].ases == -1);
    const auto africa = parse_africa(africa_header + "before,227,6083,ZA,-29.0,24.0,JNB,24,24.8,25.4,526,JNB,526\n"
                                                     "after,227,6083,ZA,-29.0,24.0,LHR,12,180,181.5,9000,LHR,9000\n",
                                     "africa");
    REQUIRE(africa.size() == 2);
    CHECK_FALSE(africa[0].after);
    CHECK(africa[1].after);
    CHECK(africa[1].pop == "LHR");
    CHECK(africa[1].rtt_ms == 181.5);
    CHECK(africa[1].samples == 12);
}

TEST_CASE("world: a damaged table is named with its line or its field") {
    CHECK(error_of([] { static_cast<void>(parse_pings(city_header + "1,Oslo,Norway\n", ping_header, "pings")); }) ==
          "pings, line 2: expected 7 fields, found 3");
    CHECK(error_of([] { static_cast<void>(parse_pings(city_header, ping_header + "1,2,3,4,5,6\n", "pings")); }) ==
          "pings: no city has the id 1");
    const std::string twice = "1,Oslo,Norway,Eurasia,59.9,10.7,upstream\n";
    CHECK(error_of([&] { static_cast<void>(parse_pings(city_header + twice + twice, ping_header, "pings")); }) ==
          "pings: two cities have the id 1");
    CHECK(error_of([] {
              static_cast<void>(parse_atlas(atlas_header + "opendns,2,x,DE,s,DE,12,11.5,9,3\n", "probes"));
          }) == "probes: \"x\" is not a number");
    CHECK(error_of([] {
              static_cast<void>(parse_africa(africa_header + "during,2,1,ZA,1,2,JNB,1,2,3,4,JNB,5\n", "africa"));
          }) == "africa: \"during\" is neither \"before\" nor \"after\"");
    CHECK(error_of([] {
              static_cast<void>(read_world_data("no/such/folder"));
          }).starts_with("the folder \"no/such/folder\" holds none of "));
}

TEST_CASE("world: quantiles by weight") {
    std::vector<std::pair<double, double>> values = {{3, 1}, {1, 2}, {2, 1}};
    CHECK(quantile(values, 0.5) == 1);
    CHECK(quantile(values, 0.75) == 2);
    CHECK(quantile(values, 1) == 3);
    std::vector<double> none;
    CHECK(std::isnan(quantile(none, 0.5)));
}

TEST_CASE("world: peers are added where they are present, more with a larger share, and never twice") {
    std::vector<Site> few = {{"Frankfurt", city("Frankfurt"), {}, {}}, {"Tokyo", city("Tokyo"), {}, {}}};
    std::vector<Site> many = few, country = few;
    add_city_peers(internet(), 0.1, few);
    add_city_peers(internet(), 0.4, many);
    add_country_peers(internet(), 0.1, country);
    CHECK(!few[0].peers.empty());
    for (std::size_t at = 0; at < 2; ++at) {
        const std::set<bgp::NodeIndex> in_few(few[at].peers.begin(), few[at].peers.end());
        const std::set<bgp::NodeIndex> in_many(many[at].peers.begin(), many[at].peers.end());
        const std::set<bgp::NodeIndex> around(country[at].peers.begin(), country[at].peers.end());
        CHECK(in_many.size() == many[at].peers.size());
        CHECK(std::includes(in_many.begin(), in_many.end(), in_few.begin(), in_few.end()));
        CHECK(around.size() >= in_few.size());
        CHECK(in_many.size() > in_few.size());
        for (const bgp::NodeIndex peer : in_few) CHECK(is_present(internet(), peer, few[at].place));
    }
}

TEST_CASE("world: without the reader's measurements their lines say so and are no failure") {
    for (const WorldPart& part :
         {compare_anycast(internet(), std::nullopt), compare_withdrawal(internet(), std::nullopt)}) {
        CAPTURE(part.id);
        CHECK(!part.figures.empty());
        CHECK(missed(part).empty());
        for (const WorldFigure& figure : part.figures) CHECK_FALSE(figure.simulated.has_value());
        CHECK(text_of({part}).find("needs --data") != std::string::npos);
        const auto json = nlohmann::json::parse(json_of({part}));
        CHECK(json["world"][0]["figures"][0]["simulated"].is_null());
        CHECK(json["world"][0]["figures"][0]["verdict"] == "needs --data");
    }
}

TEST_CASE("world: routes rest as fast as published, seconds after an announcement and minutes after a withdrawal") {
    const WorldPart part = compare_convergence(internet());
    CHECK(missed(part).empty());
    CHECK(markdown_of({part}).find("| met |") != std::string::npos);
}

TEST_CASE("world: without pings the shipped cities stand in, and medians over long distances hold") {
    const WorldPart part = compare_distances(internet(), std::nullopt);
    CHECK(part.figures.size() == 8);
    for (const WorldFigure& figure : part.figures) {
        CAPTURE(figure.what);
        REQUIRE(figure.simulated.has_value());
        CHECK(*figure.simulated > 0.75 * *figure.measured); // other cities than those of the pings
        CHECK(*figure.simulated < 1.35 * *figure.measured);
    }
}

TEST_CASE("firstbyte-validate world: bad arguments") {
    const test::Folder folder;
    const auto refused = folder.run_program(FIRSTBYTE_VALIDATE_PROGRAM, "world --write");
    CHECK(refused.code == 2);
    CHECK(refused.err.starts_with("error: --write records every comparison; it needs --data"));
    const auto missing = folder.run_program(FIRSTBYTE_VALIDATE_PROGRAM, "world --data nowhere");
    CHECK(missing.code == 1);
    CHECK(missing.err.starts_with("error: the folder \"nowhere\" holds none of "));
}
