// What Fast Open saves, how long cookies hold, and the listener's queue.
#include "core/random.hpp"
#include "oracle_experiments.hpp"
#include "tcp/fast_open_clients.hpp"
#include "tcp/fast_open_listener.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <cmath>

namespace firstbyte::validate {
namespace {

/// Clients with a cookie that each open one connection, all at once.
/// @param rule  what happens to their packets, or empty
std::string once_each(const std::string& id, double population, double rtt_s, double support, const std::string& rule) {
    return fmt::format(R"({{"id": "{}", "population": {:.0f}, "rtt_to": {{"p": {}}}, "path_rules": [{}],
                           "script": [{{"at": "0s", "steps": [{{"request": "400B", "response": "500B"}}]}}],
                           "tfo": {{"cookie": "held", "support": {}}}}})",
                       id, population, time_text(rtt_s), rule, support);
}

/// Mean time to first byte without Fast Open, less that with it; in ms.
std::vector<double> savings_ms(const std::vector<std::string>& groups, double rto_s, const Running& running,
                               int times) {
    std::vector<std::string> scenarios;
    for (const std::string& clients : groups)
        for (const bool on : {false, true})
            scenarios.push_back(cached_world(
                clients,
                fmt::format(
                    R"("syn_rto": {}, "syn_linear_timeouts": 0, "backlog": 10000000, "fast_open": {{"enabled": {}, "pending_limit": 10000000}})",
                    time_text(rto_s), on),
                1));
    const std::vector<ReplicationResults> results = run_each(scenarios, running, times);
    std::vector<double> saved;
    for (std::size_t n = 0; n < results.size(); n += 2)
        saved.push_back((all_requests(results[n]).ttfb.mean() - all_requests(results[n + 1]).ttfb.mean()) / 1e6);
    return saved;
}

Observed tfo_saving(const OracleCase& given, const Running& running) {
    const double rtt_s = number(given, "rtt_ms") / 1e3, rto_s = number_or(given, "initial_rto_ms", 1000) / 1e3;
    const std::string vanishes = R"({"dir": "up", "match": "syn_data", "do": "drop"})";
    if (!has(given, "P_exchange") && !has(given, "p_blackhole")) { // the share at which nothing is saved
        const std::vector<double> saved = savings_ms(
            {once_each("free", 1, rtt_s, 1, ""), once_each("boxed", 1, rtt_s, 1, vanishes)}, rto_s, running, 1);
        return {saved[0] / (saved[0] - saved[1]), 2};
    }
    // The data that Linux has accepted it acknowledges again, so only a lost SYN forfeits the saving: that share of the
    // clients loses its first SYN, with and without Fast Open.
    const bool blackhole = has(given, "p_blackhole");
    const double lost = number(given, blackhole ? "p_blackhole" : "P_exchange"), hit = number_or(given, "hit_share", 1);
    const double each = std::ceil(static_cast<double>(samples_of(given, running)) / replications);
    std::vector<std::string> groups;
    if (lost < 1) groups.push_back(once_each("free", each * (1 - lost), rtt_s, hit, ""));
    const std::string first = R"({"dir": "up", "match": "syn", "nth": [1, 1], "do": "drop"})";
    if (lost > 0) groups.push_back(once_each("boxed", each * lost, rtt_s, hit, blackhole ? vanishes : first));
    return {savings_ms({fmt::format("{}", fmt::join(groups, ", "))}, rto_s, running, replications)[0],
            static_cast<std::uint64_t>(each) * replications};
}

/// Clients who come back after exponential gaps, and keys that change at fixed times. Visits of so many clients fall
/// evenly on the time between changes. What a client knows at a visit depends on the two periods before it.
Observed cookie_key_rotation(const OracleCase& given, const Running& running) {
    const double period_s = number(given, "rotation_s"), mean_gap_s = number(given, "mean_gap_s");
    constexpr int periods = 10, before = 2;
    constexpr double margin = 1.02; // a Poisson count may stay below its mean
    const double per_s = margin * static_cast<double>(samples_of(given, running)) / replications / (periods * period_s);
    const double population = std::ceil(per_s * mean_gap_s);
    const std::string clients =
        fmt::format(R"({{"id": "c", "population": {:.0f}, "rtt_to": {{"p": "1ms"}}, "sessions": {}}})", population,
                    rate_text(population / mean_gap_s));
    std::string events;
    for (int n = 1; n < before + periods; ++n)
        events += fmt::format(R"({}{{"at": {}, "do": "rotate_tfo_key", "keep_old": {}}})", n == 1 ? "" : ", ",
                              time_text(n * period_s), truth(given, "keep_previous"));
    const std::string text =
        cached_world(clients, R"("fast_open": true)", periods * period_s, 500, events, before * period_s);
    const ConnectionResults got = all_connections(run_sum(text, running));
    return share(got.syn_data_accepted, got.opened);
}

/// A simulated client talks to one address, so the client's memory and the listener's judgement are asked directly.
Observed cookie_multi_ip(const OracleCase& given, const Running& running) {
    const std::uint64_t addresses = whole(given, "addresses"), visits = whole(given, "earlier_visits");
    const std::uint64_t samples = samples_of(given, running);
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
    return share(hits, samples);
}

/// A connection is pending from its SYN to the handshake's ACK, one round trip.
Observed tfo_pending_queue(const OracleCase& given, const Running& running) {
    constexpr double rtt_s = 0.1, settled = 50; // round trips after which the start is forgotten
    const double per_s = number(given, "offered_erlang") / rtt_s;
    const std::string clients = fmt::format(
        R"({{"id": "c", "population": 1000, "sessions": {}, "rtt_to": {{"p": {}}}, "tfo": {{"cookie": "held"}}}})",
        rate_text(per_s), time_text(rtt_s));
    const std::string leg =
        fmt::format(R"("fast_open": {{"enabled": true, "pending_limit": {}}})", whole(given, "queue_len"));
    const double duration = window_s(samples_of(given, running), per_s);
    const ConnectionResults got =
        all_connections(run_sum(cached_world(clients, leg, duration, 500, "", settled * rtt_s), running));
    return share(got.opened - got.syn_data_accepted, got.opened);
}

} // namespace

Experiments fast_open_experiments() {
    return {{"tfo_saving", tfo_saving, "rtt_ms P_exchange hit_share initial_rto_ms p_blackhole"},
            {"cookie_key_rotation", cookie_key_rotation, "rotation_s mean_gap_s keep_previous"},
            {"cookie_multi_ip", cookie_multi_ip, "addresses earlier_visits"},
            {"tfo_pending_queue", tfo_pending_queue, "queue_len offered_erlang"}};
}

} // namespace firstbyte::validate
