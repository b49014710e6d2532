/// A client's host and a server's host with a path in between, for tests of what hosts do.
#pragma once

#include "engine/engine.hpp"
#include "net/host.hpp"

#include <doctest/doctest.h>

#include <functional>
#include <string>
#include <vector>

namespace doctest {
template <>
struct StringMaker<std::vector<std::string>> {
    static String convert(const std::vector<std::string>& lines) {
        std::string text;
        for (const std::string& line : lines) text += (text.empty() ? "" : ", ") + line;
        return text.c_str();
    }
};
} // namespace doctest

namespace firstbyte::test {

/// Entity 0 opens, entity 1 listens. The server answers every `request` bytes with `response` bytes; the client closes
/// after them, the server after the client. Every packet is recorded by connection, named by its serial number.
class TwoHosts {
public:
    TwoHosts(Duration rtt, const tcp::Settings& client_settings, const tcp::Settings& server_settings,
             std::vector<PathRule> path_rules = {})
        : client_end(client_settings), server_end(server_settings), rules(std::move(path_rules)), paths_(make_paths()),
          client(network, 0, 0, paths_), server(network, 1, 0, paths_) {
        for (const bool going_up : {true, false}) {
            net::Path& path = paths_[going_up ? 0 : 1];
            path = net::Path{};
            path.link = &link_;
            path.delay = going_up ? rtt / 2 : rtt - rtt / 2;
            path.entity = going_up ? 1 : 0;
            path.object = going_up ? 0 : 1;
            path.back = going_up ? 1 : 0;
            path.up = going_up;
        }
        paths_[0].lab = paths_[1].lab = network.add_lab(&rules, 0, {}, &traces);
        client.fast_open = tcp::FastOpenClients(1, client_end);
        server.listener.settings = &server_end;
        server.listener.key = tcp::CookieKeys{SipKey{7, 8}};
        server.listener.address = server_address;
    }
    TwoHosts(const TwoHosts&) = delete;
    TwoHosts& operator=(const TwoHosts&) = delete;

    static constexpr std::uint32_t client_address = 100, server_address = 200;
    std::uint32_t request = 400, response = 500;
    bool server_answers = true, client_closes = true, server_closes = true;

    /// The client holds the server's cookie.
    void hold_cookie() {
        client.fast_open.entry(0) = {tcp::make_cookie(server.listener.key.current, client_address, server_address),
                                     1460, true};
    }
    [[nodiscard]] tcp::FlowName flow(std::uint32_t serial) const { return {0, serial, client_address, 0}; }

    /// A connection of its own now, as an application with MSG_FASTOPEN opens one.
    Slot open(std::uint32_t serial, bool fast_open = true) {
        network.lab(1).record(flow(serial), traces.size());
        traces.emplace_back().connection = serial;
        tcp::FastOpenAttempt attempt;
        if (fast_open) attempt = client.fast_open.attempt(0, now(), client_end);
        const bool at_once = attempt.mode != tcp::FastOpenAttempt::Mode::Off;
        const Slot slot = client.open(0, client_end, flow(serial), attempt, at_once ? request : 0, label());
        if (tcp::known(slot)) {
            if (got_.size() <= slot.index) got_.resize(slot.index + 1);
            got_[slot.index] = {serial, 0, at_once};
        }
        deal();
        return slot;
    }
    void at(Duration when, std::function<void()> action) {
        actions_.push_back(std::move(action));
        engine.schedule(make_event(Instant{when}, engine::EventClass::Other, 0, actions_.size() - 1));
    }
    /// Runs on until `until` after the start.
    void run(Duration until) {
        at(until, [] {});
        engine.run(
            Instant{until}, [this](const engine::Event& event) { return dispatch(event); }, [] { return false; });
    }
    [[nodiscard]] Instant now() const { return engine.now(); }

