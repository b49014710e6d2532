/// One run of one seed: the entities of a world, and who gets which event.
#pragma once

#include "cdn/client.hpp"
#include "cdn/edge.hpp"
#include "cdn/moving_links.hpp"
#include "cdn/origin.hpp"

#include <memory>
#include <optional>
#include <vector>

namespace firstbyte::cdn {

/// What a replication leaves behind.
struct ReplicationOutput {
    ReplicationResults results;
    std::vector<TraceConnection> traces;
};

class Replication {
public:
    Replication(const World& world, const Draws& draws, const TraceFilter& filter);
    [[nodiscard]] ReplicationOutput run();

private:
    std::optional<engine::Event> dispatch(const engine::Event& event);
    std::optional<engine::Event> deliver(std::uint32_t entity, std::uint64_t object);
    [[nodiscard]] net::Path& path_to(std::uint32_t entity, std::uint64_t object);
    void deal_with_notices();
    void close_books();
    void schedule_changes();
    void apply_change(std::uint64_t object);
    void rotate_keys(std::uint32_t index);
    void switch_fast_open();
    void end_path_rules(std::optional<std::uint32_t> group);
    [[nodiscard]] bool is_pop(std::uint32_t entity) const { return entity < edges_.size(); }
    [[nodiscard]] bool is_origin(std::uint32_t entity) const {
        return !is_pop(entity) && entity < edges_.size() + origins_.size();
    }
    [[nodiscard]] EdgeServer& edge(std::uint32_t entity) { return *edges_[entity]; }
    [[nodiscard]] OriginServer& origin(std::uint32_t entity) { return *origins_[entity - edges_.size()]; }
    [[nodiscard]] ClientSlice& slice(std::uint32_t entity) {
        return *slices_[entity - edges_.size() - origins_.size()];
    }

    Context context_;
    std::vector<std::unique_ptr<EdgeServer>> edges_; // entities refer to their own members and never move
    std::vector<std::unique_ptr<OriginServer>> origins_;
    std::vector<std::unique_ptr<ClientSlice>> slices_;
    std::optional<MovingLinks> moving_;
    std::optional<Relays> relays_;
};

} // namespace firstbyte::cdn
