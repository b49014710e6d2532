#include "scenario/shape.hpp"

#include "scenario/distribution.hpp"
#include "scenario/keys.hpp"
#include "scenario/spelling.hpp"
#include "scenario/values.hpp"

#include <fmt/format.h>

#include <algorithm>

namespace firstbyte::scenario {

namespace {

/// An upgrade is asked for, never made silently.
bool check_format(Faults& faults, Node& root) {
    Node* format = root.find("format");
    if (format == nullptr || (format->is_number() && format->text == "1")) return true;
    format->faulty = true;
    faults.at_value(*format, "E105",
                    {fmt::format("this program reads scenario format 1, found {}", description_of(*format))});
    return false;
}

class ShapeCheck {
public:
    ShapeCheck(Faults& faults, Purpose purpose) : faults_(faults), purpose_(purpose) {}

    void object(Node& node, const std::string& pattern) {
        const Node* kind_of_event = pattern == "events[]" ? node.find("do") : nullptr;
        if (kind_of_event != nullptr && event_is_not_built(node)) return;
        bool unsupported = false;
        for (Member& member : node.members)
            unsupported = member_of_object(member, pattern, kind_of_event) || unsupported;
        // What a step does is not known when a key of it is not built.
        const bool unknown_step = unsupported && pattern == "clients[].script[].steps[]";
        if (unknown_step) node.faulty = true;
        for (const Key* key : children_of(pattern)) {
            if (!key->required || node.find(key->name()) != nullptr || may_be_absent(*key)) continue;
            const std::string example = key->example.empty() ? example_of(*key) : key->example;
            faults_.at_missing(node, key->name(), "E103",
                               {fmt::format("missing key \"{}\"", key->name()),
                                fmt::format("add \"{}\": {}", key->name(), example),
                                fmt::format("{}: {}", key->name(), key->doc)});
        }
    }

private:
    bool may_be_absent(const Key& key) const {
        return purpose_ == Purpose::RoutingOnly && (key.path == "run" || key.path == "clients");
    }

    /// Only the fact is told: the other keys of an event that is not built cannot be judged.
    bool event_is_not_built(Node& node) {
        Node& action = *node.find("do");
        const Key& key = *find_child("events[]", "do");
        const auto fault = check_value(key, action);
        if (!fault) return false;
        action.faulty = node.faulty = true;
        faults_.at_value(action, fault->code, {fault->message, fault->suggestion});
        return true;
    }

    /// @return whether the member is known but not built
    bool member_of_object(Member& member, const std::string& pattern, const Node* kind_of_event) {
        if (member.key.rfind("x-", 0) == 0) return false;
        const Key* key = find_child(pattern, member.key);
        const bool belongs = key != nullptr && (kind_of_event == nullptr || key->only_for.empty() ||
                                                contains(key->only_for, kind_of_event->text));
        if (!belongs) {
            unknown(member, pattern, kind_of_event);
            return false;
        }
        if (!key->supported) {
            member.value.faulty = true;
            faults_.at_key(member.value, "E110",
                           {fmt::format("\"{}\" is not supported yet", member.key), "remove it",
                            fmt::format("{}: {}", member.key, key->doc)});
            return true;
        }
        value(*key, member.value);
        return false;
    }

    static bool contains(const std::vector<std::string>& words, const std::string& word) {
        return std::find(words.begin(), words.end(), word) != words.end();
    }

    void unknown(Member& member, const std::string& pattern, const Node* kind_of_event) {
        member.value.faulty = true;
        std::vector<std::string> names, prominent, usable;
        for (const Key* key : children_of(pattern)) {
            if (kind_of_event != nullptr && !key->only_for.empty() && !contains(key->only_for, kind_of_event->text))
                continue;
            names.push_back(key->name());
            if (key->prominent) prominent.push_back(key->name());
            if (key->supported) usable.push_back(key->name());
        }
        constexpr std::size_t all_of_them = 8, some = 5; // model choice: what fits one line
        std::vector<std::string> listed = names.size() <= all_of_them ? names : (prominent.empty() ? names : prominent);
        const bool cut = names.size() > all_of_them;
        if (cut && listed.size() > some) listed.resize(some);
        std::string help = "known keys here: ";
        for (std::size_t i = 0; i < listed.size(); ++i) help += (i > 0 ? ", " : "") + listed[i];
        if (cut) help += ", ...";
        const Key* other = find_child(pattern, member.key); // of another kind of event
        std::string suggestion;
        if (other != nullptr)
            suggestion = fmt::format("it belongs to {}", any_of(built(other->only_for)));
        else if (!one_edit_away(member.key, usable))
            suggestion = elsewhere(member.key); // a right word in a wrong place is no misspelling
        if (suggestion.empty()) suggestion = did_you_mean(member.key, usable);
        faults_.at_key(member.value, "E102", {fmt::format("unknown key \"{}\"", member.key), suggestion, help});
    }

