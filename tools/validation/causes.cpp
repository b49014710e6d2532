#include "causes.hpp"

#include <algorithm>
#include <array>
#include <cmath>
#include <cstdlib>

namespace firstbyte::validate {
namespace {

using std::chrono::microseconds;

// Arrivals are computed here from the link's rate; within this they are the instant that the simulator means.
constexpr Duration same_instant = microseconds{20};

/// Something at one end of one connection, in the order in which it happens.
struct Happening {
    enum class Kind : std::uint8_t { Arrival, Event, Send };
    Duration at{};
    Kind kind = Kind::Send;
    std::size_t index = 0; ///< packet or event
    std::uint32_t connection = 0;
    bool client = false; ///< at which end
};

/// A happening whose window is known, as it stands in the history of its end.
struct Past {
    Duration at{};
    Window window;
    Happening::Kind kind = Happening::Kind::Send;
    std::uint8_t flags = 0;
    std::optional<std::uint32_t> seq;
    std::uint32_t length = 0;
    bool arms = false;     ///< of the kinds that start timers: all but the end's own bare ACKs
    bool progress = false; ///< an arrival that acknowledges more than all before it
};

/// One end of one connection.
struct End {
    std::vector<Past> past;
    std::uint32_t acked = 0; ///< by the peer
    std::uint32_t next = 0;  ///< past the last sequence number sent
};

class Walk {
public:
    Walk(const Simulated& run, const std::vector<std::optional<Duration>>& arrivals,
         const std::vector<std::vector<Duration>>& durations, const Measured& measured, const LatenessRule& rule)
        : run_(run), arrivals_(arrivals), durations_(durations), measured_(measured), rule_(rule),
          ends_(run.connections.size()), sent_(run.packets.size()) {}

    Allowed go() {
        Allowed allowed;
        allowed.packets.resize(run_.packets.size());
        for (const SimulatedConnection& connection : run_.connections)
            allowed.events.emplace_back(connection.events.size());
        for (const Happening& happening : happenings()) {
            switch (happening.kind) {
            case Happening::Kind::Arrival: arrive(happening); break;
            case Happening::Kind::Event:
                allowed.events[happening.connection][happening.index] = note_event(happening);
                break;
            case Happening::Kind::Send: allowed.packets[happening.index] = note_send(happening); break;
            }
        }
        return allowed;
    }

private:
    [[nodiscard]] std::vector<Happening> happenings() const {
        std::vector<Happening> all;
        for (std::size_t i = 0; i < run_.packets.size(); ++i) {
            const Packet& packet = run_.packets[i];
            all.push_back({packet.at, Happening::Kind::Send, i, packet.connection, packet.up});
            // A hair early, so that it comes before what it causes whatever the rounding.
            if (arrivals_[i])
                all.push_back(
                    {*arrivals_[i] - same_instant, Happening::Kind::Arrival, i, packet.connection, !packet.up});
        }
        for (std::uint32_t c = 0; c < run_.connections.size(); ++c)
            for (std::size_t i = 0; i < run_.connections[c].events.size(); ++i)
                all.push_back({run_.connections[c].events[i].at, Happening::Kind::Event, i, c, true});
        std::stable_sort(all.begin(), all.end(), [](const Happening& a, const Happening& b) {
            return a.at != b.at ? a.at < b.at : a.kind < b.kind;
        });
        return all;
    }

    End& end_of(const Happening& happening) { return ends_[happening.connection][happening.client ? 1 : 0]; }

    void arrive(const Happening& happening) {
        const Packet& packet = run_.packets[happening.index];
        End& end = end_of(happening);
        const Duration at = *arrivals_[happening.index];
        Window window;
        if (const std::optional<Duration>& known = measured_.arrived[happening.index]) {
            window = {*known, *known};
        } else {
            const Duration transit = at - packet.at;
            window = {sent_[happening.index].least + transit, sent_[happening.index].most + transit};
        }
        Past past{at, window, Happening::Kind::Arrival, packet.flags, packet.seq, packet.length, true, false};
        if (packet.ack && *packet.ack > end.acked) {
            past.progress = true;
            end.acked = *packet.ack;
        }
        end.past.push_back(past);
    }

    Windows note_event(const Happening& happening) {
        End& end = end_of(happening);
        const std::optional<Duration>& known = measured_.events[happening.connection][happening.index];
        const bool start = happening.index == 0; // the first thing on a connection; its time is given
        Windows windows =
            start && known ? Windows{{*known, *known}} : windows_of(happening.at, end, happening.connection, nullptr);
        end.past.push_back({happening.at, settled(known, windows), Happening::Kind::Event, 0, {}, 0, true, false});
        return windows;
    }

    Windows note_send(const Happening& happening) {
        const Packet& packet = run_.packets[happening.index];
        End& end = end_of(happening);
        Windows windows = windows_of(happening.at, end, happening.connection, &packet);
        sent_[happening.index] = settled(measured_.sent[happening.index], windows);
        const bool bare = packet.length == 0 && (packet.flags & (flag::syn | flag::fin | flag::rst)) == 0;
        const std::uint32_t control = (packet.flags & (flag::syn | flag::fin)) != 0 ? 1 : 0;
        if (packet.seq) end.next = std::max(end.next, *packet.seq + packet.length + control);
        end.past.push_back({happening.at, sent_[happening.index], Happening::Kind::Send, packet.flags, packet.seq,
                            packet.length, !bare, false});
        return windows;
    }

