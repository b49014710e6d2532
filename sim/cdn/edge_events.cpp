// What a scenario's events do to a PoP's servers.
#include "cdn/edge.hpp"
#include "cdn/edge_kinds.hpp"

namespace firstbyte::cdn {

void EdgeServer::restart() {
    if (dead_) return;
    fetches_.clear();
    if (cache_) cache_->clear();
    for (std::uint32_t place = 0; place < internal_sides_.size(); ++place) {
        const std::uint32_t index = (internal_listener << Listeners::index_bits) | place;
        if (client_side(index).phase == ClientPhase::Over) continue;
        client_side(index).leads = false;
        client_gone(index);
        close_client(index);
    }
    for (std::uint32_t listener = 0; listener < client_sides_.size(); ++listener) {
        for (std::uint32_t i = 0; i < client_sides_[listener].size(); ++i) {
            const std::uint32_t index = (listener << Listeners::index_bits) | i;
            if (client_side(index).phase == ClientPhase::Over) continue;
            client_side(index).leads = client_side(index).coalesced = false;
            client_gone(index);
            clients_.abort(index);
        }
    }
    for (OriginLeg& leg : legs_) {
        leg.waiting.clear();
        leg.up = true;
        leg.failures = 0;
    }
    for (std::uint32_t index = 0; index < upstreams_.size(); ++index) {
        const UpstreamPhase phase = upstreams_[index].phase;
        if (phase == UpstreamPhase::Over) continue;
        if (phase == UpstreamPhase::Idle) leave_pool(index);
        if (phase == UpstreamPhase::Checking)
            end_check(index, true); // the next one comes when it is due
        else
            let_go(index);
        upstream_.abort(index);
    }
}

void EdgeServer::maintain() {
    if (dead_) return;
    for (std::uint32_t listener = 0; listener < client_sides_.size(); ++listener) {
        for (std::uint32_t i = 0; i < client_sides_[listener].size(); ++i) {
            const std::uint32_t index = (listener << Listeners::index_bits) | i;
            ClientSide& side = client_side(index);
            if (side.phase == ClientPhase::Over) continue;
            side.last = true;
            if (side.phase != ClientPhase::Idle) continue;
            side.phase = ClientPhase::Over;
            clients_.close(index);
        }
    }
    for (std::uint32_t index = 0; index < upstreams_.size(); ++index) {
        Upstream& up = upstreams_[index];
        up.last = true;
        if (up.phase != UpstreamPhase::Idle) continue;
        leave_pool(index);
        let_go(index);
        upstream_.close(index);
    }
}

void EdgeServer::balance(std::uint32_t change, double share) {
    if (dead_) return;
    for (std::uint32_t listener = 0; listener < client_sides_.size(); ++listener) {
        for (std::uint32_t i = 0; i < client_sides_[listener].size(); ++i) {
            const std::uint32_t index = (listener << Listeners::index_bits) | i;
            const ClientSide& side = client_side(index);
            if (side.phase == ClientPhase::Over || !context_.planner.cut_by_balance(side.name, change, share)) continue;
            client_gone(index);
            clients_.abort(index);
        }
    }
}

void EdgeServer::finish() {
    if (cache_) context_.results.caches[pop_].stored_bytes = cache_->used();
    for (std::uint32_t listener = 0; listener < client_sides_.size(); ++listener) {
        for (std::uint32_t i = 0; i < client_sides_[listener].size(); ++i) {
            const std::uint32_t index = (listener << Listeners::index_bits) | i;
            if (client_side(index).phase != ClientPhase::Over) count_client_probes(index, false);
        }
    }
    for (std::uint32_t index = 0; index < upstreams_.size(); ++index)
        if (upstreams_[index].phase != UpstreamPhase::Over) count_upstream_probes(index, false);
}

} // namespace firstbyte::cdn
