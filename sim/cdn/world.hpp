/// The world as client, edge and origin read it: plain values, immutable during a run.
#pragma once

#include "core/siphash.hpp"
#include "firstbyte/ids.hpp"
#include "firstbyte/scenario.hpp"
#include "net/path.hpp"
#include "tcp/settings.hpp"

#include <cstdint>
#include <optional>
#include <utility>
#include <vector>

namespace firstbyte::cdn {

/// Shares of a group's clients that are behind a middlebox of each kind.
struct BoxShares {
    double option_stripped = 0, data_stripped = 0, syn_data_dropped = 0, option_dropped = 0, blackholed = 0;
    [[nodiscard]] bool none() const {
        return option_stripped == 0 && data_stripped == 0 && syn_data_dropped == 0 && option_dropped == 0 &&
               blackholed == 0;
    }
};

/// Where a group's packets go from one moment on, until the next span begins.
struct RouteSpan {
    Instant from{};
    enum class State : std::uint8_t {
        Reached,
        Blackhole, ///< some network has no route: packets are dropped there
        Loop,      ///< networks hand packets to one another until their TTL is spent
    } state = State::Reached;
    PopId pop{};             ///< where BGP takes the clients; of no meaning unless reached
    Duration rtt{};          ///< along the path, without access delay
    std::int32_t event = -1; ///< the scenario's event that led here, by file order; -1: none
};

struct Group {
    std::vector<RouteSpan> route;    ///< ascending; the first begins with the run. The same in every replication
    std::uint32_t first_address = 0; ///< of member 0; members follow
    std::uint32_t population = 1;
    double sessions_per_sec = 0;
    Distribution access_delay;
    net::LinkSpec up, down;
    double tfo_support = 1;
    bool cookie_held = false;
    bool scripted = false;
    bool race = false; ///< a plain connection beside each that uses Fast Open; not in scripts
    std::vector<ScriptConnection> script;
    std::vector<PathRule> rules;
    std::vector<tcp::Settings> client; ///< of its connections: one per entry of the script, or one for all
    BoxShares boxes;
    std::uint32_t public_ips = 1; ///< addresses of each member; they follow each other
    /// How often clients send an idempotent request again, on a new connection, when a connection that they used again
    /// was reset before any byte of the response. Scripts say themselves what becomes of their connections.
    std::uint32_t retry_on_reset = 1;
    Duration deadline{}; ///< a client gives up a request after that; 0: never

    /// The first PoP that its clients reach: they live with it. A group that never reaches any lives with the first.
    [[nodiscard]] const RouteSpan& home() const {
        for (const RouteSpan& span : route)
            if (span.state == RouteSpan::State::Reached) return span;
        return route.front();
    }
    /// Whether its packets do not go one way all the time.
    [[nodiscard]] bool moves() const { return route.size() > 1 || route.front().state != RouteSpan::State::Reached; }
};

/// An origin as one PoP sees it.
struct PopOrigin {
    OriginId id{};
    Duration rtt{};
};

struct Pop {
    Duration pace{};                    ///< between the starts of two requests that it serves; 0: none
    std::uint32_t key_index = 0;        ///< which Fast Open key; PoPs with the same one accept each other's cookies
    std::optional<std::uint32_t> upper; ///< the PoP that it fetches through; none: it asks origins itself
    std::vector<PopOrigin> origins;     ///< those it can reach, the nearest first: that one serves its misses

