/// What is asked against what can be given: servers, links, Fast Open's gains and losses, samples, and the cost of it.
#include "core/sampler.hpp"
#include "scenario/offered_load.hpp"
#include "scenario/values.hpp"
#include "scenario/warnings.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <set>

namespace firstbyte::scenario {

namespace {

constexpr double much_loss = 0.2; // model choice: of five packets, a handshake with TLS, one is lost in 2 of 3 cases

const Node& element(const Node& root, const char* list, std::size_t index) { return root.find(list)->elements[index]; }

/// Products of shares are not exact: 20 x (1 - 0.95) is a little above 1.
bool above(double load, double limit) { return load > limit * (1 + 1e-9); }

/// Whether flows are forgotten that the edge still keeps, and nothing refreshes them before.
void forgotten_flows(Faults& faults, const Node& root, const Scenario& scenario) {
    for (std::size_t i = 0; i < scenario.origins.size(); ++i) {
        const Origin& origin = scenario.origins[i];
        if (!origin.middlebox || scenario.edge.pool_max_idle == 0) continue;
        const Duration forgets = origin.middlebox->idle;
        const Duration kept =
            std::min(scenario.edge.pool_idle_timeout, origin.idle_timeout.value_or(scenario.edge.pool_idle_timeout));
        const std::optional<Keepalive>& probes = scenario.edge_origin.client.keepalive;
        if (kept <= forgets || (probes && probes->idle < forgets)) continue;
        const std::string probed = probes ? "sends its first probe after " + duration_text(probes->idle) : "sends none";
        faults.at_value(member(element(root, "origins", i), {"middlebox", "flow_idle"}), "W508",
                        {fmt::format("the box before origin \"{}\" forgets a flow after {}; the edge keeps it idle for "
                                     "{} and {}: requests on it meet {}",
                                     origin.id, duration_text(forgets), duration_text(kept), probed,
                                     origin.middlebox->resets ? "a reset" : "silence"),
                         fmt::format("a tcp.edge_origin.keepalive.idle below {0}, or such an "
                                     "edge.origin_pool.idle_timeout",
                                     duration_text(forgets)),
                         silence("W508")});
    }
}

void overloaded_pops(Faults& faults, const Node& root, const Scenario& scenario) {
    const std::optional<std::vector<double>> load = requests_at_pops(scenario);
    for (std::size_t i = 0; load && i < load->size(); ++i) {
        const Pop& pop = scenario.pops[i];
        if (!pop.capacity || pop.capacity->per_sec <= 0 || !above((*load)[i], pop.capacity->per_sec)) continue;
        faults.at_value(
            member(element(root, "pops", i), {"capacity"}), "W509",
            {fmt::format("{:.4g} requests a second come to PoP \"{}\", which begins {:.4g}: its queue grows "
                         "for the whole run",
                         (*load)[i], pop.id, pop.capacity->per_sec),
             {},
             silence("W509")});
    }
}

void overloaded_origins(Faults& faults, const Node& root, const Scenario& scenario) {
    const std::optional<std::vector<double>> load = requests_at_origins(scenario);
    for (std::size_t i = 0; load && i < load->size(); ++i) {
        const Origin& origin = scenario.origins[i];
        if (!origin.workers) continue;
        const double busy = (*load)[i] * mean_of(origin.service_time) / 1e9;
        if (!above(busy, *origin.workers)) continue;
        faults.at_value(
            member(element(root, "origins", i), {"workers"}), "W509",
            {fmt::format("origin \"{}\" gets {:.4g} requests a second, work for {:.4g} workers, and has {}: "
                         "its queue grows for the whole run",
                         origin.id, (*load)[i], busy, *origin.workers),
             {},
             silence("W509")});
    }
}

void overloaded_access(Faults& faults, const Node& root, const Scenario& scenario) {
    const double request = mean_over_objects(scenario, [](const WebObject& o) { return mean_of(o.request); });
    const double response = mean_over_objects(scenario, [](const WebObject& o) { return mean_of(o.response); });
    for (std::size_t i = 0; i < scenario.clients.size(); ++i) {
        const ClientGroup& group = scenario.clients[i];
        if (group.population == 0) continue;
        const double per_client = requests_per_second(scenario, group) / group.population;
        const auto check = [&](const char* key, BitRate rate, double bytes) {
            const double bits = per_client * bytes * 8;
            if (rate.unlimited() || !above(bits, static_cast<double>(rate.per_sec))) return;
            faults.at_value(member(element(root, "clients", i), {"access", key}), "W509",
                            {fmt::format("{:.4g} bit/s for each client of \"{}\", over a link of {:.4g}: its queue "
                                         "grows for the whole run",
                                         bits, group.id, static_cast<double>(rate.per_sec)),
                             {},
                             silence("W509")});
        };
        check("down", group.access.down, response);
        check("up", group.access.up, request);
    }
}

/// A SYN with data saves a round trip R where it arrives and costs the first timeout T where it is dropped: dropping a
/// share of R / (R + T) takes away what the others gain. Clients that back off, or that race, do not pay each time.
void beyond_break_even(Faults& faults, const Node& root, const Scenario& scenario) {
    const TcpEnd& client = scenario.client_edge.client;
    const FastOpen& fast_open = client.fast_open;
    const bool backs_off = fast_open.backoff_per_destination || fast_open.blackhole_timeout > Duration{0};
    if (!fast_open.enabled || backs_off) return;
    for (std::size_t i = 0; i < scenario.clients.size(); ++i) {
        const ClientGroup& group = scenario.clients[i];
        if (group.rtt_to.empty() || group.tfo_race || group.tfo_support == 0) continue;
        const auto nearest = std::min_element(group.rtt_to.begin(), group.rtt_to.end(),
                                              [](const auto& a, const auto& b) { return a.second < b.second; });
        const double rtt = to_seconds(nearest->second) + median_of(group.access.delay) / 1e9;
        const double break_even = rtt / (rtt + to_seconds(client.syn_rto));
        if (group.tfo_syn_data_dropped <= break_even) continue;
        faults.at_value(
            member(element(root, "clients", i), {"tfo", "syn_data_dropped"}), "W514",
            {fmt::format("SYNs with data are dropped for {:.4g} % of the clients of \"{}\": beyond {:.2g} % "
                         "Fast Open costs more than it saves",
                         group.tfo_syn_data_dropped * 100, group.id, break_even * 100),
             fmt::format("break-even: R / (R + {}) with a round trip R of {:.4g} ms", duration_text(client.syn_rto),
                         rtt * 1e3),
             silence("W514")});
    }
}

void lossy_path(Faults& faults, const Node& of, const char* key, const Loss& loss) {
    const double share = mean_share(loss);
    if (share <= much_loss) return;
    faults.at_value(member(of, {key}), "W515",
                    {fmt::format("{:.3g} % of the packets are lost: most handshakes lose a packet", share * 100),
                     {},
                     silence("W515")});
}

void much_is_lost(Faults& faults, const Node& root, const Scenario& scenario) {
    for (std::size_t i = 0; i < scenario.clients.size(); ++i) {
        const Access& access = scenario.clients[i].access;
        const Node& node = member(element(root, "clients", i), {"access"});
        if (!access.loss_up || !access.loss_down) lossy_path(faults, node, "loss", access.loss);
        if (access.loss_up) lossy_path(faults, node, "loss_up", *access.loss_up);
        if (access.loss_down) lossy_path(faults, node, "loss_down", *access.loss_down);
    }
    for (std::size_t i = 0; i < scenario.origins.size(); ++i) {
        const PathQuality& path = scenario.origins[i].path;
        const Node& node = element(root, "origins", i);
        if (node.find("loss_up") != nullptr) lossy_path(faults, node, "loss_up", path.up);
        if (node.find("loss_down") != nullptr) lossy_path(faults, node, "loss_down", path.down);
        if (node.find("loss_up") == nullptr) lossy_path(faults, node, "loss", path.up);
    }
}

/// Samples that a filter leaves, at most: labels that only the run can tell are taken to leave all of them. None where
/// a script is among the groups, which says itself how many requests there are.
std::optional<double> samples_at_most(const Scenario& scenario, const Threshold& threshold) {
    double sum = 0;
    const auto label = [&](const char* name) {
        const auto found = std::find_if(threshold.labels.begin(), threshold.labels.end(),
                                        [name](const auto& entry) { return entry.first == name; });
        return found == threshold.labels.end() ? std::string{} : found->second;
    };
    const std::string client = label("client"), region = label("region"), country = label("country");
    for (const ClientGroup& group : scenario.clients) {
        const bool other = (!client.empty() && group.id != client) || (!region.empty() && group.region != region) ||
                           (!country.empty() && group.country != country);
        if (other && !group.world) continue;
        if (group.scripted) return std::nullopt;
        sum += threshold.metric == "connect" ? sessions_per_second(group) : requests_per_second(scenario, group);
    }
    return sum * to_seconds(scenario.run.duration) * scenario.run.replications;
}

/// A quantile q rests on the samples beyond it: with 100 / (1 - q) samples there are 100 of those.
void few_samples(Faults& faults, const Node& root, const Scenario& scenario) {
    const Node* list = root.find("thresholds");
    if (list == nullptr) return;
    const std::set<std::string> of_clients{"ttfb", "request_time", "connect"};
    for (std::size_t i = 0; i < scenario.thresholds.size() && i < list->elements.size(); ++i) {
        const Threshold& threshold = scenario.thresholds[i];
        if (threshold.aggregate != Threshold::Aggregate::Quantile || of_clients.count(threshold.metric) == 0) continue;
        const double needed = 100 / std::min(threshold.quantile, 1 - threshold.quantile);
        const std::optional<double> there = samples_at_most(scenario, threshold);
        if (!there || *there >= needed) continue;
        faults.at_value(list->elements[i], "W516",
                        {fmt::format("p{:g} needs about {:.0f} samples, and {:.0f} are to be expected",
                                     threshold.quantile * 100, needed, *there),
                         "a longer run, or more replications", silence("W516")});
    }
}

void costly(Faults& faults, const Node& root, const Scenario& scenario) {
    // Model choices: an hour or more of one core at 220 000 requests a second, which the smallest example reaches; some
    // GB of memory; a result of a GB or more.
    constexpr double many_requests = 1e9, many_clients = 5e7, many_records = 1e7;
    double rate = 0, clients = 0;
    for (const ClientGroup& group : scenario.clients) {
        rate += requests_per_second(scenario, group);
        clients += group.population;
    }
    const double runs = scenario.run.replications * std::max(1.0, static_cast<double>(scenario.variants.size()));
    const double requests = rate * to_seconds(scenario.run.warmup + scenario.run.duration) * runs;
    const double records = rate * to_seconds(scenario.run.duration) * runs * scenario.records;
    const char* less = "fewer sessions, a shorter run or fewer replications; --dry-run tells sizes";
    if (requests > many_requests)
        faults.at_value(
            member(root, {"run", "duration"}), "W601",
            {fmt::format("{:.3g} requests are to be simulated: that takes hours", requests), less, silence("W601")});
    if (clients > many_clients)
        faults.at_value(*root.find("clients"), "W602",
                        {fmt::format("{:.3g} clients are to be remembered: that takes GB of memory", clients),
                         "a smaller population behaves the same where nobody returns", silence("W602")});
    if (records > many_records)
        faults.at_value(member(root, {"output", "records"}), "W603",
                        {fmt::format("{:.3g} requests are to be kept one by one: the result takes GB", records),
                         "a smaller share", silence("W603")});
}

} // namespace

void warn_of_load(Faults& faults, const Node& root, const Scenario& scenario) {
    forgotten_flows(faults, root, scenario);
    overloaded_pops(faults, root, scenario);
    overloaded_origins(faults, root, scenario);
    if (root.find("clients") == nullptr || root.find("run") == nullptr) return;
    overloaded_access(faults, root, scenario);
    beyond_break_even(faults, root, scenario);
    much_is_lost(faults, root, scenario);
    few_samples(faults, root, scenario);
    costly(faults, root, scenario);
}

} // namespace firstbyte::scenario
