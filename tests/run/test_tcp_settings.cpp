// Every key of an end reaches the settings of that end's connections, and of no other.
#include "run/tcp_settings.hpp"
#include "run/world_data.hpp"

#include "firstbyte/simulate.hpp"
#include "support/experiment.hpp"

#include <doctest/doctest.h>

using namespace firstbyte;
using namespace firstbyte::test;
using namespace std::chrono_literals;

namespace {

/// One number for each field that a scenario can set, in the order of `keys` below.
std::vector<std::int64_t> numbers_of(const tcp::Settings& s) {
    std::int64_t syn = 0;
    for (const Duration wait : s.syn_waits) syn += wait.count();
    return {s.initial_window,
            s.mss,
            s.congestion == tcp::CongestionControl::NewReno,
            s.byte_counting,
            s.quick_ack,
            s.timestamps,
            s.sack,
            s.rto_variance_min.count(),
            s.rto_most.count(),
            s.rto_rfc6298,
            s.syn_ack_rto.count(),
            syn,
            s.syn_ack_retries,
            s.data_retries,
            s.orphan_retries,
            s.delayed_ack.count(),
            s.user_timeout.count(),
            s.keepalive.idle.count(),
            s.keepalive.interval.count(),
            s.keepalive.probes,
            s.slow_start_after_idle,
            s.tail_loss_probe,
            s.receive_buffer,
            s.time_wait.count(),
            s.fin_timeout.count(),
            s.backlog,
            s.abort_on_overflow,
            s.fast_open,
            s.cookieless,
            s.pending_limit,
            s.cookie_lifetime.count(),
            s.blackhole_timeout.count(),
            s.fast_open_per_destination_backoff};
}

struct Ends {
    tcp::Settings client, edge, edge_to_origin, origin;
};

Ends ends_of(const std::vector<Override>& overrides) {
    const std::string text = R"({ "format": 1, "name": "ends", "run": { "duration": "1s" }, "pops": [ { "id": "p" } ],
        "origins": [ { "id": "o", "rtt_to": { "p": "10ms" }, "service_time": "1ms" } ],
        "clients": [ { "id": "c", "rtt_to": { "p": "10ms" }, "sessions": "1/s" } ] })";
    const World world = build_world(load_scenario(text, "-", overrides));
    const cdn::World& w = world.data().world;
    return {w.groups.at(0).client.at(0), w.edge, w.edge_to_origin, w.origin};
}

} // namespace

TEST_CASE("settings: each key of an end changes that end and nothing else") {
    const std::pair<const char*, const char*> keys[] = {
        {"initial_window", "3"},
        {"mss", "1000B"},
        {"congestion", "reno"},
        {"byte_counting", "false"},
        {"quick_ack", "false"},
        {"timestamps", "false"},
        {"sack", "false"},
        {"min_rto", "1s"},
        {"max_rto", "60s"},
        {"rto_rule", "rfc6298"},
        {"syn_rto", "2s"},
        {"syn_retries", "1"},
        {"syn_linear_timeouts", "1"},
        {"synack_retries", "1"},
        {"data_retries", "3"},
        {"orphan_retries", "2"},
        {"delayed_ack", "1ms"},
        {"user_timeout", "5s"},
        {"keepalive.idle", "3s"},
        {"keepalive.interval", "4s"},
        {"keepalive.probes", "5"},
        {"slow_start_after_idle", "false"},
        {"tail_loss_probe", "false"},
        {"receive_buffer", "9KB"},
        {"time_wait", "1s"},
        {"fin_timeout", "1s"},
        {"backlog", "1"},
        {"abort_on_overflow", "true"},
        {"fast_open", "true"},
        {"fast_open.cookieless", "true"},
        {"fast_open.pending_limit", "1"},
        {"fast_open.cookie_lifetime", "1h"},
        {"fast_open.blackhole_timeout", "1h"},
        {"fast_open.backoff", "per_destination"},
    };
    const Ends before = ends_of({});
    const std::pair<const char*, tcp::Settings Ends::*> ends[] = {{"tcp.client_edge.client.", &Ends::client},
                                                                  {"tcp.client_edge.server.", &Ends::edge},
                                                                  {"tcp.edge_origin.client.", &Ends::edge_to_origin},
                                                                  {"tcp.edge_origin.server.", &Ends::origin}};
    for (const auto& [prefix, changed] : ends) {
        for (const auto& [key, value] : keys) {
            const std::string path = std::string(prefix) + key;
            CAPTURE(path);
            const Ends after = ends_of({{path, value}});
            // The SYN schedule towards origins is the profile's.
            const bool of_profile =
                path == "tcp.edge_origin.client.syn_retries" || path == "tcp.edge_origin.client.syn_linear_timeouts";
            for (const auto& end : ends) {
                const bool differs = numbers_of(after.*(end.second)) != numbers_of(before.*(end.second));
                CHECK(differs == (end.second == changed && !of_profile));
            }
        }
    }
}

TEST_CASE("settings: a client's interface limits the MSS that it announces (RFC 9293 section 3.7.1)") {
    CHECK(ends_of({}).client.mss == 1460);
    CHECK(ends_of({{"clients[0].access.mtu", "1400B"}}).client.mss == 1360);
    CHECK(ends_of({{"clients[0].access.mtu", "9000B"}}).client.mss == 8960);
    CHECK(ends_of({{"clients[0].access.mtu", "1400B"}}).edge.mss == 1460);
    CHECK(ends_of({{"clients[0].access.mtu", "9000B"}, {"tcp.client_edge.mss", "1000B"}}).client.mss == 1000);
}

TEST_CASE("settings: what a script's connection says is its own") {
    const std::string request = R"({ "request": "400B", "response": "500B" })";
    const Experiment experiment{
        entry(request) + ", " +
            entry(request,
                  R"(, "tcp": { "congestion": "reno", "keepalive": { "idle": "3s", "interval": "1s", "probes": 9 },
                                    "user_timeout": "5s", "syn_retries": 1, "receive_buffer": "64KB", "fast_open": "off" })") +
            ", " +
            entry(request, R"(, "tcp": { "keepalive": false, "user_timeout": "0s", "fast_open": "cookieless" })"),
        R"({ "fast_open": true, "client": { "keepalive": { "idle": "7s", "interval": "2s", "probes": 3 }, "user_timeout": "9s" } })"};
    const World world = build_world(load_scenario(experiment.text(), "-"));
    const std::vector<tcp::Settings>& own = world.data().world.groups.at(0).client;
    REQUIRE(own.size() == 3);
    CHECK(own[0].congestion == tcp::CongestionControl::Cubic);
    CHECK(own[0].keepalive.idle == 7s);
    CHECK(own[0].user_timeout == 9s);
    CHECK(own[0].fast_open);
    CHECK(own[1].congestion == tcp::CongestionControl::NewReno);
    CHECK(own[1].keepalive.idle == 3s);
    CHECK(own[1].keepalive.interval == 1s);
    CHECK(own[1].keepalive.probes == 9);
    CHECK(own[1].user_timeout == 5s);
    CHECK(own[1].syn_waits.size() == 3);
    CHECK(own[1].receive_buffer == 64'000);
    CHECK_FALSE(own[1].fast_open);
    CHECK(own[2].keepalive.idle == 0s);
    CHECK(own[2].user_timeout == 0s);
    CHECK(own[2].cookieless);
}
