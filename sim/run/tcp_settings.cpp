#include "run/tcp_settings.hpp"

namespace firstbyte {

namespace {

constexpr std::uint32_t headers_size = 40; // IPv4 and TCP without options (RFC 9293 section 3.7.1)

tcp::KeepaliveSettings keepalive_of(const std::optional<Keepalive>& keepalive) {
    if (!keepalive) return {};
    return {keepalive->idle, keepalive->interval, static_cast<std::uint32_t>(keepalive->probes)};
}

tcp::CongestionControl congestion_of(Congestion congestion) {
    return congestion == Congestion::Reno ? tcp::CongestionControl::NewReno : tcp::CongestionControl::Cubic;
}

/// What one connection of a script sets for its client side.
TcpEnd end_of(TcpEnd end, const ConnectionTcp& own) {
    using Use = ConnectionTcp::FastOpenUse;
    if (own.congestion) end.congestion = *own.congestion;
    if (own.keepalive || own.keepalive_off) end.keepalive = own.keepalive;
    if (own.user_timeout) end.user_timeout = own.user_timeout;
    if (own.syn_retries) end.syn_retries = *own.syn_retries;
    if (own.receive_buffer) end.receive_buffer = own.receive_buffer;
    if (own.fast_open == Use::Off) end.fast_open.enabled = false;
    if (own.fast_open == Use::Cookieless) end.fast_open.cookieless = true;
    return end;
}

} // namespace

tcp::Settings settings_of(const TcpEnd& end) {
    tcp::Settings s;
    s.initial_window = static_cast<std::uint32_t>(end.initial_window);
    if (end.mss) s.mss = static_cast<std::uint32_t>(end.mss->count);
    s.congestion = congestion_of(end.congestion);
    s.quick_ack = end.quick_ack;
    s.byte_counting = end.byte_counting;
    s.timestamps = end.timestamps;
    s.sack = end.sack;
    s.mtu_probing = end.mtu_probing;
    s.tail_loss_probe = end.tail_loss_probe;
    s.slow_start_after_idle = end.slow_start_after_idle;
    s.rto_rfc6298 = end.rto_rfc6298;
    s.rto_variance_min = end.min_rto;
    s.rto_most = end.max_rto;
    s.syn_ack_rto = end.syn_rto;
    s.syn_waits = tcp::syn_schedule(end.syn_rto, end.syn_retries, end.syn_linear_timeouts, end.max_rto);
    s.syn_ack_retries = static_cast<std::uint32_t>(end.synack_retries);
    s.data_retries = static_cast<std::uint32_t>(end.data_retries);
    s.orphan_retries = static_cast<std::uint32_t>(end.orphan_retries);
    s.delayed_ack = end.delayed_ack;
    s.user_timeout = end.user_timeout.value_or(Duration{0});
    s.keepalive = keepalive_of(end.keepalive);
    s.time_wait = end.time_wait;
    s.fin_timeout = end.fin_timeout;
    if (end.receive_buffer) s.receive_buffer = static_cast<std::uint32_t>(end.receive_buffer->count);
    s.fast_open = end.fast_open.enabled;
    s.cookieless = end.fast_open.cookieless;
    s.fast_open_per_destination_backoff = end.fast_open.backoff_per_destination;
    s.cookie_lifetime = end.fast_open.cookie_lifetime.value_or(Duration{0});
    s.blackhole_timeout = end.fast_open.blackhole_timeout;
    s.pending_limit = static_cast<std::uint32_t>(end.fast_open.pending_limit);
    s.backlog = static_cast<std::uint32_t>(end.backlog);
    s.abort_on_overflow = end.abort_on_overflow;
    return s;
}

std::vector<tcp::Settings> settings_of_connections(const TcpEnd& leg, const ClientGroup& client) {
    std::vector<tcp::Settings> settings;
    for (const ScriptConnection& entry : client.script) settings.push_back(settings_of(end_of(leg, entry.tcp)));
    if (settings.empty()) settings.push_back(settings_of(leg));
    for (tcp::Settings& one : settings) {
        const auto mss = static_cast<std::uint32_t>(client.access.mtu.count) - headers_size;
        if (!leg.mss || mss < one.mss) one.mss = mss;
    }
    return settings;
}

cdn::FurtherListener listener_of(const Listener& listener, const TcpEnd& leg) {
    cdn::FurtherListener further;
    further.settings = settings_of(leg);
    further.settings.fast_open = listener.fast_open;
    further.settings.cookieless = listener.cookieless;
    further.settings.pending_limit = static_cast<std::uint32_t>(listener.pending_limit);
    further.settings.backlog = static_cast<std::uint32_t>(listener.backlog);
    further.settings.application_accepts = listener.accept;
    further.listens = listener.listen;
    return further;
}

} // namespace firstbyte
