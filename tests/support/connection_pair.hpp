/// Two connections joined by a path that does what a string of bytes says: losses, duplicates, reordering, calls of
/// both applications, forged segments. Property tests make the bytes from a seed, libFuzzer makes them up.
#pragma once

#include <cstdint>
#include <span>
#include <string>

namespace firstbyte::test {

struct PairReport {
    std::string fault;       ///< the first rule that was broken; empty: none
    std::string log;         ///< every packet, call and notice, when it was asked for
    bool in_order = false;   ///< both streams were closed in order, without abort, RST or forged segment
    bool forged = false;     ///< a forged segment was sent to one of the ends
    bool connected = false;  ///< both ends said so
    std::uint64_t bytes = 0; ///< delivered, both directions
    std::uint32_t segments = 0, lost = 0, repeated = 0, steps = 0;
};

/// Runs one pair to its end. `input` in three parts: 32 bytes of settings, then a quarter of the rest for calls and
/// forged segments, the remainder for what becomes of each packet. When they are used up the path is perfect and both
/// applications close, so everything has to end.
///
/// @param header_prediction  whether expected segments may go the short way
///
/// The rules: time ends; each end that begins says Gone once and is silent then; an acknowledgement, a SACK block or a
/// notice of data names only what has arrived; what was written arrives once when both ends close in order; nothing is
/// sent that was not written or that the peer has no window for; counters, scoreboard and timers never contradict one
/// another.
[[nodiscard]] PairReport run_pair(std::span<const std::uint8_t> input, bool with_log = false,
                                  bool header_prediction = true);

} // namespace firstbyte::test
