#include "core/check.hpp"
#include "firstbyte/scenario.hpp"
#include "report/topics.hpp"

#include <fmt/format.h>

namespace firstbyte::report {
namespace {

const char* prose_on(Event::Kind kind) {
    switch (kind) {
    case Event::Kind::OriginDown: return "an origin fails for a while, in the way that `mode` names.";
    case Event::Kind::RotateTfoKey:
        return "the PoPs make Fast Open cookies with a new key. Cookies of the old one are refused "
               "(key_mismatch), unless keep_old lets the old key stay valid.";
    case Event::Kind::Set:
        return "a setting changes during the run: fast_open.enabled of a leg or of one of its ends, or the "
               "service_time of an origin.";
    case Event::Kind::Surge: return "sessions begin `factor` times as often, of one client group or of all.";
    case Event::Kind::ClearPathRules: return "rules of clients' paths (drops, stripped options) act no longer.";
    case Event::Kind::OriginRestart:
        return "an origin's server process starts again: every connection is reset at once and pooled ones with it; "
               "with graceful idle ones are closed in order and others finish.";
    case Event::Kind::EdgeRestart:
        return "the server process of a PoP starts again: every connection of both legs is reset. Clients see "
               "conn_reset and repeat what they may (clients[].retry_on_reset).";
    case Event::Kind::EdgeMaintenance:
        return "a PoP stops taking work: idle connections are closed in order on both legs, the rest when its response "
               "is complete. No request fails by it, but for those on their way on an idle connection.";
    case Event::Kind::EdgeBalance: return "a PoP resets a share of its clients' connections, as when load is moved.";
    case Event::Kind::EdgeOverload:
        return "a PoP answers a share of requests with 500, 502 or 503 itself (cause edge_internal).";
    case Event::Kind::Withdraw:
        return "a PoP withdraws its announcement of the anycast prefix; clients move after "
               "BGP has converged.";
    case Event::Kind::Announce: return "a PoP announces the anycast prefix (again).";
    case Event::Kind::Prepend: return "a PoP's announcement carries extra copies of the own ASN: less attractive.";
    case Event::Kind::LinkDown: return "a link between two networks, or a network and a PoP, goes down.";
    case Event::Kind::PopDies: return "a PoP loses power: nothing leaves it, its neighbours notice by hold time.";
    case Event::Kind::Drain:
        return "a PoP is emptied gently: its routes become unattractive first (graceful_shutdown, RFC 8326, or "
               "prepend), and are withdrawn after withdraw_after.";
    case Event::Kind::count_: break;
    }
    invariant_broken("a kind of event is one of the enumerators", "switch", __FILE__, __LINE__);
}

const char* prose_on(Event::Mode mode) {
    switch (mode) {
    case Event::Mode::DropSyn: return "a firewall drops SYNs, open connections go on. New ones: 522 (connect_timeout).";
    case Event::Mode::Refuse:
        return "no process listens. SYNs get RST: 521 (refused). Requests in service are reset: 520.";
    case Event::Mode::Reset:
        return "accepts, and resets when a request comes: 520 (reset), or another try where the "
               "connection was a pooled one.";
    case Event::Mode::Silent: return "the kernel acknowledges, the application never answers: 524 (read_timeout).";
    case Event::Mode::Drop:
        return "every packet vanishes, nothing is forgotten. New connections: 522 (connect_timeout); requests sent: "
               "522 (ack_timeout); those acknowledged before: 520 (keepalive_dead).";
    case Event::Mode::PowerOff:
        return "as drop, and what was in memory is lost: afterwards old connections are "
               "answered by RST.";
    case Event::Mode::Unreachable: return "a router answers SYNs with ICMP host unreachable: 523 (unreachable).";
    case Event::Mode::PortUnreachable: return "ICMP port unreachable in reply to SYNs: 521 (refused).";
    case Event::Mode::NoAccept:
        return "the application takes no connection. The kernel does until the accept queue is full, and acknowledges: "
               "524 (read_timeout); then SYNs are dropped: 522.";
    case Event::Mode::NoAck: return "takes connections, and nothing that comes on them arrives: 522 (ack_timeout).";
    case Event::Mode::SlowRead:
        return "the application does not read, the window closes. Long requests: 524 (write_timeout); those that fit "
               "the buffers: 524 (read_timeout).";
    case Event::Mode::EmptyReply: return "reads the request and closes: 520 (empty_reply).";
    case Event::Mode::Garbage: return "answers with something that is no HTTP: 520 (malformed).";
    case Event::Mode::CloseInHeader: return "FIN inside the response header: 520 (malformed).";
    case Event::Mode::CloseInBody: return "FIN before the announced length: a truncated 200.";
    case Event::Mode::ResetInHeader: return "RST inside the response header: 520 (reset).";
    case Event::Mode::ResetInBody: return "RST before the announced length: a truncated 200.";
    case Event::Mode::HangInBody: return "part of the body, then nothing: truncated when the read timer fires.";
    case Event::Mode::BigHeader: return "a response header of `size`: 520 (header_too_large) beyond the edge's limit.";
    case Event::Mode::BadCertificate:
        return "its certificate is expired, self-signed or of another name: 526 (tls_cert) with ssl_mode strict.";
    case Event::Mode::TlsAlert: return "the TLS handshake ends with an alert: 525 (tls_handshake).";
    case Event::Mode::TlsClose: return "FIN in the TLS handshake: 525 (tls_handshake).";
    case Event::Mode::TlsReset: return "RST in the TLS handshake: 525 (tls_handshake).";
    case Event::Mode::TlsHang: return "the TLS handshake never goes on: 525 (tls_handshake) after the tls timer.";
    case Event::Mode::RejectClient:
        return "RST after the TLS handshake, as by an origin that does not accept the edge's own certificate: 520.";
    case Event::Mode::BadEncoding: return "compressed bodies of the wrong length: 502 (bad_encoding).";
    case Event::Mode::Dns: return "its name does not resolve: 530 (dns).";
    case Event::Mode::count_: break;
    }
    invariant_broken("a way of failing is one of the enumerators", "switch", __FILE__, __LINE__);
}

} // namespace

std::vector<Topic> event_topics() {
    std::vector<Topic> out;
    for (int kind = 0; kind < static_cast<int>(Event::Kind::count_); ++kind) {
        const auto which = static_cast<Event::Kind>(kind);
        out.push_back({name_of(which), fmt::format("event (events[].do): {}", prose_on(which))});
    }
    return out;
}

std::vector<Topic> mode_topics() {
    std::vector<Topic> out;
    for (int mode = 0; mode < static_cast<int>(Event::Mode::count_); ++mode) {
        const auto which = static_cast<Event::Mode>(mode);
        out.push_back({name_of(which), fmt::format("mode of origin_down: {}", prose_on(which))});
    }
    return out;
}

} // namespace firstbyte::report
