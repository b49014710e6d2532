/// One PoP's server: ends client connections, answers from cache or through its pool of origin connections.
#pragma once

#include "cdn/cache.hpp"
#include "cdn/context.hpp"
#include "cdn/listeners.hpp"
#include "cdn/relays.hpp"
#include "cdn/timer.hpp"
#include "net/host.hpp"

#include <cstdint>
#include <optional>
#include <vector>

namespace firstbyte::cdn {

/// Both directions between one client and the PoP, in EdgeServer::paths().
struct PathPair {
    std::uint32_t up = 0, down = 0;
};

/// The paths of a client; exists while the client is active.
struct ClientLink : PathPair {
    std::uint32_t users = 0; ///< open connections of the client
};

class EdgeServer {
public:
    EdgeServer(Context& context, std::uint32_t pop);

    // Paths of the PoP and of the clients that live with it.
    [[nodiscard]] Slab<net::Path>& paths() { return paths_; }
    /// @param serial, reopened  the session that opens the link: they name its random numbers
    std::uint32_t add_client_link(std::uint32_t group, std::uint32_t member, std::uint32_t serial,
                                  std::uint32_t reopened);
    [[nodiscard]] ClientLink& client_link(std::uint32_t link) { return links_[link]; }
    // Paths of clients that live with another PoP, and have come here.
    [[nodiscard]] PathPair add_path_pair(std::uint32_t group);
    [[nodiscard]] bool idle(const PathPair& pair) const;
    void drop_path_pair(const PathPair& pair);
    /// @return whether the link is gone; it stays while something is in flight or waits on it, and where rules count
    bool drop_client_link_if_idle(std::uint32_t link);
    /// Rules and records of a client's link; made when asked for the first time.
    [[nodiscard]] net::Lab& lab_of(std::uint32_t link, std::uint32_t group, const net::Boxes& boxes = {});
    /// The path rules of a client's link act no longer.
    void end_rules(std::uint32_t link);

    /// Schedules what the PoP does by itself.
    void start();
    /// Path to the origin of that number; it is one of those that the PoP can reach.
    [[nodiscard]] std::uint32_t path_to_origin(std::uint32_t origin) const;
    void rotate_key(const Change& change, std::uint32_t generation);
    /// Whether its listener accepts Fast Open of clients, and whether it asks origins for it.
    void set_fast_open(bool accepts, bool asks);
    void on_client_segment(const tcp::Segment& segment, std::uint32_t answer_path) {
        clients_.on_segment(segment, answer_path);
    }
    /// A client's segment whose connection is not here.
    void refuse(const tcp::Segment& segment, std::uint32_t answer_path) { clients_.refuse(segment, answer_path); }
    /// Without power nothing leaves the PoP, and what it had in memory is gone; its cookie keys are not.
    void set_power(bool on);
    [[nodiscard]] bool dead() const { return dead_; }
    void on_origin_segment(const tcp::Segment& segment, std::uint32_t origin) {
        upstream_.on_segment(segment, path_to_origin(origin));
    }
    /// A message about a packet to an origin.
    void on_icmp(const tcp::Segment& message) { upstream_.on_segment(message, 0); }
    void on_alarm(std::uint64_t object);
    void on_event(std::uint64_t object);
    void on_notice(const net::HostNotice& notice);
    void release(const net::HostNotice& notice);
    [[nodiscard]] FastOpenCounters counters() const { return clients_.counters(); }
    [[nodiscard]] Books books() const {
        Books all = clients_.books();
        all.merge(books_of(upstream_));
        return all;
    }

    /// A message of another PoP.
    void on_relay(std::uint32_t from, const RelayMessage& message);

    // Events of the scenario: edge_events.cpp.
    /// The server process ends and starts again: every connection of both legs is reset.
    void restart();
    /// What is idle is closed in order on both legs, and the rest when its response is complete.
    void maintain();
    /// Resets a share of the clients' connections, as when load is moved elsewhere. `change` tells such events apart.
    void balance(std::uint32_t change, double share);
    /// Counts what connections that are still open at the end of the run have done.
    void finish();

private:
    static constexpr std::uint32_t no_pop = 0xffff'ffff;
    static constexpr std::uint32_t internal_listener = 15; ///< in the numbers of sides without a connection

