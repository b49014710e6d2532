// Scenario in, world out: routes decided, every default of a leg turned into settings of its two ends.
#include "core/check.hpp"
#include "core/sampler.hpp"
#include "run/routes.hpp"
#include "run/settling.hpp"
#include "run/tcp_settings.hpp"
#include "run/world_clients.hpp"
#include "run/world_data.hpp"

#include <algorithm>
#include <array>
#include <cmath>
#include <cstdio>

namespace firstbyte {

namespace {

bool is_idempotent(const std::string& method) { // RFC 9110 section 9.2.2
    static constexpr std::array methods{"GET", "HEAD", "OPTIONS", "TRACE", "PUT", "DELETE"};
    return std::find(methods.begin(), methods.end(), method) != methods.end();
}

net::LinkSpec link_of(const Access& access, BitRate rate, const std::optional<Loss>& one_way) {
    net::LinkSpec link;
    link.set_rate(rate);
    if (access.queue_bytes) link.queue_bytes = access.queue_bytes->count;
    if (access.queue_packets) link.queue_packets = *access.queue_packets;
    link.loss = one_way.value_or(access.loss);
    link.jitter = access.jitter;
    const bool jitters = !access.jitter.constant() || access.jitter.a != 0;
    link.reorder = access.reorder && jitters;
    if (access.path_mtu) link.path_mtu = access.path_mtu->count;
    link.icmp_filtered = access.icmp_filtered;
    link.impaired = !link.loss.none() || jitters || access.path_mtu.has_value();
    return link;
}

net::LinkSpec origin_link(const PathQuality& path, bool up) {
    const Loss& loss = up ? path.up : path.down;
    const std::optional<Bytes>& mtu = up ? path.mtu_up : path.mtu_down;
    net::LinkSpec link;
    link.set_rate(up ? path.rate_up : path.rate_down);
    link.loss = loss;
    link.jitter = path.jitter;
    const bool jitters = !path.jitter.constant() || path.jitter.a != 0;
    link.reorder = path.reorder && jitters;
    if (mtu) link.path_mtu = mtu->count;
    link.icmp_filtered = path.icmp_filtered;
    link.impaired = !loss.none() || jitters || mtu.has_value();
    return link;
}

cdn::Origin origin_of(const Origin& given) {
    cdn::Origin origin;
    origin.service_time = given.service_time;
    origin.idle_timeout = given.idle_timeout.value_or(Duration{0});
    origin.tfo = given.tfo;
    origin.workers = given.workers.value_or(0);
    if (given.queue) origin.queue = *given.queue;
    origin.accept_queue = given.accept_queue;
    origin.requests_per_connection = given.requests_per_connection.value_or(0);
    double sum = 0;
    for (const auto& [status, share] : given.statuses) {
        sum += share;
        origin.statuses.emplace_back(static_cast<std::uint16_t>(status), sum);
    }
    origin.header = static_cast<std::uint32_t>(given.header.count);
    if (given.heartbeat) {
        origin.heartbeat = given.heartbeat->interval;
        origin.heartbeat_bytes = static_cast<std::uint32_t>(given.heartbeat->bytes.count);
    }
    origin.buffering = given.buffering;
    origin.worker_per_connection = given.worker_per_connection;
    origin.balancer = given.balancer;
    origin.up = origin_link(given.path, true);
    origin.down = origin_link(given.path, false);
    origin.middlebox = given.middlebox;
    return origin;
}

/// Zipf's law: the k-th item is asked for in proportion to k^-zipf. Cumulative, ending in 1.
std::vector<double> popularity_of(const WebObject& object) {
    std::vector<double> cumulative;
    if (object.items <= 1 || object.zipf == 0) return cumulative;
    cumulative.reserve(object.items);
    double sum = 0;
    for (std::uint32_t k = 1; k <= object.items; ++k) cumulative.push_back(sum += std::pow(k, -object.zipf));
    for (double& share : cumulative) share /= sum;
    return cumulative;
}

std::vector<cdn::Object> objects_of(const Scenario& scenario) {
    double total = 0;
    for (const WebObject& o : scenario.workload.objects) total += o.weight;
    std::vector<cdn::Object> objects;
    double sum = 0;
    for (const WebObject& o : scenario.workload.objects) {
        sum += o.weight;
        objects.push_back({sum / total, is_idempotent(o.method), o.request, o.response,
                           o.cache_hit_ratio.value_or(scenario.edge.cache_hit_ratio),
                           o.method == "GET" || o.method == "HEAD", o.items, popularity_of(o),
                           o.method == "POST" || o.method == "PUT" || o.method == "PATCH"});
    }
    return objects;
}

/// Whether any client may use Fast Open at any time of the run.
bool any_client_fast_open(const Scenario& scenario) {
    if (scenario.client_edge.client.fast_open.enabled) return true;
    return std::any_of(scenario.events.begin(), scenario.events.end(), [](const Event& event) {
        const bool client = event.end == Event::End::ClientEdgeBoth || event.end == Event::End::ClientEdgeClient;
        return event.kind == Event::Kind::Set && event.on && client;
    });
}

/// Names of Fast Open keys: those of PoPs first, in file order, apart from the numbers of what only events name
/// (origins have keys between them).
class KeyNames {
public:
    [[nodiscard]] std::uint32_t of_pop(const std::string& name) { return position_of(of_pops_, name); }
    [[nodiscard]] std::uint32_t of_event(const std::string& name) {
        const auto at = std::find(of_pops_.begin(), of_pops_.end(), name);
        if (at != of_pops_.end()) return static_cast<std::uint32_t>(at - of_pops_.begin());
        return only_events | position_of(of_events_, name);
    }

private:
    static constexpr std::uint32_t only_events = 1U << 31;

