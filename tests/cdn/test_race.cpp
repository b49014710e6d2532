// Clients that dial a plain connection beside each with Fast Open and send their request on both (clients[].tfo.race).
// Round trips of the semantics reference, section 3.8: a request on a new connection takes 2 Rc, with Fast Open Rc, and
// 1 s more where its SYN is dropped and comes again bare. A race takes the least of both.
#include "support/simulation.hpp"

#include <doctest/doctest.h>
#include <fmt/format.h>

#include <algorithm>
#include <string>

using namespace firstbyte;
using namespace firstbyte::test;
using namespace std::chrono_literals;

namespace {

constexpr double rc = 100, ro = 20, service = 50; ///< ms

/// Sessions of one request each, 100 ms from the PoP, whose origin takes a new connection for every request.
struct Race {
    std::string tfo = R"("cookie": "held")"; ///< of the clients
    std::string client = "";                 ///< their further keys
    std::string top = "";                    ///< further keys of the scenario
    std::string tls = R"("none")";
    std::string hits = "0";
    std::string origin = R"("service_time": "50ms")";
    std::string run = R"("duration": "60s")";
    std::string edge = "";

    [[nodiscard]] Results results(bool race, bool fast_open = true) const {
        return run_scenario(fmt::format(
            R"({{"format": 1, "name": "race", "run": {{{}, "replications": 1, "seed": 3}}, "pops": [{{"id": "p"}}],
              "origins": [{{"id": "o", "rtt_to": {{"p": "20ms"}}, "requests_per_connection": 1, {}}}],
              "clients": [{{"id": "c", "population": 10, "sessions": "2/s", "rtt_to": {{"p": "100ms"}}, "tfo": {{{}, "race": {}}}{}}}],
              "tls": {}, "edge": {{"cache_hit_ratio": {}, "processing": "0ms"{}}},
              "tcp": {{"client_edge": {{"fast_open": {}}}}}{}}})",
            run, origin, tfo, race, client, tls, hits, edge, fast_open, top));
    }
};

const ReplicationResults& only(const Results& results) { return results.replications.at(0); }

/// Least and greatest time to first byte in ms; histograms hold them exactly.
struct Range {
    double least = 0, most = 0;
};
Range ttfb(const Results& results) {
    const RequestResults all = all_requests(results);
    REQUIRE(!all.ttfb.empty());
    return {static_cast<double>(all.ttfb.min()) / 1e6, static_cast<double>(all.ttfb.max()) / 1e6};
}

void check_all(const Results& results, double wanted_ms) {
    CHECK(ttfb(results).least == doctest::Approx(wanted_ms).epsilon(1e-9));
    CHECK(ttfb(results).most == doctest::Approx(wanted_ms).epsilon(1e-9));
}

void check_books(const Results& results) {
    const Books& books = only(results).books;
    CHECK(books.balanced());
    CHECK(books.requests_open == 0);
    std::uint64_t outcomes = 0;
    for (const auto& [key, count] : all_requests(results).outcomes) outcomes += count;
    CHECK(outcomes == books.requests_started); // no warm-up: each request has one outcome, however often it was sent
}

std::uint64_t requests(const Results& results) { return only(results).books.requests_started; }

std::uint64_t count_of(const Results& results, Cause cause) {
    std::uint64_t sum = 0;
    for (const auto& [key, count] : all_requests(results).outcomes) sum += key.cause == cause ? count : 0;
    return sum;
}

std::uint64_t total(const Results& results) {
    std::uint64_t sum = 0;
    for (const auto& [key, count] : all_requests(results).outcomes) sum += count;
    return sum;
}

} // namespace

TEST_CASE("race: the saving where Fast Open passes, plain connections' time where it is dropped") {
    struct Row {
        const char *name, *tfo;
        double plain, fast, race;
    };
    const double behind = 2 * ro + service; // handshake, request and response of the origin leg
    const Row rows[] = {
        {"passes", R"("cookie": "held")", 2 * rc, rc, rc},
        {"dropped", R"("cookie": "held", "syn_data_dropped": 1)", 2 * rc, 2 * rc + 1000, 2 * rc},
        {"the option alone is dropped", R"("option_dropped": 1)", 2 * rc, 2 * rc + 1000, 2 * rc},
        {"data stripped", R"("cookie": "held", "data_stripped": 1)", 2 * rc, 2 * rc, 2 * rc},
        {"option stripped", R"("cookie": "held", "option_stripped": 1)", 2 * rc, 2 * rc, 2 * rc},
    };
    for (const Row& row : rows) {
        CAPTURE(std::string(row.name));
        const Race world{row.tfo};
        const Results plain = world.results(false, false), fast = world.results(false), race = world.results(true);
        check_all(plain, row.plain + behind);
        check_all(fast, row.fast + behind);
        check_all(race, std::min(row.plain, row.fast) + behind);
        check_all(race, row.race + behind);
        check_books(race);
        CHECK(requests(race) == requests(plain));
        CHECK(requests(race) > 90);
        CHECK(count_of(race, Cause::OriginReplied) == requests(race));
    }
}

