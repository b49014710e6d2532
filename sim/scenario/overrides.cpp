#include "scenario/overrides.hpp"

#include "scenario/distribution.hpp"
#include "scenario/keys.hpp"
#include "scenario/normalise.hpp"
#include "scenario/spelling.hpp"
#include "scenario/units.hpp"

#include <fmt/format.h>

#include <vector>

namespace firstbyte::scenario {

namespace {

/// "clients[*].tfo.support" to clients, *, tfo, support.
std::vector<std::string> steps_of(const std::string& path) {
    std::vector<std::string> steps(1);
    for (const char c : path) {
        if (c == '.' || c == '[')
            steps.emplace_back();
        else if (c != ']')
            steps.back() += c;
    }
    return steps;
}

class Setter {
public:
    Setter(Faults& faults, const std::string& path, const Node& value, const Node* place, bool trust)
        : faults_(faults), path_(path), steps_(steps_of(path)), value_(value), place_(place), trust_(trust) {}

    void into_object(Node& object, const std::string& pattern, std::size_t depth) {
        const std::string& step = steps_[depth];
        const Key* key = find_child(pattern, step);
        if (key == nullptr) {
            std::vector<std::string> names;
            for (const Key* child : children_of(pattern)) names.push_back(child->name());
            return lost(fmt::format("path \"{}\" leads nowhere: unknown key \"{}\"", path_, step),
                        did_you_mean(step, names));
        }
        if (!key->supported) return fault("E110", fmt::format("\"{}\" is not supported yet", key->path), {});
        Node* child = object.find(step);
        if (depth + 1 == steps_.size()) {
            if (child == nullptr) child = &append(object, step, Node::Kind::Null);
            return set(*child, *key);
        }
        if (key->shape == Shape::List) {
            if (child == nullptr && key->has_default && !key->from_profile) child = &append_default(object, *key);
            return into_list(child, *key, depth + 1);
        }
        if (child == nullptr) child = &append(object, step, Node::Kind::Object);
        if (key->shape == Shape::Map || is_draw(key->kind)) return into_map(*child, depth + 1);
        if (key->kind == Kind::Object && child->is_object()) return into_object(*child, key->path, depth + 1);
        if (!trust_) return; // the value in the way is a fault of its own
        lost(fmt::format("path \"{}\" leads nowhere: \"{}\" is {}", path_, step, description_of(*child)), {});
    }

private:
    void into_list(Node* list, const Key& key, std::size_t depth) {
        const std::string& step = steps_[depth];
        std::vector<std::string> names;
        bool matched = false, all_named = list != nullptr && list->is_list();
        for (std::size_t i = 0; list != nullptr && i < list->elements.size(); ++i) {
            Node& element = list->elements[i];
            const Node* id = element.find("id");
            if (id != nullptr) names.push_back(id->text);
            all_named = all_named && id != nullptr;
            const bool meant = step == "*" || (id != nullptr && id->text == step) || step == std::to_string(i);
            if (!meant) continue;
            matched = true;
            Key single = key;
            single.shape = Shape::One;
            if (depth + 1 == steps_.size())
                set(element, single);
            else if (key.kind == Kind::Object && element.is_object())
                into_object(element, inner_pattern(key), depth + 1);
            else if (trust_)
                return lost(fmt::format("path \"{}\" leads nowhere: {} has no keys", path_, description_of(element)),
                            {});
        }
        if (matched || (!trust_ && !all_named)) return;
        lost(fmt::format("path \"{}\" leads nowhere: {} has no element \"{}\"", path_, key.path, step),
             did_you_mean(step, names));
    }

    /// The members of a map, or the parameters of a distribution.
    void into_map(Node& map, std::size_t depth) {
        if (!map.is_object() || depth + 1 != steps_.size()) {
            if (!trust_ && !map.is_object()) return;
            return lost(
                fmt::format("path \"{}\" leads nowhere: \"{}\" is {}", path_, steps_[depth - 1], description_of(map)),
                {});
        }
        Node* child = map.find(steps_[depth]);
        if (child == nullptr) child = &append(map, steps_[depth], Node::Kind::Null);
        *child = value_;
    }

    /// A plain value in place of an object sets the member it stands for and keeps the rest.
    void set(Node& target, const Key& key) {
        Node value = value_;
        adapt_kind(value, key);
        const bool keeps_rest = target.is_object() && stands_for_member(value, key);
        if (keeps_rest) {
            Node* member = target.find(key.shorthand);
            if (member == nullptr) member = &append(target, key.shorthand, Node::Kind::Null);
            *member = std::move(value);
            return;
        }
        expand_shorthand(value, key);
        target = std::move(value);
    }

    Node& append(Node& object, const std::string& name, Node::Kind kind) {
        Node child;
        child.kind = kind;
        child.from = value_.from;
        child.override_index = value_.override_index;
        child.span = value_.span;
        object.members.push_back({name, value_.span, std::move(child)});
        return object.members.back().value;
    }

    /// The elements that the table gives an absent list: they can be addressed like those of the file.
    static Node& append_default(Node& object, const Key& key) {
        Node list = parse_value(key.default_value, Node::From::Default);
        expand_shorthand(list, key);
        object.members.push_back({key.name(), {}, std::move(list)});
        return object.members.back().value;
    }

    void lost(std::string message, std::string suggestion) { fault("E307", std::move(message), std::move(suggestion)); }

    void fault(const std::string& code, std::string message, std::string suggestion) {
        if (reported_) return; // a pattern with * is told once
        reported_ = true;
        if (place_ != nullptr)
            faults_.at_key(*place_, code, {std::move(message), std::move(suggestion)});
        else
            faults_.at_override(value_.override_index, path_, code, {std::move(message), std::move(suggestion)});
    }

    Faults& faults_;
    const std::string& path_;
    std::vector<std::string> steps_;
    const Node& value_;
    const Node* place_;
    bool trust_;
    bool reported_ = false;
};

} // namespace

void apply_override(Faults& faults, Node& root, const std::string& path, const Node& value, const Node* place,
                    bool trust) {
    Setter(faults, path, value, place, trust).into_object(root, "", 0);
}

} // namespace firstbyte::scenario
