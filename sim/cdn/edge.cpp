#include "cdn/edge.hpp"

#include "cdn/edge_kinds.hpp"
#include "cdn/moving_links.hpp"
#include "core/check.hpp"

namespace firstbyte::cdn {

EdgeServer::EdgeServer(Context& context, std::uint32_t pop)
    : context_(context), pop_(pop), entity_(context.entity_of_pop(pop)), clients_(context, entity_, pop, paths_),
      upstream_(context.network, entity_, side_upstream, paths_), upstream_settings_(context.world.edge_to_origin),
      client_sides_(clients_.size()) {
    const World& world = context.world;
    FB_ASSERT(clients_.size() < internal_listener, "numbers of sides without a connection are free");
    if (world.cache) cache_.emplace(*world.cache);
    const std::vector<PopOrigin>& origins = world.pops[pop].origins;
    if (origins.empty()) return;
    upstream_.fast_open = tcp::FastOpenClients(static_cast<std::uint32_t>(origins.size()), world.edge_to_origin);
    upstream_.ports = net::EphemeralPorts(net::EphemeralPorts::range);
    legs_.resize(origins.size());
    for (std::size_t leg = 0; leg < origins.size(); ++leg) {
        legs_[leg].id = origins[leg].id;
        legs_[leg].path = paths_.acquire().index;
        net::Path& path = paths_[legs_[leg].path];
        path = net::Path{};
        const std::uint32_t origin = origins[leg].id.value;
        path.link = &world.origins[origin].up;
        path.delay = origins[leg].rtt / 2;
        path.entity = context.entity_of_origin(origin);
        path.object = pop;
        path.up = true;
        path.draws = origin_path_draws(world, pop, origin, true);
        if (path.link->path_mtu == 0) continue;
        legs_[leg].icmp = paths_.acquire().index;
        paths_[legs_[leg].path].back = legs_[leg].icmp;
        net::Path& icmp = paths_[legs_[leg].icmp];
        icmp = net::Path{};
        icmp.link = &icmp_link_;
        icmp.entity = entity_;
        icmp.object = (kind_icmp << 32) | legs_[leg].icmp;
    }
}

void EdgeServer::start() {
    if (!context_.world.health_checks) return;
    for (std::uint16_t leg = 0; leg < leg_count(); ++leg)
        context_.engine.schedule(
            make_event(Instant{}, engine::EventClass::Other, entity_, edge_object(kind_health, leg)));
}

std::uint32_t EdgeServer::path_to_origin(std::uint32_t origin) const {
    for (const OriginLeg& leg : legs_)
        if (leg.id.value == origin) return leg.path;
    FB_ASSERT(false, "segments come from origins that the PoP can reach");
    return 0;
}

std::uint32_t EdgeServer::add_client_link(std::uint32_t group, std::uint32_t member, std::uint32_t serial,
                                          std::uint32_t reopened) {
    const Group& g = context_.world.groups[group];
    const Duration rtt = g.home().rtt + context_.planner.access_delay(group, member);
    const std::uint32_t link = links_.acquire().index;
    const PathPair pair = add_path_pair(group);
    links_[link] = ClientLink{pair, 0};
    paths_[pair.up].delay = rtt / 2;
    paths_[pair.down].delay = rtt - rtt / 2;
    // Links come and go with sessions; each life has numbers of its own for 16 million packets.
    const std::uint64_t names = (std::uint64_t{serial} << 32) | (std::uint64_t{reopened & 0xff} << 24);
    paths_[pair.up].ordinal = paths_[pair.down].ordinal = names;
    if (context_.moving != nullptr && g.moves()) context_.moving->add(group, pair, rtt - g.home().rtt, names);
    const net::Boxes boxes = g.boxes.none() ? net::Boxes{} : context_.planner.boxes(group, member);
    const bool rules = !g.rules.empty() && !context_.rules_ended[group];
    if (rules || boxes.any()) static_cast<void>(lab_of(link, group, boxes));
    return link;
}

PathPair EdgeServer::add_path_pair(std::uint32_t group) {
    const Group& g = context_.world.groups[group];
    const std::uint32_t up = paths_.acquire().index, down = paths_.acquire().index;
    paths_[up] = net::Path{};
    paths_[up].link = &g.up;
    paths_[up].entity = entity_;
    paths_[up].object = up;
    paths_[up].back = down;
    paths_[up].up = true;
    paths_[up].draws = 2 * group + 1;
    paths_[down] = net::Path{};
    paths_[down].link = &g.down;
    paths_[down].entity = context_.entity_of_group(group);
    paths_[down].object = down;
    paths_[down].back = up;
    paths_[down].draws = 2 * group;
    return {up, down};
}

bool EdgeServer::idle(const PathPair& pair) const {
    for (const std::uint32_t index : {pair.up, pair.down}) {
        const net::Path& path = paths_[index];
        if (!path.idle() || path.lab != 0 || path.wire_free > context_.engine.now()) return false;
    }
    // A connection of the PoP may outlive its client's, when a reset or the last of many repetitions is lost.
    return paths_[pair.down].users == 0;
}

void EdgeServer::drop_path_pair(const PathPair& pair) {
    paths_.release(pair.up);
    paths_.release(pair.down);
}

bool EdgeServer::drop_client_link_if_idle(std::uint32_t link) {
    const ClientLink& l = links_[link];
    if (!idle(l)) return false;
    const net::Path& up = paths_[l.up];
    if (up.link->moves) {
        if (!context_.moving->drop_further_pairs(up)) return false;
        context_.moving->drop(up);
    }
    drop_path_pair(l);
    links_.release(link);
    return true;
}

net::Lab& EdgeServer::lab_of(std::uint32_t link, std::uint32_t group, const net::Boxes& boxes) {
    net::Path& up = paths_[links_[link].up];
    if (up.lab == 0) {
        const Group& g = context_.world.groups[group];
        const bool rules = !g.rules.empty() && !context_.rules_ended[group];
        up.lab = context_.network.add_lab(rules ? &g.rules : nullptr, static_cast<std::uint32_t>(g.script.size()),
                                          boxes, &context_.traces);
        paths_[links_[link].down].lab = up.lab;
        if (up.link->moves) context_.moving->set_lab(up, up.lab);
    }
    return context_.network.lab(up.lab);
}

void EdgeServer::end_rules(std::uint32_t link) {
    const std::uint32_t number = paths_[links_[link].up].lab;
    if (number != 0) context_.network.lab(number).end_rules();
}

void EdgeServer::rotate_key(const Change& change, std::uint32_t generation) {
    const Planner& planner = context_.planner;
    const SipKey fresh = change.key ? planner.cookie_key(*change.key, 0)
                                    : planner.cookie_key(context_.world.pops[pop_].key_index, generation);
    std::optional<SipKey> old;
    if (change.old_key) old = planner.cookie_key(*change.old_key, 0);
    clients_.rotate_key(fresh, change.keep_old, old);
}

void EdgeServer::set_fast_open(bool accepts, bool asks) {
    clients_.set_fast_open(accepts);
    upstream_settings_.fast_open = asks;
}

void EdgeServer::set_power(bool on) {
    dead_ = !on;
    if (context_.relays != nullptr) context_.relays->set_dead(pop_, dead_);
    if (on) {
        clients_.power_on();
        upstream_.power_on();
        return;
    }
    for (std::vector<ClientSide>& sides : client_sides_) {
        for (ClientSide& side : sides) {
            side.phase = ClientPhase::Over;
            side.deadline.clear();
        }
    }
    for (Upstream& up : upstreams_) {
        if (up.phase == UpstreamPhase::Checking) // goes on when there is power again
            context_.engine.schedule(make_event(context_.engine.now() + context_.world.health_checks->interval,
                                                engine::EventClass::Other, entity_, edge_object(kind_health, up.leg)));
        up.phase = UpstreamPhase::Over;
        up.deadline.clear();
    }
    for (std::uint32_t place = 0; place < internal_sides_.size(); ++place)
        if (internal_sides_[place].side.phase != ClientPhase::Over)
            end_internal((internal_listener << Listeners::index_bits) | place);
    fetches_.clear();
    if (cache_) cache_->clear();
    for (OriginLeg& leg : legs_) {
        leg.pool.clear();
        leg.waiting.clear();
        leg.open = 0;
        leg.up = true;
        leg.failures = 0;
    }
    clients_.power_off();
    upstream_.power_off();
    upstream_.fast_open = tcp::FastOpenClients(static_cast<std::uint32_t>(legs_.size()), context_.world.edge_to_origin);
}

void EdgeServer::on_alarm(std::uint64_t object) {
    const auto index = static_cast<std::uint32_t>(object);
    const auto side = static_cast<std::uint32_t>(object >> 32);
    if (side == side_upstream)
        upstream_.on_alarm(index);
    else
        clients_.on_alarm(side, index);
}

void EdgeServer::on_event(std::uint64_t object) {
    const auto index = static_cast<std::uint32_t>(object);
    engine::Engine& engine = context_.engine;
    switch (object >> 32) {
    case kind_processing:
        if (client_side(index).deadline.fired(engine, entity_, object)) on_client_deadline(index);
        break;
    case kind_upstream:
        if (upstreams_[index].deadline.fired(engine, entity_, object)) on_upstream_timer(index);
        break;
    case kind_pool_idle:
        pool_idle_.run(engine, entity_, object, [this](Slot slot, std::uint32_t stamp) {
            if (!upstream_.live(slot) || upstreams_[slot.index].phase != UpstreamPhase::Idle ||
                upstreams_[slot.index].idle_stamp != stamp)
                return;
            leave_pool(slot.index); // first out of the pool, then FIN: no request can meet the closing connection
            let_go(slot.index);
            upstream_.close(slot.index);
        });
        break;
    case kind_client_idle:
        client_idle_.run(engine, entity_, object, [this](Slot slot, std::uint32_t stamp) {
            if (!clients_.live(slot)) return;
            const ClientSide& side = client_side(slot.index);
            const bool served = side.phase == ClientPhase::Processing || side.phase == ClientPhase::Upstream ||
                                side.phase == ClientPhase::Over || side.request_left != 0;
            if (served || side.idle_stamp != stamp) return;
            client_side(slot.index).phase = ClientPhase::Over;
            clients_.close(slot.index);
        });
        break;
    case kind_health: begin_check(static_cast<std::uint16_t>(index)); break;
    case Relays::kind: on_relay(index, context_.relays->receive(index, pop_)); break;
    default: FB_ASSERT(false, "an edge server has six kinds of events");
    }
}

void EdgeServer::on_notice(const net::HostNotice& notice) {
    if (notice.side == side_upstream)
        on_upstream_notice(notice);
    else
        on_client_notice(notice);
}

void EdgeServer::release(const net::HostNotice& notice) {
    if (notice.side == side_upstream) {
        count_upstream_probes(notice.slot.index, false);
        upstream_.release(notice.slot.index);
    } else {
        count_client_probes(Listeners::number_of(notice), false);
        clients_.release(notice);
    }
}

} // namespace firstbyte::cdn
