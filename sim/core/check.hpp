/// Invariants of this program, on in release builds too.
#pragma once

namespace firstbyte {

/// Prints what was believed, and where, to stderr; then aborts.
[[noreturn]] void invariant_broken(const char* belief, const char* condition, const char* file, int line);

} // namespace firstbyte

/// Stops the program when `condition` does not hold. `belief` is a sentence that says what was taken for granted.
#define FB_ASSERT(condition, belief)                                                                                   \
    (static_cast<bool>(condition) ? void(0) : ::firstbyte::invariant_broken(belief, #condition, __FILE__, __LINE__))
