/// Local ports of one address towards one server address and port.
#pragma once

#include "core/check.hpp"

#include <cstdint>

namespace firstbyte::net {

/// Counts; which port a connection has does not matter. A port is taken until its connection has left TIME-WAIT, so
/// that 60 s of TIME-WAIT allow about 470 new connections a second (RFC 6056 names the range, Linux
/// ip_local_port_range the default below).
class EphemeralPorts {
public:
    static constexpr std::uint32_t first = 32'768, last = 60'999; // Linux ip_local_port_range
    static constexpr std::uint32_t range = last - first + 1;

    /// @param ports  0: as many as one likes, for a host that stands for many addresses
    explicit EphemeralPorts(std::uint32_t ports = 0) : ports_(ports) {}

    /// @return false when none is free (EADDRNOTAVAIL)
    [[nodiscard]] bool take() {
        if (ports_ != 0 && taken_ == ports_) return false;
        ++taken_;
        return true;
    }
    void give_back() {
        FB_ASSERT(taken_ > 0, "a port comes back once");
        --taken_;
    }
    [[nodiscard]] std::uint32_t taken() const { return taken_; }

private:
    std::uint32_t ports_;
    std::uint32_t taken_ = 0;
};

} // namespace firstbyte::net
