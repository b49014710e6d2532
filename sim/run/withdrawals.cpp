// Every withdrawal of one and of two PoPs: who moves where, and what it costs them.
#include "bgp/what_if.hpp"
#include "core/check.hpp"
#include "run/router.hpp"
#include "run/world_clients.hpp"

#include <algorithm>
#include <deque>
#include <span>
#include <stdexcept>
#include <utility>

namespace firstbyte {
namespace {

/// Value at share `q` of the weight, values ascending (nearest rank).
double weighted_quantile(std::vector<std::pair<double, double>> values, double q) {
    if (values.empty()) return 0;
    std::sort(values.begin(), values.end());
    double total = 0, sum = 0;
    for (const auto& [value, weight] : values) total += weight;
    for (const auto& [value, weight] : values) {
        sum += weight;
        if (sum >= q * total) return value;
    }
    return values.back().first;
}

class Sweep {
public:
    Sweep(const Scenario& scenario, const Router& router, std::vector<ClientCatchment> before)
        : scenario_(scenario), router_(router), before_(std::move(before)), of_pop_(scenario.pops.size()),
          shares_(scenario.pops.size(), 0.0) {
        by_sessions_ = std::any_of(before_.begin(), before_.end(),
                                   [](const ClientCatchment& client) { return client.sessions_per_sec > 0; });
        for (std::size_t index = 0; index < before_.size(); ++index) {
            total_ += weight(index);
            if (before_[index].pop) of_pop_[before_[index].pop->value].push_back(index);
        }
        for (std::size_t index = 0; index < before_.size(); ++index)
            if (before_[index].pop) shares_[before_[index].pop->value] += weight(index) / total_;
        for (const RoutedPrefix& prefix : router.prefixes()) {
            what_if_.emplace_back(*prefix.routes);
            views_.emplace_back(what_if_.back().routes());
            states_.push_back(&views_.back());
        }
    }

    [[nodiscard]] bool by_sessions() const { return by_sessions_; }
    [[nodiscard]] const std::vector<double>& shares() const { return shares_; }
    [[nodiscard]] bool announces(std::uint32_t pop) const {
        return std::any_of(router_.prefixes().begin(), router_.prefixes().end(),
                           [&](const RoutedPrefix& prefix) { return number_in(prefix, pop).has_value(); });
    }

    void withdraw(std::uint32_t pop) {
        for (std::size_t at = 0; at < what_if_.size(); ++at)
            if (const auto number = number_in(router_.prefixes()[at], pop)) what_if_[at].withdraw(*number);
        withdrawn_.push_back(pop);
    }
    void undo() {
        for (std::size_t at = 0; at < what_if_.size(); ++at)
            if (number_in(router_.prefixes()[at], withdrawn_.back())) what_if_[at].undo();
        withdrawn_.pop_back();
    }

    /// Only clients of the PoPs that are gone can be worse off: the routes of all others are still there, and the best.
    [[nodiscard]] WithdrawalEffect effect() const {
        WithdrawalEffect effect;
        effect.shares = shares_;
        std::deque<bgp::Forwarding> forwardings;
        for (std::size_t address = 0; address < router_.addresses().size(); ++address)
            forwardings.push_back(router_.forwarding_to(address, states_));
        double added = 0, reaching = 0;
        for (std::size_t index = 0; index < before_.size(); ++index)
            if (before_[index].pop) reaching += weight(index);
        std::vector<std::pair<double, double>> moved;
        for (const std::uint32_t pop : withdrawn_) {
            effect.withdrawn.push_back(PopId{pop});
            effect.shares[pop] = 0;
            for (const std::size_t client : of_pop_[pop]) {
                ClientCatchment after = before_[client];
                const auto& node = router_.client_nodes()[client];
                if (!node) {
                    choose_among_rest(client, after);
                } else {
                    router_.follow(client, forwardings[node->address], states_, after);
                }
                const double share = weight(client) / total_;
                if (!after.pop) {
                    effect.cut_off += share;
                    reaching -= weight(client);
                    continue;
                }
                effect.moved += share;
                effect.shares[after.pop->value] += share;
                const double more = to_ms(after.rtt - before_[client].rtt);
                added += more * weight(client);
                moved.emplace_back(more, weight(client));
            }
        }
        if (reaching > 0) effect.added_ms_mean = added / reaching;
        effect.added_ms_moved_p50 = weighted_quantile(moved, 0.5);
        effect.added_ms_moved_p95 = weighted_quantile(moved, 0.95);
        double most = 0;
        for (std::uint32_t pop = 0; pop < effect.shares.size(); ++pop) {
            const double more = effect.shares[pop] - shares_[pop];
            if (more <= most) continue;
            most = more;
            effect.most_loaded = PopId{pop};
            effect.most_loaded_before = shares_[pop];
            effect.most_loaded_after = effect.shares[pop];
        }
        return effect;
    }

private:
    [[nodiscard]] double weight(std::size_t client) const {
        return by_sessions_ ? before_[client].sessions_per_sec : static_cast<double>(before_[client].population);
    }