    /// Round trip to one of its origins; 0 s where there is none.
    [[nodiscard]] Duration rtt_to(std::uint32_t origin) const {
        for (const PopOrigin& o : origins)
            if (o.id.value == origin) return o.rtt;
        return {};
    }
};

/// A span in which a PoP has no power: what it had in memory is lost, nothing leaves it, and what reaches it vanishes.
struct PopOutage {
    PopId pop{};
    Instant from{}, until = never;
    std::int32_t event = -1; ///< of the scenario, by file order; -1: none
};

/// What a PoP does with a segment of a connection that another PoP has.
enum class OnForeignSegment : std::uint8_t {
    Rst,     ///< answers as for any connection that it does not have (RFC 9293 section 3.10.7.1)
    Drop,    ///< nothing
    Forward, ///< sends it on to the PoP that has the connection; answers go from there to the client
};

/// A span in which an origin takes another time for a request.
struct ServiceSpan {
    Instant from{}, until = never;
    Distribution service_time;
};

struct Origin {
    Distribution service_time;
    std::vector<ServiceSpan> service_spans; ///< in file order: of those that cover a moment the last one counts
    Duration idle_timeout{};                ///< 0: idle connections are kept
    bool tfo = false;
    std::uint32_t workers = 0;                              ///< requests served at once; 0: any number
    std::uint32_t queue = 0xffff'ffff;                      ///< requests that may wait for a worker
    std::optional<std::uint32_t> accept_queue;              ///< else the leg's backlog
    std::uint32_t requests_per_connection = 0;              ///< 0: any number
    std::vector<std::pair<std::uint16_t, double>> statuses; ///< status, cumulative share; beyond the last 200
    std::uint32_t header = 1;                               ///< bytes
    Duration heartbeat{};                                   ///< between heartbeats; 0: none
    std::uint32_t heartbeat_bytes = 0;
    bool buffering = false;
    bool worker_per_connection = false; ///< a worker keeps its connection; needs `workers`
    std::optional<Balancer> balancer;
    net::LinkSpec up, down; ///< between PoPs and the origin
    std::optional<FlowBox> middlebox;
};

/// A span in which an origin misbehaves.
struct Outage {
    Instant from{}, until{};
    OriginId origin{};
    Event::Mode mode = Event::Mode::DropSyn;
    std::uint32_t size = 0; ///< Mode::BigHeader; 0: the default
};

/// A change during the run that is no outage.
struct Change {
    Event::Kind kind = Event::Kind::Set;
    Instant from{}, until = never;      ///< a Set ends at `until`
    std::optional<std::uint32_t> pop;   ///< RotateTfoKey: absent means all
    std::optional<std::uint32_t> group; ///< ClearPathRules: absent means all
    Event::End end = Event::End::ClientEdgeBoth;
    bool keep_old = false, on = false;
    std::optional<std::uint32_t> key, old_key; ///< RotateTfoKey: key indices, as Pop::key_index
    double share = 1;                          ///< EdgeBalance
    bool graceful = false;                     ///< OriginRestart
    OriginId origin{};                         ///< OriginRestart
};

/// A span in which a PoP's servers have no room for a share of the requests.
struct Overload {
    PopId pop{};
    Instant from{}, until = never;
    double share = 1;
    std::uint16_t status = 503;
};

/// A span in which clients come more often, or less.
struct Surge {
    std::optional<std::uint32_t> group; ///< absent: all
    Instant from{}, until = never;
    double factor = 1;
};

/// A further listener of every PoP.
struct FurtherListener {
    tcp::Settings settings;
    bool listens = true;
};

struct Object {
    double cumulative_weight = 0; ///< share of requests up to and with this object
    bool idempotent = true;       ///< GET, HEAD, PUT, DELETE, OPTIONS, TRACE (RFC 9110 section 9.2.2)
    Distribution request, response;
    double cache_hit_ratio = 0.9;
    bool cacheable = true; ///< GET or HEAD
    std::uint32_t items = 1;
    std::vector<double> popularity; ///< cumulative share of the items; empty: all alike
    bool has_body = false;          ///< its requests carry content: POST, PUT, PATCH (RFC 9110 section 9.3)
};

struct World {
    std::vector<Group> groups;
    std::vector<Pop> pops;
    std::vector<Origin> origins;
    std::vector<Object> objects;
    std::vector<Outage> outages;
    std::vector<PopOutage> pops_dead;
    OnForeignSegment on_foreign_segment = OnForeignSegment::Rst;
    std::vector<std::vector<Duration>> pop_rtt; ///< [from][to]; with OnForeignSegment::Forward or a tiered cache
    std::optional<Cache> cache;
    bool tiers = false; ///< some PoP fetches through another
    std::vector<Change> changes;
    std::vector<Overload> overloads;
    std::vector<Surge> surges;
    double records = 0;                        ///< share of requests kept one by one
    std::vector<std::pair<int, int>> first_of; ///< statuses, and how many of their first requests are noted
    Distribution requests_per_session, think_time;
    Tls tls;
    tcp::Settings client, edge; ///< the two sides of the client leg, before what single connections set
    std::vector<FurtherListener> listeners;
    tcp::Settings edge_to_origin, origin; ///< the two sides of the origin leg
    bool fast_open_client = false;        ///< some client uses Fast Open at the start
    std::uint32_t service_address = 0;    ///< the anycast address
    Distribution processing;
    Duration client_idle_timeout{};
    Duration pool_idle_timeout{};
    int pool_max_idle = 64;
    std::uint32_t pool_max_connections = 0; ///< open ones per origin and PoP; 0: unlimited
    bool pool_fifo = false;
    int connect_attempts = 2;
    ReusedReset reused_reset = ReusedReset::Idempotent;
    Duration timeout_read{}, timeout_tls{}, timeout_write{}, timeout_request{}, read_slack{};
    std::uint32_t header_limit = 0, retry_buffer = 0; ///< bytes
    bool failover = false, idle_closes = true, strict_tls = true;
    std::optional<HealthChecks> health_checks;
    Duration warmup{}, duration{};

    /// How an origin fails at a moment: as the last outage of the file says that covers it.
    [[nodiscard]] std::optional<Event::Mode> failure_of(std::uint32_t which, Instant at) const {
        std::optional<Event::Mode> mode;
        for (const Outage& outage : outages)
            if (outage.origin.value == which && at >= outage.from && at < outage.until) mode = outage.mode;
        return mode;
    }
    Duration bucket{}; ///< of time series; 0: none are kept
    [[nodiscard]] bool in_window(Instant at) const { return at >= Instant{warmup} && at < Instant{warmup + duration}; }
    [[nodiscard]] Instant end() const { return Instant{warmup + duration}; }
};

} // namespace firstbyte::cdn
