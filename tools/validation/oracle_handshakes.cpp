// Handshakes under independent loss.
#include "oracle_experiments.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>

namespace firstbyte::validate {
namespace {

/// Both directions' losses; an exchange given as one number is lost on its way up.
std::string losses(const OracleCase& given) {
    if (has(given, "P_exchange")) return fmt::format(R"("loss_up": {})", number(given, "P_exchange"));
    return fmt::format(R"("loss_up": {}, "loss_down": {})", number(given, "p_forward"), number(given, "p_reverse"));
}

/// Of these experiments: in the 60 s of TIME-WAIT fewer connections come than the edge has ports for, 28 232 (Linux
/// ip_local_port_range), so that none fails for want of one.
constexpr double sessions_per_s = 200;

/// One request of an origin on a new connection each: does the SYN schedule run out?
Observed p522_loss(const OracleCase& given, const Running& running) {
    std::string schedule;
    const double rto_s = number(given, "initial_rto_s"), deadline_s = number(given, "deadline_s");
    double at = 0;
    for (double wait = rto_s; at < deadline_s; wait *= 2) { // a SYN at the deadline itself is none
        schedule += (schedule.empty() ? "" : ", ") + time_text(std::min(wait, deadline_s - at));
        at += wait;
    }
    const std::string text = fmt::format(R"({{
      "format": 1, "name": "oracle", "run": {{"duration": {}, "replications": {}}}, "pops": [{{"id": "p"}}],
      "origins": [{{"id": "o", "rtt_to": {{"p": {}}}, "service_time": "0s", {}}}],
      "clients": [{{"id": "c", "population": 1, "sessions": {}, "rtt_to": {{"p": "0s"}}}}],
      "workload": {{"objects": [{{"id": "x", "request": "100B", "response": "100B"}}]}}, "tls": "none",
      "tcp": {{"edge_origin": {{"server": {{"synack_retries": 0, "syn_rto": {}}}}}}},
      "edge": {{"cache_hit_ratio": 0, "processing": "0ms", "origin_pool": {{"max_idle": 0}},
                "retry": {{"connect_attempts": 1}}, "timeouts": {{"syn_schedule": [{}]}}}}}})",
                                         time_text(window_s(samples_of(given, running), sessions_per_s)), replications,
                                         time_text(number(given, "rtt_s")), losses(given), rate_text(sessions_per_s),
                                         time_text(rto_s / 2), schedule);
    const RequestResults all = all_requests(run_sum(text, running));
    return share(count_of(all, Cause::ConnectTimeout), ended(all));
}

/// How long the handshakes of clients took that come one by one.
Observed mean_handshake(const OracleCase& given, const std::string& leg, const Running& running) {
    const std::string clients =
        fmt::format(R"({{"id": "c", "population": 1000, "sessions": {}, "rtt_to": {{"p": {}}}, "access": {{{}}}}})",
                    rate_text(sessions_per_s), time_text(number(given, "rtt_s")), losses(given));
    // A tenth more: an attempt that fails has no time.
    const std::uint64_t samples = samples_of(given, running);
    const double duration = window_s(samples + samples / 10, sessions_per_s);
    return mean_s(all_connections(run_sum(cached_world(clients, leg, duration), running)).connect);
}

/// The client alone repeats: the server forgets a half-open connection before the next SYN comes.
Observed handshake_mean(const OracleCase& given, const Running& running) {
    constexpr double unlimited = 17; // the last of so many SYNs would come after eighteen hours
    const double rto_s = number(given, "initial_rto_s");
    const std::string leg = fmt::format(
        R"("syn_rto": {}, "syn_linear_timeouts": 0, "syn_retries": {}, "server": {{"syn_rto": {}, "synack_retries": 0}})",
        time_text(rto_s), number_or(given, "n_syn", unlimited) - 1, time_text(rto_s / 2));
    return mean_handshake(given, leg, running);
}

/// Both repeat: the formula adds up the waits for the SYN and those for the SYN-ACK.
Observed handshake_cardwell(const OracleCase& given, const Running& running) {
    const std::string leg =
        fmt::format(R"("syn_rto": {}, "syn_linear_timeouts": 0, "syn_retries": 16, "synack_retries": 16)",
                    time_text(number(given, "initial_rto_s")));
    return mean_handshake(given, leg, running);
}

} // namespace

Experiments handshake_experiments() {
    return {{"p522_loss", p522_loss, "p_forward p_reverse P_exchange initial_rto_s deadline_s rtt_s"},
            {"handshake_mean", handshake_mean, "p_forward p_reverse P_exchange initial_rto_s n_syn rtt_s"},
            {"handshake_cardwell", handshake_cardwell, "p_forward p_reverse initial_rto_s rtt_s"}};
}

} // namespace firstbyte::validate