    static std::uint32_t position_of(std::vector<std::string>& names, const std::string& name) {
        const auto at = std::find(names.begin(), names.end(), name);
        const auto position = static_cast<std::uint32_t>(at - names.begin());
        if (at == names.end()) names.push_back(name);
        return position;
    }

    std::vector<std::string> of_pops_, of_events_;
};

void add_event(const Event& event, KeyNames& keys, cdn::World& world) {
    if (event.routing()) return; // already in the routes
    const Instant until = event.duration ? event.at + *event.duration : never;
    if (event.kind == Event::Kind::OriginDown) {
        world.outages.push_back(
            {event.at, until, event.origin, event.mode, static_cast<std::uint32_t>(event.size.count)});
        return;
    }
    if (event.kind == Event::Kind::Surge) {
        world.surges.push_back({event.group, event.at, until, event.factor});
        return;
    }
    if (event.service_time) {
        for (const OriginId origin : event.origins)
            world.origins[origin.value].service_spans.push_back({event.at, until, *event.service_time});
        return;
    }
    if (event.kind == Event::Kind::EdgeOverload) {
        world.overloads.push_back({*event.pop, event.at, until, event.share, static_cast<std::uint16_t>(event.status)});
        return;
    }
    cdn::Change change;
    change.share = event.share;
    change.graceful = event.graceful;
    change.origin = event.origin;
    change.kind = event.kind;
    change.from = event.at;
    change.until = until;
    if (event.pop) change.pop = event.pop->value;
    change.group = event.group;
    change.end = event.end;
    change.keep_old = event.keep_old;
    if (!event.tfo_key.empty()) change.key = keys.of_event(event.tfo_key);
    if (!event.old_tfo_key.empty()) change.old_key = keys.of_event(event.old_tfo_key);
    change.on = event.on;
    world.changes.push_back(change);
}

std::vector<cdn::RouteSpan> route_of(const std::vector<WaySpan>& ways) {
    using State = cdn::RouteSpan::State;
    std::vector<cdn::RouteSpan> route;
    for (const WaySpan& way : ways) {
        const State state = way.reach == Reach::Pop    ? State::Reached
                            : way.reach == Reach::Loop ? State::Loop
                                                       : State::Blackhole;
        route.push_back({way.from, state, way.pop.value_or(PopId{}), way.rtt, way.event});
    }
    return route;
}

cdn::OnForeignSegment on_foreign_segment(OnForeignSegment what) {
    switch (what) {
    case OnForeignSegment::Rst: break;
    case OnForeignSegment::Drop: return cdn::OnForeignSegment::Drop;
    case OnForeignSegment::Forward: return cdn::OnForeignSegment::Forward;
    }
    return cdn::OnForeignSegment::Rst;
}

cdn::Group group_of(const Scenario& scenario, const ClientGroup& client, const std::vector<WaySpan>& ways,
                    std::uint32_t first_address) {
    cdn::Group group;
    group.route = route_of(ways);
    if (client.deadline) group.deadline = *client.deadline;
    group.retry_on_reset = static_cast<std::uint32_t>(client.retry_on_reset);
    group.first_address = first_address;
    group.population = client.population;
    group.sessions_per_sec = client.sessions.per_sec;
    group.access_delay = client.access.delay;
    group.up = link_of(client.access, client.access.up, client.access.loss_up);
    group.down = link_of(client.access, client.access.down, client.access.loss_down);
    group.tfo_support = client.tfo_support;
    group.cookie_held = client.cookie_held;
    group.scripted = client.scripted;
    group.script = client.script;
    group.rules = client.path_rules;
    // A copy that comes later than packets sent after it must not hold them up.
    if (std::any_of(group.rules.begin(), group.rules.end(),
                    [](const PathRule& rule) { return rule.action == PathRule::Action::Duplicate; }))
        group.up.reorder = group.down.reorder = true;
    group.boxes = {client.tfo_option_stripped, client.tfo_data_stripped, client.tfo_syn_data_dropped,
                   client.tfo_option_dropped, client.tfo_blackholed};
    group.public_ips = static_cast<std::uint32_t>(client.public_ips);
    group.race = client.tfo_race;
    group.client = settings_of_connections(scenario.client_edge.client, client);
    return group;
}

/// Model: a PoP sends its misses to the origin nearest to it by round-trip time (the first of the file when equal).
void choose_origins(cdn::World& world, const RoutedWorld& routed, std::size_t origins) {
    for (std::size_t p = 0; p < world.pops.size(); ++p) {
        std::vector<cdn::PopOrigin>& found = world.pops[p].origins;
        for (std::size_t o = 0; o < origins; ++o) {
            const Duration rtt = routed.pop_origin_rtt[p][o];
            if (rtt >= Duration{0}) found.push_back({OriginId{static_cast<std::uint32_t>(o)}, rtt});
        }
        std::stable_sort(found.begin(), found.end(),
                         [](const cdn::PopOrigin& a, const cdn::PopOrigin& b) { return a.rtt < b.rtt; });
    }
}

/// Each PoP outside the upper tier fetches through the one of it that is nearest, the first of the file when equal.
void join_tiers(cdn::World& world, const Scenario& scenario, const RoutedWorld& routed) {
    const std::vector<PopId>& upper = scenario.edge.upper_tier;
    if (upper.empty()) return;
    const std::size_t pops = scenario.pops.size();
    std::vector<std::vector<Duration>> rtt(pops, std::vector<Duration>(pops, unknown_rtt));
    for (std::size_t from = 0; from < pops; ++from) {
        for (std::size_t to = 0; to < pops; ++to) {
            if (!routed.pop_rtt.empty()) rtt[from][to] = routed.pop_rtt[from][to];
            for (const auto& [pop, given] : scenario.pops[from].rtt_to)
                if (pop.value == to) rtt[from][to] = given;
            for (const auto& [pop, given] : scenario.pops[to].rtt_to)
                if (pop.value == from && rtt[from][to] < Duration{0}) rtt[from][to] = given;
        }
    }
    for (std::size_t p = 0; p < pops; ++p) {
        const auto is_p = [p](PopId pop) { return pop.value == p; };
        if (std::any_of(upper.begin(), upper.end(), is_p)) continue;
        std::optional<std::uint32_t> best;
        for (const PopId pop : upper) {
            const Duration way = rtt[p][pop.value];
            if (way < Duration{0}) continue;
            if (!best || way < rtt[p][*best]) best = pop.value;
        }
        if (!best) {
            Issue issue;
            issue.code = "E524";
            issue.path = "pops[" + std::to_string(p) + "]";
            issue.message =
                "PoP \"" + scenario.pops[p].id + "\" has no known round-trip time to any PoP of edge.upper_tier";
            issue.suggestion = "give both a place (`at`), or one of them `rtt_to` of the other";
            throw ScenarioError(scenario.file, {issue});
        }
        world.pops[p].upper = best;
        world.tiers = true;
    }
    world.pop_rtt = std::move(rtt);
}

} // namespace

World build_world(const Scenario& given, std::vector<Issue>* warnings) {
    const std::optional<Scenario> expanded = with_world_expanded(given, warnings);
    const Scenario& scenario = expanded ? *expanded : given;
    const RoutedWorld routed = route(scenario, {}, warnings);
    auto data = std::make_shared<World::Data>();
    data->seed = scenario.run.seed;
    data->replications = scenario.run.replications;
    cdn::World& world = data->world;

    KeyNames keys;
    for (const Pop& pop : scenario.pops) {
        cdn::Pop p;
        p.key_index = keys.of_pop(pop.tfo_key);
        if (pop.capacity && pop.capacity->per_sec > 0)
            p.pace = Duration{static_cast<std::int64_t>(std::llround(1e9 / pop.capacity->per_sec))};
        world.pops.push_back(p);
        data->pops.push_back(pop.id);
    }
    choose_origins(world, routed, scenario.origins.size());
    for (const Origin& origin : scenario.origins) {
        world.origins.push_back(origin_of(origin));
        data->origins.push_back(origin.id);
    }
    std::uint32_t address = 1;
    for (std::size_t g = 0; g < scenario.clients.size(); ++g) {
        const ClientGroup& client = scenario.clients[g];
        const ClientCatchment& catchment = routed.clients[g];
        world.groups.push_back(group_of(scenario, client, routed.ways[g], address));
        address += client.population * static_cast<std::uint32_t>(client.public_ips);
        GroupLabels labels;
        labels.client = client.id;
        labels.world = client.world_id;
        labels.region = client.region;
        labels.country = client.country.empty() ? catchment.country : client.country;
        const cdn::RouteSpan& home = world.groups.back().home();
        labels.pop = scenario.pops[home.pop.value].id;
        labels.rtt = home.rtt + Duration{static_cast<std::int64_t>(median_of(client.access.delay))};
        labels.population = client.population;
        labels.at = client.at;
        if (!labels.at && !catchment.via.empty()) labels.at = catchment.via.front();
        labels.fast_open_support = client.tfo_support;
        data->groups.push_back(labels);
    }
    for (const Event& event : scenario.events) add_event(event, keys, world);
    world.objects = objects_of(scenario);
    for (const WebObject& object : scenario.workload.objects) data->objects.push_back(object.id);
    world.requests_per_session = scenario.workload.requests_per_session;
    world.think_time = scenario.workload.think_time;
    world.tls = scenario.tls;
    for (const DeadSpan& dead : dead_spans(scenario))
        world.pops_dead.push_back({dead.pop, dead.from, dead.until, dead.event});
    world.on_foreign_segment = on_foreign_segment(scenario.anycast.on_foreign_segment);
    if (scenario.anycast.on_foreign_segment == OnForeignSegment::Forward) world.pop_rtt = routed.pop_rtt;

    world.fast_open_client = any_client_fast_open(scenario);
    world.client = settings_of(scenario.client_edge.client);
    world.edge = settings_of(scenario.client_edge.server);
    world.edge.application_accepts = scenario.client_edge.accept;
    for (const Listener& listener : scenario.client_edge.listeners)
        world.listeners.push_back(listener_of(listener, scenario.client_edge.server));
    world.edge_to_origin = settings_of(scenario.edge_origin.client);
    world.edge_to_origin.syn_waits = scenario.edge.syn_schedule;
    world.edge_to_origin.ack_timeout = scenario.edge.timeout_ack;
    world.origin = settings_of(scenario.edge_origin.server);
    world.origin.application_accepts = scenario.edge_origin.accept;
    world.service_address = prefix_of(scenario.anycast.prefix).first_host();
    world.processing = scenario.edge.processing;
    world.client_idle_timeout = scenario.client_edge.idle_timeout;
    world.pool_idle_timeout = scenario.edge.pool_idle_timeout;
    world.pool_max_idle = scenario.edge.pool_max_idle;
    world.connect_attempts = scenario.edge.connect_attempts;
    world.reused_reset = scenario.edge.reused_reset;
    world.timeout_read = scenario.edge.timeout_read;
    world.timeout_tls = scenario.edge.timeout_tls;
    world.timeout_write = scenario.edge.timeout_write;
    world.timeout_request = scenario.edge.timeout_request;
    world.read_slack = scenario.edge.read_slack;
    world.header_limit = static_cast<std::uint32_t>(scenario.edge.header_limit.count);
    world.retry_buffer = static_cast<std::uint32_t>(scenario.edge.retry_buffer.count);
    world.pool_fifo = scenario.edge.pool_fifo;
    world.pool_max_connections = static_cast<std::uint32_t>(scenario.edge.pool_max_connections.value_or(0));
    world.failover = scenario.edge.zero_downtime_failover;
    world.idle_closes = scenario.edge.idle_closes;
    world.strict_tls = scenario.edge.strict_tls;
    world.health_checks = scenario.edge.health_checks;
    world.cache = scenario.edge.cache;
    join_tiers(world, scenario, routed);
    world.warmup = scenario.run.warmup;
    world.duration = scenario.run.duration;
    world.bucket = scenario.timeline;
    world.records = scenario.records;
    for (const TraceWish& wish : scenario.traces)
        if (wish.outcome != 0) world.first_of.emplace_back(wish.outcome, wish.first);
    data->traces = scenario.traces;
    for (const EventConvergence& change : routed.convergence) {
        if (!change.last_choice) continue;
        FB_ASSERT(change.settling, "routes of a whole run say how they came to rest");
        data->convergence.push_back({change.event, change.what,
                                     change.pop ? scenario.pops[change.pop->value].id : std::string(),
                                     change.prefix_group, change.at, *change.last_choice, *change.settling});
    }
    for (std::size_t client = 0; client < routed.clients.size(); ++client) {
        std::vector<SettledWay>& moves = data->moves.emplace_back(settled_ways(routed, client));
        for (SettledWay& way : moves) way.rtt += data->groups[client].rtt - routed.ways[client].front().rtt;
    }
    return World{std::move(data)};
}

} // namespace firstbyte
