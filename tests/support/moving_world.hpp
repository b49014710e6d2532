/// Worlds whose routes change during the run: the route of a group is put into a world that a scenario's text has made.
#pragma once

#include "run/world_data.hpp"
#include "support/experiment.hpp"

#include <chrono>
#include <functional>
#include <memory>
#include <string>
#include <vector>

namespace firstbyte::test {

using namespace std::chrono_literals;
using State = cdn::RouteSpan::State;

inline constexpr std::uint32_t near_pop = 0, far_pop = 1;
inline constexpr Duration near_rtt = 20ms, far_rtt = 80ms;

/// A client group 20 ms from PoP "a" (number 0) and 80 ms from "b" (number 1), its route as given.
struct MovingWorld {
    std::vector<cdn::RouteSpan> route;
    std::string client; ///< more keys of the group, beginning with its script or sessions
    std::string client_edge = R"({ "fast_open": false })"; ///< value of tcp.client_edge
    std::string more = "";                                 ///< further keys, beginning with a comma
    std::string keys = "shared";                           ///< of "b"; "a" has "shared"
    std::function<void(cdn::World&)> change = [](cdn::World&) {};
    int replications = 1;

    [[nodiscard]] std::string text() const {
        return fmt::format(R"({{
          "format": 1, "name": "moving", "run": {{ "duration": "60s", "replications": {} }},
          "pops": [ {{ "id": "a", "tfo_key": "shared" }}, {{ "id": "b", "tfo_key": "{}" }} ],
          "clients": [ {{ "id": "c", "population": 1, "rtt_to": {{ "a": "20ms", "b": "80ms" }}, {} }} ],
          "tls": "none", "edge": {{ "cache_hit_ratio": 1, "processing": "0ms" }}, "tcp": {{ "client_edge": {} }}{} }})",
                           replications, keys, client, client_edge, more);
    }
    [[nodiscard]] World world() const {
        auto data = std::make_shared<World::Data>(build_world(load_scenario(text(), "moving.fb.json", {})).data());
        data->world.groups[0].route = route;
        change(data->world);
        return World{std::move(data)};
    }
    [[nodiscard]] Results run(bool trace = true, int jobs = 1) const {
        SimulateOptions options;
        options.trace.enabled = trace;
        options.jobs = jobs;
        return simulate(world(), options);
    }
};

[[nodiscard]] inline cdn::RouteSpan to_near(Duration from, std::int32_t event = -1) {
    return {Instant{from}, State::Reached, PopId{near_pop}, near_rtt, event};
}
[[nodiscard]] inline cdn::RouteSpan to_far(Duration from, std::int32_t event = -1) {
    return {Instant{from}, State::Reached, PopId{far_pop}, far_rtt, event};
}
[[nodiscard]] inline cdn::RouteSpan to_nowhere(Duration from, std::int32_t event = -1, State state = State::Blackhole) {
    return {Instant{from}, state, {}, {}, event};
}

/// The connections of all rows together.
[[nodiscard]] inline ConnectionResults all_connections(const Results& results) {
    ConnectionResults all;
    for (const ReplicationResults& replication : results.replications)
        for (const ConnectionResults& connections : replication.connections) all.merge(connections);
    return all;
}

} // namespace firstbyte::test
