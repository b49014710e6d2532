#include "sample_results.hpp"

#include <doctest/doctest.h>

using namespace firstbyte;
using namespace firstbyte::samples;

namespace {

bool contains(const std::string& text, const std::string& part) { return text.find(part) != std::string::npos; }

Report toggle(const Scenario& scenario, const Results& off, const Results& on, ReportOptions how = options()) {
    return make_report(scenario,
                       {variant("fast_open=false", "off", true, off), variant("fast_open=true", "on", false, on)}, how);
}

/// Two groups of 1 000 connections in each of `n` replications: one that gains a round trip, one that cannot.
Results two_groups(bool fast_open, std::size_t n) {
    Results results;
    results.groups = {{"near", "eu", "NL", "ams", 8ms, 10, 1.0}, {"far", "sa", "BR", "ams", 200ms, 10, 1.0}};
    results.objects = {"page"};
    results.origins = {"web"};
    results.replications.resize(n);
    for (ReplicationResults& replication : results.replications) {
        replication.requests.resize(2);
        replication.connections.resize(2);
        replication.origins.resize(1);
        for (std::size_t group = 0; group < 2; ++group) {
            const std::uint64_t connections = group == 0 ? 1000 : 3000;
            const bool gains = fast_open && group == 1;
            const std::int64_t rtt = group == 0 ? 8'000'000 : 200'000'000;
            replication.requests[group].ttfb.add((gains ? 2 : 3) * rtt + 1'000'000, connections);
            add_outcome(replication.requests[group], Cause::CacheHit, connections);
            ConnectionResults& opened = replication.connections[group];
            opened.opened = connections;
            if (gains) opened.with_cookie = opened.syn_data_accepted = connections;
            if (fast_open && group == 0)
                opened.fallback[static_cast<std::size_t>(TfoFallback::Unsupported)] = connections;
        }
    }
    return results;
}

} // namespace

TEST_CASE("compare_text: Fast Open off and on in the 13-line scenario reads as designed") {
    const Scenario scenario = minimal_scenario();
    const Results off = minimal_results(false), on = minimal_results(true);
    CHECK(compare_text(toggle(scenario, off, on)) ==
          R"(fast_open=true is 33.2 % faster at the median: -80.0 ms (95 % CI -80.0 .. -80.0), and the same at p99.

  ttfb        off (baseline)     on         change      95 % CI of the change
  p50            241.0 ms     161.0 ms    -80.0 ms     -80.0 .. -80.0    -33.2 %
  p95            273.0 ms     241.0 ms    -32.0 ms     -32.0 .. -32.0    -11.7 %
  p99            273.0 ms     273.0 ms      0.0 ms     no detectable difference
  mean           244.2 ms     177.6 ms    -66.6 ms     -66.9 .. -66.4    -27.3 %

  by RTT      connections    cookie hit    saved at p50   saved per hit
  50-100 ms      11 952        83.3 %        80.0 ms        80.0 ms
  outcomes    200 only on both sides

  why p99 does not move: 16.7 % of connections are a client's first and carry no cookie.

  thresholds
    ok    p95(ttfb) < 250ms              241.0 ms   4 % under; 11 952 samples
)");
}

TEST_CASE("compare_text: the baseline may be given last, and none given means the first") {
    const Scenario scenario = minimal_scenario();
    const Results off = minimal_results(false), on = minimal_results(true);
    const Report turned = make_report(
        scenario, {variant("fast_open=true", "on", false, on), variant("fast_open=false", "off", true, off)},
        options());
    CHECK(compare_text(turned) == compare_text(toggle(scenario, off, on)));
    const Report unnamed = make_report(
        scenario, {variant("fast_open=false", "off", false, off), variant("fast_open=true", "on", false, on)},
        options());
    CHECK(compare_text(unnamed) == compare_text(toggle(scenario, off, on)));
}

