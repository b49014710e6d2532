// Closed formulas: the simulation must come out where the mathematics does.
#include "support/simulation.hpp"
#include "tcp/connection.hpp"

#include <doctest/doctest.h>
#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include <cmath>
#include <fstream>

using namespace firstbyte;
using namespace firstbyte::test;
using namespace std::chrono_literals;

namespace {

std::vector<nlohmann::json> cases_of(const std::string& family) {
    std::ifstream file(FIRSTBYTE_SOURCE_DIR "/tests/conformance/oracles/oracles.json");
    REQUIRE(file.is_open());
    std::vector<nlohmann::json> cases;
    for (nlohmann::json& c : nlohmann::json::parse(file).get<std::vector<nlohmann::json>>())
        if (c["family"] == family) cases.push_back(std::move(c));
    REQUIRE(!cases.empty());
    return cases;
}

void check(const nlohmann::json& c, double observed) {
    const double expected = c["expected"];
    CAPTURE(c["name"].get<std::string>());
    CAPTURE(observed);
    CHECK(std::abs(observed - expected) <= c["rel_tolerance"].get<double>() * std::abs(expected));
}

/// One scripted request on a new connection.
std::string one_request(double rtt_ms, double think_ms, const std::string& request, const std::string& response,
                        const std::string& tls, bool fast_open, const std::string& leg, const std::string& access = "{}") {
    return fmt::format(R"({{
      "format": 1, "name": "oracle", "run": {{"duration": "1s", "replications": 1}}, "pops": [{{"id": "p"}}],
      "clients": [{{"id": "c", "population": 1, "rtt_to": {{"p": "{}ms"}}, "access": {}, "tfo": {},
        "script": [{{"at": "0s", "steps": [{{"request": "{}", "response": "{}", "think": "{}ms"}}]}}]}}],
      "tls": {}, "edge": {{"cache_hit_ratio": 1, "processing": "0ms"}},
      "tcp": {{"client_edge": {{"fast_open": {}, {}}}}}}})",
        rtt_ms, access, fast_open ? R"({"cookie": "held"})" : "{}", request, response, think_ms, tls, fast_open, leg);
}

} // namespace

TEST_CASE("oracle: time to the first byte in round trips, by protocol") {
    for (const nlohmann::json& c : cases_of("ttfb_rtts")) {
        const nlohmann::json& in = c["inputs"];
        const std::string mode = in["mode"];
        std::string tls = R"("none")";
        if (mode.starts_with("tls12")) tls = R"("1.2")";
        if (mode.starts_with("tls13")) tls = R"("1.3")";
        if (mode.starts_with("tls13_0rtt")) tls = R"({"version": "1.3", "resumed": 1, "early_data": 1})";
        const bool hit = mode.ends_with("tfo_hit");
        const Results results = run_scenario(one_request(in["rtt_ms"], in["server_ms"], "400B", "500B", tls, hit, R"("initial_window": 10)"));
        check(c, event_ms(results.traces.at(0), "first_byte"));
    }
}

TEST_CASE("oracle: rounds of slow start") {
    for (const nlohmann::json& c : cases_of("slowstart_rounds")) {
        const nlohmann::json& in = c["inputs"];
        const std::string leg = fmt::format(R"("initial_window": {}, "mss": "{}B", "timestamps": false)", in["iw"].get<int>(), in["mss"].get<int>());
        const bool hit = in["setup_rtts"] == 0;
        const Results results = run_scenario(
            one_request(in["rtt_ms"], in["server_ms"], "400B", fmt::format("{}B", in["size_bytes"].get<int>()), R"("none")", hit, leg));
        check(c, event_ms(results.traces.at(0), "last_byte"));
    }
}

TEST_CASE("oracle: slow start that stalls on a finite rate") {
    for (const nlohmann::json& c : cases_of("finite_bw_stalls")) {
        const nlohmann::json& in = c["inputs"];
        const int mss = in["mss"], segments = in["segments"];
        const std::string leg = fmt::format(R"("initial_window": {}, "mss": "{}B", "timestamps": false, "delayed_ack": "0ms")",
                                            in["iw"].get<int>(), mss); // the formula acknowledges every segment
        // The formula counts payload; headers of 40 B are made up for by a faster wire.
        const double rate = in["rate_bps"].get<double>() * (mss + 40) / mss;
        const Results results = run_scenario(one_request(in["rtt_s"].get<double>() * 1e3, 0, "400B", fmt::format("{}B", mss * segments),
                                                         R"("none")", false, leg, fmt::format(R"({{"down": "{:.0f}bps"}})", rate)));
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
        const auto rto = std::chrono::microseconds{std::llround(in["rto_min_s"].get<double>() * 1e6)};
        check(c, to_seconds(tcp::give_up_time(rto, in["retries"].get<std::uint32_t>())));
    }
}

