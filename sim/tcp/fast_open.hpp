/// TCP Fast Open between two ends: cookies, what a SYN carries, what a server makes of it (RFC 7413, Linux's rules).
/// What a client remembers is in fast_open_clients.hpp, what a listener keeps in fast_open_listener.hpp.
#pragma once

#include "core/siphash.hpp"
#include "tcp/segment.hpp"
#include "tcp/settings.hpp"

#include <cstdint>
#include <optional>

namespace firstbyte::tcp {

/// One entry of a client's cookie cache, for one pair of addresses. 16 bytes: there may be millions.
struct CookieEntry {
    std::uint64_t cookie = 0; ///< every value is a legal cookie, zero as well
    std::uint16_t mss = 0;    ///< of the server, last time; 0: none known
    bool held = false;
    bool experimental = false;            ///< the cookie came in the experimental form and goes out in it
    std::uint8_t unanswered_requests = 0; ///< 1: ask in the experimental form; 2: that was ignored too (Linux try_exp)
};
static_assert(sizeof(CookieEntry) == 16);

/// Linux: SipHash-2-4 over client address, then server address, 64 bits out (net/ipv4/tcp_fastopen.c).
[[nodiscard]] inline std::uint64_t make_cookie(SipKey key, std::uint64_t client, std::uint64_t server) {
    return siphash24(key, client, server);
}

/// Bytes of a cookie that Linux makes (TCP_FASTOPEN_COOKIE_SIZE). RFC 7413 section 4.1.1 allows 4 to 16.
inline constexpr std::uint32_t cookie_length = 8;

/// Payload that a SYN may carry: the server's MSS of last time less the room kept for options.
/// 1420 B at MTU 1500 (measured on Linux 6.18). Without a cached MSS Linux uses its own.
[[nodiscard]] constexpr std::uint32_t syn_payload_limit(std::uint32_t own_mss, std::uint32_t cached_mss) {
    const std::uint32_t mss = cached_mss != 0 && cached_mss < own_mss ? cached_mss : own_mss;
    return mss > syn_option_room ? mss - syn_option_room : 0;
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
    bool probing = false; ///< the first ones after a blackhole pause: data that comes back ends the suspicion
};

/// What a server does with a SYN.
struct FastOpenVerdict {
    bool accept_data = false;          ///< queue the payload and let the application answer before the handshake ends
    std::optional<std::uint64_t> give; ///< cookie for the SYN-ACK
    bool requested = false;            ///< the SYN asked for a cookie
    bool wrong_cookie = false;
    bool experimental = false; ///< form of the option in the SYN-ACK: as it came
    bool backup_key = false;   ///< the cookie was made with the listener's backup key
};

/// The cookies that a listener takes from one client.
struct RightCookies {
    std::uint64_t current = 0;
    std::optional<std::uint64_t> backup; ///< of the key before, while both are valid

    explicit constexpr RightCookies(std::uint64_t current_key) : current(current_key) {}
    constexpr RightCookies(std::uint64_t current_key, std::optional<std::uint64_t> backup_key)
        : current(current_key), backup(backup_key) {}
};

/// RFC 7413 section 4.1.2 with Linux's rules (facts.md section 3): a listener without Fast Open, or with as many
/// pending connections as it may have, ignores option and data alike and gives nothing; a wrong cookie gets the right
/// one back; one of the backup key is good and gets the new one; SYN data without the option is ignored unless no
/// cookies are asked for. A SYN without data but with a good cookie is taken as well.
/// @param available   the listener does Fast Open and has room for one more pending connection
/// @param cookieless  it takes data without a cookie (tcp_fastopen 0x200): then no SYN's cookie is looked at
[[nodiscard]] inline FastOpenVerdict judge_syn(bool available, const Segment& syn, const RightCookies& right,
                                               bool cookieless = false) {
    FastOpenVerdict verdict;
    const bool option = syn.fast_open != FastOpenOption::None;
    verdict.requested = syn.fast_open == FastOpenOption::Request;
    if (!available || (!option && syn.length == 0)) return verdict;
    verdict.experimental = syn.fast_open_experimental;
    if (cookieless) {
        verdict.accept_data = true;
        return verdict;
    }
    if (!option) return verdict;
    if (verdict.requested) {
        verdict.give = right.current;
    } else if (syn.cookie == right.current) {
        verdict.accept_data = true;
    } else if (right.backup && syn.cookie == *right.backup) {
        verdict.accept_data = true;
        verdict.backup_key = true;
        verdict.give = right.current;
    } else {
        verdict.wrong_cookie = true;
        verdict.give = right.current;
    }
    return verdict;
}

} // namespace firstbyte::tcp
