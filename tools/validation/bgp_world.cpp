#include "bgp_world.hpp"

#include "bgp/caida.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <chrono>
#include <cstdio>
#include <filesystem>
#include <stdexcept>

namespace firstbyte::validate {
namespace {

Duration seconds(double s) { return std::chrono::duration_cast<Duration>(std::chrono::duration<double>(s)); }

/// The file of a graph, looked for from the case's folder upwards, then in the project; empty: there is none.
std::string graph_file(const BgpCase& given) {
    namespace fs = std::filesystem;
    for (fs::path folder = fs::absolute(given.folder); folder != folder.root_path(); folder = folder.parent_path())
        if (fs::exists(folder / given.graph)) return (folder / given.graph).string();
    const fs::path here = fs::path(FIRSTBYTE_SOURCE_DIR) / given.graph;
    return fs::exists(here) ? here.string() : std::string();
}

bgp::AsLinks links_of(const BgpCase& given, const std::set<AsNumber>& without) {
    if (!given.graph.empty()) {
        std::vector<bgp::LineFault> faults;
        return bgp::read_as_relationships(graph_file(given), faults);
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

struct Prefix {
    std::uint32_t address = 0;
    int length = 0;
    [[nodiscard]] bool holds(const Prefix& other) const {
        return length <= other.length && (length == 0 || (address ^ other.address) >> (32 - length) == 0);
    }
};

Prefix prefix_of(const std::string& text) {
    unsigned a = 0, b = 0, c = 0, d = 0;
    int length = 0;
    if (std::sscanf(text.c_str(), "%u.%u.%u.%u/%d", &a, &b, &c, &d, &length) != 5 || a > 255 || b > 255 || c > 255 ||
        d > 255 || length < 0 || length > 32)
        throw std::runtime_error("\"" + text + "\" is not an IPv4 prefix");
    return {a << 24 | b << 16 | c << 8 | d, length};
}

/// RFC 6811 section 2: some authorisation covers the prefix, and none names this origin and this length.
bool is_invalid(const BgpCase& given, const BgpAnnouncement& from) {
    if (from.prefix.empty()) return false;
    const Prefix prefix = prefix_of(from.prefix);
    const AsNumber origin = from.path.empty() ? from.asn : from.path.back();
    bool covered = false;
    for (const BgpRoa& roa : given.roas) {
        const Prefix authorised = prefix_of(roa.prefix);
        if (!authorised.holds(prefix)) continue;
        if (authorised.length == prefix.length && roa.origin == origin) return false;
        covered = true;
    }
    return covered;
}

std::string text_of(const std::optional<BgpRoute>& route) {
    if (!route) return "no route";
    if (route->path) return fmt::format("[{}]", fmt::join(*route->path, " "));
    return fmt::format("origin {}, length {}", route->origin, route->length);
}

} // namespace

const char* class_name(LearnedFrom learned_from) {
    switch (learned_from) {
    case LearnedFrom::Origin: return "origin";
    case LearnedFrom::Customer: return "customer";
    case LearnedFrom::Peer: return "peer";
    case LearnedFrom::Provider: return "provider";
    }
    return "";
}

std::vector<std::string> prefixes_of(const BgpCase& given) {
    std::vector<std::string> prefixes;
    for (const BgpAnnouncement& from : given.announcements)
        if (std::find(prefixes.begin(), prefixes.end(), from.prefix) == prefixes.end()) prefixes.push_back(from.prefix);
    return prefixes;
}

BgpWorld world_of(const BgpCase& given, const std::string& prefix, const std::set<AsNumber>& without,
                  const std::set<AsNumber>& silent) {
    BgpWorld world{bgp::AsGraph(links_of(given, without)), {}, {}};
    for (const BgpAnnouncement& from : given.announcements) {
        if (from.prefix != prefix || silent.contains(from.asn)) continue;
        bgp::Announcement announcement;
        announcement.asn = from.asn;
        announcement.node = world.graph.find(from.asn);
        announcement.prepend = from.prepend;
        announcement.prepend_to = from.prepend_to;
        announcement.only_to = from.only_to;
        announcement.invalid = is_invalid(given, from);
        world.announcements.push_back(std::move(announcement));
    }
    for (const auto& [asn, policy] : given.policies)
        if (policy == "rov") world.policy.validating.push_back(asn);
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

bgp::ConvergenceSettings frr_settings(const BgpCase& given, const BgpWorld& world, double mrai_s) {
    bgp::ConvergenceSettings settings;
    settings.mrai = seconds(mrai_s);
    settings.mrai_jitter = 0;
    settings.routes = world.policy;
    settings.policy = given.no_policy ? bgp::RoutingPolicy::None : bgp::RoutingPolicy::GaoRexford;
    if (given.event) {
        settings.hold_time = seconds(given.event->hold_s);
        settings.keepalive = seconds(given.event->keepalive_s);
    }
    return settings;
}

std::vector<std::string> missing_for(const BgpCase& given) {
    static const std::set<std::string> covered{"anycast", "withdraw", "dynamics",   "link-failure", "silent-death",
                                               "prepend", "rov",      "prepend_to", "only_to",      "multi-prefix"};
    std::vector<std::string> missing;
    const auto add = [&](const std::string& feature) {
        if (std::find(missing.begin(), missing.end(), feature) == missing.end()) missing.push_back(feature);
    };
    for (const std::string& need : given.needs)
        if (!covered.contains(need)) add(need);
    for (const BgpAnnouncement& from : given.announcements)
        if (!from.path.empty()) add("forged-path");
    for (const auto& [asn, policy] : given.policies)
        if (policy != "rov") add(policy);
    if (given.any_of) add("any-of");
    if (given.event && given.event->kind == BgpEvent::Kind::Other) add("another event");
    if (!given.graph.empty() && graph_file(given).empty()) add(given.graph);
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
