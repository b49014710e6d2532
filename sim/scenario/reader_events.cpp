/// The time line.
#include "scenario/distribution.hpp"
#include "scenario/object_values.hpp"
#include "scenario/reader.hpp"

#include <fmt/format.h>

#include <array>
#include <string_view>
#include <utility>

namespace firstbyte::scenario {

namespace {

using What = Event::Kind;

/// Keys that an event cannot do without, beside `at` and `do`.
std::vector<std::string> needed_by(What kind) {
    switch (kind) {
    case What::OriginDown: return {"origin", "mode"};
    case What::Set: return {"path", "value"};
    case What::Surge: return {"factor"};
    case What::Withdraw:
    case What::Announce:
    case What::PopDies:
    case What::Drain: return {"pop"};
    case What::Prepend: return {"pop", "value"};
    case What::LinkDown: return {"a", "b"};
    case What::EdgeRestart:
    case What::EdgeMaintenance:
    case What::EdgeBalance:
    case What::EdgeOverload: return {"pop"};
    case What::OriginRestart: return {"origin"};
    case What::RotateTfoKey:
    case What::ClearPathRules:
    case What::count_: return {};
    }
    return {};
}

What kind_called(std::string_view word) {
    for (int kind = 0; kind < static_cast<int>(What::count_); ++kind) {
        if (name_of(static_cast<What>(kind)) == word) return static_cast<What>(kind);
    }
    return What::OriginDown; // another word has been reported
}

Event::Mode mode_called(std::string_view word) {
    for (int mode = 0; mode < static_cast<int>(Event::Mode::count_); ++mode) {
        if (name_of(static_cast<Event::Mode>(mode)) == word) return static_cast<Event::Mode>(mode);
    }
    return Event::Mode::DropSyn; // another word has been reported
}

std::optional<Event::End> end_called(std::string_view path) {
    using End = Event::End;
    static constexpr std::array<std::pair<std::string_view, End>, 6> ends{
        {{"tcp.client_edge.fast_open.enabled", End::ClientEdgeBoth},
         {"tcp.client_edge.client.fast_open.enabled", End::ClientEdgeClient},
         {"tcp.client_edge.server.fast_open.enabled", End::ClientEdgeServer},
         {"tcp.edge_origin.fast_open.enabled", End::EdgeOriginBoth},
         {"tcp.edge_origin.client.fast_open.enabled", End::EdgeOriginClient},
         {"tcp.edge_origin.server.fast_open.enabled", End::EdgeOriginServer}}};
    for (const auto& [text, end] : ends) {
        if (text == path) return end;
    }
    return std::nullopt;
}

/// "web" of "origins.web.service_time", "0" of "origins[0].service_time"; nothing of other paths.
std::optional<std::string_view> origin_served(std::string_view path) {
    constexpr std::string_view head = "origins", by_id = ".service_time", by_index = "].service_time";
    if (!path.starts_with(head) || path.size() <= head.size()) return std::nullopt;
    const char open = path[head.size()];
    path.remove_prefix(head.size() + 1);
    const std::string_view tail = open == '[' ? by_index : by_id;
    if ((open != '[' && open != '.') || !path.ends_with(tail) || path.size() == tail.size()) return std::nullopt;
    return path.substr(0, path.size() - tail.size());
}

/// Another service time of one origin, or of all.
void read_service_time(Faults& faults, std::string_view which, const Node& path, const Node* value, AllNames& names,
                       Event& event) {
    const auto all = static_cast<std::uint32_t>(names.origins.all().size());
    const std::optional<std::int64_t> index = parse_integer(which);
    if (which == "*") {
        for (std::uint32_t i = 0; i < all; ++i) event.origins.push_back(OriginId{i});
    } else if (index && !names.origins.find(std::string{which})) {
        if (*index < 0 || *index >= all)
            return faults.at_value(path, "E307", {fmt::format("path \"{}\" leads nowhere", path.text)});
        event.origins.push_back(OriginId{static_cast<std::uint32_t>(*index)});
    } else if (const auto found = names.origins.at_value(faults, std::string{which}, path)) {
        event.origins.push_back(OriginId{*found});
    }
    if (value == nullptr) return;
    const Key& key = *find_child("origins[]", "service_time");
    Node checked = *value;
    check_draw(faults, key, checked);
    if (!checked.faulty) event.service_time = read_draw(key, checked);
}

/// Which key a `set` changes, and to what.
void read_set(Faults& faults, const Values& from, AllNames& names, Event& event) {
    const Node *path = from.get("path"), *value = from.get("value");
    if (path == nullptr) return;
    if (const auto origin = origin_served(path->text))
        return read_service_time(faults, *origin, *path, value, names, event);
    const std::optional<Event::End> end = end_called(path->text);
    if (!end) {
        const bool known = path->text.find('.') != std::string::npos && find_key(path->text) != nullptr;
        const std::string message = known ? fmt::format("\"{}\" cannot change during a run yet", path->text)
                                          : fmt::format("path \"{}\" leads nowhere", path->text);
        faults.at_value(*path, known ? "E110" : "E307",
                        {message, "there is origins.ID.service_time, and fast_open.enabled of tcp.client_edge, "
                                  "tcp.edge_origin and their ends"});
        return;
    }
    event.end = *end;
    if (value == nullptr) return;
    event.on = value->truth;
    if (!value->is_bool())
        faults.at_value(*value, "E201", {fmt::format("expected true or false, found {}", description_of(*value))});
}

/// How many extra copies of its number a PoP is to have.
void read_prepends(Faults& faults, const Values& from, Event& event) {
    constexpr int drained = 3; // model choice: what operators commonly add to empty a site
    constexpr std::int64_t most = 64;
    event.value = drained;
    const Node* value = from.get("value");
    if (value == nullptr) return;
    const std::optional<std::int64_t> number = value->is_number() ? parse_integer(value->text) : std::nullopt;
    if (!number || *number < 0 || *number > most) {
        faults.at_value(
            *value, value->is_number() ? "E203" : "E201",
            {fmt::format("expected a number of extra copies from 0 to {}, found {}", most, description_of(*value))});
        return;
    }
    event.value = static_cast<int>(*number);
}

void read_link_end(Faults& faults, const Node* node, AllNames& names, LinkEnd& end) {
    if (node == nullptr) return;
    if (node->is_string()) {
        if (const auto index = names.pops.at_value(faults, node->text, *node)) end.pop = PopId{*index};
    } else {
        end.asn = as_asn(*node);
    }
}

} // namespace

void read_events(Faults& faults, const Node& list, AllNames& names, std::vector<Event>& events) {
    for (const Node& node : list.elements) {
        if (node.faulty || !node.is_object()) continue;
        const Values from(node, "events[]");
        const Node *at = from.get("at"), *action = from.get("do");
        Event event;
        if (action != nullptr) {
            event.kind = kind_called(action->text);
            for (const std::string& needed : needed_by(event.kind)) {
                if (node.find(needed) != nullptr) continue;
                faults.at_missing(node, needed, "E103",
                                  {fmt::format("missing key \"{}\" of {}", needed, action->text)});
            }
        }
        if (at == nullptr) continue;
        event.at = Instant{as_duration(*at)};
        from.read("for", event.duration);
        if (const Node* origin = from.get("origin")) {
            if (const auto index = names.origins.at_value(faults, origin->text, *origin))
                event.origin = OriginId{*index};
        }
        if (const Node* mode = from.get("mode")) event.mode = mode_called(mode->text);
        if (const Node* pop = from.get("pop")) {
            if (const auto index = names.pops.at_value(faults, pop->text, *pop)) event.pop = PopId{*index};
        }
        if (const Node* clients = from.get("clients"))
            event.group = names.clients.at_value(faults, clients->text, *clients);
        from.read("keep_old", event.keep_old);
        from.read("tfo_key", event.tfo_key);
        from.read("old_tfo_key", event.old_tfo_key);
        if (const Node* old = from.get("old_tfo_key"); old != nullptr && event.keep_old)
            faults.at_value(*old, "E405", {"one key can stay valid: keep_old or old_tfo_key"});
        if (event.kind == What::Set) read_set(faults, from, names, event);
        from.read_number("factor", event.factor);
        if (event.kind == What::Prepend || event.kind == What::Drain) read_prepends(faults, from, event);
        read_link_end(faults, from.get("a"), names, event.a);
        read_link_end(faults, from.get("b"), names, event.b);
        if (const Node* by = from.get("by"))
            event.drain_by = by->text == "prepend" ? Event::DrainBy::Prepend : Event::DrainBy::GracefulShutdown;
        from.read("withdraw_after", event.withdraw_after);
        from.read_share("share", event.share);
        from.read("status", event.status);
        from.read("size", event.size);
        from.read("graceful", event.graceful);
        events.push_back(event);
    }
}

} // namespace firstbyte::scenario
