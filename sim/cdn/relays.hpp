/// Messages between PoPs of a tiered cache.
#pragma once

#include "core/ring.hpp"
#include "core/slab.hpp"
#include "engine/engine.hpp"
#include "tcp/segment.hpp"

#include <cstdint>
#include <utility>
#include <vector>

namespace firstbyte::cdn {

struct RelayMessage {
    enum class Kind : std::uint8_t {
        Request,  ///< to the upper PoP
        Cancel,   ///< nobody waits any more
        Response, ///< bytes of it, to the lower PoP
        Cut,      ///< the response stops early
    } kind = Kind::Request;
    Slot client; ///< at the lower PoP
    tcp::Label label;
    std::uint32_t bytes = 0;
};

/// One way from each PoP to each other one; a way has one delay, so it keeps order and has one pending event.
class Relays {
public:
    /// @param delays  one way, [from][to]
    Relays(engine::Engine& engine, std::vector<std::vector<Duration>> delays)
        : engine_(engine), delays_(std::move(delays)), ways_(delays_.size() * delays_.size()),
          dead_(delays_.size(), false) {}

    void send(std::uint32_t from, std::uint32_t to, const RelayMessage& message) {
        Ring<Sent>& way = ways_[from * delays_.size() + to];
        const Instant at = engine_.now() + delays_[from][to];
        if (way.empty()) schedule(at, from, to);
        way.push_back({at, message});
    }
    /// The message that has arrived on a way; the next one's event is made.
    [[nodiscard]] RelayMessage receive(std::uint32_t from, std::uint32_t to) {
        Ring<Sent>& way = ways_[from * delays_.size() + to];
        const RelayMessage message = way.front().message;
        way.pop_front();
        if (!way.empty()) schedule(way.front().at, from, to);
        return message;
    }
    void set_dead(std::uint32_t pop, bool dead) { dead_[pop] = dead; }
    [[nodiscard]] bool dead(std::uint32_t pop) const { return dead_[pop]; }

    /// Kind of the receiving PoP's event, among its own; the lower part is the sender.
    static constexpr std::uint64_t kind = 5;

private:
    struct Sent {
        Instant at{};
        RelayMessage message;
    };
    void schedule(Instant at, std::uint32_t from, std::uint32_t to) {
        engine_.schedule(make_event(at, engine::EventClass::Other, to, (kind << 32) | from));
    }

    engine::Engine& engine_;
    std::vector<std::vector<Duration>> delays_;
    std::vector<Ring<Sent>> ways_;
    std::vector<bool> dead_;
};

} // namespace firstbyte::cdn
