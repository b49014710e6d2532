/// Random but valid scenarios: small worlds in which anything of the format may happen.
#pragma once

#include "core/random.hpp"
#include "firstbyte/scenario.hpp"

#include <fmt/format.h>

#include <cstdint>
#include <string>
#include <vector>

namespace firstbyte::test {

class RandomWorld {
public:
    explicit RandomWorld(std::uint64_t seed) : draws_(seed, 0) {}

    /// The scenario's text; the same for the same seed.
    [[nodiscard]] std::string text() {
        pops_ = 1 + below(3);
        origins_ = 1 + below(2);
        tiers_ = pops_ > 1 && chance(0.2);
        std::string pops, origins, clients;
        for (int p = 0; p < pops_; ++p) add(pops, pop(p));
        for (int o = 0; o < origins_; ++o) add(origins, origin(o));
        const int groups = 1 + below(3);
        for (int c = 0; c < groups; ++c) add(clients, client(c));
        std::string events;
        for (int n = below(4); n > 0; --n) add(events, event(groups));
        return fmt::format(
            R"({{"format": 1, "name": "random", "run": {{"duration": "20s", "replications": 1, "seed": {}}},
          "pops": [{}], "origins": [{}], "clients": [{}], "workload": {}, "tls": {}, "tcp": {}, "edge": {}, "events": [{}]}})",
            1 + below(1000), pops, origins, clients, workload(), tls(), tcp(), edge(), events);
    }

