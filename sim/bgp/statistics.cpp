#include "bgp/statistics.hpp"

#include "bgp/propagation.hpp"
#include "core/random.hpp"

#include <algorithm>
#include <cmath>
#include <functional>
#include <numeric>

namespace firstbyte::bgp {
namespace {

constexpr std::size_t most_listed = 8; // model choice: what fits one line
constexpr std::uint64_t sample_seed = 1;

std::size_t degree_of(const AsGraph& graph, NodeIndex node) {
    return graph.providers(node).size() + graph.peers(node).size() + graph.customers(node).size();
}

/// The value that a share `q` of the sorted values does not exceed.
std::size_t quantile(const std::vector<std::size_t>& sorted, double q) {
    const auto rank = static_cast<std::size_t>(std::ceil(q * static_cast<double>(sorted.size())));
    return sorted[std::max<std::size_t>(rank, 1) - 1];
}

std::optional<double> tail_exponent(const std::vector<std::size_t>& values, std::size_t least) {
    constexpr std::size_t few = 10;
    double sum = 0;
    std::size_t count = 0;
    for (const std::size_t value : values) {
        if (value < least) continue;
        sum += std::log(static_cast<double>(value) / (static_cast<double>(least) - 0.5));
        ++count;
    }
    if (count < few) return std::nullopt;
    return 1 + static_cast<double>(count) / sum;
}

void measure_degrees(const AsGraph& graph, TopologyStatistics& to) {
    std::vector<std::size_t> degrees, customers;
    for (NodeIndex node = 0; node < graph.node_count(); ++node) {
        degrees.push_back(degree_of(graph, node));
        customers.push_back(graph.customers(node).size());
        to.customers_10 += customers.back() >= 10 ? 1U : 0U;
        to.customers_100 += customers.back() >= 100 ? 1U : 0U;
        to.customers_1000 += customers.back() >= 1000 ? 1U : 0U;
    }
    std::sort(degrees.begin(), degrees.end());
    to.degree_mean = 2 * static_cast<double>(graph.link_count()) / static_cast<double>(to.ases);
    to.degree_median = quantile(degrees, 0.5);
    to.degree_p90 = quantile(degrees, 0.9);
    to.degree_p95 = quantile(degrees, 0.95);
    to.degree_p99 = quantile(degrees, 0.99);
    to.degree_p999 = quantile(degrees, 0.999);
    const std::size_t listed = std::min(most_listed, degrees.size());
    to.largest_degrees.assign(degrees.rbegin(), degrees.rbegin() + static_cast<std::ptrdiff_t>(listed));
    to.degree_tail_10 = tail_exponent(degrees, 10);
    to.degree_tail_50 = tail_exponent(degrees, 50);
    to.customer_tail_10 = tail_exponent(customers, 10);
    to.customer_tail_50 = tail_exponent(customers, 50);
}

void measure_kinds(const AsGraph& graph, TopologyStatistics& to) {
    std::size_t stub_providers = 0, stub_peers = 0, transit_providers = 0, transit_peers = 0;
    for (NodeIndex node = 0; node < graph.node_count(); ++node) {
        const std::size_t providers = graph.providers(node).size(), peers = graph.peers(node).size();
        to.provider_customer_links += providers;
        to.without_peers += peers == 0 ? 1U : 0U;
        if (node < graph.transit_count()) {
            transit_providers += providers;
            transit_peers += peers;
            continue;
        }
        to.stubs_with_peers += peers != 0 ? 1U : 0U;
        ++to.stubs_by_providers[std::min(providers, to.stubs_by_providers.size() - 1)];
        stub_providers += providers;
        stub_peers += peers;
    }
    to.transit = graph.transit_count();
    to.stubs = to.ases - to.transit;
    to.peer_links = (stub_peers + transit_peers) / 2;
    const auto mean = [](std::size_t sum, std::size_t of) {
        return of == 0 ? 0 : static_cast<double>(sum) / static_cast<double>(of);
    };
    to.stub_providers_mean = mean(stub_providers, to.stubs);
    to.stub_peers_mean = mean(stub_peers, to.stubs);
    to.transit_providers_mean = mean(transit_providers, to.transit);
    to.transit_peers_mean = mean(transit_peers, to.transit);
}

std::size_t count_components(const AsGraph& graph) {
    std::vector<bool> seen(graph.node_count(), false);
    std::vector<NodeIndex> waiting;
    std::size_t components = 0;
    for (NodeIndex start = 0; start < graph.node_count(); ++start) {
        if (seen[start]) continue;
        ++components;
        seen[start] = true;
        waiting.assign(1, start);
        while (!waiting.empty()) {
            const NodeIndex node = waiting.back();
            waiting.pop_back();
            for (const auto& neighbors : {graph.providers(node), graph.peers(node), graph.customers(node)}) {
                for (const NodeIndex neighbor : neighbors) {
                    if (seen[neighbor]) continue;
                    seen[neighbor] = true;
                    waiting.push_back(neighbor);
                }
            }
        }
    }
    return components;
}

void measure_hierarchy(const AsGraph& graph, TopologyStatistics& to) {
    std::vector<std::pair<std::size_t, NodeIndex>> cones; // ASes outside, so that the largest sort first
    for (NodeIndex node = 0; node < graph.transit_count(); ++node)
        cones.emplace_back(graph.node_count() - graph.customer_cone(node), node);
    const auto by_cone = [&](const auto& a, const auto& b) {
        return std::pair{a.first, graph.number(a.second)} < std::pair{b.first, graph.number(b.second)};
    };
    std::sort(cones.begin(), cones.end(), by_cone);
    for (std::size_t at = 0; at < std::min(most_listed, cones.size()); ++at)
        to.largest_cones.emplace_back(graph.number(cones[at].second), graph.node_count() - cones[at].first);

    std::vector<NodeIndex> clique;
    for (const auto& cone : cones) {
        const NodeIndex node = cone.second;
        if (!graph.providers(node).empty()) continue;
        to.provider_free.push_back(graph.number(node));
        const auto peers = graph.peers(node);
        const bool joins = std::all_of(clique.begin(), clique.end(), [&](NodeIndex member) {
            return std::binary_search(peers.begin(), peers.end(), member); // neighbours are in ascending order
        });
        if (joins) clique.push_back(node);
    }
    for (const NodeIndex node : clique) to.clique.push_back(graph.number(node));
    std::sort(to.provider_free.begin(), to.provider_free.end());
    std::sort(to.clique.begin(), to.clique.end());

    std::vector<std::size_t> height(graph.node_count(), 1); // ASes of the longest chain that ends here
    for (NodeIndex node = 0; node < graph.node_count(); ++node) {
        for (const NodeIndex provider : graph.providers(node))
            if (provider < node) height[node] = std::max(height[node], height[provider] + 1);
        to.longest_provider_chain = std::max(to.longest_provider_chain, height[node]);
    }
    to.provider_cycle = graph.provider_cycle();
}

void measure_paths(const AsGraph& graph, std::size_t destinations, TopologyStatistics& to) {
    std::vector<NodeIndex> drawn = graph.by_number();
    const Draws draws(sample_seed, 0);
    to.destinations = std::min(destinations, drawn.size());
    std::array<std::uint64_t, 8> hops{};
    std::array<std::uint64_t, 4> learned{};
    std::uint64_t all_hops = 0;
    for (std::size_t at = 0; at < to.destinations; ++at) {
        const std::size_t other = at + draws.below(drawn.size() - at, Stream::SampledDestinations, 0, at);
        std::swap(drawn[at], drawn[other]);
        const Announcement origin{graph.number(drawn[at]), drawn[at], {}, {}, 0, {}, {}, {}};
        const Routes routes(graph, std::span(&origin, 1));
        for (NodeIndex node = 0; node < graph.node_count(); ++node) {
            if (node == drawn[at]) continue;
            if (!routes.reached(node)) {
                ++to.unreachable;
                continue;
            }
            const std::uint32_t length = routes.path_length(node);
            all_hops += length;
            ++hops[std::min<std::size_t>(length, hops.size() - 1)];
            ++learned[static_cast<std::size_t>(routes.learned_from(node))];
            ++to.pairs;
        }
    }
    if (to.pairs == 0) return;
    const auto share = [&](std::uint64_t count) { return static_cast<double>(count) / static_cast<double>(to.pairs); };
    to.hops_mean = share(all_hops);
    std::transform(hops.begin(), hops.end(), to.hops_share.begin(), share);
    to.learned_from_customer = share(learned[static_cast<std::size_t>(LearnedFrom::Customer)]);
    to.learned_from_peer = share(learned[static_cast<std::size_t>(LearnedFrom::Peer)]);
    to.learned_from_provider = share(learned[static_cast<std::size_t>(LearnedFrom::Provider)]);
}

} // namespace

TopologyStatistics statistics_of(const AsGraph& graph, std::size_t destinations) {
    TopologyStatistics to;
    to.ases = graph.node_count();
    if (to.ases == 0) return to;
    measure_degrees(graph, to);
    measure_kinds(graph, to);
    to.components = count_components(graph);
    measure_hierarchy(graph, to);
    measure_paths(graph, destinations, to);
    return to;
}

} // namespace firstbyte::bgp
