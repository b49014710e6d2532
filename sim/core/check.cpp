#include "core/check.hpp"

#include <cstdio>
#include <cstdlib>

namespace firstbyte {

void invariant_broken(const char* belief, const char* condition, const char* file, int line) {
    std::fprintf(stderr, "firstbyte: internal error: %s\n  (%s) at %s:%d\n", belief, condition, file, line);
    std::abort();
}

} // namespace firstbyte
