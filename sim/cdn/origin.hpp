/// An origin: accepts the edge's connections, thinks, answers; or fails as an event says.
#pragma once

#include "cdn/context.hpp"
#include "cdn/timer.hpp"
#include "net/host.hpp"

#include <cstdint>
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

    void on_segment(const tcp::Segment& segment, std::uint32_t pop) { host_.on_segment(segment, path_to(pop)); }
    void on_alarm(std::uint64_t object) { host_.on_alarm(static_cast<std::uint32_t>(object)); }
    void on_world_event() { apply_outages(); }
    /// Whether its listener accepts Fast Open; none: as the scenario has it.
    void set_fast_open(std::optional<bool> accepts);
    void on_event(std::uint64_t object);
    void on_notice(const net::HostNotice& notice);
    void release(const net::HostNotice& notice) { host_.release(notice.slot.index); }

private:
    enum class Phase : std::uint8_t { TlsFirst, TlsSecond, Request, Thinking, Over };
    struct Peer {
        tcp::Label label;
        Deadline deadline; ///< think time
        TlsFlights flights;
        std::uint32_t tls_left = 0;
        std::uint32_t request_left = 0;
        std::uint32_t idle_stamp = 0;
        Phase phase = Phase::Over;
        bool idle = false;
    };

    void apply_outages();
    [[nodiscard]] bool resets() const { return down_ && (mode_ == Event::Mode::Reset || mode_ == Event::Mode::Refuse); }
    void on_data(std::uint32_t index, std::uint32_t bytes, const tcp::Label& label);
    void on_request(std::uint32_t index);
    void answer(std::uint32_t index);
    void become_idle(std::uint32_t index);

    Context& context_;
    std::uint32_t origin_;
    std::uint32_t entity_;
    Slab<net::Path> paths_; ///< by PoP
    net::LinkSpec link_;
    tcp::Settings settings_; ///< of its listener: Fast Open is each origin's own
    net::Host host_;
    std::vector<Peer> peers_; ///< by connection index
    IdleQueue idle_;
    bool down_ = false;
    Event::Mode mode_ = Event::Mode::DropSyn; ///< while down
};

} // namespace firstbyte::cdn
