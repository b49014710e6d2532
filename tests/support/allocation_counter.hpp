/// Counts what the test program allocates, for tests that say "nothing is allocated here".
#pragma once

#include <cstdint>

namespace firstbyte::support {

/// Calls of operator new by the whole program so far, from any thread.
[[nodiscard]] std::uint64_t allocations();

/// Whether allocations are counted: not under a sanitizer, which brings its own operator new.
[[nodiscard]] bool allocations_counted();

} // namespace firstbyte::support
