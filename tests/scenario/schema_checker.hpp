/// The part of JSON Schema that our schemas use, draft-07 for scenarios and 2020-12 for results, written from the
/// specifications for the tests.
#pragma once

#include <nlohmann/json.hpp>

#include <map>
#include <regex>
#include <set>
#include <stdexcept>
#include <string>

namespace firstbyte::scenario_test {

class SchemaChecker {
public:
    using Json = nlohmann::json;
    explicit SchemaChecker(const Json& root) : root_(root) {}

    /// Why `value` does not fit, with its place; empty when it fits.
    std::string why_not(const Json& value) const { return check(root_, value, "$"); }

private:
    static bool has_type(const Json& value, const std::string& type) {
        if (type == "object") return value.is_object();
        if (type == "array") return value.is_array();
        if (type == "string") return value.is_string();
        if (type == "boolean") return value.is_boolean();
        if (type == "number") return value.is_number();
        if (type == "integer") return value.is_number_integer();
        if (type == "null") return value.is_null();
        throw std::runtime_error("unexpected type " + type);
    }

    /// `type` is one name or a list of them.
    static bool has_one_type(const Json& value, const Json& type) {
        if (type.is_string()) return has_type(value, type.get<std::string>());
        bool found = false;
        for (const Json& one : type) found = found || has_type(value, one.get<std::string>());
        return found;
    }

    static bool matches(const std::string& text, const std::string& pattern) {
        static std::map<std::string, std::regex> compiled; // building one takes longer than using it
        return std::regex_search(text, compiled.try_emplace(pattern, pattern).first->second);
    }

    std::string check(const Json& schema, const Json& value, const std::string& at) const {
        if (schema.is_boolean()) return schema.get<bool>() ? "" : at + ": nothing is allowed here";
        if (schema.contains("$ref")) { // siblings of $ref are ignored in draft-07; ours of 2020-12 have none
            return check(root_.at(Json::json_pointer(schema["$ref"].get<std::string>().substr(1))), value, at);
        }
        static const std::set<std::string> known{"$schema",
                                                 "title",
                                                 "definitions",
                                                 "$defs",
                                                 "description",
                                                 "markdownDescription",
                                                 "default",
                                                 "examples",
                                                 "type",
                                                 "enum",
                                                 "const",
                                                 "anyOf",
                                                 "allOf",
                                                 "if",
                                                 "then",
                                                 "properties",
                                                 "patternProperties",
                                                 "additionalProperties",
                                                 "required",
                                                 "items",
                                                 "minItems",
                                                 "maxItems",
                                                 "minProperties",
                                                 "minimum",
                                                 "maximum",
                                                 "exclusiveMinimum",
                                                 "pattern"};
        for (const auto& [keyword, rule] : schema.items()) {
            if (known.count(keyword) == 0) throw std::runtime_error("unexpected keyword " + keyword);
        }
        if (schema.contains("type") && !has_one_type(value, schema["type"]))
            return at + ": is not of type " + schema["type"].dump();
        if (schema.contains("enum")) {
            bool found = false;
            for (const Json& choice : schema["enum"]) found = found || choice == value;
            if (!found) return at + ": is none of " + schema["enum"].dump();
        }
        if (schema.contains("const") && schema["const"] != value) return at + ": is not " + schema["const"].dump();
        if (value.is_string() && schema.contains("pattern") && !matches(value, schema["pattern"]))
            return at + ": does not match";
        if (value.is_number() && schema.contains("minimum") && value < schema["minimum"]) return at + ": too small";
        if (value.is_number() && schema.contains("maximum") && value > schema["maximum"]) return at + ": too large";
        if (value.is_number() && schema.contains("exclusiveMinimum") && value <= schema["exclusiveMinimum"])
            return at + ": too small";
        if (schema.contains("anyOf")) {
            std::string reasons;
            for (const Json& choice : schema["anyOf"]) {
                const std::string reason = check(choice, value, at);
                if (reason.empty()) return check_rest(schema, value, at);
                reasons += (reasons.empty() ? "" : " and ") + reason;
            }
            return reasons;
        }
        return check_rest(schema, value, at);
    }

    std::string check_rest(const Json& schema, const Json& value, const std::string& at) const {
        for (const Json& part : schema.value("allOf", Json::array())) {
            if (std::string reason = check(part, value, at); !reason.empty()) return reason;
        }
        if (schema.contains("if") && check(schema["if"], value, at).empty()) {
            if (std::string reason = check(schema["then"], value, at); !reason.empty()) return reason;
        }
        return value.is_object()  ? check_object(schema, value, at)
               : value.is_array() ? check_array(schema, value, at)
                                  : "";
    }

    std::string check_object(const Json& schema, const Json& value, const std::string& at) const {
        for (const Json& key : schema.value("required", Json::array())) {
            if (!value.contains(key.get<std::string>())) return at + ": lacks " + key.get<std::string>();
        }
        if (value.size() < schema.value("minProperties", 0U)) return at + ": has too few members";
        const Json properties = schema.value("properties", Json::object()),
                   patterns = schema.value("patternProperties", Json::object());
        for (const auto& [key, member] : value.items()) {
            bool known = properties.contains(key);
            if (known) {
                if (std::string reason = check(properties[key], member, at + "." + key); !reason.empty()) return reason;
            }
            for (const auto& [pattern, rule] : patterns.items()) {
                if (!matches(key, pattern)) continue;
                known = true;
                if (std::string reason = check(rule, member, at + "." + key); !reason.empty()) return reason;
            }
            if (known || !schema.contains("additionalProperties")) continue;
            if (std::string reason = check(schema["additionalProperties"], member, at + "." + key); !reason.empty())
                return reason;
        }
        return {};
    }

    std::string check_array(const Json& schema, const Json& value, const std::string& at) const {
        if (value.size() < schema.value("minItems", 0U)) return at + ": has too few elements";
        if (schema.contains("maxItems") && value.size() > schema["maxItems"].get<std::size_t>())
            return at + ": has too many elements";
        for (std::size_t i = 0; schema.contains("items") && i < value.size(); ++i) {
            if (std::string reason = check(schema["items"], value[i], at + "[" + std::to_string(i) + "]");
                !reason.empty())
                return reason;
        }
        return {};
    }

    const Json& root_;
};

} // namespace firstbyte::scenario_test