    enum class ClientPhase : std::uint8_t { TlsFirst, TlsSecond, Request, Processing, Upstream, Idle, Over };
    /// A client's connection and the exchange on it.
    struct ClientSide {
        SessionName name;
        TlsFlights flights;
        tcp::Label label;  ///< of the current request
        Deadline deadline; ///< processing; while a request is incomplete its guard
        Slot upstream;     ///< connection that serves the request
        std::uint32_t tls_left = 0;
        std::uint32_t request_left = 0;
        std::uint32_t idle_stamp = 0;
        std::uint16_t leg = 0; ///< which origin serves the request, in legs_
        std::uint8_t connect_attempts = 0;
        std::uint32_t upper = no_pop; ///< the PoP that was asked for it
        std::uint32_t relayed = 0;    ///< bytes of the response that have come from there
        Item item = 0;                ///< that the request is for, when it leads a fetch or waits for one
        bool leads = false;           ///< others may wait for this request's response
        bool coalesced = false;       ///< it waits for another one's
        bool retried = false;         ///< on a fresh connection, after a reused one was found closed
        bool failed_over = false;     ///< at another origin
        bool last = false;            ///< the connection is closed after the current response
        ClientPhase phase = ClientPhase::Over;
    };
    enum class UpstreamPhase : std::uint8_t { Connecting, TlsFirst, TlsSecond, Waiting, Idle, Checking, Over };
    /// A connection to an origin.
    struct Upstream {
        Slot client;       ///< whose request it serves
        Deadline deadline; ///< TLS, write or read timer, or of a check
        Instant opened{}, sent{};
        Instant idle_since{};
        std::uint32_t tls_left = 0;
        std::uint32_t received = 0, expected = 0, header = 0;
        std::uint32_t idle_stamp = 0;
        std::uint16_t leg = 0;
        bool reused = false;
        bool writing = false;    ///< the request does not fit the send buffer yet
        bool header_out = false; ///< the client has the response's header
        bool last = false;       ///< not to be pooled
        UpstreamPhase phase = UpstreamPhase::Over;
    };
    /// One origin as this PoP reaches it.
    struct OriginLeg {
        OriginId id{};
        std::uint32_t path = 0;
        std::uint32_t icmp = 0;          ///< path on which "fragmentation needed" comes back
        std::vector<std::uint32_t> pool; ///< idle connections, used last at the back
        Ring<Slot> waiting;              ///< clients for whose requests no connection may be opened now
        std::uint32_t open = 0;          ///< connections for requests, idle ones included
        int failures = 0;                ///< of checks, in a row
        bool up = true;                  ///< as checks have it
    };

    /// A request without a client's connection.
    struct InternalSide {
        ClientSide side;
        std::uint32_t generation = 0;
        std::uint32_t lower = no_pop; ///< the PoP that asked; no_pop: this one itself
        Slot lower_client;
    };

    [[nodiscard]] static bool is_internal(std::uint32_t number) {
        return Listeners::listener_in(number) == internal_listener;
    }
    [[nodiscard]] ClientSide& client_side(std::uint32_t number) {
        if (is_internal(number)) return internal_sides_[Listeners::index_in(number)].side;
        return client_sides_[Listeners::listener_in(number)][Listeners::index_in(number)];
    }
    [[nodiscard]] std::uint16_t leg_count() const { return static_cast<std::uint16_t>(legs_.size()); }
    [[nodiscard]] OriginResults& results_of(std::uint16_t leg) { return context_.results.origins[legs_[leg].id.value]; }
    /// Row of the client leg's results in which a client's connection counts here.
    [[nodiscard]] ConnectionResults& client_results(SessionName name);

    // edge_client.cpp: the client's side
    void on_client_notice(const net::HostNotice& notice);
    void accept_client(const net::HostNotice& notice);
    void on_client_data(std::uint32_t index, std::uint32_t bytes, const tcp::Label& label);
    void on_client_flight(std::uint32_t index);
    void on_client_closed(std::uint32_t index);
    [[nodiscard]] Duration wait_for_turn();
    void on_request_complete(std::uint32_t index);
    void on_client_deadline(std::uint32_t index);
    void process(std::uint32_t index);
    [[nodiscard]] const Overload* overload_of(const ClientSide& side) const;
    void respond(std::uint32_t index, std::uint32_t bytes, const OutcomeKey& outcome);
    void response_complete(std::uint32_t index);
    void wait_for_request(std::uint32_t index);
    void client_gone(std::uint32_t index);
    void count_client_probes(std::uint32_t index, bool dead);

