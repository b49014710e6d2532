/// An experiment's own actions, moved along with the kernel's late timers.
#pragma once

#include "compare.hpp"
#include "records.hpp"

namespace firstbyte::validate {

/// The record with the starts of its connections, its rules and its changes as much earlier as the last packet before
/// them, of those that are the same in `result`, was late.
/// @param actions  the record as it was replayed for `result`: `timeline` itself, or moved before
[[nodiscard]] Timeline moved_with_timers(const Timeline& timeline, const Timeline& actions,
                                         const TimelineResult& result);

/// Whether both have their actions at the same times.
[[nodiscard]] bool same_actions(const Timeline& a, const Timeline& b);

} // namespace firstbyte::validate
