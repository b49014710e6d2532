#include "bgp/forwarding.hpp"

#include "core/great_circle.hpp"

#include <algorithm>
#include <bit>

namespace firstbyte::bgp {

ForwardingState::Entry ConvergedState::look_up(NodeIndex node, std::vector<Offer>& tied) const {
    Entry entry;
    tied.clear();
    entry.reached = routes_.reached(node);
    if (!entry.reached) return entry;
    entry.learned_from = routes_.learned_from(node);
    entry.path_length = routes_.path_length(node);
    entry.origin = entry.learned_from == LearnedFrom::Origin;
    entry.announcement = routes_.announcement(node);
    if (!entry.origin) routes_.tied(node, tied);
    return entry;
}

std::size_t Forwarding::HashOfAsked::operator()(const Asked& asked) const {
    // Any spread of bits will do: nothing iterates over the table. The constants are those of SplitMix64.
    std::uint64_t bits = (std::uint64_t{asked.node} << 8) ^ asked.prefix;
    for (const double part : {asked.lat, asked.lon}) {
        bits = (bits ^ std::bit_cast<std::uint64_t>(part)) * 0xbf58476d1ce4e5b9;
        bits ^= bits >> 31;
    }
    return static_cast<std::size_t>(bits);
}

std::span<const CityIndex> Forwarding::cities_of(NodeIndex node) const {
    const AsPlace* as = places_.find(graph_.number(node));
    return as == nullptr ? std::span<const CityIndex>{} : as->cities;
}

/// Where `node` hands packets that are at `here` over when it takes `offer`; none when no place is known.
std::optional<Place> Forwarding::exit_towards(NodeIndex node, std::size_t prefix, const Offer& offer, bool peering,
                                              Place here, bool first) {
    const std::span<const std::optional<Place>> ends = prefixes_[prefix].places;
    if (offer.from == node) return ends[offer.announcement];
    const auto presence = [&](std::span<const CityIndex> cities,
                              std::optional<Place> alone) -> std::optional<Presence> {
        if (cities.size() > 1 || (cities.size() == 1 && !alone)) return Presence{cities, {}, peering};
        if (alone) return Presence{{}, *alone, peering};
        return std::nullopt;
    };
    // As in early_exit_path: an AS of one city stands where its end of the path is.
    std::optional<Place> next_end;
    const ForwardingState::Entry next = prefixes_[prefix].state->look_up(offer.from, of_neighbor_);
    if (next.origin) next_end = ends[next.announcement];
    for (const Offer& direct : of_neighbor_)
        if (direct.from == offer.from && !next_end) next_end = ends[direct.announcement];
    const auto from = presence(cities_of(node), first ? std::optional{here} : std::nullopt);
    const auto to = presence(cities_of(offer.from), next_end);
    if (!to) return std::nullopt;
    if (!from) return to->cities.empty() ? to->point : handover(Presence{{}, here, peering}, *to, here);
    return handover(*from, *to, here);
}

Forwarding::Exit Forwarding::choose(NodeIndex node, std::size_t prefix, const ForwardingState::Entry& entry, Place here,
                                    bool first) {
    const Asked asked{node, static_cast<std::uint32_t>(prefix), here.lat, here.lon};
    if (!first)
        if (const auto before = known_.find(asked); before != known_.end()) return before->second;
    const std::vector<Offer> offers = tied_; // asking about neighbours does not touch it, but a copy says so
    Exit best{offers.front(), here, false};
    double best_km = 0;
    for (const Offer& offer : offers) {
        const bool peering = entry.learned_from == LearnedFrom::Peer;
        const std::optional<Place> exit = exit_towards(node, prefix, offer, peering, here, first);
        if (!exit) continue;
        const double km = great_circle_km(here, *exit);
        if (best.known && km >= best_km) continue;
        best = {offer, *exit, true};
        best_km = km;
    }
    if (!first) known_.emplace(asked, best);
    return best;
}

std::vector<std::pair<Offer, std::optional<Place>>> Forwarding::exits(NodeIndex node, std::size_t prefix, Place here,
                                                                      bool first) {
    const ForwardingState::Entry entry = prefixes_[prefix].state->look_up(node, tied_);
    const std::vector<Offer> offers = tied_;
    std::vector<std::pair<Offer, std::optional<Place>>> places;
    for (const Offer& offer : offers)
        places.emplace_back(offer,
                            exit_towards(node, prefix, offer, entry.learned_from == LearnedFrom::Peer, here, first));
    return places;
}

Journey Forwarding::follow(NodeIndex node, std::optional<Place> here) {
    Journey journey;
    while (true) {
        const bool looped = std::find(journey.passed.begin(), journey.passed.end(), node) != journey.passed.end();
        journey.passed.push_back(node);
        journey.enters.push_back(here);
        if (looped) {
            journey.end = Journey::End::Loop;
            return journey;
        }
        ForwardingState::Entry entry;
        for (journey.prefix = 0; journey.prefix < prefixes_.size(); ++journey.prefix) {
            entry = prefixes_[journey.prefix].state->look_up(node, tied_);
            if (entry.reached) break;
        }
        if (!entry.reached) {
            journey.end = Journey::End::NoRoute;
            return journey;
        }
        journey.used.push_back(journey.prefix);
        journey.by_peering.push_back(entry.learned_from == LearnedFrom::Peer);
        if (entry.origin) {
            journey.end = Journey::End::Arrived;
            journey.announcement = entry.announcement;
            return journey;
        }
        for (const Offer& offer : tied_) journey.tie = journey.tie || offer.announcement != tied_.front().announcement;
        Offer taken = tied_.front();
        if (nearest_exit_ && here) {
            const Exit exit = choose(node, journey.prefix, entry, *here, journey.passed.size() == 1);
            taken = exit.offer;
            here = exit.place;
        }
        journey.taken.push_back(taken);
        if (taken.from == node) {
            journey.end = Journey::End::Arrived;
            journey.at_site = true;
            journey.announcement = taken.announcement;
            return journey;
        }
        node = taken.from;
    }
}

} // namespace firstbyte::bgp
