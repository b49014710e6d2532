/// Where the clients of a scenario with a topology go.
#pragma once

#include "bgp/convergence.hpp"
#include "bgp/forwarding.hpp"
#include "run/topology.hpp"

#include "firstbyte/catchment.hpp"

#include <deque>
#include <memory>
#include <optional>
#include <string>
#include <vector>

namespace firstbyte {

/// IPv4 prefix.
struct Prefix {
    std::uint32_t address = 0;
    unsigned length = 0;
    [[nodiscard]] bool holds(std::uint32_t host) const {
        return length == 0 || ((host ^ address) >> (32 - length)) == 0;
    }
    [[nodiscard]] std::uint32_t first_host() const; ///< all addresses of a /31 and a /32 are hosts (RFC 3021)
};
[[nodiscard]] Prefix prefix_of(const std::string& text);

/// One announced prefix and who announces it.
struct RoutedPrefix {
    std::string group; ///< empty: the common one
    Prefix prefix;
    std::vector<PopId> pops;   ///< by announcement
    std::size_t announced = 0; ///< that many from the start, the rest by an event
    std::vector<bgp::Announcement> announcements;
    std::vector<std::optional<Place>> places; ///< of the announcements
    std::optional<bgp::Routes> routes;        ///< converged, before the first event; none with `policy: none`
    std::optional<bgp::Fixpoint> fixpoint;    ///< the same with `policy: none`
};

/// A client group in the topology.
struct ClientNode {
    bgp::NodeIndex node = 0;
    std::optional<Place> place;
    std::size_t address = 0; ///< which of the addresses it uses
};

/// The topology of a scenario, its prefixes, and the routes to them.
class Router {
public:
    /// @param errors  receives what makes the topology unusable; the rest may be asked for when there is none
    Router(const Scenario& scenario, std::vector<Issue>& errors, std::vector<Issue>& warnings);
    Router(const Router&) = delete;
    Router& operator=(const Router&) = delete;

    /// Every client's way at the start.
    /// @param errors  receives clients that are nowhere
    [[nodiscard]] std::vector<ClientCatchment> clients(std::vector<Issue>& errors, std::vector<Issue>& warnings);
    [[nodiscard]] std::vector<AsCatchment> every_as();

    /// The way of one client through routes of another moment; `forwarding` is for the client's address.
    void follow(std::size_t client, bgp::Forwarding& forwarding, const std::vector<const bgp::ForwardingState*>& states,
                ClientCatchment& catchment) const;
    /// The same for every AS, from its home.
    [[nodiscard]] std::vector<AsCatchment>
    every_as(bgp::Forwarding& forwarding, const std::vector<const bgp::ForwardingState*>& states, bool converged) const;

    /// Packets to one address: the prefixes that hold it, the longest first, as positions in prefixes().
    [[nodiscard]] const std::vector<std::vector<std::size_t>>& addresses() const { return addresses_; }
    /// @param states  by position in prefixes()
    [[nodiscard]] bgp::Forwarding forwarding_to(std::size_t address,
                                                const std::vector<const bgp::ForwardingState*>& states) const;
    /// The converged routes as states, by position in prefixes().
    [[nodiscard]] std::vector<const bgp::ForwardingState*> converged() const;

    [[nodiscard]] const std::deque<RoutedPrefix>& prefixes() const { return prefixes_; }
    [[nodiscard]] const AsTopology& topology() const { return topology_; }
    [[nodiscard]] const std::vector<std::optional<Place>>& pop_places() const { return pop_places_; }
    [[nodiscard]] const std::vector<std::optional<ClientNode>>& client_nodes() const { return nodes_; }
    [[nodiscard]] TieBreak tie_break() const { return tie_break_; }
    [[nodiscard]] const bgp::Propagation& propagation() const { return propagation_; }

private:
    void make_prefixes(const std::vector<bgp::Announcement>& announcements);
    [[nodiscard]] std::size_t address_of(std::size_t client, const ClientCatchment& catchment) const;
    void locate(std::size_t index, ClientCatchment& catchment, std::vector<Issue>& errors);
    [[nodiscard]] std::optional<bgp::NodeIndex> nearest_stub(Place place);
    void choose_best(std::size_t index, std::optional<Place> place, ClientCatchment& catchment) const;
    [[nodiscard]] std::vector<AsNumber> as_path(const bgp::Journey& journey,
                                                const std::vector<const bgp::ForwardingState*>& states,
                                                std::size_t address) const;
    [[nodiscard]] std::optional<DecidedBy> decided_by(const RoutedPrefix& prefix, bgp::NodeIndex node) const;
    void check_policy(std::vector<Issue>& errors) const;
    void check_settled(std::vector<Issue>& errors) const;

    const Scenario& scenario_;
    bgp::Propagation propagation_;
    AsTopology topology_;
    TieBreak tie_break_ = TieBreak::LowestAsn;
    std::vector<std::optional<Place>> pop_places_;
    std::deque<RoutedPrefix> prefixes_; ///< the common one first; never moved: routes refer to their announcements
    std::vector<std::unique_ptr<bgp::ForwardingState>> converged_; ///< by position in prefixes_
    std::vector<std::vector<std::size_t>> addresses_;              ///< the common address first, then one per group
    std::vector<std::optional<ClientNode>> nodes_;                 ///< by client; none: its round-trip times are given
    std::optional<bgp::Eyeballs> eyeballs_;                        ///< made for the first client that needs it
};

/// How the routes of a scenario spread.
[[nodiscard]] bgp::ConvergenceSettings convergence_settings_of(const Scenario& scenario, TieBreak tie_break);

/// The given round-trip time to a PoP, if there is one.
[[nodiscard]] std::optional<Duration> given_rtt(const std::vector<std::pair<PopId, Duration>>& rtt_to, PopId pop);
/// What is known of a client without any route.
[[nodiscard]] ClientCatchment describe(const ClientGroup& client, std::size_t index);
/// Without a topology, and for a client of which only round-trip times are known: the PoP with the least one, the
/// earlier of equals.
void choose_by_rtt(const ClientGroup& client, ClientCatchment& catchment);

} // namespace firstbyte
