#include "tcp/fast_open_clients.hpp"

#include <algorithm>

namespace firstbyte::tcp {

namespace {

/// Linux: the pause doubles up to 2^6 times its first length (tcp_fastopen_active_should_disable).
constexpr std::uint8_t pause_doublings_max = 6;
/// Linux 3.6 to 4.14 (tcp_send_syn_data): two SYN losses in a row stop Fast Open for 60 s * 2^losses, up to about 1.5
/// days.
constexpr std::uint8_t losses_before_backoff = 2;
constexpr Duration backoff_unit = 60s;
constexpr std::uint8_t backoff_doublings_max = 11; // 60 s * 2^11 = 1.42 days

} // namespace

FastOpenClients::FastOpenClients(std::size_t clients, const Settings& host)
    : entries_(clients), cookie_lifetime_(host.cookie_lifetime), blackhole_timeout_(host.blackhole_timeout),
      backoff_(host.fast_open_per_destination_backoff) {
    if (cookie_lifetime_ != Duration{0} || blackhole_timeout_ != Duration{0} || backoff_) times_.resize(clients);
}

bool FastOpenClients::paused(Times& times, Instant now, bool& probing) const {
    if (blackhole_timeout_ == Duration{0} || times.pauses == 0) return false;
    const int doublings = std::min<int>(times.pauses - 1, pause_doublings_max);
    if (now < times.paused + blackhole_timeout_ * (std::int64_t{1} << doublings)) return true;
    probing = true;
    return false;
}

bool FastOpenClients::backs_off(const Times& times, Instant now) const {
    if (!backoff_ || times.syn_losses < losses_before_backoff) return false;
    const int doublings = std::min(times.syn_losses, backoff_doublings_max);
    return now < times.syn_lost + backoff_unit * (std::int64_t{1} << doublings);
}

FastOpenAttempt FastOpenClients::attempt(std::uint32_t client, Instant now, const Settings& own) {
    FastOpenAttempt attempt;
    if (!own.fast_open) return attempt;
    CookieEntry& entry = entries_[client];
    if (!times_.empty()) {
        Times& times = times_[client];
        if (cookie_lifetime_ != Duration{0} && entry.held && now >= times.learned + cookie_lifetime_)
            entry = CookieEntry{0, entry.mss}; // the MSS is no secret that ages
        if (paused(times, now, attempt.probing) || backs_off(times, now)) return attempt;
    }
    attempt.cached_mss = entry.mss;
    if (own.cookieless) {
        attempt.mode = FastOpenAttempt::Mode::Cookieless;
    } else if (entry.held) {
        attempt.mode = FastOpenAttempt::Mode::SendCookie;
        attempt.cookie = entry.cookie;
        attempt.experimental = entry.experimental;
    } else {
        attempt.mode = FastOpenAttempt::Mode::RequestCookie;
        attempt.experimental = entry.unanswered_requests == 1;
    }
    return attempt;
}

void FastOpenClients::learn(std::uint32_t client, Instant now, const FastOpenHandshake& handshake) {
    if (handshake.mode == FastOpenAttempt::Mode::Off) return; // a plain connection teaches nothing
    CookieEntry& entry = entries_[client];
    if (handshake.peer_mss != 0) entry.mss = handshake.peer_mss;
    const bool asked = handshake.mode != FastOpenAttempt::Mode::Cookieless; // else a cookie is unsolicited
    const bool cookie_came = asked && handshake.offer && is_cookie_length(handshake.offer->length);
    const bool answered = cookie_came || (asked && handshake.offer && handshake.offer->length == 0);
    if (cookie_came) {
        entry.cookie = handshake.offer->cookie;
        entry.experimental = handshake.offer->experimental;
        entry.held = true;
    } else if (asked && !answered && !handshake.sent_data && !handshake.syn_repeated && !entry.held) {
        // The request was ignored. After a repeated SYN nobody knows: that one carried no request.
        const std::uint8_t unanswered = handshake.experimental ? 2 : 1;
        entry.unanswered_requests = std::max(entry.unanswered_requests, unanswered);
    }
    if (times_.empty()) return;
    Times& times = times_[client];
    if (cookie_came) times.learned = now;
    const bool syn_lost = asked && handshake.syn_repeated && !answered && handshake.sent_data && !handshake.data_acked;
    if (!syn_lost) {
        times.syn_losses = 0;
        return;
    }
    times.syn_lost = now;
    if (times.syn_losses < backoff_doublings_max) ++times.syn_losses;
}

bool FastOpenClients::pause(std::uint32_t client, Instant now) {
    if (blackhole_timeout_ == Duration{0}) return false;
    Times& times = times_[client];
    times.paused = now;
    if (times.pauses <= pause_doublings_max) ++times.pauses;
    return true;
}

void FastOpenClients::end_of_suspicion(std::uint32_t client) {
    if (!times_.empty()) times_[client].pauses = 0;
}

} // namespace firstbyte::tcp
