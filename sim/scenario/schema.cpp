/// JSON Schema (draft-07) out of the table of keys.
#include "scenario/distribution.hpp"
#include "scenario/keys.hpp"
#include "scenario/values.hpp"

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include <cmath>

namespace firstbyte {

namespace scenario {

namespace {

using Json = nlohmann::json;

const char* const number_pattern = R"([0-9]+(\.[0-9]+)?)";

Json text_matching(const std::string& pattern) { return {{"type", "string"}, {"pattern", "^" + pattern + "$"}}; }

std::string with_units(const std::string& units) { return fmt::format("{}({})", number_pattern, units); }

const std::string duration_pattern = with_units("ns|us|\u00b5s|\u03bcs|ms|s|min|h");
const std::string size_pattern = with_units("B|KB|MB|GB|KiB|MiB|GiB");

Json integer_between(double least, double most) {
    Json schema{{"type", "integer"}};
    schema["minimum"] = static_cast<std::int64_t>(least);
    if (most < 1e18) schema["maximum"] = static_cast<std::int64_t>(most);
    return schema;
}

Json pair_of(const Json& item) { return {{"type", "array"}, {"items", item}, {"minItems", 2}, {"maxItems", 2}}; }

Json asn() { return integer_between(1, 4'294'967'295); } // RFC 6793

/// The value that a D key takes in place of a distribution.
Json plain_draw(Kind kind) {
    if (kind == Kind::DurationDraw) return text_matching(duration_pattern);
    if (kind == Kind::SizeDraw) return text_matching(size_pattern);
    return {{"type", "number"}};
}

Json parameter_schema(const DistributionParameter& parameter, Kind kind) {
    using Type = DistributionParameter::Type;
    switch (parameter.type) {
    case Type::Own: return plain_draw(kind);
    case Type::Positive: return {{"type", "number"}, {"exclusiveMinimum", 0}};
    case Type::NotNegative: return {{"type", "number"}, {"minimum", 0}};
    case Type::Values: return {{"type", "array"}, {"minItems", 1}, {"items", plain_draw(kind)}};
    case Type::Weights: return {{"type", "array"}, {"minItems", 1}, {"items", {{"type", "number"}, {"minimum", 0}}}};
    case Type::Points:
        return {{"type", "array"}, {"minItems", 1}, {"items", {{"type", "array"}, {"minItems", 2}, {"maxItems", 2}}}};
    case Type::Text: return {{"type", "string"}};
    }
    return true;
}

/// A constant, or an object that `dist` tells apart.
Json draw_schema(Kind kind) {
    Json object{{"type", "object"}, {"required", {"dist"}}};
    Json names = Json::array(), branches = Json::array();
    for (const DistributionShape& shape : distribution_shapes()) {
        if (shape.counts_only && kind != Kind::CountDraw) continue;
        names.push_back(shape.name);
        Json then{{"properties", {{"dist", true}}},
                  {"additionalProperties", false},
                  {"patternProperties", {{"^x-", true}}},
                  {"required", {"dist"}}};
        for (const DistributionParameter& parameter : shape.parameters) {
            then["properties"][parameter.name] = parameter_schema(parameter, kind);
            then["properties"][parameter.name]["description"] = parameter.doc;
            if (parameter.required) then["required"].push_back(parameter.name);
        }
        branches.push_back({{"if", {{"properties", {{"dist", {{"const", shape.name}}}}}}}, {"then", std::move(then)}});
    }
    object["properties"] = {{"dist", {{"enum", std::move(names)}}}};
    object["allOf"] = std::move(branches);
    return {{"anyOf", {plain_draw(kind), std::move(object)}}};
}

const char* definition_of(Kind kind) {
    switch (kind) {
    case Kind::DurationDraw: return "#/definitions/duration_draw";
    case Kind::SizeDraw: return "#/definitions/size_draw";
    default: return "#/definitions/count_draw";
    }
}

Json kind_schema(const Key& key) {
    switch (key.kind) {
    case Kind::Object: return {{"type", "object"}};
    case Kind::Text:
    case Kind::File:
    case Kind::Expression: return {{"type", "string"}};
    case Kind::FileStem: return text_matching(R"([^./\\][^/\\]*)");
    case Kind::Id: return text_matching(R"([^\s.\[\]{}()<>,=*"'/\\|]+)");
    case Kind::Country: return text_matching("[A-Z][A-Z]");
    case Kind::Choice: {
        Json words = key.choices;
        for (const std::string& word : key.choices_later) words.push_back(word);
        return {{"enum", std::move(words)}};
    }
    case Kind::Bool: return {{"type", "boolean"}};
    case Kind::Switch: return {{"enum", {true, false, "profile"}}};
    case Kind::Integer: return integer_between(key.min, key.max);
    case Kind::Seed: return {{"type", "integer"}, {"minimum", 0}};
    case Kind::Number: {
        Json schema{{"type", "number"}, {"minimum", key.min}};
        if (std::isfinite(key.max)) schema["maximum"] = key.max;
        return schema;
    }
    case Kind::Share:
        return {{"anyOf",
                 {Json{{"type", "number"}, {"minimum", 0}, {"maximum", 1}},
                  text_matching(std::string{number_pattern} + "%")}}};
    case Kind::Duration: return text_matching(duration_pattern);
    case Kind::Size: return text_matching(size_pattern);
    case Kind::BitRate: return text_matching("(unlimited|" + with_units("bps|Kbps|Mbps|Gbps") + ")");
    case Kind::EventRate: return text_matching(with_units("/s|/min|/h"));
    case Kind::Place: return {{"anyOf", {Json{{"type", "string"}}, pair_of({{"type", "number"}})}}};
    case Kind::Asn: return asn();
    case Kind::Prefix: return text_matching(R"([0-9]+(\.[0-9]+){3}/[0-9]+)");
    case Kind::Upstreams: return {{"anyOf", {integer_between(0, 1000), Json{{"type", "array"}, {"items", asn()}}}}};
    case Kind::Queue: return text_matching("(" + size_pattern + "|[0-9]+ packets?)");
    case Kind::Quantile: return text_matching("p" + std::string{number_pattern});
    case Kind::WarningCode: return text_matching("W[0-9]{3}");
    case Kind::LinkEnd: return {{"anyOf", {asn(), Json{{"type", "string"}}}}};
    case Kind::AsnPair: return pair_of(asn());
    case Kind::CountPair: return pair_of(integer_between(1, 2'147'483'647));
    case Kind::DurationPair: return pair_of(text_matching(duration_pattern));
    case Kind::DurationDraw:
    case Kind::SizeDraw:
    case Kind::CountDraw: return {{"$ref", definition_of(key.kind)}};
    case Kind::Overrides: return {{"type", "object"}};
    case Kind::Anything: break;
    }
    return Json::object();
}

Json object_schema(const std::string& pattern);

Json key_schema(const Key& key) {
    Json single = kind_schema(key);
    if (key.kind == Kind::Object) {
        single = object_schema(inner_pattern(key));
        const Key* plain = key.shorthand.empty() ? nullptr : find_child(inner_pattern(key), key.shorthand);
        if (plain != nullptr) single = {{"anyOf", {kind_schema(*plain), std::move(single)}}};
    }
    Json schema = std::move(single);
    if (key.shape == Shape::List) schema = {{"type", "array"}, {"items", std::move(schema)}};
    if (key.shape == Shape::List && key.not_empty) schema["minItems"] = 1;
    if (key.shape == Shape::Map) schema = {{"type", "object"}, {"additionalProperties", std::move(schema)}};
    if (key.shape == Shape::Map && key.not_empty) schema["minProperties"] = 1;

    // Beside "$ref" draft-07 reads nothing; editors show the text of such a key all the same.
    schema["description"] = doc_of(key) + (key.supported ? "" : " (not supported yet)");
    schema["markdownDescription"] =
        fmt::format("**{}** ({}): {}", key.path, noun_of(key), schema["description"].get<std::string>());
    if (key.has_default && !key.default_value.empty()) {
        Node value = parse_value(key.default_value, Node::From::Default);
        const bool word = value.is_number() && (key.kind == Kind::Choice || key.kind == Kind::Text);
        schema["default"] = word ? Json(value.text) : Json::parse(to_json_text(value));
    }
    if (!key.example.empty())
        schema["examples"] = Json::array({Json::parse(to_json_text(parse_value(key.example, Node::From::Default)))});
    return schema;
}

Json object_schema(const std::string& pattern) {
    Json schema{{"type", "object"}, {"additionalProperties", false}, {"patternProperties", {{"^x-", true}}}};
    Json properties = Json::object(), required = Json::array();
    for (const Key* key : children_of(pattern)) {
        properties[key->name()] = key_schema(*key);
        if (key->required) required.push_back(key->name());
    }
    schema["properties"] = std::move(properties);
    if (!required.empty()) schema["required"] = std::move(required);
    return schema;
}

} // namespace

} // namespace scenario

std::string scenario_schema_json() {
    using scenario::Kind;
    nlohmann::json schema = scenario::object_schema("");
    schema["$schema"] = "http://json-schema.org/draft-07/schema#";
    schema["title"] = "Firstbyte scenario";
    schema["definitions"] = {{"duration_draw", scenario::draw_schema(Kind::DurationDraw)},
                             {"size_draw", scenario::draw_schema(Kind::SizeDraw)},
                             {"count_draw", scenario::draw_schema(Kind::CountDraw)}};
    return schema.dump(2) + "\n";
}

} // namespace firstbyte