TEST_CASE("race: where some paths drop, each request takes the lesser of its two times") {
    const Race world{R"("cookie": "held", "syn_data_dropped": "40%")", "", R"(, "output": {"records": 1})"};
    const std::vector<RequestRecord> plain = only(world.results(false, false)).records,
                                     fast = only(world.results(false)).records,
                                     race = only(world.results(true)).records;
    const auto of = [](const std::vector<RequestRecord>& records, const RequestRecord& same) {
        const auto found = std::find_if(records.begin(), records.end(),
                                        [&](const RequestRecord& record) { return record.session == same.session; });
        REQUIRE(found != records.end());
        return found->ttfb;
    };
    REQUIRE(race.size() > 90);
    CHECK(race.size() == plain.size());
    std::size_t won_by_plain = 0, won_by_fast = 0;
    for (const RequestRecord& record : race) {
        CHECK(record.ttfb == std::min(of(plain, record), of(fast, record)));
        // What the record says of the connection is the winner's.
        CHECK(record.syn_data_accepted == (of(fast, record) < of(plain, record)));
        ++(record.syn_data_accepted ? won_by_fast : won_by_plain);
    }
    CHECK(won_by_plain > 20);
    CHECK(won_by_fast > 20);
}

TEST_CASE("race: twice the SYNs, and every request runs twice where both connections carry it") {
    const Results alone = Race{}.results(false), race = Race{}.results(true);
    CHECK(only(alone).connections[0].opened == requests(alone));
    CHECK(only(race).connections[0].opened == 2 * requests(race));
    std::size_t syns = 0; // of the traced sessions
    for (const TraceConnection& trace : race.traces)
        syns += static_cast<std::size_t>(
            std::count_if(trace.packets.begin(), trace.packets.end(),
                          [](const TracePacket& packet) { return packet.up && (packet.flags & 0x12) == 0x02; }));
    CHECK(syns == race.traces.size());
    CHECK(only(race).connections[0].with_cookie == requests(race));
    CHECK(only(race).connections[0].syn_data_accepted == requests(race));
    for (const std::uint64_t count : only(race).connections[0].fallback) CHECK(count == 0); // plain by choice is none

    const OriginResults& once = only(alone).origins.at(0);
    const OriginResults& twice = only(race).origins.at(0);
    CHECK(once.executions == requests(alone));
    CHECK(once.executed_again == 0);
    CHECK(twice.executions == 2 * requests(race));
    CHECK(twice.executed_again == requests(race));
    CHECK(twice.repeated_unsafe == 0); // GET
    const Race posts{R"("cookie": "held")", "", R"(, "workload": {"objects": [{"id": "x", "method": "POST"}]})"};
    CHECK(only(posts.results(true)).origins.at(0).repeated_unsafe == requests(race));
    // The connection whose SYN is lost is closed before it comes again, so it brings no request.
    const Results dropped = Race{R"("cookie": "held", "syn_data_dropped": 1)"}.results(true);
    CHECK(only(dropped).connections[0].opened == 2 * requests(dropped));
    CHECK(only(dropped).origins.at(0).executions == requests(dropped));
}

TEST_CASE("race: a plain dial alone where the kernel would not use Fast Open; the first race asks for the cookie") {
    const Results unsupported = Race{R"("support": 0)"}.results(true);
    CHECK(only(unsupported).connections[0].opened == requests(unsupported));
    CHECK(only(unsupported).origins.at(0).executed_again == 0);
    CHECK(only(unsupported).connections[0].fallback[static_cast<std::size_t>(TfoFallback::Unsupported)] ==
          requests(unsupported));
    const Results off = Race{}.results(true, false), plain = Race{}.results(false, false);
    CHECK(only(off).fingerprint == only(plain).fingerprint); // Fast Open off: the same run
    // Ten clients without a cookie: each one's first race brings it, from then on it saves.
    const Results first = Race{R"("support": 1)"}.results(true);
    CHECK(only(first).connections[0].cookie_requested >= 10);
    CHECK(only(first).connections[0].syn_data_accepted + only(first).connections[0].cookie_requested ==
          requests(first));
    CHECK(ttfb(first).least == doctest::Approx(rc + 2 * ro + service));
    CHECK(ttfb(first).most == doctest::Approx(2 * rc + 2 * ro + service));
    check_books(first);
}

