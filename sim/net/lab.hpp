/// Rules and middleboxes on a path, and the record of what entered it: for exact experiments, off the hot path.
#pragma once

#include "core/flat_map.hpp"
#include "firstbyte/results.hpp"
#include "firstbyte/scenario.hpp"
#include "tcp/segment.hpp"

#include <array>
#include <cstdint>
#include <optional>
#include <string>
#include <utility>
#include <vector>

namespace firstbyte::net {

/// A connection that is being recorded.
struct Recording {
    tcp::FlowName flow;
    std::size_t trace = 0; ///< index in the list of traces
};

/// Middleboxes that a client is behind (what they do to Fast Open: semantics reference, section 3.5).
struct Boxes {
    bool option_stripped = false;  ///< takes the option out of SYN and SYN-ACK
    bool data_stripped = false;    ///< takes the data out of the SYN
    bool syn_data_dropped = false; ///< drops a SYN with data
    bool option_dropped = false;   ///< drops a SYN with the option
    bool blackholed = false;       ///< lets nothing pass once SYN data was acknowledged
    [[nodiscard]] bool any() const {
        return option_stripped || data_stripped || syn_data_dropped || option_dropped || blackholed;
    }
};

/// The rules, middleboxes and recordings of one client's two directions.
class Lab {
public:
    /// @param entries  connections of the client's script, 0 without one: rules name connections by their entry
    Lab(const std::vector<PathRule>* rules, std::uint32_t entries, const Boxes& boxes,
        std::vector<TraceConnection>* traces)
        : rules_(rules), entries_(entries), boxes_(boxes), traces_(traces) {
        if (rules_ != nullptr) seen_.resize(rules_->size());
    }

    /// From now on no rule acts; middleboxes stay.
    void end_rules() { rules_ = nullptr; }

    void record(const tcp::FlowName& flow, std::size_t trace) { recordings_.push_back({flow, trace}); }

    /// Applies the rules to a segment that enters the path; may strip or change it.
    /// @return false when the segment is dropped
    [[nodiscard]] bool pass(Instant now, bool up, tcp::Segment& segment);
    /// How long after the segment that has just passed a copy of it is to arrive; asking takes the answer away.
    [[nodiscard]] std::optional<Duration> take_copy() { return std::exchange(copy_, std::nullopt); }
    /// A copy of the segment that passed last arrives then.
    void copied(const tcp::Segment& segment, Instant at);
    // What became of the segment that pass() recorded last.
    void lost(const tcp::Segment& segment, TracePacket::Act how);
    void arrives(const tcp::Segment& segment, Instant at);
    void goes(const tcp::Segment& segment, std::int32_t pop);
    /// A packet up that arrives now has found a PoP without its connection.
    void is_foreign(const tcp::Segment& segment, Instant now);
    /// The record of a flow; null when it is not recorded.
    [[nodiscard]] TraceConnection* recording_of(const tcp::FlowName& flow);

private:
    [[nodiscard]] bool concerns(const PathRule& rule, Instant now, bool up, const tcp::Segment& segment) const;

    [[nodiscard]] std::optional<TracePacket::Act> pass_boxes(bool up, tcp::Segment& segment);

    const std::vector<PathRule>* rules_;
    std::uint32_t entries_;
    Boxes boxes_;
    FlatMap64<bool> swallowed_; ///< flows that nothing of passes any more
    std::vector<TraceConnection>* traces_;
    std::vector<std::array<std::uint32_t, 2>> seen_; ///< by rule and direction (down, up): matching packets so far
    std::vector<Recording> recordings_;
    std::optional<Duration> copy_; ///< of the segment that passed last
};

} // namespace firstbyte::net
