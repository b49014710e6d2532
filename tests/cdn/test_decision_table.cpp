// The outcome table of the semantics reference (2.2, 2.3), row by row: what happens at the origin's side, what the edge
// answers, and when. Client 20 ms, origin 80 ms, service 50 ms, profile `cloudflare` unless a row says otherwise.
#include "support/simulation.hpp"

#include <doctest/doctest.h>
#include <fmt/format.h>

#include <string>
#include <vector>

using namespace firstbyte;
using namespace firstbyte::test;

namespace {

struct Fault {
    std::string mode, at = "0s", more = "";
    [[nodiscard]] std::string text() const {
        if (mode.empty()) return "";
        return fmt::format(R"({{"at": "{}", "do": "origin_down", "origin": "o", "mode": "{}"{}}})", at, mode, more);
    }
};

std::string scenario_with(const Fault& fault) {
    return fmt::format(R"({{
      "format": 1, "name": "row", "run": {{"duration": "10s", "replications": 1}}, "pops": [{{"id": "p"}}],
      "origins": [{{"id": "o", "rtt_to": {{"p": "80ms"}}, "service_time": "50ms"}}],
      "clients": [{{"id": "c", "population": 1, "rtt_to": {{"p": "20ms"}},
        "script": [{{"at": "0s", "steps": [{{"request": "400B", "response": "2000B"}}]}}]}}],
      "tls": "none", "edge": {{"cache_hit_ratio": 0, "processing": "0ms"}}, "events": [{}]}})",
                       fault.text());
}

struct Row {
    const char* name;
    Fault fault;
    std::vector<Override> overrides;
    Cause cause;
    int status;
    double at_edge_ms; ///< from the request's arrival at the edge to the first byte of its answer
};

/// The only outcome of a run.
OutcomeKey outcome_of(const Results& results) {
    const RequestResults all = all_requests(results);
    REQUIRE(all.outcomes.size() == 1);
    REQUIRE(all.outcomes.begin()->second == 1);
    return all.outcomes.begin()->first;
}

const Override tls13{"tls", "1.3"};

} // namespace

