#include "core/check.hpp"
#include "firstbyte/scenario.hpp"

namespace firstbyte {

const char* name_of(Event::Kind kind) {
    switch (kind) {
    case Event::Kind::OriginDown: return "origin_down";
    case Event::Kind::RotateTfoKey: return "rotate_tfo_key";
    case Event::Kind::Set: return "set";
    case Event::Kind::Surge: return "surge";
    case Event::Kind::ClearPathRules: return "clear_path_rules";
    case Event::Kind::OriginRestart: return "origin_restart";
    case Event::Kind::EdgeRestart: return "edge_restart";
    case Event::Kind::EdgeMaintenance: return "edge_maintenance";
    case Event::Kind::EdgeBalance: return "edge_balance";
    case Event::Kind::EdgeOverload: return "edge_overload";
    case Event::Kind::Withdraw: return "withdraw";
    case Event::Kind::Announce: return "announce";
    case Event::Kind::Prepend: return "prepend";
    case Event::Kind::LinkDown: return "link_down";
    case Event::Kind::PopDies: return "pop_dies";
    case Event::Kind::Drain: return "drain";
    case Event::Kind::count_: break;
    }
    invariant_broken("a kind of event is one of the enumerators", "switch", __FILE__, __LINE__);
}

const char* name_of(Event::Mode mode) {
    switch (mode) {
    case Event::Mode::DropSyn: return "drop_syn";
    case Event::Mode::Refuse: return "refuse";
    case Event::Mode::Reset: return "reset";
    case Event::Mode::Silent: return "silent";
    case Event::Mode::Drop: return "drop";
    case Event::Mode::PowerOff: return "power_off";
    case Event::Mode::Unreachable: return "unreachable";
    case Event::Mode::PortUnreachable: return "port_unreachable";
    case Event::Mode::NoAccept: return "no_accept";
    case Event::Mode::NoAck: return "no_ack";
    case Event::Mode::SlowRead: return "slow_read";
    case Event::Mode::EmptyReply: return "empty_reply";
    case Event::Mode::Garbage: return "garbage";
    case Event::Mode::CloseInHeader: return "close_in_header";
    case Event::Mode::CloseInBody: return "close_in_body";
    case Event::Mode::ResetInHeader: return "reset_in_header";
    case Event::Mode::ResetInBody: return "reset_in_body";
    case Event::Mode::HangInBody: return "hang_in_body";
    case Event::Mode::BigHeader: return "big_header";
    case Event::Mode::BadCertificate: return "bad_certificate";
    case Event::Mode::TlsAlert: return "tls_alert";
    case Event::Mode::TlsClose: return "tls_close";
    case Event::Mode::TlsReset: return "tls_reset";
    case Event::Mode::TlsHang: return "tls_hang";
    case Event::Mode::RejectClient: return "reject_client";
    case Event::Mode::BadEncoding: return "bad_encoding";
    case Event::Mode::Dns: return "dns";
    case Event::Mode::count_: break;
    }
    invariant_broken("a way of failing is one of the enumerators", "switch", __FILE__, __LINE__);
}

} // namespace firstbyte
