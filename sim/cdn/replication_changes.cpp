// What changes in a world during its run: keys of cookies, Fast Open switched on or off, path rules that end.
#include "cdn/replication.hpp"

namespace firstbyte::cdn {

namespace {

/// The world's events belong to no entity; the first PoP stands for all of them, and there always is one.
constexpr std::uint32_t everybody = 0;
constexpr std::uint64_t object_of_change(std::uint32_t index, bool end) { return (std::uint64_t{end} << 32) | index; }
/// A PoP loses its power, or has it back.
constexpr std::uint64_t power = std::uint64_t{1} << 33;

} // namespace

void Replication::schedule_changes() {
    const std::vector<Change>& changes = context_.world.changes;
    for (std::uint32_t index = 0; index < changes.size(); ++index) {
        const auto at = [&](Instant when, bool end) {
            context_.engine.schedule(
                make_event(when, engine::EventClass::World, everybody, object_of_change(index, end)));
        };
        at(changes[index].from, false);
        if (changes[index].until != never) at(changes[index].until, true);
    }
    const std::vector<PopOutage>& outages = context_.world.pops_dead;
    for (std::uint32_t index = 0; index < outages.size(); ++index) {
        const auto at = [&](Instant when, bool end) {
            context_.engine.schedule(
                make_event(when, engine::EventClass::World, everybody, power | object_of_change(index, end)));
        };
        at(outages[index].from, false);
        if (outages[index].until != never) at(outages[index].until, true);
    }
}

void Replication::apply_change(std::uint64_t object) {
    const auto index = static_cast<std::uint32_t>(object);
    if ((object & power) != 0) {
        const PopOutage& outage = context_.world.pops_dead[index];
        edge(outage.pop.value).set_power((object >> 32 & 1) != 0);
        return;
    }
    const Change& change = context_.world.changes[index];
    switch (change.kind) {
    case Event::Kind::RotateTfoKey: rotate_keys(index); break;
    case Event::Kind::Set: switch_fast_open(); break;

    case Event::Kind::ClearPathRules: end_path_rules(change.group); break;
    case Event::Kind::OriginRestart: origins_[change.origin.value]->restart(change.graceful); break;
    case Event::Kind::EdgeRestart: edge(*change.pop).restart(); break;
    case Event::Kind::EdgeMaintenance: edge(*change.pop).maintain(); break;
    case Event::Kind::EdgeBalance: edge(*change.pop).balance(index, change.share); break;
    case Event::Kind::OriginDown:   // the origins' own
    case Event::Kind::Surge:        // looked up with each arrival
    case Event::Kind::EdgeOverload: // looked up with each request
    case Event::Kind::count_: break;
    case Event::Kind::Withdraw: // routes are decided before the packets
    case Event::Kind::Announce:
    case Event::Kind::Prepend:
    case Event::Kind::LinkDown:
    case Event::Kind::PopDies:
    case Event::Kind::Drain: break;
    }
}

/// A new key without a name follows from the PoP's key name and the change, so that PoPs that shared one key and change
/// together share the new one.
void Replication::rotate_keys(std::uint32_t index) {
    const Change& change = context_.world.changes[index];
    for (std::uint32_t pop = 0; pop < edges_.size(); ++pop) {
        if (!change.pop || *change.pop == pop) edges_[pop]->rotate_key(change, index + 1);
    }
}

/// Every switch as it stands now: the last one of the file that is in force decides.
void Replication::switch_fast_open() {
    using End = Event::End;
    const World& world = context_.world;
    const Instant now = context_.engine.now();
    bool client = world.client.fast_open, edge = world.edge.fast_open, asks = world.edge_to_origin.fast_open;
    std::optional<bool> origins;
    for (const Change& change : world.changes) {
        if (change.kind != Event::Kind::Set || now < change.from || now >= change.until) continue;
        const End end = change.end;
        if (end == End::ClientEdgeBoth || end == End::ClientEdgeClient) client = change.on;
        if (end == End::ClientEdgeBoth || end == End::ClientEdgeServer) edge = change.on;
        // Whether an origin accepts is each origin's own: a word about the whole leg is about the edge's asking.
        if (end == End::EdgeOriginBoth || end == End::EdgeOriginClient) asks = change.on;
        if (end == End::EdgeOriginServer) origins = change.on;
    }
    for (const auto& server : edges_) server->set_fast_open(edge, asks);
    for (const auto& server : origins_) server->set_fast_open(origins);
    for (const auto& slice : slices_) slice->set_fast_open(client);
}

void Replication::end_path_rules(std::optional<std::uint32_t> group) {
    for (std::uint32_t g = 0; g < slices_.size(); ++g) {
        if (group && *group != g) continue;
        context_.rules_ended[g] = true;
        slices_[g]->end_path_rules();
    }
}

} // namespace firstbyte::cdn
