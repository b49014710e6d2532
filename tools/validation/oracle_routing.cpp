// Convergence and distance, on the routing layer itself.
#include "bgp/convergence.hpp"
#include "bgp/latency.hpp"
#include "bgp_world.hpp"
#include "oracle_experiments.hpp"

#include <cmath>

namespace firstbyte::validate {
namespace {

constexpr AsNumber origin = 99;

/// From the withdrawal until the last change of a best route, in s.
double until_rest(const BgpCase& given, double mrai_s, double delay_s) {
    const BgpWorld world = world_of(given, "");
    bgp::ConvergenceSettings settings = frr_settings(given, world, mrai_s);
    settings.processing = Distribution::fixed(std::round(delay_s * 1e9)); // all of the delay is the receiver's
    settings.withdraw_starts_mrai = false;                                // announcements only, withdrawals at once
    settings.withdraw_waits_behind_announcement = false;
    const bgp::RouteTimeline timeline(world.graph, world.announcements, settings, changes_of(*given.event, world));
    const bgp::RouteTimeline::Figures& figures = timeline.figures().front();
    return to_seconds(figures.last_choice - figures.at);
}

BgpCase withdrawal() {
    BgpCase given;
    given.no_policy = true;
    given.announcements.push_back({origin, "", 0, {}, {}, {}});
    given.event = BgpEvent{BgpEvent::Kind::Withdraw, {origin}};
    return given;
}

Observed bgp_chain(const OracleCase& given, const Running&) {
    BgpCase chain = withdrawal();
    const auto hops = static_cast<AsNumber>(whole(given, "as_hops"));
    chain.links = {{1, origin}};
    for (AsNumber as = 1; as < hops; ++as) chain.links.emplace_back(as + 1, as);
    // The origin's own AS takes its time to decide before the first hop.
    const double delay = number(given, "per_hop_delay_s");
    return {until_rest(chain, number(given, "mrai_s"), delay) - delay};
}

/// Counted from when the withdrawal has reached the first AS: the origin's decision and one message later.
Observed bgp_clique_tdown(const OracleCase& given, const Running&) {
    BgpCase clique = withdrawal();
    const auto size = static_cast<AsNumber>(whole(given, "mesh_ases"));
    const bool to_all = word(given, "origin_attached_to", "one all") == "all";
    for (AsNumber a = 1; a <= size; ++a) {
        if (a == 1 || to_all) clique.links.emplace_back(a, origin);
        for (AsNumber b = a + 1; b <= size; ++b) clique.peers.emplace_back(a, b);
    }
    const double delay = number(given, "message_delay_s");
    return {until_rest(clique, number(given, "mrai_s"), delay) - 2 * delay};
}

/// The cable lies on the great circle; light in it covers c / n.
Observed geo_rtt(const OracleCase& given, const Running&) {
    constexpr double light_km_per_ms = 299.792458;
    const Place from{number(given, "lat1"), number(given, "lon1")}, to{number(given, "lat2"), number(given, "lon2")};
    const bgp::Propagation cable{light_km_per_ms / number(given, "refractive_index"), 1, Duration{0}};
    return {to_ms(bgp::leg_round_trip(from, to, cable))};
}

} // namespace

Experiments routing_experiments() {
    return {{"bgp_chain", bgp_chain, "as_hops per_hop_delay_s mrai_s"},
            {"bgp_clique_tdown", bgp_clique_tdown, "mesh_ases mrai_s origin_attached_to message_delay_s"},
            {"geo_rtt", geo_rtt, "lat1 lon1 lat2 lon2 refractive_index"}};
}

} // namespace firstbyte::validate
