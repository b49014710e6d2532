#include "bgp_replay.hpp"

#include "bgp_world.hpp"
#include "core/sha256.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <cmath>
#include <span>
#include <tuple>

namespace firstbyte::validate {
namespace {

bgp::Fixpoint static_routes(const BgpWorld& world) {
    const bgp::Routes routes(world.graph, world.announcements, world.policy);
    bgp::Fixpoint out;
    out.best.resize(world.graph.node_count());
    for (bgp::NodeIndex node = 0; node < world.graph.node_count(); ++node)
        if (routes.reached(node))
            out.best[node] = {true, routes.learned_from(node), routes.path_length(node),
                              routes.next_hop(node).value_or(node), routes.announcement(node)};
    return out;
}

/// Holds one outcome against what it should be.
class Comparison {
public:
    Comparison(const BgpOutcome& expected, std::string when) : expected_(expected), when_(std::move(when)) {}

    void compare(const BgpWorld& world, const bgp::Fixpoint& routes, std::vector<std::string>& differences) const {
        if (!routes.settled()) return differences.push_back(when_ + "routes do not settle");
        for (const auto& [asn, route] : expected_)
            if (const std::string what = difference(route, route_of(world, routes, asn)); !what.empty())
                differences.push_back(fmt::format("{}AS{}: {}", when_, asn, what));
    }

private:
    const BgpOutcome& expected_;
    std::string when_;
};

/// Figures over all ASes of a large graph, and a line for each of them.
void compare_all(const BgpCase& given, const BgpWorld& world, const bgp::Fixpoint& routes,
                 std::vector<std::string>& differences) {
    std::uint64_t routed = 0;
    std::map<std::string, std::uint64_t> catchment_size, by_class;
    std::string lines;
    for (const bgp::NodeIndex node : world.graph.by_number()) {
        const AsNumber asn = world.graph.number(node);
        const bgp::BestRoute& best = routes.best[node];
        if (!best.reached) {
            lines += fmt::format("{} - - - -\n", asn);
            continue;
        }
        ++routed;
        const AsNumber origin = world.announcements[best.announcement].asn;
        ++catchment_size[std::to_string(origin)];
        ++by_class[class_name(best.learned_from)];
        lines += fmt::format("{} {} {} {} {}\n", asn, origin, world.graph.number(best.from), best.length,
                             class_name(best.learned_from));
    }
    const auto check = [&](bool equal, const char* what) {
        if (!equal) differences.push_back(fmt::format("{} of all ASes", what));
    };
    check(!given.routed || routed == *given.routed, "number with a route");
    check(!given.unrouted || world.graph.node_count() - routed == *given.unrouted, "number without a route");
    check(given.catchment_size.empty() || catchment_size == given.catchment_size, "sizes of catchments");
    check(given.by_class.empty() || by_class == given.by_class, "numbers by class");
    check(given.sha256_of_lines.empty() || sha256_hex(lines) == given.sha256_of_lines, "routes");
}

bgp::ConvergenceSettings settings_for(const BgpCase& given, const BgpWorld& world, double mrai_s) {
    bgp::ConvergenceSettings settings = frr_settings(given, world, mrai_s);
    settings.record_updates = true;
    return settings;
}

bgp::Fixpoint end_of(const bgp::RouteTimeline& timeline, const BgpWorld& world) {
    bgp::Fixpoint end;
    end.wheel = timeline.wheel();
    for (bgp::NodeIndex node = 0; node < world.graph.node_count(); ++node)
        end.best.push_back(timeline.best(node, never));
    return end;
}

double last_update_s(const bgp::RouteTimeline& timeline) {
    if (timeline.figures().empty()) return 0;
    const Instant last = timeline.figures().back().last_update;
    return last == never ? 0 : to_seconds(last.time_since_epoch());
}

using Received = std::pair<AsNumber, std::vector<AsNumber>>; ///< by whom, which path

bool same_updates(const BgpConvergence& measured, const bgp::RouteTimeline& timeline, const BgpWorld& world) {
    std::vector<Received> expected, found;
    for (const BgpConvergence::Update& update : measured.received) expected.emplace_back(update.to, update.path);
    for (const bgp::RouteTimeline::Update& update : timeline.updates())
        found.emplace_back(world.graph.number(update.to),
                           std::vector<AsNumber>(update.path.begin(), update.path.end()));
    std::sort(expected.begin(), expected.end());
    std::sort(found.begin(), found.end());
    return expected == found;
}

BgpConvergenceResult converge_as(const BgpCase& given, const BgpConvergence& measured, const BgpWorld& world,
                                 std::vector<std::string>& differences) {
    BgpConvergenceResult result;
    result.id = given.id;
    result.mrai_s = measured.mrai_s;
    result.measured_s = measured.last_update_s;
    result.measured_updates = measured.announcements + measured.withdrawals;
    result.updates_listed = !measured.received.empty();
    bgp::ConvergenceSettings settings = settings_for(given, world, measured.mrai_s);
    const std::vector<bgp::RoutingChange> changes = changes_of(*given.event, world);
    const auto run = [&] { return bgp::RouteTimeline(world.graph, world.announcements, settings, changes); };
    if (given.event->kind == BgpEvent::Kind::SilentDeath) {
        // How old the last keepalive was when the speaker died is not recorded: the two ends of what is possible.
        const Duration oldest = settings.keepalive;
        settings.keepalive = Duration{0};
        result.simulated_most_s = last_update_s(run());
        settings.hold_time -= oldest;
    }
    const bgp::RouteTimeline timeline = run();
    result.simulated_s = last_update_s(timeline);
    result.simulated_most_s = std::max(result.simulated_most_s, result.simulated_s);
    for (const bgp::RouteTimeline::Figures& figures : timeline.figures().last(timeline.figures().empty() ? 0 : 1))
        result.simulated_updates = figures.announcements + figures.withdrawals;
    result.updates_equal = result.updates_listed ? same_updates(measured, timeline, world)
                                                 : result.measured_updates == result.simulated_updates;
    const std::string when = fmt::format("after the event, MRAI {:g} s, ", measured.mrai_s);
    Comparison(given.expected_after, when).compare(world, end_of(timeline, world), differences);
    return result;
}

void replay_event(const BgpCase& given, const BgpWorld& world, BgpCaseResult& result) {
    using Kind = BgpEvent::Kind;
    const std::set<AsNumber> hit(given.event->ases.begin(), given.event->ases.end()), nobody;
    // Who lost its links still announces, to itself.
    const BgpWorld after =
        world_of(given, prefixes_of(given).front(), given.event->kind == Kind::Withdraw ? nobody : hit,
                 given.event->kind == Kind::LinkDown ? nobody : hit);
    const Comparison comparison(given.expected_after, "after the event, ");
    result.compared += given.expected_after.size();
    const bgp::ConvergenceSettings settings = settings_for(given, world, 0);
    const bgp::Fixpoint afresh =
        given.no_policy ? bgp::converge(after.graph, after.announcements, settings) : static_routes(after);
    comparison.compare(after, afresh, result.static_differences);
    for (const BgpConvergence& measured : given.convergence)
        result.convergence.push_back(converge_as(given, measured, world, result.message_differences));
    if (!given.convergence.empty()) return;
    const bgp::RouteTimeline timeline(world.graph, world.announcements, settings, changes_of(*given.event, world));
    comparison.compare(world, end_of(timeline, world), result.message_differences);
}

} // namespace

bool BgpConvergenceResult::within() const {
    const double tolerance = 0.1 * measured_s + 0.3;
    return measured_s >= simulated_s - tolerance && measured_s <= simulated_most_s + tolerance;
}

BgpCaseResult replay(const BgpCase& given) {
    BgpCaseResult result;
    result.file = given.file;
    result.set = given.set;
    result.missing = missing_for(given);
    if (!result.missing.empty()) return result;
    for (const std::string& prefix : prefixes_of(given)) {
        const auto of_prefix = given.expected_by_prefix.find(prefix);
        const BgpOutcome& expected = of_prefix == given.expected_by_prefix.end() ? given.expected : of_prefix->second;
        const BgpWorld world = world_of(given, prefix);
        const Comparison comparison(expected, prefix.empty() ? "" : prefix + ", ");
        result.compared += given.sha256_of_lines.empty() ? expected.size() : world.graph.node_count();
        const bgp::Fixpoint by_messages =
            bgp::converge(world.graph, world.announcements, settings_for(given, world, 0));
        const bgp::Fixpoint at_once = given.no_policy ? by_messages : static_routes(world);
        comparison.compare(world, at_once, result.static_differences);
        comparison.compare(world, by_messages, result.message_differences);
        if (!given.sha256_of_lines.empty()) {
            compare_all(given, world, at_once, result.static_differences);
            compare_all(given, world, by_messages, result.message_differences);
        }
        if (given.event && prefixes_of(given).size() == 1) replay_event(given, world, result);
    }
    return result;
}

std::vector<Figure> figures_of(const std::vector<BgpCaseResult>& results) {
    Figure at_once{"routes computed at once, equal", 0, 0, 1}, messages{"routes by messages, equal", 0, 0, 1};
    Figure last{"last UPDATE within 10 % + 0.3 s of the daemons' last", 0, 0, 1};
    for (const BgpCaseResult& result : results) {
        const auto count = [&](Figure& figure, const std::vector<std::string>& differences) {
            figure.of += result.compared;
            figure.good += result.compared - std::min(result.compared, differences.size());
        };
        count(at_once, result.static_differences);
        count(messages, result.message_differences);
        for (const BgpConvergenceResult& convergence : result.convergence) {
            ++last.of;
            if (convergence.within()) ++last.good;
        }
    }
    return {at_once, messages, last};
}

} // namespace firstbyte::validate
