#include "cdn/trace_notes.hpp"

#include "cdn/outcome.hpp"
#include "tcp/segment.hpp"

#include <fmt/format.h>

namespace firstbyte::cdn {

namespace {

struct Range {
    const char* name;
    std::uint64_t end; ///< sequence number behind its last byte
};

/// Names of what [begin, begin + length) overlaps, joined by " + ".
std::string names(const std::vector<Range>& ranges, std::uint64_t begin, std::uint64_t length) {
    std::string text;
    std::uint64_t from = 1;
    for (const Range& range : ranges) {
        if (begin < range.end && from < begin + length && range.end > from)
            text += (text.empty() ? "" : " + ") + std::string(range.name);
        from = range.end;
    }
    return text;
}

/// Puts the flights of the TLS handshake where they stand among the requests and responses.
void add_handshake(std::vector<TraceMessage>& messages, const TlsFlights& flights) {
    using Kind = TraceMessage::Kind;
    std::vector<TraceMessage> whole;
    const auto put = [&whole](Kind kind, bool up, std::uint32_t length) {
        if (length != 0) whole.push_back({kind, up, 0, length});
    };
    put(Kind::ClientHello, true, flights.client_first);
    if (!flights.request_with_first) put(Kind::Handshake, true, flights.client_second);
    put(Kind::ServerFlight, false, flights.server_first);
    put(Kind::Handshake, false, flights.server_second);
    bool second_waits = flights.request_with_first; // with 0-RTT it stands behind the first request
    for (const TraceMessage& message : messages) {
        whole.push_back(message);
        whole.back().status = status_of(unpack(message.outcome).cause);
        if (message.up && second_waits) put(Kind::Handshake, true, flights.client_second);
        if (message.up) second_waits = false;
    }
    messages = std::move(whole);
}

} // namespace

void annotate(TraceConnection& trace, const TlsFlights& flights) {
    add_handshake(trace.messages, flights);
    constexpr std::uint64_t rest = ~std::uint64_t{0};
    std::vector<Range> up, down;
    if (flights.client_first != 0) {
        std::uint64_t end = 1 + flights.client_first;
        up.push_back({"ClientHello", end});
        if (!flights.request_with_first) up.push_back({"Finished", end += flights.client_second});
        end = 1 + flights.server_first;
        down.push_back({"ServerHello..Finished", end});
        if (flights.server_second != 0) down.push_back({"Finished", end += flights.server_second});
    }
    up.push_back({"request", rest});
    down.push_back({"response", rest});

    for (TracePacket& packet : trace.packets) {
        const bool syn = (packet.flags & tcp::flag::syn) != 0;
        const std::uint64_t begin = syn ? 1 : packet.seq; // the SYN itself takes number 0
        if (packet.length != 0)
            packet.note = fmt::format("{} ({} B)", names(packet.up ? up : down, begin, packet.length), packet.length);
    }
}

} // namespace firstbyte::cdn
