/// The link between the two ends: when a packet that enters it arrives.
#pragma once

#include "records.hpp"

#include <optional>
#include <vector>

namespace firstbyte::validate {

struct Link {
    Duration rtt{};
    std::int64_t rate_bps = 0; ///< each way; 0: unlimited
    bool timestamps = true;    ///< RFC 7323: 12 bytes of every segment
};

/// Arrival of each packet: its own where it knows it, else computed; absent when it was lost. All connections share the
/// link.
/// @param packets  in order of time
[[nodiscard]] std::vector<std::optional<Duration>> arrivals_of(const std::vector<Packet>& packets, const Link& link);

/// Whether each packet is a keepalive or window probe: a bare ACK one below the next sequence number, everything before
/// it acknowledged.
[[nodiscard]] std::vector<bool> probes_of(const std::vector<Packet>& packets);

} // namespace firstbyte::validate
