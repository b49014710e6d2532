/// What a stateful box remembers of flows: when each was last seen.
#pragma once

#include "core/flat_map.hpp"
#include "firstbyte/scenario.hpp"
#include "net/path.hpp"

#include <cstdint>

namespace firstbyte::cdn {

class FlowTable final : public net::Gate {
public:
    explicit FlowTable(const FlowBox& box) : box_(box) {}

    /// A packet comes to the box. A SYN begins a flow; one that has been silent for so long is forgotten. A RST passes
    /// always: it may be the box's own.
    [[nodiscard]] bool passes(const tcp::Segment& segment, Instant now) override {
        if (segment.rst()) return true;
        const std::uint64_t flow = segment.flow.key();
        if (Instant* last = seen_.find(flow)) {
            const bool known = now - *last < box_.idle;
            if (known || segment.syn()) *last = now;
            return known || segment.syn();
        }
        if (!segment.syn()) return false;
        seen_.insert(flow, now);
        return true;
    }
    [[nodiscard]] bool resets() const { return box_.resets; }

private:
    FlowBox box_;
    FlatMap64<Instant> seen_;
};

} // namespace firstbyte::cdn
