/// `clients[].access` with loss, jitter and small MTUs: what whole runs make of them.
#include "support/simulation.hpp"

#include <doctest/doctest.h>
#include <fmt/format.h>

#include <algorithm>
#include <string>

using namespace firstbyte;
using namespace std::chrono_literals;

namespace {

/// One client, RTT 100 ms, fetches `response`; the path is as `access` says.
std::string one_download(const std::string& access, const std::string& request, const std::string& response,
                         bool fast_open = false) {
    return fmt::format(R"({{
      "format": 1, "name": "impaired", "run": {{"duration": "60s", "replications": 1, "seed": 3}},
      "pops": [{{"id": "ams"}}],
      "clients": [{{"id": "lab", "population": 1, "rtt_to": {{"ams": "100ms"}}, "access": {{{}}},
                    {}
                    "script": [{{"at": "0s", "steps": [{{"request": "{}", "response": "{}"}}]}}]}}],
      "tls": "none", "edge": {{"cache_hit_ratio": 1, "processing": "0ms"}},
      "tcp": {{"client_edge": {{"fast_open": {}}}}}}})",
                       access, fast_open ? R"("tfo": {"cookie": "held"},)" : "", request, response, fast_open);
}

std::size_t count(const TraceConnection& trace, TracePacket::Act act) {
    return static_cast<std::size_t>(std::count_if(trace.packets.begin(), trace.packets.end(),
                                                  [act](const TracePacket& packet) { return packet.act == act; }));
}

bool has_event(const TraceConnection& trace, const std::string& name) {
    return std::any_of(trace.events.begin(), trace.events.end(),
                       [&](const auto& event) { return event.first == name; });
}

/// Many clients on a path with everything.
const char* const rough = R"({
  "format": 1, "name": "rough", "run": {"duration": "20s", "replications": 4, "seed": 11},
  "pops": [{"id": "ams"}],
  "clients": [
    {"id": "mobile", "rtt_to": {"ams": "60ms"}, "population": 40, "sessions": "20/s",
     "access": {"down": "20Mbps", "up": "5Mbps", "queue": "50 packets", "reorder": true,
                "jitter": {"dist": "exponential", "mean": "3ms"},
                "loss": {"in_bad": "40%", "good_to_bad": "1%", "bad_to_good": "20%"}}},
    {"id": "fixed", "rtt_to": {"ams": "20ms"}, "population": 40, "sessions": "20/s",
     "access": {"loss": "0.5%", "jitter": {"dist": "uniform", "min": "0ms", "max": "2ms"}}}],
  "workload": {"objects": [{"id": "page", "request": "400B", "response": "50KB"}]},
  "tls": "none", "edge": {"cache_hit_ratio": 1}, "tcp": {"client_edge": {"fast_open": true}}})";

} // namespace

TEST_CASE("impaired: a run has the same results on any number of threads, and twice") {
    const World world = build_world(load_scenario(rough, "rough.fb.json"));
    const auto fingerprints = [&](int jobs) {
        SimulateOptions options;
        options.jobs = jobs;
        std::vector<std::uint64_t> all;
        for (const ReplicationResults& replication : simulate(world, options).replications)
            all.push_back(replication.fingerprint);
        return all;
    };
    const std::vector<std::uint64_t> one = fingerprints(1);
    CHECK(fingerprints(1) == one);
    CHECK(fingerprints(2) == one);
    CHECK(std::adjacent_find(one.begin(), one.end()) == one.end()); // replications differ
}

TEST_CASE("impaired: what is lost is repeated, and every response arrives whole") {
    const Results results = test::run_scenario(rough);
    const RequestResults requests = test::all_requests(results);
    std::uint64_t all = 0, hits = 0;
    for (const auto& [outcome, times] : requests.outcomes) {
        all += times;
        if (outcome.cause == Cause::CacheHit) hits += times;
    }
    CHECK(all > 2000);
    CHECK(hits == all);
}

TEST_CASE("impaired: a small path MTU costs a round trip when its news comes back, and everything when it does not") {
    using Act = TracePacket::Act;
    const Results told = test::run_scenario(one_download(R"("path_mtu": "1400B")", "400B", "5000B"));
    const TraceConnection& trace = told.traces.at(0);
    CHECK(count(trace, Act::TooBig) == 3); // 5000 B are three full segments and a rest
    REQUIRE(has_event(trace, "last_byte"));
    for (const TracePacket& packet : trace.packets)
        if (packet.at > Instant{150ms})
            CHECK(packet.length <= 1400 - 52); // timestamps take 12 B beside the 40 of headers
    // Handshake 100 ms, request 50 ms, the news 50 ms later, the repeated segments 50 ms.
    CHECK(test::event_ms(trace, "first_byte") == doctest::Approx(250));
    CHECK(test::event_ms(trace, "last_byte") == doctest::Approx(250));

    const Results hole =
        test::run_scenario(one_download(R"("path_mtu": "1400B", "icmp_filtered": true)", "400B", "5000B"));
    CHECK_FALSE(has_event(hole.traces.at(0), "last_byte"));
    CHECK(count(hole.traces.at(0), Act::TooBig) > 5);

    const Results small =
        test::run_scenario(one_download(R"("path_mtu": "1400B", "icmp_filtered": true)", "400B", "1348B"));
    CHECK(test::event_ms(small.traces.at(0), "last_byte") == doctest::Approx(200)); // fits: nobody notices the hole
}

TEST_CASE("impaired: SYN data that are too large for the path come again behind a bare SYN") {
    const Results results = test::run_scenario(one_download(R"("path_mtu": "1300B")", "1400B", "500B", true));
    const TraceConnection& trace = results.traces.at(0);
    REQUIRE(trace.packets.size() > 3);
    CHECK(trace.packets[0].length == 1400);
    CHECK(trace.packets[0].act == TracePacket::Act::TooBig);
    CHECK(trace.packets[1].flags == 2); // at once when the news comes, after 50 ms: without option or data
    CHECK(trace.packets[1].length == 0);
    CHECK(trace.packets[1].mss == 1260); // Linux announces what fits the route, ICMP included
    CHECK(trace.packets[1].tfo == TracePacket::Tfo::None);
    CHECK(to_ms(trace.packets[1].at - trace.start) == doctest::Approx(50));
    CHECK(has_event(trace, "last_byte"));
}

TEST_CASE("impaired: the MTU of the client's interface is known to both ends, so nothing is lost") {
    const Results results = test::run_scenario(one_download(R"("mtu": "1400B")", "3000B", "5000B"));
    const TraceConnection& trace = results.traces.at(0);
    CHECK(trace.packets.at(0).mss == 1360);
    for (const TracePacket& packet : trace.packets) CHECK(packet.length <= 1348);
    CHECK(count(trace, TracePacket::Act::TooBig) == 0);
    CHECK(test::event_ms(trace, "last_byte") == doctest::Approx(200));
}

TEST_CASE("impaired: a trace tells losses on the path from drops by rules and queues") {
    const Results results = test::run_scenario(one_download(R"("loss": "5%")", "400B", "150KB"));
    const TraceConnection& trace = results.traces.at(0);
    REQUIRE(has_event(trace, "last_byte"));
    CHECK(count(trace, TracePacket::Act::Lost) > 0);
    CHECK(count(trace, TracePacket::Act::Drop) == 0);
    for (const TracePacket& packet : trace.packets)
        CHECK((packet.arrives == never) == (packet.act == TracePacket::Act::Lost));
}
