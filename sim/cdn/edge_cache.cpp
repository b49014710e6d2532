// The edge's own cache: what it answers from it, and one fetch for all who ask while it runs.
#include "cdn/edge.hpp"
#include "cdn/edge_kinds.hpp"
#include "cdn/outcome.hpp"

namespace firstbyte::cdn {

CacheResults* EdgeServer::cache_results() {
    return context_.world.in_window(context_.engine.now()) ? &context_.results.caches[pop_] : nullptr;
}

/// A request for something that may be kept: a copy, a fetch that is under way, or a fetch of its own.
void EdgeServer::serve_cacheable(std::uint32_t index, const RequestPlan& plan) {
    ClientSide& side = client_side(index);
    const Cache& settings = *context_.world.cache;
    CacheResults* results = cache_results();
    const ItemCache::Found found = cache_->look_up(plan.item, context_.engine.now());
    if (found != ItemCache::Found::Nothing) {
        const bool fresh = found == ItemCache::Found::Fresh;
        if (results != nullptr) ++(fresh ? results->hits : results->stale_hits);
        const auto bytes = static_cast<std::uint32_t>(cache_->size_of(plan.item));
        const tcp::Label asked = side.label;
        respond(index, bytes, {Cause::CacheHit, GeneratedBy::Edge, -1});
        if (!fresh && !fetches_.contains(plan.item)) fetch_in_background(asked, plan.item);
        return;
    }
    if (results != nullptr) ++results->misses;
    side.item = plan.item;
    if (settings.coalesce) {
        if (Ring<Slot>* waiting = fetches_.find(plan.item)) {
            if (results != nullptr) ++results->coalesced;
            side.phase = ClientPhase::Upstream;
            side.coalesced = true;
            waiting->push_back(client_slot(index));
            return;
        }
        fetches_.insert(plan.item, Ring<Slot>{});
    }
    side.leads = true;
    forward(index);
}

/// RFC 5861 section 3: the client has the stale copy; a new one comes by a request of the edge's own.
void EdgeServer::fetch_in_background(const tcp::Label& asked, Item item) {
    const std::uint32_t index = add_internal_side(asked);
    ClientSide& side = client_side(index);
    side.item = item;
    side.leads = true;
    fetches_.insert(item, Ring<Slot>{});
    forward(index);
}

/// The leader's response is complete: those who waited have it from the cache.
/// Model: at that moment, not as its bytes come.
void EdgeServer::fetched(std::uint32_t index, std::uint32_t bytes, const OutcomeKey& outcome) {
    ClientSide& side = client_side(index);
    if (!side.leads) return;
    side.leads = false;
    // Model: what may be kept are responses 200 to GET and HEAD (RFC 9111 section 3 allows more).
    if (outcome.cause == Cause::OriginReplied && status_of(outcome) == 200) {
        const std::uint32_t evicted = cache_->store(side.item, bytes, context_.engine.now());
        if (CacheResults* results = cache_results()) results->evictions += evicted;
        share(side.item, bytes, {Cause::CacheHit, GeneratedBy::Edge, -1});
    } else {
        share(side.item, bytes, outcome); // an error is everybody's
    }
}

/// Answers all who waited for a fetch.
void EdgeServer::share(Item item, std::uint32_t bytes, const OutcomeKey& outcome) {
    Ring<Slot>* list = fetches_.find(item);
    if (list == nullptr) return;
    Ring<Slot> waiting = std::move(*list);
    fetches_.erase(item);
    for (; !waiting.empty(); waiting.pop_front()) {
        const Slot slot = waiting.front();
        if (!client_live(slot)) continue;
        ClientSide& side = client_side(slot.index);
        if (side.phase != ClientPhase::Upstream || !side.coalesced || side.item != item) continue;
        side.coalesced = false;
        respond(slot.index, bytes, outcome);
    }
}

/// The fetch ended without a response that could be shared: the next who waits leads.
void EdgeServer::fetch_lost(std::uint32_t index) {
    ClientSide& old = client_side(index);
    if (!old.leads) return;
    old.leads = false;
    const Item item = old.item;
    Ring<Slot>* list = fetches_.find(item);
    if (list == nullptr) return;
    while (!list->empty()) {
        const Slot slot = list->front();
        list->pop_front();
        if (!client_live(slot)) continue;
        ClientSide& side = client_side(slot.index);
        if (side.phase != ClientPhase::Upstream || !side.coalesced || side.item != item) continue;
        side.coalesced = false;
        side.leads = true;
        forward(slot.index);
        return;
    }
    fetches_.erase(item);
}

} // namespace firstbyte::cdn
