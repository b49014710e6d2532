/// Rows of the table: tls, tcp, edge.
#include "scenario/keys.hpp"

namespace firstbyte::scenario {

namespace {
constexpr double count_max = 2'147'483'647; // scenario format, section 2: counts are at most 2^31
constexpr double time_max = 1e18;           // beyond the ten years every duration is limited to

/// Keys of one leg; both legs have the same.
void append_leg_keys(std::vector<Key>& rows, const std::string& leg) {
    const auto add = [&rows](Key row) { rows.push_back(std::move(row)); };
    add(key(leg, Kind::Object, "{}", "TCP of this leg, both ends; defaults are Linux's"));
    const std::string in = leg + ".";
    add(key(in + "initial_window", Kind::Integer, "10", "segments sent before the first ACK (RFC 6928)")
            .range(1, 1000)
            .first());
    add(key(in + "mss", Kind::Size, "largest segment without options; absent: from the MTU of 1500B")
            .range(88, 1460)
            .like("\"1460B\"")); // Linux: TCP_MIN_MSS; Ethernet's MTU less IPv4 and TCP headers
    add(key(in + "timestamps", Kind::Bool, "true", "RFC 7323 timestamps, 12 bytes of every segment"));
    add(key(in + "min_rto", Kind::Duration, "200ms", "least retransmission timeout").range(1, time_max));
    add(key(in + "syn_rto", Kind::Duration, "1s", "first retransmission timeout of a SYN (RFC 6298)")
            .range(1, time_max));
    add(key(in + "syn_retries", Kind::Integer, "6", "retransmissions of a SYN (tcp_syn_retries)").range(0, 127));
    add(key(in + "syn_linear_timeouts", Kind::Integer, "4", "extra retries of a SYN before its timeout doubles")
            .range(0, 127));
    add(key(in + "synack_retries", Kind::Integer, "5", "retransmissions of a SYN-ACK (tcp_synack_retries)")
            .range(0, 127));
    add(key(in + "data_retries", Kind::Integer, "15", "retransmissions of data (tcp_retries2)").range(0, 127));
    add(key(in + "delayed_ack", Kind::Duration, "40ms", "longest delay of an ACK"));
    add(key(in + "fast_open", Kind::Object, "false", "TCP Fast Open (RFC 7413): true, false, \"profile\" or an object")
            .or_just("enabled")
            .like("true")
            .first());
    add(key(in + "fast_open.enabled", Kind::Switch, "false", "whether this leg uses Fast Open").like("true"));
    add(later(in + "fast_open.cookie_lifetime", Kind::Duration, "how long a cookie stays valid"));
    add(later(in + "fast_open.pending_limit", Kind::Integer, "Fast Open connections that may wait for their ACK"));
    add(later(in + "fast_open.cookieless", Kind::Bool, "SYN data is taken without a cookie"));
    add(later(in + "fast_open.blackhole_timeout", Kind::Duration, "pause after a suspected blackhole"));
    add(key(in + "congestion", Kind::Choice, "reno",
            "congestion control; reno is NewReno (RFC 5681, RFC 6582) and runs until CUBIC is built")
            .of("reno !cubic")
            .first());
    add(later(in + "keepalive", Kind::Anything, "TCP probes, or false; they never extend an HTTP idle timeout")
            .first());
    add(later(in + "keepalive.idle", Kind::Duration, "silence before the first probe"));
    add(later(in + "keepalive.interval", Kind::Duration, "time between probes"));
    add(later(in + "keepalive.probes", Kind::Integer, "unanswered probes that end the connection"));
    add(later(in + "user_timeout", Kind::Duration, "RFC 5482 user timeout"));
    add(later(in + "slow_start_after_idle", Kind::Bool, "whether the window restarts after idleness"));
    add(later(in + "tail_loss_probe", Kind::Bool, "RFC 8985 tail loss probe"));
    add(later(in + "rto_rule", Kind::Choice, "how the retransmission timeout follows the RTT").of("linux rfc6298"));
    add(later(in + "backlog", Kind::Integer, "connections a listener holds"));
    add(later(in + "time_wait", Kind::Duration, "length of TIME-WAIT"));
    add(later(in + "listeners", Kind::Object, "further listeners of the server side").list());
    add(later(in + "listeners[].id", Kind::Id, "name of the listener"));
    add(later(in + "listeners[].fast_open", Kind::Anything, "its Fast Open"));
    add(later(in + "listeners[].backlog", Kind::Integer, "its backlog"));
    add(later(in + "listeners[].accept", Kind::Bool, "whether it accepts"));
    add(later(in + "client", Kind::Anything, "settings of the client side where the ends differ"));
    add(later(in + "server", Kind::Anything, "settings of the server side where the ends differ"));
}
} // namespace

void append_behaviour_keys(std::vector<Key>& rows) {
    const auto add = [&rows](Key row) { rows.push_back(std::move(row)); };

    add(key("tls", Kind::Object, "{}", "TLS of both legs: \"none\", \"1.2\", \"1.3\" or an object")
            .or_just("version")
            .like("\"1.3\""));
    add(key("tls.version", Kind::Choice, "1.3", "protocol version").of("none 1.2 1.3"));
    add(key("tls.resumed", Kind::Share, "0", "share of connections that resume a session"));
    add(key("tls.early_data", Kind::Share, "0", "share of resumed TLS 1.3 connections with 0-RTT data"));
    add(key("tls.client_hello", Kind::Size, "517B", "bytes of the ClientHello").range(1, message_max));
    add(key("tls.server_flight", Kind::Size, "4KB", "bytes the server sends before it can take a request")
            .range(1, message_max));

    add(key("tcp", Kind::Object, "{}", "TCP of the two legs"));
    append_leg_keys(rows, "tcp.client_edge");
    add(key("tcp.client_edge.idle_timeout", Kind::Duration, "", "HTTP keep-alive: the edge closes an idle connection")
            .profile()
            .range(1, time_max)
            .like("\"400s\"")
            .first());
    append_leg_keys(rows, "tcp.edge_origin");

    add(key("edge", Kind::Object, "{}", "the CDN's servers"));
    add(key("edge.profile", Kind::Choice, "cloudflare", "whose documented timers are the defaults")
            .of("cloudflare cloudflare-2025 cloudflare-2024 ibm-cis"));
    add(key("edge.cache_hit_ratio", Kind::Share, "0.9", "share of requests answered from the cache"));
    add(key("edge.processing", Kind::DurationDraw, "1ms", "time to serve a request at the edge"));
    add(key("edge.origin_pool", Kind::Object, "{}", "idle connections to the origin"));
    add(key("edge.origin_pool.max_idle", Kind::Integer, "64", "idle connections kept per origin and PoP")
            .range(0, count_max));
    add(key("edge.origin_pool.idle_timeout", Kind::Duration, "", "the edge closes a pooled connection idle for so long")
            .profile()
            .range(1, time_max)
            .like("\"900s\""));
    add(later("edge.origin_pool.pick", Kind::Choice, "which idle connection is used first").of("lifo fifo"));
    add(key("edge.retry", Kind::Object, "{}", "what the edge tries again"));
    add(key("edge.retry.connect_attempts", Kind::Integer, "", "connection attempts before 522")
            .profile()
            .range(1, 100)
            .like("2"));
    add(key("edge.retry.reused_reset", Kind::Choice, "idempotent",
            "which requests are sent again after a reset on a reused connection")
            .of("idempotent any never"));
    add(later("edge.retry.zero_downtime_failover", Kind::Bool, "one retry at another origin"));
    add(key("edge.timeouts", Kind::Object, "{}", "single rows of the profile, overridden"));
    add(key("edge.timeouts.syn_schedule", Kind::Duration, "", "waits after each SYN; 522 when the last has passed")
            .list()
            .some()
            .profile()
            .range(1, time_max)
            .like("[\"1s\", \"2s\", \"4s\", \"8s\"]"));
    add(key("edge.timeouts.ack", Kind::Duration, "", "no acknowledgement of the request: 522")
            .profile()
            .range(1, time_max)
            .like("\"90s\""));
    add(key("edge.timeouts.read", Kind::Duration, "", "no response byte: 524")
            .profile()
            .range(1, time_max)
            .like("\"125s\""));
    add(later("edge.timeouts.write", Kind::Duration, "the request cannot be written: 524"));
    add(key("edge.timeouts.tls", Kind::Duration, "10s", "the TLS handshake with the origin takes longer: 525")
            .range(1, time_max)); // model choice: no vendor publishes it
    add(later("edge.timeouts.header_limit", Kind::Size, "longest response header: 520"));
    add(later("edge.timeouts.read_slack", Kind::Duration, "how late the read timeout may fire"));
}

} // namespace firstbyte::scenario
