#include "cdn/replication.hpp"

#include "cdn/trace_notes.hpp"
#include "core/check.hpp"

#include <algorithm>

namespace firstbyte::cdn {

using namespace std::chrono_literals;

namespace {

/// How long requests that are open at the end of the window may go on. Model choice: above every timer of a request, of
/// which the data retries of a client without a deadline are the longest (924.6 s nominal, Linux tcp_retries2 = 15) on
/// top of a SYN schedule (131 s).
constexpr Duration drain_max = 1200s;

} // namespace

Replication::Replication(const World& world, const Draws& draws, const TraceFilter& filter)
    : context_(world, draws, filter), first_origin_(context_.entity_of_origin(0)),
      first_slice_(context_.entity_of_group(0)) {
    if (world.tiers) {
        std::vector<std::vector<Duration>> delays = world.pop_rtt;
        for (std::vector<Duration>& from : delays)
            for (Duration& delay : from) delay = std::max(delay, Duration{0}) / 2;
        relays_.emplace(context_.engine, std::move(delays));
        context_.relays = &*relays_;
    }
    for (std::uint32_t pop = 0; pop < world.pops.size(); ++pop)
        edges_.push_back(std::make_unique<EdgeServer>(context_, pop));
    for (std::uint32_t origin = 0; origin < world.origins.size(); ++origin)
        origins_.push_back(std::make_unique<OriginServer>(context_, origin));
    if (std::any_of(world.groups.begin(), world.groups.end(), [](const Group& group) { return group.moves(); })) {
        moving_.emplace(context_, edges_, slices_);
        context_.moving = &*moving_;
        context_.network.ways = &*moving_;
    }
    for (std::uint32_t group = 0; group < world.groups.size(); ++group)
        slices_.push_back(std::make_unique<ClientSlice>(context_, group, edge(world.groups[group].home().pop.value)));
}

ReplicationOutput Replication::run() {
    schedule_changes();
    for (const auto& origin : origins_) origin->start();
    for (const auto& edge : edges_) edge->start();
    for (const auto& slice : slices_) slice->start();
    context_.engine.run(
        context_.world.end() + drain_max, [this](engine::Event event) { return dispatch(event); },
        // A traced run goes on until nothing is left to happen: what follows a connection's end belongs to its record.
        [this] { return !context_.trace_filter.enabled && context_.finished(); });
    for (const auto& slice : slices_) slice->finish();
    for (const auto& edge : edges_) edge->finish();
    for (TraceConnection& trace : context_.traces)
        annotate(trace, context_.planner.tls({trace.group, trace.connection}));
    for (const auto& slice : slices_) context_.results.client_tfo.merge(slice->host().counters);
    for (const auto& edge : edges_) context_.results.edge_tfo.merge(edge->counters());
    close_books();
    context_.results.events = context_.engine.events_run();
    Fingerprint total;
    for (const Fingerprint& chain : context_.fingerprints) total = total + chain;
    context_.results.fingerprint = total.chain;
    return {std::move(context_.results), std::move(context_.traces)};
}

/// What began has ended or is open; nothing arrived that nobody sent.
void Replication::close_books() {
    Books& books = context_.results.books;
    for (const auto& slice : slices_) books.merge(books_of(slice->host()));
    for (const auto& edge : edges_) books.merge(edge->books());
    for (const auto& origin : origins_) books.merge(origin->books());
    books.bytes_copied = context_.network.bytes_copied;
    FB_ASSERT(books.balanced(),
              "requests and connections that began have ended or are open, and bytes come from senders");
}

engine::Event Replication::dispatch(engine::Event event) {
    const std::uint32_t entity = entity_of(event);
    const std::uint64_t object = object_of(event);
    engine::Event next = engine::no_event;
    switch (class_of(event)) {
    case engine::EventClass::World:
        if (is_origin(entity))
            origin(entity).on_world_event();
        else
            apply_change(object);
        break;
    case engine::EventClass::Segment: next = deliver(entity, object); break;
    case engine::EventClass::Alarm:
        if (is_pop(entity))
            edge(entity).on_alarm(object);
        else if (is_origin(entity))
            origin(entity).on_alarm(object);
        else
            slice(entity).host().on_alarm(static_cast<std::uint32_t>(object));
        break;
    case engine::EventClass::Other:
        if (is_pop(entity))
            edge(entity).on_event(object);
        else if (is_origin(entity))
            origin(entity).on_event(object);
        else
            slice(entity).on_event(object);
        break;
    }
    if (!context_.network.notices.empty()) deal_with_notices();
    return next;
}

/// Hands the segment at the head of a path to its receiver.
engine::Event Replication::deliver(std::uint32_t entity, std::uint64_t object) {
    if (is_pop(entity)) return context_.network.receive(deliver_to_pop(entity, object));
    if (is_origin(entity)) return context_.network.receive(deliver_to_origin(entity, object));
    return context_.network.receive(deliver_to_client(entity, object));
}

/// The segment that arrives on a path, written into its receiver's fingerprint. It stays in place until receive().
inline const tcp::Segment& Replication::take_arrived(const net::Path& path, std::uint32_t entity) {
    FB_ASSERT(context_.network.due(path), "a path's event runs when its head arrives");
    const tcp::Segment& segment = context_.network.arrived(path);
    context_.fingerprints[entity].add(static_cast<std::uint64_t>(context_.engine.now().time_since_epoch().count()) ^
                                          (std::uint64_t{segment.length} << 40),
                                      segment.flow.key() ^ (std::uint64_t{segment.seq} << 32) ^
                                          (std::uint64_t{segment.ack} << 8) ^ segment.flags);
    return segment;
}

// Each returns the path that an event of class Segment is about.

inline net::Path& Replication::deliver_to_pop(std::uint32_t pop, std::uint64_t object) {
    const auto index = static_cast<std::uint32_t>(object);
    const std::uint64_t kind = object >> 32;
    EdgeServer& at = edge(pop);
    if (kind == 0) {
        net::Path& path = at.paths()[index];
        at.on_client_segment(take_arrived(path, pop), path.back);
        return path;
    }
    if (kind == MovingLinks::kind_up || kind == kind_icmp) {
        net::Path& path = at.paths()[index];
        const tcp::Segment& segment = take_arrived(path, pop);
        if (kind == kind_icmp)
            at.on_icmp(segment);
        else
            moving_->arrive_at_pop(segment, path, pop);
        return path;
    }
    OriginServer& from = *origins_[index];
    net::Path& path = from.paths()[from.path_to(pop)];
    at.on_origin_segment(take_arrived(path, pop), index);
    return path;
}

inline net::Path& Replication::deliver_to_origin(std::uint32_t entity, std::uint64_t object) {
    const auto index = static_cast<std::uint32_t>(object);
    OriginServer& at = origin(entity);
    if (object >> 32 == kind_icmp) {
        net::Path& path = at.paths()[index];
        at.on_icmp(take_arrived(path, entity));
        return path;
    }
    net::Path& path = edge(index).paths()[edge(index).path_to_origin(entity - first_origin_)];
    at.on_segment(take_arrived(path, entity), index);
    return path;
}

inline net::Path& Replication::deliver_to_client(std::uint32_t entity, std::uint64_t object) {
    const auto index = static_cast<std::uint32_t>(object);
    ClientSlice& at = slice(entity);
    if (object >> 32 == 0) {
        net::Path& path = at.edge().paths()[index];
        at.host().on_segment(take_arrived(path, entity), path.back);
        return path;
    }
    net::Path& path = moving_->path_down(index);
    at.on_segment_of_pop(take_arrived(path, entity), moving_->place_of_way(index), moving_->answer_path(index));
    return path;
}

void Replication::deal_with_notices() {
    Ring<net::HostNotice>& notices = context_.network.notices;
    while (!notices.empty()) {
        const net::HostNotice notice = notices.front(); // a copy: dealing with it may bring further ones
        notices.pop_front();
        const std::uint32_t entity = notice.entity;
        const bool gone = notice.notice.kind == tcp::NoticeKind::Gone;
        if (is_pop(entity)) {
            edge(entity).on_notice(notice);
            if (gone) edge(entity).release(notice);
        } else if (is_origin(entity)) {
            origin(entity).on_notice(notice);
            if (gone) origin(entity).release(notice);
        } else {
            slice(entity).on_notice(notice);
            if (gone) slice(entity).release(notice.slot.index);
        }
    }
}

} // namespace firstbyte::cdn
