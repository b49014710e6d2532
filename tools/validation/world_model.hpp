/// The shipped Internet, and the way of packets from a place in one AS to sites of an anycast service.
#pragma once

#include "bgp/as_graph.hpp"
#include "bgp/forwarding.hpp"
#include "bgp/latency.hpp"
#include "bgp/places.hpp"
#include "bgp/propagation.hpp"

#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace firstbyte::validate {

/// Graph and places, with the scenario's defaults of `topology.propagation`.
class Internet {
public:
    /// @throws std::runtime_error  when shipped data is missing or damaged
    Internet();

    [[nodiscard]] const bgp::AsGraph& graph() const { return graph_; }
    [[nodiscard]] const bgp::Places& places() const { return places_; }
    [[nodiscard]] const bgp::Propagation& propagation() const { return propagation_; }

    /// Stubs with a provider whose homes are nearest to the place, nearest first; ties by AS number.
    [[nodiscard]] std::vector<bgp::NodeIndex> stubs_near(Place place, std::size_t count) const;

private:
    bgp::AsGraph graph_;
    bgp::Places places_;
    bgp::Propagation propagation_{200, 1.4, std::chrono::microseconds{300}};
};

/// Where packets start.
struct Client {
    bgp::NodeIndex node = 0;
    Place place;
    double weight = 1;
};

/// One site of a service: its place, its name in tables, and with whom it has sessions.
struct Site {
    std::string name;
    Place place;
    std::vector<bgp::NodeIndex> providers, peers;
};

/// How a client reaches a service.
struct Way {
    std::size_t site = 0;
    double rtt_ms = 0;        ///< access not included
    std::size_t ases = 0;     ///< of the path, the client's and the service's counted
    bgp::NodeIndex entry = 0; ///< the last AS before the service
};

/// A service announced from all its sites, with hot potato.
class Service {
public:
    Service(const Internet& internet, std::vector<Site> sites, AsNumber number);
    Service(const Service&) = delete;
    Service& operator=(const Service&) = delete;

    [[nodiscard]] const std::vector<Site>& sites() const { return sites_; }
    /// None: no route.
    [[nodiscard]] std::optional<Way> way(const Client& client);

private:
    const Internet& internet_;
    std::vector<Site> sites_;
    std::vector<bgp::Announcement> announcements_;
    std::vector<std::optional<Place>> places_;
    std::optional<bgp::Routes> routes_;
    std::optional<bgp::ConvergedState> state_;
    std::optional<bgp::Forwarding> forwarding_;
};

/// Round trip in ms between a client and a host in an AS of the graph, by routes to that AS; see RoutesToHost.
class RoutesToHost {
public:
    RoutesToHost(const Internet& internet, const Client& host);
    RoutesToHost(const RoutesToHost&) = delete;
    RoutesToHost& operator=(const RoutesToHost&) = delete;

    /// None: no route.
    [[nodiscard]] std::optional<double> rtt_ms(const Client& client);

private:
    const Internet& internet_;
    Client host_;
    std::vector<bgp::Announcement> announcements_;
    std::vector<std::optional<Place>> places_;
    std::optional<bgp::Routes> routes_;
    std::optional<bgp::ConvergedState> state_;
    std::optional<bgp::Forwarding> forwarding_;
};

/// Distance within which an AS counts as present in a site's city. Model choice: a metropolitan area with its suburbs.
inline constexpr double metropolitan_km = 50;

/// Whether an AS has a city within metropolitan_km of the place.
[[nodiscard]] bool is_present(const Internet& internet, bgp::NodeIndex node, Place place);

// Peerings that no public graph shows, added to the sites: this share of the networks present in a site's city, or in
// its country, peers there. Each AS is drawn once, so one that peers does so wherever it is present, and a larger share
// only adds ASes. Model: networks with a customer cone of more than 30 ASes are left out, because what they peer with
// is seen by the collectors of routes.
void add_city_peers(const Internet& internet, double share, std::vector<Site>& sites);
void add_country_peers(const Internet& internet, double share, std::vector<Site>& sites);

/// A city of the shipped table. @throws std::runtime_error  when it has none of that name
[[nodiscard]] Place city(std::string_view name);

/// The value below which that share of the values lies, by weight; NaN without values.
/// @param values  (value, weight); sorted by the call
[[nodiscard]] double quantile(std::vector<std::pair<double, double>>& values, double share);
[[nodiscard]] double quantile(std::vector<double>& values, double share);

} // namespace firstbyte::validate
