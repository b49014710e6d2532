/// Rows of the table: tls, tcp, edge.
#include "scenario/keys.hpp"

namespace firstbyte::scenario {

namespace {
constexpr double count_max = 2'147'483'647; // scenario format, section 2: counts are at most 2^31
constexpr double time_max = 1e18;           // beyond the ten years every duration is limited to

/// Keys of one end of a leg. Below the leg itself they set both ends and have defaults; below `client` and `server`
/// they override one end and have none.
void append_end_keys(std::vector<Key>& rows, const std::string& in, bool both_ends) {
    const auto add = [&rows, both_ends](Key row) {
        if (!both_ends) {
            row.has_default = row.from_profile = row.prominent = false;
            if (row.example.empty()) row.example = row.default_value;
            row.default_value.clear();
        }
        rows.push_back(std::move(row));
    };
    add(key(in + "initial_window", Kind::Integer, "10", "segments sent before the first ACK (RFC 6928)")
            .range(1, 1000)
            .first());
    add(key(in + "mss", Kind::Size, "largest segment without options; absent: from the MTU of 1500B")
            .range(88, 1460)
            .like("\"1460B\"")); // Linux: TCP_MIN_MSS; Ethernet's MTU less IPv4 and TCP headers
    add(key(in + "congestion", Kind::Choice, "cubic",
            "congestion control: CUBIC (RFC 9438), or reno, which is NewReno (RFC 5681, RFC 6582)")
            .of("reno cubic")
            .first());
    add(key(
        in + "quick_ack", Kind::Bool, "true",
        "whether first segments are acknowledged one by one (Linux), or every second one from the start (RFC 5681)"));
    add(key(in + "byte_counting", Kind::Bool, "true",
            "whether the window grows by what an ACK covers (RFC 3465, Linux), or by one step per ACK (RFC 5681)"));
    add(key(in + "timestamps", Kind::Bool, "true", "RFC 7323 timestamps, 12 bytes of every segment"));
    add(key(in + "sack", Kind::Bool, "true", "selective acknowledgements (RFC 2018)"));
    add(key(in + "min_rto", Kind::Duration, "200ms", "least retransmission timeout").range(1, time_max));
    add(key(in + "max_rto", Kind::Duration, "120s", "timeouts double up to that (tcp_rto_max_ms)")
            .range(1'000'000'000, 3'600'000'000'000));
    add(key(in + "rto_rule", Kind::Choice, "linux",
            "retransmission timeout: SRTT + max(min_rto, 4 RTTVAR), or rfc6298: at least 1s")
            .of("linux rfc6298"));
    add(key(in + "syn_rto", Kind::Duration, "1s", "first retransmission timeout of a SYN (RFC 6298)")
            .range(1, time_max));
    add(key(in + "syn_retries", Kind::Integer, "6", "retransmissions of a SYN (tcp_syn_retries)").range(0, 127));
    add(key(in + "syn_linear_timeouts", Kind::Integer, "4", "extra retries of a SYN before its timeout doubles")
            .range(0, 127));
    add(key(in + "synack_retries", Kind::Integer, "5", "retransmissions of a SYN-ACK (tcp_synack_retries)")
            .range(0, 127));
    add(key(in + "data_retries", Kind::Integer, "15", "retransmissions of data (tcp_retries2)").range(0, 127));
    add(key(in + "orphan_retries", Kind::Integer, "0",
            "retransmissions after the application's close (tcp_orphan_retries); 0: 8, as on Linux")
            .range(0, 127));
    add(key(in + "delayed_ack", Kind::Duration, "40ms", "longest delay of an ACK"));
    add(key(in + "user_timeout", Kind::Duration, "0s",
            "TCP_USER_TIMEOUT: gives up after so long without progress; 0s: off")
            .like("\"30s\""));
    add(key(in + "keepalive", Kind::Object,
            "TCP probes, or false; they never extend an HTTP idle timeout; absent: the edge's end as the profile says")
            .or_just("enabled")
            .profile()
            .like("{ \"idle\": \"30s\", \"interval\": \"15s\", \"probes\": 2 }")
            .first());
    add(key(in + "keepalive.enabled", Kind::Bool, "true", "whether probes are sent"));
    add(key(in + "keepalive.idle", Kind::Duration, "", "silence before the first probe")
            .profile()
            .range(1, time_max)
            .like("\"30s\""));
    add(key(in + "keepalive.interval", Kind::Duration, "", "time between probes")
            .profile()
            .range(1, time_max)
            .like("\"15s\""));
    add(key(in + "keepalive.probes", Kind::Integer, "", "unanswered probes that end the connection")
            .profile()
            .range(1, 127)
            .like("9"));
    add(key(in + "slow_start_after_idle", Kind::Bool, "true",
            "whether the window restarts after idleness (RFC 5681 section 4.1)"));
    add(key(in + "tail_loss_probe", Kind::Bool, "true", "RFC 8985 tail loss probe"));
    add(key(in + "mtu_probing", Kind::Bool, "false",
            "whether smaller segments are tried after three timeouts (RFC 4821; tcp_mtu_probing 1)"));
    add(key(in + "receive_buffer", Kind::Size, "SO_RCVBUF; absent: autotuned").range(1, message_max).like("\"64KB\""));
    add(key(in + "time_wait", Kind::Duration, "60s", "length of TIME-WAIT"));
    add(key(in + "fin_timeout", Kind::Duration, "60s", "how long a closed socket waits for the peer's FIN")
            .range(1, time_max));
    add(key(in + "backlog", Kind::Integer, "4096", "connections that may wait for accept(); listen(2)")
            .range(0, count_max));
    add(key(in + "abort_on_overflow", Kind::Bool, "false",
            "RST instead of silence when the accept queue is full (tcp_abort_on_overflow)"));
    add(key(in + "fast_open", Kind::Object, "false", "TCP Fast Open (RFC 7413): true, false, \"profile\" or an object")
            .or_just("enabled")
            .like("true")
            .first());
    add(key(in + "fast_open.enabled", Kind::Switch, "false", "whether this leg uses Fast Open").like("true"));
    add(key(in + "fast_open.cookieless", Kind::Bool, "false",
            "SYN data is sent and taken without a cookie (tcp_fastopen 0x4, 0x200)"));
    add(key(in + "fast_open.pending_limit", Kind::Integer, "256",
            "server: Fast Open connections that may wait for their handshake's ACK")
            .range(0, count_max));
    add(key(in + "fast_open.cookie_lifetime", Kind::Duration, "client: forgets a cookie after that; absent: never")
            .range(1, time_max)
            .like("\"24h\""));
    add(key(in + "fast_open.blackhole_timeout", Kind::Duration, "0s",
            "client: first pause after a suspected blackhole, doubling; 0s: off")
            .like("\"1h\""));
    add(key(in + "fast_open.backoff", Kind::Choice, "none",
            "client: per_destination pauses Fast Open after lost SYNs, as kernels before 4.15 did")
            .of("none per_destination"));
}

/// Keys of one leg; both legs have the same.
void append_leg_keys(std::vector<Key>& rows, const std::string& leg) {
    rows.push_back(key(leg, Kind::Object, "{}", "TCP of this leg, both ends; defaults are Linux's"));
    append_end_keys(rows, leg + ".", true);
    rows.push_back(
        key(leg + ".accept", Kind::Bool, "true", "false: the server's application never takes a connection"));
    rows.push_back(key(leg + ".client", Kind::Object, "{}", "the end that opens connections, where it differs"));
    append_end_keys(rows, leg + ".client.", false);
    rows.push_back(key(leg + ".server", Kind::Object, "{}", "the end that takes connections, where it differs"));
    append_end_keys(rows, leg + ".server.", false);
}

void append_listener_keys(std::vector<Key>& rows, const std::string& list) {
    const auto add = [&rows](Key row) { rows.push_back(std::move(row)); };
    const std::string in = list + "[].";
    add(key(list, Kind::Object, "further listeners of the edge, for connections of scripts").list());
    add(need(in + "id", Kind::Id, "name of the listener").like("\"slow\""));
    add(key(in + "listen", Kind::Bool, "true", "false: nobody listens there, SYNs are answered by RST"));
    add(key(in + "accept", Kind::Bool, "true", "false: the application never takes a connection"));
    add(key(in + "backlog", Kind::Integer, "4096", "connections that may wait for accept(); listen(2)")
            .range(0, count_max));
    add(key(in + "fast_open", Kind::Object, "false", "its Fast Open: true, false or an object").or_just("enabled"));
    add(key(in + "fast_open.enabled", Kind::Bool, "false", "whether it grants cookies and accepts data"));
    add(key(in + "fast_open.cookieless", Kind::Bool, "false", "SYN data is taken without a cookie"));
    add(key(in + "fast_open.pending_limit", Kind::Integer, "256",
            "Fast Open connections that may wait for their handshake's ACK")
            .range(0, count_max));
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
    append_listener_keys(rows, "tcp.client_edge.listeners");
    append_leg_keys(rows, "tcp.edge_origin");

    add(key("edge", Kind::Object, "{}", "the CDN's servers"));
    add(key("edge.profile", Kind::Choice, "cloudflare", "whose documented timers are the defaults")
            .of("cloudflare cloudflare-2025 cloudflare-2024 ibm-cis"));
    add(key("edge.cache_hit_ratio", Kind::Share, "0.9", "share of requests answered from the cache"));
    add(key("edge.cache", Kind::Object, "a real cache in each PoP, in place of cache_hit_ratio: true or an object")
            .or_just("enabled")
            .like("{ \"capacity\": \"10GB\" }"));
    add(key("edge.cache.enabled", Kind::Bool, "true", "whether there is one"));
    add(key("edge.cache.capacity", Kind::Size, "bytes of responses that a PoP keeps; absent: all of them")
            .range(1, 1e15)
            .like("\"10GB\""));
    add(key("edge.cache.policy", Kind::Choice, "lru", "which copy makes room: the one used longest ago, or the oldest")
            .of("lru fifo"));
    add(key("edge.cache.ttl", Kind::Duration, "how long a copy is fresh; absent: for ever")
            .range(1, time_max)
            .like("\"1h\""));
    add(key("edge.cache.renew_on_hit", Kind::Bool, "false", "whether each hit starts the time to live anew"));
    add(key("edge.cache.coalesce", Kind::Bool, "true", "whether one fetch serves all who ask while it runs"));
    add(key("edge.cache.stale_while_revalidate", Kind::Duration, "0s",
            "a stale copy is served that long while a new one is fetched (RFC 5861 section 3)")
            .like("\"60s\""));
    add(key("edge.upper_tier", Kind::Id,
            "tiered cache: PoPs through which all others fetch what they miss; absent: none")
            .list()
            .like("[\"iad\"]"));
    add(key("edge.processing", Kind::DurationDraw, "1ms", "time to serve a request at the edge"));
    add(key("edge.origin_pool", Kind::Object, "{}", "idle connections to the origin"));
    add(key("edge.origin_pool.max_idle", Kind::Integer, "64", "idle connections kept per origin and PoP")
            .range(0, count_max));
    add(key("edge.origin_pool.idle_timeout", Kind::Duration, "", "the edge closes a pooled connection idle for so long")
            .profile()
            .range(1, time_max)
            .like("\"900s\""));
    add(key("edge.origin_pool.pick", Kind::Choice, "lifo",
            "which idle connection is used first: the one used last, or the one idle for longest")
            .of("lifo fifo"));
    add(key("edge.origin_pool.max_connections", Kind::Integer,
            "open connections per origin and PoP; beyond, requests wait for one; absent: unlimited")
            .range(1, count_max)
            .like("100"));
    add(key("edge.retry", Kind::Object, "{}", "what the edge tries again"));
    add(key("edge.retry.connect_attempts", Kind::Integer, "", "connection attempts before 522")
            .profile()
            .range(1, 100)
            .like("2"));
    add(key("edge.retry.reused_reset", Kind::Choice, "idempotent",
            "which requests are sent again after a reset on a reused connection")
            .of("idempotent any never"));
    add(key("edge.retry.buffer", Kind::Size, "64KiB", "longest request body that is kept for a repetition")
            .range(0, message_max));
    add(key("edge.retry.zero_downtime_failover", Kind::Bool, "false",
            "one retry at the next origin after 521, 522, 523, 525 or 526"));
    add(key("edge.health_checks", Kind::Object, "false",
            "TCP checks of the origins by each PoP; requests go to those that are up: true, false or an object")
            .or_just("enabled")
            .like("true"));
    add(key("edge.health_checks.enabled", Kind::Bool, "true", "whether origins are checked"));
    add(key("edge.health_checks.interval", Kind::Duration, "60s", "time between checks").range(1, time_max));
    add(key("edge.health_checks.timeout", Kind::Duration, "5s", "how long one attempt may take").range(1, time_max));
    add(key("edge.health_checks.retries", Kind::Integer, "2", "further attempts before an origin counts as down")
            .range(0, 100));
    add(key("edge.idle_action", Kind::Choice, "",
            "what ends an idle client connection: its HTTP idle timeout, or only unanswered keepalive probes")
            .of("close probe")
            .profile()
            .like("\"close\""));
    add(key("edge.ssl_mode", Kind::Choice, "strict",
            "whether the origin's certificate must be valid (526), or TLS alone is enough")
            .of("full strict"));
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
    add(key("edge.timeouts.write", Kind::Duration, "", "no byte of the request can be written for so long: 524")
            .profile()
            .range(1, time_max)
            .like("\"30s\""));
    add(key("edge.timeouts.tls", Kind::Duration, "10s", "the TLS handshake with the origin takes longer: 525")
            .range(1, time_max)); // model choice: no vendor publishes it
    add(key("edge.timeouts.header_limit", Kind::Size, "", "longest response header of an origin: 520 beyond")
            .profile()
            .range(1, message_max)
            .like("\"128KiB\""));
    add(key("edge.timeouts.read_slack", Kind::Duration, "0s",
            "how late the read timeout may fire, drawn evenly for each request; Cloudflare documents up to 1s")
            .like("\"1s\""));
    add(key("edge.timeouts.request", Kind::Duration, "60s", "a client began a request and did not complete it: 408")
            .range(1, time_max)); // model choice: Cloudflare documents the code, not the time
}

} // namespace firstbyte::scenario
