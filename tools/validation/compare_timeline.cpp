#include "compare.hpp"
#include "wire.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <map>

namespace firstbyte::validate {
namespace {

using Act = TracePacket::Act;

// The README of the records: event times of repeated runs stayed within 40 ms in all that are stable.
constexpr double stable_spread_ms = 40;

bool compared_always(const Packet& packet) {
    return packet.length != 0 || (packet.flags & (flag::syn | flag::fin | flag::rst)) != 0;
}

const char* act_text(Act act) {
    switch (act) {
    case Act::Forward: return "forwarded";
    case Act::Drop: return "dropped";
    case Act::TailDrop: return "dropped by the full queue";
    case Act::StripTfo: return "stripped of its option";
    case Act::StripData: return "stripped of its data";
    case Act::CorruptCookie: return "forwarded with a corrupted cookie";
    case Act::Lost: return "lost on the path";
    case Act::TooBig: return "too big for the path";
    case Act::Blackhole: return "without a route";
    case Act::Loop: return "lost in a loop";
    case Act::Foreign: return "come to another server";
    case Act::Copy: return "copied by the path";
    }
    return "";
}

std::string ms_text(Duration at) { return fmt::format("{:.2f} ms", to_ms(at)); }

std::string direction_text(const Packet& packet) {
    return fmt::format("connection {}, {}", packet.connection, packet.up ? "client" : "server");
}

/// Indices of the compared packets by connection and direction.
using Lists = std::map<std::pair<std::uint32_t, bool>, std::vector<std::size_t>>;

Lists compared_packets(const std::vector<Packet>& packets, std::vector<bool>* marks) {
    const std::vector<bool> probes = probes_of(packets);
    Lists lists;
    if (marks != nullptr) marks->assign(packets.size(), false);
    for (std::size_t i = 0; i < packets.size(); ++i) {
        if (!compared_always(packets[i]) && !probes[i]) continue;
        lists[{packets[i].connection, packets[i].up}].push_back(i);
        if (marks != nullptr) (*marks)[i] = true;
    }
    return lists;
}

class Comparison {
public:
    Comparison(const Timeline& timeline, Simulated simulated, const LatenessRule& rule)
        : timeline_(timeline), rule_(rule) {
        result_.id = timeline.id;
        result_.title = timeline.title;
        result_.file = timeline.file;
        result_.line = timeline.line;
        result_.simulated = std::move(simulated);
        for (const ConnectionRecord& connection : timeline.connections)
            for (const auto& [name, spread] : connection.spread_ms)
                if (spread.second - spread.first > stable_spread_ms) result_.unstable = true;
    }

    TimelineResult go() {
        pair_packets();
        compare_cookies();
        pair_events();
        judge_times();
        compare_ends();
        compare_counters();
        std::stable_sort(result_.differences.begin(), result_.differences.end(),
                         [](const Difference& a, const Difference& b) { return a.at < b.at; });
        return std::move(result_);
    }

private:
    [[nodiscard]] const std::vector<Packet>& measured() const { return timeline_.packets; }
    [[nodiscard]] const std::vector<Packet>& simulated() const { return result_.simulated.packets; }

    void differ(Duration at, std::string what) { result_.differences.push_back({at, std::move(what), {}, {}}); }

    void pair_packets() {
        result_.partner.assign(measured().size(), std::nullopt);
        result_.equal.assign(measured().size(), false);
        known_.sent.assign(simulated().size(), std::nullopt);
        Lists theirs = compared_packets(measured(), &result_.compared);
        Lists ours = compared_packets(simulated(), nullptr);
        for (const auto& [key, indices] : theirs) pair_direction(indices, ours[key]);
        for (const auto& [key, indices] : ours)
            if (!theirs.contains(key)) pair_direction({}, indices);
    }

