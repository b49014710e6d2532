/// What a simulation counted. Adding results is exact and order-free; floating point begins in the report.
#pragma once

#include "firstbyte/histogram.hpp"
#include "firstbyte/ids.hpp"
#include "firstbyte/place.hpp"
#include "firstbyte/settling.hpp"
#include "firstbyte/units.hpp"

#include <array>
#include <compare>
#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <vector>

namespace firstbyte {

/// Why a request ended as it did. The status code follows from the cause, never the other way round.
enum class Cause : std::uint8_t {
    Unfinished,        ///< no status: the run stopped first
    CacheHit,          ///< 200 from the edge's cache
    OriginReplied,     ///< the origin's own status, passed through
    Refused,           ///< 521: RST in reply to the SYN
    ConnectTimeout,    ///< 522: the SYN schedule ran out, on every attempt
    AckTimeout,        ///< 522: request bytes outstanding, no ACK progress
    ReadTimeout,       ///< 524: request acknowledged, no response byte in time
    WriteTimeout,      ///< 524: request bytes could not be written in time
    Reset,             ///< 520: RST before a complete response header
    EmptyReply,        ///< 520: FIN before any response byte
    StaleReuse,        ///< 520: reset on a reused connection and the request may not be repeated
    KeepaliveDead,     ///< 520: probes unanswered while a request waits
    TlsHandshake,      ///< 525: the origin's TLS handshake failed or stalled
    Truncated,         ///< 200 logged, the body stopped early
    ConnectionReset,   ///< client view: RST on its connection
    ConnectionRefused, ///< client view: RST in reply to its SYN
    ConnectionTimeout, ///< client view: its SYN schedule or its data retries ran out
    EndOfFile,         ///< client view: FIN before any response byte
    EdgeInternal,      ///< 502 by the edge itself: no local port was free towards the origin
    Reroute,           ///< client view: RST by a PoP to which routes had moved, and which had no such connection
    ClientGone,        ///< 499: the client left while the edge was still at its request; in the edge's log only
    ClientTimeout,     ///< client view: its own deadline passed before the request could reach the edge
    RequestTimeout,    ///< 408: the client began a request and did not complete it
    Dns,               ///< 530: the origin's name does not resolve
    Unreachable,       ///< 523: ICMP host unreachable in reply to the SYN
    TlsCertificate,    ///< 526: the origin's certificate is not valid
    Malformed,         ///< 520: FIN inside the response header, or something that is no header
    HeaderTooLarge,    ///< 520: the response header is longer than the edge takes
    H2Protocol,        ///< 520: the origin breaks the rules of HTTP/2
    BadEncoding,       ///< 502: the body's encoding is broken
    OriginFailed,      ///< 502 or 504 that the origin made, passed through
    count_
};

/// Name of a cause as scenarios and results spell it: "connect_timeout".
[[nodiscard]] const char* name_of(Cause cause);
/// HTTP status that follows from a cause alone, as the edge logs it; 0 where nobody logs one.
[[nodiscard]] int status_of(Cause cause);
/// Timer whose end decided: "connect", "ack", "read", "write", "tls", "keepalive", "request", "client"; empty where a
/// signal did.
[[nodiscard]] const char* timer_of(Cause cause);

/// Who made the response.
enum class GeneratedBy : std::uint8_t { None, Edge, Origin };

/// One kind of end of a request.
struct OutcomeKey {
    Cause cause = Cause::Unfinished;
    GeneratedBy generated_by = GeneratedBy::None;
    std::int32_t origin = -1; ///< OriginId of the request's origin; -1 where none was needed
    std::int32_t event = -1;  ///< event of the scenario, by file order, that took the client's route away; -1: none
    std::uint16_t status = 0; ///< that the origin or an overloaded edge chose; 0: it follows from the cause
    /// Of Cause::Truncated: what the edge saw on the origin's side (Reset, EmptyReply for a FIN, ReadTimeout, ...); of
    /// any response ClientTimeout when the client had stopped waiting for it.
    Cause behind = Cause::Unfinished;
    auto operator<=>(const OutcomeKey&) const = default;
};

/// HTTP status as the edge logs it; 0 where nobody logs one.
[[nodiscard]] int status_of(const OutcomeKey& outcome);

/// What the client itself sees of its request's end (not the log of the edge).
enum class ClientView : std::uint8_t {
    Ok,
    HttpError,   ///< a whole response with a status of 400 or more
    ConnRefused, ///< RST in reply to its SYN
    ConnTimeout, ///< its SYN schedule or its retransmissions ran out
    ConnReset,   ///< RST on its connection
    Eof,         ///< FIN before any byte of a response
    Truncated,   ///< the body stopped early
    Deadline,    ///< it gave up
    None,        ///< the run stopped first
};
[[nodiscard]] const char* name_of(ClientView view);
[[nodiscard]] ClientView view_of(const OutcomeKey& outcome);

/// Why a connection that could have used Fast Open did not gain from it.
enum class TfoFallback : std::uint8_t {
    FirstVisit,
    Unsupported,
    Stripped,
    Dropped,
    DoesNotFit,
    KeyMismatch,
    Refused,
    count_
};
[[nodiscard]] const char* name_of(TfoFallback why);

/// Fast Open counters with Linux's meaning, of one side.
struct FastOpenCounters {
    std::uint64_t active = 0;           ///< TCPFastOpenActive: SYN data acknowledged by the SYN-ACK
    std::uint64_t active_fail = 0;      ///< TCPFastOpenActiveFail
    std::uint64_t passive = 0;          ///< TCPFastOpenPassive
    std::uint64_t passive_fail = 0;     ///< TCPFastOpenPassiveFail: invalid cookie
    std::uint64_t cookie_requested = 0; ///< TCPFastOpenCookieReqd
    std::uint64_t passive_alt_key = 0;  ///< TCPFastOpenPassiveAltKey: the cookie matched the backup key
    std::uint64_t listen_overflow = 0;  ///< TCPFastOpenListenOverflow: the pending limit was reached
    std::uint64_t blackhole = 0;        ///< TCPFastOpenBlackhole: Fast Open was paused
    auto operator<=>(const FastOpenCounters&) const = default;
    void merge(const FastOpenCounters& other);
};

/// What the requests of one (client group, object) did.
struct RequestResults {
    Histogram ttfb;         ///< decision to send until first response byte; set-up included when it opened a connection
    Histogram request_time; ///< same, to the last byte
    std::map<OutcomeKey, std::uint64_t> outcomes;
    void merge(const RequestResults& other);
};

/// What the connections of one client group did. Connections are counted when they start inside the measured window.
struct ConnectionResults {
    std::uint64_t opened = 0;
    std::uint64_t with_cookie = 0;       ///< SYN carried a cookie
    std::uint64_t syn_data_accepted = 0; ///< server took the SYN's data
    std::uint64_t syn_data_ignored = 0;  ///< sent but not acknowledged by the SYN-ACK
    std::uint64_t cookie_requested = 0;
    std::uint64_t cookie_granted = 0;
    std::uint64_t saved_rtt = 0; ///< handshake round trips avoided
    Histogram tfo_penalty;       ///< of connections whose SYN data was lost: set-up time beyond that without the loss
    std::array<std::uint64_t, static_cast<std::size_t>(TfoFallback::count_)> fallback{};
    Histogram connect;       ///< SYN sent until the client may send application data
    Histogram idle_at_reuse; ///< how long the connection that a request used again had been idle
    std::uint64_t probes_answered = 0, probes_unanswered = 0; ///< keepalive probes of the edge towards the client
    Histogram dead_after;               ///< last activity until the edge's keepalive found the client dead
    std::uint64_t reused = 0;           ///< requests on an already open connection
    std::uint64_t retried = 0;          ///< requests sent again by the client after a reset of a connection used again
    std::uint64_t reroute_broken = 0;   ///< connections that broke because their packets went to another PoP
    std::uint64_t reroute_reset = 0;    ///< of these, by that PoP's RST
    std::uint64_t blackhole_broken = 0; ///< connections given up while no route led to a PoP
    void merge(const ConnectionResults& other);
};

/// What became of the packets of one client group whose routes changed; packets sent inside the measured window.
struct RouteResults {
    std::uint64_t blackholed = 0; ///< packets that met a network without a route
    std::uint64_t looped = 0;     ///< packets whose TTL was spent in a loop
    std::uint64_t foreign = 0;    ///< packets that reached a PoP without their connection
    std::uint64_t forwarded = 0;  ///< of these, sent on to the PoP that has it
    void merge(const RouteResults& other);
};

/// What the edge's requests to one origin did.
struct OriginResults {
    std::uint64_t requests = 0;    ///< attempts that got a connection
    std::uint64_t reused = 0;      ///< of these, on a pooled connection
    std::uint64_t connections = 0; ///< opened
    std::uint64_t retries = 0;     ///< after a reset on a reused connection
    Histogram ttfb;                ///< request sent until the first byte at the edge
    Histogram idle_at_reuse;       ///< how long the pooled connection that a request got had been idle
    std::uint64_t probes_answered = 0, probes_unanswered = 0; ///< keepalive probes of the edge
    Histogram lifetime;   ///< of connections that served requests: opened until the edge lets go of them
    Histogram dead_after; ///< last activity until keepalive found the peer dead
    // The origin's own side.
    Histogram wait;                    ///< request complete at the origin until a worker began with it
    std::uint64_t rejected = 0;        ///< requests answered by 503 because as many waited as may
    std::uint64_t executions = 0;      ///< requests that a worker began with
    std::uint64_t executed_again = 0;  ///< of these, beyond the first time of the same request
    std::uint64_t repeated_unsafe = 0; ///< of these, of methods that are not idempotent
    void merge(const OriginResults& other);
};

/// What the cache of one PoP did, inside the measured window.
struct CacheResults {
    std::uint64_t hits = 0;       ///< fresh copies served
    std::uint64_t stale_hits = 0; ///< stale copies served while a new one was fetched
    std::uint64_t misses = 0;
    std::uint64_t coalesced = 0;    ///< of the misses, those that waited for a fetch under way
    std::uint64_t evictions = 0;    ///< copies that made room
    std::uint64_t stored_bytes = 0; ///< at the end of the run
    void merge(const CacheResults& other);
};

/// The books of a replication, warm-up included: what began has ended, or is still open.
struct Books {
    std::uint64_t requests_started = 0, requests_ended = 0, requests_open = 0;
    std::uint64_t connections_opened = 0, connections_closed = 0, connections_open = 0; ///< ends, of both legs
    std::uint64_t bytes_written = 0;                                                    ///< by applications
    std::uint64_t bytes_delivered = 0; ///< in order, to the application at the other end
    std::uint64_t bytes_copied = 0; ///< in copies of packets that paths made: a copied SYN may be taken for a new one
    [[nodiscard]] bool balanced() const {
        return requests_started == requests_ended + requests_open &&
               connections_opened == connections_closed + connections_open &&
               bytes_delivered <= bytes_written + bytes_copied;
    }
    void merge(const Books& other);
};

/// What happened when: sums over buckets of equal length that begin with the measured window. Requests and connections
/// are those that began inside the window; what they did after its end stands in further buckets.
struct TimeSeries {
    std::map<int, std::vector<std::uint64_t>> outcomes;   ///< by status as the edge logs it (0: none), at the end
    std::vector<std::vector<std::uint64_t>> pop_requests; ///< by PoP: requests that arrived whole
    std::vector<std::vector<std::uint64_t>> origin_busy;  ///< by origin: ns of workers at work, all workers added
    std::vector<std::vector<std::uint64_t>> origin_queue; ///< by origin: ns of requests that wait for a worker, added
    std::vector<std::uint64_t> connections, cookie_hits;  ///< of clients, when they begin; of these, SYN data accepted
    std::vector<std::uint64_t> first_bytes, ttfb_ns;      ///< first bytes that arrived, and the sum of their times
    void merge(const TimeSeries& other);
};

/// The first request that ended in some way: what to look at.
struct Example {
    std::uint32_t replication = 0, group = 0, session = 0, request = 0;
    Instant at{}; ///< of its end
};

/// One request, kept for itself.
struct RequestRecord {
    std::uint32_t row = 0; ///< of Results::groups
    std::uint32_t session = 0, request = 0, object = 0;
    Instant decided{}; ///< when its client decided to send it
    OutcomeKey outcome;
    Duration connect{
        -1}; ///< set-up of the connection that it opened, TCP alone; -1 ns: it used an open one, or none came
    Duration ttfb{-1}, total{-1}; ///< until the first byte, and the last; -1 ns: it did not come
    bool cookie = false;          ///< the SYN of its connection carried a Fast Open cookie
    bool syn_data_accepted = false;
};

/// One run of one seed.
struct ReplicationResults {
    std::vector<RequestResults> requests;         ///< index: row of Results::groups * number of objects + object
    std::vector<ConnectionResults> connections;   ///< by row of Results::groups
    std::vector<RouteResults> routes;             ///< by client group
    std::vector<OriginResults> origins;           ///< by origin
    std::vector<CacheResults> caches;             ///< by PoP; empty without caches
    std::map<OutcomeKey, Example> examples;       ///< of the measured window; the earliest of the first replication
    std::vector<RequestRecord> records;           ///< those that output.records chooses, in order of their end
    std::map<int, std::vector<Example>> first_of; ///< by status: the first ones that ended so, as far as asked for
    Books books;
    TimeSeries timeline;
    FastOpenCounters client_tfo, edge_tfo; ///< client side and server side of the client leg
    std::uint64_t events = 0;              ///< events run
    std::uint64_t fingerprint = 0;         ///< of the trajectory: a hash chain per entity, the chains added
    void merge(const ReplicationResults& other);
};

/// What a client group is called and where it landed: everything a label can say. A group that reaches several PoPs
/// during a run has a row for each of them.
struct GroupLabels {
    std::string client, region, country, pop;
    Duration rtt{}; ///< path to its PoP without the client's own access delay (median of access added)
    std::uint32_t population = 0;
    double fast_open_support = 1; ///< share of its clients whose stack uses Fast Open
    bool moved = false;           ///< a further row of a group: what its clients did at a PoP that they came to later
    std::string world{}; ///< id of the group in the file when that stands for the world and this is one part of it
    std::optional<Place> at{}; ///< where its clients are, if that is known
};

/// One packet of a trace, as it enters the path at its sender.
struct TracePacket {
    Instant at{};
    bool up = false;                ///< client to PoP
    std::uint8_t flags = 0;         ///< TCP header bits: FIN 1, SYN 2, RST 4, PSH 8, ACK 16
    std::uint32_t seq = 0, ack = 0; ///< relative to each side's initial sequence number
    std::uint32_t length = 0, window = 0;
    enum class Tfo : std::uint8_t { None, Request, Cookie } tfo = Tfo::None;
    std::uint64_t cookie = 0;
    bool tfo_experimental = false; ///< the option has the experimental form, kind 254 (RFC 7413 section 4.1.1)
    std::vector<std::pair<std::uint32_t, std::uint32_t>> sack; ///< [begin, end), relative as `seq`
    std::uint16_t mss = 0;                                     ///< option of SYN and SYN-ACK
    bool sack_permitted = false, timestamps = false;
    int window_scale = -1;          ///< option of SYN and SYN-ACK; -1: none
    std::uint32_t window_field = 0; ///< as in the header, scaled
    Instant timestamp{}, echo{};    ///< RFC 7323; echo Instant{} - 1 ns: none
    bool keepalive_probe = false;
    enum class Act : std::uint8_t {
        Forward,
        Drop,          ///< by a rule of the path
        TailDrop,      ///< the queue was full
        StripTfo,      ///< a rule took the Fast Open option away
        StripData,     ///< a rule took the SYN's payload away
        CorruptCookie, ///< a rule changed the cookie
        Lost,          ///< by the path's loss
        TooBig,        ///< larger than a link of the path takes
        Blackhole,     ///< no network on its way had a route
        Loop,          ///< networks handed it to one another until its TTL was spent
        Foreign,       ///< it reached a PoP that does not have its connection
        Copy,          ///< the path made it: a copy of an earlier packet
    } act = Act::Forward;
    std::int32_t other_pop = -1; ///< PopId of the far or sending PoP when it is not the connection's; -1: it is
    std::string pop;             ///< name of `other_pop`; empty when there is none
    std::string note;            ///< what it carries, for people: "ClientHello (517 B)"; may be empty
    Instant arrives = never;     ///< at the other end; never: it does not
};

/// One message in a direction's stream of bytes. Messages follow one another from sequence number 1 on without a gap.
struct TraceMessage {
    enum class Kind : std::uint8_t {
        ClientHello,  ///< TLS: the client's first flight
        ServerFlight, ///< TLS: ServerHello and what follows it
        Handshake,    ///< TLS: a later flight
        Request,
        Response
    } kind = Kind::Request;
    bool up = false;           ///< client to PoP
    std::uint32_t request = 0; ///< ordinal of the request on its session
    std::uint32_t length = 0;  ///< bytes of the whole message, sent or not
    std::uint32_t outcome = 0; ///< of a response, packed as its bytes carry it
    int status = 200;          ///< HTTP status of a response
};

/// What an edge did for a request of a traced connection.
struct TraceStep {
    Instant at{};
    std::string text;
};

/// One traced connection.
struct TraceConnection {
    std::string client, pop;
    PopId pop_id{};               ///< which PoP its SYN was sent to
    std::uint32_t group = 0;      ///< GroupId of the client
    std::uint32_t member = 0;     ///< which client of the group
    std::uint32_t connection = 0; ///< ordinal within the group, in order of start
    Instant start{};
    Duration rtt{};
    std::vector<std::pair<std::string, Instant>> events; ///< start, connected, first_byte, last_byte, closed
    std::string error; ///< empty, ETIMEDOUT, ECONNRESET, ECONNREFUSED, EAGAIN (read deadline) or EOPNOTSUPP
    std::uint32_t client_address = 0, server_address = 0; ///< IPv4, host byte order
    std::uint16_t client_port = 0, server_port = 0;
    bool tls = false;                    ///< the payload is TLS
    std::string fast_open_fail = "none"; ///< none, cookie_unavailable, data_not_acked, syn_retransmitted
    FastOpenCounters counters_client, counters_server;
    std::vector<TracePacket> packets;
    std::vector<TraceStep> story;       ///< what the edge did, in order
    std::vector<TraceMessage> messages; ///< what the payload is, in order for each direction
};

/// How long routes moved after an event of the scenario.
struct Convergence {
    std::uint32_t event = 0;  ///< of the scenario, by file order
    std::string what;         ///< "withdraw", "announce", "prepend", "link_down", ...
    std::string pop;          ///< empty where the event is not about one PoP
    std::string prefix_group; ///< whose routes; empty: the common prefix
    Instant at{};
    Duration duration{}; ///< until the last change of any AS's best route
    Settling settling;
};

/// Where a client group goes once routes have come to rest after an event.
struct SettledWay {
    Instant event{};
    std::optional<PopId> pop; ///< none: it has no way
    Duration rtt{};           ///< path, as GroupLabels::rtt
    bool operator==(const SettledWay&) const = default;
};

/// What one variant of a scenario did, replication by replication.
struct Results {
    std::vector<GroupLabels> groups;              ///< by client group, then further rows of groups that moved
    std::vector<std::string> objects;             ///< names, by object
    std::vector<std::string> origins;             ///< names, by origin
    std::vector<std::string> pops;                ///< names, by PoP
    Duration bucket{};                            ///< of the timelines; 0: there are none
    std::vector<Convergence> convergence;         ///< in order of time; the same in every replication
    std::vector<std::vector<SettledWay>> moves;   ///< by client group: after the events that led it elsewhere; or empty
    std::vector<ReplicationResults> replications; ///< by number
    std::vector<TraceConnection> traces;          ///< of replication 0, in order of start
};

} // namespace firstbyte
