/// Carries segments along paths, and collects what connections have to say. One per partition.
#pragma once

#include "core/random.hpp"
#include "core/ring.hpp"
#include "core/slab.hpp"
#include "engine/engine.hpp"
#include "net/lab.hpp"
#include "net/path.hpp"
#include "tcp/step.hpp"

#include <cstdint>
#include <deque>
#include <memory>
#include <vector>

namespace firstbyte::net {

/// A notice of one connection, for the application of its entity.
struct HostNotice {
    std::uint32_t entity = 0;
    std::uint32_t side = 0; ///< which of the entity's hosts
    Slot slot;
    tcp::Notice notice;
};

/// Knows which way a packet goes that a client sends while routes change. One access link, a path for each PoP: losses,
/// queue and rate are those of the link's own path, the flight that of the path chosen.
class WayFinder {
public:
    struct Way {
        Path* path = nullptr;                             ///< null: the packet gets nowhere, and `act` says why
        TracePacket::Act act = TracePacket::Act::Forward; ///< Blackhole or Loop
    };
    /// Chooses for a segment that leaves on `own` now; may note in it what its receiver needs to know.
    [[nodiscard]] virtual Way choose(const Path& own, tcp::Segment& segment) = 0;

protected:
    ~WayFinder() = default;
};

/// A segment under way. What the path asks for lies in one cache line with the beginning of the header.
struct alignas(64) Flying {
    Flying* next = nullptr; ///< in order of arrival
    Instant arrives{};
    tcp::Segment segment;
    Instant leaves{};
    Flying* left_next = nullptr; ///< in order of leaving; only with LinkSpec::reorder
};
static_assert(sizeof(Flying) == 192);

/// Memory of segments under way. The place given back last is taken first, while it is in the cache.
class FlyingPool {
public:
    [[nodiscard]] Flying& take() {
        if (free_ == nullptr) grow();
        Flying& flying = *free_;
        free_ = flying.next;
        return flying;
    }
    void give(Flying& flying) {
        flying.next = free_;
        free_ = &flying;
    }

private:
    static constexpr std::size_t chunk = 256; ///< places made at a time. Model choice: some pages
    void grow();

    std::vector<std::unique_ptr<Flying[]>> chunks_;
    Flying* free_ = nullptr; ///< linked by `next`
};

class Network {
public:
    /// @param draws  of the run; only impaired links look numbers up
    explicit Network(engine::Engine& engine, const Draws& draws = Draws{0, 0}) : engine_(engine), draws_(draws) {}

    [[nodiscard]] engine::Engine& engine() { return engine_; }
    [[nodiscard]] Instant now() const { return engine_.now(); }

    enum class Sent : std::uint8_t {
        OnItsWay,
        Lost,
        TooBig, ///< lost, and its sender is to be told: return_too_big()
    };
    /// Puts a segment on a path: rules and records, losses, then the queue, then the wire. A lost segment leaves no
    /// trace here.
    Sent send(Path& path, tcp::Segment& segment) {
        if (path.lab != 0 || path.link->impaired) return send_with_care(path, segment);
        return put_on_wire(path, path, segment, Duration{0});
    }
    /// Sends the news that `segment` did not fit through `path` to its sender, who receives on `back`.
    void return_too_big(const Path& path, Path& back, const tcp::Segment& segment);

    /// The segment at the head of a path, which has arrived; receive() takes it off.
    [[nodiscard]] tcp::Segment& arrived(const Path& path) { return path.head->segment; }
    /// Removes the head. @return the event of the next segment in flight; no_event when there is none, or it has one
    engine::Event receive(Path& path);
    [[nodiscard]] bool due(const Path& path) const { return !path.idle() && path.head->arrives <= now(); }

    /// Rules and recordings of a path: `path.lab` is 1 + the index that add_lab() returns.
    std::uint32_t add_lab(const std::vector<PathRule>* rules, std::uint32_t entries, const Boxes& boxes,
                          std::vector<TraceConnection>* traces) {
        labs_.emplace_back(rules, entries, boxes, traces);
        return static_cast<std::uint32_t>(labs_.size());
    }
    [[nodiscard]] Lab& lab(std::uint32_t number) { return labs_[number - 1]; }

    tcp::Step step;                 ///< the one list of a step, used again for each
    Ring<HostNotice> notices;       ///< of all steps since the application last looked
    WayFinder* ways = nullptr;      ///< for links that move
    std::uint64_t bytes_copied = 0; ///< payload of copies that paths made

private:
    [[nodiscard]] Sent send_with_care(Path& path, tcp::Segment& segment);
    [[nodiscard]] Sent send_impaired(Path& path, tcp::Segment& segment);
    [[nodiscard]] Sent put_on_wire(Path& path, Path& way, const tcp::Segment& segment, Duration jitter);
    void put_copy(Path& way, const tcp::Segment& segment, Instant arrives);
    [[nodiscard]] Sent send_nowhere(Path& path, const tcp::Segment& segment, TracePacket::Act why);
    void put_in_flight(Path& path, Flying& flying);
    void put_among_reordered(Path& path, Flying& flying);
    [[nodiscard]] bool queue_full(const Path& path, Path& way, Bytes size);
    void forget_sent(Path& path);

    engine::Engine& engine_;
    Draws draws_;
    FlyingPool flying_;
    std::deque<Lab> labs_;
};

} // namespace firstbyte::net
