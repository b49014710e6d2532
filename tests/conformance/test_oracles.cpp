// Closed formulas of times without loss: the simulation must come out where the mathematics does.
#include "support/oracles.hpp"
#include "tcp/connection.hpp"

using namespace firstbyte;
using namespace firstbyte::test;
using namespace std::chrono_literals;

TEST_CASE("oracle: time to the first byte in round trips, by protocol") {
    for (const nlohmann::json& c : cases_of("ttfb_rtts")) {
        const nlohmann::json& in = c["inputs"];
        const std::string mode = in["mode"];
        std::string tls = R"("none")";
        if (mode.starts_with("tls12")) tls = R"("1.2")";
        if (mode.starts_with("tls13")) tls = R"("1.3")";
        if (mode.starts_with("tls13_0rtt")) tls = R"({"version": "1.3", "resumed": 1, "early_data": 1})";
        const bool hit = mode.ends_with("tfo_hit");
        const Results results = run_scenario(
            one_request(in["rtt_ms"], in["server_ms"], "400B", "500B", tls, hit, R"("initial_window": 10)"));
        check(c, event_ms(results.traces.at(0), "first_byte"));
    }
}

TEST_CASE("oracle: rounds of slow start") {
    for (const nlohmann::json& c : cases_of("slowstart_rounds")) {
        const nlohmann::json& in = c["inputs"];
        const std::string leg = fmt::format(R"("initial_window": {}, "mss": "{}B", "timestamps": false)",
                                            in["iw"].get<int>(), in["mss"].get<int>());
        const bool hit = in["setup_rtts"] == 0;
        const Results results =
            run_scenario(one_request(in["rtt_ms"], in["server_ms"], "400B",
                                     fmt::format("{}B", in["size_bytes"].get<int>()), R"("none")", hit, leg));
        check(c, event_ms(results.traces.at(0), "last_byte"));
    }
}

TEST_CASE("oracle: slow start that stalls on a finite rate") {
    for (const nlohmann::json& c : cases_of("finite_bw_stalls")) {
        const nlohmann::json& in = c["inputs"];
        const int mss = in["mss"], segments = in["segments"];
        const std::string leg =
            fmt::format(R"("initial_window": {}, "mss": "{}B", "timestamps": false, "delayed_ack": "0ms")",
                        in["iw"].get<int>(), mss); // the formula acknowledges every segment
        // The formula counts payload; headers of 40 B are made up for by a faster wire.
        const double rate = in["rate_bps"].get<double>() * (mss + 40) / mss;
        const Results results = run_scenario(one_request(in["rtt_s"].get<double>() * 1e3, 0, "400B",
                                                         fmt::format("{}B", mss * segments), R"("none")", false, leg,
                                                         fmt::format(R"(, "access": {{"down": "{:.0f}bps"}})", rate)));
        check(c, event_ms(results.traces.at(0), "last_byte") / 1e3);
    }
}

TEST_CASE("oracle: the SYN ladder doubles from the first timeout") {
    for (const nlohmann::json& c : cases_of("syn_ladder")) {
        const nlohmann::json& in = c["inputs"];
        const auto rto = std::chrono::seconds{in["initial_rto_s"].get<int>()};
        const std::vector<Duration> waits = tcp::syn_schedule(rto, 6, 0);
        Duration at{0};
        int sent = 0;
        const bool by_deadline = in.contains("deadline_s");
        while (by_deadline ? to_seconds(at) < in["deadline_s"].get<double>() : sent < in["retry_index"].get<int>())
            at += waits.at(static_cast<std::size_t>(sent++));
        check(c, by_deadline ? sent : to_seconds(at));
    }
}

TEST_CASE("oracle: retransmissions of data until they are given up") {
    for (const nlohmann::json& c : cases_of("data_rto_ladder")) {
        const nlohmann::json& in = c["inputs"];
        const bool by_deadline = in.contains("deadline_s");
        const auto rto = std::chrono::microseconds{
            std::llround(in[by_deadline ? "initial_rto_s" : "rto_min_s"].get<double>() * 1e6)};
        if (!by_deadline) {
            check(c, to_seconds(tcp::give_up_time(rto, in["retries"].get<std::uint32_t>())));
            continue;
        }
        // The n-th timeout of n - 1 retries would be the n-th retransmission.
        std::uint32_t sent = 0;
        while (to_seconds(tcp::give_up_time(rto, sent)) < in["deadline_s"].get<double>()) ++sent;
        check(c, sent);
    }
}

TEST_CASE("oracle: smoothed round-trip time and timeout") {
    for (const nlohmann::json& c : cases_of("rto_estimator")) {
        const nlohmann::json& in = c["inputs"];
        tcp::RttEstimator rtt;
        for (const double sample : in["samples_s"])
            rtt.add_rfc6298(std::chrono::nanoseconds{std::llround(sample * 1e9)});
        check(c,
              std::max(rtt.exact_rto_rfc6298_s(), in["rto_min_s"].get<double>())); // the floor is on the whole timeout
    }
}

TEST_CASE("oracle: keepalive finds a dead peer") {
    for (const nlohmann::json& c : cases_of("keepalive_dead_peer")) {
        const nlohmann::json& in = c["inputs"];
        const int idle_s = in["idle_s"], interval_s = in["interval_s"], count = in["count"];
        const std::string keepalive =
            fmt::format(R"("server": {{"keepalive": {{"idle": "{}s", "interval": "{}s", "probes": {}}}}})", idle_s,
                        interval_s, count);
        // The client's last sign of life is the ACK of the response, 50 ms on its way.
        const Results results = run_scenario(cached_world(R"({"id": "c", "population": 1, "rtt_to": {"p": "100ms"},
                             "path_rules": [{"dir": "up", "match": "any", "between": ["1s", "1000000s"], "do": "drop"}],
                             "script": [{"at": "0s", "steps": [{"request": "400B", "response": "500B"}], "hold": "10000s"}]})",
                                                          keepalive + R"(, "idle_timeout": "10000s")", 20'000));
        Instant last_sign{}, last_probe{}, reset{};
        for (const TracePacket& packet : results.traces.at(0).packets) {
            if (packet.up && packet.act == TracePacket::Act::Forward) last_sign = packet.arrives;
            if (!packet.up && packet.keepalive_probe) last_probe = packet.at;
            if (!packet.up && (packet.flags & 4) != 0) reset = packet.at;
        }
        check(c, to_seconds(reset - last_sign));
        CHECK(to_seconds(last_probe - last_sign) == doctest::Approx(idle_s + interval_s * (count - 1)).epsilon(1e-9));
    }
}
