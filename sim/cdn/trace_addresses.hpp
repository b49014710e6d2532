/// IPv4 addresses and ports of a traced connection: what a capture of it shows.
#pragma once

#include "cdn/world.hpp"
#include "firstbyte/results.hpp"

#include <cstdint>

namespace firstbyte::cdn {

/// Addresses of clients are numbers from 1 on. The first 131,071 are in 198.18.0.0/15, kept for tests of network
/// devices (RFC 2544 section C.2.2); those beyond in 10.0.0.0/8 (RFC 1918). Model: more than 16.7 million clients begin
/// again at 10.0.0.0; only captures show it.
[[nodiscard]] constexpr std::uint32_t shown_address(std::uint32_t number) {
    constexpr std::uint32_t test_network = 198u << 24 | 18u << 16, test_hosts = 1u << 17;
    constexpr std::uint32_t private_network = 10u << 24, private_hosts = 1u << 24;
    return number < test_hosts ? test_network + number : private_network + (number - test_hosts) % private_hosts;
}

/// Ephemeral ports as Linux hands them out (ip_local_port_range), one after the other by the connection's number. A
/// session that opens another connection goes on some thousand ports further.
[[nodiscard]] constexpr std::uint16_t client_port(std::uint32_t connection, std::uint32_t reopened) {
    constexpr std::uint32_t first = 32768, last = 60999,
                            step = 7919; // the step is a prime: chains do not fall together
    return static_cast<std::uint16_t>(first + (connection % (last - first + 1) + reopened * step) % (last - first + 1));
}

/// 443 with TLS, else 80; further listeners of a script have 8001 and up.
[[nodiscard]] constexpr std::uint16_t server_port(bool tls, const ScriptConnection* script) {
    if (script != nullptr && script->listener) return static_cast<std::uint16_t>(8001 + *script->listener);
    return tls ? 443 : 80;
}

/// @param address  number of the client's address
inline void put_addresses(TraceConnection& trace, const World& world, std::uint32_t address,
                          const ScriptConnection* script, std::uint32_t reopened) {
    trace.tls = world.tls.version != Tls::Version::None;
    trace.client_address = shown_address(address);
    trace.server_address = world.service_address;
    trace.client_port = client_port(trace.connection, reopened);
    trace.server_port = server_port(trace.tls, script);
}

} // namespace firstbyte::cdn
