/// The listening sockets of one PoP towards clients, and the connections they took.
#pragma once

#include "cdn/context.hpp"
#include "net/host.hpp"

#include <array>
#include <cstdint>
#include <deque>

namespace firstbyte::cdn {

/// One host per listener, because queues and Fast Open's pending connections are each listener's own. A connection has
/// one number at its PoP: its listener's in the upper bits, and its index there in the lower ones.
class Listeners {
public:
    static constexpr unsigned index_bits = 28; ///< leaves room for the 16 hosts that alarms can name

    Listeners(Context& context, std::uint32_t entity, std::uint32_t pop, Slab<net::Path>& paths);

    /// A segment from a client: a new connection goes to the listener that its script names.
    void on_segment(const tcp::Segment& segment, std::uint32_t answer_path);
    void refuse(const tcp::Segment& segment, std::uint32_t answer_path) {
        listening_.front().host.refuse(segment, answer_path);
    }
    void power_off() {
        for (Listening& listening : listening_) listening.host.power_off();
    }
    void power_on() {
        for (Listening& listening : listening_) listening.host.power_on();
    }
    void on_alarm(std::uint32_t side, std::uint32_t index) { host_at(side).on_alarm(index); }
    void release(const net::HostNotice& notice) { host_at(notice.side).release(notice.slot.index); }

    /// Number of the connection that a notice is about.
    [[nodiscard]] static std::uint32_t number_of(const net::HostNotice& notice) {
        return (listener_of(notice.side) << index_bits) | notice.slot.index;
    }
    /// Listener and index there of a number.
    [[nodiscard]] static std::uint32_t listener_in(std::uint32_t number) { return number >> index_bits; }
    [[nodiscard]] static std::uint32_t index_in(std::uint32_t number) { return number & ((1u << index_bits) - 1); }

    void write(std::uint32_t number, std::uint32_t bytes, const tcp::Label& label) {
        host(number).write(index_in(number), bytes, label);
    }
    void close(std::uint32_t number) { host(number).close(index_in(number)); }
    void abort(std::uint32_t number) { host(number).abort(index_in(number)); }
    [[nodiscard]] tcp::Connection& connection(std::uint32_t number) {
        return host(number).connection(index_in(number));
    }
    [[nodiscard]] Slot slot_at(std::uint32_t number) const {
        return {number, listening_[listener_in(number)].host.slot_at(index_in(number)).generation};
    }
    [[nodiscard]] bool live(Slot slot) const {
        return listening_[listener_in(slot.index)].host.live({index_in(slot.index), slot.generation});
    }
    [[nodiscard]] std::size_t size() const { return listening_.size(); }

    /// All of them have a new key for cookies.
    void rotate_key(SipKey fresh, bool keep_old, const std::optional<SipKey>& old);
    /// Whether the leg's own listener accepts Fast Open; further ones have their own word on that.
    void set_fast_open(bool on) { listening_.front().settings.fast_open = on; }
    [[nodiscard]] FastOpenCounters counters() const;
    /// Of all listeners' connections, with those that are still open.
    [[nodiscard]] Books books() const;

private:
    struct Listening {
        Listening(Context& context, std::uint32_t entity, std::uint32_t side, Slab<net::Path>& paths,
                  const tcp::Settings& own);
        tcp::Settings settings; ///< own copy: events switch Fast Open
        /// Of connections for which a script chooses the congestion control, by that.
        std::array<tcp::Settings, 2> chosen;
        net::Host host;
    };

    [[nodiscard]] static std::uint32_t side_of(std::uint32_t listener);
    [[nodiscard]] static std::uint32_t listener_of(std::uint32_t side);
    [[nodiscard]] net::Host& host(std::uint32_t number) { return listening_[listener_in(number)].host; }
    [[nodiscard]] net::Host& host_at(std::uint32_t side) { return listening_[listener_of(side)].host; }

    const World& world_;
    std::deque<Listening> listening_; ///< the leg's own, then those of the scenario's list; they never move
};

} // namespace firstbyte::cdn