    void pair_direction(const std::vector<std::size_t>& theirs, const std::vector<std::size_t>& ours) {
        const std::size_t both = std::min(theirs.size(), ours.size());
        result_.packets += theirs.size();
        std::size_t i = 0;
        for (; i < both; ++i) {
            const Packet &a = measured()[theirs[i]], &b = simulated()[ours[i]];
            const std::string what = difference_of(a, b);
            result_.partner[theirs[i]] = ours[i];
            if (!what.empty()) {
                result_.differences.push_back(
                    {a.at, fmt::format("{} sends at {}: {}", direction_text(a), ms_text(a.at), what), theirs[i],
                     ours[i]});
                return; // what follows is shifted and would say nothing new
            }
            if ((a.flags ^ b.flags) == flag::psh) ++result_.push_flags;
            result_.equal[theirs[i]] = true;
            known_.sent[ours[i]] = a.at;
        }
        if (i < theirs.size()) {
            const Packet& a = measured()[theirs[i]];
            result_.differences.push_back(
                {a.at,
                 fmt::format("{} sends at {}: {}; not simulated", direction_text(a), ms_text(a.at), packet_text(a)),
                 theirs[i], std::nullopt});
        } else if (i < ours.size()) {
            surplus_.push_back(ours[i]);
        }
    }

    /// Empty when the packets are equal in all that is compared.
    static std::string difference_of(const Packet& a, const Packet& b) {
        constexpr std::uint8_t compared_flags = flag::syn | flag::fin | flag::rst | flag::ack;
        const bool same = ((a.flags ^ b.flags) & compared_flags) == 0 && (!a.seq || a.seq == b.seq) &&
                          (!a.ack || a.ack == b.ack) && a.length == b.length && a.tfo == b.tfo &&
                          (a.tfo == TracePacket::Tfo::None || a.experimental == b.experimental);
        if (!same) return fmt::format("{}; simulated: {}", packet_text(a), packet_text(b));
        if (a.act != b.act && !(is_lost(a) && is_lost(b)))
            return fmt::format("{} is {}; simulated: {}", packet_text(a), act_text(a.act), act_text(b.act));
        return {};
    }

    /// Cookies have other bytes here and there; which of them are the same cookie must agree.
    void compare_cookies() {
        std::map<std::string, std::string> there, back; // measured to simulated, simulated to measured
        for (std::size_t i = 0; i < measured().size(); ++i) {
            const std::optional<std::size_t> ours = result_.partner[i];
            if (!ours || !known_.sent[*ours] || measured()[i].tfo != TracePacket::Tfo::Cookie) continue;
            const Packet &a = measured()[i], &b = simulated()[*ours];
            const auto [to, new_there] = there.emplace(a.cookie, b.cookie);
            const auto [from, new_back] = back.emplace(b.cookie, a.cookie);
            if (to->second == b.cookie && from->second == a.cookie) continue;
            result_.differences.push_back(
                {a.at,
                 fmt::format("{} sends at {}: {} carries {} cookie; simulated: {}", direction_text(a), ms_text(a.at),
                             packet_text(a), new_there ? "a new" : "a known", new_back ? "a new one" : "a known one"),
                 i, ours});
            return;
        }
    }

    /// Gives the simulated events their measured times, and finds those that only one side has.
    void pair_events() {
        known_.events.resize(result_.simulated.connections.size());
        static const std::map<std::string, std::string> names = {
            {"start", "start"},         {"connected", "connected"}, {"first_byte", "first_byte"},
            {"last_byte", "last_byte"}, {"close", "closed"},
        };
        for (std::uint32_t c = 0; c < timeline_.connections.size(); ++c) {
            const std::vector<AppEvent>& ours = result_.simulated.connections[c].events;
            known_.events[c].assign(ours.size(), std::nullopt);
            const bool ended = timeline_.connections[c].time_of("close").has_value();
            // A deferred connect returns before the handshake: then the record does not say when it was done.
            const bool connect_known = timeline_.connections[c].time_of("connected").has_value();
            std::map<std::string, std::size_t> next; // by simulated name: where to look on
            for (const AppEvent& event : timeline_.connections[c].client_events) {
                const auto name = names.find(event.name);
                if (name == names.end()) continue;
                std::size_t& at = next[name->second];
                while (at < ours.size() && ours[at].name != name->second) ++at;
                if (at == ours.size())
                    differ(event.at,
                           fmt::format("connection {}: \"{}\" at {}; not simulated", c, event.name, ms_text(event.at)));
                else
                    known_.events[c][at++] = event.at;
            }
            for (std::size_t i = 0; i < ours.size(); ++i) {
                const bool judged = ours[i].name == "first_byte" || ours[i].name == "last_byte" ||
                                    (ours[i].name == "connected" && connect_known);
                if (judged && ended && !known_.events[c][i])
                    differ(ours[i].at, fmt::format("connection {}: \"{}\" simulated at {}; not measured", c,
                                                   ours[i].name, ms_text(ours[i].at)));
            }
        }
    }

