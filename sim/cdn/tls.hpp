/// TLS as flights of bytes: who speaks when, and how much. No cryptography.
#pragma once

#include "firstbyte/scenario.hpp"

#include <cstdint>

namespace firstbyte::cdn {

// Sizes of the flights that a scenario cannot set, in bytes with record headers. Model choice: typical sizes of common
// implementations with a P-256 or X25519 key exchange and AES-128-GCM; they are far below one segment, so only the
// round trips they stand for matter.
constexpr std::uint32_t tls13_client_finished = 74;    // ChangeCipherSpec 6 + record(Finished 36)
constexpr std::uint32_t tls13_resumed_server = 250;    // ServerHello with PSK, EncryptedExtensions, Finished
constexpr std::uint32_t tls13_end_of_early_data = 100; // EndOfEarlyData and Finished
constexpr std::uint32_t tls12_client_key = 126;        // ClientKeyExchange 75, ChangeCipherSpec 6, Finished 45
constexpr std::uint32_t tls12_finished = 51;           // ChangeCipherSpec 6, Finished 45
constexpr std::uint32_t tls12_resumed_server = 150;    // ServerHello, ChangeCipherSpec, Finished

/// The handshake of one connection. A length of 0: the flight does not exist.
///
/// client_first -> server_first -> client_second [with the request, unless server_second waits] -> server_second ->
/// request.
struct TlsFlights {
    std::uint32_t client_first = 0, server_first = 0, client_second = 0, server_second = 0;
    bool request_with_first = false; ///< 0-RTT: the request follows client_first at once

    /// Bytes that the client sends before its first request byte.
    [[nodiscard]] std::uint32_t client_before_request() const {
        return request_with_first ? client_first : client_first + client_second;
    }
    /// Bytes that the server sends before its first response byte.
    [[nodiscard]] std::uint32_t server_before_response() const { return server_first + server_second; }
};

/// RFC 8446 (1.3: one round trip; 0-RTT with early data), RFC 5246 (1.2: two, one when resumed).
[[nodiscard]] inline TlsFlights tls_flights(const Tls& tls, bool resumed, bool early_data) {
    const auto hello = static_cast<std::uint32_t>(tls.client_hello.count);
    const auto server = static_cast<std::uint32_t>(tls.server_flight.count);
    switch (tls.version) {
    case Tls::Version::None: return {};
    case Tls::Version::Tls12:
        if (resumed) return {hello, tls12_resumed_server, tls12_finished, 0, false};
        return {hello, server, tls12_client_key, tls12_finished, false};
    case Tls::Version::Tls13:
        if (resumed && early_data) return {hello, tls13_resumed_server, tls13_end_of_early_data, 0, true};
        if (resumed) return {hello, tls13_resumed_server, tls13_client_finished, 0, false};
        return {hello, server, tls13_client_finished, 0, false};
    }
    return {};
}

} // namespace firstbyte::cdn
