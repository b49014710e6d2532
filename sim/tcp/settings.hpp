/// Settings of one end of a connection, shared by all connections of a leg and side.
#pragma once

#include "firstbyte/units.hpp"

#include <cstdint>
#include <vector>

namespace firstbyte::tcp {

using namespace std::chrono_literals;

constexpr std::uint32_t mss_default = 1460;   // MTU 1500 less IPv4 and TCP headers (RFC 9293 section 3.7.1)
constexpr std::uint32_t timestamps_size = 12; // RFC 7323 section 3.2, padded
constexpr std::uint32_t syn_option_room = 40; // largest TCP option space; Linux leaves it free beside SYN data
constexpr Duration rto_max = 120s;    // Linux TCP_RTO_MAX_SEC; RFC 6298 section 2.5 allows any bound of 60 s or more
constexpr int doublings_max = 20;     // of any timeout: far beyond the longest, and no overflow of nanoseconds
constexpr Duration rto_fallback = 3s; // RFC 6298 section 5.7: after a repeated SYN without a sample
constexpr Duration time_wait_length =
    60s; // Linux TCP_TIMEWAIT_LEN and tcp_fin_timeout; RFC 9293 asks for 2 MSL = 4 min
constexpr std::uint32_t window_syn = 64'240;     // first window of a client, measured on Linux 6.18
constexpr std::uint32_t window_syn_ack = 65'160; // first window of a server, measured on Linux 6.18
constexpr std::uint32_t window_max = 32u << 20;  // tcp_rmem's third value, measured on Linux 6.18
constexpr std::int8_t window_shift = 10;         // RFC 7323 scale of both ends, measured on Linux 6.18
// Payload's share of a receive buffer with segments of 1448 B, in 256ths (Linux scaling_ratio, from measured windows).
constexpr std::uint32_t payload_share = 152, payload_whole = 256;
constexpr std::uint32_t first_buffer =
    79 * 1024; // window of a first receive buffer (tcp_rmem's second value), measured
// Linux tcp_sndbuf_expand: two windows of segments, each taken for 2304 B (2 KiB and its descriptor); a full segment of
// 1448 B really takes 2280 B. Measured on Linux 6.18: a writer is stopped behind 21 segments at first.
constexpr std::uint32_t send_buffer_per_segment = 2304, send_buffer_overhead = 832;
constexpr std::uint32_t send_buffer_window_least = 10; // Linux TCP_INIT_CWND
constexpr std::uint32_t send_buffer_first = 2 * send_buffer_window_least * send_buffer_per_segment;
constexpr std::uint32_t backlog_interval = 16;      // segments of a write between looks at the backlog (Linux)
constexpr std::uint32_t send_buffer_max = 4u << 20; // tcp_wmem's third value, measured on Linux 6.18
constexpr std::uint32_t growth_segment = 128;       // Linux: smaller segments do not widen the window
constexpr std::uint32_t quick_acks_max = 16;        // Linux TCP_MAX_QUICKACKS
constexpr std::uint32_t duplicate_acks = 3;         // RFC 5681 section 3.2; Linux tcp_reordering
constexpr std::uint32_t reordering_max = 300;       // Linux tcp_max_reordering
constexpr std::uint8_t rack_recoveries = 16;        // RFC 8985 section 6.2 step 4; Linux TCP_RACK_RECOVERY_THRESH
constexpr Duration delayed_ack_max = 200ms;         // Linux TCP_DELACK_MAX
constexpr Duration timer_slack = 2ms;               // Linux TCP_TIMEOUT_MIN_US: what a reordering wait adds
constexpr Duration loss_probe_slack = 8ms;          // two ticks of 4 ms, as measured on Linux 6.18 (facts.md section 4)
constexpr Duration rto_least_linux = 200ms;         // Linux TCP_RTO_MIN: base of the give-up time, tcp_retries2
constexpr Duration rto_least_rfc = 1s;              // RFC 6298 section 2.4
constexpr std::uint32_t orphan_retries_default = 8; // Linux tcp_orphan_retries' default, for a socket without an owner
constexpr std::uint32_t mtu_probing_retries = 3;    // Linux tcp_retries1
constexpr std::uint32_t mtu_probing_base = 1024;    // Linux tcp_base_mss
constexpr std::uint32_t mtu_probing_floor = 48;     // Linux tcp_mtu_probe_floor
constexpr std::uint32_t compressed_acks_max = 44;   // Linux tcp_comp_sack_nr
constexpr Duration compressed_ack_max = 1ms;        // Linux tcp_comp_sack_delay_ns; also at most a twentieth of the RTT
constexpr Duration reneging_wait_least = 10ms;      // Linux tcp_check_sack_reneging: half an RTT, at least this
constexpr Duration challenge_pause = 500ms;         // Linux tcp_invalid_ratelimit

/// Congestion control algorithms; each has a file of its own. BBR would be the next value here and the next file.
enum class CongestionControl : std::uint8_t { NewReno, Cubic };

/// Keepalive probes (RFC 1122 section 4.2.3.6); `idle` zero: none are sent.
struct KeepaliveSettings {
    Duration idle{};          ///< silence before the first probe
    Duration interval{};      ///< between probes
    std::uint32_t probes = 0; ///< unanswered ones that end the connection
};

struct Settings {
    std::uint32_t initial_window = 10; ///< segments, RFC 6928
    std::uint32_t mss = mss_default;   ///< announced
    CongestionControl congestion = CongestionControl::Cubic;
    bool quick_ack = true;             ///< Linux's quick ACKs; else every second segment from the start, RFC 5681 4.2
    bool byte_counting = true;         ///< RFC 3465 without a limit, as Linux; else each ACK counts for one segment
    bool timestamps = true;            ///< RFC 7323
    bool sack = true;                  ///< RFC 2018
    bool mtu_probing = false;          ///< smaller segments after some timeouts (Linux tcp_mtu_probing = 1)
    bool tail_loss_probe = true;       ///< RFC 8985 section 7
    bool slow_start_after_idle = true; ///< Linux tcp_slow_start_after_idle; RFC 5681 section 4.1
    bool rto_rfc6298 = false;          ///< RTO of at least 1 s as the RFC has it, instead of Linux's rule
    Duration rto_variance_min = 200ms; ///< Linux: RTO = SRTT + max(this, 4 RTTVAR), measured on 6.18
    std::vector<Duration> syn_waits;   ///< wait after the n-th SYN; the handshake is given up after the last
    Duration rto_most = rto_max;       ///< no timeout doubles beyond it (Linux tcp_rto_max_ms)
    Duration syn_ack_rto = 1s;         ///< RFC 6298 section 2.1, doubling
    std::uint32_t syn_ack_retries = 5; ///< Linux tcp_synack_retries
    std::uint32_t data_retries = 15;   ///< Linux tcp_retries2
    std::uint32_t orphan_retries = 0;  ///< Linux tcp_orphan_retries; 0: orphan_retries_default
    Duration delayed_ack = 40ms;       ///< Linux TCP_DELACK_MIN; RFC 1122 section 4.2.3.2 allows 500 ms
    Duration ack_timeout{};            ///< without ACK progress on outstanding data: abort; zero: none (RFC 5482)
    Duration user_timeout{};           ///< Linux TCP_USER_TIMEOUT; zero: none
    KeepaliveSettings keepalive;
    Duration time_wait = time_wait_length;
    Duration fin_timeout = time_wait_length; ///< Linux tcp_fin_timeout: FIN-WAIT-2 without an owner
    std::uint32_t receive_buffer = 0;        ///< SO_RCVBUF, bytes; 0: autotuned
    // Fast Open (RFC 7413)
    bool fast_open = false;  ///< client: asks and sends; server: grants and accepts
    bool cookieless = false; ///< client: data without a cookie; server: takes it (tcp_fastopen 0x4, 0x200)
    bool fast_open_per_destination_backoff = false; ///< client: kernels before 4.15
    Duration cookie_lifetime{};                     ///< client: zero: for ever
    Duration blackhole_timeout{};                   ///< client: tcp_fastopen_blackhole_timeout_sec; zero: off
    std::uint32_t pending_limit = 256; ///< server: Fast Open connections that wait for their handshake's ACK
    /// Segments that were expected go a shorter way, with the same result; false lets tests compare.
    bool header_prediction = true;
    // Listening
    std::uint32_t backlog = 4096;   ///< connections that wait to be accepted; a queue of n holds n + 1, as on Linux
    bool abort_on_overflow = false; ///< Linux tcp_abort_on_overflow
    bool application_accepts = true;
};

/// Linux's SYN schedule: `linear` extra equal waits, then doubling (tcp_syn_linear_timeouts, tcp_syn_retries).
/// linear 4, retries 6, 1 s: SYNs at 0 1 2 3 4 5 7 11 19 35 67 s, given up at 131 s; retries 2: SYNs at 0 1 2 3 4 5 s,
/// given up at 7 s; retries 1: SYNs at 0 1 2 s, given up at 3 s (measured on 6.18).
[[nodiscard]] std::vector<Duration> syn_schedule(Duration rto, int retries, int linear, Duration most = rto_max);

/// How long `retries` retransmissions and the wait after the last take, from a first timeout of `rto` that doubles up
/// to `most`: what Linux makes of tcp_retries2 (200 ms and 15: 924.6 s).
[[nodiscard]] Duration give_up_time(Duration rto, std::uint32_t retries, Duration most = rto_max);

} // namespace firstbyte::tcp
