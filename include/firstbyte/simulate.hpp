/// Runs a world.
#pragma once

#include "firstbyte/results.hpp"
#include "firstbyte/world.hpp"

#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <utility>
#include <vector>

namespace firstbyte {

/// Which connections of replication 0 to record packet by packet.
struct TraceChoice {
    bool enabled = false;
    std::optional<std::string> client;       ///< id of a client group; absent: scripted groups, else all
    std::optional<std::uint32_t> connection; ///< ordinal within the group
    std::uint32_t first = 3;                 ///< at most that many (all, for scripted groups, unless given)
    bool first_given = false;
    std::vector<std::pair<std::uint32_t, std::uint32_t>> chosen; ///< group and ordinal; when not empty, only these
};

struct SimulateOptions {
    int jobs = 1;                      ///< threads; the result never depends on it
    std::optional<std::uint64_t> seed; ///< else the scenario's
    std::optional<int> replications;   ///< else the scenario's
    TraceChoice trace;
    std::function<bool()> stop; ///< asked before each replication; once true, no further one begins
    std::function<void(int done, int of)>
        progress; ///< called between replications, from the calling thread or a worker
};

/// Runs every replication of `world`.
///
/// Deterministic: the same world and seed give the same results for any number of jobs. After a stop the results hold
/// the first replications, as many as had begun, each of them whole.
/// @throws nothing: a World is valid by construction
[[nodiscard]] Results simulate(const World& world, const SimulateOptions& options);

} // namespace firstbyte