    /// Spans after which an application or a limit of its own acts.
    [[nodiscard]] std::vector<std::vector<Duration>> spans() const {
        using std::chrono::milliseconds;
        std::vector<std::vector<Duration>> all;
        for (const ConnectionRecord& connection : timeline_.connections) {
            std::vector<Duration>& spans = all.emplace_back();
            for (const StepRecord& step : connection.steps) {
                const bool request = step.letter == 'q';
                if (request && step.numbers.size() < 3) continue;
                if (step.numbers.empty()) continue;
                spans.emplace_back(milliseconds{step.numbers[request ? 2 : 0]});
            }
            const auto timeout = connection.options.find("ut");
            if (timeout != connection.options.end()) spans.emplace_back(milliseconds{std::stoll(timeout->second)});
            spans.erase(std::remove(spans.begin(), spans.end(), Duration{0}), spans.end());
        }
        return all;
    }

    void judge_times() {
        const auto timestamps = [](const std::map<std::string, std::string>& sysctls) {
            const auto found = sysctls.find("tcp_timestamps");
            return found == sysctls.end() || found->second != "0";
        };
        const Link link{timeline_.rtt, timeline_.rate_bps,
                        timestamps(timeline_.sysctl_client) && timestamps(timeline_.sysctl_server)};
        const std::vector<std::optional<Duration>> arrivals = arrivals_of(simulated(), link);
        const std::vector<std::optional<Duration>> their_arrivals = arrivals_of(measured(), link);
        known_.arrived.assign(simulated().size(), std::nullopt);
        std::vector<std::optional<std::size_t>> partner_of(simulated().size());
        for (std::size_t i = 0; i < measured().size(); ++i) {
            const std::optional<std::size_t> ours = result_.partner[i];
            if (!ours || !known_.sent[*ours]) continue;
            known_.arrived[*ours] = their_arrivals[i];
            partner_of[*ours] = i;
        }
        const Allowed allowed = allowed_windows(result_.simulated, arrivals, spans(), known_, rule_);
        for (std::size_t i = 0; i < simulated().size(); ++i)
            if (known_.sent[i]) judge_packet(i, *partner_of[i], allowed.packets[i]);
        for (std::uint32_t c = 0; c < known_.events.size(); ++c)
            for (std::size_t i = 0; i < known_.events[c].size(); ++i)
                if (known_.events[c][i]) judge_event(c, i, allowed.events[c][i]);
        for (const std::size_t i : surplus_) judge_surplus(i, allowed.packets[i]);
    }

    static std::string lateness_text(const Windows& windows, Duration at) {
        const Duration off = outside(windows, at);
        return fmt::format("{} {} than its cause allows", ms_text(std::chrono::abs(off)),
                           off < Duration{0} ? "earlier" : "later");
    }

    void judge_packet(std::size_t ours, std::size_t theirs, const Windows& windows) {
        const Packet &a = measured()[theirs], &b = simulated()[ours];
        if (outside(windows, a.at) == Duration{0}) return;
        result_.differences.push_back(
            {a.at,
             fmt::format("{} sends at {}: {}; simulated at {}: measured {}", direction_text(a), ms_text(a.at),
                         packet_text(a), ms_text(b.at), lateness_text(windows, a.at)),
             theirs, ours});
    }

    void judge_event(std::uint32_t connection, std::size_t i, const Windows& windows) {
        const Duration at = *known_.events[connection][i];
        if (outside(windows, at) == Duration{0}) return;
        const AppEvent& event = result_.simulated.connections[connection].events[i];
        differ(at, fmt::format("connection {}: \"{}\" at {}; simulated at {}: measured {}", connection, event.name,
                               ms_text(at), ms_text(event.at), lateness_text(windows, at)));
    }

