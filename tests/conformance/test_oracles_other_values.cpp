// tools/validate oracles knows families, not cases: values that no shipped file has, expected by the tests' own
// formulas.
#include "support/oracle_formulas.hpp"
#include "validation/oracles.hpp"

#include <doctest/doctest.h>
#include <nlohmann/json.hpp>

#include <cmath>
#include <cstddef>
#include <cstdint>
#include <string>
#include <tuple>
#include <utility>
#include <vector>

using namespace firstbyte;
using namespace firstbyte::validate;
using nlohmann::json;

namespace {

struct Other {
    std::string family;
    json inputs;
    double expected = 0, tolerance = 0; ///< relative
    std::uint64_t samples = 0;          ///< as a file's min_samples; 0: exact
    double absolute = 0;
    std::string unit = "s";
};

/// Runs all and holds each, and sees that another expected value would be missed.
void hold(const std::vector<Other>& rows, double scale) {
    json cases = json::array();
    for (const Other& row : rows)
        cases.push_back({{"name", row.family + " " + row.inputs.dump()},
                         {"family", row.family},
                         {"unit", row.unit},
                         {"inputs", row.inputs},
                         {"expected", row.expected},
                         {"rel_tolerance", row.tolerance},
                         {"abs_tolerance", row.absolute},
                         {"min_samples", row.samples}});
    OracleOptions options;
    options.scale = scale;
    options.jobs = 2;
    const std::vector<OracleResult> results =
        run_oracles(parse_oracles(json{{"cases", cases}}.dump(), "other.json"), options);
    REQUIRE(results.size() == rows.size());
    for (const OracleResult& result : results) {
        CAPTURE(result.given.name);
        CAPTURE(result.given.expected);
        CAPTURE(result.observed.value);
        CAPTURE(result.refused);
        CHECK(result.judged());
        CHECK(result.met());
        CHECK(!result.short_of_samples());
        OracleResult wrong = result; // what is tolerated would not hide a wrong rule
        wrong.given.expected = result.given.expected * 1.5 + 2 * result.given.absolute_tolerance;
        if (result.tolerance < 0.3 * result.given.expected) CHECK(!wrong.met());
    }
}

} // namespace

