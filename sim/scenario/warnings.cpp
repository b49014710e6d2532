/// Surprising scenarios: closed forms that answer "why is it useless in my run?" before the run.
#include "scenario/consistency.hpp"

#include "core/great_circle.hpp"
#include "scenario/offered_load.hpp"
#include "scenario/reader.hpp"
#include "scenario/values.hpp"
#include "scenario/warnings.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <numeric>

namespace firstbyte::scenario {

const Node& member(const Node& root, std::initializer_list<const char*> path) {
    const Node* node = &root;
    for (const char* step : path) {
        const Node* next = node->find(step);
        if (next == nullptr) break;
        node = next;
    }
    return *node;
}

std::string silence(const char* code) { return fmt::format("to silence: \"allow\": [\"{}\"]", code); }

namespace {

// Linux's client puts at most MSS - 40 bytes into a SYN; 1420 with an MTU of 1500 over IPv4 (tcp_output.c).
constexpr std::int64_t syn_payload_max = 1420;
constexpr double fibre_km_per_ms = 200; // group index 1.5
constexpr int replications_few = 5;     // model choice: Student's t at 95 % is 2.8 with 5 values and 4.3 with 3

void few_replications(Faults& faults, const Node& root, const Scenario& scenario) {
    if (scenario.run.replications >= replications_few || root.find("run") == nullptr) return;
    const bool random = std::any_of(scenario.clients.begin(), scenario.clients.end(),
                                    [](const ClientGroup& group) { return !group.scripted; });
    if (!random) return; // scripted connections are the same in every replication
    faults.at_value(member(root, {"run", "replications"}), "W501",
                    {fmt::format("{} replications give wide confidence intervals or none", scenario.run.replications),
                     fmt::format("use {} or more", replications_few), silence("W501")});
}

void client_hello_too_large(Faults& faults, const Node& root, const Scenario& scenario) {
    const bool rides_syn = scenario.client_edge.client.fast_open.enabled && scenario.tls.version != Tls::Version::None;
    if (!rides_syn || scenario.tls.client_hello.count <= syn_payload_max) return;
    faults.at_value(member(root, {"tls", "client_hello"}), "W502",
                    {fmt::format("a ClientHello of {} does not fit a SYN ({}): Fast Open will save nothing",
                                 size_text(scenario.tls.client_hello), size_text({syn_payload_max})),
                     {},
                     silence("W502")});
}

/// Share of a group's connections whose client has been there before: 1 - n (1 - e^(-N/n)) / N for N arrivals spread
/// uniformly over n clients.
double returning_share(const ClientGroup& group, const RunSettings& run) {
    const double clients = group.population;
    const double arrivals = group.sessions.per_sec * to_seconds(run.warmup + run.duration);
    if (arrivals <= 0 || clients <= 0) return 1;
    return 1 + clients * std::expm1(-arrivals / clients) / arrivals;
}

void nobody_returns(Faults& faults, const Node& root, const Scenario& scenario) {
    if (!scenario.client_edge.client.fast_open.enabled) return;
    const Node& clients = *root.find("clients");
    for (std::size_t i = 0; i < scenario.clients.size(); ++i) {
        const ClientGroup& group = scenario.clients[i];
        if (group.scripted || group.cookie_held) continue;
        const double share = returning_share(group, scenario.run);
        constexpr double hardly_any = 0.02; // model choice: a saving this rare is lost in the noise
        if (share >= hardly_any) continue;
        faults.at_value(
            member(clients.elements[i], {"population"}), "W503",
            {fmt::format("hardly any client of \"{}\" returns: {:.2f} % of its connections can carry a cookie",
                         group.id, share * 100),
             "a smaller population, a longer run or `tfo.cookie`: \"held\"", silence("W503")});
    }
}

void nobody_supports(Faults& faults, const Node& root, const Scenario& scenario) {
    const bool nobody =
        !scenario.clients.empty() && std::all_of(scenario.clients.begin(), scenario.clients.end(),
                                                 [](const ClientGroup& group) { return group.tfo_support == 0; });
    if (!nobody || !scenario.client_edge.client.fast_open.enabled) return;
    faults.at_value(member(root, {"tcp", "client_edge", "fast_open"}), "W504",
                    {"Fast Open is on and no client supports it", "raise clients[].tfo.support", silence("W504")});
}

void window_too_short(Faults& faults, const Node& root, const Scenario& scenario) {
    const Duration attempt =
        std::accumulate(scenario.edge.syn_schedule.begin(), scenario.edge.syn_schedule.end(), Duration{});
    const Duration patience = attempt * scenario.edge.connect_attempts;
    const Node* events = root.find("events");
    for (std::size_t i = 0; i < scenario.events.size(); ++i) {
        const Event& event = scenario.events[i];
        if (event.kind != Event::Kind::OriginDown || event.mode != Event::Mode::DropSyn || !event.duration ||
            *event.duration >= patience)
            continue;
        faults.at_value(
            member(events->elements[i], {"for"}), "W505",
            {fmt::format("the edge keeps trying to connect for {}: no 522 will appear", duration_text(patience)),
             {},
             silence("W505")});
    }
}

void faster_than_light(Faults& faults, const Node& place, const Node& rtt_to,
                       const std::vector<std::pair<PopId, Duration>>& given, const Scenario& scenario) {
    for (const auto& [pop, rtt] : given) {
        const std::optional<Place>& there = scenario.pops[pop.value].at;
        if (!there) continue;
        const double least_ms = 2 * great_circle_km(as_place(place), *there) / fibre_km_per_ms;
        if (to_ms(rtt) >= least_ms) continue;
        faults.at_value(member(rtt_to, {scenario.pops[pop.value].id.c_str()}), "W506",
                        {fmt::format("light in fibre needs {:.1f} ms there and back", least_ms), {}, silence("W506")});
    }
}

void impossible_times(Faults& faults, const Node& root, const Scenario& scenario) {
    const auto check = [&](const char* list, const auto& values) {
        const Node* nodes = root.find(list);
        for (std::size_t i = 0; i < values.size(); ++i) {
            const Node& node = nodes->elements[i];
            const Node *at = node.find("at"), *rtt_to = node.find("rtt_to");
            if (at != nullptr && rtt_to != nullptr) faster_than_light(faults, *at, *rtt_to, values[i].rtt_to, scenario);
        }
    };
    check("origins", scenario.origins);
    check("clients", scenario.clients);
}

/// Share of the idle periods of one connection that end inside the gap: requests that come as a Poisson stream of rate
/// l meet it with probability l R exp(-l K), R being the round trip to the origin and K its idle timeout. Known for a
/// single PoP without a topology, and for a stream that one connection carries.
std::string how_often(const Scenario& scenario, std::size_t index) {
    const Origin& origin = scenario.origins[index];
    const std::optional<std::vector<double>> load = requests_at_origins(scenario);
    if (!load || (*load)[index] <= 0 || scenario.pops.size() != 1 || origin.rtt_to.empty()) return {};
    const double rate = (*load)[index];
    const double share =
        rate * to_seconds(origin.rtt_to.front().second) * std::exp(-rate * to_seconds(*origin.idle_timeout));
    return fmt::format(" ({:.2g} % of idle periods at {:.3g} requests a second)", share * 100, rate);
}

/// Only where the file says how long: the default of nginx against the default of a CDN is everybody's case.
void stale_reuse(Faults& faults, const Node& root, const Scenario& scenario) {
    const Node* origins = root.find("origins");
    for (std::size_t i = 0; i < scenario.origins.size(); ++i) {
        const Origin& origin = scenario.origins[i];
        const Node* given = origins->elements[i].find("idle_timeout");
        if (given == nullptr || given->from == Node::From::Default) given = origins->elements[i].find("preset");
        if (given == nullptr || !origin.idle_timeout || *origin.idle_timeout >= scenario.edge.pool_idle_timeout)
            continue;
        faults.at_value(
            *given, "W507",
            {fmt::format("origin \"{}\" closes idle connections at {}, the edge keeps them for {}: a request sent "
                         "in the last round trip before meets a reset{}",
                         origin.id, duration_text(*origin.idle_timeout), duration_text(scenario.edge.pool_idle_timeout),
                         how_often(scenario, i)),
             "an idle_timeout above edge.origin_pool.idle_timeout ends the race", silence("W507")});
    }
}

} // namespace

void warn(Faults& faults, const Node& root, const Scenario& scenario) {
    few_replications(faults, root, scenario);
    client_hello_too_large(faults, root, scenario);
    if (root.find("run") != nullptr && root.find("clients") != nullptr) nobody_returns(faults, root, scenario);
    nobody_supports(faults, root, scenario);
    window_too_short(faults, root, scenario);
    impossible_times(faults, root, scenario);
    stale_reuse(faults, root, scenario);
    warn_of_load(faults, root, scenario);
}

} // namespace firstbyte::scenario
