// Middleboxes by share of clients: each failure of Fast Open has the effect that the semantics reference, section 3.5,
// and the records mbox_* give it; and how many clients are behind one is what the share says.
#include "support/experiment.hpp"

#include <doctest/doctest.h>

#include <cmath>

using namespace firstbyte;
using namespace firstbyte::test;

namespace {

const std::string request = R"({ "request": "400B", "response": "500B" })";
const std::string fast = R"({ "fast_open": true })";

std::string twice() { return entry(request) + ", " + entry(request, "", R"("after": "100ms")"); }

} // namespace

TEST_CASE("middleboxes: what each does to two connections in a row") {
    struct Row {
        const char *name, *tfo;
        double first_byte_ms[2];
        std::uint64_t active[2], active_fail[2], passive[2];
    };
    const Row rows[] = {
        {"none, cookie held", R"("cookie": "held")", {100, 100}, {1, 1}, {0, 0}, {1, 1}},
        {"option stripped, no cookie: it never comes", R"("option_stripped": 1)", {200, 200}, {0, 0}, {0, 0}, {0, 0}},
        {"option stripped, cookie held: the data is ignored (mbox_strip_option_with_cookie)",
         R"("cookie": "held", "option_stripped": 1)",
         {200, 200},
         {0, 0},
         {1, 1},
         {0, 0}},
        {"data stripped: the server takes an empty child",
         R"("cookie": "held", "data_stripped": "100%")",
         {200, 200},
         {0, 0},
         {1, 1},
         {1, 1}},
        {"data stripped, no cookie yet: the first request has none",
         R"("data_stripped": 1)",
         {200, 200},
         {0, 0},
         {0, 1},
         {0, 1}},
        {"SYN with data dropped (mbox_drop_syndata_default)",
         R"("cookie": "held", "syn_data_dropped": 1)",
         {1'200, 1'200},
         {0, 0},
         {1, 1},
         {0, 0}},
        {"SYN with data dropped, no cookie yet", R"("syn_data_dropped": 1)", {200, 1'200}, {0, 0}, {0, 1}, {0, 0}},
        {"SYN with the option dropped (mbox_drop_tfo_option)",
         R"("option_dropped": 1)",
         {1'200, 1'200},
         {0, 0},
         {0, 0},
         {0, 0}},
    };
    for (const Row& row : rows) {
        CAPTURE(std::string(row.name));
        const std::vector<TraceConnection> traces =
            Experiment{twice(), fast, "", std::string(R"(, "tfo": { )") + row.tfo + " }"}.traces();
        REQUIRE(traces.size() == 2);
        for (std::size_t n = 0; n < 2; ++n) {
            CAPTURE(n);
            CHECK(event_ms(traces[n], "first_byte") == doctest::Approx(row.first_byte_ms[n]));
            CHECK(traces[n].counters_client.active == row.active[n]);
            CHECK(traces[n].counters_client.active_fail == row.active_fail[n]);
            CHECK(traces[n].counters_server.passive == row.passive[n]);
        }
    }
}

TEST_CASE("middleboxes: a blackhole swallows everything behind a Fast Open handshake, and nothing else") {
    const std::vector<TraceConnection> traces =
        Experiment{entry(request, R"(, "tcp": { "fast_open": "off" })") + ", " +
                       entry(request, R"(, "read_deadline": "10s")", R"("after": "100ms")") + ", " +
                       entry(request, R"(, "read_deadline": "10s")", R"("after": "100ms")"),
                   fast, "", R"(, "tfo": { "blackholed": 1 })"}
            .traces();
    REQUIRE(traces.size() == 3);
    CHECK(event_ms(traces[0], "last_byte") == doctest::Approx(200));
    CHECK(event_ms(traces[1], "last_byte") == doctest::Approx(200)); // it only asked for a cookie
    CHECK(traces[2].error == "EAGAIN");
    CHECK(has_event(traces[2], "connected")); // the SYN-ACK passed
    CHECK_FALSE(has_event(traces[2], "first_byte"));
    for (const TracePacket& packet : traces[2].packets)
        if ((packet.flags & 2) == 0) CHECK(packet.act == TracePacket::Act::Drop);
}

TEST_CASE("middleboxes: the share of clients behind one is the scenario's, each client's for good") {
    constexpr int clients = 2'000;
    constexpr double share = 0.3;
    Experiment experiment{entry(request) + ", " + entry(request, "", R"("after": "2s")"), fast, "",
                          R"(, "tfo": { "cookie": "held", "syn_data_dropped": "30%" })"};
    experiment.population = clients;
    const std::vector<TraceConnection> traces = experiment.traces();
    std::vector<int> dropped(clients);
    for (const TraceConnection& trace : traces) dropped[trace.member] += event_ms(trace, "first_byte") > 1'000 ? 1 : 0;
    const auto behind = std::count(dropped.begin(), dropped.end(), 2);
    CHECK(std::count(dropped.begin(), dropped.end(), 1) == 0);
    // Five standard deviations of the binomial distribution.
    CHECK(std::abs(static_cast<double>(behind) - clients * share) < 5 * std::sqrt(clients * share * (1 - share)));
}

TEST_CASE("middleboxes: behind a pool of n addresses a cookie fits one connection in n (CGNAT, RFC 7413 section 7.1)") {
    constexpr int clients = 1'000;
    const std::string roomy = R"({ "fast_open": { "enabled": true, "pending_limit": 1000 } })"; // they come all at once
    Experiment experiment{entry(request) + ", " + entry(request, "", R"("after": "1s")"), roomy, "",
                          R"(, "tfo": { "public_ips": 4 })"};
    experiment.population = clients;
    std::uint64_t accepted = 0, wrong = 0;
    for (const TraceConnection& trace : experiment.traces()) {
        accepted += trace.counters_server.passive;
        wrong += trace.counters_server.passive_fail;
    }
    CHECK(accepted + wrong == clients); // every second connection had a cookie
    CHECK(std::abs(static_cast<double>(accepted) - clients / 4.0) < 5 * std::sqrt(clients * 0.25 * 0.75));
}
