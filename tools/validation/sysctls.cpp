#include "sysctls.hpp"

#include "record_error.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <charconv>
#include <chrono>
#include <string_view>

namespace firstbyte::validate {
namespace {

enum class Kind { Count, Flag, Seconds, Milliseconds, Microseconds };

struct Knob {
    std::string_view sysctl, key;
    Kind kind;
};

constexpr Knob knobs[] = {
    {"tcp_syn_retries", "syn_retries", Kind::Count},
    {"tcp_syn_linear_timeouts", "syn_linear_timeouts", Kind::Count},
    {"tcp_synack_retries", "synack_retries", Kind::Count},
    {"tcp_retries2", "data_retries", Kind::Count},
    {"tcp_orphan_retries", "orphan_retries", Kind::Count},
    {"tcp_slow_start_after_idle", "slow_start_after_idle", Kind::Flag},
    {"tcp_early_retrans", "tail_loss_probe", Kind::Flag}, // 0 switches it off, 3 is the default
    {"tcp_timestamps", "timestamps", Kind::Flag},
    {"tcp_sack", "sack", Kind::Flag},
    {"tcp_abort_on_overflow", "abort_on_overflow", Kind::Flag},
    {"tcp_fin_timeout", "fin_timeout", Kind::Seconds},
    {"tcp_rto_min_us", "min_rto", Kind::Microseconds},
    {"tcp_rto_max_ms", "max_rto", Kind::Milliseconds},
};

// These change nothing that a record of this kind can show: the key's value decides only what a cookie looks like,
// congestion control and keepalive are set on each socket, and the rest concerns what is kept between destinations.
constexpr std::array<std::string_view, 8> without_effect = {
    "tcp_fastopen_key",   "tcp_congestion_control", "tcp_no_metrics_save",  "tcp_no_ssthresh_metrics_save",
    "tcp_keepalive_time", "tcp_keepalive_intvl",    "tcp_keepalive_probes", "tcp_allowed_congestion_control",
};

[[noreturn]] void fail(const Timeline& timeline, const std::string& what) {
    throw RecordError(timeline.file, timeline.line, timeline.id + ": " + what);
}

std::uint64_t number_of(const Timeline& timeline, const std::string& name, const std::string& value) {
    std::uint64_t number = 0;
    const char* const end = value.data() + value.size();
    const auto [stop, error] = std::from_chars(value.data(), end, number);
    constexpr std::uint64_t most = 2'000'000'000; // counts of the scenario format end at 2^31
    if (error != std::errc{} || stop != end || number > most)
        fail(timeline, fmt::format("{} must be a whole number from 0 to {}, found \"{}\"", name, most, value));
    return number;
}

Ordered value_of(Kind kind, std::uint64_t number) {
    using namespace std::chrono;
    const auto count = static_cast<std::int64_t>(number);
    switch (kind) {
    case Kind::Count: return number;
    case Kind::Flag: return number != 0;
    case Kind::Seconds: return duration_text(seconds{count});
    case Kind::Milliseconds: return duration_text(milliseconds{count});
    case Kind::Microseconds: return duration_text(microseconds{count});
    }
    return nullptr;
}

std::uint64_t fast_open_of(const Timeline& timeline, const std::string& value) {
    const std::uint64_t bits = number_of(timeline, "tcp_fastopen", value);
    if ((bits & ~fast_open_bit::all) != 0) fail(timeline, fmt::format("tcp_fastopen {} has unknown bits", value));
    return bits;
}

/// Names of the keys of a server, told apart by their values: that of the start is the PoP's.
class ServerKeys {
public:
    explicit ServerKeys(const std::string& at_start) {
        seen_.push_back(at_start.substr(0, at_start.find(','))); // empty when the record does not say
    }

    /// The event that puts "new" or "new,old" in force.
    [[nodiscard]] Ordered event(const std::string& at, const std::string& list) {
        const std::size_t comma = list.find(',');
        Ordered event{{"at", at}, {"do", "rotate_tfo_key"}, {"tfo_key", name_of(list.substr(0, comma))}};
        if (comma != std::string::npos) event["old_tfo_key"] = name_of(list.substr(comma + 1));
        return event;
    }

private:
    std::string name_of(const std::string& value) {
        auto found = std::find(seen_.begin(), seen_.end(), value);
        if (found == seen_.end()) found = seen_.insert(seen_.end(), value);
        return found == seen_.begin() ? "shared" : fmt::format("key-{}", found - seen_.begin());
    }

    std::vector<std::string> seen_;
};

} // namespace

EndSettings end_settings(const Timeline& timeline, const std::map<std::string, std::string>& sysctls) {
    EndSettings settings;
    for (const auto& [name, value] : sysctls) {
        const auto knob = std::find_if(std::begin(knobs), std::end(knobs),
                                       [&name = name](const Knob& row) { return row.sysctl == name; });
        if (knob != std::end(knobs))
            settings.keys[std::string(knob->key)] = value_of(knob->kind, number_of(timeline, name, value));
        else if (name == "tcp_fastopen")
            settings.fast_open = fast_open_of(timeline, value);
        else if (name == "tcp_fastopen_blackhole_timeout_sec")
            settings.keys["fast_open"]["blackhole_timeout"] = value_of(Kind::Seconds, number_of(timeline, name, value));
        else if (std::find(without_effect.begin(), without_effect.end(), name) == without_effect.end())
            fail(timeline, fmt::format("sysctl {} has no key in the scenario format", name));
    }
    return settings;
}

Ordered change_events(const Timeline& timeline) {
    Ordered events = Ordered::array();
    const auto initial = [](const std::map<std::string, std::string>& sysctls, const char* name) {
        const auto found = sysctls.find(name);
        return found == sysctls.end() ? std::string() : found->second;
    };
    const std::string at_start = initial(timeline.sysctl_server, "tcp_fastopen_key");
    ServerKeys keys(at_start);
    if (at_start.find(',') != std::string::npos) events.push_back(keys.event(duration_text(Duration{}), at_start));
    std::vector<SysctlChange> changes = timeline.changes;
    std::stable_sort(changes.begin(), changes.end(),
                     [](const SysctlChange& a, const SysctlChange& b) { return a.at < b.at; });
    std::uint64_t bits[2] = {end_settings(timeline, timeline.sysctl_server).fast_open,
                             end_settings(timeline, timeline.sysctl_client).fast_open};
    for (const SysctlChange& change : changes) {
        const std::string at = duration_text(change.at);
        if (change.name == "tcp_fastopen_key") {
            if (change.client) continue; // only servers make cookies
            events.push_back(keys.event(at, change.value));
        } else if (change.name == "tcp_fastopen") {
            const std::uint64_t own = change.client ? fast_open_bit::client : fast_open_bit::server;
            const std::uint64_t modes = change.client
                                            ? fast_open_bit::client_cookieless
                                            : fast_open_bit::server_cookieless | fast_open_bit::every_listener;
            std::uint64_t& now = bits[change.client ? 1 : 0];
            const std::uint64_t next = fast_open_of(timeline, change.value);
            if (((now ^ next) & modes) != 0) fail(timeline, "a change of tcp_fastopen's cookie-less bits has no event");
            events.push_back(
                {{"at", at},
                 {"do", "set"},
                 {"path", fmt::format("tcp.client_edge.{}.fast_open.enabled", change.client ? "client" : "server")},
                 {"value", (next & own) != 0}});
            now = next;
        } else {
            fail(timeline, fmt::format("a change of sysctl {} has no event", change.name));
        }
    }
    return events;
}

} // namespace firstbyte::validate