    /// A packet that the record does not have is right if it may have left after the record's end.
    void judge_surplus(std::size_t ours, const Windows& windows) {
        const Packet& b = simulated()[ours];
        Duration latest = b.at;
        for (const Window& window : windows) latest = std::max(latest, window.most);
        if (latest > timeline_.end) return;
        result_.differences.push_back({b.at,
                                       fmt::format("{} sends, simulated at {}: {}; not measured", direction_text(b),
                                                   ms_text(b.at), packet_text(b)),
                                       std::nullopt, ours});
    }

    void compare_ends() {
        for (std::uint32_t c = 0; c < timeline_.connections.size(); ++c) {
            const ConnectionRecord& theirs = timeline_.connections[c];
            const std::optional<Duration> closed = theirs.time_of("close");
            if (!closed) continue; // the record ended first
            // The end of file is no error of a socket.
            const std::string error = theirs.error == "EOF" ? "" : theirs.error;
            const std::string& ours = result_.simulated.connections[c].error;
            if (!theirs.fast_open_fail.empty() &&
                theirs.fast_open_fail != result_.simulated.connections[c].fast_open_fail)
                ++result_.fail_reasons;
            if (error != ours)
                differ(*closed, fmt::format("connection {} ends with {}; simulated: {}", c,
                                            error.empty() ? "no error" : error, ours.empty() ? "no error" : ours));
        }
    }

    void compare_counters() {
        const auto compare = [this](const char* side, const FastOpenCounters& theirs, const FastOpenCounters& ours) {
            using Field = std::uint64_t FastOpenCounters::*;
            constexpr std::pair<const char*, Field> fields[] = {
                {"Active", &FastOpenCounters::active},
                {"ActiveFail", &FastOpenCounters::active_fail},
                {"Passive", &FastOpenCounters::passive},
                {"PassiveFail", &FastOpenCounters::passive_fail},
                {"CookieReqd", &FastOpenCounters::cookie_requested},
                {"PassiveAltKey", &FastOpenCounters::passive_alt_key},
                {"ListenOverflow", &FastOpenCounters::listen_overflow},
                {"Blackhole", &FastOpenCounters::blackhole},
            };
            for (const auto& [name, field] : fields)
                if (theirs.*field != ours.*field)
                    differ(timeline_.end, fmt::format("TCPFastOpen{} of the {}: {}; simulated: {}", name, side,
                                                      theirs.*field, ours.*field));
        };
        compare("client", timeline_.counters_client, result_.simulated.counters_client);
        compare("server", timeline_.counters_server, result_.simulated.counters_server);
    }

    const Timeline& timeline_;
    const LatenessRule& rule_;
    TimelineResult result_;
    Measured known_;
    std::vector<std::size_t> surplus_; ///< simulated packets past the last measured one of their direction
};

} // namespace

std::string packet_text(const Packet& packet) {
    std::string flags;
    constexpr std::pair<std::uint8_t, char> letters[] = {
        {flag::syn, 'S'}, {flag::fin, 'F'}, {flag::rst, 'R'}, {flag::psh, 'P'}, {flag::ack, 'A'},
    };
    for (const auto& [bit, letter] : letters)
        if ((packet.flags & bit) != 0) flags += letter;
    std::string text = flags;
    if (packet.seq) text += fmt::format(" {}:{}({})", *packet.seq, *packet.seq + packet.length, packet.length);
    if (packet.ack) text += fmt::format(" ack {}", *packet.ack);
    if (packet.tfo != TracePacket::Tfo::None)
        text += fmt::format(" <{}{}>", packet.tfo == TracePacket::Tfo::Request ? "request" : "cookie",
                            packet.experimental ? " exp" : "");
    for (const auto& [begin, end] : packet.sack) text += fmt::format(" sack {}-{}", begin, end);
    return text;
}

TimelineResult compare(const Timeline& timeline, Simulated simulated, const LatenessRule& rule) {
    return Comparison(timeline, std::move(simulated), rule).go();
}

} // namespace firstbyte::validate
