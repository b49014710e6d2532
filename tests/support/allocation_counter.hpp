/// Counts what the program allocates, for tests that say "nothing is allocated here" and benchmarks of memory.
#pragma once

#include <cstdint>

namespace firstbyte::support {

/// Calls of operator new by the whole program so far, from any thread.
[[nodiscard]] std::uint64_t allocations();

/// Most bytes that were in use at a time, from operator new, since the start or the last forget_most_bytes().
[[nodiscard]] std::uint64_t most_bytes();
/// From now on most_bytes() counts from what is in use now.
void forget_most_bytes();

/// Whether allocations are counted: not under a sanitizer, which brings its own operator new.
[[nodiscard]] bool allocations_counted();

} // namespace firstbyte::support
