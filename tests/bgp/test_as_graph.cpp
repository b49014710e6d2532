// Building the graph: numbers, order, contradictions, cycles.

#include "bgp/as_graph.hpp"

#include <doctest/doctest.h>

#include <algorithm>
#include <string>
#include <vector>

namespace firstbyte::bgp {
namespace {

std::vector<AsNumber> numbers(const AsGraph& graph, std::span<const NodeIndex> nodes) {
    std::vector<AsNumber> list;
    for (const NodeIndex node : nodes) list.push_back(graph.number(node));
    std::sort(list.begin(), list.end());
    return list;
}

using Numbers = std::vector<AsNumber>;

} // namespace

TEST_CASE("as graph: neighbours by relationship, duplicates once, numbers of 32 bits (RFC 6793)") {
    std::vector<LinkFault> faults;
    const AsGraph graph({.provider_customer = {{174, 4'200'000'000}, {174, 64510}, {174, 64510}, {64510, 64520}},
                         .peers = {{3356, 174}, {174, 3356}, {64520, 4'200'000'000}}},
                        &faults);
    CHECK(faults.empty());
    CHECK(graph.node_count() == 5);
    CHECK(graph.link_count() == 5);
    CHECK(graph.transit_count() == 2);
    const NodeIndex cogent = graph.find(174).value();
    CHECK(numbers(graph, graph.providers(cogent)) == Numbers{});
    CHECK(numbers(graph, graph.peers(cogent)) == Numbers{3356});
    CHECK(numbers(graph, graph.customers(cogent)) == Numbers{64510, 4'200'000'000});
    CHECK(graph.customer_cone(cogent) == 4);
    const NodeIndex large = graph.find(4'200'000'000).value();
    CHECK(numbers(graph, graph.providers(large)) == Numbers{174});
    CHECK(numbers(graph, graph.peers(large)) == Numbers{64520});
    CHECK_FALSE(graph.find(64511).has_value());
    CHECK(numbers(graph, graph.by_number()) == Numbers{174, 3356, 64510, 64520, 4'200'000'000});
}

TEST_CASE("as graph: every transit AS stands after its providers, stubs last") {
    const AsGraph graph({.provider_customer = {{5, 1}, {1, 9}, {9, 3}, {5, 3}, {7, 5}, {7, 2}}, .peers = {{3, 2}}});
    CHECK(graph.provider_cycle().empty());
    for (NodeIndex node = 0; node < graph.node_count(); ++node) {
        CAPTURE(graph.number(node));
        CHECK((node < graph.transit_count()) == !graph.customers(node).empty());
        for (const NodeIndex provider : graph.providers(node)) CHECK(provider < node);
    }
}

TEST_CASE("as graph: contradictions are told, not thrown") {
    struct Row {
        const char* name;
        AsLinks links;
        AsNumber a, b;
    };
    const Row rows[] = {
        {"each other's provider", {{{1, 2}, {2, 1}, {1, 3}}, {}}, 1, 2},
        {"provider and peer", {{{7, 4}, {4, 5}}, {{4, 7}}}, 4, 7},
        {"peer and provider", {{{4, 7}}, {{7, 4}}}, 4, 7},
        {"linked with itself", {{{1, 2}, {6, 6}}, {}}, 6, 6},
        {"its own peer", {{{1, 2}}, {{6, 6}}}, 6, 6},
    };
    for (const Row& row : rows) {
        CAPTURE(row.name);
        std::vector<LinkFault> faults;
        const AsGraph graph(row.links, &faults);
        REQUIRE(faults.size() == 1);
        CHECK(faults[0].a == row.a);
        CHECK(faults[0].b == row.b);
        CHECK(faults[0].message.find("AS" + std::to_string(row.a)) != std::string::npos);
    }
}

TEST_CASE("as graph: a cycle of providers is named") {
    const AsGraph graph(
        {.provider_customer = {{1, 10}, {10, 20}, {20, 30}, {30, 10}, {30, 40}, {40, 50}}, .peers = {}});
    Numbers cycle = graph.provider_cycle();
    REQUIRE(cycle.size() == 3);
    for (std::size_t at = 0; at < cycle.size(); ++at) { // each provides the next
        const NodeIndex provider = graph.find(cycle[at]).value();
        const auto customers = numbers(graph, graph.customers(provider));
        CHECK(std::binary_search(customers.begin(), customers.end(), cycle[(at + 1) % cycle.size()]));
    }
    std::sort(cycle.begin(), cycle.end());
    CHECK(cycle == Numbers{10, 20, 30});
}

TEST_CASE("as graph: an empty one has no node") {
    const AsGraph graph;
    CHECK(graph.node_count() == 0);
    CHECK_FALSE(graph.find(1).has_value());
}

} // namespace firstbyte::bgp
