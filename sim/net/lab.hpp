/// Rules on a path, and the record of what entered it: for exact experiments, off the hot path.
#pragma once

#include "firstbyte/results.hpp"
#include "firstbyte/scenario.hpp"
#include "tcp/segment.hpp"

#include <array>
#include <cstdint>
#include <string>
#include <vector>

namespace firstbyte::net {

/// A connection that is being recorded.
struct Recording {
    tcp::FlowName flow;
    std::size_t trace = 0; ///< index in the list of traces
};

/// The rules and recordings of one client's two directions.
class Lab {
public:
    /// @param entries  connections of the client's script, 0 without one: rules name connections by their entry
    Lab(const std::vector<PathRule>* rules, std::uint32_t entries, std::vector<TraceConnection>* traces)
        : rules_(rules), entries_(entries), traces_(traces) {
        if (rules_ != nullptr) seen_.resize(rules_->size());
    }

    void record(const tcp::FlowName& flow, std::size_t trace) { recordings_.push_back({flow, trace}); }

    /// Applies the rules to a segment that enters the path; may strip or change it.
    /// @return false when the segment is dropped
    [[nodiscard]] bool pass(Instant now, bool up, tcp::Segment& segment);
    // What became of the segment that pass() recorded last.
    void lost(const tcp::Segment& segment, TracePacket::Act how);
    void arrives(const tcp::Segment& segment, Instant at);
    /// The record of a flow; null when it is not recorded.
    [[nodiscard]] TraceConnection* recording_of(const tcp::FlowName& flow);

private:
    [[nodiscard]] bool concerns(const PathRule& rule, Instant now, bool up, const tcp::Segment& segment) const;

    const std::vector<PathRule>* rules_;
    std::uint32_t entries_;
    std::vector<TraceConnection>* traces_;
    std::vector<std::array<std::uint32_t, 2>> seen_; ///< by rule and direction (down, up): matching packets so far
    std::vector<Recording> recordings_;
};

} // namespace firstbyte::net
