/// The Internet as a graph of autonomous systems and their business relationships, frozen for fast propagation.
#pragma once

#include "firstbyte/ids.hpp"

#include <boost/graph/compressed_sparse_row_graph.hpp>

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <utility>
#include <vector>

namespace firstbyte::bgp {

/// Relationships as read: each link once; order and exact duplicates do not matter.
struct AsLinks {
    std::vector<std::pair<AsNumber, AsNumber>> provider_customer; ///< [provider, customer]
    std::vector<std::pair<AsNumber, AsNumber>> peers;             ///< either order
    std::vector<AsNumber> others{};                               ///< ASes that may have no link at all
};

/// Two ASes whose links contradict each other, or an AS linked with itself.
struct LinkFault {
    AsNumber a = 0, b = 0; ///< a < b, or equal for a link to itself
    std::string message;   ///< "AS1 and AS2 are both peers and provider and customer"
};

/// Position of an AS in the graph. Positions go down the hierarchy: transit ASes first, each after all its providers,
/// then the stubs, those with fewer providers first. Where providers form a cycle that order does not exist; see
/// provider_cycle().
using NodeIndex = std::uint32_t;

/// An AS and how its outgoing arcs are laid out: first to its providers, then to its peers, then to its customers.
struct As {
    AsNumber number = 0;
    std::uint32_t providers = 0;
    std::uint32_t peers = 0;
};

class AsGraph {
public:
    using Csr = boost::compressed_sparse_row_graph<boost::directedS, As, boost::no_property, boost::no_property,
                                                   NodeIndex, std::uint32_t>;

    AsGraph() : AsGraph(AsLinks{}) {}

    /// @param links   consumed
    /// @param faults  receives contradictions when not null; the graph then holds both relationships of the pair
    explicit AsGraph(AsLinks links, std::vector<LinkFault>* faults = nullptr);

    [[nodiscard]] NodeIndex node_count() const { return node_count_; }
    [[nodiscard]] NodeIndex transit_count() const { return transit_count_; } ///< nodes below this have customers
    [[nodiscard]] std::size_t link_count() const { return boost::num_edges(csr_) / 2; }

    [[nodiscard]] AsNumber number(NodeIndex node) const { return numbers_[node]; }
    [[nodiscard]] std::optional<NodeIndex> find(AsNumber number) const;

    [[nodiscard]] std::span<const NodeIndex> providers(NodeIndex node) const {
        return {providers_.data() + first_provider_[node], providers_.data() + first_provider_[node + 1]};
    }
    [[nodiscard]] std::span<const NodeIndex> peers(NodeIndex node) const {
        return neighbors(node).subspan(csr_[node].providers, csr_[node].peers);
    }
    [[nodiscard]] std::span<const NodeIndex> customers(NodeIndex node) const {
        return neighbors(node).subspan(csr_[node].providers + csr_[node].peers);
    }

    /// The ASes of one cycle of provider links, each a provider of the next and the last of the first; empty when there
    /// is none. A cycle has no business meaning and is noise of the inference; routes are found all the same.
    [[nodiscard]] const std::vector<AsNumber>& provider_cycle() const { return provider_cycle_; }

    /// Nodes in ascending order of their AS number.
    [[nodiscard]] const std::vector<NodeIndex>& by_number() const { return by_number_; }

    /// ASes reached from `node` by going to customers only, itself included: its customer cone.
    [[nodiscard]] std::size_t customer_cone(NodeIndex node) const;

private:
    [[nodiscard]] std::span<const NodeIndex> neighbors(NodeIndex node) const {
        const auto [first, last] = boost::adjacent_vertices(node, csr_);
        return {first, last};
    }

    Csr csr_;
    std::vector<AsNumber> numbers_;             ///< once more close together, as are the providers
    std::vector<std::uint32_t> first_provider_; ///< of each node in providers_; one more
    std::vector<NodeIndex> providers_;          ///< of all nodes, one after the other
    NodeIndex node_count_ = 0, transit_count_ = 0;
    std::vector<NodeIndex> by_number_;
    std::vector<AsNumber> provider_cycle_;
};

} // namespace firstbyte::bgp
