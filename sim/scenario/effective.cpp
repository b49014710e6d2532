#include "scenario/effective.hpp"

#include "scenario/distribution.hpp"
#include "scenario/keys.hpp"
#include "scenario/values.hpp"

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

std::string effective_json(const Node& root) { return object(root, "").dump(2); }

} // namespace firstbyte::scenario
