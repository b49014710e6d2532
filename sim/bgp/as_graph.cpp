#include "bgp/as_graph.hpp"

#include "core/check.hpp"

#include <algorithm>
#include <array>
#include <limits>
#include <numeric>
#include <tuple>

namespace firstbyte::bgp {
namespace {

using Link = std::pair<AsNumber, AsNumber>;

void sort_and_deduplicate(std::vector<Link>& links) {
    if (!std::is_sorted(links.begin(), links.end())) std::sort(links.begin(), links.end());
    links.erase(std::unique(links.begin(), links.end()), links.end());
}

std::vector<AsNumber> sorted_numbers(const AsLinks& links) {
    std::vector<AsNumber> numbers;
    numbers.reserve(links.provider_customer.size() * 2 + links.peers.size() * 2);
    for (const std::vector<Link>* list : {&links.provider_customer, &links.peers}) {
        for (const Link& link : *list) {
            if (numbers.empty() || numbers.back() != link.first)
                numbers.push_back(link.first); // lists are sorted by it
        }
        for (const Link& link : *list) numbers.push_back(link.second);
    }
    numbers.insert(numbers.end(), links.others.begin(), links.others.end());
    std::sort(numbers.begin(), numbers.end());
    numbers.erase(std::unique(numbers.begin(), numbers.end()), numbers.end());
    return numbers;
}

/// Links between ranks in the sorted list of AS numbers, as the positions are not known yet.
struct RankedLinks {
    std::vector<std::pair<std::uint32_t, std::uint32_t>> provider_customer, peers;
};

/// Rank of an AS number. Consecutive questions often name the same AS, or small ones near together.
class Ranks {
public:
    explicit Ranks(const std::vector<AsNumber>& numbers) : numbers_(numbers) {
        for (std::size_t page = 0; page < first_of_page_.size(); ++page)
            first_of_page_[page] = static_cast<std::uint32_t>(
                std::lower_bound(numbers.begin(), numbers.end(), page * page_size) - numbers.begin());
    }

    [[nodiscard]] std::uint32_t operator()(AsNumber number) const {
        const std::size_t page = number / page_size;
        auto from = numbers_.begin(), to = numbers_.end();
        if (page + 1 < first_of_page_.size()) {
            from = numbers_.begin() + first_of_page_[page];
            to = numbers_.begin() + first_of_page_[page + 1];
        }
        return static_cast<std::uint32_t>(std::lower_bound(from, to, number) - numbers_.begin());
    }

private:
    static constexpr std::size_t page_size = 32;
    static constexpr std::size_t pages = 16384; // up to AS524287, beyond every number in public use but a few
    const std::vector<AsNumber>& numbers_;
    std::array<std::uint32_t, pages> first_of_page_{};
};

/// Kahn's algorithm down the provider links. Of ASes that are ready at once the lower number goes first, level by
/// level.
struct Order {
    std::vector<std::uint32_t> transit; ///< ranks, providers before customers
    bool cyclic = false;
};

class Hierarchy {
public:
    Hierarchy(std::size_t size, const RankedLinks& links)
        : providers_left_(size, 0), first_customer_(size + 1, 0), customers_(links.provider_customer.size()) {
        for (const auto& [provider, customer] : links.provider_customer) ++first_customer_[provider + 1];
        std::partial_sum(first_customer_.begin(), first_customer_.end(), first_customer_.begin());
        std::vector<std::uint32_t> next(first_customer_.begin(), first_customer_.end() - 1);
        for (const auto& [provider, customer] : links.provider_customer) {
            customers_[next[provider]++] = customer;
            ++providers_left_[customer];
        }
    }

    [[nodiscard]] bool is_transit(std::uint32_t rank) const {
        return first_customer_[rank] != first_customer_[rank + 1];
    }

