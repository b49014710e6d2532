// Origins, and what lies between them and the PoPs.
#include "scenario/object_values.hpp"
#include "scenario/presets.hpp"
#include "scenario/reader.hpp"
#include "scenario/units.hpp"

#include <fmt/format.h>

#include <optional>
#include <string>

namespace firstbyte::scenario {

namespace {

std::optional<std::uint32_t> count_of(const Values& from, const char* key) {
    const Node* node = from.get(key);
    if (node == nullptr) return std::nullopt;
    return static_cast<std::uint32_t>(as_int(*node));
}

/// A map from HTTP status to the share of responses that have it.
void read_statuses(Faults& faults, const Node* map, std::vector<std::pair<int, double>>& statuses) {
    if (map == nullptr) return;
    double sum = 0;
    for (const Member& member : map->members) {
        if (member.value.faulty) continue;
        const std::optional<std::int64_t> status = parse_integer(member.key);
        if (!status || *status < 200 || *status > 599) { // RFC 9110 section 15: final responses
            faults.at_key(member.value, "E203",
                          {fmt::format("\"{}\" is not an HTTP status from 200 to 599", member.key)});
            continue;
        }
        statuses.emplace_back(static_cast<int>(*status), as_share(member.value));
        sum += statuses.back().second;
    }
    constexpr double rounding = 1e-9;
    if (sum > 1 + rounding) faults.at_value(*map, "E203", {fmt::format("the shares add up to {:g}, more than 1", sum)});
}

void read_path(const Node& node, const Values& from, PathQuality& path) {
    read_loss(node, "origins[]", "loss", path.up);
    path.down = path.up;
    read_loss(node, "origins[]", "loss_up", path.up);
    read_loss(node, "origins[]", "loss_down", path.down);
    from.read("path_mtu", path.mtu_up);
    path.mtu_down = path.mtu_up;
    from.read("path_mtu_up", path.mtu_up);
    from.read("path_mtu_down", path.mtu_down);
    from.read("icmp_filtered", path.icmp_filtered);
    from.read("jitter", path.jitter);
    from.read("reorder", path.reorder);
    if (const Node* rate = from.get("rate_up")) path.rate_up = as_bit_rate(*rate);
    if (const Node* rate = from.get("rate_down")) path.rate_down = as_bit_rate(*rate);
}

/// What keeps workers busy, and what stands before them.
void read_workers(Faults& faults, const Node& node, const Values& from, Origin& origin) {
    if (const Node* holds = from.get("worker_holds")) {
        origin.worker_per_connection = holds->text == "connection";
        if (origin.worker_per_connection && node.find("workers") == nullptr)
            faults.at_value(*holds, "E534", {"workers that keep their connections need a number", "add `workers`"});
    }
    if (from.get("behind_balancer") == nullptr) return;
    const Values balancer = from.in("behind_balancer");
    origin.balancer.emplace();
    balancer.read("target_idle_timeout", origin.balancer->target_idle);
    balancer.read("target_rtt", origin.balancer->target_rtt);
}

Origin read_origin(Faults& faults, const Node& node, AllNames& names) {
    const Values from(node, "origins[]");
    Origin origin;
    from.read("id", origin.id);
    from.read("at", origin.at);
    read_rtt_to(faults, node, names, origin.rtt_to);
    from.read("service_time", origin.service_time);
    from.read("preset", origin.preset);
    if (!origin.preset.empty()) origin.idle_timeout = preset_idle_timeout(origin.preset);
    from.read("idle_timeout", origin.idle_timeout);
    from.read("tfo", origin.tfo);
    origin.workers = count_of(from, "workers");
    origin.queue = count_of(from, "queue");
    origin.accept_queue = count_of(from, "accept_queue");
    origin.requests_per_connection = count_of(from, "requests_per_connection");
    read_statuses(faults, from.get("statuses"), origin.statuses);
    from.read("header", origin.header);
    if (from.get("heartbeat") != nullptr) {
        const Values heartbeat = from.in("heartbeat");
        origin.heartbeat.emplace();
        heartbeat.read("interval", origin.heartbeat->interval);
        heartbeat.read("bytes", origin.heartbeat->bytes);
    }
    from.read("buffering", origin.buffering);
    read_workers(faults, node, from, origin);
    read_path(node, from, origin.path);
    if (from.get("middlebox") != nullptr) {
        const Values box = from.in("middlebox");
        origin.middlebox.emplace();
        box.read("flow_idle", origin.middlebox->idle);
        if (const Node* mode = box.get("mode")) origin.middlebox->resets = mode->text == "rst";
    }
    return origin;
}

} // namespace

/// A loss in its full form: the object of the four probabilities. An absent key leaves `loss` as it is.
void read_loss(const Node& owner, const std::string& pattern, const char* key, Loss& loss) {
    const Values outer(owner, pattern);
    if (outer.get(key) == nullptr) return;
    loss = Loss{};
    const Values from = outer.in(key);
    from.read_share("in_good", loss.in_good);
    from.read_share("in_bad", loss.in_bad);
    from.read_share("good_to_bad", loss.good_to_bad);
    from.read_share("bad_to_good", loss.bad_to_good);
}

void read_origins(Faults& faults, const Node& list, AllNames& names, std::vector<Origin>& origins) {
    for (const Node& origin : list.elements) origins.push_back(read_origin(faults, origin, names));
}

} // namespace firstbyte::scenario
