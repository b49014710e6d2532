// Round trips, timer ladders, handshakes under loss, keepalive, Fast Open.
#include "core/random.hpp"
#include "oracle_experiments.hpp"
#include "tcp/connection.hpp"
#include "tcp/fast_open_clients.hpp"
#include "tcp/fast_open_listener.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <chrono>
#include <cmath>

namespace firstbyte::validate {
namespace {

Duration seconds(double value) { return Duration{std::llround(value * 1e9)}; }

/// One scripted request on a new connection, from cache.
std::string one_request(double rtt_ms, double think_ms, const std::string& response, const std::string& tls,
                        bool fast_open, const std::string& leg, const std::string& client = "") {
    return fmt::format(R"({{
      "format": 1, "name": "oracle", "run": {{"duration": "1s", "replications": 1}}, "pops": [{{"id": "p"}}],
      "clients": [{{"id": "c", "population": 1, "rtt_to": {{"p": "{}ms"}}, "tfo": {}{},
        "script": [{{"at": "0s", "steps": [{{"request": "400B", "response": "{}", "think": "{}ms"}}]}}]}}],
      "tls": {}, "edge": {{"cache_hit_ratio": 1, "processing": "0ms"}},
      "tcp": {{"client_edge": {{"fast_open": {}{}}}}}}})",
                       rtt_ms, fast_open ? R"({"cookie": "held"})" : "{}", client, response, think_ms, tls, fast_open,
                       leg);
}

Observed ttfb_rtts(const OracleCase& given, const OracleOptions&) {
    const auto mode = given.inputs.at("mode").get<std::string>();
    if (mode.starts_with("quic")) return {0, 0, "HTTP/3 is not built", 0, {}};
    std::string tls = R"("none")";
    if (mode.starts_with("tls12")) tls = R"("1.2")";
    if (mode.starts_with("tls13")) tls = R"("1.3")";
    if (mode.starts_with("tls13_0rtt")) tls = R"({"version": "1.3", "resumed": 1, "early_data": 1})";
    const bool hit = mode.ends_with("tfo_hit");
    const Results results =
        run_traced(one_request(number(given, "rtt_ms"), number(given, "server_ms"), "500B", tls, hit, ""), 1);
    return {event_s(results.traces.at(0), "first_byte") * 1e3, 1, "", 0, {}};
}

Observed slowstart_rounds(const OracleCase& given, const OracleOptions&) {
    const std::string leg = fmt::format(R"(, "initial_window": {}, "mss": "{}B", "timestamps": false)",
                                        number(given, "iw"), number(given, "mss"));
    const Results results = run_traced(one_request(number(given, "rtt_ms"), number(given, "server_ms"),
                                                   fmt::format("{:.0f}B", number(given, "size_bytes")), R"("none")",
                                                   number(given, "setup_rtts") == 0, leg),
                                       1);
    return {event_s(results.traces.at(0), "last_byte") * 1e3, 1, "", 0, {}};
}

Observed finite_bw_stalls(const OracleCase& given, const OracleOptions&) {
    const double mss = number(given, "mss");
    // The formula acknowledges every segment, and counts payload: headers of 40 B are made up for by a faster wire.
    const std::string leg = fmt::format(
        R"(, "initial_window": {}, "mss": "{}B", "timestamps": false, "delayed_ack": "0ms")", number(given, "iw"), mss);
    const std::string access =
        fmt::format(R"(, "access": {{"down": "{:.0f}bps"}})", number(given, "rate_bps") * (mss + 40) / mss);
    const Results results =
        run_traced(one_request(number(given, "rtt_s") * 1e3, 0, fmt::format("{:.0f}B", mss * number(given, "segments")),
                               R"("none")", number(given, "setup_rtts") == 0, leg, access),
                   1);
    return {event_s(results.traces.at(0), "last_byte"), 1, "", 0, {}};
}