    /// The measured time where there is one; else what the nearest cause allows.
    static Window settled(const std::optional<Duration>& known, const Windows& windows) {
        if (known) return {*known, *known};
        return windows.empty() ? Window{} : windows.front();
    }

    Window after_timer(const Past& cause, Duration nominal, bool probe) const {
        if (nominal < rule_.timer_least) return {cause.window.least + nominal, cause.window.most + nominal};
        const auto late = Duration{std::llround(static_cast<double>(nominal.count()) * rule_.timer_share)};
        return {cause.window.least + nominal - (probe ? rule_.probe_early : rule_.early),
                cause.window.most + nominal + late + rule_.timer_extra};
    }

    /// One window per possible cause, the nearest first.
    Windows windows_of(Duration at, const End& end, std::uint32_t connection, const Packet* packet) const {
        Windows windows;
        // What happened at this instant has no timer between. Several are one burst: their windows are one.
        std::size_t i = end.past.size();
        std::optional<Window> now;
        for (; i > 0 && end.past[i - 1].at >= at - same_instant; --i) {
            const Window& window = end.past[i - 1].window;
            if (!now) now = window;
            now = Window{std::min(now->least, window.least), std::max(now->most, window.most)};
        }
        if (now) windows.push_back({now->least - rule_.early, now->most + rule_.immediate});
        add_timers(windows, at, end, i, connection, packet);
        return windows;
    }

    /// The timers that may have ended at `at`: armed by the latest happenings that arm timers, by what a timer of TCP
    /// starts from, or a span of an application ago.
    void add_timers(Windows& windows, Duration at, const End& end, std::size_t before, std::uint32_t connection,
                    const Packet* packet) const {
        constexpr int recent = 3; // instants; between them stand answers that do not touch the timer
        // Earlier transmissions of the same bytes, from which a backoff counts.
        int repeats = packet != nullptr && packet->seq && *packet->seq < end.next ? 2 : 0;
        const bool probe = may_be_probe(end, packet, repeats != 0);
        const std::vector<Duration>& spans = durations_[connection];
        const Duration longest_span = spans.empty() ? Duration{0} : *std::max_element(spans.begin(), spans.end());
        int instants = 0;
        bool saw_progress = false, saw_send = false;
        std::optional<Duration> instant;
        for (std::size_t i = before; i > 0; --i) {
            const Past& cause = end.past[i - 1];
            const Duration nominal = at - cause.at;
            if (instants > recent && saw_progress && saw_send && repeats == 0 && nominal > longest_span) return;
            if (cause.arms && instant != cause.at) {
                instant = cause.at;
                ++instants;
            }
            bool candidate = cause.arms && instants <= recent;
            if (cause.progress && !saw_progress) candidate = saw_progress = true;
            if (cause.arms && cause.kind == Happening::Kind::Send && !saw_send) candidate = saw_send = true;
            if (repeats != 0 && cause.kind == Happening::Kind::Send && cause.seq == packet->seq &&
                cause.length == packet->length && cause.flags == packet->flags) {
                --repeats;
                candidate = true;
            }
            candidate = candidate || std::any_of(spans.begin(), spans.end(), [nominal](Duration span) {
                            return nominal >= span - same_instant && nominal <= span + same_instant;
                        });
            if (candidate) windows.push_back(after_timer(cause, nominal, probe));
        }
    }

    /// Only data and FIN are probed with; the second repetition of the same bytes is the retransmission timer's.
    static bool may_be_probe(const End& end, const Packet* packet, bool repeated) {
        if (packet == nullptr || (packet->flags & (flag::syn | flag::rst)) != 0) return false;
        if (packet->length == 0 && (packet->flags & flag::fin) == 0) return false;
        if (!repeated) return true;
        return std::count_if(end.past.begin(), end.past.end(), [packet](const Past& past) {
                   return past.kind == Happening::Kind::Send && past.seq == packet->seq && past.length != 0;
               }) <= 1;
    }

    const Simulated& run_;
    const std::vector<std::optional<Duration>>& arrivals_;
    const std::vector<std::vector<Duration>>& durations_;
    const Measured& measured_;
    const LatenessRule& rule_;
    std::vector<std::array<End, 2>> ends_; ///< by connection; server, client
    std::vector<Window> sent_;             ///< by packet
};

} // namespace

Allowed allowed_windows(const Simulated& run, const std::vector<std::optional<Duration>>& arrivals,
                        const std::vector<std::vector<Duration>>& durations, const Measured& measured,
                        const LatenessRule& rule) {
    return Walk(run, arrivals, durations, measured, rule).go();
}

Duration outside(const Windows& windows, Duration at) {
    std::optional<Duration> nearest;
    for (const Window& window : windows) {
        const Duration distance = at < window.least ? at - window.least : std::max(at - window.most, Duration{0});
        if (!nearest || std::chrono::abs(distance) < std::chrono::abs(*nearest)) nearest = distance;
    }
    return nearest.value_or(Duration{0});
}

} // namespace firstbyte::validate
