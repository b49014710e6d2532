#include "bgp_world.hpp"

#include "bgp/caida.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <chrono>

namespace firstbyte::validate {
namespace {

Duration seconds(double s) { return std::chrono::duration_cast<Duration>(std::chrono::duration<double>(s)); }

bgp::AsLinks links_of(const BgpCase& given, const std::set<AsNumber>& without) {
    if (!given.graph.empty()) {
        std::vector<bgp::LineFault> faults;
        return bgp::read_as_relationships(FIRSTBYTE_SOURCE_DIR "/" + given.graph, faults);
    }
    bgp::AsLinks links;
    const auto kept = [&](const auto& from, auto& to) {
        for (const auto& pair : from)
            if (!without.contains(pair.first) && !without.contains(pair.second)) to.push_back(pair);
    };
    kept(given.links, links.provider_customer);
    kept(given.peers, links.peers);
    for (const BgpAnnouncement& from : given.announcements) links.others.push_back(from.asn);
    return links;
}

const char* class_name(LearnedFrom learned_from) {
    switch (learned_from) {
    case LearnedFrom::Origin: return "origin";
    case LearnedFrom::Customer: return "customer";
    case LearnedFrom::Peer: return "peer";
    case LearnedFrom::Provider: return "provider";
    }
    return "";
}

std::string text_of(const std::optional<BgpRoute>& route) {
    if (!route) return "no route";
    if (route->path) return fmt::format("[{}]", fmt::join(*route->path, " "));
    return fmt::format("origin {}, length {}", route->origin, route->length);
}

} // namespace

BgpWorld world_of(const BgpCase& given, const std::set<AsNumber>& without, const std::set<AsNumber>& silent) {
    BgpWorld world{bgp::AsGraph(links_of(given, without)), {}, {}};
    for (std::size_t index = 0; index < given.announcements.size(); ++index) {
        const BgpAnnouncement& from = given.announcements[index];
        if (silent.contains(from.asn)) continue;
        bgp::Announcement announcement;
        announcement.asn = from.asn;
        announcement.node = world.graph.find(from.asn);
        announcement.prepend = from.prepend;
        announcement.prepend_to = from.prepend_to;
        announcement.only_to = from.only_to;
        world.announcements.push_back(std::move(announcement));
        world.position.push_back(index);
    }
    return world;
}

std::vector<bgp::RoutingChange> changes_of(const BgpEvent& event, const BgpWorld& world) {
    using Kind = bgp::RoutingChange::Kind;
    std::vector<bgp::RoutingChange> changes;
    for (std::uint32_t index = 0; index < world.announcements.size(); ++index) {
        const AsNumber asn = world.announcements[index].asn;
        if (std::find(event.ases.begin(), event.ases.end(), asn) == event.ases.end()) continue;
        bgp::RoutingChange change;
        change.announcement = index;
        if (event.kind != BgpEvent::Kind::LinkDown) {
            change.kind = event.kind == BgpEvent::Kind::Withdraw ? Kind::Withdraw : Kind::SiteDies;
            changes.push_back(change);
        }
    }
    if (event.kind != BgpEvent::Kind::LinkDown) return changes;
    for (const AsNumber asn : event.ases) {
        const auto node = world.graph.find(asn);
        if (!node) continue;
        bgp::RoutingChange change;
        change.kind = Kind::LinkDown;
        change.link_from = node;
        for (const auto neighbors :
             {world.graph.providers(*node), world.graph.peers(*node), world.graph.customers(*node)})
            for (const bgp::NodeIndex neighbor : neighbors) {
                change.link_to = neighbor;
                changes.push_back(change);
            }
    }
    return changes;
}

bgp::ConvergenceSettings frr_settings(const BgpCase& given, double mrai_s) {
    bgp::ConvergenceSettings settings;
    settings.mrai = seconds(mrai_s);
    settings.mrai_jitter = 0;
    settings.policy = given.no_policy ? bgp::RoutingPolicy::None : bgp::RoutingPolicy::GaoRexford;
    if (given.event) {
        settings.hold_time = seconds(given.event->hold_s);
        settings.keepalive = seconds(given.event->keepalive_s);
    }
    return settings;
}

std::vector<std::string> missing_for(const BgpCase& given) {
    static const std::set<std::string> covered{"anycast", "withdraw",   "dynamics", "link-failure",
                                               "prepend", "prepend_to", "only_to",  "silent-death"};
    std::vector<std::string> missing;
    for (const std::string& need : given.needs)
        if (!covered.contains(need)) missing.push_back(need);
    const auto add = [&](bool needed, const char* feature) {
        if (needed && std::find(missing.begin(), missing.end(), feature) == missing.end()) missing.push_back(feature);
    };
    add(std::any_of(given.announcements.begin(), given.announcements.end(),
                    [](const BgpAnnouncement& from) { return from.literal_path; }),
        "forged-path");
    add(given.any_of, "any-of");
    return missing;
}

std::optional<BgpRoute> route_of(const BgpWorld& world, const bgp::Fixpoint& routes, AsNumber asn) {
    const auto node = world.graph.find(asn);
    if (!node || !routes.best[*node].reached) return std::nullopt;
    const bgp::BestRoute& best = routes.best[*node];
    BgpRoute route;
    route.origin = world.announcements[best.announcement].asn;
    route.next_hop = world.graph.number(best.from);
    route.path = routes.as_path(world.graph, world.announcements, *node);
    route.length = best.length;
    route.learned_from = class_name(best.learned_from);
    return route;
}

std::string difference(const std::optional<BgpRoute>& expected, const std::optional<BgpRoute>& found) {
    const auto differ = [&] { return fmt::format("expected {}, found {}", text_of(expected), text_of(found)); };
    if (expected.has_value() != found.has_value()) return differ();
    if (!expected) return "";
    if (expected->origin != found->origin || expected->length != found->length) return differ();
    if (expected->path && *expected->path != *found->path) return differ();
    if (expected->next_hop && *expected->next_hop != *found->next_hop) return differ();
    if (!expected->learned_from.empty() && expected->learned_from != found->learned_from)
        return fmt::format("expected from a {}, found from a {}", expected->learned_from, found->learned_from);
    return "";
}

} // namespace firstbyte::validate