    [[nodiscard]] const TraceConnection& trace(std::uint32_t serial) const {
        for (const TraceConnection& trace : traces)
            if (trace.connection == serial) return trace;
        FAIL("no connection " << serial);
        return traces.front();
    }
    /// "S 0:400(400) <cookie> drop" for each SYN and SYN-ACK of a connection, with its time in whole ms.
    [[nodiscard]] std::vector<std::string> handshake(std::uint32_t serial) const {
        std::vector<std::string> lines;
        for (const TracePacket& p : trace(serial).packets) {
            if ((p.flags & tcp::flag::syn) == 0) continue;
            std::string text = std::to_string((p.at.time_since_epoch().count() + 500'000) / 1'000'000);
            text += p.up ? " S " + std::to_string(p.length) : " SA " + std::to_string(p.ack);
            if (p.tfo == TracePacket::Tfo::Request) text += " request";
            if (p.tfo == TracePacket::Tfo::Cookie) text += " cookie";
            if (p.act == TracePacket::Act::Drop) text += " drop";
            lines.push_back(text);
        }
        return lines;
    }
    /// Every packet of a connection: "151 down R 1:1 ack 0".
    [[nodiscard]] std::vector<std::string> packets(std::uint32_t serial) const {
        std::vector<std::string> lines;
        for (const TracePacket& p : trace(serial).packets) {
            std::string flags;
            for (const auto& [bit, letter] : {std::pair{tcp::flag::syn, 'S'}, std::pair{tcp::flag::fin, 'F'},
                                              std::pair{tcp::flag::rst, 'R'}, std::pair{tcp::flag::ack, '.'}})
                if ((p.flags & bit) != 0) flags += letter;
            lines.push_back(std::to_string((p.at.time_since_epoch().count() + 500'000) / 1'000'000) +
                            (p.up ? " up " : " down ") + flags + " " + std::to_string(p.seq) + ":" +
                            std::to_string(p.seq + p.length) + " ack " + std::to_string(p.ack));
        }
        return lines;
    }
    [[nodiscard]] std::vector<std::string>& events_of(std::uint32_t serial) {
        if (events_.size() <= serial) events_.resize(serial + 1);
        return events_[serial];
    }

    engine::Engine engine;
    net::Network network{engine};
    tcp::Settings client_end, server_end;
    std::vector<PathRule> rules;
    std::vector<TraceConnection> traces;

private:
    Slab<net::Path> paths_;

public:
    net::Host client, server;

private:
    struct Got {
        std::uint32_t serial = 0, bytes = 0;
        bool written = false;
    };

    static Slab<net::Path> make_paths() {
        Slab<net::Path> paths;
        static_cast<void>(paths.acquire());
        static_cast<void>(paths.acquire());
        return paths;
    }
    [[nodiscard]] tcp::Label label() const { return {0, 0, 0, request, 0}; }

    engine::Event dispatch(const engine::Event& event) {
        engine::Event next = engine::no_event;
        const std::uint32_t entity = entity_of(event);
        const auto object = static_cast<std::uint32_t>(object_of(event));
        switch (class_of(event)) {
        case engine::EventClass::Segment: {
            net::Path& path = paths_[object];
            (entity == 0 ? client : server).on_segment(network.arrived(path), path.back);
            next = network.receive(path);
            break;
        }
        case engine::EventClass::Alarm: (entity == 0 ? client : server).on_alarm(object); break;
        case engine::EventClass::Other: actions_[object](); break;
        case engine::EventClass::World: break;
        }
        deal();
        return next;
    }

    void deal() {
        while (!network.notices.empty()) {
            const net::HostNotice n = network.notices.front();
            network.notices.pop_front();
            if (n.entity == 0)
                on_client(n);
            else
                on_server(n);
        }
    }

    void on_client(const net::HostNotice& n) {
        Got& got = got_[n.slot.index];
        switch (n.notice.kind) {
        case tcp::NoticeKind::Connected:
            events_of(got.serial).push_back("connected");
            if (!got.written) client.write(n.slot.index, request, label());
            break;
        case tcp::NoticeKind::Data:
            got.bytes += n.notice.bytes;
            if (got.bytes < response) break;
            events_of(got.serial).push_back("complete");
            if (client_closes) client.close(n.slot.index);
            break;
        case tcp::NoticeKind::PeerClosed:
            if (events_of(got.serial).back() != "complete") events_of(got.serial).push_back("eof");
            break;
        case tcp::NoticeKind::Refused: events_of(got.serial).push_back("refused"); break;
        case tcp::NoticeKind::Reset: events_of(got.serial).push_back("reset"); break;
        case tcp::NoticeKind::TimedOut:
        case tcp::NoticeKind::UserTimeout: events_of(got.serial).push_back("timed out"); break;
        case tcp::NoticeKind::Gone: client.release(n.slot.index); break;
        default: break;
        }
    }
    void on_server(const net::HostNotice& n) {
        const std::uint32_t index = n.slot.index;
        if (asked_.size() <= index) asked_.resize(index + 1);
        switch (n.notice.kind) {
        case tcp::NoticeKind::Accepted: asked_[index] = 0; break;
        case tcp::NoticeKind::Data:
            asked_[index] += n.notice.bytes;
            if (asked_[index] >= request && server_answers) server.write(index, response, {});
            break;
        case tcp::NoticeKind::PeerClosed:
            if (server_closes) server.close(index);
            break;
        case tcp::NoticeKind::Gone: server.release(index); break;
        default: break;
        }
    }

    net::LinkSpec link_;
    std::vector<std::function<void()>> actions_;
    std::vector<Got> got_;
    std::vector<std::uint32_t> asked_;
    std::vector<std::vector<std::string>> events_;
};

/// Settings of an end that does Fast Open.
[[nodiscard]] inline tcp::Settings fast_open_end() {
    tcp::Settings settings;
    settings.fast_open = true;
    settings.syn_waits = tcp::syn_schedule(std::chrono::seconds{1}, 6, 4);
    return settings;
}

[[nodiscard]] inline PathRule drop(PathRule::Dir dir, PathRule::Match match,
                                   std::vector<std::uint32_t> connections = {}) {
    PathRule rule;
    rule.dir = dir;
    rule.match = match;
    rule.connections = std::move(connections);
    return rule;
}

} // namespace firstbyte::test
