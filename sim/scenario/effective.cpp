#include "scenario/effective.hpp"

#include "scenario/distribution.hpp"
#include "scenario/keys.hpp"
#include "scenario/values.hpp"

#include <algorithm>
#include <cstddef>
#include <utility>
#include <vector>

#include <fmt/format.h>
#include <nlohmann/json.hpp>

namespace firstbyte::scenario {

namespace {

using Json = nlohmann::json; // sorts the keys of objects

/// The value as the file has it, numbers included: they keep their digits.
Json as_written(const Node& node) {
    switch (node.kind) {
    case Node::Kind::Null: return nullptr;
    case Node::Kind::Bool: return node.truth;
    case Node::Kind::Number: return Json::parse(node.text);
    case Node::Kind::String: return node.text;
    case Node::Kind::Object: {
        Json object = Json::object();
        for (const Member& member : node.members) object[member.key] = as_written(member.value);
        return object;
    }
    case Node::Kind::List: {
        Json list = Json::array();
        for (const Node& element : node.elements) list.push_back(as_written(element));
        return list;
    }
    }
    return nullptr;
}

Json one_draw_value(const Key& key, const Node& node) {
    return Json::parse(draw_value_text(key.kind, draw_value(key, node).value));
}

Json draw(const Key& key, const Node& node) {
    if (!node.is_object()) return one_draw_value(key, node);
    const std::string& name = node.find("dist")->text;
    Json result{{"dist", name}};
    for (const DistributionShape& shape : distribution_shapes()) {
        if (shape.name != name) continue;
        for (const DistributionParameter& parameter : shape.parameters) {
            const Node* value = node.find(parameter.name);
            if (value == nullptr) continue;
            Json& to = result[parameter.name];
            switch (parameter.type) {
            case DistributionParameter::Type::Own: to = one_draw_value(key, *value); break;
            case DistributionParameter::Type::Values:
                for (const Node& element : value->elements) to.push_back(one_draw_value(key, element));
                break;
            case DistributionParameter::Type::Points:
                for (const Node& point : value->elements) {
                    to.push_back(Json::array({one_draw_value(key, point.elements[0]), as_number(point.elements[1])}));
                }
                break;
            case DistributionParameter::Type::Positive:
            case DistributionParameter::Type::NotNegative:
            case DistributionParameter::Type::Weights:
            case DistributionParameter::Type::Text: to = as_written(*value); break;
            }
        }
    }
    return result;
}

Json scalar(const Key& key, const Node& node) {
    switch (key.kind) {
    case Kind::Duration: return duration_text(as_duration(node));
    case Kind::Size: return size_text(as_size(node));
    case Kind::BitRate: return bit_rate_text(as_bit_rate(node));
    case Kind::EventRate: return event_rate_text(as_event_rate(node));
    case Kind::Share: return as_share(node);
    case Kind::Place: return Json::array({as_place(node).lat, as_place(node).lon});
    case Kind::Queue: return packets_of(node) ? fmt::format("{} packets", *packets_of(node)) : size_text(as_size(node));
    case Kind::DurationPair:
        return Json::array(
            {duration_text(as_duration(node.elements[0])), duration_text(as_duration(node.elements[1]))});
    case Kind::DurationDraw:
    case Kind::SizeDraw:
    case Kind::CountDraw: return draw(key, node);
    default: return as_written(node);
    }
}

Json object(const Node& node, const std::string& pattern);

Json value(const Key& key, const Node& node) {
    const auto one = [&key](const Node& single) {
        return key.kind == Kind::Object ? object(single, inner_pattern(key)) : scalar(key, single);
    };
    if (key.shape == Shape::One) return one(node);
    if (key.shape == Shape::List) {
        Json list = Json::array();
        for (const Node& element : node.elements) list.push_back(one(element));
        return list;
    }
    Json map = Json::object();
    for (const Member& member : node.members) map[member.key] = one(member.value);
    return map;
}

Json object(const Node& node, const std::string& pattern) {
    Json result = Json::object();
    for (const Member& member : node.members) {
        const Key* key = find_child(pattern, member.key);
        if (key != nullptr && key->path != "$schema") result[member.key] = value(*key, member.value);
    }
    return result;
}

} // namespace

namespace {

/// Writes the scenario value by value, each with its origin.
class Annotated {
public:
    Annotated(const Node& root, const SourceText& source, const std::vector<std::string>& set_by)
        : source_(source), set_by_(set_by) {
        const Node* edge = root.find("edge");
        const Node* profile = edge != nullptr ? edge->find("profile") : nullptr;
        if (profile != nullptr) profile_ = profile->text;
    }

