#include "scenario/values.hpp"

#include "core/cities.hpp"
#include "scenario/error_codes.hpp"
#include "scenario/spelling.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <charconv>
#include <cmath>

namespace firstbyte::scenario {

namespace {

constexpr double endless = 1e18; // ranges up to here are "no upper limit" for messages

/// "a duration", "an ASN"; plain words for the kinds that are themselves a list of values.
std::string one_of(Kind kind) {
    std::string noun = noun_of(kind);
    if (kind == Kind::Bool || kind == Kind::Switch) return noun;
    const bool vowel =
        std::string_view{"aeioAI"}.find(noun.front()) != std::string_view::npos; // "an ASN", "an IPv4 prefix"
    return (vowel ? "an " : "a ") + noun;
}

ValueFault wrong_kind(const Key& key, const Node& node) {
    const std::string example = example_of(key);
    const bool shown = !example.empty() && key.kind != Kind::Bool && key.kind != Kind::Switch;
    return {"E201", fmt::format("expected {}{}{}, found {}", one_of(key.kind), shown ? " such as " : "",
                                shown ? example : std::string{}, description_of(node))};
}

std::string in_unit(Kind kind, double value) {
    switch (kind) {
    case Kind::Duration:
    case Kind::DurationDraw: return duration_text(Duration{std::llround(value)});
    case Kind::Size:
    case Kind::SizeDraw: return size_text(Bytes{std::llround(value)});
    default: return number_text(value);
    }
}

template <class T>
std::optional<ValueFault> with_range(const Key& key, const Parsed<T>& parsed, double value) {
    return parsed ? range_fault(key, value) : parsed.fault;
}

std::optional<ValueFault> check_integer(const Key& key, const Node& node) {
    if (!node.is_number()) return wrong_kind(key, node);
    const std::optional<std::int64_t> value = parse_integer(node.text);
    if (value) return range_fault(key, static_cast<double>(*value));
    const std::optional<double> real = parse_number(node.text);
    if (real && std::abs(*real) > endless) return range_fault(key, *real);
    return ValueFault{"E201", fmt::format("expected an integer, found {}", node.text)};
}

std::optional<ValueFault> check_seed(const Key& key, const Node& node) {
    if (!node.is_number()) return wrong_kind(key, node);
    std::uint64_t seed = 0;
    const char* end = node.text.data() + node.text.size();
    const auto result = std::from_chars(node.text.data(), end, seed);
    if (result.ec == std::errc{} && result.ptr == end) return std::nullopt;
    return ValueFault{"E203", "a seed is an integer from 0 to 18446744073709551615"};
}

std::optional<ValueFault> check_asn(const Key& key, const Node& node) {
    if (!node.is_number()) return wrong_kind(key, node);
    const std::optional<std::int64_t> value = parse_integer(node.text);
    constexpr std::int64_t asn_max = 4'294'967'295; // RFC 6793: 32 bits; RFC 7607: 0 is reserved
    if (value && *value >= 1 && *value <= asn_max) return std::nullopt;
    return ValueFault{"E209", fmt::format("an ASN is from 1 to {}", asn_max)};
}

std::optional<ValueFault> check_prefix(const Key& key, const Node& node) {
    if (!node.is_string()) return wrong_kind(key, node);
    const ValueFault fault{"E208", fmt::format("\"{}\" is not an IPv4 prefix such as \"198.51.100.0/24\"", node.text)};
    std::array<std::uint32_t, 5> parts{};
    const char* at = node.text.data();
    const char* const end = at + node.text.size();
    for (std::size_t i = 0; i < parts.size(); ++i) {
        const auto result = std::from_chars(at, end, parts[i]);
        if (result.ec != std::errc{} || parts[i] > (i < 4 ? 255U : 32U)) return fault;
        at = result.ptr;
        constexpr std::string_view separators = ".../";
        if (i < 4 && (at == end || *at != separators[i])) return fault;
        if (i < 4) ++at;
    }
    if (at != end) return fault;
    const std::uint32_t address = (parts[0] << 24U) | (parts[1] << 16U) | (parts[2] << 8U) | parts[3];
    const std::uint32_t host_mask = parts[4] == 0 ? ~0U : (parts[4] == 32 ? 0U : (1U << (32U - parts[4])) - 1U);
    if ((address & host_mask) == 0) return std::nullopt;
    return ValueFault{"E208", fmt::format("\"{}\" has bits set beyond its length", node.text)};
}

std::optional<ValueFault> check_place(const Key& key, const Node& node) {
    if (node.is_string()) {
        if (find_city(node.text)) return std::nullopt;
        return ValueFault{"E207", fmt::format("no city is called \"{}\"", node.text), [&] {
                              const std::vector<std::string> names = nearest_city_names(node.text);
                              return names.empty() ? std::string{"give [latitude, longitude]"}
                                                   : fmt::format("did you mean \"{}\"?", names.front());
                          }()};
    }
    const bool pair =
        node.is_list() && node.elements.size() == 2 && node.elements[0].is_number() && node.elements[1].is_number();
    if (!pair) return wrong_kind(key, node);
    const double lat = as_number(node.elements[0]), lon = as_number(node.elements[1]);
    if (lat < -90 || lat > 90)
        return ValueFault{"E203", "a latitude is from -90 to 90", "places are [latitude, longitude]"};
    if (lon < -180 || lon > 180)
        return ValueFault{"E203", "a longitude is from -180 to 180", "places are [latitude, longitude]"};
    return std::nullopt;
}

std::optional<ValueFault> check_id(const Key& key, const Node& node) {
    if (!node.is_string()) return wrong_kind(key, node);
    if (node.text.empty()) return ValueFault{"E211", "an id cannot be empty"};
    for (const char c : node.text) {
        const bool plain = static_cast<unsigned char>(c) > ' ' &&
                           std::string_view{".[]{}()<>,=*\"'/\\|"}.find(c) == std::string_view::npos;
        // Ids stand in paths, threshold labels and command lines.
        if (!plain)
            return ValueFault{"E211", fmt::format("an id cannot contain '{}'", c), "use letters, digits, - and _"};
    }
    return std::nullopt;
}

std::optional<ValueFault> check_file_stem(const Key& key, const Node& node) {
    if (!node.is_string()) return wrong_kind(key, node);
    if (node.text.empty()) return ValueFault{"E211", "a name cannot be empty"};
    const bool plain = std::none_of(node.text.begin(), node.text.end(), [](char c) {
        return static_cast<unsigned char>(c) < ' ' || c == '/' || c == '\\';
    });
    if (plain && node.text.front() != '.') return std::nullopt;
    return ValueFault{"E211", "output files are called after it: no slash, no control character, no dot in front"};
}

std::optional<ValueFault> check_choice(const Key& key, const Node& node) {
    if (node.is_string()) {
        if (std::find(key.choices.begin(), key.choices.end(), node.text) != key.choices.end()) return std::nullopt;
        if (std::find(key.choices_later.begin(), key.choices_later.end(), node.text) != key.choices_later.end()) {
            return ValueFault{"E110", fmt::format("\"{}\" is not supported yet", node.text),
                              "supported: " + any_of(key.choices)};
        }
    }
    std::string suggestion;
    if (node.is_string()) suggestion = did_you_mean(node.text, key.choices);
    if (node.is_number() && std::find(key.choices.begin(), key.choices.end(), node.text) != key.choices.end()) {
        suggestion = fmt::format("write \"{}\"", node.text);
    }
    return ValueFault{"E202", fmt::format("expected {}, found {}", any_of(key.choices), description_of(node)),
                      suggestion};
}

std::optional<ValueFault> check_country(const Key& key, const Node& node) {
    if (!node.is_string()) return wrong_kind(key, node);
    const auto capital = [](char c) { return c >= 'A' && c <= 'Z'; };
    if (node.text.size() == 2 && capital(node.text[0]) && capital(node.text[1])) return std::nullopt;
    return ValueFault{
        "E204", fmt::format("expected a country code of two capital letters (ISO 3166), found \"{}\"", node.text)};
}

std::optional<ValueFault> check_quantile(const Key& key, const Node& node) {
    if (!node.is_string()) return wrong_kind(key, node);
    const bool form = node.text.size() > 1 && node.text.front() == 'p';
    const std::optional<double> percent = form ? parse_number(std::string_view{node.text}.substr(1)) : std::nullopt;
    if (percent && *percent > 0 && *percent < 100) return std::nullopt;
    return ValueFault{"E204", fmt::format("expected a quantile such as \"p99\", found \"{}\"", node.text)};
}

std::optional<ValueFault> check_pair(const Key& key, const Node& node, Kind of) {
    Key single = key;
    single.kind = of;
    if (of == Kind::Integer) single = scenario::key(key.path, of, key.doc).range(1, 2'147'483'647);
    if (!node.is_list() || node.elements.size() != 2) return wrong_kind(key, node);
    for (const Node& element : node.elements) {
        if (auto fault = check_value(single, element)) return fault;
    }
    const Node &first = node.elements[0], &second = node.elements[1];
    const bool same = first.text == second.text;
    if (of == Kind::Asn && same) return ValueFault{"E517", fmt::format("AS{} has a link to itself", first.text)};
    const bool backwards = (of == Kind::Integer && as_number(first) > as_number(second)) ||
                           (of == Kind::Duration && as_duration(first) > as_duration(second));
    if (backwards) return ValueFault{"E203", "[from, to]: from is larger than to"};
    return std::nullopt;
}

std::optional<ValueFault> check_upstreams(const Key& key, const Node& node) {
    if (!node.is_list()) {
        Key count = key;
        return check_integer(std::move(count).range(0, 1000), node); // model choice: no PoP buys transit from more
    }
    for (const Node& element : node.elements) {
        if (auto fault = check_asn(key, element)) return fault;
    }
    return std::nullopt;
}

std::optional<ValueFault> check_queue(const Key& key, const Node& node) {
    if (node.is_number())
        return ValueFault{"E205", "queue needs a unit", fmt::format("write \"{0} packets\" or \"{0}B\"", node.text)};
    if (!node.is_string()) return wrong_kind(key, node);
    const std::string_view text = node.text;
    if (const std::size_t word = text.find(" packet"); word != std::string_view::npos) {
        const std::optional<std::int64_t> number = parse_integer(text.substr(0, word));
        const bool unit = text.substr(word) == " packets" || text.substr(word) == " packet";
        if (unit && number && *number >= 1 && *number <= 2'147'483'647) return std::nullopt;
        return ValueFault{"E204", fmt::format("expected a queue such as \"1000 packets\", found \"{}\"", text)};
    }
    return with_range(key, parse_size(text, "64KB"), 0);
}

std::optional<ValueFault> check_warning_code(const Key& key, const Node& node) {
    if (!node.is_string()) return wrong_kind(key, node);
    const std::vector<std::string> codes = warning_codes();
    if (std::find(codes.begin(), codes.end(), node.text) != codes.end()) return std::nullopt;
    return ValueFault{"E202", fmt::format("no warning has the code \"{}\"", node.text), did_you_mean(node.text, codes)};
}

} // namespace

std::string example_of(const Key& key) {
    std::string example = key.example.empty() && !key.from_profile ? key.default_value : key.example;
    if (example == "unlimited" || key.kind == Kind::Choice) example.clear();
    if (example.size() > 1 && example.front() == '"' && example.back() == '"')
        example = example.substr(1, example.size() - 2);
    const bool structure =
        !example.empty() && (example.front() == '{' || (example.front() == '[' && key.shape == Shape::List));
    if (!example.empty() && !structure) return example;
    switch (key.kind) {
    case Kind::Duration:
    case Kind::DurationDraw: return "20ms";
    case Kind::Size:
    case Kind::SizeDraw: return "500B";
    case Kind::BitRate: return "10Mbps";
    case Kind::EventRate: return "20/s";
    case Kind::Share: return "12%";
    case Kind::Place: return "[50.11, 8.68]";
    case Kind::Asn: return "64500";
    default: return {};
    }
}

std::string doc_of(const Key& key) {
    const bool size = key.kind == Kind::Size || key.kind == Kind::SizeDraw;
    if (!size || key.max >= endless) return key.doc;
    return fmt::format("{}; from {} to {}", key.doc, in_unit(key.kind, key.min), in_unit(key.kind, key.max));
}

std::optional<ValueFault> range_fault(const Key& key, double value) {
    const bool inside = key.open_range ? value > key.min && value < key.max : value >= key.min && value <= key.max;
    if (inside) return std::nullopt;
    const std::string least = in_unit(key.kind, key.min);
    if (key.open_range)
        return ValueFault{"E203", fmt::format("must be between {} and {}", least, in_unit(key.kind, key.max))};
    const bool time = key.kind == Kind::Duration || key.kind == Kind::DurationDraw;
    if (time && key.min == 1 && value < 1) return ValueFault{"E203", "must be above 0"};
    if (key.max >= endless) return ValueFault{"E203", fmt::format("must be at least {}", least)};
    return ValueFault{"E203", fmt::format("must be from {} to {}", least, in_unit(key.kind, key.max))};
}

std::optional<ValueFault> check_value(const Key& key, const Node& node) {
    const bool scalar = node.is_string() || node.is_number();
    switch (key.kind) {
    case Kind::Text:
    case Kind::File:
    case Kind::Expression:
        if (node.is_string()) return std::nullopt;
        return wrong_kind(key, node);
    case Kind::FileStem: return check_file_stem(key, node);
    case Kind::Id: return check_id(key, node);
    case Kind::Country: return check_country(key, node);
    case Kind::Choice: return check_choice(key, node);
    case Kind::Bool:
        if (node.is_bool()) return std::nullopt;
        return wrong_kind(key, node);
    case Kind::Switch:
        if (node.is_bool() || (node.is_string() && node.text == "profile")) return std::nullopt;
        return wrong_kind(key, node);
    case Kind::Integer: return check_integer(key, node);
    case Kind::Seed: return check_seed(key, node);
    case Kind::Number:
        if (!node.is_number() || !parse_number(node.text)) return wrong_kind(key, node);
        return range_fault(key, as_number(node));
    case Kind::Share: {
        if (!scalar) return wrong_kind(key, node);
        const Parsed<double> share = parse_share(node.text);
        return with_range(key, share, share.value);
    }
    case Kind::Duration: {
        if (!scalar) return wrong_kind(key, node);
        const Parsed<Duration> duration = parse_duration(node.text, example_of(key));
        return with_range(key, duration, static_cast<double>(duration.value.count()));
    }
    case Kind::Size: {
        if (!scalar) return wrong_kind(key, node);
        const Parsed<Bytes> size = parse_size(node.text, example_of(key));
        return with_range(key, size, static_cast<double>(size.value.count));
    }
    case Kind::BitRate:
        if (!scalar) return wrong_kind(key, node);
        if (node.text == "unlimited") return std::nullopt;
        return parse_bit_rate(node.text, example_of(key)).fault;
    case Kind::EventRate:
        if (!scalar) return wrong_kind(key, node);
        return parse_event_rate(node.text, example_of(key)).fault;
    case Kind::Place: return check_place(key, node);
    case Kind::Asn: return check_asn(key, node);
    case Kind::Prefix: return check_prefix(key, node);
    case Kind::Upstreams: return check_upstreams(key, node);
    case Kind::Queue: return check_queue(key, node);
    case Kind::Quantile: return check_quantile(key, node);
    case Kind::WarningCode: return check_warning_code(key, node);
    case Kind::LinkEnd: return node.is_string() ? std::nullopt : check_asn(key, node);
    case Kind::AsnPair: return check_pair(key, node, Kind::Asn);
    case Kind::CountPair: return check_pair(key, node, Kind::Integer);
    case Kind::DurationPair: return check_pair(key, node, Kind::Duration);
    case Kind::Overrides:
    case Kind::Object:
        if (node.is_object()) return std::nullopt;
        return wrong_kind(key, node);
    case Kind::DurationDraw:
    case Kind::SizeDraw:
    case Kind::CountDraw:
    case Kind::Anything: return std::nullopt;
    }
    return std::nullopt;
}

Duration as_duration(const Node& node) { return parse_duration(node.text).value; }
Bytes as_size(const Node& node) { return parse_size(node.text).value; }
BitRate as_bit_rate(const Node& node) { return node.text == "unlimited" ? BitRate{} : parse_bit_rate(node.text).value; }
EventRate as_event_rate(const Node& node) { return parse_event_rate(node.text).value; }
double as_share(const Node& node) { return parse_share(node.text).value; }
double as_number(const Node& node) { return parse_number(node.text).value_or(0); }
int as_int(const Node& node) { return static_cast<int>(parse_integer(node.text).value_or(0)); }

std::uint64_t as_seed(const Node& node) {
    std::uint64_t seed = 0;
    std::from_chars(node.text.data(), node.text.data() + node.text.size(), seed);
    return seed;
}

AsNumber as_asn(const Node& node) { return static_cast<AsNumber>(parse_integer(node.text).value_or(0)); }

Place as_place(const Node& node) {
    if (node.is_string()) return find_city(node.text).value_or(Place{});
    if (node.elements.size() != 2) return {};
    return {as_number(node.elements[0]), as_number(node.elements[1])};
}

double as_quantile(const Node& node) { return parse_percent(std::string_view{node.text}.substr(1)).value_or(0); }

std::optional<std::uint32_t> packets_of(const Node& node) {
    const std::size_t word = node.text.find(" packet");
    if (word == std::string::npos) return std::nullopt;
    return static_cast<std::uint32_t>(parse_integer(std::string_view{node.text}.substr(0, word)).value_or(0));
}

} // namespace firstbyte::scenario
