#include "cdn/moving_links.hpp"

#include "cdn/client.hpp"
#include "cdn/places.hpp"
#include "core/check.hpp"

#include <algorithm>

namespace firstbyte::cdn {

MovingLinks::MovingLinks(Context& context, const std::vector<std::unique_ptr<EdgeServer>>& edges,
                         const std::vector<std::unique_ptr<ClientSlice>>& slices)
    : context_(context), edges_(edges), slices_(slices), routes_(context.world.groups.size()) {
    tunnel_.reorder = true;
    for (std::size_t g = 0; g < routes_.size(); ++g) {
        const Group& group = context.world.groups[g];
        if (!group.moves()) continue;
        Route& route = routes_[g];
        route.spans = &group.route;
        for (const RouteSpan& place : places_of(group)) route.pops.push_back(place.pop);
        std::uint32_t place = 0;
        for (const RouteSpan& span : group.route) {
            if (span.state == RouteSpan::State::Reached)
                place = static_cast<std::uint32_t>(std::find(route.pops.begin(), route.pops.end(), span.pop) -
                                                   route.pops.begin());
            route.place.push_back(place);
        }
        route.up = group.up;
        route.down = group.down;
        for (net::LinkSpec* link : {&route.up, &route.down}) link->moves = link->impaired = true;
    }
}

MovingLinks::Route& MovingLinks::route_now(std::uint32_t group) {
    Route& route = routes_[group];
    const std::vector<RouteSpan>& spans = *route.spans;
    while (route.now + 1 < spans.size() && spans[route.now + 1].from <= context_.engine.now()) ++route.now;
    return route;
}

std::uint32_t MovingLinks::place_now(std::uint32_t group) {
    const Route& route = route_now(group);
    return route.place[route.now];
}

/// The latest span that led to a place, or the first that will.
std::size_t MovingLinks::last_span_to(const Route& route, std::uint32_t place) const {
    const auto leads_there = [&](std::size_t span) {
        return route.place[span] == place && (*route.spans)[span].state == RouteSpan::State::Reached;
    };
    for (std::size_t span = route.now + 1; span-- > 0;)
        if (leads_there(span)) return span;
    std::size_t span = route.now;
    while (span + 1 < route.spans->size() && !leads_there(span)) ++span;
    return span;
}

void MovingLinks::add(std::uint32_t group, const PathPair& own, Duration access_delay, std::uint64_t names) {
    Route& route = route_now(group);
    const std::uint32_t index = links_.acquire().index;
    Link& link = links_[index];
    link.group = group;
    link.own = own;
    link.access_delay = access_delay;
    link.names = names;
    link.ways.assign(route.pops.size(), 0);
    add_way(index, 0, own);
}

/// Gives a pair of paths to a link: how its packets are called, and how long they take.
std::uint32_t MovingLinks::add_way(std::uint32_t link, std::uint32_t place, const PathPair& pair) {
    Link& l = links_[link];
    const Route& route = routes_[l.group];
    const std::uint32_t number = ways_.acquire().index;
    PathPairOfPop& way = ways_[number];
    way = PathPairOfPop{link, place, route.pops[place].value, pair, no_tunnel, 0};
    Slab<net::Path>& paths = edges_[way.pop]->paths();
    for (const std::uint32_t index : {pair.up, pair.down}) {
        const bool up = index == pair.up;
        net::Path& path = paths[index];
        path.link = up ? &route.up : &route.down;
        path.object = (up ? kind_up : kind_down) << 32 | (up ? index : number);
        path.way = number;
        path.pop = static_cast<std::int32_t>(way.pop);
        // Each PoP's packets draw by numbers of their own; the client's are counted on its own path.
        const auto groups = static_cast<std::uint32_t>(routes_.size());
        path.draws = 2 * (l.group + place * groups) + (up ? 1 : 0);
        path.ordinal = l.names;
    }
    set_delays(way, last_span_to(route, place));
    l.ways[place] = number + 1;
    return number;
}

std::uint32_t MovingLinks::way_to(std::uint32_t link, std::uint32_t place) {
    Link& l = links_[link];
    if (l.ways[place] != 0) return l.ways[place] - 1;
    const Route& route = routes_[l.group];
    const PathPair pair = edges_[route.pops[place].value]->add_path_pair(l.group);
    const std::uint32_t way = add_way(link, place, pair);
    const net::Path& own = edges_[route.pops[0].value]->paths()[l.own.up];
    if (own.lab != 0) set_lab(own, own.lab);
    return way;
}

void MovingLinks::set_delays(PathPairOfPop& way, std::size_t span) {
    const Link& link = links_[way.link];
    const Duration rtt = (*routes_[link.group].spans)[span].rtt + link.access_delay;
    Slab<net::Path>& paths = edges_[way.pop]->paths();
    paths[way.pair.up].delay = rtt / 2;
    paths[way.pair.down].delay = rtt - rtt / 2;
    way.span = span;
}

void MovingLinks::set_lab(const net::Path& own, std::uint32_t lab) {
    for (const std::uint32_t number : links_[ways_[own.way].link].ways) {
        if (number == 0) continue;
        const PathPairOfPop& way = ways_[number - 1];
        for (const std::uint32_t index : {way.pair.up, way.pair.down}) edges_[way.pop]->paths()[index].lab = lab;
    }
}

bool MovingLinks::drop_further_pairs(const net::Path& own) {
    Link& link = links_[ways_[own.way].link];
    for (std::size_t place = 0; place < link.ways.size(); ++place) {
        if (link.ways[place] == 0) continue;
        const PathPairOfPop& way = ways_[link.ways[place] - 1];
        EdgeServer& edge = *edges_[way.pop];
        if (way.tunnel != no_tunnel && !edge.paths()[way.tunnel].idle()) return false;
        if (place != 0 && !edge.idle(way.pair)) return false;
    }
    for (std::size_t place = 0; place < link.ways.size(); ++place) {
        if (link.ways[place] == 0) continue;
        PathPairOfPop& way = ways_[link.ways[place] - 1];
        EdgeServer& edge = *edges_[way.pop];
        if (way.tunnel != no_tunnel) edge.paths().release(way.tunnel);
        way.tunnel = no_tunnel;
        if (place == 0) continue;
        edge.drop_path_pair(way.pair);
        ways_.release(link.ways[place] - 1);
        link.ways[place] = 0;
    }
    return true;
}

void MovingLinks::drop(const net::Path& own) {
    const std::uint32_t way = own.way;
    links_.release(ways_[way].link);
    ways_.release(way);
}

net::WayFinder::Way MovingLinks::choose(const net::Path& own, tcp::Segment& segment) {
    const std::uint32_t number = ways_[own.way].link;
    const std::uint32_t group = links_[number].group;
    const Route& route = route_now(group);
    const RouteSpan& span = (*route.spans)[route.now];
    const auto count = [&](std::uint64_t RouteResults::*counter) {
        if (context_.world.in_window(context_.engine.now())) ++(context_.results.routes[group].*counter);
    };
    switch (span.state) {
    case RouteSpan::State::Blackhole: count(&RouteResults::blackholed); return {nullptr, TracePacket::Act::Blackhole};
    case RouteSpan::State::Loop: count(&RouteResults::looped); return {nullptr, TracePacket::Act::Loop};
    case RouteSpan::State::Reached: break;
    }
    if (!segment.syn()) slices_[group]->note_server(segment);
    PathPairOfPop& way = ways_[way_to(number, route.place[route.now])];
    if (way.span != route.now) set_delays(way, route.now);
    return {&edges_[way.pop]->paths()[way.pair.up], TracePacket::Act::Forward};
}

void MovingLinks::arrive_at_pop(const tcp::Segment& segment, const net::Path& path, std::uint32_t pop) {
    const PathPairOfPop& way = ways_[path.way];
    if (segment.server != 0 && segment.server != way.place + 1)
        on_foreign(segment, path, pop);
    else
        edges_[pop]->on_client_segment(segment, path.back);
}

/// The segment's numbers mean nothing here, also when this PoP has a connection of the same addresses and ports.
void MovingLinks::on_foreign(const tcp::Segment& segment, const net::Path& path, std::uint32_t pop) {
    const std::uint32_t link = ways_[path.way].link;
    const bool counted = context_.world.in_window(context_.engine.now());
    RouteResults& results = context_.results.routes[links_[link].group];
    if (counted) ++results.foreign;
    if (path.lab != 0) context_.network.lab(path.lab).is_foreign(segment, context_.engine.now());
    switch (context_.world.on_foreign_segment) {
    case OnForeignSegment::Rst: edges_[pop]->refuse(segment, path.back); return;
    case OnForeignSegment::Drop: return;
    case OnForeignSegment::Forward:
        if (edges_[pop]->dead()) return;
        if (counted) ++results.forwarded;
        forward(segment, link, pop);
        return;
    }
}

/// Model: a tunnel between two PoPs takes half their round trip and has no queue. The PoP that has the connection
/// answers the client itself, from the anycast address.
void MovingLinks::forward(const tcp::Segment& segment, std::uint32_t link, std::uint32_t from_pop) {
    const std::uint32_t number = way_to(link, segment.server - 1u);
    PathPairOfPop& way = ways_[number];
    EdgeServer& edge = *edges_[way.pop];
    if (way.tunnel == no_tunnel) {
        way.tunnel = edge.paths().acquire().index;
        net::Path& path = edge.paths()[way.tunnel];
        path = net::Path{};
        path.link = &tunnel_;
        path.entity = context_.entity_of_pop(way.pop);
        path.object = kind_up << 32 | way.tunnel;
        path.back = way.pair.down;
        path.up = true;
        path.way = number;
    }
    net::Path& path = edge.paths()[way.tunnel];
    path.delay = context_.world.pop_rtt[from_pop][way.pop] / 2;
    tcp::Segment copy = segment;
    context_.network.send(path, copy);
}

MovingLinks::Loss MovingLinks::loss_of(std::uint32_t group, std::uint32_t place, Instant since) {
    const Route& route = route_now(group);
    const std::vector<RouteSpan>& spans = *route.spans;
    const auto away = [&](std::size_t span) {
        return spans[span].state != RouteSpan::State::Reached || route.place[span] != place;
    };
    std::size_t span = route.now;
    while (!away(span)) { // back to when it was away last
        if (span == 0 || spans[span].from <= since) return {};
        --span;
    }
    Loss loss;
    loss.rerouted = spans[span].state == RouteSpan::State::Reached;
    loss.blackholed = !loss.rerouted;
    while (span > 0 && spans[span].from > since && away(span - 1)) --span; // and to what took it away
    loss.event = spans[span].event;
    return loss;
}

} // namespace firstbyte::cdn
