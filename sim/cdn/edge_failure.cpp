// What becomes of a request whose exchange with the origin fails: another attempt, an error page, or a cut response.
#include "cdn/edge.hpp"
#include "cdn/edge_kinds.hpp"
#include "cdn/outcome.hpp"

#include <fmt/format.h>

namespace firstbyte::cdn {

/// The connection is over before its response was complete, by the origin or by the stack.
/// @param cause  EmptyReply stands for a FIN, whatever has come before it
void EdgeServer::on_upstream_lost(std::uint32_t index, Cause cause) {
    const UpstreamPhase phase = upstreams_[index].phase;
    if (phase == UpstreamPhase::Over) return;
    if (phase == UpstreamPhase::Checking) return end_check(index, false);
    if (phase == UpstreamPhase::Idle) leave_pool(index);
    let_go(index);
    const Upstream up = upstreams_[index]; // a copy: what follows may open connections
    if (phase != UpstreamPhase::Idle) settle_loss(up, phase, cause);
    serve_waiting(up.leg);
}

/// The edge itself ends the exchange: a timer fired, or what came is of no use.
void EdgeServer::give_up_upstream(std::uint32_t index, Cause cause) {
    const UpstreamPhase phase = upstreams_[index].phase;
    let_go(index);
    upstream_.abort(index);
    const Upstream up = upstreams_[index];
    settle_loss(up, phase, cause);
    serve_waiting(up.leg);
}

void EdgeServer::settle_loss(const Upstream& up, UpstreamPhase phase, Cause cause) {
    if (!client_live(up.client)) return;
    const std::uint32_t client = up.client.index;
    ClientSide& side = client_side(client);
    tell_loss(up, phase, cause);
    if (phase == UpstreamPhase::Connecting) {
        if (cause == Cause::ConnectTimeout && side.connect_attempts < context_.world.connect_attempts)
            return open_upstream(client);
        return fail(client, cause);
    }
    if (phase == UpstreamPhase::TlsFirst || phase == UpstreamPhase::TlsSecond) {
        const bool by_certificate = cause == Cause::TlsCertificate;
        return fail(client, by_certificate || cause == Cause::AckTimeout ? cause : Cause::TlsHandshake);
    }
    if (up.header_out) return truncate(client, cause);
    const bool closed_by_origin = cause == Cause::Reset || cause == Cause::EmptyReply;
    if (up.reused && closed_by_origin && up.received == 0) { // closed while the request was on its way
        if (!may_repeat(side)) return fail(client, Cause::StaleReuse);
        side.retried = true;
        if (context_.world.in_window(context_.engine.now())) ++results_of(up.leg).retries;
        return open_upstream(client); // on a fresh connection
    }
    if (cause == Cause::EmptyReply && up.received != 0) cause = Cause::Malformed; // FIN inside the header
    fail(client, cause);
}

/// Once, when the method allows it (RFC 9110 section 9.2.2) and the edge still has the whole request.
bool EdgeServer::may_repeat(const ClientSide& side) const {
    const World& world = context_.world;
    if (side.retried || world.reused_reset == ReusedReset::Never) return false;
    const RequestPlan plan = context_.planner.request({side.label.group, side.label.session}, side.label.request);
    if (plan.has_body && side.label.length > world.retry_buffer) return false;
    return plan.idempotent || world.reused_reset == ReusedReset::Any;
}

/// The header is with the client already: all that is left is to stop, without completing.
void EdgeServer::truncate(std::uint32_t client, Cause behind) {
    ClientSide& side = client_side(client);
    context_.tell(side.label, [] { return std::string("cuts the response: its header is with the client already"); });
    context_.truncations[{side.label.group, side.label.session, side.label.request}] = behind;
    fetch_lost(client);
    side.phase = ClientPhase::Over;
    close_client(client);
}

/// Nothing of a response has reached the client: another origin's turn, or an error page.
void EdgeServer::fail(std::uint32_t client, Cause cause) {
    ClientSide& side = client_side(client);
    const auto origin = static_cast<std::int32_t>(legs_[side.leg].id.value);
    // What the balancer's documentation lists: the origin could not be reached, or not be trusted.
    const bool fails_over = cause == Cause::Refused || cause == Cause::ConnectTimeout || cause == Cause::AckTimeout ||
                            cause == Cause::Unreachable || cause == Cause::TlsHandshake ||
                            cause == Cause::TlsCertificate;
    if (context_.world.failover && fails_over && !side.failed_over) {
        for (std::uint16_t leg = 0; leg < leg_count(); ++leg) {
            if (leg == side.leg || !legs_[leg].up) continue;
            side.failed_over = true;
            context_.tell(side.label, [] { return std::string("turns to the next origin"); });
            side.leg = leg;
            side.upstream = Slot{};
            return get_connection(client);
        }
    }
    context_.tell(side.label, [cause] { return fmt::format("answers {} itself", status_of(cause)); });
    respond(client, error_response_bytes, {cause, GeneratedBy::Edge, origin});
}

} // namespace firstbyte::cdn