private:
    [[nodiscard]] double uniform() { return draws_.uniform(Stream::Object, 1, n_++); }
    [[nodiscard]] int below(int bound) {
        return static_cast<int>(draws_.below(static_cast<std::uint64_t>(bound), Stream::Object, 2, n_++));
    }
    [[nodiscard]] bool chance(double p) { return uniform() < p; }
    template <class... Words>
    [[nodiscard]] const char* one_of(const Words... words) {
        const char* const list[] = {words...};
        return list[below(static_cast<int>(sizeof...(Words)))];
    }
    static void add(std::string& list, const std::string& item) { list += (list.empty() ? "" : ", ") + item; }
    /// `, "key": value` with that probability.
    [[nodiscard]] std::string maybe(double p, const char* key, const std::string& value) {
        return chance(p) ? fmt::format(R"(, "{}": {})", key, value) : "";
    }
    [[nodiscard]] std::string quoted(const std::string& text) { return '"' + text + '"'; }
    [[nodiscard]] std::string time(int most_ms) { return fmt::format(R"("{}ms")", 1 + below(most_ms)); }
    [[nodiscard]] std::string share(double most) { return fmt::format("{:.3f}", most * uniform()); }

    std::string pop(int p) {
        std::string ways;
        if (tiers_)
            for (int other = 0; other < p; ++other) add(ways, fmt::format(R"("p{}": {})", other, time(100)));
        return fmt::format(R"({{"id": "p{}", "tfo_key": "{}"{}}})", p, one_of("a", "b"),
                           ways.empty() ? "" : R"(, "rtt_to": {)" + ways + "}");
    }

    std::string origin(int o) {
        std::string ways;
        for (int p = 0; p < pops_; ++p) add(ways, fmt::format(R"("p{}": {})", p, time(150)));
        return fmt::format(
            R"({{"id": "o{}", "rtt_to": {{{}}}, "service_time": {}{}{}{}{}{}{}{}{}{}{}{}{}{}{}{}{}{}}})", o, ways,
            chance(0.5) ? time(500) : fmt::format(R"({{"dist": "exponential", "mean": {}}})", time(2000)),
            maybe(0.5, "idle_timeout", time(8000)), maybe(0.3, "preset", quoted(one_of("nginx", "node", "go", "alb"))),
            maybe(0.3, "tfo", "true"),
            maybe(0.3, "workers", std::to_string(1 + below(3)) + one_of("", "", R"(, "worker_holds": "connection")")),
            maybe(0.3, "queue", std::to_string(below(4))), maybe(0.2, "accept_queue", std::to_string(below(3))),
            maybe(0.2, "requests_per_connection", std::to_string(1 + below(3))),
            maybe(0.3, "statuses", R"({"404": 0.2, "502": 0.1})"),
            maybe(0.3, "header", fmt::format(R"("{}B")", 1 + below(4000))),
            maybe(0.2, "heartbeat", fmt::format(R"({{"interval": {}}})", time(300))), maybe(0.1, "buffering", "true"),
            maybe(0.3, "loss", share(0.3)), maybe(0.15, "path_mtu", R"("1000B")"),
            maybe(0.3, "icmp_filtered", one_of("true", "false")),
            maybe(0.2, "behind_balancer",
                  fmt::format(R"({{"target_idle_timeout": {}, "target_rtt": {}}})", time(3000), time(50))),
            maybe(0.2, "jitter", time(20) + one_of("", R"(, "reorder": true)")),
            maybe(0.2, "rate_down", quoted("3Mbps")),
            maybe(0.3, "middlebox",
                  fmt::format(R"({{"flow_idle": {}, "mode": "{}"}})", time(5000), one_of("drop", "rst"))));
    }

    std::string client(int c) {
        std::string ways;
        add(ways, fmt::format(R"("p{}": {})", below(pops_), time(200)));
        const std::string access =
            fmt::format(R"({{"delay": {}{}{}{}{}{}}})", time(50), maybe(0.3, "loss", share(0.3)),
                        maybe(0.2, "loss_up", share(0.3)), maybe(0.2, "jitter", time(20)),
                        maybe(0.3, "down", quoted("2Mbps")), maybe(0.2, "queue", quoted("5 packets")));
        const std::string tfo =
            fmt::format(R"({{"support": {}, "syn_data_dropped": {}, "option_stripped": {}, "public_ips": {})",
                        one_of("1", "0.5"), one_of("0", "0.3"), one_of("0", "0.3"), 1 + below(2));
        const bool scripted = !chance(0.6);
        const std::string work = scripted ? script() : fmt::format(R"("sessions": "{}/s")", 1 + below(2));
        const std::string race = scripted ? "" : maybe(0.4, "race", "true") + maybe(0.4, "cookie", quoted("held"));
        return fmt::format(
            R"({{"id": "c{}", "rtt_to": {{{}}}, "population": {}, {}, "access": {}, "tfo": {}{}}}{}{}{}}})", c, ways,
            1 + below(4), work, access, tfo, race, maybe(0.3, "deadline", time(4000)),
            maybe(0.2, "retry_on_reset", "2"),
            maybe(0.3, "path_rules",
                  fmt::format(
                      R"([{{"dir": "{}", "match": "{}", "nth": [1, {}], "do": {}}}])", one_of("up", "down", "both"),
                      one_of("any", "syn", "data", "fin", "tfo"), 1 + below(3),
                      one_of(R"("drop")", R"("strip_tfo")", R"("strip_data")", R"("duplicate", "delay": "300ms")"))));
    }

    std::string script() {
        std::string entries;
        for (int n = 1 + below(3); n > 0; --n) {
            std::string steps;
            for (int s = 1 + below(3); s > 0; --s) {
                add(steps,
                    fmt::format(R"({{"request": "{}B", "response": "{}B"{}{}}})", 1 + below(20'000), 1 + below(60'000),
                                maybe(0.2, "think", time(1000)), maybe(0.1, "sends", R"("10B")")));
                if (chance(0.5)) add(steps, fmt::format(R"({{"idle": {}}})", time(6000)));
            }
            add(entries,
                fmt::format(R"({{"at": {}, "steps": [{}]{}}})", time(10'000), steps, maybe(0.3, "hold", time(3000))));
        }
        return R"("script": [)" + entries + "]";
    }

    std::string event(int groups) {
        const std::string at = time(15'000);
        const std::string length = maybe(0.7, "for", time(4000));
        switch (below(8)) {
        case 0:
            return fmt::format(R"({{"at": {}, "do": "origin_restart", "origin": "o{}", "graceful": {}}})", at,
                               below(origins_), one_of("true", "false"));
        case 1:
            return fmt::format(R"({{"at": {}, "do": "{}", "pop": "p{}"}})", at,
                               one_of("edge_restart", "edge_maintenance", "edge_balance"), below(pops_));
        case 2:
            return fmt::format(R"({{"at": {}, "do": "edge_overload", "pop": "p{}", "share": 0.5{}}})", at, below(pops_),
                               length);
        case 3:
            return fmt::format(R"({{"at": {}, "do": "rotate_tfo_key", "keep_old": {}}})", at, one_of("true", "false"));
        case 4: return fmt::format(R"({{"at": {}, "do": "clear_path_rules", "clients": "c{}"}})", at, below(groups));
        default: {
            const auto mode = static_cast<Event::Mode>(below(static_cast<int>(Event::Mode::count_)));
            return fmt::format(R"({{"at": {}, "do": "origin_down", "origin": "o{}", "mode": "{}"{}}})", at,
                               below(origins_), name_of(mode), length);
        }
        }
    }

    std::string workload() {
        return fmt::format(R"({{"requests_per_session": {}, "think_time": {},
          "objects": [{{"id": "x", "method": "{}", "request": "{}B", "response": "{}B", "items": {}, "zipf": 0.8}}, {{"id": "y", "method": "{}", "response": "{}KB"}}]}})",
                           1 + below(4), time(3000), one_of("GET", "POST", "PUT"), 1 + below(3000), 1 + below(40'000),
                           1 + below(20), one_of("GET", "POST"), 1 + below(100));
    }
    std::string tls() {
        return one_of(R"("none")", R"("1.2")", R"("1.3")", R"({"version": "1.3", "resumed": 0.5, "early_data": 0.5})");
    }
    std::string tcp() {
        return fmt::format(
            R"({{"client_edge": {{"fast_open": {}, "idle_timeout": {}{}{}}}, "edge_origin": {{"fast_open": {}{}{}}}}})",
            one_of("true", "false"), time(10'000), maybe(0.3, "backlog", std::to_string(below(3))),
            maybe(0.2, "abort_on_overflow", "true"), one_of("true", "false"), maybe(0.3, "mtu_probing", "true"),
            maybe(0.3, "keepalive", R"({"idle": "2s", "interval": "1s", "probes": 2})"));
    }
    std::string edge() {
        const std::string pool = fmt::format(R"({{"max_idle": {}, "pick": "{}"{}}})", below(4), one_of("lifo", "fifo"),
                                             maybe(0.3, "max_connections", std::to_string(1 + below(2))));
        const std::string timeouts = fmt::format(
            R"({{"read": {}, "ack": {}, "write": {}, "tls": {}, "request": {}, "header_limit": "2KB", "syn_schedule": ["200ms", "400ms"]}})",
            time(4000), time(3000), time(2000), time(1000), time(3000));
        return fmt::format(
            R"({{"profile": "{}", "cache_hit_ratio": {}, "processing": {}, "origin_pool": {}, "timeouts": {}, "retry": {{"reused_reset": "{}", "zero_downtime_failover": {}}}, "ssl_mode": "{}"{}{}{}{}}})",
            one_of("cloudflare", "ibm-cis", "cloudflare-2024"), one_of("0", "0.5"), time(5), pool, timeouts,
            one_of("idempotent", "any", "never"), one_of("true", "false"), one_of("full", "strict"),
            maybe(0.3, "idle_action", quoted(one_of("close", "probe"))),
            maybe(0.3, "health_checks", R"({"interval": "1s", "timeout": "300ms", "retries": 1})"),
            maybe(0.4, "cache",
                  fmt::format(R"({{"capacity": "{}KB", "ttl": {}, "coalesce": {}, "stale_while_revalidate": {}}})",
                              1 + below(100), time(4000), one_of("true", "false"), time(2000))),
            tiers_ ? R"(, "upper_tier": ["p0"])" : "");
    }

    Draws draws_;
    std::uint64_t n_ = 0;
    int pops_ = 1, origins_ = 1;
    bool tiers_ = false;
};

} // namespace firstbyte::test
