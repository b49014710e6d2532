/// A checked scenario: the values of a `*.fb.json` file, with units, defaults filled in and references resolved.
#pragma once

#include "firstbyte/ids.hpp"
#include "firstbyte/place.hpp"
#include "firstbyte/units.hpp"

#include <cstdint>
#include <optional>
#include <stdexcept>
#include <string>
#include <utility>
#include <vector>

namespace firstbyte {

/// A random quantity in the base unit of its key: ns for durations, bytes for sizes, plain numbers for counts.
struct Distribution {
    enum class Kind : std::uint8_t {
        Constant,    ///< a = value
        Uniform,     ///< a = min, b = max
        Exponential, ///< a = mean
        Lognormal,   ///< a = median, b = sigma of the logarithm
        Pareto,      ///< a = min, b = shape, c = max (infinity when absent)
        Weibull,     ///< a = scale, b = shape
        Geometric,   ///< a = mean, on 1, 2, 3, ...
        Empirical,   ///< values with cumulative weights (the last one is 1)
        Cdf,         ///< linear between points: values with cumulative probabilities
    };
    Kind kind = Kind::Constant;
    double a = 0, b = 0, c = 0;
    std::vector<double> values, cumulative;

    [[nodiscard]] bool constant() const { return kind == Kind::Constant; }
    static Distribution fixed(double value) { return {Kind::Constant, value, 0, 0, {}, {}}; }
    static Distribution fixed(Duration value) { return fixed(static_cast<double>(value.count())); }
    static Distribution fixed(Bytes value) { return fixed(static_cast<double>(value.count)); }
};

struct RunSettings {
    Duration duration{};     ///< measured window
    Duration warmup{};       ///< runs before the window and is not counted
    std::uint64_t seed = 1;  ///< replication r of seed s is the same in every variant
    bool seed_given = false; ///< false: the file names no seed and the default 1 is used (said in the output)
    int replications = 10;
    double confidence = 0.95; ///< of every interval
};

/// How ties after local preference and AS path length are decided.
enum class TieBreak : std::uint8_t {
    LowestAsn,   ///< the neighbour with the lowest number
    NearestExit, ///< the hand-over nearest to where the traffic enters (hot potato), then the lowest number
    Hash,        ///< a seeded order of neighbours, another one for every AS
};

/// Bidirectional Forwarding Detection (RFC 5880): a neighbour is dead after `multiplier` missed packets.
struct Bfd {
    Duration interval = std::chrono::milliseconds{300};
    int multiplier = 3;
};

/// How routes are chosen and how long they take to spread.
struct Bgp {
    std::optional<TieBreak> tie_break;        ///< absent: nearest exit where ASes have places, else the lowest ASN
    std::uint64_t hash_seed = 1;              ///< of TieBreak::Hash
    bool export_everything = false;           ///< `policy: none`: every route to everyone, no preference by relation
    std::vector<AsNumber> validating;         ///< ASes that drop invalid routes (RFC 6811)
    std::vector<AsNumber> leaks;              ///< ASes that export every route to everyone (RFC 7908)
    Duration mrai = std::chrono::seconds{30}; ///< minimum route advertisement interval (RFC 4271 section 10)
    double mrai_jitter = 0.25;                ///< share by which an interval is shortened at random
    bool withdraw_starts_mrai = true;         ///< a withdrawal is sent at once and starts the interval
    bool mrai_applies_to_withdraw = false;    ///< a withdrawal waits for the interval to end
    Distribution processing = Distribution::fixed(20e6); ///< ns; time a router takes for an update
    Duration hold_time = std::chrono::seconds{90}; ///< silence after which a neighbour is dead (RFC 4271 section 10)
    Duration keepalive = std::chrono::seconds{30}; ///< between keepalives (RFC 4271 section 10)
    std::optional<Bfd> bfd;
};

/// A generated AS graph: a total size, or numbers of each kind.
struct SyntheticTopology {
    std::optional<std::uint32_t> ases; ///< with the shares of the shipped graph
    std::uint32_t tier1 = 0;           ///< without providers
    std::uint32_t tier2 = 0;           ///< transit below tier 1
    std::uint32_t stubs = 0;           ///< without customers
    std::uint64_t seed = 1;
};

struct Topology {
    enum class Kind : std::uint8_t { Direct, Links, AsRelationships, Synthetic, Graph };
    Kind kind = Kind::Direct;
    std::vector<std::pair<AsNumber, AsNumber>> links; ///< [provider, customer]
    std::vector<std::pair<AsNumber, AsNumber>> peers;
    bool builtin_internet = false; ///< "builtin:internet-2018"
    std::string file;              ///< resolved path of a CAIDA serial-1 or serial-2, or of a GraphML file; else empty
    SyntheticTopology synthetic;
    double km_per_ms = 200;                            ///< speed along the cable
    double path_stretch = 1.4;                         ///< cable length over great circle, per leg between hand-overs
    Duration per_hop = std::chrono::microseconds{300}; ///< round trip per AS hand-over
    Bgp bgp;
};

/// What a PoP does with a segment of a connection that it does not have (semantics 6.3).
enum class OnForeignSegment : std::uint8_t {
    Rst,
    Drop,
    Forward, ///< tunnels it to the PoP that has the connection
};

/// A further prefix that some PoPs announce: regional anycast, or a more specific part of the common one.
struct PrefixGroup {
    std::string id;
    std::string prefix;
    std::vector<PopId> pops;                     ///< announcing it
    std::vector<std::string> regions, countries; ///< clients that are told an address in it
    std::vector<std::uint32_t> clients;          ///< the same, by index in Scenario::clients
};

/// Peer links of the CDN that public AS graphs do not show. An AS is drawn once: one that peers does so at every PoP
/// where it is present.
struct CdnPeering {
    double city = 0, country = 0; ///< share of the ASes present in the city, in the country of a PoP
    bool isp = true, edge = true, hosting = true, institution = true; ///< kinds of AS that may
    std::uint64_t seed = 1;
    [[nodiscard]] bool none() const { return city == 0 && country == 0; }
};

struct Anycast {
    std::string prefix = "198.51.100.0/24"; ///< RFC 5737 documentation range
    AsNumber asn = 64500;                   ///< RFC 5398 documentation range
    OnForeignSegment on_foreign_segment = OnForeignSegment::Rst;
    std::vector<PrefixGroup> groups;
    CdnPeering peering;
};

/// A request to one neighbour, by community, to prepend its own number when it exports to one AS.
struct PrependVia {
    AsNumber via = 0; ///< the neighbour asked; 0: every one
    AsNumber to = 0;
    int extra = 1;
};

struct Pop {
    std::string id;
    std::optional<Place> at;
    std::optional<AsNumber> asn;     ///< announces from this AS of the topology as it stands
    int upstream_count = 1;          ///< when `upstreams` is a number (or absent)
    std::vector<AsNumber> upstreams; ///< when `upstreams` is a list
    bool upstreams_listed = false;
    std::vector<AsNumber> peers;
    int prepend = 0;
    std::vector<std::pair<AsNumber, int>> prepend_to;
    std::vector<AsNumber> only_to;
    bool only_to_given = false;
    std::vector<AsNumber> no_export_to;
    bool announced = true;          ///< from the start; false: until an `announce`
    bool no_export = false;         ///< NO_EXPORT (RFC 1997): neighbours keep the route to themselves
    bool invalid = false;           ///< no ROA covers it (RFC 6811): ASes that validate drop the route
    bool graceful_shutdown = false; ///< GRACEFUL_SHUTDOWN (RFC 8326): neighbours use any other route first
    std::vector<PrependVia> prepend_via;
    std::vector<std::pair<PopId, Duration>> rtt_to; ///< of other PoPs, where places do not tell
    int med = 0; ///< among PoPs that one AS hears from one number: the lower wins (RFC 4271 section 9.1.2.2)
    std::vector<std::pair<AsNumber, int>> med_to;
    std::optional<int> router_id;      ///< last step among such PoPs; absent: the place in the file
    std::optional<EventRate> capacity; ///< requests that it begins a second; absent: any number
    std::string tfo_key = "shared";    ///< PoPs with the same name accept each other's cookies
};

/// Packet loss: independent, or in bursts (Gilbert and Elliott's two states, one step per packet).
struct Loss {
    double in_good = 0, in_bad = 0;          ///< share lost in each state; independent loss is `in_good` alone
    double good_to_bad = 0, bad_to_good = 1; ///< probability of changing state before each packet
    [[nodiscard]] bool none() const { return in_good == 0 && (in_bad == 0 || good_to_bad == 0); }
};

/// What an origin sends while it makes a response.
struct Heartbeat {
    Duration interval{};
    Bytes bytes{1}; ///< each time; the first time behind the header
};

/// What the way between PoPs and an origin does to packets. `up` leads to the origin.
struct PathQuality {
    Loss up, down;
    std::optional<Bytes> mtu_up, mtu_down;          ///< of a link in between, unknown to both ends
    bool icmp_filtered = false;                     ///< "fragmentation needed" does not come back: a PMTU hole
    Distribution jitter = Distribution::fixed(0.0); ///< one way, ns, drawn for each packet
    bool reorder = false;                           ///< whether jitter may change the order of packets
    BitRate rate_up{}, rate_down{};                 ///< of the way to and from each PoP; 0: unlimited
};

/// A balancer between the edge and the servers proper: it is what the edge talks to.
struct Balancer {
    Duration target_idle{}; ///< the servers close a connection to the balancer that has been idle for so long
    Duration target_rtt{};  ///< round trip between the balancer and the servers
};

/// A stateful box that forgets a flow which has been silent.
struct FlowBox {
    Duration idle{};     ///< silence after which it forgets
    bool resets = false; ///< answers packets of a forgotten flow by RST; else it drops them
};

struct Origin {
    std::string id;
    std::optional<Place> at;
    std::vector<std::pair<PopId, Duration>> rtt_to;
    Distribution service_time;
    std::string preset; ///< a known server, whose idle timeout is the default; empty: none
    std::optional<Duration> idle_timeout = std::chrono::seconds{75}; ///< none: idle connections are kept
    bool tfo = false;                                                ///< the origin's listener accepts Fast Open
    std::optional<std::uint32_t> workers;                            ///< requests served at once; absent: any number
    std::optional<std::uint32_t> queue;                   ///< requests that may wait for a worker; absent: any number
    std::optional<std::uint32_t> accept_queue;            ///< the listener's backlog; absent: the leg's
    std::optional<std::uint32_t> requests_per_connection; ///< closes a connection after so many; absent: never
    std::vector<std::pair<int, double>> statuses;         ///< share of responses with a status; the rest is 200
    Bytes header{300};                                    ///< the first bytes of each response are its header
    std::optional<Heartbeat> heartbeat;
    bool buffering = false;             ///< a proxy before it passes on complete responses only
    bool worker_per_connection = false; ///< a worker keeps its connection until that closes; others wait for accept()
    std::optional<Balancer> balancer;
    PathQuality path;
    std::optional<FlowBox> middlebox;
};

/// What one step of a scripted connection does (scenario-format "script").
struct ScriptStep {
    enum class Kind : std::uint8_t {
        Request,
        Idle,      ///< `idle` passes
        HalfClose, ///< FIN; the client goes on reading
        Abort,     ///< RST
        Unread,    ///< `idle` passes without the client reading
    };
    enum class Then : std::uint8_t { Keep, Close, Reset };
    Kind kind = Kind::Request;
    Bytes request{}, response{};
    std::optional<Bytes> sends; ///< the client sends that much of its request, and nothing more
    Bytes expect{};             ///< bytes the client waits for; equals `response` unless given
    Duration think{};           ///< at the server
    Duration idle{};            ///< Kind::Idle and Kind::Unread
    bool half_close = false;    ///< Kind::Request: FIN right behind the request
    bool respond = true;        ///< false: the server does `then` instead of responding
    Then then = Then::Keep;     ///< what the server does after responding
};

/// TCP keepalive probes (RFC 1122 section 4.2.3.6).
struct Keepalive {
    Duration idle = std::chrono::seconds{7200}; ///< silence before the first probe
    Duration interval = std::chrono::seconds{75};
    int probes = 9; ///< unanswered ones that end the connection
};

enum class Congestion : std::uint8_t { Reno, Cubic };

/// What one connection of a script sets for itself; what is absent comes from the leg's client side.
struct ConnectionTcp {
    /// `Connect` is Linux's TCP_FASTOPEN_CONNECT: as `On`, but a client without Fast Open connects plainly where `On`
    /// (MSG_FASTOPEN) fails with EOPNOTSUPP.
    enum class FastOpenUse : std::uint8_t { Off, On, Connect, Cookieless };
    std::optional<FastOpenUse> fast_open;
    std::optional<Congestion> congestion; ///< of both ends
    std::optional<Keepalive> keepalive;
    bool keepalive_off = false; ///< `keepalive: false`
    std::optional<Duration> user_timeout;
    std::optional<int> syn_retries;
    std::optional<Bytes> receive_buffer;
};

/// One connection of a script.
struct ScriptConnection {
    enum class Start : std::uint8_t { At, After, With };
    Start start = Start::At;
    Duration
        offset{}; ///< absolute for At; after the end of the entry before for After; after the start of `with` for With
    std::uint32_t with = 0; ///< index of the entry that Start::With refers to
    std::vector<ScriptStep> steps;
    Duration hold{};                       ///< keeps the connection open that long after the last step
    std::optional<Duration> read_deadline; ///< the client gives up waiting for data (EAGAIN) and closes
    std::optional<std::uint32_t> listener; ///< index in TcpLeg::listeners; absent: the leg's own
    ConnectionTcp tcp;
};

/// What happens to chosen packets of one client group's path.
struct PathRule {
    enum class Dir : std::uint8_t { Up, Down, Both };
    enum class Match : std::uint8_t { Any, Syn, SynAck, SynData, Tfo, Data, PureAck, Fin, NoSyn };
    enum class Action : std::uint8_t { Drop, StripTfo, StripData, CorruptCookie, Duplicate };
    Dir dir = Dir::Both;
    Match match = Match::Any;
    Action action = Action::Drop;
    std::optional<std::pair<std::uint32_t, std::uint32_t>> nth; ///< matching packets of that direction, counted from 1
    std::optional<std::pair<Instant, Instant>> between;         ///< counts and acts only then
    std::vector<std::uint32_t> connections;                     ///< script entries concerned; empty: all
    Duration delay{}; ///< Action::Duplicate: a copy arrives that long after the packet itself
};

struct Access {
    Distribution delay = Distribution::fixed(0.0);  ///< round trip, ns, drawn once per client, half each way
    Distribution jitter = Distribution::fixed(0.0); ///< one way, ns, drawn for each packet
    bool reorder = false;                           ///< whether jitter may change the order of packets
    Loss loss;                                      ///< of each direction
    std::optional<Loss> loss_up, loss_down;         ///< of one direction, in place of `loss`
    Bytes mtu{1500};                                ///< of the client's own interface: limits what it announces
    std::optional<Bytes> path_mtu;                  ///< of a link in between, unknown to both ends
    bool icmp_filtered = false;                     ///< "fragmentation needed" does not come back: a PMTU hole
    BitRate down{}, up{};                           ///< 0: unlimited
    std::optional<Bytes> queue_bytes;               ///< drop-tail limit; neither given: unlimited
    std::optional<std::uint32_t> queue_packets;
};

/// The Internet users of the world as clients: one group of the file stands for many.
struct WorldClients {
    enum class Per : std::uint8_t { Country, As };
    Per per = Per::Country;
    std::string users_file;   ///< resolved path of a table of users by AS; empty: the topology's own estimates
    std::uint32_t top = 1000; ///< Per::As: ASes with a group of their own
};

struct ClientGroup {
    std::string id, region, country;
    std::optional<WorldClients> world; ///< `population` and `sessions` are those of all its groups together
    std::string world_id;              ///< id of the group with `world` that this one was made of; else empty
    std::optional<Place> at;
    std::optional<AsNumber> asn;
    std::vector<std::pair<PopId, Duration>> rtt_to;
    std::uint32_t population = 1;
    EventRate sessions{};
    std::vector<ScriptConnection> script; ///< replaces `sessions`
    bool scripted = false;
    std::vector<PathRule> path_rules;
    Access access;
    double tfo_support = 1;   ///< share of clients whose stack uses Fast Open, drawn once per client
    bool cookie_held = false; ///< every client starts with the server's cookie
    // Middleboxes, by share of clients, drawn once per client (semantics 3.5).
    double tfo_option_stripped = 0;   ///< the option disappears from SYN and SYN-ACK, data stays
    double tfo_data_stripped = 0;     ///< the SYN's payload disappears, the option stays
    double tfo_syn_data_dropped = 0;  ///< a SYN with data is dropped
    double tfo_option_dropped = 0;    ///< a SYN with the option is dropped
    double tfo_blackholed = 0;        ///< after a Fast Open handshake nothing passes
    int public_ips = 1;               ///< addresses a client appears with, one per connection (CGNAT)
    bool tfo_race = false;            ///< clients dial a plain connection beside each that uses Fast Open
    std::optional<Duration> deadline; ///< the client gives up a request after that
    int retry_on_reset = 1;           ///< repetitions of an idempotent request whose reused connection was reset
};

struct WebObject {
    std::string id;
    double weight = 1;
    std::string method = "GET";
    Distribution request = Distribution::fixed(500.0);    ///< bytes
    Distribution response = Distribution::fixed(10000.0); ///< bytes
    std::optional<double> cache_hit_ratio;                ///< else edge.cache_hit_ratio
    std::uint32_t items = 1;                              ///< distinct things under this name
    double zipf = 0;                                      ///< popularity of the k-th of them falls as k^-zipf
};

struct Workload {
    Distribution requests_per_session = Distribution::fixed(1.0);
    Distribution think_time = Distribution::fixed(1e9); ///< ns
    std::vector<WebObject> objects;                     ///< never empty after loading
};

struct Tls {
    enum class Version : std::uint8_t { None, Tls12, Tls13 };
    Version version = Version::Tls13;
    double resumed = 0;    ///< share of connections that resume a session
    double early_data = 0; ///< share of resumed TLS 1.3 connections that send 0-RTT data
    Bytes client_hello{517};
    Bytes server_flight{4000}; ///< what the server sends before it can take a request
};

struct FastOpen {
    bool enabled = false;
    bool from_profile = false; ///< the value was "profile"
    bool cookieless = false;   ///< client: data without a cookie; server: takes it (tcp_fastopen 0x4, 0x200)
    int pending_limit = 256;   ///< server: Fast Open connections that may wait for their handshake's ACK
    std::optional<Duration> cookie_lifetime; ///< client: forgets a cookie after that; absent: never
    Duration blackhole_timeout{};            ///< client: first pause after a suspected blackhole; zero: off
    bool backoff_per_destination = false;    ///< client: kernels before 4.15 (semantics 3.4)
};

/// TCP settings of one end of a leg.
struct TcpEnd {
    int initial_window = 10;  ///< segments, RFC 6928
    std::optional<Bytes> mss; ///< else from the MTU
    Congestion congestion = Congestion::Cubic;
    bool quick_ack = true;     ///< first segments, and those that widen the window, are acknowledged one by one
    bool byte_counting = true; ///< the window grows by the segments that an ACK covers (RFC 3465), not by ACKs
    bool timestamps = true;    ///< RFC 7323; takes 12 B of every segment
    bool sack = true;          ///< RFC 2018
    bool mtu_probing = false;  ///< after some timeouts smaller segments are tried (RFC 4821 as Linux tcp_mtu_probing 1)
    Duration min_rto = std::chrono::milliseconds{200};
    Duration max_rto = std::chrono::seconds{120};
    Duration syn_rto = std::chrono::seconds{1};
    int syn_retries = 6;
    int syn_linear_timeouts = 4;
    int synack_retries = 5;
    int data_retries = 15;
    int orphan_retries = 0; ///< of a connection that its application has closed; 0: Linux's choice, 8
    Duration delayed_ack = std::chrono::milliseconds{40};
    std::optional<Duration> user_timeout; ///< RFC 5482 as Linux does it
    std::optional<Keepalive> keepalive;
    bool slow_start_after_idle = true;
    bool tail_loss_probe = true;
    bool rto_rfc6298 = false;       ///< `rto_rule`: RTO not below 1 s, as the RFC has it, instead of Linux's rule
    int backlog = 4096;             ///< server: connections that wait to be accepted
    bool abort_on_overflow = false; ///< server: RST instead of silence when the accept queue is full
    Duration time_wait = std::chrono::seconds{60};
    Duration fin_timeout = std::chrono::seconds{60}; ///< FIN-WAIT-2 without an owner
    std::optional<Bytes> receive_buffer;             ///< SO_RCVBUF; absent: autotuned
    FastOpen fast_open;
};

/// A further listener of the server side, by `id`.
struct Listener {
    std::string id;
    bool listen = true; ///< false: nobody listens there, RST
    bool accept = true; ///< false: the application never takes a connection
    bool fast_open = false, cookieless = false;
    int pending_limit = 256;
    int backlog = 4096;
};

/// TCP settings of one leg, both ends: `client` opens connections, `server` takes them.
struct TcpLeg {
    TcpEnd client, server;
    bool accept = true;                                ///< false: the server's application never takes a connection
    std::vector<Listener> listeners;                   ///< client_edge only
    Duration idle_timeout = std::chrono::seconds{400}; ///< HTTP keep-alive of the server side; client_edge only
};

enum class ReusedReset : std::uint8_t { Idempotent, Any, Never };

/// A real cache in each PoP, in place of a hit ratio.
struct Cache {
    enum class Policy : std::uint8_t { Lru, Fifo };
    std::optional<Bytes> capacity; ///< absent: everything fits
    Policy policy = Policy::Lru;
    std::optional<Duration> ttl;       ///< how long a copy is fresh; absent: for ever
    bool renew_on_hit = false;         ///< each hit starts the time anew
    bool coalesce = true;              ///< one fetch serves all who ask while it runs
    Duration stale_while_revalidate{}; ///< a stale copy is served that long while a new one is fetched (RFC 5861)
};

/// Checks of the origins by each PoP: TCP connections, opened and closed again.
struct HealthChecks {
    Duration interval = std::chrono::seconds{60}; ///< between the ends of checks
    Duration timeout = std::chrono::seconds{5};   ///< of one attempt
    int retries = 2;                              ///< further attempts, at once, before an origin counts as down
};

struct Edge {
    std::string profile = "cloudflare";
    double cache_hit_ratio = 0.9;
    Distribution processing = Distribution::fixed(1e6); ///< ns
    int pool_max_idle = 64;                             ///< idle connections kept per origin and PoP
    Duration pool_idle_timeout = std::chrono::seconds{900};
    int connect_attempts = 2;
    ReusedReset reused_reset = ReusedReset::Idempotent;
    bool pool_fifo = false;                  ///< the idle connection used first is the one idle for longest
    std::optional<int> pool_max_connections; ///< open ones per origin and PoP; beyond, requests wait for one
    Bytes retry_buffer{65536};               ///< longest body that is kept for a repetition
    bool zero_downtime_failover = false;     ///< one retry at another origin after 521, 522, 523, 525, 526
    std::optional<HealthChecks> health_checks;
    std::optional<Cache> cache;
    std::vector<PopId> upper_tier;      ///< PoPs through which the others fetch; empty: none
    bool idle_closes = true;            ///< `idle_action: close`; false: idle clients end by keepalive only
    bool strict_tls = true;             ///< `ssl_mode: strict`: the origin's certificate must be valid
    std::vector<Duration> syn_schedule; ///< waits between SYNs; the sum is the connect timeout of one attempt
    Duration timeout_ack{};             ///< 522
    Duration timeout_read{};            ///< 524
    Duration timeout_tls{};             ///< 525
    Duration timeout_write{};           ///< 524
    Duration timeout_request{};         ///< 408
    Duration read_slack{};              ///< the read timer is late by up to this
    Bytes header_limit{};               ///< 520
};

/// One end of a link: an AS of the topology or a PoP.
struct LinkEnd {
    std::optional<PopId> pop;
    AsNumber asn = 0;
};

struct Event {
    enum class Kind : std::uint8_t {
        OriginDown,
        RotateTfoKey,    ///< `pop` (or all) makes cookies with `tfo_key`; `keep_old`, `old_tfo_key`: what stays valid
        Set,             ///< `end`'s Fast Open is switched to `on`, or `origins` get another `service_time`
        Surge,           ///< `group` (or all) starts sessions `factor` times as often
        ClearPathRules,  ///< rules of `group` (or all) end
        OriginRestart,   ///< `origin`'s process ends and starts again: `graceful` or not
        EdgeRestart,     ///< `pop`'s server process ends and starts again: every connection of both legs is reset
        EdgeMaintenance, ///< `pop` closes what is idle on both legs in order, and the rest when its request is done
        EdgeBalance,     ///< `pop` cuts `share` of its clients' connections, to move load
        EdgeOverload,    ///< `pop` answers `share` of requests with `status`
        Withdraw,        ///< `pop` stops announcing
        Announce,        ///< `pop` announces (again)
        Prepend,         ///< `pop` has `value` extra copies of its number towards everyone
        LinkDown,        ///< the link between `a` and `b` loses carrier: both ends know at once
        PopDies,         ///< `pop` falls silent: neighbours notice by their timers
        Drain,           ///< `pop` makes its routes unattractive first, and withdraws after `withdraw_after`
        count_
    };
    enum class DrainBy : std::uint8_t { Prepend, GracefulShutdown };
    /// How an origin fails. What the edge makes of each: docs/model.md.
    enum class Mode : std::uint8_t {
        DropSyn,         ///< a firewall drops SYNs; open connections go on
        Refuse,          ///< no process listens: RST
        Reset,           ///< accepts, and resets when a request comes
        Silent,          ///< the kernel acknowledges, the application never answers
        Drop,            ///< every packet vanishes; nothing is forgotten
        PowerOff,        ///< every packet vanishes, and what was in memory is lost
        Unreachable,     ///< a router answers SYNs with ICMP host unreachable
        PortUnreachable, ///< ICMP port unreachable
        NoAccept,        ///< the application takes no connection: the accept queue fills
        NoAck,           ///< takes connections, and nothing that comes on them arrives
        SlowRead,        ///< the application does not read: the window closes
        EmptyReply,      ///< reads the request and closes
        Garbage,         ///< answers with something that is no HTTP
        CloseInHeader,   ///< FIN inside the response header
        CloseInBody,     ///< FIN before the announced length
        ResetInHeader,   ///< RST inside the response header
        ResetInBody,     ///< RST before the announced length
        HangInBody,      ///< part of the body, then nothing
        BigHeader,       ///< a response header of `size`
        BadCertificate,  ///< expired, self-signed or of another name
        TlsAlert,        ///< the TLS handshake ends with an alert
        TlsClose,        ///< FIN in the TLS handshake
        TlsReset,        ///< RST in the TLS handshake
        TlsHang,         ///< the TLS handshake never goes on
        RejectClient,    ///< RST after the TLS handshake: the edge's certificate is not accepted (mTLS)
        BadEncoding,     ///< a compressed body of the wrong length
        Dns,             ///< its name does not resolve
        count_
    };
    /// Whose `fast_open.enabled` a Set concerns.
    enum class End : std::uint8_t {
        ClientEdgeBoth,
        ClientEdgeClient,
        ClientEdgeServer,
        EdgeOriginBoth,
        EdgeOriginClient,
        EdgeOriginServer
    };
    Kind kind = Kind::OriginDown;
    std::optional<PopId> pop;
    std::optional<std::uint32_t> group; ///< index in Scenario::clients
    bool keep_old = false, on = false;
    std::string tfo_key;     ///< RotateTfoKey: named as in Pop::tfo_key; empty: one that nobody had before
    std::string old_tfo_key; ///< RotateTfoKey: valid beside it, instead of the one before
    End end = End::ClientEdgeBoth;
    Instant at{};
    std::optional<Duration> duration; ///< `for`; absent: until the end
    OriginId origin{};
    Mode mode = Mode::DropSyn;
    int value = 0;         ///< Prepend, and Drain by prepending
    Bytes size{};          ///< Mode::BigHeader: length of the header
    double share = 1;      ///< EdgeBalance, EdgeOverload
    int status = 503;      ///< EdgeOverload: 500, 502 or 503
    bool graceful = false; ///< OriginRestart: idle connections get a FIN, the others after their response
    LinkEnd a, b;          ///< LinkDown
    double factor = 1;     ///< Surge
    std::optional<Distribution> service_time{}; ///< Set: ns; absent: it is about Fast Open
    std::vector<OriginId> origins{};            ///< Set: whose service time
    DrainBy drain_by = DrainBy::GracefulShutdown;
    Duration withdraw_after = std::chrono::seconds{60}; ///< Drain

