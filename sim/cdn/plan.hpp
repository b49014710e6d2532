/// What each session and request is, as a function of its name: both ends and every variant see the same.
#pragma once

#include "cdn/tls.hpp"
#include "cdn/world.hpp"
#include "core/random.hpp"
#include "net/lab.hpp"

#include <cstdint>

namespace firstbyte::cdn {

/// Name of a session (one connection of a client): the `serial`-th of its group.
struct SessionName {
    std::uint32_t group = 0, serial = 0;
};

struct SessionPlan {
    std::uint32_t member = 0;
    std::uint32_t requests = 1;
    bool tls_resumed = false, tls_early_data = false;
    const ScriptConnection* script = nullptr;
};

struct RequestPlan {
    std::uint32_t object = 0;
    std::uint32_t request_bytes = 0, response_bytes = 0;
    bool cache_hit = true;
    bool cacheable = false;
    std::uint64_t item = 0;       ///< object in the upper half, number of the item in the lower
    Duration think{};             ///< scripted wait at the server
    std::uint32_t sent_bytes = 0; ///< of the request that the client really sends
    bool has_body = false;        ///< of the request
    bool respond = true;
    ScriptStep::Then then = ScriptStep::Then::Keep;
    bool idempotent = true;
};

/// Looks plans up. Stateless: draws are counter-based.
class Planner {
public:
    Planner(const World& world, const Draws& draws) : world_(world), draws_(draws) {}

    [[nodiscard]] SessionPlan session(SessionName name) const;
    [[nodiscard]] RequestPlan request(SessionName name, std::uint32_t request) const;
    [[nodiscard]] TlsFlights tls(SessionName name) const;
    [[nodiscard]] TlsFlights origin_tls() const { return tls_flights(world_.tls, false, false); }
    /// When session n comes, if the one before it, or the group's start, was at `last`.
    [[nodiscard]] Instant arrival(std::uint32_t group, std::uint64_t n, Instant last) const;
    [[nodiscard]] Duration think_time(SessionName name, std::uint32_t request) const;
    [[nodiscard]] Duration processing(SessionName name, std::uint32_t request) const;
    /// Status that an origin answers with.
    [[nodiscard]] std::uint16_t origin_status(OriginId origin, SessionName name, std::uint32_t request) const;
    /// Of a request that a worker begins with at `now`.
    [[nodiscard]] Duration service_time(OriginId origin, SessionName name, std::uint32_t request, Instant now) const;
    /// Whether a request is one of those that are kept one by one.
    [[nodiscard]] bool recorded(SessionName name, std::uint32_t request) const;
    [[nodiscard]] Duration read_slack(SessionName name, std::uint32_t request) const;
    /// Whether one of a share that an event concerns: `n` tells events apart.
    [[nodiscard]] bool cut_by_balance(SessionName name, std::uint32_t n, double share) const;
    [[nodiscard]] bool rejected_by_overload(SessionName name, std::uint32_t request, double share) const;
    [[nodiscard]] Duration access_delay(std::uint32_t group, std::uint32_t member) const;
    [[nodiscard]] bool supports_fast_open(std::uint32_t group, std::uint32_t member) const;
    /// @param generation  0 at the start; a rotation gives its own number
    [[nodiscard]] SipKey cookie_key(std::uint32_t key_index, std::uint32_t generation) const;
    /// Which of its addresses a client appears with on one connection.
    [[nodiscard]] std::uint32_t public_ip(SessionName name, std::uint32_t reopened) const;
    [[nodiscard]] net::Boxes boxes(std::uint32_t group, std::uint32_t member) const;

private:
    [[nodiscard]] double factor(std::uint32_t group, Instant at, Instant& until) const;
    [[nodiscard]] double value(const Distribution& d, Stream stream, std::uint32_t entity, std::uint64_t n) const;

    const World& world_;
    Draws draws_;
};

} // namespace firstbyte::cdn
