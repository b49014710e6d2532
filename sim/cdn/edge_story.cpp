// Words for the story of a traced connection: what the edge did at the origin for its requests.
#include "cdn/edge.hpp"

#include <fmt/format.h>

namespace firstbyte::cdn {
namespace {

std::string seconds(Duration d) { return fmt::format("{:.9g} s", static_cast<double>(d.count()) * 1e-9); }

} // namespace

void EdgeServer::tell_connect(const ClientSide& side) {
    context_.tell(side.label, [&] {
        return fmt::format("connects to the origin, attempt {} of {}", side.connect_attempts,
                           context_.world.connect_attempts);
    });
}

void EdgeServer::tell_sent(const Upstream& up) {
    const ClientSide& side = client_side(up.client.index);
    context_.tell(side.label, [&] {
        if (!up.reused) return std::string("sends the request to the origin; the read timer starts");
        return fmt::format("sends the request on a pooled connection that was idle for {}; the read timer starts",
                           seconds(context_.engine.now() - up.idle_since));
    });
}

/// What was seen on the origin's side, and the timer that ran out where one did.
void EdgeServer::tell_loss(const Upstream& up, UpstreamPhase phase, Cause cause) {
    context_.tell(client_side(up.client.index).label, [&] {
        const std::string timer = timer_of(cause);
        const char* when = phase == UpstreamPhase::Connecting                                      ? "connecting"
                           : phase == UpstreamPhase::TlsFirst || phase == UpstreamPhase::TlsSecond ? "in the handshake"
                           : up.received != 0                                                      ? "in the response"
                                              : "waiting for the response";
        if (!timer.empty()) return fmt::format("the {} timer fires while {}", timer, when);
        return fmt::format("the origin's side ends it while {}: {}", when, firstbyte::name_of(cause));
    });
}

} // namespace firstbyte::cdn
