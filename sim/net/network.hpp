/// Carries segments along paths, and collects what connections have to say. One per partition.
#pragma once

#include "core/ring.hpp"
#include "core/slab.hpp"
#include "engine/engine.hpp"
#include "net/lab.hpp"
#include "net/path.hpp"
#include "tcp/step.hpp"

#include <cstdint>
#include <deque>

namespace firstbyte::net {

/// A notice of one connection, for the application of its entity.
struct HostNotice {
    std::uint32_t entity = 0;
    std::uint32_t side = 0; ///< which of the entity's hosts
    Slot slot;
    tcp::Notice notice;
};

class Network {
public:
    explicit Network(engine::Engine& engine) : engine_(engine) {}

    [[nodiscard]] engine::Engine& engine() { return engine_; }
    [[nodiscard]] Instant now() const { return engine_.now(); }

    /// Puts a segment on a path: rules and records, then the queue, then the wire. A lost segment leaves no trace here.
    void send(Path& path, tcp::Segment& segment);

    /// The segment at the head of a path, which has arrived; receive() takes it off.
    [[nodiscard]] tcp::Segment& arrived(const Path& path) { return flying_[path.head].segment; }
    /// Removes the head. @return the event of the next segment in flight, or none
    std::optional<engine::Event> receive(Path& path);
    [[nodiscard]] bool due(const Path& path) const { return !path.idle() && flying_[path.head].arrives <= now(); }

    /// Rules and recordings of a path: `path.lab` is 1 + the index that add_lab() returns.
    std::uint32_t add_lab(const std::vector<PathRule>* rules, std::uint32_t entries, const Boxes& boxes,
                          std::vector<TraceConnection>* traces) {
        labs_.emplace_back(rules, entries, boxes, traces);
        return static_cast<std::uint32_t>(labs_.size());
    }
    [[nodiscard]] Lab& lab(std::uint32_t number) { return labs_[number - 1]; }

    tcp::Step step;           ///< the one list of a step, used again for each
    Ring<HostNotice> notices; ///< of all steps since the application last looked

private:
    struct Flying {
        tcp::Segment segment;
        Instant arrives{};
        InFlight next = no_segment;
    };

    [[nodiscard]] bool queue_full(Path& path, Bytes size);

    engine::Engine& engine_;
    Slab<Flying, 10> flying_;
    std::deque<Lab> labs_;
};

} // namespace firstbyte::net
