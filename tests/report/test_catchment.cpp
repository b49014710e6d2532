#include "firstbyte/report.hpp"

#include <doctest/doctest.h>
#include <nlohmann/json.hpp>

#include <chrono>
#include <string>

using namespace firstbyte;
using namespace std::chrono_literals;
using nlohmann::json;

namespace {

ClientCatchment client(const char* name, double sessions, std::optional<PopId> pop, Duration rtt, PopId best,
                       Duration best_rtt, std::vector<AsNumber> path, DecidedBy decided_by) {
    ClientCatchment out;
    out.client = name;
    out.asn = 64501;
    out.population = 10;
    out.sessions_per_sec = sessions;
    out.pop = pop;
    out.rtt = rtt;
    out.best_pop = best;
    out.best_rtt = best_rtt;
    out.as_path = std::move(path);
    out.learned_from = LearnedFrom::Provider;
    out.decided_by = decided_by;
    return out;
}

Catchment three_clients() {
    Catchment out;
    out.pops = {"fra", "sin"};
    out.tie_break = "lowest_asn";
    out.clients = {client("eu", 60, PopId{0}, 30ms, PopId{0}, 30ms, {174, 64500}, DecidedBy::PathLength),
                   client("asia", 20, PopId{0}, 180ms, PopId{1}, 40ms, {3356, 174, 64500}, DecidedBy::LocalPreference),
                   client("island", 20, std::nullopt, 0ms, PopId{1}, 90ms, {}, DecidedBy::OnlyRoute)};
    return out;
}

bool contains(const std::string& text, const std::string& part) { return text.find(part) != std::string::npos; }

} // namespace

TEST_CASE("catchment_text: shares by sessions, then each client with path, reason and inflation") {
    const std::string text = catchment_text(three_clients());
    INFO(text);
    CHECK(contains(text, "  pop     share of sessions    client groups\n"));
    CHECK(contains(text, "  fra                80.0 %                2\n"));
    CHECK(contains(text, "  sin                   0 %                0\n"));
    CHECK(contains(text, "  none               20.0 %                1\n"));
    CHECK(contains(text, "fra 30.0 ms"));
    CHECK(contains(text, "140.0 ms")); // asia: 180 ms chosen, 40 ms possible
    CHECK(contains(text, "3356 174 64500\n"));
    CHECK(contains(text, "no route"));
    // Weighted by sessions over the routed clients: (60 * 30 + 20 * 180) / 80 = 67.5, (60 * 30 + 20 * 40) / 80 = 32.5.
    CHECK(contains(text, "mean rtt 67.5 ms, 32.5 ms with the best PoP for each; 25.0 % of sessions go elsewhere\n"));
    CHECK(
        contains(text, "ties after local preference and AS path length go to the lowest neighbour ASN (lowest_asn)\n"));
}

TEST_CASE("catchment_text: without sessions the clients count by their number") {
    Catchment catchment = three_clients();
    for (ClientCatchment& each : catchment.clients) each.sessions_per_sec = 0;
    const std::string text = catchment_text(catchment);
    INFO(text);
    CHECK(contains(text, "share of clients"));
    CHECK(contains(text, "  fra               66.7 %                2\n"));
}

TEST_CASE("catchment_json: every AS as section 16 asks, null where there is no route") {
    Catchment catchment = three_clients();
    catchment.ases = {{174, PopId{1}, {64500, 64500}, LearnedFrom::Customer, DecidedBy::OnlyRoute},
                      {64599, std::nullopt, {}, LearnedFrom::Origin, DecidedBy::OnlyRoute}};
    const json out = json::parse(catchment_json(catchment, true));
    REQUIRE(out.is_array());
    CHECK(out[0] == json({{"asn", 174},
                          {"pop", "sin"},
                          {"as_path", {64500, 64500}},
                          {"learned_from", "customer"},
                          {"length", 2},
                          {"decided_by", name_of(DecidedBy::OnlyRoute)}}));
    CHECK(out[1] == json({{"asn", 64599},
                          {"pop", nullptr},
                          {"as_path", json::array()},
                          {"learned_from", nullptr},
                          {"length", nullptr},
                          {"decided_by", nullptr}}));
}

TEST_CASE("catchment_json: clients with path, times in ns and the rule for ties") {
    const json out = json::parse(catchment_json(three_clients(), false));
    CHECK(out.at("tie_break") == "lowest_asn");
    REQUIRE(out.at("clients").size() == 3);
    CHECK(out.at("clients")[1].at("pop") == "fra");
    CHECK(out.at("clients")[1].at("best_pop") == "sin");
    CHECK(out.at("clients")[1].at("rtt_ns") == 180'000'000);
    CHECK(out.at("clients")[1].at("as_path") == json({3356, 174, 64500}));
    CHECK(out.at("clients")[2].at("pop").is_null());
    CHECK(out.at("clients")[2].at("rtt_ns").is_null());
}
