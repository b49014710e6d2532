#include "bgp/synthetic.hpp"

#include "bgp/synthetic_draws.hpp"
#include "bgp/synthetic_places.hpp"
#include "core/check.hpp"
#include "core/random.hpp"

#include <algorithm>
#include <array>
#include <cmath>
#include <limits>
#include <numeric>
#include <optional>
#include <span>
#include <utility>

namespace firstbyte::bgp {
namespace {

// Every number without another source is measured in the shipped graph, scenarios/data/internet-2018.as-rel.txt.xz.
constexpr double transit_share = 0.152; // the clique included
constexpr double edge_share = 0.112, stub_share = 0.736;
constexpr double measured_size = 61'164, measured_clique = 15;

// Share of ASes with 1, 2, 3, ... providers; the last entry stands for more, here 13 (transit), 9 (edge) and 7 (stubs)
// so that the means are the measured 2.97, 2.75 and 1.73.
constexpr std::array transit_providers{0.221, 0.303, 0.207, 0.113, 0.063, 0.035, 0.021, 0.011, 0.007, 0.019};
constexpr std::array edge_providers{0.194, 0.354, 0.233, 0.106, 0.046, 0.029, 0.013, 0.025};
constexpr std::array stub_providers{0.472, 0.402, 0.085, 0.027, 0.008, 0.003, 0.003};

/// How the ASes of one kind choose providers.
struct ProviderHabits {
    std::span<const double> counts;
    std::uint32_t many = 0;      ///< what the last entry of `counts` stands for
    double buys_from_clique = 0; ///< share of ASes with a provider in the clique
    double same_country = 0;     ///< of providers outside the clique
};
// Measured: 40.9 % of transit ASes and 22.3 % of all without customers buy from the clique, 68 % and 82 % of the other
// providers are in the customer's country.
constexpr ProviderHabits transit_habits{transit_providers, 13, 0.41, 0.68};
constexpr ProviderHabits edge_habits{edge_providers, 9, 0.33, 0.82};
constexpr ProviderHabits stub_habits{stub_providers, 7, 0.20, 0.82};
// Of the further providers of an AS that buys from the clique; makes the clique's share of all provider links 28.6 %
// (transit), 23.6 % (edge) and 14.9 % (stubs), as measured.
constexpr double further_from_clique = 0.55;

// Weight of an AS with c customers is c plus this. Fitted: 1 makes paths of 4.4 hops and too many ASes with ten
// customers, 0.1 paths of 3.8; the shipped graph has 4.3.
constexpr double attachment_without_customers = 0.7;

constexpr double transit_with_peers = 0.55;
// Targets of peer links, fitted to measured quantiles of transit ASes with peers (7 at 45 %, 45 at 82 %, 110 at 94.5 %,
// 612 at 98.2 %, most 3,944) and of edge ASes (2 at 50 %, 28 at 90 %, 84 at 99 %, most 2,598). The largest targets are
// not met: many would be links to one's own customers. The cut grows with the size, so that the means, 48 and 12.5,
// shrink where there are fewer ASes to peer with.
constexpr double transit_peers_tail = 0.85, transit_peers_least = 6, transit_peers_most = 0.25;
constexpr double edge_peers_tail = 0.85, edge_peers_least = 1, edge_peers_most = 0.0425;
constexpr double clique_peers_most = 0.004; // 226 in the shipped graph
// Spread of the order in which transit ASes get targets around the order of their customers. Fitted: with 1 only 2 % of
// the routes are learned from peers, in the shipped graph 6 %.
constexpr double peer_order_spread = 0.5;
constexpr double same_country_peers = 0.27; // with chance meetings 34 % of peer links stay in one country, as measured
constexpr int matching_rounds = 8;          // model choice: then less than 2 % of the ends are left over
constexpr int tries_for_another_provider = 8; // model choice: then the AS keeps the providers it has

/// Numbers that no network announces with: AS_TRANS (RFC 6793), documentation (RFC 5398), private use (RFC 6996), the
/// last one of 16 bits (RFC 7300) and what is reserved around them.
AsNumber number_at(std::uint32_t position) {
    constexpr AsNumber as_trans = 23456, reserved_first = 64496, reserved_last = 131071;
    AsNumber number = position + 1;
    if (number >= as_trans) ++number;
    if (number >= reserved_first) number += reserved_last - reserved_first + 1;
    return number;
}

using Position = std::uint32_t;

/// ASes that sell transit, drawn in proportion to the customers they have.
class Sellers {
public:
    void add(Position as) { all_.push_back(as); }
    void add_customer(Position of) { sold_.push_back(of); }
    [[nodiscard]] bool empty() const { return all_.empty(); }

