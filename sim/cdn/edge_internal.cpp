// Requests without a client's connection: background fetches, and what lower-tier PoPs ask of an upper one.
#include "cdn/edge.hpp"
#include "cdn/edge_kinds.hpp"
#include "cdn/outcome.hpp"
#include "core/check.hpp"

namespace firstbyte::cdn {

std::uint32_t EdgeServer::add_internal_side(const tcp::Label& label) {
    std::uint32_t place = 0;
    if (internal_free_.empty()) {
        place = static_cast<std::uint32_t>(internal_sides_.size());
        internal_sides_.emplace_back();
    } else {
        place = internal_free_.back();
        internal_free_.pop_back();
    }
    InternalSide& internal = internal_sides_[place];
    ++internal.generation;
    internal.side = ClientSide{};
    internal.side.name = {label.group, label.session};
    internal.side.label = label;
    internal.lower = no_pop;
    return (internal_listener << Listeners::index_bits) | place;
}

bool EdgeServer::client_live(Slot slot) const {
    if (!is_internal(slot.index)) return clients_.live(slot);
    const InternalSide& internal = internal_sides_[Listeners::index_in(slot.index)];
    return internal.generation == slot.generation && internal.side.phase != ClientPhase::Over;
}

Slot EdgeServer::client_slot(std::uint32_t index) const {
    if (!is_internal(index)) return clients_.slot_at(index);
    return {index, internal_sides_[Listeners::index_in(index)].generation};
}

void EdgeServer::write_client(std::uint32_t index, std::uint32_t bytes, const tcp::Label& label) {
    if (!is_internal(index)) return clients_.write(index, bytes, label);
    const InternalSide& internal = internal_sides_[Listeners::index_in(index)];
    if (internal.lower == no_pop) return; // nobody asked for it
    context_.relays->send(pop_, internal.lower, {RelayMessage::Kind::Response, internal.lower_client, label, bytes});
}

void EdgeServer::close_client(std::uint32_t index) {
    if (!is_internal(index)) return clients_.close(index);
    const InternalSide& internal = internal_sides_[Listeners::index_in(index)];
    if (internal.lower != no_pop)
        context_.relays->send(pop_, internal.lower, {RelayMessage::Kind::Cut, internal.lower_client, {}, 0});
    end_internal(index);
}

void EdgeServer::end_internal(std::uint32_t index) {
    const std::uint32_t place = Listeners::index_in(index);
    internal_sides_[place].side.phase = ClientPhase::Over;
    internal_free_.push_back(place);
}

/// The upper-tier PoP that this one fetches through; none: it goes to origins itself, as it does when that one is dead.
std::optional<std::uint32_t> EdgeServer::upper_pop() const {
    const std::optional<std::uint32_t> upper = context_.world.pops[pop_].upper;
    if (!upper || context_.relays->dead(*upper)) return std::nullopt;
    return upper;
}

/// Model: connections between PoPs are always open and lose nothing; what they have is delay.
void EdgeServer::ask_upper(std::uint32_t index, std::uint32_t upper) {
    ClientSide& side = client_side(index);
    side.upper = upper;
    context_.relays->send(pop_, upper, {RelayMessage::Kind::Request, client_slot(index), side.label, 0});
}

/// What another PoP has sent.
void EdgeServer::on_relay(std::uint32_t from, const RelayMessage& message) {
    if (dead_) return;
    if (message.kind == RelayMessage::Kind::Request) {
        const std::uint32_t index = add_internal_side(message.label);
        InternalSide& internal = internal_sides_[Listeners::index_in(index)];
        internal.lower = from;
        internal.lower_client = message.client;
        internal.side.phase = ClientPhase::Processing;
        process(index);
        return;
    }
    if (message.kind == RelayMessage::Kind::Cancel) {
        for (std::uint32_t place = 0; place < internal_sides_.size(); ++place) {
            InternalSide& internal = internal_sides_[place];
            const bool meant = internal.lower == from && internal.side.phase != ClientPhase::Over &&
                               internal.lower_client.index == message.client.index &&
                               internal.lower_client.generation == message.client.generation;
            if (!meant) continue;
            const std::uint32_t index = (internal_listener << Listeners::index_bits) | place;
            client_gone(index);
            end_internal(index);
            return;
        }
        return;
    }
    if (!client_live(message.client)) return;
    ClientSide& side = client_side(message.client.index);
    if (side.phase != ClientPhase::Upstream || side.upper != from) return;
    if (message.kind == RelayMessage::Kind::Cut) {
        side.upper = no_pop;
        return truncate(message.client.index, Cause::EmptyReply);
    }
    tcp::Label response = side.label;
    response.length = message.label.length;
    response.header = message.label.header;
    response.info = message.label.info;
    side.relayed += message.bytes;
    const bool complete = side.relayed >= response.length;
    write_client(message.client.index, message.bytes, response);
    if (!complete) return;
    side.upper = no_pop;
    OutcomeKey outcome = unpack(response.info);
    if (outcome.cause == Cause::CacheHit)
        outcome = {Cause::OriginReplied, GeneratedBy::Origin, -1}; // kept here as well
    fetched(message.client.index, response.length, outcome);
    response_complete(message.client.index);
}

} // namespace firstbyte::cdn
