#include "bgp/as_graph.hpp"

#include "core/check.hpp"

#include <algorithm>
#include <bit>
#include <limits>
#include <numeric>
#include <utility>

namespace firstbyte::bgp {
namespace {

using Link = std::pair<AsNumber, AsNumber>;

void sort_and_deduplicate(std::vector<Link>& links) {
    if (!std::is_sorted(links.begin(), links.end())) std::sort(links.begin(), links.end());
    links.erase(std::unique(links.begin(), links.end()), links.end());
}

/// The AS numbers of a graph and the rank of each among them. Numbers in public use are below `dense`, where one bit
/// each and a running count replace sorting and searching; of those above there are few.
class Ranks {
public:
    explicit Ranks(const AsLinks& links) : present_(dense / 64, 0), before_(dense / 64) {
        for (const std::vector<Link>* list : {&links.provider_customer, &links.peers}) {
            for (const auto& [a, b] : *list) {
                insert(a);
                insert(b);
            }
        }
        for (const AsNumber number : links.others) insert(number);
        std::uint32_t count = 0;
        for (std::size_t word = 0; word < present_.size(); ++word) {
            before_[word] = count;
            count += static_cast<std::uint32_t>(std::popcount(present_[word]));
        }
        dense_count_ = count;
        std::sort(large_.begin(), large_.end());
        large_.erase(std::unique(large_.begin(), large_.end()), large_.end());
    }

    [[nodiscard]] std::uint32_t size() const { return dense_count_ + static_cast<std::uint32_t>(large_.size()); }

    [[nodiscard]] std::uint32_t operator()(AsNumber number) const {
        if (number >= dense)
            return dense_count_ +
                   static_cast<std::uint32_t>(std::lower_bound(large_.begin(), large_.end(), number) - large_.begin());
        const std::uint64_t below = (std::uint64_t{1} << (number % 64)) - 1;
        return before_[number / 64] + static_cast<std::uint32_t>(std::popcount(present_[number / 64] & below));
    }

    /// Ascending.
    [[nodiscard]] std::vector<AsNumber> numbers() const {
        std::vector<AsNumber> list;
        list.reserve(size());
        for (std::size_t word = 0; word < present_.size(); ++word)
            for (std::uint64_t left = present_[word]; left != 0; left &= left - 1)
                list.push_back(static_cast<AsNumber>(word * 64) + static_cast<AsNumber>(std::countr_zero(left)));
        list.insert(list.end(), large_.begin(), large_.end());
        return list;
    }

private:
    static constexpr AsNumber dense = 1u << 20; // registries are at about AS402000 (2026)

    void insert(AsNumber number) {
        if (number < dense) {
            present_[number / 64] |= std::uint64_t{1} << (number % 64);
        } else {
            large_.push_back(number);
        }
    }

    std::vector<std::uint64_t> present_;
    std::vector<std::uint32_t> before_;
    std::vector<AsNumber> large_;
    std::uint32_t dense_count_ = 0;
};

/// Lists of nodes, one after the other: row `n` is nodes[first[n]] to nodes[first[n + 1]].
struct Rows {
    std::vector<std::uint32_t> first;
    std::vector<NodeIndex> nodes;

