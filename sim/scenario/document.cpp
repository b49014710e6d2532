#include "scenario/document.hpp"

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include <algorithm>

namespace firstbyte::scenario {

const Node* Node::find(std::string_view key) const {
    for (const Member& member : members) {
        if (member.key == key) return &member.value;
    }
    return nullptr;
}

Node* Node::find(std::string_view key) { return const_cast<Node*>(static_cast<const Node*>(this)->find(key)); }

void link_parents(Node& root) {
    for (Member& member : root.members) {
        member.value.parent = &root;
        link_parents(member.value);
    }
    for (Node& element : root.elements) {
        element.parent = &root;
        link_parents(element);
    }
}

const Member* member_of(const Node& node) {
    if (node.parent == nullptr || !node.parent->is_object()) return nullptr;
    for (const Member& member : node.parent->members) {
        if (&member.value == &node) return &member;
    }
    return nullptr;
}

std::string path_of(const Node& node) {
    if (node.parent == nullptr) return {};
    const std::string above = path_of(*node.parent);
    if (const Member* member = member_of(node)) return above.empty() ? member->key : above + "." + member->key;
    return fmt::format("{}[{}]", above, &node - node.parent->elements.data());
}

std::string element_of(const Node& node) {
    for (const Node* at = &node; at->parent != nullptr; at = at->parent) {
        if (!at->parent->is_list() || !at->is_object()) continue;
        const Node* id = at->find("id");
        const Member* list = member_of(*at->parent);
        if (id == nullptr || !id->is_string() || list == nullptr) continue;
        std::string noun = list->key;
        if (noun.size() > 1 && noun.back() == 's') noun.pop_back();
        return fmt::format("{} \"{}\"", noun, id->text);
    }
    return {};
}

std::string description_of(const Node& node) {
    switch (node.kind) {
    case Node::Kind::Null: return "null";
    case Node::Kind::Bool: return node.truth ? "true" : "false";
    case Node::Kind::Number: return "the number " + node.text;
    case Node::Kind::String: return fmt::format("\"{}\"", node.text);
    case Node::Kind::Object: return "an object";
    case Node::Kind::List: return "a list";
    }
    return {};
}

std::string to_json_text(const Node& node) {
    switch (node.kind) {
    case Node::Kind::Null: return "null";
    case Node::Kind::Bool: return node.truth ? "true" : "false";
    case Node::Kind::Number: return node.text;
    case Node::Kind::String: return nlohmann::json(node.text).dump();
    case Node::Kind::Object: {
        std::string text = "{";
        for (const Member& member : node.members) {
            if (text.size() > 1) text += ",";
            text += nlohmann::json(member.key).dump() + ":" + to_json_text(member.value);
        }
        return text + "}";
    }
    case Node::Kind::List: {
        std::string text = "[";
        for (const Node& element : node.elements) {
            if (text.size() > 1) text += ",";
            text += to_json_text(element);
        }
        return text + "]";
    }
    }
    return {};
}

} // namespace firstbyte::scenario
