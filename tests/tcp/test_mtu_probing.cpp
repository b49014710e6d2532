// Linux tcp_mtu_probing = 1 (RFC 4821): how a sender gets through a path that swallows its large packets silently.
#include "support/simulation.hpp"

#include <doctest/doctest.h>
#include <fmt/format.h>

#include <algorithm>
#include <string>
#include <vector>

using namespace firstbyte;
using namespace firstbyte::test;

namespace {

/// An upload of 4,000 bytes over a link of `mtu` bytes that tells nobody.
Results upload(const std::string& mtu, bool probing, const std::string& more = "") {
    return run_scenario(fmt::format(R"({{
      "format": 1, "name": "hole", "run": {{"duration": "100s", "replications": 1}}, "pops": [{{"id": "p"}}],
      "clients": [{{"id": "c", "population": 1, "rtt_to": {{"p": "100ms"}}, "access": {{"path_mtu": "{}", "icmp_filtered": true}},
        "script": [{{"at": "0s", "steps": [{{"request": "4000B", "response": "100B"}}]}}]}}],
      "tls": "none", "edge": {{"cache_hit_ratio": 1, "processing": "0ms"}},
      "tcp": {{"client_edge": {{"mtu_probing": {}{}}}}}}})",
                                    mtu, probing, more));
}

struct Sent {
    double at = 0; ///< ms
    std::uint32_t length = 0;
};

std::vector<Sent> data_up(const Results& results) {
    std::vector<Sent> sent;
    for (const TracePacket& packet : results.traces.at(0).packets)
        if (packet.up && packet.length != 0) sent.push_back({to_ms(packet.at - Instant{}), packet.length});
    return sent;
}

} // namespace

TEST_CASE("mtu probing: after three retransmissions' time segments have 1024 bytes, and pass a link of 1400") {
    const std::vector<Sent> sent = data_up(upload("1400B", true));
    const auto smaller = std::find_if(sent.begin(), sent.end(), [](const Sent& s) { return s.length == 1024; });
    REQUIRE(smaller != sent.end());
    // retransmits_timed_out() counts from the first retransmission by the timer: (2^(3 + 1) - 1) x 200 ms = 3 s for
    // tcp_retries1 = 3. The head goes again at each timeout; the first of these is the first full segment repeated.
    std::vector<double> timeouts;
    for (auto s = sent.begin() + 3; s != smaller; ++s)
        if (s->length == 1448) timeouts.push_back(s->at);
    REQUIRE(timeouts.size() >= 3);
    const double first = timeouts.front();
    CHECK(smaller->at - first >= 3000);
    CHECK(timeouts.back() - first < 3000); // the timeout before came too early
    CHECK(smaller->at - timeouts.back() == doctest::Approx(2 * (timeouts.back() - timeouts.at(timeouts.size() - 2))));
    // Everything goes through from then on.
    const Results results = upload("1400B", true);
    CHECK(event_ms(results.traces.at(0), "last_byte") < smaller->at + 500);
    CHECK(std::none_of(smaller, sent.end(), [](const Sent& s) { return s.length > 1024; }));
}

TEST_CASE("mtu probing: each further timeout halves the segment, not below 48 bytes (tcp_mtu_probe_floor)") {
    const std::vector<Sent> sent = data_up(upload("128B", true));
    std::vector<std::uint32_t> heads; // lengths in the order in which they first appear
    for (const Sent& s : sent)
        if (std::find(heads.begin(), heads.end(), s.length) == heads.end() && s.length != 4000 - 2 * 1448)
            heads.push_back(s.length);
    REQUIRE(heads.size() >= 6);
    CHECK(std::vector<std::uint32_t>(heads.begin(), heads.begin() + 6) ==
          std::vector<std::uint32_t>{1448, 1024, 512, 256, 128, 64});
}

TEST_CASE("mtu probing: off by default, and the upload never arrives") {
    const std::vector<Sent> sent = data_up(upload("1400B", false));
    CHECK(std::none_of(sent.begin(), sent.end(), [](const Sent& s) { return s.length == 1024; }));
    CHECK(all_requests(upload("1400B", false)).outcomes.begin()->first.cause == Cause::EndOfFile); // idle for 400 s
    const std::vector<Sent> wide = data_up(upload("1500B", true));
    CHECK(std::none_of(wide.begin(), wide.end(), [](const Sent& s) { return s.length == 1024; }));
}
