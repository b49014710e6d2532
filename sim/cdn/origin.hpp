/// An origin: accepts the edge's connections, thinks, answers; or fails as an event says.
///
/// The parts: origin.cpp (connections, TLS, requests), origin_service.cpp (workers, responses), origin_balancer.cpp (a
/// balancer before the workers), origin_faults.cpp.
#pragma once

#include "cdn/context.hpp"
#include "cdn/flow_table.hpp"
#include "cdn/timer.hpp"
#include "net/host.hpp"

#include <cstdint>
#include <optional>
#include <vector>

namespace firstbyte::cdn {

class OriginServer {
public:
    OriginServer(Context& context, std::uint32_t origin);

    /// Schedules the moments at which its outages begin and end.
    void start();
    [[nodiscard]] Slab<net::Path>& paths() { return paths_; }
    /// Index of the path that leads to a PoP.
    [[nodiscard]] std::uint32_t path_to(std::uint32_t pop) const { return pop; }

    void on_segment(const tcp::Segment& segment, std::uint32_t pop);
    /// A message about a packet that it sent.
    void on_icmp(const tcp::Segment& message) { host_.on_segment(message, 0); }
    void on_alarm(std::uint64_t object) { host_.on_alarm(static_cast<std::uint32_t>(object)); }
    void on_world_event() { apply_outages(); }
    /// Whether its listener accepts Fast Open; none: as the scenario has it.
    void set_fast_open(std::optional<bool> accepts);
    /// The process ends and starts again.
    void restart(bool graceful);
    void on_event(std::uint64_t object);
    void on_notice(const net::HostNotice& notice);
    [[nodiscard]] Books books() const { return books_of(host_); }
    void release(const net::HostNotice& notice) { host_.release(notice.slot.index); }

private:
    using Mode = Event::Mode;
    enum class Phase : std::uint8_t { TlsFirst, TlsSecond, Request, Waiting, Thinking, Over };
    /// A connection.
    struct Peer {
        tcp::Label label; ///< of the current request
        TlsFlights flights;
        Instant arrived{}; ///< when the request was complete
        std::uint32_t tls_left = 0;
        std::uint32_t request_left = 0;
        std::uint32_t idle_stamp = 0;
        std::uint32_t served = 0;
        Phase phase = Phase::Over;
        bool idle = false;
        bool last = false;         ///< closed after the current response
        bool holds_worker = false; ///< with workers that keep their connections
        Duration waited{};         ///< for such a worker; counts with the first request
    };
    /// A request that waits for a worker, or has one. It takes its turn also when its connection is gone: nothing tells
    /// the application.
    struct Waiting {
        Slot peer;
        tcp::Label label;
        Instant arrived{};
    };
    /// A worker at a request. It works to the end also when the connection is gone.
    struct Work {
        Slot peer; ///< names nobody once the connection is gone
        tcp::Label label;
        Deadline ready;     ///< when the response is made
        Deadline heartbeat; ///< when the next heartbeat is due
        std::uint32_t beats = 0, beats_sent = 0;
        bool busy = false;
    };

    /// A request on its way through a balancer.
    struct Passage {
        Deadline due;
        enum class Leg : std::uint8_t {
            ToServer,
            ToClient,
            Stale, ///< it met the server's close
        } leg = Leg::ToServer;
        Work work; ///< Leg::ToClient: what was made
    };

    // origin.cpp
    [[nodiscard]] Peer& peer_at(std::uint32_t index);
    void take_connections();
    void on_accepted(std::uint32_t index);
    void on_connection_lost(std::uint32_t index);
    void on_data(std::uint32_t index, std::uint32_t bytes, const tcp::Label& label);
    void on_flight(std::uint32_t index, const tcp::Label& label);
    void on_request(std::uint32_t index);
    void become_idle(std::uint32_t index);
    void end(std::uint32_t index);

    // origin_service.cpp
    void wait_for_worker(std::uint32_t index);
    void begin(const Waiting& request);
    void serve_waiting();
    void free_worker(std::uint32_t work);
    void record_load();
    void count_execution(const tcp::Label& label);
    [[nodiscard]] tcp::Label response_label(const tcp::Label& request, std::uint32_t beats) const;
    void on_heartbeat(std::uint32_t work);
    void on_ready(std::uint32_t work);
    void answer(std::uint32_t index, const Work& work);
    void reject(std::uint32_t index);
    void send_error(std::uint32_t index, std::uint16_t status);
    void respond(std::uint32_t index, std::uint32_t bytes, const tcp::Label& label);

    // origin_balancer.cpp
    void pass_balancer(std::uint32_t index);
    void come_back(const Work& work);
    void on_passage(std::uint32_t index);
    [[nodiscard]] std::optional<Instant> take_target();

    // origin_faults.cpp
    void apply_outages();
    void begin_outage(Mode mode);
    void end_outage(Mode mode);
    [[nodiscard]] bool fails(Mode mode) const { return mode_ == mode; }
    [[nodiscard]] bool resets() const { return fails(Mode::Reset) || fails(Mode::Refuse); }
    [[nodiscard]] bool lets_in(const tcp::Segment& segment, std::uint32_t pop);
    [[nodiscard]] bool fails_in_tls(std::uint32_t index, const tcp::Label& label);
    [[nodiscard]] bool answers_badly(std::uint32_t index, const tcp::Label& label, std::uint32_t sent);
    void lose_memory();

    Context& context_;
    std::uint32_t origin_;
    std::uint32_t entity_;
    Slab<net::Path> paths_; ///< by PoP, then those of messages
    net::LinkSpec link_, icmp_link_;
    tcp::Settings settings_; ///< of its listener: Fast Open is each origin's own
    net::Host host_;
    std::vector<Peer> peers_; ///< by connection index
    std::vector<Work> works_;
    std::vector<std::uint32_t> idle_workers_; ///< numbers in works_
    Ring<Waiting> queue_;
    std::uint32_t busy_ = 0;        ///< workers at work
    Instant load_since_{};          ///< when the number of workers at work, or of those that wait, changed last
    std::uint32_t holding_ = 0;     ///< workers that keep a connection
    std::vector<Passage> passages_; ///< by connection index; only with a balancer
    Ring<Instant> targets_;         ///< idle connections of the balancer, by when it last read from them: oldest first
    IdleQueue idle_;
    std::optional<FlowTable> box_;
    std::optional<Mode> mode_;      ///< how it fails now
    std::uint32_t header_size_ = 0; ///< with Mode::BigHeader
    bool powered_ = true;
};

} // namespace firstbyte::cdn
