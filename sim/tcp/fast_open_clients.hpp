/// What clients remember of Fast Open: cookies, and whether the network seems to swallow it.
#pragma once

#include "tcp/fast_open.hpp"
#include "tcp/settings.hpp"

#include <cstdint>
#include <optional>
#include <vector>

namespace firstbyte::tcp {

/// What an open used and what the SYN-ACK brought.
struct FastOpenHandshake {
    FastOpenAttempt::Mode mode = FastOpenAttempt::Mode::Off;
    bool experimental = false;  ///< form of the option in the SYN
    bool sent_data = false;     ///< the SYN had payload
    bool data_acked = false;    ///< all of it was acknowledged by the SYN-ACK
    bool syn_repeated = false;  ///< the SYN had timed out before
    std::uint16_t peer_mss = 0; ///< of the SYN-ACK; 0: it had no such option
    /// The option in the SYN-ACK: none, or its cookie's length and bytes.
    struct Offer {
        std::uint32_t length = cookie_length; ///< bytes
        std::uint64_t cookie = 0;
        bool experimental = false;
    };
    std::optional<Offer> offer;
};

/// Lengths that a cookie may have: 4 to 16 bytes, even (RFC 7413 section 4.1.1).
[[nodiscard]] constexpr bool is_cookie_length(std::uint32_t length) {
    return length >= 4 && length <= 16 && length % 2 == 0;
}

/// The memory of many clients, each with one server address: cookie and MSS (Linux: tcp_metrics), pauses after a
/// suspected blackhole (Linux: one network namespace), per-destination backoff (kernels before 4.15).
///
/// 16 bytes per client; 32 more where `cookie_lifetime`, `blackhole_timeout` or the backoff are on.
/// Model: a client talks to one address, so what Linux keeps per address and what it keeps per host are one; the cache
/// never evicts.
class FastOpenClients {
public:
    FastOpenClients() = default;
    /// @param host  what holds for whole hosts: lifetime of cookies, blackhole pause, backoff
    FastOpenClients(std::size_t clients, const Settings& host);

    /// How a client's next connection uses Fast Open.
    /// @param own  whether this connection may use it at all, and whether without a cookie
    [[nodiscard]] FastOpenAttempt attempt(std::uint32_t client, Instant now, const Settings& own);

    /// A SYN-ACK has answered an open that used Fast Open.
    void learn(std::uint32_t client, Instant now, const FastOpenHandshake& handshake);

    /// Signs of a blackhole: the pause begins, and is twice as long as the one before.
    /// @return whether there is one: not when `blackhole_timeout` is off
    bool pause(std::uint32_t client, Instant now);

    /// A connection that probed after a pause has received data: the next pause is the first again.
    void end_of_suspicion(std::uint32_t client);

    [[nodiscard]] CookieEntry& entry(std::uint32_t client) { return entries_[client]; }
    [[nodiscard]] std::size_t size() const { return entries_.size(); }

private:
    /// Instants that only some settings need.
    struct Times {
        Instant learned{};
        Instant paused{};
        Instant syn_lost{};
        std::uint8_t pauses = 0;     ///< since the suspicion ended; beyond the greatest factor they need not be counted
        std::uint8_t syn_losses = 0; ///< in a row
    };

    [[nodiscard]] bool paused(Times& times, Instant now, bool& probing) const;
    [[nodiscard]] bool backs_off(const Times& times, Instant now) const;

    std::vector<CookieEntry> entries_;
    std::vector<Times> times_; ///< empty unless some setting needs them
    Duration cookie_lifetime_{};
    Duration blackhole_timeout_{};
    bool backoff_ = false;
};

} // namespace firstbyte::tcp
