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
    engine::Event dispatch(engine::Event event);
    engine::Event deliver(std::uint32_t entity, std::uint64_t object);
    net::Path& deliver_to_pop(std::uint32_t pop, std::uint64_t object);
    net::Path& deliver_to_origin(std::uint32_t entity, std::uint64_t object);
    net::Path& deliver_to_client(std::uint32_t entity, std::uint64_t object);
    const tcp::Segment& take_arrived(const net::Path& path, std::uint32_t entity);
    void deal_with_notices();
    void close_books();
    void schedule_changes();
    void apply_change(std::uint64_t object);
    void rotate_keys(std::uint32_t index);
    void switch_fast_open();
    void end_path_rules(std::optional<std::uint32_t> group);
    [[nodiscard]] bool is_pop(std::uint32_t entity) const { return entity < first_origin_; }
    [[nodiscard]] bool is_origin(std::uint32_t entity) const { return !is_pop(entity) && entity < first_slice_; }
    [[nodiscard]] EdgeServer& edge(std::uint32_t entity) { return *edges_[entity]; }
    [[nodiscard]] OriginServer& origin(std::uint32_t entity) { return *origins_[entity - first_origin_]; }
    [[nodiscard]] ClientSlice& slice(std::uint32_t entity) { return *slices_[entity - first_slice_]; }

    Context context_;
    const std::uint32_t first_origin_, first_slice_; ///< entities are PoPs, then origins, then slices
    std::vector<std::unique_ptr<EdgeServer>> edges_; // entities refer to their own members and never move
    std::vector<std::unique_ptr<OriginServer>> origins_;
    std::vector<std::unique_ptr<ClientSlice>> slices_;
    std::optional<MovingLinks> moving_;
    std::optional<Relays> relays_;
};

} // namespace firstbyte::cdn
