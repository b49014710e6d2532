// Round trips and timers without chance: one connection each, read from its trace.
#include "oracle_experiments.hpp"
#include "tcp/rtt.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>

namespace firstbyte::validate {
namespace {

constexpr std::uint8_t rst = 4; // header bit

/// One scripted request on a new connection, from cache.
/// @param leg, client  further keys, each beginning with a comma or empty
std::string one_request(double rtt_s, double think_s, const std::string& response, const std::string& tls,
                        bool fast_open, const std::string& leg, const std::string& client = "") {
    return fmt::format(R"({{
      "format": 1, "name": "oracle", "run": {{"duration": "1s", "replications": 1}}, "pops": [{{"id": "p"}}],
      "clients": [{{"id": "c", "population": 1, "rtt_to": {{"p": {}}}, "tfo": {}{},
        "script": [{{"at": "0s", "steps": [{{"request": "400B", "response": "{}", "think": {}}}]}}]}}],
      "tls": {}, "edge": {{"cache_hit_ratio": 1, "processing": "0ms"}},
      "tcp": {{"client_edge": {{"fast_open": {}{}}}}}}})",
                       time_text(rtt_s), fast_open ? R"({"cookie": "held"})" : "{}", client, response,
                       time_text(think_s), tls, fast_open, leg);
}

Observed ttfb_rtts(const OracleCase& given, const Running& running) {
    const std::string mode =
        word(given, "mode",
             "http_tcp http_tfo_hit tls12_full tls12_full_tfo_hit tls13_full tls13_full_tfo_hit tls13_0rtt "
             "tls13_0rtt_tfo_hit quic_1rtt quic_0rtt");
    if (mode.starts_with("quic")) return {0, 0, "HTTP/3 is not built"};
    std::string tls = R"("none")";
    if (mode.starts_with("tls12")) tls = R"("1.2")";
    if (mode.starts_with("tls13")) tls = R"("1.3")";
    if (mode.starts_with("tls13_0rtt")) tls = R"({"version": "1.3", "resumed": 1, "early_data": 1})";
    const bool hit = mode.ends_with("tfo_hit");
    const Results results = run_traced(
        one_request(number(given, "rtt_ms") / 1e3, number_or(given, "server_ms", 0) / 1e3, "500B", tls, hit, ""),
        running);
    return {event_s(results.traces.at(0), "first_byte") * 1e3};
}

/// Whether the handshake costs nothing: a Fast Open hit.
bool opens_at_once(const OracleCase& given) {
    const std::uint64_t round_trips = whole(given, "setup_rtts");
    if (round_trips > 1) throw InputError("\"setup_rtts\" can be 0, a Fast Open hit, or 1");
    return round_trips == 0;
}

/// Slow start that nothing ends: no HyStart, no receive window that would bind.
std::string slow_start_leg(const OracleCase& given) {
    return fmt::format(
        R"(, "congestion": "reno", "initial_window": {}, "mss": "{}B", "timestamps": false, "receive_buffer": "64MB")",
        whole(given, "iw"), whole(given, "mss"));
}

Observed slowstart_rounds(const OracleCase& given, const Running& running) {
    const Results results =
        run_traced(one_request(number(given, "rtt_ms") / 1e3, number_or(given, "server_ms", 0) / 1e3,
                               fmt::format("{:.0f}B", number(given, "size_bytes")), R"("none")", opens_at_once(given),
                               slow_start_leg(given)),
                   running);
    return {event_s(results.traces.at(0), "last_byte") * 1e3};
}

Observed finite_bw_stalls(const OracleCase& given, const Running& running) {
    const double mss = number(given, "mss");
    constexpr double headers = 40; // the formula counts payload: a faster wire makes up for them
    // Every segment is acknowledged at once.
    const std::string leg = slow_start_leg(given) + R"(, "delayed_ack": "0ms")";
    const std::string access =
        fmt::format(R"(, "access": {{"down": "{:.0f}bps"}})", number(given, "rate_bps") * (mss + headers) / mss);
    const Results results =
        run_traced(one_request(number(given, "rtt_s"), 0, fmt::format("{:.0f}B", mss * number(given, "segments")),
                               R"("none")", opens_at_once(given), leg, access),
                   running);
    return {event_s(results.traces.at(0), "last_byte")};
}

/// SYNs that nobody answers, as a capture shows them.
Observed syn_ladder(const OracleCase& given, const Running& running) {
    const std::string client = R"({"id": "c", "population": 1, "rtt_to": {"p": "1ms"},
        "path_rules": [{"dir": "up", "match": "syn", "do": "drop"}],
        "script": [{"at": "0s", "steps": [{"request": "400B", "response": "500B"}]}]})";
    const std::string leg =
        fmt::format(R"("syn_rto": {}, "syn_linear_timeouts": {}, "syn_retries": {}, "max_rto": "3600s")",
                    time_text(number(given, "initial_rto_s")), number_or(given, "linear_timeouts", 0),
                    number_or(given, "max_retries", 6));
    const Results results = run_traced(cached_world(client, leg, 1), running);
    std::vector<double> sent;
    for (const TracePacket& packet : results.traces.at(0).packets)
        if (packet.up) sent.push_back(to_seconds(packet.at - Instant{}));
    if (has(given, "deadline_s")) {
        const double deadline = number(given, "deadline_s");
        return {static_cast<double>(std::count_if(sent.begin(), sent.end(), [=](double at) { return at < deadline; }))};
    }
    const auto retry = static_cast<std::size_t>(number_or(given, "retry_index", static_cast<double>(sent.size())));
    // Past the last retry comes the end of the attempt.
    return {retry < sent.size() ? sent[retry] : event_s(results.traces.at(0), "closed")};
}

