#include "report/topics.hpp"

namespace firstbyte::report {

// What the codes mean follows Cloudflare's and IBM's published descriptions of 499 and 520 to 526 and their tables of
// connection limits; which timer leads to which code is the outcome table of docs/model.md.
std::vector<Topic> outcome_topics() {
    return {
        {"200",
         "the response arrived: from the edge's cache (cause cache_hit) or from the origin (origin_status). A body "
         "that stopped early is not counted here but as truncated."},
        {"499", "the client left before the edge could answer. Nothing can be sent to it, so the code exists in the "
                "edge's log only. Impatient clients give 499 where patient ones would have seen 522 or 524: counts of "
                "499 rise first. This version has no client deadlines and makes no 499."},
        {"502",
         "the edge itself failed (cause edge_internal): all its local ports towards the origin are taken. 28,232 "
         "ports, each of them kept for 60 s of TIME-WAIT after its connection, allow about 470 new connections "
         "a second from one PoP to one origin. A pool that keeps connections open avoids it."},
        {"520", "the origin answered wrongly or hung up: a reset before a complete response header (cause reset), an "
                "orderly close before any byte (empty_reply), a reset on a pooled connection whose request may not be "
                "repeated (stale_reuse), or silence under keepalive probes (keepalive_dead).\n"
                "Not a refusal (521), not silence during the handshake (522), not slowness (524).\n"
                "Many stale_reuse mean that the origin closes idle connections (origins[].idle_timeout) before the "
                "edge's pool does (edge.origin_pool.idle_timeout). TCP keepalive probes do not extend an HTTP idle "
                "timeout."},
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
        {"523", "the edge has no route to the origin: the network answers that it is unreachable. Not a refusal by the "
                "origin itself (521). This version does not withdraw origins' routes and makes no 523."},
        {"524", "the origin accepted the connection and the request, but sent no response byte within "
                "edge.timeouts.read (125 s in profile \"cloudflare\"). Not a handshake failure (522), not a refusal "
                "(521), not a reset (520). The timer measures the longest gap between two reads: a response that sends "
                "a byte now and then never hits it.\n"
                "Cause write_timeout is the rarer form: request bytes could not be written for edge.timeouts.write "
                "(30 s), because the origin stopped reading."},
        {"525", "TCP connected, but the TLS handshake with the origin failed or stalled for edge.timeouts.tls (cause "
                "tls_handshake). Not retried."},
        {"526", "TLS completed, but the origin's certificate is not valid. Certificates are not modelled: this version "
                "makes no 526."},
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
        {"truncated", "the status was 200, the body stopped early: the origin closed or reset the connection after its "
                      "header had been forwarded."},
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

} // namespace firstbyte::report