TEST_CASE("oracle: smoothed round-trip time and timeout") {
    for (const nlohmann::json& c : cases_of("rto_estimator")) {
        const nlohmann::json& in = c["inputs"];
        tcp::RttEstimator rtt;
        for (const double sample : in["samples_s"]) rtt.add_rfc6298(std::chrono::nanoseconds{std::llround(sample * 1e9)});
        const double rto = to_seconds(rtt.rto(1s, Duration{0}, 120s));
        const double observed = std::max(rto, in["rto_min_s"].get<double>()); // the formula's floor is on the whole timeout
        CAPTURE(c["name"].get<std::string>());
        CHECK(std::abs(observed - c["expected"].get<double>()) <= 10e-6); // microseconds are kept, rounded down at each step
    }
}

TEST_CASE("oracle: a cookie saves one round trip of a new connection") {
    for (const nlohmann::json& c : cases_of("tfo_saving")) {
        const double rtt = c["inputs"]["rtt_ms"];
        const std::string leg = R"("initial_window": 10)";
        const double off = event_ms(run_scenario(one_request(rtt, 0, "400B", "500B", R"("none")", false, leg)).traces.at(0), "first_byte");
        const double on = event_ms(run_scenario(one_request(rtt, 0, "400B", "500B", R"("none")", true, leg)).traces.at(0), "first_byte");
        check(c, off - on);
    }
}

TEST_CASE("oracle: share of 524 where the service time passes the read timeout") {
    for (const nlohmann::json& c : cases_of("p524")) {
        const nlohmann::json& in = c["inputs"];
        const std::string service = in["dist"] == "exponential"
            ? fmt::format(R"({{"dist": "exponential", "mean": "{}s"}})", in["mean_s"].get<double>())
            : fmt::format(R"({{"dist": "lognormal", "median": "{}s", "sigma": {}}})", in["median_s"].get<double>(), in["sigma"].get<double>());
        const Results results = run_scenario(fmt::format(R"({{
          "format": 1, "name": "p524", "run": {{"duration": "3000s", "replications": 1, "seed": 7}}, "pops": [{{"id": "p"}}],
          "origins": [{{"id": "o", "rtt_to": {{"p": "1ms"}}, "service_time": {}}}],
          "clients": [{{"id": "c", "population": 1000, "sessions": "40/s", "rtt_to": {{"p": "1ms"}}}}],
          "workload": {{"objects": [{{"id": "x", "request": "100B", "response": "100B"}}]}},
          "tls": "none", "edge": {{"cache_hit_ratio": 0, "timeouts": {{"read": "{}s"}}}}}})",
            service, in["limit_s"].get<int>()));
        const RequestResults all = all_requests(results);
        const auto late = all.outcomes.find({Cause::ReadTimeout, GeneratedBy::Edge, 0});
        REQUIRE(late != all.outcomes.end());
        check(c, static_cast<double>(late->second) / static_cast<double>(all.ttfb.count()));
    }
}

TEST_CASE("oracle: reuse of a pooled connection under Poisson requests") {
    for (const nlohmann::json& c : cases_of("pool_reuse")) {
        const nlohmann::json& in = c["inputs"];
        const double lambda = in["lambda_per_s"];
        const Results results = run_scenario(fmt::format(R"({{
          "format": 1, "name": "pool", "run": {{"duration": "{:.0f}s", "replications": 4, "seed": 3}}, "pops": [{{"id": "p"}}],
          "origins": [{{"id": "o", "rtt_to": {{"p": "1ms"}}, "service_time": "1ms", "idle_timeout": "100000s"}}],
          "clients": [{{"id": "c", "population": 1000, "sessions": "{}/s", "rtt_to": {{"p": "1ms"}}}}],
          "tls": "none", "edge": {{"cache_hit_ratio": 0, "origin_pool": {{"idle_timeout": "{}s"}}}}}})",
            20'000 / lambda, lambda, in["idle_timeout_s"].get<int>()));
        double reused = 0, requests = 0;
        for (const ReplicationResults& r : results.replications) {
            reused += static_cast<double>(r.origins[0].reused);
            requests += static_cast<double>(r.origins[0].requests);
        }
        check(c, reused / requests);
    }
}
