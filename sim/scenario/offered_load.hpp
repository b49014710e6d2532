/// What a scenario asks of its servers and links, by means: known before any packet moves.
#pragma once

#include "firstbyte/scenario.hpp"

#include <cstddef>
#include <optional>
#include <vector>

namespace firstbyte::scenario {

/// Sessions a second of a group; 0 where a script says what happens.
[[nodiscard]] double sessions_per_second(const ClientGroup& group);

/// Requests a second of a group.
[[nodiscard]] double requests_per_second(const Scenario& scenario, const ClientGroup& group);

/// Mean over the objects of the workload, by weight.
/// @param of  what to take the mean of
template <class Function>
[[nodiscard]] double mean_over_objects(const Scenario& scenario, Function of) {
    double sum = 0, weights = 0;
    for (const WebObject& object : scenario.workload.objects) {
        sum += object.weight * of(object);
        weights += object.weight;
    }
    return weights > 0 ? sum / weights : 0;
}

/// The PoP that a group comes to, where the file alone says so: the only one, or without a topology the one of least
/// `rtt_to`.
[[nodiscard]] std::optional<std::size_t> pop_of(const Scenario& scenario, const ClientGroup& group);

/// Requests a second that come to each PoP; none where routes decide.
[[nodiscard]] std::optional<std::vector<double>> requests_at_pops(const Scenario& scenario);

/// Requests a second that each origin gets beyond the caches: each PoP asks the origin of least `rtt_to`. None where
/// routes or a real cache (`edge.cache`) decide.
[[nodiscard]] std::optional<std::vector<double>> requests_at_origins(const Scenario& scenario);

/// Mean share of packets lost. Of a two-state loss: by the share of time in each state (Gilbert and Elliott).
[[nodiscard]] double mean_share(const Loss& loss);

} // namespace firstbyte::scenario
