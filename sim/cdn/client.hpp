/// A slice of clients: arrivals, sessions, what the user sees.
#pragma once

#include "cdn/context.hpp"
#include "cdn/moving_links.hpp"
#include "cdn/timer.hpp"
#include "net/host.hpp"

#include <cstdint>
#include <vector>

namespace firstbyte::cdn {

class EdgeServer;

/// The clients of one group, with the PoP that BGP gives them.
class ClientSlice {
public:
    ClientSlice(Context& context, std::uint32_t group, EdgeServer& edge);

    /// Schedules the first arrival, or the script.
    void start();
    void on_event(std::uint64_t object);
    void on_notice(const net::HostNotice& notice);
    /// Records requests that the end of the run left open.
    void finish();

    /// Lets go of a connection whose Gone notice has been dealt with.
    void release(std::uint32_t index);
    /// Whether the clients' kernels have Fast Open switched on.
    void set_fast_open(bool on);
    /// The group's path rules act no longer.
    void end_path_rules();

    // Of a group whose catchment changes.
    /// A segment from the PoP of one of the group's places.
    void on_segment_of_pop(const tcp::Segment& segment, std::uint32_t place, std::uint32_t answer_path);
    /// Writes into a segment that leaves which place has its connection, where that is known.
    void note_server(tcp::Segment& segment) const;

    [[nodiscard]] net::Host& host() { return host_; }
    [[nodiscard]] EdgeServer& edge() { return edge_; }

private:
    static constexpr std::uint32_t none = 0xffff'ffff; ///< in place of a connection's index

    enum class Phase : std::uint8_t {
        Connecting,
        TlsFirst,
        TlsSecond,
        Waiting,
        Answered, ///< a script's response is complete; its next step comes when all of this moment has arrived
        Pause,
        Closing,
        Done
    };
    struct Session {
        SessionName name;
        Duration connect{-1}, ttfb{-1}; ///< of the current connection and request, for its record
        SessionPlan plan;
        TlsFlights flights;
        Instant opened{}, decided{};
        Deadline deadline;
        std::uint32_t link = 0;
        std::uint32_t address = 0;  ///< that the server sees
        std::uint32_t reopened = 0; ///< connections that the session had before this one
        std::uint32_t rival = none; ///< index of the connection that races with this one for the first response
        std::uint32_t step = 0;     ///< request, or step of the script
        std::uint32_t tls_left = 0; ///< bytes of the server's current flight still to come
        std::uint32_t received = 0, expected = 0;
        std::uint32_t first_flight = 0;  ///< bytes that were ready when the SYN left
        std::uint32_t request_bytes = 0; ///< of the current request, as its header announces them
        std::uint32_t outcome = 0;       ///< packed, as the first bytes of the response said it
        Instant idle_since{};
        Deadline patience;            ///< the client's deadline for the current request
        std::uint32_t object = 0;     ///< of the current request
        std::uint32_t first_step = 0; ///< of this connection
        std::uint32_t repeats = 0;    ///< of that step's request, before this connection
        std::uint32_t row = 0;        ///< of the results
        std::uint32_t place = 0;      ///< of the group's route: which PoP has the connection, or was to have it
        std::uint32_t reset_by = 0;   ///< 1 + place of the PoP that sent the last RST
        std::int32_t event = -1;      ///< of the scenario, that took the connection's route away
        std::int32_t trace = -1;
        bool plain = false;    ///< the one of a race that uses no Fast Open
        bool in_books = false; ///< the request that it is to send has begun on its rival
        bool bound = false;    ///< a SYN-ACK has come from the PoP of `place`
        Phase phase = Phase::Done;
        bool gave_up =
            false; ///< the deadline has passed with the request at the edge; what the edge did is still to come
        bool accepted = false; ///< the server took the data of the connection's SYN
        bool request_open = false, tls_done = false, wrote_at_open = false;
        bool end_of_file = false, finished = false, gone = false; ///< what the connection has come to
        Cause cause = Cause::Unfinished;                          ///< of `error`
        const char* error = nullptr;                              ///< that the client's next call finds
        tcp::FastOpenAttempt::Mode attempt = tcp::FastOpenAttempt::Mode::Off;
    };

    /// A session, or the rest of one that lost its connection.
    struct Opening {
        SessionName name;
        std::uint32_t step = 0;     ///< of the session's requests, the one to begin with
        std::uint32_t reopened = 0; ///< how often the session has opened a connection before
        std::uint32_t repeats = 0;  ///< how often it has sent that step's request before
        Instant decided = never;    ///< when it was to be sent first; never: now
        bool in_books = false;      ///< that request has begun on a rival
        bool used = false;
    };

    void arrive();
    void start_script_entry(std::uint32_t serial);
    void open_session(const Opening& opening);
    enum class Dial : std::uint8_t {
        AsSet, ///< with Fast Open where the client has it
        Plain, ///< without: one of two that race
    };
    std::uint32_t dial(const Opening& opening, Dial how);
    [[nodiscard]] tcp::FastOpenAttempt attempt_of(SessionName name, std::uint32_t member);
    void reopen(std::uint32_t place);
    void continue_later(const Session& session);
    void open_later(const Opening& opening, Instant at);
    [[nodiscard]] bool repeats_after(const Session& session, Cause cause) const;