    [[nodiscard]] std::span<const NodeIndex> operator[](NodeIndex row) const {
        return std::span(nodes).subspan(first[row], first[row + 1] - first[row]);
    }
};

/// Makes rows of pairs (row, node). `each(use)` hands all of them to use(row, node), twice in the same order, which is
/// the order inside a row.
template <class Each>
Rows make_rows(std::size_t count, Each each) {
    Rows rows;
    rows.first.assign(count + 1, 0);
    each([&](std::uint32_t row, NodeIndex) { ++rows.first[row + 1]; });
    std::partial_sum(rows.first.begin(), rows.first.end(), rows.first.begin());
    rows.nodes.resize(rows.first.back());
    std::vector<std::uint32_t> next(rows.first.begin(), rows.first.end() - 1);
    each([&](std::uint32_t row, NodeIndex node) { rows.nodes[next[row]++] = node; });
    return rows;
}

/// The same arcs the other way round; the rows come out ascending.
Rows transposed(const Rows& rows) {
    const std::size_t count = rows.first.size() - 1;
    return make_rows(count, [&](auto use) {
        for (NodeIndex row = 0; row < count; ++row)
            for (const NodeIndex node : rows[row]) use(node, row);
    });
}

/// Kahn's algorithm down the provider links. Of ASes that are ready at once the lower number goes first, level by
/// level.
struct Order {
    std::vector<std::uint32_t> ranks; ///< transit ASes, providers before customers, then stubs
    NodeIndex transit_count = 0;
    bool cyclic = false;
};

/// @param customers  of each rank
Order order_of(const Rows& customers) {
    Order order;
    const auto size = static_cast<std::uint32_t>(customers.first.size() - 1);
    order.ranks.reserve(size);
    std::vector<std::uint32_t> providers(size, 0);
    for (const std::uint32_t customer : customers.nodes) ++providers[customer];
    std::vector<std::uint32_t> providers_left = providers;
    const auto is_transit = [&](std::uint32_t rank) { return customers.first[rank] != customers.first[rank + 1]; };
    std::vector<std::uint32_t> level, next_level;
    for (std::uint32_t rank = 0; rank < size; ++rank)
        if (providers_left[rank] == 0 && is_transit(rank)) level.push_back(rank);
    while (!level.empty()) {
        next_level.clear();
        for (const std::uint32_t rank : level) {
            order.ranks.push_back(rank);
            for (const std::uint32_t customer : customers[rank])
                if (--providers_left[customer] == 0 && is_transit(customer)) next_level.push_back(customer);
        }
        std::sort(next_level.begin(), next_level.end());
        level.swap(next_level);
    }
    for (std::uint32_t rank = 0; rank < size; ++rank) {
        if (!is_transit(rank) || providers_left[rank] == 0) continue;
        order.ranks.push_back(rank); // on a cycle or below one
        order.cyclic = true;
    }
    order.transit_count = static_cast<NodeIndex>(order.ranks.size());
    // Stubs with equally many providers stand together: whoever goes through them knows how many to look at.
    const std::size_t most = providers.empty() ? 0 : *std::max_element(providers.begin(), providers.end());
    const Rows stubs = make_rows(most + 1, [&](auto use) {
        for (std::uint32_t rank = 0; rank < size; ++rank)
            if (!is_transit(rank)) use(providers[rank], rank);
    });
    order.ranks.insert(order.ranks.end(), stubs.nodes.begin(), stubs.nodes.end());
    return order;
}

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

    FB_ASSERT(links.provider_customer.size() + links.peers.size() < std::numeric_limits<std::uint32_t>::max() / 2,
              "a graph has fewer arcs than 32 bits count");
    const Ranks rank(links);
    node_count_ = rank.size();
    const Rows customer_ranks = make_rows(node_count_, [&](auto use) {
        for (const auto& [provider, customer] : links.provider_customer) use(rank(provider), rank(customer));
    });
    const Order order = order_of(customer_ranks);
    transit_count_ = order.transit_count;
    by_number_.resize(node_count_); // position of each rank
    for (NodeIndex position = 0; position < node_count_; ++position) by_number_[order.ranks[position]] = position;

    // Each list of neighbours ascends, because it is made by going through the others' in order.
    Rows providers = make_rows(node_count_, [&](auto use) {
        for (NodeIndex provider = 0; provider < transit_count_; ++provider)
            for (const std::uint32_t customer : customer_ranks[order.ranks[provider]])
                use(by_number_[customer], provider);
    });
    const Rows customers = transposed(providers);
    const Rows peers = transposed(make_rows(node_count_, [&](auto use) {
        for (const auto& [a, b] : links.peers) {
            const NodeIndex one = by_number_[rank(a)], other = by_number_[rank(b)];
            use(one, other);
            use(other, one);
        }
    }));
    std::vector<std::pair<NodeIndex, NodeIndex>> arcs;
    arcs.reserve(2 * (links.provider_customer.size() + links.peers.size()));
    for (NodeIndex node = 0; node < node_count_; ++node)
        for (const Rows* rows : {static_cast<const Rows*>(&providers), &peers, &customers})
            for (const NodeIndex neighbor : (*rows)[node]) arcs.emplace_back(node, neighbor);
    csr_ = Csr(boost::edges_are_sorted, arcs.begin(), arcs.end(), node_count_);
    const std::vector<AsNumber> numbers = rank.numbers();
    numbers_.resize(node_count_);
    for (NodeIndex node = 0; node < node_count_; ++node) {
        numbers_[node] = numbers[order.ranks[node]];
        csr_[node] = {numbers_[node], static_cast<std::uint32_t>(providers[node].size()),
                      static_cast<std::uint32_t>(peers[node].size())};
    }
    first_provider_ = std::move(providers.first);
    providers_ = std::move(providers.nodes);
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
