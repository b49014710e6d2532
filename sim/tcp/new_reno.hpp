/// NewReno: RFC 5681 growth of one segment per window, RFC 6582 halving.
#pragma once

#include "tcp/window.hpp"

namespace firstbyte::tcp {

[[nodiscard]] inline std::uint32_t new_reno_ssthresh(const Window& window) {
    return std::max(window.cwnd / 2, cwnd_least);
}

} // namespace firstbyte::tcp