TEST_CASE("race: with TLS both connections shake hands, and the first flight in the SYN saves the same round trip") {
    Race world;
    world.tls = R"("1.3")";
    const double behind = 3 * ro + service; // TLS 1.3 towards the origin: one round trip more
    check_all(world.results(false, false), 3 * rc + behind);
    check_all(world.results(true), 2 * rc + behind);
    check_books(world.results(true));
    world.tfo = R"("cookie": "held", "syn_data_dropped": 1)";
    check_all(world.results(true), 3 * rc + behind);
    check_books(world.results(true));
}

TEST_CASE("race: the session goes on with the winner, and its later requests run once") {
    const Race world{R"("cookie": "held")", "", R"(, "workload": {"requests_per_session": 3, "think_time": "1s"})"};
    const Results race = world.results(true);
    const std::uint64_t sessions = only(race).connections[0].opened / 2;
    CHECK(requests(race) == 3 * sessions);
    CHECK(only(race).connections[0].reused == total(race) - sessions); // those that began in the window
    CHECK(only(race).books.balanced());
    // Executions are counted inside the window alone, so a few of the last requests' are missing.
    const OriginResults& origin = only(race).origins.at(0);
    CHECK(origin.executed_again <= sessions);
    CHECK(origin.executed_again + 10 > sessions);
}

TEST_CASE("race: a session whose connection was closed while it thought races again") {
    const Race world{R"("cookie": "held")", "",  R"(, "workload": {"requests_per_session": 3, "think_time": "500s"})",
                     R"("none")",           "0", R"("service_time": "50ms")",
                     R"("duration": "20s")"};
    const Results race = world.results(true);
    const std::uint64_t sessions = requests(race) / 3;
    CHECK(requests(race) == 3 * sessions);
    CHECK(only(race).books.balanced());
    CHECK(only(race).books.connections_opened > 2 * 6 * sessions); // both ends of six connections, and the origin leg's
    check_all(race, rc + 2 * ro + service);
}

TEST_CASE("race: a request fails when both connections have failed, with one outcome") {
    // Refused: the edge's listener answers with RST. Lost: every packet towards the clients is dropped.
    Race refused;
    refused.top = R"(, "events": [{"at": "0s", "do": "pop_dies", "pop": "p", "for": "59s"}])";
    Race lost;
    lost.client = R"(, "path_rules": [{"dir": "down", "match": "any", "do": "drop"}])";
    for (const Race& world : {refused, lost}) {
        const Results race = world.results(true), plain = world.results(false, false);
        CHECK(only(race).books.balanced());
        CHECK(total(race) == total(plain));
        CHECK(requests(race) == requests(plain));
        CHECK(count_of(race, Cause::ConnectionTimeout) == count_of(plain, Cause::ConnectionTimeout));
    }
    CHECK(count_of(lost.results(true), Cause::ConnectionTimeout) == total(lost.results(true)));
}

TEST_CASE("race: at the client's deadline the connection whose request has left speaks for it") {
    for (const char* tfo : {R"("cookie": "held")", R"("cookie": "held", "syn_data_dropped": 1)"}) {
        CAPTURE(std::string(tfo));
        Race world{tfo, R"(, "deadline": "400ms")"};
        world.origin = R"("service_time": "10s")";
        const Results race = world.results(true);
        CHECK(count_of(race, Cause::ClientGone) == requests(race)); // the edge logs 499
        check_books(race);
    }
    const Race early{R"("cookie": "held")", R"(, "deadline": "20ms")"}; // no SYN-ACK is there yet
    const Results race = early.results(true);
    CHECK(total(race) == requests(race));
    CHECK(only(race).books.balanced());
}

TEST_CASE("race: what is open at the end of the run is one request, not two") {
    Race world;
    world.origin = R"("service_time": "5000s")"; // beyond the 1200 s that the run goes on for open requests
    world.run = R"("duration": "20s")";
    world.edge = R"(, "timeouts": {"read": "9000s"})";
    const Results race = world.results(true);
    CHECK(only(race).books.balanced());
    CHECK(only(race).books.requests_open == requests(race));
    CHECK(count_of(race, Cause::Unfinished) == requests(race));
}
