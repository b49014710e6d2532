/// What a listener keeps for Fast Open: keys of cookies, and how many connections are pending.
#pragma once

#include "core/check.hpp"
#include "core/ring.hpp"
#include "tcp/fast_open.hpp"

#include <cstdint>
#include <optional>

namespace firstbyte::tcp {

/// One key or two (Linux tcp_fastopen_key): the first makes and checks cookies, the second only checks.
struct CookieKeys {
    SipKey current;
    std::optional<SipKey> backup;

    CookieKeys() = default;
    explicit CookieKeys(SipKey key) : current(key) {}

    /// @param old  stays valid; absent: the key so far does, if it is to be kept
    void rotate(SipKey fresh, bool keep_old, std::optional<SipKey> old = {}) {
        if (!old && keep_old) old = current;
        backup = old;
        current = fresh;
    }
    [[nodiscard]] RightCookies cookies_of(std::uint64_t client, std::uint64_t server) const {
        RightCookies right{make_cookie(current, client, server)};
        if (backup) right.backup = make_cookie(*backup, client, server);
        return right;
    }
};

/// Fast Open connections of a listener that wait for their handshake's ACK (RFC 7413 section 5.1,
/// PendingFastOpenRequests; Linux struct fastopen_queue).
class PendingFastOpen {
public:
    /// How long a connection that the client reset still counts: a defence against SYNs with a spoofed source
    /// (Linux reqsk_fastopen_remove, 60 s).
    static constexpr Duration reset_penalty = 60s;

    /// Whether one more may come. When the limit is reached the oldest reset one makes room once its time is over:
    /// asking takes it out.
    [[nodiscard]] bool has_room(Instant now, std::uint32_t limit) {
        if (pending_ < limit) return true;
        if (reset_.empty() || reset_.front() > now) return false;
        reset_.pop_front();
        --pending_;
        return true;
    }
    void add() { ++pending_; }
    /// The handshake ended, or the connection died otherwise than by a RST.
    void remove() {
        FB_ASSERT(pending_ > 0, "a pending connection leaves once");
        --pending_;
    }
    /// The client reset a connection that the application had accepted: its place stays taken.
    void remove_reset(Instant now) { reset_.push_back(now + reset_penalty); }

    [[nodiscard]] std::uint32_t pending() const { return pending_; } ///< those under penalty included

private:
    std::uint32_t pending_ = 0;
    Ring<Instant> reset_; ///< when the penalties end, in order
};

} // namespace firstbyte::tcp
