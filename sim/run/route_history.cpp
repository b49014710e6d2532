#include "run/route_history.hpp"

#include "core/check.hpp"
#include "run/settling.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <utility>

namespace firstbyte {
namespace {

using Kind = Event::Kind;
using ChangeKind = bgp::RoutingChange::Kind;

/// The routes of one prefix at one moment of its time line.
class StateAt final : public bgp::ForwardingState {
public:
    StateAt(const bgp::RouteTimeline& timeline, const bgp::ForwardingState& start, Instant at)
        : timeline_(timeline), start_(start), at_(at) {}

    [[nodiscard]] Entry look_up(bgp::NodeIndex node, std::vector<bgp::Offer>& tied) const override {
        const bgp::RouteTimeline::Choice* const choice = timeline_.at(node, at_);
        if (choice == nullptr) return start_.look_up(node, tied);
        tied.clear();
        Entry entry;
        entry.reached = choice->reached;
        if (!entry.reached) return entry;
        entry.learned_from = choice->learned_from;
        entry.path_length = choice->length;
        entry.announcement = choice->tied.front().announcement;
        entry.origin = choice->learned_from == LearnedFrom::Origin;
        if (!entry.origin)
            for (const auto& offer : choice->tied) tied.push_back({offer.from, offer.announcement});
        return entry;
    }

private:
    const bgp::RouteTimeline& timeline_;
    const bgp::ForwardingState& start_;
    Instant at_;
};

} // namespace

bool routes_move(const Scenario& scenario) {
    return std::any_of(scenario.events.begin(), scenario.events.end(),
                       [](const Event& event) { return event.routing(); });
}

std::vector<DeadSpan> dead_spans(const Scenario& scenario) {
    std::vector<DeadSpan> spans;
    for (std::size_t at = 0; at < scenario.events.size(); ++at) {
        const Event& event = scenario.events[at];
        if (event.kind != Kind::PopDies) continue;
        spans.push_back(
            {*event.pop, event.at, event.duration ? event.at + *event.duration : never, static_cast<std::int32_t>(at)});
    }
    return spans;
}

/// What an event does to routes at one moment, before it is known what that means to each prefix.
struct RouteHistory::Change {
    Instant at{};
    ChangeKind kind{};
    std::size_t event = 0;
    std::optional<PopId> pop; ///< whose announcement, or the site at one end of a link
    std::optional<bgp::NodeIndex> link_from;
    bgp::NodeIndex link_to = 0;
    std::uint32_t value = 0;
};

struct RouteHistory::Moment {
    Instant at{};
    std::deque<StateAt> own;
    std::vector<const bgp::ForwardingState*> states; ///< by position in Router::prefixes()
    std::deque<bgp::Forwarding> forwardings;         ///< by address
};

RouteHistory::~RouteHistory() = default;

RouteHistory::RouteHistory(const Scenario& scenario, const Router& router, std::vector<Issue>& errors,
                           std::vector<Issue>& warnings)
    : scenario_(scenario), router_(router), dead_(dead_spans(scenario)) {
    for (std::size_t event = 0; event < scenario.events.size(); ++event) add_changes(event, errors);
    std::stable_sort(changes_.begin(), changes_.end(), [](const Change& a, const Change& b) { return a.at < b.at; });
    if (!errors.empty()) return;
    for (const RoutedPrefix& prefix : router.prefixes()) {
        bgp::ConvergenceSettings settings = convergence_settings_of(scenario, router.tie_break());
        for (std::size_t at = prefix.announced; at < prefix.pops.size(); ++at)
            settings.silent_at_start.push_back(static_cast<std::uint32_t>(at));
        std::vector<bgp::RoutingChange> changes;
        std::vector<std::size_t>& change_of = change_of_.emplace_back();
        for (std::size_t number = 0; number < changes_.size(); ++number) {
            const Change& change = changes_[number];
            bgp::RoutingChange own;
            own.at = change.at;
            own.kind = change.kind;
            own.value = change.value;
            own.link_from = change.link_from;
            own.link_to = change.link_to;
            if (change.pop) {
                const auto found = std::find(prefix.pops.begin(), prefix.pops.end(), *change.pop);
                if (found == prefix.pops.end()) continue; // announces nothing here
                own.announcement = static_cast<std::uint32_t>(found - prefix.pops.begin());
            }
            changes.push_back(own);
            change_of.push_back(number);
        }
        timelines_.emplace_back(*router.topology().graph, prefix.announcements, settings, changes);
        if (const std::vector<bgp::NodeIndex>& wheel = timelines_.back().wheel(); !wheel.empty()) {
            std::vector<AsNumber> numbers;
            for (const bgp::NodeIndex node : wheel) numbers.push_back(router.topology().graph->number(node));
            add_issue(
                errors, Issue::Severity::Error, "E521", "topology.bgp",
                fmt::format("routes to {} never settle: AS{} each prefer the route of the next one (a dispute wheel)",
                            prefix.group.empty() ? "anycast.prefix" : "\"" + prefix.group + "\"",
                            fmt::join(numbers, ", AS")));
        }
    }
    static_cast<void>(warnings);
}

void RouteHistory::add_changes(std::size_t number, std::vector<Issue>& errors) {
    const Event& event = scenario_.events[number];
    if (!event.routing()) return;
    const auto add = [&](Instant at, ChangeKind kind, std::uint32_t value = 0) {
        Change& change = changes_.emplace_back();
        change.at = at;
        change.kind = kind;
        change.event = number;
        change.pop = event.pop;
        change.value = value;
    };
    const bool ends = event.duration.has_value();
    const Instant end = ends ? event.at + *event.duration : never;
    const auto own_prepend = [&] {
        return static_cast<std::uint32_t>(std::max(0, scenario_.pops[event.pop->value].prepend));
    };
    switch (event.kind) {
    case Kind::Withdraw:
        add(event.at, ChangeKind::Withdraw);
        if (ends) add(end, ChangeKind::Announce);
        break;
    case Kind::Announce: add(event.at, ChangeKind::Announce); break;
    case Kind::Prepend:
        add(event.at, ChangeKind::SetPrepend, static_cast<std::uint32_t>(event.value));
        if (ends) add(end, ChangeKind::SetPrepend, own_prepend());
        break;
    case Kind::PopDies:
        add(event.at, ChangeKind::SiteDies);
        if (ends) add(end, ChangeKind::SiteReturns);
        break;
    case Kind::Drain: {
        const bool prepends = event.drain_by == Event::DrainBy::Prepend;
        add(event.at, prepends ? ChangeKind::SetPrepend : ChangeKind::SetGracefulShutdown,
            prepends ? static_cast<std::uint32_t>(event.value) : 1);
        if (event.at + event.withdraw_after >= end) {
            add_issue(errors, Issue::Severity::Error, "E403", fmt::format("events[{}].for", number),
                      "the drain ends before its withdrawal", "withdraw_after is counted from the start of the drain");
            return;
        }
        add(event.at + event.withdraw_after, ChangeKind::Withdraw);
        if (!ends) break;
        add(end, prepends ? ChangeKind::SetPrepend : ChangeKind::SetGracefulShutdown,
            prepends                                             ? own_prepend()
            : scenario_.pops[event.pop->value].graceful_shutdown ? 1
                                                                 : 0);
        add(end, ChangeKind::Announce);
        break;
    }
    case Kind::LinkDown: add_link_changes(number, errors); break;
    case Kind::OriginDown:
    case Kind::OriginRestart:
    case Kind::EdgeRestart:
    case Kind::EdgeMaintenance:
    case Kind::EdgeBalance:
    case Kind::EdgeOverload:
    case Kind::count_:
    case Kind::RotateTfoKey:
    case Kind::Set:
    case Kind::Surge:
    case Kind::ClearPathRules: break;
    }
}

/// Whether the topology, or a site's own sessions, have the link.
bool RouteHistory::linked(const Change& link) const {
    const auto holds = [](std::span<const bgp::NodeIndex> list, bgp::NodeIndex node) {
        return std::find(list.begin(), list.end(), node) != list.end();
    };
    if (link.link_from) {
        const bgp::AsGraph& graph = *router_.topology().graph;
        return holds(graph.providers(*link.link_from), link.link_to) ||
               holds(graph.customers(*link.link_from), link.link_to) ||
               holds(graph.peers(*link.link_from), link.link_to);
    }
    for (const RoutedPrefix& prefix : router_.prefixes())
        for (std::size_t at = 0; at < prefix.pops.size(); ++at) {
            const bgp::Announcement& from = prefix.announcements[at];
            if (prefix.pops[at] == *link.pop &&
                (holds(from.providers, link.link_to) || holds(from.peers, link.link_to)))
                return true;
        }
    return false;
}

void RouteHistory::add_link_changes(std::size_t number, std::vector<Issue>& errors) {
    const Event& event = scenario_.events[number];
    Change change;
    change.event = number;
    change.at = event.at;
    change.kind = ChangeKind::LinkDown;
    std::vector<bgp::NodeIndex> nodes;
    for (const auto& [link_end, key] : {std::pair{&event.a, "a"}, std::pair{&event.b, "b"}}) {
        AsNumber asn = link_end->asn;
        if (link_end->pop) {
            const Pop& pop = scenario_.pops[link_end->pop->value];
            if (!pop.asn) change.pop = link_end->pop; // a site of its own
            asn = pop.asn.value_or(0);
        }
        if (asn == 0) continue;
        const auto node = router_.topology().graph->find(asn);
        if (!node)
            return add_issue(errors, Issue::Severity::Error, "E310", fmt::format("events[{}].{}", number, key),
                             fmt::format("the topology has no AS{}", asn));
        nodes.push_back(*node);
    }
    if (nodes.size() == 2) change.link_from = nodes.front();
    if (!nodes.empty()) change.link_to = nodes.back();
    if (nodes.empty() || (nodes.size() == 1 && !change.pop) || !linked(change))
        return add_issue(errors, Issue::Severity::Error, "E310", fmt::format("events[{}]", number),
                         "there is no link between the two ends named by `a` and `b`");
    changes_.push_back(change);
    if (!event.duration) return;
    change.at = event.at + *event.duration;
    change.kind = ChangeKind::LinkUp;
    changes_.push_back(change);
}

std::unique_ptr<RouteHistory::Moment> RouteHistory::moment(Instant at) const {
    auto moment = std::make_unique<Moment>();
    moment->at = at;
    const std::vector<const bgp::ForwardingState*> start = router_.converged();
    for (std::size_t prefix = 0; prefix < timelines_.size(); ++prefix)
        moment->states.push_back(&moment->own.emplace_back(timelines_[prefix], *start[prefix], at));
    for (std::size_t address = 0; address < router_.addresses().size(); ++address)
        moment->forwardings.push_back(router_.forwarding_to(address, moment->states));
    return moment;
}

bool RouteHistory::dead(PopId pop, Instant at) const {
    return std::any_of(dead_.begin(), dead_.end(),
                       [&](const DeadSpan& span) { return span.pop == pop && at >= span.from && at < span.until; });
}

std::int32_t RouteHistory::event_before(Instant at) const {
    std::int32_t event = -1;
    for (const Change& change : changes_)
        if (change.at <= at) event = static_cast<std::int32_t>(change.event);
    return event;
}

/// The next moment at which something on the client's way changes: an AS that it passes, or one that would be passed.
std::optional<Instant> RouteHistory::next_change(std::size_t client, const Moment& now,
                                                 const bgp::Journey& journey) const {
    Instant next = never;
    std::vector<bgp::Offer> tied;
    for (const std::size_t prefix : router_.addresses()[router_.client_nodes()[client]->address]) {
        const bgp::RouteTimeline& timeline = timelines_[prefix];
        for (const bgp::NodeIndex node : journey.passed) {
            next = std::min(next, timeline.next_change(node, now.at));
            static_cast<void>(now.states[prefix]->look_up(node, tied));
            for (const bgp::Offer& offer : tied) next = std::min(next, timeline.next_change(offer.from, now.at));
        }
    }
    for (const DeadSpan& span : dead_) {
        if (span.from > now.at) next = std::min(next, span.from);
        if (span.until > now.at) next = std::min(next, span.until);
    }
    return next == never ? std::nullopt : std::optional{next};
}

void RouteHistory::at(Instant when, std::size_t client, ClientCatchment& catchment) const {
    if (!router_.client_nodes()[client]) return;
    const std::unique_ptr<Moment> now = moment(when);
    router_.follow(client, now->forwardings[router_.client_nodes()[client]->address], now->states, catchment);
    if (!catchment.pop || !dead(*catchment.pop, when)) return;
    catchment.reach = Reach::DeadPop;
    catchment.pop.reset();
}

std::vector<WaySpan> RouteHistory::spans(std::size_t client, const ClientCatchment& start) const {
    std::vector<WaySpan> spans{{Instant{}, start.reach, start.pop, start.rtt, -1}};
    const std::optional<ClientNode>& node = router_.client_nodes()[client];
    if (!node) return spans;
    // Before anything happens; a change at the very start belongs to the first span.
    std::optional<Instant> when = Instant{};
    ClientCatchment catchment = start;
    while (when) {
        const std::unique_ptr<Moment> now = moment(*when);
        bgp::Forwarding& forwarding = now->forwardings[node->address];
        router_.follow(client, forwarding, now->states, catchment);
        if (catchment.pop && dead(*catchment.pop, *when)) catchment.reach = Reach::DeadPop;
        const WaySpan span{*when, catchment.reach, catchment.pop, catchment.rtt, event_before(*when)};
        const WaySpan& last = spans.back();
        const bool same = span.reach == last.reach && span.pop == last.pop && span.rtt == last.rtt;
        if (*when == Instant{})
            spans.back() = span;
        else if (!same)
            spans.push_back(span);
        when = next_change(client, *now, forwarding.follow(node->node, node->place));
    }
    return spans;
}

std::vector<AsCatchment> RouteHistory::every_as_at(Instant when) const {
    const std::unique_ptr<Moment> now = moment(when);
    std::vector<AsCatchment> ases = router_.every_as(now->forwardings.front(), now->states, false);
    return ases;
}

/// Who of those that use a prefix moved from one of its changes until the next.
Settling RouteHistory::settling(std::size_t prefix, Instant from, const std::vector<std::vector<WaySpan>>& ways) const {
    Instant until = never;
    for (const auto& figures : timelines_[prefix].figures())
        if (figures.at > from) until = std::min(until, figures.at);
    const auto before = [](const auto& move, Instant at) { return move.at < at; };
    const std::span<const bgp::RouteTimeline::Move> moves = timelines_[prefix].moves();
    std::vector<RouteMove> ases, clients;
    for (auto move = std::lower_bound(moves.begin(), moves.end(), from, before);
         move != moves.end() && move->at < until; ++move)
        ases.push_back({move->at - from, move->node, move->had, move->has});
    std::vector<std::uint64_t> populations(ways.size());
    for (std::size_t client = 0; client < ways.size(); ++client) {
        populations[client] = scenario_.clients[client].population;
        const std::optional<ClientNode>& node = router_.client_nodes()[client];
        if (!node) continue;
        const std::vector<std::size_t>& used = router_.addresses()[node->address];
        if (std::find(used.begin(), used.end(), prefix) == used.end()) continue;
        const std::vector<WaySpan>& spans = ways[client];
        const auto goes = [](const WaySpan& span) { return span.reach == Reach::Pop; };
        auto span = std::lower_bound(spans.begin(), spans.end(), from,
                                     [](const WaySpan& one, Instant at) { return one.from < at; });
        for (span = std::max(span, spans.begin() + 1); span < spans.end() && span->from < until; ++span)
            clients.push_back({span->from - from, static_cast<std::uint32_t>(client), goes(span[-1]), goes(*span)});
    }
    std::stable_sort(clients.begin(), clients.end(),
                     [](const RouteMove& a, const RouteMove& b) { return a.after < b.after; });
    return settling_of(clients, populations, ases);
}

std::vector<EventConvergence> RouteHistory::convergence(const std::vector<std::vector<WaySpan>>* ways) const {
    std::vector<EventConvergence> all;
    for (std::size_t prefix = 0; prefix < timelines_.size(); ++prefix) {
        const auto figures = timelines_[prefix].figures();
        for (std::size_t at = 0; at < figures.size(); ++at) {
            const Change& change = changes_[change_of_[prefix][at]];
            EventConvergence& row = all.emplace_back();
            row.event = static_cast<std::uint32_t>(change.event);
            row.prefix_group = router_.prefixes()[prefix].group;
            row.at = change.at;
            row.what = change.kind == ChangeKind::Withdraw              ? "withdraw"
                       : change.kind == ChangeKind::Announce            ? "announce"
                       : change.kind == ChangeKind::SetPrepend          ? "prepend"
                       : change.kind == ChangeKind::SetGracefulShutdown ? "graceful_shutdown"
                       : change.kind == ChangeKind::LinkDown            ? "link_down"
                       : change.kind == ChangeKind::LinkUp              ? "link_up"
                       : change.kind == ChangeKind::SiteDies            ? "pop_dies"
                                                                        : "pop_returns";
            if (change.pop) row.pop = *change.pop;
            const auto since = [&](Instant when) {
                return when == never ? std::nullopt : std::optional<Duration>{when - change.at};
            };
            row.first_update = since(figures[at].first_update);
            row.last_update = since(figures[at].last_update);
            row.last_choice = since(figures[at].last_choice);
            row.announcements = figures[at].announcements;
            row.withdrawals = figures[at].withdrawals;
            row.ases_without_route = figures[at].lost_route;
            if (ways != nullptr) row.settling = settling(prefix, change.at, *ways);
        }
    }
    std::stable_sort(all.begin(), all.end(),
                     [](const EventConvergence& a, const EventConvergence& b) { return a.at < b.at; });
    return all;
}

std::vector<WaySpan> direct_spans(const Scenario& scenario, std::size_t client) {
    // Moments at which an announcement begins or ends, and at which a PoP dies or returns.
    struct Step {
        Instant at{};
        std::int32_t event = -1;
    };
    std::vector<Step> steps;
    const Duration notice = scenario.topology.bgp.bfd
                                ? scenario.topology.bgp.bfd->interval * scenario.topology.bgp.bfd->multiplier
                                : scenario.topology.bgp.hold_time;
    for (std::size_t at = 0; at < scenario.events.size(); ++at) {
        const Event& event = scenario.events[at];
        if (!event.routing()) continue;
        const auto number = static_cast<std::int32_t>(at);
        steps.push_back({event.at, number});
        if (event.duration) steps.push_back({event.at + *event.duration, number});
        if (event.kind == Kind::PopDies) steps.push_back({event.at + notice, number});
    }
    std::stable_sort(steps.begin(), steps.end(), [](const Step& a, const Step& b) { return a.at < b.at; });
    const auto span_at = [&](Instant now) {
        WaySpan span;
        span.reach = Reach::NoRoute;
        for (const auto& [pop, rtt] : scenario.clients[client].rtt_to) {
            bool announced = scenario.pops[pop.value].announced, dead = false;
            for (const Event& event : scenario.events) {
                if (!event.routing() || event.pop != std::optional{pop} || now < event.at) continue;
                const bool over = event.duration && now >= event.at + *event.duration;
                if (event.kind == Kind::Announce) announced = true;
                if (event.kind == Kind::Withdraw || event.kind == Kind::Drain) announced = over;
                if (event.kind == Kind::PopDies) {
                    announced = over || now < event.at + notice;
                    dead = !over;
                }
            }
            if (!announced || (span.pop && std::pair{rtt, pop} >= std::pair{span.rtt, *span.pop})) continue;
            span.pop = pop;
            span.rtt = rtt;
            span.reach = dead ? Reach::DeadPop : Reach::Pop;
        }
        return span;
    };
    std::vector<WaySpan> spans{span_at(Instant{})};
    for (const Step& step : steps) {
        WaySpan span = span_at(step.at);
        const WaySpan& last = spans.back();
        if (span.reach == last.reach && span.pop == last.pop) continue;
        span.from = step.at;
        span.event = step.event;
        spans.push_back(span);
    }
    return spans;
}

} // namespace firstbyte