/// SYNs that nobody answers, as a capture shows them.
Observed syn_ladder(const OracleCase& given, const OracleOptions&) {
    const double rto = number(given, "initial_rto_s");
    const int retries = given.inputs.value("max_retries", 6);
    const std::string client = R"({"id": "c", "population": 1, "rtt_to": {"p": "1ms"},
        "path_rules": [{"dir": "up", "match": "syn", "do": "drop"}],
        "script": [{"at": "0s", "steps": [{"request": "400B", "response": "500B"}]}]})";
    const Results results = run_traced(
        cached_world(client,
                     fmt::format(R"("syn_rto": "{}s", "syn_linear_timeouts": 0, "syn_retries": {})", rto, retries), 1),
        1);
    std::vector<double> sent;
    for (const TracePacket& packet : results.traces.at(0).packets)
        if (packet.up) sent.push_back(to_seconds(packet.at - Instant{}));
    if (given.inputs.contains("deadline_s")) {
        const double deadline = number(given, "deadline_s");
        return {static_cast<double>(std::count_if(sent.begin(), sent.end(), [=](double at) { return at < deadline; })),
                1,
                "",
                0,
                {}};
    }
    const auto retry = static_cast<std::size_t>(number(given, "retry_index"));
    // Past the last retry comes the end of the attempt.
    return {retry < sent.size() ? sent[retry] : event_s(results.traces.at(0), "closed"), 1, "", 0, {}};
}

/// Data that nobody acknowledges: the component's ladder, whose round-trip time is nothing.
Observed data_rto_ladder(const OracleCase& given, const OracleOptions&) {
    if (given.inputs.contains("retries")) {
        const Duration rto = seconds(number(given, "rto_min_s"));
        return {to_seconds(tcp::give_up_time(rto, given.inputs.at("retries").get<std::uint32_t>())), 1, "", 0, {}};
    }
    const Duration rto = seconds(number(given, "initial_rto_s"));
    std::uint32_t sent = 0; // the n-th timeout of n - 1 retries would be the n-th retransmission
    while (to_seconds(tcp::give_up_time(rto, sent)) < number(given, "deadline_s")) ++sent;
    return {static_cast<double>(sent), 1, "", 0, {}};
}

Observed keepalive_dead_peer(const OracleCase& given, const OracleOptions&) {
    const std::string leg = fmt::format(
        R"("idle_timeout": "100000s", "server": {{"keepalive": {{"idle": "{}s", "interval": "{}s", "probes": {}}}}})",
        number(given, "idle_s"), number(given, "interval_s"), number(given, "count"));
    // The client's last sign of life is the ACK of the response.
    const Results results = run_traced(cached_world(R"({"id": "c", "population": 1, "rtt_to": {"p": "100ms"},
        "path_rules": [{"dir": "up", "match": "any", "between": ["1s", "1000000s"], "do": "drop"}],
        "script": [{"at": "0s", "steps": [{"request": "400B", "response": "500B"}], "hold": "100000s"}]})",
                                                    leg, 200'000),
                                       1);
    constexpr std::uint8_t rst = 4;
    Instant last_sign{}, reset{};
    for (const TracePacket& packet : results.traces.at(0).packets) {
        if (packet.up && packet.act == TracePacket::Act::Forward) last_sign = packet.arrives;
        if (!packet.up && (packet.flags & rst) != 0) reset = packet.at;
    }
    return {to_seconds(reset - last_sign), 1, "", 0, {}};
}

Observed rto_estimator(const OracleCase& given, const OracleOptions&) {
    tcp::RttEstimator rtt;
    for (const double sample : given.inputs.at("samples_s")) rtt.add_rfc6298(seconds(sample));
    constexpr Duration rto_max = std::chrono::seconds{120};
    const Duration least = seconds(number(given, "rto_min_s"));
    constexpr double clock = 10e-6; // microseconds are kept, as on Linux, and rounded down at each of some steps
    return {to_seconds(std::max(rtt.rto(least, Duration{0}, rto_max), least)), 1, "", clock, {}};
}

/// Both directions' losses; an exchange given as one number is lost on its way up.
std::string losses(const OracleCase& given) {
    if (given.inputs.contains("P_exchange")) return fmt::format(R"("loss_up": {})", number(given, "P_exchange"));
    return fmt::format(R"("loss_up": {}, "loss_down": {})", number(given, "p_forward"), number(given, "p_reverse"));
}