TEST_CASE("other values: round trips and timers, exact") {
    std::vector<Other> rows;
    const std::pair<const char*, int> modes[] = {
        {"http_tcp", 2},   {"http_tfo_hit", 1},       {"tls12_full", 4}, {"tls12_full_tfo_hit", 3},
        {"tls13_full", 3}, {"tls13_full_tfo_hit", 2}, {"tls13_0rtt", 2}, {"tls13_0rtt_tfo_hit", 1}};
    for (const auto& [mode, round_trips] : modes)
        rows.push_back(
            {"ttfb_rtts", {{"mode", mode}, {"rtt_ms", 47}, {"server_ms", 13}}, round_trips * 47.0 + 13, 1e-9});
    for (const int setup : {0, 1}) {
        const double rounds = formulas::slow_start_rounds(std::ceil(250'000 / 1200.0), 6);
        rows.push_back({"slowstart_rounds",
                        {{"size_bytes", 250'000},
                         {"mss", 1200},
                         {"iw", 6},
                         {"setup_rtts", setup},
                         {"rtt_ms", 65},
                         {"server_ms", 4}},
                        (setup + rounds) * 65 + 4,
                        1e-9});
    }
    for (const double rate : {2e6, 8e6, 5e7})
        rows.push_back(
            {"finite_bw_stalls",
             {{"rtt_s", 0.05}, {"rate_bps", rate}, {"segments", 60}, {"mss", 1000}, {"iw", 4}, {"setup_rtts", 1}},
             formulas::stalled_transfer_s(0.05, rate, 60, 1000, 4, 1),
             1e-3});
    rows.push_back({"syn_ladder", {{"initial_rto_s", 2}, {"retry_index", 4}}, 30, 1e-9});
    rows.push_back({"syn_ladder", {{"initial_rto_s", 0.5}, {"retry_index", 6}}, 31.5, 1e-9});
    rows.push_back({"syn_ladder", {{"initial_rto_s", 0.5}, {"deadline_s", 20}, {"max_retries", 6}}, 6, 0});
    for (const auto& [rto, most, retries] :
         {std::tuple{0.2, 120.0, 6}, {0.2, 30.0, 11}, {0.3, 60.0, 9}, {1.0, 120.0, 5}})
        rows.push_back({"data_rto_ladder",
                        {{"rto_min_s", rto}, {"rto_max_s", most}, {"retries", retries}},
                        formulas::ladder_s(rto, most, retries),
                        1e-9});
    // Retransmissions before 50 s: at 0.4, 1.2, 2.8, 6, 12.4, 25.2 s.
    rows.push_back({"data_rto_ladder", {{"initial_rto_s", 0.4}, {"rto_max_s", 120}, {"deadline_s", 50}}, 6, 0});
    rows.push_back({"keepalive_dead_peer", {{"idle_s", 45}, {"interval_s", 11}, {"count", 4}}, 89, 1e-9});
    for (const std::vector<double>& samples :
         {std::vector{0.0831, 0.1207, 0.0911, 0.3003, 0.0777}, {1.7, 0.2, 0.2}, {0.0333}})
        rows.push_back(
            {"rto_estimator", {{"samples_s", samples}, {"rto_min_s", 0.05}}, formulas::rto_s(samples, 0.05), 1e-9});
    hold(rows, 1);
}

TEST_CASE("other values: routing and distance, exact") {
    std::vector<Other> rows{{"bgp_chain", {{"as_hops", 7}, {"per_hop_delay_s", 0.3}, {"mrai_s", 0}}, 2.1, 1e-9}};
    const auto clique = [&](int n, double mrai, const char* attached, double delay, double expected) {
        rows.push_back(
            {"bgp_clique_tdown",
             {{"mesh_ases", n}, {"mrai_s", mrai}, {"origin_attached_to", attached}, {"message_delay_s", delay}},
             expected,
             1e-6,
             0,
             3 * delay});
    };
    clique(5, 20, "one", 0.02, 2 * 20 + 2 * 0.02);
    clique(8, 12, "one", 0.1, 5 * 12 + 2 * 0.1);
    clique(6, 25, "all", 0.03, 4 * 25 + 0.03);
    clique(7, 0, "one", 0.2, 6 * 0.2);
    const double places[][4] = {
        {59.33, 18.07, -1.29, 36.82}, {0, 0, 0, 90}, {-23.55, -46.63, 1.35, 103.82}, {64.15, -21.94, -36.85, 174.76}};
    for (const auto& [lat1, lon1, lat2, lon2] : places)
        rows.push_back({"geo_rtt",
                        {{"lat1", lat1}, {"lon1", lon1}, {"lat2", lat2}, {"lon2", lon2}, {"refractive_index", 1.468}},
                        formulas::fibre_rtt_ms(lat1, lon1, lat2, lon2, 1.468),
                        0.002,
                        0,
                        0,
                        "ms"});
    hold(rows, 1);
}

TEST_CASE("other values: handshakes under loss") {
    const auto exchange = [](double up, double down) { return 1 - (1 - up) * (1 - down); };
    hold({{"p522_loss",
           {{"p_forward", 0.25}, {"p_reverse", 0.05}, {"initial_rto_s", 1}, {"deadline_s", 10}, {"rtt_s", 0.03}},
           std::pow(exchange(0.25, 0.05), 4),
           0.08,
           500'000}, // SYNs at 0, 1, 3, 7 s
          {"p522_loss",
           {{"p_forward", 0.1}, {"p_reverse", 0.2}, {"initial_rto_s", 3}, {"deadline_s", 15}, {"rtt_s", 0.1}},
           std::pow(exchange(0.1, 0.2), 3),
           0.08,
           500'000}, // at 0, 3, 9 s
          {"handshake_mean",
           {{"rtt_s", 0.07}, {"initial_rto_s", 1}, {"p_forward", 0.03}, {"p_reverse", 0.02}},
           formulas::handshake_s(0.07, 1, exchange(0.03, 0.02), 18),
           0.03,
           1'000'000},
          {"handshake_mean",
           {{"rtt_s", 0.03}, {"initial_rto_s", 3}, {"P_exchange", 0.2}, {"n_syn", 3}},
           formulas::handshake_s(0.03, 3, 0.2, 3),
           0.02,
           500'000},
          {"handshake_cardwell",
           {{"rtt_s", 0.06}, {"initial_rto_s", 2}, {"p_forward", 0.03}, {"p_reverse", 0.01}},
           0.06 + 2 * (0.99 / 0.98 + 0.97 / 0.94 - 2),
           0.05,
           1'000'000}},
         0.02);
}

TEST_CASE("other values: more handshakes than an edge has ports for do not stand in one another's way") {
    hold({{"p522_loss",
           {{"p_forward", 0.2}, {"p_reverse", 0.1}, {"initial_rto_s", 3}, {"deadline_s", 15}, {"rtt_s", 0.1}},
           std::pow(1 - 0.8 * 0.9, 3),
           0.08,
           400'000}},
         1);
}

TEST_CASE("other values: Fast Open") {
    const double never = std::exp(-900.0 / 1200), twice = std::exp(-2 * 900.0 / 1200), ratio = 1200.0 / 900;
    hold(
        {{"tfo_saving", {{"rtt_ms", 70}, {"P_exchange", 0.05}, {"hit_share", 0.4}}, 0.4 * 0.95 * 70, 0.02, 200'000},
         {"tfo_saving",
          {{"rtt_ms", 70}, {"initial_rto_ms", 3000}, {"p_blackhole", 0.02}, {"hit_share", 0.5}},
          0.5 * (0.98 * 70 - 0.02 * 3000),
          0.03,
          1'000'000,
          1},
         {"tfo_saving",
          {{"rtt_ms", 40}, {"initial_rto_ms", 500}, {"p_blackhole", 0.01}, {"hit_share", 1}},
          0.99 * 40 - 0.01 * 500,
          0.03,
          1'000'000,
          1},
         {"tfo_saving", {{"rtt_ms", 80}, {"initial_rto_ms", 3000}}, 80.0 / 3080, 1e-9},
         {"cookie_key_rotation",
          {{"rotation_s", 900}, {"mean_gap_s", 1200}, {"keep_previous", true}},
          1 - ratio * (never - twice),
          0.02,
          200'000},
         {"cookie_key_rotation",
          {{"rotation_s", 900}, {"mean_gap_s", 1200}, {"keep_previous", false}},
          1 - ratio * (1 - never),
          0.02,
          200'000},
         {"cookie_multi_ip", {{"addresses", 5}, {"earlier_visits", 2}}, 1 - 0.8 * 0.8, 0.02, 100'000},
         {"tfo_pending_queue", {{"queue_len", 8}, {"offered_erlang", 6}}, formulas::erlang_b(8, 6), 0.05, 500'000},
         {"tfo_pending_queue", {{"queue_len", 30}, {"offered_erlang", 24}}, formulas::erlang_b(30, 24), 0.05, 500'000}},
        0.05);
}

TEST_CASE("other values: transfers under loss") {
    const auto slow_start_s = [](double rtt_s, double loss, double segments, double window, double gamma) {
        return rtt_s * std::log(formulas::slow_start_segments(segments, loss) * (gamma - 1) / window + 1) /
               std::log(gamma);
    };
    std::vector<Other> rows;
    for (const int b : {1, 2}) {
        rows.push_back({"mathis",
                        {{"mss", 1200}, {"rtt_s", 0.06}, {"p", 0.004}, {"b", b}},
                        formulas::mathis(1200, 0.06, 0.004, b),
                        0.25,
                        0,
                        0,
                        "bytes/s"});
        rows.push_back({"pftk",
                        {{"mss", 1400}, {"rtt_s", 0.12}, {"p", 0.015}, {"t0_s", 0.6}, {"b", b}},
                        formulas::padhye(1400, 0.12, 0.015, b, 0.6),
                        0.3,
                        0,
                        0,
                        "bytes/s"});
        const double gamma = 1 + 1.0 / b;
        rows.push_back({"cardwell_tss",
                        {{"rtt_s", 0.08}, {"p", 0.005}, {"segments", 200}, {"w1", 4}, {"gamma", gamma}},
                        slow_start_s(0.08, 0.005, 200, 4, gamma),
                        0.1,
                        0,
                        0.08});
    }
    rows.push_back(
        {"cardwell_dss", {{"p", 0.03}, {"segments", 35}}, formulas::slow_start_segments(35, 0.03), 0.02, 200'000});
    rows.push_back({"any_loss", {{"p", 0.01}, {"segments", 25}}, 1 - std::pow(0.99, 25), 0.02, 200'000});
    hold(rows, 0.02);
}

TEST_CASE("other values: queues and deadlines") {
    const double eight_busy = formulas::erlang_c(8, 6.5);
    hold({{"mm1", {{"lambda_per_s", 14}, {"mu_per_s", 20}}, 1.0 / 6, 0.02, 1'000'000},
          {"mm1", {{"lambda_per_s", 184}, {"mu_per_s", 200}}, 1.0 / 16, 0.04, 1'000'000},
          {"mmc", {{"lambda_per_s", 65}, {"mu_per_s", 10}, {"servers", 8}}, eight_busy / 15, 0.05, 1'000'000},
          {"mmc",
           {{"lambda_per_s", 65}, {"mu_per_s", 10}, {"servers", 8}},
           eight_busy,
           0.05,
           1'000'000,
           0,
           "probability"},
          {"md1", {{"lambda_per_s", 44}, {"mu_per_s", 50}}, formulas::mg1_wait_s(44, 0.02, 0), 0.04, 1'000'000},
          {"mg1_lognormal",
           {{"lambda_per_s", 12}, {"mean_service_s", 0.05}, {"sigma", 0.8}},
           formulas::mg1_wait_s(12, 0.05, std::exp(0.64) - 1),
           0.06,
           2'000'000},
          {"mm1k", {{"rho", 0.9}, {"capacity", 6}}, formulas::mm1k_refused(0.9, 6), 0.04, 2'000'000},
          {"mm1k", {{"rho", 1.5}, {"capacity", 12}}, formulas::mm1k_refused(1.5, 12), 0.04, 2'000'000},
          {"p524", {{"dist", "exponential"}, {"mean_s", 25}, {"limit_s", 60}}, std::exp(-60.0 / 25), 0.05, 200'000},
          {"p524",
           {{"dist", "lognormal"}, {"median_s", 8}, {"sigma", 1.2}, {"limit_s", 60}},
           0.5 * std::erfc(std::log(60.0 / 8) / 1.2 / std::sqrt(2.0)),
           0.05,
           300'000},
          {"p524",
           {{"dist", "mm1_response"}, {"lambda_per_s", 0.05}, {"mu_per_s", 0.09}, {"limit_s", 60}},
           std::exp(-0.04 * 60),
           0.06,
           1'000'000}},
         0.03);
}

TEST_CASE("other values: caches") {
    const auto cache = [](const char* policy, int objects, double alpha, int capacity, double tolerance) {
        return Other{"che",
                     {{"policy", policy}, {"objects", objects}, {"alpha", alpha}, {"capacity", capacity}},
                     formulas::cache_hits(formulas::zipf(objects, alpha), capacity, std::string(policy) == "LRU"),
                     tolerance,
                     2'000'000};
    };
    const auto ttl = [](int objects, double alpha, double per_s, double ttl_s, bool renewed) {
        return Other{"ttl_cache",
                     {{"rate_per_s", per_s},
                      {"objects", objects},
                      {"alpha", alpha},
                      {"ttl_s", ttl_s},
                      {"reset_on_hit", renewed}},
                     formulas::ttl_hits(formulas::zipf(objects, alpha), per_s, ttl_s, renewed),
                     0.01,
                     1'000'000};
    };
    const std::vector<double> popularity = formulas::zipf(3000, 0.85);
    double top = 0;
    for (std::size_t n = 0; n < 40; ++n) top += popularity[n];
    hold({cache("LRU", 4000, 0.9, 300, 0.01),
          cache("FIFO", 2500, 1.1, 200, 0.015),
          ttl(2000, 0.8, 20, 90, false),
          ttl(700, 1.1, 5, 40, true),
          {"zipf_top", {{"objects", 3000}, {"alpha", 0.85}, {"top", 40}}, top, 0.01, 1'000'000}},
         0.02);
}

TEST_CASE("other values: pools and changes of routes") {
    const double reused = 1 - std::exp(-0.008 * 150);
    hold(
        {{"pool_reuse", {{"lambda_per_s", 0.008}, {"idle_timeout_s", 150}}, reused, 0.02, 200'000},
         {"pool_reuse", {{"lambda_per_s", 2e-5}, {"idle_timeout_s", 40'000}}, 1 - std::exp(-0.8), 0.02, 200'000},
         {"pool_split",
          {{"lambda_per_s", 3}, {"idle_timeout_s", 30}, {"pools", 60}},
          1 - std::exp(-1.5),
          0.02,
          200'000},
         {"pool_lifetime", {{"lambda_per_s", 0.02}, {"idle_timeout_s", 70}}, (std::exp(1.4) - 1) / 0.02, 0.03, 100'000},
         {"pool_lifetime",
          {{"lambda_per_s", 0.008}, {"idle_timeout_s", 150}, {"max_requests", 5}},
          (1 - std::pow(reused, 5)) / (1 - reused),
          0.03,
          100'000,
          0,
          "requests per connection"},
         {"pool_mru",
          {{"lambda_per_s", 3}, {"mean_hold_s", 1.5}, {"idle_timeout_s", 2}, {"policy", "MRU"}},
          formulas::most_recent_pool_new(3, 1.5, 2),
          0.04,
          2'000'000},
         {"flip_break", {{"flip_rate_per_s", 2e-4}, {"duration_s", 600}}, 1 - std::exp(-0.12), 0.03, 500'000},
         {"flip_break", {{"flip_rate_per_s", 1e-3}, {"duration_s", 1000}}, 1 - std::exp(-1), 0.03, 500'000}},
        0.03);
}

TEST_CASE("other values: the formulas of these tests give worked values of the literature") {
    // Erlang's tables: 5 servers offered 2 lose 3.67 %; two servers offered 1.5 make 64.3 % wait.
    CHECK(formulas::erlang_b(5, 2) == doctest::Approx(0.0367).epsilon(0.001));
    CHECK(formulas::erlang_c(2, 1.5) == doctest::Approx(0.6429).epsilon(0.001));
    // The kernel documentation of tcp_retries2: 924.6 s for 15.
    CHECK(formulas::ladder_s(0.2, 120, 15) == doctest::Approx(924.6));
    // A quarter of the equator, there and back.
    CHECK(formulas::fibre_rtt_ms(0, 0, 0, 90, 1) == doctest::Approx(2 * 10'007.557 / 299.792458));
    // A pool whose connections are held for no time is a renewal process.
    CHECK(formulas::most_recent_pool_new(1, 1e-3, 1) == doctest::Approx(std::exp(-1)).epsilon(2e-3));
}
