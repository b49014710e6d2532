// Routes of small graphs and of the whole Internet of 2018 against outcomes that others got: see
// tests/conformance/bgp/README.md for who got them and how.

#include "bgp/caida.hpp"
#include "bgp/propagation.hpp"
#include "core/data_files.hpp"
#include "core/sha256.hpp"

#include <doctest/doctest.h>
#include <nlohmann/json.hpp>

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <map>
#include <set>
#include <string>
#include <vector>

namespace firstbyte::bgp {
namespace {

using nlohmann::json;

const char* class_name(LearnedFrom learned_from) {
    switch (learned_from) {
    case LearnedFrom::Origin: return "origin";
    case LearnedFrom::Customer: return "customer";
    case LearnedFrom::Peer: return "peer";
    case LearnedFrom::Provider: return "provider";
    }
    return "";
}

AsNumber as_number(const std::string& text) { return static_cast<AsNumber>(std::stoul(text)); }

std::vector<std::filesystem::path> case_files() {
    std::vector<std::filesystem::path> files;
    for (const auto& entry : std::filesystem::directory_iterator(FIRSTBYTE_SOURCE_DIR "/tests/conformance/bgp"))
        if (entry.path().extension() == ".json") files.push_back(entry.path());
    std::sort(files.begin(), files.end());
    return files;
}

json read_json(const std::filesystem::path& file) {
    std::ifstream stream(file);
    REQUIRE(stream.good());
    return json::parse(stream);
}

AsLinks links_of(const json& given, const std::set<AsNumber>& failed) {
    AsLinks links;
    const auto add = [&](const json& pairs, std::vector<std::pair<AsNumber, AsNumber>>& to) {
        for (const json& pair : pairs) {
            const auto a = pair.at(0).get<AsNumber>(), b = pair.at(1).get<AsNumber>();
            if (!failed.contains(a) && !failed.contains(b)) to.emplace_back(a, b);
        }
    };
    add(given.at("links"), links.provider_customer);
    add(given.at("peers"), links.peers);
    return links;
}

std::vector<Announcement> announcements_of(const json& given, const AsGraph& graph, const std::set<AsNumber>& silent) {
    std::vector<Announcement> announcements;
    for (const json& entry : given.at("announcements")) {
        Announcement from;
        from.asn = entry.at("asn").get<AsNumber>();
        if (silent.contains(from.asn)) continue;
        from.node = graph.find(from.asn);
        if (!from.node) continue; // an AS without links has nobody to announce to
        from.prepend = entry.value("prepend", 0u);
        const json prepend_to = entry.value("prepend_to", json::object());
        for (const auto& [neighbor, extra] : prepend_to.items())
            from.prepend_to.emplace_back(as_number(neighbor), extra.get<std::uint32_t>());
        if (entry.contains("only_to")) from.only_to = entry.at("only_to").get<std::vector<AsNumber>>();
        announcements.push_back(std::move(from));
    }
    return announcements;
}

void check_route(const AsGraph& graph, const std::vector<Announcement>& announcements, const Routes& routes,
                 AsNumber asn, const json& expected) {
    CAPTURE(asn);
    const auto node = graph.find(asn);
    if (!node) { // an AS without links is not in the graph: it can know its own prefix only
        CHECK((expected.is_null() || expected.at("class") == "origin"));
        return;
    }
    REQUIRE(routes.reached(*node) == !expected.is_null());
    if (expected.is_null()) return;
    CHECK(announcements[routes.announcement(*node)].asn == expected.at("origin").get<AsNumber>());
    CHECK(routes.path_length(*node) == expected.at("len").get<std::uint32_t>());
    if (expected.contains("path")) CHECK(routes.as_path(*node) == expected.at("path").get<std::vector<AsNumber>>());
    if (expected.contains("class"))
        CHECK(class_name(routes.learned_from(*node)) == expected.at("class").get<std::string>());
    if (expected.contains("next_hop"))
        CHECK(graph.number(routes.next_hop(*node).value_or(*node)) == expected.at("next_hop").get<AsNumber>());
}

void check_outcome(const json& given, const json& expected, const std::set<AsNumber>& silent,
                   const std::set<AsNumber>& failed) {
    const AsGraph graph(links_of(given, failed));
    const std::vector<Announcement> announcements = announcements_of(given, graph, silent);
    const Routes routes(graph, announcements);
    for (const auto& [asn, route] : expected.items()) check_route(graph, announcements, routes, as_number(asn), route);
}

bool in_scope(const json& given) {
    static const std::set<std::string> covered{"anycast", "withdraw", "dynamics", "prepend", "prepend_to", "only_to"};
    for (const json& need : given.value("needs", json::array()))
        if (!covered.contains(need.get<std::string>())) return false;
    return given.value("policy", "gao-rexford") == "gao-rexford" && given.contains("links");
}

} // namespace

TEST_CASE("routes: equal to BGPy's ground truth, to FRR's converged tables and to naive message passing") {
    std::map<std::string, int> checked;
    for (const std::filesystem::path& file : case_files()) {
        CAPTURE(file.filename().string());
        const json given = read_json(file);
        if (!in_scope(given)) continue;
        if (given.contains("expected")) check_outcome(given, given.at("expected"), {}, {});
        if (given.contains("expected_after")) {
            const json& event = given.at("event");
            const auto silent =
                event.value("withdraw", event.value("fail_as", json::array())).get<std::set<AsNumber>>();
            const auto failed = event.value("fail_as", json::array()).get<std::set<AsNumber>>();
            check_outcome(given, given.at("expected_after"), silent, failed);
        }
        const std::string name = file.filename().string();
        ++checked[name.substr(0, name.find('-'))];
    }
    // The rest of BGPy's cases need forged paths or path validation, one of FRR's has no Gao-Rexford policy.
    CHECK(checked == std::map<std::string, int>{{"bgpy", 2}, {"frr", 5}, {"random", 12}});
}

TEST_CASE("routes: the whole Internet of 2018 with ten anycast origins, every AS") {
    const json given = read_json(FIRSTBYTE_SOURCE_DIR "/tests/conformance/bgp/full-201805-10-origins.json");
    std::vector<LineFault> faults;
    const AsGraph graph(
        read_as_relationships(FIRSTBYTE_SOURCE_DIR "/scenarios/data/internet-2018.as-rel.txt.xz", faults));
    CHECK(faults.empty());
    CHECK(graph.node_count() == 61'164); // as-graph/README: after cleaning
    CHECK(graph.link_count() == 289'622);
    CHECK(graph.transit_count() == 9'312); // topology-and-latency section 2
    CHECK(graph.provider_cycle().empty());

    const std::vector<Announcement> announcements = announcements_of(given, graph, {});
    const Routes routes(graph, announcements);
    std::map<std::string, std::size_t> catchment_size, by_class;
    std::size_t routed = 0, without = 0;
    std::string lines;
    for (const NodeIndex node : graph.by_number()) {
        lines += std::to_string(graph.number(node));
        if (!routes.reached(node)) {
            ++without;
            lines += " - - - -\n";
            continue;
        }
        ++routed;
        const AsNumber origin = announcements[routes.announcement(node)].asn;
        ++catchment_size[std::to_string(origin)];
        ++by_class[class_name(routes.learned_from(node))];
        lines += " " + std::to_string(origin) + " " +
                 std::to_string(graph.number(routes.next_hop(node).value_or(node))) + " " +
                 std::to_string(routes.path_length(node)) + " " + class_name(routes.learned_from(node)) + "\n";
    }
    CHECK(routed == given.at("routed").get<std::size_t>());
    CHECK(without == given.at("no_route").get<std::size_t>());
    CHECK(catchment_size == given.at("catchment_size").get<std::map<std::string, std::size_t>>());
    CHECK(by_class == given.at("by_class").get<std::map<std::string, std::size_t>>());
    for (const auto& [asn, expected] : given.at("sample").items())
        check_route(graph, announcements, routes, as_number(asn), expected);
    CHECK(sha256_hex(lines) == given.at("sha256_of_lines").at("sha256").get<std::string>());
}

} // namespace firstbyte::bgp
