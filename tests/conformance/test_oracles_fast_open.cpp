// Closed formulas of Fast Open: what it saves and what a blackhole costs, pending connections, rotating keys,
// addresses.
#include "support/oracles.hpp"

using namespace firstbyte;
using namespace firstbyte::test;

namespace {

// Everybody comes in one instant: no queue may be in the way.
constexpr const char* room_for_all = R"("pending_limit": 1000000}, "backlog": 1000000)";

/// Mean time to the first byte of clients that each open one connection, in ms.
double mean_ttfb_ms(const std::string& clients, bool fast_open) {
    const std::string text =
        cached_world(clients, fmt::format(R"("fast_open": {{"enabled": {}, {})", fast_open, room_for_all), 1);
    return all_requests(run_many(text)).ttfb.mean() / 1e6;
}

/// `population` clients with a cookie, of whom `support` use Fast Open, each with one connection.
std::string once_each(const std::string& id, double population, double rtt_ms, double support,
                      const std::string& more) {
    return fmt::format(R"({{"id": "{}", "population": {:.0f}, "rtt_to": {{"p": "{}ms"}}, {}
                           "script": [{{"at": "0s", "steps": [{{"request": "400B", "response": "500B"}}]}}],
                           "tfo": {{"cookie": "held", "support": {}}}}})",
                       id, population, rtt_ms, more, support);
}

double saving_ms(const std::string& clients) { return mean_ttfb_ms(clients, false) - mean_ttfb_ms(clients, true); }

} // namespace

TEST_CASE("oracle: what a cookie saves when first exchanges are lost") {
    for (const nlohmann::json& c : cases_of("tfo_saving")) {
        const nlohmann::json& in = c["inputs"];
        if (!in.contains("P_exchange")) continue;
        // Linux keeps the data that it has accepted and acknowledges it again, so only a lost SYN forfeits the saving
        // (the family's words on validity). That share of clients loses its first SYN, with and without Fast Open.
        const double total = 20'000, lost = in["P_exchange"];
        const double rtt_ms = in["rtt_ms"], hit = in["hit_share"];
        std::string clients = once_each("all", total * (1 - lost), rtt_ms, hit, "");
        if (lost > 0)
            clients +=
                ", " + once_each("lost", total * lost, rtt_ms, hit,
                                 R"("path_rules": [{"dir": "up", "match": "syn", "nth": [1, 1], "do": "drop"}],)");
        check(c, saving_ms(clients));
    }
}

TEST_CASE("oracle: what a share of clients costs whose SYNs with data vanish") {
    for (const nlohmann::json& c : cases_of("tfo_saving")) {
        const nlohmann::json& in = c["inputs"];
        if (!in.contains("p_blackhole")) continue;
        const double total = 20'000, vanish = in["p_blackhole"], rtt_ms = in["rtt_ms"], hit = in["hit_share"];
        std::string clients = once_each("all", total * (1 - vanish), rtt_ms, hit, "");
        if (vanish > 0)
            clients += ", " + once_each("boxed", total * vanish, rtt_ms, hit,
                                        R"("path_rules": [{"dir": "up", "match": "syn_data", "do": "drop"}],)");
        check(c, saving_ms(clients));
    }
}

TEST_CASE("oracle: the share of vanishing SYNs at which Fast Open saves nothing") {
    for (const nlohmann::json& c : cases_of("tfo_saving")) {
        const nlohmann::json& in = c["inputs"];
        if (in.contains("P_exchange") || in.contains("p_blackhole")) continue;
        const double rtt_ms = in["rtt_ms"];
        const double saved = saving_ms(once_each("all", 1, rtt_ms, 1, ""));
        const double lost = -saving_ms(
            once_each("boxed", 1, rtt_ms, 1, R"("path_rules": [{"dir": "up", "match": "syn_data", "do": "drop"}],)"));
        check(c, saved / (saved + lost));
    }
}