/// One request of an origin on a new connection each: does the SYN schedule run out?
Observed p522_loss(const OracleCase& given, const OracleOptions& options) {
    std::string schedule;
    const double deadline = number(given, "deadline_s");
    double at = 0;
    for (double wait = number(given, "initial_rto_s"); at < deadline;
         wait *= 2) { // a SYN at the deadline itself is none
        schedule += fmt::format(R"({}"{}s")", schedule.empty() ? "" : ", ", std::min(wait, deadline - at));
        at += wait;
    }
    constexpr double per_second = 1000;
    const std::uint64_t samples = samples_of(given, options);
    constexpr int replications = 8;
    const std::string text =
        fmt::format(R"({{
      "format": 1, "name": "oracle", "run": {{"duration": "{}s", "replications": 1}}, "pops": [{{"id": "p"}}],
      "origins": [{{"id": "o", "rtt_to": {{"p": "{}s"}}, "service_time": "0s", {}}}],
      "clients": [{{"id": "c", "population": 1, "sessions": "{}/s", "rtt_to": {{"p": "0s"}}}}],
      "workload": {{"objects": [{{"id": "x", "request": "100B", "response": "100B"}}]}}, "tls": "none",
      "tcp": {{"edge_origin": {{"server": {{"synack_retries": 0, "syn_rto": "{}s"}}}}}},
      "edge": {{"cache_hit_ratio": 0, "processing": "0ms", "origin_pool": {{"max_idle": 0}},
                "retry": {{"connect_attempts": 1}}, "timeouts": {{"syn_schedule": [{}]}}}}}})",
                    static_cast<double>(samples) / per_second / replications, number(given, "rtt_s"), losses(given),
                    per_second, number(given, "initial_rto_s") / 2, schedule);
    const RequestResults all = all_requests(run_sum(text, options, replications));
    const std::uint64_t count = ended(all);
    return {static_cast<double>(count_of(all, Cause::ConnectTimeout)) / static_cast<double>(count), count, "", 0, {}};
}

/// Connections of clients that come one by one.
ConnectionResults connections(const OracleCase& given, const std::string& leg, const OracleOptions& options) {
    constexpr double per_second = 1000;
    constexpr int replications = 8;
    const std::string clients = fmt::format(
        R"({{"id": "c", "population": 1000, "sessions": "{}/s", "rtt_to": {{"p": "{}s"}}, "access": {{{}}}}})",
        per_second, number(given, "rtt_s"), losses(given));
    const double duration = static_cast<double>(samples_of(given, options)) / per_second / replications;
    return run_sum(cached_world(clients, leg, duration), options, replications).connections.at(0);
}

/// The client alone repeats: the server forgets a half-open connection before the next SYN comes.
Observed handshake_mean(const OracleCase& given, const OracleOptions& options) {
    constexpr int unlimited = 17; // the last of so many SYNs would come after eighteen hours
    const double rto = number(given, "initial_rto_s");
    const std::string leg = fmt::format(
        R"("syn_rto": "{}s", "syn_linear_timeouts": 0, "syn_retries": {}, "server": {{"syn_rto": "{}s", "synack_retries": 0}})",
        rto, given.inputs.value("n_syn", unlimited) - 1, rto / 2);
    const Histogram connect = connections(given, leg, options).connect;
    return {connect.mean() / 1e9, connect.count(), "", 0, {}};
}

Observed handshake_cardwell(const OracleCase& given, const OracleOptions& options) {
    const std::string leg =
        fmt::format(R"("syn_rto": "{}s", "syn_linear_timeouts": 0, "syn_retries": 16, "synack_retries": 16)",
                    number(given, "initial_rto_s"));
    const Histogram connect = connections(given, leg, options).connect;
    return {connect.mean() / 1e9, connect.count(), "", 0, {}};
}