    // edge_cache.cpp
    [[nodiscard]] CacheResults* cache_results();
    void serve_cacheable(std::uint32_t index, const RequestPlan& plan);
    void fetch_in_background(const tcp::Label& asked, Item item);
    void fetched(std::uint32_t index, std::uint32_t bytes, const OutcomeKey& outcome);
    void share(Item item, std::uint32_t bytes, const OutcomeKey& outcome);
    void fetch_lost(std::uint32_t index);

    // edge_internal.cpp
    [[nodiscard]] std::uint32_t add_internal_side(const tcp::Label& label);
    void end_internal(std::uint32_t index);
    [[nodiscard]] bool client_live(Slot slot) const;
    [[nodiscard]] Slot client_slot(std::uint32_t index) const;
    void write_client(std::uint32_t index, std::uint32_t bytes, const tcp::Label& label);
    void close_client(std::uint32_t index);
    [[nodiscard]] std::optional<std::uint32_t> upper_pop() const;
    void ask_upper(std::uint32_t index, std::uint32_t upper);

    // edge_pool.cpp: connections to origins, idle or to be opened
    void forward(std::uint32_t index);
    [[nodiscard]] std::uint16_t leg_for_requests() const;
    void get_connection(std::uint32_t client);
    void open_upstream(std::uint32_t client);
    [[nodiscard]] Slot open_connection(std::uint16_t leg, std::uint32_t first_flight, const tcp::Label& label);
    void return_to_pool(std::uint32_t index);
    void leave_pool(std::uint32_t index);
    void let_go(std::uint32_t index);
    void serve_waiting(std::uint16_t leg);
    void count_upstream_probes(std::uint32_t index, bool dead);

    // edge_health.cpp
    void begin_check(std::uint16_t leg);
    void end_check(std::uint32_t index, bool answered);

    // edge_upstream.cpp: the exchange with an origin
    void on_upstream_notice(const net::HostNotice& notice);
    void on_upstream_connected(std::uint32_t index);
    void send_upstream(std::uint32_t index, std::uint32_t bytes_before);
    void wait_for_response(std::uint32_t index, Instant from);
    void on_upstream_data(std::uint32_t index, std::uint32_t bytes, const tcp::Label& label);
    [[nodiscard]] std::uint32_t take_upstream_flight(std::uint32_t index, std::uint32_t bytes, const tcp::Label& label);
    void take_response(std::uint32_t index, std::uint32_t bytes, const tcp::Label& label);
    void on_upstream_timer(std::uint32_t index);

    // edge_story.cpp: what traced connections tell of the exchange
    void tell_connect(const ClientSide& side);
    void tell_sent(const Upstream& up);
    void tell_loss(const Upstream& up, UpstreamPhase phase, Cause cause);

    // edge_failure.cpp: what the client gets when the exchange fails
    void on_upstream_lost(std::uint32_t index, Cause cause);
    void give_up_upstream(std::uint32_t index, Cause cause);
    void settle_loss(const Upstream& up, UpstreamPhase phase, Cause cause);
    void truncate(std::uint32_t client, Cause behind);
    [[nodiscard]] bool may_repeat(const ClientSide& side) const;
    void fail(std::uint32_t client, Cause cause);

    Context& context_;
    std::uint32_t pop_;
    std::uint32_t entity_;
    Slab<net::Path> paths_;
    Slab<ClientLink> links_;
    Listeners clients_;               ///< accept
    net::Host upstream_;              ///< opens
    tcp::Settings upstream_settings_; ///< own copy: events switch Fast Open
    net::LinkSpec icmp_link_;
    std::vector<OriginLeg> legs_; ///< the nearest origin first
    std::uint32_t upstream_serial_ = 0;
    std::vector<std::vector<ClientSide>> client_sides_; ///< by listener and connection index there
    std::vector<Upstream> upstreams_;                   ///< by connection index of upstream_
    Instant next_turn_{};                               ///< before which no further request begins, with a capacity
    IdleQueue pool_idle_, client_idle_;
    std::vector<InternalSide> internal_sides_;
    std::vector<std::uint32_t> internal_free_; ///< places in internal_sides_
    std::optional<ItemCache> cache_;
    FlatMap64<Ring<Slot>> fetches_; ///< by item under way: who waits for it
    bool dead_ = false;
};

} // namespace firstbyte::cdn
