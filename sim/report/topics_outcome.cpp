#include "report/topics.hpp"

namespace firstbyte::report {

namespace {

// What the codes mean follows Cloudflare's and IBM's published descriptions of 499 and 520 to 526 and their tables of
// connection limits; which timer leads to which code is the outcome table of docs/model.md.
std::vector<Topic> outcome_words() {
    return {
        {"200",
         "the response arrived: from the edge's cache (cause cache_hit) or from the origin (origin_status). A body "
         "that stopped early is not counted here but as truncated."},
        {"408",
         "a client began a request and did not complete it within edge.timeouts.request (60 s): cause "
         "request_timeout. The edge answers and closes the connection; the origin hears nothing of it. Slow uploads "
         "over bad links, and clients that lie about their Content-Length."},
        {"499",
         "the client left before the edge could answer: its deadline (clients[].deadline) passed while the edge was "
         "still connecting to the origin or waiting for it, cause client_gone. Nothing can be sent to it, so the "
         "code exists in the edge's log only; the client's view is client_timeout. The edge gives its exchange with "
         "the origin up at once.\n"
         "Impatient clients give 499 where patient ones would have seen 522 or 524: counts of 499 rise first. In front "
         "of an origin that drops SYNs the border is 38 s (profile cloudflare) or 30 s (ibm-cis). A request that could "
         "not leave before the deadline is logged by nobody: client_timeout."},
        {"500",
         "an edge without room (event edge_overload with status 500), or the origin's own answer (origins[].statuses): "
         "generated_by tells them apart."},
        {"502", "by the edge: all its local ports towards the origin are taken (cause edge_internal; 28,232 ports, "
                "each kept for 60 s "
                "of TIME-WAIT, allow about 470 new connections a second from one PoP to one origin; a pool that keeps "
                "connections "
                "avoids it), it has no room (event edge_overload), or the body's encoding is broken (bad_encoding).\n"
                "By the origin: passed through, cause origin_5xx, generated_by origin. A balancer in front of the "
                "application answers "
                "so when its own target closed a connection that it used again."},
        {"503",
         "the origin turned the request away because as many wait as may (origins[].queue), it answered so itself "
         "(origins[].statuses), or an edge without room did (event edge_overload, generated_by edge)."},
        {"504", "the origin's own: a proxy there gave up on what is behind it. Passed through, cause origin_5xx. The "
                "edge itself "
                "answers 524 when it waits too long."},
        {"520",
         "the origin answered wrongly or hung up. Causes: reset (RST before a complete header), empty_reply (FIN "
         "before any "
         "byte), malformed (FIN inside the header, or no HTTP), header_too_large (beyond edge.timeouts.header_limit), "
         "stale_reuse (a pooled connection was closed and the request may not be repeated), keepalive_dead (probes "
         "unanswered "
         "or answered by RST).\n"
         "Not a refusal (521), not silence in the handshake (522), not slowness (524).\n"
         "Many stale_reuse mean that the origin closes idle connections (origins[].idle_timeout) before the edge's "
         "pool does "
         "(edge.origin_pool.idle_timeout): client idle < edge idle < origin idle is the safe order. TCP keepalive "
         "probes do not "
         "extend an HTTP idle timeout. Retryable after 60 s, as the vendor tells machines."},
        {"521", "the origin refused the connection: a RST came back for the SYN (cause refused), after one round trip "
                "between edge and origin. A firewall that rejects gives 521, one that drops gives 522. Not retried."},
        {"522",
         "nobody answered. Either no SYN-ACK came in the whole SYN schedule, on every attempt (cause "
         "connect_timeout), or request bytes stayed unacknowledged for edge.timeouts.ack (cause ack_timeout, "
         "90 s in profile \"cloudflare\").\n"
         "The schedule is edge.timeouts.syn_schedule: waits of 1, 1, 1, 1, 1, 2, 4 and 8 s in profile "
         "\"cloudflare\", 19 s in all. There are edge.retry.connect_attempts attempts, two by default, so the "
         "code appears after 38 s; in profile \"ibm-cis\" after 30 s. A dark window shorter than that gives slow "
         "responses instead of 522."},
        {"523", "no way to the origin: a router answers the SYN with ICMP host unreachable (cause unreachable), one "
                "round trip after "
                "it. Not a refusal by the origin itself (521). In a scenario: origin_down with mode unreachable."},
        {"524", "the origin accepted the connection and the request, but sent no response byte within "
                "edge.timeouts.read (125 s in profile \"cloudflare\"). Not a handshake failure (522), not a refusal "
                "(521), not a reset (520). The timer measures the longest gap between two reads: a response that sends "
                "a byte now and then never hits it.\n"
                "Cause write_timeout is the rarer form: request bytes could not be written for edge.timeouts.write "
                "(30 s), because the origin stopped reading."},
        {"525", "TCP connected, but the TLS handshake with the origin failed: an alert, a FIN or a RST in it, or it "
                "took longer than "
                "edge.timeouts.tls (10 s). Cause tls_handshake. Not retried, but edge.retry.zero_downtime_failover "
                "tries another "
                "origin."},
        {"526",
         "TLS completed, but the origin's certificate is not valid (expired, self-signed, another name): cause "
         "tls_cert. Only with "
         "edge.ssl_mode strict; with full the request goes on. In a scenario: origin_down with mode bad_certificate."},
        {"530", "the origin's name does not resolve: cause dns. No packet leaves. Connections that are open already go "
                "on. In a scenario: "
                "origin_down with mode dns."},
        {"unfinished", "the run stopped while the request was open. Requests that start inside the measured window are "
                       "drained afterwards for as long as the longest timeout, so this should not be seen; it has no "
                       "status."},
        {"cache_hit", "cause of a 200: the edge had the object and asked no origin."},
        {"origin_status", "cause: the origin replied, its status was passed through."},
        {"refused",
         "cause of 521: RST in reply to the edge's SYN. As a tfo_fallback: the server does not take SYN data, "
         "for it has Fast Open off or too many such connections pending."},
        {"connect_timeout", "cause of 522: the SYN schedule (edge.timeouts.syn_schedule) ran out on every attempt "
                            "(edge.retry.connect_attempts)."},
        {"ack_timeout", "cause of 522: request bytes were sent on a connection that was up, and no acknowledgement "
                        "advanced for edge.timeouts.ack. Typical of an origin that lost power."},
        {"read_timeout", "cause of 524: the request was acknowledged, no response byte came within "
                         "edge.timeouts.read."},
        {"write_timeout", "cause of 524: request bytes could not be written for edge.timeouts.write."},
        {"reset", "cause of 520: the origin sent a RST before a complete response header."},
        {"empty_reply", "cause of 520: the origin closed the connection before any byte of a response."},
        {"stale_reuse",
         "cause of 520: the origin had closed the pooled connection while the request was on its way, and "
         "the request may not be repeated (edge.retry.reused_reset). The gap in which it happens is one "
         "round trip between edge and origin before the origin's idle timeout."},
        {"keepalive_dead",
         "cause of 520: TCP keepalive probes stayed unanswered while a request waited. In profile "
         "\"cloudflare\" probes go out after 30 and 45 s of silence and the connection is given up at "
         "60 s."},
        {"tls_handshake", "cause of 525: the TLS handshake with the origin failed or took longer than "
                          "edge.timeouts.tls."},
        {"edge_internal", "cause of 502: the edge could open no connection to the origin, because no local port was "
                          "free (EADDRNOTAVAIL)."},
        {"client_gone",
         "cause of 499: the client's connection was closed or reset while the edge was still at its request. Timer: "
         "the client's own, clients[].deadline."},
        {"client_timeout",
         "seen by the client: its deadline (clients[].deadline) passed. As a cause: before its request could leave, so "
         "that the edge logs nothing. Where the edge had it, the log says 499, or the status that was already on its "
         "way."},
        {"request_timeout",
         "cause of 408: bytes of a request came, and the rest of it did not within edge.timeouts.request."},
        {"dns", "cause of 530: the origin's name does not resolve (origin_down, mode dns)."},
        {"unreachable",
         "cause of 523: ICMP host unreachable in answer to the SYN. A port unreachable is a refusal, 521."},
        {"tls_cert", "cause of 526: the certificate is not valid, and edge.ssl_mode is strict."},
        {"malformed", "cause of 520: the origin closed inside its response header, or sent something that is no HTTP."},
        {"header_too_large", "cause of 520: the response header is longer than edge.timeouts.header_limit (128 KiB in "
                             "profile cloudflare, 16 "
                             "KiB in ibm-cis). Too many cookies, as a rule."},
        {"h2_protocol", "cause of 520: the origin breaks the rules of HTTP/2. HTTP/2 towards origins is not built: "
                        "nothing makes it yet."},
        {"bad_encoding",
         "cause of 502 by the edge: a compressed body of the wrong length (origin_down, mode bad_encoding)."},
        {"origin_5xx", "cause: the origin itself answered 502 or 504, which passes through."},
        {"ok", "client view: a whole response with a status below 400."},
        {"http_error", "client view: a whole response with a status of 400 or more; the 52x of the edge are such."},
        {"timer connect",
         "starts with the first SYN to an origin, stops with a SYN-ACK, a RST or an ICMP error. Its length is the sum "
         "of "
         "edge.timeouts.syn_schedule; edge.retry.connect_attempts attempts, then 522. Nothing is sent when it ends."},
        {"timer tls", "starts when the ClientHello to an origin is sent, stops when the handshake is done. "
                      "edge.timeouts.tls, then RST and 525."},
        {"timer ack", "runs while request bytes are unacknowledged, and starts anew with each ACK that advances. "
                      "edge.timeouts.ack (90 s), then "
                      "RST and 522; a cut response when its header is out. Where the peer announces no window, ACKs "
                      "keep coming and the timer "
                      "never fires: then write or read."},
        {"timer write",
         "runs while bytes of the request wait for room in the send buffer, and starts anew with each that goes in. "
         "edge.timeouts.write (30 s), then RST and 524."},
        {"timer read", "starts when the request is queued, and starts anew with each read: the longest gap between two "
                       "reads, not a total. "
                       "edge.timeouts.read, late by up to edge.timeouts.read_slack; then RST and 524, or a cut "
                       "response when its header is out. "
                       "A byte now and then keeps it from firing (origins[].heartbeat), a keepalive probe does not."},
        {"timer keepalive", "TCP probes when nothing is outstanding and nothing has come for keepalive.idle, one each "
                            "keepalive.interval; dead at "
                            "idle + probes x interval. To origins 30 + 2 x 15 s = 60 s (cloudflare), 90 s (ibm-cis): "
                            "520 if a request waits, else "
                            "the pool just loses the connection. To clients 400 (or 300) + 9 x 75 s, then RST."},
        {"timer pool", "a pooled connection that is idle for edge.origin_pool.idle_timeout leaves the pool, then a FIN "
                       "goes out. No request "
                       "can meet it: no outcome."},
        {"timer client idle",
         "an HTTP connection of a client without a request for tcp.client_edge.idle_timeout (400 s) gets a FIN, unless "
         "edge.idle_action is probe: then only unanswered probes end it. A request that races the FIN is reset."},
        {"timer request", "the guard of incomplete requests: edge.timeouts.request from the first byte, then 408 and "
                          "the connection closes."},
        {"timer client", "the client's own patience: clients[].deadline per request, or its TCP retransmissions."},
        {"replay risk",
         "a request may be executed twice: the edge repeated it after a reset, the client did, or SYN data of Fast "
         "Open came "
         "again after the first connection was gone. executions counts what origins begin with, repeated_executions "
         "those beyond "
         "the first, unsafe_repeats those of them whose method is not idempotent (RFC 9110 section 9.2.2)."},
        {"truncated", "the status was 200, the body stopped early: the origin closed or reset the connection after its "
                      "header had been forwarded, or its read timer fired in the body. The edge cannot take the status "
                      "back; it closes "
                      "without completing. `behind` in result.json says which it was."},
        {"conn_reset", "seen by the client: RST on its established connection. After a change of routes its packets "
                       "reach another PoP, which has no such connection."},
        {"reroute", "cause of a conn_reset: routes moved while the connection was open, its packets reached another "
                    "PoP, and that one answered RST. It takes one round trip to the new PoP. Never a 5xx: the edge "
                    "that had the connection learns nothing, and keeps it until its own timers end it.\n"
                    "Browsers repeat such a request once when it may be repeated (request_retries); what is left here "
                    "are first requests of a connection, requests that may not be repeated, and those of scripts. "
                    "The event that moved the route is the label event, its place in the scenario's list."},
        {"conn_refused", "seen by the client: RST in reply to its SYN."},
        {"conn_timeout", "seen by the client: its SYN schedule or its retransmissions ran out. With Linux's defaults a "
                         "SYN is given up after 131 s."},
        {"eof", "seen by the client: the connection was closed while its request waited, before any response byte."},
    };
}

} // namespace

std::vector<Topic> outcome_topics() {
    std::vector<Topic> topics = outcome_words();
    const std::vector<Topic> events = event_topics();
    topics.insert(topics.end(), events.begin(), events.end());
    return topics;
}

} // namespace firstbyte::report
