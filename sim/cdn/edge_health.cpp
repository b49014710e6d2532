// Health checks: each PoP opens a TCP connection to each origin now and then, and sends requests to those that answer.
#include "cdn/edge.hpp"
#include "cdn/edge_kinds.hpp"

namespace firstbyte::cdn {

/// Model: a check is a TCP handshake, closed again at once; it says nothing about TLS or the application. What
/// balancers publish: checks every 15 or 60 s, a timeout of 5 s, two retries at once before an origin counts as down.
void EdgeServer::begin_check(std::uint16_t leg) {
    if (dead_) { // without power nothing is checked; the next look comes as if it had been
        context_.engine.schedule(make_event(context_.engine.now() + context_.world.health_checks->interval,
                                            engine::EventClass::Other, entity_, edge_object(kind_health, leg)));
        return;
    }
    const Slot slot = open_connection(leg, 0, tcp::Label{});
    if (!tcp::known(slot)) { // no local port: says nothing about the origin
        context_.engine.schedule(make_event(context_.engine.now() + context_.world.health_checks->interval,
                                            engine::EventClass::Other, entity_, edge_object(kind_health, leg)));
        return;
    }
    Upstream& up = upstreams_[slot.index];
    up.phase = UpstreamPhase::Checking;
    up.deadline.set(context_.engine, entity_, edge_object(kind_upstream, slot.index),
                    context_.engine.now() + context_.world.health_checks->timeout);
}

void EdgeServer::end_check(std::uint32_t index, bool answered) {
    const std::uint16_t number = upstreams_[index].leg;
    OriginLeg& leg = legs_[number];
    let_go(index);
    leg.failures = answered ? 0 : leg.failures + 1;
    const bool again = !answered && leg.failures <= context_.world.health_checks->retries;
    if (answered)
        leg.up = true;
    else if (!again)
        leg.up = false;
    const Duration wait = again ? Duration{0} : context_.world.health_checks->interval;
    if (!again) leg.failures = 0;
    context_.engine.schedule(
        make_event(context_.engine.now() + wait, engine::EventClass::Other, entity_, edge_object(kind_health, number)));
}

} // namespace firstbyte::cdn
