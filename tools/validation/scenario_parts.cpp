#include "scenario_parts.hpp"

#include <fmt/format.h>

#include <chrono>

namespace firstbyte::validate {

std::string duration_text(Duration duration) {
    using namespace std::chrono;
    if (duration % milliseconds{1} == Duration{0}) return fmt::format("{}ms", duration / milliseconds{1});
    if (duration % microseconds{1} == Duration{0}) return fmt::format("{}us", duration / microseconds{1});
    return fmt::format("{}ns", duration.count());
}

std::string bytes_text(std::uint64_t bytes) { return fmt::format("{}B", bytes); }

std::string scenario_text(Laboratory lab) {
    Ordered access = Ordered::object();
    if (lab.rate_bps != 0) {
        access["down"] = access["up"] = fmt::format("{}bps", lab.rate_bps);
        access["queue"] = fmt::format("{} packets", lab.queue_packets);
    }
    Ordered client{{"id", "lab"},
                   {"population", 1},
                   {"rtt_to", {{"server", duration_text(lab.rtt)}}},
                   {"access", std::move(access)},
                   {"script", std::move(lab.script)}};
    if (lab.cookie_held) client["tfo"] = {{"cookie", "held"}};
    if (!lab.path_rules.empty()) client["path_rules"] = std::move(lab.path_rules);

    // The measured server keeps connections until the client closes them and sends no keepalive of its own; profiles of
    // CDNs do otherwise.
    using namespace std::chrono_literals;
    lab.client_edge["idle_timeout"] = duration_text(2 * lab.duration + 3600s);
    Ordered scenario{{"format", 1},
                     {"name", lab.name},
                     {"run", {{"duration", duration_text(lab.duration)}, {"seed", 1}, {"replications", 1}}},
                     {"pops", Ordered::array({{{"id", "server"}}})},
                     {"clients", Ordered::array({std::move(client)})},
                     {"tls", "none"},
                     {"edge", {{"cache_hit_ratio", 1}, {"processing", "0ms"}}},
                     {"tcp", {{"client_edge", std::move(lab.client_edge)}}}};
    if (!lab.events.empty()) scenario["events"] = std::move(lab.events);
    return scenario.dump(2) + "\n";
}

} // namespace firstbyte::validate
