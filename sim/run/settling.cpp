#include "run/settling.hpp"

#include <algorithm>
#include <map>
#include <utility>

namespace firstbyte {
namespace {

struct Level {
    Duration after{};
    std::uint64_t settled = 0, without = 0;
};

/// Goes through the moves of clients or of ASes.
class Count {
public:
    Count(const std::vector<RouteMove>& moves, const std::vector<std::uint64_t>* weights) : weights_(weights) {
        for (std::size_t i = 0; i < moves.size(); ++i) {
            const auto [at, first] = known_.try_emplace(moves[i].who);
            at->second.last_move = i;
            if (!first) continue;
            routes_.moved += weight(moves[i].who);
            if (!moves[i].had) without_ += weight(moves[i].who);
        }
        levels_.push_back({Duration{0}, 0, without_});
        for (std::size_t i = 0; i < moves.size(); ++i) {
            add(moves[i], i);
            if (i + 1 < moves.size() && moves[i + 1].after == moves[i].after) continue;
            const bool half_before = 2 * levels_.back().settled >= routes_.moved;
            if (!half_before && 2 * settled_ >= routes_.moved) routes_.half = moves[i].after;
            if (levels_.back().after == moves[i].after) levels_.pop_back();
            levels_.push_back({moves[i].after, settled_, without_});
        }
        if (!moves.empty()) routes_.all = moves.back().after;
    }

    [[nodiscard]] const MovedRoutes& routes() const { return routes_; }
    [[nodiscard]] const std::vector<Level>& levels() const { return levels_; }

private:
    struct One {
        std::size_t last_move = 0;
        bool lost = false; ///< had a way and then none, at some time
        Duration lost_at{};
    };
    [[nodiscard]] std::uint64_t weight(std::uint32_t who) const { return weights_ == nullptr ? 1 : weights_->at(who); }

    void add(const RouteMove& move, std::size_t number) {
        One& one = known_.at(move.who);
        const std::uint64_t people = weight(move.who);
        if (move.had && !move.has) {
            without_ += people;
            if (!one.lost) routes_.cut_off += people;
            one.lost = true;
            one.lost_at = move.after;
        } else if (!move.had && move.has) {
            without_ -= people;
            if (one.lost) routes_.longest_cut_off = std::max(routes_.longest_cut_off, move.after - one.lost_at);
        }
        if (one.last_move != number) return;
        settled_ += people;
        if (one.lost && !move.has) routes_.left_without += people;
    }

    const std::vector<std::uint64_t>* weights_;
    std::map<std::uint32_t, One> known_;
    std::uint64_t settled_ = 0, without_ = 0;
    MovedRoutes routes_;
    std::vector<Level> levels_;
};

std::vector<SettlingStep> joined(const std::vector<Level>& clients, const std::vector<Level>& ases) {
    std::vector<SettlingStep> steps;
    std::size_t c = 0, a = 0; // both begin at the event
    while (true) {
        steps.push_back({std::max(clients[c].after, ases[a].after), clients[c].settled, ases[a].settled,
                         clients[c].without, ases[a].without});
        const bool more_clients = c + 1 < clients.size(), more_ases = a + 1 < ases.size();
        if (!more_clients && !more_ases) return steps;
        const Duration next = !more_ases      ? clients[c + 1].after
                              : !more_clients ? ases[a + 1].after
                                              : std::min(clients[c + 1].after, ases[a + 1].after);
        if (more_clients && clients[c + 1].after == next) ++c;
        if (more_ases && ases[a + 1].after == next) ++a;
    }
}

/// Of each span of time the last step, and the one with the most clients without a way. The later a span, the longer:
/// hops take milliseconds, the clocks of MRAI and hold times many seconds, and a chart shows both.
std::vector<SettlingStep> thinned(const std::vector<SettlingStep>& steps) {
    if (steps.size() <= settling_spans_max) return steps;
    constexpr std::int64_t part_of_time = 32, part_of_all = 16384; // 32 spans of the least length, 200 that grow
    const std::int64_t least = steps.back().after.count() / part_of_all;
    std::vector<SettlingStep> kept{steps.front()};
    for (std::size_t first = 1; first < steps.size();) {
        const std::int64_t begin = steps[first].after.count();
        const Duration until{begin + std::max(begin / part_of_time, least)};
        std::size_t last = first, most = first;
        while (last + 1 < steps.size() && steps[last + 1].after <= until)
            if (steps[++last].clients_without > steps[most].clients_without) most = last;
        if (most != last) kept.push_back(steps[most]);
        kept.push_back(steps[last]);
        first = last + 1;
    }
    return kept;
}

} // namespace

Settling settling_of(const std::vector<RouteMove>& clients, const std::vector<std::uint64_t>& populations,
                     const std::vector<RouteMove>& ases) {
    const Count people(clients, &populations), networks(ases, nullptr);
    return {people.routes(), networks.routes(), thinned(joined(people.levels(), networks.levels()))};
}

std::vector<SettledWay> settled_ways(const RoutedWorld& world, std::size_t client) {
    const std::vector<WaySpan>& spans = world.ways[client];
    std::vector<Instant> events;
    for (const EventConvergence& change : world.convergence) events.push_back(change.at);
    if (world.clients[client].asn == 0) {
        events.clear();
        for (std::size_t span = 1; span < spans.size(); ++span) events.push_back(spans[span].from);
    }
    events.erase(std::unique(events.begin(), events.end()), events.end());
    const auto way_before = [&](Instant until, Instant event) {
        const auto behind = std::lower_bound(spans.begin() + 1, spans.end(), until,
                                             [](const WaySpan& span, Instant at) { return span.from < at; });
        const WaySpan& span = behind[-1];
        return SettledWay{event, span.reach == Reach::Pop ? span.pop : std::nullopt, span.rtt};
    };
    std::vector<SettledWay> out;
    SettledWay last = way_before(events.empty() ? never : events.front(), Instant{});
    for (std::size_t i = 0; i < events.size(); ++i) {
        const SettledWay now = way_before(i + 1 < events.size() ? events[i + 1] : never, events[i]);
        if (now.pop == last.pop && (!now.pop || now.rtt == last.rtt)) continue;
        last = now;
        out.push_back(now);
    }
    return out;
}

} // namespace firstbyte