    [[nodiscard]] Position draw(StepDraws& draws) const {
        const double alike = attachment_without_customers * static_cast<double>(all_.size());
        const double total = alike + static_cast<double>(sold_.size());
        return draws.uniform() * total < alike ? draws.one_of(all_) : draws.one_of(sold_);
    }

private:
    std::vector<Position> all_, sold_; ///< each once; each as often as it has customers
};

class Growth {
public:
    Growth(const InternetShape& shape, std::uint64_t seed)
        : shape_(shape), first_stub_(shape.tier1 + shape.transit), first_edge_(first_stub_ + shape.stubs),
          draws_(seed, 0), homes_(draws_), choices_(draws_, Step::Providers), transit_of_(countries().size()),
          customers_(first_stub_, 0) {
        systems_.shape = shape;
    }

    SyntheticInternet grow() {
        for (Position as = 0; as < shape_.total(); ++as) systems_.numbers.push_back(number_at(as));
        join_clique();
        for (Position as = shape_.tier1; as < first_stub_; ++as) {
            systems_.homes.push_back(homes_.draw());
            join(as, transit_habits, std::nullopt);
            transit_.add(as);
            transit_of_[systems_.homes[as].country].add(as);
        }
        for (Position as = shape_.tier1; as < first_stub_; ++as)
            if (customers_[as] == 0) idle_.push_back(as);
        std::reverse(idle_.begin(), idle_.end()); // the first to join is served first
        for (Position as = first_stub_; as < shape_.total(); ++as) join_without_customers(as);
        provider_starts_.push_back(providers_.size());
        match_peers();
        Places places = synthetic_places(systems_, homes_, draws_);
        AsLinks links;
        const auto numbered = [&](const auto& pairs) {
            std::vector<std::pair<AsNumber, AsNumber>> out;
            out.reserve(pairs.size());
            for (const auto& [a, b] : pairs) out.emplace_back(systems_.numbers[a], systems_.numbers[b]);
            return out;
        };
        links.provider_customer = numbered(systems_.provider_customer);
        links.peers = numbered(systems_.peers);
        if (shape_.total() == 1) links.others = systems_.numbers;
        return {std::move(links), std::move(places)};
    }

private:
    void join_clique() {
        for (Position as = 0; as < shape_.tier1; ++as) {
            systems_.homes.push_back(homes_.draw_meeting_place());
            clique_.add(as);
            provider_starts_.push_back(0);
            for (Position other = 0; other < as; ++other) systems_.peers.emplace_back(other, as);
        }
    }

    /// Model: every transit AS has a customer, so one that is still without gets the next AS, of its own country.
    void join_without_customers(Position as) {
        const bool edge = as >= first_edge_;
        if (idle_.empty()) {
            systems_.homes.push_back(homes_.draw());
            return join(as, edge ? edge_habits : stub_habits, std::nullopt);
        }
        const Position provider = idle_.back();
        idle_.pop_back();
        systems_.homes.push_back(homes_.draw_in(systems_.homes[provider].country));
        join(as, edge ? edge_habits : stub_habits, provider);
    }

    void join(Position as, const ProviderHabits& habits, std::optional<Position> given) {
        provider_starts_.push_back(providers_.size());
        const std::size_t first = providers_.size();
        const std::uint32_t count = provider_count(habits);
        const bool buys_from_clique = choices_.happens(habits.buys_from_clique);
        if (given) providers_.push_back(*given);
        for (std::uint32_t at = given ? 1 : 0; at < count; ++at) {
            const bool from_clique = buys_from_clique && (at == 0 || choices_.happens(further_from_clique));
            for (int attempt = 0; attempt < tries_for_another_provider; ++attempt) {
                const Position provider = choose_provider(systems_.homes[as].country, habits, from_clique);
                const auto chosen = providers_.begin() + static_cast<std::ptrdiff_t>(first);
                if (std::find(chosen, providers_.end(), provider) != providers_.end()) continue;
                providers_.push_back(provider);
                break;
            }
        }
        for (std::size_t at = first; at < providers_.size(); ++at) {
            const Position provider = providers_[at];
            systems_.provider_customer.emplace_back(provider, as);
            ++customers_[provider];
            if (provider < shape_.tier1) {
                clique_.add_customer(provider);
            } else {
                transit_.add_customer(provider);
                transit_of_[systems_.homes[provider].country].add_customer(provider);
            }
        }
    }