/// Clients with a cookie that each open one connection, all at once.
std::string once_each(const std::string& id, double population, double rtt_ms, double support,
                      const std::string& more) {
    return fmt::format(R"({{"id": "{}", "population": {:.0f}, "rtt_to": {{"p": "{}ms"}}, {}
                           "script": [{{"at": "0s", "steps": [{{"request": "400B", "response": "500B"}}]}}],
                           "tfo": {{"cookie": "held", "support": {}}}}})",
                       id, population, rtt_ms, more, support);
}

double saving_ms(const std::string& clients, const OracleOptions& options) {
    double mean[2] = {};
    for (const bool on : {false, true}) {
        const std::string leg =
            fmt::format(R"("fast_open": {{"enabled": {}, "pending_limit": 10000000}}, "backlog": 10000000)", on);
        mean[on ? 1 : 0] = all_requests(run_sum(cached_world(clients, leg, 1), options)).ttfb.mean() / 1e6;
    }
    return mean[0] - mean[1];
}

Observed tfo_saving(const OracleCase& given, const OracleOptions& options) {
    const nlohmann::json& in = given.inputs;
    const double rtt_ms = number(given, "rtt_ms");
    const std::string vanish = R"("path_rules": [{"dir": "up", "match": "syn_data", "do": "drop"}],)";
    if (!in.contains("P_exchange") && !in.contains("p_blackhole")) { // the share at which nothing is saved
        const double saved = saving_ms(once_each("all", 1, rtt_ms, 1, ""), options);
        const double lost = -saving_ms(once_each("boxed", 1, rtt_ms, 1, vanish), options);
        return {saved / (saved + lost), 2, "", 0, {}};
    }
    // Linux keeps the data that it has accepted and acknowledges it again, so only a lost SYN forfeits the saving: that
    // share of clients loses its first SYN, with and without Fast Open.
    constexpr double total = 200'000;
    const bool blackhole = in.contains("p_blackhole");
    const double share = number(given, blackhole ? "p_blackhole" : "P_exchange"), hit = number(given, "hit_share");
    const std::string rule =
        blackhole ? vanish : R"("path_rules": [{"dir": "up", "match": "syn", "nth": [1, 1], "do": "drop"}],)";
    const double clients_all = hit == 1 && share == 0 ? 1 : total * std::min(1.0, options.scale * 2);
    std::string clients = once_each("all", clients_all * (1 - share), rtt_ms, hit, "");
    if (share > 0) clients += ", " + once_each("boxed", clients_all * share, rtt_ms, hit, rule);
    return {saving_ms(clients, options), static_cast<std::uint64_t>(clients_all), "", 0, {}};
}

/// Phases of the first visit and quantiles of the gap lie evenly in the unit square (a Kronecker sequence of the golden
/// ratio) instead of being drawn: each pair of visits is one client.
Observed cookie_key_rotation(const OracleCase& given, const OracleOptions& options) {
    const double period_s = number(given, "rotation_s"), mean_gap_s = number(given, "mean_gap_s");
    constexpr int count = 1000;
    std::string clients, events;
    double end_s = 0;
    for (int n = 0; n < count; ++n) {
        const double quantile = std::fmod((n + 0.5) * (std::sqrt(5.0) - 1) / 2, 1.0);
        const double first_s = period_s * (n + 0.5) / count;
        const double second_s = first_s - mean_gap_s * std::log(1 - quantile) + 1; // after the first has ended
        end_s = std::max(end_s, second_s);
        const char* const steps = R"("steps": [{"request": "400B", "response": "500B"}])";
        clients += fmt::format(
            R"({}{{"id": "c{}", "population": 1, "rtt_to": {{"p": "1ms"}}, "script": [{{"at": "{:.3f}s", {}}}, {{"at": "{:.3f}s", {}}}]}})",
            n == 0 ? "" : ", ", n, first_s, steps, second_s, steps);
    }
    for (int n = 1; n * period_s < end_s; ++n)
        events += fmt::format(R"({}{{"at": "{}s", "do": "rotate_tfo_key", "keep_old": {}}})", n == 1 ? "" : ", ",
                              n * period_s, given.inputs.at("keep_previous").get<bool>());
    const FastOpenCounters got =
        run_sum(cached_world(clients, R"("fast_open": true)", std::ceil(end_s) + 1, 500, events), options).client_tfo;
    return {static_cast<double>(got.active) / count, count, "", 0, {}};
}