    std::string text(const Node& root) {
        put_object("", root, "", 0, "");
        std::size_t column = 0;
        for (const Line& line : lines_) column = std::max(column, std::min(line.text.size(), widest));
        std::string out;
        for (const Line& line : lines_)
            out += line.comment.empty() ? line.text + "\n"
                                        : fmt::format("{:<{}}  // {}\n", line.text, column, line.comment);
        return out;
    }

private:
    static constexpr std::size_t widest = 60; // characters; longer values push their comment to the right

    struct Line {
        std::string text, comment;
    };

    static std::string spaces(int depth) { return std::string(static_cast<std::size_t>(2 * depth), ' '); }

    void put_object(const std::string& head, const Node& node, const std::string& pattern, int depth,
                    const char* behind) {
        std::vector<std::pair<const Member*, const Key*>> members;
        for (const Member& member : node.members) {
            const Key* key = find_child(pattern, member.key);
            if (key != nullptr && key->path != "$schema") members.emplace_back(&member, key);
        }
        std::sort(members.begin(), members.end(),
                  [](const auto& a, const auto& b) { return a.first->key < b.first->key; });
        lines_.push_back({spaces(depth) + head + "{", ""});
        for (std::size_t i = 0; i < members.size(); ++i) {
            const auto& [member, key] = members[i];
            put_value(Json(member->key).dump() + ": ", *key, member->value, depth + 1,
                      i + 1 < members.size() ? "," : "");
        }
        lines_.push_back({spaces(depth) + "}" + behind, ""});
    }

    void put_value(const std::string& head, const Key& key, const Node& node, int depth, const char* behind) {
        if (key.kind == Kind::Object && key.shape == Shape::One)
            return put_object(head, node, inner_pattern(key), depth, behind);
        if (key.kind == Kind::Object && key.shape == Shape::List && !node.elements.empty()) {
            lines_.push_back({spaces(depth) + head + "[", ""});
            for (std::size_t i = 0; i < node.elements.size(); ++i)
                put_object("", node.elements[i], inner_pattern(key), depth + 1,
                           i + 1 < node.elements.size() ? "," : "");
            lines_.push_back({spaces(depth) + "]" + behind, ""});
            return;
        }
        lines_.push_back({spaces(depth) + head + value(key, node).dump() + behind, origin_of(node)});
    }

    [[nodiscard]] std::string origin_of(const Node& node) const {
        switch (node.from) {
        case Node::From::File: return fmt::format("line {}", source_.position(node.span.begin).line);
        case Node::From::Override: return set_by_[static_cast<std::size_t>(node.override_index)];
        case Node::From::Default: break;
        }
        if (node.reason == nullptr) return "default";
        const std::string reason = node.reason;
        return reason == "profile" ? "profile " + profile_ : "default, follows from " + reason;
    }

    const SourceText& source_;
    const std::vector<std::string>& set_by_;
    std::string profile_;
    std::vector<Line> lines_;
};

} // namespace

std::string annotated_json(const Node& root, const SourceText& source, const std::vector<std::string>& set_by) {
    return Annotated(root, source, set_by).text(root);
}

std::string effective_json(const Node& root) { return object(root, "").dump(2); }

} // namespace firstbyte::scenario