/// Data that nobody acknowledges, as a capture shows it. The time of n retries is that of the (n + 1)-th timeout,
/// counted from the first sending, on a connection that tries for longer: Linux compares the ladder's time with what
/// has passed since the first retransmission, which is another moment.
Observed data_rto_ladder(const OracleCase& given, const Running& running) {
    constexpr double smallest_rtt_s = 1e-6; // the clock of Linux's estimator
    const double rto_s = number(given, has(given, "initial_rto_s") ? "initial_rto_s" : "rto_min_s");
    const std::string client = R"({"id": "c", "population": 1, "rtt_to": {"p": "0s"},
        "path_rules": [{"dir": "up", "match": "data", "do": "drop"}],
        "script": [{"at": "0s", "steps": [{"request": "400B", "response": "500B"}]}]})";
    constexpr std::uint64_t retries_of_linux = 15, longer = 20, most = 127;
    const std::uint64_t retries = has(given, "retries") ? whole(given, "retries") : retries_of_linux;
    const std::string leg = fmt::format(
        R"("tail_loss_probe": false, "idle_timeout": "100000s", "min_rto": {}, "max_rto": {}, "data_retries": {})",
        time_text(rto_s - smallest_rtt_s), time_text(number_or(given, "rto_max_s", 120)),
        std::min(retries + longer, most));
    const Results results = run_traced(cached_world(client, leg, 1), running);
    std::vector<double> sent; // since the first sending
    for (const TracePacket& packet : results.traces.at(0).packets)
        if (packet.up && packet.length != 0) sent.push_back(to_seconds(packet.at - Instant{}));
    const double began = sent.at(0);
    for (double& at : sent) at -= began;
    if (has(given, "retries")) {
        if (sent.size() <= retries + 1) throw InputError("with that timeout no ladder of so many retries is climbed");
        return {sent[retries + 1]};
    }
    const double deadline = number(given, "deadline_s");
    return {static_cast<double>(std::count_if(sent.begin() + 1, sent.end(), [=](double at) { return at < deadline; }))};
}

Observed keepalive_dead_peer(const OracleCase& given, const Running& running) {
    const std::string leg = fmt::format(
        R"("idle_timeout": "100000s", "server": {{"keepalive": {{"idle": {}, "interval": {}, "probes": {}}}}})",
        time_text(number(given, "idle_s")), time_text(number(given, "interval_s")), number(given, "count"));
    // The client's last sign of life is the ACK of the response.
    const Results results = run_traced(cached_world(R"({"id": "c", "population": 1, "rtt_to": {"p": "1ms"},
        "path_rules": [{"dir": "up", "match": "any", "between": ["100ms", "1000000s"], "do": "drop"}],
        "script": [{"at": "0s", "steps": [{"request": "400B", "response": "500B"}], "hold": "100000s"}]})",
                                                    leg, 200'000),
                                       running);
    Instant last_sign{}, reset{};
    for (const TracePacket& packet : results.traces.at(0).packets) {
        if (packet.up && packet.act == TracePacket::Act::Forward) last_sign = packet.arrives;
        if (!packet.up && (packet.flags & rst) != 0) reset = packet.at;
    }
    return {to_seconds(reset - last_sign)};
}

/// On the component. The case's least value is that of the whole timeout.
Observed rto_estimator(const OracleCase& given, const Running&) {
    tcp::RttEstimator rtt;
    const auto samples = given.inputs.find("samples_s");
    if (samples == given.inputs.end() || !samples->is_array()) throw InputError("the input \"samples_s\" is no list");
    for (const double sample : *samples) rtt.add_rfc6298(from_seconds(sample));
    return {std::max(rtt.exact_rto_rfc6298_s(), number_or(given, "rto_min_s", 0)), samples->size()};
}

} // namespace

Experiments ladder_experiments() {
    return {{"ttfb_rtts", ttfb_rtts, "mode rtt_ms server_ms"},
            {"slowstart_rounds", slowstart_rounds, "size_bytes mss iw setup_rtts rtt_ms server_ms"},
            {"finite_bw_stalls", finite_bw_stalls, "rtt_s rate_bps segments mss iw setup_rtts"},
            {"syn_ladder", syn_ladder, "initial_rto_s retry_index deadline_s max_retries linear_timeouts"},
            {"data_rto_ladder", data_rto_ladder, "rto_min_s initial_rto_s rto_max_s retries deadline_s"},
            {"keepalive_dead_peer", keepalive_dead_peer, "idle_s interval_s count"},
            {"rto_estimator", rto_estimator, "samples_s rto_min_s"}};
}

} // namespace firstbyte::validate
