/// What an impaired link does to single packets: loss, jitter, a small MTU.
#pragma once

#include "core/random.hpp"
#include "firstbyte/results.hpp"
#include "net/path.hpp"

namespace firstbyte::net {

/// Whether a packet goes on its way, and how much later than others.
struct Fate {
    TracePacket::Act act = TracePacket::Act::Forward; ///< Forward, Lost or TooBig
    Duration jitter{};
};

/// Decides on the next packet of a path, of `size` bytes. One block of random numbers, named by the path and the
/// packet's number on it, serves all: two runs that send the same packets have the same losses, whatever else differs.
///
/// Loss is independent, or that of Gilbert and Elliott: two states, one step of the chain per packet, beginning in the
/// state that the chain is in after a long time (Elliott, "Estimates of error rates for codes on burst-noise channels",
/// 1963).
[[nodiscard]] Fate fate_of(Path& path, Bytes size, const Draws& draws);

/// Share of packets lost in the long run.
[[nodiscard]] double mean_loss(const Loss& loss);

} // namespace firstbyte::net
