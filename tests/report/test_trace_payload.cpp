/// The bytes in a capture: HTTP/1.1 messages (RFC 9112), TLS records (RFC 8446 section 5), always of the packets'
/// length.
#include "firstbyte/report.hpp"
#include "support/capture.hpp"

#include <doctest/doctest.h>

#include <chrono>
#include <string>
#include <vector>

using namespace firstbyte;
using namespace firstbyte::test;
using namespace std::chrono_literals;

namespace {

using Kind = TraceMessage::Kind;

/// What one direction of a connection with these messages carries, cut into packets of at most 1448 B.
std::string stream(bool tls, bool up, const std::vector<TraceMessage>& messages, std::uint32_t sent) {
    TraceConnection trace;
    trace.tls = tls;
    trace.messages = messages;
    for (std::uint32_t begin = 1; begin <= sent;) {
        TracePacket packet;
        packet.at = Instant{Duration{begin}};
        packet.up = up;
        packet.flags = 16;
        packet.seq = begin;
        packet.length = std::min<std::uint32_t>(1448, sent + 1 - begin);
        trace.packets.push_back(packet);
        begin += packet.length;
    }
    std::string bytes;
    for (const CapturedPacket& packet : packets_of(trace_pcapng({trace}))) bytes += packet.payload;
    REQUIRE(bytes.size() == sent);
    return bytes;
}

std::string message(bool tls, Kind kind, bool up, std::uint32_t length) {
    return stream(tls, up, {{kind, up, 0, length}}, length);
}

struct Record {
    std::uint64_t type = 0, version = 0;
    std::string content;
};

/// The records that fill `bytes` to the last one.
std::vector<Record> records_of(const std::string& bytes) {
    std::vector<Record> records;
    for (std::size_t at = 0; at < bytes.size();) {
        const std::uint64_t length = big_endian(bytes, at + 3, 2);
        REQUIRE(at + 5 + length <= bytes.size());
        CHECK(length <= (1 << 14) + 256); // RFC 8446 section 5.2
        records.push_back({big_endian(bytes, at, 1), big_endian(bytes, at + 1, 2), bytes.substr(at + 5, length)});
        at += 5 + length;
    }
    return records;
}

} // namespace

