#include "convert.hpp"

#include "record_error.hpp"
#include "scenario_parts.hpp"
#include "sysctls.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <chrono>
#include <optional>
#include <string_view>

namespace firstbyte::validate {
namespace {

using namespace std::chrono_literals;

[[noreturn]] void fail(const Timeline& timeline, const std::string& what) {
    throw RecordError(timeline.file, timeline.line, timeline.id + ": " + what);
}

/// The spelling of the scenario format for one of the record.
std::string translated(const Timeline& timeline, const char* what, const std::string& word,
                       std::initializer_list<std::pair<std::string_view, std::string_view>> words) {
    for (const auto& [from, to] : words)
        if (from == word) return std::string(to);
    fail(timeline, fmt::format("{} \"{}\" is unknown", what, word));
}

std::uint64_t number_of(const Timeline& timeline, const std::string& what, std::string_view text) {
    std::uint64_t number = 0;
    const auto [stop, error] = std::from_chars(text.data(), text.data() + text.size(), number);
    constexpr std::uint64_t most = 2'000'000'000; // counts of the scenario format end at 2^31
    if (error != std::errc{} || stop != text.data() + text.size() || number > most)
        fail(timeline, fmt::format("{} must be a whole number, found \"{}\"", what, text));
    return number;
}

std::string ms_text(std::uint64_t ms) { return duration_text(std::chrono::milliseconds{ms}); }

std::string listener_id(std::uint32_t port) { return fmt::format("port-{}", port); }

/// Request and response, and what the server does then: the X of the record's step language.
Ordered request_step(const Timeline& timeline, const std::vector<std::uint64_t>& numbers) {
    Ordered step{{"request", bytes_text(numbers[0])}, {"response", bytes_text(numbers[1])}};
    if (numbers.size() > 2 && numbers[2] != 0) step["think"] = ms_text(numbers[2]);
    switch (numbers.size() > 3 ? numbers[3] : 0) {
    case 0: break;
    case 1: step["then"] = "close"; break;
    case 2: step["then"] = "reset"; break;
    case 3: step["respond"] = "none", step["then"] = "reset"; break;
    case 4: step["respond"] = "none", step["then"] = "close"; break;
    case 5: step["respond"] = "never"; break;
    default: fail(timeline, fmt::format("a server that does {} after responding is unknown", numbers[3]));
    }
    if (numbers.size() > 4 && numbers[4] != numbers[1]) step["expect"] = bytes_text(numbers[4]);
    return step;
}

void add_steps(const Timeline& timeline, const ConnectionRecord& connection, Ordered& entry) {
    Ordered steps = Ordered::array();
    bool has_read = false;
    for (std::size_t i = 0; i < connection.steps.size(); ++i) {
        const StepRecord& step = connection.steps[i];
        switch (step.letter) {
        case 'q':
            steps.push_back(request_step(timeline, step.numbers));
            has_read = true;
            break;
        case 'i': steps.push_back({{"idle", ms_text(step.numbers[0])}}); break;
        case 'h':
            // Reading until the end, an error or the time: at the end of a script that is what holding means.
            if (i + 1 == connection.steps.size())
                entry["hold"] = ms_text(step.numbers[0]);
            else
                steps.push_back({{"idle", ms_text(step.numbers[0])}});
            has_read = true;
            break;
        case 'n': steps.push_back({{"unread", ms_text(step.numbers[0])}}); break;
        case 't':
            if (has_read) fail(timeline, "a deadline that begins after the first read has no key");
            entry["read_deadline"] = ms_text(step.numbers[0]);
            break;
        case 'w': steps.push_back({{"half_close", true}}); break;
        case 'x': steps.push_back({{"abort", true}}); break;
        default: fail(timeline, fmt::format("step {} is unknown", step.letter));
        }
    }
    entry["steps"] = std::move(steps);
}

/// A client whose record has no `close` was ended from outside. Its FIN shows when; what a script can say is that it
/// gave up reading then. Two round trips short, for the connection and the request before it: late is allowed, early is
/// not.
std::optional<Duration> ended_after(const Timeline& timeline, std::uint32_t connection) {
    const ConnectionRecord& record = timeline.connections[connection];
    if (record.time_of("close")) return std::nullopt;
    const auto fin = std::find_if(timeline.packets.begin(), timeline.packets.end(), [connection](const Packet& packet) {
        return packet.connection == connection && packet.up && (packet.flags & flag::fin) != 0;
    });
    if (fin == timeline.packets.end()) return std::nullopt;
    const Duration after = fin->at - *record.time_of("start") - 2 * timeline.rtt;
    return after > Duration{0} ? std::optional(after) : std::nullopt;
}

/// Keepalive "idle/interval/count" in seconds.
Ordered keepalive_of(const Timeline& timeline, const std::string& text) {
    const std::size_t first = text.find('/'), second = text.find('/', std::min(first, text.size() - 1) + 1);
    if (first == std::string::npos || second == std::string::npos)
        fail(timeline, fmt::format("keepalive must be idle/interval/count, found \"{}\"", text));
    const auto part = [&](std::size_t from, std::size_t to) {
        return number_of(timeline, "keepalive", std::string_view(text).substr(from, to - from));
    };
    return {{"idle", duration_text(std::chrono::seconds{part(0, first)})},
            {"interval", duration_text(std::chrono::seconds{part(first + 1, second)})},
            {"probes", part(second + 1, text.size())}};
}

/// What the connection sets on its own socket. The port is returned; 0 when the record names none.
std::uint32_t add_options(const Timeline& timeline, const ConnectionRecord& connection, Ordered& entry) {
    Ordered tcp = Ordered::object();
    tcp["fast_open"] = "off"; // a connection uses it only when its options say so
    std::uint32_t port = 0;
    for (const auto& [name, value] : connection.options) {
        if (name == "tfo")
            tcp["fast_open"] =
                translated(timeline, "Fast Open use", value,
                           {{"off", "off"}, {"sendto", "on"}, {"connect", "connect"}, {"nocookie", "cookieless"}});
        else if (name == "ka")
            tcp["keepalive"] = keepalive_of(timeline, value);
        else if (name == "ut")
            tcp["user_timeout"] = ms_text(number_of(timeline, name, value));
        else if (name == "cc")
            tcp["congestion"] = value;
        else if (name == "syncnt")
            tcp["syn_retries"] = number_of(timeline, name, value);
        else if (name == "rcvbuf")
            tcp["receive_buffer"] = bytes_text(number_of(timeline, name, value));
        else if (name == "port")
            port = static_cast<std::uint32_t>(number_of(timeline, name, value));
        else
            fail(timeline, fmt::format("connection option \"{}\" is unknown", name));
    }
    entry["tcp"] = std::move(tcp);
    return port;
}

Ordered rules_of(const Timeline& timeline, Duration never) {
    Ordered rules = Ordered::array();
    for (const RuleRecord& rule : timeline.rules) {
        Ordered out{
            {"dir", translated(timeline, "direction", rule.dir, {{"c2s", "up"}, {"s2c", "down"}, {"both", "both"}})},
            {"match", translated(timeline, "match", rule.match,
                                 {{"any", "any"},
                                  {"syn", "syn"},
                                  {"synack", "synack"},
                                  {"syndata", "syn_data"},
                                  {"tfo", "tfo"},
                                  {"data", "data"},
                                  {"pureack", "pure_ack"},
                                  {"fin", "fin"},
                                  {"nosyn", "no_syn"}})}};
        if (rule.nth) out["nth"] = {rule.nth->first, rule.nth->second};
        const Duration until = rule.until.value_or(never);
        if (rule.from != Duration{0} || rule.until) {
            if (until <= rule.from) continue; // ended before it began
            out["between"] = {duration_text(rule.from), duration_text(until)};
        }
        if (!rule.connections.empty()) out["connections"] = rule.connections;
        out["do"] = translated(timeline, "action", rule.action,
                               {{"drop", "drop"},
                                {"strip_tfo", "strip_tfo"},
                                {"strip_data", "strip_data"},
                                {"corrupt_cookie", "corrupt_cookie"}});
        rules.push_back(std::move(out));
    }
    return rules;
}

/// Settings of one listener under the keys that the leg's server side and further listeners share.
Ordered fast_open_of(const ListenerRecord& listener, std::uint64_t bits) {
    const bool listens = listener.fast_open_queue != 0 || (bits & fast_open_bit::every_listener) != 0;
    Ordered fast_open{{"enabled", (bits & fast_open_bit::server) != 0 && listens},
                      {"cookieless", (bits & fast_open_bit::server_cookieless) != 0}};
    if (listener.fast_open_queue != 0) fast_open["pending_limit"] = listener.fast_open_queue;
    return fast_open;
}

Ordered further_listener(const ListenerRecord& listener, std::uint64_t bits) {
    Ordered out{{"id", listener_id(listener.port)}, {"fast_open", fast_open_of(listener, bits)}};
    if (listener.backlog) out["backlog"] = *listener.backlog;
    out["accept"] = listener.accepts;
    return out;
}

Ordered leg_of(const Timeline& timeline, const std::vector<std::uint32_t>& ports) {
    EndSettings client = end_settings(timeline, timeline.sysctl_client);
    EndSettings server = end_settings(timeline, timeline.sysctl_server);
    client.keys["fast_open"]["enabled"] = (client.fast_open & fast_open_bit::client) != 0;
    client.keys["fast_open"]["cookieless"] = (client.fast_open & fast_open_bit::client_cookieless) != 0;
    client.keys["keepalive"] = server.keys["keepalive"] = false;
    const ListenerRecord& first = timeline.listeners.front();
    const Ordered fast_open = fast_open_of(first, server.fast_open);
    for (const auto& [key, value] : fast_open.items()) server.keys["fast_open"][key] = value;
    if (first.backlog) server.keys["backlog"] = *first.backlog;
    Ordered leg{{"client", std::move(client.keys)}, {"server", std::move(server.keys)}};
    if (!first.accepts) leg["accept"] = false;

    Ordered listeners = Ordered::array();
    for (std::size_t i = 1; i < timeline.listeners.size(); ++i)
        listeners.push_back(further_listener(timeline.listeners[i], server.fast_open));
    for (const std::uint32_t port : ports) {
        const bool known = std::any_of(timeline.listeners.begin(), timeline.listeners.end(),
                                       [port](const ListenerRecord& listener) { return listener.port == port; });
        if (!known) listeners.push_back({{"id", listener_id(port)}, {"listen", false}});
    }
    if (!listeners.empty()) leg["listeners"] = std::move(listeners);
    return leg;
}

} // namespace

std::string scenario_of(const Timeline& timeline) {
    if (timeline.listeners.empty()) fail(timeline, "there is no listener");
    Laboratory lab;
    lab.name = timeline.id;
    lab.rtt = timeline.rtt;
    lab.rate_bps = timeline.rate_bps;
    lab.queue_packets = timeline.queue_packets;
    lab.cookie_held = timeline.cookie_at_start;
    lab.duration = std::chrono::ceil<std::chrono::seconds>(timeline.end) + 1s;
    const Duration never = 2 * lab.duration + 3600s; // past the longest give-up of TCP, 924.6 s
    lab.script = Ordered::array();
    std::vector<std::uint32_t> ports; // other than the first listener's, each once
    for (const ConnectionRecord& connection : timeline.connections) {
        Ordered entry{{"at", duration_text(*connection.time_of("start"))}};
        add_steps(timeline, connection, entry);
        const std::optional<Duration> ended = ended_after(timeline, static_cast<std::uint32_t>(lab.script.size()));
        if (ended && !entry.contains("read_deadline")) entry["read_deadline"] = duration_text(*ended);
        const std::uint32_t port = add_options(timeline, connection, entry);
        if (port != 0 && port != timeline.listeners.front().port) {
            entry["listener"] = listener_id(port);
            if (std::find(ports.begin(), ports.end(), port) == ports.end()) ports.push_back(port);
        }
        lab.script.push_back(std::move(entry));
    }
    lab.path_rules = rules_of(timeline, never);
    lab.client_edge = leg_of(timeline, ports);
    lab.events = change_events(timeline);
    return scenario_text(std::move(lab));
}

std::string scenario_of(const GridPoint& point) {
    Laboratory lab;
    lab.name = fmt::format("{}-line-{}", point.set, point.line);
    lab.rtt = Duration{static_cast<std::int64_t>(point.rtt_ms * 1e6)};
    lab.rate_bps = point.rate_bps;
    lab.queue_packets = point.queue_packets;
    lab.cookie_held = point.fast_open == GridPoint::FastOpen::Repeat;
    lab.duration = 1s;
    const bool fast_open = point.fast_open != GridPoint::FastOpen::Off;
    lab.script = Ordered::array({{{"at", "0ms"},
                                  {"steps", Ordered::array({{{"request", bytes_text(point.request)},
                                                             {"response", bytes_text(point.response)}}})}}});
    lab.path_rules = Ordered::array();
    if (point.drop)
        lab.path_rules.push_back(
            {{"dir", "down"}, {"match", "data"}, {"nth", {point.drop->first, point.drop->second}}, {"do", "drop"}});
    lab.client_edge = {{"fast_open", fast_open}, {"congestion", point.congestion}, {"keepalive", false}};
    return scenario_text(std::move(lab));
}

} // namespace firstbyte::validate
