#include "report/outcome_facts.hpp"
#include "report/topics.hpp"

#include <fmt/format.h>

namespace firstbyte::report {
namespace {

struct CodeProse {
    int status;
    const char* text;
};

// What the codes mean follows Cloudflare's and IBM's published descriptions of 499 and 520 to 526 and their tables of
// connection limits; which timer leads to which code is the outcome table of docs/model.md.
constexpr CodeProse codes[] = {
    {200, "the response arrived: from the edge's cache or from the origin. A body that stopped early is not counted "
          "here but as truncated."},
    {408, "the client began a request and did not complete it within edge.timeouts.request (60 s). The client's side "
          "is at fault: no origin was asked."},
    {499, "the client left before the edge could answer. Nothing can be sent to it, so the code exists in the edge's "
          "log only. Impatient clients give 499 where patient ones would have seen 522 or 524: with a black-holed "
          "origin every deadline (clients[].deadline) below 38 s, in profile \"ibm-cis\" 30 s, gives 499, and a longer "
          "one 522. Counts of 499 rise first."},
    {500, "the edge is overloaded and says so with this status (event edge_overload, status 500), or the origin's own "
          "answer was passed through (generated_by origin)."},
    {502, "the edge itself failed, the origin's body had a broken encoding, or the origin answered 502 itself "
          "(generated_by origin).\n"
          "The edge fails when all its local ports towards the origin are taken: 28,232 ports, each kept for 60 s of "
          "TIME-WAIT after its connection, allow about 470 new connections a second from one PoP to one origin. A "
          "pool that keeps connections open avoids it."},
    {503, "the origin turned the request away because as many waited for a worker as may (origins[].queue; "
          "generated_by origin), or an overloaded edge did (event edge_overload, generated_by edge)."},
    {504, "the origin, or a proxy of its own, timed out waiting for something behind it and said so: passed through, "
          "generated_by origin. An edge that waits too long says 524."},
    {520, "the origin answered wrongly or hung up: a reset before a complete response header (cause reset), an orderly "
          "close before any byte (empty_reply), a broken or too large header, a reset on a pooled connection whose "
          "request may not be repeated (stale_reuse), or silence under keepalive probes (keepalive_dead).\n"
          "Not a refusal (521), not silence during the handshake (522), not slowness (524).\n"
          "Many stale_reuse mean that the origin closes idle connections (origins[].idle_timeout) before the edge's "
          "pool does (edge.origin_pool.idle_timeout). TCP keepalive probes do not extend an HTTP idle timeout."},
    {521, "the origin refused the connection: a RST came back for the SYN (cause refused), after one round trip "
          "between edge and origin. A firewall that rejects gives 521, one that drops gives 522. Not retried there; "
          "edge.retry.zero_downtime_failover tries the next origin."},
    {522, "nobody answered. Either no SYN-ACK came in the whole SYN schedule, on every attempt (cause "
          "connect_timeout), or request bytes stayed unacknowledged for edge.timeouts.ack (cause ack_timeout, 90 s in "
          "profile \"cloudflare\").\n"
          "The schedule is edge.timeouts.syn_schedule: waits of 1, 1, 1, 1, 1, 2, 4 and 8 s in profile "
          "\"cloudflare\", 19 s in all. There are edge.retry.connect_attempts attempts, two by default, so the code "
          "appears after 38 s; in profile \"ibm-cis\" after 30 s. A dark window shorter than that gives slow "
          "responses instead of 522."},
    {523, "the network answers that the origin is unreachable (cause unreachable: ICMP host unreachable for the SYN). "
          "Not a refusal by the origin itself (521), not silence (522)."},
    {524, "the origin accepted the connection and the request, but sent no response byte within edge.timeouts.read "
          "(125 s in profile \"cloudflare\"; edge.timeouts.read_slack may add up to 1 s). Not a handshake failure "
          "(522), not a refusal (521), not a reset (520). The timer measures the longest gap between two reads: a "
          "response that sends a byte now and then (origins[].heartbeat) never hits it.\n"
          "Cause write_timeout is the rarer form: request bytes could not be written for edge.timeouts.write (30 s), "
          "because the origin stopped reading."},
    {525, "TCP connected, but the TLS handshake with the origin failed or stalled for edge.timeouts.tls (cause "
          "tls_handshake). Not retried at that origin."},
    {526, "TLS completed, but the origin's certificate is not valid, and edge.ssl_mode is strict. With full the same "
          "origin serves."},
    {530, "the origin's name does not resolve (cause dns). Nothing was sent."},
};

} // namespace

std::vector<Topic> code_topics() {
    std::vector<Topic> out;
    for (const CodeProse& code : codes) {
        std::string text = code.text;
        std::vector<std::string> names;
        for (const Cause cause : causes_of(code.status)) names.emplace_back(firstbyte::name_of(cause));
        if (!names.empty()) text += fmt::format("\nCauses: {}.", fmt::join(names, ", "));
        if (const ErrorFacts* facts = error_facts(code.status)) {
            text += fmt::format("\nMade by the edge it is of category {}, {}.", facts->category,
                                facts->retryable ? fmt::format("retryable after {} s", facts->retry_after)
                                                 : std::string("not retryable"));
        }
        out.push_back({std::to_string(code.status), text});
    }
    return out;
}

} // namespace firstbyte::report
