#include "report/trace_payload.hpp"

#include "core/mix.hpp"
#include "report/packet_facts.hpp"

#include <algorithm>
#include <cstddef>

#include <fmt/format.h>

namespace firstbyte::report {
namespace {

constexpr std::string_view alphabet = "abcdefghijklmnopqrstuvwxyz0123456789";

std::string filler(std::size_t length) {
    std::string text(length, '.');
    for (std::size_t n = 0; n < length; ++n) text[n] = alphabet[n % alphabet.size()];
    return text;
}

// --- HTTP/1.1 ------------------------------------------------------------------------------------------------------

/// A GET whose size is made up with a Cookie header, or a POST with a body when no header would be that long.
std::string http_request(std::size_t length, std::size_t limit) {
    constexpr std::size_t header_max = 8000; // RFC 9112 section 3: a request line that servers should take; also nginx
    const std::string host = " HTTP/1.1\r\nHost: www.example\r\n";
    if (length > header_max) {
        std::string text = "POST /" + host;
        // The number stands right-aligned in a field of fixed width; white space before it is allowed.
        const std::size_t header = text.size() + std::string_view("Content-Length: 0123456789\r\n\r\n").size();
        text += fmt::format("Content-Length: {:>10}\r\n\r\n", length - header);
        return text + filler(std::min(length, limit) - std::min({text.size(), length, limit}));
    }
    const std::size_t least = std::string_view("GET /\r\n").size() + host.size();
    if (length < least) return std::string(length, '.');
    const std::size_t spare = length - least;
    const std::string_view cookie = "Cookie: id=\r\n";
    if (spare <= cookie.size()) return "GET /" + filler(spare) + host + "\r\n";
    return "GET /" + host + "Cookie: id=" + filler(spare - cookie.size()) + "\r\n\r\n";
}

std::string http_response(int status, std::size_t length, std::size_t limit) {
    const std::string first = fmt::format("HTTP/1.1 {} {}\r\n", status, status == 200 ? "OK" : "Error");
    const std::size_t header = first.size() + std::string_view("Content-Length: 0123456789\r\n\r\n").size();
    if (length < header) return std::string(length, '.');
    std::string text = first + fmt::format("Content-Length: {:>10}\r\n\r\n", length - header);
    return text + filler(std::min(length, limit) - std::min({text.size(), length, limit}));
}

// --- TLS -----------------------------------------------------------------------------------------------------------

void put(std::string& out, std::size_t value, std::size_t bytes) {
    for (std::size_t n = bytes; n-- > 0;) out += static_cast<char>((value >> (8 * n)) & 0xff);
}

/// Bytes that look random and are the same each time.
std::string noise(std::size_t length, std::uint64_t seed) {
    std::string out;
    for (std::size_t n = 0; out.size() < length; ++n) put(out, mix64(seed + n), 8);
    out.resize(length);
    return out;
}

enum class Record : std::uint8_t { ChangeCipherSpec = 20, Handshake = 22, ApplicationData = 23 }; // RFC 8446, 5.1

void put_record(std::string& out, Record type, std::string_view content, std::size_t version = 0x0303) {
    put(out, static_cast<std::size_t>(type), 1);
    put(out, version, 2);
    put(out, content.size(), 2);
    out += content;
}

constexpr std::size_t record_header = 5;
constexpr std::size_t record_max = (1 << 14) + 17; // a full plaintext, its type and its tag (RFC 8446 section 5.2)

/// Records of opaque data, `length` bytes with their headers.
std::string opaque_records(std::size_t length, std::size_t limit, std::uint64_t seed) {
    if (length <= record_header) return std::string(length, '.');
    std::string out;
    for (std::size_t left = length; left != 0 && out.size() < limit;) {
        std::size_t content = std::min(left - record_header, record_max);
        const std::size_t rest = left - record_header - content;
        if (rest != 0 && rest <= record_header) content -= record_header; // the next record needs more than a header
        put_record(out, Record::ApplicationData, noise(content, seed + out.size()));
        left -= record_header + content;
    }
    return out;
}

/// A ClientHello (RFC 8446 section 4.1.2) filled up by the padding extension (RFC 7685).
std::string client_hello(std::size_t length, std::uint64_t seed) {
    std::string extensions;
    put(extensions, 0, 2); // server_name (RFC 6066 section 3)
    const std::string_view name = "www.example";
    put(extensions, name.size() + 5, 2);
    put(extensions, name.size() + 3, 2);
    put(extensions, 0, 1);
    put(extensions, name.size(), 2);
    extensions += name;
    put(extensions, 43, 2); // supported_versions: TLS 1.3, TLS 1.2
    put(extensions, 5, 2);
    put(extensions, 4, 1);
    put(extensions, 0x0304, 2);
    put(extensions, 0x0303, 2);
    std::string body;
    put(body, 0x0303, 2);
    body += noise(32, seed);
    put(body, 32, 1);
    body += noise(32, seed + 32);
    put(body, 4, 2);
    put(body, 0x1301, 2); // TLS_AES_128_GCM_SHA256
    put(body, 0xc02f, 2); // TLS_ECDHE_RSA_WITH_AES_128_GCM_SHA256
    put(body, 0x0100, 2); // one compression method: none
    constexpr std::size_t handshake_header = 4, extension_header = 4;
    const std::size_t fixed = record_header + handshake_header + body.size() + 2 + extensions.size() + extension_header;
    if (length < fixed || length - record_header > record_max) return opaque_records(length, length, seed);
    put(extensions, 21, 2); // padding
    put(extensions, length - fixed, 2);
    extensions.append(length - fixed, '\0');
    put(body, extensions.size(), 2);
    body += extensions;
    std::string handshake;
    put(handshake, 1, 1);
    put(handshake, body.size(), 3);
    std::string out;
    put_record(out, Record::Handshake, handshake + body, 0x0301); // RFC 8446 section 5.1: for old middleboxes
    return out;
}

/// ServerHello (RFC 8446 section 4.1.3), ChangeCipherSpec, then the encrypted rest.
std::string server_flight(std::size_t length, std::size_t limit, std::uint64_t seed) {
    std::string body;
    put(body, 0x0303, 2);
    body += noise(32, seed);
    put(body, 32, 1);
    body += noise(32, seed + 32);
    put(body, 0x1301, 2);
    put(body, 0, 1);
    put(body, 46, 2);
    put(body, 43, 2); // supported_versions: TLS 1.3
    put(body, 2, 2);
    put(body, 0x0304, 2);
    put(body, 51, 2); // key_share: X25519, 32 bytes
    put(body, 36, 2);
    put(body, 0x001d, 2);
    put(body, 32, 2);
    body += noise(32, seed + 64);
    std::string handshake;
    put(handshake, 2, 1);
    put(handshake, body.size(), 3);
    std::string out;
    put_record(out, Record::Handshake, handshake + body);
    put_record(out, Record::ChangeCipherSpec, std::string_view("\x01", 1));
    if (length <= out.size() + record_header) return opaque_records(length, limit, seed);
    return out + opaque_records(length - out.size(), limit, seed + 96);
}

std::string tls_message(const TraceMessage& message, std::size_t limit, std::uint64_t seed) {
    switch (message.kind) {
    case TraceMessage::Kind::ClientHello: return client_hello(message.length, seed);
    case TraceMessage::Kind::ServerFlight: return server_flight(message.length, limit, seed);
    case TraceMessage::Kind::Handshake:
    case TraceMessage::Kind::Request:
    case TraceMessage::Kind::Response: break;
    }
    return opaque_records(message.length, limit, seed);
}

/// @param limit  bytes that are needed; more may come back
std::string bytes_of(const TraceMessage& message, bool tls, std::size_t limit, std::uint64_t seed) {
    if (tls) return tls_message(message, limit, seed);
    return message.up ? http_request(message.length, limit) : http_response(message.status, message.length, limit);
}

/// Bytes of one direction that some packet carries, from number 1 on.
std::size_t extent(const TraceConnection& trace, bool up) {
    std::uint32_t end = 1;
    for (const TracePacket& packet : trace.packets)
        if (packet.up == up && packet.length != 0) end = std::max(end, payload_begin(packet) + packet.length);
    return end - 1;
}

} // namespace

TracePayload::TracePayload(const TraceConnection& trace) {
    const std::uint64_t flow = mix64(std::uint64_t{trace.client_address} << 32 | trace.client_port);
    for (const bool up : {false, true}) {
        std::string& stream = stream_[up ? 1 : 0];
        const std::size_t wanted = extent(trace, up);
        const auto append = [&](const TraceMessage& message) {
            if (stream.size() < wanted)
                stream += bytes_of(message, trace.tls, wanted - stream.size(), flow + stream.size());
        };
        for (const TraceMessage& message : trace.messages)
            if (message.up == up) append(message);
        // What no message accounts for is one more.
        const auto kind = up ? TraceMessage::Kind::Request : TraceMessage::Kind::Response;
        if (stream.size() < wanted) append({kind, up, 0, static_cast<std::uint32_t>(wanted - stream.size())});
        stream.resize(wanted);
    }
}

} // namespace firstbyte::report
