#include "sample_results.hpp"

#include <doctest/doctest.h>

using namespace firstbyte;
using namespace firstbyte::samples;

namespace {

std::string text_of(const Scenario& scenario, const Results& results, const ReportOptions& how = options()) {
    return run_text(make_report(scenario, {variant("base", "base", false, results)}, how));
}

bool contains(const std::string& text, const std::string& part) { return text.find(part) != std::string::npos; }

} // namespace

TEST_CASE("run_text: the summary of the 13-line scenario reads as designed") {
    CHECK(text_of(minimal_scenario(), minimal_results(true)) ==
          R"(tfo-minimal    10 replications x 60 s    seed 42

  requests    11 952    200 11 952 (100 %)   520 0   522 0   524 0
  ttfb        p50 161.0 ms   p95 241.0 ms   p99 273.0 ms   mean 177.6 ms +/- 0.3
  fast open   83.3 % of connections carried a valid cookie; 100 % of those were accepted
  origin      98.3 % of origin requests reused a connection

  thresholds
    ok    p95(ttfb) < 250ms              241.0 ms   4 % under; 11 952 samples
)");
}

TEST_CASE("run_text: without Fast Open it says so in one word") {
    Scenario scenario = minimal_scenario();
    scenario.client_edge.client.fast_open.enabled = false;
    scenario.thresholds.clear();
    CHECK(text_of(scenario, minimal_results(false)) ==
          R"(tfo-minimal    10 replications x 60 s    seed 42

  requests    11 952    200 11 952 (100 %)   520 0   522 0   524 0
  ttfb        p50 241.0 ms   p95 273.0 ms   p99 273.0 ms   mean 244.2 ms +/- 0.0
  fast open   off
  origin      98.3 % of origin requests reused a connection
)");
}

TEST_CASE("run_text: Fast Open that nobody could use is told apart from Fast Open that is off") {
    Results results = minimal_results(false);
    for (ReplicationResults& replication : results.replications) {
        replication.connections[0].fallback[static_cast<std::size_t>(TfoFallback::Unsupported)] =
            replication.connections[0].opened;
    }
    CHECK(contains(
        text_of(minimal_scenario(), results),
        "fast open   no connection carried a cookie; 100 % of connections come from clients without Fast Open\n"));
}

TEST_CASE("run_text: codes beyond the usual four appear when they happen, with the cause of each failure") {
    Results results = one_group(1);
    RequestResults& requests = results.replications[0].requests[0];
    add_outcome(requests, Cause::CacheHit, 9900);
    add_outcome(requests, Cause::StaleReuse, 50);
    add_outcome(requests, Cause::ConnectTimeout, 30);
    add_outcome(requests, Cause::AckTimeout, 10);
    add_outcome(requests, Cause::Refused, 5);
    add_outcome(requests, Cause::TlsHandshake, 3);
    add_outcome(requests, Cause::ConnectionReset, 2);
    const std::string text = text_of(minimal_scenario(), results);
    CHECK(contains(text, R"(
  requests    10 000    200 9 900 (99.0 %)   520 50 (0.50 %)   522 40 (0.40 %)
                        524 0   521 5 (0.05 %)   525 3 (0.03 %)
                        conn_reset 2 (0.02 %)
  ttfb        no request got a first byte
)"));
    CHECK(contains(text, "  origin      no request reached an origin\n"));
    CHECK(contains(text, "\n  outcome     cause            timer    leg          count   share  first\n"));
    CHECK(contains(text, "\n  522         connect_timeout  connect  edge_origin     30  0.30 %\n"));
    CHECK(contains(text, "\n  521         refused          -        edge_origin      5  0.05 %\n"));
}

TEST_CASE("run_text: the table of outcomes names the first connection, and fits 80 columns") {
    Results results = one_group(2);
    results.groups[0].client = "a-client-group-with-a-long-name";
    const OutcomeKey key{Cause::ConnectTimeout, GeneratedBy::Edge, 0},
        other{Cause::HeaderTooLarge, GeneratedBy::Edge, 0};
    for (ReplicationResults& replication : results.replications) {
        add_outcome(replication.requests[0], Cause::CacheHit, 90);
        replication.requests[0].outcomes[key] = 1;
    }
    results.replications[1].requests[0].outcomes[other] = 3;
    results.replications[0].examples[key] = {0, 0, 17, 2, Instant{} + 5s};
    results.replications[1].examples[key] = {1, 0, 3, 0, Instant{} + 1s};
    results.replications[1].examples[other] = {1, 0, 4, 0, Instant{} + 1s};
    const std::string text = text_of(minimal_scenario(), results);
    CHECK(contains(text, "first: a-client-group-with-a-long-name --conn 17\n"));
    CHECK(contains(text, "first: a-client-group-with-a-long-name --conn 4, replication 1\n"));
    std::size_t begin = 0;
    for (std::size_t end = text.find('\n'); end != std::string::npos; end = text.find('\n', begin)) {
        CHECK(end - begin <= 80);
        begin = end + 1;
    }
}

TEST_CASE("run_text: one replication has no interval, and a seed nobody chose is marked") {
    Scenario scenario = minimal_scenario();
    scenario.run.seed_given = false;
    scenario.run.seed = 1;
    Results results = minimal_results(true);
    results.replications.resize(1);
    const std::string text = text_of(scenario, results, options(1));
    CHECK(contains(text, "tfo-minimal    1 replication x 60 s    seed 1 (default)\n"));
    CHECK(contains(text, "(no interval from 1 replication)\n"));
    CHECK_FALSE(contains(text, "+/-"));
}

TEST_CASE("run_text: requests on an open client connection have a line of their own") {
    Results results = minimal_results(true);
    results.replications[0].connections[0].reused = 2988; // a quarter of 11 952
    CHECK(contains(text_of(minimal_scenario(), results),
                   "  reuse       25.0 % of requests used a connection that the client had open\n"));
}