    static std::optional<std::uint32_t> number_in(const RoutedPrefix& prefix, std::uint32_t pop) {
        const auto last = prefix.pops.begin() + static_cast<std::ptrdiff_t>(prefix.announced);
        const auto found = std::find(prefix.pops.begin(), last, PopId{pop});
        if (found == last) return std::nullopt;
        return static_cast<std::uint32_t>(found - prefix.pops.begin());
    }

    void choose_among_rest(std::size_t client, ClientCatchment& after) const {
        after.pop.reset();
        for (const auto& [pop, rtt] : scenario_.clients[client].rtt_to) {
            if (std::find(withdrawn_.begin(), withdrawn_.end(), pop.value) != withdrawn_.end()) continue;
            if (after.pop && std::pair{rtt, pop} >= std::pair{after.rtt, *after.pop}) continue;
            after.pop = pop;
            after.rtt = rtt;
        }
    }

    const Scenario& scenario_;
    const Router& router_;
    std::vector<ClientCatchment> before_;
    std::vector<std::vector<std::size_t>> of_pop_; ///< clients that reach it
    std::vector<double> shares_;
    bool by_sessions_ = false;
    double total_ = 0;
    std::deque<bgp::WhatIf> what_if_; ///< by position in Router::prefixes()
    std::deque<bgp::ConvergedState> views_;
    std::vector<const bgp::ForwardingState*> states_;
    std::vector<std::uint32_t> withdrawn_;
};

} // namespace

WithdrawalSweep sweep_withdrawals(const Scenario& given, bool pairs, std::vector<Issue>* warnings) {
    const std::optional<Scenario> expanded = with_world_expanded(given, warnings);
    const Scenario& scenario = expanded ? *expanded : given;
    if (scenario.topology.kind == Topology::Kind::Direct)
        throw std::invalid_argument("a sweep of withdrawals needs a `topology`");
    if (scenario.clients.empty()) throw std::invalid_argument("a sweep of withdrawals needs `clients`");
    if (scenario.topology.bgp.export_everything)
        throw std::invalid_argument("a sweep of withdrawals needs topology.bgp.policy gao-rexford");
    std::vector<Issue> errors, noted;
    Router router(scenario, errors, noted);
    std::vector<ClientCatchment> before;
    if (errors.empty()) before = router.clients(errors, noted);
    if (!errors.empty()) throw ScenarioError(scenario.file, std::move(errors));
    WithdrawalSweep result;
    for (const Pop& pop : scenario.pops) result.pops.push_back(pop.id);
    result.tie_break = name_of(router.tie_break());
    Sweep sweep(scenario, router, std::move(before));
    result.weight = sweep.by_sessions() ? "sessions" : "clients";
    result.shares = sweep.shares();
    const auto count = static_cast<std::uint32_t>(scenario.pops.size());
    for (std::uint32_t first = 0; first < count; ++first) {
        if (!sweep.announces(first)) continue;
        sweep.withdraw(first);
        result.singles.push_back(sweep.effect());
        for (std::uint32_t second = first + 1; pairs && second < count; ++second) {
            if (!sweep.announces(second)) continue;
            sweep.withdraw(second);
            result.pairs.push_back(sweep.effect());
            sweep.undo();
        }
        sweep.undo();
    }
    if (warnings != nullptr) warnings->insert(warnings->end(), noted.begin(), noted.end());
    return result;
}

} // namespace firstbyte