/// A simulated client talks to one address, so the client's memory and the listener's judgement are asked directly.
Observed cookie_multi_ip(const OracleCase& given, const OracleOptions& options) {
    const auto addresses = given.inputs.at("addresses").get<std::uint64_t>();
    const auto visits = given.inputs.at("earlier_visits").get<std::uint64_t>();
    const std::uint64_t samples = samples_of(given, options);
    const Draws draws(1, static_cast<std::uint32_t>(addresses));
    tcp::Settings settings;
    settings.fast_open = true;
    std::uint64_t hits = 0;
    for (std::uint64_t n = 0; n < samples; ++n) {
        tcp::FastOpenClients memory(addresses, settings);
        for (std::uint64_t visit = 0; visit <= visits; ++visit) {
            const auto address = static_cast<std::uint32_t>(
                draws.below(addresses, Stream::Object, static_cast<std::uint32_t>(visit), n));
            const tcp::CookieKeys keys{SipKey{address, n}};
            const tcp::FastOpenAttempt attempt = memory.attempt(address, Instant{}, settings);
            tcp::Segment syn;
            syn.flags = tcp::flag::syn;
            const bool asks = attempt.mode == tcp::FastOpenAttempt::Mode::RequestCookie;
            syn.fast_open = asks ? tcp::FastOpenOption::Request : tcp::FastOpenOption::Cookie;
            syn.cookie = attempt.cookie;
            syn.length = asks ? 0 : 400;
            if (visit == visits && !asks && judge_syn(true, syn, keys.cookies_of(1, 2)).accept_data) ++hits;
            tcp::FastOpenHandshake handshake;
            handshake.mode = attempt.mode;
            handshake.peer_mss = 1460;
            handshake.offer = {tcp::cookie_length, keys.cookies_of(1, 2).current, false};
            if (asks) memory.learn(address, Instant{}, handshake);
        }
    }
    return {static_cast<double>(hits) / static_cast<double>(samples), samples, "", 0, {}};
}

/// A connection is pending from its SYN to the handshake's ACK, one round trip.
Observed tfo_pending_queue(const OracleCase& given, const OracleOptions& options) {
    constexpr double rtt_s = 0.1;
    constexpr int replications = 8;
    const double rate = number(given, "offered_erlang") / rtt_s;
    const std::string clients = fmt::format(
        R"({{"id": "c", "population": 1000, "sessions": "{}/s", "rtt_to": {{"p": "{}ms"}}, "tfo": {{"cookie": "held"}}}})",
        rate, rtt_s * 1e3);
    const std::string leg =
        fmt::format(R"("fast_open": {{"enabled": true, "pending_limit": {}}})", number(given, "queue_len"));
    const double duration = static_cast<double>(samples_of(given, options)) / rate / replications;
    const ReplicationResults got = run_sum(cached_world(clients, leg, duration), options, replications);
    const std::uint64_t opened = got.connections.at(0).opened;
    return {static_cast<double>(got.edge_tfo.listen_overflow) / static_cast<double>(opened), opened, "", 0, {}};
}

} // namespace

Experiments handshake_experiments() {
    return {{"ttfb_rtts", ttfb_rtts},
            {"slowstart_rounds", slowstart_rounds},
            {"finite_bw_stalls", finite_bw_stalls},
            {"syn_ladder", syn_ladder},
            {"data_rto_ladder", data_rto_ladder},
            {"keepalive_dead_peer", keepalive_dead_peer},
            {"rto_estimator", rto_estimator},
            {"p522_loss", p522_loss},
            {"handshake_mean", handshake_mean},
            {"handshake_cardwell", handshake_cardwell},
            {"tfo_saving", tfo_saving},
            {"cookie_key_rotation", cookie_key_rotation},
            {"cookie_multi_ip", cookie_multi_ip},
            {"tfo_pending_queue", tfo_pending_queue}};
}

} // namespace firstbyte::validate