    // client_race.cpp
    void race(const Opening& opening);
    [[nodiscard]] bool concede(Session& session);
    void close_rival(Session& session);

    // client_reroute.cpp
    void bind(Session& session, std::uint32_t place);
    [[nodiscard]] bool may_lose_pop() const { return moves_ || !context_.world.pops_dead.empty(); }
    MovingLinks::Loss find_loss(Session& session) const;
    [[nodiscard]] Cause blame(Session& session, Cause cause);
    void trace_session(Session& session, std::uint32_t link);
    std::uint32_t link_of(std::uint32_t member, const Session& session);
    void release_link(Session& session);

    [[nodiscard]] std::uint32_t address_of(std::uint32_t member, std::uint32_t ip) const {
        const Group& g = context_.world.groups[group_];
        return g.first_address + member * g.public_ips + ip;
    }
    /// Of a session's connections: of its entry in the script, or the group's.
    [[nodiscard]] const tcp::Settings& settings_of(SessionName name) const {
        const Group& g = context_.world.groups[group_];
        return settings_[g.scripted ? name.serial % g.script.size() : 0];
    }
    [[nodiscard]] bool cannot_open(const Session& session) const;
    void end_unopened(Session& session, const char* error);

    void on_connected(std::uint32_t index, Session& session);
    void count_connection(Session& session, const tcp::Connection& connection);
    [[nodiscard]] Duration path_rtt(const Session& session) const;
    [[nodiscard]] Duration penalty_of(const Session& session) const;
    void count_first_byte(Session& session);
    void record(const Session& session, const OutcomeKey& outcome, bool complete);
    void note_first(const Session& session, int status);
    void on_data(std::uint32_t index, Session& session, std::uint32_t bytes, const tcp::Label& label);
    void on_tls_flight(std::uint32_t index, Session& session);
    [[nodiscard]] tcp::Label prepare_request(Session& session);
    [[nodiscard]] std::uint32_t bytes_to_send(const Session& session) const;
    void watch_patience(std::uint32_t index, Session& session);
    void lose_patience(std::uint32_t index, Session& session);
    [[nodiscard]] OutcomeKey cut_short(const Session& session) const;
    void send_request(std::uint32_t index, Session& session, std::uint32_t bytes_before);
    void on_response_bytes(std::uint32_t index, Session& session, std::uint32_t bytes, const tcp::Label& label);
    [[nodiscard]] std::uint32_t expected_of(const Session& session, const tcp::Label& label) const;
    [[nodiscard]] bool waits_to_send(const Session& session) const;
    void end_request(Session& session, const OutcomeKey& outcome, bool complete);
    void fail_session(Session& session, Cause cause, const char* error);
    void session_over(Session& session);
    void schedule_after(const Session& session);
    [[nodiscard]] RequestResults& results_of(const Session& session);
    void trace_event(const Session& session, const char* what);

    // client_steps.cpp
    void begin_step(std::uint32_t index, Session& session);
    void begin_script_step(std::uint32_t index, Session& session, const ScriptStep& step);
    void pause(std::uint32_t index, Session& session, Duration length);
    void hold(std::uint32_t index, Session& session);
    void next_step(std::uint32_t index, Session& session);
    [[nodiscard]] bool reads_on(const Session& session) const;
    [[nodiscard]] bool looks_away(const Session& session) const;
    void on_deadline(std::uint32_t index, Session& session);
    void on_pause_over(std::uint32_t index, Session& session);
    void wait_for_data(std::uint32_t index, Session& session);
    void on_read_deadline(std::uint32_t index, Session& session);
    void half_close_behind_request(std::uint32_t index, const Session& session);
    void on_end_of_file(std::uint32_t index, Session& session);
    void on_error(Session& session, Cause cause, const char* error);
    void close_session(std::uint32_t index, Session& session);
    void abort_session(std::uint32_t index, Session& session);
    [[nodiscard]] bool let_go(Session& session);
    void settle(std::uint32_t index, Session& session);

    // Kinds of the slice's own events, in the upper bits of their object.
    static constexpr std::uint64_t kind_arrival = 0, kind_session = 1, kind_script = 2, kind_reopen = 3,
                                   kind_patience = 4;
    static constexpr std::uint64_t client_object(std::uint64_t kind, std::uint32_t index) {
        return (kind << 32) | index;
    }

    Context& context_;
    std::uint32_t group_;
    std::uint32_t entity_;
    EdgeServer& edge_;
    net::Host host_;
    std::vector<tcp::Settings> settings_; ///< by entry of the script, or one; own copy: events switch Fast Open
    bool fast_open_on_ = false;
    bool moves_ = false;               ///< the group's catchment changes during the run
    std::vector<Session> sessions_;    ///< by connection index
    std::vector<Opening> paused_;      ///< by the number in their event's object
    std::vector<std::uint32_t> links_; ///< by member: 1 + index of its paths, 0 when it has none now
    std::uint64_t arrivals_ = 0;
};

} // namespace firstbyte::cdn