    std::uint32_t provider_count(const ProviderHabits& habits) {
        double u = choices_.uniform() * std::accumulate(habits.counts.begin(), habits.counts.end(), 0.0);
        for (std::size_t at = 0; at + 1 < habits.counts.size(); ++at) {
            if (u < habits.counts[at]) return static_cast<std::uint32_t>(at + 1);
            u -= habits.counts[at];
        }
        return habits.many;
    }

    Position choose_provider(CountryIndex country, const ProviderHabits& habits, bool from_clique) {
        if (from_clique || transit_.empty()) return clique_.draw(choices_);
        const Sellers& near = transit_of_[country];
        if (!near.empty() && choices_.happens(habits.same_country)) return near.draw(choices_);
        return transit_.draw(choices_);
    }

    std::span<const Position> providers_of(Position as) const {
        return std::span(providers_).subspan(provider_starts_[as], provider_starts_[as + 1] - provider_starts_[as]);
    }

    /// One entry for each peer link that an AS wants, by position.
    std::vector<Position> wanted_ends() {
        StepDraws draws(draws_, Step::PeerTargets);
        std::vector<Position> ends;
        const double size = shape_.total();
        const auto want = [&](Position as, double count) {
            ends.insert(ends.end(), static_cast<std::size_t>(std::lround(count)), as);
        };
        const auto cut = [&](double tail, double least, double most) {
            return CutPareto{tail, least, std::max(least, most * size)};
        };
        if (const double most = clique_peers_most * size; most > transit_peers_least)
            for (Position as = 0; as < shape_.tier1; ++as)
                want(as, cut(transit_peers_tail, transit_peers_least, clique_peers_most).value(draws.uniform()));

        std::vector<std::pair<double, Position>> order; // least first
        for (Position as = shape_.tier1; as < first_stub_; ++as) {
            const double u = draws.uniform();
            order.emplace_back(-std::log(1.0 + customers_[as]) - peer_order_spread * std::log(u / (1 - u)), as);
        }
        // Model: the transit AS with the most customers peers with the most, as AS6939 does in the shipped graph.
        if (!order.empty()) {
            const auto largest = std::max_element(customers_.begin() + shape_.tier1, customers_.end());
            order[static_cast<std::size_t>(largest - customers_.begin()) - shape_.tier1].first =
                -std::numeric_limits<double>::infinity();
        }
        std::sort(order.begin(), order.end());
        const auto peering = static_cast<std::size_t>(std::lround(transit_with_peers * shape_.transit));
        std::vector<double> targets;
        const CutPareto of_transit = cut(transit_peers_tail, transit_peers_least, transit_peers_most);
        for (std::size_t at = 0; at < peering; ++at) targets.push_back(of_transit.value(draws.uniform()));
        std::sort(targets.rbegin(), targets.rend());
        for (std::size_t at = 0; at < peering; ++at) want(order[at].second, targets[at]);

        const CutPareto of_edge = cut(edge_peers_tail, edge_peers_least, edge_peers_most);
        for (Position as = first_edge_; as < shape_.total(); ++as) want(as, of_edge.value(draws.uniform()));
        return ends;
    }

    /// Whether the two may peer: not the same, and neither a customer of the other, directly or not.
    bool may_peer(Position a, Position b) {
        if (a == b) return false;
        if (a > b) std::swap(a, b);
        if (a >= first_stub_) return true;                      // neither has customers
        if (a < shape_.tier1 && b < shape_.tier1) return false; // they are peers already
        climbed_.assign(1, b);
        ++climb_;
        for (std::size_t next = 0; next < climbed_.size(); ++next) {
            for (const Position provider : providers_of(climbed_[next])) {
                if (provider == a) return false;
                if (provider < a || seen_[provider] == climb_) continue; // providers joined before their customers
                seen_[provider] = climb_;
                climbed_.push_back(provider);
            }
        }
        return true;
    }