    /// Those kinds of events that this version has.
    static std::vector<std::string> built(std::vector<std::string> kinds) {
        const std::vector<std::string>& later = find_child("events[]", "do")->choices_later;
        kinds.erase(std::remove_if(kinds.begin(), kinds.end(), [&](const auto& kind) { return contains(later, kind); }),
                    kinds.end());
        return kinds;
    }

    static bool one_edit_away(const std::string& word, const std::vector<std::string>& candidates) {
        const std::optional<std::string> meant = nearest(word, candidates);
        return meant && edit_distance(word, *meant) == 1;
    }

    static std::string elsewhere(const std::string& name) {
        const Key* key = find_key_called(name);
        return key != nullptr && key->supported ? fmt::format("there is {}", key->path) : std::string{};
    }

    void value(const Key& key, Node& node) {
        switch (key.shape) {
        case Shape::One: return one(key, node);
        case Shape::List: {
            if (!node.is_list()) return wrong_container(key, node);
            if (key.not_empty && node.elements.empty()) return empty(key, node);
            Key single = key;
            single.shape = Shape::One;
            single.path = inner_pattern(key);
            for (Node& element : node.elements) one(single, element);
            return;
        }
        case Shape::Map: {
            if (!node.is_object()) return wrong_container(key, node);
            if (key.not_empty && node.members.empty()) return empty(key, node);
            Key single = key;
            single.shape = Shape::One;
            single.path = inner_pattern(key);
            for (Member& member : node.members) one(single, member.value);
            return;
        }
        }
    }

    void one(const Key& key, Node& node) {
        if (is_draw(key.kind)) return check_draw(faults_, key, node);
        if (const auto fault = check_value(key, node)) {
            node.faulty = true;
            const std::string help = fault->code == "E110" ? fmt::format("{}: {}", key.name(), key.doc) : std::string{};
            faults_.at_value(node, fault->code, {fault->message, fault->suggestion, help});
            return;
        }
        if (key.kind == Kind::Object) object(node, key.path);
    }

    void wrong_container(const Key& key, Node& node) {
        node.faulty = true;
        const bool list = key.shape == Shape::List;
        std::string suggestion;
        if (list && !node.is_object())
            suggestion = fmt::format("write [{}]", to_json_text(node));
        else if (list)
            suggestion = "write [ { ... } ]";
        else if (!key.example.empty())
            suggestion = fmt::format("such as {{ \"...\": {} }}", key.example);
        faults_.at_value(
            node, "E201",
            {fmt::format("expected a{}, found {}", list ? " list" : "n object", description_of(node)), suggestion});
    }

    void empty(const Key& key, Node& node) {
        node.faulty = true;
        faults_.at_value(node, "E212", {fmt::format("\"{}\" needs at least one element", key.name())});
    }

    Faults& faults_;
    Purpose purpose_;
};

/// "clients[0].access" as the table of keys has it: "clients[].access".
std::string pattern_of(const Node& object) {
    std::string pattern;
    bool inside = false;
    for (const char c : path_of(object)) {
        if (c == ']') inside = false;
        if (!inside) pattern += c;
        if (c == '[') inside = true;
    }
    return pattern;
}

} // namespace

bool misspells(const Node& object, std::string_view key) {
    const std::string pattern = pattern_of(object);
    return std::any_of(object.members.begin(), object.members.end(), [&](const Member& member) {
        return member.value.faulty && find_child(pattern, member.key) == nullptr &&
               nearest(member.key, {std::string{key}}).has_value();
    });
}

bool check_shape(Faults& faults, Node& root, Purpose purpose) {
    if (!root.is_object()) {
        root.faulty = true;
        faults.at_value(root, "E201", {fmt::format("a scenario is one JSON object, found {}", description_of(root))});
        return false;
    }
    if (!check_format(faults, root)) return false; // keys of another format would all look wrong
    ShapeCheck(faults, purpose).object(root, "");
    return true;
}

} // namespace firstbyte::scenario
