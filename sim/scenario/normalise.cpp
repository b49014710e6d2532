#include "scenario/normalise.hpp"

#include "core/cities.hpp"
#include "scenario/presets.hpp"
#include "scenario/profiles.hpp"
#include "scenario/units.hpp"
#include "scenario/values.hpp"

#include <nlohmann/json.hpp>

#include <optional>
#include <utility>

namespace firstbyte::scenario {

namespace {

bool is_text(Kind kind) {
    return kind == Kind::Text || kind == Kind::FileStem || kind == Kind::Id || kind == Kind::Country ||
           kind == Kind::Choice || kind == Kind::File || kind == Kind::Expression;
}

/// Defaults that hold only beside certain other keys: what is no request has no think time.
bool takes_defaults(const Node& object, const std::string& pattern) {
    return pattern != "clients[].script[].steps[]" || object.find("request") != nullptr;
}

void fill(Node& object, const std::string& pattern, const Profile& profile);

void fill_value(Node& value, const Key& key, const Profile& profile) {
    if (key.kind != Kind::Object || !key.supported) return;
    const std::string pattern = inner_pattern(key);
    if (key.shape == Shape::One) {
        if (value.is_object()) fill(value, pattern, profile);
        return;
    }
    for (Node& element : value.elements) {
        if (element.is_object()) fill(element, pattern, profile);
    }
}

void fill(Node& object, const std::string& pattern, const Profile& profile) {
    for (Member& member : object.members) {
        if (const Key* key = find_child(pattern, member.key)) fill_value(member.value, *key, profile);
    }
    if (!takes_defaults(object, pattern)) return;
    for (const Key* key : children_of(pattern)) {
        if (!key->supported || !key->has_default) continue;
        const std::string name = key->name();
        if (object.find(name) != nullptr) continue;
        const std::string& text = key->from_profile ? profile_value(profile, *key) : key->default_value;
        Node value = parse_value(text, Node::From::Default);
        if (key->from_profile) value.reason = "profile";
        adapt_kind(value, *key);
        expand_shorthand(value, *key);
        fill_value(value, *key, profile);
        object.members.push_back({name, {}, std::move(value)});
    }
}

/// A default that another key decides.
Node follows(const char* reason, const std::string& text) {
    Node value = parse_value(text, Node::From::Default);
    value.reason = reason;
    return value;
}

/// `population` of a client group that stands for the world. Model choice: so many that few come back in a minute of a
/// few hundred sessions a second, so few that a run of them is quick.
void fill_world_population(Node& root) {
    constexpr const char* population = "100000";
    Node* clients = root.find("clients");
    if (clients == nullptr) return;
    for (Node& client : clients->elements) {
        if (client.find("world") == nullptr || client.find("population") != nullptr) continue;
        client.members.push_back({"population", {}, parse_value(population, Node::From::Default)});
    }
}

/// `output.timeline`: seconds, as many as keep the series of a long run short.
void fill_timeline(Node& root) {
    constexpr std::int64_t most = 3600; // buckets
    Node* output = root.find("output");
    const Node* run = root.find("run");
    const Node* duration = run != nullptr ? run->find("duration") : nullptr;
    if (output == nullptr || !output->is_object() || output->find("timeline") != nullptr || duration == nullptr) return;
    const Key& key = *find_child("run", "duration");
    if (check_value(key, *duration)) return;
    const std::int64_t seconds = as_duration(*duration) / std::chrono::seconds{1};
    const std::string text = std::to_string(std::max<std::int64_t>((seconds + most - 1) / most, 1)) + "s";
    output->members.push_back({"timeline", {}, follows("run.duration", text)});
}

/// `country` of every client group that has a place and no country of its own.
void fill_countries(Node& root) {
    Node* clients = root.find("clients");
    if (clients == nullptr) return;
    const Key* at_key = find_child("clients[]", "at");
    for (Node& client : clients->elements) {
        const Node* at = client.find("at");
        if (at == nullptr || client.find("country") != nullptr || check_value(*at_key, *at)) continue;
        if (const auto country = country_of(as_place(*at))) {
            client.members.push_back({"country", {}, follows("at", nlohmann::json(*country).dump())});
        }
    }
}

/// `idle_timeout` of every origin that does not say its own: the preset's. One that never closes has none.
void fill_idle_timeouts(Node& root) {
    Node* origins = root.find("origins");
    if (origins == nullptr) return;
    for (Node& origin : origins->elements) {
        if (!origin.is_object() || origin.find("idle_timeout") != nullptr) continue;
        const Node* preset = origin.find("preset");
        const bool named = preset != nullptr && preset->is_string();
        const std::optional<Duration> idle = named ? preset_idle_timeout(preset->text) : origin_idle_timeout_default;
        if (!idle) continue;
        origin.members.push_back(
            {"idle_timeout", {}, follows(named ? "preset" : nullptr, nlohmann::json(duration_text(*idle)).dump())});
    }
}

/// Keepalive of the edge's end of each leg, where the file does not set that of the whole leg.
void fill_keepalive(Node& root, const Profile& profile) {
    Node* tcp = root.find("tcp");
    for (const auto& [leg_name, end_name] : {std::pair{"client_edge", "server"}, std::pair{"edge_origin", "client"}}) {
        Node* leg = tcp != nullptr ? tcp->find(leg_name) : nullptr;
        Node* end = leg != nullptr && leg->find("keepalive") == nullptr ? leg->find(end_name) : nullptr;
        if (end == nullptr || !end->is_object()) continue;
        if (end->find("keepalive") == nullptr)
            end->members.push_back({"keepalive", {}, parse_value("{}", Node::From::Default)});
        Node& keepalive = *end->find("keepalive");
        const Node* enabled = keepalive.find("enabled");
        if (!keepalive.is_object() || (enabled != nullptr && enabled->is_bool() && !enabled->truth)) continue;
        for (const char* name : {"idle", "interval", "probes"}) {
            if (keepalive.find(name) != nullptr) continue;
            const Key& key = *find_child(std::string{"tcp."} + leg_name + ".keepalive", name);
            keepalive.members.push_back({name, {}, follows("profile", profile_value(profile, key))});
        }
    }
}

} // namespace

bool stands_for_member(const Node& value, const Key& key) {
    if (key.shorthand.empty()) return false;
    if (value.is_string() || value.is_bool()) return true;
    const Key* member = value.is_number() ? find_child(inner_pattern(key), key.shorthand) : nullptr;
    return member != nullptr && member->kind == Kind::Share;
}

void adapt_kind(Node& value, const Key& key) {
    const bool not_typed = value.from != Node::From::File;
    if (not_typed && is_text(key.kind) && key.shape == Shape::One && (value.is_number() || value.is_bool())) {
        value.text = value.is_bool() ? (value.truth ? "true" : "false") : value.text;
        value.kind = Node::Kind::String;
    }
    if (not_typed && !key.shorthand.empty() && value.is_number() && !stands_for_member(value, key))
        value.kind = Node::Kind::String; // tls=1.3
}

void expand_shorthand(Node& value, const Key& key) {
    const std::string pattern = inner_pattern(key);
    if (key.shape == Shape::List) {
        Key single = key;
        single.shape = Shape::One;
        for (Node& element : value.elements) {
            if (!key.shorthand.empty()) expand_shorthand(element, single);
            if (key.kind == Kind::Object && element.is_object()) expand_shorthands(element, pattern);
        }
        return;
    }
    if (stands_for_member(value, key)) {
        Node object;
        object.kind = Node::Kind::Object;
        object.from = value.from;
        object.override_index = value.override_index;
        object.span = value.span;
        object.members.push_back({key.shorthand, value.span, std::move(value)});
        value = std::move(object);
    } else if (key.kind == Kind::Object && value.is_object()) {
        expand_shorthands(value, pattern);
    }
}

void expand_shorthands(Node& object, const std::string& pattern) {
    for (Member& member : object.members) {
        const Key* key = find_child(pattern, member.key);
        if (key != nullptr && key->kind == Kind::Object && key->shape != Shape::Map)
            expand_shorthand(member.value, *key);
    }
}

void fill_defaults(Node& root) {
    const Node* edge = root.find("edge");
    const Node* name = edge != nullptr ? edge->find("profile") : nullptr;
    const Profile& profile = profile_called(name != nullptr ? name->text : std::string{});
    fill_world_population(root);
    fill(root, "", profile);
    fill_keepalive(root, profile);
    fill_countries(root);
    fill_timeline(root);
    fill_idle_timeouts(root);
}

} // namespace firstbyte::scenario