    /// Whether the event changes routes.
    [[nodiscard]] bool routing() const { return kind >= Kind::Withdraw; }
};

/// How scenarios and results spell a kind of event and a way of failing: "origin_down", "drop_syn".
[[nodiscard]] const char* name_of(Event::Kind kind);
[[nodiscard]] const char* name_of(Event::Mode mode);

/// One parsed threshold: agg(metric{labels}) op value.
struct Threshold {
    enum class Aggregate : std::uint8_t { Quantile, Mean, Min, Max, Count, Rate, Ratio, Sum };
    enum class Op : std::uint8_t { Less, LessEqual, Greater, GreaterEqual, Equal };
    std::string expression; ///< as written
    Aggregate aggregate = Aggregate::Quantile;
    double quantile = 0; ///< 0..1 for Aggregate::Quantile
    bool saving = false; ///< saving(...): only in compare
    std::string metric;
    std::vector<std::pair<std::string, std::string>> labels;
    Op op = Op::Less;
    double value = 0;            ///< ns for times, 0..1 for shares and percentages, plain counts
    double tolerance = 0;        ///< "+-" of Op::Equal, in the unit of value
    bool value_is_share = false; ///< written with %
    bool error = true;           ///< level "error"; false: "warn"
    std::string note, variant;
    std::string path; ///< "thresholds[0]"
    int line = 0;
};

/// A named set of overrides, as written.
struct Variant {
    std::string name;
    std::vector<std::pair<std::string, std::string>> overrides; ///< path, JSON text of the value
};

/// Connections of replication 0 that a result keeps packet by packet.
struct TraceWish {
    std::string client; ///< id of a client group; empty: of any
    int outcome = 0;    ///< status as the edge logs it; 0: however they end
    int first = 1;      ///< at most that many, in order of start, or of end where an outcome is asked for
};

struct Scenario {
    std::string file;           ///< as given on the command line; "-" for standard input
    std::string sha256;         ///< of the file's bytes
    std::string effective_json; ///< the scenario with every default filled in, keys sorted: what a result stores
    std::string name, description;
    std::vector<std::string> tags;
    RunSettings run;
    Topology topology;
    Anycast anycast;
    std::vector<Pop> pops;
    std::vector<Origin> origins;
    std::vector<ClientGroup> clients;
    Workload workload;
    Tls tls;
    TcpLeg client_edge, edge_origin;
    Edge edge;
    std::vector<Event> events;
    std::vector<Threshold> thresholds;
    std::vector<Variant> variants;
    std::string baseline;          ///< name of a variant, or empty
    double records = 0;            ///< share of requests that results keep one by one
    std::vector<TraceWish> traces; ///< connections that results keep packet by packet
    Duration timeline{};           ///< bucket of time series; 0: none are kept
    std::vector<double> quantiles{0.5, 0.9, 0.95, 0.99, 0.999};
    std::vector<std::string> allow; ///< codes of warnings not to print
};

/// One fault of a scenario file, placed for a person and for an editor.
struct Issue {
    enum class Severity : std::uint8_t { Error, Warning };
    std::string code; ///< "E102", "W512"
    Severity severity = Severity::Error;
    int line = 0, column = 0; ///< from 1; 0 when there is no place (a fault of --set)
    int length = 1;           ///< characters to underline
    std::string path;         ///< "origins[0].service_time"
    std::string element;      ///< `origin "web"` when the path leads through a named element, else empty
    std::string message;      ///< what is wrong, in words of the scenario
    std::string suggestion;   ///< "did you mean \"fast_open\"?", may be empty
    std::string help;         ///< "known keys here: ...", may be empty
    std::string source_line;  ///< the line of the file, for the caret display
};

/// Thrown by loading only: every fault of the file at once, in file order.
class ScenarioError : public std::runtime_error {
public:
    ScenarioError(std::string file, std::vector<Issue> issues);
    [[nodiscard]] const std::string& file() const { return file_; }
    [[nodiscard]] const std::vector<Issue>& issues() const { return issues_; }

private:
    std::string file_;
    std::vector<Issue> issues_;
};

/// What a scenario is loaded for; routing questions need neither `run` nor `clients`.
enum class Purpose : std::uint8_t { Simulate, RoutingOnly };

/// A duration as scenarios write it: "20ms". None when the text is not one.
[[nodiscard]] std::optional<Duration> duration_from(const std::string& text);

/// One `--set path=value` (or one override of a variant): the value is JSON, or a bare string such as 80ms.
struct Override {
    std::string path, value;
    std::string from = "--set"; ///< who sets it, for people: "--seed", "variant tfo-on"
};

/// Reads and checks a scenario.
/// @param text       the file's bytes: JSON with `//` comments allowed
/// @param file       name for messages and for resolving relative file references; "-" for standard input
/// @param overrides  applied in order after normalisation, before checks
/// @param warnings   receives warnings when not null (a warning named in `allow` is left out)
/// @throws ScenarioError with every fault found
[[nodiscard]] Scenario load_scenario(const std::string& text, const std::string& file,
                                     const std::vector<Override>& overrides = {}, Purpose purpose = Purpose::Simulate,
                                     std::vector<Issue>* warnings = nullptr);

/// The scenario as it was understood, as in Scenario::effective_json, with a comment behind every value that tells
/// where it comes from: a line of the file, an override, the profile, or a default. It loads again: comments are
/// allowed.
/// @throws ScenarioError with every fault found
[[nodiscard]] std::string annotated_scenario(const std::string& text, const std::string& file,
                                             const std::vector<Override>& overrides = {});

/// Gives faults that were found after loading (routes, places) their line, column, source line and element, as loading
/// does. An issue that has a line, or no path, stays as it is; a path that the file does not spell out is placed at the
/// nearest value around it that the file has. A value that an override set has no place: its message names the
/// override.
/// @param text       the file's bytes, as given to load_scenario
/// @param overrides  as given to load_scenario
void place_issues(const std::string& text, std::vector<Issue>& issues, const std::vector<Override>& overrides = {});

/// JSON Schema (draft-07) of the scenario format, from the same table of keys that the loader uses.
[[nodiscard]] std::string scenario_schema_json();

/// One key of the scenario format, for `explain` and for completion.
struct KeyDoc {
    std::string path;          ///< pattern: "clients[].access.delay"; lists have [], maps take any key
    std::string kind;          ///< "duration", "list of ASN", or the choices: "none | 1.2 | 1.3"
    std::string default_value; ///< as it would be written; empty: none
    std::string doc;           ///< one line
    bool supported = true;     ///< false: the key is refused with E110
};

/// Every key of the format, parents before children; the parameters of distributions come last.
[[nodiscard]] std::vector<KeyDoc> scenario_keys();

/// Every code of a fault or a warning with one sentence on it, sorted.
[[nodiscard]] std::vector<std::pair<std::string, std::string>> scenario_error_codes();

} // namespace firstbyte
