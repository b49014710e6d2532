#include "tcp/settings.hpp"

#include <algorithm>

namespace firstbyte::tcp {

std::vector<Duration> syn_schedule(Duration rto, int retries, int linear) {
    std::vector<Duration> waits(static_cast<std::size_t>(linear), rto);
    for (int n = 0; n <= retries; ++n) {
        waits.push_back(rto);
        rto = std::min(rto * 2, rto_max);
    }
    return waits;
}

Duration give_up_time(Duration rto, std::uint32_t retries) {
    Duration total{0};
    for (std::uint32_t n = 0; n <= retries; ++n) {
        total += rto;
        rto = std::min<Duration>(rto * 2, rto_max);
    }
    return total;
}

} // namespace firstbyte::tcp
