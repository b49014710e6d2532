/// TCP Fast Open: what a client remembers, what a server decides (RFC 7413, Linux's rules).
#pragma once

#include "core/siphash.hpp"
#include "tcp/segment.hpp"
#include "tcp/settings.hpp"

#include <cstdint>
#include <optional>

namespace firstbyte::tcp {

/// One entry of a client's cookie cache, for one pair of addresses. 16 bytes: there may be millions.
struct CookieEntry {
    std::uint64_t cookie = 0;
    std::uint16_t mss = 0; ///< of the server, last time; 0: none known
    bool held = false;
};

/// Linux: SipHash-2-4 over client address, then server address, 64 bits out (net/ipv4/tcp_fastopen.c).
[[nodiscard]] inline std::uint64_t make_cookie(SipKey key, std::uint64_t client, std::uint64_t server) {
    return siphash24(key, client, server);
}

/// Payload that a SYN may carry: the server's MSS of last time less the room kept for options.
/// 1420 B at MTU 1500 (measured on Linux 6.18). Without a cached MSS Linux uses its own.
[[nodiscard]] constexpr std::uint32_t syn_payload_limit(std::uint32_t own_mss, std::uint32_t cached_mss) {
    const std::uint32_t mss = cached_mss != 0 && cached_mss < own_mss ? cached_mss : own_mss;
    return mss - syn_option_room;
}

/// How an active open uses Fast Open.
struct FastOpenAttempt {
    enum class Mode : std::uint8_t {
        Off,
        RequestCookie,
        SendCookie,
        Cookieless, ///< data without the option
    } mode = Mode::Off;
    bool experimental = false; ///< the option's form
    std::uint64_t cookie = 0;
    std::uint16_t cached_mss = 0;
};

/// What a server does with a SYN.
struct FastOpenVerdict {
    bool accept_data = false;          ///< queue the payload and let the application answer before the handshake ends
    std::optional<std::uint64_t> give; ///< cookie for the SYN-ACK
    bool requested = false;            ///< the SYN asked for a cookie
    bool wrong_cookie = false;
    bool experimental = false; ///< form of the option in the SYN-ACK: as it came
};

/// RFC 7413 section 4.1.2 with Linux's counters: a listener without Fast Open ignores option and data alike; a wrong
/// cookie gets the right one back; SYN data without the option is ignored.
[[nodiscard]] inline FastOpenVerdict judge_syn(bool listener_enabled, const Segment& syn, std::uint64_t right_cookie) {
    FastOpenVerdict verdict;
    if (syn.fast_open == FastOpenOption::None || !listener_enabled) return verdict;
    if (syn.fast_open == FastOpenOption::Request) {
        verdict.requested = true;
        verdict.give = right_cookie;
    } else if (syn.cookie == right_cookie) {
        verdict.accept_data = true;
    } else {
        verdict.wrong_cookie = true;
        verdict.give = right_cookie;
    }
    return verdict;
}

} // namespace firstbyte::tcp
