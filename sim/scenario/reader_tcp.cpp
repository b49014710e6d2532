#include "scenario/reader_tcp.hpp"

#include "scenario/units.hpp"

namespace firstbyte::scenario {

namespace {

Keepalive keepalive_of(const ProfileKeepalive& profile) {
    return {parse_duration(profile.idle).value, parse_duration(profile.interval).value,
            static_cast<int>(parse_integer(profile.probes).value_or(0))};
}

/// Members that are absent keep what `keepalive` has, or `base` when it has none.
void read_keepalive(const Values& leg, const Keepalive& base, std::optional<Keepalive>& keepalive) {
    const Node* given = leg.get("keepalive");
    if (given == nullptr) return;
    const Values from = leg.in("keepalive");
    bool enabled = true;
    from.read("enabled", enabled);
    if (!enabled) {
        keepalive.reset();
        return;
    }
    Keepalive read = keepalive.value_or(base);
    from.read("idle", read.idle);
    from.read("interval", read.interval);
    from.read("probes", read.probes);
    keepalive = read;
}

/// Keys of a leg, or of one end of it: what stands there replaces what `end` has.
class EndReader {
public:
    EndReader(const Values& from, bool profile_fast_open, const ProfileKeepalive& profile_keepalive)
        : from_(from), profile_fast_open_(profile_fast_open), profile_keepalive_(profile_keepalive) {}

    void into(TcpEnd& end) const {
        from_.read("initial_window", end.initial_window);
        from_.read("mss", end.mss);
        if (const Node* congestion = from_.get("congestion")) end.congestion = congestion_called(congestion->text);
        from_.read("quick_ack", end.quick_ack);
        from_.read("byte_counting", end.byte_counting);
        from_.read("timestamps", end.timestamps);
        from_.read("sack", end.sack);
        from_.read("mtu_probing", end.mtu_probing);
        timers(end);
        from_.read("slow_start_after_idle", end.slow_start_after_idle);
        from_.read("tail_loss_probe", end.tail_loss_probe);
        from_.read("receive_buffer", end.receive_buffer);
        from_.read("backlog", end.backlog);
        from_.read("abort_on_overflow", end.abort_on_overflow);
        fast_open(end.fast_open);
    }

    static Congestion congestion_called(std::string_view word) {
        return word == "reno" ? Congestion::Reno : Congestion::Cubic;
    }

private:
    void timers(TcpEnd& end) const {
        from_.read("min_rto", end.min_rto);
        from_.read("max_rto", end.max_rto);
        if (const Node* rule = from_.get("rto_rule")) end.rto_rfc6298 = rule->text == "rfc6298";
        from_.read("syn_rto", end.syn_rto);
        from_.read("syn_retries", end.syn_retries);
        from_.read("syn_linear_timeouts", end.syn_linear_timeouts);
        from_.read("synack_retries", end.synack_retries);
        from_.read("data_retries", end.data_retries);
        from_.read("orphan_retries", end.orphan_retries);
        from_.read("delayed_ack", end.delayed_ack);
        from_.read("user_timeout", end.user_timeout);
        if (end.user_timeout == Duration{0}) end.user_timeout.reset();
        read_keepalive(from_, keepalive_of(profile_keepalive_), end.keepalive);
        from_.read("time_wait", end.time_wait);
        from_.read("fin_timeout", end.fin_timeout);
    }

    void fast_open(FastOpen& fast_open) const {
        const Values from = from_.in("fast_open");
        if (const Node* enabled = from.get("enabled")) {
            fast_open.from_profile = enabled->is_string();
            fast_open.enabled = fast_open.from_profile ? profile_fast_open_ : enabled->truth;
        }
        from.read("cookieless", fast_open.cookieless);
        from.read("pending_limit", fast_open.pending_limit);
        from.read("cookie_lifetime", fast_open.cookie_lifetime);
        from.read("blackhole_timeout", fast_open.blackhole_timeout);
        if (const Node* backoff = from.get("backoff"))
            fast_open.backoff_per_destination = backoff->text == "per_destination";
    }

    const Values& from_;
    bool profile_fast_open_;
    const ProfileKeepalive& profile_keepalive_;
};

TcpLeg read_leg(const Values& from, bool profile_fast_open, const ProfileKeepalive& keepalive) {
    TcpLeg leg;
    EndReader(from, profile_fast_open, keepalive).into(leg.client);
    leg.server = leg.client;
    const Values client = from.in("client"), server = from.in("server");
    EndReader(client, profile_fast_open, keepalive).into(leg.client);
    EndReader(server, profile_fast_open, keepalive).into(leg.server);
    from.read("accept", leg.accept);
    return leg;
}

Listener read_listener(const Node& node) {
    const Values from(node, "tcp.client_edge.listeners[]");
    Listener listener;
    from.read("id", listener.id);
    from.read("listen", listener.listen);
    from.read("accept", listener.accept);
    from.read("backlog", listener.backlog);
    const Values fast_open = from.in("fast_open");
    fast_open.read("enabled", listener.fast_open);
    fast_open.read("cookieless", listener.cookieless);
    fast_open.read("pending_limit", listener.pending_limit);
    return listener;
}

} // namespace

TcpLeg read_client_edge(const Values& from, const Profile& profile) {
    TcpLeg leg = read_leg(from, profile.fast_open_client, profile.client_keepalive);
    from.read("idle_timeout", leg.idle_timeout);
    if (const Node* listeners = from.get("listeners")) {
        for (const Node& listener : listeners->elements) leg.listeners.push_back(read_listener(listener));
    }
    return leg;
}

/// Whether an origin accepts Fast Open is each origin's own (`origins[].tfo`); a word of the leg about both ends is
/// about the edge's asking. What `server` says holds for every origin.
TcpLeg read_edge_origin(const Values& from, const Profile& profile) {
    TcpLeg leg = read_leg(from, profile.fast_open_origin, profile.origin_keepalive);
    if (from.in("server").in("fast_open").get("enabled") == nullptr) leg.server.fast_open.enabled = false;
    return leg;
}

ConnectionTcp read_connection_tcp(const Values& from) {
    using Use = ConnectionTcp::FastOpenUse;
    ConnectionTcp tcp;
    if (const Node* use = from.get("fast_open")) {
        tcp.fast_open = use->text == "off"          ? Use::Off
                        : use->text == "connect"    ? Use::Connect
                        : use->text == "cookieless" ? Use::Cookieless
                                                    : Use::On;
    }
    if (const Node* congestion = from.get("congestion"))
        tcp.congestion = EndReader::congestion_called(congestion->text);
    if (from.get("keepalive") != nullptr) {
        read_keepalive(from, Keepalive{}, tcp.keepalive);
        tcp.keepalive_off = !tcp.keepalive;
    }
    from.read("user_timeout", tcp.user_timeout);
    from.read("syn_retries", tcp.syn_retries);
    from.read("receive_buffer", tcp.receive_buffer);
    return tcp;
}

} // namespace firstbyte::scenario
