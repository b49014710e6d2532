#include "core/check.hpp"
#include "report/outcome_facts.hpp"
#include "report/slice.hpp"
#include "report/topics.hpp"

#include <fmt/format.h>

namespace firstbyte::report {
namespace {

/// What happened, as the edge or the client sees it. Status, timer, connection and settings come from their tables.
const char* prose_on(Cause cause) {
    switch (cause) {
    case Cause::Unfinished:
        return "the run stopped while the request was open. Requests that start inside the measured window are drained "
               "afterwards for as long as the longest timeout, so this should not be seen.";
    case Cause::CacheHit: return "the edge had the object and asked no origin.";
    case Cause::OriginReplied: return "the origin replied; its status was passed through.";
    case Cause::OriginFailed:
        return "the origin, or a proxy of its own before it, answered 502 or 504, and the edge passed that through: "
               "generated_by is origin. Behind it may be the same race on an idle connection that gives 520 at an "
               "edge.";
    case Cause::Refused:
        return "RST, or ICMP port unreachable, in reply to the edge's SYN. As a tfo_fallback: the server does not take "
               "SYN data, for it has Fast Open off or too many such connections pending.";
    case Cause::ConnectTimeout: return "no SYN-ACK came in the whole SYN schedule, on every attempt.";
    case Cause::AckTimeout:
        return "request bytes were sent on a connection that was up, and no acknowledgement advanced in time. Typical "
               "of an origin that lost power before the request came.";
    case Cause::ReadTimeout: return "the request was acknowledged, and no response byte came in time.";
    case Cause::WriteTimeout:
        return "part of the request could not be written in time: the origin's window stayed closed because its "
               "application does not read. Its ACKs go on, so the ack timer is silent. A request that fits the send "
               "buffer ends by the read timer instead.";
    case Cause::Reset: return "the origin sent a RST on a fresh connection before a complete response header.";
    case Cause::EmptyReply:
        return "the origin closed a fresh connection in order before any byte of a response. As a mode of origin_down "
               "it is what the origin does: it reads the request and closes.";
    case Cause::StaleReuse:
        return "the origin had closed the pooled connection while the request was on its way, and the request may not "
               "be repeated: by its method, its body, or because it was repeated before. The gap in which it happens "
               "is one round trip between edge and origin around the origin's idle timeout. Safe order of idle "
               "timeouts: client < edge < origin; with the edge at 900 s most origins violate it.";
    case Cause::KeepaliveDead:
        return "TCP keepalive probes stayed unanswered, or were answered by RST, while a request waited. In profile "
               "\"cloudflare\" probes go out after 30 and 45 s of silence and the connection is given up at 60 s; with "
               "\"ibm-cis\" after 30 and 60 s, and at 90 s. Typical of an origin that lost power or restarted while it "
               "worked on the request.";
    case Cause::TlsHandshake:
        return "TCP was up; the TLS handshake ended with an alert, FIN or RST, or took longer than the tls timer.";
    case Cause::TlsCertificate:
        return "the TLS handshake was complete, and the certificate expired, self-signed or of another name. Only with "
               "ssl_mode strict; with full such a certificate is taken.";
    case Cause::Truncated:
        return "the status was 200 and its header had been forwarded; then the body stopped early, by FIN, RST or a "
               "timer on the origin's side. The edge can only close the client's connection. Never repeated.";
    case Cause::ConnectionReset:
        return "RST on the client's established connection. After a change of routes its packets reach another PoP, "
               "which has no such connection; a restart or a balancing of the edge resets as well, and so does a "
               "request that meets the edge's idle timeout on its way.";
    case Cause::Reroute:
        return "routes moved while the connection was open, its packets reached another PoP, and that one answered "
               "RST. It takes one round trip to the new PoP. Never a 5xx: the edge that had the connection learns "
               "nothing, and keeps it until its own timers end it.\n"
               "Browsers repeat such a request once when it may be repeated (request_retries); what is left here are "
               "first requests of a connection, requests that may not be repeated, and those of scripts. The event "
               "that moved the route is the label event, its place in the scenario's list.";
    case Cause::ConnectionRefused: return "RST in reply to the client's SYN: nobody listens at the PoP.";
    case Cause::ConnectionTimeout:
        return "the client's SYN schedule or its retransmissions ran out. With Linux's defaults a SYN is given up "
               "after 131 s.";
    case Cause::EndOfFile:
        return "the connection was closed in order while the client's request waited, before any byte of a response.";
    case Cause::EdgeInternal:
        return "the edge itself failed: no local port was free towards the origin (EADDRNOTAVAIL), or it is overloaded "
               "(event edge_overload, whose status it takes).";
    case Cause::ClientGone:
        return "the client left while the edge was still at its request: connecting, waiting, or at the origin. "
               "Nothing can be sent to it, so the status exists in the edge's log only. The edge resets its connection "
               "to the origin.";
    case Cause::ClientTimeout:
        return "the client's own deadline passed before the request could reach the edge, as while its connection was "
               "still being made. No edge logs anything. As a view it is every request that the client gave up, those "
               "that the edge logs as 499 among them.";
    case Cause::RequestTimeout:
        return "the client began a request and did not complete it in time: the edge answers 408 and closes.";
    case Cause::Dns:
        return "the origin's name does not resolve, so the edge sends no packet. As a mode of origin_down "
               "it is what fails.";
    case Cause::Unreachable:
        return "a router answered the edge's SYN with ICMP host unreachable: there is no way to the origin.";
    case Cause::Malformed: return "the origin closed inside the response header, or what it sent is no HTTP header.";
    case Cause::HeaderTooLarge:
        return "the response header is longer than the edge takes: 128 KiB in profile \"cloudflare\".";
    case Cause::H2Protocol: return "the origin breaks the rules of HTTP/2, or ends the stream with an error.";
    case Cause::BadEncoding: return "the compressed body has the wrong length, which the edge finds when it opens it.";
    case Cause::count_: break;
    }
    invariant_broken("a cause is one of the enumerators", "switch", __FILE__, __LINE__);
}

std::string cause_text(Cause cause) {
    std::string head = "cause";
    if (const int status = status_of(cause); status != 0) head += fmt::format(" of {}", status);
    std::string out = fmt::format("{}: {}\n", head, prose_on(cause));
    const std::string timer = timer_of(cause), leg = leg_of(cause);
    out += timer.empty() ? "No timer decides." : fmt::format("Timer: {}.", timer);
    if (!leg.empty()) out += fmt::format(" Leg: {}.", leg);
    out += fmt::format(" The client sees: {}.", firstbyte::name_of(view_of({cause})));
    out += fmt::format("\nSettings that decide: {}.", fmt::join(settings_of(cause), ", "));
    return out;
}

const char* prose_on(ClientView view) {
    switch (view) {
    case ClientView::Ok: return "a whole response with a status below 400";
    case ClientView::HttpError: return "a whole response with a status of 400 or more, those of the edge included";
    case ClientView::ConnRefused: return "RST in reply to its SYN";
    case ClientView::ConnTimeout: return "its SYN schedule or its retransmissions ran out";
    case ClientView::ConnReset: return "RST on its established connection";
    case ClientView::Eof: return "an orderly close before any byte of a response";
    case ClientView::Truncated: return "a body that stopped early, whatever its status line said";
    case ClientView::Deadline: return "its own deadline (clients[].deadline) passed first";
    case ClientView::None: return "nothing: the run stopped first";
    }
    invariant_broken("a view is one of the enumerators", "switch", __FILE__, __LINE__);
}

} // namespace

std::vector<Topic> cause_topics() {
    std::vector<Topic> out;
    for (int cause = 0; cause < static_cast<int>(Cause::count_); ++cause) {
        const auto which = static_cast<Cause>(cause);
        out.push_back({firstbyte::name_of(which), cause_text(which)});
    }
    return out;
}

std::vector<Topic> view_topics() {
    std::vector<Topic> out;
    for (int view = 0; view <= static_cast<int>(ClientView::None); ++view) {
        const auto which = static_cast<ClientView>(view);
        out.push_back({firstbyte::name_of(which),
                       fmt::format("label client_view, what the client itself sees: {}.", prose_on(which))});
    }
    return out;
}

} // namespace firstbyte::report