    void match_peers() {
        StepDraws draws(draws_, Step::PeerMatching);
        seen_.assign(first_stub_, 0);
        std::vector<Position> ends = wanted_ends(), left;
        using Pair = std::pair<Position, Position>;
        std::vector<Pair> links, round;
        for (int at = 0; at < matching_rounds && ends.size() > 1; ++at) {
            arrange(ends, draws);
            round.clear();
            left.clear();
            if (ends.size() % 2 != 0) left.push_back(ends.back());
            for (std::size_t end = 0; end + 1 < ends.size(); end += 2) {
                const Pair pair = std::minmax(ends[end], ends[end + 1]);
                if (may_peer(pair.first, pair.second))
                    round.push_back(pair);
                else
                    left.insert(left.end(), {pair.first, pair.second});
            }
            std::sort(round.begin(), round.end());
            std::vector<Pair> fresh;
            for (std::size_t pair = 0; pair < round.size(); ++pair) {
                const bool again = (pair > 0 && round[pair] == round[pair - 1]) ||
                                   std::binary_search(links.begin(), links.end(), round[pair]);
                if (again)
                    left.insert(left.end(), {round[pair].first, round[pair].second});
                else
                    fresh.push_back(round[pair]);
            }
            const auto middle = static_cast<std::ptrdiff_t>(links.size());
            links.insert(links.end(), fresh.begin(), fresh.end());
            std::inplace_merge(links.begin(), links.begin() + middle, links.end());
            ends.swap(left);
        }
        systems_.peers.insert(systems_.peers.end(), links.begin(), links.end());
    }

    /// An order in which neighbours in the list meet: a share of the ends among others of their country.
    void arrange(std::vector<Position>& ends, StepDraws& draws) {
        draws.shuffle(ends);
        const auto local =
            std::partition(ends.begin(), ends.end(), [&](Position) { return draws.happens(same_country_peers); });
        std::stable_sort(ends.begin(), local,
                         [&](Position a, Position b) { return systems_.homes[a].country < systems_.homes[b].country; });
    }

    InternetShape shape_;
    Position first_stub_, first_edge_;
    Draws draws_;
    Homes homes_;
    StepDraws choices_;
    SyntheticSystems systems_;
    Sellers clique_, transit_;
    std::vector<Sellers> transit_of_;          ///< by country
    std::vector<std::uint32_t> customers_;     ///< by position, of those that may have any
    std::vector<Position> idle_;               ///< transit ASes without customers, the first to join last
    std::vector<Position> providers_;          ///< of all, by customer
    std::vector<std::size_t> provider_starts_; ///< in the list before, by position, and its end
    std::vector<Position> climbed_;            ///< kept between questions so that it is not allocated for each
    std::vector<std::uint32_t> seen_;          ///< by position: the last climb that met it
    std::uint32_t climb_ = 0;
};

std::uint32_t rounded(double value) { return static_cast<std::uint32_t>(std::lround(value)); }

} // namespace

InternetShape internet_shape(std::uint32_t ases) {
    FB_ASSERT(ases >= ases_min && ases <= ases_max, "an Internet has a size that its kinds can share");
    const double size = ases;
    InternetShape shape;
    shape.tier1 = std::max(2U, rounded(measured_clique * std::pow(size / measured_size, 0.25)));
    shape.transit = std::max(1U, rounded(transit_share * size) - std::min(shape.tier1, rounded(transit_share * size)));
    shape.edge = rounded(edge_share * size);
    shape.stubs = ases - shape.tier1 - shape.transit - shape.edge;
    return shape;
}

InternetShape internet_shape(std::uint32_t tier1, std::uint32_t transit, std::uint32_t stubs) {
    const std::uint32_t edge = rounded(stubs * (edge_share / (edge_share + stub_share)));
    return {tier1, transit, edge, stubs - edge};
}

SyntheticInternet make_internet(const InternetShape& shape, std::uint64_t seed) {
    FB_ASSERT(shape.tier1 >= 1 && shape.total() <= ases_max, "an Internet has a top and a size that is foreseen");
    return Growth(shape, seed).grow();
}

} // namespace firstbyte::bgp
