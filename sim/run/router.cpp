#include "run/router.hpp"

#include "core/check.hpp"
#include "core/cities.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cstdio>
#include <utility>

namespace firstbyte {
namespace {

bool contains(const std::vector<std::string>& list, const std::string& word) {
    return !word.empty() && std::find(list.begin(), list.end(), word) != list.end();
}

/// The routes of `policy: none`: one offer per AS.
class FixpointState final : public bgp::ForwardingState {
public:
    explicit FixpointState(const bgp::Fixpoint& fixpoint) : fixpoint_(fixpoint) {}

    [[nodiscard]] Entry look_up(bgp::NodeIndex node, std::vector<bgp::Offer>& tied) const override {
        const bgp::BestRoute& best = fixpoint_.best[node];
        tied.clear();
        Entry entry;
        entry.reached = best.reached;
        if (!best.reached) return entry;
        entry.learned_from = best.learned_from;
        entry.path_length = best.length;
        entry.announcement = best.announcement;
        entry.origin = best.learned_from == LearnedFrom::Origin;
        if (!entry.origin) tied.push_back({best.from, best.announcement});
        return entry;
    }

private:
    const bgp::Fixpoint& fixpoint_;
};

bgp::RoutePolicy policy_of(const Bgp& from, TieBreak tie_break) {
    bgp::RoutePolicy policy;
    if (tie_break == TieBreak::Hash) policy.tie_break = bgp::TieBreak::Hash;
    policy.seed = from.hash_seed;
    policy.leaking = from.leaks;
    policy.validating = from.validating;
    return policy;
}

} // namespace

bgp::ConvergenceSettings convergence_settings_of(const Scenario& scenario, TieBreak tie_break) {
    const Bgp& from = scenario.topology.bgp;
    bgp::ConvergenceSettings settings;
    settings.mrai = from.mrai;
    settings.mrai_jitter = from.mrai_jitter;
    settings.withdraw_starts_mrai = from.withdraw_starts_mrai;
    settings.mrai_applies_to_withdraw = from.mrai_applies_to_withdraw;
    settings.processing = from.processing;
    if (from.export_everything) settings.policy = bgp::RoutingPolicy::None;
    settings.routes = policy_of(from, tie_break);
    settings.hold_time = from.hold_time;
    settings.keepalive = from.keepalive;
    if (from.bfd) settings.bfd = bgp::Bfd{from.bfd->interval, static_cast<std::uint32_t>(from.bfd->multiplier)};
    settings.seed = scenario.run.seed;
    return settings;
}

Prefix prefix_of(const std::string& text) {
    std::array<unsigned, 5> part{};
    const int read = std::sscanf(text.c_str(), "%u.%u.%u.%u/%u", &part[0], &part[1], &part[2], &part[3], &part[4]);
    FB_ASSERT(read == 5, "the loader lets only IPv4 prefixes pass");
    return {(part[0] << 24) | (part[1] << 16) | (part[2] << 8) | part[3], part[4]};
}

std::uint32_t Prefix::first_host() const { return length < 31 ? address + 1 : address; }

std::optional<Duration> given_rtt(const std::vector<std::pair<PopId, Duration>>& rtt_to, PopId pop) {
    for (const auto& [known, rtt] : rtt_to)
        if (known == pop) return rtt;
    return std::nullopt;
}

ClientCatchment describe(const ClientGroup& client, std::size_t index) {
    ClientCatchment catchment;
    catchment.group = {static_cast<std::uint32_t>(index)};
    catchment.client = client.id;
    catchment.region = client.region;
    catchment.country = client.country;
    catchment.population = client.population;
    catchment.sessions_per_sec = client.sessions.per_sec;
    return catchment;
}

void choose_by_rtt(const ClientGroup& client, ClientCatchment& catchment) {
    for (const auto& [pop, rtt] : client.rtt_to) {
        if (catchment.pop && std::pair{rtt, pop} >= std::pair{catchment.rtt, *catchment.pop}) continue;
        catchment.pop = pop;
        catchment.rtt = rtt;
    }
    catchment.reach = catchment.pop ? Reach::Pop : Reach::NoRoute;
    catchment.decided_by = DecidedBy::RttTo;
    catchment.best_pop = catchment.pop;
    catchment.best_rtt = catchment.rtt;
}

Router::Router(const Scenario& scenario, std::vector<Issue>& errors, std::vector<Issue>& warnings)
    : scenario_(scenario), propagation_(propagation_of(scenario.topology)),
      topology_(load_topology(scenario, errors, warnings)), nodes_(scenario.clients.size()) {
    if (!errors.empty()) return;
    const std::vector<bgp::Announcement> announcements = announcements_of(scenario, topology_, errors, warnings);
    if (!errors.empty()) return;
    for (std::size_t pop = 0; pop < scenario.pops.size(); ++pop)
        pop_places_.push_back(place_of_pop(scenario.pops[pop], announcements[pop], topology_));
    const bool placed = !topology_.places->empty();
    tie_break_ = scenario.topology.bgp.tie_break.value_or(placed ? TieBreak::NearestExit : TieBreak::LowestAsn);
    check_policy(errors);
    if (!errors.empty()) return;
    make_prefixes(announcements);
    check_settled(errors);
}

void Router::check_policy(std::vector<Issue>& errors) const {
    const Bgp& bgp = scenario_.topology.bgp;
    const auto check = [&](const std::vector<AsNumber>& list, const char* key) {
        for (std::size_t at = 0; at < list.size(); ++at)
            if (!topology_.graph->find(list[at]))
                add_issue(errors, Issue::Severity::Error, "E310", fmt::format("topology.bgp.{}[{}]", key, at),
                          fmt::format("the topology has no AS{}", list[at]));
    };
    check(bgp.leaks, "leaks");
    check(bgp.validating, "validating");
}

void Router::check_settled(std::vector<Issue>& errors) const {
    for (const RoutedPrefix& prefix : prefixes_) {
        std::vector<AsNumber> wheel;
        for (const bgp::NodeIndex node : prefix.routes ? prefix.routes->unsettled() : prefix.fixpoint->wheel)
            wheel.push_back(topology_.graph->number(node));
        if (!wheel.empty())
            add_issue(errors, Issue::Severity::Error, "E521", "topology.bgp",
                      fmt::format("routes never settle: each of AS{} keeps changing because of the next one's route (a "
                                  "dispute wheel)",
                                  fmt::join(wheel, ", AS")));
    }
}

void Router::make_prefixes(const std::vector<bgp::Announcement>& announcements) {
    const auto add = [&](const std::string& group, const std::string& prefix, auto announces) {
        RoutedPrefix& routed = prefixes_.emplace_back();
        routed.group = group;
        routed.prefix = prefix_of(prefix);
        for (const bool from_start : {true, false}) {
            for (std::uint32_t pop = 0; pop < announcements.size(); ++pop) {
                if (!announces(PopId{pop}) || scenario_.pops[pop].announced != from_start) continue;
                routed.pops.push_back(PopId{pop});
                routed.announcements.push_back(announcements[pop]);
                routed.places.push_back(pop_places_[pop]);
            }
            if (from_start) routed.announced = routed.pops.size();
        }
        const std::span announced = std::span(routed.announcements).first(routed.announced);
        if (scenario_.topology.bgp.export_everything) {
            routed.fixpoint.emplace(
                bgp::converge(*topology_.graph, announced, convergence_settings_of(scenario_, tie_break_)));
            converged_.push_back(std::make_unique<FixpointState>(*routed.fixpoint));
        } else {
            routed.routes.emplace(*topology_.graph, announced, policy_of(scenario_.topology.bgp, tie_break_));
            converged_.push_back(std::make_unique<bgp::ConvergedState>(*routed.routes));
        }
    };
    add("", scenario_.anycast.prefix, [](PopId) { return true; });
    for (const PrefixGroup& group : scenario_.anycast.groups)
        add(group.id, group.prefix,
            [&](PopId pop) { return std::find(group.pops.begin(), group.pops.end(), pop) != group.pops.end(); });
    for (const RoutedPrefix& own : prefixes_) { // each prefix has one address that clients may be told
        const std::uint32_t host = own.prefix.first_host();
        std::vector<std::size_t>& holding = addresses_.emplace_back();
        for (std::size_t at = 0; at < prefixes_.size(); ++at)
            if (prefixes_[at].prefix.holds(host)) holding.push_back(at);
        std::stable_sort(holding.begin(), holding.end(), [&](std::size_t a, std::size_t b) {
            return prefixes_[a].prefix.length > prefixes_[b].prefix.length;
        });
    }
}

std::vector<const bgp::ForwardingState*> Router::converged() const {
    std::vector<const bgp::ForwardingState*> states;
    for (const auto& state : converged_) states.push_back(state.get());
    return states;
}

bgp::Forwarding Router::forwarding_to(std::size_t address,
                                      const std::vector<const bgp::ForwardingState*>& states) const {
    std::vector<bgp::Forwarding::Prefix> prefixes;
    for (const std::size_t at : addresses_[address]) prefixes.push_back({states[at], prefixes_[at].places});
    return {*topology_.graph, *topology_.places, std::move(prefixes), tie_break_ == TieBreak::NearestExit};
}

/// The first group that names the client, its country or its region; else the common prefix.
std::size_t Router::address_of(std::size_t client, const ClientCatchment& catchment) const {
    const std::vector<PrefixGroup>& groups = scenario_.anycast.groups;
    const std::string region =
        catchment.region.empty() ? std::string(region_of_country(catchment.country)) : catchment.region;
    for (std::size_t at = 0; at < groups.size(); ++at) {
        const PrefixGroup& group = groups[at];
        const bool named = std::find(group.clients.begin(), group.clients.end(), client) != group.clients.end();
        if (named || contains(group.countries, catchment.country) || contains(group.regions, region)) return at + 1;
    }
    return 0;
}

/// Finds the client's AS and place.
void Router::locate(std::size_t index, ClientCatchment& catchment, std::vector<Issue>& errors) {
    const ClientGroup& client = scenario_.clients[index];
    const auto node = client.asn ? topology_.graph->find(*client.asn) : nearest_stub(*client.at);
    if (!node && client.asn) {
        return add_issue(errors, Issue::Severity::Error, "E310", fmt::format("clients[{}].asn", index),
                         fmt::format("the topology has no AS{}", *client.asn));
    }
    if (!node) {
        return add_issue(
            errors, Issue::Severity::Error, "E501", fmt::format("clients[{}]", index),
            fmt::format("client \"{}\" needs `asn`: this topology has no stub AS of known place", client.id));
    }
    catchment.asn = topology_.graph->number(*node);
    const bgp::AsPlace* as = topology_.places->find(catchment.asn);
    const std::optional<Place> place = client.at ? client.at : topology_.places->home(catchment.asn);
    if (catchment.country.empty() && client.at) catchment.country = country_of(*client.at).value_or("");
    if (catchment.country.empty() && as != nullptr) catchment.country = as->country;
    const std::size_t address = address_of(index, catchment);
    catchment.prefix_group = prefixes_[address].group;
    nodes_[index] = ClientNode{*node, place, address};
}

std::optional<bgp::NodeIndex> Router::nearest_stub(Place place) {
    if (!eyeballs_) eyeballs_.emplace(*topology_.graph, *topology_.places);
    return eyeballs_->nearest_stub(place);
}

std::vector<ClientCatchment> Router::clients(std::vector<Issue>& errors, std::vector<Issue>& warnings) {
    const std::vector<const bgp::ForwardingState*> states = converged();
    std::deque<bgp::Forwarding> forwardings;
    for (std::size_t address = 0; address < addresses_.size(); ++address)
        forwardings.push_back(forwarding_to(address, states));
    std::vector<ClientCatchment> catchments;
    std::size_t placeless = 0;
    for (std::size_t index = 0; index < scenario_.clients.size(); ++index) {
        const ClientGroup& client = scenario_.clients[index];
        ClientCatchment& catchment = catchments.emplace_back(describe(client, index));
        if (!client.asn && !client.at) {
            choose_by_rtt(client, catchment);
            continue;
        }
        locate(index, catchment, errors);
        if (!nodes_[index]) continue;
        follow(index, forwardings[nodes_[index]->address], states, catchment);
        choose_best(index, nodes_[index]->place, catchment);
        if (catchment.pop && catchment.via.empty() && !given_rtt(client.rtt_to, *catchment.pop)) ++placeless;
    }
    if (placeless > 0)
        add_issue(warnings, Issue::Severity::Warning, "W510", "topology",
                  fmt::format("no places are known for the paths of {} client group{}: 1 ms of round trip per AS hop",
                              placeless, placeless == 1 ? "" : "s"),
                  "give clients and PoPs `at`, or clients `rtt_to`");
    return catchments;
}

/// As the first AS received it: how much longer the path is at each AS than at the next tells how often that one's
/// number stands in it.
std::vector<AsNumber> Router::as_path(const bgp::Journey& journey,
                                      const std::vector<const bgp::ForwardingState*>& states,
                                      std::size_t address) const {
    std::vector<bgp::Offer> tied;
    const auto length_at = [&](bgp::NodeIndex node) -> std::uint32_t {
        for (const std::size_t at : addresses_[address]) {
            const bgp::ForwardingState::Entry entry = states[at]->look_up(node, tied);
            if (entry.reached) return entry.path_length;
        }
        return 0;
    };
    std::vector<AsNumber> path;
    std::uint32_t length = length_at(journey.passed.front());
    const auto put = [&](AsNumber number, std::uint32_t next_length) {
        const std::uint32_t copies = length > next_length ? length - next_length : 1; // 1: routes are in motion
        path.insert(path.end(), copies, number);
        length = next_length;
    };
    for (std::size_t hop = 1; hop < journey.passed.size(); ++hop)
        put(topology_.graph->number(journey.passed[hop]), length_at(journey.passed[hop]));
    if (journey.end == bgp::Journey::End::Arrived && journey.at_site) {
        const RoutedPrefix& prefix = prefixes_[addresses_[address][journey.prefix]];
        put(prefix.announcements[journey.announcement].asn, 0);
    }
    return path;
}

std::optional<DecidedBy> Router::decided_by(const RoutedPrefix& prefix, bgp::NodeIndex node) const {
    if (!prefix.routes) return std::nullopt;
    const DecidedBy step = prefix.routes->decided_by(node);
    if (step != DecidedBy::NeighborAsn) return step;
    switch (tie_break_) {
    case TieBreak::NearestExit: return DecidedBy::NearestExit;
    case TieBreak::Hash: return DecidedBy::NeighborHash;
    case TieBreak::LowestAsn: break;
    }
    return step;
}

void Router::follow(std::size_t client, bgp::Forwarding& forwarding,
                    const std::vector<const bgp::ForwardingState*>& states, ClientCatchment& catchment) const {
    const ClientNode& from = *nodes_[client];
    const bgp::Journey journey = forwarding.follow(from.node, from.place);
    catchment.pop.reset();
    catchment.via.clear();
    catchment.as_path.clear();
    catchment.tied = journey.tie;
    if (journey.end != bgp::Journey::End::Arrived) {
        catchment.reach = journey.end == bgp::Journey::End::Loop ? Reach::Loop : Reach::NoRoute;
        return;
    }
    const RoutedPrefix& prefix = prefixes_[addresses_[from.address][journey.prefix]];
    const PopId pop = prefix.pops[journey.announcement];
    catchment.reach = Reach::Pop;
    catchment.pop = pop;
    catchment.as_path = as_path(journey, states, from.address);
    std::vector<bgp::Offer> tied;
    catchment.learned_from = LearnedFrom::Origin;
    for (const std::size_t at : addresses_[from.address]) {
        const bgp::ForwardingState::Entry entry = states[at]->look_up(from.node, tied);
        if (!entry.reached) continue;
        catchment.learned_from = entry.learned_from;
        const bool converged = states[at] == converged_[at].get();
        catchment.decided_by = converged ? decided_by(prefixes_[at], from.node) : std::nullopt;
        break;
    }
    const std::size_t handovers = journey.passed.size() - 1 + (journey.at_site ? 1 : 0);
    const std::optional<Place> destination = pop_places_[pop.value];
    if (from.place && destination) {
        std::vector<bgp::Carrier> carriers;
        for (std::size_t hop = 0; hop < journey.passed.size(); ++hop)
            carriers.push_back({topology_.graph->number(journey.passed[hop]), journey.by_peering[hop]});
        catchment.via = bgp::early_exit_path(*topology_.places, *from.place, carriers, *destination);
    }
    if (const auto rtt = given_rtt(scenario_.clients[client].rtt_to, pop)) {
        catchment.rtt = *rtt;
    } else if (!catchment.via.empty()) {
        catchment.rtt = bgp::round_trip(catchment.via, handovers, propagation_);
    } else {
        catchment.rtt = handovers == 0 ? bgp::data_center_round_trip
                                       : bgp::placeless_hop_round_trip * static_cast<std::int64_t>(handovers);
    }
}

/// What the least round-trip time would be if every PoP were reached directly.
void Router::choose_best(std::size_t index, std::optional<Place> place, ClientCatchment& catchment) const {
    const ClientGroup& client = scenario_.clients[index];
    for (std::uint32_t pop = 0; pop < scenario_.pops.size(); ++pop) {
        std::optional<Duration> rtt = given_rtt(client.rtt_to, {pop});
        if (!rtt && place && pop_places_[pop]) {
            const Place direct[] = {*place, *pop_places_[pop]};
            rtt = bgp::round_trip(direct, 0, propagation_);
        }
        if (!rtt || (catchment.best_pop && *rtt >= catchment.best_rtt)) continue;
        catchment.best_pop = PopId{pop};
        catchment.best_rtt = *rtt;
    }
}

std::vector<AsCatchment> Router::every_as() {
    const std::vector<const bgp::ForwardingState*> states = converged();
    bgp::Forwarding forwarding = forwarding_to(0, states);
    return every_as(forwarding, states, true);
}

std::vector<AsCatchment> Router::every_as(bgp::Forwarding& forwarding,
                                          const std::vector<const bgp::ForwardingState*>& states,
                                          bool converged) const {
    std::vector<AsCatchment> ases;
    const bgp::AsGraph& graph = *topology_.graph;
    ases.reserve(graph.node_count());
    std::vector<bgp::Offer> tied;
    for (const bgp::NodeIndex node : graph.by_number()) {
        AsCatchment& as = ases.emplace_back();
        as.asn = graph.number(node);
        const bgp::Journey journey = forwarding.follow(node, topology_.places->home(as.asn));
        if (journey.end != bgp::Journey::End::Arrived) continue;
        const RoutedPrefix& prefix = prefixes_[addresses_[0][journey.prefix]];
        as.pop = prefix.pops[journey.announcement];
        as.as_path = as_path(journey, states, 0);
        for (const std::size_t at : addresses_[0]) {
            const bgp::ForwardingState::Entry entry = states[at]->look_up(node, tied);
            if (!entry.reached) continue;
            as.learned_from = entry.learned_from;
            if (converged) as.decided_by = decided_by(prefixes_[at], node);
            break;
        }
    }
    return ases;
}

} // namespace firstbyte