TEST_CASE("compare_text: a variant equal to the baseline makes no detectable difference, in words") {
    Scenario scenario = minimal_scenario();
    scenario.thresholds.clear();
    const Results off = minimal_results(false);
    const std::string text = compare_text(toggle(scenario, off, off));
    CHECK(contains(text, "fast_open=true makes no detectable difference at the median (95 % CI 0.0 .. 0.0 ms), "
                         "and the same at p99.\n"));
    CHECK(contains(text, "  by RTT      connections   "));
    CHECK_FALSE(contains(text, "cookie hit")); // nobody used Fast Open: its columns would be empty
    CHECK_FALSE(contains(text, "-0.0"));
}

TEST_CASE("compare_text: by region, most connections first, and for whom it saves nothing") {
    Scenario scenario = minimal_scenario();
    scenario.thresholds.clear();
    const Results off = two_groups(false, 5), on = two_groups(true, 5);
    ReportOptions how = options();
    how.by = GroupBy::Region;
    how.by_given = true;
    const std::string text = compare_text(toggle(scenario, off, on, how));
    INFO(text);
    CHECK(contains(text, R"(
  by region   connections  cookie hit              saved at p50  saved per hit
  sa             15 000       100 %                 200.0 ms      200.0 ms
  eu              5 000         0 %    no detectable difference          -
)"));
    CHECK(contains(text, R"(
  for whom it saves nothing, and why:
    eu        100 % of connections come from clients without Fast Open
)"));
}

TEST_CASE("compare_text: round-trip times stand from short to long") {
    Scenario scenario = minimal_scenario();
    scenario.thresholds.clear();
    const Results off = two_groups(false, 5), on = two_groups(true, 5);
    const std::string text = compare_text(toggle(scenario, off, on));
    const std::size_t near = text.find("  0-10 ms"), far = text.find("  100-200 ms");
    REQUIRE(near != std::string::npos);
    REQUIRE(far != std::string::npos);
    CHECK(near < far);
}

TEST_CASE("compare_text: one replication has no interval and claims none") {
    Scenario scenario = minimal_scenario();
    scenario.thresholds.clear();
    const Results off = two_groups(false, 1), on = two_groups(true, 1);
    const std::string text = compare_text(toggle(scenario, off, on));
    CHECK(contains(text, "fast_open=true is 33.3 % faster at the median: -200.0 ms (1 replication: no interval), "
                         "and 33.3 % faster at p99.\n"));
    CHECK_FALSE(contains(text, "detectable"));
}

TEST_CASE("compare_text: a slower variant is called slower") {
    Scenario scenario = minimal_scenario();
    scenario.thresholds.clear();
    const Results off = two_groups(false, 5), on = two_groups(true, 5);
    const Report report =
        make_report(scenario, {variant("on", "on", true, on), variant("off", "off", false, off)}, options());
    CHECK(contains(compare_text(report), "off is 49.9 % slower at the median: +200.0 ms (95 % CI +200.0 .. +200.0), "
                                         "and 49.9 % slower at p99.\n"));
}

TEST_CASE("compare_text: outcomes that differ are listed by code") {
    Scenario scenario = minimal_scenario();
    scenario.thresholds.clear();
    const Results off = minimal_results(false);
    Results on = minimal_results(true);
    add_outcome(on.replications[0].requests[0], Cause::ConnectTimeout, 7);
    CHECK(contains(compare_text(toggle(scenario, off, on)), "  outcomes    200 11 952 -> 11 952   522 0 -> 7\n"));
}

TEST_CASE("compare_text: thresholds stand below the tables, and one that only a comparison can judge is judged") {
    Scenario scenario = minimal_scenario();
    const Results off = minimal_results(false), on = minimal_results(true);
    scenario.thresholds[0].value = 200e6;
    scenario.thresholds[0].expression = "p95(ttfb) < 200ms";
    CHECK(contains(compare_text(toggle(scenario, off, on)), R"(
  thresholds
    FAIL  p95(ttfb) < 200ms              241.0 ms   20 % over; 11 952 samples
)")); // 241 is 20.5 % above 200
}
