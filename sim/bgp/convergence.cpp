#include "bgp/convergence.hpp"

#include "bgp/convergence_engine.hpp"
#include "core/check.hpp"

#include <algorithm>
#include <utility>

namespace firstbyte::bgp {
namespace {

/// What Routes computes, which is the same as converge() and faster.
Fixpoint static_start(const AsGraph& graph, std::span<const Announcement> announcements,
                      const ConvergenceSettings& settings) {
    std::vector<Announcement> live;
    std::vector<std::uint32_t> position;
    for (std::uint32_t index = 0; index < announcements.size(); ++index) {
        const auto& silent = settings.silent_at_start;
        if (std::find(silent.begin(), silent.end(), index) != silent.end()) continue;
        live.push_back(announcements[index]);
        live.back().router_id = announcements[index].router_id.value_or(index); // the default is the position
        position.push_back(index);
    }
    const Routes routes(graph, live, settings.routes);
    if (!routes.unsettled().empty()) return converge(graph, announcements, settings); // which names the wheel
    Fixpoint start;
    start.best.resize(graph.node_count());
    for (NodeIndex node = 0; node < graph.node_count(); ++node) {
        if (!routes.reached(node)) continue;
        start.best[node] = {true, routes.learned_from(node), routes.path_length(node),
                            routes.next_hop(node).value_or(node), position[routes.announcement(node)]};
    }
    return start;
}

} // namespace

std::vector<AsNumber> Fixpoint::as_path(const AsGraph& graph, std::span<const Announcement> announcements,
                                        NodeIndex node) const {
    FB_ASSERT(settled() && best[node].reached, "only an AS with a settled route has a path");
    std::vector<AsNumber> path;
    const BestRoute& route = best[node];
    for (NodeIndex at = node; !came_directly(best, at); at = best[at].from) {
        const NodeIndex from = best[at].from;
        path.insert(path.end(), best[at].length - best[from].length, graph.number(from));
    }
    path.resize(route.length, announcements[route.announcement].asn); // the rest is the origin and its prepends
    return path;
}

Fixpoint converge(const AsGraph& graph, std::span<const Announcement> announcements,
                  const ConvergenceSettings& settings) {
    const std::vector<BestRoute> nothing(graph.node_count());
    ConvergenceEngine engine(graph, announcements, settings, nothing, true);
    Fixpoint result;
    result.wheel = engine.settle();
    result.best.reserve(graph.node_count());
    for (NodeIndex node = 0; node < graph.node_count(); ++node) result.best.push_back(engine.best(node));
    return result;
}

struct RouteTimeline::Data {
    explicit Data(Fixpoint from) : start(std::move(from)), choices(0) {}
    Fixpoint start;
    ChoiceRecorder choices;
    std::vector<Figures> figures;
    std::vector<Move> moves;
    std::vector<AsNumber> numbers;
    std::vector<Update> updates;
    std::vector<NodeIndex> wheel;
};

RouteTimeline::RouteTimeline(const AsGraph& graph, std::span<const Announcement> announcements,
                             const ConvergenceSettings& settings, std::span<const RoutingChange> changes) {
    data_ = std::make_unique<Data>(settings.policy == RoutingPolicy::GaoRexford
                                       ? static_start(graph, announcements, settings)
                                       : converge(graph, announcements, settings));
    if (!data_->start.settled()) {
        data_->wheel = data_->start.wheel;
        data_->choices = ChoiceRecorder(graph.node_count());
        data_->choices.finish();
        return;
    }
    ConvergenceEngine engine(graph, announcements, settings, data_->start.best, false);
    data_->wheel = engine.run(changes);
    data_->choices = std::move(engine.choices());
    data_->figures = std::move(engine.figures());
    data_->moves = std::move(engine.moves());
    data_->numbers = std::move(engine.recorded_numbers());
    const std::span<const AsNumber> numbers(data_->numbers);
    for (const ConvergenceEngine::Recorded& update : engine.recorded())
        data_->updates.push_back(
            {update.at, update.from, update.to, numbers.subspan(update.first_number, update.numbers)});
}

RouteTimeline::~RouteTimeline() = default;
RouteTimeline::RouteTimeline(RouteTimeline&&) noexcept = default;
RouteTimeline& RouteTimeline::operator=(RouteTimeline&&) noexcept = default;

const RouteTimeline::Choice* RouteTimeline::at(NodeIndex node, Instant t) const {
    const std::uint32_t changed = data_->choices.changed_up_to(node, t);
    return changed == 0 ? nullptr : &data_->choices.choice(node, changed - 1);
}

Instant RouteTimeline::next_change(NodeIndex node, Instant after) const {
    const std::uint32_t next = data_->choices.changed_up_to(node, after);
    return next == data_->choices.count(node) ? never : data_->choices.choice_at(node, next);
}

std::span<const RouteTimeline::Change> RouteTimeline::changes() const { return data_->choices.changes(); }
const Fixpoint& RouteTimeline::start() const { return data_->start; }
std::span<const RouteTimeline::Figures> RouteTimeline::figures() const { return data_->figures; }
std::span<const RouteTimeline::Move> RouteTimeline::moves() const { return data_->moves; }
std::span<const RouteTimeline::Update> RouteTimeline::updates() const { return data_->updates; }
const std::vector<NodeIndex>& RouteTimeline::wheel() const { return data_->wheel; }

BestRoute RouteTimeline::best(NodeIndex node, Instant t) const {
    const Choice* const choice = at(node, t);
    if (choice == nullptr) return data_->start.best[node];
    if (!choice->reached) return {};
    return {true, choice->learned_from, choice->length, choice->tied.front().from, choice->tied.front().announcement};
}

RouteTimeline::Trace RouteTimeline::trace(NodeIndex node, Instant t) const {
    Trace trace;
    while (true) {
        const bool seen = std::find(trace.path.begin(), trace.path.end(), node) != trace.path.end();
        trace.path.push_back(node);
        if (seen) {
            trace.outcome = Delivery::Loop;
            return trace;
        }
        const BestRoute route = best(node, t);
        if (!route.reached) return trace;
        if (route.from == node) {
            trace.outcome = Delivery::Delivered;
            trace.announcement = route.announcement;
            return trace;
        }
        node = route.from;
    }
}

} // namespace firstbyte::bgp
