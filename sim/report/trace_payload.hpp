/// The bytes that a traced connection carried, made up: well formed, and of exactly the right length.
#pragma once

#include "firstbyte/results.hpp"

#include <array>
#include <cstdint>
#include <string>
#include <string_view>

namespace firstbyte::report {

/// Both directions of a connection as streams of bytes.
///
/// Without TLS each request and response is an HTTP/1.1 message (RFC 9112). With TLS the flights of the handshake are
/// records with a ClientHello and a ServerHello in them, the rest records of opaque data (RFC 8446 section 5).
/// Model: nothing is encrypted or signed, TLS 1.2 has the records of 1.3, and a message that is too short for its form
/// consists of dots.
class TracePayload {
public:
    explicit TracePayload(const TraceConnection& trace);

    /// @param begin  sequence number of the first byte; the first one of a stream is 1
    /// @pre every byte belongs to a packet of the trace
    [[nodiscard]] std::string_view bytes(bool up, std::uint32_t begin, std::uint32_t length) const {
        return length == 0 ? std::string_view() : std::string_view(stream_[up ? 1 : 0]).substr(begin - 1, length);
    }

private:
    std::array<std::string, 2> stream_; ///< down, up
};

} // namespace firstbyte::report