TEST_CASE("decision table: before the response header has been forwarded") {
    const Override slow{"origins.o.service_time", "90s"}, upload{"clients[0].script[0].steps[0].request", "3MB"};
    const Override ibm{"edge.profile", "ibm-cis"}, one_attempt{"edge.retry.connect_attempts", "1"};
    const Row rows[] = {
        {"1: fresh cached object", {}, {{"edge.cache_hit_ratio", "1"}}, Cause::CacheHit, 200, 0},
        {"3: the name does not resolve", {"dns"}, {}, Cause::Dns, 530, 0},
        {"4: ICMP host unreachable in reply to the SYN", {"unreachable"}, {}, Cause::Unreachable, 523, 80},
        {"5: RST in reply to the SYN", {"refuse"}, {}, Cause::Refused, 521, 80},
        {"5: ICMP port unreachable", {"port_unreachable"}, {}, Cause::Refused, 521, 80},
        {"6: no SYN-ACK in the schedule, twice", {"drop_syn"}, {}, Cause::ConnectTimeout, 522, 38'000},
        {"6: the same when everything is dropped", {"drop"}, {}, Cause::ConnectTimeout, 522, 38'000},
        {"6: ibm-cis", {"drop_syn"}, {ibm}, Cause::ConnectTimeout, 522, 30'000},
        {"6: one attempt", {"drop_syn"}, {one_attempt}, Cause::ConnectTimeout, 522, 19'000},
        {"7: TLS alert", {"tls_alert"}, {tls13}, Cause::TlsHandshake, 525, 160},
        {"7: FIN in the handshake", {"tls_close"}, {tls13}, Cause::TlsHandshake, 525, 160},
        {"7: RST in the handshake", {"tls_reset"}, {tls13}, Cause::TlsHandshake, 525, 160},
        {"7: the handshake stalls for 10 s", {"tls_hang"}, {tls13}, Cause::TlsHandshake, 525, 80 + 10'000},
        {"8: certificate not valid", {"bad_certificate"}, {tls13}, Cause::TlsCertificate, 526, 160},
        {"8: ... is no matter without strict",
         {"bad_certificate"},
         {tls13, {"edge.ssl_mode", "full"}},
         Cause::OriginReplied,
         200,
         290},
        {"9: TLS configured, the port answers RST", {"refuse"}, {tls13}, Cause::Refused, 521, 80},
        {"10: no ACK of the request", {"no_ack"}, {}, Cause::AckTimeout, 522, 80 + 90'000},
        {"10: power off before the request arrives", {"power_off", "100ms"}, {}, Cause::AckTimeout, 522, 80 + 90'000},
        {"13: RST when the request comes", {"reset"}, {}, Cause::Reset, 520, 160},
        {"13: RST inside the header", {"reset_in_header"}, {}, Cause::Reset, 520, 210},
        {"14: empty reply", {"empty_reply"}, {}, Cause::EmptyReply, 520, 160},
        {"15: FIN inside the header", {"close_in_header"}, {}, Cause::Malformed, 520, 210},
        {"15: no HTTP at all", {"garbage"}, {}, Cause::Malformed, 520, 210},
        {"16: header of 200 kB, the limit is 128 KiB", {"big_header"}, {}, Cause::HeaderTooLarge, 520, 210 + 3 * 80},
        {"16: ibm-cis has 16 KiB", {"big_header"}, {ibm}, Cause::HeaderTooLarge, 520, 210 + 80},
        {"18: probes unanswered: last activity + 60 s",
         {"power_off", "1s"},
         {slow},
         Cause::KeepaliveDead,
         520,
         160 + 60'000},
        {"18: ibm-cis + 90 s", {"power_off", "1s"}, {slow, ibm}, Cause::KeepaliveDead, 520, 160 + 90'000},
        {"18: first probe answered by RST",
         {"power_off", "1s", R"(, "for": "5s")"},
         {slow},
         Cause::KeepaliveDead,
         520,
         160 + 30'000 + 80},
        {"19: never a byte: 125 s", {"silent"}, {}, Cause::ReadTimeout, 524, 80 + 125'000},
        {"19: ibm-cis 100 s", {"silent"}, {ibm}, Cause::ReadTimeout, 524, 80 + 100'000},
        {"19: cloudflare-2025 120 s",
         {"silent"},
         {{"edge.profile", "cloudflare-2025"}},
         Cause::ReadTimeout,
         524,
         80 + 120'000},
        {"19: a small request that nobody reads", {"slow_read"}, {}, Cause::ReadTimeout, 524, 80 + 125'000},
        {"20: mTLS rejected after the handshake", {"reject_client"}, {tls13}, Cause::Reset, 520, 240},
        {"21: 502 of the origin", {}, {{"origins.o.statuses", R"({"502": 1})"}}, Cause::OriginFailed, 502, 210},
        {"21: 504 of the origin", {}, {{"origins.o.statuses", R"({"504": 1})"}}, Cause::OriginFailed, 504, 210},
        {"22: 404 of the origin", {}, {{"origins.o.statuses", R"({"404": 1})"}}, Cause::OriginReplied, 404, 210},
        {"22: 524 of the origin's own", {}, {{"origins.o.statuses", R"({"524": 1})"}}, Cause::OriginReplied, 524, 210},
        {"note: bad compressed body", {"bad_encoding"}, {}, Cause::BadEncoding, 502, 210},
    };
    for (const Row& row : rows) {
        CAPTURE(std::string(row.name));
        const Results results = run_scenario(scenario_with(row.fault), row.overrides);
        const OutcomeKey outcome = outcome_of(results);
        CHECK(std::string(name_of(outcome.cause)) == name_of(row.cause));
        CHECK(status_of(outcome) == row.status);
        const bool by_origin = row.cause == Cause::OriginReplied || row.cause == Cause::OriginFailed;
        CHECK(outcome.generated_by == (by_origin ? GeneratedBy::Origin : GeneratedBy::Edge));
        CHECK(view_of(outcome) == (row.status >= 400 ? ClientView::HttpError : ClientView::Ok));
        // The client's handshake takes 20 ms, with TLS 40; then the request is 10 ms under way, the answer another 10.
        const double set_up = row.overrides.empty() || row.overrides.front().path != "tls" ? 20 : 40;
        CHECK(event_ms(results.traces.at(0), "first_byte") - set_up - 20 ==
              doctest::Approx(row.at_edge_ms).epsilon(1e-9));
    }
}

TEST_CASE("decision table: an upload that is not read blocks for 30 s (row 11)") {
    const Results results =
        run_scenario(scenario_with({"slow_read"}), {{"clients[0].script[0].steps[0].request", "3MB"}});
    CHECK(outcome_of(results).cause == Cause::WriteTimeout);
    CHECK(status_of(outcome_of(results)) == 524);
}

TEST_CASE("decision table: after the response header has been forwarded the status stays, the body is cut") {
    struct Cut {
        const char* mode;
        Cause behind;
        double closed_ms; ///< at the client, since its SYN
    };
    const Cut cuts[] = {
        {"close_in_body", Cause::EmptyReply, 250}, // EmptyReply stands for the FIN
        {"reset_in_body", Cause::Reset, 250},
        {"hang_in_body", Cause::ReadTimeout, 250 + 125'000},
    };
    for (const Cut& cut : cuts) {
        CAPTURE(std::string(cut.mode));
        const Results results = run_scenario(scenario_with({cut.mode}));
        const OutcomeKey outcome = outcome_of(results);
        CHECK(outcome.cause == Cause::Truncated);
        CHECK(std::string(name_of(outcome.behind)) == name_of(cut.behind));
        CHECK(status_of(outcome) == 200);
        CHECK(view_of(outcome) == ClientView::Truncated);
        CHECK(outcome.generated_by == GeneratedBy::Origin);
        CHECK(event_ms(results.traces.at(0), "first_byte") == doctest::Approx(250));
        CHECK(event_ms(results.traces.at(0), "closed") == doctest::Approx(cut.closed_ms));
    }
}

TEST_CASE("decision table: an overloaded edge answers itself (row 23)") {
    for (const int status : {500, 502, 503}) {
        std::string text = scenario_with({});
        const std::string event =
            fmt::format(R"("events": [{{"at": "0s", "do": "edge_overload", "pop": "p", "status": {}}}])", status);
        text.replace(text.find("\"events\": []"), 12, event);
        const Results results = run_scenario(text);
        CHECK(outcome_of(results).cause == Cause::EdgeInternal);
        CHECK(status_of(outcome_of(results)) == status);
        CHECK(event_ms(results.traces.at(0), "first_byte") == doctest::Approx(40));
    }
}

TEST_CASE("decision table: a client with a deadline, in front of an origin that drops SYNs (499 against 522)") {
    struct Wait {
        const char *deadline, *profile;
        Cause cause;
        int status;
    };
    const Wait waits[] = {
        // The request reaches the edge at 30 ms; its answer is back 38 s or 30 s later and 10 ms on its way.
        {"25s", "cloudflare", Cause::ClientGone, 499},
        {"35s", "cloudflare", Cause::ClientGone, 499},
        {"45s", "cloudflare", Cause::ConnectTimeout, 522},
        {"25s", "ibm-cis", Cause::ClientGone, 499},
        {"35s", "ibm-cis", Cause::ConnectTimeout, 522},
        {"45s", "ibm-cis", Cause::ConnectTimeout, 522},
        {"38019999999ns", "cloudflare", Cause::ClientGone, 499}, // the FIN is 1 ns before the edge gives up
        // 1 ns later the edge has answered before it hears of the client's leaving: its log has the 522.
        {"38020000001ns", "cloudflare", Cause::ConnectTimeout, 522},
        {"38040000001ns", "cloudflare", Cause::ConnectTimeout, 522},
        {"5ms", "cloudflare", Cause::ClientTimeout, 0}, // before the request could leave
    };
    for (const Wait& wait : waits) {
        CAPTURE(std::string(wait.deadline));
        CAPTURE(std::string(wait.profile));
        const Results results = run_scenario(scenario_with({"drop_syn"}),
                                             {{"clients[0].deadline", wait.deadline}, {"edge.profile", wait.profile}});
        const OutcomeKey outcome = outcome_of(results);
        CHECK(std::string(name_of(outcome.cause)) == name_of(wait.cause));
        CHECK(status_of(outcome) == wait.status);
        const bool answered = wait.cause == Cause::ConnectTimeout && std::string(wait.deadline) != "38020000001ns";
        CHECK(view_of(outcome) == (answered ? ClientView::HttpError : ClientView::Deadline));
    }
}