TEST_CASE("oracle: Fast Open connections beyond the pending limit, Erlang's loss formula") {
    for (const nlohmann::json& c : cases_of("tfo_pending_queue")) {
        const int limit = c["inputs"]["queue_len"];
        const double offered = c["inputs"]["offered_erlang"];
        // A connection is pending from its SYN to the handshake's ACK, one round trip.
        const double rtt_s = 0.1, rate = offered / rtt_s, samples = 200'000;
        const std::string clients = fmt::format(
            R"({{"id": "c", "population": 1000, "sessions": "{}/s", "rtt_to": {{"p": "{}ms"}}, "tfo": {{"cookie": "held"}}}})",
            rate, rtt_s * 1e3);
        const std::string leg = fmt::format(R"("fast_open": {{"enabled": true, "pending_limit": {}}})", limit);
        const Results results = run_many(cached_world(clients, leg, samples / rate), 0, 3);
        const ReplicationResults& got = results.replications.at(0);
        CHECK(got.edge_tfo.passive + got.edge_tfo.listen_overflow == got.connections.at(0).opened);
        check(c, static_cast<double>(got.edge_tfo.listen_overflow) / static_cast<double>(got.connections.at(0).opened));
    }
}

TEST_CASE("oracle: cookies under key rotation, one visit after the cookie was given") {
    for (const nlohmann::json& c : cases_of("cookie_key_rotation")) {
        const nlohmann::json& in = c["inputs"];
        const double period_s = in["rotation_s"], mean_gap_s = in["mean_gap_s"];
        // Not random: the phases of the first visit and the quantiles of the exponential gap lie evenly in the unit
        // square (a Kronecker sequence of the golden ratio).
        constexpr int count = 1000;
        std::string clients, events;
        double end_s = 0;
        for (int n = 0; n < count; ++n) {
            const double quantile = std::fmod((n + 0.5) * (std::sqrt(5.0) - 1) / 2, 1.0);
            const double first_s = period_s * (n + 0.5) / count;
            const double second_s = first_s - mean_gap_s * std::log(1 - quantile) + 1; // after the first has ended
            end_s = std::max(end_s, second_s);
            const char* const steps = R"("steps": [{"request": "400B", "response": "500B"}])";
            clients += fmt::format(R"({}{{"id": "c{}", "population": 1, "rtt_to": {{"p": "1ms"}},
                                          "script": [{{"at": "{:.3f}s", {}}}, {{"at": "{:.3f}s", {}}}]}})",
                                   n == 0 ? "" : ", ", n, first_s, steps, second_s, steps);
        }
        for (int n = 1; n * period_s < end_s; ++n)
            events += fmt::format(R"({}{{"at": "{}s", "do": "rotate_tfo_key", "keep_old": {}}})", n == 1 ? "" : ", ",
                                  n * period_s, in["keep_previous"].get<bool>());
        const Results results =
            run_many(cached_world(clients, R"("fast_open": true)", std::ceil(end_s) + 1, 500, events));
        const FastOpenCounters& got = results.replications.at(0).client_tfo;
        CHECK(got.active + got.active_fail == count);
        check(c, static_cast<double>(got.active) / count);
    }
}

TEST_CASE("oracle: one visit before, from one of several client addresses") {
    // A cookie belongs to a pair of addresses, so that one earlier visit makes the formula hold for the client's too.
    for (const nlohmann::json& c : cases_of("cookie_multi_ip")) {
        if (c["inputs"]["earlier_visits"] != 1) continue;
        const double population = 20'000;
        const std::string clients = fmt::format(
            R"({{"id": "c", "population": {:.0f}, "rtt_to": {{"p": "1ms"}}, "tfo": {{"public_ips": {}}},
                 "script": [{{"at": "0s", "steps": [{{"request": "400B", "response": "500B"}}]}},
                            {{"at": "1s", "steps": [{{"request": "400B", "response": "500B"}}]}}]}})",
            population, c["inputs"]["addresses"].get<int>());
        const Results results =
            run_many(cached_world(clients, fmt::format(R"("fast_open": {{"enabled": true, {})", room_for_all), 2));
        check(c, static_cast<double>(results.replications.at(0).client_tfo.active) / population);
    }
}
