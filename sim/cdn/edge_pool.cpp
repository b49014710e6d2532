// Connections to origins: idle ones in the pool, new ones, and requests that wait for one.
#include "cdn/edge.hpp"
#include "cdn/edge_kinds.hpp"
#include "core/check.hpp"

#include <algorithm>

namespace firstbyte::cdn {

/// A request that the edge cannot answer itself goes to the nearest origin that is up.
void EdgeServer::forward(std::uint32_t index) {
    ClientSide& side = client_side(index);
    side.phase = ClientPhase::Upstream;
    if (const auto upper = upper_pop()) return ask_upper(index, *upper);
    FB_ASSERT(!legs_.empty(), "a world without origins has only cache hits");
    side.leg = leg_for_requests();
    get_connection(index);
}

/// The nearest origin that checks have not found down; the nearest of all when none is up.
std::uint16_t EdgeServer::leg_for_requests() const {
    for (std::uint16_t leg = 0; leg < leg_count(); ++leg)
        if (legs_[leg].up) return leg;
    return 0;
}

/// Takes an idle connection or opens a new one; at the limit of open ones the request waits.
/// Model: for as long as its client does.
void EdgeServer::get_connection(std::uint32_t client) {
    ClientSide& side = client_side(client);
    side.connect_attempts = 0;
    OriginLeg& leg = legs_[side.leg];
    const World& world = context_.world;
    if (leg.pool.empty()) {
        const bool full = world.pool_max_connections != 0 && leg.open >= world.pool_max_connections;
        if (full)
            context_.tell(side.label, [] { return std::string("waits until a connection to the origin is free"); });
        if (full)
            leg.waiting.push_back(client_slot(client));
        else
            open_upstream(client);
        return;
    }
    const auto chosen = world.pool_fifo ? leg.pool.begin() : leg.pool.end() - 1;
    const std::uint32_t index = *chosen;
    leg.pool.erase(chosen);
    Upstream& up = upstreams_[index];
    up.reused = true;
    up.client = client_slot(client);
    side.upstream = upstream_.slot_at(index);
    if (world.in_window(context_.engine.now()))
        results_of(side.leg).idle_at_reuse.add(context_.engine.now() - up.idle_since);
    send_upstream(index, 0);
}

/// One attempt to connect for a client's request.
void EdgeServer::open_upstream(std::uint32_t client) {
    const World& world = context_.world;
    ClientSide& side = client_side(client);
    ++side.connect_attempts;
    tell_connect(side);
    side.upstream = Slot{};
    if (world.failure_of(legs_[side.leg].id.value, context_.engine.now()) == Event::Mode::Dns)
        return fail(client, Cause::Dns);
    const TlsFlights flights = context_.planner.origin_tls();
    const std::uint32_t first = flights.client_first != 0 ? flights.client_first : side.label.length;
    const Slot slot = open_connection(side.leg, first, side.label);
    if (!tcp::known(slot)) // no local port is free; another attempt would find none either
        return fail(client, Cause::EdgeInternal);
    Upstream& up = upstreams_[slot.index];
    up.client = client_slot(client);
    up.phase = UpstreamPhase::Connecting;
    side.upstream = slot;
    ++legs_[side.leg].open;
    if (world.in_window(context_.engine.now())) ++results_of(side.leg).connections;
}

Slot EdgeServer::open_connection(std::uint16_t leg, std::uint32_t first_flight, const tcp::Label& label) {
    const tcp::FastOpenAttempt attempt =
        first_flight == 0 ? tcp::FastOpenAttempt{}
                          : upstream_.fast_open.attempt(leg, context_.engine.now(), upstream_settings_);
    const bool write_at_open = attempt.mode != tcp::FastOpenAttempt::Mode::Off;
    const tcp::FlowName flow{pop_, upstream_serial_++, pop_};
    const Slot slot = upstream_.open(legs_[leg].path, upstream_settings_, flow, attempt,
                                     write_at_open ? first_flight : 0, label, leg);
    if (!tcp::known(slot)) return slot;
    if (upstreams_.size() <= slot.index) upstreams_.resize(slot.index + 1);
    upstreams_[slot.index] = Upstream{};
    upstreams_[slot.index].leg = leg;
    upstreams_[slot.index].opened = context_.engine.now();
    return slot;
}

void EdgeServer::return_to_pool(std::uint32_t index) {
    Upstream& up = upstreams_[index];
    OriginLeg& leg = legs_[up.leg];
    up.deadline.clear();
    if (up.last || leg.pool.size() >= static_cast<std::size_t>(context_.world.pool_max_idle)) {
        let_go(index);
        upstream_.close(index);
    } else {
        up.phase = UpstreamPhase::Idle;
        up.idle_since = context_.engine.now();
        ++up.idle_stamp;
        leg.pool.push_back(index);
        pool_idle_.push(context_.engine, entity_, edge_object(kind_pool_idle, 0),
                        context_.engine.now() + context_.world.pool_idle_timeout, upstream_.slot_at(index),
                        up.idle_stamp);
    }
}

void EdgeServer::leave_pool(std::uint32_t index) {
    std::vector<std::uint32_t>& pool = legs_[upstreams_[index].leg].pool;
    const auto at = std::find(pool.begin(), pool.end(), index);
    FB_ASSERT(at != pool.end(), "an idle connection stands in its pool");
    pool.erase(at);
}

/// The connection serves nobody from now on; closing it is the caller's.
void EdgeServer::let_go(std::uint32_t index) {
    Upstream& up = upstreams_[index];
    up.deadline.clear();
    if (up.phase == UpstreamPhase::Over) return;
    if (up.phase != UpstreamPhase::Checking) {
        FB_ASSERT(legs_[up.leg].open != 0, "a connection that ends has been counted as open");
        --legs_[up.leg].open;
        if (context_.world.in_window(up.opened)) results_of(up.leg).lifetime.add(context_.engine.now() - up.opened);
    }
    up.phase = UpstreamPhase::Over;
}

/// A connection came back or ended: the request that has waited for longest has its turn.
void EdgeServer::serve_waiting(std::uint16_t number) {
    OriginLeg& leg = legs_[number];
    while (!leg.waiting.empty() && (!leg.pool.empty() || leg.open < context_.world.pool_max_connections)) {
        const Slot client = leg.waiting.front();
        leg.waiting.pop_front();
        if (!client_live(client)) continue;
        const ClientSide& side = client_side(client.index);
        const bool waits = side.phase == ClientPhase::Upstream && !tcp::known(side.upstream) && side.leg == number;
        if (waits) get_connection(client.index);
    }
}

/// What keepalive did on a connection that is over, or found `dead`.
void EdgeServer::count_upstream_probes(std::uint32_t index, bool dead) {
    const tcp::Connection& connection = upstream_.connection(index);
    OriginResults& results = results_of(upstreams_[index].leg);
    if (dead) {
        results.dead_after.add(context_.engine.now() - connection.last_heard());
        return;
    }
    const std::uint32_t sent = connection.keepalive_probes();
    if (sent == 0) return;
    const std::uint32_t unanswered = std::min(sent, connection.probes_unanswered());
    results.probes_unanswered += unanswered;
    results.probes_answered += sent - unanswered;
}

} // namespace firstbyte::cdn
