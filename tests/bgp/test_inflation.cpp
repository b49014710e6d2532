// Is the model of paths and round-trip times like the Internet? Shares of paths, and round-trip times over distance
// between one stub near each of the cities in which three or more CDN providers have a PoP, against medians of public
// pings between hosted servers in 242 cities in 2018. tools/validate world holds the model against the same cities as
// the pings and tells how near it comes and where it is off; this only notices when that changes.

#include "bgp/caida.hpp"
#include "bgp/latency.hpp"
#include "bgp/propagation.hpp"
#include "core/data_files.hpp"
#include "core/great_circle.hpp"

#include <doctest/doctest.h>

#include <algorithm>
#include <array>
#include <chrono>
#include <cmath>
#include <tuple>
#include <vector>

namespace firstbyte::bgp {
namespace {

const AsGraph& internet() {
    static const AsGraph graph = [] {
        std::vector<LineFault> faults;
        return AsGraph(read_as_relationships(data_file("internet-2018.as-rel.txt.xz"), faults));
    }();
    return graph;
}

struct Host {
    Place place;
    NodeIndex node = 0;
};

/// The stub with a provider whose home is nearest to the place; the lowest number of equals.
NodeIndex stub_near(const Places& places, Place place) {
    NodeIndex nearest = 0;
    double least = 1e9;
    for (const NodeIndex node : internet().by_number()) {
        if (node < internet().transit_count() || internet().providers(node).empty()) continue;
        const auto home = places.home(internet().number(node));
        const double km = home ? great_circle_km(*home, place) : 1e9;
        if (km >= least) continue;
        least = km;
        nearest = node;
    }
    return nearest;
}

std::vector<Host> hosts(const Places& places) {
    std::vector<Host> list;
    for (const City& city : cities())
        if (city.providers >= 3) list.push_back({city.place, stub_near(places, city.place)});
    return list;
}

Announcement from_as(NodeIndex node) {
    Announcement announcement;
    announcement.asn = internet().number(node);
    announcement.node = node;
    return announcement;
}

double quantile(std::vector<double>& values, double share) {
    REQUIRE_FALSE(values.empty());
    const auto at = static_cast<std::ptrdiff_t>(share * static_cast<double>(values.size() - 1));
    std::nth_element(values.begin(), values.begin() + at, values.end());
    return values[static_cast<std::size_t>(at)];
}

} // namespace

TEST_CASE("the Internet of 2018: lengths of paths and who they are learned from (topology-and-latency section 2)") {
    const AsGraph& graph = internet();
    std::array<std::size_t, 4> by_class{};
    std::size_t hops = 0, routed = 0, pairs = 0;
    for (std::size_t at = 0; at < graph.node_count(); at += 331) { // 185 destinations spread over the numbers
        const std::vector<Announcement> one{from_as(graph.by_number()[at])};
        const Routes routes(graph, one);
        for (NodeIndex node = 0; node < graph.node_count(); ++node) {
            if (node == *one.front().node) continue;
            ++pairs;
            if (!routes.reached(node)) continue;
            ++routed;
            hops += routes.path_length(node);
            ++by_class[static_cast<std::size_t>(routes.learned_from(node))];
        }
    }
    const auto share = [&](LearnedFrom relation) {
        return static_cast<double>(by_class[static_cast<std::size_t>(relation)]) / static_cast<double>(routed);
    };
    // The reference drew 2,000 destinations, this takes fewer: tolerances of the mean of some 200.
    CHECK(std::abs(static_cast<double>(hops) / static_cast<double>(routed) - 4.29) < 0.15);
    CHECK(std::abs(share(LearnedFrom::Provider) - 0.945) < 0.02);
    CHECK(share(LearnedFrom::Peer) < 0.08);
    CHECK(share(LearnedFrom::Customer) < 0.005);
    CHECK(static_cast<double>(routed) / static_cast<double>(pairs) > 0.98); // 1.0 % without a valley-free route
}

TEST_CASE("the Internet of 2018: round-trip times over distance (topology-and-latency section 4)") {
    const Places places = Places::shipped();
    const Propagation defaults{200, 1.4, std::chrono::microseconds{300}}; // scenario-format section 5
    constexpr double fibre_km_per_ms = 204.2; // light at c / 1.468, the yardstick of the measured ratios
    struct Band {
        double from_km, to_km;
        double median, tail; ///< measured inflation: the median and the 90th percentile, of two bands their middle
        std::vector<double> inflation;
    };
    std::vector<Band> bands = {
        {250, 1000, 3.4, 7.6, {}},   {1000, 4000, 2.6, 4.5, {}},    {4000, 7000, 1.9, 3.5, {}},
        {7000, 10000, 1.9, 3.2, {}}, {10000, 20100, 1.85, 2.5, {}},
    };
    const std::vector<Host> all = hosts(places);
    REQUIRE(all.size() > 80);
    for (const Host& server : all) {
        const std::vector<Announcement> one{from_as(server.node)};
        const Routes routes(internet(), one);
        for (const Host& client : all) {
            const double km = great_circle_km(client.place, server.place);
            const auto band = std::find_if(bands.begin(), bands.end(),
                                           [&](const Band& b) { return b.from_km <= km && km < b.to_km; });
            if (band == bands.end() || !routes.reached(client.node)) continue;
            std::vector<Carrier> carriers;
            for (const NodeIndex node : routes.forwarding_path(client.node))
                carriers.push_back({internet().number(node), routes.learned_from(node) == LearnedFrom::Peer});
            const auto path = early_exit_path(places, client.place, carriers, server.place);
            const double rtt = to_ms(round_trip(path, carriers.size() - 1, defaults));
            band->inflation.push_back(rtt * fibre_km_per_ms / (2 * km));
        }
    }
    for (Band& band : bands) {
        CAPTURE(band.from_km);
        const double median = quantile(band.inflation, 0.5), tail = quantile(band.inflation, 0.9);
        CAPTURE(median);
        CAPTURE(tail);
        CHECK(std::abs(median / band.median - 1) < 0.2);
        CHECK(tail < (band.from_km < 1000 ? 4 : 2) * band.tail);
        CHECK(*std::min_element(band.inflation.begin(), band.inflation.end()) > 1.4 * fibre_km_per_ms / 200 - 1e-9);
    }
}

} // namespace firstbyte::bgp
