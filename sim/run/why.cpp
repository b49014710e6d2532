// The decisions of the ASes on a client's way, with every route they did not take.
#include "core/great_circle.hpp"
#include "run/router.hpp"
#include "run/world_clients.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <stdexcept>
#include <utility>

namespace firstbyte {
namespace {

std::optional<AsNumber> as_number(std::string_view text) {
    if (text.starts_with("AS") || text.starts_with("as")) text.remove_prefix(2);
    AsNumber number = 0;
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
    return error == std::errc{} && end == text.data() + text.size() ? std::optional{number} : std::nullopt;
}

/// The scenario with the subject as its only client.
Scenario asked_about(const Scenario& scenario, const std::string& subject) {
    Scenario alone = scenario;
    const auto named = std::find_if(scenario.clients.begin(), scenario.clients.end(),
                                    [&](const ClientGroup& client) { return client.id == subject; });
    if (named != scenario.clients.end()) {
        // Prefix groups name clients by their place in the file.
        const auto index = static_cast<std::uint32_t>(named - scenario.clients.begin());
        for (PrefixGroup& group : alone.anycast.groups) {
            const bool told = std::find(group.clients.begin(), group.clients.end(), index) != group.clients.end();
            group.clients = told ? std::vector<std::uint32_t>{0} : std::vector<std::uint32_t>{};
        }
        alone.clients = {*named};
        return alone;
    }
    const std::optional<AsNumber> number = as_number(subject);
    if (!number) throw std::invalid_argument(fmt::format("\"{}\" is neither a client group nor an AS number", subject));
    ClientGroup group;
    group.id = fmt::format("AS{}", *number);
    group.asn = *number;
    for (PrefixGroup& prefix : alone.anycast.groups) prefix.clients.clear();
    alone.clients = {group};
    return alone;
}

const char* verdict_of(bgp::DecisionStep step, TieBreak rule) {
    switch (step) {
    case bgp::DecisionStep::Chosen: return "chosen";
    case bgp::DecisionStep::Loop: return "loop";
    case bgp::DecisionStep::OriginValidation: return "origin_validation";
    case bgp::DecisionStep::LocalPreference: return name_of(DecidedBy::LocalPreference);
    case bgp::DecisionStep::PathLength: return name_of(DecidedBy::PathLength);
    case bgp::DecisionStep::Med: return name_of(DecidedBy::Med);
    case bgp::DecisionStep::NeighborAsn:
        return name_of(rule == TieBreak::Hash ? DecidedBy::NeighborHash : DecidedBy::NeighborAsn);
    case bgp::DecisionStep::RouterId: return name_of(DecidedBy::RouterId);
    }
    return "";
}

bool is_tie(bgp::DecisionStep step) {
    return step == bgp::DecisionStep::Chosen || step == bgp::DecisionStep::NeighborAsn ||
           step == bgp::DecisionStep::RouterId;
}

WhyHop hop_of(const Router& router, bgp::Forwarding& forwarding, const bgp::Journey& journey, std::size_t at,
              std::size_t address) {
    const bgp::NodeIndex node = journey.passed[at];
    const RoutedPrefix& prefix = router.prefixes()[router.addresses()[address][journey.used[at]]];
    WhyHop hop;
    hop.asn = router.topology().graph->number(node);
    hop.prefix_group = prefix.group;
    hop.enters = journey.enters[at];
    std::vector<std::pair<bgp::Offer, std::optional<Place>>> exits;
    if (hop.enters) exits = forwarding.exits(node, journey.used[at], *hop.enters, at == 0);
    const bool by_exit = router.tie_break() == TieBreak::NearestExit && hop.enters.has_value();
    for (const bgp::Candidate& candidate : prefix.routes->candidates(node)) {
        WhyCandidate& row = hop.candidates.emplace_back();
        if (candidate.neighbor) row.neighbor = router.topology().graph->number(*candidate.neighbor);
        row.pop = prefix.pops[candidate.announcement];
        row.learned_from = candidate.learned_from;
        row.path_length = candidate.path_length;
        row.as_path = candidate.as_path;
        row.verdict = verdict_of(candidate.lost_at, router.tie_break());
        if (!is_tie(candidate.lost_at)) continue;
        const bgp::NodeIndex from = candidate.neighbor.value_or(node);
        const auto same = [&](const bgp::Offer& offer) {
            return offer.from == from && offer.announcement == candidate.announcement;
        };
        for (const auto& [offer, place] : exits)
            if (same(offer) && place) row.exit_km = great_circle_km(*hop.enters, *place);
        if (by_exit && at < journey.taken.size())
            row.verdict = same(journey.taken[at]) ? "chosen" : name_of(DecidedBy::NearestExit);
        // Farther ASes choose by where this one hands over, so the way taken may lead elsewhere than they told.
        if (row.verdict == "chosen" && journey.end == bgp::Journey::End::Arrived)
            row.pop = prefix.pops[journey.announcement];
    }
    std::stable_partition(hop.candidates.begin(), hop.candidates.end(),
                          [](const WhyCandidate& candidate) { return candidate.verdict == "chosen"; });
    // Among equally good routes the nearer exit stands first; they follow the chosen one.
    const auto tied = [](const WhyCandidate& c) { return c.verdict == name_of(DecidedBy::NearestExit) && c.exit_km; };
    const auto first = std::find_if(hop.candidates.begin(), hop.candidates.end(), tied);
    const auto last = std::find_if_not(first, hop.candidates.end(), tied);
    std::stable_sort(first, last, [](const WhyCandidate& a, const WhyCandidate& b) { return *a.exit_km < *b.exit_km; });
    return hop;
}

} // namespace

Why why(const Scenario& given, const std::string& subject, std::vector<Issue>* warnings) {
    const std::optional<Scenario> expanded = with_world_expanded(given, warnings);
    const Scenario& scenario = expanded ? *expanded : given;
    if (scenario.topology.kind == Topology::Kind::Direct)
        throw std::invalid_argument("without a topology the least `rtt_to` decides: there is no route to explain");
    if (scenario.topology.bgp.export_everything)
        throw std::invalid_argument("with topology.bgp.policy none only the shortest path counts: there is no decision "
                                    "to explain");
    const Scenario alone = asked_about(scenario, subject);
    std::vector<Issue> errors, noted;
    Router router(alone, errors, noted);
    Why answer;
    if (errors.empty()) {
        std::vector<ClientCatchment> clients = router.clients(errors, noted);
        if (!clients.empty()) answer.client = std::move(clients.front());
    }
    if (!errors.empty()) throw ScenarioError(scenario.file, std::move(errors));
    for (const Pop& pop : scenario.pops) answer.pops.push_back(pop.id);
    answer.tie_break = name_of(router.tie_break());
    if (const std::optional<ClientNode>& from = router.client_nodes().front()) {
        const std::vector<const bgp::ForwardingState*> states = router.converged();
        bgp::Forwarding forwarding = router.forwarding_to(from->address, states);
        const bgp::Journey journey = forwarding.follow(from->node, from->place);
        for (std::size_t at = 0; at < journey.used.size(); ++at)
            answer.hops.push_back(hop_of(router, forwarding, journey, at, from->address));
    }
    if (warnings != nullptr) warnings->insert(warnings->end(), noted.begin(), noted.end());
    return answer;
}

} // namespace firstbyte
