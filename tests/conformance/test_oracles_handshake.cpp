// Closed formulas of the handshake under independent loss. Clients come one by one and ask for one small response;
// what counts is when, and whether, the SYN-ACK comes.
#include "support/oracles.hpp"

using namespace firstbyte;
using namespace firstbyte::test;

namespace {

/// Loss of each direction, `access.loss`, at which an exchange of SYN and SYN-ACK fails with probability `exchange`.
/// The formulas of this file in which only the client repeats depend on that probability alone.
double loss_of_each_direction(double exchange) { return 1 - std::sqrt(1 - exchange); }

ConnectionResults connections(double rtt_s, double loss, const std::string& leg, int count) {
    const int per_second = 1000;
    const std::string clients = fmt::format(
        R"({{"id": "c", "population": 1000, "sessions": "{}/s", "rtt_to": {{"p": "{}ms"}}, "access": {{"loss": {}}}}})",
        per_second, rtt_s * 1e3, loss);
    return run_many(cached_world(clients, leg, count / per_second), 0, 3).replications.at(0).connections.at(0);
}

/// The client's ladder doubles from `rto_s`. The server forgets a half-open connection before the next SYN comes and
/// repeats nothing by itself: one SYN-ACK for each SYN.
std::string client_driven(double rto_s, int retries) {
    return fmt::format(R"("syn_rto": "{}s", "syn_linear_timeouts": 0, "syn_retries": {},
                          "server": {{"syn_rto": "{}s", "synack_retries": 0}})",
                       rto_s, retries, rto_s / 2);
}

double exchange_loss(const nlohmann::json& in) {
    if (in.contains("P_exchange")) return in["P_exchange"];
    return 1 - (1 - in["p_forward"].get<double>()) * (1 - in["p_reverse"].get<double>());
}

} // namespace

TEST_CASE("oracle: connections that fail because every SYN or its answer is lost") {
    for (const nlohmann::json& c : cases_of("p522_loss")) {
        const nlohmann::json& in = c["inputs"];
        // Waits of 1, 2, 4 and 8 s: the fourth SYN's ends at the deadline of 15 s.
        const double exchange = exchange_loss(in);
        const double expected = c["expected"];
        const int samples = expected < 0.002 ? 500'000 : expected < 0.005 ? 250'000 : 80'000;
        const ConnectionResults got =
            connections(in["rtt_s"], loss_of_each_direction(exchange), client_driven(in["initial_rto_s"], 3), samples);
        check(c, static_cast<double>(got.opened - got.connect.count()) / static_cast<double>(got.opened));
    }
}

TEST_CASE("oracle: with a SYN-ACK timer of the server's own fewer connections fail, and more than lost SYNs explain") {
    // The family's words on validity; Linux's listener has that timer. Four SYNs, as above.
    const double loss = 0.3, exchange = 1 - (1 - loss) * (1 - loss);
    const ConnectionResults got = connections(0.05, loss, R"("syn_linear_timeouts": 0, "syn_retries": 3)", 50'000);
    const double share = static_cast<double>(got.opened - got.connect.count()) / static_cast<double>(got.opened);
    CHECK(share < std::pow(exchange, 4));
    CHECK(share > std::pow(loss, 4));
}

TEST_CASE("oracle: mean time of a handshake that the client alone repeats") {
    for (const nlohmann::json& c : cases_of("handshake_mean")) {
        const nlohmann::json& in = c["inputs"];
        // "Unlimited" retries: the sixteenth would come after eighteen hours.
        const int retries = in.value("n_syn", 17) - 1;
        const ConnectionResults got = connections(in["rtt_s"], loss_of_each_direction(exchange_loss(in)),
                                                  client_driven(in["initial_rto_s"], retries), 100'000);
        check(c, got.connect.mean() / 1e9);
    }
}

TEST_CASE("oracle: mean time of a handshake in which both ends repeat (Cardwell, Savage, Anderson)") {
    for (const nlohmann::json& c : cases_of("handshake_cardwell")) {
        const nlohmann::json& in = c["inputs"];
        // The loss of each direction that gives both ladders together the same mean: (1-p)/(1-2p) = their average.
        const auto ladder = [](double p) { return (1 - p) / (1 - 2 * p); };
        const double mean = (ladder(in["p_forward"]) + ladder(in["p_reverse"])) / 2;
        const double loss = (mean - 1) / (2 * mean - 1);
        // The simulated client goes on repeating its SYN in the second phase, which the formula leaves out: O(p^2).
        const double rto = in["initial_rto_s"];
        const std::string leg =
            fmt::format(R"("syn_rto": "{}s", "syn_linear_timeouts": 0, "syn_retries": 16, "synack_retries": 16)", rto);
        check(c, connections(in["rtt_s"], loss, leg, 100'000).connect.mean() / 1e9);
    }
}
