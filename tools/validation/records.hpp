/// What a real kernel did: the records of tests/conformance/linux as values. Their README says what each field means.
#pragma once

#include "firstbyte/results.hpp"
#include "firstbyte/units.hpp"

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <utility>
#include <vector>

namespace firstbyte::validate {

/// One packet as it enters the link at its sender, measured or simulated.
struct Packet {
    Duration at{}; ///< since just before the record's first call
    std::uint32_t connection = 0;
    bool up = false;
    std::uint8_t flags = 0;           ///< TCP header bits: FIN 1, SYN 2, RST 4, PSH 8, ACK 16
    std::optional<std::uint32_t> seq; ///< relative to the sender's ISN; absent where the record does not know it
    std::optional<std::uint32_t> ack; ///< relative to the receiver's ISN
    std::uint32_t length = 0;
    std::uint32_t window = 0; ///< as in the header
    TracePacket::Tfo tfo = TracePacket::Tfo::None;
    std::string cookie; ///< names the cookie; equal names are equal cookies
    bool experimental = false;
    std::vector<std::pair<std::uint32_t, std::uint32_t>> sack;
    TracePacket::Act act = TracePacket::Act::Forward;
    std::optional<Duration> arrives; ///< at the other end, where it is known; measurements do not say it
};

/// Whether the packet ends on its way.
[[nodiscard]] bool is_lost(const Packet& packet);

namespace flag {
inline constexpr std::uint8_t fin = 1, syn = 2, rst = 4, psh = 8, ack = 16; // RFC 9293 section 3.1
}

/// Something an application saw: "connected", "first_byte", "close".
struct AppEvent {
    std::string name;
    Duration at{};
};

struct ListenerRecord {
    std::uint32_t port = 0;
    std::uint32_t fast_open_queue = 0; ///< TCP_FASTOPEN; 0: not set
    std::optional<std::uint32_t> backlog;
    bool accepts = true;
};

/// Something the link does to chosen packets, and when.
struct RuleRecord {
    std::string dir, match, action; ///< as the record spells them
    std::optional<std::pair<std::uint32_t, std::uint32_t>> nth;
    Duration from{};               ///< acts from here
    std::optional<Duration> until; ///< absent: to the end
    std::vector<std::uint32_t> connections;
};

struct SysctlChange {
    Duration at{};
    bool client = false;
    std::string name, value;
};

/// One step of a connection, letters of the record's step language.
struct StepRecord {
    char letter = 'q';
    std::vector<std::uint64_t> numbers;
};

struct ConnectionRecord {
    std::string label;
    std::vector<StepRecord> steps;
    std::map<std::string, std::string> options; ///< as text, numbers included
    std::string error;
    std::vector<AppEvent> client_events;
    std::string fast_open_fail; ///< tcpi_fastopen_client_fail as the trace calls it; empty: not recorded
    std::map<std::string, std::pair<double, double>> spread_ms; ///< over several runs of the kernel
    /// @returns absent when the record has no such event
    [[nodiscard]] std::optional<Duration> time_of(const std::string& name) const;
};

/// One behaviour, packet by packet.
struct Timeline {
    std::string file;
    int line = 0; ///< where the record begins
    std::string id, title;
    Duration rtt{};
    std::int64_t rate_bps = 0; ///< 0: unlimited
    std::uint32_t queue_packets = 0;
    std::map<std::string, std::string> sysctl_client, sysctl_server;
    std::vector<SysctlChange> changes;
    std::vector<ListenerRecord> listeners;
    std::vector<RuleRecord> rules;
    std::vector<ConnectionRecord> connections;
    std::vector<Packet> packets;
    FastOpenCounters counters_client, counters_server;
    bool cookie_at_start = false;
    Duration end{}; ///< the last thing the record knows
};

/// Median, least and greatest of several runs.
struct Spread {
    double median = 0, min = 0, max = 0;
};

/// One request and its response: a line of the grid.
struct GridPoint {
    std::string file;
    int line = 0;
    std::string set;
    double rtt_ms = 0;
    std::int64_t rate_bps = 0;
    std::uint32_t queue_packets = 0;
    std::string congestion;
    std::uint32_t request = 0, response = 0;
    enum class FastOpen : std::uint8_t { Off, First, Repeat } fast_open = FastOpen::Off;
    std::optional<std::pair<std::uint32_t, std::uint32_t>> drop; ///< data segments of the response, counted from 1
    Spread ttfb_ms, ttlb_ms, data_up, data_down;
    FastOpenCounters counters_client, counters_server;
    std::vector<std::pair<double, std::uint32_t>> flights; ///< bursts of response data: ms, segments; may be empty
};

} // namespace firstbyte::validate