TEST_CASE("payload: an HTTP request of any length from the smallest is a whole header, or one with its body") {
    for (const std::uint32_t length : {37u, 38u, 49u, 50u, 51u, 100u, 400u, 1420u, 3000u, 8000u, 8001u, 20'000u}) {
        CAPTURE(length);
        const std::string text = message(false, Kind::Request, true, length);
        const std::size_t end = text.find("\r\n\r\n");
        REQUIRE(end != std::string::npos);
        const bool post = text.rfind("POST / HTTP/1.1\r\n", 0) == 0;
        CHECK((post || text.rfind("GET /", 0) == 0));
        CHECK(text.find("\r\nHost: ") < end);
        if (!post) {
            CHECK(end + 4 == length);
        } else {
            const std::size_t field = text.find("Content-Length:");
            REQUIRE(field < end);
            CHECK(std::stoul(text.substr(field + 15)) == length - end - 4);
        }
    }
}

TEST_CASE("payload: an HTTP response has its length in its header and its status in its first line") {
    for (const std::uint32_t length : {47u, 48u, 146u, 500u, 15'000u}) {
        CAPTURE(length);
        const std::string text = message(false, Kind::Response, false, length);
        const std::size_t end = text.find("\r\n\r\n");
        REQUIRE(end != std::string::npos);
        CHECK(text.rfind("HTTP/1.1 200 OK\r\n", 0) == 0);
        CHECK(std::stoul(text.substr(text.find("Content-Length:") + 15)) == length - end - 4);
    }
    TraceMessage error{Kind::Response, false, 0, 1000};
    error.status = 522;
    CHECK(stream(false, false, {error}, 1000).rfind("HTTP/1.1 522 ", 0) == 0);
}

TEST_CASE("payload: messages follow one another, and one that was cut short says its whole length") {
    const std::string up = stream(false, true, {{Kind::Request, true, 0, 100}, {Kind::Request, true, 1, 200}}, 300);
    CHECK(up.rfind("GET /", 0) == 0);
    CHECK(up.find("GET /", 1) == 100);
    const std::string down = stream(false, false, {{Kind::Response, false, 0, 150'000}}, 2000);
    const std::size_t end = down.find("\r\n\r\n");
    CHECK(std::stoul(down.substr(down.find("Content-Length:") + 15)) == 150'000 - end - 4);
}

TEST_CASE("payload: what no message explains, and messages too short for their form, have their length all the same") {
    CHECK(stream(false, true, {}, 400).rfind("GET /", 0) == 0);
    for (const std::uint32_t length : {1u, 4u, 5u, 6u, 20u, 36u}) {
        CAPTURE(length);
        CHECK(message(false, Kind::Request, true, length).size() == length);
        CHECK(message(false, Kind::Response, false, length).size() == length);
        CHECK(message(true, Kind::Request, true, length).size() == length);
        CHECK(message(true, Kind::ClientHello, true, length).size() == length);
        CHECK(message(true, Kind::ServerFlight, false, length).size() == length);
    }
}

TEST_CASE("payload: TLS messages are whole records") {
    // 16,406 B is a full record with its header; one byte more needs a second record.
    for (const std::uint32_t length : {6u, 74u, 126u, 500u, 16'405u, 16'406u, 16'407u, 16'411u, 16'412u, 150'000u}) {
        for (const Kind kind : {Kind::Handshake, Kind::Request, Kind::Response}) {
            CAPTURE(length);
            const std::vector<Record> records = records_of(message(true, kind, kind != Kind::Response, length));
            for (const Record& record : records) CHECK(record.type == 23);
        }
    }
}

TEST_CASE(
    "payload: a ClientHello is one handshake record of its own length, padded (RFC 8446 section 4.1.2, RFC 7685)") {
    for (const std::uint32_t length : {200u, 517u, 1420u, 1700u}) {
        CAPTURE(length);
        const std::vector<Record> records = records_of(message(true, Kind::ClientHello, true, length));
        REQUIRE(records.size() == 1);
        CHECK(records[0].type == 22);
        const std::string& hello = records[0].content;
        CHECK(big_endian(hello, 0, 1) == 1);
        CHECK(big_endian(hello, 1, 3) == hello.size() - 4);
        const std::size_t session_id = 4 + 2 + 32;
        const std::size_t suites = session_id + 1 + big_endian(hello, session_id, 1);
        const std::size_t compression = suites + 2 + big_endian(hello, suites, 2);
        std::size_t at = compression + 1 + big_endian(hello, compression, 1);
        CHECK(big_endian(hello, at, 2) == hello.size() - at - 2);
        std::vector<std::uint64_t> extensions;
        for (at += 2; at < hello.size(); at += 4 + big_endian(hello, at + 2, 2))
            extensions.push_back(big_endian(hello, at, 2));
        CHECK(at == hello.size());
        CHECK(extensions == std::vector<std::uint64_t>{0, 43, 21}); // server_name, supported_versions, padding
    }
}

TEST_CASE("payload: the server's flight is ServerHello, ChangeCipherSpec and encrypted records") {
    for (const std::uint32_t length : {150u, 250u, 4000u}) {
        CAPTURE(length);
        const std::vector<Record> records = records_of(message(true, Kind::ServerFlight, false, length));
        REQUIRE(records.size() >= 3);
        CHECK(records[0].type == 22);
        CHECK(big_endian(records[0].content, 0, 1) == 2);
        CHECK(big_endian(records[0].content, 1, 3) == records[0].content.size() - 4);
        CHECK(records[1].type == 20);
        CHECK(records[1].content == "\x01");
        for (std::size_t n = 2; n < records.size(); ++n) CHECK(records[n].type == 23);
    }
}
