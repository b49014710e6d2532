/// The immutable world of one scenario: routes decided, places resolved, every number in its unit.
#pragma once

#include "firstbyte/scenario.hpp"

#include <memory>
#include <string>
#include <vector>

namespace firstbyte {

/// Everything a run reads and never writes. One world serves every seed and every thread.
class World {
public:
    struct Data; ///< defined in sim/run; opaque here
    explicit World(std::shared_ptr<const Data> data) : data_(std::move(data)) {}
    [[nodiscard]] const Data& data() const { return *data_; }

private:
    std::shared_ptr<const Data> data_;
};

/// Decides routes and round-trip times and lays out the world.
/// @throws ScenarioError  when no client can reach any PoP, or a place or route that is needed is missing
[[nodiscard]] World build_world(const Scenario& scenario, std::vector<Issue>* warnings = nullptr);

} // namespace firstbyte