    Order order() {
        Order order;
        const auto size = static_cast<std::uint32_t>(providers_left_.size());
        std::vector<std::uint32_t> level, next_level;
        for (std::uint32_t rank = 0; rank < size; ++rank)
            if (providers_left_[rank] == 0 && is_transit(rank)) level.push_back(rank);
        while (!level.empty()) {
            next_level.clear();
            for (const std::uint32_t rank : level) {
                order.transit.push_back(rank);
                for (std::uint32_t at = first_customer_[rank]; at != first_customer_[rank + 1]; ++at)
                    if (--providers_left_[customers_[at]] == 0 && is_transit(customers_[at]))
                        next_level.push_back(customers_[at]);
            }
            std::sort(next_level.begin(), next_level.end());
            level.swap(next_level);
        }
        for (std::uint32_t rank = 0; rank < size; ++rank) {
            if (!is_transit(rank) || providers_left_[rank] == 0) continue;
            order.transit.push_back(rank); // on a cycle or below one
            order.cyclic = true;
        }
        return order;
    }

private:
    std::vector<std::uint32_t> providers_left_, first_customer_, customers_;
};

std::string as_name(AsNumber number) { return "AS" + std::to_string(number); }

/// Two relationships of one pair show as a neighbour that is in two of the three sorted groups of arcs.
void report_contradictions(const AsGraph& graph, std::vector<LinkFault>& faults) {
    const auto report = [&](NodeIndex node, std::span<const NodeIndex> one, std::span<const NodeIndex> other,
                            const char* relations) {
        std::vector<NodeIndex> both;
        std::set_intersection(one.begin(), one.end(), other.begin(), other.end(), std::back_inserter(both));
        for (const NodeIndex neighbor : both) {
            const AsNumber a = graph.number(node), b = graph.number(neighbor);
            if (a < b) faults.push_back({a, b, as_name(a) + " and " + as_name(b) + " are " + relations});
        }
    };
    for (const NodeIndex node : graph.by_number()) {
        report(node, graph.providers(node), graph.customers(node), "each other's provider");
        report(node, graph.peers(node), graph.customers(node), "both peers and provider and customer");
        report(node, graph.peers(node), graph.providers(node), "both peers and provider and customer");
    }
}

/// Follows providers that lie on or above a cycle until one comes again.
std::vector<AsNumber> find_provider_cycle(const AsGraph& graph) {
    // Only ASes from which no provider-free AS is reached by placed providers remain after Kahn; peel from below too,
    // so that what is left lies on cycles or between them and each has a provider that is left as well.
    std::vector<std::uint32_t> providers_left(graph.node_count());
    std::vector<NodeIndex> ready;
    for (NodeIndex node = 0; node < graph.node_count(); ++node) {
        providers_left[node] = static_cast<std::uint32_t>(graph.providers(node).size());
        if (providers_left[node] == 0) ready.push_back(node);
    }
    while (!ready.empty()) {
        const NodeIndex node = ready.back();
        ready.pop_back();
        for (const NodeIndex customer : graph.customers(node))
            if (--providers_left[customer] == 0) ready.push_back(customer);
    }
    const auto stuck = std::find_if(graph.by_number().begin(), graph.by_number().end(),
                                    [&](NodeIndex node) { return providers_left[node] != 0; });
    if (stuck == graph.by_number().end()) return {};
    std::vector<NodeIndex> climbed{*stuck};
    while (true) {
        const std::span<const NodeIndex> providers = graph.providers(climbed.back());
        const auto up = std::find_if(providers.begin(), providers.end(),
                                     [&](NodeIndex provider) { return providers_left[provider] != 0; });
        FB_ASSERT(up != providers.end(), "an AS that Kahn's algorithm left over has a provider that is left over");
        const auto seen = std::find(climbed.begin(), climbed.end(), *up);
        if (seen != climbed.end()) {
            std::vector<AsNumber> cycle;
            for (auto node = climbed.end(); node != seen;) cycle.push_back(graph.number(*--node));
            return cycle;
        }
        climbed.push_back(*up);
    }
}

} // namespace

AsGraph::AsGraph(AsLinks links, std::vector<LinkFault>* faults) {
    const auto to_itself = [&](const Link& link) {
        if (link.first == link.second && faults != nullptr)
            faults->push_back({link.first, link.first, as_name(link.first) + " is linked with itself"});
        return link.first == link.second;
    };
    std::erase_if(links.provider_customer, to_itself);
    std::erase_if(links.peers, to_itself);
    for (Link& link : links.peers)
        if (link.first > link.second) std::swap(link.first, link.second);
    sort_and_deduplicate(links.provider_customer);
    sort_and_deduplicate(links.peers);

    const std::vector<AsNumber> numbers = sorted_numbers(links);
    FB_ASSERT(links.provider_customer.size() + links.peers.size() < std::numeric_limits<std::uint32_t>::max() / 2,
              "a graph has fewer arcs than 32 bits count");
    node_count_ = static_cast<NodeIndex>(numbers.size());

    const Ranks rank(numbers);
    RankedLinks ranked;
    ranked.provider_customer.reserve(links.provider_customer.size());
    for (const auto& [provider, customer] : links.provider_customer)
        ranked.provider_customer.emplace_back(rank(provider), rank(customer));
    ranked.peers.reserve(links.peers.size());
    for (const auto& [a, b] : links.peers) ranked.peers.emplace_back(rank(a), rank(b));

    Hierarchy hierarchy(numbers.size(), ranked);
    const Order order = hierarchy.order();
    transit_count_ = static_cast<NodeIndex>(order.transit.size());
    by_number_.resize(numbers.size()); // position of each rank
    for (NodeIndex position = 0; position < transit_count_; ++position) by_number_[order.transit[position]] = position;
    for (NodeIndex position = transit_count_, next = 0; next < node_count_; ++next)
        if (!hierarchy.is_transit(next)) by_number_[next] = position++;

    // Counting sort of the arcs by source, relationship and target, in two stable passes.
    enum Relation : std::uint32_t { ToProvider, ToPeer, ToCustomer };
    struct Arc {
        NodeIndex source, target;
        Relation relation;
    };
    std::vector<Arc> arcs;
    arcs.reserve(2 * (ranked.provider_customer.size() + ranked.peers.size()));
    for (const auto& [provider, customer] : ranked.provider_customer) {
        arcs.push_back({by_number_[customer], by_number_[provider], ToProvider});
        arcs.push_back({by_number_[provider], by_number_[customer], ToCustomer});
    }
    for (const auto& [a, b] : ranked.peers) {
        arcs.push_back({by_number_[a], by_number_[b], ToPeer});
        arcs.push_back({by_number_[b], by_number_[a], ToPeer});
    }
    std::vector<Arc> sorted(arcs.size());
    const auto counting_pass = [&](std::size_t buckets, auto bucket_of) {
        std::vector<std::uint32_t> next(buckets + 1, 0);
        for (const Arc& arc : arcs) ++next[bucket_of(arc) + 1];
        std::partial_sum(next.begin(), next.end(), next.begin());
        for (const Arc& arc : arcs) sorted[next[bucket_of(arc)]++] = arc;
        arcs.swap(sorted);
    };
    counting_pass(node_count_, [](const Arc& arc) { return arc.target; });
    counting_pass(std::size_t{3} * node_count_,
                  [](const Arc& arc) { return std::size_t{3} * arc.source + arc.relation; });

    std::vector<std::pair<NodeIndex, NodeIndex>> edges;
    edges.reserve(arcs.size());
    for (const Arc& arc : arcs) edges.emplace_back(arc.source, arc.target);
    csr_ = Csr(boost::edges_are_sorted, edges.begin(), edges.end(), node_count_);
    for (std::size_t rank_of = 0; rank_of < numbers.size(); ++rank_of)
        csr_[by_number_[rank_of]].number = numbers[rank_of];
    for (const Arc& arc : arcs) {
        if (arc.relation == ToProvider) ++csr_[arc.source].providers;
        if (arc.relation == ToPeer) ++csr_[arc.source].peers;
    }
    if (order.cyclic) provider_cycle_ = find_provider_cycle(*this);
    if (faults != nullptr) report_contradictions(*this, *faults);
}

std::optional<NodeIndex> AsGraph::find(AsNumber wanted) const {
    const auto at = std::lower_bound(by_number_.begin(), by_number_.end(), wanted,
                                     [&](NodeIndex node, AsNumber value) { return number(node) < value; });
    if (at == by_number_.end() || number(*at) != wanted) return std::nullopt;
    return *at;
}

std::size_t AsGraph::customer_cone(NodeIndex node) const {
    std::vector<bool> seen(node_count_, false);
    std::vector<NodeIndex> found{node};
    seen[node] = true;
    for (std::size_t next = 0; next < found.size(); ++next) {
        for (const NodeIndex customer : customers(found[next])) {
            if (seen[customer]) continue;
            seen[customer] = true;
            found.push_back(customer);
        }
    }
    return found.size();
}

} // namespace firstbyte::bgp
