/// Keeps what RouteTimeline tells.
#pragma once

#include "bgp/convergence_rib.hpp"

#include <cstdint>
#include <span>
#include <vector>

namespace firstbyte::bgp {

/// Choices of all ASes in order of time; one per AS and instant.
class ChoiceRecorder {
public:
    using Offer = RouteTimeline::Offer;

    explicit ChoiceRecorder(NodeIndex nodes) : last_of_(nodes, none) {}

    /// Whether anything of the node is known yet.
    [[nodiscard]] bool knows(NodeIndex node) const { return last_of_[node] != none; }

    /// What held before everything. Before the node's first record(); not needed when that is a change anyway, and at
    /// another instant than the next.
    void begin(NodeIndex node, const Selection& selection, std::span<const Offer> tied);

    /// The choice from `at` on. Nothing happens when it is what held before.
    void record(Instant at, NodeIndex node, const Selection& selection, std::span<const Offer> tied);

    // --- when the run is over ----------------------------------------------------------------------------------------

    /// Sorts out what was recorded. Once.
    void finish();

    [[nodiscard]] std::span<const RouteTimeline::Change> changes() const { return changes_; }
    /// Position among the node's choices: how many changed up to and including `t`.
    [[nodiscard]] std::uint32_t changed_up_to(NodeIndex node, Instant t) const;
    [[nodiscard]] std::uint32_t count(NodeIndex node) const { return first_of_[node + 1] - first_of_[node]; }
    [[nodiscard]] const RouteTimeline::Choice& choice(NodeIndex node, std::uint32_t position) const {
        return choices_[first_of_[node] + position];
    }
    [[nodiscard]] Instant choice_at(NodeIndex node, std::uint32_t position) const {
        return choice_at_[first_of_[node] + position];
    }

private:
    static constexpr std::uint32_t none = ~std::uint32_t{};
    struct Record {
        Instant at{};
        NodeIndex node = 0;
        std::uint32_t before = none; ///< the node's record before this one
        std::uint32_t length = 0;
        std::uint32_t first_offer = 0, offers = 0;
        LearnedFrom learned_from{};
        bool reached = false;
    };
    [[nodiscard]] Record make(Instant at, NodeIndex node, const Selection& selection, std::span<const Offer> tied);
    [[nodiscard]] bool same(const Record& a, const Record& b) const;

    std::vector<Record> records_;
    std::vector<std::uint32_t> last_of_;
    std::vector<Offer> offers_;

    std::vector<RouteTimeline::Change> changes_;
    std::vector<std::uint32_t> first_of_; ///< by node, into the next two
    std::vector<RouteTimeline::Choice> choices_;
    std::vector<Instant> choice_at_;
};

} // namespace firstbyte::bgp
