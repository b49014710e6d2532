#include "report/topics.hpp"

namespace firstbyte::report {

// What each comes to at the edge is the outcome table of docs/model.md.
std::vector<Topic> event_topics() {
    return {
        {"event origin_down", "an origin fails in one of many ways (`mode`) for a while (`for`). `explain \"mode "
                              "NAME\"` tells what each does and what comes of it."},
        {"event rotate_tfo_key",
         "PoPs get a new Fast Open key; with keep_old the one before still checks cookies. Without it each client's "
         "next attempt fails once, at no cost in time but the lost saving."},
        {"event set", "switches Fast Open of a leg, or of one end of it, on or off."},
        {"event clear_path_rules", "the path_rules of a client group act no longer."},
        {"event origin_restart",
         "the origin's process ends and starts again: its connections are reset and what is in service is lost (520), "
         "or with graceful idle connections get a FIN and the others finish."},
        {"event edge_restart", "a PoP's server process ends and starts again: connections of both legs are reset, its "
                               "cache is empty. Clients see conn_reset, never a 5xx."},
        {"event edge_maintenance",
         "a PoP closes what is idle on both legs in order, and the rest when its response is complete."},
        {"event edge_balance", "a PoP resets a share of its clients' connections to move load elsewhere."},
        {"event edge_overload",
         "a PoP answers a share of the requests with 500, 502 or 503 itself: cause edge_internal."},
        {"event withdraw", "a PoP stops announcing; with `for` it announces again afterwards. Networks find their next "
                           "route as updates reach them."},
        {"event announce", "a PoP announces (again)."},
        {"event prepend",
         "a PoP's path becomes longer for everyone. Local preference comes first, so many networks do not care."},
        {"event link_down",
         "a link between two networks, or a network and a PoP, loses carrier: both ends know at once."},
        {"event pop_dies",
         "a PoP falls silent: neighbours notice by hold timer or BFD, and until then packets vanish."},
        {"event drain",
         "a PoP makes its routes unattractive first and withdraws later, so that no network is without a route."},
        {"mode drop_syn",
         "of origin_down: a firewall drops SYNs: 522 after every attempt's schedule. Open connections go on."},
        {"mode refuse",
         "of origin_down: no process listens: RST, 521 after one round trip. Requests in service are reset (520)."},
        {"mode reset", "of origin_down: takes connections, and resets them when a request comes: 520, cause reset."},
        {"mode silent", "of origin_down: the kernel acknowledges, the application never answers: 524."},
        {"mode drop", "of origin_down: every packet vanishes, nothing is forgotten: 522 for new connections, 522 (ack) "
                      "or 520 (keepalive) for requests under way."},
        {"mode power_off", "of origin_down: every packet vanishes and memory is lost. Before the request is "
                           "acknowledged 522 after edge.timeouts.ack, after that 520 when probes stay unanswered; when "
                           "it is on again the first probe is answered by RST: 520."},
        {"mode unreachable",
         "of origin_down: a router answers SYNs with ICMP host unreachable: 523 after one round trip."},
        {"mode port_unreachable", "of origin_down: ICMP port unreachable in answer to a SYN: 521."},
        {"mode no_accept", "of origin_down: the application takes no connection: the accept queue fills (524 for those "
                           "in it), further SYNs are dropped (522)."},
        {"mode no_ack", "of origin_down: handshakes are answered, data never arrive: 522 after edge.timeouts.ack."},
        {"mode slow_read",
         "of origin_down: the application does not read: the window closes. A request larger than window and send "
         "buffer ends by the write timer, a small one by the read timer: 524 either way."},
        {"mode empty_reply", "of origin_down: reads the request and closes: 520, cause empty_reply."},
        {"mode garbage", "of origin_down: answers with something that is no HTTP: 520, cause malformed."},
        {"mode close_in_header", "of origin_down: FIN inside the response header: 520, cause malformed."},
        {"mode close_in_body", "of origin_down: FIN before the announced length: truncated."},
        {"mode reset_in_header", "of origin_down: RST inside the response header: 520, cause reset."},
        {"mode reset_in_body", "of origin_down: RST before the announced length: truncated."},
        {"mode hang_in_body", "of origin_down: part of the body, then nothing: truncated when the read timer fires."},
        {"mode big_header", "of origin_down: a response header of `size` (200 KB): 520, cause header_too_large, where "
                            "edge.timeouts.header_limit is smaller."},
        {"mode bad_certificate", "of origin_down: a certificate that is not valid: 526 with edge.ssl_mode strict."},
        {"mode tls_alert", "of origin_down: the TLS handshake ends with an alert: 525."},
        {"mode tls_close", "of origin_down: FIN in the TLS handshake: 525."},
        {"mode tls_reset", "of origin_down: RST in the TLS handshake: 525."},
        {"mode tls_hang", "of origin_down: the TLS handshake never goes on: 525 after edge.timeouts.tls."},
        {"mode reject_client", "of origin_down: RST after the TLS handshake, as when the edge's certificate is not "
                               "accepted (mTLS): 520, cause reset."},
        {"mode bad_encoding", "of origin_down: a compressed body of the wrong length: 502 by the edge."},
        {"mode dns", "of origin_down: the name does not resolve: 530 for new connections."},
    };
}

} // namespace firstbyte::report
