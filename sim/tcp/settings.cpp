#include "tcp/settings.hpp"

#include <algorithm>

namespace firstbyte::tcp {

std::vector<Duration> syn_schedule(Duration rto, int retries, int linear, Duration most) {
    // Linux tcp_write_timeout gives up when a timer finds `retries` + `linear` repetitions done, or, after the first
    // one, that the classic schedule without linear timeouts would be over. With few retries the latter comes first.
    const Duration classic = give_up_time(rto, static_cast<std::uint32_t>(retries), most);
    std::vector<Duration> waits;
    Duration elapsed{};
    for (int done = 0;; ++done) {
        waits.push_back(rto);
        elapsed += rto;
        if (done >= retries + linear || (done > 0 && elapsed >= classic)) return waits;
        if (done >= linear) rto = std::min(rto * 2, most);
    }
}

/// Linux tcp_model_timeout.
Duration give_up_time(Duration rto, std::uint32_t retries, Duration most) {
    Duration total{0};
    for (std::uint32_t n = 0; n <= retries; ++n) {
        total += rto;
        rto = std::min<Duration>(rto * 2, most);
    }
    return total;
}

} // namespace firstbyte::tcp
