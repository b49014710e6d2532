/// A slice of clients: arrivals, sessions, what the user sees.
#pragma once

#include "cdn/context.hpp"
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

    [[nodiscard]] net::Host& host() { return host_; }
    [[nodiscard]] EdgeServer& edge() { return edge_; }

private:
    enum class Phase : std::uint8_t { Connecting, TlsFirst, TlsSecond, Waiting, Pause, Closing, Done };
    struct Session {
        SessionName name;
        SessionPlan plan;
        TlsFlights flights;
        Instant opened{}, decided{};
        Deadline deadline;
        std::uint32_t link = 0;
        std::uint32_t reopened = 0; ///< connections that the session had before this one
        std::uint32_t step = 0;     ///< request, or step of the script
        std::uint32_t tls_left = 0; ///< bytes of the server's current flight still to come
        std::uint32_t received = 0, expected = 0;
        std::uint32_t first_flight = 0; ///< bytes that were ready when the SYN left
        std::uint32_t object = 0;       ///< of the current request
        std::int32_t trace = -1;
        Phase phase = Phase::Done;
        bool request_open = false, tls_done = false, wrote_at_open = false;
        tcp::FastOpenAttempt::Mode attempt = tcp::FastOpenAttempt::Mode::Off;
    };

    /// The rest of a session that lost its connection while its client thinks.
    struct Paused {
        SessionName name;
        std::uint32_t step = 0, reopened = 0;
        bool used = false;
    };

    void arrive();
    void start_script_entry(std::uint32_t serial);
    void open_session(SessionName name, std::uint32_t step, std::uint32_t reopened);
    void reopen(std::uint32_t place);
    void continue_later(const Session& session);
    void trace_session(Session& session, std::uint32_t link);
    std::uint32_t link_of(std::uint32_t member);
    void release_link(Session& session);

    void on_connected(std::uint32_t index, Session& session);
    void count_connection(const Session& session, const tcp::Connection& connection);
    void on_data(std::uint32_t index, Session& session, std::uint32_t bytes, const tcp::Label& label);
    void on_tls_flight(std::uint32_t index, Session& session);
    void begin_step(std::uint32_t index, Session& session);
    [[nodiscard]] tcp::Label prepare_request(Session& session);
    void send_request(std::uint32_t index, Session& session, std::uint32_t bytes_before);
    void on_response_bytes(std::uint32_t index, Session& session, std::uint32_t bytes, const tcp::Label& label);
    [[nodiscard]] std::uint32_t expected_of(const Session& session, const tcp::Label& label) const;
    [[nodiscard]] bool waits_to_send(const Session& session) const;
    void end_request(Session& session, const OutcomeKey& outcome, bool complete);
    void next_step(std::uint32_t index, Session& session);
    void on_pause_over(std::uint32_t index, Session& session);
    void close_session(std::uint32_t index, Session& session);
    void fail_session(Session& session, Cause cause, const char* error);
    void session_over(Session& session);
    void schedule_after(const Session& session);
    [[nodiscard]] RequestResults& results_of(const Session& session);
    void trace_event(const Session& session, const char* what);

    Context& context_;
    std::uint32_t group_;
    std::uint32_t entity_;
    EdgeServer& edge_;
    net::Host host_;
    std::vector<Session> sessions_;    ///< by connection index
    std::vector<Paused> paused_;       ///< by the number in their event's object
    std::vector<std::uint32_t> links_; ///< by member: 1 + index of its paths, 0 when it has none now
    std::uint64_t arrivals_ = 0;
};

} // namespace firstbyte::cdn
