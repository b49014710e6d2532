#include "report/topics.hpp"

namespace firstbyte::report {

std::vector<Topic> metric_topics() {
    return {
        {"ttfb",
         "time to first byte, ns: from the client's decision to send a request to the first byte of the response "
         "at the client. It includes setting up the connection when the request had to open one, TLS as well, "
         "but no DNS. Responses made by the edge (520, 522, 524, ...) count too.\n"
         "Labels: client, country, pop, region, rtt, object, method."},
        {"request_time", "as ttfb, to the last byte of the response. Same labels."},
        {"connect", "from the SYN until the client may send application data, ns. No round trip where the server took "
                    "the SYN's data (Fast Open). Labels: client, country, pop, region, rtt."},
        {"origin_ttfb", "from the edge's request to an origin to the first byte back at the edge, ns. Label: origin."},
        {"outcome",
         "how requests ended, a counter with the labels code, cause, timer, generated_by (edge, origin, "
         "none), leg (client_edge, edge_origin), origin, client_view, event (its place in the scenario's list), and "
         "those of ttfb. Code is the status, or the client's view "
         "where it saw none: truncated, conn_reset, conn_refused, conn_timeout, eof, client_timeout, unfinished.\n"
         "rate(outcome{code=522}) is per request: of all requests of the same clients, objects and origin."},
        {"connections",
         "connections that clients opened, counted when they start inside the measured window; of two that "
         "race (clients[].tfo.race) both. What counters of connections are counted among.\n"
         "Labels: client, country, pop, region, rtt."},
        {"origin_connections", "connections that the edge opened to origins. Results have it, thresholds do not."},
        {"origin_retries", "requests that the edge sent again after a reset on a reused connection."},
        {"cookie_requested", "connections whose SYN asked for a Fast Open cookie. Linux counts the server's side as "
                             "TCPFastOpenCookieReqd. ratio() is per connection."},
        {"cookie_granted", "connections whose SYN-ACK brought a cookie."},
        {"cookie_hit", "connections whose SYN carried a cookie. The expected share, with N connections of n clients in "
                       "the window, is 1 - n (1 - exp(-N/n)) / N."},
        {"cookie_stale", "connections whose cookie was made with another key: the tfo_fallback key_mismatch. Linux "
                         "counts them at the server as TCPFastOpenPassiveFail."},
        {"syn_data_accepted", "connections whose SYN data the server took. Linux: TCPFastOpenActive at the client, "
                              "TCPFastOpenPassive at the server."},
        {"syn_data_ignored", "connections whose SYN data the SYN-ACK did not acknowledge. They are sent again at once: "
                             "it costs bytes, not time. Linux: TCPFastOpenActiveFail at the client."},
        {"saved_rtt",
         "handshake round trips avoided by Fast Open. A saving is one round trip between client and PoP per "
         "new connection, so for each request it is that divided by the requests per connection."},
        {"tfo_fallback",
         "connections that gained nothing from Fast Open, with the label why: first_visit (no cookie "
         "yet), unsupported (the client's stack), stripped (a middlebox removes the option), dropped "
         "(the SYN with data is lost and sent again after 1 s), does_not_fit (the first flight is larger "
         "than a SYN can carry, as with a post-quantum ClientHello), key_mismatch (a cookie of another "
         "key), refused (the server does not take SYN data)."},
        {"reuse", "requests on a connection that was open already, as a share of requests; label leg: client_edge or "
                  "edge_origin, origin for the latter."},
        {"saving",
         "saving(p50(ttfb)) in a threshold: what a variant gains over the baseline, as a time or as a share of "
         "the baseline. Only compare can judge it."},
        {"tfo_penalty",
         "extra set-up time of connections whose SYN data were lost and sent again, ns: beyond the round trip "
         "of the path. Labels: client, country, pop, region, rtt."},
        {"idle_at_reuse",
         "how long the connection that a request takes again had been idle, ns; labels leg (client_edge, edge_origin), "
         "origin, and those of connect. Values near an idle timeout are requests near the race of stale_reuse."},
        {"keepalive_probes", "TCP keepalive probes that the edge sent; labels leg, answer (answered, unanswered), "
                             "origin, and those of connect."},
        {"keepalive_dead_after", "from the last activity of a connection until the edge's probes found the peer dead, "
                                 "ns: idle + probes x interval. Labels as idle_at_reuse."},
        {"origin_wait", "from a complete request at an origin until a worker began with it, ns (origins[].workers). "
                        "Label: origin."},
        {"origin_rejected", "requests that an origin answered by 503 because as many waited as may (origins[].queue). "
                            "Label: origin."},
        {"executions", "requests that a worker of an origin began with, repeated ones included. Label: origin."},
        {"repeated_executions", "executions beyond the first one of the same request, as retries of edges and clients, "
                                "copied SYNs and races of connections make them. Label: origin."},
        {"unsafe_repeats", "replay risk: repeated executions of methods that are not idempotent (RFC 9110 section "
                           "9.2.2). Label: origin. 0 with edge.retry.reused_reset idempotent, unless clients or SYN "
                           "data repeat a request."},
        {"cache_hits", "fresh copies that the caches of PoPs served (edge.cache); ratio() and rate() are per lookup. "
                       "Label: pop."},
        {"cache_stale", "stale copies served while a new one was fetched (edge.cache.stale_while_revalidate). Label: "
                        "pop."},
        {"cache_misses", "lookups that found no copy to serve. Label: pop."},
        {"cache_coalesced", "of cache_misses, those that waited for a fetch under way (edge.cache.coalesce). Label: "
                            "pop."},
        {"cache_evictions", "copies that made room for others (edge.cache.capacity). Label: pop."},
        {"catchment", "share of a client group's connections that a PoP had, with the labels client and pop. The "
                      "command catchment prints where routes lead before anything happens; this is what came of them "
                      "in the run. A group that comes to several PoPs has a row for each."},
        {"reroute_broken",
         "connections that broke because their packets went to another PoP, which has no such connection: by its RST, "
         "by silence where it drops such packets, or because the first PoP closed them "
         "while it heard nothing more. Counted when they start inside the measured window, at the PoP that had them.\n"
         "Labels: client, country, pop, region, rtt. ratio() is per connection."},
        {"reroute_reset", "the connections of reroute_broken that another PoP's RST ended."},
        {"blackhole_broken", "connections that were given up, or closed by their PoP, while no route led from the "
                             "client to any PoP: packets were dropped or went round in a loop. Same labels."},
        {"request_retries",
         "requests that clients sent again, on a new connection, because the connection that they had used before was "
         "reset (clients[].retry_on_reset). Only idempotent ones, and only before any byte of the response. Their time "
         "to first byte counts from the first try."},
        {"packets_blackholed",
         "packets of clients that met a network without a route to the anycast prefix. Results have it, "
         "thresholds do not."},
        {"packets_looped", "packets of clients that networks handed to one another until their TTL was spent. "
                           "Results have it, thresholds do not."},
        {"packets_foreign", "packets of clients that reached a PoP without their connection, whatever it did then. "
                            "Results have it, thresholds do not."},
        {"packets_forwarded", "of packets_foreign, those that the PoP sent on to the one that has the connection. "
                              "Results have it, thresholds do not."},
        {"bgp_convergence",
         "time from an event that moves routes to the last change of any network's best path, ns; one "
         "sample an event. Labels: event (its place in the scenario's list), pop."},
        {"pop_load",
         "requests a second that arrive at a PoP, bucket by bucket (output.timeline); max, mean, min and quantiles "
         "are over the buckets of the measured window and the replications. Label: pop."},
        {"origin_queue", "requests that wait for a worker of an origin, mean of each bucket of time. Label: origin. "
                         "Statistics as of pop_load."},
        {"origin_busy", "workers of an origin that are at work, mean of each bucket of time: divided by "
                        "origins[].workers it is the utilisation. Label: origin. Statistics as of pop_load."},
    };
}

} // namespace firstbyte::report
